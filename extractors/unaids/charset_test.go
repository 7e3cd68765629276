package unaids

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"hrinvest/extractors/extractorstest"
)

// A table saved by a Russian spreadsheet is windows-1251, with names in
// Cyrillic: each country stays itself.
func TestWindows1251KeepsCountriesApart(t *testing.T) {
	table := strings.Join([]string{
		"Indicator,Indicator_GId,Unit,Subgroup,Area,Area ID,Time Period,Data value",
		"Country-reported HIV expenditure by funding source,DOMESTIC_SPENDING_FUND_SOURCE,USD,Total,Кыргызстан,,2019,100",
		"Country-reported HIV expenditure by funding source,DOMESTIC_SPENDING_FUND_SOURCE,USD,Total,Таджикистан,,2019,200",
	}, "\n") + "\n"
	for name, text := range map[string]string{"utf-8": table, "windows-1251": encode(t, table)} {
		t.Run(name, func(t *testing.T) {
			r := extractorstest.Parse(t, New(), extractorstest.Doc(roleExport, "export.csv", []byte(text)))
			var got []string
			for _, d := range r.Disclosures {
				if d.OutOfScope != "" || len(d.Places) != 1 {
					t.Errorf("%s: out of scope %q, places %v", d.Locator, d.OutOfScope, d.Places)
					continue
				}
				got = append(got, d.Places[0].Name+" "+d.Amount)
			}
			if want := "Кыргызстан 100 Таджикистан 200"; strings.Join(got, " ") != want {
				t.Errorf("got %v, want %s", got, want)
			}
		})
	}
}

func encode(t *testing.T, s string) string {
	t.Helper()
	out, err := charmap.Windows1251.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

package ghed

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"hrinvest/extractors/extractorstest"
)

// The sheets of a small workbook in the database's shape: invented figures.
var small = []struct {
	name string
	rows [][]any
}{
	{"Data", [][]any{
		{"location", "code", "region", "income", "year", "che", "dis11", "dis11_gghed", "dis11_ext", "dis11_pvtd", "dis11_gghed_usd", "dis11_gghed_usd2023", "dis11_che", "dis11_pc_usd", "dis12_gghed"},
		{"Armenia", "ARM", "EUR", "Upper-middle", 2019, 600000, 4999.5, 1790, 1102, 2107.5, 3.7257, 4.1, 0.8, 1.2, 77},
		{"Georgia", "GEO", "EUR", "Upper-middle", 2019, 3000, nil, 16, 12, 0, nil, nil, nil, nil, 8},
		{"Georgia", "GEO", "EUR", "Upper-middle", 2024, 4000, nil, 17, nil, nil, nil, nil, nil, nil, nil},
		{"Albania", "ALB", "EUR", "Upper-middle", 2019, 90000, nil, nil, nil, nil, nil, nil, nil, nil, 5},
	}},
	{"Codebook", [][]any{
		{"variable code", "variable name", "long code (GHED data explorer)", "category 1", "category 2", "unit", "currency", "Method of measurement (INDICATORS category1)"},
		{"location", "Countries and territories name", "-", "-", "-", "-", "-", "-"},
		{"dis11", "HIV/AIDS and Other STDs", "-", "-", "-", "Millions", "NCU", "-"},
		{"dis11_gghed", "HIV/AIDS and Other STDs, domestic general government", "-", "-", "-", "Millions", "NCU", "-"},
		{"dis11_ext", "HIV/AIDS and Other STDs, external", "-", "-", "-", "Millions", "NCU", "-"},
		{"dis11_pvtd", "HIV/AIDS and Other STDs, domestic private", "-", "-", "-", "Millions", "NCU", "-"},
		{"dis11_gghed_usd", "HIV/AIDS and Other STDs, domestic general government, in million current US$", "-", "-", "-", "Millions", "US$", "-"},
		{"dis11_gghed_usd2023", "HIV/AIDS and Other STDs, domestic general government, in million constant (2023) US$", "-", "-", "-", "Millions", "US$", "-"},
	}},
	{"Metadata", [][]any{
		{"location", "code", "region", "income", "variable code", "long code (GHED data explorer)", "variable name", "Sources", "Comments", "Data type", "Methods of estimation", "Countries and territories footnote"},
		{"Armenia", "ARM", "EUR", "Upper-middle", "dis11_gghed", "-", "-", "Health accounts", nil, "Documented", "As reported, ask a.b@example.org", "Calendar year"},
		{"Armenia", "ARM", "EUR", "Upper-middle", "che", "-", "-", "Health accounts", nil, "Estimated", nil, nil},
	}},
	{"Version", [][]any{{"WHO Global Health Expenditure Database (GHED)"}, {"Last updated: a test"}, {"Data of 2024 are preliminary"}}},
}

// sheets writes the small workbook, changed by a test.
func sheets(t testing.TB, change func(*excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	for _, s := range small {
		if _, err := f.NewSheet(s.name); err != nil {
			t.Fatal(err)
		}
		for i, row := range s.rows {
			at, err := excelize.CoordinatesToCellName(1, i+1)
			if err != nil {
				t.Fatal(err)
			}
			if err := f.SetSheetRow(s.name, at, &row); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := f.DeleteSheet("Sheet1"); err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(f)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func set(t *testing.T, cells map[string]any) func(*excelize.File) {
	return func(f *excelize.File) {
		for at, v := range cells {
			sheet, cell, _ := strings.Cut(at, "!")
			if err := f.SetCellValue(sheet, cell, v); err != nil {
				t.Fatal(err)
			}
		}
	}
}

const (
	armenia = "Data!G2 | ghed_hiv_sti_total |  | ARM | 2019 | 4999.5 | million LCU\n" +
		"Data!H2 | ghed_hiv_sti_government |  | ARM | 2019 | 1790 | million LCU\n" +
		"Data!I2 | ghed_hiv_sti_external |  | ARM | 2019 | 1102 | million LCU\n" +
		"Data!J2 | ghed_hiv_sti_private |  | ARM | 2019 | 2107.5 | million LCU\n" +
		"Data!K2 | ghed_hiv_sti_government | current USD | ARM | 2019 | 3.7257 | million USD\n" +
		"Data!L2 | ghed_hiv_sti_government | constant 2023 USD | ARM | 2019 | 4.1 | million USD, constant 2023 prices\n"
	georgia = "Data!H3 | ghed_hiv_sti_government |  | GEO | 2019 | 16 | million LCU\n" +
		"Data!I3 | ghed_hiv_sti_external |  | GEO | 2019 | 12 | million LCU\n" +
		"Data!J3 | ghed_hiv_sti_private |  | GEO | 2019 | 0 | million LCU | zero\n" +
		"Data!H4 | ghed_hiv_sti_government |  | GEO | 2024 | 17 | million LCU\n"
)

func TestWorkbook(t *testing.T) {
	without := func(line string) string { return strings.Replace(armenia+georgia, line, "", 1) }
	for _, c := range []struct {
		name           string
		change         func(*excelize.File)
		want, problems string
	}{
		{name: "as published", want: armenia + georgia},
		{name: "years as text", change: set(t, map[string]any{"Data!E2": "2019", "Data!E4": 2024.0}), want: armenia + georgia},
		{name: "no year", change: set(t, map[string]any{"Data!E2": "2019/20"}), want: georgia, problems: `Data!E2: "2019/20" is not a year`},
		{
			name:     "marks for no figure",
			change:   set(t, map[string]any{"Data!H2": "-", "Data!I2": "..", "Data!J2": "n/a"}),
			want:     strings.NewReplacer("1790 | million LCU", "- | million LCU | not_reported", "1102 | million LCU", ".. | million LCU | not_reported", "2107.5 | million LCU", "n/a | million LCU | not_reported").Replace(armenia) + georgia,
			problems: "",
		},
		{name: "an error in a cell", change: set(t, map[string]any{"Data!H2": "#REF!"}), want: without("Data!H2 | ghed_hiv_sti_government |  | ARM | 2019 | 1790 | million LCU\n"), problems: `Data!H2: dis11_gghed: "#REF!" is not a number`},
		{name: "words in a cell", change: set(t, map[string]any{"Data!H2": "1,790"}), want: without("Data!H2 | ghed_hiv_sti_government |  | ARM | 2019 | 1790 | million LCU\n"), problems: `Data!H2: dis11_gghed: "1,790" is not a number`},
		{
			name: "banners above the header",
			change: func(f *excelize.File) {
				for range 3 {
					if err := f.InsertRows("Data", 1, 1); err != nil {
						t.Fatal(err)
					}
				}
				set(t, map[string]any{"Data!A1": "WHO Global Health Expenditure Database", "Data!A2": "code"})(f)
				if err := f.MergeCell("Data", "A1", "H1"); err != nil {
					t.Fatal(err)
				}
			},
			want: moved(armenia+georgia, 3),
		},
		{
			name: "merged cells",
			change: func(f *excelize.File) {
				set(t, map[string]any{"Data!A4": nil, "Data!B4": nil})(f)
				for _, column := range []string{"A", "B"} {
					if err := f.MergeCell("Data", column+"3", column+"4"); err != nil {
						t.Fatal(err)
					}
				}
			},
			want:     strings.Replace(armenia+georgia, "Data!H4 | ghed_hiv_sti_government |  | GEO | 2024 | 17 | million LCU\n", "", 1),
			problems: "Data!B4: no country code: merged cells leave all rows but the first empty",
		},
		{
			name: "formulas: the computed value, or nothing",
			change: func(f *excelize.File) {
				if err := f.SetCellFormula("Data", "H4", "H3+1"); err != nil {
					t.Fatal(err)
				}
				set(t, map[string]any{"Data!I4": nil})(f)
				if err := f.SetCellFormula("Data", "I4", "I3*2"); err != nil { // never computed
					t.Fatal(err)
				}
			},
			want: armenia + georgia,
		},
		{
			name:     "numbers as stored",
			change:   set(t, map[string]any{"Data!H2": 17605.719845120007, "Data!I2": 1.8061192e21, "Data!J2": -0.25}),
			want:     strings.NewReplacer("| 1790 |", "| 17605.7198451200 |", "| 1102 |", "| 1806119200000000000000 |", "| 2107.5 |", "| -0.25 |").Replace(armenia) + georgia,
			problems: "",
		},
		{
			name:     "a country and year twice",
			change:   set(t, map[string]any{"Data!E4": 2019, "Data!H4": 18}),
			want:     strings.Replace(armenia+georgia, "Data!H4 | ghed_hiv_sti_government |  | GEO | 2024 | 17 | million LCU\n", "", 1),
			problems: "Data!H4: a second value of dis11_gghed for GEO in 2019",
		},
		{
			name:     "a code that is none",
			change:   set(t, map[string]any{"Data!B4": "Georgia"}),
			want:     strings.Replace(armenia+georgia, "Data!H4 | ghed_hiv_sti_government |  | GEO | 2024 | 17 | million LCU\n", "", 1),
			problems: `Data!H4: "Georgia" is not a country code (merged cells leave all but the first empty)`,
		},
		{name: "another spelling of a country", change: set(t, map[string]any{"Data!B4": "KSV"}), want: strings.Replace(armenia+georgia, "GEO | 2024", "XKX | 2024", 1)},
		{
			name:     "the codebook contradicts the code",
			change:   set(t, map[string]any{"Codebook!B8": "in million constant (2022) US$", "Codebook!G7": "PPP"}),
			want:     strings.NewReplacer("Data!K2 | ghed_hiv_sti_government | current USD | ARM | 2019 | 3.7257 | million USD\n", "", "Data!L2 | ghed_hiv_sti_government | constant 2023 USD | ARM | 2019 | 4.1 | million USD, constant 2023 prices\n", "").Replace(armenia) + georgia,
			problems: "Data!K1: the column dis11_gghed_usd is not read: the codebook does not say in which currency it is\nData!L1: the column dis11_gghed_usd2023 is not read: the code says prices of 2023, the codebook does not",
		},
		{
			name:     "the codebook says thousands",
			change:   set(t, map[string]any{"Codebook!F4": "Thousands"}),
			want:     strings.NewReplacer("Data!H2 | ghed_hiv_sti_government |  | ARM | 2019 | 1790 | million LCU\n", "", "Data!H3 | ghed_hiv_sti_government |  | GEO | 2019 | 16 | million LCU\n", "", "Data!H4 | ghed_hiv_sti_government |  | GEO | 2024 | 17 | million LCU\n", "").Replace(armenia + georgia),
			problems: "Data!H1: the column dis11_gghed is not read: the codebook does not say that it is in millions",
		},
		{name: "no sheet Metadata", change: func(f *excelize.File) { f.DeleteSheet("Metadata") }, problems: `/: the workbook has no sheet "metadata"; it has ["Data" "Codebook" "Version"]`},
		{name: "no sheet Version", change: func(f *excelize.File) { f.DeleteSheet("Version") }, want: armenia + georgia},
		{name: "no column code", change: set(t, map[string]any{"Data!B1": "iso"}), problems: "/: the sheet Data has no header with the columns location, code and year"},
		{name: "no column currency", change: set(t, map[string]any{"Codebook!G1": "money"}), problems: "/: the sheet Codebook has no header with the columns variable code, variable name, unit and currency"},
		{
			name: "no column of disease 11",
			change: func(f *excelize.File) {
				for _, c := range "GHIJKL" {
					set(t, map[string]any{"Data!" + string(c) + "1": "hc" + string(c)})(f)
				}
			},
			problems: "/: the sheet Data has no column of disease 11 (dis11, dis11_gghed, ...)",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := extractorstest.Parse(t, New(), extractorstest.Doc(roleWorkbook, "ghed.xlsx", sheets(t, c.change)))
			if diff := cmp.Diff(lines(c.want), short(r.Observations)); diff != "" {
				t.Errorf("observations (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(lines(c.problems), reasons(r.Problems)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			extractorstest.Check(t, r, nil)
		})
	}
}

func lines(s string) []string {
	if s = strings.TrimSuffix(s, "\n"); s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}

// moved adds to the row of every locator.
func moved(text string, by byte) string {
	out := lines(text)
	for i, l := range out {
		out[i] = l[:6] + string(l[6]+by) + l[7:]
	}
	return strings.Join(out, "\n")
}

// A variable is read on a basis only when its code and the codebook name the same.
func TestCodebook(t *testing.T) {
	for _, c := range []struct {
		name, unit, currency string
		basis                basis
		want                 string
	}{
		{"STDs, external, from international sources", "Millions", "NCU", basis{"LCU", ""}, ""},
		{"STDs", "Millions", "National currency unit", basis{"LCU", ""}, ""},
		{"STDs, in million current US$", "-", "-", basis{"USD", ""}, ""},
		{"STDs, in million constant (2022) US$", "Millions", "US$", basis{"USD", "2022"}, ""},
		{"STDs, in million constant 2022 NCU", "Millions", "NCU", basis{"LCU", "2022"}, ""},
		{"STDs", "Millions", "-", basis{"LCU", ""}, "the codebook does not say in which currency it is"},
		{"STDs, in million international $", "Millions", "US$", basis{"USD", ""}, "the codebook does not say in which currency it is"},
		{"STDs, in current US$ per capita, of millions", "-", "US$", basis{"USD", ""}, "the codebook does not say that it is in millions"},
		{"STDs", "Thousands", "NCU", basis{"LCU", ""}, "the codebook does not say that it is in millions"},
		{"STDs", "Millions", "US$", basis{"LCU", ""}, "the codebook names another currency than the code"},
		{"STDs, in million constant (2022) US$", "Millions", "US$", basis{"USD", ""}, "the codebook says constant prices, the code does not"},
		{"STDs, in million constant (2021) US$", "Millions", "US$", basis{"USD", "2022"}, "the code says prices of 2022, the codebook does not"},
	} {
		if got := (entry{c.name, c.unit, c.currency}).agrees(c.basis); got != c.want {
			t.Errorf("%q, %q, %q as %s: %q, want %q", c.name, c.unit, c.currency, c.basis, got, c.want)
		}
	}
}

func TestWorkbookNotes(t *testing.T) {
	r := extractorstest.Parse(t, New(), extractorstest.Doc(roleWorkbook, "ghed.xlsx", sheets(t, nil)))
	got := map[string]string{}
	for _, o := range r.Observations {
		got[o.Locator] = o.Note
	}
	for at, want := range map[string]string{
		"Data!H2": note + ` Codebook: "HIV/AIDS and Other STDs, domestic general government", unit "Millions", currency "NCU". Data type: "Documented". Methods of estimation: "As reported, ask [contact removed]".`,
		"Data!J3": note + ` Codebook: "HIV/AIDS and Other STDs, domestic private", unit "Millions", currency "NCU". ` + zeroNote,
		"Data!H4": note + ` Codebook: "HIV/AIDS and Other STDs, domestic general government", unit "Millions", currency "NCU". Sheet Version: "Data of 2024 are preliminary".`,
	} {
		if got[at] != want {
			t.Errorf("%s: note\n%s\nwant\n%s", at, got[at], want)
		}
	}
}

// What is no workbook is a rejected document, never an error or silence.
func TestUnreadableWorkbook(t *testing.T) {
	whole := sheets(t, nil)
	for name, b := range map[string][]byte{
		"empty": nil, "html": []byte("<!DOCTYPE html><html><body>Sign in</body></html>"), "cut": whole[:len(whole)*6/7],
		"old excel": {0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, 0, 0}, "zeros": make([]byte, 300),
	} {
		r := extractorstest.Parse(t, New(), extractorstest.Doc(roleWorkbook, "ghed.xlsx", b))
		if len(r.Problems) != 1 || len(r.Observations) != 0 {
			t.Errorf("%s: %d observations, problems %v", name, len(r.Observations), reasons(r.Problems))
		}
	}
}

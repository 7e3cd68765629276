package transforms

import (
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"hrinvest/extractors"
)

// A published 0 is its own word; no exchange rate and no price index is 0.
func TestZeroOfObservations(t *testing.T) {
	reference := extractors.Info{ID: "worldbank", Publisher: "World Bank", Kind: extractors.Reference}
	for _, tt := range []struct{ indicator, value, status, want string }{
		{"pwid_size", "0", "", "zero"},
		{"hiv_prevalence_pwid", "0.0", "reported", "zero"},
		{"pwid_size", "25000", "", "reported"},
		{"pwid_size", "0.1", "", "reported"},
		{"pwid_size", "0", "imputed", "imputed"},
		{"pwid_size", "", "", "not_reported"},
		{"gdp_deflator", "0", "", ""},
		{"fx_wb", "0.000", "", ""},
		{"fx_wb", "69.5", "", "reported"},
	} {
		n, err := New(Config{Dir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		sink := n.Source(reference, extractors.Set{document})
		if err := sink.Observe(extractors.Observation{Document: "d0", Locator: "row 2", Indicator: tt.indicator, Area: "KGZ", Year: "2019", Value: tt.value, Status: tt.status}); err != nil {
			t.Fatal(err)
		}
		if _, err := sink.Close(); err != nil {
			t.Fatal(err)
		}
		tables, err := n.Finish()
		if err != nil {
			t.Fatal(err)
		}
		defer tables.Release()
		var want []string
		if tt.want != "" {
			want = []string{tt.want}
		}
		if diff := cmp.Diff(want, cells(t, tables.Observations, []string{"status"})); diff != "" {
			t.Errorf("%v: %s", tt, diff)
		}
		rejected := cells(t, tables.Disclosures, []string{"outcome", "problem", "problem_ru"})
		if (len(rejected) == 1) != (tt.want == "") || tt.want == "" && !strings.HasPrefix(rejected[0], "rejected | "+tt.indicator+" of KGZ is 0") {
			t.Errorf("%v: %v", tt, rejected)
		}
	}
}

// Whatever rejects a statement here says so in Russian too.
func TestEveryReasonInRussian(t *testing.T) {
	base := extractors.Disclosure{Key: "k", Group: "k", Kind: extractors.Expenditure, Amount: "1", Currency: "USD", Year: "2019"}
	change := func(f func(*extractors.Disclosure)) extractors.Disclosure {
		d := base
		f(&d)
		return d
	}
	for _, d := range []extractors.Disclosure{
		change(func(d *extractors.Disclosure) { d.Amount = "" }),
		change(func(d *extractors.Disclosure) { d.Amount = "x" }),
		change(func(d *extractors.Disclosure) { d.Amount = "19,082" }),
		change(func(d *extractors.Disclosure) { d.Amount = "1" + strings.Repeat("0", 17) }),
		change(func(d *extractors.Disclosure) { d.Amount = "1" + strings.Repeat("0", 50) }),
		change(func(d *extractors.Disclosure) { d.Currency = "" }),
		change(func(d *extractors.Disclosure) { d.Currency = "euro" }),
		change(func(d *extractors.Disclosure) { d.Date = "soon" }),
		change(func(d *extractors.Disclosure) { d.PeriodStart = "soon" }),
		change(func(d *extractors.Disclosure) { d.PeriodEnd = "soon" }),
		change(func(d *extractors.Disclosure) { d.PeriodStart, d.PeriodEnd = "2020-01-01", "2019-01-01" }),
		change(func(d *extractors.Disclosure) { d.PeriodStart, d.PeriodEnd = "1900-01-01", "2019-01-01" }),
		change(func(d *extractors.Disclosure) { d.PeriodStart, d.PeriodEnd = "1970-01-01", "2035-01-01" }),
		change(func(d *extractors.Disclosure) { d.Year = "20190" }),
		change(func(d *extractors.Disclosure) { d.PartOf = "k" }),
		change(func(d *extractors.Disclosure) { d.Places = []extractors.Share{{Vocabulary: "name", Name: "Narnia"}} }),
		change(func(d *extractors.Disclosure) {
			d.Places = []extractors.Share{{Vocabulary: "region", Name: "Kyrgyzstan"}}
		}),
	} {
		got := normalise(t, Config{}, nil, []string{"outcome", "problem", "problem_ru"}, statementsOf{typedSheet, []extractors.Disclosure{d}})
		cells := strings.Split(got.disclosures[0], " | ")
		if cells[0] != "rejected" || !strings.ContainsFunc(cells[2], func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) }) {
			t.Errorf("%+v: %v", d, cells)
		}
	}
}

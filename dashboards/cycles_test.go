package dashboards

import (
	"encoding/csv"
	"math/big"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"hrinvest/dashboards/locales"
)

func TestCyclesStandInTime(t *testing.T) {
	in := []string{"GC10", "Round 10", "C19RM", "GC7", "Round 5", "2021-2023", "GC6"}
	slices.SortFunc(in, func(a, b string) int { return cycleOrder(a) - cycleOrder(b) })
	if got, want := strings.Join(in, " "), "C19RM 2021-2023 Round 5 Round 10 GC6 GC7 GC10"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := laterCycle(laterCycle("GC7", "GC10"), "Round 5"); got != "GC10" {
		t.Errorf("latest is %s", got)
	}
}

// maker of a brief of one country without any release behind it.
func handMade(t *testing.T, lang string, f facts) *maker {
	t.Helper()
	loc, err := locales.Load(lang)
	if err != nil {
		t.Fatal(err)
	}
	cat := &catalogue{interventions: map[string]Intervention{
		"oat":       {ID: "oat", NameEN: "Opioid agonist therapy", HRI: true, Broad: true, WHO2022: true},
		"nsp":       {ID: "nsp", NameEN: "Needles", HRI: true, Broad: true, WHO2022: true},
		"art_pwid":  {ID: "art_pwid", NameEN: "HIV treatment", WHO2022: true, Broad: true},
		"networks":  {ID: "networks", NameEN: "Support of networks", Broad: true},
		"hiv_other": {ID: "hiv_other", NameEN: "Other HIV"},
	}, order: []string{"oat", "nsp", "art_pwid", "networks", "hiv_other"}}
	m := &maker{words: &words{Locale: loc}, b: &Brief{Lang: lang, Country: Country{ISO3: "UKR", NameEN: "Ukraine"}}, cat: cat, facts: &f, refs: map[string]int{}}
	t.Cleanup(func() {
		if m.err != nil {
			t.Error(m.err)
		}
	})
	return m
}

func TestUndatedMoneyIsListed(t *testing.T) {
	m := handMade(t, "en", facts{spending: []Money{
		{YearBasis: "calendar", Kind: "budget", Funder: "Domestic public", FunderType: "domestic_public", Intervention: "oat", Amount: big.NewRat(1_199_000_000, 1), Currency: "UAH", Flows: 1, WithoutUSD: 1,
			Cites: []string{"evidence|https://example.org/tender"}, Flags: []string{"tender_expected_value"}},
		{YearBasis: "calendar", Cycle: "GC7", Kind: "budget", Funder: "Global Fund", FunderType: "multilateral", Intervention: "oat", USD: big.NewRat(5, 1), Flows: 1},
		{YearBasis: "calendar", Cycle: "GC10", Kind: "budget", Funder: "Global Fund", FunderType: "multilateral", Intervention: "oat", USD: big.NewRat(7, 1), Flows: 1},
		{YearBasis: "calendar", Cycle: "C19RM", Kind: "budget", Funder: "Global Fund", FunderType: "multilateral", Intervention: "oat", USD: big.NewRat(9, 1), Flows: 1},
	}})
	m.services()
	var got []string
	for _, l := range m.b.Services {
		got = append(got, l.When+" | "+l.Amount.Text+" "+l.Local)
	}
	want := []string{
		"no year stated. The expected value of a tender, not what was paid. | no exchange rate known 1,199,000,000\u00a0UAH",
		"cycle GC10: several years, not annual | US$7 ", "cycle C19RM: several years, not annual | US$9 ",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	if strings.Contains(m.b.NoServices, "Opioid") {
		t.Errorf("%q denies money that stands in the table", m.b.NoServices)
	}
	if f := m.domestic(); !strings.Contains(f.Note, "without a year") {
		t.Errorf("domestic share: %q", f.Note)
	}
	if r := m.b.Refs; len(r) != 1 || r[0].Cites[0] != "https://example.org/tender" {
		t.Errorf("references %+v", r)
	}
}

// The share of HIV money is that of the country's own report, and of nothing
// else that was found.
func TestShareOfTheCountrysReport(t *testing.T) {
	row := func(year int, kind, intervention, flags string, usd int64) Money {
		return Money{Year: year, YearBasis: "calendar", Kind: "spent", Funder: kind, FunderType: kind, Intervention: intervention, USD: big.NewRat(usd, 1), Flags: strings.Fields(flags)}
	}
	m := handMade(t, "en", facts{best: []Money{
		row(2016, "domestic_public", "hiv_other", "country_reported", 30),
		row(2016, "bilateral", "hiv_other", "country_reported", 50),
		row(2016, "bilateral", "harm_reduction", "country_reported", 20),
		row(2016, "philanthropic", "harm_reduction", "", 900), // not of the report
		row(2018, "domestic_public", "hiv_other", "", 1),
		row(2018, "bilateral", "hiv_other", "", 1),
	}})
	m.series()
	if f := m.domestic(); exact(f.Value) != "30" || f.Year != "2016" || !strings.Contains(f.Label, "own report") {
		t.Errorf("share %s of %s: %s", exact(f.Value), f.Year, f.Label)
	}
	if !strings.Contains(m.b.HIV.Title, "own report where there is one") {
		t.Errorf("title %q", m.b.HIV.Title)
	}
	m = handMade(t, "en", facts{best: []Money{row(2018, "domestic_public", "hiv_other", "", 1), row(2018, "bilateral", "hiv_other", "", 1)}})
	m.series()
	if f := m.domestic(); f.Value != nil || !strings.HasPrefix(m.b.HIV.Title, "Other HIV money") {
		t.Errorf("without a report: %s, %q", exact(f.Value), m.b.HIV.Title)
	}
}

func TestCutStandsBesideBudgets(t *testing.T) {
	f := facts{
		spending: []Money{{Cycle: "GC7", Kind: "budget", Funder: "Global Fund", FunderType: "multilateral", Intervention: "nsp", USD: big.NewRat(100, 1), Flows: 1, Cites: []string{"globalfund|"}}},
		cuts:     []Observation{{Indicator: "global_fund_gc7_change", Year: 2025, Value: big.NewRat(-11, 1), Source: "evidence", URL: "https://example.org/cut"}},
	}
	m := handMade(t, "en", f)
	m.services()
	m.headline()
	const want = "the amount before the cuts of 2025"
	if l := m.b.Services[0]; !strings.Contains(l.When, want) || len(l.Amount.Refs) != 2 || exact(l.Amount.Value) != "100" {
		t.Errorf("%+v", l)
	}
	if !strings.Contains(m.b.Headline, want) {
		t.Errorf("headline %q", m.b.Headline)
	}
	// The share is that of all countries, and is said once.
	if c := m.b.Cut; !strings.Contains(c, "by 11% on average over all countries") || strings.Contains(m.b.Headline+m.b.Services[0].When, "11%") {
		t.Errorf("cut %q", c)
	}
	f.cuts = nil
	m = handMade(t, "en", f)
	if m.services(); strings.Contains(m.b.Services[0].When, "cut") || m.b.Cut != "" {
		t.Errorf("a cut nobody published: %q", m.b.Services[0].When)
	}
}

// Every number names the address of its own statement; what is withheld has none.
func TestReferencesPerAddress(t *testing.T) {
	m := handMade(t, "ru", facts{docs: []Document{
		{Source: "evidence", URL: "urn:sheet", Origin: "bundled", Compiled: "2025-01-01", Cites: []string{"https://example.org/other"}},
		{Source: "iati", URL: "https://example.org/file", Origin: "bundled", Compiled: "2024-01-01", Cites: []string{"https://example.org/fact"}},
	}})
	if got := m.ref("evidence|https://example.org/a", "evidence|withheld", "iati|https://example.org/file", "evidence|https://example.org/a", "evidence|"); len(got) != 4 {
		t.Errorf("numbers %v", got)
	}
	r := m.b.Refs
	if r[0].Cites[0] != "https://example.org/a" || len(r[1].Cites) != 0 || r[1].Withheld == "" || r[2].Cites[0] != "https://example.org/fact" || len(r[3].Cites) != 0 {
		t.Errorf("%+v", r)
	}
	if !strings.HasPrefix(r[0].Title, "Листы фактов") {
		t.Errorf("title %q", r[0].Title)
	}
}

func TestDefinitionNamesWhatItLeavesOut(t *testing.T) {
	m := handMade(t, "en", facts{})
	if got := m.definition("hri"); !strings.Contains(got, "HIV treatment, support of networks") || strings.Contains(got, "eedles,") {
		t.Errorf("%q", got)
	}
}

func TestUpTo(t *testing.T) {
	m := handMade(t, "en", facts{})
	day := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	for want, docs := range map[string][]Document{
		"no source":                           nil,
		"documents handed over on 1 May 2026": {{Origin: "given", Retrieved: day}},
		"data up to 31 December 2025":         {{Origin: "bundled", Compiled: "2025-12-31", Retrieved: day}},
		"data up to 1 May 2026":               {{Origin: "live", Retrieved: day}},
		"data up to 31 December 2025, documents handed over on 1 May 2026": {{Origin: "bundled", Compiled: "2025-12-31"}, {Origin: "given", Retrieved: day}},
	} {
		if got := m.upTo(days(docs)); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestCell(t *testing.T) {
	for in, want := range map[string]string{
		"=1+1": "'=1+1", "+7 999": "'+7 999", "@x": "'@x", "-x": "'-x", "\tx": "'\tx", "=5": "'=5", "-": "'-", "--5": "'--5", "-1.2.3": "'-1.2.3",
		"-5": "-5", "+5.25": "+5.25", "-11.000000": "-11.000000", "text": "text", "": "", "5": "5",
	} {
		if got := Cell(in); got != want {
			t.Errorf("Cell(%q) = %q, want %q", in, got, want)
		}
	}
}

// Every verdict and reason that the views of the warehouse can give has words in
// every language.
func TestVerdictsAndReasonsHaveWords(t *testing.T) {
	known := map[string]bool{}
	for _, r := range reasons(t) {
		if known[r[0]] = true; r[1] == "" || r[2] == "" {
			t.Errorf("reason %s lacks words in a language", r[0])
		}
	}
	verdict := map[string]bool{}
	for _, v := range verdicts() {
		verdict[v] = true
	}
	sql, err := os.ReadFile("../warehouse/views/130_gaps.sql")
	if err != nil {
		t.Fatal(err)
	}
	// What the view selects between by CASE is a verdict or a reason, but for
	// these, which are conditions.
	n := 0
	for _, found := range regexp.MustCompile(`(?:THEN|ELSE) '([a-z_]+)'`).FindAllSubmatch(sql, -1) {
		code := string(found[1])
		n++
		if !known[code] && !verdict[code] {
			t.Errorf("%s is neither a verdict of the pages nor a reason with words", code)
		}
	}
	if n < 15 || !known["before_adoption"] {
		t.Errorf("only %d codes found", n)
	}
	for _, lang := range locales.Languages() {
		l, err := locales.Load(lang)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range append(verdicts(), looks()...) {
			if !l.Has("verdict." + v) {
				t.Errorf("%s has no words for verdict %s", lang, v)
			}
		}
	}
}

// reasons reads code, English and Russian words of warehouse/reference.
func reasons(t *testing.T) [][]string {
	t.Helper()
	f, err := os.Open("../warehouse/reference/reasons.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return all[1:]
}

// A country of which no source speaks has no day of data, whatever rates say of
// its currency, and is still told that the release is a bundled extract.
func TestNoSource(t *testing.T) {
	m := handMade(t, "en", facts{docs: []Document{{Source: "ecb", Origin: "bundled", Compiled: "2021-12-31"}}})
	m.cat.sources = []Source{{ID: "ecb", Kind: "reference", Origin: "bundled"}}
	m.closing(Release{ID: "r"})
	if m.b.Cutoff != "no source" || !strings.Contains(m.b.Banner, "No source in it") {
		t.Errorf("up to %q, banner %q", m.b.Cutoff, m.b.Banner)
	}
}

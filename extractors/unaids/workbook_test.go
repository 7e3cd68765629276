package unaids

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hrinvest/extractors/extractorstest"
	"hrinvest/extractors/fetch"
)

const workbookName = "GARPR16-GAM2024ProgrammeExpenditures.xlsx"

// programmesOf is the workbook of 2024 with these lines: country, year, category,
// total.
func programmesOf(t testing.TB, lines ...[]any) fetch.Document {
	rows := banner()
	for _, l := range lines {
		rows = append(rows, []any{"GAM", l[0], "XXX", l[1], l[2], 1, 2, l[3], "a remark"})
	}
	b := sheetOf(t, rows...)
	return extractorstest.Doc(New().Role(workbookName, b), workbookName, b)
}

func TestProgrammes(t *testing.T) {
	r := extractorstest.Parse(t, New(), programmesOf(t,
		[]any{"Georgia", 2022, "TOTAL GRAND (all programmes)", 999},
		[]any{"Georgia", 2022, "3.2.3 People who inject drugs", 100.5},
		[]any{"Georgia", 2022, "3.2.3.1 Needle–syringe exchange", 30},
		[]any{"Georgia", 2022, "3.2.3.2 Opioid substitution therapy", "40"},
		[]any{"Georgia", 2022, "3.2.3.3 Overdose prevention", 0},
		[]any{"Georgia", 2022, "3.3 Condoms", 7},
		[]any{"Armenia", 2021, "Needle-syringe exchange and other prevention programmes for people who inject drugs", 12},
		[]any{"Armenia", "2021/22", "Harm reduction", 5},
		[]any{"", 2021, "Harm reduction", 5},
		[]any{"Armenia", 2020, "Opioid substitution therapy", nil},
		[]any{"All countries", 2020, "Opioid substitution therapy", 5000},
	))
	extractorstest.Check(t, r, nil)
	const geo, arm = "|georgia|2022", "|armenia|"
	whole := byProgramme + ".3_2_3_people_who_inject_drugs" + geo
	want := []statement{
		{whole, "100.5", "", ""},
		{byProgramme + ".3_2_3_1_needle_syringe_exchange" + geo, "30", whole, ""},
		{byProgramme + ".3_2_3_2_opioid_substitution_therapy" + geo, "40", whole, ""},
		{byProgramme + ".3_2_3_3_overdose_prevention" + geo, "0", "", zeroReason},
		{byProgramme + ".needle_syringe_exchange_and_other_prevention_programmes_for_people_who_inject_drugs" + arm + "2021", "12", "", ""},
		{byProgramme + ".opioid_substitution_therapy" + arm + "2020", "", "", emptyReason},
		{byProgramme + ".opioid_substitution_therapy|all_countries|2020", "5000", "", "the sum of a region, not of a country"},
	}
	if diff := cmp.Diff(want, statements(r)); diff != "" {
		t.Error(diff)
	}
	var codes []string
	for _, d := range r.Disclosures {
		codes = append(codes, d.Codes[0].Scheme+" "+d.Codes[0].Code)
		if d.Population != "pwid" || d.Currency != "USD" || d.Parties[0].Type != "unknown" {
			t.Errorf("%s: %+v", d.Locator, d)
		}
	}
	if diff := cmp.Diff([]string{"gam pwid", "gam needles", "gam oat", "gam naloxone", "gam pwid_prevention", "gam oat", "gam oat"}, codes); diff != "" {
		t.Error(diff)
	}
	if r.Disclosures[1].Locator != "Sheet1!A7" || !strings.Contains(string(r.Disclosures[1].Raw), `"Domestic public":"1"`) {
		t.Errorf("%s %s", r.Disclosures[1].Locator, r.Disclosures[1].Raw)
	}
	var problems []string
	for _, p := range r.Problems {
		problems = append(problems, p.Locator+": "+p.Reason)
	}
	if diff := cmp.Diff([]string{`Sheet1!A12: time period "2021/22" is not a year`, "Sheet1!A13: no area"}, problems); diff != "" {
		t.Error(diff)
	}
	if r.Skipped != 2 {
		t.Errorf("skipped %d, want 2 (the grand total and condoms)", r.Skipped)
	}
	if o := findObservation(t, r, "hiv_expenditure_pwid_programme", "Georgia", "3_2_3_1_needle_syringe_exchange", "2022"); o.Value != "30" {
		t.Errorf("observation: %+v", o)
	}
}

// The workbook is the same money as AIDSinfo's series: beside them a line is a
// part of what counts, or does not count.
func TestProgrammesBesideAIDSinfo(t *testing.T) {
	const needles, people = "Needle and syringe exchange", "People who inject drugs"
	line := func(category string) []any { return []any{"Georgia", 2022, category, 10} }
	id := func(category string) string { return byProgramme + "." + slug(category) + "|georgia|2022" }
	aidsinfo := func(id string) string { return id + "|georgia|2022" }
	type placed struct{ PartOf, Scope string }
	tests := []struct {
		name     string
		aidsinfo []string
		lines    [][]any
		want     map[string]placed
	}{
		{"nothing beside it", []string{bySource + ";TOTAL;Georgia;GEO;2021;100"}, [][]any{line(needles)}, map[string]placed{needles: {"", ""}}},
		{"a country by another name", []string{bySource + ";TOTAL;Sakartvelo;GEO;2022;100"}, [][]any{line(needles)}, map[string]placed{needles: {"", unknownCountry}}},
		{"the HIV total", []string{bySource + ";TOTAL;Georgia;GEO;2022;100"}, [][]any{line(needles)}, map[string]placed{needles: {aidsinfo(bySource + ".total"), ""}}},
		{"the HIV total by source", []string{bySource + ";TOTAL;Georgia;GEO;2022;100", bySource + ";DOMESTIC_PUBLIC;Georgia;GEO;2022;60"},
			[][]any{line(needles), line(people)}, map[string]placed{needles: {"", insideSources}, people: {"", insideSources}}},
		{"people who inject drugs", []string{byPopulation + ";PWID_TOTAL;Georgia;GEO;2022;20"}, [][]any{line(needles), line(people)},
			map[string]placed{needles: {id(people), ""}, people: {aidsinfo(byPopulation + ".pwid"), ""}}},
		{"people who inject drugs by source", []string{byPopulation + ";PWID_TOTAL;Georgia;GEO;2022;20", byPopulation + ";PWID_PRIVATE;Georgia;GEO;2022;20"},
			[][]any{line(needles)}, map[string]placed{needles: {"", insidePopulation}}},
		{"one source for people who inject drugs", []string{byPopulation + ";PWID_PRIVATE;Georgia;GEO;2022;20"},
			[][]any{line(needles)}, map[string]placed{needles: {"", insidePopulation}}},
		{"both", []string{byPopulation + ";PWID_TOTAL;Georgia;GEO;2022;20", bySource + ";TOTAL;Georgia;GEO;2022;100", bySource + ";INTERNATIONAL;Georgia;GEO;2022;60"},
			[][]any{line(needles)}, map[string]placed{needles: {"", insideSources}}},
		{"several wholes", nil, [][]any{line(needles), line(people), line("Harm reduction")},
			map[string]placed{needles: {"", ""}, people: {"", severalWholes}, "Harm reduction": {"", severalWholes}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			docs := []fetch.Document{programmesOf(t, tt.lines...)}
			if tt.aidsinfo != nil {
				docs = append(docs, extractorstest.Doc(roleExport, "GAM_2025_en.csv", export(tt.aidsinfo...)))
			}
			r := extractorstest.Parse(t, New(), docs...)
			extractorstest.Check(t, r, nil)
			got := map[string]placed{}
			for category := range tt.want {
				d := find(t, r, id(category))
				got[category] = placed{d.PartOf, d.OutOfScope}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWorkbookLayouts(t *testing.T) {
	row := []any{"GAM", "Georgia", "GEO", 2022, "Harm reduction", 1, 2, 30, ""}
	heads := func(h ...any) [][]any { return [][]any{h, row} }
	tests := []struct {
		name string
		rows [][]any
		want string // reason of rejection; "": read as 30
	}{
		{"one header row", heads("Source", "Country", "ISO", "Reporting year", "Programme", "Public", "Other", "Total", "Notes"), ""},
		{"two header rows, several totals, the last but one", [][]any{
			{"", "Country", "", "Year", "", "Domestic", "International", "", ""}, {"", "", "", "", "Service category", "Total", "Total", "Total", "Notes"}, row}, ""},
		{"total among others", heads("", "Country name", "", "Fiscal year", "Intervention", "Total public", "Total international", "Grand total", ""), ""},
		{"a cycle beside the year", heads("Reporting cycle", "Country", "", "Year", "Category", "", "", "Total", ""), ""},
		{"no country", heads("", "Area", "", "Year", "Category", "", "", "Total", ""), `no column is headed "country"`},
		{"no year", heads("", "Country", "", "Period", "Category", "", "", "Total", ""), `no column is headed "year"`},
		{"no category", heads("", "Country", "", "Year", "", "", "", "Total", ""), `no column is headed "category"`},
		{"no total", heads("", "Country", "", "Year", "Category", "", "", "", ""), `no column is headed "total"`},
		{"totals elsewhere", heads("", "Country", "", "Year", "Category", "Total", "Total", "", ""), "several columns are headed as totals"},
		{"thousands", heads("", "Country", "", "Year", "Category", "", "", "Total", "US$ thousands"), `a header speaks of "thousands"`},
		{"no data", [][]any{{"HIV Financial Dashboard"}}, "no row with a country, a year and a category"},
		{"nothing", nil, "the first sheet is empty"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := extractorstest.Parse(t, New(), extractorstest.Doc(roleProgrammes, workbookName, sheetOf(t, tt.rows...)))
			extractorstest.Check(t, r, nil)
			if tt.want != "" {
				if len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Reason, tt.want) || len(r.Disclosures) > 0 {
					t.Errorf("problems %+v, want %q", r.Problems, tt.want)
				}
				return
			}
			if len(r.Problems) > 0 || len(r.Disclosures) != 1 || r.Disclosures[0].Amount != "30" || r.Disclosures[0].Year != "2022" {
				t.Errorf("%+v, problems %+v", r.Disclosures, r.Problems)
			}
		})
	}
}

// In the layout of 2020 a row is a country and a column a reporting cycle: there is
// no programme in it, and every amount is counted.
func TestWorkbookOf2020(t *testing.T) {
	rows := [][]any{{"Reporting cycle"}, {}, {}, {}, {"", 2011, 2012, 2013, "Total"}}
	for range 60 {
		rows = append(rows, []any{"Kyrgyzstan", 100, nil, 300.5, 400.5})
	}
	r := extractorstest.Parse(t, New(), extractorstest.Doc(roleProgrammes, "GARPR16-GAM2020ProgrammeExpenditures.xlsx", sheetOf(t, rows...)))
	if r.Skipped != 180 || len(r.Disclosures)+len(r.Problems)+len(r.Observations) > 0 {
		t.Errorf("%d skipped, %d statements, problems %v", r.Skipped, len(r.Disclosures), r.Problems)
	}
}

func TestWorkbookUnreadable(t *testing.T) {
	whole := programmesOf(t, []any{"Georgia", 2022, "Harm reduction", 1})
	b, err := whole.Head(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{
		"empty": nil, "page": []byte("<html></html>"), "half": b[:len(b)/2], "another archive": zipped("GAM_2025.csv", export()),
	} {
		r := extractorstest.Parse(t, New(), extractorstest.Doc(roleProgrammes, workbookName, text))
		if len(r.Problems) != 1 || len(r.Disclosures) > 0 {
			t.Errorf("%s: %d statements, problems %+v", name, len(r.Disclosures), r.Problems)
		}
	}
	for name, want := range map[string]string{workbookName: roleProgrammes, "folder.xlsx": ""} {
		if role := New().Role(name, b); role != want {
			t.Errorf("role of %s: %q, want %q", name, role, want)
		}
	}
	if !slices.Contains([]string{roleProgrammes}, New().Role(workbookName, []byte("<html>"))) {
		t.Error("a page in place of the workbook has no role")
	}
}

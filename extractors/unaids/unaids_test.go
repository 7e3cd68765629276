package unaids

import (
	"archive/zip"
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hrinvest/extractors"
	"hrinvest/extractors/extractorstest"
)

func TestSource(t *testing.T) { extractorstest.Run(t, New()) }

func find(t *testing.T, r *extractorstest.Result, key string) extractors.Disclosure {
	t.Helper()
	i := slices.IndexFunc(r.Disclosures, func(d extractors.Disclosure) bool { return d.Key == key })
	if i < 0 {
		t.Fatalf("no statement %q", key)
	}
	return r.Disclosures[i]
}

func findObservation(t *testing.T, r *extractorstest.Result, indicator, area, subgroup, year string) extractors.Observation {
	t.Helper()
	i := slices.IndexFunc(r.Observations, func(o extractors.Observation) bool {
		return o.Indicator == indicator && (o.AreaName == area || o.Area == area) && o.Subgroup == subgroup && o.Year == year
	})
	if i < 0 {
		t.Fatalf("no observation %s %s %q %s", indicator, area, subgroup, year)
	}
	return r.Observations[i]
}

func TestBundled(t *testing.T) {
	r := extractorstest.Parse(t, New(), extractorstest.Bundled(t, New())...)
	whole := find(t, r, bySource+".total|republic_of_moldova|2018")
	if whole.Amount != "8220553.674" || whole.PartOf != "" || whole.OutOfScope != "" {
		t.Errorf("Moldova 2018: %+v", whole)
	}
	gf := find(t, r, bySource+".global_fund|kyrgyzstan|2017")
	if gf.Amount != "12045130.0" || gf.PartOf != bySource+".international|kyrgyzstan|2017" || gf.Parties[0].Ref != "47045" {
		t.Errorf("Global Fund in Kyrgyzstan 2017: %+v", gf)
	}
	state := find(t, r, bySource+".domestic_public|kyrgyzstan|2014")
	if !slices.Contains(state.Flags, "series_break") || state.PartOf != bySource+".total|kyrgyzstan|2014" {
		t.Errorf("Kyrgyzstan's state 2014: %+v", state)
	}
	if later := find(t, r, bySource+".domestic_public|kyrgyzstan|2016"); slices.Contains(later.Flags, "series_break") {
		t.Errorf("Kyrgyzstan's state 2016 is flagged: %v", later.Flags)
	}
	for _, tt := range []struct{ indicator, area, year, value, status string }{
		{"pwid_size", "Kyrgyzstan", "2013", "25000.0", "reported"},
		{"needles_per_pwid", "Belarus", "2016", "41.141000000000005", "reported"},
		{"hiv_prevalence_pwid", "Bosnia and Herzegovina", "2016", "0.0", "zero"},
		{"hiv_resource_needs", "EECA_UNAIDS", "2020", "1649.359", "reported"},
	} {
		o := findObservation(t, r, tt.indicator, tt.area, "", tt.year)
		if o.Value != tt.value || o.Status != tt.status {
			t.Errorf("%s %s %s = %q %s, want %q %s", tt.indicator, tt.area, tt.year, o.Value, o.Status, tt.value, tt.status)
		}
	}
	if u := findObservation(t, r, "hiv_resource_needs", "EECA_UNAIDS", "", "2020").Unit; u != "million USD, constant prices of 2016" {
		t.Errorf("unit of needs = %q", u)
	}
	// Kazakhstan reported 0 private money: no money, and said to be missing
	zero := find(t, r, bySource+".domestic_private|kazakhstan|2018")
	if zero.OutOfScope != zeroReason {
		t.Errorf("Kazakhstan 2018: %+v", zero)
	}
	if o := findObservation(t, r, "hiv_expenditure_total", "Kazakhstan", "domestic_private", "2018"); o.Status != "not_reported" || o.Value != "" || o.ValueText != "0.0" {
		t.Errorf("Kazakhstan 2018: %+v", o)
	}
}

func TestCorpusLongForm(t *testing.T) {
	doc := extractorstest.File(t, New(), extractorstest.Corpus(t, "unaids", "aidsinfo_2019_long_finance_pwid.csv"))
	if doc.Role != roleLong {
		t.Fatalf("role = %q", doc.Role)
	}
	r := extractorstest.Parse(t, New(), doc)
	extractorstest.Check(t, r, map[string]bool{doc.SHA256: true})
	zeros, bounds, onlyBounds := 0, 0, 0
	for _, o := range r.Observations {
		if o.Indicator == "hiv_expenditure_total" {
			zeros++ // stands beside its statement
		}
		if o.Low != "" {
			bounds++
		}
		if o.High != "" {
			bounds++
		}
		if o.Value == "" && o.Low != "" {
			onlyBounds++
		}
	}
	if got := r.Parsed() + len(r.Observations) - zeros + bounds - onlyBounds; got != 10431 || len(r.Problems) != 0 || r.Skipped != 0 {
		t.Errorf("%d rows accounted for (%d rejected, %d skipped), want 10431", got, len(r.Problems), r.Skipped)
	}
	if len(r.Disclosures) != 5206 || zeros != 11 || bounds != 4 {
		t.Errorf("%d statements, %d zeros, %d bounds; want 5206, 11, 4", len(r.Disclosures), zeros, bounds)
	}
	loaded := 0
	for _, d := range r.Disclosures {
		if d.OutOfScope == "" {
			loaded++
			if n := strings.ToLower(d.Places[0].Name); strings.Contains(n, "region") || n == "all countries" {
				t.Errorf("%s: a region counts as a country: %s", d.Locator, n)
			}
		}
	}
	if loaded != 5206-11 {
		t.Errorf("%d statements loaded", loaded)
	}
	if d := find(t, r, bySource+".total|republic_of_moldova|2018"); d.Amount != "8220553.674" || d.Places[0].Vocabulary != "name" {
		t.Errorf("Moldova 2018: %+v", d)
	}
	for _, o := range r.Observations {
		if strings.HasPrefix(o.AreaName, "UNAIDS Region") && o.Area != "" && o.AreaName != "UNAIDS Region - Eastern Europe and Central Asia" {
			t.Errorf("%s is taken for %s", o.AreaName, o.Area)
		}
	}
}

func TestCorpusTotals(t *testing.T) {
	doc := extractorstest.File(t, New(), extractorstest.Corpus(t, "unaids", "owid_hiv_expenditure_total_by_country_year.csv"))
	if doc.Role != roleTotals {
		t.Fatalf("role = %q", doc.Role)
	}
	r := extractorstest.Parse(t, New(), doc)
	extractorstest.Check(t, r, map[string]bool{doc.SHA256: true})
	missing := 0
	for _, o := range r.Observations {
		if o.Status == "not_reported" {
			missing++
		}
	}
	if len(r.Observations) != 1548 || missing != 281 || len(r.Disclosures) != 0 || len(r.Problems) != 0 {
		t.Errorf("%d observations, %d not reported, %d statements, %d rejected; want 1548, 281, 0, 0",
			len(r.Observations), missing, len(r.Disclosures), len(r.Problems))
	}
	if o := findObservation(t, r, "hiv_expenditure_total", "UKR", "", "2022"); o.Status != "not_reported" || o.Value != "" {
		t.Errorf("Ukraine 2022: %+v", o)
	}
	// the two series together: the publisher's own edition wins, the other is named
	long := extractorstest.File(t, New(), extractorstest.Corpus(t, "unaids", "aidsinfo_2019_long_finance_pwid.csv"))
	both := extractorstest.Parse(t, New(), doc, long)
	if d := find(t, both, bySource+".total|republic_of_moldova|2018"); d.OutOfScope != "" {
		t.Errorf("Moldova 2018 with both: %+v", d)
	}
}

func TestRoleOfOtherFiles(t *testing.T) {
	b, err := os.ReadFile(extractorstest.Corpus(t, "unaids", "aidsinfodbapi_indicator_links_2023.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if role := New().Role("links.csv", b[:64<<10]); role != "" {
		t.Errorf("role of the list of addresses = %q, want none", role)
	}
}

const header2025 = "\ufeffIndicator,Indicator_GId,Unit,Subgroup,Subgroup_Val_GId,Area,Area ID,Area Level,Time Period,Source,Data value,Formatted,Data_Denominator,Footnote\r\n"

// messy is an export with the faults seen in real ones.
const messy = header2025 +
	// unescaped quotes inside a quoted field, and a stray one at its end
	`"Coverage of "opioid" substitution therapy",PWID_OST_COVERAGE,Percent,Total,TOTAL,Kyrgyzstan,KGZ,2,2023,GAM,4.4,4.4,,` + "\r\n" +
	`"HIV prevalence among people who inject drugs"",PWID_HIV_PREVALENCE,Percent,Males,MALES,"Türkiye",TUR,2,2023,GAM,0.0,,,` + "\r\n" +
	// properly escaped quotes and a comma
	`"Safe injecting practices, so ""called""",PWID_SAFETY,Percent,"<25",,Kazakhstan,KAZ,2,2023,GAM,"...",,,` + "\r\n" +
	// a line break inside an identifier
	"Coverage of HIV prevention programmes among people who inject drugs,\"PWID_PROGRAMMES\r\n\",Percent,Total,TOTAL,Kazakhstan,KAZ,2,2023,GAM,<1%,,,\r\n" +
	`Experience of sexual and/or physical violence among people who inject drugs,IDU_EXP_PHYS_SV` + "\r\n" +
	`,Percent,Total,TOTAL,Kazakhstan,KAZ,2,2023,GAM,12,,,` + "\r\n" +
	// not a row
	"torn,row\r\n" +
	// regions, parts of countries, other indicators
	`Country-reported HIV expenditure by funding source,DOMESTIC_SPENDING_FUND_SOURCE,USD,Total,TOTAL,Eastern Europe and Central Asia,UNAEECA,1,2023,GAM,99,,,` + "\r\n" +
	`Coverage of opioid substitution therapy,PWID_OST_COVERAGE,Percent,Total,TOTAL,Bishkek,KGZ_01,3,2023,GAM,9,,,` + "\r\n" +
	`Something else,OTHER,Percent,Total,TOTAL,Kyrgyzstan,KGZ,2,2023,GAM,9,,,` + "\r\n" +
	`Needles and syringes distributed per person who inject drugs,PWID_NEEDLES,Number,Total,TOTAL,Kyrgyzstan,KGZ,2,2023,GAM,9000,,,` + "\r\n" +
	`Needles and syringes distributed per person who inject drugs,PWID_NEEDLES,Rate,Total,TOTAL,Kyrgyzstan,KGZ,2,2023,GAM,170,,,` + "\r\n" +
	`Estimated HIV resource availability for low- and middle-income countries in constant 2019 USD,RESOURCE_AVAIL_CONSTANT,Constant USD,Total,TOTAL,Global,UNAGLOBAL,0,2023,GAM,19800.5,,,` + "\r\n" +
	`Estimated resource needs,RESOURCE_NEEDS_FT,Constant USD,Total,TOTAL,Global,UNAGLOBAL,0,2025,GAM,29300,,,` + "\r\n" +
	`Coverage of opioid substitution therapy,PWID_OST_COVERAGE,Percent,Total,TOTAL,Kyrgyzstan,KGZ,2,2021/22,GAM,9,,,` + "\r\n" +
	"People who inject drugs: Population size estimate,PWID_POPULATION_SIZE,Number,Low estimate,LOW_ESTIMATE,Kyrgyzstan,KGZ,2,2023,GAM,20000,,,\r\n" +
	"People who inject drugs: Population size estimate,PWID_POPULATION_SIZE,Number,Estimate,ESTIMATE,Kyrgyzstan,KGZ,2,2023,GAM,26700,,,\r\n"

func TestMessyExport(t *testing.T) {
	src := New()
	if role := src.Role("GAM_2025_en.csv", []byte(messy)); role != roleExport {
		t.Fatalf("role = %q", role)
	}
	r := extractorstest.Parse(t, src, extractorstest.Doc(roleExport, "GAM_2025_en.csv", []byte(messy)))
	extractorstest.Check(t, r, nil)
	type brief struct{ Indicator, Area, Subgroup, Year, Value, Low, Text, Unit, Status, Locator string }
	var got []brief
	for _, o := range r.Observations {
		got = append(got, brief{o.Indicator, o.Area, o.Subgroup, o.Year, o.Value, o.Low, o.ValueText, o.Unit, o.Status, o.Locator})
	}
	want := []brief{
		{"oat_coverage", "KGZ", "", "2023", "4.4", "", "", "percent", "reported", "row 2"},
		{"hiv_prevalence_pwid", "TUR", "males", "2023", "0.0", "", "", "percent", "zero", "row 3"},
		{"safe_injecting", "KAZ", "below25", "2023", "", "", "...", "percent", "not_reported", "row 4"},
		{"prevention_coverage_pwid", "KAZ", "", "2023", "", "", "<1%", "percent", "reported", "row 5"},
		{"violence_pwid", "KAZ", "", "2023", "12", "", "", "percent", "reported", "row 7"},
		{"needles_per_pwid", "KGZ", "", "2023", "170", "", "", "needles and syringes per person per year", "reported", "row 14"},
		{"hiv_resource_availability", "", "", "2023", "19800.5", "", "", "million USD, constant prices of 2019", "reported", "row 15"},
		{"hiv_resource_needs", "", "", "2025", "29300", "", "", "million USD, constant prices of 2019", "reported", "row 16"},
		{"pwid_size", "KGZ", "", "2023", "26700", "20000", "", "people", "reported", "row 19"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var problems []string
	for _, p := range r.Problems {
		problems = append(problems, p.Locator+": "+p.Reason)
	}
	if diff := cmp.Diff([]string{"row 9: not a row of 14 fields", `row 17: time period "2021/22" is not a year`}, problems); diff != "" {
		t.Error(diff)
	}
	if r.Skipped != 3 {
		t.Errorf("skipped %d, want 3 (part of a country, other indicator, number of needles)", r.Skipped)
	}
	if len(r.Disclosures) != 1 || r.Disclosures[0].OutOfScope != "the sum of a region, not of a country" {
		t.Errorf("statements: %+v", r.Disclosures)
	}
}

// export writes rows of AIDSinfo: gid, subgroup, area, id, year, value.
func export(rows ...string) []byte {
	var b bytes.Buffer
	b.WriteString(header2025)
	for _, r := range rows {
		f := strings.Split(r, ";")
		b.WriteString("x," + f[0] + ",USD,," + f[1] + "," + f[2] + "," + f[3] + ",2," + f[4] + ",," + f[5] + ",,,\r\n")
	}
	return b.Bytes()
}

func TestParts(t *testing.T) {
	r := extractorstest.Parse(t, New(), extractorstest.Doc(roleExport, "GAM_2025_en.csv", export(
		// the international figure is missing: its parts belong to the total
		"DOMESTIC_SPENDING_FUND_SOURCE;TOTAL;Georgia;GEO;2022;100",
		"DOMESTIC_SPENDING_FUND_SOURCE;GLOBAL_FUND;Georgia;GEO;2022;40",
		// the total is 0: not a whole
		"DOMESTIC_SPENDING_FUND_SOURCE;TOTAL;Georgia;GEO;2023;0",
		"DOMESTIC_SPENDING_FUND_SOURCE;INTERNATIONAL;Georgia;GEO;2023;30",
		"DOMESTIC_SPENDING_FUND_SOURCE;PEPFAR;Georgia;GEO;2023;30",
		"DOMESTIC_SPENDING_FUND_SOURCE;PEPFAR;Georgia;GEO;2023;30",
		"DOMESTIC_SPENDING_FUND_SOURCE;PEPFAR;Georgia;GEO;2023;31",
		"DOMESTIC_SPENDING_FUND_SOURCE;PRIVATE;Georgia;GEO;2023;...",
		// people who inject drugs: inside the sources where these have no parts
		"DOMESTIC_SPENDING_FUND_SOURCE;DOMESTIC_PUBLIC;Georgia;GEO;2023;60",
		"DOMESTIC_SPENDING_KP;PWID_DOMESTIC_PUBLIC;Georgia;GEO;2023;6",
		"DOMESTIC_SPENDING_KP;PWID_INTERNATIONAL;Georgia;GEO;2023;3",
		"DOMESTIC_SPENDING_KP;SW_TOTAL;Georgia;GEO;2023;3",
		// without a breakdown by source they stand alone
		"DOMESTIC_SPENDING_KP;PWID_TOTAL;Armenia;ARM;2023;9",
		"DOMESTIC_SPENDING_KP;PWID_INTERNATIONAL;Armenia;ARM;2023;7",
	)))
	extractorstest.Check(t, r, nil)
	type brief struct{ Key, PartOf, Scope, Code string }
	var got []brief
	for _, d := range r.Disclosures {
		got = append(got, brief{d.Key, d.PartOf, d.OutOfScope, d.Codes[0].Code})
	}
	const inside = "inside the HIV expenditure by source, which counts; the figure is kept as an observation"
	want := []brief{
		{bySource + ".total|georgia|2022", "", "", bySource},
		{bySource + ".global_fund|georgia|2022", bySource + ".total|georgia|2022", "", bySource},
		{bySource + ".total|georgia|2023", "", zeroReason, bySource},
		{bySource + ".international|georgia|2023", "", "", bySource},
		{bySource + ".pepfar|georgia|2023", bySource + ".international|georgia|2023", "", bySource},
		{bySource + ".pepfar|georgia|2023", "", "repeats row 6", bySource},
		{bySource + ".pepfar|georgia|2023", "", "another value of the figure in row 6", bySource},
		{bySource + ".domestic_private|georgia|2023", "", emptyReason, bySource},
		{bySource + ".domestic_public|georgia|2023", "", "", bySource},
		{byPopulation + ".pwid_domestic_public|georgia|2023", bySource + ".domestic_public|georgia|2023", "", byPopulation + "|PWID"},
		{byPopulation + ".pwid_international|georgia|2023", "", inside, byPopulation + "|PWID"},
		{byPopulation + ".pwid|armenia|2023", "", "", byPopulation + "|PWID"},
		{byPopulation + ".pwid_international|armenia|2023", byPopulation + ".pwid|armenia|2023", "", byPopulation + "|PWID"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if r.Skipped != 1 {
		t.Errorf("skipped %d, want 1", r.Skipped)
	}
	if o := findObservation(t, r, "hiv_expenditure_pwid", "GEO", "international", "2023"); o.Value != "3" {
		t.Errorf("observation: %+v", o)
	}
}

// A figure in several editions counts once, also when the country's name changed.
func TestEditions(t *testing.T) {
	const old = "concept,area,area_name,year,value\n" +
		"country_reported_hiv_expenditure_by_funding_source_total,224,The former Yugoslav Republic of Macedonia,2017,5\n" +
		"hiv_prevalence_among_people_who_inject_drugs_total,224,The former Yugoslav Republic of Macedonia,2017,0.5\n"
	r := extractorstest.Parse(t, New(),
		extractorstest.Doc(roleExport, "GAM_2025_en.csv", export("DOMESTIC_SPENDING_FUND_SOURCE;TOTAL;North Macedonia;MKD;2017;6", "PWID_HIV_PREVALENCE;TOTAL;North Macedonia;MKD;2017;0.6")),
		extractorstest.Doc(roleExport, "GAM_2024_en.csv", export("DOMESTIC_SPENDING_FUND_SOURCE;TOTAL;North Macedonia;MKD;2017;5.5")),
		extractorstest.Doc(roleLong, "aidsinfo_2019.csv", []byte(old)))
	extractorstest.Check(t, r, nil)
	got := map[string]string{}
	for _, d := range r.Disclosures {
		got[d.Amount] = d.OutOfScope
		if differs := slices.Contains(d.Flags, "differs"); differs != (d.Amount == "6") {
			t.Errorf("%s: flags %q", d.Amount, d.Flags)
		}
	}
	const other = "another edition of this figure counts: GAM_2025_en.csv"
	if diff := cmp.Diff(map[string]string{"6": "", "5.5": other, "5": other}, got); diff != "" {
		t.Error(diff)
	}
	if len(r.Observations) != 1 || r.Observations[0].Value != "0.6" || r.Observations[0].Note != "differs: aidsinfo_2019.csv, row 3 gives 0.5" {
		t.Errorf("observations: %+v", r.Observations)
	}
}

func TestZip(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	f, err := z.Create("GAM_2025_en.csv")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(export("DOMESTIC_SPENDING_FUND_SOURCE;TOTAL;Georgia;GEO;2022;100")); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	src := New()
	if role := src.Role("x", b.Bytes()); role != roleZip {
		t.Fatalf("role = %q", role)
	}
	r := extractorstest.Parse(t, src, extractorstest.Doc(roleZip, "GAM_2025_en.zip", b.Bytes()))
	if len(r.Disclosures) != 1 || r.Disclosures[0].Locator != "GAM_2025_en.csv row 2" {
		t.Errorf("statements: %+v", r.Disclosures)
	}
	r = extractorstest.Parse(t, src, extractorstest.Doc(roleZip, "GAM_2025_en.zip", b.Bytes()[:40]))
	if len(r.Problems) != 1 {
		t.Errorf("problems of a truncated archive: %+v", r.Problems)
	}
}

// Every indicator of series.csv is described in the vocabulary.
func TestIndicatorsAreDescribed(t *testing.T) {
	rows := extractorstest.Rows(t, "../../transforms/vocab/indicators.csv")
	zero := map[string]string{}
	for _, r := range rows[1:] {
		zero[r[0]] = r[4]
	}
	b, err := newBook()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range b.series {
		want := "data"
		if s.zeroIsMissing {
			want = "missing"
		}
		if zero[s.indicator] != want {
			t.Errorf("%s: the vocabulary says 0 is %q, series.csv says %q", s.indicator, zero[s.indicator], want)
		}
	}
}

func TestSplit(t *testing.T) {
	tests := []struct {
		in     string
		strict bool
		want   []string
		open   bool
	}{
		{`a,"b,c",d`, true, []string{"a", "b,c", "d"}, false},
		{`"a ""b"", c",d`, true, []string{`a "b", c`, "d"}, false},
		{`"a "b" c",d`, true, nil, false},
		{`"a "b" c",d`, false, []string{`a "b" c`, "d"}, false},
		{`"a"",d`, false, []string{"a", "d"}, false},
		{`"a,b`, false, nil, true},
		{`,`, true, []string{"", ""}, false},
		{``, true, []string{""}, false},
		{`"a"`, true, []string{"a"}, false},
	}
	for _, tt := range tests {
		got, open := split(tt.in, tt.strict)
		if open != tt.open || !slices.Equal(got, tt.want) {
			t.Errorf("split(%q, %v) = %q, %v; want %q, %v", tt.in, tt.strict, got, open, tt.want, tt.open)
		}
	}
}

func FuzzRecords(f *testing.F) {
	f.Add([]byte(messy))
	f.Add([]byte("concept,area,area_name,year,value\na,\"1\nb,c"))
	f.Add([]byte("\"country\",\"iso\",\"year\",\"hiv_expenditure\"\n\"A\",\"ALB\",2020,0\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		src := New()
		src.Role("x", b)
		for _, role := range []string{roleExport, roleZip} {
			doc := extractorstest.Doc(role, "x", b)
			r := extractorstest.Parse(t, src, doc)
			extractorstest.Check(t, r, map[string]bool{doc.SHA256: true})
			if r.Parsed()+len(r.Observations) == 0 {
				t.Error("neither a value nor a problem")
			}
		}
	})
}

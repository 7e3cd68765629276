package unaids

import (
	"archive/zip"
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hrinvest/extractors/extractorstest"
	"hrinvest/extractors/fetch"
)

// What has been seen to go wrong in UNAIDS's data, one test each. Faults of the
// text of tables are in TestMessyExport.

// table2020 is an export of 2019 or 2020: ids are numbers, no ids of indicators,
// another spelling of the value.
func table2020(rows ...string) []byte {
	return []byte("Indicator,Unit,Subgroup,Area,Area ID,Time Period,Source,Data Value\n" + strings.Join(rows, "\n") + "\n")
}

// 0 stands for nothing in some series and is a result in others.
func TestZeroPerSeries(t *testing.T) {
	b, err := newBook()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range b.series {
		if s.gid == byProgramme {
			continue // TestProgrammes
		}
		name := strings.ReplaceAll(s.concept, "_", " ")
		sub := "TOTAL"
		switch {
		case s.gid == byPopulation:
			sub = "PWID_TOTAL"
		case s.subPrefix != "":
			sub = s.subPrefix + "_TOTAL"
		case s.only != nil && !s.question():
			sub = "ESTIMATE_ALL_AGES"
		}
		row := fmt.Sprintf("%s,%s,x,x,%s,Georgia,GEO,2,2020,GAM,0.0,,,\r\n", name, s.gid, sub)
		r := extractorstest.Parse(t, New(), extractorstest.Doc(roleExport, "GAM_2025_en.csv", []byte(header2025+row)))
		if len(r.Observations) != 1 {
			t.Errorf("%s: %d observations", s.gid, len(r.Observations))
			continue
		}
		got := r.Observations[0].Status + " " + r.Observations[0].Value
		want := "zero 0.0"
		if s.zeroIsMissing {
			want = "not_reported "
		}
		if got != want {
			t.Errorf("0 in %s is %q, want %q", s.gid, got, want)
		}
		if s.money() && (len(r.Disclosures) != 1 || r.Disclosures[0].OutOfScope != zeroReason) {
			t.Errorf("0 in %s: %+v", s.gid, r.Disclosures)
		}
	}
}

// The series called domestic holds international money, and says so.
func TestDomesticIsNotOnlyDomestic(t *testing.T) {
	r := extractorstest.Parse(t, New(), extractorstest.Doc(roleExport, "GAM_2025_en.csv", export(
		bySource+";INTERNATIONAL;Georgia;GEO;2020;5", bySource+";GLOBAL_FUND;Georgia;GEO;2020;3")))
	for i, want := range []string{"International (not broken down)", "Global Fund"} {
		if p := r.Disclosures[i].Parties[0]; p.Name != want || p.Type == "domestic_public" {
			t.Errorf("%s: %+v", r.Disclosures[i].Key, p)
		}
	}
}

// One country by number and name in 2020, by code in 2025, under an old name and a
// new one: one figure.
func TestAreaIDsOfEditions(t *testing.T) {
	const name = "Country-reported HIV expenditure by funding source"
	r := extractorstest.Parse(t, New(),
		extractorstest.Doc(roleExport, "GAM_2020_en.csv", table2020(
			name+",USD,Total,The former Yugoslav Republic of Macedonia,224,2017,AIDSinfo,5",
			name+",USD,Total,Kyrgyzstan,177,2017,AIDSinfo,50",
			name+",USD,Total,UNAIDS Region - Eastern Europe and Central Asia,277,2017,AIDSinfo,900")),
		extractorstest.Doc(roleExport, "GAM_2025_en.csv", export(
			bySource+";TOTAL;North Macedonia;MKD;2017;6", bySource+";TOTAL;Kyrgyzstan;KGZ;2017;50")))
	extractorstest.Check(t, r, nil)
	const other = "another edition of this figure counts: GAM_2025_en.csv"
	want := []statement{
		{bySource + ".total|north_macedonia|2017", "5", "", other},
		{bySource + ".total|north_macedonia|2017", "6", "", ""},
		{bySource + ".total|kyrgyzstan|2017", "50", "", other},
		{bySource + ".total|kyrgyzstan|2017", "50", "", ""},
		{bySource + ".total|unaids_region_eastern_europe_and_central_asia|2017", "900", "", "the sum of a region, not of a country"},
	}
	got := statements(r)
	slices.SortStableFunc(got, func(a, b statement) int { return strings.Compare(a.Key, b.Key) })
	slices.SortStableFunc(want, func(a, b statement) int { return strings.Compare(a.Key, b.Key) })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// The atlas repeats series of the core monitoring with other values: the core
// monitoring counts, and the difference is said. A policy question asked in two
// forms is no difference of numbers.
func TestAtlasOverlapsMonitoring(t *testing.T) {
	row := func(gid, value string) string { return gid + ";TOTAL;Georgia;GEO;2022;" + value }
	r := extractorstest.Parse(t, New(),
		extractorstest.Doc(roleZip, "KPAtlasDB_2025_en.zip", zipped("KPAtlasDB_2025_en.csv", export(row("PWID_HIV_PREVALENCE", "2.3"), row("PWID_OST_COVERAGE", "7.50"), row(bySource, "90")))),
		extractorstest.Doc(roleZip, "GAM_2025_en.zip", zipped("GAM_2025_en.csv", export(row("PWID_HIV_PREVALENCE", "2.1"), row("PWID_OST_COVERAGE", "7.5"), row(bySource, "100")))))
	for indicator, want := range map[string][2]string{
		"hiv_prevalence_pwid": {"2.1", "differs: KPAtlasDB_2025_en.csv, KPAtlasDB_2025_en.csv row 2 gives 2.3"},
		"oat_coverage":        {"7.5", ""},
	} {
		if o := findObservation(t, r, indicator, "GEO", "", "2022"); o.Value != want[0] || o.Note != want[1] {
			t.Errorf("%s = %s, note %q, want %q", indicator, o.Value, o.Note, want)
		}
	}
	for _, d := range r.Disclosures {
		if counts := d.OutOfScope == ""; counts != (d.Amount == "100") || counts != slices.Contains(d.Flags, "differs") {
			t.Errorf("%s: out of scope %q, flags %q", d.Amount, d.OutOfScope, d.Flags)
		}
	}
}

// Q_A_69 is the death penalty in the atlas and a question about treatment in the
// policy questionnaire, where the death penalty is Q_A_214.
func TestQuestionNumbersAreNotUnique(t *testing.T) {
	const penalty = "Death penalty retained in law for people convicted of drug-related offences "
	table := func(rows ...string) []byte {
		text := header2025
		for _, r := range rows {
			f := strings.Split(r, ";")
			text += fmt.Sprintf("%s,%s,x,%s,%s,Georgia,GEO,2,%s,NCPI,%s,,,\r\n", f[0], f[1], f[2], f[2], f[3], f[4])
		}
		return []byte(text)
	}
	r := extractorstest.Parse(t, New(),
		extractorstest.Doc(roleExport, "NCPI_2025_en.csv", table(
			"Service provision modalities in ART policy;Q_A_69;A_2;2021;Yes",
			penalty+";Q_A_214;A_251;2021;No",
			penalty+";Q_A_214;A_274;2021;Yes",
			"Drug use or possession for personal use an offence (2017-2021);Q_A_216;A_364;2021;Yes",
			"Drug use or possession for personal use an offence ;Q_A_1319;A_251;2024;Yes")),
		extractorstest.Doc(roleExport, "KPAtlasDB_2025_en.csv", table(penalty+";Q_A_69;A_TOTAL;2020;Yes", penalty+";Q_A_69;A_TOTAL;2021;Yes")),
		extractorstest.Doc(roleExport, "GAM_2025_en.csv", table("Drug use or possession for personal use an offence;Q_A_70;TOTAL;2024;Possession is an offence")))
	var got []string
	for _, o := range r.Observations {
		got = append(got, strings.Join([]string{o.Indicator, o.Year, o.Subgroup, o.Value + o.ValueText, o.Note}, "|"))
	}
	want := []string{
		"death_penalty_drug_offences|2021||No|KPAtlasDB_2025_en.csv, row 3 gives Yes",
		"drug_possession_offence|2024||Possession is an offence|NCPI_2025_en.csv, row 6 gives Yes",
		"death_penalty_drug_offences|2020||Yes|",
	}
	if diff := cmp.Diff(want, got); diff != "" || r.Skipped != 3 {
		t.Errorf("%s %d skipped", diff, r.Skipped)
	}
}

// Of the estimates the totals are read, with their bounds, and no series whose
// name begins alike.
func TestEstimates(t *testing.T) {
	row := func(name, gid, sub, subGID, value string) string {
		return fmt.Sprintf("%s,%s,Number,%s,%s,Georgia,GEO,2,2023,UNAIDS_Estimates_,%s,,,\r\n", name, gid, sub, subGID, value)
	}
	r := extractorstest.Parse(t, New(), extractorstest.Doc(roleZip, "Estimates_2025_en.zip", zipped("Estimates_2025_en.csv", []byte(header2025+
		row("People living with HIV", "PLWH", "All ages estimate", "ESTIMATE_ALL_AGES", "8700")+
		row("People living with HIV", "PLWH", "All ages lower estimate", "LOW_ESTIMATE_ALL_AGES", "8000")+
		row("People living with HIV", "PLWH", "All ages upper estimate", "HIGH_ESTIMATE_ALL_AGES", "9500")+
		row("People living with HIV", "PLWH", "Adults (15+) estimate", "ESTIMATE_15_AND_UP", "8600")+
		row("New HIV Infections", "NEW_INFECTIONS", "All ages estimate", "ESTIMATE_ALL_AGES", "<500")+
		row("New HIV Infections averted due to PMTCT", "NEW_INFECTIONS_AVERTED", "All ages estimate", "ESTIMATE_ALL_AGES", "7")))),
		extractorstest.Doc(roleExport, "Estimates_2020_en.csv", table2020(
			"New HIV Infections averted due to PMTCT,Number,All ages estimate,Georgia,60,2019,x,7",
			"New HIV Infections,Number,All ages estimate,Georgia,60,2019,x,600")))
	var got []string
	for _, o := range r.Observations {
		got = append(got, strings.Join([]string{o.Indicator, o.Year, o.Value, o.Low, o.High, o.ValueText, o.Status}, "|"))
	}
	want := []string{"plhiv|2023|8700|8000|9500||reported", "new_infections|2023||||<500|reported", "new_infections|2019|600||||reported"}
	if diff := cmp.Diff(want, got); diff != "" || r.Skipped != 3 {
		t.Errorf("%s %d skipped", diff, r.Skipped)
	}
}

// Needs are in millions, at the prices of a year that another series names.
func TestNeedsAreMillions(t *testing.T) {
	const available = "Estimated HIV resource availability for low- and middle-income countries in constant 2019 USD"
	eeca := func(gid, name string, value any) fetch.Document {
		return answerOf("GAM", gid, "CONSTANT_USD", "TOTAL", seen("GAM", gid, "CONSTANT_USD", "TOTAL", name, 2025, value, "UNAIDS Region - Eastern Europe and Central Asia", "UNAEECA"))
	}
	r := extractorstest.Parse(t, New(),
		eeca("RESOURCE_NEEDS_FT", "Estimated resource needs", 1649.359), eeca("RESOURCE_AVAIL_CONSTANT", available, 1200),
		extractorstest.Doc(roleZip, "GAM_2026_en.zip", zipped("GAM_2026_en.csv", []byte(header2025+
			"Estimated resource needs,RESOURCE_NEEDS_FT,Constant USD,Total,TOTAL,UNAIDS Region - Eastern Europe and Central Asia,UNAEECA,1,2025,GAM,1649.359,,,\r\n"+
			available+",RESOURCE_AVAIL_CONSTANT,Constant USD,Total,TOTAL,UNAIDS Region - Eastern Europe and Central Asia,UNAEECA,1,2025,GAM,1200,,,\r\n"))))
	if len(r.Observations) != 2 || len(r.Disclosures) > 0 {
		t.Fatalf("%d observations, %d statements: %+v", len(r.Observations), len(r.Disclosures), r.Observations)
	}
	o := findObservation(t, r, "hiv_resource_needs", "EECA_UNAIDS", "", "2025")
	if o.Value != "1649.359" || o.Unit != "million USD, constant prices of 2019" || o.Note != "" {
		t.Errorf("needs: %+v", o)
	}
}

// Kyrgyzstan reported no Global Fund money in 2016, 20.2m of international money
// all the same, and nothing in 2015; Ukraine nothing in 2013. No figure is made up.
func TestSourcesDoNotAddUp(t *testing.T) {
	r := extractorstest.Parse(t, New(), extractorstest.Bundled(t, New())...)
	var got []string
	for _, d := range r.Disclosures {
		switch d.Group {
		case "kyrgyzstan|2015", "ukraine|2013":
			t.Errorf("a figure of %s: %s", d.Group, d.Amount)
		case "kyrgyzstan|2016":
			if strings.HasPrefix(d.Key, bySource) {
				got = append(got, strings.TrimSuffix(strings.TrimPrefix(d.Key, bySource+"."), "|"+d.Group)+" "+d.Amount+" in "+strings.TrimSuffix(strings.TrimPrefix(d.PartOf, bySource+"."), "|"+d.Group)+d.OutOfScope)
			}
		}
	}
	slices.Sort(got)
	want := []string{"domestic_public 1812880.9109999998 in total", "international 20207605.66 in total", "total 22020486.57 in "}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A zip whose table is damaged, in another encoding, or none of AIDSinfo's.
func TestZipsThatCannotBeRead(t *testing.T) {
	for name, tt := range map[string]struct {
		text []byte
		want string
	}{
		"a wrong checksum": {damagedZip(), "nothing of it is used: zip: checksum error"},
		"no table":         {zipped("readme.txt", []byte("x")), `no CSV file in the archive, which holds ["readme.txt"]`},
		"another table":    {zipped("gam.csv", []byte("a,b\n1,2\n")), "the header names no area, time period and data value"},
		"binary":           {zipped("gam.csv", []byte("a\x00b\n")), "is not text"},
		"no rows":          {zipped("gam.csv", []byte(header2025)), "the table has no rows"},
		"an endless line":  {zipped("gam.csv", append([]byte(header2025), bytes.Repeat([]byte("x"), maxLine+1)...)), "a line is over 1 MiB"},
	} {
		r := extractorstest.Parse(t, New(), extractorstest.Doc(roleZip, "GAM_2025_en.zip", tt.text))
		if len(r.Problems) == 0 || !strings.Contains(r.Problems[0].Reason, tt.want) || len(r.Disclosures) > 0 {
			t.Errorf("%s: problems %+v, want %q", name, r.Problems, tt.want)
		}
	}
}

// damagedZip is an archive in which one digit of an amount has changed.
func damagedZip() []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	f, err := z.CreateHeader(&zip.FileHeader{Name: "GAM_2025_en.csv", Method: zip.Store})
	if err == nil {
		_, err = f.Write(export(bySource+";TOTAL;Georgia;GEO;2022;100", bySource+";TOTAL;Georgia;GEO;2021;100"))
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		panic(err)
	}
	damaged := b.Bytes()
	damaged[bytes.Index(damaged, []byte(",100,"))+1] = '9'
	return damaged
}

// Dots in a cell of money say as much as a 0: not reported, and observed as such.
func TestDotsOfMoneyAreObserved(t *testing.T) {
	for _, dots := range []string{"...", "…", "-"} {
		row := fmt.Sprintf("HIV expenditure by funding source,%s,USD,Total,TOTAL,Georgia,GEO,2,2020,GAM,%s,,,\r\n", bySource, dots)
		r := extractorstest.Parse(t, New(), extractorstest.Doc(roleExport, "GAM_2025_en.csv", []byte(header2025+row)))
		if len(r.Observations) != 1 || r.Observations[0].Status != "not_reported" || r.Observations[0].ValueText != dots || r.Observations[0].Value != "" {
			t.Errorf("%s: %+v", dots, r.Observations)
		}
		if len(r.Disclosures) != 1 || r.Disclosures[0].OutOfScope != emptyReason {
			t.Errorf("%s: %+v", dots, r.Disclosures)
		}
	}
}

package oecdcrs_test

import (
	"os"
	"strings"
	"testing"

	"hrinvest/extractors"
	"hrinvest/extractors/extractorstest"
	"hrinvest/extractors/oecdcrs"
	"hrinvest/transforms"
)

// reasons counts what is skipped by reason.
type reasons struct {
	extractorstest.Result
	by map[string]int
}

func (r *reasons) Skip(doc string, n int, reason string) error {
	r.by[reason] += n
	return r.Result.Skip(doc, n, reason)
}

// A real answer of the interface, of two housing purposes at constant prices, as
// another program renamed its columns: 4,021 rows, none of them ours.
func TestCorpusHousing(t *testing.T) {
	path := extractorstest.Corpus(t, "oecd", "crs_microdata_housing_2014_2023.csv")
	src := oecdcrs.New(oecdcrs.Config{})
	doc := extractorstest.File(t, src, path)
	if doc.Role != "sdmx" {
		t.Fatalf("role %q", doc.Role)
	}
	parse := func(b []byte) *reasons {
		r := &reasons{by: map[string]int{}}
		d := extractorstest.Doc(doc.Role, doc.Name, b)
		if err := src.Parse(t.Context(), extractors.Set{d}, r); err != nil {
			t.Fatal(err)
		}
		extractorstest.Check(t, &r.Result, nil)
		return r
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r := parse(b)
	if r.Parsed() != 4021 || len(r.Problems) != 0 || len(r.by) != 1 || r.Skipped != 4021 {
		t.Errorf("parsed %d, problems %v, skipped %v", r.Parsed(), r.Problems, r.by)
	}
	// The same rows as if they were HIV, at constant prices: all counted, none given.
	hiv := strings.NewReplacer(",16040,", ",13040,", ",16030,", ",16064,").Replace(string(b))
	r = parse([]byte(hiv))
	if len(r.Disclosures) != 0 || len(r.by) != 1 || r.Skipped != 4021 {
		t.Errorf("constant prices: %d disclosures, skipped %v", len(r.Disclosures), r.by)
	}
	// And at current ones: every row, with the sum that the file has in its text.
	r = parse([]byte(strings.ReplaceAll(hiv, ",D,Constant prices,", ",V,Current prices,")))
	if len(r.Disclosures) != 4021 || len(r.Problems) != 0 {
		t.Fatalf("current prices: %d disclosures, problems %v, skipped %v", len(r.Disclosures), r.Problems, r.by)
	}
	var sum transforms.Decimal
	groups := map[string]bool{}
	for _, d := range r.Disclosures {
		n, _, err := transforms.ParseDecimal(d.Amount, transforms.MoneyScale)
		if err != nil {
			t.Fatal(err)
		}
		sum = sum.Add(n)
		groups[d.Group] = true
		if len(d.Places) != 1 || len(d.Parties) == 0 || d.Parties[0].Type == "unknown" || d.Year == "" {
			t.Fatalf("%+v", d)
		}
	}
	if got := transforms.FormatDecimal(sum, transforms.MoneyScale); got != housingTotal {
		t.Errorf("sum %s, want %s", got, housingTotal)
	}
	if len(groups) != housingActivities {
		t.Errorf("%d activities, want %d", len(groups), housingActivities)
	}
}

// Totals by donor that another program made carry no unit, no price basis and no
// flow: they are no document of this source.
func TestCorpusTotals(t *testing.T) {
	path := extractorstest.Corpus(t, "oecd", "crs_by_donor_sector_2013_2022.csv")
	if doc := extractorstest.File(t, oecdcrs.New(oecdcrs.Config{}), path); doc.Role != "" {
		t.Errorf("role %q", doc.Role)
	}
}

// Every recipient and donor of the DAC's list is known here and to the steps that
// follow: countries as countries, the others as regions.
func TestCorpusAreas(t *testing.T) {
	rows := extractorstest.Rows(t, extractorstest.Corpus(t, "oecd", "dac_area_codes_2026.csv"))
	g, err := transforms.NewGazetteer()
	if err != nil {
		t.Fatal(err)
	}
	col := map[string]int{}
	for i, c := range rows[0] {
		col[c] = i
	}
	src := oecdcrs.New(oecdcrs.Config{})
	recipients, donors := 0, 0
	for _, r := range rows[1:] {
		get := func(c string) string { return r[col[c]] }
		if get("kind") == "recipient" {
			recipients++
			for _, code := range []string{get("code"), get("dotstat")} {
				if code == "" {
					continue
				}
				place := disclosed(t, src, code, get("name_en"), "5").Places[0]
				iso3, isCountry := g.Country(place.Vocabulary, place.Code, place.Name)
				_, isRegion := g.Region(place.Code, place.Name)
				if want := get("iso3"); isCountry != (want != "") || iso3 != want || !isCountry && !isRegion {
					t.Errorf("recipient %s %q is %+v: country %q, region %v; want %q", code, get("name_en"), place, iso3, isRegion, want)
				}
			}
			continue
		}
		donors++
		for _, code := range []string{get("code"), get("dotstat")} {
			if code == "" {
				continue
			}
			from := disclosed(t, src, "614", "Kyrgyzstan", code).Parties[0]
			if want := map[string]string{"Private donor": "philanthropic", "Multilateral donor": "multilateral", "": "multilateral"}[get("type")]; from.Type != want && !(want == "" && from.Type == "bilateral") && code != "918" && code != "4EU001" {
				t.Errorf("donor %s %q (%s) is %q", code, get("name_en"), get("type"), from.Type)
			}
		}
	}
	if recipients != 177 || donors != 213 {
		t.Errorf("%d recipients, %d donors", recipients, donors)
	}
}

// disclosed parses one row.
func disclosed(t *testing.T, src extractors.Source, recipient, name, donor string) extractors.Disclosure {
	t.Helper()
	b := "Year|DonorCode|CrsID|RecipientCode|RecipientName|FlowCode|Bi_Multi|USD_Commitment|USD_Disbursement|PurposeCode\n" +
		"2021|" + donor + "|1|" + recipient + "|" + name + "|11|1||1|13040\n"
	r := extractorstest.Parse(t, src, extractorstest.Doc("text", "CRS.txt", []byte(b)))
	if len(r.Disclosures) != 1 {
		t.Fatalf("%s %s: %+v", recipient, name, r)
	}
	return r.Disclosures[0]
}

// What is disclosed becomes flows: amounts, places, funders and interventions are
// understood, and the balance holds.
func TestBecomesFlows(t *testing.T) {
	b := "Year|DonorCode|DonorName|CrsID|RecipientCode|RecipientName|FlowCode|Bi_Multi|USD_Commitment|USD_Disbursement|PurposeCode|ProjectTitle\n" +
		"2021|5|Germany|1|614|Kyrgyzstan|11|1|1.5|-0.25|13040|Invented needle and syringe programme\n" +
		"2021|1312|Global Fund|2|85|Ukraine|11|4|0|2.000001|13040|Invented HIV grant\n" +
		"2021|5|Germany|3|89|Europe, regional|11|1||1|16063|Invented narcotics control\n" +
		"2021|5|Germany|4|89|Europe, regional|11|1||1|31110|Invented farm\n"
	src := oecdcrs.New(oecdcrs.Config{})
	doc := extractorstest.Doc("text", "CRS.txt", []byte(b))
	n, err := transforms.New(transforms.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	sink := n.Source(src.Info(), extractors.Set{doc})
	if err := src.Parse(t.Context(), extractors.Set{doc}, sink); err != nil {
		t.Fatal(err)
	}
	counts, err := sink.Close()
	if err != nil {
		t.Fatal(err)
	}
	if counts.Loaded != 4 || counts.OutOfScope != 2 || counts.Rejected != 0 || counts.Parsed != 6 {
		t.Errorf("counts %+v", counts)
	}
	tables, err := n.Finish()
	if err != nil {
		t.Fatal(err)
	}
	defer tables.Release()
	var got []string
	for tables.Flows.Next() {
		rec := tables.Flows.Record()
		cell := func(name string, i int) string {
			return rec.Column(rec.Schema().FieldIndices(name)[0]).ValueStr(i)
		}
		for i := range int(rec.NumRows()) {
			got = append(got, strings.Join([]string{
				cell("funder", i), cell("kind", i), cell("country", i), cell("region", i), cell("year", i), cell("amount", i), cell("intervention", i),
			}, " "))
		}
	}
	want := []string{
		"Global Fund disbursement UKR (null) 2021 2000001 hiv_other",
		"Germany commitment KGZ (null) 2021 1500000 nsp",
		"Germany disbursement KGZ (null) 2021 -250000 nsp",
		"Germany disbursement (null) EUROPE 2021 1000000 drug_control",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("flows:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Recomputed from the file with decimal arithmetic outside this program: the sum
// of its value column times a million, and the different pairs of donor and CRS id.
const (
	housingTotal      = "11905716279"
	housingActivities = 3426
)

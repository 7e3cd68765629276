package dacrates

import (
	"math/big"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/currency"
	"golang.org/x/text/language"

	"hrinvest/extractors"
	"hrinvest/extractors/extractorstest"
	"hrinvest/extractors/fetch"
)

func TestSource(t *testing.T) { extractorstest.Run(t, New()) }

// short is what a test compares of an observation.
func short(os []extractors.Observation) []string {
	var out []string
	for _, o := range os {
		out = append(out, strings.Join([]string{o.Locator, o.Indicator, o.Area, o.Year, o.Value, o.Unit}, " | "))
	}
	return out
}

func reasons(ps []extractors.Problem) []string {
	var out []string
	for _, p := range ps {
		out = append(out, p.Locator+": "+p.Reason)
	}
	return out
}

// byKey finds a value by indicator, area and year; one that stands twice fails the test.
func byKey(t testing.TB, r *extractorstest.Result) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, o := range r.Observations {
		key := o.Indicator + " " + o.Area + " " + o.Year
		if out[key] != "" {
			t.Errorf("%s twice", key)
		}
		out[key] = o.Value
	}
	return out
}

func hold(t testing.TB, got, want map[string]string) {
	t.Helper()
	for key, v := range want {
		if got[key] != v {
			t.Errorf("%s: %q, want %q", key, got[key], v)
		}
	}
}

// vectors are values that others computed from table DAC1, base year 2022.
var vectors = map[string]string{
	"dac_deflator GBR 2015": "103.892777", "fx_dac GBP 2015": "0.6545",
	"dac_deflator DEU 2023": "109.307877", "fx_dac EUR 2023": "0.9248",
	"dac_deflator NLD 2015": "88.722617",
	"dac_deflator USA 2020": "89.326711", "fx_dac USD 2020": "1",
	"dac_deflator DAC 2023": "104.371874", "dac_deflator XI-IATI-EC 2015": "91.878496", "dac_deflator DEU 2022": "100",
}

func TestBundle(t *testing.T) {
	r := extractorstest.Parse(t, New(), extractorstest.Bundled(t, New())...)
	got := byKey(t, r)
	hold(t, got, vectors)
	n := map[string]int{}
	for _, o := range r.Observations {
		n[o.Indicator]++
		n[o.Indicator+" "+o.Area]++
		if o.Indicator == "dac_deflator" && (o.Unit != "index, 2022 = 100" || !strings.Contains(o.Note, "US dollars of 2022") || !strings.Contains(o.Note, "pydeflate")) {
			t.Fatalf("unit %q, note %q", o.Unit, o.Note)
		}
	}
	// 25 donors, 14 currencies, 24 years
	if n["dac_deflator"] != 25*24 || n["fx_dac"] != 14*24 {
		t.Errorf("%d deflators, %d rates", n["dac_deflator"], n["fx_dac"])
	}
	for key, count := range n {
		if strings.Contains(key, " ") && count != 24 {
			t.Errorf("%s: %d years", key, count)
		}
	}
}

// GBP 1m of 2015 are USD 1.527884m, and USD 1.470635m of 2022.
func TestFormula(t *testing.T) {
	got := byKey(t, extractorstest.Parse(t, New(), extractorstest.Bundled(t, New())...))
	rate, deflator := rational(t, got["fx_dac GBP 2015"]), rational(t, got["dac_deflator GBR 2015"])
	usd := new(big.Rat).Quo(big.NewRat(1, 1), rate)
	if s := usd.FloatString(6); s != "1.527884" {
		t.Errorf("USD %sm, want 1.527884m", s)
	}
	constant := new(big.Rat).Quo(new(big.Rat).Mul(usd, big.NewRat(100, 1)), deflator)
	if s := constant.FloatString(6); s != "1.470635" {
		t.Errorf("USD %sm of 2022, want 1.470635m", s)
	}
}

func rational(t testing.TB, s string) *big.Rat {
	t.Helper()
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		t.Fatalf("%q is not a number", s)
	}
	return r
}

func TestRole(t *testing.T) {
	for _, c := range []struct{ name, head, want string }{
		{"Deflators-base-2024.xlsx", "PK\x03\x04", roleWorkbook},
		{"Deflators-base-2016.xls", "\xd0\xcf\x11\xe0", roleWorkbook}, // Parse says what is wrong
		{"Deflators for Resource Flows from DAC Countries (2019=100).xlsx", "PK\x03\x04", roleWorkbook},
		{"Exchange-rates.xlsx", "PK\x03\x04", roleExchange},
		{"Annual Exchange Rates for DAC Donor Countries from 1960 to 2020.xlsx", "PK\x03\x04", roleExchange},
		{"anything.csv", "year,iso3,entity_code,exchange,dac_deflator\n", roleTable},
		{"pydeflate.csv", "\ufeffpydeflate_year,pydeflate_entity_code,pydeflate_entity,pydeflate_EXCHANGE,pydeflate_DAC_DEFLATOR,pydeflate_iso3\r\n", roleTable},
		{"dac_deflators_base2022.csv", "<html>", roleTable},
		{"NY.GDP.DEFL.ZS.csv", "date,iso_code,indicator_code,value\n", ""},
		{"un_operational_rates.csv", "f_curr_code,rate\n", ""},
	} {
		if got := New().Role(c.name, []byte(c.head)); got != c.want {
			t.Errorf("Role(%q) = %q, want %q", c.name, got, c.want)
		}
	}
	r := extractorstest.Parse(t, New(), extractorstest.Doc("", "other", []byte("a")))
	if diff := cmp.Diff([]string{"/: no file of this source: neither deflators nor exchange rates of the DAC"}, reasons(r.Problems)); diff != "" {
		t.Error(diff)
	}
}

// The donors and currencies of our lists: each area once, each currency that of
// its country.
func TestLists(t *testing.T) {
	ds, err := readDonors()
	if err != nil {
		t.Fatal(err)
	}
	rows, err := records(currenciesCSV)
	if err != nil {
		t.Fatal(err)
	}
	areas := map[string]donor{}
	for _, d := range ds.byCode {
		if areas[d.area].code != "" {
			t.Errorf("%s twice", d.area)
		}
		areas[d.area] = d
	}
	if len(areas) != 36 {
		t.Errorf("%d donors", len(areas))
	}
	for _, r := range rows {
		if areas[r[0]].currency != r[1] {
			t.Errorf("%s: currency %q, want %q", r[0], areas[r[0]].currency, r[1])
		}
		if r[0] == euInstitutions {
			continue
		}
		region, err := language.ParseRegion(r[0])
		if err != nil {
			t.Error(err)
			continue
		}
		if c, ok := currency.FromRegion(region); !ok || c.String() != r[1] {
			t.Errorf("%s: %s, and its currency is %s", r[0], r[1], c)
		}
	}
	for name, want := range map[string]string{
		"TOTAL DAC ": "DAC", "total  dac (1)": "DAC", "EU Institutions": euInstitutions, "ECU/EURO (1)": euInstitutions,
		"Czech Republique": "CZE", "Slovak Republic": "SVK", "Korea a)": "KOR", "Germany**": "DEU", "Germany, East": "", "": "",
	} {
		if d, _ := ds.named(name); d.area != want {
			t.Errorf("%q is %q, want %q", name, d.area, want)
		}
	}
}

// The published table, whole: what is in it reaches the sink, and its sums are
// those computed by another program.
func TestPublished(t *testing.T) {
	path := extractorstest.Corpus(t, "rates", "dac_deflators_base2022.csv")
	doc := extractorstest.File(t, New(), path)
	if doc.Role != roleTable {
		t.Fatalf("role %q", doc.Role)
	}
	r := extractorstest.Parse(t, New(), doc)
	extractorstest.Check(t, r, nil)
	if len(r.Problems) != 0 {
		t.Errorf("problems %v", reasons(r.Problems))
	}
	got := byKey(t, r)
	hold(t, got, vectors)
	hold(t, got, map[string]string{
		"dac_deflator ESH 2022": "", "dac_deflator G7C 2022": "", "dac_deflator LIE 2022": "", // groups; a donor with the total's deflator
		"dac_deflator EST 1998": "", "dac_deflator EST 2006": "59.056445", // amounts too small
		"dac_deflator POL 1990": "", "dac_deflator POL 1989": "59.395656",
		"fx_dac EUR 1998": "", "fx_dac EUR 1999": "0.938578", "fx_dac ATS 1998": "", // before, in euros at the fixed rate
		"fx_dac PLN 1991": "", "fx_dac PLN 1998": "3.491987", // reported in dollars
		"fx_dac TWD 2006": "", "fx_dac CHF 2014": "0.915001",
	})
	n, sum := map[string]int{}, map[string]*big.Rat{"dac_deflator": new(big.Rat), "fx_dac": new(big.Rat)}
	for _, o := range r.Observations {
		n[o.Indicator]++
		sum[o.Indicator].Add(sum[o.Indicator], rational(t, o.Value))
	}
	if n["dac_deflator"] != wantDeflators || n["fx_dac"] != wantRates {
		t.Errorf("%d deflators, %d rates", n["dac_deflator"], n["fx_dac"])
	}
	for indicator, want := range map[string]string{"dac_deflator": wantDeflatorSum, "fx_dac": wantRateSum} {
		if s := sum[indicator].FloatString(6); s != want {
			t.Errorf("sum of %s: %s, want %s", indicator, s, want)
		}
	}
	if wrong := judge(t, doc); len(wrong) > 0 {
		t.Errorf("does not look as expected: %v", wrong)
	}
}

// Counts and sums of the columns, by donor and year as README.md says.
const (
	wantDeflators   = 1732
	wantRates       = 796
	wantDeflatorSum = "112480.902349"
	wantRateSum     = "61917.814574"
)

// The rates of national currencies are the World Bank's averages of the country,
// within what two ways to average a year differ by. In 2008, all of the OECD's are
// weaker.
func TestAgreesWithWorldBank(t *testing.T) {
	doc := extractorstest.File(t, New(), extractorstest.Corpus(t, "rates", "dac_deflators_base2022.csv"))
	got := byKey(t, extractorstest.Parse(t, New(), doc))
	rows := extractorstest.Rows(t, extractorstest.Corpus(t, "rates", "PA.NUS.FCRF_1950-2025_.csv"))
	ds, err := readDonors()
	if err != nil {
		t.Fatal(err)
	}
	currencies := map[string]string{"EMU": "EUR"}
	for _, d := range ds.byCode {
		if d.currency != "EUR" {
			currencies[d.area] = d.currency
		}
	}
	compared := 0
	for _, row := range rows[1:] {
		year, err := strconv.Atoi(row[0][:4])
		if err != nil {
			t.Fatal(err)
		}
		ours := got["fx_dac "+currencies[row[1]]+" "+row[0][:4]]
		if year < 1990 || ours == "" || row[3] == "" {
			continue
		}
		compared++
		ratio, _ := new(big.Rat).Quo(rational(t, ours), rational(t, row[3])).Float64()
		least, most := 0.994, 1.006
		if year == 2008 {
			least, most = 1, 1.04
		}
		if ratio < least || ratio > most {
			t.Errorf("%s in %d: %s, the World Bank has %s", row[1], year, ours, row[3])
		}
	}
	if compared < 400 {
		t.Errorf("only %d rates compared", compared)
	}
}

// judge holds documents to the source's expectations.
func judge(t *testing.T, docs ...fetch.Document) []extractors.Finding {
	t.Helper()
	e, err := New().Expectations()
	if err != nil {
		t.Fatal(err)
	}
	m, err := extractors.Measured(t.Context(), New(), docs)
	if err != nil {
		t.Fatal(err)
	}
	return e.Judge(m, nil)
}

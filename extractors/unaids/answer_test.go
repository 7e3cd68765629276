package unaids

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hrinvest/extractors/extractorstest"
	"hrinvest/extractors/fetch"
)

// answerDoc is an answer of the interface from its own address.
func answerDoc(database, gid, unit, sub, text string) fetch.Document {
	d := extractorstest.Doc(roleAPI, "answer.json", []byte(text))
	d.URL = apiAddress(database, gid, unit, sub)
	d.Retrieved = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	return d
}

func answerOf(database, gid, unit, sub string, observations ...string) fetch.Document {
	return answerDoc(database, gid, unit, sub, `{"Data":[{"Observation":[`+strings.Join(observations, ",")+`]}]}`)
}

// seen is an observation in the shape that programs were seen to read.
func seen(database, gid, unit, sub, name string, year, value any, area, id string) string {
	f := figure{database: database, gid: gid, unit: unit, sub: sub, name: name}
	o := observe(f, id, area, fmt.Sprint(year), "")
	o["OBS_VALUE"] = value
	b, err := json.Marshal(o)
	if err != nil {
		panic(err)
	}
	return string(b)
}

type statement struct{ Key, Amount, PartOf, Scope string }

func statements(r *extractorstest.Result) (out []statement) {
	for _, d := range r.Disclosures {
		out = append(out, statement{d.Key, d.Amount, d.PartOf, d.OutOfScope})
	}
	return out
}

// Country spending on people who inject drugs by source: one document per source,
// one whole with its parts.
func TestSpendingOnPWIDFromAPI(t *testing.T) {
	const name = "HIV expenditure by key population"
	one := func(sub string, value any) fetch.Document {
		return answerOf("KPA", byPopulation, "USD", sub, seen("KPA", byPopulation, "USD", sub, name, 2022, value, "Kyrgyzstan", "KGZ"))
	}
	docs := []fetch.Document{
		one("PWID_TOTAL", json.Number("2500000.25")), one("PWID_DOMESTIC_PUBLIC", 400000),
		one("PWID_PRIVATE", 0), one("PWID_INTERNATIONAL", "2000000"), one("SW_TOTAL", 77),
	}
	r := extractorstest.Parse(t, New(), docs...)
	extractorstest.Check(t, r, nil)
	const group = "|kyrgyzstan|2022"
	want := []statement{
		{byPopulation + ".pwid" + group, "2500000.25", "", ""},
		{byPopulation + ".pwid_domestic_public" + group, "400000", byPopulation + ".pwid" + group, ""},
		{byPopulation + ".pwid_domestic_private" + group, "0", "", zeroReason},
		{byPopulation + ".pwid_international" + group, "2000000", byPopulation + ".pwid" + group, ""},
	}
	if diff := cmp.Diff(want, statements(r)); diff != "" {
		t.Error(diff)
	}
	if r.Skipped != 1 || len(r.Problems) != 0 {
		t.Errorf("%d skipped, problems %v", r.Skipped, r.Problems)
	}
	d := r.Disclosures[1]
	if d.Locator != "/Data/0/Observation/0" || d.Places[0].Code != "KGZ" || d.Parties[0].Name != "Domestic public" || d.Codes[0].Code != byPopulation+"|PWID" || d.Year != "2022" {
		t.Errorf("statement: %+v", d)
	}
	if !strings.Contains(string(d.Raw), `"OBS_VALUE":"400000"`) || strings.Contains(string(d.Raw), "FOOTNOTE") {
		t.Errorf("raw: %s", d.Raw)
	}
}

// The names of fields are found whatever their case, nested or plain, and what an
// observation does not say its address does.
func TestAnswerSpellings(t *testing.T) {
	for name, text := range map[string]string{
		"as seen":           `{"Data":[{"Observation":[` + seen("KPA", byPopulation, "USD", "PWID_TOTAL", "x", 2021, 5, "Georgia", "GEO") + `]}]}`,
		"lower case":        `{"data":[{"observations":[{"area":{"id":"GEO","value":"Georgia"},"time_period":"2021","obs_value":5}]}]}`,
		"as in the tables":  `{"Data":[{"Observation":[{"Area":"Georgia","Area ID":"GEO","Time Period":2021,"Data value":"5","Indicator_GId":"DOMESTIC_SPENDING_KP","Subgroup_Val_GId":"PWID_TOTAL"}]}]}`,
		"byte order mark":   "\ufeff" + `{"Data":[{"Observation":[{"AREA":{"value":"Georgia","id":"GEO"},"TIME_PERIOD":2021,"OBS_VALUE":5}]}]}`,
		"line breaks in it": `{"Data":[{"Observation":[{"AREA":{"value":" Georgia\r\n","id":"GEO\r\n"},"TIME_PERIOD":"2021 ","OBS_VALUE":"5\r\n","INDICATOR":{"id":"DOMESTIC_SPENDING_KP\r\n"}}]}]}`,
		"two sets":          `{"Data":[{"Observation":[]},{"Observation":[{"AREA":{"value":"Georgia","id":"GEO"},"TIME_PERIOD":2021,"OBS_VALUE":5}]}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			if role := New().Role("x.json", []byte(text)); role != roleAPI {
				t.Errorf("role %q", role)
			}
			r := extractorstest.Parse(t, New(), answerDoc("KPA", byPopulation, "USD", "PWID_TOTAL", text))
			want := []statement{{byPopulation + ".pwid|georgia|2021", "5", "", ""}}
			if diff := cmp.Diff(want, statements(r)); diff != "" || len(r.Problems) > 0 {
				t.Errorf("%s problems %v", diff, r.Problems)
			}
		})
	}
}

func TestAnswersThatCannotBeRead(t *testing.T) {
	for text, want := range map[string]string{
		``:                              "the answer is not JSON: EOF",
		`<!DOCTYPE html><html></html>`:  "the answer is not JSON",
		`{"Data":[{"Observation":[{"A"`: "the answer is not JSON",
		`{"Data":[]} x`:                 "something follows its end",
		`[]`:                            `the answer has no list "Data"`,
		`{"Message":"Error"}`:           `the answer has no list "Data"`,
		`{"Data":[{"Rows":[]}]}`:        `/Data/0 has no list "Observation"`,
		`{"Data":[{"Observation":[]}]}`: "the answer holds no observation",
		`{"Data":[{"Observation":[{"AREA":{"value":"Georgia"},"OBS_VALUE":1}]}]}`:                                         "the observations state no time period",
		`{"Data":[{"Observation":[{"AREA":{"value":"Georgia"},"TIME_PERIOD":"2021/22","OBS_VALUE":1}]}]}`:                 `time period "2021/22" is not a year`,
		`{"Data":[{"Observation":[{"AREA":{"value":"Georgia"},"TIME_PERIOD":2021,"OBS_VALUE":1},7]}]}`:                    "not an observation",
		`{"Data":[{"Observation":[{"AREA":{"value":"Georgia"},"TIME_PERIOD":2021,"OBS_VALUE":1},{"TIME_PERIOD":2021}]}]}`: "no area",
	} {
		r := extractorstest.Parse(t, New(), answerDoc("KPA", byPopulation, "USD", "PWID_TOTAL", text))
		extractorstest.Check(t, r, nil)
		if len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Reason, want) {
			t.Errorf("%s: problems %+v, want %q", text, r.Problems, want)
		}
	}
}

// The interface publishes no level of areas: cities and regions are known by their
// ids, and no country is lost.
func TestAreasOfAnswers(t *testing.T) {
	const name = "HIV prevalence among people who inject drugs"
	at := func(area, id string) string {
		return seen("GAM", "PWID_HIV_PREVALENCE", "PERCENT", "TOTAL", name, 2022, 1.5, area, id)
	}
	r := extractorstest.Parse(t, New(), answerOf("GAM", "PWID_HIV_PREVALENCE", "PERCENT", "TOTAL",
		at("Kyrgyzstan", "KGZ"), at("Bishkek City", "KGZ_01"), at("Osh", "KGZOSH"), at("Kosovo", "XKX"), at("Ukraine", "223"),
		at("UNAIDS Region - Eastern Europe and Central Asia", "UNAEECA"), at("All countries", "03M49WLD"), at("Somewhere", "")))
	var got []string
	for _, o := range r.Observations {
		got = append(got, o.Area+" "+o.AreaName)
	}
	want := []string{"KGZ Kyrgyzstan", "XKX Kosovo", " Ukraine", "EECA_UNAIDS UNAIDS Region - Eastern Europe and Central Asia", " All countries", " Somewhere"}
	if diff := cmp.Diff(want, got); diff != "" || r.Skipped != 2 {
		t.Errorf("%s %d skipped", diff, r.Skipped)
	}
}

// A figure that a zip and the interface state counts once. The later edition
// counts; of one year the zip; the interface's year is that after the newest year
// of a country, whatever needs are estimated for the future.
func TestZipAndAPI(t *testing.T) {
	const name = "Country-reported HIV expenditure by funding source"
	total := func(values ...any) fetch.Document { // 2022, 2023, ...
		var list []string
		for i, v := range values {
			list = append(list, seen("GAM", bySource, "USD", "TOTAL", name, 2022+i, v, "Turkey", "TUR"))
		}
		list = append(list, seen("GAM", bySource, "USD", "TOTAL", name, 2098, 1, "Turkey", "TUR")) // a slip
		return answerOf("GAM", bySource, "USD", "TOTAL", list...)
	}
	needs := answerOf("GAM", "RESOURCE_NEEDS_FT", "CONSTANT_USD", "TOTAL",
		seen("GAM", "RESOURCE_NEEDS_FT", "CONSTANT_USD", "TOTAL", "Estimated resource needs", 2030, 9, "All countries", "03M49WLD"))
	zip := func(year int, value string) fetch.Document {
		return extractorstest.Doc(roleZip, fmt.Sprintf("GAM_%d_en.zip", year), zipped(fmt.Sprintf("GAM_%d_en.csv", year), export("DOMESTIC_SPENDING_FUND_SOURCE;TOTAL;Türkiye;TUR;2022;"+value)))
	}
	tests := []struct {
		name   string
		docs   []fetch.Document
		counts string
		flags  bool
	}{
		{"zip of the same year", []fetch.Document{total(100, 5, 5), zip(2025, "110"), needs}, "110", true},
		{"zip of a later year", []fetch.Document{total(100), zip(2025, "110")}, "110", true},
		{"zip of an earlier year", []fetch.Document{zip(2024, "110"), total(100, 5, 5)}, "100", true},
		{"the same number in other digits", []fetch.Document{total(json.Number("1.1E2"), 5, 5), zip(2025, "110.0")}, "110.0", false},
		{"dust of a binary fraction", []fetch.Document{total(json.Number("41.141"), 5, 5), zip(2025, "41.141000000000005")}, "41.141000000000005", false},
		{"not reported in the other", []fetch.Document{total(0, 5, 5), zip(2025, "110")}, "110", false},
		{"only the interface", []fetch.Document{total(100), needs}, "100", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := extractorstest.Parse(t, New(), tt.docs...)
			extractorstest.Check(t, r, nil)
			var counts []string
			for _, d := range r.Disclosures {
				if d.Year != "2022" || d.OutOfScope != "" {
					continue
				}
				counts = append(counts, d.Amount)
				if got := slices.Contains(d.Flags, "differs"); got != tt.flags {
					t.Errorf("flags of %s: %q", d.Amount, d.Flags)
				}
			}
			if diff := cmp.Diff([]string{tt.counts}, counts); diff != "" {
				t.Errorf("%s %+v", diff, statements(r))
			}
		})
	}
}

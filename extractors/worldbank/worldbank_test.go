package worldbank

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hrinvest/extractors/extractorstest"
	"hrinvest/extractors/fetch"
	"hrinvest/extractors/series"
	"hrinvest/extractors/series/seriestest"
)

func TestSource(t *testing.T) { extractorstest.Run(t, New()) }

func TestForms(t *testing.T) {
	for _, c := range []struct {
		name, role, in string
		want, problems []string
	}{
		{
			name: "values in a table", role: roleRates,
			in: "date,iso_code,indicator_code,value\n1960-01-01,AGO,PA.NUS.FCRF,2.86684433333333e-08\n2021-01-01,KGZ,NY.GDP.DEFL.ZS,229.756465918399\n" +
				"2021-01-01,TKM,PA.NUS.FCRF,\n2021-06-01,KGZ,PA.NUS.FCRF,84\n2021-01-01,KGZ,SP.POP.TOTL,6\n2021-01-01,KGZ,PA.NUS.FCRF,..\n2021-01-01,kg,PA.NUS.FCRF,84\n2021-01-01\n",
			want: []string{
				"row 2 | fx_wb | AGO | 1960 | 2.86684433333333e-08 | LCU per USD, period average",
				"row 3 | gdp_deflator | KGZ | 2021 | 229.756465918399 | index, base differs by country",
			},
			problems: []string{
				`row 5: "2021-06-01" is not a year`,
				`row 6: the indicator "SP.POP.TOTL" is not one of this source`,
				`row 7: the rate ".." is not a positive number`,
				`row 8: "kg" is not a country code`,
				"row 9: 1 fields, fewer than the header promises",
			},
		},
		{
			name: "answer", role: roleRates,
			in: `[{"page":1,"pages":2,"per_page":"50","total":64},[
				{"indicator":{"id":"PA.NUS.FCRF","value":"x"},"country":{"id":"UA","value":"Ukraine"},"countryiso3code":"UKR","date":"2022","value":32.342300000,"unit":""},
				{"indicator":{"id":"PA.NUS.FCRF"},"country":{"id":"1A","value":"Arab World"},"countryiso3code":"","date":"2022","value":1},
				{"indicator":{"id":"PA.NUS.FCRF"},"country":{"id":"TM","value":"Turkmenistan"},"countryiso3code":"TKM","date":"2022","value":null},
				{"indicator":{"id":"PA.NUS.FCRF"},"countryiso3code":"KGZ","date":2022,"value":84}]]`,
			want: []string{
				"/1/0 | fx_wb | UKR | 2022 | 32.342300000 | LCU per USD, period average",
				"/1/1 | fx_wb | Arab World | 2022 | 1 | LCU per USD, period average",
			},
			problems: []string{
				"/0/pages: page 1 of 2: page 2 is not here",
				"/1/3: not a row of the answer: json: cannot unmarshal number into Go struct field answerRow.date of type string",
			},
		},
		{
			name: "answer cut short", role: roleDeflators,
			in: `[{"page":1,"pages":1,"total":2},[{"indicator":{"id":"NY.GDP.DEFL.ZS"},"countryiso3code":"KGZ","date":"2022","value":1.5},` +
				`{"indicator":{"id":"NY.GDP.DEFL.ZS"},"countryiso3c`,
			want:     []string{"/1/0 | gdp_deflator | KGZ | 2022 | 1.5 | index, base differs by country"},
			problems: []string{"/: the JSON cannot be read behind row 1: unexpected EOF"},
		},
		{
			name: "answer cut behind a row", role: roleDeflators,
			in:       `[{"page":1,"pages":1,"total":2},[{"indicator":{"id":"NY.GDP.DEFL.ZS"},"countryiso3code":"KGZ","date":"2022","value":1.5}`,
			want:     []string{"/1/0 | gdp_deflator | KGZ | 2022 | 1.5 | index, base differs by country"},
			problems: []string{"/: the JSON cannot be read behind row 1: EOF"},
		},
		{
			name: "error with status 200", role: roleRates,
			in:       `[{"message":[{"id":"120","key":"Invalid value","value":"The provided parameter value is not valid"}]}]`,
			problems: []string{"/: the World Bank answered with an error: Invalid value The provided parameter value is not valid"},
		},
		{
			name: "countries", role: roleCountries,
			in: `[{"page":1,"pages":"1","per_page":"400","total":"6"},[
				{"id":"KGZ","iso2Code":"KG","name":"Kyrgyz Republic","region":{"id":"ECS","value":"Europe & Central Asia"},"incomeLevel":{"id":"LMC","iso2code":"XN","value":"Lower middle income"}},
				{"id":"VEN","name":"Venezuela, RB","incomeLevel":{"id":"INX","value":"Not classified"}},
				{"id":"ARB","name":"Arab World","region":{"id":"NA","value":"Aggregates"},"incomeLevel":{"id":"NA","value":"Aggregates"}},
				{"id":"DEU","name":"Germany","incomeLevel":{"id":"OEC","value":"High income: OECD"}},
				{"id":"MDA","name":"Moldova","incomeLevel":{"id":"UM","value":"Upper middle income"}},
				{"id":"de","name":"Germany","incomeLevel":{"id":"HIC","value":"High income"}}]]`,
			want: []string{
				"/1/0 | wb_income_group | KGZ |  | LMC | income group",
				"/1/1 | wb_income_group | VEN |  | INX | income group",
			},
			problems: []string{
				`/1/3: "OEC" is not an income group`,
				`/1/4: "UM" is not an income group`,
				`/1/5: "de" is not a country code`,
			},
		},
		{
			name: "history of the groups", role: roleHistory,
			in: "iso3,country,1987,2021\r\nKGZ,Kyrgyz Republic,..,LM\r\nYEM,\"Yemen, Rep.\",LM*,L\r\nYUGf,Yugoslavia (former),UM,\r\n,,,\r\n,\"* At this time, there were two\",,\r\nXXA,Nowhere,X,H\r\n,,H,\r\nUSA,United States,H\r\n",
			want: []string{
				"row 2 2021 | wb_income_group | KGZ | 2021 | LMC | income group",
				"row 3 1987 | wb_income_group | YEM | 1987 | LMC | income group",
				"row 3 2021 | wb_income_group | YEM | 2021 | LIC | income group",
				"row 4 1987 | wb_income_group | Yugoslavia (former) | 1987 | UMC | income group",
				"row 7 2021 | wb_income_group | XXA | 2021 | HIC | income group",
			},
			problems: []string{
				`row 7 1987: "X" is not an income group`,
				"row 8 1987: a group of no country",
				"row 9: 3 fields, fewer than the header promises",
			},
		},
		{
			name: "history with a column that is no year", role: roleHistory,
			in:       "iso3,country,1987,note\nKGZ,Kyrgyz Republic,..,x\n",
			problems: []string{`/: not the history of the income groups: "note" is not a year`},
		},
		{
			name: "another publisher's file", role: "",
			in:       "a,b\n1,2\n",
			problems: []string{"/: no file of this source: neither an indicator, nor a list of countries, nor the history of their groups"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := New().Role("download", []byte(c.in)); got != c.role {
				t.Errorf("Role = %q, want %q", got, c.role)
			}
			r := extractorstest.Parse(t, New(), extractorstest.Doc(c.role, "download", []byte(c.in)))
			if diff := cmp.Diff(c.want, seriestest.Lines(r.Observations)); diff != "" {
				t.Errorf("observations (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.problems, seriestest.Reasons(r.Problems)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			extractorstest.Check(t, r, nil)
		})
	}
}

// What a reader must know of a group stands beside it.
func TestGroupNotes(t *testing.T) {
	r := extractorstest.Parse(t, New(),
		extractorstest.Doc(roleCountries, "country.json", []byte(`[{"page":1,"pages":1},[{"id":"KGZ","incomeLevel":{"id":"LMC"}}]]`)),
		extractorstest.Doc(roleHistory, "oghist.csv", []byte("iso3,country,1987\nYEM,Yemen,LM*\n")))
	if len(r.Observations) != 2 || r.Observations[0].Note != undated || !strings.Contains(r.Observations[1].Note, `Written "LM*"`) {
		t.Errorf("%+v", r.Observations)
	}
}

// Pages of one answer complete each other; pages of another edition do not.
func TestPagesHandedOver(t *testing.T) {
	page := func(n int, updated string) string {
		return fmt.Sprintf(`[{"page":%d,"pages":2,"lastupdated":%q},[{"indicator":{"id":"PA.NUS.FCRF"},"countryiso3code":"KGZ","date":"200%d","value":40}]]`, n, updated, n)
	}
	for second, problems := range map[string]int{"2026-10-28": 0, "2026-12-16": 2} {
		r := extractorstest.Parse(t, New(),
			extractorstest.Doc(roleRates, "1", []byte(page(1, "2026-10-28"))), extractorstest.Doc(roleRates, "2", []byte(page(2, second))))
		if len(r.Observations) != 2 || len(r.Problems) != problems {
			t.Errorf("second page of %s: %d observations, problems %q", second, len(r.Observations), seriestest.Reasons(r.Problems))
		}
	}
}

// What was handed over gives way to what was fetched in the same role, and stays
// in others: the years of two editions have different bases.
func TestHandedOver(t *testing.T) {
	given := extractorstest.Doc(roleDeflators, "old.csv", []byte("date,iso_code,indicator_code,value\n2001-01-01,KGZ,NY.GDP.DEFL.ZS,50\n2002-01-01,KGZ,NY.GDP.DEFL.ZS,60\n"))
	history := extractorstest.Doc(roleHistory, "oghist.csv", []byte("iso3,country,1987\nKGZ,Kyrgyz Republic,L\n"))
	live := extractorstest.Doc(roleDeflators, "answer", []byte(`[{"page":1,"pages":1},[{"indicator":{"id":"NY.GDP.DEFL.ZS"},"countryiso3code":"KGZ","date":"2002","value":100}]]`))
	live.Origin = fetch.Live
	got := seriestest.Lines(extractorstest.Parse(t, New(), given, history, live).Observations)
	want := []string{"row 2 1987 | wb_income_group | KGZ | 1987 | LIC | income group", "/1/0 | gdp_deflator | KGZ | 2002 | 100 | index, base differs by country"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("observations (-want +got):\n%s", diff)
	}
	if n := len(extractorstest.Parse(t, New(), given, history).Observations); n != 3 {
		t.Errorf("%d observations of what was handed over alone", n)
	}
}

// The published files, whole: what is in them reaches the sink, once.
func TestPublished(t *testing.T) {
	for _, c := range []struct {
		file, role   string
		observations int
		want         []string // read by hand
	}{
		// 16,492 country-years each, most before 1990 empty
		{"PA.NUS.FCRF_1950-2025_.csv", roleRates, 10714, []string{"KGZ 2021 84.6408220065285", "AGO 1960 2.86684433333333e-08", "TKM 2001 5200.0", "TKM 2002 ", "USA 2021 1.0"}},
		{"NY.GDP.DEFL.ZS_1950-2025_.csv", roleDeflators, 10031, []string{"KGZ 2021 229.756465918399"}},
		{"OGHIST_income_group_wide.csv", roleHistory, 7227, []string{"KGZ 2012 LIC", "KGZ 2013 LMC", "RUS 2012 HIC", "RUS 2021 UMC", "UKR 2021 LMC", "XKX 2007 ", "YEM 1987 LMC", "VEN 2020 ", "Yugoslavia (former) 1987 UMC"}},
	} {
		t.Run(c.file, func(t *testing.T) {
			doc := extractorstest.File(t, New(), extractorstest.Corpus(t, "rates", c.file))
			if doc.Role != c.role {
				t.Fatalf("role %q, want %q", doc.Role, c.role)
			}
			r := extractorstest.Parse(t, New(), doc)
			if len(r.Observations) != c.observations || len(r.Problems) != 0 {
				t.Errorf("%d observations, want %d; problems %v", len(r.Observations), c.observations, seriestest.Reasons(r.Problems))
			}
			got := map[string]string{}
			for _, o := range r.Observations {
				key := o.Area + o.AreaName + " " + o.Year + " "
				if got[key] != "" {
					t.Errorf("%s twice", key)
				}
				got[key] = o.Value + o.ValueText
			}
			for _, want := range c.want {
				at := strings.LastIndex(want, " ") + 1
				if got[want[:at]] != want[at:] {
					t.Errorf("%s%q, want %q", want[:at], got[want[:at]], want[at:])
				}
			}
			extractorstest.Check(t, r, nil)
			if wrong := seriestest.Judge(t, New(), doc); len(wrong) > 0 {
				t.Errorf("does not look as expected: %v", wrong)
			}
		})
	}
}

func TestBundleCovers(t *testing.T) {
	r := extractorstest.Parse(t, New(), extractorstest.Bundled(t, New())...)
	n, group := map[string]int{}, map[string]string{}
	for _, o := range r.Observations {
		n[o.Indicator]++
		n[o.Indicator+" "+o.Area]++
		if o.Indicator == "wb_income_group" {
			group[o.Area] = o.ValueText
		}
	}
	for _, c := range strings.Fields("BLR KGZ KAZ UKR RUS MDA XKX USA") {
		if n["gdp_deflator "+c] < 13 {
			t.Errorf("%d deflators of %s", n["gdp_deflator "+c], c)
		}
	}
	if n["fx_wb"] != 648 || n["gdp_deflator"] != 753 || n["wb_income_group"] != 40 || n["health_budget_share"] != 25 || n["fx_wb BLR"] != 19 {
		t.Errorf("%v", n)
	}
	for c, want := range map[string]string{"KGZ": "LMC", "KAZ": "UMC", "USA": "HIC", "UKR": "LMC"} {
		if group[c] != want {
			t.Errorf("%s: %q, want %q", c, group[c], want)
		}
	}
}

func FuzzParse(f *testing.F) {
	roles := []string{roleRates, roleDeflators, roleCountries, roleHistory, roleHealth}
	for n, s := range []string{
		"date,iso_code,indicator_code,value\n2021-01-01,KGZ,PA.NUS.FCRF,84.6\n",
		`[{"page":1,"pages":1},[{"indicator":{"id":"PA.NUS.FCRF"},"countryiso3code":"UKR","date":"2022","value":32.3}]]`,
		`[{"page":"1","pages":"2"},[{"id":"KGZ","incomeLevel":{"id":"LMC"}}]]`,
		"iso3,country,1987,1988\nYEM,Yemen,LM*,..\n",
		`[{"message":[{"id":"120","key":"Invalid value","value":"x"}]}]`,
	} {
		f.Add([]byte(s), uint8(n))
	}
	f.Fuzz(func(t *testing.T, b []byte, n uint8) {
		r := extractorstest.Parse(t, New(), extractorstest.Doc(roles[int(n)%len(roles)], "fuzz", b))
		extractorstest.Check(t, r, nil)
		for _, o := range r.Observations {
			switch o.Indicator {
			case "wb_income_group":
				if !strings.Contains("LIC LMC UMC HIC INX", o.ValueText) || o.Value != "" {
					t.Errorf("observed %+v", o)
				}
			default:
				if series.Positive(o.Value) != "" || !yearForm.MatchString(o.Year) {
					t.Errorf("observed %+v", o)
				}
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	seriestest.Benchmark(b, New(), fetched(b, newBank())...)
}

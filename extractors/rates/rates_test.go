package rates

import (
	"archive/zip"
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hrinvest/extractors"
	"hrinvest/extractors/extractorstest"
)

func TestSource(t *testing.T) { extractorstest.Run(t, New()) }

// short is what a test compares of an observation.
func short(os []extractors.Observation) []string {
	var out []string
	for _, o := range os {
		out = append(out, strings.Join([]string{o.Locator, o.Indicator, o.Area + o.AreaName, o.PeriodStart, o.Year, o.Value, o.Unit}, " | "))
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

func TestForms(t *testing.T) {
	for _, c := range []struct {
		name, role, in string
		want, problems []string
	}{
		{
			name: "UN as CSV", role: roleUN,
			in: "\ufeffabbrv_name,currency_name,f_curr_code,eff_date,rate_lcu_per_usd\n" +
				"\"Congo, Dem. Rep.\",\"Congo Franc, Dem. Rep.of\",CDF,2022-12-01,2000.418\n" +
				"Austria,Euro,EUR,2014-06-30,0.735\n" + "Belgium,Euro,EUR,2014-06-30,0.735\n" +
				"Spain,Euro,EUR,2014-06-30,0.9\n" + "Kyrgyzstan,Som,KGS,30.06.2014,52\n" +
				"Kyrgyzstan,Som,Som,2014-06-30,52\n" + "Kyrgyzstan,Som,KGS,2014-06-30,0.00\n" + "Kyrgyzstan,Som,KGS\n",
			want: []string{
				"row 2 | fx_un | CDF | 2022-12-01 | 2022 | 2000.418 | CDF per USD",
				"row 3 | fx_un | EUR | 2014-06-30 | 2014 | 0.735 | EUR per USD",
			},
			problems: []string{
				"row 5: a second rate of EUR for 2014-06-30: 0.9, before 0.735",
				`row 6: "30.06.2014" is not a date`,
				`row 7: "Som" is not a currency code`,
				`row 8: the rate "0.00" is not a positive number`,
				"row 9: 3 fields, fewer than the header promises",
			},
		},
		{
			name: "UN as XML", role: roleUN,
			in: `<?xml version="1.0"?><UN_OPERATIONAL_RATES_DATASET>
				<UN_OPERATIONAL_RATES><abbrv_name>Kyrgyzstan</abbrv_name><name>Som</name><f_curr_code>KGS</f_curr_code><eff_date>30 Jun 2014</eff_date><rate>52.10</rate></UN_OPERATIONAL_RATES>
				<UN_OPERATIONAL_RATES><f_curr_code>TMT</f_curr_code><eff_date>soon</eff_date><rate>3.5</rate></UN_OPERATIONAL_RATES>
				</UN_OPERATIONAL_RATES_DATASET>`,
			want:     []string{"//UN_OPERATIONAL_RATES[1] | fx_un | KGS | 2014-06-30 | 2014 | 52.10 | KGS per USD"},
			problems: []string{`//UN_OPERATIONAL_RATES[2]: "soon" is not a date`},
		},
		{
			name: "UN as JSON", role: roleUN,
			in:   `{"UN_OPERATIONAL_RATES":[{"f_curr_code":"KGS","eff_date":"30 Jun 2014","rate":52.10}]}`,
			want: []string{"/UN_OPERATIONAL_RATES/0 | fx_un | KGS | 2014-06-30 | 2014 | 52.10 | KGS per USD"},
		},
		{
			name: "ECB", role: roleECB,
			in: "Date,USD,BGN,RUB,\n2026-04-13,1.1684,N/A,N/A,\n2022-03-01,1.1162,1.9558,117.201,\n2022-02-30,1,1,1,\n2022-02-28,1.1x,,1,\n2022-02-27,1\n",
			want: []string{
				"row 2 USD | fx_ecb | USD | 2026-04-13 | 2026 | 1.1684 | USD per EUR",
				"row 3 USD | fx_ecb | USD | 2022-03-01 | 2022 | 1.1162 | USD per EUR",
				"row 3 BGN | fx_ecb | BGN | 2022-03-01 | 2022 | 1.9558 | BGN per EUR",
				"row 3 RUB | fx_ecb | RUB | 2022-03-01 | 2022 | 117.201 | RUB per EUR",
				"row 5 RUB | fx_ecb | RUB | 2022-02-28 | 2022 | 1 | RUB per EUR",
			},
			problems: []string{
				`row 4: "2022-02-30" is not a date`,
				`row 5 USD: the rate "1.1x" is not a positive number`,
				"row 6: 2 fields, but the header has 4",
			},
		},
		{
			name: "World Bank as a table", role: roleWorldBank,
			in: "date,iso_code,indicator_code,value\n1960-01-01,AGO,PA.NUS.FCRF,2.86684433333333e-08\n2021-01-01,KGZ,NY.GDP.DEFL.ZS,229.756465918399\n" +
				"2021-01-01,TKM,PA.NUS.FCRF,\n2021-06-01,KGZ,PA.NUS.FCRF,84\n2021-01-01,KGZ,SP.POP.TOTL,6\n2021-01-01,KGZ,PA.NUS.FCRF,..\n",
			want: []string{
				"row 2 | fx_wb | AGO |  | 1960 | 2.86684433333333e-08 | LCU per USD, period average",
				"row 3 | gdp_deflator | KGZ |  | 2021 | 229.756465918399 | index, base differs by country",
			},
			problems: []string{
				`row 5: "2021-06-01" is not a year`,
				`row 6: the indicator "SP.POP.TOTL" is not one of this source`,
				`row 7: the rate ".." is not a positive number`,
			},
		},
		{
			name: "World Bank API", role: roleWorldBank,
			in: `[{"page":1,"pages":2,"per_page":"50","total":64},[
				{"indicator":{"id":"PA.NUS.FCRF","value":"x"},"country":{"id":"UA","value":"Ukraine"},"countryiso3code":"UKR","date":"2022","value":32.342300000,"unit":""},
				{"indicator":{"id":"PA.NUS.FCRF"},"country":{"id":"1A","value":"Arab World"},"countryiso3code":"","date":"2022","value":1},
				{"indicator":{"id":"PA.NUS.FCRF"},"country":{"id":"TM","value":"Turkmenistan"},"countryiso3code":"TKM","date":"2022","value":null}]]`,
			want: []string{
				"/1/0 | fx_wb | UKR |  | 2022 | 32.342300000 | LCU per USD, period average",
				"/1/1 | fx_wb | Arab World |  | 2022 | 1 | LCU per USD, period average",
			},
			problems: []string{"/0/pages: page 1 of 2: the other pages are not here"},
		},
		{
			name: "World Bank error with status 200", role: roleWorldBank,
			in:       `[{"message":[{"id":"120","key":"Invalid value","value":"The provided parameter value is not valid"}]}]`,
			problems: []string{"/: the World Bank answered with an error: Invalid value The provided parameter value is not valid"},
		},
		{
			name: "a file cut short", role: roleUN,
			in:       "f_curr_code,eff_date,rate\nKGS,2014-06-01,52.1\nKGS,2014-07-01,5",
			want:     []string{"row 2 | fx_un | KGS | 2014-06-01 | 2014 | 52.1 | KGS per USD"},
			problems: []string{"row 3: the file ends inside this row, without a line break: it may be cut"},
		},
		{
			name: "another publisher's file", role: "",
			in:       "a,b\n1,2\n",
			problems: []string{"/: no file of this source: neither operational rates, nor euro reference rates, nor a World Bank indicator"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := New().Role("download", []byte(c.in)); got != c.role {
				t.Errorf("Role = %q, want %q", got, c.role)
			}
			r := extractorstest.Parse(t, New(), extractorstest.Doc(c.role, "download", []byte(c.in)))
			if diff := cmp.Diff(c.want, short(r.Observations)); diff != "" {
				t.Errorf("observations (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.problems, reasons(r.Problems)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			extractorstest.Check(t, r, nil)
		})
	}
}

func TestZip(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("eurofxref-hist.csv")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("Date,USD,\n2026-04-13,1.1684,\n")); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	role := New().Role("eurofxref-hist.zip", b.Bytes())
	r := extractorstest.Parse(t, New(), extractorstest.Doc(role, "eurofxref-hist.zip", b.Bytes()))
	if len(r.Observations) != 1 || len(r.Problems) != 0 {
		t.Errorf("%d observations, problems %v", len(r.Observations), r.Problems)
	}
}

// The published files, whole: what is in them reaches the sink, once.
func TestPublished(t *testing.T) {
	for _, c := range []struct {
		file, role   string
		observations int
		want         string // an observation that must be among them
	}{
		// 34,491 rows, of which 11,954 repeat a currency's rate for another country
		{"un_operational_rates.csv", roleUN, 22537, "KGS 2024-05-15 88.1"},
		// 6,983 days of 41 currencies
		{"eurofxref-hist.csv", roleECB, 217555, "RUB 2022-03-01 117.201"},
		// 16,492 country-years each, most before 1990 empty
		{"PA.NUS.FCRF_1950-2025_.csv", roleWorldBank, 10714, "KGZ  84.6408220065285"},
		{"NY.GDP.DEFL.ZS_1950-2025_.csv", roleWorldBank, 10031, "KGZ  229.756465918399"},
	} {
		t.Run(c.file, func(t *testing.T) {
			doc := extractorstest.File(t, New(), extractorstest.Corpus(t, "rates", c.file))
			if doc.Role != c.role {
				t.Fatalf("role %q, want %q", doc.Role, c.role)
			}
			r := extractorstest.Parse(t, New(), doc)
			if len(r.Observations) != c.observations || len(r.Problems) != 0 {
				t.Errorf("%d observations, want %d; problems %v", len(r.Observations), c.observations, reasons(r.Problems))
			}
			found := false
			for _, o := range r.Observations {
				found = found || strings.Join([]string{o.Area, o.PeriodStart, o.Value}, " ") == c.want
			}
			if !found {
				t.Errorf("no observation %q", c.want)
			}
		})
	}
}

// The bundle covers the currencies of Eastern Europe and Central Asia without
// gaps longer than a rate is taken to hold.
func TestBundleCovers(t *testing.T) {
	r := extractorstest.Parse(t, New(), extractorstest.Bundled(t, New())...)
	n := map[string]int{}
	for _, o := range r.Observations {
		n[o.Indicator+" "+o.Area]++
	}
	for _, c := range strings.Fields("KGS KZT TJS UZS TMT AMD AZN GEL MDL UAH RUB EUR") {
		if n["fx_un "+c] < 90 {
			t.Errorf("%d operational rates of %s", n["fx_un "+c], c)
		}
	}
	for _, c := range strings.Fields("BLR KGZ KAZ UKR RUS MDA XKX USA") {
		if n["gdp_deflator "+c] < 13 {
			t.Errorf("%d deflators of %s", n["gdp_deflator "+c], c)
		}
	}
	if n["fx_ecb USD"] != 280 || n["fx_wb BLR"] != 19 {
		t.Errorf("%d rates of USD in EUR, %d average rates of Belarus", n["fx_ecb USD"], n["fx_wb BLR"])
	}
}

func fuzz(f *testing.F, role string, seeds ...string) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var r extractorstest.Result
		if err := New().Parse(context.Background(), extractors.Set{extractorstest.Doc(role, "fuzz", b)}, &r); err != nil {
			t.Fatal(err)
		}
		extractorstest.Check(t, &r, nil)
		for _, o := range r.Observations {
			if rate(o.Value) != "" {
				t.Errorf("observed %q", o.Value)
			}
		}
	})
}

func FuzzUN(f *testing.F) {
	fuzz(f, roleUN, "f_curr_code,eff_date,rate\nKGS,2014-06-01,52.1\n",
		`<a><UN_OPERATIONAL_RATES><f_curr_code>KGS</f_curr_code><eff_date>30 Jun 2014</eff_date><rate>52</rate></UN_OPERATIONAL_RATES></a>`,
		`[{"f_curr_code":"KGS","eff_date":"30 Jun 2014","rate":"52"}]`)
}

func FuzzECB(f *testing.F) {
	fuzz(f, roleECB, "Date,USD,BGN,\n2026-04-13,1.1684,N/A,\n", "Date,\n", "Date,,\n2026-04-13,\n")
}

func FuzzWorldBank(f *testing.F) {
	fuzz(f, roleWorldBank, "date,iso_code,indicator_code,value\n2021-01-01,KGZ,PA.NUS.FCRF,84.6\n",
		`[{"page":1,"pages":1},[{"indicator":{"id":"PA.NUS.FCRF"},"countryiso3code":"UKR","date":"2022","value":32.3}]]`,
		`[{"message":[{"id":"120","key":"Invalid value","value":"x"}]}]`)
}

package unrates

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hrinvest/extractors/extractorstest"
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
			name: "CSV", role: roleRates,
			in: "\ufeffabbrv_name,currency_name,f_curr_code,eff_date,rate_lcu_per_usd\n" +
				"\"Congo, Dem. Rep.\",\"Congo Franc, Dem. Rep.of\",CDF,2022-12-01,2000.418\n" +
				"Austria,Euro,EUR,2014-06-30,0.735\n" + "Belgium,Euro,EUR,2014-06-30,0.735\n" +
				"Spain,Euro,EUR,2014-06-30,0.9\n" + "Kyrgyzstan,Som,KGS,30.06.2014,52\n" +
				"Kyrgyzstan,Som,Som,2014-06-30,52\n" + "Kyrgyzstan,Som,KGS,2014-06-30,0.00\n" + "Kyrgyzstan,Som,KGS\n",
			want: []string{
				"row 2 | fx_un | CDF | 2022-12-01 2022 | 2000.418 | CDF per USD",
				"row 3 | fx_un | EUR | 2014-06-30 2014 | 0.735 | EUR per USD",
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
			name: "XML", role: roleRates,
			in: `<?xml version="1.0"?><UN_OPERATIONAL_RATES_DATASET>
				<UN_OPERATIONAL_RATES><abbrv_name>Kyrgyzstan</abbrv_name><name>Som</name><f_curr_code>KGS</f_curr_code><eff_date>30 Jun 2014</eff_date><rate>52.10</rate></UN_OPERATIONAL_RATES>
				<UN_OPERATIONAL_RATES><f_curr_code>TMT</f_curr_code><eff_date>soon</eff_date><rate>3.5</rate></UN_OPERATIONAL_RATES>
				</UN_OPERATIONAL_RATES_DATASET>`,
			want:     []string{"//UN_OPERATIONAL_RATES[1] | fx_un | KGS | 2014-06-30 2014 | 52.10 | KGS per USD"},
			problems: []string{`//UN_OPERATIONAL_RATES[2]: "soon" is not a date`},
		},
		{
			name: "XML with tabs behind the values", role: roleRates,
			in:   "<d><UN_OPERATIONAL_RATES>\r\n\t<f_curr_code>KZT\t</f_curr_code>\r\n\t<eff_date>1 Nov 2026</eff_date><rate>521.3\t</rate></UN_OPERATIONAL_RATES></d>",
			want: []string{"//UN_OPERATIONAL_RATES[1] | fx_un | KZT | 2026-11-01 2026 | 521.3 | KZT per USD"},
		},
		{
			name: "XML with names in another character set", role: roleRates,
			in: `<?xml version="1.0" encoding="iso-8859-1"?><d><UN_OPERATIONAL_RATES><abbrv_name>C` + "\xf4" + `te d'Ivoire</abbrv_name>` +
				`<f_curr_code>XOF</f_curr_code><eff_date>1-Nov-2026</eff_date><rate>561</rate></UN_OPERATIONAL_RATES></d>`,
			want: []string{"//UN_OPERATIONAL_RATES[1] | fx_un | XOF | 2026-11-01 2026 | 561 | XOF per USD"},
		},
		{
			name: "XML cut short", role: roleRates,
			in: `<d><UN_OPERATIONAL_RATES><f_curr_code>KGS</f_curr_code><eff_date>30 Jun 2014</eff_date><rate>52</rate></UN_OPERATIONAL_RATES>` +
				`<UN_OPERATIONAL_RATES><f_curr_code>TJS</f_cur`,
			want:     []string{"//UN_OPERATIONAL_RATES[1] | fx_un | KGS | 2014-06-30 2014 | 52 | KGS per USD"},
			problems: []string{"/: the XML cannot be read to its end: XML syntax error on line 1: unexpected EOF"},
		},
		{
			name: "XML of something else", role: "",
			in:       `<rss><item>f</item></rss>`,
			problems: []string{"/: not the operational rates: no element UN_OPERATIONAL_RATES"},
		},
		{
			name: "CSV cut short", role: roleRates,
			in:       "f_curr_code,eff_date,rate\nKGS,2014-06-01,52.1\nKGS,2014-07-01,5",
			want:     []string{"row 2 | fx_un | KGS | 2014-06-01 2014 | 52.1 | KGS per USD"},
			problems: []string{"row 3: the file ends inside this row, without a line break: it may be cut"},
		},
		{
			name: "CSV of something else", role: "",
			in:       "a,b\n1,2\n",
			problems: []string{"/: not the operational rates: the columns f_curr_code, eff_date and rate are not all there"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := New().Role("download", []byte(c.in)); got != c.role {
				t.Errorf("Role = %q, want %q", got, c.role)
			}
			r := extractorstest.Parse(t, New(), extractorstest.Doc(roleRates, "download", []byte(c.in)))
			if diff := cmp.Diff(c.want, seriestest.Lines(r.Observations)); diff != "" {
				t.Errorf("observations (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.problems, seriestest.Reasons(r.Problems)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			extractorstest.Check(t, r, nil)
		})
	}
	r := extractorstest.Parse(t, New(), extractorstest.Doc("", "other", []byte("a")))
	if diff := cmp.Diff([]string{"/: no file of this source: not the operational rates"}, seriestest.Reasons(r.Problems)); diff != "" {
		t.Error(diff)
	}
}

// A history and a current list state some rates twice: they are one observation,
// and where they differ the list that came last is believed.
func TestDocumentsTogether(t *testing.T) {
	history := extractorstest.Doc(roleRates, "history.csv", []byte("f_curr_code,eff_date,rate\nKGS,2026-10-01,87\nKGS,2026-11-01,88\nTJS,2026-11-01,9.5\n"))
	list := extractorstest.Doc(roleRates, "list.csv", []byte("f_curr_code,eff_date,rate\nKGS,2026-11-01,88.1\nTJS,2026-11-01,9.5\n"))
	list.Retrieved = history.Retrieved.AddDate(0, 0, 1)
	r := extractorstest.Parse(t, New(), history, list)
	want := []string{
		"row 2 | fx_un | KGS | 2026-11-01 2026 | 88.1 | KGS per USD",
		"row 3 | fx_un | TJS | 2026-11-01 2026 | 9.5 | TJS per USD",
		"row 2 | fx_un | KGS | 2026-10-01 2026 | 87 | KGS per USD",
	}
	if diff := cmp.Diff(want, seriestest.Lines(r.Observations)); diff != "" {
		t.Errorf("observations (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"row 3: a second rate of KGS for 2026-11-01: 88, before 88.1"}, seriestest.Reasons(r.Problems)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

// The published history, whole.
func TestPublished(t *testing.T) {
	doc := extractorstest.File(t, New(), extractorstest.Corpus(t, "rates", "un_operational_rates.csv"))
	r := extractorstest.Parse(t, New(), doc)
	// 34,491 rows, of which 11,954 repeat a currency's rate for another country
	if len(r.Observations) != 22537 || len(r.Problems) != 0 {
		t.Errorf("%d observations; problems %v", len(r.Observations), seriestest.Reasons(r.Problems))
	}
	got := map[string]string{}
	currencies := map[string]bool{}
	for _, o := range r.Observations {
		got[o.Area+" "+o.PeriodStart] = o.Value
		currencies[o.Area] = true
	}
	for key, want := range map[string]string{ // read by hand
		"KGS 2024-05-15": "88.1", "AFN 2014-06-30": "57.65", "USD 2024-05-01": "1", "TMT 2024-05-01": "3.5",
	} {
		if got[key] != want {
			t.Errorf("%s: %q, want %q", key, got[key], want)
		}
	}
	if len(currencies) != 149 {
		t.Errorf("%d currencies", len(currencies))
	}
	if wrong := seriestest.Judge(t, New(), doc); len(wrong) > 0 {
		t.Errorf("does not look as expected: %v", wrong)
	}
}

// The bundle covers the currencies of Eastern Europe and Central Asia without
// gaps longer than a rate is taken to hold.
func TestBundleCovers(t *testing.T) {
	r := extractorstest.Parse(t, New(), extractorstest.Bundled(t, New())...)
	n := map[string]int{}
	for _, o := range r.Observations {
		n[o.Area]++
	}
	for _, c := range strings.Fields("KGS KZT TJS UZS TMT AMD AZN GEL MDL UAH RUB EUR") {
		if n[c] < 90 {
			t.Errorf("%d rates of %s", n[c], c)
		}
	}
	if len(r.Observations) != 3015 {
		t.Errorf("%d rates", len(r.Observations))
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"f_curr_code,eff_date,rate\nKGS,2014-06-01,52.1\n",
		`<a><UN_OPERATIONAL_RATES><f_curr_code>KGS</f_curr_code><eff_date>30 Jun 2014</eff_date><rate>52</rate></UN_OPERATIONAL_RATES></a>`,
		`{"f_curr_code":""}0`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r := extractorstest.Parse(t, New(), extractorstest.Doc(roleRates, "fuzz", b))
		extractorstest.Check(t, r, nil)
		once := map[string]bool{}
		for _, o := range r.Observations {
			if key := o.Area + o.PeriodStart; once[key] || series.Positive(o.Value) != "" {
				t.Errorf("observed %+v", o)
			} else {
				once[key] = true
			}
		}
	})
}

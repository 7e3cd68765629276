package ecb

import (
	"archive/zip"
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hrinvest/extractors/extractorstest"
	"hrinvest/extractors/fetch/fetchtest"
	"hrinvest/extractors/series"
	"hrinvest/extractors/series/seriestest"
)

func TestSource(t *testing.T) { extractorstest.Run(t, New()) }

// zipped puts a file into a zip.
func zipped(t testing.TB, name string, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestForms(t *testing.T) {
	table := "Date,USD,BGN,RUB,\n2026-04-13,1.1684,N/A,N/A,\n2022-03-01,1.1162,1.9558,117.201,\n2022-02-30,1,1,1,\n2022-02-28,1.1x,,1,\n2022-02-27,1\n2022-03-01,9,9,9,\n1998-12-31,1,1,1,\n"
	want := []string{
		"row 2 USD | fx_ecb | USD | 2026-04-13 2026 | 1.1684 | USD per EUR",
		"row 3 USD | fx_ecb | USD | 2022-03-01 2022 | 1.1162 | USD per EUR",
		"row 3 BGN | fx_ecb | BGN | 2022-03-01 2022 | 1.9558 | BGN per EUR",
		"row 3 RUB | fx_ecb | RUB | 2022-03-01 2022 | 117.201 | RUB per EUR",
		"row 5 RUB | fx_ecb | RUB | 2022-02-28 2022 | 1 | RUB per EUR",
	}
	problems := []string{
		`row 4: "2022-02-30" is not a date of the euro`,
		`row 5 USD: the rate "1.1x" is not a positive number`,
		"row 6: 2 fields, fewer than the header promises",
		"row 7: 2022-03-01 is in the table twice",
		`row 8: "1998-12-31" is not a date of the euro`,
	}
	for _, c := range []struct {
		name, role     string
		in             []byte
		want, problems []string
	}{
		{"bare", roleRates, []byte(table), want, problems},
		{"zipped", roleRates, zipped(t, "eurofxref-hist.csv", []byte("\ufeff"+table)), want, problems},
		{"zip without a table", "", zipped(t, "readme.txt", []byte(table)), nil, []string{"/: no table can be taken out of the zip: there is no CSV in it"}},
		{"zip cut short", roleRates, zipped(t, "eurofxref-hist.csv", []byte(table))[:90], nil, []string{"/: no table can be taken out of the zip: zip: not a valid zip file"}},
		{
			"cut short", roleRates, []byte("Date,USD,\n2026-04-13,1.1684,\n2026-04-10,1.1"),
			want[:1], []string{"row 3: the file ends inside this row, without a line break: it may be cut"},
		},
		{"two columns", roleRates, []byte("Date,USD,JPY,USD,\n2026-04-13,1,2,3,\n"), nil, []string{"/: two columns are called USD"}},
		{"names instead of codes", "", []byte("Date,Dollar,\n2026-04-13,1,\n"), nil, []string{`/: not the euro reference rates: "Dollar" is not a currency code`}},
		{"no currency", "", []byte("Date,\n2026-04-13,\n"), nil, []string{"/: not the euro reference rates: no currency"}},
		{"another table", "", []byte("a,b\n1,2\n"), nil, []string{"/: not the euro reference rates: the first column is not Date"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := New().Role("download", c.in); got != c.role {
				t.Errorf("Role = %q, want %q", got, c.role)
			}
			r := extractorstest.Parse(t, New(), extractorstest.Doc(roleRates, "download", c.in))
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
	if diff := cmp.Diff([]string{"/: no file of this source: not the euro reference rates"}, seriestest.Reasons(r.Problems)); diff != "" {
		t.Error(diff)
	}
}

// The published history, whole.
func TestPublished(t *testing.T) {
	doc := extractorstest.File(t, New(), extractorstest.Corpus(t, "rates", "eurofxref-hist.csv"))
	r := extractorstest.Parse(t, New(), doc)
	// 6,983 days of 41 currencies
	if len(r.Observations) != 217555 || len(r.Problems) != 0 {
		t.Errorf("%d observations; problems %v", len(r.Observations), seriestest.Reasons(r.Problems))
	}
	got, last := map[string]string{}, map[string]string{}
	for _, o := range r.Observations {
		got[o.Area+" "+o.PeriodStart] = o.Value
		last[o.Area] = max(last[o.Area], o.PeriodStart)
	}
	for key, want := range map[string]string{ // read by hand
		"USD 1999-01-04": "1.1789", "JPY 1999-01-04": "133.73", "CYP 1999-01-04": "0.58231",
		"RUB 2022-03-01": "117.201", "USD 2026-04-13": "1.1684", "ZAR 2026-04-13": "19.3849", "BGN 2026-04-13": "",
	} {
		if got[key] != want {
			t.Errorf("%s: %q, want %q", key, got[key], want)
		}
	}
	if last["RUB"] != "2022-03-01" || last["USD"] != "2026-04-13" || last["KGS"] != "" {
		t.Errorf("last days %v", last)
	}
	if wrong := seriestest.Judge(t, New(), doc); len(wrong) > 0 {
		t.Errorf("does not look as expected: %v", wrong)
	}
}

func TestBundleCovers(t *testing.T) {
	r := extractorstest.Parse(t, New(), extractorstest.Bundled(t, New())...)
	n := map[string]int{}
	for _, o := range r.Observations {
		n[o.Area]++
	}
	if n["USD"] != 280 || n["GBP"] != 280 || len(n) != 16 {
		t.Errorf("months by currency: %v", n)
	}
}

// history writes synthetic rates of 40 currencies on days, newest first, in the
// shape of the published table. Every rate is times what it was.
func history(days, times int) []byte {
	var b strings.Builder
	b.WriteString("Date,USD,")
	for c := range 39 {
		fmt.Fprintf(&b, "Q%c%c,", 'A'+c/26, 'A'+c%26)
	}
	day := time.Date(2026, 4, 13, 0, 0, 0, 0, time.UTC)
	for range days {
		fmt.Fprintf(&b, "\n%s,", day.Format(time.DateOnly))
		for c := range 40 {
			if c%8 == 7 {
				b.WriteString("N/A,")
				continue
			}
			fmt.Fprintf(&b, "%d.%04d,", times*(c+1), 1000+c+day.YearDay())
		}
		day = day.AddDate(0, 0, -1)
	}
	return []byte(b.String() + "\n")
}

// bank serves the zip of a table.
func bank(t testing.TB, table []byte) fetchtest.Hosts {
	mux := http.NewServeMux()
	mux.Handle("/stats/eurofxref/eurofxref-hist.zip", fetchtest.Body("application/zip", zipped(t, "eurofxref-hist.csv", table)))
	return fetchtest.Hosts{"www.ecb.europa.eu": mux}
}

func TestFetching(t *testing.T) {
	extractorstest.Fetching(t, New(), extractorstest.Emulator{
		Hosts: bank(t, history(600, 1)),
		Fewer: bank(t, history(60, 1)),
		Moved: bank(t, history(600, 2)),
	})
}

// A table of the length of the real one looks as expected.
func TestGoodTable(t *testing.T) {
	if wrong := seriestest.Judge(t, New(), extractorstest.Doc(roleRates, "eurofxref-hist.csv", history(6000, 1))); len(wrong) > 0 {
		t.Errorf("it does not: %v", wrong)
	}
}

// Whole zips that are not what they should be.
func TestRefused(t *testing.T) {
	for name, table := range map[string]string{
		"a table of something else": "a,b\n1,2\n",
		"no rates":                  "Date,USD,JPY,\n2026-04-13,N/A,N/A,\n",
		"nothing":                   "",
	} {
		t.Run(name, func(t *testing.T) {
			net := fetchtest.New(t, bank(t, []byte(table)))
			docs, err := net.Fetch(t, net.Client(t, nil), New(), nil)
			if err == nil || !strings.Contains(err.Error(), "no value can be read of it") || len(docs) > 0 {
				t.Errorf("%d documents, %v", len(docs), err)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"Date,USD,BGN,\n2026-04-13,1.1684,N/A,\n", "Date,\n", "Date,,\n2026-04-13,\n"} {
		f.Add([]byte(s))
	}
	f.Add(zipped(f, "eurofxref-hist.csv", []byte("Date,USD,\n2026-04-13,1.1684,\n")))
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

func BenchmarkParse(b *testing.B) {
	seriestest.Benchmark(b, New(), extractorstest.Doc(roleRates, "eurofxref-hist.csv", history(6000, 1)))
}

package imf

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"hrinvest/extractors"
	"hrinvest/extractors/extractorstest"
	"hrinvest/extractors/fetch"
	"hrinvest/extractors/fetch/fetchtest"
)

const header = "STRUCTURE[;],STRUCTURE_ID,ACTION,COUNTRY,INDICATOR,FREQUENCY,TIME_PERIOD,OBS_VALUE,LATEST_ACTUAL_ANNUAL_DATA,PUBLICATION_DATE,SCALE,UNIT\n"

// answer writes what the API answers, of invented economies and figures, products
// times factor.
func answer(economies, factor int) string {
	var s strings.Builder
	s.WriteString(header)
	for c := range economies {
		for _, of := range []struct {
			code, scale, unit string
			unitOf            int
		}{{"NGDP", "9", "XDC", 1e9}, {"NGDPD", "9", "USD", 1e7}, {"NGDP_D", "0", "", 0}} {
			for year := 1980; year < 2032; year++ {
				value := fmt.Sprint(of.unitOf * factor * (1000 + 13*c + year))
				if of.unitOf == 0 {
					value = fmt.Sprintf("%d.25", 50+year-1980)
				}
				fmt.Fprintf(&s, "dataflow,IMF.RES:WEO(9.0.0),R,%c%cX,%s,A,%d,%s,2024,2026-04-14T13:00:00Z,%s,%s\n", 'A'+c/26, 'A'+c%26, of.code, year, value, of.scale, of.unit)
			}
		}
	}
	return s.String()
}

func stamp(published string) string {
	return "STRUCTURE[;],STRUCTURE_ID,ACTION,COUNTRY,INDICATOR,FREQUENCY,TIME_PERIOD,OBS_VALUE,PUBLICATION_DATE,UPDATE_DATE\n" +
		strings.Repeat("dataflow,IMF.RES:WEO(9.0.0),R,USA,NGDPD,A,2024,29184890000000,"+published+",2026-04-15T13:00:00Z\n", 52)
}

func service(published, figures string) fetchtest.Hosts {
	mux := http.NewServeMux()
	const flow = "/external/sdmx/3.0/data/dataflow/IMF.RES/WEO/+/"
	mux.Handle(flow+"USA.NGDPD.A", fetchtest.Body("text/csv", []byte(stamp(published))))
	mux.Handle(flow+"*.NGDP+NGDPD+NGDP_D.A", fetchtest.Body("text/csv", []byte(figures)))
	return fetchtest.Hosts{"api.imf.org": mux}
}

const april = "2026-04-14T13:00:00Z"

func TestFetching(t *testing.T) {
	extractorstest.Fetching(t, New(), extractorstest.Emulator{
		Hosts:  service(april, answer(190, 1)),
		Fewer:  service(april, answer(19, 1)),
		Moved:  service(april, answer(190, 2)),
		Probes: []string{"USA.NGDPD.A"},
	})
}

// The figures are asked for again when the edition is new, and only then.
func TestFetchEdition(t *testing.T) {
	net := fetchtest.New(t, service(april, answer(2, 1)))
	docs, err := net.Fetch(t, net.Client(t, nil), New(), nil)
	if err != nil || len(docs) != 1 || docs[0].Version != "IMF.RES:WEO(9.0.0) "+april+" 2026-04-15T13:00:00Z" {
		t.Fatalf("%+v, %v", docs, err)
	}
	for published, want := range map[string]int{april: 1, "2026-10-13T13:00:00Z": 2} {
		next := fetchtest.New(t, service(published, answer(3, 1)))
		again, err := next.Fetch(t, next.Client(t, nil), New(), docs)
		asked, _ := next.Asked()
		if err != nil || len(again) != 1 || len(asked) != want || (again[0].SHA256 != docs[0].SHA256) != (want == 2) {
			t.Errorf("%s: asked for %q, %v", published, asked, err)
		}
	}
}

func TestFetchRefuses(t *testing.T) {
	whole := answer(2, 1)
	for name, c := range map[string]struct{ published, figures, want string }{
		"no edition":    {"", whole, `PUBLICATION_DATE is ""`},
		"no scale":      {april, strings.Replace(whole, "SCALE", "POWER", 1), "the column SCALE is missing"},
		"no actual":     {april, strings.Replace(whole, "LATEST_ACTUAL_ANNUAL_DATA", "LATEST", 1), "the column LATEST_ACTUAL_ANNUAL_DATA is missing"},
		"another table": {april, "a,b\n1,2\n", "not an answer of the API"},
		"a series less": {april, strings.ReplaceAll(whole, ",NGDP_D,", ",NGDP_R,"), "the series NGDP_D is missing"},
		"no values":     {april, header + "dataflow,IMF.RES:WEO(9.0.0),R,USA,NGDP,A,,,2024,,9,XDC\n", "is missing"},
	} {
		net := fetchtest.New(t, service(c.published, c.figures))
		docs, err := net.Fetch(t, net.Client(t, nil), New(), nil)
		if len(docs) != 0 || !errors.Is(err, fetch.ErrRefused) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %d documents, %v", name, len(docs), err)
		}
	}
}

// A dry run looks at the beginning of the figures.
func TestFetchSample(t *testing.T) {
	net := fetchtest.New(t, service(april, answer(190, 1)))
	c := net.Client(t, nil).For(fetch.View{Sample: true})
	enough := errors.New("enough")
	var size int64
	err := New().Fetch(t.Context(), c, func(d fetch.Document) error { size = d.Size; return enough })
	if size != 64<<10 || !errors.Is(err, enough) {
		t.Errorf("%d bytes, %v", size, err)
	}
}

func BenchmarkParse(b *testing.B) {
	doc := extractorstest.Doc(roleSDMX, "weo.csv", []byte(answer(190, 1)))
	rows := 0
	for b.Loop() {
		rows += len(extractorstest.Parse(b, New(), doc).Observations)
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}

// fuzz holds whatever a parser makes of rubbish to the contract.
func fuzz(f *testing.F, role string) {
	f.Fuzz(func(t *testing.T, b []byte) {
		var r extractorstest.Result
		if err := New().Parse(t.Context(), extractors.Set{extractorstest.Doc(role, "fuzz", b)}, &r); err != nil {
			t.Fatal(err)
		}
		extractorstest.Check(t, &r, nil)
		if r.Parsed() == 0 && len(r.Observations) == 0 && strings.Contains(string(b), "NGDPD,A,2024,1") {
			t.Error("a value vanished")
		}
		for _, o := range r.Observations {
			if o.Value != "" && !numberForm.MatchString(o.Value) || !areaForm.MatchString(o.Area) {
				t.Errorf("observed %+v", o)
			}
		}
	})
}

func FuzzSDMX(f *testing.F) {
	f.Add([]byte(header + "dataflow,IMF.RES:WEO(9.0.0),R,KGZ,NGDPD,A,2024,17474123456,2024,2026-04-14,9,USD\n"))
	f.Add([]byte("COUNTRY,INDICATOR,TIME_PERIOD,OBS_VALUE,SCALE\nKGZ,NGDPD,,,9\nKGZ,NGDPD,2024,1E10,\n\"\n"))
	fuzz(f, roleSDMX)
}

func FuzzTable(f *testing.F) {
	f.Add([]byte(classic))
	f.Add([]byte("DATASET,SERIES_CODE,SCALE,LATEST_ACTUAL_ANNUAL_DATA,2024\nx,KGZ.NGDPD.A,Billions,2023,17.4\n"))
	f.Add([]byte("W\x00E\x00O\x00 \x00S\x00"))
	fuzz(f, roleTable)
}

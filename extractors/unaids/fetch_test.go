package unaids

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hrinvest/extractors"
	"hrinvest/extractors/extractorstest"
	"hrinvest/extractors/fetch"
	"hrinvest/extractors/fetch/fetchtest"
)

func healthy() service {
	return service{edition: 2025, countries: countryList, times: 1, workbook: true}
}

// asking is the source with a few series of each database, so that a night is
// short.
func asking() Source {
	return Source{ask: [][]string{
		{"KPA", byPopulation, "USD", "PWID_TOTAL"}, {"KPA", byPopulation, "USD", "PWID_DOMESTIC_PUBLIC"},
		{"GAM", bySource, "USD", "TOTAL"}, {"GAM", "PWID_NEEDLES", "RATE", "TOTAL"},
		{"NCPI", "Q_A_254", "SINGLECHOICEWITHNO", "A_251"}, {"EPI", "PLWH", "NUMBER", "ESTIMATE_ALL_AGES"},
	}}
}

// documents is how many a night with asking has.
const documents = 4 + 6 + 1

func TestFetching(t *testing.T) {
	fewer, moved := healthy(), healthy()
	fewer.countries, moved.times = countryList[:1], 2
	extractorstest.Fetching(t, asking(), extractorstest.Emulator{
		Hosts: healthy().hosts(t), Fewer: fewer.hosts(t), Moved: moved.hosts(t),
		// editions to come and the workbook may be missing: see below
		Unbroken: []string{"_2026_", "hivfinancial"},
	})
}

// However the address of an edition to come misbehaves, the one in use stays.
func TestNextEditionMisbehaves(t *testing.T) {
	n := fetchtest.New(t, healthy().hosts(t))
	c := n.Client(t, nil)
	docs, err := n.Fetch(t, c, asking(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range fetchtest.Kinds {
		if kind == fetchtest.Bomb {
			continue // slow; it is TestFetching's
		}
		n.Break(fetchtest.Fault{Kind: kind, Match: "_2026_"})
		after, err := n.Fetch(t, c, asking(), docs)
		if diff := cmp.Diff(names(docs), names(after)); diff != "" {
			t.Errorf("%s (error %v): %s", kind, err, diff)
		}
		fresh, err := n.Fetch(t, c, asking(), nil)
		if diff := cmp.Diff(names(docs), names(fresh)); diff != "" && err == nil {
			t.Errorf("%s: the first fetch has no error: %s", kind, diff)
		}
	}
}

// What a healthy service gives is what is expected of it: nothing is held back.
func TestHealthyIsExpected(t *testing.T) {
	docs := mustFetch(t, New(), healthy(), nil)
	m, err := extractors.Measured(t.Context(), asking(), docs)
	if err != nil {
		t.Fatal(err)
	}
	es, err := New().Expectations()
	if err != nil {
		t.Fatal(err)
	}
	if found := es.Judge(m, nil); len(found) > 0 {
		t.Errorf("findings: %v", found)
	}
	if m.All.Rejected > 0 {
		t.Errorf("%d rows rejected", m.All.Rejected)
	}
}

func mustFetch(t *testing.T, src Source, s service, inUse []fetch.Document) []fetch.Document {
	t.Helper()
	n := fetchtest.New(t, s.hosts(t))
	docs, err := n.Fetch(t, n.Client(t, nil), src, inUse)
	if err != nil {
		t.Fatal(err)
	}
	return docs
}

// names are the roles and names of zips and workbooks, and the count of answers.
func names(docs []fetch.Document) (out []string) {
	answers := 0
	for _, d := range docs {
		if d.Role == roleAPI {
			answers++
			continue
		}
		out = append(out, d.Role+" "+strings.TrimPrefix(d.URL, "https://aidsinfo.unaids.org"))
	}
	slices.Sort(out)
	return append(out, fmt.Sprint(answers, " answers"))
}

func edition2025(year int) []string {
	return []string{
		fmt.Sprintf("aidsinfo_zip /documents/GAM_%d_en.zip", year),
		fmt.Sprintf("aidsinfo_zip /documents/KPAtlasDB_%d_en.zip", year),
		fmt.Sprintf("aidsinfo_zip /documents/NCPI_%d_en.zip", year),
		fmt.Sprintf("aidsinfo_zip /public/documents/Estimates_%d_en.zip", year),
		"6 answers",
	}
}

// The newest edition of every database is taken, from whichever folder has it,
// and replaces the one before. Years that cannot be there are not asked for.
func TestNewestEdition(t *testing.T) {
	s := healthy()
	s.workbook = false
	n := fetchtest.New(t, s.hosts(t))
	c := n.Client(t, nil)
	docs, err := n.Fetch(t, c, asking(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(edition2025(2025), names(docs)); diff != "" {
		t.Error(diff)
	}
	n.Asked()
	if _, err := n.Fetch(t, c, asking(), docs); err != nil {
		t.Fatal(err)
	}
	var zips []string
	asked, _ := n.Asked()
	for _, a := range asked {
		if strings.HasSuffix(a, ".zip") {
			zips = append(zips, path.Base(a))
		}
	}
	slices.Sort(zips)
	want := []string{"Estimates_2025_en.zip", "Estimates_2026_en.zip", "Estimates_2026_en.zip", "GAM_2025_en.zip", "GAM_2026_en.zip", "GAM_2026_en.zip",
		"KPAtlasDB_2025_en.zip", "KPAtlasDB_2026_en.zip", "KPAtlasDB_2026_en.zip", "NCPI_2025_en.zip", "NCPI_2026_en.zip", "NCPI_2026_en.zip"}
	if diff := cmp.Diff(want, zips); diff != "" {
		t.Errorf("zips asked for on the second night: %s", diff)
	}
	s.edition = 2026
	docs = mustFetch(t, asking(), s, docs)
	if diff := cmp.Diff(edition2025(2026), names(docs)); diff != "" {
		t.Errorf("after the next edition came out: %s", diff)
	}
	s.edition = 2024
	if diff := cmp.Diff(edition2025(2024), names(mustFetch(t, asking(), s, nil))); diff != "" {
		t.Errorf("where only an older edition is published: %s", diff)
	}
}

// with answers some addresses of a service in another way.
func with(t *testing.T, s service, change map[string]http.HandlerFunc) fetchtest.Hosts {
	hosts := s.hosts(t)
	for host, usual := range maps.Clone(hosts) {
		hosts[host] = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for part, h := range change {
				if strings.Contains(r.Host+r.URL.RequestURI(), part) {
					h(w, r)
					return
				}
			}
			usual.ServeHTTP(w, r)
		})
	}
	return hosts
}

func page(w http.ResponseWriter, _ *http.Request) {
	fmt.Fprint(w, "<!DOCTYPE html><html><head><title>AIDSinfo</title></head><body></body></html>")
}

func forbidden(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }

func bytesOf(b []byte) http.HandlerFunc {
	return fetchtest.Body("application/octet-stream", b).ServeHTTP
}

func TestFetchFails(t *testing.T) {
	known := mustFetch(t, asking(), healthy(), nil)
	tests := []struct {
		name   string
		change map[string]http.HandlerFunc
		inUse  []fetch.Document
		want   error  // nil: none
		says   string // part of the error
		left   int    // documents in use afterwards
	}{
		{"a known zip is gone", map[string]http.HandlerFunc{"NCPI_2025": gone}, known, fetch.ErrNotFound, "no edition of NCPI from 2025 to 2026", documents},
		{"a known series is gone", map[string]http.HandlerFunc{"PWID_TOTAL": gone}, known, fetch.ErrNotFound, "PWID_TOTAL", documents},
		{"a known series is empty", map[string]http.HandlerFunc{"PWID_TOTAL": bytesOf([]byte(`{"Data":[{"Observation":[]}]}`))}, known, fetch.ErrRefused, "no observation", documents},
		{"a known workbook is gone", map[string]http.HandlerFunc{"hivfinancial": gone}, known, fetch.ErrNotFound, "ProgrammeExpenditures", documents},
		{"a page where the next edition will be", map[string]http.HandlerFunc{"_2026_": page}, known, nil, "", documents},
		{"a next edition that cannot be read", map[string]http.HandlerFunc{"Estimates_2026": bytesOf(zipped("HIV_estimates.xlsx", []byte("x")))}, known,
			fetch.ErrRefused, `no CSV file in the archive, which holds ["HIV_estimates.xlsx"]`, documents},
		{"a next edition without the columns", map[string]http.HandlerFunc{"GAM_2026": bytesOf(zipped("GAM.csv", []byte("a,b\n1,2\n")))}, known,
			fetch.ErrRefused, "no table with area, time period and data value in GAM.csv", documents},
		{"a next edition that is damaged", map[string]http.HandlerFunc{"GAM_2026": bytesOf(damagedZip())}, known, fetch.ErrRefused, "checksum error", documents},
		{"a page where the known edition was", map[string]http.HandlerFunc{"GAM_2025": page}, known, fetch.ErrRefused, `titled "AIDSinfo"`, documents},
		{"the gateway lets no program in", map[string]http.HandlerFunc{"aidsinfo.unaids.org": forbidden}, nil, fetch.ErrBlocked, "hand them over", documents - 4},
		{"an answer about something else", map[string]http.HandlerFunc{"PWID_TOTAL": bytesOf(healthy().answer("GAM", "PWID_NEEDLES@RATE@TOTAL"))}, known,
			fetch.ErrRefused, "the answer is about", documents},
		{"an answer without values", map[string]http.HandlerFunc{"PWID_TOTAL": bytesOf([]byte(`{"Data":[{"Observation":[{"AREA":{"value":"Georgia"}}]}]}`))}, known,
			fetch.ErrRefused, "the observations state no time period, value", documents},
		{"nothing is published", map[string]http.HandlerFunc{"": gone}, nil, fetch.ErrNotFound, "no edition of GAM from 2019 to 2026", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n := fetchtest.New(t, with(t, healthy(), tt.change))
			docs, err := n.Fetch(t, n.Client(t, nil), asking(), tt.inUse)
			if !errors.Is(err, tt.want) || err != nil && !strings.Contains(err.Error(), tt.says) {
				t.Errorf("error %v, want %v that says %q", err, tt.want, tt.says)
			}
			if len(docs) != tt.left {
				t.Errorf("%d documents in use: %q", len(docs), names(docs))
			}
		})
	}
}

// Where the gateway refuses, the site is left alone, and so is an interface that
// is no longer there.
func TestLeavesHostsAlone(t *testing.T) {
	for name, change := range map[string]map[string]http.HandlerFunc{
		"aidsinfo.unaids.org": {"aidsinfo.unaids.org": forbidden},
		apiHost:               {apiHost: gone},
	} {
		n := fetchtest.New(t, with(t, healthy(), change))
		if _, err := n.Fetch(t, n.Client(t, nil), asking(), nil); err == nil {
			t.Errorf("%s: no error", name)
		}
		asked, _ := n.Asked()
		asked = slices.DeleteFunc(asked, func(a string) bool { return !strings.Contains(a, "/"+name+"/") })
		if len(asked) == 0 || len(asked) > maxMisses {
			t.Errorf("%s was asked %d times", name, len(asked))
		}
	}
}

// The workbook may be missing, and its host too; once it was there it must be.
func TestWorkbookMisbehaves(t *testing.T) {
	n := fetchtest.New(t, healthy().hosts(t))
	c := n.Client(t, nil)
	docs, err := n.Fetch(t, c, asking(), nil)
	if err != nil || len(docs) != documents {
		t.Fatalf("%d documents, %v", len(docs), err)
	}
	for _, kind := range fetchtest.Kinds {
		if kind == fetchtest.NoRobots || kind == fetchtest.Disallowed || kind == fetchtest.Bomb {
			continue // of all hosts, or slow: TestFetching
		}
		n.Break(fetchtest.Fault{Kind: kind, Match: "hivfinancial"})
		after, err := n.Fetch(t, c, asking(), docs)
		if len(after) != documents || err == nil {
			t.Errorf("%s: %d documents in use, error %v", kind, len(after), err)
		}
		fresh, err := n.Fetch(t, c, asking(), nil)
		if len(fresh) != documents-1 || (err == nil) != (kind == fetchtest.Missing) {
			t.Errorf("%s: the first fetch has %d documents, error %v", kind, len(fresh), err)
		}
	}
	n.Break(fetchtest.Fault{})
	c = n.Client(t, func(cfg *fetch.Config) { cfg.Transport = noHost{n, "hivfinancial.unaids.org"} })
	if fresh, err := n.Fetch(t, c, asking(), nil); len(fresh) != documents-1 || err != nil {
		t.Errorf("no such host: %d documents, error %v", len(fresh), err)
	}
}

// noHost is a net on which one host does not exist.
type noHost struct {
	http.RoundTripper
	host string
}

func (n noHost) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Host == n.host {
		return nil, &net.DNSError{Err: "no such host", Name: n.host, IsNotFound: true}
	}
	return n.RoundTripper.RoundTrip(req)
}

// A dry run retrieves one document.
func TestSample(t *testing.T) {
	n := fetchtest.New(t, healthy().hosts(t))
	c := n.Client(t, nil).For(fetch.View{Sample: true})
	enough := errors.New("enough")
	var got fetch.Document
	err := New().Fetch(t.Context(), c, func(d fetch.Document) error { got = d; return enough })
	if !errors.Is(err, enough) || got.Role != roleZip {
		t.Errorf("kept %s as %q, %v", got.URL, got.Role, err)
	}
	m, err := extractors.Measured(t.Context(), New(), extractors.Set{got})
	if err != nil || m.All.Rows == 0 {
		t.Errorf("%d rows, %v", m.All.Rows, err)
	}
}

// Offline the bundled document stands alone.
func TestOffline(t *testing.T) {
	docs := extractorstest.Bundled(t, New())
	if len(docs) != 1 || docs[0].Role != roleExport || docs[0].Origin != fetch.Bundled {
		t.Errorf("documents %q", names(docs))
	}
}

// Every address of api.csv is of a series that is read.
func TestAskedSeriesAreRead(t *testing.T) {
	b, err := newBook()
	if err != nil {
		t.Fatal(err)
	}
	rows, err := rowsOf("api.csv", 5)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if !slices.ContainsFunc(b.series, func(s series) bool { return s.gid == r[1] }) {
			t.Errorf("%s is asked for and in no row of series.csv", r[1])
		}
	}
}

// Every address that is asked is spelled as in UNAIDS's own list.
func TestAskedAddressesAreListed(t *testing.T) {
	b, err := os.ReadFile(extractorstest.Corpus(t, "unaids", "aidsinfodbapi_indicator_links_2023.csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := rowsOf("api.csv", 5)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 62 {
		t.Errorf("%d addresses; README.md says 62", len(rows))
	}
	for _, r := range rows {
		if a := apiAddress(r[0], r[1], r[2], r[3]); !strings.Contains(string(b), ","+a+"\r\n") && !strings.Contains(string(b), ","+a+"\n") {
			t.Errorf("not listed: %s", a)
		}
	}
}

package iati

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hrinvest/extractors/extractorstest"
	"hrinvest/extractors/fetch"
	"hrinvest/extractors/fetch/fetchtest"
)

func TestFetching(t *testing.T) {
	for _, how := range []Retrieval{RetrieveHIV, RetrieveAll} {
		t.Run(string(how), func(t *testing.T) {
			extractorstest.Fetching(t, New(Config{Retrieval: how}), extractorstest.Emulator{
				Hosts: grants(4, 40, 1000).hosts(t),
				Fewer: grants(4, 4, 1000).hosts(t),
				Moved: grants(4, 40, 1500).hosts(t),
			})
		})
	}
}

// Until 2025 the index had another shape, at another address.
func TestFetchOldIndex(t *testing.T) {
	s := grants(2, 1, 1)
	s.old = true
	net := fetchtest.New(t, s.hosts(t))
	c := net.Client(t, nil)
	docs, err := net.Fetch(t, c, New(Config{}), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{copyOf(0), copyOf(1), "index"}
	if diff := cmp.Diff(want, addresses(docs)); diff != "" {
		t.Error(diff)
	}
	net.Asked()
	if _, err := net.Fetch(t, c, New(Config{}), docs); err != nil {
		t.Fatal(err)
	}
	if asked, bytes := net.Asked(); len(asked) != 2 || bytes > 100 { // the new index is not there, the old one is not modified
		t.Errorf("the second night asked for %q and got %d bytes", asked, bytes)
	}
}

// An index of old that lies about does not stand in for the present one.
func TestFetchOldIndexLeftBehind(t *testing.T) {
	s := grants(3, 1, 1)
	hosts := s.hosts(t)
	left := grants(1, 1, 1)
	left.old = true
	mux := http.NewServeMux()
	mux.Handle("/", hosts["bulk-data.iatistandard.org"])
	mux.Handle("/dataset-index-minimal.json", left.handler(t))
	hosts["bulk-data.iatistandard.org"] = mux
	net := fetchtest.New(t, hosts)
	c := net.Client(t, nil)
	before, err := net.Fetch(t, c, New(Config{}), nil)
	if err != nil || len(before) != 4 {
		t.Fatalf("got %q, %v", addresses(before), err)
	}
	net.Break(fetchtest.Fault{Kind: fetchtest.Missing, Match: "datasets-minimal"})
	after, err := net.Fetch(t, c, New(Config{}), before)
	if !errors.Is(err, fetch.ErrNotFound) || len(after) != 4 {
		t.Errorf("got %q, %v", addresses(after), err)
	}
}

// A night after nights: only what changed is asked for, what is gone is gone,
// what has no copy at present stays.
func TestFetchNights(t *testing.T) {
	s := grants(5, 1, 1)
	s.files["someoneelse/someoneelse-1"] = grant("XX-1", 1, 1)
	s.files["unaids/unaids-kg"] = grant("XM-DAC-41110-KG", 1, 1)
	s.licence = map[string]string{grantName(0): "odc-odbl"}
	net := fetchtest.New(t, s.hosts(t))
	c := net.Client(t, nil)
	src := New(Config{})
	first, err := net.Fetch(t, c, src, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{copyOf(0), copyOf(1), copyOf(2), copyOf(3), copyOf(4), "unaids/unaids-kg.xml", "index"}
	if diff := cmp.Diff(want, addresses(first)); diff != "" {
		t.Error(diff)
	}
	if first[0].Licence != "odc-odbl" || first[1].Licence != src.Info().Licence {
		t.Errorf("licences %q and %q", first[0].Licence, first[1].Licence)
	}
	net.Asked()

	s.files[grantName(1)] = grant("47045-KGZ-H-01", 2, 7) // changed
	delete(s.files, grantName(2))                         // no longer registered
	s.files[grantName(3)] = nil                           // its server has been away for days
	s.files[grantName(9)] = nil                           // registered, never had
	second, err := net.Fetch(t, c, src, first)
	if err != nil {
		t.Fatal(err)
	}
	want = []string{copyOf(0), copyOf(1), copyOf(3), copyOf(4), "unaids/unaids-kg.xml", "index"}
	if diff := cmp.Diff(want, addresses(second)); diff != "" {
		t.Error(diff)
	}
	if second[1].SHA256 == first[1].SHA256 || second[2].SHA256 != first[3].SHA256 {
		t.Error("what changed is old, or what has no copy is new")
	}
	asked, _ := net.Asked()
	if diff := cmp.Diff([]string{indexURL, copies + copyOf(1)}, asked); diff != "" {
		t.Error(diff)
	}

	s.files[grantName(3)] = grant("47045-KGZ-H-03", 1, 1) // it is back, as it was
	if _, err := net.Fetch(t, c, src, second); err != nil {
		t.Fatal(err)
	}
	if asked, _ := net.Asked(); len(asked) != 1 {
		t.Errorf("asked for %q", asked)
	}
}

// The index announces what the copies do not hold yet: they are asked for until
// they do.
func TestFetchLateCopy(t *testing.T) {
	now, late := grants(1, 1, 1), grants(1, 1, 1)
	now.files[grantName(0)] = grant("47045-KGZ-H-00", 2, 7)
	hosts := now.hosts(t)
	index := hosts["bulk-data.iatistandard.org"]
	copies := late.handler(t)
	hosts["bulk-data.iatistandard.org"] = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, ".xml") {
			copies.ServeHTTP(w, r)
			return
		}
		index.ServeHTTP(w, r)
	})
	net := fetchtest.New(t, hosts)
	c := net.Client(t, nil)
	first, err := net.Fetch(t, c, New(Config{}), nil)
	if err != nil || len(first) != 2 || first[0].Version != "" {
		t.Fatalf("%+v, %v", first, err)
	}
	late.files = now.files
	second, err := net.Fetch(t, c, New(Config{}), first)
	if err != nil || second[0].SHA256 == first[0].SHA256 || second[0].Version == "" {
		t.Errorf("%+v, %v", second, err)
	}
}

// An index from which every publisher that matters is gone retires nothing.
func TestFetchEmptyIndex(t *testing.T) {
	for name, files := range map[string]map[string][]byte{
		"others only": {"someoneelse/someoneelse-1": grant("XX-1", 1, 1)},
		"no copies":   {grantName(0): nil},
		"nothing":     {},
	} {
		net := fetchtest.New(t, (&service{files: files}).hosts(t))
		docs, err := net.Fetch(t, net.Client(t, nil), New(Config{}), nil)
		if !errors.Is(err, fetch.ErrRefused) || len(docs) > 0 {
			t.Errorf("%s: got %d documents, %v", name, len(docs), err)
		}
	}
}

// Three of forty fail: the others are had, and the error can be read.
func TestFetchSomeFail(t *testing.T) {
	s := grants(40, 1, 1)
	hosts := s.hosts(t)
	well := hosts["bulk-data.iatistandard.org"]
	bad := map[string]func(http.ResponseWriter){
		"/" + copyOf(5): func(w http.ResponseWriter) { http.Error(w, "gone", http.StatusNotFound) },
		"/" + copyOf(6): func(w http.ResponseWriter) {
			fmt.Fprint(w, "<!DOCTYPE html><html><head><title>Sign in</title></head></html>")
		},
		"/" + copyOf(7): func(w http.ResponseWriter) {
			fmt.Fprint(w, `<?xml version="1.0"?><rss version="2.0"><channel></channel></rss>`)
		},
	}
	var ill bool
	hosts["bulk-data.iatistandard.org"] = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f := bad[r.URL.Path]; f != nil && ill {
			f(w)
			return
		}
		well.ServeHTTP(w, r)
	})
	net := fetchtest.New(t, hosts)
	c := net.Client(t, nil)
	before, err := net.Fetch(t, c, New(Config{}), nil)
	if err != nil || len(before) != 41 {
		t.Fatalf("got %d documents, %v", len(before), err)
	}

	ill = true
	for i := range 8 {
		s.files[grantName(i)] = grant("47045-KGZ-H-0"+fmt.Sprint(i), 2, 5)
	}
	fresh, err := net.Fetch(t, c, New(Config{}), nil)
	if len(fresh) != 38 || !slices.Contains(addresses(fresh), "index") {
		t.Errorf("got %q", addresses(fresh))
	}
	if err == nil || !errors.Is(err, fetch.ErrNotFound) || !errors.Is(err, fetch.ErrRefused) ||
		!strings.HasPrefix(err.Error(), "3 of 40 datasets could not be fetched (1 not there, 2 refused): fetching ") {
		t.Errorf("got error %v", err)
	}
	after, err := net.Fetch(t, c, New(Config{}), before)
	if err == nil || len(after) != 41 {
		t.Errorf("got %d documents, %v", len(after), err)
	}
	changed := 0
	for i := range after {
		if after[i].SHA256 != before[i].SHA256 && after[i].Role != roleIndex {
			changed++
		}
	}
	if changed != 5 {
		t.Errorf("%d documents changed, want the five that could be had", changed)
	}
}

// What hundreds of failures say fits on a few lines.
func TestFailuresAreShort(t *testing.T) {
	f := &failures{what: "datasets", of: 1700}
	for i := range 900 {
		f.add(fmt.Errorf("fetching https://example.org/%d: %w", i, []error{fetch.ErrNotFound, fetch.ErrBlocked, errors.New("no such host")}[i%3]))
	}
	f.add(nil)
	want := "900 of 1700 datasets could not be fetched (300 not there, 300 not allowed, 300 without a good answer): " +
		"fetching https://example.org/0: not there; fetching https://example.org/1: not allowed; fetching https://example.org/2: no such host; and 897 more"
	if diff := cmp.Diff(want, f.err().Error()); diff != "" {
		t.Error(diff)
	}
	if (&failures{}).err() != nil {
		t.Error("nothing failed, and that is an error")
	}
}

// A host that does not answer is not asked for each of its files.
func TestFetchHostLost(t *testing.T) {
	s := grants(40, 1, 1)
	hosts := s.hosts(t)
	well := hosts["bulk-data.iatistandard.org"]
	hosts["bulk-data.iatistandard.org"] = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path > "/"+copyOf(9) && strings.HasPrefix(r.URL.Path, "/theglobalfund/") {
			http.Error(w, "down", http.StatusServiceUnavailable)
			return
		}
		well.ServeHTTP(w, r)
	})
	net := fetchtest.New(t, hosts)
	docs, err := net.Fetch(t, net.Client(t, nil), New(Config{}), nil)
	if len(docs) != 11 || err == nil || !strings.Contains(err.Error(), "30 of 40 datasets could not be fetched (25 not asked for, 5 without a good answer)") {
		t.Errorf("got %d documents, %v", len(docs), err)
	}
	if asked, _ := net.Asked(); len(asked) != 1+10+2*inARow { // each tried twice
		t.Errorf("asked %d times", len(asked))
	}
}

// A publisher's broken file is a document: Parse says what is wrong with it. (That
// a file which broke on the way is none, TestFetching shows.)
func TestFetchBrokenAsPublished(t *testing.T) {
	whole := string(grant("47045-KGZ-H-00", 3, 5))
	for name, tt := range map[string]struct {
		body     string
		problems int
	}{
		"cut off": {whole[:len(whole)-80], 2}, // the activity and the file
		"UTF-16":  {utf16(t, `<?xml version="1.0" encoding="UTF-16"?>`+whole[strings.Index(whole, "<iati-activities"):]), 0},
	} {
		s := grants(2, 1, 1)
		s.files[grantName(0)] = []byte(tt.body)
		net := fetchtest.New(t, s.hosts(t))
		docs, err := net.Fetch(t, net.Client(t, nil), New(Config{}), nil)
		if err != nil || len(docs) != 3 {
			t.Fatalf("%s: got %d documents, %v", name, len(docs), err)
		}
		if r := extractorstest.Parse(t, New(Config{}), docs...); len(r.Problems) != tt.problems {
			t.Errorf("%s: got problems %+v", name, r.Problems)
		}
	}
}

// Files of no activity are whole answers.
func TestFetchEmptyFile(t *testing.T) {
	for _, body := range []string{`<?xml version="1.0"?><iati-activities version="2.03"/>`, `<iati-activities version="2.03">` + "\n</iati-activities>"} {
		s := grants(1, 1, 1)
		s.files["unaids/unaids-tm"] = []byte(body)
		net := fetchtest.New(t, s.hosts(t))
		docs, err := net.Fetch(t, net.Client(t, nil), New(Config{}), nil)
		if err != nil || len(docs) != 3 || docs[1].Role != roleActivities {
			t.Fatalf("got %q, %v", addresses(docs), err)
		}
		if r := extractorstest.Parse(t, New(Config{}), docs[1]); r.Parsed() != 0 {
			t.Errorf("got %+v", r)
		}
	}
}

// The service's copies carry their character set as Content-Encoding.
// https://github.com/IATI/bulk-data-service/blob/18462f25cf37c97f99739456b48ff75142c1ff7f/src/utilities/azure.py
func TestFetchCharsetAsContentEncoding(t *testing.T) {
	for _, charset := range []string{"utf-8", "ascii", "UTF-8-SIG", "ISO-8859-1", "Windows-1252"} {
		s := grants(2, 1, 1)
		s.charset = charset
		net := fetchtest.New(t, s.hosts(t))
		docs, err := net.Fetch(t, net.Client(t, nil), New(Config{}), nil)
		if err != nil && strings.Contains(err.Error(), "packed as") {
			t.Skipf("package fetch takes a character set for a packing: %v", err)
		}
		if err != nil || len(docs) != 3 {
			t.Errorf("%s: got %d documents, %v", charset, len(docs), err)
		}
	}
}

// keep's error ends it, and is returned as it is.
func TestFetchKeepError(t *testing.T) {
	full := errors.New("disk full")
	for _, how := range []Retrieval{RetrieveHIV, RetrieveAll} {
		net := fetchtest.New(t, grants(3, 1, 1).hosts(t))
		n := 0
		err := New(Config{Retrieval: how}).Fetch(t.Context(), net.Client(t, nil), func(fetch.Document) error { n++; return full })
		if err != full || n != 1 {
			t.Errorf("%s: kept %d, %v", how, n, err)
		}
	}
	net := fetchtest.New(t, grants(3, 1, 1).hosts(t))
	if err := New(Config{Retrieval: "some"}).Fetch(t.Context(), net.Client(t, nil), nil); err == nil {
		t.Error("an unknown retrieval is no error")
	}
}

// A dry run needs the index and the beginning of one dataset.
func TestFetchSample(t *testing.T) {
	enough := errors.New("enough")
	s := grants(3, 1000, 1)
	net := fetchtest.New(t, s.hosts(t))
	var got fetch.Document
	for how, want := range map[Retrieval]struct {
		role  string
		asked int
	}{RetrieveHIV: {roleActivities, 2}, RetrieveAll: {roleArchive, 1}} {
		c := net.Client(t, nil).For(fetch.View{Sample: true})
		err := New(Config{Retrieval: how}).Fetch(t.Context(), c, func(d fetch.Document) error { got = d; return enough })
		if !errors.Is(err, enough) || got.Role != want.role || got.Size > headSize {
			t.Errorf("%s: got %d bytes of role %q, %v", how, got.Size, got.Role, err)
		}
		if asked, _ := net.Asked(); len(asked) != want.asked {
			t.Errorf("%s: asked for %q", how, asked)
		}
	}
}

func TestFetchCancelled(t *testing.T) {
	net := fetchtest.New(t, grants(30, 1, 1).hosts(t))
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	err := New(Config{}).Fetch(ctx, net.Client(t, nil), func(fetch.Document) error {
		if n++; n == 2 {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || n != 2 {
		t.Errorf("kept %d, %v", n, err)
	}
}

// Offline the same code answers with our extracts, the Global Fund's grants first.
func TestFetchOffline(t *testing.T) {
	docs := extractorstest.Bundled(t, New(Config{}))
	if len(docs) != 13 || docs[12].Role != roleIndex || !strings.HasSuffix(docs[0].URL, "/RUS-H-OHI") {
		t.Errorf("got %q", addresses(docs))
	}
	r := extractorstest.Parse(t, New(Config{}), docs...)
	without := extractorstest.Parse(t, New(Config{}), docs[:12]...)
	if diff := cmp.Diff(without, r); diff != "" || len(r.Disclosures) == 0 {
		t.Errorf("the index says something of money: %s", diff)
	}
	for _, d := range docs {
		if d.Origin != fetch.Bundled || d.Compiled == "" || d.Cites == "" {
			t.Errorf("%s: %+v", d.URL, d)
		}
	}
}

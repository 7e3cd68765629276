package dashboards

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"hrinvest/dashboards/locales"
	"hrinvest/warehouse"
)

func site(t testing.TB) *Server {
	t.Helper()
	s, err := New(Config{Releases: fixture(t), Sources: sources(), Now: opsNow})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func ask(t testing.TB, h http.Handler, path string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest("GET", path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// everyPage lists an address of every kind of page, in every language.
func everyPage() []string {
	var out []string
	for _, lang := range locales.Languages() {
		for _, p := range []string{"/", "/country/KGZ", "/country/TJK", "/country/RUS", "/country/MNE", "/country/GEO", "/country/XKX", "/gaps", "/gaps?country=KGZ", "/gaps?verdict=met", "/gaps?area=EECA_EHRA&sort=-actual", "/commitments", "/commitments?kind=coverage&sort=-threshold", "/countries", "/countries?sort=-latest_hr_year",
			"/donors", "/donor?funder=Global+Fund", "/donor?funder=Aidsfonds&definition=all", "/questions", "/questions/reconciliation", "/questions/country_gaps?country=KGZ&sort=-year", "/questions/spending_by_source?country=KGZ&trace=1", "/releases", "/sources", "/ops", "/method", "/about",
			"/flows?country=KGZ", "/flows?country=KGZ&intervention=oat&kind=expenditure&year=2016", "/flow/f3", "/flow/f7", "/flow/f8"} {
			out = append(out, "/"+lang+p)
		}
	}
	return out
}

// Every page answers, is HTML in its language, and weighs under 60 KB.
func TestPagesAnswer(t *testing.T) {
	s := site(t)
	for _, p := range everyPage() {
		w := ask(t, s, p, "Accept-Encoding", "gzip")
		if w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
			t.Errorf("%s: %d %s", p, w.Code, w.Header().Get("Content-Type"))
			continue
		}
		if n := w.Body.Len(); n > 60<<10 {
			t.Errorf("%s: %d bytes compressed, want under 60 KB", p, n)
		}
		if w.Header().Get("Content-Encoding") != "gzip" {
			t.Errorf("%s: not compressed", p)
		}
		z, err := gzip.NewReader(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(b, []byte(`<html lang="`+p[1:3]+`">`)) {
			t.Errorf("%s: wrong language", p)
		}
		if bytes.Contains(b, []byte("ZgotmplZ")) || bytes.Contains(b, []byte("<no value>")) {
			t.Errorf("%s: a value the template refused", p)
		}
	}
}

// No page has an inline style or script, a handler, or anything loaded from
// another site: the content security policy would refuse it.
func TestPagesKeepThePolicy(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	s := site(t)
	pages := append(everyPage(), "/en/nothing", "/ru/country/XXX")
	for _, p := range pages {
		w := ask(t, s, p)
		if got := w.Header().Get("Content-Security-Policy"); got != contentPolicy {
			t.Errorf("%s: policy %q", p, got)
		}
		for _, problem := range scanPage(t, w.Body.String()) {
			t.Errorf("%s: %s", p, problem)
		}
	}
	// The scan finds what it is for.
	if got := scanPage(t, `<p style="a" onclick="b"><style></style><script>x</script><img src="https://x.org/a.png"><link href="//x.org/a.css"></p>`); len(got) != 6 {
		t.Errorf("the scan found %d of 6: %v", len(got), got)
	}
}

func scanPage(t *testing.T, page string) []string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	ids := map[string]bool{}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if n.Data == "style" || n.Data == "script" || n.Data == "iframe" || n.Data == "object" {
			out = append(out, "element "+n.Data)
		}
		for _, a := range n.Attr {
			foreign := strings.HasPrefix(a.Val, "http") || strings.HasPrefix(a.Val, "//")
			switch {
			case a.Key == "style", strings.HasPrefix(a.Key, "on"):
				out = append(out, "attribute "+a.Key)
			case a.Key == "src" && foreign, a.Key == "href" && n.Data != "a" && foreign, a.Key == "action" && foreign:
				out = append(out, n.Data+" "+a.Key+" "+a.Val)
			case a.Key == "id":
				if ids[a.Val] {
					out = append(out, "id twice: "+a.Val)
				}
				ids[a.Val] = true
			}
		}
	}
	return out
}

// Links inside the site lead somewhere.
func TestLinksLeadSomewhere(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	s := site(t)
	seen := map[string]bool{}
	queue := []string{"/en/", "/ru/country/KGZ"}
	for len(queue) > 0 && len(seen) < 400 {
		p := queue[0]
		queue = queue[1:]
		if seen[p] {
			continue
		}
		seen[p] = true
		w := ask(t, s, p)
		if w.Code != 200 && w.Code != 302 {
			t.Errorf("%s: %d %s", p, w.Code, w.Body.String())
			continue
		}
		if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") || strings.Contains(p, "/brief/") {
			continue
		}
		root, err := html.Parse(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		ids := map[string]bool{}
		var here []string
		for n := range root.Descendants() {
			for _, a := range n.Attr {
				if a.Key == "id" {
					ids[a.Val] = true
				}
				if a.Key != "href" || strings.HasPrefix(a.Val, "http") {
					continue
				}
				if strings.HasPrefix(a.Val, "#") {
					here = append(here, a.Val[1:])
					continue
				}
				u, err := url.Parse(a.Val)
				if err != nil {
					t.Errorf("%s: link %q: %v", p, a.Val, err)
					continue
				}
				u.Fragment = ""
				queue = append(queue, u.String())
			}
		}
		for _, id := range here {
			if !ids[id] {
				t.Errorf("%s: #%s leads nowhere", p, id)
			}
		}
	}
	if len(seen) < 60 {
		t.Errorf("only %d addresses found", len(seen))
	}
}

func TestErrorsAreFriendly(t *testing.T) {
	s := site(t)
	for path, want := range map[string]struct {
		code int
		text string
	}{
		"/ru/nothing":                       {404, "По этому адресу страницы нет"},
		"/nothing/at/all":                   {404, "no page at this address"},
		"/en/country/XXX":                   {404, "no country with data under this code"},
		"/en/country/KGZ.exe":               {404, "no page"},
		"/en/brief/KGZ.doc":                 {404, "no page"},
		"/en/data/nothing.csv":              {404, "no page"},
		"/en/data/country_gaps.csv":         {400, "country is required"},
		"/en/data/gaps.csv?colour=red":      {400, "colour"},
		"/en/flow/absent":                   {404, "no number with this identifier"},
		"/en/gaps?colour=red":               {400, "colour"},
		"/en/gaps?year=soon":                {400, "A year must be a number"},
		"/en/gaps?year=2020&year=2021":      {400, "year"},
		"/en/gaps?sort=colour":              {400, "sort=colour"},
		"/en/donor":                         {404, "no donor"},
		"/ru/donor?funder=nobody":           {404, "нет донора"},
		"/en/questions/nothing":             {404, "no page"},
		"/en/questions/flows?colour=red":    {400, "colour"},
		"/en/questions/flows.exe":           {404, "no page"},
		"/en/flows.csv?country=KGZ&x=1":     {400, "x"},
		"/en/country/..%2f..%2fetc":         {404, ""},
		"/static/nothing.css":               {404, ""},
		"/en/gaps?country=%3Cscript%3Ex":    {400, "no country with the code"},
		"/ru/gaps?country=ZZZ":              {400, "Страны с кодом «ZZZ» нет"},
		"/en/gaps.csv?country=ZZZ":          {400, "no country with the code"},
		"/en/flows?country=ZZZ":             {400, "no country with the code"},
		"/en/gaps?commitment=%3Cscript%3Ex": {400, "there is no value"},
	} {
		w := ask(t, s, path)
		if w.Code != want.code || !strings.Contains(w.Body.String(), want.text) {
			t.Errorf("%s: %d %.300s", path, w.Code, w.Body.String())
		}
		if strings.Contains(w.Body.String(), "<script") {
			t.Errorf("%s: what the address says is not escaped", path)
		}
	}
	r := httptest.NewRequest("POST", "/en/", nil)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d", w.Code)
	}
}

func TestLanguageIsChosen(t *testing.T) {
	s := site(t)
	for accept, want := range map[string]string{"": "/en/", "ru-KG,ru;q=0.9": "/ru/", "en": "/en/", "ky, ru;q=0.8": "/ru/", "de": "/en/", "garbage;;": "/en/"} {
		w := ask(t, s, "/", "Accept-Language", accept)
		if w.Code != http.StatusFound || w.Header().Get("Location") != want {
			t.Errorf("%q: %d to %q, want %q", accept, w.Code, w.Header().Get("Location"), want)
		}
	}
	for path, want := range map[string]string{"/ru/kg": "/ru/country/KGZ", "/en/tjk": "/en/country/TJK", "/ru/country/kgz": "/ru/country/KGZ"} {
		if got := ask(t, s, path).Header().Get("Location"); got != want {
			t.Errorf("%s leads to %q, want %q", path, got, want)
		}
	}
}

func TestHeadAndNotModified(t *testing.T) {
	s := site(t)
	w := ask(t, s, "/en/country/KGZ")
	etag := w.Header().Get("ETag")
	if etag == "" || w.Header().Get("Cache-Control") != "no-cache" {
		t.Fatalf("headers %v", w.Header())
	}
	if w := ask(t, s, "/en/country/KGZ", "If-None-Match", etag); w.Code != http.StatusNotModified || w.Body.Len() != 0 {
		t.Errorf("same release: %d, %d bytes", w.Code, w.Body.Len())
	}
	r := httptest.NewRequest("HEAD", "/en/country/KGZ", nil)
	h := httptest.NewRecorder()
	s.ServeHTTP(h, r)
	if h.Code != 200 || h.Body.Len() != 0 || h.Header().Get("Content-Length") != w.Header().Get("Content-Length") {
		t.Errorf("HEAD: %d, %d bytes, length %s", h.Code, h.Body.Len(), h.Header().Get("Content-Length"))
	}
	css := regexp.MustCompile(`/static/[a-z]+-[0-9a-f]{8}\.css`).FindString(w.Body.String())
	c := ask(t, s, css)
	if c.Code != 200 || !strings.Contains(c.Header().Get("Cache-Control"), "immutable") || c.Body.Len() > 6<<10 {
		t.Errorf("style sheet %q: %d, %d bytes", css, c.Code, c.Body.Len())
	}
}

// The data behind a page stand under the same address with .csv and .json.
func TestDataBehindPages(t *testing.T) {
	s := site(t)
	for _, p := range []string{"/en/country/KGZ", "/ru/gaps", "/en/sources", "/en/flows", "/en/commitments", "/ru/donors", "/en/countries", "/en/releases", "/en/questions/definitions", "/en/data/excluded", "/ru/data/definitions"} {
		w := ask(t, s, p+".csv")
		records, err := csv.NewReader(w.Body).ReadAll()
		if err != nil || w.Code != 200 || len(records) < 2 {
			t.Errorf("%s.csv: %d, %d rows, %v", p, w.Code, len(records), err)
		}
		var v map[string]any
		j := ask(t, s, p+".json")
		if err := json.Unmarshal(j.Body.Bytes(), &v); err != nil || v["release"] == "" {
			t.Errorf("%s.json: %v", p, err)
		}
	}
	w := ask(t, s, "/en/flows.csv?country=KGZ&intervention=nsp")
	if !strings.Contains(w.Body.String(), "500000.5") {
		t.Errorf("an amount is not exact: %s", w.Body.String())
	}
	if w := ask(t, s, "/ru/brief/KGZ.pdf"); w.Code != 200 || !bytes.HasPrefix(w.Body.Bytes(), []byte("%PDF")) || w.Body.Len() > 300<<10 {
		t.Errorf("pdf: %d, %d bytes", w.Code, w.Body.Len())
	}
	if w := ask(t, s, "/ru/brief/KGZ.html"); w.Code != 200 || strings.Contains(w.Body.String(), "<script") || !strings.Contains(w.Body.String(), "<style>") {
		t.Errorf("html brief: %d", w.Code)
	}
}

// From a number of the country page to the quoted words of its document there
// are two steps.
func TestNumberLeadsToItsDocument(t *testing.T) {
	s := site(t)
	page := ask(t, s, "/en/country/KGZ").Body.String()
	m := regexp.MustCompile(`<a href="(/en/flows\?[^"]*intervention=oat[^"]*)">US\$100,000</a>`).FindStringSubmatch(page)
	if m == nil {
		t.Fatal("the number is no link")
	}
	list := ask(t, s, html.UnescapeString(m[1])).Body.String()
	if !strings.Contains(list, `href="/en/flow/f3"`) {
		t.Fatal("the flow is not listed")
	}
	flow := ask(t, s, "/en/flow/f3").Body.String()
	for _, want := range []string{"7,000,000.00", "/rows/f3", "aagov", "bundled extract", "&lt;b&gt;quoted&lt;/b&gt;", "70 KGS / USD"} {
		if !strings.Contains(flow, want) {
			t.Errorf("%q is not shown", want)
		}
	}
}

// A release published while the site runs is shown by the next request.
func TestNewReleaseIsShown(t *testing.T) {
	dir := t.TempDir()
	f := Follow(dir, warehouse.Options{Threads: 1})
	defer f.Close()
	s, err := New(Config{Releases: f})
	if err != nil {
		t.Fatal(err)
	}
	if w := ask(t, s, "/en/"); w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "no data yet") {
		t.Errorf("without a release: %d %.200s", w.Code, w.Body.String())
	}
	build(t, dir, fixtureFlows())
	data, old, done, err := f.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	etag := ask(t, s, "/en/country/KGZ").Header().Get("ETag")
	next := append(fixtureFlows(), flow("new", map[string]any{"year": 2021, "amount": "123456", "usd": "123456"}))
	build(t, dir, next)
	w := ask(t, s, "/en/country/KGZ", "If-None-Match", etag)
	if w.Code != 200 || !strings.Contains(w.Body.String(), "US$123,456") {
		t.Errorf("the new release is not shown: %d", w.Code)
	}
	// A reader of the old one still reads the old one.
	if b, err := NewBrief(t.Context(), data, "KGZ", "en", old); err != nil || strings.Contains(b.Headline, "123,456") {
		t.Errorf("old release: %v", err)
	}
	done()
}

// What readers cannot mend is logged and not shown.
func TestFailureIsLoggedNotShown(t *testing.T) {
	var log bytes.Buffer
	s, err := New(Config{Releases: broken{}, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	w := ask(t, s, "/en/")
	if w.Code != 500 || strings.Contains(w.Body.String(), "disk on fire") || !strings.Contains(log.String(), "disk on fire") {
		t.Errorf("%d %s; log %s", w.Code, w.Body.String(), log.String())
	}
	if _, err := New(Config{}); err == nil {
		t.Error("a site without releases was made")
	}
}

type broken struct{}

func (broken) Acquire(context.Context) (Data, Release, func(), error) {
	return nil, Release{}, nil, errors.New("disk on fire")
}

// Every text a template asks for is there.
func TestTemplateTexts(t *testing.T) {
	entries, err := files.ReadDir("templates")
	if err != nil {
		t.Fatal(err)
	}
	call := regexp.MustCompile(`\{\{-?\s*(?:t|n) "([a-z_.]+)"`)
	found := 0
	for _, lang := range locales.Languages() {
		l, err := locales.Load(lang)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			b, err := os.ReadFile("templates/" + e.Name())
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range call.FindAllSubmatch(b, -1) {
				found++
				if !l.Has(string(m[1])) {
					t.Errorf("%s: no text %q in %s", e.Name(), m[1], lang)
				}
			}
		}
	}
	if found < 100 {
		t.Errorf("only %d texts found", found)
	}
}

// BenchmarkCountryPage makes a country page from the release; the kept answer,
// which most readers get, is BenchmarkCountryPageKept.
func BenchmarkCountryPage(b *testing.B) {
	s := site(b)
	data, rel, done, err := s.cfg.Releases.Acquire(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer done()
	ed, err := s.editionOf(b.Context(), data, rel, true)
	if err != nil {
		b.Fatal(err)
	}
	r := httptest.NewRequest("GET", "/ru/country/KGZ", nil)
	r.SetPathValue("file", "KGZ")
	for b.Loop() {
		if _, err := country(&request{Request: r, s: s, data: data, ed: ed, loc: s.locales["ru"]}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCountryPageKept(b *testing.B) {
	s := site(b)
	for b.Loop() {
		if w := ask(b, s, "/ru/country/KGZ", "Accept-Encoding", "gzip"); w.Code != 200 {
			b.Fatal(w.Code)
		}
	}
}

package api

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"hrinvest/dashboards"
	"hrinvest/warehouse"
	wt "hrinvest/warehouse/warehousetest"
)

var update = flag.Bool("update", false, "write what the interface offers now")

// The test binary is also the process that answers SQL.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "answer-sql" {
		if err := warehouse.SandboxProcess(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// world is a small release: invented money of two countries.
func world() wt.Tables {
	source := map[string]any{"source": "s1", "title": "Source one", "publisher": "Publisher", "home": "https://example.org", "spent": "sum", "authority": 2, "licence": "CC BY 4.0", "kind": "money",
		"documents": 1, "parsed": 9, "loaded": 9, "out_of_scope": 0, "rejected": 0, "observations": 0, "origin": "bundled"}
	document := map[string]any{"source": "s1", "role": "activities", "name": "a.xml", "url": "https://example.org/a.xml", "sha256": "abc", "size": 10, "retrieved": "2026-11-22T01:02:03Z", "origin": "bundled", "compiled": "2024-12-31"}
	t := wt.Tables{"sources": {source}, "documents": {document}}
	for i, set := range []map[string]any{
		{"amount": "123456789012.345678", "usd": "123456789012.345678"},
		{"year": 2016, "intervention": "oat"},
		{"year": 2017, "title": "=1+1", "activity_id": "0012"},
		{"country": "KAZ", "countries": "KAZ", "amount": "0.000001", "usd": "0.000001"},
		{"country": "KAZ", "countries": "KAZ", "usd": nil, "rate": nil, "currency": "XXX"},
		{"country": nil, "countries": "KGZ KAZ"},
		{"counted": false, "excluded_by": "lower_authority"},
		{"year": nil, "cycle": "GC7", "kind": "budget"},
		{"kind": "expenditure"},
	} {
		set["flow_id"], set["disclosure_id"] = fmt.Sprintf("f%d", i), fmt.Sprintf("d%d", i)
		f := wt.Flow(set)
		t["flows"] = append(t["flows"], f)
		t["disclosures"] = append(t["disclosures"], map[string]any{"disclosure_id": f["disclosure_id"], "source": "s1", "document_sha256": "abc", "locator": fmt.Sprintf("/a/b[%d]", i),
			"origin": "bundled", "kind": f["kind"], "amount_published": f["amount"], "currency": f["currency"], "outcome": "loaded", "raw": "{}"})
	}
	for y := 2010; y < 2020; y++ {
		for _, area := range []string{"KGZ", "KAZ"} {
			t["observations"] = append(t["observations"], map[string]any{"indicator": "oat_coverage", "area": area, "year": y, "value": "4.4", "unit": "percent", "status": "reported",
				"source": "s1", "document_sha256": "abc", "locator": fmt.Sprint(y), "origin": "bundled"})
		}
	}
	return t
}

var shared = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "hrinvest-api-test") })

// follower follows a release built once for the tests that only read.
var build sync.Once

func follower(t testing.TB) *dashboards.Follower {
	t.Helper()
	dir, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	build.Do(func() { wt.Publish(t, dir, world()) })
	f := dashboards.Follow(dir, warehouse.Options{Threads: 1})
	t.Cleanup(func() { f.Close() })
	return f
}

func server(t testing.TB) *Server {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(Config{Releases: follower(t), SQL: &warehouse.Sandbox{Command: []string{self, "answer-sql"}, Rows: 100, Time: 20 * time.Second}, Version: "v1"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func send(h http.Handler, method, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func get(h http.Handler, path string, header ...string) *httptest.ResponseRecorder {
	return send(h, "GET", path, "", header...)
}

// given are arguments for the parameters that questions require.
func given(q warehouse.Query) url.Values {
	v := url.Values{}
	for _, p := range q.Params {
		if p.Required {
			v.Set(p.Name, map[string]string{"country": "KGZ", "flow_id": "f0", "disclosure_id": "d0"}[p.Name])
		}
	}
	return v
}

// every is an address of every path, with the method to ask it by.
func every(t testing.TB, s *Server) []string {
	out := []string{root + "/", root + "/queries", root + "/problems", root + "/openapi.json", root + "/brief/KGZ", root + "/brief/KGZ?lang=ru", root + "/sql?q=" + url.QueryEscape("SELECT * FROM flows")}
	for _, q := range s.queries {
		out = append(out, root+"/query/"+q.Name+"?"+given(q).Encode())
	}
	for _, name := range resources() {
		out = append(out, root+"/"+name, root+"/"+name+"?limit=1")
	}
	return out
}

// schemas are the schemas of a document: OpenAPI 3.1 has JSON Schema 2020-12.
type schemas struct {
	t        testing.TB
	paths    map[string]any
	compiler *jsonschema.Compiler
}

func schemasOf(t testing.TB, document []byte) schemas {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	f, err := os.Open("testdata/oas31-schema.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	meta, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	for name, d := range map[string]any{"meta.json": meta, "openapi.json": doc} {
		if err := c.AddResource(name, d); err != nil {
			t.Fatal(err)
		}
	}
	valid, err := c.Compile("meta.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := valid.Validate(doc); err != nil {
		t.Errorf("the document is not OpenAPI 3.1: %v", err)
	}
	return schemas{t, doc.(map[string]any)["paths"].(map[string]any), c}
}

// path finds an address in the document, and how its parts are to be escaped in
// a pointer.
func (s schemas) path(address string) string {
	if strings.HasPrefix(address, root+"/brief/") {
		address = root + "/brief/{country}"
	}
	if _, ok := s.paths[address]; !ok {
		return ""
	}
	return address
}

// check holds a response against the document.
func (s schemas) check(method, address string, w *httptest.ResponseRecorder) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	path := s.path(u.Path)
	if path == "" {
		return fmt.Errorf("the document has no path %s", u.Path)
	}
	operation, ok := s.paths[path].(map[string]any)[strings.ToLower(method)].(map[string]any)
	if !ok {
		return fmt.Errorf("the document has no %s of %s", method, path)
	}
	known, _ := operation["parameters"].([]any)
	if w.Code == 200 {
		for name := range u.Query() {
			if !slices.ContainsFunc(known, func(p any) bool { return p.(map[string]any)["name"] == name }) {
				return fmt.Errorf("the document has no parameter %s", name)
			}
		}
	}
	status := fmt.Sprint(w.Code)
	if _, ok := operation["responses"].(map[string]any)[status]; !ok {
		status = "default"
	}
	escape := strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D")
	pointer := fmt.Sprintf("openapi.json#/paths/%s/%s/responses/%s/content/%s/schema", escape.Replace(path), strings.ToLower(method), status, escape.Replace(w.Header().Get("Content-Type")))
	schema, err := s.compiler.Compile(pointer)
	if err != nil {
		return err
	}
	body, err := jsonschema.UnmarshalJSON(w.Body)
	if err != nil {
		return err
	}
	return schema.Validate(body)
}

// The document is valid, and every answer, and every problem, is as it says.
func TestAnswersAreAsTheDocumentSays(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	s := server(t)
	doc := schemasOf(t, get(s, root+"/openapi.json").Body.Bytes())
	check := func(method, path, body string, status int) {
		t.Helper()
		w := send(s, method, path, body, "Content-Type", "application/sql")
		if w.Code != status {
			t.Errorf("%s %s: %d, want %d\n%.300s", method, path, w.Code, status, w.Body)
			return
		}
		if err := doc.check(method, path, w); err != nil {
			t.Errorf("%s %s: %v", method, path, err)
		}
	}
	for _, path := range every(t, s) {
		check("GET", path, "", 200)
	}
	check("POST", root+"/sql", "SELECT 1 AS a", 200)
	check("GET", root+"/flows?contry=KGZ", "", 400)
	check("GET", root+"/brief/XXX", "", 404)
	check("GET", root+"/sql?q=DROP+TABLE+flows", "", 400)
	// Every path of the document was asked.
	for path := range doc.paths {
		if !slices.ContainsFunc(every(t, s), func(address string) bool {
			address, _, _ = strings.Cut(address, "?")
			return doc.path(address) == path
		}) {
			t.Errorf("%s is not asked by this test", path)
		}
	}
	// The check finds what it is for.
	for _, body := range []string{
		`{"release":{},"query":"sources","data":[],"next":null}`,
		`{"query":"sources","data":[],"next":null}`,
		strings.Replace(get(s, root+"/sources").Body.String(), `"s1"`, `1`, 1),
		strings.Replace(get(s, root+"/sources").Body.String(), `"source":`, `"sauce":`, 1),
	} {
		w := httptest.NewRecorder()
		w.Header().Set("Content-Type", "application/json")
		w.WriteString(body)
		if err := doc.check("GET", root+"/sources", w); err == nil {
			t.Errorf("a wrong answer passed: %s", body)
		}
	}
}

// read decodes an answer with its numbers as they are written.
func read(t testing.TB, b []byte) map[string]any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var m map[string]any
	if err := d.Decode(&m); err != nil {
		t.Fatalf("%v: %.200s", err, b)
	}
	return m
}

// The pages of an answer, whatever their size, are the whole answer in its order.
func TestPagesAreTheWhole(t *testing.T) {
	s := server(t)
	several := 0
	for _, q := range s.queries {
		values := given(q)
		whole := read(t, get(s, root+"/query/"+q.Name+"?"+values.Encode()).Body.Bytes())["data"].([]any)
		for _, size := range []int{3} {
			if len(whole)/size > 8 {
				continue
			}
			var got []any
			values.Set("limit", fmt.Sprint(size))
			for next := root + "/query/" + q.Name + "?" + values.Encode(); next != ""; {
				w := get(s, next)
				if w.Code != 200 {
					t.Fatalf("%s: %d %s", next, w.Code, w.Body)
				}
				m := read(t, w.Body.Bytes())
				rows := m["data"].([]any)
				if len(rows) > size {
					t.Fatalf("%s: %d rows on a page of %d", q.Name, len(rows), size)
				}
				got = append(got, rows...)
				next, _ = m["next"].(string)
				if link := w.Header().Get("Link"); (next != "") != (link != "") {
					t.Errorf("%s: next %q, link %q", q.Name, next, link)
				}
			}
			if d := cmp.Diff(whole, got); len(whole) > 0 && d != "" {
				t.Errorf("%s by %d: -whole +pages\n%.500s", q.Name, size, d)
			}
			if len(got) > size {
				several++
			}
		}
	}
	if several < 10 {
		t.Errorf("only %d answers had several pages", several)
	}
}

func TestProblems(t *testing.T) {
	s := server(t)
	next := read(t, get(s, root+"/flows?limit=1").Body.Bytes())["next"].(string)
	u, err := url.Parse(next)
	if err != nil {
		t.Fatal(err)
	}
	own := u.Query().Get("cursor")
	old := cursor{"20200101T000000Z-00000000", questionID("flows", url.Values{}), warehouse.Position{After: "f1"}}.String()
	for _, tt := range []struct {
		method, path string
		status       int
		id           string
		parameter    string
	}{
		{"GET", "/api/v2/flows", 404, "not-found", ""},
		{"GET", "/api/v1/nothing", 404, "not-found", ""},
		{"GET", "/api/v1/query/nothing", 404, "not-found", ""},
		{"GET", "/api/v1/brief/XXX", 404, "not-found", ""},
		{"GET", "/api/v1/brief/KGZ?lang=de", 400, "bad-parameter", "lang"},
		{"GET", "/api/v1/flows?contry=KGZ", 400, "unknown-parameter", "contry"},
		{"GET", "/api/v1/flows?after=f1", 400, "unknown-parameter", "after"},
		{"GET", "/api/v1/?x=1", 400, "unknown-parameter", "x"},
		{"GET", "/api/v1/openapi.json?x=1", 400, "unknown-parameter", "x"},
		{"GET", "/api/v1/flows?country=KGZ&country=KAZ", 400, "bad-parameter", "country"},
		{"GET", "/api/v1/flows?country=XXX", 400, "bad-parameter", "country"},
		{"GET", "/api/v1/flows?country=kyrgyzstan%27--", 400, "bad-parameter", "country"},
		{"GET", "/api/v1/flows?year=lots", 400, "bad-parameter", "year"},
		{"GET", "/api/v1/flows?counted=perhaps", 400, "bad-parameter", "counted"},
		{"GET", "/api/v1/flows?limit=0", 400, "bad-parameter", "limit"},
		{"GET", "/api/v1/flows?limit=10001", 400, "bad-parameter", "limit"},
		{"GET", "/api/v1/flows?format=xml", 400, "bad-parameter", "format"},
		{"GET", "/api/v1/flows?excel=de", 400, "bad-parameter", "excel"},
		{"GET", "/api/v1/flows?format=csv&limit=1", 400, "bad-parameter", "limit"},
		{"GET", "/api/v1/query/country_gaps", 400, "missing-parameter", "country"},
		{"GET", "/api/v1/flows?as_of=2026-01-01", 400, "reserved-parameter", "as_of"}, // no data directory
		{"GET", "/api/v1/queries?as_of=2026-01-01", 400, "reserved-parameter", "as_of"},
		{"GET", "/api/v1/flows?cursor=" + old, 410, "cursor-expired", "cursor"},
		{"GET", "/api/v1/gaps?cursor=" + own, 400, "bad-cursor", "cursor"},
		{"GET", "/api/v1/flows?country=KGZ&cursor=" + own, 400, "bad-cursor", "cursor"},
		{"GET", "/api/v1/flows?cursor=nonsense!", 400, "bad-cursor", "cursor"},
		{"POST", "/api/v1/flows", 405, "method-not-allowed", ""},
		{"DELETE", "/api/v1/sql", 405, "method-not-allowed", ""},
		{"GET", "/api/v1/sql", 400, "missing-parameter", "q"},
		{"GET", "/api/v1/sql?q=SELEC", 400, "statement-refused", ""},
		{"GET", "/api/v1/sql?q=SELECT+*+FROM+read_text('/etc/passwd')", 400, "statement-refused", ""},
		{"GET", "/api/v1/sql?q=SELECT+repeat('x',2000000000)", 422, "statement-stopped", ""},
		{"POST", "/api/v1/sql?q=SELECT+1", 400, "bad-parameter", "q"},
		{"POST", "/api/v1/sql", 400, "bad-parameter", "Content-Type"},
	} {
		w := send(s, tt.method, tt.path, "SELECT 1")
		var p Problem
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
			t.Errorf("%s: %v %.100s", tt.path, err, w.Body)
			continue
		}
		if w.Code != tt.status || p.Status != tt.status || p.Type != root+"/problems#"+tt.id || p.Parameter != tt.parameter || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %s: %d %+v", tt.method, tt.path, w.Code, p)
		}
		if w.Header().Get("ETag") != "" || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: a problem that would be kept", tt.path)
		}
	}
	if w := send(s, "POST", root+"/sql", strings.Repeat("x", maxBody+1), "Content-Type", "text/plain"); w.Code != 400 {
		t.Errorf("a long statement: %d", w.Code)
	}
	// The cursor itself is good.
	if w := get(s, next); w.Code != 200 {
		t.Errorf("next: %d %s", w.Code, w.Body)
	}
}

// Before the first release everything says so.
func TestBeforeTheFirstRelease(t *testing.T) {
	f := dashboards.Follow(t.TempDir(), warehouse.Options{})
	defer f.Close()
	s, err := New(Config{Releases: f})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{"/", "/flows", "/openapi.json"} {
		w := get(s, root+p)
		if w.Code != 503 || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "no-release") {
			t.Errorf("%s: %d %v %s", p, w.Code, w.Header(), w.Body)
		}
	}
}

// Numbers are written digit by digit, and what is not there is null.
func TestNumbersAreExact(t *testing.T) {
	s := server(t)
	row := func(id string) map[string]any {
		m := read(t, get(s, root+"/query/explain?flow_id="+id).Body.Bytes())
		return m["data"].([]any)[0].(map[string]any)
	}
	if got := row("f0")["amount"]; got != json.Number("123456789012.345678") {
		t.Errorf("amount %v", got)
	}
	if got := row("f3")["amount"]; got != json.Number("0.000001") {
		t.Errorf("amount %v", got)
	}
	if got, ok := row("f4")["usd"]; !ok || got != nil {
		t.Errorf("usd without a rate: %v", got)
	}
	w := get(s, root+"/sql?q="+url.QueryEscape("SELECT sum(usd) AS usd, 1/3 AS third, NULL AS absent, 'NaN'::DOUBLE AS nan FROM flows WHERE year = 2018 AND kind = 'disbursement'"))
	want := `"data":[{"usd":123456789212.345679,"third":0.3333333333333333,"absent":null,"nan":"nan"}]`
	if !strings.Contains(w.Body.String(), want) {
		t.Errorf("%s\nwant %s", w.Body, want)
	}
}

func TestCachingAndCompression(t *testing.T) {
	s := server(t)
	w := get(s, root+"/flows")
	etag := w.Header().Get("ETag")
	if w.Code != 200 || !strings.HasPrefix(etag, `W/"`) || !strings.HasSuffix(etag, `-v1"`) {
		t.Fatalf("%d, tag %q", w.Code, etag)
	}
	for _, tag := range []string{etag, strings.TrimPrefix(etag, "W/"), `"x", ` + etag, "*"} {
		if w := get(s, root+"/flows", "If-None-Match", tag, "Accept-Encoding", "gzip"); w.Code != 304 || w.Body.Len() != 0 || w.Header().Get("ETag") != etag {
			t.Errorf("If-None-Match %s: %d, %d bytes, tag %s", tag, w.Code, w.Body.Len(), w.Header().Get("ETag"))
		}
	}
	if w := get(s, root+"/flows", "If-None-Match", `"other"`); w.Code != 200 {
		t.Errorf("another tag: %d", w.Code)
	}
	z := get(s, root+"/flows", "Accept-Encoding", "gzip")
	if z.Header().Get("Content-Encoding") != "gzip" || z.Header().Get("ETag") != etag || !strings.Contains(z.Header().Get("Vary"), "Accept-Encoding") {
		t.Errorf("compressed: %v", z.Header())
	}
	r, err := gzip.NewReader(z.Body)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(r); err != nil || !bytes.Equal(b, w.Body.Bytes()) {
		t.Errorf("compressed and not, the answers differ: %v", err)
	}
	if h := send(s, "HEAD", root+"/flows", ""); h.Code != 200 || h.Body.Len() != 0 || h.Header().Get("ETag") != etag {
		t.Errorf("HEAD: %d, %d bytes, %v", h.Code, h.Body.Len(), h.Header())
	}
	if w := get(s, root+"/sql?q=SELECT+random()", "If-None-Match", `"x"`); w.Header().Get("ETag") != "" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("an answer that changes would be kept: %v", w.Header())
	}
	o := send(s, "OPTIONS", root+"/flows", "", "Origin", "https://example.org", "Access-Control-Request-Method", "GET")
	if o.Code != 204 || o.Header().Get("Access-Control-Allow-Origin") != "*" || o.Header().Get("Access-Control-Allow-Methods") != "GET, HEAD, OPTIONS" {
		t.Errorf("OPTIONS: %d %v", o.Code, o.Header())
	}
}

func TestFiles(t *testing.T) {
	s := server(t)
	w := get(s, root+"/flows?format=csv")
	all, err := csv.NewReader(w.Body).ReadAll()
	if err != nil || len(all) != 1+len(world()["flows"]) {
		t.Fatalf("%d rows, %v", len(all), err)
	}
	cell := func(records [][]string, row int, name string) string {
		return records[row][slices.Index(records[0], name)]
	}
	if cell(all, 1, "amount") != "123456789012.345678" || cell(all, 3, "title") != "'=1+1" || cell(all, 3, "activity_id") != "0012" || cell(all, 5, "usd") != "" {
		t.Errorf("%q", all[1:6])
	}
	w = get(s, root+"/flows?excel=ru")
	text, marked := strings.CutPrefix(w.Body.String(), "\ufeff")
	r := csv.NewReader(strings.NewReader(text))
	r.Comma = ';'
	all, err = r.ReadAll()
	if err != nil || !marked || len(all) != 1+len(world()["flows"]) {
		t.Fatalf("%d rows, marked %v, %v", len(all), marked, err)
	}
	if cell(all, 1, "amount") != "123456789012,345678" || cell(all, 3, "title") != "'=1+1" || cell(all, 3, "activity_id") != `="0012"` || cell(all, 5, "usd") != "" {
		t.Errorf("%q", all[1:6])
	}
	w = get(s, root+"/sql?format=csv&q="+url.QueryEscape("SELECT range AS n FROM range(1000)"))
	if lines := strings.Split(strings.TrimSpace(w.Body.String()), "\n"); len(lines) != 102 || lines[101] != "TRUNCATED: the answer has more rows" {
		t.Errorf("%d lines, the last %q", len(lines), lines[len(lines)-1])
	}
	w = get(s, root+"/sql?q="+url.QueryEscape("SELECT range AS n FROM range(1000)"))
	if m := read(t, w.Body.Bytes()); m["truncated"] != "rows" || len(m["data"].([]any)) != 100 {
		t.Errorf("%.200s", w.Body)
	}
}

// Who comes when all places are taken is asked to come again.
func TestBusy(t *testing.T) {
	s := server(t)
	s.statements.wait = 50 * time.Millisecond
	for range cap(s.statements.free) {
		leave, err := s.statements.take(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		defer leave()
	}
	w := get(s, root+"/sql?q=SELECT+1")
	if w.Code != 503 || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "busy") {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	if w := get(s, root+"/flows"); w.Code != 200 { // questions have places of their own
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// What version 1 offers stays: a name or type may be added, none goes.
func TestVersionOneStays(t *testing.T) {
	s := server(t)
	f := follower(t)
	db, _, done, err := f.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	var now []string
	for _, q := range s.queries {
		for _, p := range offered(q) {
			now = append(now, fmt.Sprintf("%s?%s %s", q.Name, p.Name, p.Type))
		}
		columns, err := db.Columns(t.Context(), q.Name)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range columns {
			now = append(now, fmt.Sprintf("%s.%s %s", q.Name, c.Name, c.Type))
		}
	}
	const file = "testdata/version1.txt"
	b, err := os.ReadFile(file)
	if err != nil && !*update {
		t.Fatal(err)
	}
	before := strings.Split(strings.TrimSpace(string(b)), "\n")
	if *update {
		all := slices.Compact(slices.Sorted(slices.Values(append(now, strings.Fields("")...))))
		if err := os.WriteFile(file, []byte(strings.Join(all, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		before = all
	}
	for _, line := range before {
		if !slices.Contains(now, line) {
			t.Errorf("%s is gone", line)
		}
	}
}

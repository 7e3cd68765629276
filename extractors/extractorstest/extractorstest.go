// Package extractorstest is the conformance suite every source runs, and the
// small tools source tests share.
//
//	func TestSource(t *testing.T) { extractorstest.Run(t, evidence.New()) }
package extractorstest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
)

// Result is everything a Parse gave to its sink.
type Result struct {
	Disclosures  []extractors.Disclosure
	Observations []extractors.Observation
	Problems     []extractors.Problem
	Skipped      int // statements counted by Skip
}

// Parsed counts the statements about money that were seen.
func (r *Result) Parsed() int { return len(r.Disclosures) + len(r.Problems) + r.Skipped }

// Disclose implements extractors.Sink.
func (r *Result) Disclose(d extractors.Disclosure) error {
	r.Disclosures = append(r.Disclosures, d)
	return nil
}

// Observe implements extractors.Sink.
func (r *Result) Observe(o extractors.Observation) error {
	r.Observations = append(r.Observations, o)
	return nil
}

// Reject implements extractors.Sink.
func (r *Result) Reject(p extractors.Problem) error {
	r.Problems = append(r.Problems, p)
	return nil
}

// Skip implements extractors.Sink.
func (r *Result) Skip(_ string, n int, _ string) error {
	r.Skipped += n
	return nil
}

// Doc makes a document from bytes.
func Doc(role, name string, b []byte) fetch.Document {
	sum := sha256.Sum256(b)
	return fetch.Document{
		Role: role, Name: name, URL: "https://example.org/" + name, SHA256: hex.EncodeToString(sum[:]),
		Size: int64(len(b)), Origin: fetch.Given,
		OpenFunc: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil },
	}
}

// File makes a document from a file, asking the source for its role.
func File(t testing.TB, src extractors.Source, path string) fetch.Document {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return Doc(src.Role(filepath.Base(path), b[:min(len(b), 64<<10)]), filepath.Base(path), b)
}

// Parse runs the source over documents and fails the test on an error.
func Parse(t testing.TB, src extractors.Source, docs ...fetch.Document) *Result {
	t.Helper()
	var r Result
	if err := src.Parse(t.Context(), docs, &r); err != nil {
		t.Fatalf("Parse: %v", err)
	}
	return &r
}

// Rows reads a CSV file, its header among them.
func Rows(t testing.TB, name string) [][]string {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// Corpus returns the path of a file or folder of the corpus of published
// documents, and skips the test with a message when it is absent.
func Corpus(t testing.TB, elem ...string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("no go.mod above the working directory")
		}
		dir = parent
	}
	p := filepath.Join(append([]string{dir, "..", "shared", "corpus"}, elem...)...)
	if _, err := os.Stat(p); err != nil {
		t.Skipf("the corpus of published documents is not here: %v", err)
	}
	return p
}

// Bundled returns the source's bundled documents as an offline Fetch gives them.
func Bundled(t testing.TB, src extractors.Source) []fetch.Document {
	t.Helper()
	offline, err := fetch.NewOffline(src.Bundled())
	if err != nil {
		t.Fatal(err)
	}
	var docs []fetch.Document
	c := Client(t, offline)
	err = src.Fetch(t.Context(), c, func(d fetch.Document) error { docs = append(docs, d); return nil })
	if err != nil {
		t.Fatalf("Fetch of the bundled documents: %v", err)
	}
	return docs
}

// Client returns a client whose requests are answered by a transport inside the
// test, with a store of its own.
func Client(t testing.TB, transport http.RoundTripper) *fetch.Client {
	t.Helper()
	store, err := fetch.NewStore(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	c, err := fetch.New(fetch.Config{Store: store, Transport: transport, Local: true, Retry: fetch.Retry{First: time.Millisecond}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Run holds a source to the contract of extractors.Source.
func Run(t *testing.T, src extractors.Source) {
	t.Run("info", func(t *testing.T) { info(t, src.Info()) })
	t.Run("expectations", func(t *testing.T) { expectations(t, src) })
	t.Run("bundle", func(t *testing.T) { bundle(t, src) })
	t.Run("parse", func(t *testing.T) { parse(t, src) })
	t.Run("unreadable", func(t *testing.T) { unreadable(t, src) })
	t.Run("failures", func(t *testing.T) { failures(t, src) })
	t.Run("readme", func(t *testing.T) { readme(t, src.Info()) })
}

func info(t *testing.T, i extractors.Info) {
	if !regexp.MustCompile(`^[a-z][a-z0-9]*$`).MatchString(i.ID) {
		t.Errorf("ID %q is not a short lower-case word", i.ID)
	}
	for name, v := range map[string]string{"Title": i.Title, "Publisher": i.Publisher, "Home": i.Home, "Licence": i.Licence} {
		if v == "" {
			t.Errorf("%s is empty", name)
		}
	}
	if i.Kind != extractors.Reference && i.Kind != extractors.Money {
		t.Errorf("Kind = %q", i.Kind)
	}
	if i.Kind == extractors.Money && i.Authority == 0 {
		t.Error("a money source needs an Authority")
	}
}

// bundle: the index and the files agree, every file has a role, and every
// bundled address is fetched.
func bundle(t *testing.T, src extractors.Source) {
	if src.Bundled() == nil {
		t.Skip("no bundled documents")
	}
	files, err := fetch.ReadBundle(src.Bundled())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{}
	for _, f := range files {
		want[f.URL] = true
		b, err := fs.ReadFile(src.Bundled(), f.File)
		if err != nil {
			t.Error(err)
			continue
		}
		if _, err := time.Parse(time.DateOnly, f.Compiled); err != nil {
			t.Errorf("%s: compiled: %v", f.File, err)
		}
		if !strings.HasPrefix(f.Cites, "http") {
			t.Errorf("%s: cites no address", f.File)
		}
		if src.Role(f.File, b[:min(len(b), 64<<10)]) == "" {
			t.Errorf("%s has no role", f.File)
		}
	}
	for _, d := range Bundled(t, src) {
		delete(want, d.URL)
		if d.Role == "" {
			t.Errorf("fetched document %s has no role", d.URL)
		}
	}
	for u := range want {
		t.Errorf("bundled address %s is never fetched", u)
	}
}

// parse: every statement is traceable, groups are consecutive, parts have their
// whole, two runs agree.
func parse(t *testing.T, src extractors.Source) {
	if src.Bundled() == nil {
		t.Skip("no bundled documents")
	}
	docs := Bundled(t, src)
	sums := map[string]bool{}
	for _, d := range docs {
		sums[d.SHA256] = true
	}
	r := Parse(t, src, docs...)
	if len(r.Disclosures)+len(r.Observations) == 0 {
		t.Error("the bundled documents disclose nothing")
	}
	if diff := cmp.Diff(r, Parse(t, src, docs...)); diff != "" {
		t.Errorf("a second Parse differs:\n%s", diff)
	}
	for _, p := range r.Problems {
		t.Errorf("bundled document has a rejected record: %s: %s", p.Locator, p.Reason)
	}
	Check(t, r, sums)
}

// Check holds what a Parse gave to the contract of the fields. sums are the
// documents that were parsed; nil: not checked.
func Check(t testing.TB, r *Result, sums map[string]bool) {
	t.Helper()
	done, last := map[string]bool{}, ""
	keys := map[string]bool{}
	for _, d := range r.Disclosures {
		at := d.Locator + " of group " + d.Group
		switch {
		case sums != nil && !sums[d.Document]:
			t.Errorf("%s: names no parsed document", at)
		case d.Locator == "" || d.Key == "" || d.Group == "":
			t.Errorf("%s: locator, key or group is empty", at)
		case d.Kind == "":
			t.Errorf("%s: no kind", at)
		case len(d.Raw) > 0 && !json.Valid(d.Raw):
			t.Errorf("%s: raw is not JSON", at)
		}
		if d.Group != last {
			if done[d.Group] {
				t.Errorf("group %s is not consecutive", d.Group)
			}
			done[last], last = true, d.Group
		}
		keys[d.Group+"\x00"+d.Key] = true
	}
	for _, d := range r.Disclosures {
		if d.PartOf != "" && !keys[d.Group+"\x00"+d.PartOf] {
			t.Errorf("%s: its whole %q is not in its group", d.Locator, d.PartOf)
		}
	}
	for _, o := range r.Observations {
		if o.Indicator == "" || o.Locator == "" || (o.Area == "" && o.AreaName == "") {
			t.Errorf("observation without indicator, area or locator: %+v", o)
		}
		if o.Value == "" && o.ValueText == "" && (o.Status == "" || o.Status == "reported") {
			t.Errorf("observation without value says it was reported: %+v", o)
		}
	}
	for _, p := range r.Problems {
		if p.Reason == "" || p.Locator == "" || p.Document == "" {
			t.Errorf("problem without document, locator or reason: %+v", p)
		}
	}
}

// unreadable: rubbish in every role becomes a rejected document, never an error
// or silence.
func unreadable(t *testing.T, src extractors.Source) {
	if src.Bundled() == nil {
		t.Skip("no bundled documents")
	}
	roles := map[string]string{}
	for _, d := range Bundled(t, src) {
		roles[d.Role] = d.Name
	}
	for role, name := range roles {
		for what, b := range map[string][]byte{
			"empty":     nil,
			"html":      []byte("<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please log in</body></html>"),
			"truncated": truncated(t, src, role),
			"binary":    bytes.Repeat([]byte{0, 0xff, 0x1a, 0x80}, 300),
		} {
			if role == "page" && what == "truncated" {
				continue // half a page is still a page; its missing fields are rejected by name
			}
			t.Run(role+"/"+what, func(t *testing.T) {
				r := Parse(t, src, Doc(role, name, b))
				if len(r.Problems) == 0 {
					t.Errorf("no problem reported; %d disclosures, %d observations", len(r.Disclosures), len(r.Observations))
				}
				Check(t, r, nil)
			})
		}
	}
}

func truncated(t *testing.T, src extractors.Source, role string) []byte {
	for _, d := range Bundled(t, src) {
		if d.Role != role {
			continue
		}
		f, err := d.Open()
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		b, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		// cut inside the last record, after a byte that cannot end one
		b = bytes.TrimRight(b, " \r\n\t")
		return b[:len(b)-len(b)/7]
	}
	return nil
}

type failing struct{ Result }

var errSink = errors.New("sink is full")

func (f *failing) Disclose(extractors.Disclosure) error { return errSink }
func (f *failing) Observe(extractors.Observation) error { return errSink }
func (f *failing) Reject(extractors.Problem) error      { return errSink }
func (f *failing) Skip(string, int, string) error       { return errSink }

// failures: errors of the run come back; a server that answers 503 is an error
// of Fetch, not an empty success.
func failures(t *testing.T, src extractors.Source) {
	if src.Bundled() == nil {
		t.Skip("no bundled documents")
	}
	docs := Bundled(t, src)
	if err := src.Parse(t.Context(), docs, &failing{}); !errors.Is(err, errSink) {
		t.Errorf("Parse into a failing sink = %v, want its error", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := src.Parse(ctx, docs, &Result{}); err == nil {
		t.Error("Parse with a cancelled context returned nil")
	}
	if err := src.Fetch(t.Context(), Client(t, unavailable{}), func(fetch.Document) error { return nil }); err == nil {
		t.Error("Fetch from a server that answers 503 returned nil")
	}
}

type unavailable struct{}

func (unavailable) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusServiceUnavailable, Status: "503 Service Unavailable", Proto: "HTTP/1.1",
		ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{}, Body: http.NoBody, Request: req,
	}, nil
}

// readme: the source's folder explains itself.
func readme(t *testing.T, i extractors.Info) {
	b, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{i.Publisher, "Licence", "Quirks", "http"} {
		if !strings.Contains(string(b), want) {
			t.Errorf("README.md does not mention %q", want)
		}
	}
}

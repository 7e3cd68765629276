package fetch

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func newStore(t *testing.T) (*Store, string) {
	t.Helper()
	dir := t.TempDir()
	s, err := NewStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s, dir
}

func read(t *testing.T, d Document) string {
	t.Helper()
	f, err := d.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestStoreAddressesByContent(t *testing.T) {
	s, dir := newStore(t)
	sum, size, err := s.Put(strings.NewReader("one"))
	want := sha256.Sum256([]byte("one"))
	if err != nil || size != 3 || sum != hex.EncodeToString(want[:]) {
		t.Fatalf("Put = %s, %d, %v", sum, size, err)
	}
	if again, _, err := s.Put(strings.NewReader("one")); err != nil || again != sum {
		t.Errorf("the same bytes again: %s, %v", again, err)
	}
	if got := read(t, s.Attach(Document{SHA256: sum})); got != "one" {
		t.Errorf("read %q", got)
	}
	if _, err := s.Open("../../etc/passwd"); err == nil {
		t.Error("a path was opened as a document")
	}
	if _, err := s.Open(strings.Repeat("0", 64)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a document nobody stored: %v", err)
	}
	if _, err := (Document{}).Open(); err == nil {
		t.Error("a document without a store was opened")
	}
	left, _ := filepath.Glob(filepath.Join(dir, ".part-*"))
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A body that breaks off leaves nothing in the store.
func TestStoreKeepsNothingHalf(t *testing.T) {
	s, dir := newStore(t)
	broken := errors.New("connection reset")
	if _, _, err := s.Put(io.MultiReader(strings.NewReader("half"), errReader{broken})); !errors.Is(err, broken) {
		t.Fatalf("Put = %v", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) > 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

type errReader struct{ err error }

func (e errReader) Read([]byte) (int, error) { return 0, e.err }

func TestHeadIsBounded(t *testing.T) {
	s, _ := newStore(t)
	sum, _, err := s.Put(bytes.NewReader(make([]byte, 100)))
	if err != nil {
		t.Fatal(err)
	}
	if b, err := s.Attach(Document{SHA256: sum}).Head(10); err != nil || len(b) != 11 {
		t.Errorf("Head = %d bytes, %v", len(b), err)
	}
}

func TestClientRefusesWhatIsNotTheDocument(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/good.csv", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"v1"`)
		io.WriteString(w, "agent: "+r.UserAgent())
	})
	mux.HandleFunc("/gone", http.NotFound)
	mux.HandleFunc("/big", func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, 1000)) })
	mux.HandleFunc("/short", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		io.WriteString(w, "cut off")
	})
	srv := httptest.NewServer(mux)
	defer srv.Close()
	s, _ := newStore(t)
	at := time.Date(2026, 11, 23, 2, 15, 0, 0, time.UTC)
	c := New(Config{Store: s, MaxBytes: 500, UserAgent: "tester", Now: func() time.Time { return at }})

	d, err := c.Get(t.Context(), srv.URL+"/good.csv")
	if err != nil {
		t.Fatal(err)
	}
	if d.Name != "good.csv" || d.Origin != Live || d.Headers["ETag"] != `"v1"` || !d.Retrieved.Equal(at) || read(t, d) != "agent: tester" {
		t.Errorf("document = %+v", d)
	}
	if _, err := c.Get(t.Context(), srv.URL+"/gone"); !errors.Is(err, ErrStatus) {
		t.Errorf("404: %v", err)
	}
	if _, err := c.Get(t.Context(), srv.URL+"/big"); !errors.Is(err, ErrTooLarge) {
		t.Errorf("over the limit: %v", err)
	}
	if _, err := c.Get(t.Context(), srv.URL+"/short"); err == nil {
		t.Error("a body shorter than announced was kept")
	}
}

func TestOfflineAnswersFromBundles(t *testing.T) {
	bundle := fstest.MapFS{
		"index.csv": {Data: []byte("url,file,compiled,cites\nhttps://publisher.example/rates.csv,rates.csv,2024-05-01,https://publisher.example\n")},
		"rates.csv": {Data: []byte("a,b\n")},
	}
	o, err := NewOffline(nil, bundle)
	if err != nil {
		t.Fatal(err)
	}
	s, _ := newStore(t)
	c := New(Config{Store: s, Transport: o})
	d, err := c.Get(t.Context(), "https://publisher.example/rates.csv")
	if err != nil {
		t.Fatal(err)
	}
	if d.Origin != Bundled || d.Compiled != "2024-05-01" || d.Cites != "https://publisher.example" || read(t, d) != "a,b\n" {
		t.Errorf("document = %+v", d)
	}
	if _, err := c.Get(t.Context(), "https://publisher.example/other.csv"); !errors.Is(err, ErrStatus) {
		t.Errorf("an address without a file: %v", err)
	}
	if _, err := NewOffline(bundle, bundle); err == nil {
		t.Error("two files stand in for one address")
	}
	if _, err := NewOffline(fstest.MapFS{"index.csv": {Data: []byte("url,file\n")}}); err == nil {
		t.Error("an index without its columns was read")
	}
}

package fetch

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
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
	c, err := New(Config{Store: s, Transport: o, Local: true})
	if err != nil {
		t.Fatal(err)
	}
	d, err := c.Get(t.Context(), Request{URL: "https://publisher.example/rates.csv", Shape: ZIP}) // published as a zip
	if err != nil {
		t.Fatal(err)
	}
	if d.Origin != Bundled || d.Compiled != "2024-05-01" || d.Cites != "https://publisher.example" || read(t, d) != "a,b\n" {
		t.Errorf("document = %+v", d)
	}
	if _, err := c.Get(t.Context(), Request{URL: "https://publisher.example/other.csv"}); !errors.Is(err, ErrNotFound) {
		t.Errorf("an address without a file: %v", err)
	}
	if _, err := NewOffline(bundle, bundle); err == nil {
		t.Error("two files stand in for one address")
	}
	if _, err := NewOffline(fstest.MapFS{"index.csv": {Data: []byte("url,file\n")}}); err == nil {
		t.Error("an index without its columns was read")
	}
}

// A fetch is complete only if everything that went wrong is about a few of many.
func TestComplete(t *testing.T) {
	few := Incomplete(errors.Join(ErrNotFound, ErrBlocked))
	for _, tt := range []struct {
		err  error
		want bool
	}{
		{nil, true},
		{few, true},
		{ErrIncomplete, true},
		{fmt.Errorf("fetching: %w", few), true},
		{errors.Join(few, few), true},
		{errors.Join(few, ErrNotFound), false},
		{fmt.Errorf("%w, %w", few, errors.Join(few, errors.New("down"))), false},
		{ErrNotFound, false},
	} {
		if got := Complete(tt.err); got != tt.want {
			t.Errorf("%v: complete %v", tt.err, got)
		}
	}
	if !errors.Is(few, ErrIncomplete) || !errors.Is(few, ErrBlocked) {
		t.Error("what went wrong is hidden")
	}
}

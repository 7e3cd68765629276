package fetch_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hrinvest/extractors/fetch"
	"hrinvest/extractors/fetch/fetchtest"
)

// What an operator withdrew is asked for with its validators and never stored; what
// the publisher puts in its place is taken.
func TestWithdrawn(t *testing.T) {
	body, etag, sent := `{"name":"somebody"}`, `"1"`, 0
	net := fetchtest.New(t, fetchtest.Hosts{"api.publisher.example": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			http.NotFound(w, r)
			return
		}
		if w.Header().Set("ETag", etag); r.Header.Get("If-None-Match") != etag {
			sent++
		}
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(body))
	})})
	dir := t.TempDir()
	store, err := fetch.NewStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	c := net.Client(t, func(cfg *fetch.Config) { cfg.Store = store })
	d, err := c.Get(t.Context(), fetch.Request{URL: address, Version: "one"})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Remove(d.SHA256); err != nil {
		t.Fatal(err)
	}
	store.Withdrawn = map[string]bool{d.SHA256: true}
	gone := fetch.Withdrawn{SHA256: d.SHA256}
	for _, tt := range []struct {
		name    string
		headers map[string]string
		version string // of the tombstone
		asked   string // version
		sent    int    // bodies
	}{
		{"nothing known of it", nil, "", "", 1},
		{"validators", d.Headers, "", "two", 0},
		{"another edition's validators", map[string]string{"ETag": `"0"`}, "", "", 1},
		{"version", nil, "one", "one", 0},
	} {
		sent, gone.Headers, gone.Version = 0, tt.headers, tt.version
		one := c.For(fetch.View{Withdrawn: func(url string) (fetch.Withdrawn, bool) { return gone, url == address }})
		_, err := one.Get(t.Context(), fetch.Request{URL: address, Version: tt.asked})
		if !errors.Is(err, fetch.ErrWithdrawn) || fetch.Failed(err) || fetch.Complete(err) || sent != tt.sent {
			t.Errorf("%s: %v, sent %d bodies, want %d", tt.name, err, sent, tt.sent)
		}
		if got := one.Declined()[address]; got.SHA256 != d.SHA256 || tt.sent > 0 && got.Headers["ETag"] != etag {
			t.Errorf("%s: declined %+v", tt.name, got)
		}
	}
	one := c.For(fetch.View{})
	if _, err := one.Keep(address, http.Header{"Etag": {etag}}, strings.NewReader(body), -1); !errors.Is(err, fetch.ErrWithdrawn) || len(one.Declined()) != 1 {
		t.Errorf("kept for somebody else: %v, %v", err, one.Declined())
	}
	if left := filesIn(t, dir); len(left) > 0 {
		t.Errorf("stored %q", left)
	}
	body, etag = `{"name":"nobody"}`, `"2"`
	if d, err := c.For(fetch.View{Withdrawn: func(string) (fetch.Withdrawn, bool) { return gone, true }}).Get(t.Context(), fetch.Request{URL: address}); err != nil || content(t, d) != body {
		t.Errorf("what came in its place: %v", err)
	}
}

// A document that breaks off where one was withdrawn leaves nothing on the disk.
func TestWithdrawnLeavesNoPart(t *testing.T) {
	dir := t.TempDir()
	store, err := fetch.NewStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	c, _ := client(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("ETag", `"1"`)
		w.Header().Set("Accept-Ranges", "bytes")
		w.Header().Set("Content-Length", "1000")
		fmt.Fprint(w, "{")
	}, func(cfg *fetch.Config) { cfg.Store = store })
	for _, withdrawn := range []bool{true, false} {
		one := c.For(fetch.View{Withdrawn: func(string) (fetch.Withdrawn, bool) {
			return fetch.Withdrawn{SHA256: strings.Repeat("a", 64)}, withdrawn
		}})
		_, err := one.Get(t.Context(), fetch.Request{URL: address})
		if err == nil {
			t.Fatal("it did not break off")
		}
		if left := filesIn(t, dir); (len(left) == 0) != withdrawn {
			t.Errorf("withdrawn %v: left %q after %v", withdrawn, left, err)
		}
	}
}

func filesIn(t *testing.T, dir string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestFailed(t *testing.T) {
	gone := fmt.Errorf("fetching a: %w", errors.Join(fetch.ErrWithdrawn))
	for _, tt := range []struct {
		err  error
		want bool
	}{
		{nil, false}, {gone, false}, {errors.Join(gone, gone), false}, {fmt.Errorf("list: %w", gone), false}, {errors.Join(fetch.Incomplete(fetch.ErrNotFound), gone), false},
		{errors.New("no network"), true}, {errors.Join(gone, fetch.ErrNotFound), true}, {fmt.Errorf("%w: %w", fetch.ErrRefused, gone), true},
	} {
		if got := fetch.Failed(tt.err); got != tt.want {
			t.Errorf("Failed(%v) = %v", tt.err, got)
		}
	}
}

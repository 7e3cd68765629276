package webtables_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"

	"hrinvest/extractors/extractorstest"
	"hrinvest/extractors/fetch"
	"hrinvest/extractors/webtables"
)

// site serves a small site and remembers what it was asked for.
type site struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
}

func newSite(t *testing.T, answers map[string]http.HandlerFunc) *site {
	s := &site{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, r.URL.Path)
		s.mu.Unlock()
		if h, ok := answers[r.URL.Path]; ok {
			h(w, r)
			return
		}
		http.NotFound(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func text(contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		io.WriteString(w, body)
	}
}

// fetchSite runs a declaration changed for the site, and returns the kept paths.
func fetchSite(t *testing.T, s *site, ctx context.Context, change func(*webtables.Config)) ([]fetch.Document, error) {
	t.Helper()
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	c := declaration(t)
	c.Hosts, c.Pages = []string{u.Hostname()}, nil
	c.Walk = webtables.Walk{From: []string{s.URL + "/list"}, Links: `a[href*="/projects/"]`, Limit: 200}
	change(&c)
	src, err := webtables.New(c)
	if err != nil {
		t.Fatal(err)
	}
	store, err := fetch.NewStore(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	client, err := fetch.New(fetch.Config{Store: store, AllowPrivate: true, Pace: 1, Retry: fetch.Retry{First: 1}})
	if err != nil {
		t.Fatal(err)
	}
	var docs []fetch.Document
	err = src.Fetch(ctx, client, func(d fetch.Document) error { docs = append(docs, d); return nil })
	return docs, err
}

func TestWalk(t *testing.T) {
	russian := page("Общий бюджет", "5 000 EUR", "Донор", "Фонд")
	cp1251, err := charmap.Windows1251.NewEncoder().String(russian)
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(t, map[string]http.HandlerFunc{
		"/robots.txt":        text("text/plain", "User-agent: *\nDisallow: /projects/secret\n"),
		"/list":              text("text/html", `<a href="/projects/b#top">b</a><a href="/projects/b">b</a><a href="/projects/secret">s</a><a href="/about">x</a><a href="http://elsewhere.example/projects/z">z</a>`),
		"/projects/b":        text("text/html; charset=windows-1251", cp1251),
		"/projects/a":        text("text/html; charset=windows-1251", russian),
		"/projects/gone":     func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "gone", http.StatusGone) },
		"/projects/moved":    func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/projects/new", http.StatusFound) },
		"/projects/new":      text("text/html", russian+"<!-- new -->"),
		"/projects/huge":     text("text/html", strings.Repeat("x", 9<<20)),
		"/projects/empty":    text("text/html", ""),
		"/projects/unlinked": text("text/html", russian),
	})
	docs, err := fetchSite(t, s, t.Context(), func(c *webtables.Config) {
		for _, p := range []string{"a", "gone", "moved", "huge", "empty"} {
			c.Pages = append(c.Pages, s.URL+"/projects/"+p)
		}
	})
	var kept []string
	for _, d := range docs {
		kept = append(kept, strings.TrimPrefix(d.URL, s.URL))
		if d.Role != "page" || d.Origin != fetch.Live {
			t.Errorf("%s: role %q, origin %s", d.URL, d.Role, d.Origin)
		}
	}
	if diff := cmp.Diff([]string{"/projects/a", "/projects/new", "/projects/b"}, kept); diff != "" {
		t.Error(diff)
	}
	for _, want := range []string{"410 Gone", "/projects/huge: ", "body over the limit", "disallows /projects/secret", "/projects/empty: answer refused", "elsewhere.example/projects/z: Forbidden domain"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not mention %q", err, want)
		}
	}
	if slices.Contains(s.asked, "/projects/secret") || slices.Contains(s.asked, "/about") {
		t.Errorf("asked for %v", s.asked)
	}
	// the bytes are kept as received, whatever colly makes of them
	for _, d := range docs {
		f, err := d.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(f)
		f.Close()
		if strings.HasSuffix(d.URL, "/b") && string(b) != cp1251 || strings.HasSuffix(d.URL, "/a") && string(b) != russian {
			t.Errorf("%s was re-coded on the way to the store", d.URL)
		}
		if strings.HasSuffix(d.URL, "/a") || strings.HasSuffix(d.URL, "/b") {
			if got := summary(extractorstest.Parse(t, webtables.ProjectPages(), d)); !strings.HasPrefix(got, "whole | 5000 EUR") {
				t.Errorf("%s: %s", d.URL, got)
			}
		}
	}
}

func TestRobotsFailing(t *testing.T) {
	s := newSite(t, map[string]http.HandlerFunc{
		"/robots.txt": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "x", http.StatusServiceUnavailable) },
		"/list":       text("text/html", `<a href="/projects/b">b</a>`),
	})
	docs, err := fetchSite(t, s, t.Context(), func(*webtables.Config) {})
	if err == nil || !strings.Contains(err.Error(), "nothing is fetched there") || len(docs) > 0 || slices.Contains(s.asked, "/list") {
		t.Errorf("%d documents, asked %v, %v", len(docs), s.asked, err)
	}
}

func TestFetchEnvironmentAndCancel(t *testing.T) {
	t.Setenv("COLLY_IGNORE_ROBOTSTXT", "yes")
	t.Setenv("COLLY_MAX_BODY_SIZE", "5")
	t.Setenv("COLLY_ALLOWED_DOMAINS", "elsewhere.example")
	s := newSite(t, map[string]http.HandlerFunc{
		"/robots.txt": text("text/plain", "User-agent: *\nDisallow: /projects/secret\n"),
		"/list":       text("text/html", `<p>long enough to be cut</p><a href="/projects/b">b</a><a href="/projects/secret">b</a>`),
		"/projects/b": text("text/html", page("Budget", "5 EUR", "Donor", "X")),
	})
	docs, err := fetchSite(t, s, t.Context(), func(*webtables.Config) {})
	if len(docs) != 1 || err == nil || !strings.Contains(err.Error(), "robots.txt") {
		t.Errorf("the environment changed the walk: %d documents, %v", len(docs), err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := fetchSite(t, s, ctx, func(*webtables.Config) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

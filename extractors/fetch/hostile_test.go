package fetch_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hrinvest/extractors/fetch"
	"hrinvest/extractors/fetch/fetchtest"
)

// none answers robots.txt, and leaves the rest to a handler.
func none(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			http.NotFound(w, r)
			return
		}
		h(w, r)
	}
}

// after is a client that remembers what another refused.
func after(c *fetch.Client) *fetch.Client {
	refused := c.Refusals()
	return c.For(fetch.View{Refused: func(url string) (fetch.Refusal, bool) { r, ok := refused[url]; return r, ok }})
}

// A broken answer under the validators of the whole one is asked for again the
// next night as if it had never come.
func TestBrokenAnswerIsNotFrozen(t *testing.T) {
	whole := `{"value":[{"a":1},{"a":2}]}`
	for name, body := range map[string]string{"cut off": whole[:15], "empty": "", "an empty list": `{"value":[]}`} {
		ill := true
		c, _ := client(t, none(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ETag", `"edition-1"`)
			if r.Header.Get("If-None-Match") == `"edition-1"` {
				w.WriteHeader(http.StatusNotModified)
				return
			}
			if ill {
				io.WriteString(w, body)
				return
			}
			io.WriteString(w, whole)
		}), nil)
		if _, err := c.Get(t.Context(), fetch.Request{URL: address, Shape: fetch.JSON}); !errors.Is(err, fetch.ErrRefused) {
			t.Fatalf("%s: %v", name, err)
		}
		ill = false
		if d, err := after(c).Get(t.Context(), fetch.Request{URL: address, Shape: fetch.JSON}); err != nil || content(t, d) != whole {
			t.Errorf("%s, the next night: %v", name, err)
		}
	}
}

// A lie under the validators of the truth is believed to be a lie for a week.
func TestRefusalIsForgotten(t *testing.T) {
	now := time.Date(2026, 11, 1, 2, 0, 0, 0, time.UTC)
	ill := true
	c, _ := client(t, none(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"edition-1"`)
		switch {
		case r.Header.Get("If-None-Match") == `"edition-1"`:
			w.WriteHeader(http.StatusNotModified)
		case ill:
			io.WriteString(w, "<html><title>Sign in</title></html>")
		default:
			io.WriteString(w, "[1]")
		}
	}), func(c *fetch.Config) { c.Now = func() time.Time { return now } })
	r := fetch.Request{URL: address, Shape: fetch.JSON}
	if _, err := c.Get(t.Context(), r); !errors.Is(err, fetch.ErrRefused) {
		t.Fatal(err)
	}
	ill = false
	for range 6 {
		now = now.Add(24 * time.Hour)
		c = after(c)
		_, err := c.Get(t.Context(), r)
		if !errors.Is(err, fetch.ErrRefused) || strings.Count(err.Error(), "answer refused") != 1 || strings.Count(err.Error(), "the same as before") != 1 {
			t.Fatalf("%v", err)
		}
	}
	now = now.Add(24 * time.Hour)
	if _, err := after(c).Get(t.Context(), r); err != nil {
		t.Errorf("after a week: %v", err)
	}
}

// What this program no longer refuses is taken from the store, not downloaded.
func TestRefusalIsLookedAtAgain(t *testing.T) {
	c, net := client(t, func(w http.ResponseWriter, r *http.Request) {
		fetchtest.Body("text/csv", []byte("a,b\n1,2\n")).ServeHTTP(w, r)
	}, nil)
	if _, err := c.Get(t.Context(), fetch.Request{URL: address, Shape: fetch.JSON}); !errors.Is(err, fetch.ErrRefused) {
		t.Fatal(err)
	}
	net.Asked()
	d, err := after(c).Get(t.Context(), fetch.Request{URL: address, Shape: fetch.CSV})
	if _, bytes := net.Asked(); err != nil || bytes > 0 || content(t, d) != "a,b\n1,2\n" || d.Headers["ETag"] == "" || d.Size != 8 {
		t.Errorf("%+v, %v, %d bytes", d, err, bytes)
	}
}

// A body that drips is ended, and so is one that halts in a dry run.
func TestDrip(t *testing.T) {
	var every atomic.Int64
	c, _ := client(t, none(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "a,b\n")
		for {
			http.NewResponseController(w).Flush()
			select {
			case <-r.Context().Done():
				return
			case <-time.After(time.Duration(every.Load())):
				io.WriteString(w, "1")
			}
		}
	}), func(c *fetch.Config) {
		c.Idle, c.Slowest, c.Retry.Tries = 40*time.Millisecond, 1<<20, 1
	})
	every.Store(int64(5 * time.Millisecond))
	if _, err := c.Get(t.Context(), fetch.Request{URL: address, Shape: fetch.CSV}); err == nil || !strings.Contains(err.Error(), "bytes came in 200ms") {
		t.Errorf("a body that drips: %v", err)
	}
	every.Store(int64(time.Hour))
	if _, err := c.For(fetch.View{Sample: true}).Get(t.Context(), fetch.Request{URL: address, Shape: fetch.CSV}); err == nil || !strings.Contains(err.Error(), "nothing came for 40ms") {
		t.Errorf("a sample that halts: %v", err)
	}
	long, _ := client(t, none(func(w http.ResponseWriter, r *http.Request) {
		for {
			if _, err := w.Write(make([]byte, 1<<10)); err != nil {
				return
			}
			time.Sleep(time.Millisecond)
		}
	}), func(c *fetch.Config) { c.Longest, c.Retry.Tries = 100*time.Millisecond, 1 })
	if _, err := long.Get(t.Context(), fetch.Request{URL: address}); err == nil || !strings.Contains(err.Error(), "not whole after 100ms") {
		t.Errorf("a body without end: %v", err)
	}
}

// An announced version is taken with the bytes it came with. A copy that lags
// behind its announcement is asked for until it has caught up.
func TestVersionOfALateCopy(t *testing.T) {
	body := "a,b\n1,2\n"
	c, _ := client(t, func(w http.ResponseWriter, r *http.Request) {
		fetchtest.Body("text/csv", []byte(body)).ServeHTTP(w, r)
	}, nil)
	known, err := c.Get(t.Context(), fetch.Request{URL: address, Shape: fetch.CSV, Version: "v1"})
	if err != nil {
		t.Fatal(err)
	}
	for _, later := range []string{"1,2\n", "1,3\n"} {
		c = c.For(fetch.View{Known: func(string) (fetch.Document, bool) { return known, true }})
		body = "a,b\n" + later
		if known, err = c.Get(t.Context(), fetch.Request{URL: address, Shape: fetch.CSV, Version: "v2"}); err != nil || content(t, known) != body {
			t.Errorf("%q, %v", content(t, known), err)
		}
		if !c.Had(address) || c.Had("https://elsewhere.example") {
			t.Error("what was had")
		}
	}
	if known.Version != "v2" {
		t.Errorf("version %q", known.Version)
	}
}

// The rest of a download may break off, too.
func TestResumeThatEndsEarly(t *testing.T) {
	body := lines(300 << 10)
	c, _ := client(t, none(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"v1"`)
		w.Header().Set("Accept-Ranges", "bytes")
		var from int
		if n, _ := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from); n == 0 { // of a length that is not announced
			w.Write(body[:100<<10])
			http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}
		to := min(from+70<<10, len(body))
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, to-1, len(body)))
		w.WriteHeader(http.StatusPartialContent)
		w.Write(body[from:to])
	}), nil)
	if d, err := c.Get(t.Context(), fetch.Request{URL: address, Shape: fetch.CSV}); err != nil || d.Size != int64(len(body)) {
		t.Errorf("%d of %d bytes, %v", d.Size, len(body), err)
	}
}

// What this program says to itself in headers is not believed of the network.
func TestOwnHeadersFromTheNetwork(t *testing.T) {
	c, _ := client(t, serve([]byte("<html><title>Sign in</title></html>"), map[string]string{"X-Hrinvest-Bundled": "facts.csv", "X-Hrinvest-Cites": "https://example.org"}), nil)
	if d, err := c.Get(t.Context(), fetch.Request{URL: address, Shape: fetch.CSV}); !errors.Is(err, fetch.ErrRefused) {
		t.Errorf("%+v, %v", d, err)
	}
	c, _ = client(t, serve([]byte("a,b\n1,2\n"), map[string]string{"X-Hrinvest-Bundled": "facts.csv"}), nil)
	if d, err := c.Get(t.Context(), fetch.Request{URL: address, Shape: fetch.CSV}); err != nil || d.Origin != fetch.Live {
		t.Errorf("%+v, %v", d, err)
	}
}

func TestContentEncodings(t *testing.T) {
	for _, e := range []string{"aws-chunked", "Identity", "identity, aws-chunked", "UTF-8"} {
		c, _ := client(t, serve([]byte("a,b\n1,2\n"), map[string]string{"Content-Encoding": e}), nil)
		if _, err := c.Get(t.Context(), fetch.Request{URL: address, Shape: fetch.CSV}); err != nil {
			t.Errorf("%s: %v", e, err)
		}
	}
	c, _ := client(t, serve([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b\xd4\x49\xe2\x32\xd4\x31\xe2\x02\x00\x55\xb1\x92\x15\x08\x00\x00\x00"), map[string]string{"Content-Encoding": "GZIP, aws-chunked"}), nil)
	if _, err := c.Get(t.Context(), fetch.Request{URL: address, Shape: fetch.CSV}); err == nil || errors.Is(err, fetch.ErrRefused) && strings.Contains(err.Error(), "packed as") {
		t.Errorf("GZIP in capitals: %v", err) // its checksum is wrong on purpose: it was unpacked
	}
}

// Used budgets that were lost, or that were counted by a clock that was ahead, do
// not stop a refresh.
func TestDamagedBudgets(t *testing.T) {
	at := time.Date(2026, 11, 1, 2, 0, 0, 0, time.UTC)
	for name, left := range map[string]string{"nothing": "", "half": `{"api.publisher.ex`, "null": "null", "clock ahead": `{"api.publisher.example":["2031-01-01T00:00:00Z"]}`} {
		budgets := filepath.Join(t.TempDir(), "budgets.json")
		if err := os.WriteFile(budgets, []byte(left), 0o644); err != nil {
			t.Fatal(err)
		}
		store, err := fetch.NewStore(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		net := fetchtest.New(t, fetchtest.Hosts{"api.publisher.example": none(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "[1]") })})
		c, err := fetch.New(fetch.Config{Store: store, Transport: net, Pace: 1, Budgets: budgets, Now: func() time.Time { return at },
			Hosts: []fetch.Host{{Name: "api.publisher.example", Path: "/data", Every: 1, InFlight: 1, PerHour: 1}}})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, err := c.Get(t.Context(), fetch.Request{URL: address, Shape: fetch.JSON}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := c.Get(t.Context(), fetch.Request{URL: address, Shape: fetch.JSON}); !errors.Is(err, fetch.ErrBudget) {
			t.Errorf("%s: the budget does not hold: %v", name, err)
		}
	}
}

// Odd lines of a robots.txt are passed over, the others hold.
func TestOddRobots(t *testing.T) {
	for _, tt := range []struct {
		robots string
		want   error
	}{
		{"\ufeffUser-agent: *\nDisallow: /private\n", nil},
		{"Disallow: /\nUser-agent: *\nAllow: /\n", nil},
		{"User-agent: *\nCrawl-delay: soon\nDisallow: /private", nil},
		{"User-agent: *\rDisallow: /data\r", fetch.ErrBlocked},
		{"<p>hello</p>\nUser-agent: *\nNoindex /x\nDisallow: /data # us\n:::\n", fetch.ErrBlocked},
		{"User-agent:\nDisallow: /\n", nil},
		{"\x00\xff\xfe: x\n", nil},
		{"User-agent: *\nCrawl-delay: 86400\n", fetch.ErrBlocked},
	} {
		c, _ := client(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/robots.txt" {
				io.WriteString(w, tt.robots)
				return
			}
			io.WriteString(w, "[1]")
		}, nil)
		_, err := c.Get(t.Context(), fetch.Request{URL: address, Shape: fetch.JSON})
		if !errors.Is(err, tt.want) {
			t.Errorf("%q: %v, want %v", tt.robots, err, tt.want)
		}
		if strings.Contains(tt.robots, "86400") && !strings.Contains(err.Error(), "24h0m0s between two pages") {
			t.Errorf("%v does not say why", err)
		}
	}
}

// A host without a robots.txt that can be read, or that wants to be left alone, is
// asked once, not once for each of its pages.
func TestHostIsLeftAlone(t *testing.T) {
	now := time.Date(2026, 11, 1, 2, 0, 0, 0, time.UTC)
	for name, h := range map[string]http.HandlerFunc{
		"robots.txt fails": func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
		"asked to": none(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(http.StatusTooManyRequests)
		}),
	} {
		var asked atomic.Int32
		c, _ := client(t, func(w http.ResponseWriter, r *http.Request) { asked.Add(1); h(w, r) }, func(c *fetch.Config) { c.Now = func() time.Time { return now } })
		for i := range 5 {
			if _, err := c.Get(t.Context(), fetch.Request{URL: fmt.Sprint(address, i), Shape: fetch.JSON}); !errors.Is(err, fetch.ErrStatus) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if asked.Load() != 2 { // tried twice, or robots.txt and the page
			t.Errorf("%s: asked %d times", name, asked.Load())
		}
		now = now.Add(2 * time.Hour)
		c.For(fetch.View{}).Get(t.Context(), fetch.Request{URL: address, Shape: fetch.JSON}) //nolint:errcheck // still ill
		if asked.Load() == 2 {
			t.Errorf("%s: never asked again", name)
		}
	}
}

// One string of a JSON may not fill the memory.
func TestLongString(t *testing.T) {
	c, _ := client(t, none(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `[{"short \" one":"x"},"`)
		block := strings.Repeat("x", 1<<20)
		for range 20 {
			io.WriteString(w, block)
		}
		io.WriteString(w, `"]`)
	}), nil)
	if _, err := c.Get(t.Context(), fetch.Request{URL: address, Shape: fetch.JSON}); !errors.Is(err, fetch.ErrRefused) || !strings.Contains(err.Error(), "a string of more than 16 MB") {
		t.Errorf("%v", err)
	}
}

// Two downloads of one address at once do not write into one file.
func TestOneAddressTwice(t *testing.T) {
	body := lines(2 << 20)
	c, _ := client(t, serve(body, map[string]string{"ETag": `"v1"`, "Accept-Ranges": "bytes"}), nil)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			d, err := c.For(fetch.View{}).Get(t.Context(), fetch.Request{URL: address, Shape: fetch.CSV})
			if err != nil || d.Size != int64(len(body)) {
				t.Errorf("%d bytes, %v", d.Size, err)
			}
		})
	}
	group.Wait()
}

// What a machine that went down left of a download has its length and not its
// bytes: it is begun again.
func TestPartOfZeros(t *testing.T) {
	body := lines(1 << 20)
	dir := t.TempDir()
	store, err := fetch.NewStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	var asked []string
	c, _ := client(t, flaky(body, 300<<10, true, `"v1"`, &asked), func(c *fetch.Config) { c.Store, c.Retry.Tries = store, 1 })
	if _, err := c.Get(t.Context(), fetch.Request{URL: address, Shape: fetch.CSV}); err == nil {
		t.Fatal("was not interrupted")
	}
	left, err := filepath.Glob(filepath.Join(dir, ".part-*[0-9a-f]"))
	if err != nil || len(left) != 1 {
		t.Fatalf("%q, %v", left, err)
	}
	info, err := os.Stat(left[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(left[0], make([]byte, info.Size()), 0o644); err != nil {
		t.Fatal(err)
	}
	c, _ = client(t, flaky(body, len(body), true, `"v1"`, &asked), func(c *fetch.Config) { c.Store = store })
	if d, err := c.Get(t.Context(), fetch.Request{URL: address, Shape: fetch.CSV}); err != nil || content(t, d)[:100] != string(body[:100]) {
		t.Errorf("%v", err)
	}
}

// A document whose stored bytes were lost in part is stored again.
func TestDamagedStore(t *testing.T) {
	dir := t.TempDir()
	store, err := fetch.NewStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	sum, size, err := store.Put(strings.NewReader("a,b\n1,2\n"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(dir, sum[:2], sum), 0); err != nil {
		t.Fatal(err)
	}
	if store.Holds(fetch.Document{SHA256: sum, Size: size}) {
		t.Error("an empty file is taken for the document")
	}
	if _, _, err := store.Put(strings.NewReader("a,b\n1,2\n")); err != nil || !store.Holds(fetch.Document{SHA256: sum, Size: size}) {
		t.Errorf("not put right: %v", err)
	}
}

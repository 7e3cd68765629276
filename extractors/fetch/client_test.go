package fetch_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"hrinvest/extractors/fetch"
	"hrinvest/extractors/fetch/fetchtest"
)

const address = "https://api.publisher.example/data"

// client talks to handlers under addresses of real life.
func client(t *testing.T, h http.HandlerFunc, change func(*fetch.Config)) (*fetch.Client, *fetchtest.Net) {
	t.Helper()
	net := fetchtest.New(t, fetchtest.Hosts{"api.publisher.example": h, "www.publisher.example": h, "other.example": h})
	return net.Client(t, change), net
}

func content(t *testing.T, d fetch.Document) string {
	t.Helper()
	b, err := d.Head(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// What has not changed is not downloaded again; what has, is.
func TestConditional(t *testing.T) {
	for _, validator := range []string{"ETag", "Last-Modified"} {
		t.Run(validator, func(t *testing.T) {
			version := 1
			c, _ := client(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/robots.txt" {
					http.NotFound(w, r)
					return
				}
				body := fmt.Sprintf(`{"edition":[%d]}`, version)
				at := time.Date(2026, 1, version, 0, 0, 0, 0, time.UTC)
				if validator == "ETag" {
					w.Header().Set("ETag", fmt.Sprintf(`W/"%d"`, version))
					at = time.Time{}
				}
				http.ServeContent(w, r, "", at, strings.NewReader(body))
			}, nil)
			first, err := c.Get(t.Context(), fetch.Request{URL: address, Shape: fetch.JSON})
			if err != nil {
				t.Fatal(err)
			}
			if first.Headers[validator] == "" || first.Origin != fetch.Live {
				t.Errorf("document = %+v", first)
			}
			c = c.For(fetch.View{Known: func(string) (fetch.Document, bool) { return first, true }})
			again, err := c.Get(t.Context(), fetch.Request{URL: address, Shape: fetch.JSON})
			if err != nil || again.SHA256 != first.SHA256 || !again.Retrieved.Equal(first.Retrieved) {
				t.Errorf("again = %+v, %v", again, err)
			}
			if u := c.Usage(); u.NotModified != 1 || u.Bytes > 9+19 { // robots.txt is known
				t.Errorf("usage = %+v", u)
			}
			version = 2
			changed, err := c.Get(t.Context(), fetch.Request{URL: address, Shape: fetch.JSON})
			if err != nil || content(t, changed) != `{"edition":[2]}` {
				t.Errorf("changed = %q, %v", content(t, changed), err)
			}
		})
	}
}

// A document of a version that is known is not even asked for.
func TestVersion(t *testing.T) {
	var asked int
	c, _ := client(t, func(w http.ResponseWriter, r *http.Request) { asked++; io.WriteString(w, "a,b\n1,2\n") }, nil)
	r := fetch.Request{URL: address, Shape: fetch.CSV, Version: "v1"}
	d, err := c.Get(t.Context(), r)
	if err != nil || d.Version != "v1" {
		t.Fatalf("%+v, %v", d, err)
	}
	asked = 0
	c = c.For(fetch.View{Known: func(string) (fetch.Document, bool) { return d, true }})
	if again, err := c.Get(t.Context(), r); err != nil || again.SHA256 != d.SHA256 || asked > 0 {
		t.Errorf("again: %v, %d requests", err, asked)
	}
	r.Version = "v2"
	if _, err := c.Get(t.Context(), r); err != nil || asked == 0 {
		t.Errorf("another version: %v, %d requests", err, asked)
	}
}

func serve(body []byte, header map[string]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			http.NotFound(w, r)
			return
		}
		for k, v := range header {
			w.Header().Set(k, v)
		}
		w.Write(body)
	}
}

// Answers that lie are refused with the reason, and stay to be looked at.
func TestLies(t *testing.T) {
	for _, tt := range []struct {
		shape fetch.Shape
		body  string
		want  string // "" accepted
	}{
		{fetch.JSON, `{"value":[{"a":1}]}`, ""},
		{fetch.JSON, "\ufeff[1, 2]", ""},
		{fetch.JSON, "  ", "empty answer"},
		{fetch.JSON, `<!DOCTYPE html><html><head><title>Sign
			in</title>`, `a web page titled "Sign in" stands where JSON was promised`},
		{fetch.JSON, `<?xml version="1.0"?><!-- x --><html>`, "a web page"},
		{fetch.JSON, `{"name":"Error"}`, `error message instead of data: {"name":"Error"}`},
		{fetch.JSON, `{"error":{"code":"","message":"no such set"}}`, "error message"},
		{fetch.JSON, `[{"message":[{"id":"120"}]}]`, "error message"},
		{fetch.JSON, `{"name":"Errorland","value":[1]}`, ""},
		{fetch.JSON, `{"message":"ok","data":[{"a":1}]}`, ""},
		{fetch.JSON, `{"errors":[],"status":200}`, "an empty list"},
		{fetch.JSON, `[]`, "an empty list"},
		{fetch.JSON, `{"@odata.context":"x","value":[]}`, "an empty list"},
		{fetch.JSON, `{"value":[{"a":1},{"a":`, "breaks off"},
		{fetch.JSON, `{"value":[{"a":1}]`, "breaks off"},
		{fetch.JSON, `{"value":[{"a":1}]}}`, "cannot be read"},
		{fetch.JSON, "a,b\n1,2\n", "not JSON"},
		{fetch.CSV, "a,b\n1,2\n", ""},
		{fetch.CSV, "a;b\n1;2", ""},
		{fetch.CSV, "a\tb\tc\n1\t2\t3\n4\t5", "breaks off"},
		{fetch.CSV, "a,b\n", "without rows"},
		{fetch.CSV, "a,b", "without rows"},
		{fetch.CSV, `{"name":"Error"}`, "error message"},
		{fetch.CSV, "<html>", "a web page"},
		{fetch.XML, `<?xml version="1.0"?><iati-activities></iati-activities>`, ""},
		{fetch.XML, "<a><b/>\n</a>\n<!-- end -->", ""},
		{fetch.XML, `<iati-activities><iati-activity>`, "breaks off"},
		{fetch.XML, `<iati-activities><iati-activity`, "breaks off"},
		{fetch.XML, `<!doctype html><p>`, "a web page"},
		{fetch.ZIP, "PK\x03\x04half of it", "cut off or damaged"},
		{fetch.ZIP, "PK\x05\x06" + strings.Repeat("\x00", 18), "nothing in it"},
		{fetch.Parquet, "PAR1 rows PAR1", ""},
		{fetch.Parquet, "PAR1 rows", "cut off"},
		{fetch.Sheet, "a,b\n1,2\n", ""},
		{fetch.Sheet, "PK\x03\x04half", "cut off"},
		{fetch.Sheet, "<html>", "a web page"},
		{fetch.HTML, "<html></html>", ""},
		{fetch.HTML, "<html><p>", "no end"},
		{fetch.HTML, "", "empty answer"},
	} {
		c, _ := client(t, serve([]byte(tt.body), nil), nil)
		_, err := c.Get(t.Context(), fetch.Request{URL: address, Shape: tt.shape})
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s %q: %v", tt.shape, tt.body, err)
		case tt.want != "" && (!errors.Is(err, fetch.ErrRefused) || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), address)):
			t.Errorf("%s %q: %v, want %q", tt.shape, tt.body, err, tt.want)
		}
	}
	c, _ := client(t, serve([]byte("[]"), nil), nil)
	if _, err := c.Get(t.Context(), fetch.Request{URL: address, Shape: fetch.JSON, MayBeEmpty: true}); err != nil {
		t.Errorf("an empty list that may be: %v", err)
	}
}

func TestStatuses(t *testing.T) {
	for _, tt := range []struct {
		status int
		header string
		want   error
	}{
		{404, "", fetch.ErrNotFound}, {410, "", fetch.ErrNotFound}, {403, "", fetch.ErrBlocked}, {401, "", fetch.ErrBlocked}, {451, "", fetch.ErrBlocked}, {412, "", fetch.ErrBlocked},
		{503, "challenge", fetch.ErrBlocked}, {500, "", fetch.ErrStatus}, {204, "", fetch.ErrStatus}, {206, "", fetch.ErrStatus}, {304, "", fetch.ErrRefused},
	} {
		c, _ := client(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/robots.txt" {
				http.NotFound(w, r)
				return
			}
			w.Header().Set("Cf-Mitigated", tt.header)
			w.WriteHeader(tt.status)
		}, nil)
		_, err := c.Get(t.Context(), fetch.Request{URL: address})
		if !errors.Is(err, tt.want) && tt.status != 206 || err == nil {
			t.Errorf("%d: %v, want %v", tt.status, err, tt.want)
		}
	}
}

// What passes is asked again; what was asked to wait for long is left alone.
func TestRetries(t *testing.T) {
	for _, tt := range []struct {
		name     string
		answers  []int // statuses in turn, the last one stays
		after    string
		requests int32
		ok       bool
	}{
		{"500 then well", []int{500, 200}, "", 2, true},
		{"429 with a moment", []int{429, 200}, "0", 2, true},
		{"429 with a date gone by", []int{429, 200}, "Mon, 02 Jan 2006 15:04:05 GMT", 2, true},
		{"429 for a day", []int{429, 200}, "86400", 1, false},
		{"503 for ever", []int{503}, "", 3, false},
		{"501 is final", []int{501, 200}, "", 1, false},
		{"404 is final", []int{404, 200}, "", 1, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var n atomic.Int32
			c, _ := client(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/robots.txt" {
					http.NotFound(w, r)
					return
				}
				status := tt.answers[min(int(n.Add(1)), len(tt.answers))-1]
				if tt.after != "" && status != 200 {
					w.Header().Set("Retry-After", tt.after)
				}
				w.WriteHeader(status)
				io.WriteString(w, "[1]")
			}, func(c *fetch.Config) { c.Retry.Tries = 3 })
			_, err := c.Get(t.Context(), fetch.Request{URL: address, Shape: fetch.JSON})
			if (err == nil) != tt.ok || n.Load() != tt.requests {
				t.Errorf("%v after %d requests, want %d", err, n.Load(), tt.requests)
			}
		})
	}
}

// flaky serves a body that breaks off after so many bytes of each answer.
func flaky(body []byte, each int, ranges bool, etag string, asked *[]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			http.NotFound(w, r)
			return
		}
		*asked = append(*asked, r.Header.Get("Range"))
		from := 0
		w.Header().Set("ETag", etag)
		if ranges {
			w.Header().Set("Accept-Ranges", "bytes")
			if v, ok := strings.CutPrefix(r.Header.Get("Range"), "bytes="); ok && r.Header.Get("If-Range") == etag {
				from, _ = strconv.Atoi(strings.TrimSuffix(v, "-"))
				w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(body)-1, len(body)))
				w.Header().Set("Content-Length", strconv.Itoa(len(body)-from))
				w.WriteHeader(http.StatusPartialContent)
			}
		}
		if from == 0 {
			w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		}
		to := min(from+each, len(body))
		w.Write(body[from:to])
		if to < len(body) {
			http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}
	}
}

func lines(n int) []byte {
	var b bytes.Buffer
	b.WriteString("a,b\n")
	r := rand.New(rand.NewPCG(1, 2))
	for b.Len() < n {
		fmt.Fprintf(&b, "%d,%d\n", r.Uint64(), r.Uint64())
	}
	return b.Bytes()
}

// A large download that breaks off is gone on with, not begun again, also by the
// next run of the program.
func TestResume(t *testing.T) {
	body := lines(1 << 20)
	var asked []string
	c, _ := client(t, flaky(body, 300<<10, true, `"v1"`, &asked), nil)
	d, err := c.Get(t.Context(), fetch.Request{URL: address, Shape: fetch.CSV})
	if err != nil {
		t.Fatal(err)
	}
	if got := content(t, d); got != string(body[:len(got)]) || d.Size != int64(len(body)) {
		t.Error("other bytes than were published")
	}
	if len(asked) != 4 || asked[0] != "" || !strings.HasPrefix(asked[1], "bytes=") {
		t.Errorf("asked for %q", asked)
	}

	dir := t.TempDir()
	store, err := fetch.NewStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	asked = nil
	first, _ := client(t, flaky(body, 300<<10, true, `"v1"`, &asked), func(c *fetch.Config) { c.Store, c.Retry.Tries = store, 1 })
	if _, err := first.Get(t.Context(), fetch.Request{URL: address, Shape: fetch.CSV}); err == nil {
		t.Fatal("was not interrupted")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".part-*")); len(left) != 2 {
		t.Fatalf("left behind: %q", left)
	}
	asked = nil
	second, _ := client(t, flaky(body, len(body), true, `"v1"`, &asked), func(c *fetch.Config) { c.Store = store })
	if d, err = second.Get(t.Context(), fetch.Request{URL: address, Shape: fetch.CSV}); err != nil || d.Size != int64(len(body)) {
		t.Fatalf("%d bytes, %v", d.Size, err)
	}
	if len(asked) != 1 || !strings.HasPrefix(asked[0], "bytes=") || asked[0] == "bytes=0-" {
		t.Errorf("the second run asked for %q", asked)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".part-*")); len(left) != 0 {
		t.Errorf("left behind: %q", left)
	}
}

// What changed while it was downloaded is begun again, and parts of two editions
// are never put together.
func TestResumeOfAnotherEdition(t *testing.T) {
	old, body := lines(500<<10), bytes.ToUpper(append([]byte("x,y\n"), lines(500<<10)...))
	var asked []string
	n := 0
	c, _ := client(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			http.NotFound(w, r)
			return
		}
		if n++; n == 1 {
			flaky(old, 100<<10, true, `"v1"`, &asked)(w, r)
		}
		flaky(body, len(body), true, `"v2"`, &asked)(w, r)
	}, nil)
	d, err := c.Get(t.Context(), fetch.Request{URL: address, Shape: fetch.CSV})
	if err != nil || d.Size != int64(len(body)) || content(t, d) != string(body) {
		t.Errorf("%d bytes, %v", d.Size, err)
	}
	// a server that sends the wrong rest
	c, _ = client(t, func(w http.ResponseWriter, r *http.Request) {
		if v := r.Header.Get("Range"); v != "" {
			w.Header().Set("ETag", `"v2"`)
			w.Header().Set("Content-Range", fmt.Sprintf("bytes 1-%d/%d", len(body)-1, len(body)))
			w.WriteHeader(http.StatusPartialContent)
			w.Write(body[1:])
			return
		}
		flaky(body, 100<<10, true, `"v1"`, &asked)(w, r)
	}, nil)
	if d, err := c.Get(t.Context(), fetch.Request{URL: address, Shape: fetch.CSV}); err == nil {
		t.Errorf("took %d bytes of two editions", d.Size)
	}
}

// Where a server cannot go on, a download is begun again.
func TestNoRanges(t *testing.T) {
	body := lines(500 << 10)
	var asked []string
	each := 200 << 10
	c, _ := client(t, func(w http.ResponseWriter, r *http.Request) {
		flaky(body, each, false, `"v1"`, &asked)(w, r)
	}, nil)
	if _, err := c.Get(t.Context(), fetch.Request{URL: address, Shape: fetch.CSV}); err == nil {
		t.Error("half a body was taken")
	}
	each = len(body)
	if d, err := c.Get(t.Context(), fetch.Request{URL: address, Shape: fetch.CSV}); err != nil || d.Size != int64(len(body)) {
		t.Errorf("%d bytes, %v", d.Size, err)
	}
	for _, a := range asked {
		if a != "" {
			t.Errorf("asked for %q", a)
		}
	}
}

func TestLimitsOfABody(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write([]byte("a,b\n" + strings.Repeat("1,2\n", 2000)))
	z.Close()
	c, _ := client(t, serve(packed.Bytes(), map[string]string{"Content-Encoding": "gzip"}), nil)
	if d, err := c.Get(t.Context(), fetch.Request{URL: address, Shape: fetch.CSV}); err != nil || d.Size != 8004 {
		t.Errorf("packed: %d bytes, %v", d.Size, err)
	}
	c, _ = client(t, serve(packed.Bytes()[:packed.Len()-9], map[string]string{"Content-Encoding": "gzip"}), nil)
	if _, err := c.Get(t.Context(), fetch.Request{URL: address, Shape: fetch.CSV}); err == nil {
		t.Error("half a gzip was taken")
	}
	c, _ = client(t, serve(lines(9000), nil), nil)
	small := c.For(fetch.View{MaxBytes: 8000})
	if _, err := small.Get(t.Context(), fetch.Request{URL: address, Shape: fetch.CSV}); !errors.Is(err, fetch.ErrTooLarge) {
		t.Errorf("over the limit: %v", err)
	}
	c, _ = client(t, serve([]byte("zzz"), map[string]string{"Content-Encoding": "br"}), nil)
	if _, err := c.Get(t.Context(), fetch.Request{URL: address}); !errors.Is(err, fetch.ErrRefused) {
		t.Errorf("an unknown packing: %v", err)
	}
	c, net := client(t, serve([]byte("[1]"), nil), nil)
	net.Break(fetchtest.Fault{Kind: fetchtest.Bomb})
	if _, err := c.Get(t.Context(), fetch.Request{URL: address}); !errors.Is(err, fetch.ErrRefused) || !strings.Contains(err.Error(), "bomb") {
		t.Errorf("a bomb: %v", err)
	}
	slow, _ := client(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			http.NotFound(w, r)
			return
		}
		io.WriteString(w, "a,b\n")
		http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}, func(c *fetch.Config) { c.Idle = 50 * time.Millisecond })
	if _, err := slow.Get(t.Context(), fetch.Request{URL: address, Shape: fetch.CSV}); err == nil || !strings.Contains(err.Error(), "nothing came") {
		t.Errorf("a body that halts: %v", err)
	}
}

// Redirects stay on the site of the source, or where it says.
func TestRedirects(t *testing.T) {
	to := ""
	c, _ := client(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/robots.txt":
			http.NotFound(w, r)
		case "/data":
			http.Redirect(w, r, to, http.StatusFound)
		default:
			io.WriteString(w, "[1]")
		}
	}, nil)
	for _, tt := range []struct {
		to      string
		allowed []string
		ok      bool
	}{
		{"/elsewhere", nil, true},
		{"https://www.publisher.example/x", nil, true},
		{"https://other.example/x", nil, false},
		{"https://other.example/x", []string{"other.example"}, true},
		{"http://api.publisher.example/x", nil, false},
	} {
		to = tt.to
		_, err := c.For(fetch.View{Hosts: tt.allowed}).Get(t.Context(), fetch.Request{URL: address, Shape: fetch.JSON})
		if (err == nil) != tt.ok || err != nil && !errors.Is(err, fetch.ErrRedirect) {
			t.Errorf("to %s, allowed %q: %v", tt.to, tt.allowed, err)
		}
	}
}

// A name that leads into a private network is refused when it is connected to.
func TestPrivateAddresses(t *testing.T) {
	srv := httptest.NewServer(serve([]byte("[1]"), nil))
	defer srv.Close()
	store, err := fetch.NewStore(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, allow := range []bool{false, true} {
		c, err := fetch.New(fetch.Config{Store: store, AllowPrivate: allow, Pace: 1})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Get(t.Context(), fetch.Request{URL: srv.URL + "/data", Shape: fetch.JSON})
		if (err == nil) != allow || !allow && !errors.Is(err, fetch.ErrAddress) {
			t.Errorf("allowed %v: %v", allow, err)
		}
	}
}

func TestRobots(t *testing.T) {
	var robots string
	status := 200
	asked := 0
	h := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			asked++
			w.WriteHeader(status)
			io.WriteString(w, robots)
			return
		}
		io.WriteString(w, "[1]")
	}
	for _, tt := range []struct {
		name, robots string
		status       int
		want         error // nil: allowed
	}{
		{"allows", "User-agent: *\nDisallow: /private\n", 200, nil},
		{"disallows all", "User-agent: *\nDisallow: /\n", 200, fetch.ErrBlocked},
		{"disallows the path", "User-agent: *\nDisallow: /data\n", 200, fetch.ErrBlocked},
		{"disallows us only", "User-agent: hrinvest\nDisallow: /\n\nUser-agent: *\nAllow: /\n", 200, fetch.ErrBlocked},
		{"allows us only", "User-agent: *\nDisallow: /\n\nUser-agent: hrinvest\nAllow: /\n", 200, nil},
		{"none", "", 404, nil},
		{"forbidden, as none", "", 403, nil},
		{"fails", "", 503, fetch.ErrStatus},
	} {
		robots, status, asked = tt.robots, tt.status, 0
		c, _ := client(t, h, nil)
		for range 2 {
			if _, err := c.Get(t.Context(), fetch.Request{URL: address, Shape: fetch.JSON}); (err == nil) != (tt.want == nil) || err != nil && !errors.Is(err, tt.want) {
				t.Errorf("%s: %v", tt.name, err)
			}
		}
		if tt.status < 500 && asked != 1 {
			t.Errorf("%s: robots.txt was asked for %d times", tt.name, asked)
		}
	}
	robots, status = "User-agent: *\nCrawl-delay: 0.2\n", 200
	c, _ := client(t, h, nil)
	start := time.Now()
	for range 3 {
		if _, err := c.Get(t.Context(), fetch.Request{URL: address, Shape: fetch.JSON}); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(start); took < 350*time.Millisecond {
		t.Errorf("three pages in %s with a Crawl-delay of 0.2 s", took)
	}
}

// Every source of a program shares a host's pace, places and hourly budget; the
// budget holds when the program starts again.
func TestHostLimits(t *testing.T) {
	var now, most atomic.Int32
	h := func(w http.ResponseWriter, r *http.Request) {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		time.Sleep(20 * time.Millisecond)
		now.Add(-1)
		io.WriteString(w, "[1]")
	}
	budgets := filepath.Join(t.TempDir(), "budgets.json")
	at := time.Date(2026, 11, 1, 2, 0, 0, 0, time.UTC)
	limits := func(c *fetch.Config) {
		c.Hosts = []fetch.Host{{Name: "api.publisher.example", Path: "/data", Every: time.Nanosecond, InFlight: 2, PerHour: 5}, {Name: "api.publisher.example", Every: time.Nanosecond, InFlight: 2}}
		c.Budgets, c.Now = budgets, func() time.Time { return at }
	}
	c, _ := client(t, h, limits)
	errs := make(chan error, 6)
	for i := range 6 {
		go func() {
			_, err := c.For(fetch.View{}).Get(t.Context(), fetch.Request{URL: address + "?" + strconv.Itoa(i), Shape: fetch.JSON})
			errs <- err
		}()
	}
	refused := 0
	for range 6 {
		if err := <-errs; errors.Is(err, fetch.ErrBudget) {
			refused++
		} else if err != nil {
			t.Error(err)
		}
	}
	if most.Load() > 2 || refused != 1 {
		t.Errorf("%d at once, %d refused", most.Load(), refused)
	}
	c, _ = client(t, h, limits) // the program starts again
	if _, err := c.Get(t.Context(), fetch.Request{URL: address, Shape: fetch.JSON}); !errors.Is(err, fetch.ErrBudget) {
		t.Errorf("after a restart: %v", err)
	}
	if _, err := c.Get(t.Context(), fetch.Request{URL: "https://api.publisher.example/structure", Shape: fetch.JSON}); err != nil {
		t.Errorf("a path without a budget: %v", err)
	}
	at = at.Add(61 * time.Minute)
	if _, err := c.Get(t.Context(), fetch.Request{URL: address, Shape: fetch.JSON}); err != nil {
		t.Errorf("an hour later: %v", err)
	}
}

// A dry run takes the beginning of a document and stores nothing.
func TestSample(t *testing.T) {
	body := lines(4 << 20)
	dir := t.TempDir()
	store, err := fetch.NewStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	c, net := client(t, serve(body, nil), func(c *fetch.Config) { c.Store = store })
	c = c.For(fetch.View{Sample: true})
	d, err := c.Get(t.Context(), fetch.Request{URL: address, Shape: fetch.CSV})
	if err != nil || len(content(t, d)) != 64<<10 {
		t.Errorf("%d bytes, %v", len(content(t, d)), err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) > 0 {
		t.Errorf("stored %v", entries)
	}
	net.Break(fetchtest.Fault{Kind: fetchtest.LoginPage})
	if _, err := c.Get(t.Context(), fetch.Request{URL: address, Shape: fetch.CSV}); !errors.Is(err, fetch.ErrRefused) {
		t.Errorf("a login page: %v", err)
	}
}

func TestKeep(t *testing.T) {
	c, _ := client(t, serve(nil, nil), nil)
	d, err := c.Keep(address, http.Header{"Etag": {`"x"`}}, strings.NewReader("page"), 4)
	if err != nil || d.Headers["ETag"] != `"x"` || content(t, d) != "page" {
		t.Errorf("%+v, %v", d, err)
	}
	if _, err := c.Keep(address, nil, strings.NewReader("page"), 40); err == nil {
		t.Error("a body shorter than announced was kept")
	}
	if _, err := c.For(fetch.View{MaxBytes: 3}).Keep(address, nil, strings.NewReader("page"), -1); !errors.Is(err, fetch.ErrTooLarge) {
		t.Errorf("over the limit: %v", err)
	}
}

// A large download costs a few megabytes of memory, however large.
func TestMemoryOfALargeDownload(t *testing.T) {
	const size = 200 << 20
	block := lines(1 << 20)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			http.NotFound(w, r)
			return
		}
		for n := 0; n < size; n += len(block) {
			w.Write(block)
		}
	}))
	defer srv.Close()
	store, err := fetch.NewStore(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	c, err := fetch.New(fetch.Config{Store: store, AllowPrivate: true, Pace: 1})
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	d, err := c.Get(t.Context(), fetch.Request{URL: srv.URL + "/data", Shape: fetch.CSV})
	runtime.ReadMemStats(&after)
	if err != nil || d.Size < size {
		t.Fatalf("%d bytes, %v", d.Size, err)
	}
	if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > 5 {
		t.Errorf("allocated %d MB", used)
	}
}

// What was refused is not downloaded again to be refused again.
func TestRefusedOnce(t *testing.T) {
	body := []byte("<html><title>Sign in</title></html>")
	c, net := client(t, func(w http.ResponseWriter, r *http.Request) {
		fetchtest.Body("text/html", body).ServeHTTP(w, r)
	}, nil)
	_, err := c.Get(t.Context(), fetch.Request{URL: address, Shape: fetch.JSON})
	refusals := c.Refusals()
	if !errors.Is(err, fetch.ErrRefused) || len(refusals) != 1 {
		t.Fatalf("%v, %+v", err, refusals)
	}
	again := c.For(fetch.View{Refused: func(url string) (fetch.Refusal, bool) { r, ok := refusals[url]; return r, ok }})
	net.Asked()
	_, err = again.Get(t.Context(), fetch.Request{URL: address, Shape: fetch.JSON})
	if _, bytes := net.Asked(); !errors.Is(err, fetch.ErrRefused) || bytes > 0 || len(again.Refusals()) != 1 {
		t.Errorf("%v, %d bytes, %+v", err, bytes, again.Refusals())
	}
	body = []byte(`[1]`)
	if d, err := again.Get(t.Context(), fetch.Request{URL: address, Shape: fetch.JSON}); err != nil || content(t, d) != "[1]" || len(again.Refusals()) != 1 {
		t.Errorf("a good answer at last: %v", err)
	}
}

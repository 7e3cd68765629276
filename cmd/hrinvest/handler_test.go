package main

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"hrinvest/dashboards"
	"hrinvest/warehouse"
)

// Whatever is asked, the answer carries the headers that keep a browser in bounds.
func TestEveryAnswerIsGuarded(t *testing.T) {
	dir := t.TempDir()
	releases := dashboards.Follow(dir, warehouse.Options{})
	defer releases.Close()
	var logged bytes.Buffer
	a := &app{dir: dir, err: &logged}
	h, err := a.handler(releases, prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/", "/en/", "/ru/country/KGZ", "/ru/brief/KGZ.pdf", "/en/flows.csv?excel=ru", "/static/none.css", "/en/ops", "/metrics", "/healthz", "/nothing",
		"/api/v1/", "/api/v1/flows", "/api/v1/sql?q=SELECT+1", "/api/v2/x", "/export/current/flows.parquet", "/export/x/y", "/en/../../etc/passwd"} {
		for _, method := range []string{"GET", "HEAD", "POST", "OPTIONS", "TRACE"} {
			r := httptest.NewRequest(method, path, nil)
			r.RemoteAddr = "203.0.113.77:4242"
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			policy := w.Header().Get("Content-Security-Policy")
			if !strings.HasPrefix(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || !strings.Contains(policy, "frame-ancestors") {
				t.Errorf("%s %s: policy %q", method, path, policy)
			}
			for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Permissions-Policy": "camera=(), geolocation=(), microphone=()", "Cross-Origin-Opener-Policy": "same-origin"} {
				if got := w.Header().Get(name); got != want {
					t.Errorf("%s %s: %s %q", method, path, name, got)
				}
			}
			if w.Header().Get("Set-Cookie") != "" {
				t.Errorf("%s %s sets a cookie", method, path)
			}
		}
	}
	if strings.Contains(logged.String(), "203.0.113") {
		t.Errorf("the log has an address: %s", logged.String())
	}
}

// What the server logs of a failure is without the visitor's address.
func TestLogHasNoAddresses(t *testing.T) {
	var mu sync.Mutex
	var logged bytes.Buffer
	s := server(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("a defect") }), writer(func(p []byte) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		return logged.Write(p)
	}))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go s.Serve(l)
	defer s.Close()
	if _, err := http.Get("http://" + l.Addr().String()); err == nil {
		t.Error("an answer from a handler that broke down")
	}
	mu.Lock()
	defer mu.Unlock()
	if text := logged.String(); !strings.Contains(text, "a defect") || !strings.Contains(text, "(a visitor)") || strings.Contains(text, "127.0.0.1") {
		t.Errorf("log: %.300s", text)
	}
	for _, address := range []string{"203.0.113.77:4242", "[2001:db8::1]:443", "[fe80::1%eth0]:80"} {
		logged.Reset()
		fmt.Fprintf(anonymous{&logged}, "http: TLS handshake error from %s: EOF\n", address)
		if got := logged.String(); got != "http: TLS handshake error from (a visitor): EOF\n" {
			t.Errorf("%s: %s", address, got)
		}
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }

// Files wait for each other and pages for none.
func TestFewAtOnce(t *testing.T) {
	inside, release := make(chan string, 10), make(chan struct{})
	h := fewAtOnce(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		inside <- r.URL.Path
		if heavyFile(r.URL.Path) {
			<-release
		}
	}), heavyFile, 1, 50*time.Millisecond)
	get := func(path string) int {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		return w.Code
	}
	done := make(chan int)
	go func() { done <- get("/en/brief/KGZ.pdf") }()
	<-inside
	if code := get("/en/brief/TJK.pdf"); code != http.StatusServiceUnavailable {
		t.Errorf("a second file: %d", code)
	}
	for _, page := range []string{"/en/country/KGZ", "/static/site-00000000.css"} {
		if code := get(page); code != http.StatusOK {
			t.Errorf("%s beside a file: %d", page, code)
		}
	}
	close(release)
	if code := <-done; code != http.StatusOK {
		t.Errorf("the first file: %d", code)
	}
	if code := get("/en/brief/TJK.pdf"); code != http.StatusOK {
		t.Errorf("after it: %d", code)
	}
}

// Package fetchtest stands in for the internet in tests: services answer on
// loopback under the addresses they have in life, and misbehave on purpose.
//
//	net := fetchtest.New(t, fetchtest.Hosts{"api.example.org": handler})
//	docs, err := net.Fetch(t, src, nil)
package fetchtest

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"hrinvest/extractors/fetch"
)

// Hosts are the services of a test by the host they have in life. A host that is
// not among them does not exist.
type Hosts map[string]http.Handler

// Net is a RoundTripper that leads requests to the services of a test.
type Net struct {
	hosts  Hosts
	server *url.URL

	mu     sync.Mutex
	fault  Fault
	asked  []string         // addresses, robots.txt left out
	served map[string]int64 // bytes of bodies, by address
}

// New starts the services.
func New(t testing.TB, hosts Hosts) *Net {
	t.Helper()
	n := &Net{hosts: hosts, served: map[string]int64{}}
	srv := httptest.NewServer(http.HandlerFunc(n.serve))
	t.Cleanup(srv.Close)
	var err error
	if n.server, err = url.Parse(srv.URL); err != nil {
		t.Fatal(err)
	}
	return n
}

// Break makes answers go wrong from now on. Fault{}: all is well again.
func (n *Net) Break(f Fault) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.fault = f
}

// Asked returns the addresses asked for since the last call, robots.txt left
// out, and how many bytes were answered.
func (n *Net) Asked() (addresses []string, bytes int64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	addresses, served := n.asked, n.served
	n.asked, n.served = nil, map[string]int64{}
	for _, k := range served {
		bytes += k
	}
	return addresses, bytes
}

// Served returns the bytes that were answered since the last call of Asked, by
// address.
func (n *Net) Served() map[string]int64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return maps.Clone(n.served)
}

const headerScheme = "X-Fetchtest-Scheme"

// RoundTrip implements http.RoundTripper.
func (n *Net) RoundTrip(req *http.Request) (*http.Response, error) {
	if _, ok := n.hosts[req.URL.Host]; !ok {
		return nil, fmt.Errorf("dial tcp: lookup %s: no such host", req.URL.Host)
	}
	return To(n.Server()).RoundTrip(req)
}

// Server is where the net listens, for To in another process.
func (n *Net) Server() string { return n.server.Host }

// To is the transport to a net that listens somewhere: in another process, which
// the test kills.
type To string

// RoundTrip implements http.RoundTripper.
func (server To) RoundTrip(req *http.Request) (*http.Response, error) {
	inside := req.Clone(req.Context())
	inside.URL.Scheme, inside.URL.Host, inside.Host = "http", string(server), req.URL.Host
	inside.Header.Set(headerScheme, req.URL.Scheme)
	res, err := http.DefaultTransport.RoundTrip(inside)
	if res != nil {
		res.Request = req
	}
	return res, err
}

func (n *Net) serve(w http.ResponseWriter, r *http.Request) {
	address := r.Header.Get(headerScheme) + "://" + r.Host + r.URL.RequestURI()
	n.mu.Lock()
	fault := n.fault
	if r.URL.Path != "/robots.txt" {
		n.asked = append(n.asked, address)
	}
	n.mu.Unlock()
	out := http.ResponseWriter(&counter{w, n, address})
	if r.URL.Path == "/robots.txt" {
		out = w // not counted
	}
	if fault.Kind != "" && fault.hits(address) {
		fault.answer(out, r, n.hosts[r.Host])
		return
	}
	n.hosts[r.Host].ServeHTTP(out, r)
}

type counter struct {
	http.ResponseWriter
	net     *Net
	address string
}

func (c *counter) Write(b []byte) (int, error) {
	k, err := c.ResponseWriter.Write(b)
	c.net.mu.Lock()
	c.net.served[c.address] += int64(k)
	c.net.mu.Unlock()
	return k, err
}

// Unwrap lets http.ResponseController reach the connection.
func (c *counter) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// Client returns a client on this net: in a hurry, and with a store of its own.
// change may be nil.
func (n *Net) Client(t testing.TB, change func(*fetch.Config)) *fetch.Client {
	t.Helper()
	store, err := fetch.NewStore(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	cfg := fetch.Config{
		Store: store, Transport: n, Pace: time.Nanosecond, Hosts: []fetch.Host{},
		Retry: fetch.Retry{Tries: 2, First: time.Millisecond, Most: 5 * time.Millisecond, Patience: time.Second},
		Idle:  2 * time.Second,
	}
	if change != nil {
		change(&cfg)
	}
	c, err := fetch.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Fetcher is what the tests need of a source.
type Fetcher interface {
	Fetch(ctx context.Context, c *fetch.Client, keep func(fetch.Document) error) error
}

// Fetch runs a source against the net with the documents that are in use, as a
// nightly refresh does, and returns the documents that would be in use after it.
func (n *Net) Fetch(t testing.TB, c *fetch.Client, src Fetcher, inUse []fetch.Document) ([]fetch.Document, error) {
	t.Helper()
	docs, _, err := n.FetchAfter(t, c, src, inUse, nil)
	return docs, err
}

// Knowing is a client that knows documents in use and what was refused before.
func Knowing(c *fetch.Client, inUse []fetch.Document, refused map[string]fetch.Refusal) *fetch.Client {
	known := map[string]fetch.Document{}
	for _, d := range inUse {
		known[d.URL] = d
	}
	return c.For(fetch.View{
		Known:   func(url string) (fetch.Document, bool) { d, ok := known[url]; return d, ok },
		Refused: func(url string) (fetch.Refusal, bool) { r, ok := refused[url]; return r, ok },
	})
}

// FetchAfter is Fetch on a night after one that refused something; it returns
// what it refused itself.
func (n *Net) FetchAfter(t testing.TB, c *fetch.Client, src Fetcher, inUse []fetch.Document, refused map[string]fetch.Refusal) ([]fetch.Document, map[string]fetch.Refusal, error) {
	t.Helper()
	c = Knowing(c, inUse, refused)
	var kept []fetch.Document
	err := src.Fetch(t.Context(), c, func(d fetch.Document) error { kept = append(kept, d); return nil })
	if fetch.Complete(err) {
		return kept, c.Refusals(), err
	}
	known := map[string]fetch.Document{}
	for _, d := range append(slices.Clone(inUse), kept...) {
		known[d.URL] = d
	}
	var docs []fetch.Document
	for _, d := range inUse {
		docs = append(docs, known[d.URL])
		delete(known, d.URL)
	}
	for _, d := range kept {
		if _, isNew := known[d.URL]; isNew {
			docs = append(docs, d)
			delete(known, d.URL)
		}
	}
	return docs, c.Refusals(), err
}

// Body serves bytes with a validator, so that a second request is answered 304,
// and in parts where asked.
func Body(contentType string, body []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", contentType)
		serveBytes(w, r, body)
	})
}

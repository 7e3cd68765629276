package fetch_test

import (
	"crypto/sha256"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"hrinvest/extractors/fetch"
)

// BenchmarkStore downloads 200 MB into the store, and in the same run copies the
// same answer to a file with a sha256 and a sync, as plainly as can be. To reach:
// 70 % of the plain copy's speed.
func BenchmarkStore(b *testing.B) {
	const size = 200 << 20
	block := lines(1 << 20)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			http.NotFound(w, r)
			return
		}
		for n := 0; n < size; n += len(block) {
			w.Write(block) //nolint:errcheck // a test's own server
		}
	}))
	defer srv.Close()
	var ours, theirs time.Duration
	for b.Loop() {
		dir := b.TempDir()
		store, err := fetch.NewStore(dir)
		if err != nil {
			b.Fatal(err)
		}
		c, err := fetch.New(fetch.Config{Store: store, AllowPrivate: true, Pace: 1})
		if err != nil {
			b.Fatal(err)
		}
		start := time.Now()
		if _, err := c.Get(b.Context(), fetch.Request{URL: srv.URL + "/data", Shape: fetch.CSV}); err != nil {
			b.Fatal(err)
		}
		ours += time.Since(start)
		start = time.Now()
		if err := plainCopy(srv.URL+"/data", filepath.Join(dir, "plain")); err != nil {
			b.Fatal(err)
		}
		theirs += time.Since(start)
	}
	b.ReportMetric(theirs.Seconds()/ours.Seconds(), "of_plain_copy")
	b.ReportMetric(size*float64(b.N)/ours.Seconds()/1e6, "MB/s")
	b.ReportMetric(0, "ns/op")
}

func plainCopy(url, name string) error {
	res, err := http.Get(url)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(io.MultiWriter(f, h), res.Body); err != nil {
		return err
	}
	return f.Sync()
}

package iati

import (
	"bytes"
	"io"
	"runtime"
	"testing"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
	"hrinvest/extractors/iati/iatitest"
)

// endless is a document of a given size that is never in memory: a head, the
// same activities again and again, a foot.
func endless(size int) fetch.Document {
	block := iatitest.Generate(1<<20, 1)
	i := bytes.Index(block, activityStart)
	j := bytes.LastIndex(block, []byte("</iati-activities>"))
	head, body, foot := block[:i], block[i:j], block[j:]
	readers := []io.Reader{bytes.NewReader(head)}
	for n := 0; n < size; n += len(body) {
		readers = append(readers, bytes.NewReader(body))
	}
	readers = append(readers, bytes.NewReader(foot))
	return fetch.Document{
		Role: roleActivities, Name: "endless.xml", SHA256: "endless",
		OpenFunc: func() (io.ReadCloser, error) { return io.NopCloser(io.MultiReader(readers...)), nil },
	}
}

// watching is a sink that looks at the memory in use now and then.
type watching struct {
	counting
	peak uint64
}

func (w *watching) look() {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	w.peak = max(w.peak, m.HeapInuse+m.StackInuse)
}

func (w *watching) Disclose(d extractors.Disclosure) error {
	if w.disclosed%2000 == 0 {
		w.look()
	}
	return w.counting.Disclose(d)
}

// peak parses a document of a size, everything in scope, and returns the most
// memory in use in MB.
func peak(t testing.TB, size int) float64 {
	w := &watching{}
	runtime.GC()
	w.look()
	if err := New(Config{}).Parse(t.Context(), []fetch.Document{endless(size)}, w); err != nil {
		t.Fatal(err)
	}
	if w.disclosed+w.skipped < size/2000 || w.rejected > 0 {
		t.Fatalf("got %+v", w.counting)
	}
	return float64(w.peak) / 1e6
}

// Memory does not grow with the file: one of 60 MB takes no more than its
// blocks under way. (make bench reports a file of 300 MB.)
func TestMemoryIsFlat(t *testing.T) {
	if testing.Short() {
		t.Skip("parses 60 MB")
	}
	if got := peak(t, 60<<20); got > 150 {
		t.Errorf("%.0f MB in use", got)
	}
}

// BenchmarkMemory reports the peak for a file of 300 MB, all in scope.
func BenchmarkMemory(b *testing.B) {
	for b.Loop() {
		b.ReportMetric(peak(b, 300<<20), "peak-MB")
	}
}

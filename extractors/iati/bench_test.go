package iati

import (
	"testing"
	"time"

	"hrinvest/extractors"
	"hrinvest/extractors/extractorstest"
	"hrinvest/extractors/fetch"
	"hrinvest/extractors/iati/iatitest"
)

// counting is a sink that only counts.
type counting struct{ disclosed, rejected, skipped int }

func (c *counting) Disclose(extractors.Disclosure) error { c.disclosed++; return nil }
func (c *counting) Observe(extractors.Observation) error { return nil }
func (c *counting) Reject(extractors.Problem) error      { c.rejected++; return nil }
func (c *counting) Skip(_ string, n int, _ string) error { c.skipped += n; return nil }

// against runs the source over data and reports its speed, that of the
// yardstick in the same run, and how many times faster the source is.
func against(b *testing.B, data []byte) {
	doc := extractorstest.Doc(roleActivities, "generated.xml", data)
	src := New(Config{})
	var ours, theirs time.Duration
	for b.Loop() {
		start := time.Now()
		want, err := iatitest.StructDecode(data)
		if err != nil {
			b.Fatal(err)
		}
		theirs += time.Since(start)
		var c counting
		start = time.Now()
		if err := src.Parse(b.Context(), []fetch.Document{doc}, &c); err != nil {
			b.Fatal(err)
		}
		ours += time.Since(start)
		if c.disclosed+c.skipped != want || c.rejected > 0 {
			b.Fatalf("got %+v, want %d statements", c, want)
		}
	}
	mb := float64(len(data)) * float64(b.N) / 1e6
	b.ReportMetric(mb/ours.Seconds(), "MB/s")
	b.ReportMetric(mb/theirs.Seconds(), "encoding/xml-MB/s")
	b.ReportMetric(theirs.Seconds()/ours.Seconds(), "x")
}

// BenchmarkRegistryShaped: one activity in twenty is in scope.
func BenchmarkRegistryShaped(b *testing.B) { against(b, iatitest.Generate(32<<20, 0.05)) }

// BenchmarkAllInScope: every activity is decoded into disclosures.
func BenchmarkAllInScope(b *testing.B) { against(b, iatitest.Generate(32<<20, 1)) }

package globalfund

import (
	"testing"

	"hrinvest/extractors"
	"hrinvest/extractors/extractorstest"
	"hrinvest/extractors/fetch"
)

type discard struct{ n int }

func (d *discard) Disclose(extractors.Disclosure) error { d.n++; return nil }
func (d *discard) Observe(extractors.Observation) error { return nil }
func (d *discard) Reject(extractors.Problem) error      { d.n++; return nil }
func (d *discard) Skip(_ string, n int, _ string) error { d.n += n; return nil }

// BenchmarkParse reads pages of 5,000 lines each, with the names for their ids.
func BenchmarkParse(b *testing.B) {
	s := healthy()
	s.budgets, s.disbursements, s.spent, s.pledges = 30000, 3000, 6000, 1000
	docs := func() (docs []fetch.Document) {
		for _, d := range datasets {
			for skip := 0; ; skip += pageRows {
				body, err := s.answer(request(d.address(pageRows, skip)), d.set)
				if err != nil {
					b.Fatal(err)
				}
				doc := extractorstest.Doc(d.role, d.role, body)
				docs = append(docs, doc)
				if n := (skip + pageRows); n >= s.count(d) {
					break
				}
			}
		}
		return docs
	}()
	var bytes int64
	for _, d := range docs {
		bytes += d.Size
	}
	b.SetBytes(bytes)
	b.ReportAllocs()
	rows := 0
	for b.Loop() {
		var out discard
		if err := New().Parse(b.Context(), docs, &out); err != nil {
			b.Fatal(err)
		}
		rows += out.n
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}

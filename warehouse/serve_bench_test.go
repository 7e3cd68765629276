package warehouse_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow/array"

	"hrinvest/warehouse"
	wt "hrinvest/warehouse/warehousetest"
)

// BenchmarkCountryPage asks what a country page asks, one after another, as the
// second reader of a page does: the answers of a release are kept.
func BenchmarkCountryPage(b *testing.B) {
	db := wt.Open(b, world())
	args := map[string]any{"country": "KGZ"}
	for b.Loop() {
		for _, q := range []string{"countries", "country_spending", "country_interventions", "country_funders", "country_coverage", "country_gaps", "country_ends", "country_documents", "country_needs"} {
			if _, err := db.Named(context.Background(), q, args); err != nil {
				b.Fatal(q, err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/9, "µs/query")
}

// BenchmarkQuery shows what each named question costs the database.
func BenchmarkQuery(b *testing.B) {
	db := wt.Open(b, world())
	queries, err := warehouse.Queries()
	if err != nil {
		b.Fatal(err)
	}
	for _, q := range queries {
		args := map[string]any{}
		for _, p := range q.Params {
			if p.Required {
				args[p.Name] = map[string]any{"country": "KGZ", "flow_id": "f1", "disclosure_id": "d1"}[p.Name]
			}
		}
		b.Run(q.Name, func(b *testing.B) {
			for b.Loop() {
				if _, err := db.Query(context.Background(), q.SQL, named(args, q)...); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(time.Millisecond), "ms/query")
		})
	}
}

func named(args map[string]any, q warehouse.Query) []any {
	var out []any
	for _, p := range q.Params {
		out = append(out, sql.Named(p.Name, args[p.Name]))
	}
	return out
}

// BenchmarkViews makes all views and marts over a million flows and hashes the
// result, within a gigabyte; 30 seconds for five million are asked.
func BenchmarkViews(b *testing.B) {
	const rows = 1_000_000
	schema, recs := warehouse.FlowBatches(b, rows, 122_880)
	for b.Loop() {
		b.StopTimer()
		build, err := warehouse.Create(b.Context(), warehouse.Config{Dir: b.TempDir(), MemoryLimit: "1GB"})
		if err != nil {
			b.Fatal(err)
		}
		rr, err := array.NewRecordReader(schema, recs)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := build.Load(b.Context(), schema, rr); err != nil {
			b.Fatal(err)
		}
		wt.Fill(b, build, wt.Tables{"sources": {{"source": "iati", "spent": "sum", "authority": 2},
			{"source": "gf", "spent": "expenditure", "authority": 1}, {"source": "unaids", "spent": "expenditure", "authority": 4}}})
		b.StartTimer()
		start := time.Now()
		if err := build.Views(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(time.Since(start).Seconds(), "s/views")
		start = time.Now()
		if _, err := build.Check(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(time.Since(start).Seconds(), "s/checks")
		start = time.Now()
		if _, err := build.Hash(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(time.Since(start).Seconds(), "s/hash")
		if err := build.Discard(); err != nil {
			b.Fatal(err)
		}
	}
}

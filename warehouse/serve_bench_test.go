package warehouse_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

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

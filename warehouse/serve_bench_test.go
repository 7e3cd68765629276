package warehouse_test

import (
	"context"
	"database/sql"
	"os"
	"slices"
	"strconv"
	"strings"
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

func question(b *testing.B, name string) warehouse.Query {
	all, err := warehouse.Queries()
	if err != nil {
		b.Fatal(err)
	}
	i := slices.IndexFunc(all, func(q warehouse.Query) bool { return q.Name == name })
	if i < 0 {
		b.Fatalf("no question %s", name)
	}
	return all[i]
}

func named(args map[string]any, q warehouse.Query) []any {
	var out []any
	for _, p := range q.Params {
		out = append(out, sql.Named(p.Name, args[p.Name]))
	}
	return out
}

// BenchmarkViews makes all views and marts over five million generated flows,
// publishes the release, and asks for the gaps of a country as a first reader
// does, without kept answers. Asked: under 30 s for the views, under 20 ms for
// 99 of 100 answers, under 2 GB for the whole process.
func BenchmarkViews(b *testing.B) {
	const rows = 5_000_000
	for b.Loop() {
		dir := b.TempDir()
		build, err := warehouse.Create(b.Context(), warehouse.Config{Dir: dir, MemoryLimit: "1GB"})
		if err != nil {
			b.Fatal(err)
		}
		timed := func(phase string, do func() error) {
			start := time.Now()
			if err := do(); err != nil {
				b.Fatal(phase, err)
			}
			b.ReportMetric(time.Since(start).Seconds(), "s/"+phase)
			b.ReportMetric(float64(peakMemory(b))/(1<<20), "MB/"+phase)
		}
		timed("load", func() error {
			flows := warehouse.GenerateFlows(b, rows, 16_384) // batches as a build makes them
			_, err := build.Load(b.Context(), flows.Schema(), flows)
			return err
		})
		wt.Fill(b, build, wt.Tables{"sources": {{"source": "iati", "spent": "sum", "authority": 2},
			{"source": "gf", "spent": "expenditure", "authority": 1}, {"source": "unaids", "spent": "expenditure", "authority": 4}},
			"observations": world()["observations"]})
		timed("views", func() error { return build.Views(b.Context()) })
		timed("checks", func() error { _, err := build.Check(b.Context()); return err })
		var release warehouse.Release
		timed("publish", func() error { release, err = build.Publish(b.Context(), warehouse.Meta{}); return err })
		db, err := warehouse.Open(release.Path, warehouse.Options{})
		if err != nil {
			b.Fatal(err)
		}
		var took []time.Duration
		q := question(b, "country_gaps")
		for n := range 500 {
			country := []string{"KGZ", "KAZ", "UKR", "MDA", "EST", "KEN"}[n%6]
			start := time.Now()
			if _, err := db.Query(b.Context(), q.SQL, named(map[string]any{"country": country}, q)...); err != nil {
				b.Fatal(err)
			}
			took = append(took, time.Since(start))
		}
		slices.Sort(took)
		b.ReportMetric(float64(took[len(took)*99/100])/float64(time.Millisecond), "ms/gaps-p99")
		b.ReportMetric(float64(took[len(took)/2])/float64(time.Millisecond), "ms/gaps-p50")
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(peakMemory(b))/(1<<20), "MB/peak")
	b.ReportMetric(0, "ns/op")
}

// peakMemory is the most memory this process ever held, in bytes.
func peakMemory(b *testing.B) int64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Skip("the peak of memory is not known here:", err)
	}
	for line := range strings.Lines(string(text)) {
		if kb, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			n, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(kb), "kB")), 10, 64)
			if err != nil {
				b.Fatal(err)
			}
			return n << 10
		}
	}
	b.Fatal("no VmHWM in /proc/self/status")
	return 0
}

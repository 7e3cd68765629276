package warehouse

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// flowBatches makes all batches of GenerateFlows.
func flowBatches(tb testing.TB, n, size int) (*arrow.Schema, []arrow.Record) {
	tb.Helper()
	r := GenerateFlows(tb, n, size)
	var out []arrow.Record
	for r.Next() {
		r.rec.Retain()
		out = append(out, r.rec)
	}
	return r.schema, out
}

// Generator is a record reader of generated flows: a batch at a time.
type Generator struct {
	tb            testing.TB
	schema        *arrow.Schema
	rnd           *rand.Rand
	done, n, size int
	rec           arrow.Record
}

// GenerateFlows makes n rows shaped like canonical flows, in batches of size
// rows: five thousand activities with their years and kinds, ids that do not
// repeat, money in eight columns, a third of the optional columns null, and nothing in
// a row that a check of flows objects to. The same
// seed gives the same rows.
func GenerateFlows(tb testing.TB, n, size int) *Generator {
	tb.Helper()
	schema, err := Table("flows")
	if err != nil {
		tb.Fatal(err)
	}
	return &Generator{tb: tb, schema: schema, rnd: rand.New(rand.NewPCG(1, 2)), n: n, size: size}
}

func (g *Generator) Schema() *arrow.Schema { return g.schema }
func (g *Generator) Record() arrow.Record  { return g.rec }
func (g *Generator) Err() error            { return nil }
func (g *Generator) Retain()               {}
func (g *Generator) Release()              {}

func (g *Generator) Next() bool {
	if g.rec != nil {
		g.rec.Release()
		g.rec = nil
	}
	if g.done >= g.n {
		return false
	}
	rows := min(g.size, g.n-g.done)
	g.rec = g.batch(rows)
	g.done += rows
	return true
}

func (g *Generator) batch(rows int) arrow.Record {
	tb, schema, rnd, done := g.tb, g.schema, g.rnd, g.done
	const activities = 5000
	// of gives what belongs to an activity: the same for each of its rows.
	of := func(activity int, column, n int) int { return (activity*2654435761 + column*40503) >> 7 % n }
	pick := func(activity, column int, words ...string) string { return words[of(activity, column, len(words))] }
	countries := []string{"KGZ", "KAZ", "UKR", "RUS", "MDA", "EST", "KEN", "USA"}
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	activity, year, counted := make([]int, rows), make([]int, rows), make([]bool, rows)
	for r := range activity {
		activity[r] = rnd.IntN(activities)
		year[r] = 2010 + of(activity[r], 4, 10) + rnd.IntN(5)
		counted[r] = rnd.IntN(10) > 0
	}
	amount := make([]decimal128.Num, rows)
	for r := range amount {
		amount[r] = decimal128.FromI64(rnd.Int64N(1_000_000_000_000))
	}
	one := decimal128.FromI64(1_000_000_000_000) // with the twelve digits of shares and rates
	for i, f := range schema.Fields() {
		for r, a := range activity {
			switch fb := b.Field(i).(type) {
			case *array.StringBuilder:
				switch f.Name {
				case "flow_id", "disclosure_id":
					fb.Append(fmt.Sprintf("%016x%016x", rnd.Uint64(), done+r))
				case "title":
					fb.Append(fmt.Sprint("Prevention among people who inject drugs in region ", a))
				case "activity_id":
					fb.Append(fmt.Sprint("XM-DAC-47045-", a))
				case "kind":
					fb.Append([]string{"disbursement", "expenditure", "budget", "commitment"}[rnd.IntN(4)])
				case "country", "countries":
					fb.Append(pick(a, 1, countries...))
				case "intervention":
					fb.Append([]string{pick(a, 2, "nsp", "hiv_other"), pick(a, 3, "oat", "advocacy", "unspecified_pwid")}[rnd.IntN(2)])
				case "source":
					fb.Append(pick(a, 4, "iati", "gf", "unaids"))
				case "currency":
					fb.Append("USD")
				case "flags":
					fb.Append(fmt.Sprint(f.Name, rnd.IntN(3)))
				case "hr_method":
					fb.Append([]string{"reported", "apportioned", "text_inferred"}[rnd.IntN(3)])
				case "funder_type":
					fb.Append(pick(a, 5, "domestic_public", "bilateral", "multilateral"))
				case "tier":
					fb.Append(pick(a, 5, "domestic", "donor_to_country", "intermediary_to_country"))
				case "origin":
					fb.Append("given")
				case "implementer", "channel":
					if pick(a, 1, countries...) == "RUS" {
						fb.AppendNull()
					} else {
						fb.Append(fmt.Sprint(f.Name, " ", of(a, i, 60)))
					}
				case "excluded_by", "excluded_by_donor":
					if counted[r] {
						fb.AppendNull()
					} else {
						fb.Append("authority")
					}
				default:
					if of(a, i, 3) == 0 {
						fb.AppendNull()
					} else {
						fb.Append(fmt.Sprint(f.Name, " ", of(a, i, 60)))
					}
				}
			case *array.Decimal128Builder:
				switch f.Name {
				case "amount", "usd":
					fb.Append(amount[r])
				case "rate", "share":
					fb.Append(one)
				default:
					fb.Append(decimal128.FromI64(rnd.Int64N(1_000_000_000_000)))
				}
			case *array.Int32Builder:
				fb.Append(int32(year[r]))
			case *array.Date32Builder:
				day := time.Date(year[r], time.January, 1, 0, 0, 0, 0, time.UTC)
				if strings.HasSuffix(f.Name, "_end") {
					day = day.AddDate(1, 0, -1)
				}
				fb.Append(arrow.Date32FromTime(day))
			case *array.BooleanBuilder:
				fb.Append(counted[r])
			default:
				tb.Fatalf("column %s", f.Name)
			}
		}
	}
	defer b.Release()
	return b.NewRecord()
}

// BenchmarkLoadFlows loads a million canonical flows, verification included,
// and has DuckDB make the same table from Parquet of the same rows in the same
// run. The ratio of the two is what counts; at least 0.8 is asked.
func BenchmarkLoadFlows(b *testing.B) {
	const rows, batch = 1_000_000, 122_880 // a DuckDB row group
	schema, recs := flowBatches(b, rows, batch)
	var arrowTime, parquetTime time.Duration
	ctx := context.Background()
	parquet := filepath.Join(b.TempDir(), "flows.parquet")
	for n := 0; b.Loop(); n++ {
		build, err := Create(ctx, Config{Dir: b.TempDir(), MemoryLimit: "4GB"})
		if err != nil {
			b.Fatal(err)
		}
		for _, r := range recs {
			r.Retain()
		}
		start := time.Now()
		rr, err := array.NewRecordReader(schema, recs)
		if err != nil {
			b.Fatal(err)
		}
		loaded, err := build.Load(ctx, schema, rr)
		if err == nil {
			err = build.exec(ctx, "CHECKPOINT w")
		}
		arrowTime += time.Since(start)
		rr.Release()
		if err != nil || loaded.Rows != rows {
			b.Fatal(loaded.Rows, err)
		}
		if n == 0 {
			if err := build.exec(ctx, "COPY w.flows TO "+quoteText(parquet)+" (FORMAT parquet, ROW_GROUP_SIZE 122880)"); err != nil {
				b.Fatal(err)
			}
		}
		if err := build.Discard(); err != nil {
			b.Fatal(err)
		}
		if build, err = Create(ctx, Config{Dir: b.TempDir(), MemoryLimit: "4GB"}); err != nil {
			b.Fatal(err)
		}
		start = time.Now()
		err = build.exec(ctx, "CREATE TABLE w.flows AS SELECT * FROM read_parquet("+quoteText(parquet)+")")
		if err == nil {
			err = build.exec(ctx, "CHECKPOINT w")
		}
		parquetTime += time.Since(start)
		if err != nil {
			b.Fatal(err)
		}
		if err := build.Discard(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(parquetTime.Seconds()/arrowTime.Seconds(), "of_read_parquet")
	b.ReportMetric(float64(rows)*float64(b.N)/arrowTime.Seconds()/1e6, "Mrows/s")
	b.ReportMetric(0, "ns/op")
	os.Remove(parquet)
}

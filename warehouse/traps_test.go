package warehouse

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/marcboeker/go-duckdb"
)

// The tests of this file hold one trap each that corrupts numbers or kills the
// process with go-duckdb 1.8.2 (DuckDB 1.1.2) and Arrow 17. When a driver is
// upgraded they tell which guards are still needed.

var trapSchema = func() *arrow.Schema {
	md := arrow.MetadataFrom(map[string]string{"name": "trap", "doc": "A table."})
	return arrow.NewSchema([]arrow.Field{
		{Name: "a", Type: arrow.PrimitiveTypes.Int32, Nullable: true},
		{Name: "money", Type: &arrow.Decimal128Type{Precision: 24, Scale: 6}, Nullable: true, Metadata: arrow.MetadataFrom(map[string]string{"doc": "Money."})},
		{Name: "c", Type: arrow.BinaryTypes.String, Nullable: true},
	}, &md)
}()

// batches makes n batches of size rows; money of row i is i millionths, every
// tenth is null.
func batches(mem memory.Allocator, n, size int) []arrow.Record {
	var out []arrow.Record
	for i := range n {
		b := array.NewRecordBuilder(mem, trapSchema)
		for j := range size {
			row := i*size + j
			b.Field(0).(*array.Int32Builder).Append(int32(row))
			if row%10 == 0 {
				b.Field(1).AppendNull()
			} else {
				b.Field(1).(*array.Decimal128Builder).Append(decimal128.FromI64(int64(row)))
			}
			b.Field(2).(*array.StringBuilder).Append(fmt.Sprint("text ", row))
		}
		out = append(out, b.NewRecord())
		b.Release()
	}
	return out
}

func reader(t testing.TB, recs []arrow.Record) array.RecordReader {
	t.Helper()
	rr, err := array.NewRecordReader(trapSchema, recs)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range recs {
		r.Release()
	}
	return rr
}

func newBuild(t testing.TB) *Build {
	t.Helper()
	b, err := Create(context.Background(), Config{Dir: t.TempDir(), MemoryLimit: "512MB"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Discard(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func (b *Build) one(t *testing.T, query string) string {
	t.Helper()
	var s string
	if err := b.conn.QueryRowContext(t.Context(), query).Scan(&s); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return s
}

// Trap: filters and projections pushed into the scan of a registered view are
// ignored, so that queries on it are silently wrong. Load copies the whole view
// with one statement and everything else reads the table.
func TestStageViewIgnoresFilters(t *testing.T) {
	b := newBuild(t)
	rr := reader(t, batches(memory.DefaultAllocator, 2, 50))
	defer rr.Release()
	var release func()
	err := b.raw(func(dc driver.Conn) error {
		a, err := duckdb.NewArrowFromConn(dc)
		if err != nil {
			return err
		}
		release, err = a.RegisterView(newTallyReader(t.Context(), trapSchema, rr), "direct")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	if n := b.one(t, "SELECT count(*)::VARCHAR FROM direct WHERE a >= 97"); n == "3" {
		t.Log("the scan honours filters now: copyTable could be simplified")
	} else {
		t.Logf("a filter on the view gives %s rows instead of 3", n)
	}
	rr2 := reader(t, batches(memory.DefaultAllocator, 2, 50))
	defer rr2.Release()
	if _, err := b.Load(t.Context(), trapSchema, rr2); err != nil {
		t.Fatal(err)
	}
	if n := b.one(t, "SELECT count(*)::VARCHAR FROM w.trap WHERE a >= 97"); n != "3" {
		t.Errorf("%s rows after Load, want 3", n)
	}
	if s := b.one(t, "SELECT c FROM w.trap WHERE a = 98"); s != "text 98" {
		t.Errorf("projected %q", s)
	}
	for _, f := range goFiles(t) { // no other statement may name the view
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(text), "stageView"); f == "load.go" && n != 4 || f != "load.go" && n > 0 {
			t.Errorf("%s names the stage view %d times", f, n)
		}
	}
}

func goFiles(t *testing.T) []string {
	t.Helper()
	all, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range all {
		if !strings.HasSuffix(f, "_test.go") {
			out = append(out, f)
		}
	}
	return out
}

// Trap: the driver never releases the stream, so a reader given to it keeps all
// batches. After Load nothing of the records may be held.
func TestLoadReleasesBatches(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	b := newBuild(t)
	rr := reader(t, batches(mem, 5, 3000))
	loaded, err := b.Load(t.Context(), trapSchema, rr)
	if err != nil {
		t.Fatal(err)
	}
	rr.Release()
	mem.AssertSize(t, 0)
	// rows 0..14999 without the multiples of ten, in millionths
	if want := "101.250000"; loaded.Rows != 15000 || loaded.Batches != 5 || loaded.Sums["money"] != want {
		t.Errorf("loaded %+v, want sum %s", loaded, want)
	}
}

// Trap: a registered view is not temporary and would persist in the file,
// pointing nowhere; and a second query on it reads nothing. It is gone after Load.
func TestStageViewDoesNotPersist(t *testing.T) {
	b := newBuild(t)
	for i := range 2 {
		schema := arrow.NewSchema(trapSchema.Fields(), ptr(arrow.MetadataFrom(map[string]string{"name": fmt.Sprint("trap", i)})))
		rr := reader(t, batches(memory.DefaultAllocator, 1, 10))
		if _, err := b.Load(t.Context(), schema, rr); err != nil {
			t.Fatal(err)
		}
		rr.Release()
	}
	if n := b.one(t, "SELECT count(*)::VARCHAR FROM duckdb_views() WHERE NOT internal"); n != "0" {
		t.Errorf("%s views left", n)
	}
}

func ptr[T any](v T) *T { return &v }

// badReader yields one good batch, then does something else.
type badReader struct {
	array.RecordReader
	n    int
	then func() bool
	err  error
}

func (r *badReader) Next() bool {
	if r.n++; r.n == 1 {
		return r.RecordReader.Next()
	}
	return r.then()
}
func (r *badReader) Err() error { return r.err }

// Trap: a panic in Next happens below a C frame and kills the process. It
// becomes an error; like any error of the reader it leaves no table behind.
func TestLoadSurvivesReader(t *testing.T) {
	boom := errors.New("document ends early")
	for _, tt := range []struct {
		name string
		then func(*badReader) bool
		want string
	}{
		{"panic", func(*badReader) bool { panic("index out of range") }, "loading trap: reading records: panic: index out of range"},
		{"error", func(r *badReader) bool { r.err = boom; return false }, "loading trap: document ends early"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBuild(t)
			good := reader(t, batches(memory.DefaultAllocator, 1, 100))
			defer good.Release()
			bad := &badReader{RecordReader: good}
			bad.then = func() bool { return tt.then(bad) }
			_, err := b.Load(t.Context(), trapSchema, bad)
			if err == nil || err.Error() != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
			if tt.name == "error" && !errors.Is(err, boom) {
				t.Error("the cause is lost")
			}
			if n := b.one(t, "SELECT count(*)::VARCHAR FROM duckdb_tables()"); n != "0" {
				t.Errorf("%s tables left", n)
			}
			// the build goes on
			rr := reader(t, batches(memory.DefaultAllocator, 1, 10))
			defer rr.Release()
			if _, err := b.Load(t.Context(), trapSchema, rr); err != nil {
				t.Error("after the failure:", err)
			}
		})
	}
}

func TestLoadStopsWhenCancelled(t *testing.T) {
	b := newBuild(t)
	ctx, cancel := context.WithCancel(t.Context())
	good := reader(t, batches(memory.DefaultAllocator, 3, 10))
	defer good.Release()
	bad := &badReader{RecordReader: good, then: func() bool { cancel(); return good.Next() }}
	if _, err := b.Load(ctx, trapSchema, bad); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestLoadWithoutBatches(t *testing.T) {
	b := newBuild(t)
	rr := reader(t, nil)
	defer rr.Release()
	loaded, err := b.Load(t.Context(), trapSchema, rr)
	if err != nil || loaded.Rows != 0 {
		t.Fatalf("%+v %v", loaded, err)
	}
	if got := b.one(t, "SELECT string_agg(column_name || ' ' || data_type, ', ') FROM duckdb_columns() WHERE table_name = 'trap'"); got != "a INTEGER, money DECIMAL(24,6), c VARCHAR" {
		t.Error(got)
	}
	if got := b.one(t, "SELECT comment FROM duckdb_columns() WHERE table_name = 'trap' AND column_name = 'money'"); got != "Money." {
		t.Error(got)
	}
}

// TestVerifyFindsDifferences: what Load compares is really compared.
func TestVerifyFindsDifferences(t *testing.T) {
	for _, tt := range []struct{ change, want string }{
		{"DELETE FROM w.trap WHERE a = 1", "rows"},
		{"UPDATE w.trap SET c = NULL WHERE a = 1", "values of c"},
		{"UPDATE w.trap SET money = money + 0.000001 WHERE a = 1", "sum of money"},
	} {
		b := newBuild(t)
		tally := newTallyReader(t.Context(), trapSchema, reader(t, batches(memory.DefaultAllocator, 1, 10)))
		defer tally.close()
		if err := b.copyTable(t.Context(), "trap", tally); err != nil {
			t.Fatal(err)
		}
		if _, err := b.verify(t.Context(), "trap", tally); err != nil {
			t.Fatal(err)
		}
		if err := b.exec(t.Context(), tt.change); err != nil {
			t.Fatal(err)
		}
		if _, err := b.verify(t.Context(), "trap", tally); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v", tt.change, err)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	named := func(name string, fields ...arrow.Field) *arrow.Schema {
		return arrow.NewSchema(fields, ptr(arrow.MetadataFrom(map[string]string{"name": name})))
	}
	text := arrow.Field{Name: "country", Type: arrow.BinaryTypes.String}
	for _, tt := range []struct {
		name   string
		schema *arrow.Schema
		want   string
	}{
		{"no name", arrow.NewSchema([]arrow.Field{text}, nil), "no name"},
		{"decimal256", named("x", arrow.Field{Name: "v", Type: &arrow.Decimal256Type{Precision: 50, Scale: 2}}), "not one that columns have"},
		{"time zone", named("x", arrow.Field{Name: "v", Type: &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}}), "time zone"},
		{"missing column", named("withhold", text), "column reason is missing"},
		{"other type", named("flows", arrow.Field{Name: "flow_id", Type: arrow.PrimitiveTypes.Int32}), "flow_id is int32, declared as utf8"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBuild(t)
			rr, err := array.NewRecordReader(tt.schema, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer rr.Release()
			if _, err := b.Load(t.Context(), tt.schema, rr); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// Trap: division and avg of DECIMAL are DOUBLE. No script divides with / or
// averages, and a float in a result is an error instead of a figure.
func TestNoFloats(t *testing.T) {
	for _, dir := range []string{"views", "queries", "checks"} {
		scripts, err := readSQL(files, dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range scripts {
			for n, line := range strings.Split(s.sql, "\n") {
				code, _, _ := strings.Cut(line, "--")
				code = stripText(code)
				if strings.Contains(strings.ReplaceAll(code, "//", ""), "/") || strings.Contains(strings.ToLower(code), "avg(") || strings.Contains(strings.ToUpper(code), "DOUBLE") {
					t.Errorf("%s/%s, line %d: %s", dir, s.name, n+1, line)
				}
			}
		}
	}
	if _, err := value(1.5); err == nil {
		t.Error("a float passed as a value")
	}
}

// stripText removes SQL strings.
func stripText(s string) string {
	var b strings.Builder
	for i, part := range strings.Split(s, "'") {
		if i%2 == 0 {
			b.WriteString(part)
		}
	}
	return b.String()
}

// A cast to a decimal of 18 digits or fewer cuts off what it should round, where the
// value is of another width; so every such cast in our SQL stands behind round(),
// which does round.
func TestNarrowCastsCutDigitsOff(t *testing.T) {
	b := newBuild(t)
	var cut, kept string
	if err := b.conn.QueryRowContext(t.Context(), "WITH v AS (SELECT unnest([28.069411]::DECIMAL(38,6)[]) AS x) SELECT x::DECIMAL(12,2)::VARCHAR, round(x, 2)::DECIMAL(12,2)::VARCHAR FROM v").Scan(&cut, &kept); err != nil {
		t.Fatal(err)
	}
	if cut != "28.06" || kept != "28.07" {
		t.Errorf("the cast gives %s and round() %s: the guard may go, or is none", cut, kept)
	}
	cast := regexp.MustCompile(`(\w+|\)|, (\d+)\))::DECIMAL\((\d+),(\d+)\)`)
	n := 0
	for _, folder := range []string{"views", "queries", "compare", "checks"} {
		scripts, err := readSQL(files, folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range scripts {
			for _, m := range cast.FindAllStringSubmatch(s.sql, -1) {
				if width, err := strconv.Atoi(m[3]); err != nil || width > 18 || m[1] == "NULL" {
					continue
				}
				n++
				if m[2] != m[4] {
					t.Errorf("%s: %s does not stand behind round(..., %s)", s.name, m[0], m[4])
				}
			}
		}
	}
	if n < 20 {
		t.Errorf("%d casts looked at", n)
	}
}

func TestPct(t *testing.T) {
	b := newBuild(t)
	text, err := files.ReadFile("views/000_macros.sql")
	if err != nil {
		t.Fatal(err)
	}
	if err := b.exec(t.Context(), string(text)); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ expr, want string }{
		{"pct(151000000, 2700000000)", "5.5926"},
		{"pct(1, 3)", "33.3333"},
		{"pct(2, 3)", "66.6667"},
		{"pct(-1, 3)", "-33.3333"},
		{"pct(0.000001::DECIMAL(24,6), 999999999999999999::DECIMAL(24,6))", "0.0000"},
		{"pct(999999999999999999.999999::DECIMAL(24,6), 999999999999999999.999999::DECIMAL(24,6))", "100.0000"},
		{"coalesce(pct(1, 0), -1)", "-1.0000"},
		{"coalesce(pct(NULL, 5), -1)", "-1.0000"},
		{"fraction(1, 136)", "0.0074"},
		{"scaled(2700000000::DECIMAL(24,6), 113.6::DECIMAL(28,12), 100::DECIMAL(28,12))", "3067200000.000000"},
		{"coalesce(words(['b a', NULL, 'c  a', '']), 'none')", "a b c"},
		{"coalesce(words([NULL]), 'none')", "none"},
	} {
		if got := b.one(t, "SELECT ("+tt.expr+")::VARCHAR"); got != tt.want {
			t.Errorf("%s = %s, want %s", tt.expr, got, tt.want)
		}
	}
}

// Trap: Arrow queries ignore cancellation; the database/sql path does not.
func TestQueryStopsAtDeadline(t *testing.T) {
	b := newBuild(t)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	start := time.Now()
	err := b.conn.QueryRowContext(ctx, "SELECT count(*) FROM range(100000000000) a").Scan(new(int64))
	if err == nil {
		t.Error("no error")
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("stopped after %v", d)
	}
}

// TestHashTellsRowsApart: rows that would read alike if values were only joined.
func TestHashTellsRowsApart(t *testing.T) {
	b := newBuild(t)
	seen := map[string]string{}
	for _, row := range []string{"NULL, NULL, NULL", "'', NULL, NULL", "'-', NULL, NULL", "NULL, '', NULL", "'1:a,', NULL, NULL", "'1:a', ',', NULL",
		"'a', 'b', NULL", "'a,1:b', NULL, NULL", "'ab', '', NULL", "'a', 'b', 1", "'a', 'b', -1"} {
		if err := b.exec(t.Context(), "CREATE OR REPLACE TABLE w.t AS SELECT * FROM (VALUES ("+row+")) AS v(a, b, c)"); err != nil {
			t.Fatal(err)
		}
		if err := b.exec(t.Context(), "CREATE OR REPLACE TABLE w.t AS SELECT a::VARCHAR AS a, b::VARCHAR AS b, c::DECIMAL(24,6) AS c FROM w.t"); err != nil {
			t.Fatal(err)
		}
		h, err := b.Hash(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if seen[h] != "" {
			t.Errorf("(%s) and (%s) hash alike", row, seen[h])
		}
		seen[h] = row
	}
}

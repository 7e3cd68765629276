package warehouse

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// named gives the trap schema another table name.
func named(name string) *arrow.Schema {
	md := arrow.MetadataFrom(map[string]string{"name": name})
	return arrow.NewSchema(trapSchema.Fields(), &md)
}

func TestLoadAll(t *testing.T) {
	b := newBuild(t)
	before := b.one(t, "SELECT current_setting('threads')::VARCHAR")
	var readers []array.RecordReader
	for i := range 5 {
		rr, err := array.NewRecordReader(named(fmt.Sprint("t", i)), batches(memory.DefaultAllocator, i, 5000))
		if err != nil {
			t.Fatal(err)
		}
		defer rr.Release()
		readers = append(readers, rr)
	}
	if err := b.LoadAll(t.Context(), readers...); err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		if got, want := b.one(t, fmt.Sprintf("SELECT count(*)::VARCHAR FROM w.t%d", i)), fmt.Sprint(5000*i); got != want || !b.Has(fmt.Sprint("t", i)) {
			t.Errorf("t%d has %s rows, want %s", i, got, want)
		}
	}
	if after := b.one(t, "SELECT current_setting('threads')::VARCHAR"); after != before {
		t.Errorf("%s threads after the load, %s before", after, before)
	}
	if err := b.LoadAll(t.Context(), readers[0]); err == nil || !strings.Contains(err.Error(), "loaded before") {
		t.Errorf("a table was loaded twice: %v", err)
	}
}

// failing is a reader that breaks off after its first batch.
type failing struct {
	array.RecordReader
	n   int
	err error
}

func (f *failing) Next() bool { f.n++; return f.n == 1 && f.RecordReader.Next() }
func (f *failing) Err() error { return f.err }

func TestLoadAllFails(t *testing.T) {
	b := newBuild(t)
	var readers []array.RecordReader
	for i := range 3 {
		rr, err := array.NewRecordReader(named(fmt.Sprint("t", i)), batches(memory.DefaultAllocator, 3, 5000))
		if err != nil {
			t.Fatal(err)
		}
		defer rr.Release()
		readers = append(readers, rr)
	}
	broken := errors.New("the spool is torn")
	readers[1] = &failing{RecordReader: readers[1], err: broken}
	if err := b.LoadAll(t.Context(), readers...); !errors.Is(err, broken) || !strings.Contains(err.Error(), "loading t1") {
		t.Errorf("got %v", err)
	}
	for i := range 3 {
		if b.Has(fmt.Sprint("t", i)) {
			t.Errorf("t%d counts as loaded", i)
		}
	}
}

// Batches may hold texts once: each batch has a dictionary of its own, and the
// table has plain text.
func TestLoadDictionaries(t *testing.T) {
	typ := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Uint16, ValueType: arrow.BinaryTypes.String}
	md := arrow.MetadataFrom(map[string]string{"name": "words"})
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "n", Type: arrow.PrimitiveTypes.Int32, Nullable: true},
		{Name: "word", Type: typ, Nullable: true},
		{Name: "never", Type: typ, Nullable: true},
	}, &md)
	word := func(n int) (string, bool) {
		return fmt.Sprint("word ", n/1000, " of ", n%7, strings.Repeat(" long", n%3)), n%5 != 0
	}
	var recs []arrow.Record
	for batch := range 4 {
		b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
		for i := range 5000 {
			n := batch*5000 + i
			b.Field(0).(*array.Int32Builder).Append(int32(n))
			if w, ok := word(n); !ok {
				b.Field(1).AppendNull()
			} else if err := b.Field(1).(*array.BinaryDictionaryBuilder).AppendString(w); err != nil {
				t.Fatal(err)
			}
			b.Field(2).AppendNull()
		}
		recs = append(recs, b.NewRecord())
		b.Release()
	}
	rr, err := array.NewRecordReader(schema, recs)
	if err != nil {
		t.Fatal(err)
	}
	defer rr.Release()
	b := newBuild(t)
	if err := b.LoadAll(t.Context(), rr); err != nil {
		t.Fatal(err)
	}
	rows, err := b.conn.QueryContext(t.Context(), "SELECT n, coalesce(word, 'null'), typeof(word), never IS NULL FROM w.words ORDER BY n")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for ; rows.Next(); n++ {
		var at int
		var got, kind string
		var null bool
		if err := rows.Scan(&at, &got, &kind, &null); err != nil {
			t.Fatal(err)
		}
		want, ok := word(n)
		if !ok {
			want = "null"
		}
		if at != n || got != want || kind != "VARCHAR" || !null {
			t.Fatalf("row %d is %d %q of type %s, want %q", n, at, got, kind, want)
		}
	}
	if err := rows.Err(); err != nil || n != 20000 {
		t.Errorf("%d rows: %v", n, err)
	}
}

// Rows wider than the memory of a load go through the temporary folder.
func TestLoadAllLargeTexts(t *testing.T) {
	if testing.Short() {
		t.Skip("loads 120 MB")
	}
	b := newBuild(t)
	const rows = 10000
	var readers []array.RecordReader
	for i := range 3 {
		var recs []arrow.Record
		for _, part := range batches(memory.DefaultAllocator, 4, rows/4) {
			texts := array.NewStringBuilder(memory.DefaultAllocator)
			for n := range part.NumRows() {
				texts.Append(strings.Repeat(fmt.Sprint(i, n, "."), 4000)[:4000])
			}
			recs = append(recs, array.NewRecord(part.Schema(), []arrow.Array{part.Column(0), part.Column(1), texts.NewArray()}, part.NumRows()))
		}
		rr, err := array.NewRecordReader(named(fmt.Sprint("t", i)), recs)
		if err != nil {
			t.Fatal(err)
		}
		defer rr.Release()
		readers = append(readers, rr)
	}
	if err := b.LoadAll(t.Context(), readers...); err != nil {
		t.Fatal(err)
	}
	if got, want := b.one(t, "SELECT sum(strlen(c))::VARCHAR FROM w.t2"), fmt.Sprint(rows*4000); got != want {
		t.Errorf("%s bytes, want %s", got, want)
	}
	if got := b.one(t, "SELECT current_setting('memory_limit')"); got != "488.2 MiB" { // 512 MB
		t.Errorf("memory limit %s after the load", got)
	}
}

package warehouse

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/marcboeker/go-duckdb"
)

// Loaded says what Load put into a table.
type Loaded struct {
	Table   string
	Rows    int64
	Batches int64
	// Sums are the exact totals of the decimal columns, as decimal text. A
	// column without any value has none.
	Sums map[string]string
}

const stageView = "hrinvest_stage"

// Load creates a table from a record reader. The schema's metadata "name" names
// the table and "doc" describes it; fields carry "doc" too, and all of it
// becomes COMMENTs of the database. The reader may yield no batch at all: the
// table is then empty, with the schema's columns. Batches of 64 Ki to 128 Ki
// rows load fastest.
//
// After the load the table is compared with what went by in Arrow: row count,
// values per column, and the sum of every decimal column, to the last digit.
// A difference is an error and the build must be discarded.
//
// Load retains the reader while it runs; the caller releases its own reference.
func (b *Build) Load(ctx context.Context, schema *arrow.Schema, rr array.RecordReader) (Loaded, error) {
	name, doc := metadata(schema.Metadata(), "name"), metadata(schema.Metadata(), "doc")
	if name == "" {
		return Loaded{}, errors.New("loading a table: the schema has no name in its metadata")
	}
	loaded, err := b.load(ctx, name, doc, schema, rr)
	if err != nil {
		return Loaded{}, fmt.Errorf("loading %s: %w", name, err)
	}
	b.loaded[name] = loaded
	return loaded, nil
}

func (b *Build) load(ctx context.Context, name, doc string, schema *arrow.Schema, rr array.RecordReader) (Loaded, error) {
	if b.viewed {
		return Loaded{}, errors.New("tables cannot be loaded once the views are made")
	}
	if _, dup := b.loaded[name]; dup {
		return Loaded{}, errors.New("loaded before: a table is made from one reader")
	}
	if err := loadable(schema); err != nil {
		return Loaded{}, err
	}
	if err := sameColumns(schema, rr.Schema()); err != nil {
		return Loaded{}, err
	}
	if err := checkDeclared(name, schema); err != nil {
		return Loaded{}, err
	}
	tally := newTallyReader(ctx, schema, rr)
	defer tally.close()
	if err := b.copyTable(ctx, name, tally); err != nil {
		if tally.err != nil { // the cause, in the reader's own words
			return Loaded{}, tally.err
		}
		return Loaded{}, err
	}
	sums, err := b.verify(ctx, name, tally)
	if err != nil {
		return Loaded{}, err
	}
	if err := b.comment(ctx, name, doc, schema); err != nil {
		return Loaded{}, err
	}
	return Loaded{Table: name, Rows: tally.rows, Batches: tally.batches, Sums: sums}, nil
}

// copyTable makes the table with the only statement that may touch a view over
// an Arrow stream. Filters and projections are pushed into the scan, which
// ignores them, so that any other query gives wrong answers without an error
// (TestStageViewIgnoresFilters shows it); and a stream can be read only once.
func (b *Build) copyTable(ctx context.Context, name string, tally *tallyReader) error {
	var release func()
	// Registered in autocommit, outside any transaction.
	err := b.raw(func(dc driver.Conn) error {
		a, err := duckdb.NewArrowFromConn(dc)
		if err != nil {
			return err
		}
		release, err = a.RegisterView(tally, stageView)
		return err
	})
	if err != nil {
		return fmt.Errorf("registering the record stream: %w", err)
	}
	defer release() // only after the view is gone: a query after it crashes
	err = b.exec(ctx, "CREATE TABLE w."+quoteName(name)+" AS SELECT * FROM memory.main."+stageView)
	return errors.Join(err, b.exec(context.WithoutCancel(ctx), "DROP VIEW memory.main."+stageView))
}

// verify compares the table with the Arrow side and returns the decimal sums.
func (b *Build) verify(ctx context.Context, name string, tally *tallyReader) (map[string]string, error) {
	fields := tally.schema.Fields()
	exprs := []string{"count(*)::VARCHAR"}
	want := []string{fmt.Sprint(tally.rows)}
	what := []string{"rows"}
	sums := map[string]string{}
	for i, f := range fields {
		col := quoteName(f.Name)
		exprs = append(exprs, "count("+col+")::VARCHAR")
		want = append(want, fmt.Sprint(tally.values[i]))
		what = append(what, "values of "+f.Name)
		dt, ok := f.Type.(*arrow.Decimal128Type)
		if !ok || tally.values[i] == 0 {
			continue
		}
		sum := tally.sums[i].ToString(dt.Scale)
		sums[f.Name] = sum
		exprs = append(exprs, "sum("+col+")::VARCHAR")
		want = append(want, sum)
		what = append(what, "sum of "+f.Name)
	}
	got := make([]string, len(exprs))
	ptrs := make([]any, len(exprs))
	for i := range got {
		ptrs[i] = &got[i]
	}
	q := "SELECT " + strings.Join(exprs, ", ") + " FROM w." + quoteName(name)
	if err := b.conn.QueryRowContext(ctx, q).Scan(ptrs...); err != nil {
		return nil, fmt.Errorf("verifying: %w", err)
	}
	for i := range got {
		if got[i] != want[i] {
			return nil, fmt.Errorf("verifying: %s: %s in the database, %s in the records", what[i], got[i], want[i])
		}
	}
	return sums, nil
}

func (b *Build) comment(ctx context.Context, name, doc string, schema *arrow.Schema) error {
	var columns []docLine
	for _, f := range schema.Fields() {
		columns = append(columns, docLine{f.Name, metadata(f.Metadata, "doc")})
	}
	return b.document(ctx, "TABLE", "w."+quoteName(name), doc, columns)
}

// document writes COMMENTs, in one transaction: each costs a sync of the disk
// otherwise.
func (b *Build) document(ctx context.Context, kind, table, doc string, columns []docLine) error {
	script := []string{"BEGIN"}
	if doc != "" {
		script = append(script, "COMMENT ON "+kind+" "+table+" IS "+quoteText(doc))
	}
	for _, c := range columns {
		if c.text != "" {
			script = append(script, "COMMENT ON COLUMN "+table+"."+quoteName(c.name)+" IS "+quoteText(c.text))
		}
	}
	if err := b.exec(ctx, strings.Join(append(script, "COMMIT"), ";\n")); err != nil {
		return errors.Join(fmt.Errorf("commenting: %w", err), b.exec(context.WithoutCancel(ctx), "ROLLBACK"))
	}
	return nil
}

// loadable rejects types that the driver's scan gets wrong or that cannot be
// printed without extensions that are not there.
func loadable(schema *arrow.Schema) error {
	for _, f := range schema.Fields() {
		switch t := f.Type.(type) {
		case *arrow.Decimal256Type, *arrow.Float16Type:
			return fmt.Errorf("column %s: type %s does not survive the scan", f.Name, t)
		case *arrow.TimestampType:
			if t.TimeZone != "" {
				return fmt.Errorf("column %s: a timestamp with a time zone needs the icu extension; give UTC without one", f.Name)
			}
		}
	}
	return nil
}

func metadata(md arrow.Metadata, key string) string {
	v, _ := md.GetValue(key)
	return v
}

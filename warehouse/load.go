package warehouse

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/marcboeker/go-duckdb"
	"golang.org/x/sync/errgroup"
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

// The view over the stream that a table is made from. Tables that are loaded at
// the same time have their own.
func stageView(table string) string { return "hrinvest_stage_" + table }

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
	tally, err := b.load(ctx, b.session, schema, rr)
	if err != nil {
		return Loaded{}, err
	}
	return b.settle(ctx, tally)
}

// LoadAll loads a table from each reader, with the reader's schema, as Load
// does, several at the same time.
//
// Each table is made by one thread: threads that share a table spend more time
// waiting for each other than they save, unless it has millions of rows. The
// database gets the memory that writing takes, and no more to keep what it wrote.
func (b *Build) LoadAll(ctx context.Context, readers ...array.RecordReader) error {
	threads := b.cfg.Threads
	if threads == 0 {
		threads = runtime.NumCPU()
	}
	limit := func(ctx context.Context, threads int, memory string) error {
		return errors.Join(b.exec(ctx, "SET threads = "+strconv.Itoa(threads)), b.exec(ctx, "SET memory_limit = "+quoteText(memory)))
	}
	if err := limit(ctx, 1, loadMemory(threads, readers)); err != nil {
		return fmt.Errorf("loading tables: %w", err)
	}
	tallies := make([]*tallyReader, len(readers))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(threads)
	for i, rr := range readers {
		group.Go(func() error {
			conn, err := b.db.Conn(groupCtx)
			if err != nil {
				return fmt.Errorf("loading tables: %w", err)
			}
			tallies[i], err = b.load(groupCtx, session{conn}, rr.Schema(), rr)
			return errors.Join(err, conn.Close())
		})
	}
	err := group.Wait()
	if err := errors.Join(err, limit(context.WithoutCancel(ctx), threads, b.cfg.MemoryLimit)); err != nil {
		return err
	}
	for _, tally := range tallies {
		if _, err := b.settle(ctx, tally); err != nil {
			return err
		}
	}
	return nil
}

// loadMemory is twice what the widest tables need that n threads can be loading:
// half a megabyte a column, two blocks of 256 KiB for values and nulls. The rest
// of a row group may go to the temporary folder meanwhile.
func loadMemory(n int, readers []array.RecordReader) string {
	megabytes := make([]int, len(readers))
	for i, r := range readers {
		megabytes[i] = r.Schema().NumFields()
	}
	slices.SortFunc(megabytes, func(a, b int) int { return b - a })
	sum := 0
	for _, mb := range megabytes[:min(n, len(megabytes))] {
		sum += mb
	}
	return strconv.Itoa(max(sum, 64)) + "MB"
}

// load makes a table on a connection and returns what went by. It reads the
// build and changes nothing of it, so that several can run at the same time.
func (b *Build) load(ctx context.Context, on session, schema *arrow.Schema, rr array.RecordReader) (_ *tallyReader, err error) {
	name := metadata(schema.Metadata(), "name")
	if name == "" {
		return nil, errors.New("loading a table: the schema has no name in its metadata")
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("loading %s: %w", name, err)
		}
	}()
	if b.viewed {
		return nil, errors.New("tables cannot be loaded once the views are made")
	}
	if _, dup := b.loaded[name]; dup {
		return nil, errors.New("loaded before: a table is made from one reader")
	}
	if err := sameColumns(schema, rr.Schema()); err != nil {
		return nil, err
	}
	if err := checkDeclared(name, schema); err != nil {
		return nil, err
	}
	tally := newTallyReader(ctx, schema, rr)
	defer tally.close()
	if err := on.copyTable(ctx, name, tally); err != nil {
		if tally.err != nil { // the cause, in the reader's own words
			return nil, tally.err
		}
		return nil, err
	}
	return tally, nil
}

// settle verifies a table and remembers it.
func (b *Build) settle(ctx context.Context, tally *tallyReader) (Loaded, error) {
	name := metadata(tally.schema.Metadata(), "name")
	sums, err := b.verify(ctx, name, tally)
	if err != nil {
		return Loaded{}, fmt.Errorf("loading %s: %w", name, err)
	}
	b.loaded[name] = Loaded{Table: name, Rows: tally.rows, Batches: tally.batches, Sums: sums}
	return b.loaded[name], nil
}

// copyTable makes a table and fills it.
func (s session) copyTable(ctx context.Context, name string, tally *tallyReader) error {
	script, err := creation(name, tally.schema)
	if err != nil {
		return err
	}
	if err := s.execAll(ctx, script); err != nil {
		return fmt.Errorf("creating the table: %w", err)
	}
	if err := s.fill(ctx, name, tally); err != nil {
		return errors.Join(err, s.exec(context.WithoutCancel(ctx), "DROP TABLE w."+quoteName(name)))
	}
	return nil
}

// fill copies a stream into its empty table with the only statement that may
// touch a view over an Arrow stream. Filters and projections are pushed into the
// scan, which ignores them, so that any other query gives wrong answers without
// an error (TestStageViewIgnoresFilters shows it); and a stream can be read only
// once.
func (s session) fill(ctx context.Context, name string, tally *tallyReader) error {
	var release func()
	// Registered in autocommit, outside any transaction.
	err := s.raw(func(dc driver.Conn) error {
		a, err := duckdb.NewArrowFromConn(dc)
		if err != nil {
			return err
		}
		release, err = a.RegisterView(tally, stageView(name))
		return err
	})
	if err != nil {
		return fmt.Errorf("registering the record stream: %w", err)
	}
	defer release() // only after the view is gone: a query after it crashes
	err = s.exec(ctx, "INSERT INTO w."+quoteName(name)+" SELECT * FROM memory.main."+quoteName(stageView(name)))
	return errors.Join(err, s.exec(context.WithoutCancel(ctx), "DROP VIEW memory.main."+quoteName(stageView(name))))
}

// verify compares the table with the Arrow side and returns the decimal sums.
func (s session) verify(ctx context.Context, name string, tally *tallyReader) (map[string]string, error) {
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
	if err := s.conn.QueryRowContext(ctx, q).Scan(ptrs...); err != nil {
		return nil, fmt.Errorf("verifying: %w", err)
	}
	for i := range got {
		if got[i] != want[i] {
			return nil, fmt.Errorf("verifying: %s: %s in the database, %s in the records", what[i], got[i], want[i])
		}
	}
	return sums, nil
}

func metadata(md arrow.Metadata, key string) string {
	v, _ := md.GetValue(key)
	return v
}

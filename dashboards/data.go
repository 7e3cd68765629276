package dashboards

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"
)

// Data answers the warehouse's named questions (warehouse/queries), several at
// once where asked to. Pages and briefs read nothing else, so that a test can
// stand in for a release.
type Data interface {
	// Named runs a question. A question or parameter that does not exist is an
	// error.
	Named(ctx context.Context, query string, args map[string]any) (*Table, error)
}

// Table is the answer to a question.
type Table struct {
	Columns []string // in the order of the question
	Types   []string // of the columns, as the warehouse names them; empty in tests that need none
	Docs    []string // what the columns mean; "" where the question does not say
	Rows    []Row
}

// Row is one row of an answer. Decimals are *big.Rat, counts and years int,
// NULL is nil: nothing of money passes through floating point.
type Row map[string]any

// errColumn means that an answer lacks a column a page needs: a defect of the
// query, not of the data.
var errColumn = errors.New("no such column")

// scan reads the columns of a row and keeps the first error.
type scan struct {
	row Row
	err error
}

func get[T any](s *scan, name string) (T, bool) {
	var zero T
	v, ok := s.row[name]
	if !ok {
		s.fail(fmt.Errorf("column %q: %w", name, errColumn))
		return zero, false
	}
	if v == nil {
		return zero, false
	}
	t, ok := v.(T)
	if !ok {
		s.fail(fmt.Errorf("column %q holds %T, not %T", name, v, zero))
	}
	return t, ok
}

func (s *scan) fail(err error) {
	if s.err == nil {
		s.err = err
	}
}

// text is "" for NULL.
func (s *scan) text(name string) string { v, _ := get[string](s, name); return v }

// words splits a blank-separated list.
func (s *scan) words(name string) []string { return strings.Fields(s.text(name)) }

// num is nil for NULL: absence is never 0.
func (s *scan) num(name string) *big.Rat {
	switch v := s.row[name].(type) {
	case int:
		return big.NewRat(int64(v), 1)
	case *big.Rat:
		return v
	}
	v, _ := get[*big.Rat](s, name)
	return v
}

// whole is 0 for NULL: for counts, and for years, which have no year 0.
func (s *scan) whole(name string) int { v, _ := get[int](s, name); return v }

func (s *scan) flag(name string) bool { v, _ := get[bool](s, name); return v }

// date is the zero time for NULL.
func (s *scan) date(name string) time.Time { v, _ := get[time.Time](s, name); return v }

// load asks a question and reads every row.
func load[T any](ctx context.Context, d Data, query string, args map[string]any, read func(*scan) T) ([]T, error) {
	table, err := d.Named(ctx, query, args)
	if err != nil {
		return nil, fmt.Errorf("asking %s: %w", query, err)
	}
	out := make([]T, 0, len(table.Rows))
	for i, r := range table.Rows {
		s := &scan{row: r}
		v := read(s)
		if s.err != nil {
			return nil, fmt.Errorf("reading %s, row %d: %w", query, i+1, s.err)
		}
		out = append(out, v)
	}
	return out, nil
}

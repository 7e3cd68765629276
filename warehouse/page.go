package warehouse

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Position is where a page of an answer starts. The zero value is its start.
type Position struct {
	Offset int    `json:"o,omitempty"` // rows before it
	After  string `json:"a,omitempty"` // or the key of the row before it, for questions that know "after"
}

// Page is a part of the answer to a named query.
type Page struct {
	Result
	Next *Position // of the page after it; nil: there is none
}

// Page answers a named query with at most size rows from a position on. Put
// together the pages are the whole answer: the parameters limit and after, where
// a query has them, serve the paging and cannot be given.
func (db *DB) Page(ctx context.Context, name string, args map[string]any, from Position, size int) (*Page, error) {
	q, ok := db.queries[name]
	if !ok {
		return nil, fmt.Errorf("%w: %s", ErrUnknownQuery, name)
	}
	given := map[string]any{}
	for k, v := range args {
		if k == "limit" || k == "after" {
			return nil, fmt.Errorf("query %s: %w: there is no %q", name, ErrParameter, k)
		}
		given[k] = v
	}
	keyed := q.has("after")
	if q.has("limit") {
		given["limit"] = math.MaxInt32
	}
	if keyed {
		given["after"], given["limit"] = from.After, size+1
	}
	bound, err := db.bind(ctx, q, given)
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", name, err)
	}
	res, err := db.Query(ctx, q.part(size+1, from.Offset), bound...)
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", name, err)
	}
	q.document(res)
	p := &Page{Result: *res}
	if len(p.Rows) > size {
		p.Rows = p.Rows[:size:size]
		p.Next = &Position{Offset: from.Offset + size}
		if keyed { // the first column is the key such a query is ordered by
			p.Next = &Position{After: Text(p.Rows[size-1][0])}
		}
	}
	return p, nil
}

// Columns are the columns of the answers to a named query, with types.
func (db *DB) Columns(ctx context.Context, name string) ([]Column, error) {
	q, ok := db.queries[name]
	if !ok {
		return nil, fmt.Errorf("%w: %s", ErrUnknownQuery, name)
	}
	q.Params = slices.Clone(q.Params)
	for i := range q.Params {
		q.Params[i].Required = false
	}
	bound, err := q.bind(nil)
	if err != nil {
		return nil, err
	}
	res, err := db.Query(ctx, q.part(0, 0), bound...)
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", name, err)
	}
	q.document(res)
	return res.Columns, nil
}

func (q Query) has(param string) bool {
	return slices.ContainsFunc(q.Params, func(p Param) bool { return p.Name == param })
}

// part is the query for some rows of its answer; DuckDB keeps their order.
func (q Query) part(limit, offset int) string {
	return fmt.Sprintf("SELECT * FROM (\n%s\n) LIMIT %d OFFSET %d", strings.TrimRight(q.SQL, "; \n\t"), limit, offset)
}

func (q Query) document(res *Result) {
	for i, c := range res.Columns {
		if j := slices.IndexFunc(q.Columns, func(d Column) bool { return d.Name == c.Name }); j >= 0 {
			res.Columns[i].Doc = q.Columns[j].Doc
		}
	}
}

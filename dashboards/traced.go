package dashboards

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"hrinvest/warehouse"
)

// traceParam asks a question's page what a row of the answer is made of; rowNumber is
// where sorted rows keep the number they had.
const (
	traceParam = "trace"
	rowNumber  = "#"
)

// Tracer is a Data that can follow a row of an answer down to what it is made of.
type Tracer interface {
	// Trace follows row n, from 0, of the answer to a question.
	Trace(ctx context.Context, query string, args map[string]any, n int) ([]Traced, error)
}

// Traced are the rows of a table or view that a row of an answer is made of.
type Traced struct {
	Relation string
	Sums     []warehouse.TraceColumn // that add up
	Rows     *Table
}

var _ Tracer = opened{}

// Trace implements Tracer.
func (o opened) Trace(ctx context.Context, query string, args map[string]any, n int) ([]Traced, error) {
	res, err := o.db.Named(ctx, query, args)
	if err != nil {
		return nil, err
	}
	list, err := o.db.Trace(ctx, query, res, n)
	if err != nil {
		return nil, err
	}
	var out []Traced
	for _, t := range list {
		out = append(out, Traced{Relation: t.Relation, Sums: t.Sums, Rows: tableOf(t.Rows)})
	}
	return out, nil
}

// tracedGrid is a level below a row of an answer.
type tracedGrid struct {
	Title string
	Sums  string // which of its columns add up to what
	Grid  grid
}

// traced follows a row of an answer, numbered from 1, down.
func (r *request) traced(w *words, q warehouse.Query, args map[string]any, row string) ([]tracedGrid, error) {
	bad := &pageError{status: http.StatusBadRequest, key: "error.bad_request", args: []any{"what", traceParam + "=" + row}}
	n, err := strconv.Atoi(row)
	tracer, ok := r.data.(Tracer)
	if err != nil || !ok || len(q.Traces) == 0 {
		return nil, bad
	}
	rest := map[string]any{}
	for k, v := range args {
		if k != "sort" {
			rest[k] = v
		}
	}
	t, err := r.named(q.Name, rest)
	if err != nil {
		return nil, err
	}
	if n < 1 || n > len(t.Rows) {
		return nil, bad
	}
	list, err := tracer.Trace(r.Context(), q.Name, rest, n-1)
	if err != nil {
		return nil, err
	}
	var out []tracedGrid
	for _, level := range list {
		g := tracedGrid{Title: w.or("relation.", level.Relation)}
		for i, s := range level.Sums {
			if i > 0 {
				g.Sums += " "
			}
			g.Sums += w.t("questions.sums", "below", w.columnLabel(s.Relation), "above", w.columnLabel(s.Answer))
		}
		g.Grid = r.gridOf(w, readable(level.Rows), g.Title, nil)
		out = append(out, g)
	}
	return out, nil
}

// readable keeps of a table of flows what a reader needs to tell them apart; all of a
// flow stands on its own page.
func readable(t *Table) *Table {
	if !slices.Contains(t.Columns, "flow_id") {
		return t
	}
	out := &Table{Rows: t.Rows}
	for _, c := range []string{"flow_id", "country", "year", "cycle", "kind", "funder", "intervention", "usd", "amount", "currency", "hr_method", "flags", "source", "title"} {
		if i := slices.Index(t.Columns, c); i >= 0 {
			out.Columns, out.Types, out.Docs = append(out.Columns, c), append(out.Types, t.Types[i]), append(out.Docs, t.Docs[i])
		}
	}
	return out
}

// linkTraces ends each row of an answer with a link to what it is made of.
func (r *request) linkTraces(w *words, g *grid, t *Table, path string) {
	values := r.URL.Query()
	g.Heads = append(g.Heads, gridHead{Label: w.t("questions.made_of_head")})
	for i := range g.Rows {
		n := i + 1
		if was, ok := t.Rows[i][rowNumber].(int); ok {
			n = was
		}
		values.Set(traceParam, strconv.Itoa(n))
		g.Rows[i] = append(g.Rows[i], gridCell{Text: w.t("flows.open"), URL: "/" + w.Lang + path + "?" + values.Encode() + "#made-of"})
	}
}

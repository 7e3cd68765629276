package warehouse

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Trace is the way from a row of a named question down to what it is made of:
// the rows of a table or view that agree with it in some columns. A query
// declares it in its header:
//
//	-- @trace harm_reduction_flows definition, country, year, source=money_source -> usd_current=usd
//
// reads: the rows of harm_reduction_flows of the same definition, country and
// year, whose money_source is the row's source; their usd sums to the row's
// usd_current. A text in quotes stands for itself: 'pwid_size'=indicator. What
// stands after -> must hold for every row of every answer; tests hold it to that.
type Trace struct {
	Relation string
	Match    []TraceColumn // that agree; null agrees with null
	Sums     []TraceColumn // that add up; without them the rows are what the row was read from
}

// TraceColumn is a column of an answer beside the column of the relation.
type TraceColumn struct {
	Answer   string // column of the answer; empty for a constant
	Constant string
	Relation string
}

func parseTrace(d docLine) (Trace, error) {
	t := Trace{Relation: d.name}
	match, sums, _ := strings.Cut(d.text, "->")
	var err error
	if t.Match, err = traceColumns(match); err == nil {
		t.Sums, err = traceColumns(sums)
	}
	if err == nil && len(t.Match) == 0 {
		err = errors.New("no column to match")
	}
	if err != nil {
		return t, fmt.Errorf("@trace %s: %w", d.name, err)
	}
	return t, nil
}

func traceColumns(text string) ([]TraceColumn, error) {
	var out []TraceColumn
	for word := range strings.SplitSeq(text, ",") {
		word = strings.TrimSpace(word)
		if word == "" {
			continue
		}
		left, right, ok := strings.Cut(word, "=")
		c := TraceColumn{Answer: left, Relation: right}
		switch {
		case !ok:
			c.Relation = left
		case strings.HasPrefix(left, "'") && strings.HasSuffix(left, "'") && len(left) > 2:
			c.Answer, c.Constant = "", strings.Trim(left, "'")
		}
		if c.Relation == "" || c.Answer == "" && c.Constant == "" || strings.ContainsAny(word, " \t") {
			return nil, fmt.Errorf("%q: want column, column=column or 'text'=column", word)
		}
		out = append(out, c)
	}
	return out, nil
}

// Traced is what a row of an answer is made of.
type Traced struct {
	Trace
	Rows *Result
}

// Trace follows row n (from 0) of an answer to a named question down: one
// Traced per way its header declares. An answer that says that nothing is known
// has ways that lead nowhere: Rows without rows.
func (db *DB) Trace(ctx context.Context, name string, answer *Result, n int) ([]Traced, error) {
	q, ok := db.queries[name]
	if !ok {
		return nil, fmt.Errorf("%w: %s", ErrUnknownQuery, name)
	}
	if n < 0 || n >= len(answer.Rows) {
		return nil, fmt.Errorf("%w: there is no row %d in an answer of %d", ErrParameter, n+1, len(answer.Rows))
	}
	row := map[string]any{}
	for i, c := range answer.Columns {
		row[c.Name] = answer.Rows[n][i]
	}
	var out []Traced
	for _, t := range q.Traces {
		query, args, err := t.query(row)
		if err != nil {
			return nil, fmt.Errorf("query %s: @trace %s: %w", name, t.Relation, err)
		}
		res, err := db.Query(ctx, query, args...)
		if err != nil {
			return nil, fmt.Errorf("query %s: following %s: %w", name, t.Relation, err)
		}
		out = append(out, Traced{Trace: t, Rows: res})
	}
	return out, nil
}

func (t Trace) query(row map[string]any) (string, []any, error) {
	var where []string
	var args []any
	for i, c := range t.Match {
		value := any(c.Constant)
		if c.Answer != "" {
			v, ok := row[c.Answer]
			if !ok {
				return "", nil, fmt.Errorf("the answer has no column %s", c.Answer)
			}
			value = v
		}
		name := "p" + strconv.Itoa(i)
		// Values go in as text: the driver binds decimals and dates in ways of its own.
		condition := quoteName(c.Relation) + "::VARCHAR IS NOT DISTINCT FROM $" + name + "::VARCHAR"
		if value != nil {
			value = Text(value)
		}
		where = append(where, condition)
		args = append(args, sql.Named(name, value))
	}
	return "SELECT * FROM " + quoteName(t.Relation) + " WHERE " + strings.Join(where, " AND ") + " ORDER BY ALL", args, nil
}

package warehouse

import (
	"context"
	"fmt"
	"strings"
)

// Severity of a check.
type Severity string

const (
	Fail Severity = "fail" // the build must not be published
	Warn Severity = "warn" // published, and shown to the operator
)

// Finding is a check that found something.
type Finding struct {
	Check    string
	Severity Severity
	Meaning  string     // what one row of the check means
	Count    int        // offending rows
	Columns  []string   // of Sample
	Sample   [][]string // the first rows, as text; null is ""
}

// String is one line for logs: the check, how often, and the first row.
func (f Finding) String() string {
	s := fmt.Sprintf("%s: %s: %d (%s)", f.Severity, f.Check, f.Count, f.Meaning)
	if len(f.Sample) == 0 {
		return s
	}
	var parts []string
	for i, v := range f.Sample[0] {
		parts = append(parts, f.Columns[i]+"="+v)
	}
	return s + ", first: " + strings.Join(parts, " ")
}

const sampleRows = 5

// Check runs every check of checks/*.sql. A check selects offending rows; no
// rows, no finding. The error is for a check that could not run. Whether to
// publish is the caller's decision: findings with severity Fail say no.
func (b *Build) Check(ctx context.Context) ([]Finding, error) {
	if !b.viewed {
		return nil, fmt.Errorf("checking: the views are not made yet")
	}
	scripts, err := readSQL(files, "checks")
	if err != nil {
		return nil, fmt.Errorf("checking: %w", err)
	}
	var out []Finding
	for _, s := range scripts {
		f, err := b.check(ctx, s)
		if err != nil {
			return nil, fmt.Errorf("running check %s: %w", s.name, brief(err))
		}
		if f.Count > 0 {
			out = append(out, f)
		}
	}
	return out, nil
}

func (b *Build) check(ctx context.Context, s sqlFile) (Finding, error) {
	f := Finding{Check: s.name, Severity: Severity(s.severity), Meaning: s.doc}
	if f.Severity != Fail && f.Severity != Warn {
		return f, fmt.Errorf("@severity is %q, not fail or warn", s.severity)
	}
	// Of what is wrong the number and a few are wanted, and nearly always nothing is
	// wrong: the few are asked for first, and the number only where there are some,
	// so that nobody has to hold them all.
	check := "FROM (\n" + strings.TrimRight(s.sql, "; \n\t") + "\n)"
	res, err := b.ask(ctx, fmt.Sprintf("SELECT * %s LIMIT %d", check, sampleRows))
	if err != nil || len(res.Rows) == 0 {
		return f, err
	}
	n, err := b.ask(ctx, "SELECT count(*) "+check)
	if err != nil {
		return f, err
	}
	f.Count = int(n.Rows[0][0].(int64))
	for _, c := range res.Columns {
		f.Columns = append(f.Columns, c.Name)
	}
	for _, r := range res.Rows {
		var row []string
		for _, v := range r {
			row = append(row, Text(v))
		}
		f.Sample = append(f.Sample, row)
	}
	return f, nil
}

// ask runs a statement on the build's connection.
func (b *Build) ask(ctx context.Context, query string) (*Result, error) {
	rows, err := b.conn.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	return readResult(rows)
}

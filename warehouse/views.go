package warehouse

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Views runs views/*.sql in the order of their numbers: macros, views, and the
// marts serving reads, which are tables. Every declared input table must have
// been loaded; missing ones are all named. Documentation of the headers becomes
// COMMENTs, and a column without documentation is an error.
func (b *Build) Views(ctx context.Context) error {
	if err := b.requireTables(); err != nil {
		return fmt.Errorf("making views: %w", err)
	}
	scripts, err := readSQL(files, "views")
	if err != nil {
		return fmt.Errorf("making views: %w", err)
	}
	// Without USE the names inside the views would carry the alias w, which
	// nobody has who opens the file later.
	if err := b.exec(ctx, "USE w"); err != nil {
		return fmt.Errorf("making views: %w", err)
	}
	b.viewed = true
	for _, s := range scripts {
		if err := b.exec(ctx, s.sql); err != nil {
			return fmt.Errorf("making view %s: %w", s.name, brief(err))
		}
	}
	if err := b.commentViews(ctx, scripts); err != nil {
		return fmt.Errorf("documenting views: %w", err)
	}
	return nil
}

// briefError is an error of DuckDB without the statement it quotes: the script
// can be looked up by its name.
type briefError struct{ error }

func (e briefError) Error() string {
	line, _, _ := strings.Cut(e.error.Error(), "\n")
	return strings.TrimSpace(line)
}

func (e briefError) Unwrap() error { return e.error }

func brief(err error) error { return briefError{err} }

func (b *Build) requireTables() error {
	names, err := Tables()
	if err != nil {
		return err
	}
	var missing []string
	for _, n := range names {
		if _, ok := b.loaded[n]; !ok {
			missing = append(missing, n)
		}
	}
	if missing != nil {
		return fmt.Errorf("not loaded: %s", strings.Join(missing, ", "))
	}
	return nil
}

// commentViews documents what the scripts made, all of it at once: to list the
// columns of one view costs as much as to list those of all.
func (b *Build) commentViews(ctx context.Context, scripts []sqlFile) error {
	made, err := b.relations(ctx)
	if err != nil {
		return err
	}
	var documentation []string
	for _, s := range scripts {
		if len(s.columns) == 0 {
			continue // macros
		}
		r, ok := made[s.name]
		if !ok {
			return fmt.Errorf("%s: the script made no table or view of its name", s.name)
		}
		if err := r.documentedBy(s.columns); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		columns := s.columns
		if r.kind == "VIEW" {
			columns = nil // DuckDB 1.1 keeps no comments on a view's columns: Schema reads the headers
		}
		documentation = append(documentation, comments(r.kind, quoteName(s.name), s.doc, columns)...)
	}
	return b.execAll(ctx, transaction(documentation))
}

// relation is a table or view of the build.
type relation struct {
	kind    string // TABLE or VIEW
	columns []string
}

// documentedBy compares the columns there are with those a script's header names.
func (r relation) documentedBy(docs []docLine) error {
	var documented []string
	for _, c := range docs {
		documented = append(documented, c.name)
		if !slices.Contains(r.columns, c.name) {
			return fmt.Errorf("column %s is documented and not there", c.name)
		}
	}
	for _, c := range r.columns {
		if !slices.Contains(documented, c) {
			return fmt.Errorf("column %s is not documented", c)
		}
	}
	return nil
}

// relations lists the tables and views of the build, their columns in order.
func (b *Build) relations(ctx context.Context) (map[string]relation, error) {
	rows, err := b.conn.QueryContext(ctx, `SELECT c.table_name, CASE WHEN t.table_name IS NULL THEN 'VIEW' ELSE 'TABLE' END, c.column_name
FROM duckdb_columns() c LEFT JOIN duckdb_tables() t USING (database_name, schema_name, table_name)
WHERE c.database_name = 'w' AND c.schema_name = 'main' ORDER BY c.table_name, c.column_index`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]relation{}
	for rows.Next() {
		var name, kind, column string
		if err := rows.Scan(&name, &kind, &column); err != nil {
			return nil, err
		}
		out[name] = relation{kind, append(out[name].columns, column)}
	}
	return out, rows.Err()
}

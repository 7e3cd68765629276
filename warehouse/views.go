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
		if len(s.columns) == 0 {
			continue // macros
		}
		if err := b.commentView(ctx, s); err != nil {
			return fmt.Errorf("documenting view %s: %w", s.name, err)
		}
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

func (b *Build) commentView(ctx context.Context, s sqlFile) error {
	actual, kind, err := b.columnsOf(ctx, s.name)
	if err != nil {
		return err
	}
	var documented []string
	for _, c := range s.columns {
		documented = append(documented, c.name)
		if !slices.Contains(actual, c.name) {
			return fmt.Errorf("column %s is documented and not there", c.name)
		}
	}
	for _, c := range actual {
		if !slices.Contains(documented, c) {
			return fmt.Errorf("column %s is not documented", c)
		}
	}
	columns := s.columns
	if kind == "VIEW" {
		columns = nil // DuckDB 1.1 keeps no comments on a view's columns: Schema reads the headers
	}
	if err := b.execAll(ctx, transaction(comments(kind, quoteName(s.name), s.doc, columns))); err != nil {
		return fmt.Errorf("commenting: %w", err)
	}
	return nil
}

// columnsOf lists the columns of a table or view in order, and which it is.
func (b *Build) columnsOf(ctx context.Context, name string) (columns []string, kind string, err error) {
	rows, err := b.conn.QueryContext(ctx, `SELECT c.column_name, t.table_name IS NOT NULL
FROM duckdb_columns() c LEFT JOIN duckdb_tables() t USING (database_name, schema_name, table_name)
WHERE c.database_name = 'w' AND c.schema_name = 'main' AND c.table_name = ? ORDER BY c.column_index`, name)
	if err != nil {
		return nil, "", err
	}
	defer rows.Close()
	kind = "VIEW"
	for rows.Next() {
		var c string
		var isTable bool
		if err := rows.Scan(&c, &isTable); err != nil {
			return nil, "", err
		}
		if isTable {
			kind = "TABLE"
		}
		columns = append(columns, c)
	}
	if columns == nil && rows.Err() == nil {
		return nil, "", fmt.Errorf("the script made no table or view %s", name)
	}
	return columns, kind, rows.Err()
}

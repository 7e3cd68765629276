package warehouse

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
)

// releasesTable holds times and the releases before this one, so it is the one
// table the hash leaves out.
const releasesTable = "releases"

// Hash is the SHA-256 of what the release says: the rows of every table, sorted,
// without columns that hold points in time, and the definition of every view,
// whose rows follow from them. The same documents and code give the same hash
// again, on any machine; a DuckDB file itself is never byte-identical.
func (b *Build) Hash(ctx context.Context) (string, error) {
	if b.conn == nil {
		return "", fmt.Errorf("hashing: the build is closed")
	}
	return hashDatabase(ctx, b.conn, "w")
}

type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func hashDatabase(ctx context.Context, q querier, catalog string) (string, error) {
	if catalog == "" {
		row, err := q.QueryContext(ctx, "SELECT current_database()")
		if err != nil {
			return "", err
		}
		defer row.Close()
		for row.Next() {
			if err := row.Scan(&catalog); err != nil {
				return "", err
			}
		}
		row.Close()
	}
	tables, err := hashedTables(ctx, q, catalog)
	if err != nil {
		return "", fmt.Errorf("hashing: %w", err)
	}
	h := sha256.New()
	fmt.Fprintf(h, "contract %d\n", ContractVersion)
	if err := hashViews(ctx, q, h, catalog); err != nil {
		return "", fmt.Errorf("hashing the views: %w", err)
	}
	for _, t := range tables {
		if err := hashTable(ctx, q, h, catalog, t); err != nil {
			return "", fmt.Errorf("hashing %s: %w", t.name, err)
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

type hashed struct {
	name    string
	columns []string // without times
	digits  []bool   // column -> its text holds no comma, so a comma ends it
}

func hashedTables(ctx context.Context, q querier, catalog string) ([]hashed, error) {
	rows, err := q.QueryContext(ctx, `SELECT table_name, column_name, data_type FROM duckdb_columns()
WHERE database_name = ? AND schema_name = 'main' AND NOT internal AND table_name <> ?
  AND data_type NOT LIKE 'TIMESTAMP%' AND data_type NOT LIKE 'TIME%'
  AND table_name IN (SELECT t.table_name FROM duckdb_tables() t WHERE t.database_name = duckdb_columns.database_name AND t.schema_name = 'main')
ORDER BY table_name, column_name`, catalog, releasesTable)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []hashed
	for rows.Next() {
		var t, c, typ string
		if err := rows.Scan(&t, &c, &typ); err != nil {
			return nil, err
		}
		if len(out) == 0 || out[len(out)-1].name != t {
			out = append(out, hashed{name: t})
		}
		last := &out[len(out)-1]
		last.columns = append(last.columns, c)
		last.digits = append(last.digits, typ == "BOOLEAN" || typ == "INTEGER" || typ == "BIGINT" || typ == "HUGEINT" || typ == "DATE" || strings.HasPrefix(typ, "DECIMAL"))
	}
	return out, rows.Err()
}

// hashViews writes how each view is defined.
func hashViews(ctx context.Context, q querier, h io.Writer, catalog string) error {
	rows, err := q.QueryContext(ctx, "SELECT view_name, sql FROM duckdb_views() WHERE database_name = ? AND schema_name = 'main' AND NOT internal ORDER BY view_name", catalog)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name, definition string
		if err := rows.Scan(&name, &definition); err != nil {
			return err
		}
		fmt.Fprintf(h, "%s: %s\n", name, definition)
	}
	return rows.Err()
}

// hashTable writes a digest of the sorted digests of the rows, in 256 parts by
// their first byte: answers of the database are held in memory whole. A text is
// written with its length and every value ends with a comma, so no two different
// rows read alike; null differs from the empty text.
func hashTable(ctx context.Context, q querier, h io.Writer, catalog string, t hashed) error {
	fmt.Fprintf(h, "%s(%s)\n", t.name, strings.Join(t.columns, ","))
	var parts []string // arguments of one concat: a chain of || takes twice as long
	for i, c := range t.columns {
		c = quoteName(c)
		if t.digits[i] {
			parts = append(parts, "coalesce("+c+"::VARCHAR, '-'), ','")
		} else {
			c += "::VARCHAR"
			parts = append(parts, "strlen("+c+"), ':', coalesce("+c+", '-'), ','") // concat leaves the null length out
		}
	}
	query := "SELECT sha256(string_agg(d, '' ORDER BY d)) FROM (SELECT sha256(concat(" + strings.Join(parts, ", ") + ")) AS d FROM " +
		quoteName(catalog) + ".main." + quoteName(t.name) + ") GROUP BY left(d, 2) ORDER BY left(d, 2)"
	rows, err := q.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var d string
		if err := rows.Scan(&d); err != nil {
			return err
		}
		if _, err := io.WriteString(h, d+"\n"); err != nil {
			return err
		}
	}
	return rows.Err()
}

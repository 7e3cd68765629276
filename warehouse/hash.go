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

// Hash is the SHA-256 of what the release says: the rows of every table and
// view, sorted, without columns that hold points in time. The same documents
// and code give the same hash again, on any machine; a DuckDB file itself is
// never byte-identical. It reads everything there is.
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

// hashTable writes one digest per row, in the order of the digests. A text is
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
	query := "SELECT d FROM (SELECT sha256(concat(" + strings.Join(parts, ", ") + ")) AS d FROM " +
		quoteName(catalog) + ".main." + quoteName(t.name) + ") ORDER BY d"
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

package warehouse

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/marcboeker/go-duckdb"
)

// Options limit what reading a release may use.
type Options struct {
	// MemoryLimit is DuckDB's limit, such as "512MB". Empty: 512MB.
	MemoryLimit string
	// Threads of DuckDB. 0: DuckDB's choice, one per core.
	Threads int
	// TempDir is where large sorts spill. Empty: the system's folder for
	// temporary files.
	TempDir string
	// MaxConns bounds the queries that run at once. 0: 8.
	MaxConns int
}

// DB reads one release. It is safe for concurrent use.
//
// One process must not open the same file for writing and reading: releases are
// never written, so this cannot happen with files Publish made.
type DB struct {
	path    string
	sql     *sql.DB
	queries map[string]Query
	answers answers
}

// Open opens a release read-only. The connection can reach no other file, load
// no extension and change no setting.
//
// SQL written by users does not belong on it even so: a connection of the pool
// can be left with a temporary view that shadows a table, and memory limits do
// not hold for every function. Run it in a process of its own.
func Open(path string, opts Options) (*DB, error) {
	db, err := open(path, opts)
	if err != nil {
		return nil, fmt.Errorf("opening release %s: %w", path, err)
	}
	return db, nil
}

func open(path string, opts Options) (*DB, error) {
	if opts.MemoryLimit == "" {
		opts.MemoryLimit = "512MB"
	}
	if opts.TempDir == "" {
		opts.TempDir = filepath.Join(os.TempDir(), "hrinvest-duckdb")
	}
	if opts.MaxConns == 0 {
		opts.MaxConns = 8
	}
	if _, err := os.Stat(path); err != nil {
		return nil, err // DuckDB's own words for it are longer
	}
	queries, err := Queries()
	if err != nil {
		return nil, err
	}
	// The driver parses the file name as a URL to find options: a # in it would
	// drop them without a word, and access_mode with them.
	if path, err = filepath.Abs(path); err != nil {
		return nil, err
	}
	if strings.ContainsAny(path, "?#%") {
		return nil, errors.New("the path holds a character (? # %) the database driver cannot take")
	}
	connector, err := duckdb.NewConnector(path+"?access_mode=READ_ONLY", nil)
	if err != nil {
		return nil, err
	}
	pool := sql.OpenDB(connector)
	if err := lock(context.Background(), pool, opts); err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	pool.SetMaxOpenConns(opts.MaxConns)
	pool.SetMaxIdleConns(opts.MaxConns)
	db := &DB{path: path, sql: pool, queries: map[string]Query{}}
	for _, q := range queries {
		db.queries[q.Name] = q
	}
	return db, nil
}

func lock(ctx context.Context, pool *sql.DB, opts Options) error {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	for _, s := range append(settings(opts.MemoryLimit, opts.Threads, opts.TempDir),
		"SET enable_external_access = false",
		"SET lock_configuration = true",
	) {
		if _, err := conn.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

// Close closes the release. Results already read stay valid.
func (db *DB) Close() error { return db.sql.Close() }

// Path is the file of the release.
func (db *DB) Path() string { return db.path }

// Hash computes the release's hash again, reading every row.
func (db *DB) Hash(ctx context.Context) (string, error) { return hashDatabase(ctx, db.sql, "") }

// Query runs SQL of the program's own, with ? or $name parameters
// (sql.Named). Cancelling ctx stops it.
func (db *DB) Query(ctx context.Context, query string, args ...any) (*Result, error) {
	rows, err := db.sql.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	res, err := readResult(rows)
	if err != nil {
		return nil, err
	}
	// On a cancelled query the driver may report its own words only.
	return res, context.Cause(ctx)
}

// Schema lists the tables and views of the release with their columns and
// documentation, by name.
func (db *DB) Schema(ctx context.Context) ([]TableDoc, error) {
	res, err := db.Query(ctx, `SELECT c.table_name, coalesce(t.comment, v.comment), v.view_name IS NOT NULL, c.column_name, c.data_type, c.comment
FROM duckdb_columns() c
LEFT JOIN duckdb_tables() t ON t.database_name = c.database_name AND t.schema_name = c.schema_name AND t.table_name = c.table_name
LEFT JOIN duckdb_views() v ON v.database_name = c.database_name AND v.schema_name = c.schema_name AND v.view_name = c.table_name
WHERE c.database_name = current_database() AND c.schema_name = 'main' AND NOT c.internal
ORDER BY c.table_name, c.column_index`)
	if err != nil {
		return nil, fmt.Errorf("reading the schema: %w", err)
	}
	views, err := readSQL(files, "views")
	if err != nil {
		return nil, err
	}
	docs := map[string]string{}
	for _, v := range views {
		for _, c := range v.columns {
			docs[v.name+"."+c.name] = c.text
		}
	}
	var out []TableDoc
	for _, r := range res.Rows {
		name := Text(r[0])
		if len(out) == 0 || out[len(out)-1].Name != name {
			out = append(out, TableDoc{Name: name, Doc: Text(r[1]), View: r[2] == true})
		}
		doc := Text(r[5])
		if doc == "" {
			doc = docs[name+"."+Text(r[3])]
		}
		t := &out[len(out)-1]
		t.Columns = append(t.Columns, Column{Name: Text(r[3]), Type: Text(r[4]), Doc: doc})
	}
	return out, nil
}

// TableDoc describes a table or view of a release.
type TableDoc struct {
	Name    string
	Doc     string
	View    bool
	Columns []Column
}

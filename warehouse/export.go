package warehouse

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/renameio/v2"
	"github.com/marcboeker/go-duckdb"
)

// Exporter writes the tables of a release to files. DuckDB streams them: memory
// does not grow with the table. Nothing of an Exporter may be reached by SQL of
// people, for it can write.
type Exporter struct {
	release Release
	sql     *sql.DB
	tables  []TableDoc
	sources []exportSource
}

// exportSource is what an export says of a source.
type exportSource struct{ id, title, publisher, home, licence string }

// noRedistribution begins the licence of a source whose data may be shown but
// not passed on: exports leave them out and say so.
const noRedistribution = "no redistribution"

func (s exportSource) leftOut() bool { return strings.HasPrefix(s.licence, noRedistribution) }

// Formats of exported tables, with the extension of their files.
func Formats() map[string]string { return map[string]string{"parquet": "parquet", "csv": "csv.gz"} }

// Exported is a file of an Exporter.
type Exported struct {
	Table  TableDoc
	Name   string // of the file
	Format string
	Rows   int64
	Bytes  int64
	SHA256 string
}

// Export opens a release for writing its tables to files.
func Export(ctx context.Context, r Release, opts Options) (*Exporter, error) {
	e, err := openExport(ctx, r, opts)
	if err != nil {
		return nil, fmt.Errorf("exporting release %s: %w", r.ID, err)
	}
	return e, nil
}

func openExport(ctx context.Context, r Release, opts Options) (*Exporter, error) {
	db, err := open(r.Path, opts)
	if err != nil {
		return nil, err
	}
	tables, err := db.Schema(ctx)
	var sources *Result
	if err == nil {
		sources, err = db.Query(ctx, "SELECT source, title, publisher, home, licence FROM sources ORDER BY source")
	}
	if err := errors.Join(err, db.Close()); err != nil {
		return nil, err
	}
	e := &Exporter{release: r, tables: tables}
	for _, s := range sources.Rows {
		e.sources = append(e.sources, exportSource{Text(s[0]), Text(s[1]), Text(s[2]), Text(s[3]), Text(s[4])})
	}
	path, err := filepath.Abs(r.Path)
	if err != nil {
		return nil, err
	}
	connector, err := duckdb.NewConnector(path+"?access_mode=READ_ONLY", nil)
	if err != nil {
		return nil, err
	}
	e.sql = sql.OpenDB(connector)
	e.sql.SetMaxOpenConns(1)
	memory := opts.MemoryLimit
	if memory == "" {
		memory = "512MB"
	}
	temp := opts.TempDir
	if temp == "" {
		temp = filepath.Join(os.TempDir(), "hrinvest-duckdb")
	}
	for _, s := range settings(memory, max(opts.Threads, 1), temp) {
		if _, err := e.sql.ExecContext(ctx, s); err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", s, err), e.sql.Close())
		}
	}
	return e, nil
}

// Close closes the release.
func (e *Exporter) Close() error { return e.sql.Close() }

// Tables are the tables and views there are, by name.
func (e *Exporter) Tables() []TableDoc { return e.tables }

// LeftOut names the sources whose data may not be passed on.
func (e *Exporter) LeftOut() []string {
	var out []string
	for _, s := range e.sources {
		if s.leftOut() {
			out = append(out, s.id)
		}
	}
	return out
}

// ErrUnknownTable: the release has no such table.
var ErrUnknownTable = errors.New("unknown table")

// Write writes a table to a file of dir, whole or not at all.
func (e *Exporter) Write(ctx context.Context, table, format, dir string) (Exported, error) {
	i := slices.IndexFunc(e.tables, func(t TableDoc) bool { return t.Name == table })
	if i < 0 {
		return Exported{}, fmt.Errorf("%w: %q", ErrUnknownTable, table)
	}
	ext, ok := Formats()[format]
	if !ok {
		return Exported{}, fmt.Errorf("no format %q", format)
	}
	out := Exported{Table: e.tables[i], Name: table + "." + ext, Format: format}
	if err := e.write(ctx, &out, dir); err != nil {
		return out, fmt.Errorf("exporting %s: %w", out.Name, err)
	}
	return out, nil
}

func (e *Exporter) write(ctx context.Context, out *Exported, dir string) error {
	f, err := os.CreateTemp(dir, ".making-*")
	if err != nil {
		return err
	}
	temp := f.Name()
	defer os.Remove(temp) // gone already when all went well
	if err := f.Close(); err != nil {
		return err
	}
	options := "FORMAT parquet, COMPRESSION zstd"
	if out.Format == "csv" {
		options = "FORMAT csv, HEADER, COMPRESSION gzip"
	}
	copied, err := e.sql.ExecContext(ctx, "COPY ("+e.selection(out.Table)+") TO "+quoteText(temp)+" ("+options+")")
	if err != nil {
		return err
	}
	if out.Rows, err = copied.RowsAffected(); err != nil {
		return err
	}
	if out.Bytes, out.SHA256, err = fingerprint(temp); err != nil {
		return err
	}
	if err := os.Chmod(temp, 0o644); err != nil {
		return err
	}
	return os.Rename(temp, filepath.Join(dir, out.Name))
}

// selection is the rows of a table that may be passed on.
func (e *Exporter) selection(t TableDoc) string {
	query := "SELECT * FROM " + quoteName(t.Name)
	out := e.LeftOut()
	for i := range out {
		out[i] = quoteText(out[i])
	}
	// What a source is stays: only what it says is left out.
	if len(out) > 0 && t.Name != "sources" && slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Name == "source" }) {
		query += " WHERE source IS NULL OR source NOT IN (" + strings.Join(out, ", ") + ")"
	}
	return query
}

// WriteAll writes every table in the given formats, and what describes them:
// datapackage.json last, so that where it is all is there.
func (e *Exporter) WriteAll(ctx context.Context, dir string, formats ...string) ([]Exported, error) {
	var files []Exported
	for _, t := range e.tables {
		for _, format := range formats {
			f, err := e.Write(ctx, t.Name, format, dir)
			if err != nil {
				return nil, err
			}
			files = append(files, f)
		}
	}
	if err := e.WriteCitation(dir); err != nil {
		return nil, err
	}
	b, err := e.Package(files)
	if err != nil {
		return nil, err
	}
	return files, renameio.WriteFile(filepath.Join(dir, "datapackage.json"), b, 0o644)
}

// WriteCitation writes CITATION.cff.
func (e *Exporter) WriteCitation(dir string) error {
	return renameio.WriteFile(filepath.Join(dir, "CITATION.cff"), e.Citation(), 0o644)
}

// ExportDir is where the exported files of a release are kept for readers; they
// go with it. With no release it is the folder of all.
func ExportDir(dir, release string) string { return filepath.Join(dir, "exports", release) }

func fingerprint(path string) (int64, string, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, "", err
	}
	defer f.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, f)
	return n, hex.EncodeToString(sum.Sum(nil)), err
}

// Rows hands out the rows of a table in portions, for files that DuckDB does not
// write.
func (e *Exporter) Rows(ctx context.Context, t TableDoc, portion func(*Result) error) error {
	const size = 10_000
	for offset := 0; ; offset += size {
		rows, err := e.sql.QueryContext(ctx, fmt.Sprintf("%s LIMIT %d OFFSET %d", e.selection(t), size, offset))
		if err != nil {
			return fmt.Errorf("reading %s: %w", t.Name, err)
		}
		res, err := readResult(rows)
		if err := errors.Join(err, rows.Close()); err != nil {
			return fmt.Errorf("reading %s: %w", t.Name, err)
		}
		if err := portion(res); err != nil {
			return err
		}
		if len(res.Rows) < size {
			return nil
		}
	}
}

// Count is the number of rows Rows hands out.
func (e *Exporter) Count(ctx context.Context, t TableDoc) (n int64, err error) {
	err = e.sql.QueryRowContext(ctx, "SELECT count(*) FROM ("+e.selection(t)+")").Scan(&n)
	return n, err
}

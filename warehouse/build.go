package warehouse

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/marcboeker/go-duckdb"
)

// Config says where releases live and what a build may use.
type Config struct {
	// Dir is the data directory: Dir/releases and Dir/current are kept there.
	// It is created when missing. Required.
	Dir string
	// MemoryLimit is DuckDB's limit, such as "1GB". Empty: 1GB.
	MemoryLimit string
	// Threads of DuckDB. 0: DuckDB's choice, one per core.
	Threads int
	// TempDir is where DuckDB spills what does not fit into memory. Empty: a
	// folder beside the file being built, removed with it.
	TempDir string
	// Now is the clock. Nil: time.Now. Times are in file names and in the table
	// releases only, never in the hash.
	Now func() time.Time
}

func (c Config) withDefaults() (Config, error) {
	if c.Dir == "" {
		return c, errors.New("warehouse: Config.Dir is empty")
	}
	if c.MemoryLimit == "" {
		c.MemoryLimit = "1GB"
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c, nil
}

const buildingPrefix = ".building-"

// Build is a release in the making. It is used by one goroutine; the caller
// holds the lock of the data directory, for there is one writer at a time.
// Every Build ends with Publish or Discard.
type Build struct {
	cfg  Config
	path string
	temp string // own temporary folder; "" when Config.TempDir is used

	connector *duckdb.Connector
	db        *sql.DB
	session   // the one for everything but LoadAll: USE and transactions are its state

	loaded map[string]Loaded
	viewed bool
}

// Create starts a build in a fresh file beside the releases. Files a killed
// build left behind are removed first.
func Create(ctx context.Context, cfg Config) (*Build, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	releases := releasesDir(cfg.Dir)
	if err := os.MkdirAll(releases, 0o755); err != nil {
		return nil, fmt.Errorf("creating releases folder: %w", err)
	}
	if err := removeLeftovers(releases); err != nil {
		return nil, err
	}
	b := &Build{
		cfg:    cfg,
		path:   filepath.Join(releases, buildingPrefix+strconv.Itoa(os.Getpid())+".duckdb"),
		loaded: map[string]Loaded{},
	}
	temp := cfg.TempDir
	if temp == "" {
		b.temp = b.path + ".tmp"
		temp = b.temp
	}
	if err := b.open(ctx, temp); err != nil {
		return nil, errors.Join(fmt.Errorf("creating %s: %w", b.path, err), b.Discard())
	}
	return b, nil
}

// open connects to an in-memory database and attaches the file as w. The stage
// views of Load stay in the memory database: RegisterView makes views that
// would otherwise persist in the file and point nowhere.
func (b *Build) open(ctx context.Context, temp string) error {
	var err error
	if b.connector, err = duckdb.NewConnector("", nil); err != nil {
		return err
	}
	b.db = sql.OpenDB(b.connector)
	if b.conn, err = b.db.Conn(ctx); err != nil {
		return err
	}
	for _, s := range append(settings(b.cfg.MemoryLimit, b.cfg.Threads, temp),
		"SET preserve_insertion_order = false", // nothing here depends on it, and it costs memory
		// The file is written out once, when it is published: before that a
		// crash means building again.
		"SET checkpoint_threshold = '1TB'",
		"PRAGMA disable_checkpoint_on_shutdown",
		"ATTACH "+quoteText(b.path)+" AS w",
	) {
		if _, err := b.conn.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

// settings are the limits every connection gets. Nothing is ever installed or
// loaded from the network.
func settings(memory string, threads int, temp string) []string {
	s := []string{
		"SET autoinstall_known_extensions = false",
		"SET autoload_known_extensions = false",
		"SET memory_limit = " + quoteText(memory),
	}
	if threads > 0 {
		s = append(s, "SET threads = "+strconv.Itoa(threads))
	}
	if temp != "" {
		s = append(s, "SET temp_directory = "+quoteText(temp))
	}
	return s
}

// Path is the file being built. It changes hands at Publish.
func (b *Build) Path() string { return b.path }

// Discard closes the build and removes its files. It may be called after
// Publish, and more than once: then it does nothing.
func (b *Build) Discard() error {
	err := b.close()
	if b.path != "" {
		err = errors.Join(err, removeDatabase(b.path))
		b.path = ""
	}
	return err
}

func (b *Build) close() error {
	var errs []error
	if b.conn != nil {
		errs = append(errs, b.conn.Close())
		b.conn = nil
	}
	switch {
	case b.db != nil: // closes the connector too
		errs = append(errs, b.db.Close())
	case b.connector != nil:
		errs = append(errs, b.connector.Close())
	}
	b.db, b.connector = nil, nil
	if b.temp != "" {
		errs = append(errs, os.RemoveAll(b.temp))
		b.temp = ""
	}
	return errors.Join(errs...)
}

// session is one connection of a build.
type session struct{ conn *sql.Conn }

var errClosed = errors.New("warehouse: the build is closed")

func (s session) exec(ctx context.Context, query string) error {
	if s.conn == nil {
		return errClosed
	}
	_, err := s.conn.ExecContext(ctx, query)
	return err
}

// raw hands out the driver's connection, which Arrow needs.
func (s session) raw(f func(driver.Conn) error) error {
	if s.conn == nil {
		return errClosed
	}
	return s.conn.Raw(func(c any) error {
		dc, ok := c.(driver.Conn)
		if !ok {
			return fmt.Errorf("driver connection is a %T", c)
		}
		return f(dc)
	})
}

// removeLeftovers removes what a killed build left. The caller holds the lock
// of the data directory, so nobody is writing them.
func removeLeftovers(releases string) error {
	left, err := filepath.Glob(filepath.Join(releases, buildingPrefix+"*"))
	if err != nil {
		return err
	}
	for _, p := range left {
		if err := os.RemoveAll(p); err != nil {
			return fmt.Errorf("removing an unfinished build: %w", err)
		}
	}
	return nil
}

func removeDatabase(path string) error {
	var errs []error
	for _, p := range []string{path, path + ".wal", path + ".tmp"} {
		errs = append(errs, os.RemoveAll(p))
	}
	return errors.Join(errs...)
}

// quoteText writes a SQL string, quoteName an identifier.
func quoteText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
func quoteName(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// Has says whether a table has been loaded.
func (b *Build) Has(table string) bool { _, ok := b.loaded[table]; return ok }

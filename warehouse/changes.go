package warehouse

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/marcboeker/go-duckdb"
)

// ChangesQuery is the question what differs between two releases. Changes
// answers it: no single release can.
func ChangesQuery() (Query, error) {
	all, err := queriesIn("compare")
	if err != nil {
		return Query{}, err
	}
	return all[0], nil
}

// Changes lists the cells that differ between two releases, with old and new
// value and the likely cause. Arguments are those of ChangesQuery.
func Changes(ctx context.Context, older, newer Release, args map[string]any) (_ *Result, err error) {
	q, err := ChangesQuery()
	if err != nil {
		return nil, err
	}
	bound, err := q.bind(args)
	if err != nil {
		return nil, fmt.Errorf("comparing releases: %w", err)
	}
	if older.ID == newer.ID { // one file cannot be attached twice
		return &Result{Columns: q.Columns}, nil
	}
	connector, err := duckdb.NewConnector("", nil)
	if err != nil {
		return nil, fmt.Errorf("comparing releases: %w", err)
	}
	pool := sql.OpenDB(connector)
	pool.SetMaxOpenConns(1) // attached files and settings belong to the connection
	db := &DB{sql: pool}
	defer func() { err = errors.Join(err, pool.Close(), connector.Close()) }()
	macros, err := files.ReadFile("views/000_macros.sql")
	if err != nil {
		return nil, fmt.Errorf("comparing releases: %w", err)
	}
	before, _, _ := strings.Cut(string(macros), "CREATE MACRO summed_flows") // what follows speaks of tables
	statements := append(settings("512MB", 0, filepath.Join(os.TempDir(), "hrinvest-duckdb")),
		before,
		"ATTACH "+quoteText(older.Path)+" AS older (READ_ONLY)",
		"ATTACH "+quoteText(newer.Path)+" AS newer (READ_ONLY)",
		"SET enable_external_access = false", "SET lock_configuration = true")
	for _, s := range statements {
		if _, err := pool.ExecContext(ctx, s); err != nil {
			return nil, fmt.Errorf("comparing releases %s and %s: %w", older.ID, newer.ID, err)
		}
	}
	res, err := db.Query(ctx, q.SQL, bound...)
	if err != nil {
		return nil, fmt.Errorf("comparing releases %s and %s: %w", older.ID, newer.ID, err)
	}
	q.document(res)
	return res, nil
}

// ErrNoneThen means that no release of that time is kept.
var ErrNoneThen = errors.New("no release of that time is kept")

// AsOf is the release that was newest at the end of a day (UTC): what was known
// then. ErrNoneThen names the first day that can be asked for. A rollback in
// between is not remembered: the release rolled back from is given.
func AsOf(dir string, day time.Time) (Release, error) {
	all, err := Releases(dir)
	if err != nil {
		return Release{}, err
	}
	end := time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, time.UTC)
	for _, r := range all {
		if r.BuiltAt.Before(end) {
			return r, nil
		}
	}
	if len(all) == 0 {
		return Release{}, ErrNoRelease
	}
	return Release{}, fmt.Errorf("%w: the oldest is of %s", ErrNoneThen, all[len(all)-1].BuiltAt.UTC().Format(time.DateOnly))
}

// Find is the release with this id, or the only one that begins like it; or the
// oldest or the newest that is kept.
func Find(dir, id string) (Release, error) {
	all, err := Releases(dir)
	if err != nil {
		return Release{}, err
	}
	switch {
	case len(all) == 0:
		return Release{}, ErrNoRelease
	case id == "newest":
		return all[0], nil
	case id == "oldest":
		return all[len(all)-1], nil
	}
	var found []Release
	for _, r := range all {
		if r.ID == id {
			return r, nil
		}
		if id != "" && strings.HasPrefix(r.ID, id) {
			found = append(found, r)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return Release{}, fmt.Errorf("no release %q", id)
	}
	return Release{}, fmt.Errorf("%d releases begin with %q", len(found), id)
}

package dashboards

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"hrinvest/warehouse"
)

// FromDB lets an opened release answer.
func FromDB(db *warehouse.DB) Data { return opened{db} }

type opened struct{ db *warehouse.DB }

func (o opened) Named(ctx context.Context, query string, args map[string]any) (*Table, error) {
	res, err := o.db.Named(ctx, query, args)
	if err != nil {
		return nil, err
	}
	return tableOf(res), nil
}

// tableOf reads a result of the warehouse.
func tableOf(res *warehouse.Result) *Table {
	t := &Table{Rows: make([]Row, 0, len(res.Rows))}
	for _, c := range res.Columns {
		t.Columns, t.Types, t.Docs = append(t.Columns, c.Name), append(t.Types, c.Type), append(t.Docs, c.Doc)
	}
	for _, values := range res.Rows {
		r := make(Row, len(values))
		for i, v := range values {
			switch v := v.(type) {
			case int64:
				r[t.Columns[i]] = int(v)
			case warehouse.Decimal:
				r[t.Columns[i]] = v.Rat()
			default:
				r[t.Columns[i]] = v
			}
		}
		t.Rows = append(t.Rows, r)
	}
	return t
}

// ReleaseOf describes a release to the pages.
func ReleaseOf(r warehouse.Release) Release {
	out := Release{ID: r.ID, Hash: r.Hash, Built: r.BuiltAt}
	if t, err := time.Parse(time.DateOnly, r.Cutoff); err == nil {
		out.Cutoff = t
	}
	return out
}

// Follower is a Provider that follows the current release of a data directory:
// releases published or rolled back, by this process or another, are shown from
// the next request on.
//
// Earlier releases that are kept there can be asked for too (Archive).
type Follower struct {
	dir     string
	options warehouse.Options
	earlier *shelf

	mu  sync.Mutex
	cur *handle
}

var _ Archive = (*Follower)(nil)

// handle is an opened release, closed when the last reader has left it.
type handle struct {
	db      *warehouse.DB
	rel     warehouse.Release
	readers int
	retired bool
}

// Follow follows a data directory. It need not hold a release yet.
func Follow(dir string, options warehouse.Options) *Follower {
	return &Follower{dir: dir, options: options, earlier: newShelf(options)}
}

// Acquire implements Provider.
func (f *Follower) Acquire(ctx context.Context) (Data, Release, func(), error) {
	db, rel, done, err := f.Open(ctx)
	if err != nil {
		return nil, Release{}, nil, err
	}
	return opened{db}, ReleaseOf(rel), done, nil
}

// Open is Acquire for readers of the release itself. Reading the pointer is one
// small file: it is read on every request.
func (f *Follower) Open(context.Context) (*warehouse.DB, warehouse.Release, func(), error) {
	rel, err := warehouse.Current(f.dir)
	if errors.Is(err, warehouse.ErrNoRelease) {
		return nil, warehouse.Release{}, nil, ErrNoRelease
	}
	if err != nil {
		return nil, warehouse.Release{}, nil, fmt.Errorf("finding the current release: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.cur == nil || f.cur.rel.ID != rel.ID {
		db, err := warehouse.Open(rel.Path, f.options)
		if err != nil {
			return nil, warehouse.Release{}, nil, err
		}
		if err := f.retire(); err != nil {
			return nil, warehouse.Release{}, nil, errors.Join(err, db.Close())
		}
		f.cur = &handle{db: db, rel: rel}
		if err := f.earlier.retain(there); err != nil {
			return nil, warehouse.Release{}, nil, err
		}
	}
	h := f.cur
	h.readers++
	return h.db, h.rel, func() { f.leave(h) }, nil
}

// AcquireAsOf implements Archive.
func (f *Follower) AcquireAsOf(ctx context.Context, asOf string) (Data, Release, func(), error) {
	db, rel, done, err := f.OpenAsOf(ctx, asOf)
	if err != nil {
		return nil, Release{}, nil, err
	}
	return opened{db}, ReleaseOf(rel), done, nil
}

// OpenAsOf is Open for the release that a day or an id names.
func (f *Follower) OpenAsOf(ctx context.Context, asOf string) (*warehouse.DB, warehouse.Release, func(), error) {
	if err := f.earlier.retain(there); err != nil {
		return nil, warehouse.Release{}, nil, err
	}
	rel, err := AsOf(f.dir, asOf)
	if errors.Is(err, warehouse.ErrNoRelease) {
		return nil, rel, nil, ErrNoRelease
	}
	if err != nil {
		return nil, rel, nil, err
	}
	if rel.Contract != warehouse.ContractVersion {
		return nil, rel, nil, fmt.Errorf("%w: %s is of contract %d, this program reads %d", ErrContract, rel.ID, rel.Contract, warehouse.ContractVersion)
	}
	db, current, done, err := f.Open(ctx)
	if err != nil || current.ID == rel.ID {
		return db, current, done, err
	}
	done()
	if db, done, err = f.earlier.take(ctx, rel); err != nil {
		return nil, rel, nil, err
	}
	return db, rel, done, nil
}

// Kept implements Archive.
func (f *Follower) Kept(context.Context) ([]Release, error) {
	all, err := warehouse.Releases(f.dir)
	if err != nil {
		return nil, fmt.Errorf("listing releases: %w", err)
	}
	var out []Release
	for _, rel := range all {
		if rel.Contract == warehouse.ContractVersion {
			out = append(out, ReleaseOf(rel))
		}
	}
	return out, nil
}

// retire gives up the current handle; f.mu is held.
func (f *Follower) retire() error {
	h := f.cur
	f.cur = nil
	if h == nil {
		return nil
	}
	h.retired = true
	if h.readers == 0 {
		return h.db.Close()
	}
	return nil
}

func (f *Follower) leave(h *handle) {
	f.mu.Lock()
	defer f.mu.Unlock()
	h.readers--
	if h.retired && h.readers == 0 {
		h.db.Close() // read-only: there is nothing to lose
	}
}

// Close closes the releases; readers may finish.
func (f *Follower) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return errors.Join(f.retire(), f.earlier.retain(func(warehouse.Release) bool { return false }))
}

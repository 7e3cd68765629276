package dashboards

import (
	"context"
	"errors"
	"os"
	"slices"
	"sync"
	"time"

	"hrinvest/warehouse"
)

// shelf holds a few earlier releases open: opening one takes a while, and each may
// take memory as long as it is open. The one that was not asked for longest makes
// room for another, but never while it is being read; who finds no room waits.
type shelf struct {
	room    int // releases open at once
	wait    time.Duration
	options warehouse.Options

	mu    sync.Mutex
	open  []*shelved    // the last one was asked for last
	freed chan struct{} // closed, and made anew, whenever room may have come
}

// shelved is a release on the shelf.
type shelved struct {
	rel     warehouse.Release
	readers int           // those who wait for it to be opened among them
	ready   chan struct{} // closed when it was opened, or could not be
	db      *warehouse.DB
	err     error
}

// newShelf makes a shelf. A reader of an earlier release is one of few, and gets less
// than those of the current one.
func newShelf(options warehouse.Options) *shelf {
	options.MemoryLimit, options.MaxConns = "256MB", 2
	return &shelf{room: 2, wait: 5 * time.Second, options: options, freed: make(chan struct{})}
}

// take opens a release, or finds it open. done must be called when it is no longer
// read.
func (s *shelf) take(ctx context.Context, rel warehouse.Release) (db *warehouse.DB, done func(), err error) {
	timer := time.NewTimer(s.wait)
	defer timer.Stop()
	for {
		h, mine, freed, err := s.reserve(rel)
		if err != nil {
			return nil, nil, err
		}
		if h == nil {
			select {
			case <-freed:
				continue
			case <-timer.C:
				return nil, nil, ErrBusy
			case <-ctx.Done():
				return nil, nil, context.Cause(ctx)
			}
		}
		if mine {
			h.db, h.err = warehouse.Open(rel.Path, s.options)
			close(h.ready)
		}
		<-h.ready // an opening takes as long as a disk does
		if h.err != nil {
			s.leave(h)
			return nil, nil, h.err
		}
		return h.db, sync.OnceFunc(func() { s.leave(h) }), nil
	}
}

// reserve finds a release, or makes room for it; then it is the caller's to open
// (mine). Without room it returns none, and a channel that is closed when some may
// have come.
func (s *shelf) reserve(rel warehouse.Release) (h *shelved, mine bool, freed chan struct{}, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.IndexFunc(s.open, func(h *shelved) bool { return h.rel.ID == rel.ID }); i >= 0 {
		h = s.open[i]
		s.open = append(slices.Delete(s.open, i, i+1), h)
		h.readers++
		return h, false, nil, nil
	}
	if len(s.open) >= s.room {
		i := slices.IndexFunc(s.open, func(h *shelved) bool { return h.readers == 0 })
		if i < 0 {
			return nil, false, s.freed, nil
		}
		idle := s.open[i]
		s.open = slices.Delete(s.open, i, i+1)
		if err := idle.db.Close(); err != nil {
			return nil, false, nil, err
		}
	}
	h = &shelved{rel: rel, readers: 1, ready: make(chan struct{})}
	s.open = append(s.open, h)
	return h, true, nil, nil
}

// leave ends a reading.
func (s *shelf) leave(h *shelved) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h.readers--
	if h.readers > 0 {
		return
	}
	i := slices.Index(s.open, h)
	switch {
	case h.err != nil && i >= 0: // it could not be opened: the next reader may try again
		s.open = slices.Delete(s.open, i, i+1)
	case i < 0 && h.db != nil: // it was given up while it was read
		h.db.Close() // read-only: there is nothing to lose
	}
	close(s.freed)
	s.freed = make(chan struct{})
}

// retain gives up the releases that are not to be kept; readers may finish.
func (s *shelf) retain(keep func(warehouse.Release) bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	s.open = slices.DeleteFunc(s.open, func(h *shelved) bool {
		if keep(h.rel) {
			return false
		}
		if h.readers == 0 {
			errs = append(errs, h.db.Close())
		}
		return true
	})
	return errors.Join(errs...)
}

// there reports whether a release still has its file: one that was pruned or withdrawn
// must not be held open.
func there(rel warehouse.Release) bool {
	_, err := os.Stat(rel.Path)
	return err == nil
}

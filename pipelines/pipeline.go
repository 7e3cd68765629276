package pipelines

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gofrs/flock"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
	"hrinvest/warehouse"
)

// ErrLocked says that another process refreshes or builds in the same data
// directory.
var ErrLocked = errors.New("another refresh is running in this data directory")

// ErrUnknownSource says that a source id is in no list.
var ErrUnknownSource = errors.New("unknown source")

// Config of a Pipeline.
type Config struct {
	// Dir is the data directory: documents/, releases/, current. Required.
	Dir string
	// Sources to refresh and build. Nil: the usual ones.
	Sources []extractors.Source
	// Offline answers every request from the bundled documents.
	Offline bool
	// Contact is how a publisher reaches whoever runs this program: an address
	// of mail or of a page. "": none, which is said.
	Contact string
	// Fetch says how documents are retrieved; its store, own answers and clock
	// are filled in. Zero: politely, from the network.
	Fetch fetch.Config
	// PriceYear is the base year of constant prices. 0: 2022.
	PriceYear int
	// MemoryLimit and Threads are DuckDB's while building. "": 1GB; 0: all cores.
	MemoryLimit string
	Threads     int
	// KeepReleases is how many releases stay, the current one among them; older
	// ones are removed after a new one is published. 0: 30, a month of nights.
	KeepReleases int
	// Version of the program, written into the release. "": "dev".
	Version string
	// Log receives what an operator should know. Nil: discarded.
	Log *slog.Logger
	// Progress is told as each source is being fetched, was fetched and was
	// parsed, from one goroutine at a time. Nil: nobody is told.
	Progress func(Event)
	// Now is the clock. Nil: time.Now.
	Now func() time.Time
}

// Pipeline refreshes and builds one data directory. Its methods take the
// directory's lock; they may be called from several goroutines, and the one
// that comes second gets ErrLocked.
type Pipeline struct {
	cfg   Config
	store *fetch.Store
}

// New opens a data directory, creating it.
func New(cfg Config) (*Pipeline, error) {
	var err error
	if cfg.Sources == nil {
		cfg.Sources = Sources(Settings{})
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Progress == nil {
		cfg.Progress = func(Event) {}
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.KeepReleases == 0 {
		cfg.KeepReleases = 30
	}
	if cfg.Version == "" {
		cfg.Version = "dev"
	}
	if cfg.MemoryLimit == "" {
		cfg.MemoryLimit = "1GB"
	}
	for _, src := range cfg.Sources {
		e, err := src.Expectations()
		if err == nil {
			err = e.Check()
		}
		if err != nil {
			return nil, fmt.Errorf("registering source %s: %w", src.Info().ID, err)
		}
	}
	p := &Pipeline{cfg: cfg}
	if p.store, err = fetch.NewStore(filepath.Join(cfg.Dir, "documents")); err != nil {
		return nil, err
	}
	return p, nil
}

// Sources lists what the pipeline knows.
func (p *Pipeline) Sources() []extractors.Source { return p.cfg.Sources }

func (p *Pipeline) path(elem ...string) string {
	return filepath.Join(append([]string{p.cfg.Dir}, elem...)...)
}

// lock takes the data directory for this process.
func (p *Pipeline) lock() (unlock func(), err error) {
	if err := os.MkdirAll(p.cfg.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("creating data directory: %w", err)
	}
	l := flock.New(filepath.Join(p.cfg.Dir, "lock"))
	ok, err := l.TryLock()
	if err != nil {
		return nil, fmt.Errorf("locking data directory: %w", err)
	}
	if !ok {
		return nil, ErrLocked
	}
	return func() { l.Unlock() }, nil
}

// pick returns the sources with the given ids; none given: all.
func (p *Pipeline) pick(ids []string) ([]extractors.Source, error) {
	if len(ids) == 0 {
		return p.cfg.Sources, nil
	}
	var out []extractors.Source
	for _, id := range ids {
		i := slices.IndexFunc(p.cfg.Sources, func(s extractors.Source) bool { return s.Info().ID == id })
		if i < 0 {
			return nil, fmt.Errorf("%w %q", ErrUnknownSource, id)
		}
		out = append(out, p.cfg.Sources[i])
	}
	return out, nil
}

// RefreshOptions chooses what a refresh does.
type RefreshOptions struct {
	// Only these sources are fetched; the others keep their documents. Nil: all.
	Only []string
	// Documents is a folder that stands in for the network: every file of it is
	// given to the one source of Only. "": fetch.
	Documents string
}

// Refresh retrieves documents, builds a release from all sources' current
// documents and publishes it. A source that fails keeps its last good documents
// and never blocks the others. The report tells what happened even when an
// error is returned.
func (p *Pipeline) Refresh(ctx context.Context, opt RefreshOptions) (*Report, error) {
	report := &Report{Started: p.cfg.Now().UTC()}
	defer func() { report.Took = p.cfg.Now().Sub(report.Started) }()
	unlock, err := p.lock()
	if err != nil {
		return report, err
	}
	defer unlock()
	chosen, err := p.pick(opt.Only)
	if err != nil {
		return report, err
	}
	if opt.Documents != "" && len(opt.Only) != 1 {
		return report, errors.New("documents can be handed to one source at a time: name it")
	}
	l, err := openLedger(p.path("documents"))
	if err != nil {
		return report, err
	}
	c, err := p.client(p.cfg.Offline)
	if err != nil {
		return report, err
	}
	for _, src := range p.cfg.Sources {
		r := report.source(src.Info())
		wanted := slices.ContainsFunc(chosen, func(c extractors.Source) bool { return c.Info().ID == r.Source })
		switch {
		case wanted && opt.Documents != "":
			err = p.handOver(src, opt.Documents, l, r)
		case wanted && p.cfg.Offline && src.Bundled() == nil:
			// nothing was compiled for it: what was fetched before stays in use
			r.Documents = len(l.shelf(r.Source).Documents)
		case wanted:
			err = p.retrieve(ctx, c, p.cfg.Offline, src, l, r)
		case src.Info().Kind == extractors.Reference && len(l.shelf(r.Source).Documents) == 0 && src.Bundled() != nil:
			// money needs rates, even where only one source was asked for
			var bundled *fetch.Client
			if bundled, err = p.client(true); err == nil {
				err = p.retrieve(ctx, bundled, true, src, l, r)
			}
		}
		if ctx.Err() != nil {
			err = errors.Join(err, fmt.Errorf("refreshing: %w", ctx.Err()))
		}
		if err != nil {
			return report, err
		}
	}
	err = p.build(ctx, l, report)
	return report, errors.Join(err, record(p.cfg.Dir, report, l, p.cfg.Now().UTC()), p.sweep(l))
}

// Build makes a release from the stored documents, without the network.
func (p *Pipeline) Build(ctx context.Context) (*Report, error) {
	report := &Report{Started: p.cfg.Now().UTC()}
	defer func() { report.Took = p.cfg.Now().Sub(report.Started) }()
	unlock, err := p.lock()
	if err != nil {
		return report, err
	}
	defer unlock()
	l, err := openLedger(p.path("documents"))
	if err != nil {
		return report, err
	}
	for _, src := range p.cfg.Sources {
		report.source(src.Info())
	}
	return report, p.build(ctx, l, report)
}

// prune removes releases beyond those that are kept. Readers that hold an open
// one are not disturbed.
func (p *Pipeline) prune() error {
	releases, err := warehouse.Releases(p.cfg.Dir)
	if err != nil {
		return fmt.Errorf("removing old releases: %w", err)
	}
	current, err := warehouse.Current(p.cfg.Dir)
	if err != nil {
		return fmt.Errorf("removing old releases: %w", err)
	}
	for i, r := range releases { // newest first
		if i >= p.cfg.KeepReleases && r.ID != current.ID {
			if err := warehouse.Remove(p.cfg.Dir, r.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// keepRetired is how long a document stays that is no longer in use: longer than
// the releases that were made from it.
const keepRetired = 90 * 24 * time.Hour

// sweep removes documents that have been out of use for long, and what is left
// of downloads that nobody went on with.
func (p *Pipeline) sweep(l *ledger) error {
	inUse := map[string]bool{}
	for _, s := range l.Sources {
		for _, d := range s.Documents {
			inUse[d.SHA256] = true
		}
		if s.Held != nil {
			for _, d := range s.Held.Documents {
				inUse[d.SHA256] = true
			}
		}
	}
	for _, s := range l.Sources {
		for sum, since := range s.Retired {
			if p.cfg.Now().Sub(since) < keepRetired {
				continue
			}
			if !inUse[sum] {
				if err := p.store.Remove(sum); err != nil {
					return err
				}
			}
			delete(s.Retired, sum)
		}
	}
	return errors.Join(p.store.Sweep(p.cfg.Now()), l.save())
}

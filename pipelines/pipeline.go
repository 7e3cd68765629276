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
	// ones are removed after a new one is published. 0: 30, a month of nights; less
	// is refused.
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
	// Free says how many bytes a directory's disk still takes. Nil: what the system
	// says.
	Free func(dir string) (int64, error)
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
	if cfg.Free == nil {
		cfg.Free = freeSpace
	}
	if cfg.KeepReleases == 0 {
		cfg.KeepReleases = 30
	}
	if cfg.KeepReleases < 0 {
		return nil, fmt.Errorf("keeping %d releases: at least 1 stays", cfg.KeepReleases)
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

// openLedger reads which documents are in use. The lock is held.
func (p *Pipeline) openLedger(ctx context.Context) (*ledger, error) {
	l, err := openLedger(p.path("documents"))
	if err != nil {
		return nil, err
	}
	if l.spare {
		p.cfg.Log.Error("the document ledger is damaged; its copy is used", "file", l.path)
	}
	p.store.Withdrawn = l.withdrawnDocuments()
	return l, errors.Join(p.died(l), p.verify(ctx, l))
}

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
	chosen, err := p.pick(opt.Only)
	if err != nil {
		return report, err
	}
	if opt.Documents != "" && len(opt.Only) != 1 {
		return report, errors.New("documents can be handed to one source at a time: name it")
	}
	unlock, err := p.lock()
	if err != nil {
		return report, err
	}
	defer unlock()
	var l *ledger
	if err = p.preflight(); err == nil {
		l, err = p.openLedger(ctx)
	}
	if err == nil {
		err = p.gather(ctx, chosen, opt.Documents, l, report)
	}
	if err == nil {
		err = p.build(ctx, l, BuildOptions{}, report)
	}
	if err != nil && ctx.Err() != nil {
		report.stopped = true
		err = fmt.Errorf("stopped before it was done; what is served stays: %w", context.Cause(ctx))
	}
	err = errors.Join(err, p.record(report, l, err))
	if err == nil {
		err = p.sweep(ctx, l)
	}
	return report, err
}

// gather retrieves the documents of the chosen sources, or takes them from a folder.
func (p *Pipeline) gather(ctx context.Context, chosen []extractors.Source, documents string, l *ledger, report *Report) error {
	c, err := p.client(p.store, p.cfg.Offline)
	if err != nil {
		return err
	}
	for _, src := range p.cfg.Sources {
		r := report.source(src.Info())
		r.Documents = len(l.shelf(r.Source).Documents)
		wanted := slices.ContainsFunc(chosen, func(c extractors.Source) bool { return c.Info().ID == r.Source })
		switch {
		case wanted && documents != "":
			err = p.handOver(ctx, src, documents, l, r)
		case wanted && p.cfg.Offline && src.Bundled() == nil:
			// nothing was compiled for it: what was fetched before stays in use
		case wanted && p.cfg.Offline:
			err = p.bundled(ctx, c, src, l, r)
		case wanted:
			err = p.retrieve(ctx, c, src, l, r)
		case src.Info().Kind == extractors.Reference && len(l.shelf(r.Source).Documents) == 0 && src.Bundled() != nil:
			// money needs rates, even where only one source was asked for
			var compiled *fetch.Client
			if compiled, err = p.client(p.store, true); err == nil {
				err = p.bundled(ctx, compiled, src, l, r)
			}
		}
		if ctx.Err() != nil {
			err = errors.Join(err, fmt.Errorf("refreshing: %w", ctx.Err()))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Build makes a release from the stored documents, without the network.
func (p *Pipeline) Build(ctx context.Context, opt BuildOptions) (*Report, error) {
	report := &Report{Started: p.cfg.Now().UTC()}
	defer func() { report.Took = p.cfg.Now().Sub(report.Started) }()
	if _, err := p.pick(opt.Without); err != nil {
		return report, err
	}
	unlock, err := p.lock()
	if err != nil {
		return report, err
	}
	defer unlock()
	l, err := p.openLedger(ctx)
	if err != nil {
		return report, err
	}
	for _, src := range p.cfg.Sources {
		report.source(src.Info())
	}
	err = p.build(ctx, l, opt, report)
	return report, errors.Join(err, p.rebuilt(report, l, err))
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

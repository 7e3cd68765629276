package pipelines

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
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
	// Sources to refresh and build. Nil: Sources().
	Sources []extractors.Source
	// Offline answers every request from the bundled documents.
	Offline bool
	// Transport answers requests when not Offline. Nil: http.DefaultTransport.
	Transport http.RoundTripper
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
	// Progress is called as each source is fetched or parsed. Nil: not called.
	Progress func(SourceReport)
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
		cfg.Sources = Sources()
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Progress == nil {
		cfg.Progress = func(SourceReport) {}
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
	p := &Pipeline{cfg: cfg}
	if p.store, err = fetch.NewStore(filepath.Join(cfg.Dir, "documents")); err != nil {
		return nil, err
	}
	return p, nil
}

// Sources lists what the pipeline knows.
func (p *Pipeline) Sources() []extractors.Source { return p.cfg.Sources }

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
	l, err := openLedger(filepath.Join(p.cfg.Dir, "documents"))
	if err != nil {
		return report, err
	}
	live, err := p.client(p.cfg.Offline)
	if err != nil {
		return report, err
	}
	for _, src := range p.cfg.Sources {
		r := report.source(src.Info())
		wanted := slices.ContainsFunc(chosen, func(c extractors.Source) bool { return c.Info().ID == r.Source })
		switch {
		case wanted && opt.Documents != "":
			docs, unknown, err := p.give(src, opt.Documents)
			if err != nil {
				return report, err
			}
			r.Unknown = unknown
			if len(docs) == 0 {
				return report, fmt.Errorf("no file under %s is a document of source %s", opt.Documents, r.Source)
			}
			l.Sources[r.Source] = nil
			for _, d := range docs {
				l.put(d)
			}
			r.fetched(nil)
		case wanted:
			r.fetched(p.fetch(ctx, live, src, l))
		case src.Info().Kind == extractors.Reference && len(l.Sources[r.Source]) == 0:
			// money needs rates, even where only one source was asked for
			bundled, err := p.client(true)
			if err != nil {
				return report, err
			}
			r.fetched(p.fetch(ctx, bundled, src, l))
		}
		if ctx.Err() != nil {
			return report, fmt.Errorf("refreshing: %w", ctx.Err())
		}
	}
	if err := l.save(); err != nil {
		return report, err
	}
	err = p.build(ctx, l, report)
	return report, errors.Join(err, record(p.cfg.Dir, report, p.cfg.Now().UTC()))
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
	l, err := openLedger(filepath.Join(p.cfg.Dir, "documents"))
	if err != nil {
		return report, err
	}
	for _, src := range p.cfg.Sources {
		report.source(src.Info())
	}
	return report, p.build(ctx, l, report)
}

// client retrieves documents. Offline, every address is answered from the
// bundles; else only the sheets that this project itself publishes (urn:) are.
func (p *Pipeline) client(offline bool) (*fetch.Client, error) {
	bundles := make([]fs.FS, len(p.cfg.Sources))
	for i, s := range p.cfg.Sources {
		bundles[i] = s.Bundled()
	}
	bundled, err := fetch.NewOffline(bundles...)
	if err != nil {
		return nil, err
	}
	transport := http.RoundTripper(bundled)
	if !offline {
		live := p.cfg.Transport
		if live == nil {
			live = http.DefaultTransport
		}
		transport = roundTrip(func(req *http.Request) (*http.Response, error) {
			if req.URL.Scheme == "urn" {
				return bundled.RoundTrip(req)
			}
			return live.RoundTrip(req)
		})
	}
	return fetch.New(fetch.Config{Store: p.store, Transport: transport, Now: p.cfg.Now}), nil
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// fetch brings a source's documents into use, each as it is stored: what came
// before a failure is kept.
func (p *Pipeline) fetch(ctx context.Context, c *fetch.Client, src extractors.Source, l *ledger) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("fetching %s: panic: %v", src.Info().ID, r)
		}
	}()
	return src.Fetch(ctx, c, func(d fetch.Document) error {
		d.Source, d.Licence = src.Info().ID, src.Info().Licence
		l.put(d)
		return nil
	})
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

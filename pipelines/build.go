package pipelines

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/apache/arrow/go/v17/arrow/array"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
	"hrinvest/transforms"
	"hrinvest/warehouse"
)

// parsed is a source with what normalising it gave.
type parsed struct {
	info   extractors.Info
	docs   extractors.Set
	counts transforms.Counts
}

// build makes a release from the ledger's documents: reference sources first,
// then money; normalise, load, views, checks, publish. It publishes nothing
// when any source fails to parse or a check fails.
func (p *Pipeline) build(ctx context.Context, l *ledger, report *Report) error {
	spool, err := os.MkdirTemp(p.cfg.Dir, ".spool-")
	if err != nil {
		return fmt.Errorf("building: %w", err)
	}
	defer os.RemoveAll(spool)
	withheld, err := warehouse.Withheld()
	if err != nil {
		return fmt.Errorf("building: %w", err)
	}
	n, err := transforms.New(transforms.Config{Dir: spool, Withheld: func(iso3 string) bool { return withheld[iso3] }})
	if err != nil {
		return fmt.Errorf("building: %w", err)
	}
	var all []parsed
	for _, kind := range []extractors.SourceKind{extractors.Reference, extractors.Money} {
		for _, src := range p.cfg.Sources {
			if src.Info().Kind != kind {
				continue
			}
			one, err := p.parse(ctx, n, src, l, report.source(src.Info()))
			if err != nil {
				return fmt.Errorf("building: %w", err)
			}
			all = append(all, one)
		}
	}
	tables, err := n.Finish()
	if err != nil {
		return fmt.Errorf("building: %w", err)
	}
	defer tables.Release()
	return p.load(ctx, tables, all, report)
}

// parse runs one source's Parse into the normaliser.
func (p *Pipeline) parse(ctx context.Context, n *transforms.Normaliser, src extractors.Source, l *ledger, r *SourceReport) (parsed, error) {
	info := src.Info()
	start := p.cfg.Now()
	var docs extractors.Set
	for _, d := range l.Sources[info.ID] {
		r.Bundled = r.Bundled || d.Origin == fetch.Bundled
		docs = append(docs, p.store.Attach(d))
	}
	sink := n.Source(info, docs)
	if len(docs) > 0 {
		if err := src.Parse(ctx, docs, sink); err != nil {
			return parsed{}, fmt.Errorf("parsing %s: %w", info.ID, err)
		}
	}
	counts, err := sink.Close()
	if err != nil {
		return parsed{}, err
	}
	r.Documents, r.Parsed, r.Loaded, r.OutOfScope, r.Rejected = len(docs), counts.Parsed, counts.Loaded, counts.OutOfScope, counts.Rejected
	r.Flows, r.Observations, r.Reasons, r.Took = counts.Flows, counts.Observations, counts.Reasons, p.cfg.Now().Sub(start)
	p.cfg.Progress(*r)
	return parsed{info, docs, counts}, nil
}

// load fills a fresh database and publishes it.
func (p *Pipeline) load(ctx context.Context, tables *transforms.Tables, all []parsed, report *Report) (err error) {
	b, err := warehouse.Create(ctx, warehouse.Config{Dir: p.cfg.Dir, MemoryLimit: p.cfg.MemoryLimit, Threads: p.cfg.Threads, Now: p.cfg.Now})
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.Discard())
		}
	}()
	documents, sources := p.inventory(all)
	vocabularies, err := transforms.Vocabularies()
	if err != nil {
		return err
	}
	for _, r := range append([]array.RecordReader{tables.Flows, tables.Disclosures, tables.Observations, documents, sources}, vocabularies...) {
		if _, err := b.Load(ctx, r.Schema(), r); err != nil {
			return err
		}
	}
	if err := b.Reference(ctx); err != nil {
		return err
	}
	if err := b.Views(ctx); err != nil {
		return err
	}
	findings, err := b.Check(ctx)
	if err != nil {
		return err
	}
	for _, f := range findings {
		if f.Failed() {
			err = errors.Join(err, fmt.Errorf("check %s: %s", f.Check, f))
		} else {
			report.Warnings = append(report.Warnings, f.String())
		}
	}
	if err != nil {
		return fmt.Errorf("release not published: %w", err)
	}
	release, err := b.Publish(ctx, warehouse.Meta{Version: p.cfg.Version})
	if errors.Is(err, warehouse.ErrNothingNew) {
		report.NothingNew, report.Release, report.Hash = true, release.ID, release.Hash
		return nil
	}
	if err != nil {
		return err
	}
	report.Release, report.Hash = release.ID, release.Hash
	p.metrics.published(release.PublishedAt)
	return nil
}

// inventory makes the tables documents and sources. A document whose every
// statement is withheld keeps neither its name nor its address.
func (p *Pipeline) inventory(all []parsed) (documents, sources array.RecordReader) {
	var docs, srcs []map[string]any
	for _, s := range all {
		origins := map[fetch.Origin]bool{}
		cutoff := ""
		for _, d := range s.docs {
			c := s.counts.ByDocument[d.SHA256]
			origins[d.Origin] = true
			name, url := d.Name, d.URL
			if c.Withheld {
				name, url = "withheld", ""
			}
			docs = append(docs, map[string]any{
				"source": s.info.ID, "role": d.Role, "name": name, "url": url, "sha256": d.SHA256, "size": d.Size,
				"content_type": d.ContentType, "retrieved": d.Retrieved, "origin": string(d.Origin), "licence": s.info.Licence,
				"compiled": d.Compiled, "cites": d.Cites, "parsed": c.Parsed, "loaded": c.Loaded, "out_of_scope": c.OutOfScope,
				"rejected": c.Rejected, "observations": c.Observations,
			})
			cut := d.Compiled
			if cut == "" {
				cut = d.Retrieved.UTC().Format(time.DateOnly)
			}
			cutoff = max(cutoff, cut)
		}
		origin := ""
		switch {
		case len(origins) > 1:
			origin = "mixed"
		case len(s.docs) > 0:
			origin = string(s.docs[0].Origin)
		}
		srcs = append(srcs, map[string]any{
			"source": s.info.ID, "title": s.info.Title, "publisher": s.info.Publisher, "home": s.info.Home, "licence": s.info.Licence,
			"kind": string(s.info.Kind), "spent": string(s.info.Spent), "authority": s.info.Authority, "frozen": s.info.Frozen,
			"documents": len(s.docs), "parsed": s.counts.Parsed, "loaded": s.counts.Loaded, "out_of_scope": s.counts.OutOfScope,
			"rejected": s.counts.Rejected, "observations": s.counts.Observations, "cutoff": cutoff, "origin": origin,
		})
	}
	return transforms.Reader(transforms.DocumentSchema, docs), transforms.Reader(transforms.SourceSchema, srcs)
}

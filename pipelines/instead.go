package pipelines

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
	"hrinvest/transforms"
	"hrinvest/warehouse"
)

// BuildOptions chooses what a build does.
type BuildOptions struct {
	// Without are sources whose absence from the release is accepted if they cannot
	// be read. Nil: nothing of what is served goes because it cannot be read.
	Without []string
}

// choice is what a build makes a release of: by source the documents in use, those
// of the last release where these cannot be read, or none.
type choice map[string]chosen

type chosen struct {
	docs []fetch.Document
	rank int // 0: in use; 1: of the last release; 2: none
}

func choose(l *ledger, sources []extractors.Source) choice {
	c := choice{}
	for _, src := range sources {
		id := src.Info().ID
		c[id] = chosen{docs: l.shelf(id).Documents}
	}
	return c
}

// instead chooses other documents for a source whose chosen ones cannot be read:
// those of the last release, which were. If not even they can be (it is the program
// that changed), nothing is published, for a source must not vanish from what is
// served; unless nothing of it is served, or an operator said that it may.
func (p *Pipeline) instead(ctx context.Context, l *ledger, c choice, bad *unread, opt BuildOptions, r *SourceReport) error {
	if r.Defect == "" {
		r.Defect = bad.Error()
	}
	if s := l.shelf(bad.source); c[bad.source].rank == 0 && !s.Proven && len(s.Before) > 0 {
		c[bad.source] = chosen{s.Before, 1}
		return nil
	}
	if !slices.Contains(opt.Without, bad.source) {
		n, err := p.served(ctx, bad.source)
		if err != nil {
			return errors.Join(bad, err)
		}
		if n > 0 {
			return fmt.Errorf("%w\nnothing is published, since %d rows of %s that are served now would be gone from the release. If it may be without them: hrinvest build --without %s",
				bad, n, bad.source, bad.source)
		}
	}
	c[bad.source] = chosen{nil, 2}
	return nil
}

// served counts the rows of a source in the release that is served.
func (p *Pipeline) served(ctx context.Context, source string) (n int64, err error) {
	current, err := warehouse.Current(p.cfg.Dir)
	if errors.Is(err, warehouse.ErrNoRelease) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	db, err := warehouse.Open(current.Path, warehouse.Options{})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	t, err := db.Query(ctx, "SELECT coalesce(sum(loaded + observations), 0)::BIGINT FROM sources WHERE source = ?", source)
	if err != nil {
		return 0, fmt.Errorf("counting what is served of %s: %w", source, err)
	}
	return strconv.ParseInt(warehouse.Text(t.Rows[0][0]), 10, 64)
}

// normalise parses the chosen documents of every source: reference sources first,
// then money. It is begun again with other documents for a source that fails, for
// what it found until then is among the rest.
func (p *Pipeline) normalise(ctx context.Context, cfg transforms.Config, l *ledger, c choice, opt BuildOptions, report *Report) (*transforms.Normaliser, []parsed, error) {
	for {
		n, err := transforms.New(cfg)
		if err != nil {
			return nil, nil, err
		}
		all, err := p.parseAll(ctx, n, l, c, report)
		bad := (*unread)(nil)
		if !errors.As(err, &bad) {
			return n, all, err
		}
		if err := p.instead(ctx, l, c, bad, opt, report.of(bad.source)); err != nil {
			return nil, nil, err
		}
	}
}

func (p *Pipeline) parseAll(ctx context.Context, n *transforms.Normaliser, l *ledger, c choice, report *Report) (all []parsed, err error) {
	for _, kind := range []extractors.SourceKind{extractors.Reference, extractors.Money} {
		for _, src := range byAuthority(p.cfg.Sources) {
			if src.Info().Kind != kind {
				continue
			}
			id := src.Info().ID
			one, err := p.parse(ctx, n, src, l.shelf(id), c[id].docs, report.source(src.Info()))
			if err != nil {
				return nil, err
			}
			all = append(all, one)
		}
	}
	return all, nil
}

// proven notes of which documents the release was made.
func (c choice) proven(l *ledger) {
	for id, one := range c {
		if one.rank == 0 {
			l.shelf(id).proven()
		}
	}
}

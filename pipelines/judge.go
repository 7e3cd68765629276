package pipelines

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
)

// judge brings a set of documents into use if its live ones look as expected,
// and holds it back if not. A single document that does not is held back alone, and
// one that cannot be read is left out, as if it had not come.
// Of a fetch that failed in part nothing is held back, for nobody can tell what is
// missing from what is wrong: it stays out of use, and what waits for approval
// from before goes on waiting. After a week of that it is judged as it is.
func (p *Pipeline) judge(ctx context.Context, src extractors.Source, s *shelf, candidate []fetch.Document, settled bool, r *SourceReport) error {
	wanted := candidate
	findings, measure, err := p.compare(ctx, src, s, candidate)
	const most = 5 // documents that are left out one by one
	bad := (*unread)(nil)
	for tried := 0; errors.As(err, &bad); tried++ {
		r.fetched(err)
		rest := putBack(candidate, s.Documents, bad.document)
		if rest == nil || same(rest, s.Documents) || tried == most {
			return nil // nothing of it comes into use
		}
		candidate, wanted = rest, rest
		findings, measure, err = p.compare(ctx, src, s, candidate)
	}
	if err != nil {
		return err
	}
	if alone := backed(candidate, s.Documents, findings); alone != nil {
		rest, m, err := p.compare(ctx, src, s, alone)
		if err != nil {
			return err
		}
		if len(rest) == 0 {
			candidate, measure = alone, m
		}
	}
	var reasons []string
	for _, f := range findings {
		reasons = append(reasons, says(f))
	}
	switch {
	case len(findings) > 0 && settled:
		s.hold(wanted, reasons, p.cfg.Now())
	case len(findings) > 0:
		r.Error += "; what came does not look as expected and was left out: " + strings.Join(reasons, "; ")
	case settled:
		s.Held = nil
	}
	if len(findings) > 0 && same(candidate, wanted) {
		return nil // nothing of it comes into use
	}
	r.Changed = changed(s.Documents, candidate)
	s.Partial = !settled && (s.Partial || len(live(s.Documents)) == 0)
	s.use(candidate, p.cfg.Now())
	s.measured(measure, p.cfg.Version)
	return nil
}

// compare measures the live documents of a set and judges them against those in
// use. Bundled and handed-over documents are not judged.
func (p *Pipeline) compare(ctx context.Context, src extractors.Source, s *shelf, docs []fetch.Document) ([]extractors.Finding, *extractors.Measure, error) {
	counted := live
	if src.Info().Editions { // one edition says little: all of them together are looked at
		counted = slices.Clone
	}
	if len(live(docs)) == 0 {
		return nil, nil, nil
	}
	expected, err := src.Expectations()
	if err != nil {
		return nil, nil, fmt.Errorf("source %s: %w", src.Info().ID, err)
	}
	if (s.Measure == nil || s.MeasuredBy != p.cfg.Version) && len(counted(s.Documents)) > 0 {
		// of documents from before, or counted by another program
		m, err := p.measure(ctx, src, s, counted(s.Documents))
		if err != nil && ctx.Err() != nil {
			return nil, nil, err
		}
		if err == nil {
			s.Peak = nil
			s.measured(m, p.cfg.Version)
		}
	}
	now, err := p.measure(ctx, src, s, counted(docs))
	if err != nil {
		return nil, nil, err
	}
	if len(counted(s.Documents)) == 0 || s.Partial { // half of what is published is no measure of it
		return expected.Judge(*now, nil), now, nil
	}
	findings := expected.Judge(*now, s.Measure)
	if len(findings) == 0 && s.Peak != nil {
		findings = expected.Declined(*now, *s.Peak)
	}
	return findings, now, nil
}

// measure parses documents and counts.
func (p *Pipeline) measure(ctx context.Context, src extractors.Source, s *shelf, docs []fetch.Document) (*extractors.Measure, error) {
	var set extractors.Set
	for _, d := range docs {
		set = append(set, p.store.Attach(d))
	}
	var m extractors.Measure
	err := p.read(ctx, src.Info(), s, set, nil, func(docs extractors.Set, _ extractors.Sink) (err error) {
		m, err = extractors.Measured(ctx, src, docs)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &m, nil
}

// measured counts, for a dry run. A source whose Parse fails or panics on documents has found a
// way to be wrong: it is an error of that source.
func measured(ctx context.Context, src extractors.Source, docs extractors.Set) (m extractors.Measure, err error) {
	err = guarded("parsing "+src.Info().ID, func() (err error) { m, err = extractors.Measured(ctx, src, docs); return err })
	return m, err
}

// backed is a set with the documents that findings are about put back to those
// in use; nil when no finding is about a single one.
func backed(docs, inUse []fetch.Document, findings []extractors.Finding) []fetch.Document {
	bad := map[string]bool{}
	for _, f := range findings {
		bad[f.Document] = f.Document != ""
	}
	var out []fetch.Document
	any := false
	for _, d := range docs {
		if i := slices.IndexFunc(inUse, func(o fetch.Document) bool { return o.URL == d.URL }); bad[d.URL] && i >= 0 {
			d, any = inUse[i], true
		}
		out = append(out, d)
	}
	if !any {
		return nil
	}
	return out
}

// putBack is a set with the document of an address put back to the one in use, or
// left out; nil when that changes nothing.
func putBack(docs, inUse []fetch.Document, url string) []fetch.Document {
	if back := backed(docs, inUse, []extractors.Finding{{Document: url}}); back != nil && !same(back, docs) {
		return back
	}
	out := slices.DeleteFunc(slices.Clone(docs), func(d fetch.Document) bool {
		return d.URL == url && !slices.ContainsFunc(inUse, func(o fetch.Document) bool { return o.URL == url })
	})
	if len(out) == len(docs) {
		return nil
	}
	return out
}

func says(f extractors.Finding) string {
	if f.Document == "" {
		return f.What
	}
	return f.Document + ": " + f.What
}

// changed counts the documents of a set that were not in use before.
func changed(before, after []fetch.Document) (n int) {
	was := map[string]bool{}
	for _, d := range before {
		was[d.URL+" "+d.SHA256] = true
	}
	for _, d := range after {
		if !was[d.URL+" "+d.SHA256] {
			n++
		}
	}
	return n
}

// Approve brings the documents of a source that were held back into use, and
// builds. It is what an operator does who has looked at the reasons. hold is the id
// of what they looked at: something else may be held back by now. "": whatever is.
func (p *Pipeline) Approve(ctx context.Context, id, hold string) (*Report, error) {
	report := &Report{Started: p.cfg.Now().UTC()}
	defer func() { report.Took = p.cfg.Now().Sub(report.Started) }()
	if _, err := p.pick([]string{id}); err != nil {
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
	if err := l.shelf(id).approve(id, hold, p.cfg.Now()); err != nil {
		return report, err
	}
	for _, src := range p.cfg.Sources {
		report.source(src.Info())
	}
	if err := l.save(); err != nil {
		return report, err
	}
	err = p.build(ctx, l, BuildOptions{}, report)
	return report, errors.Join(err, p.record(report, l, err))
}

// approve brings what is held back into use, and begins to compare anew.
func (s *shelf) approve(id, hold string, now time.Time) error {
	switch {
	case s.Held == nil:
		return fmt.Errorf("%w: %s", ErrNothingHeld, id)
	case hold != "" && hold != s.Held.id():
		return fmt.Errorf("%w: %s of %s is not, %s is", ErrNothingHeld, hold, id, s.Held.id())
	}
	s.use(s.Held.Documents, now)
	s.Held, s.Measure, s.MeasuredBy, s.Peak, s.Partial = nil, nil, "", nil, false
	return nil
}

// ErrNothingHeld says that no documents of a source wait for approval.
var ErrNothingHeld = errors.New("nothing is held back")

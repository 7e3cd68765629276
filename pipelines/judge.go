package pipelines

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
)

// judge brings a set of documents into use if its live ones look as expected,
// and holds it back if not. A single document that does not is held back alone.
// Of a fetch that failed in part nothing is held back, for nobody can tell what is
// missing from what is wrong: it stays out of use, and what waits for approval
// from before goes on waiting. After a week of that it is judged as it is.
func (p *Pipeline) judge(ctx context.Context, src extractors.Source, s *shelf, candidate []fetch.Document, settled bool, r *SourceReport) error {
	wanted := candidate
	findings, measure, err := p.compare(ctx, src, s, candidate)
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
		m, err := p.measure(ctx, src, counted(s.Documents))
		if err != nil && ctx.Err() != nil {
			return nil, nil, err
		}
		if err == nil {
			s.Peak = nil
			s.measured(m, p.cfg.Version)
		}
	}
	now, err := p.measure(ctx, src, counted(docs))
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
func (p *Pipeline) measure(ctx context.Context, src extractors.Source, docs []fetch.Document) (*extractors.Measure, error) {
	var set extractors.Set
	for _, d := range docs {
		set = append(set, p.store.Attach(d))
	}
	m, err := measured(ctx, src, set)
	if err != nil {
		return nil, err
	}
	return &m, nil
}

// measured counts. A source whose Parse fails or panics on documents has found a
// way to be wrong: it is an error of that source.
func measured(ctx context.Context, src extractors.Source, docs extractors.Set) (m extractors.Measure, err error) {
	err = guarded("parsing "+src.Info().ID, func() (err error) { m, err = extractors.Measured(ctx, src, docs); return err })
	return m, err
}

// errPanic is a defect of a source.
var errPanic = errors.New("panic")

// guarded runs what a source does; a defect in it is an error of that source.
func guarded(doing string, f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &panicked{fmt.Errorf("%s: %w: %v", doing, errPanic, r), debug.Stack()}
		}
	}()
	if err := f(); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// panicked is a panic with where it happened, for the log.
type panicked struct {
	error
	stack []byte
}

func (e *panicked) Unwrap() error { return e.error }

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
	l, err := p.openLedger()
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
	err = p.build(ctx, l, report)
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

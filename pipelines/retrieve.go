package pipelines

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
)

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
	cfg := p.cfg.Fetch
	cfg.Store, cfg.Own, cfg.Now = p.store, bundled, p.cfg.Now
	if cfg.UserAgent == "" {
		cfg.UserAgent = userAgent(p.cfg.Version, p.cfg.Contact)
	}
	if cfg.Budgets == "" {
		cfg.Budgets = p.path("documents", "budgets.json")
	}
	if offline {
		cfg.Transport, cfg.Local = bundled, true
	}
	return fetch.New(cfg)
}

// userAgent says who asks and how to reach whoever runs this program.
func userAgent(version, contact string) string {
	if contact == "" {
		contact = "no contact configured"
	}
	return fmt.Sprintf("hrinvest/%s (harm reduction funding tracker; %s)", version, contact)
}

// view is what retrieving for a source needs to know: its documents in use, or
// held back, that are still in the store and of the origin that is asked for.
func (p *Pipeline) view(src extractors.Source, s *shelf, offline bool) fetch.View {
	docs := s.Documents
	if s.Held != nil { // the newest that was seen
		docs = slices.Concat(s.Held.Documents, docs)
	}
	known := map[string]fetch.Document{}
	for _, d := range docs {
		_, seen := known[d.URL]
		if own := d.Origin == fetch.Bundled; !seen && (own == offline || isURN(d.URL)) && d.Origin != fetch.Given && p.store.Has(d.SHA256) {
			known[d.URL] = p.store.Attach(d)
		}
	}
	info := src.Info()
	return fetch.View{
		Known:   func(url string) (fetch.Document, bool) { d, ok := known[url]; return d, ok },
		Refused: func(url string) (fetch.Refusal, bool) { r, ok := s.Refused[url]; return r, ok && !offline },
		Hosts:   info.Hosts, MaxBytes: info.MaxBytes,
	}
}

func isURN(address string) bool { return len(address) > 4 && address[:4] == "urn:" }

// retrieve fetches a source and brings into use what looks as expected. The last
// good documents stay in use wherever something is wrong.
func (p *Pipeline) retrieve(ctx context.Context, c *fetch.Client, offline bool, src extractors.Source, l *ledger, r *SourceReport) error {
	info, s := src.Info(), l.shelf(src.Info().ID)
	c = c.For(p.view(src, s, offline))
	stop := p.watch(info.ID, c)
	gathered, kept := newSet(s.Documents, info.Editions), map[string]bool{}
	err := fetchFrom(ctx, c, src, func(d fetch.Document) error {
		d.Source = info.ID
		if d.Licence == "" {
			d.Licence = info.Licence
		}
		kept[d.URL] = true
		gathered.put(d)
		return nil
	})
	stop()
	if r.Usage = c.Usage(); !offline {
		s.Refused = c.Refusals()
	}
	candidate := gathered.list()
	complete := fetch.Complete(err)
	if complete && !info.Editions {
		candidate = retire(candidate, kept, info.Additive)
	}
	r.fetched(err)
	switch {
	case !same(candidate, s.Documents):
		if err := p.judge(ctx, src, s, candidate, r); err != nil {
			if ctx.Err() != nil {
				return err
			}
			r.fetched(err) // what came cannot even be parsed: the last good stays
		}
	default:
		s.Documents = candidate // the same bytes, perhaps under a newer stamp
		if complete {
			s.Held = nil // what was held back is no longer offered
		}
	}
	r.Documents = len(s.Documents)
	p.cfg.Progress(Event{Source: info.ID, Phase: Fetched, Report: *r})
	return l.save()
}

// fetchFrom runs a source's Fetch; a defect in it is an error of that source.
func fetchFrom(ctx context.Context, c *fetch.Client, src extractors.Source, keep func(fetch.Document) error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("fetching %s: panic: %v", src.Info().ID, r)
		}
	}()
	return src.Fetch(ctx, c, keep)
}

// retire takes out of a set what a complete fetch did not keep: live documents
// the publisher no longer offers, bundled ones, and what an operator handed over
// in their place, unless the source's documents add to each other.
func retire(docs []fetch.Document, kept map[string]bool, additive bool) []fetch.Document {
	anyLive := slices.ContainsFunc(docs, func(d fetch.Document) bool { return d.Origin == fetch.Live && kept[d.URL] })
	return slices.DeleteFunc(slices.Clone(docs), func(d fetch.Document) bool {
		return anyLive && !kept[d.URL] && (d.Origin != fetch.Given || !additive)
	})
}

// judge brings a set of documents into use if its live ones look as expected,
// and holds it back if not. A single document that does not is held back alone.
func (p *Pipeline) judge(ctx context.Context, src extractors.Source, s *shelf, candidate []fetch.Document, r *SourceReport) error {
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
	for _, f := range findings {
		r.Held = append(r.Held, says(f))
	}
	switch {
	case len(findings) == 0:
		s.Held = nil
	case s.Held == nil || !same(s.Held.Documents, wanted):
		s.Held = &held{wanted, r.Held, p.cfg.Now().UTC()}
	}
	if len(findings) > 0 && same(candidate, wanted) {
		return nil // nothing of it comes into use
	}
	r.Changed = changed(s.Documents, candidate)
	s.use(candidate, p.cfg.Now())
	s.Measure, s.MeasuredBy = measure, p.cfg.Version
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
			s.Measure, s.MeasuredBy = m, p.cfg.Version
		}
	}
	last := s.Measure
	if len(counted(s.Documents)) == 0 {
		last = nil
	}
	now, err := p.measure(ctx, src, counted(docs))
	if err != nil {
		return nil, nil, err
	}
	return expected.Judge(*now, last), now, nil
}

// measure parses documents and counts. A source whose Parse fails or
// panics on them has found a way to be wrong: it is an error of that source.
func (p *Pipeline) measure(ctx context.Context, src extractors.Source, docs []fetch.Document) (_ *extractors.Measure, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("parsing %s: panic: %v", src.Info().ID, r)
		}
	}()
	var set extractors.Set
	for _, d := range docs {
		set = append(set, p.store.Attach(d))
	}
	m, err := extractors.Measured(ctx, src, set)
	if err != nil {
		return nil, fmt.Errorf("parsing %s: %w", src.Info().ID, err)
	}
	return &m, nil
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
// builds. It is what an operator does who has looked at the reasons.
func (p *Pipeline) Approve(ctx context.Context, id string) (*Report, error) {
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
	l, err := openLedger(p.path("documents"))
	if err != nil {
		return report, err
	}
	s := l.shelf(id)
	if s.Held == nil {
		return report, fmt.Errorf("%w: %s", ErrNothingHeld, id)
	}
	s.use(s.Held.Documents, p.cfg.Now())
	s.Held, s.Measure, s.MeasuredBy = nil, nil, ""
	for _, src := range p.cfg.Sources {
		report.source(src.Info())
	}
	if err := l.save(); err != nil {
		return report, err
	}
	err = p.build(ctx, l, report)
	return report, errors.Join(err, record(p.cfg.Dir, report, l, p.cfg.Now().UTC()))
}

// ErrNothingHeld says that no documents of a source wait for approval.
var ErrNothingHeld = errors.New("nothing is held back")

// Trial is how a source answered in a dry run.
type Trial struct {
	Source  string        `json:"source"`
	Address string        `json:"address,omitempty"` // of the document that was tried
	Role    string        `json:"role,omitempty"`    // what it was recognised as
	Bytes   int64         `json:"bytes"`
	Rows    int           `json:"rows"` // that could be read of its beginning
	Took    time.Duration `json:"took"`
	Error   string        `json:"error,omitempty"` // why it does not look right
}

var errEnough = errors.New("enough")

// Try retrieves the beginning of one document of each source and says whether it
// still looks right. Nothing is stored, and nothing comes into use.
func (p *Pipeline) Try(ctx context.Context, only []string, done func(Trial)) ([]Trial, error) {
	chosen, err := p.pick(only)
	if err != nil {
		return nil, err
	}
	unlock, err := p.lock() // budgets per hour are counted in one place
	if err != nil {
		return nil, err
	}
	defer unlock()
	c, err := p.client(p.cfg.Offline)
	if err != nil {
		return nil, err
	}
	var trials []Trial
	for _, src := range chosen {
		if p.cfg.Offline && src.Bundled() == nil {
			continue
		}
		t := p.try(ctx, c, src)
		trials = append(trials, t)
		done(t)
		if ctx.Err() != nil {
			return trials, ctx.Err()
		}
	}
	return trials, nil
}

func (p *Pipeline) try(ctx context.Context, c *fetch.Client, src extractors.Source) Trial {
	info, start := src.Info(), time.Now()
	c = c.For(fetch.View{Hosts: info.Hosts, MaxBytes: info.MaxBytes, Sample: true})
	t := Trial{Source: info.ID}
	var got fetch.Document
	err := fetchFrom(ctx, c, src, func(d fetch.Document) error {
		got = d
		return errEnough
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	t.Address, t.Role, t.Bytes = got.URL, got.Role, c.Usage().Bytes
	switch {
	case err != nil:
	case got.URL == "":
		err = errors.New("nothing came")
	case got.Role == "":
		err = errors.New("not recognised as a document of this source")
	default:
		// a beginning breaks off somewhere: only what can be read of it counts
		if m, parseErr := extractors.Measured(ctx, src, extractors.Set{got}); parseErr == nil {
			t.Rows = m.All.Rows
		}
	}
	if t.Took = time.Since(start); err != nil {
		t.Error = err.Error()
	}
	return t
}

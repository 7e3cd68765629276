package pipelines

import (
	"context"
	"fmt"
	"io/fs"
	"slices"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
)

// client retrieves documents. Offline, every address is answered from the
// bundles; else only the sheets that this project itself publishes (urn:) are.
func (p *Pipeline) client(store *fetch.Store, offline bool) (*fetch.Client, error) {
	bundles := make([]fs.FS, len(p.cfg.Sources))
	for i, s := range p.cfg.Sources {
		bundles[i] = s.Bundled()
	}
	bundled, err := fetch.NewOffline(bundles...)
	if err != nil {
		return nil, err
	}
	cfg := p.cfg.Fetch
	cfg.Store, cfg.Own, cfg.Now = store, bundled, p.cfg.Now
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
func (p *Pipeline) view(src extractors.Source, l *ledger, offline bool) fetch.View {
	s := l.shelf(src.Info().ID)
	docs := s.Documents
	if s.Held != nil { // the newest that was seen
		docs = slices.Concat(s.Held.Documents, docs)
	}
	known := map[string]fetch.Document{}
	for _, d := range docs {
		_, seen := known[d.URL]
		if own := d.Origin == fetch.Bundled; !seen && (own == offline || isURN(d.URL)) && d.Origin != fetch.Given && p.store.Holds(d) {
			known[d.URL] = p.store.Attach(d)
		}
	}
	info := src.Info()
	return fetch.View{
		Known: func(url string) (fetch.Document, bool) { d, ok := known[url]; return d, ok },
		Refused: func(url string) (fetch.Refusal, bool) {
			r, ok := s.Refused[url]
			return r, ok && !offline && r.By == p.cfg.Version // another program may look more closely, or less
		},
		Withdrawn: l.withdrawnAt, Hosts: info.Hosts, MaxBytes: info.MaxBytes,
	}
}

func isURN(address string) bool { return len(address) > 4 && address[:4] == "urn:" }

// retrieve fetches a source and brings into use what looks as expected. The last
// good documents stay in use wherever something is wrong.
func (p *Pipeline) retrieve(ctx context.Context, c *fetch.Client, src extractors.Source, l *ledger, r *SourceReport) error {
	info, s := src.Info(), l.shelf(src.Info().ID)
	c = c.For(p.view(src, l, false))
	kept, err := p.fetch(ctx, c, src, r)
	if ctx.Err() != nil {
		return err
	}
	s.Refused = map[string]fetch.Refusal{}
	for url, refusal := range c.Refusals() {
		refusal.By = p.cfg.Version
		s.Refused[url] = refusal
	}
	r.Withdrawn = l.declined(info.ID, c.Declined(), p.cfg.Now())
	complete := fetch.Complete(err) // without what was withdrawn it is not: a source may have stopped there
	settled := s.settled(!fetch.Failed(err), p.cfg.Now())
	candidate := inUseAfter(s.Documents, kept, info, complete)
	r.fetched(err)
	if !same(candidate, s.Documents) {
		if err := p.judge(ctx, src, s, candidate, settled, r); err != nil {
			if ctx.Err() != nil {
				return err
			}
			r.fetched(err) // what came cannot even be parsed: the last good stays
		}
	} else {
		s.Documents = candidate // the same bytes, perhaps under a newer stamp
		if s.Partial = s.Partial && !settled; complete {
			s.Held = nil // what was held back is no longer offered
		}
	}
	if r.Documents = len(s.Documents); s.Held != nil {
		r.Held, r.HeldID = s.Held.Reasons, s.Held.id()
	}
	p.cfg.Progress(Event{Source: info.ID, Phase: Fetched, Report: *r})
	return l.save()
}

// bundled brings the documents that this project compiled into use, where nothing
// was fetched or handed over. It says nothing of the publisher: what was fetched,
// what is held back and the record of it stay as they are.
func (p *Pipeline) bundled(ctx context.Context, c *fetch.Client, src extractors.Source, l *ledger, r *SourceReport) error {
	info, s := src.Info(), l.shelf(src.Info().ID)
	c = c.For(p.view(src, l, true))
	kept, err := p.fetch(ctx, c, src, r)
	if ctx.Err() != nil {
		return err
	}
	r.Withdrawn = l.declined(info.ID, c.Declined(), p.cfg.Now())
	r.offline = true
	if fetch.Failed(err) {
		r.Error, r.Cause = err.Error(), causeOf(err)
	}
	inUse := s.Documents
	if offered := addresses(kept); err == nil { // an extract that this program no longer carries
		inUse = slices.DeleteFunc(slices.Clone(inUse), func(d fetch.Document) bool { return d.Origin == fetch.Bundled && !offered[address(d)] })
	}
	candidate := inUseAfter(inUse, kept, info, false)
	if !same(candidate, s.Documents) {
		r.Changed = changed(s.Documents, candidate)
		s.use(candidate, p.cfg.Now())
		s.MeasuredBy = "" // the measure may count extracts, too
	}
	r.Documents = len(s.Documents)
	p.cfg.Progress(Event{Source: info.ID, Phase: Fetched, Report: *r})
	return l.save()
}

// fetch runs a source's Fetch and returns what it kept.
func (p *Pipeline) fetch(ctx context.Context, c *fetch.Client, src extractors.Source, r *SourceReport) (kept []fetch.Document, err error) {
	info := src.Info()
	defer p.watch(info.ID, c)()
	err = fetchFrom(ctx, c, src, func(d fetch.Document) error {
		d.Source = info.ID
		if d.Licence == "" {
			d.Licence = info.Licence
		}
		if !d.Probe && c.Had(d.URL) {
			r.Had++
		}
		kept = append(kept, d)
		return nil
	})
	r.Usage = c.Usage()
	return kept, err
}

// fetchFrom runs a source's Fetch; a defect in it is an error of that source.
func fetchFrom(ctx context.Context, c *fetch.Client, src extractors.Source, keep func(fetch.Document) error) (err error) {
	defect := guarded("fetching "+src.Info().ID, func() error { err = src.Fetch(ctx, c, keep); return nil })
	if defect != nil {
		return defect
	}
	return err
}

// inUseAfter is what would be in use after a fetch. What failed in part takes nothing
// out of use; where a file was handed over in place of all that is published, it
// brings nothing into use either, since both would count.
func inUseAfter(inUse, kept []fetch.Document, info extractors.Info, complete bool) []fetch.Document {
	switch given := func(d fetch.Document) bool { return d.Origin == fetch.Given }; {
	case info.Editions:
	case complete:
		inUse = retire(inUse, kept, info.Additive)
	case !info.Additive && slices.ContainsFunc(inUse, given):
		return inUse
	}
	g := newSet(inUse, info.Editions)
	for _, d := range kept {
		g.put(d)
	}
	return g.list()
}

// retire takes out of a set what a complete fetch did not keep: live documents
// the publisher no longer offers, bundled ones, and what an operator handed over
// in their place, unless the source's documents add to each other.
func retire(inUse, kept []fetch.Document, additive bool) []fetch.Document {
	offered := addresses(kept)
	isLive := func(d fetch.Document) bool { return d.Origin == fetch.Live }
	anyLive := slices.ContainsFunc(kept, isLive)
	own := slices.ContainsFunc(kept, func(d fetch.Document) bool { return isURN(d.URL) }) // of a source that this project publishes itself
	return slices.DeleteFunc(slices.Clone(inUse), func(d fetch.Document) bool {
		if d.Origin == fetch.Given {
			return anyLive && !additive
		}
		return (anyLive || own) && !offered[address(d)]
	})
}

// place is where a document is from.
type place struct {
	url    string
	origin fetch.Origin
}

func address(d fetch.Document) place { return place{d.URL, d.Origin} }

func addresses(docs []fetch.Document) map[place]bool {
	out := map[place]bool{}
	for _, d := range docs {
		out[address(d)] = true
	}
	return out
}

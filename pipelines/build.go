package pipelines

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
	"hrinvest/extractors/plaintext"
	"hrinvest/transforms"
	"hrinvest/warehouse"
)

// parsed is a source with what normalising it gave.
type parsed struct {
	info   extractors.Info
	docs   extractors.Set
	counts transforms.Counts
}

// bundled says whether any document is of this project's extract.
func (p parsed) bundled() bool {
	return slices.ContainsFunc(p.docs, func(d fetch.Document) bool { return d.Origin == fetch.Bundled })
}

// build makes a release from the ledger's documents: normalise, load, views, checks,
// publish. A source whose documents cannot be read is there with those of the last
// release. Nothing is published when a check fails, or a source would vanish.
func (p *Pipeline) build(ctx context.Context, l *ledger, opt BuildOptions, report *Report) error {
	if err := errors.Join(p.removeSpools(), l.bury(p.store), p.setAside()); err != nil {
		return err
	}
	spool, err := os.MkdirTemp(p.cfg.Dir, spoolPrefix)
	if err != nil {
		return fmt.Errorf("building: %w", err)
	}
	defer os.RemoveAll(spool)
	withheld, err := warehouse.Withheld()
	if err != nil {
		return fmt.Errorf("building: %w", err)
	}
	cfg := transforms.Config{Dir: spool, Withheld: withheld, Withdrawn: l.withdrawnStatements(), PriceYear: p.cfg.PriceYear}
	docs := choose(l, p.cfg.Sources)
	n, all, err := p.normalise(ctx, cfg, l, docs, opt, report)
	if err != nil {
		return fmt.Errorf("building: %w", err)
	}
	for _, c := range n.UnmatchedCorrections() {
		// the bundled extract holds few of the activities there are
		if i := slices.IndexFunc(all, func(s parsed) bool { return s.info.ID == c.Source }); i >= 0 && !all[i].bundled() {
			report.Warnings = append(report.Warnings, fmt.Sprintf("correction %s: matches nothing that %s publishes", c.ID, c.Source))
		}
	}
	tables, err := n.Finish()
	if err != nil {
		return fmt.Errorf("building: %w", err)
	}
	defer tables.Release()
	if err := p.load(ctx, tables, all, withheld, report); err != nil {
		return err
	}
	if report.NothingNew {
		damaged, err := p.damagedRelease(ctx)
		if err != nil {
			return err
		}
		if damaged { // there is no current one now, so this publishes
			report.NothingNew = false
			return errors.Join(os.RemoveAll(spool), p.build(ctx, l, opt, report))
		}
	}
	docs.proven(l)
	return l.save()
}

// byAuthority are the sources with the most authority first, in whatever order they
// are configured.
func byAuthority(sources []extractors.Source) []extractors.Source {
	return slices.SortedStableFunc(slices.Values(sources), func(a, b extractors.Source) int {
		return cmp.Compare(a.Info().Authority, b.Info().Authority)
	})
}

const spoolPrefix = ".spool-"

// removeSpools removes what a killed build left. The lock is held: nobody else
// is building.
func (p *Pipeline) removeSpools() error {
	left, err := filepath.Glob(p.path(spoolPrefix + "*"))
	for _, dir := range left {
		err = errors.Join(err, os.RemoveAll(dir))
	}
	if err != nil {
		return fmt.Errorf("removing an unfinished build: %w", err)
	}
	return nil
}

// parse runs one source's Parse into the normaliser.
func (p *Pipeline) parse(ctx context.Context, n *transforms.Normaliser, src extractors.Source, s *shelf, chosen []fetch.Document, r *SourceReport) (parsed, error) {
	info := src.Info()
	start := p.cfg.Now()
	var docs extractors.Set
	r.Bundled = false
	for _, d := range chosen {
		if d.Probe {
			continue
		}
		r.Bundled = r.Bundled || d.Origin == fetch.Bundled
		docs = append(docs, p.store.Attach(d))
	}
	sink := n.Source(info, docs)
	var counts transforms.Counts
	err := p.read(ctx, info, s, docs, sink, func(docs extractors.Set, out extractors.Sink) (err error) {
		if len(docs) > 0 {
			err = src.Parse(ctx, docs, out)
		}
		if err == nil {
			counts, err = sink.Close()
		}
		return err
	})
	if err != nil {
		return parsed{}, err
	}
	r.parsed = true
	r.Documents, r.Parsed, r.Loaded, r.OutOfScope, r.Rejected = len(docs), counts.Parsed, counts.Loaded, counts.OutOfScope, counts.Rejected
	r.Flows, r.Observations, r.Reasons, r.Took = counts.Flows, counts.Observations, counts.Reasons, p.cfg.Now().Sub(start)
	p.cfg.Progress(Event{Source: info.ID, Phase: Parsed, Report: *r})
	return parsed{info, docs, counts}, nil
}

// load fills a fresh database and publishes it.
func (p *Pipeline) load(ctx context.Context, tables *transforms.Tables, all []parsed, withheld map[string]bool, report *Report) (err error) {
	b, err := warehouse.Create(ctx, warehouse.Config{Dir: p.cfg.Dir, MemoryLimit: p.cfg.MemoryLimit, Threads: p.cfg.Threads, Now: p.cfg.Now})
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.Discard())
		}
	}()
	documents, sources, err := inventory(all, withheld)
	if err != nil {
		return err
	}
	vocabularies, err := transforms.Vocabularies(withheld)
	if err != nil {
		return err
	}
	restore := handOver()
	err = b.LoadAll(ctx, slices.Concat(tables.Readers(), []array.RecordReader{documents, sources}, vocabularies)...)
	restore()
	if err != nil {
		return err
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
		if f.Severity == warehouse.Fail {
			err = errors.Join(err, fmt.Errorf("check %s: %s", f.Check, f))
		} else {
			report.Warnings = append(report.Warnings, f.String())
		}
	}
	if err != nil {
		return fmt.Errorf("release not published: %w", err)
	}
	if back, same, err := p.unwanted(ctx, b); err != nil {
		return err
	} else if same {
		report.NothingNew, report.Release = true, back.To
		report.Warnings = append(report.Warnings, fmt.Sprintf("these are the data of release %s, which was rolled back: %s stays; \"hrinvest rollback %s\" takes them after all", back.From, back.To, back.From))
		return b.Discard()
	}
	release, err := b.Publish(ctx, p.meta(all, report))
	if errors.Is(err, warehouse.ErrNothingNew) {
		report.NothingNew, report.Release, report.Hash = true, release.ID, release.Hash
		return nil
	}
	if err != nil {
		return err
	}
	report.Release, report.Hash = release.ID, release.Hash
	return p.prune()
}

// handOver gives the memory that parsing took back to the system, for the
// database to use, and keeps the heap small until restore is called. Without it
// a process takes twice as much at its peak.
func handOver() (restore func()) {
	debug.FreeOSMemory()
	percent := debug.SetGCPercent(15)
	return func() { debug.SetGCPercent(percent) }
}

// meta is what the release says of itself.
func (p *Pipeline) meta(all []parsed, report *Report) warehouse.Meta {
	m := warehouse.Meta{Version: p.cfg.Version}
	origins := map[string]bool{}
	for _, s := range all {
		for _, d := range s.docs {
			origins[string(d.Origin)] = true
			if s.info.Kind == extractors.Money {
				m.Cutoff = max(m.Cutoff, d.Compiled)
				if d.Compiled == "" {
					m.Cutoff = max(m.Cutoff, d.Retrieved.UTC().Format(time.DateOnly))
				}
			}
		}
	}
	m.Origin = strings.Join(slices.Sorted(maps.Keys(origins)), " ")
	var stale, held, unread, notes []string
	for _, s := range report.Sources {
		if s.Defect != "" {
			unread = append(unread, s.Source)
		}
		if s.Error != "" && !s.frozen {
			stale = append(stale, s.Source)
		}
		if len(s.Held) > 0 {
			held = append(held, s.Source)
		}
	}
	if len(stale) > 0 {
		notes = append(notes, "not fetched this time, last good documents in use: "+strings.Join(stale, ", "))
	}
	if len(unread) > 0 {
		notes = append(notes, "new documents that cannot be read, those before in use if there are any: "+strings.Join(unread, ", "))
	}
	if len(held) > 0 {
		notes = append(notes, "new documents held back for approval, last good ones in use: "+strings.Join(held, ", "))
	}
	m.Note = strings.Join(notes, "; ")
	return m
}

// inventory makes the tables documents and sources. A document whose every
// statement is withheld keeps neither its name nor its address.
func inventory(all []parsed, withheld map[string]bool) (documents, sources array.RecordReader, err error) {
	var docs, srcs []map[string]any
	for _, s := range all {
		origins := map[fetch.Origin]bool{}
		cutoff := ""
		for _, d := range s.docs {
			c := s.counts.ByDocument[d.SHA256]
			origins[d.Origin] = true
			name, url, cites := plaintext.WithoutMail(d.Name), plaintext.WithoutMailURL(d.URL), plaintext.WithoutMailURL(d.Cites)
			if c.Withheld || namesGrant(withheld, name, url, cites) {
				name, url, cites = "withheld", "", ""
			}
			docs = append(docs, row{
				"source": s.info.ID, "role": d.Role, "name": name, "url": url, "sha256": d.SHA256, "size": d.Size,
				"content_type": d.ContentType, "retrieved": d.Retrieved.UTC(), "origin": string(d.Origin), "licence": cmp.Or(d.Licence, s.info.Licence),
				"compiled": d.Compiled, "cites": cites, "parsed": c.Parsed, "loaded": c.Loaded, "out_of_scope": c.OutOfScope,
				"rejected": c.Rejected, "observations": c.Observations,
			}.known())
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
		srcs = append(srcs, row{
			"source": s.info.ID, "title": s.info.Title, "publisher": s.info.Publisher, "home": s.info.Home, "licence": s.info.Licence,
			"kind": string(s.info.Kind), "spent": string(s.info.Spent), "authority": s.info.Authority, "frozen": s.info.Frozen,
			"documents": len(s.docs), "parsed": s.counts.Parsed, "loaded": s.counts.Loaded, "out_of_scope": s.counts.OutOfScope,
			"rejected": s.counts.Rejected, "observations": s.counts.Observations, "cutoff": cutoff, "origin": origin,
		}.known())
	}
	if documents, err = tableOf("documents", documentCounts, docs); err != nil {
		return nil, nil, err
	}
	if sources, err = tableOf("sources", nil, srcs); err != nil {
		return nil, nil, err
	}
	return documents, sources, nil
}

// grantCode is the start of a grant's code: country, component, recipient.
var grantCode = regexp.MustCompile(`\b([A-Z]{3})-[A-Z]-[A-Z]`)

// namesGrant says whether a text holds the code of a grant in a country where
// implementers are withheld; the code is made of the recipient's name.
func namesGrant(withheld map[string]bool, texts ...string) bool {
	for _, t := range texts {
		for _, m := range grantCode.FindAllStringSubmatch(strings.ToUpper(t), -1) {
			if withheld[m[1]] {
				return true
			}
		}
	}
	return false
}

// row is a row of a small table by column.
type row map[string]any

// known drops empty texts: what is not known is null.
func (r row) known() map[string]any {
	for k, v := range r {
		if v == "" {
			delete(r, k)
		}
	}
	return r
}

// documentCounts extends the declared columns of documents.
var documentCounts = []struct{ name, doc string }{
	{"parsed", "Statements about money seen: loaded + out_of_scope + rejected."},
	{"loaded", "Statements that became flows."},
	{"out_of_scope", "Statements counted but not loaded."},
	{"rejected", "Statements that could not be read (rejected)."},
	{"observations", "Published values that are not flows of money."},
}

// tableOf makes a small table with the warehouse's declared schema, extended by
// columns of counts.
func tableOf(name string, counts []struct{ name, doc string }, rows []map[string]any) (array.RecordReader, error) {
	schema, err := warehouse.Table(name)
	if err != nil {
		return nil, err
	}
	fields := schema.Fields()
	for _, c := range counts {
		fields = append(fields, arrow.Field{Name: c.name, Type: arrow.PrimitiveTypes.Int64, Nullable: true,
			Metadata: arrow.MetadataFrom(map[string]string{"doc": c.doc})})
	}
	md := schema.Metadata()
	r, err := warehouse.Rows(arrow.NewSchema(fields, &md), rows)
	if err != nil {
		return nil, fmt.Errorf("making table %s: %w", name, err)
	}
	return r, nil
}

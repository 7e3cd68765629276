package iati

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"runtime"
	"strconv"
	"sync"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
)

// job is one block of a document on its way through the workers. The sink sees
// jobs in the order in which they were cut.
type job struct {
	doc    fetch.Document
	at     string // what stands before each locator
	first  string // name of the document's first element
	buf    []byte
	pieces []piece
	out    []decoded
	slab   []extractors.Disclosure
	done   chan struct{}

	problem *extractors.Problem // of the whole document
	skipped int                 // statements of an organisation file
}

// pipeline cuts documents in one goroutine, decodes in as many as there are
// processors, and emits in the caller's. Its memory is bounded by the number of
// blocks under way.
type pipeline struct {
	src   *Source
	seed  maphash.Seed
	free  chan []byte                  // buffers of blocks
	slabs chan []extractors.Disclosure // of blocks that were emitted
	work  chan *job
	order chan *job
}

func (s *Source) parse(ctx context.Context, docs extractors.Set, out extractors.Sink) error {
	var words *scope
	var err error
	if !s.cfg.ScopeAll {
		if words, err = s.words(); err != nil {
			return err
		}
	}
	workers := s.cfg.Workers
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	p := &pipeline{
		src: s, seed: maphash.MakeSeed(),
		free: make(chan []byte, 2*workers+2), slabs: make(chan []extractors.Disclosure, 2*workers+2),
		work: make(chan *job, workers), order: make(chan *job, workers+1),
	}
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	var readErr error
	wg.Go(func() {
		defer close(p.order)
		defer close(p.work)
		for _, d := range docs {
			if readErr = p.read(ctx, d); readErr != nil {
				return
			}
		}
	})
	for range workers {
		wg.Go(func() {
			d := decoder{words: words, all: s.cfg.ScopeAll}
			for j := range p.work {
				p.decode(&d, j)
				close(j.done)
			}
		})
	}
	err = p.emit(ctx, out)
	cancel()
	for range p.order { // let the reader go
	}
	wg.Wait()
	if err == nil {
		err = readErr
	}
	return err
}

// file is one file of XML: a document, or a member of one.
type file struct {
	doc  fetch.Document
	at   string // what stands before each locator: "", or "member.xml#"
	open func() (io.ReadCloser, error)
}

func (f file) problem(reason string) *job {
	return &job{doc: f.doc, problem: &extractors.Problem{Document: f.doc.SHA256, Locator: f.at + "/", Reason: reason}}
}

// read cuts one document into jobs.
func (p *pipeline) read(ctx context.Context, doc fetch.Document) error {
	f := file{doc: doc, open: doc.Open}
	switch doc.Role {
	case roleArchive:
		return p.archive(ctx, f)
	case roleIndex:
		return p.index(ctx, f)
	case roleOrganisation:
		return p.organisation(ctx, f)
	}
	return p.activities(ctx, f)
}

// index says when an index cannot be read. There is no money in one.
func (p *pipeline) index(ctx context.Context, f file) error {
	r, err := f.open()
	if err != nil {
		return fmt.Errorf("opening %s: %w", f.doc.Name, err)
	}
	defer r.Close()
	if _, err := readIndex(r); err != nil {
		return p.send(ctx, f.problem(err.Error()))
	}
	return nil
}

// activities cuts an activity file into jobs.
func (p *pipeline) activities(ctx context.Context, f file) error {
	body, err := f.open()
	if err != nil {
		return fmt.Errorf("opening %s: %w", f.doc.Name, err)
	}
	defer body.Close()
	r, err := utf8Reader(body)
	if err != nil {
		return p.send(ctx, f.problem(err.Error()))
	}
	c := newCutter(r, p.src.cfg.Block, p.src.cfg.MaxActivity)
	for {
		j := &job{doc: f.doc, at: f.at}
		var buf []byte
		select {
		case buf = <-p.free:
		default:
		}
		j.buf, j.pieces, err = c.next(buf, nil)
		if err != nil && !errors.Is(err, io.EOF) && !isDamage(err) {
			return fmt.Errorf("reading %s: %w", f.doc.Name, err)
		}
		j.first = c.first
		if len(j.pieces) > 0 {
			if err := p.send(ctx, j); err != nil {
				return err
			}
		}
		if err != nil {
			break
		}
	}
	if isDamage(err) {
		return p.send(ctx, f.problem("the archive is damaged in this file: "+err.Error()))
	}
	if c.n == 0 && (c.first == "iati-organisations" || c.first == "iati-organisation") {
		return p.organisation(ctx, f)
	}
	for _, reason := range c.complaints() {
		if err := p.send(ctx, f.problem(reason)); err != nil {
			return err
		}
	}
	return nil
}

// complaints says what is wrong with the document around its activities.
func (c *cutter) complaints() (list []string) {
	switch {
	case c.n > 0:
	case !c.started:
		return []string{"empty or not XML: no markup in it"}
	case isHTML(c.first) || isHTML(c.doctype):
		return []string{"an HTML page stands where IATI XML was promised (a login, error or download page)"}
	case c.first == "":
		return []string{"not IATI: no element in it"}
	case c.first != "iati-activities":
		return []string{fmt.Sprintf("not IATI: the first element is <%s>", c.first)}
	}
	if c.declared {
		list = append(list, "document type declaration ignored: the entities it defines are never expanded, and activities that use them are rejected")
	}
	if c.first == "iati-activities" && !c.closed {
		list = append(list, "the file ends before </iati-activities>: activities may be missing")
	}
	return list
}

func isHTML(name string) bool { return bytes.EqualFold([]byte(name), []byte("html")) }

func (p *pipeline) send(ctx context.Context, j *job) error {
	j.done = make(chan struct{})
	select {
	case p.order <- j:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case p.work <- j:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

func (p *pipeline) decode(d *decoder, j *job) {
	j.out = make([]decoded, 0, len(j.pieces))
	select {
	case d.slab = <-p.slabs:
	default:
		d.slab = nil
	}
	for _, pc := range j.pieces {
		j.out = append(j.out, d.decode(pc, j.doc.SHA256, j.at+xpath(j.first, pc.index), p.seed))
	}
	if cap(j.buf) <= 4*p.src.cfg.Block { // a rare giant is not kept
		select {
		case p.free <- j.buf:
		default:
		}
	}
	j.buf, j.pieces = nil, nil
	j.slab, d.slab = d.slab, nil
}

// xpath is the locator of an activity.
func xpath(first string, index int) string {
	switch {
	case index == 0:
		return "/"
	case first == "iati-activities":
		return "/iati-activities/iati-activity[" + strconv.Itoa(index) + "]"
	case first == "iati-activity":
		return "/iati-activity[" + strconv.Itoa(index) + "]"
	}
	return "(//iati-activity)[" + strconv.Itoa(index) + "]"
}

// emit hands everything to the sink, in order.
func (p *pipeline) emit(ctx context.Context, out extractors.Sink) error {
	groups := map[string]*group{}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		var j *job
		select {
		case <-ctx.Done():
			return ctx.Err()
		case next, ok := <-p.order:
			if !ok {
				return nil
			}
			j = next
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-j.done:
		}
		if err := j.emit(out, groups); err != nil {
			return err
		}
		if cap(j.slab) <= 1<<14 { // the sink has copies
			clear(j.slab)
			select {
			case p.slabs <- j.slab[:0]:
			default:
			}
		}
	}
}

// group remembers the activities that bore an identifier.
type group struct {
	n            int
	fingerprints []uint64
}

func (j *job) emit(out extractors.Sink, groups map[string]*group) error {
	skip := func(n int, reason string) error {
		if n == 0 {
			return nil
		}
		return out.Skip(j.doc.SHA256, n, reason)
	}
	if err := skip(j.skipped, organisationBudgets); err != nil {
		return err
	}
	unrelated := 0
	for i := range j.out {
		d := &j.out[i]
		for _, p := range d.problems {
			if err := out.Reject(p); err != nil {
				return err
			}
		}
		unrelated += d.skipped
		if d.from == d.to {
			continue
		}
		name, repeated, identical := assign(groups, d)
		if identical {
			if err := skip(d.to-d.from, "the same activity stands in the documents twice, byte for byte"); err != nil {
				return err
			}
			continue
		}
		for _, s := range j.slab[d.from:d.to] {
			s.Group = name
			if repeated {
				s.Flags = append(s.Flags[:len(s.Flags):len(s.Flags)], "duplicate_identifier")
			}
			if err := out.Disclose(s); err != nil {
				return err
			}
		}
	}
	if err := skip(unrelated, outOfScope); err != nil {
		return err
	}
	if j.problem != nil {
		return out.Reject(*j.problem)
	}
	return nil
}

// assign names the group of an activity: its identifier, with #2, #3 for later
// ones that bear the same.
func assign(groups map[string]*group, d *decoded) (name string, repeated, identical bool) {
	id := d.id
	if id == "" {
		id = "without identifier"
	}
	g := groups[id]
	if g == nil {
		g = &group{}
		groups[id] = g
	}
	for _, f := range g.fingerprints {
		if f == d.fingerprint {
			return "", false, true
		}
	}
	g.n++
	g.fingerprints = append(g.fingerprints, d.fingerprint)
	if g.n == 1 && d.id != "" {
		return id, false, false
	}
	return id + "#" + strconv.Itoa(g.n), d.id != "", false
}

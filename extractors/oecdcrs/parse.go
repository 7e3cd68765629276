package oecdcrs

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
	"hrinvest/extractors/phrases"
)

// Parse implements extractors.Source. A document that cannot be read to its end
// is rejected and gives nothing: half a donor's year must not look like a year.
//
// A sum that stands in several documents is given once: of one year, purpose and
// kind the sums of the best document count (the files of all years, then those
// of one year, then answers of the interface; the one retrieved last), the others
// are counted as out of scope. An answer may be about some donors or recipients
// only: answers are compared for each of these.
func (s *Source) Parse(ctx context.Context, docs extractors.Set, out extractors.Sink) (err error) {
	t, err := s.tables()
	if err != nil {
		return err
	}
	sp, err := newSpool()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sp.close()) }()
	p := &parser{ctx: ctx, tables: t, out: out, docs: docs, spool: sp, owner: map[claim]int{}}
	for i, d := range docs {
		if err := p.document(i); err != nil {
			return fmt.Errorf("parsing %s: %w", d.Name, err)
		}
	}
	return p.give()
}

type parser struct {
	ctx     context.Context
	tables  *tables
	out     extractors.Sink
	docs    extractors.Set
	spool   *spool
	layouts []*layout     // of the tables read
	owner   map[claim]int // the document that is believed
}

// claim is what one document states whole: the sums of a kind for a purpose in a
// year; an answer of the interface, those of a donor to a recipient.
type claim struct {
	year, purpose    string
	kind             extractors.Kind
	donor, recipient string
}

// claims are the claims to a sum, the stronger first.
func claims(c *[fields]string, kind extractors.Kind) [2]claim {
	whole := claim{year: c[year], purpose: c[purpose], kind: kind}
	part := whole
	part.donor, part.recipient = c[donor], c[recipient]
	return [2]claim{whole, part}
}

// ownerOf is the document that a sum is taken from.
func (p *parser) ownerOf(c *[fields]string, kind extractors.Kind) int {
	of := claims(c, kind)
	if i, ok := p.owner[of[0]]; ok {
		return i
	}
	return p.owner[of[1]]
}

// unreadable is what is wrong with a document as a whole. It is data: the
// document is rejected with it.
type unreadable struct{ reason string }

func (e *unreadable) Error() string { return e.reason }

func unreadablef(format string, a ...any) error {
	return &unreadable{fmt.Sprintf(format, a...)}
}

// document is one document while it is read.
type document struct {
	*parser
	fetch.Document
	index   int
	layout  *layout
	claims  map[claim]bool
	skipped map[string]int // by reason
	rejects []extractors.Problem
	finder  *phrases.Finder
	counted int // rows looked at
}

// read reads a document in its role; other roles are not this source's.
func (d *document) read() error {
	switch d.Role {
	case roleParquet:
		return d.parquet()
	case roleZip:
		return d.zip()
	case roleText:
		return d.text()
	case roleSDMX:
		return d.sdmx()
	}
	return nil
}

// document reads one document, all of it or nothing.
func (p *parser) document(i int) error {
	d := &document{parser: p, Document: p.docs[i], index: i, claims: map[claim]bool{}, skipped: map[string]int{}, finder: p.tables.scope.words.Finder()}
	mark := p.spool.mark()
	err := d.read()
	if bad := (*unreadable)(nil); errors.As(err, &bad) {
		p.spool.rewind(mark)
		return p.out.Reject(extractors.Problem{Document: d.SHA256, Locator: "/", Reason: d.Name + ": " + bad.reason})
	}
	if err != nil {
		return err
	}
	for _, problem := range d.rejects {
		if err := p.out.Reject(problem); err != nil {
			return err
		}
	}
	for _, reason := range slices.Sorted(maps.Keys(d.skipped)) {
		if err := p.out.Skip(d.SHA256, d.skipped[reason], reason); err != nil {
			return err
		}
	}
	for c := range d.claims {
		if old, ok := p.owner[c]; !ok || p.better(i, old) {
			p.owner[c] = i
		}
	}
	return nil
}

// better says whether of two documents the first is to be believed.
func (p *parser) better(a, b int) bool {
	rank := func(i int) int {
		return slices.Index([]string{roleSDMX, roleText, roleZip, roleParquet}, p.docs[i].Role)
	}
	if x, y := rank(a), rank(b); x != y {
		return x > y
	}
	return p.docs[a].Retrieved.After(p.docs[b].Retrieved)
}

// use takes the columns of a table, which must have what is needed.
func (d *document) use(c *columns, header []string) error {
	l := c.layout(header)
	if missing := l.missing(); missing != "" {
		begins := strings.Join(header, " ")
		return unreadablef("%s; its columns begin with %q", missing, clip(begins, 80))
	}
	d.layout = l
	d.layouts = append(d.layouts, l)
	return nil
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}

func (d *document) skip(reason string) { d.skipped[reason]++ }

// alive is asked for every row: a run that was called off ends.
func (d *document) alive() error {
	if d.counted++; d.counted%1000 == 0 {
		return d.ctx.Err()
	}
	return nil
}

// keep keeps a row in scope.
func (d *document) keep(r *row) error {
	r.doc, r.layout = d.index, len(d.layouts)-1
	for _, f := range [...]field{year, donor} {
		if r.cells[f] == "" {
			d.reject(r.locator(), raw(d.layout, &r.cells), "the row has no %s", d.layout.name[f])
			return nil
		}
	}
	for _, k := range kinds {
		if r.cells[k.field] != "" {
			of := claims(&r.cells, k.kind)
			mine := of[0]
			if d.Role == roleSDMX {
				mine = of[1]
			}
			d.claims[mine] = true
		}
	}
	return d.spool.add(r, groupOf(d.tables, &r.cells))
}

// reject keeps a problem until the document is known to be readable.
func (d *document) reject(locator string, raw []byte, format string, a ...any) {
	d.rejects = append(d.rejects, extractors.Problem{Document: d.SHA256, Locator: locator, Reason: fmt.Sprintf(format, a...), Raw: raw})
}

// searched says whether the words of a row put it in scope.
func (d *document) searched(cells *[fields]string) bool {
	for _, f := range texts {
		if d.finder.Mentions(cells[f]) {
			return true
		}
	}
	return false
}

// give gives out what was kept.
func (p *parser) give() error {
	type count struct {
		doc    int
		reason string
	}
	skipped := map[count]int{}
	n := 0
	err := p.spool.each(func(group string, r *row) error {
		if n++; n%1000 == 0 && p.ctx.Err() != nil {
			return p.ctx.Err()
		}
		stated := false
		for _, k := range kinds {
			number := r.cells[k.field]
			if number == "" {
				continue
			}
			stated = true
			if o := p.ownerOf(&r.cells, k.kind); o != r.doc {
				skipped[count{r.doc, "the same year and purpose are in " + p.docs[o].Name}]++
				continue
			}
			if err := p.statement(group, r, k.kind, number, func(reason string) { skipped[count{r.doc, reason}]++ }); err != nil {
				return err
			}
		}
		if !stated {
			skipped[count{r.doc, "no amount: neither a commitment nor a disbursement"}]++
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i, d := range p.docs {
		reasons := map[string]int{}
		for c, n := range skipped {
			if c.doc == i {
				reasons[c.reason] = n
			}
		}
		for _, reason := range slices.Sorted(maps.Keys(reasons)) {
			if err := p.out.Skip(d.SHA256, reasons[reason], reason); err != nil {
				return err
			}
		}
	}
	return p.ctx.Err()
}

// statement gives out one sum of a row.
func (p *parser) statement(group string, r *row, kind extractors.Kind, number string, skip func(string)) error {
	doc, l := p.docs[r.doc], p.layouts[r.layout]
	reject := func(format string, a ...any) error {
		return p.out.Reject(extractors.Problem{
			Document: doc.SHA256, Locator: r.locator(), Reason: fmt.Sprintf(format, a...), Raw: raw(l, &r.cells),
		})
	}
	places := 6
	if m := r.cells[multiplier]; m != "" {
		var ok bool
		if places, ok = power(m); !ok {
			return reject("the unit multiplier %q of the %s is none", m, kind)
		}
	}
	sum, ok := shift(number, places)
	switch {
	case !ok:
		return reject("the %s %q is no number", kind, number)
	case sum == "0":
		skip(fmt.Sprintf("no amount: a %s of 0", kind))
		return nil
	}
	return p.out.Disclose(p.disclosure(doc, l, group, r, kind, sum, places))
}

func (r *row) locator() string {
	at := fmt.Sprintf("row %d", r.number)
	if r.part != "" {
		return r.part + " " + at
	}
	return at
}

// power is a unit multiplier: a power of ten.
func power(text string) (int, bool) {
	text = code(strings.TrimSpace(text))
	if len(text) == 0 || len(text) > 2 || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n := 0
	for _, c := range text {
		n = 10*n + int(c-'0')
	}
	return n, n <= 12
}

package globalfund

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
)

// gathering collects the lines of all documents, before any is given out: a
// budget may stand in several.
type gathering struct {
	out    extractors.Sink
	names  *lookups
	donors *donors
	lines  map[extractors.Kind][]line
	seen   map[string]string // document of every line of the interface, by its id
	words  map[text]string   // a few thousand names fill most of the fields: each is kept once
	shapes map[shapeKey]*shape
}

type shapeKey struct {
	kind extractors.Kind
	rank int
}

func newGathering(out extractors.Sink, known *donors) *gathering {
	return &gathering{
		out: out, names: newLookups(), donors: known, lines: map[extractors.Kind][]line{},
		seen: map[string]string{}, words: map[text]string{}, shapes: map[shapeKey]*shape{},
	}
}

// read reads the lists of names, then the lines.
func (g *gathering) read(ctx context.Context, docs extractors.Set) error {
	now, leftOver := currentPages(docs)
	for _, d := range now {
		if isNames(d.Role) {
			if err := g.names.read(ctx, d, g.out); err != nil {
				return fmt.Errorf("parsing %s: %w", d.Name, err)
			}
		}
	}
	g.names.join()
	for i, d := range now {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := g.document(ctx, d, i); err != nil {
			return fmt.Errorf("parsing %s: %w", d.Name, err)
		}
	}
	for _, d := range leftOver {
		if err := g.skip(ctx, d); err != nil {
			return fmt.Errorf("parsing %s: %w", d.Name, err)
		}
	}
	return nil
}

// document reads the lines of one document.
func (g *gathering) document(ctx context.Context, d fetch.Document, index int) error {
	before := map[extractors.Kind]int{}
	for kind, lines := range g.lines {
		before[kind] = len(lines)
	}
	var err error
	switch d.Role {
	case roleBudgets, roleTable:
		err = g.readTable(ctx, d)
	case roleAnswer, roleDisbursements, roleExpenditure, roleAllocations, rolePledges:
		err = g.readAnswer(ctx, d)
	}
	for kind, lines := range g.lines {
		for i := before[kind]; i < len(lines); i++ {
			lines[i].edition = editionOf(d, index, lines[i])
		}
	}
	return err
}

// skip counts the lines of a page that is not current.
func (g *gathering) skip(ctx context.Context, d fetch.Document) error {
	if isNames(d.Role) {
		return nil
	}
	f, err := d.Open()
	if err != nil {
		return err
	}
	defer f.Close()
	p, wrong, err := readPage(ctx, f, func(int, json.RawMessage) error { return nil })
	if err == nil && wrong != nil {
		err = g.out.Reject(extractors.Problem{Document: d.SHA256, Locator: wrong.locator, Reason: wrong.reason})
	}
	if err != nil {
		return err
	}
	return g.out.Skip(d.SHA256, p.rows, "a page left over from an older edition")
}

// word keeps one copy of each text.
func (g *gathering) word(t text) string {
	kept, ok := g.words[t]
	if !ok {
		kept = strings.Clone(string(t))
		g.words[text(kept)] = kept
	}
	return kept
}

func (g *gathering) shape(kind extractors.Kind, rank int) *shape {
	key := shapeKey{kind, rank}
	if g.shapes[key] == nil {
		g.shapes[key] = answerShape(kind, rank)
	}
	return g.shapes[key]
}

// currentPages sets apart the pages that are left over from an older edition of
// their list. That happens when a list became shorter on a night on which
// another one could not be had, so that nothing was retired. The first page of a
// list is always of its newest edition.
func currentPages(docs extractors.Set) (now, leftOver extractors.Set) {
	newest := map[string]string{} // version by role
	for _, d := range docs {
		if interfaceRole(d.Role) && strings.HasSuffix(d.URL, firstPage) {
			newest[d.Role] = d.Version
		}
	}
	for _, d := range docs {
		if v, ok := newest[d.Role]; ok && v != "" && d.Version != "" && d.Version != v {
			leftOver = append(leftOver, d)
		} else {
			now = append(now, d)
		}
	}
	return now, leftOver
}

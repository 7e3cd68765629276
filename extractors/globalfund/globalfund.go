// Package globalfund reads what the Global Fund discloses about its grant
// budgets: how much each implementation period plans to spend on which
// intervention of the modular framework.
//
// Three shapes of the same statements are read, each its own role: the CSV
// download of the Data Service (by year and cost category), answers of its
// OData interface, and a table of seven columns without years. See README.md.
package globalfund

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
)

//go:embed bundled
var bundled embed.FS

// budgetsURL is the address of the download "Grant Budgets - Reference Rate",
// listed on https://data-service.theglobalfund.org/downloads.
const budgetsURL = "https://data-service.theglobalfund.org/file_download/grant_budgets_reference_rate/CSV"

// The roles of this source's documents.
const (
	roleBudgets = "budgets"      // CSV download, 22 columns, by year
	roleTable   = "module_table" // seven columns, no years
	roleAnswer  = "odata"        // one page of an OData answer
)

// Source is the Global Fund's Data Service. The zero value is ready to use.
type Source struct{}

// New returns the source.
func New() Source { return Source{} }

var _ extractors.Source = Source{}

// Info implements extractors.Source.
func (Source) Info() extractors.Info {
	return extractors.Info{
		ID:        "globalfund",
		Title:     "Global Fund grant budgets by module and intervention",
		Publisher: "The Global Fund",
		Home:      "https://data-service.theglobalfund.org/downloads",
		Licence:   "not stated",
		Kind:      extractors.Money,
		Spent:     extractors.SpentExpenditure,
		Cadence:   7 * 24 * time.Hour,
		Authority: 1,
	}
}

// Role implements extractors.Source. Other files of the Global Fund
// (performance indicators, explorer samples) are not known to it.
func (Source) Role(name string, head []byte) string {
	head = bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\ufeff")))
	switch {
	case bytes.HasPrefix(head, []byte("{")):
		if isAnswer(head) {
			return roleAnswer
		}
		return ""
	case bytes.HasPrefix(head, []byte("<")):
		if strings.Contains(strings.ToLower(name), "grant_budgets") {
			return roleBudgets // a page where the download should be: Parse says so
		}
		return ""
	}
	first, _, _ := bytes.Cut(head, []byte("\n"))
	return roleOfHeader(string(first))
}

// Bundled implements extractors.Source.
func (Source) Bundled() fs.FS {
	sub, err := fs.Sub(bundled, "bundled")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return sub
}

// Fetch implements extractors.Source.
func (s Source) Fetch(ctx context.Context, c *fetch.Client, keep func(fetch.Document) error) error {
	d, err := c.Get(ctx, budgetsURL)
	if err != nil {
		return fmt.Errorf("global fund budgets: %w", err)
	}
	head, err := readHead(d)
	if err != nil {
		return fmt.Errorf("global fund budgets: %w", err)
	}
	if d.Role = s.Role(d.Name, head); d.Role == "" {
		d.Role = roleBudgets // whatever came instead is rejected by Parse, with a reason
	}
	return keep(d)
}

func readHead(d fetch.Document) ([]byte, error) {
	f, err := d.Open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, 64<<10))
}

// Parse implements extractors.Source. Lines of one implementation period come
// one after another, whichever documents they stand in. A period that several
// documents describe is taken from the best of them: see supersede.
func (Source) Parse(ctx context.Context, docs extractors.Set, out extractors.Sink) error {
	var lines []line
	for i, d := range docs {
		if err := ctx.Err(); err != nil {
			return err
		}
		read := readTable
		switch d.Role {
		case roleAnswer:
			read = readAnswer
		case roleBudgets, roleTable:
		default:
			continue
		}
		found, err := readDocument(ctx, d, out, read)
		if err != nil {
			return fmt.Errorf("parsing %s: %w", d.Name, err)
		}
		for j := range found {
			found[j].edition = editionOf(d, i, found[j])
		}
		lines = append(lines, found...)
	}
	slices.SortStableFunc(lines, func(a, b line) int { return strings.Compare(a.group(), b.group()) })
	supersede(lines)
	for i := range lines {
		if i%1000 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		d, problem := lines[i].disclosure()
		if problem != "" {
			p := extractors.Problem{Document: lines[i].doc, Locator: lines[i].locator, Reason: problem, Raw: lines[i].raw()}
			if err := out.Reject(p); err != nil {
				return err
			}
			continue
		}
		if err := out.Disclose(d); err != nil {
			return err
		}
	}
	return ctx.Err()
}

type reader func(context.Context, fetch.Document, io.Reader, extractors.Sink) ([]line, error)

func readDocument(ctx context.Context, d fetch.Document, out extractors.Sink, read reader) ([]line, error) {
	f, err := d.Open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return read(ctx, d, f, out)
}

// edition orders the descriptions of one implementation period: a better shape
// first, then the later document. The pages of one OData answer are one edition.
type edition struct {
	shape     int
	retrieved time.Time
	index     int
	name      string
}

func editionOf(d fetch.Document, index int, l line) edition {
	e := edition{shape: l.shape.rank, retrieved: d.Retrieved, index: index, name: d.Name}
	if d.Role == roleAnswer {
		e.retrieved, e.index = time.Time{}, 0
	}
	return e
}

func (e edition) better(o edition) bool {
	if e.shape != o.shape {
		return e.shape > o.shape
	}
	if !e.retrieved.Equal(o.retrieved) {
		return e.retrieved.After(o.retrieved)
	}
	return e.index > o.index
}

func (e edition) same(o edition) bool { return !e.better(o) && !o.better(e) }

// supersede marks the lines of every implementation period that do not stand in
// the best edition that has it, so that a budget disclosed in several files
// counts once. A line that names only a country gives way to every period of
// that country.
func supersede(lines []line) {
	best, countries := map[string]edition{}, map[string]edition{}
	keepBest := func(m map[string]edition, k string, e edition) {
		if old, ok := m[k]; !ok || e.better(old) {
			m[k] = e
		}
	}
	for _, l := range lines {
		keepBest(best, l.group(), l.edition)
		if ip := l.get(period); ip != "" {
			keepBest(countries, countryCode(ip), l.edition)
		}
	}
	for i := range lines {
		l := &lines[i]
		b := best[l.group()]
		if l.get(period) == "" {
			if e, ok := countries[l.get(geography)]; ok {
				b = e
			}
		}
		if !l.edition.same(b) {
			l.superseded = fmt.Sprintf("the same budget is in %s", b.name)
		}
	}
}

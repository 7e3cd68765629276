// Package globalfund reads what the Global Fund discloses of its money: what
// donors pledge and pay, what it allocates to countries and disburses to
// recipients, and what each grant plans to spend and has spent on which
// intervention of the modular framework.
//
// It fetches pages of the Data Service's OData interface, with the lists that
// resolve their ids. Budgets come in two more shapes, each its own role: the CSV
// download (by year and cost category), and a table of seven columns without
// years. See README.md.
package globalfund

import (
	"bytes"
	"context"
	"embed"
	"io/fs"
	"iter"
	"slices"
	"strings"
	"time"

	"hrinvest/extractors"
)

//go:embed expectations.csv
var expectations string

//go:embed bundled
var bundled embed.FS

// The roles of this source's documents.
const (
	roleBudgets = "budgets"      // CSV download, 22 columns, by year
	roleTable   = "module_table" // seven columns, no years

	// one page each of an answer of the interface: money
	roleAnswer        = "odata" // budgets
	roleDisbursements = "disbursements"
	roleExpenditure   = "expenditure"
	roleAllocations   = "allocations"
	rolePledges       = "pledges" // and contributions

	// names for ids
	roleGrants      = "grants"
	roleGeographies = "geographies"
	roleAreas       = "activity_areas"
	roleCategories  = "financial_categories"
	roleDonors      = "donors"
)

// Source is the Global Fund's Data Service. The zero value is ready to use.
type Source struct {
	top int // rows of a page. 0: pageRows
}

// New returns the source.
func New() Source { return Source{} }

var _ extractors.Source = Source{}

// Info implements extractors.Source.
func (Source) Info() extractors.Info {
	return extractors.Info{
		ID:        "globalfund",
		Title:     "Global Fund: grant budgets, disbursements and expenditure, allocations, pledges",
		Publisher: "The Global Fund",
		Home:      "https://data-service.theglobalfund.org/downloads",
		Licence:   "not stated",
		Kind:      extractors.Money,
		Spent:     extractors.SpentExpenditure,
		Cadence:   7 * 24 * time.Hour,
		MaxBytes:  512 << 20,
		Authority: 1,
	}
}

// Role implements extractors.Source. Other files of the Global Fund
// (performance indicators, explorer samples) are not known to it.
func (Source) Role(name string, head []byte) string {
	head = bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\ufeff")))
	switch {
	case bytes.HasPrefix(head, []byte("{")):
		return roleOfAnswer(head)
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
	return extractors.Bundle(bundled)
}

// Expectations implements extractors.Source.
func (Source) Expectations() (extractors.Expectations, error) {
	return extractors.ReadExpectations(strings.NewReader(expectations))
}

// Parse implements extractors.Source. Statements of one implementation period
// and kind come one after another, whichever documents they stand in. Budgets
// that several documents describe are taken from the best of them: see supersede.
func (Source) Parse(ctx context.Context, docs extractors.Set, out extractors.Sink) error {
	known, err := readDonors()
	if err != nil {
		return err
	}
	g := newGathering(out, known)
	if err := g.read(ctx, docs); err != nil {
		return err
	}
	supersede(g.lines[extractors.Budget])
	for _, kind := range extractors.Kinds {
		for i, l := range grouped(g.lines[kind]) {
			if i%1000 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			d, problem := l.disclosure(known)
			if problem != "" {
				p := extractors.Problem{Document: l.doc, Locator: l.locator, Reason: problem, Raw: l.raw()}
				err = out.Reject(p)
			} else {
				err = out.Disclose(d)
			}
			if err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// grouped gives the lines of one group one after another, groups in order.
func grouped(lines []line) iter.Seq2[int, line] {
	groups := make([]string, len(lines))
	order := make([]int, len(lines))
	for i, l := range lines {
		groups[i], order[i] = l.group(), i
	}
	slices.SortStableFunc(order, func(a, b int) int { return strings.Compare(groups[a], groups[b]) })
	return func(yield func(int, line) bool) {
		for n, i := range order {
			if !yield(n, lines[i]) {
				return
			}
		}
	}
}

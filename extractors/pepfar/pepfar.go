// Package pepfar reads what PEPFAR, the United States' AIDS programme, discloses
// about its money: what was planned and what was spent in each country.
//
// It matters here because PEPFAR classifies every dollar by programme and by
// beneficiary: money for medication assisted treatment and money for people who
// inject drugs can be told from the rest of the HIV response. Only the structured
// file says so by mechanism; it has no public address and is read when it is
// handed over. The two public tables say it by country and year. See README.md.
package pepfar

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
)

//go:embed expectations.csv
var expectations string

// The tables people review: header names, operating units, words that stand
// where a name should be.
//
//go:embed columns.csv operating_units.csv placeholders.csv
var tables embed.FS

// The roles of this source's documents.
const (
	roleStructured   = "structured"   // one row per mechanism and classification
	roleExpenditures = "expenditures" // one row per place and programme, a column per fiscal year
	roleBudgets      = "budgets"      // the same of budgets, by budget code or by programme
)

// public are the tables with a public address. It is taken from
// https://github.com/USAID-OHA-SI/catch-22 (2022) and was not tried.
var public = [...]struct {
	role, url string
	has       column // without which it is another table
}{
	{roleExpenditures, "https://s3.amazonaws.com/media.data.pepfar.gov/fin_mngt/pepfar_expenditures_by_program/PEPFAR_Program_Expenditures.txt", program},
	{roleBudgets, "https://s3.amazonaws.com/media.data.pepfar.gov/fin_mngt/budget_by_budget_code/PEPFAR_OU_Budgets_by_Budget_Code.txt", budgetCode},
}

// Source is PEPFAR's financial data. The zero value is ready to use.
type Source struct{}

// New returns the source.
func New() Source { return Source{} }

var _ extractors.Source = Source{}

// Info implements extractors.Source.
func (Source) Info() extractors.Info {
	return extractors.Info{
		ID:        "pepfar",
		Title:     "PEPFAR budgets and expenditures",
		Publisher: "PEPFAR",
		Home:      "https://data.pepfar.gov/datasets",
		Licence:   "US government work (public domain in the United States); terms of the portal not stated",
		Kind:      extractors.Money,
		Spent:     extractors.SpentExpenditure,
		Cadence:   365 * 24 * time.Hour,
		Frozen:    "2024-12-31", // the last year with a release: README.md says how far that is known
		Additive:  true,         // the structured file is handed over, the others are fetched
		MaxBytes:  512 << 20,
		Authority: 1,
	}
}

// Role implements extractors.Source: by the header row. Only where a table by
// programme does not say whether it is of budgets or of expenditures its name
// decides.
func (Source) Role(name string, head []byte) string {
	text := string(head)
	if strings.HasPrefix(strings.TrimSpace(strings.TrimPrefix(text, "\ufeff")), "<") {
		return roleOfName(name) // a page where the table should be: Parse says so
	}
	l, err := newLayout(text)
	if err != nil {
		return ""
	}
	return l.role(name)
}

// roleOfName is for files that are not what their name promises.
func roleOfName(name string) string {
	switch n := strings.ToLower(name); {
	case strings.Contains(n, "financial_structured"):
		return roleStructured
	case strings.Contains(n, "program_expenditures"):
		return roleExpenditures
	case strings.Contains(n, "ou_budgets"):
		return roleBudgets
	}
	return ""
}

// Bundled implements extractors.Source. No cited figure of PEPFAR's own about a
// country of the region is known to this project, so there is nothing to bundle.
func (Source) Bundled() fs.FS { return nil }

// Expectations implements extractors.Source.
func (Source) Expectations() (extractors.Expectations, error) {
	return extractors.ReadExpectations(strings.NewReader(expectations))
}

// Fetch implements extractors.Source. One table that cannot be had does not keep
// the other from coming into use.
func (s Source) Fetch(ctx context.Context, c *fetch.Client, keep func(fetch.Document) error) error {
	var failed error
	for _, p := range public {
		d, err := c.Get(ctx, fetch.Request{URL: p.url, Shape: fetch.CSV})
		if err == nil {
			err = s.look(&d, p.role, p.has)
		}
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("pepfar %s: %w", p.role, err))
			continue
		}
		if err := keep(d); err != nil {
			return err
		}
		if c.Sample() {
			return failed
		}
	}
	return failed
}

// look gives a document its role, or refuses it when it is another table.
func (s Source) look(d *fetch.Document, role string, has column) error {
	head, err := d.Head(64 << 10)
	if err != nil {
		return err
	}
	l, err := newLayout(string(head))
	if d.Role = s.Role(d.Name, head); err != nil || d.Role != role || !l.has(has) {
		return fetch.Refuse("not the table of %s: it begins with %q", role, clip(string(head), 60))
	}
	return nil
}

// Parse implements extractors.Source. All documents are read before anything is
// given out: what was spent or planned in an operating unit and year may stand
// in several of them, and counts once.
func (Source) Parse(ctx context.Context, docs extractors.Set, out extractors.Sink) error {
	b, err := newBook(out)
	if err != nil {
		return err
	}
	for i, d := range docs {
		switch d.Role {
		case roleStructured, roleExpenditures, roleBudgets:
			if err := b.read(ctx, d, i); err != nil {
				return fmt.Errorf("parsing %s: %w", d.Name, err)
			}
		}
	}
	return b.give(ctx)
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}

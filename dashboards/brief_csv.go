package dashboards

import (
	"encoding/csv"
	"fmt"
	"io"
	"math/big"
	"strconv"
	"strings"

	"hrinvest/dashboards/csvfile"
)

// section is a named group of figures, in the order of the brief.
type section struct {
	name    string
	figures []Figure
}

// sections lists every figure of the brief: CSV and JSON write them, and tests
// hold HTML and PDF against them.
func (b *Brief) sections() []section {
	out := []section{{"figures", b.Four}, {"need", b.Gap}}
	for _, s := range []*Series{&b.Harm, &b.HIV} {
		var list []Figure
		for _, l := range s.Lines {
			list = append(append(list, l.Cells...), l.Total)
		}
		out = append(out, section{s.ID, list})
	}
	lines := func(name string, in []ServiceLine) section {
		var list []Figure
		for _, l := range in {
			f := l.Amount
			f.Label = l.Service + " · " + l.Funder
			list = append(list, f)
		}
		return section{name, list}
	}
	out = append(out, lines("services", b.Services), lines("other_money", b.Other), lines("also", b.Also))
	var promises, ends []Figure
	for _, p := range b.Promises {
		promises = append(promises, p.Figure)
	}
	for _, e := range b.Ends {
		ends = append(ends, e.Amount)
	}
	return append(out, section{"promises", promises}, section{"coverage", b.Coverage}, section{"ends", ends})
}

// WriteCSV writes every number of the brief with its source, year, basis, kind,
// status and note. Amounts are exact, with a point as the decimal sign; text is
// the number as the other editions print it, mark the words they print after it.
func (b *Brief) WriteCSV(w io.Writer) error {
	c := csv.NewWriter(w)
	c.Write([]string{"country", "section", "id", "label", "value", "low", "high", "text", "unit", "year", "basis", "kind", "status", "note", "sources", "release", "method", "mark", "verdict"})
	for _, s := range b.sections() {
		for _, f := range s.figures {
			c.Write([]string{b.Country.ISO3, s.name, f.ID, Cell(f.Label), exact(f.Value), exact(f.Low), exact(f.High), Cell(f.Text), Cell(f.Unit), Cell(f.Year), f.Basis, f.Kind, f.Status, Cell(f.Note), Cell(b.refURLs(f.Refs)), b.Release, f.Method, Cell(f.Mark), f.Verdict})
		}
	}
	c.Flush()
	if err := c.Error(); err != nil {
		return fmt.Errorf("writing brief as csv: %w", err)
	}
	return nil
}

func (b *Brief) refURLs(refs []int) string {
	var out []string
	for _, n := range refs {
		r := b.Refs[n-1]
		out = append(out, r.ID)
		if r.Withheld != "" {
			continue
		}
		if len(r.Cites) > 0 {
			out = append(out, r.Cites...)
		} else if r.URL != "" {
			out = append(out, r.URL)
		}
	}
	return strings.Join(out, " ")
}

// exact writes a number with all its decimals, up to twelve; a ratio that has
// more is rounded there. Absence is the empty text.
func exact(r *big.Rat) string {
	if r == nil {
		return ""
	}
	s := r.FloatString(12)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// Cell keeps a spreadsheet from running a text of a file as a formula: a text
// that begins like one gets an apostrophe before it, a number does not.
func Cell(s string) string { return csvfile.Guard(s) }

func marks(refs []int) string {
	if len(refs) == 0 {
		return ""
	}
	var out []string
	for _, n := range refs {
		out = append(out, strconv.Itoa(n))
	}
	return "[" + strings.Join(out, ",") + "]"
}

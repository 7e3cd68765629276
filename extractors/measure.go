package extractors

import (
	"context"
	"errors"
	"iter"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Measure is what is counted of a source's documents to tell whether they look
// as expected.
type Measure struct {
	All       Part            `json:"all"`
	Roles     map[string]Part `json:"roles,omitempty"`     // by role of the document
	Documents map[string]int  `json:"documents,omitempty"` // rows by address
	Skipped   int             `json:"skipped,omitempty"`   // statements out of scope: they say nothing of the rest
}

// Part is what is counted of some documents. A row is a statement about money or
// an observation that was read.
type Part struct {
	Rows     int              `json:"rows"`
	Rejected int              `json:"rejected"`
	Fill     map[string]int   `json:"fill,omitempty"`   // rows with a value, by field
	Totals   map[string]Total `json:"totals,omitempty"` // by "kind currency" or "indicator unit"
}

// Total is a sum in whole units, each amount cut to them: enough to see that a
// sum moved, and no figure to publish. A sum beyond int64 stays at its end.
type Total struct {
	Rows     int   `json:"rows"`
	Sum      int64 `json:"sum"`
	Observed bool  `json:"observed,omitempty"` // of observations
}

// Measured parses a source's documents and counts.
func Measured(ctx context.Context, src Source, docs Set) (Measure, error) {
	m := &measuring{roles: map[string]string{}, urls: map[string]string{}, out: Measure{Roles: map[string]Part{}, Documents: map[string]int{}}}
	for _, d := range docs {
		m.roles[d.SHA256], m.urls[d.SHA256] = d.Role, d.URL
		m.out.Documents[d.URL] = 0
		if _, ok := m.out.Roles[d.Role]; !ok {
			m.out.Roles[d.Role] = Part{}
		}
	}
	if err := src.Parse(ctx, docs, m); err != nil {
		return Measure{}, err
	}
	return m.out, nil
}

// measuring is a Sink that counts.
type measuring struct {
	roles, urls map[string]string // by document
	out         Measure
}

func (m *measuring) count(doc string, f func(*Part)) {
	f(&m.out.All)
	role := m.roles[doc]
	p := m.out.Roles[role]
	f(&p)
	m.out.Roles[role] = p
}

// row counts a row with its filled fields and its part of a total.
func (m *measuring) row(doc, key, amount string, observed bool, filled ...string) {
	m.out.Documents[m.urls[doc]]++
	sum := wholeUnits(amount)
	m.count(doc, func(p *Part) {
		p.Rows++
		if p.Fill == nil {
			p.Fill, p.Totals = map[string]int{}, map[string]Total{}
		}
		for _, f := range filled {
			if f != "" {
				p.Fill[f]++
			}
		}
		t := p.Totals[key]
		t.Rows, t.Sum, t.Observed = t.Rows+1, saturate(t.Sum, sum), observed
		p.Totals[key] = t
	})
}

// Disclose implements Sink.
func (m *measuring) Disclose(d Disclosure) error {
	filled := make([]string, 0, len(fillFields))
	has := func(field string, ok bool) {
		if ok {
			filled = append(filled, field)
		}
	}
	has("amount", d.Amount != "")
	has("currency", d.Currency != "")
	has("period", d.Date != "" || d.PeriodStart != "" || d.Year != "" || d.Cycle != "")
	has("place", len(d.Places) > 0)
	has("party", len(d.Parties) > 0)
	has("code", len(d.Codes) > 0)
	has("sector", len(d.Sectors) > 0)
	has("title", d.Title != "")
	m.row(d.Document, string(d.Kind)+" "+d.Currency, d.Amount, false, filled...)
	return nil
}

// Observe implements Sink.
func (m *measuring) Observe(o Observation) error {
	filled := make([]string, 0, len(fillFields))
	has := func(field string, ok bool) {
		if ok {
			filled = append(filled, field)
		}
	}
	has("value", o.Value != "")
	has("area", o.Area != "" || o.AreaName != "")
	has("year", o.Year != "" || o.PeriodStart != "")
	has("subgroup", o.Subgroup != "")
	m.row(o.Document, o.Indicator+" "+o.Unit, o.Value, true, filled...)
	return nil
}

// Reject implements Sink.
func (m *measuring) Reject(p Problem) error {
	m.count(p.Document, func(p *Part) { p.Rejected++ })
	return nil
}

// Skip implements Sink.
func (m *measuring) Skip(_ string, n int, _ string) error { m.out.Skipped += n; return nil }

// Peak is the most that was counted, of m and of what was the most before (nil:
// nothing was), role by role and total by total.
func (m Measure) Peak(before *Measure) Measure {
	if before == nil {
		return m
	}
	out := Measure{All: m.All.peak(before.All), Roles: map[string]Part{}, Documents: m.Documents}
	for role, p := range m.Roles {
		out.Roles[role] = p.peak(before.Roles[role])
	}
	return out
}

func (p Part) peak(before Part) Part {
	out := Part{Rows: max(p.Rows, before.Rows), Rejected: p.Rejected, Fill: p.Fill, Totals: maps.Clone(p.Totals)}
	for key, t := range p.Totals {
		if was := before.Totals[key]; abs(was.Sum) > abs(t.Sum) {
			t.Sum = was.Sum
			out.Totals[key] = t
		}
	}
	return out
}

func abs(n int64) int64 { return max(n, -n) }

// wholeUnits cuts an amount as published to whole units; what is no number is 0.
func wholeUnits(s string) int64 {
	s = strings.Map(func(r rune) rune {
		if r == ',' || r == ' ' || r == '\u00a0' {
			return -1
		}
		return r
	}, s)
	s, _, _ = strings.Cut(s, ".")
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0
	}
	return n
}

func saturate(a, b int64) int64 {
	switch sum := a + b; {
	case a > 0 && b > 0 && sum < 0:
		return math.MaxInt64
	case a < 0 && b < 0 && sum >= 0:
		return -math.MaxInt64
	default:
		return sum
	}
}

func sorted[V any](m map[string]V) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			if !yield(k, m[k]) {
				return
			}
		}
	}
}

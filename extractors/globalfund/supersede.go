package globalfund

import (
	"fmt"
	"time"

	"hrinvest/extractors/fetch"
)

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
	if interfaceRole(d.Role) {
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

package dashboards

import (
	"sort"
	"strings"
)

// servicesTable is who pays for which service, before it is drawn.
type servicesTable struct {
	cols  []tableColumn
	rows  [][]string
	least float64 // height of the section with its first rows
}

// leastServices is how many of the services the first page shows if there are so
// many, at the cost of years of the chart.
const leastServices = 4

func (p *pages) services() servicesTable {
	t := servicesTable{cols: []tableColumn{{p.t("table.service"), 110}, {p.t("table.amount"), 114}, {p.t("table.funder"), 84}, {p.t("table.kind"), 78}, {p.t("table.when"), column - 386}}}
	for _, l := range ranked(p.b.Services) {
		amount := l.Amount.Shown()
		if l.Local != "" {
			amount += " (" + l.Local + ")"
		}
		t.rows = append(t.rows, []string{l.Service, amount + " " + marks(l.Amount.Refs), l.Funder, l.KindText, l.ShortWhen})
	}
	t.least = p.d.TextHeight(column, p.t("brief.services"), bold(12)) + 4 + p.cutHeight()
	if len(t.rows) > 0 {
		t.least += p.rowHeight(t.cols, titles(t.cols), bold(9))
	}
	for _, r := range t.rows[:min(len(t.rows), leastServices)] {
		t.least += p.rowHeight(t.cols, r, body(9))
	}
	if len(t.rows) > leastServices {
		t.least += moreHeight
	}
	return t
}

// cutHeight is what the note on cut grants takes under the table.
func (p *pages) cutHeight() float64 {
	if p.b.Cut == "" {
		return 0
	}
	return p.d.TextHeight(column, p.b.Cut, body(9)) + 3
}

// drawServices draws the section: as many services as have room, then that the
// grants were cut, then, if there is room, what nobody pays for: the second page has
// that among what is missing.
func (p *pages) drawServices(y float64, t servicesTable) {
	y = p.heading(y, "brief.services")
	if len(t.rows) > 0 {
		y = p.table(y, bottom-p.cutHeight(), func(shown int) string {
			return p.n("brief.more", len(t.rows)-shown, "page", p.onSite(p.b, p.b.Page))
		}, t.cols, t.rows)
	}
	below := strings.TrimSpace(p.b.Cut + " " + p.b.NoServices)
	if y+p.d.TextHeight(column, below, body(9))+3 > bottom+4 {
		below = p.b.Cut
	}
	if below != "" {
		p.d.Text(margin, y+2, column, below, body(9))
	}
}

// ranked puts money paid and grant-cycle budgets before what else was promised
// or planned for the same services.
func ranked(in []ServiceLine) []ServiceLine {
	out := append([]ServiceLine{}, in...)
	rank := func(l ServiceLine) int {
		if l.Amount.Kind == "expenditure" || l.Amount.Kind == "disbursement" || l.Amount.Basis == "none" || l.Amount.Basis == "cycle" && l.Amount.Kind == "budget" {
			return 0
		}
		return 1
	}
	sort.SliceStable(out, func(i, j int) bool { return rank(out[i]) < rank(out[j]) })
	return out
}

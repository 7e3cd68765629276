package dashboards

import (
	"cmp"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"hrinvest/dashboards/charts"
)

// paidFirst orders kinds of money for a picture that shows one: money paid comes before
// money planned.
func paidFirst(kind string) int {
	i := slices.Index([]string{"expenditure", "disbursement", "budget", "planned_disbursement", "commitment", "pledge", "allocation"}, kind)
	if i < 0 {
		return 99
	}
	return i
}

// isGift reports whether a kind is of money a donor gives: not of money it received.
func isGift(kind string) bool { return paidFirst(kind) < 99 }

// given is what a donor gave directly in a year, of one kind (donor_totals).
type given struct {
	donor, id, kind string
	year            int
	usd             *big.Rat
	missing         int // flows without dollars
	how             method
}

// donorsPicture shows what the donors on the page gave for harm reduction in the newest
// year in which at least two state the same kind of money.
func (r *request) donorsPicture(w *words, donors *Table) (*picture, string, error) {
	types := map[string]string{}
	for _, row := range donors.Rows {
		s := &scan{row: row}
		types[s.text("funder_id")] = s.text("funder_type")
		if s.err != nil {
			return nil, "", s.err
		}
	}
	all, err := load(r.Context(), r.data, "donor_totals", map[string]any{"definition": Definition}, func(s *scan) given {
		g := given{donor: s.text("donor"), id: s.text("donor_id"), kind: s.text("measure"), usd: s.num("direct"), missing: s.whole("n_without_usd"), how: methodOf(s.words("method"), nil)}
		if s.text("year_basis") == "calendar" {
			g.year = s.whole("year")
		}
		return g
	})
	if err != nil {
		return nil, "", err
	}
	all = slices.DeleteFunc(all, func(g given) bool {
		_, shown := types[g.id]
		return !shown || g.year == 0 || g.usd == nil || !isGift(g.kind)
	})
	if len(all) == 0 {
		return nil, w.t("picture.no_value"), w.err
	}
	type choice struct {
		year int
		kind string
	}
	n := map[choice]int{}
	for _, g := range all {
		n[choice{g.year, g.kind}]++
	}
	best := slices.MaxFunc(all, func(a, b given) int {
		x, y := n[choice{a.year, a.kind}], n[choice{b.year, b.kind}]
		return cmp.Or(cmp.Compare(min(x, 2), min(y, 2)), cmp.Compare(a.year, b.year), cmp.Compare(x, y), cmp.Compare(paidFirst(b.kind), paidFirst(a.kind)))
	})
	others := map[string]bool{}
	var shown []given
	for _, g := range all {
		if g.year == best.year && g.kind == best.kind {
			shown = append(shown, g)
		}
	}
	for id := range types {
		others[id] = !slices.ContainsFunc(shown, func(g given) bool { return g.id == id })
	}
	slices.SortStableFunc(shown, func(a, b given) int { return cmp.Or(b.usd.Cmp(a.usd), strings.Compare(a.donor, b.donor)) })
	p := &picture{
		Title: w.t("picture.donors", "year", best.year, "kind", w.or("kind.", best.kind)),
		Basis: w.t("picture.basis", "definition", w.or("definition_short.", Definition)),
		Heads: []string{w.columnLabel("donor"), w.t("table.amount"), w.t("table.notes")},
	}
	bars := &charts.Bars{}
	for _, g := range shown {
		note := ""
		if k := g.how.key(); k != "" {
			note = w.t("mark.short." + k)
			p.Notes = union(p.Notes, []string{w.t("mark.note." + k)})
		}
		if g.missing > 0 {
			note = strings.TrimPrefix(note+"; "+w.n("note.without_usd", g.missing), "; ")
		}
		name, amount := w.funder(g.donor, types[g.id]), w.USD(g.usd)
		p.Rows = append(p.Rows, []string{name, amount, note})
		if len(bars.Rows) < maxBars {
			bars.Rows = append(bars.Rows, charts.BarRow{Label: name, Note: remarked(amount, note), Value: g.usd, Look: lookOf(types[g.id], planned(best.kind))})
		}
	}
	if planned(best.kind) {
		p.Notes = append(p.Notes, w.t("chart.planned"))
	}
	if rest := len(shown) - len(bars.Rows); rest > 0 {
		p.Notes = append(p.Notes, w.n("picture.cut", rest))
	}
	count := 0
	for _, other := range others {
		if other {
			count++
		}
	}
	if count > 0 {
		p.Notes = append(p.Notes, w.n("picture.donors_other", count))
	}
	p.chart = bars
	return p, "", w.err
}

// remarked is a figure with the remark on it.
func remarked(figure, note string) string {
	if note == "" {
		return figure
	}
	return figure + " (" + note + ")"
}

// donorPicture shows what one donor gave by calendar year, of one kind: the one asked
// for, or the one with the most years.
func (r *request) donorPicture(w *words, name, funderType, definition string, lines []donorLine) (*picture, string, error) {
	years := map[string]int{}
	for _, l := range lines {
		if l.year > 0 && l.calendar && l.total != nil {
			years[l.kind]++
		}
	}
	kind := ""
	for k, n := range years {
		if kind == "" || cmp.Or(cmp.Compare(b2i(isGift(k)), b2i(isGift(kind))), cmp.Compare(n, years[kind]), cmp.Compare(paidFirst(kind), paidFirst(k)), strings.Compare(kind, k)) > 0 {
			kind = k
		}
	}
	if kind == "" {
		return nil, w.t("picture.no_value"), w.err
	}
	p := &picture{
		Title: w.t("picture.donor", "donor", name, "kind", w.or("kind.", kind)),
		Basis: w.t("picture.basis", "definition", w.or("definition_short.", definition)),
		Heads: []string{w.t("table.year"), w.t("table.amount"), w.t("table.notes")},
	}
	chart := &charts.Stacked{Tick: r.loc.Axis, Series: []charts.Series{{Label: w.or("kind.", kind), Look: lookOf(funderType, planned(kind))}}}
	first, last, others := 0, 0, 0
	of := map[int]donorLine{}
	for _, l := range lines {
		switch {
		case l.kind != kind || l.year == 0 || !l.calendar:
			others++
		default:
			of[l.year] = l
			if first == 0 || l.year < first {
				first = l.year
			}
			last = max(last, l.year)
		}
	}
	if from := last - maxBars + 1; first < from {
		p.Notes = append(p.Notes, w.t("picture.from_year", "year", from))
		first = from
	}
	for y := first; y <= last; y++ {
		year := strconv.Itoa(y)
		bar := charts.Bar{Label: year, Note: w.t("absent.unknown")}
		row := []string{year, w.t("absent.unknown"), ""}
		if l, ok := of[y]; ok {
			bar.Note, row[1] = w.t("absent.no_rate"), w.t("absent.no_rate")
			if l.total != nil {
				bar.Note, row[1] = r.loc.Short(l.total), w.USD(l.total)
				bar.Parts = []charts.Part{{Value: l.total, Hollow: planned(kind)}}
			}
			if k := l.how.key(); k != "" {
				bar.Remark, row[2] = "("+w.t("mark.short."+k)+")", w.t("mark.short."+k)
				p.Notes = union(p.Notes, []string{w.t("mark.note." + k)})
			}
			if l.Note != "" {
				row[2] = strings.TrimPrefix(row[2]+"; "+l.Note, "; ")
			}
		}
		chart.Rows, p.Rows = append(chart.Rows, bar), append(p.Rows, row)
	}
	if planned(kind) {
		chart.Planned = w.t("chart.planned")
	}
	if others > 0 {
		p.Notes = append(p.Notes, w.t("picture.donor_other"))
	}
	p.chart = chart
	return p, "", w.err
}

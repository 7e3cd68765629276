package dashboards

import (
	"cmp"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"hrinvest/dashboards/charts"
	"hrinvest/dashboards/locales"
)

// promiseOf is what a picture of gaps holds still: one promise, measured one way.
type promiseOf struct{ commitment, measure, definition, prices, unit string }

// gapsPicture shows one promise of the page: what was found in each country or area,
// with its range, against what was promised. Of several it takes the one most is known
// of. What is asked of one country alone is shown by promise, where all are in per cent.
func (r *request) gapsPicture(m *maker, gaps []Gap) (*picture, string, error) {
	w := m.words
	newest := map[promiseOf]map[string]Gap{} // :: promise, area -> its newest answer that can be drawn, else any
	for _, g := range gaps {
		k := promiseOf{g.Commitment, g.Measure, g.Definition, g.PriceBasis, g.Unit}
		if newest[k] == nil {
			newest[k] = map[string]Gap{}
		}
		if old, ok := newest[k][g.Area]; !ok || cmp.Or(cmp.Compare(b2i(g.drawn()), b2i(old.drawn())), cmp.Compare(g.Year, old.Year)) > 0 {
			newest[k][g.Area] = g
		}
	}
	if place, ok := onePlace(gaps); ok && len(newest) > 1 {
		return r.placePicture(m, place, newest)
	}
	known := func(k promiseOf) (n int) {
		for _, g := range newest[k] {
			n += b2i(g.drawn())
		}
		return n
	}
	var best promiseOf
	for k := range newest {
		if n := known(k); n > 0 && cmp.Or(cmp.Compare(n, known(best)), strings.Compare(best.commitment+best.measure+best.definition, k.commitment+k.measure+k.definition)) > 0 {
			best = k
		}
	}
	if best.commitment == "" {
		return nil, w.t("picture.no_value"), w.err
	}
	var list []Gap
	for _, g := range newest[best] {
		list = append(list, g)
	}
	p := m.gapBars(list, func(g Gap) string { return w.place(r.ed.cat, g.Area) })
	p.Title = shorten(list[0].Text(w.Lang), 160)
	p.Heads[0] = w.columnLabel("area")
	p.Basis = w.t("picture.gaps", "commitment", best.commitment, "measure", w.or("gap_measure.", best.measure))
	if best.prices != "" {
		p.Basis += " " + w.t("gaps.prices", "basis", w.or("price_basis.", locales.Key(best.prices))) + "."
	}
	if len(newest) > 1 {
		p.Notes = append(p.Notes, w.t("picture.one_promise"))
	}
	return p, "", w.err
}

// onePlace is the country or area all rows are of.
func onePlace(gaps []Gap) (string, bool) {
	if len(gaps) == 0 || slices.ContainsFunc(gaps, func(g Gap) bool { return g.Area != gaps[0].Area }) {
		return "", false
	}
	return gaps[0].Area, true
}

// drawn reports whether a value may stand beside what is required of it: both are of
// one unit and price basis. A value older than the promise may; its year is said.
func (g Gap) drawn() bool {
	return g.Actual != nil && g.Required != nil && (g.comparable() || g.before())
}

// placePicture shows the promises to one country or area that are in per cent.
func (r *request) placePicture(m *maker, area string, newest map[promiseOf]map[string]Gap) (*picture, string, error) {
	w := m.words
	var list []Gap
	for k, of := range newest {
		if g := of[area]; k.unit == "percent" && g.drawn() {
			list = append(list, g)
		}
	}
	if len(list) == 0 {
		return nil, w.t("picture.no_value"), w.err
	}
	p := m.gapBars(list, func(g Gap) string { return shorten(g.Text(w.Lang), 140) })
	p.Title = w.t("picture.place", "place", w.place(r.ed.cat, area))
	p.Heads[0] = w.t("table.promise")
	p.Basis = w.t("picture.place_basis")
	return p, "", w.err
}

// gapBars draws answers as bars: those with a value first, the smallest share of what
// is required before the others, then those that cannot have one, then those without.
func (m *maker) gapBars(list []Gap, label func(Gap) string) *picture {
	w := m.words
	class := func(g Gap) int {
		switch {
		case g.drawn():
			return 0
		case g.Verdict == "not_available_by_law":
			return 1
		case g.Verdict != "no_data":
			return 3
		}
		return 2
	}
	slices.SortStableFunc(list, func(a, b Gap) int {
		by := cmp.Compare(class(a), class(b))
		if by == 0 && a.drawn() { // a/A < b/B, where nothing is divided by 0
			by = new(big.Rat).Mul(a.Actual, b.Required).Cmp(new(big.Rat).Mul(b.Actual, a.Required))
		}
		return cmp.Or(by, strings.Compare(label(a), label(b)))
	})
	p := &picture{Heads: []string{"", w.t("table.actual"), w.t("table.required"), w.t("table.verdict")}}
	bars := &charts.Bars{}
	rest := map[string]int{}
	for _, g := range list {
		if class(g) > 1 && len(list) > maxBars {
			rest[g.look()]++
			continue
		}
		if len(bars.Rows) == maxBars {
			rest["cut"]++
			continue
		}
		found := w.t("verdict." + g.look())
		row := charts.BarRow{Label: label(g), Look: look("other")}
		switch {
		case g.drawn():
			row.Value, row.Low, row.High, row.Target = g.Actual, g.ActualLow, g.ActualHigh, g.Required
			found = m.value(g.Actual, g.Unit)
			if g.ActualLow != nil && g.ActualHigh != nil {
				found += " (" + m.value(g.ActualLow, g.Unit) + "–" + m.value(g.ActualHigh, g.Unit) + ")"
			}
			if g.Actual.Sign() == 0 {
				found += w.Dash() + w.t("absent.zero")
			}
			if g.Year > 0 {
				found += ", " + strconv.Itoa(g.Year)
			}
		case g.Verdict != "no_data":
			row.Absent = charts.NotApplicable
		}
		if g.Unit == "percent" {
			row.Full = hundred
		}
		row.Note = found
		bars.Rows = append(bars.Rows, row)
		required := w.t("absent.no_number")
		if g.Required != nil {
			required = m.required(g)
		}
		verdict := w.t("verdict." + g.look())
		if why := m.reason(g); why != "" && !g.comparable() {
			verdict += ". " + why
		}
		p.Rows = append(p.Rows, []string{row.Label, found, required, verdict})
	}
	p.Notes = append(p.Notes, w.t("picture.target"))
	if slices.ContainsFunc(bars.Rows, func(r charts.BarRow) bool { return r.Low != nil }) {
		p.Notes = append(p.Notes, w.t("picture.whisker"))
	}
	for _, k := range append(looks(), "cut") {
		switch n := rest[k]; {
		case n == 0:
		case k == "cut":
			p.Notes = append(p.Notes, w.n("picture.cut", n))
		default:
			p.Notes = append(p.Notes, w.n("picture.left_out", n, "verdict", w.t("verdict."+k)))
		}
	}
	p.chart = bars
	return p
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

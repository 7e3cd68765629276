package dashboards

import (
	"html/template"
	"math/big"
	"net/url"
	"sort"
	"strconv"
	"strings"

	"hrinvest/dashboards/charts"
)

// Point is a value of an earlier year.
type Point struct {
	Year  int
	Value *big.Rat
	Text  string
}

// coverage lists the newest value of each indicator that stands beside money,
// with what was promised of it and the years before.
func (m *maker) coverage() {
	wanted := []string{"pwid_size", "needles_per_pwid", "oat_coverage", "safe_injecting", "hiv_prevalence_pwid", "know_status_pwid", "art_coverage_pwid"}
	for _, id := range wanted {
		var best *Observation
		for i, o := range m.facts.observed {
			if o.Indicator == id && (best == nil || o.Year > best.Year) {
				best = &m.facts.observed[i]
			}
		}
		if best == nil {
			f := Figure{ID: id, Label: m.t("indicator." + id), Text: m.t("absent.not_reported"), Status: "not_reported"}
			if m.forbidden(id) {
				f.Text, f.Status = m.t("verdict.not_available_by_law"), "not_applicable"
			}
			m.b.Coverage = append(m.b.Coverage, f)
			continue
		}
		f := m.observation(*best)
		f.Link = m.trail("country_coverage", url.Values{"indicator": {id}})
		if f.Value != nil {
			m.target(&f)
			f.Trend = m.trend(best)
		}
		m.b.Coverage = append(m.b.Coverage, f)
	}
}

// target notes on a figure the latest promise that asks for at least so much of it.
func (m *maker) target(f *Figure) {
	var last *Gap
	for i, g := range m.facts.gaps {
		if g.Measure == f.ID && g.binding() && g.Required != nil && strings.HasPrefix(g.Comparator, ">") && (last == nil || g.TargetYear > last.TargetYear) {
			last = &m.facts.gaps[i]
		}
	}
	if last != nil && last.TargetYear > 0 {
		f.Target, f.TargetText = last.Required, m.t("coverage.target", "required", m.atLeast(last), "year", last.TargetYear)
	}
}

// atLeast is a threshold without the words of a unit that stands beside it.
func (m *maker) atLeast(g *Gap) string {
	if g.Unit == "percent" || g.Unit == "%" {
		return m.required(*g)
	}
	short := *g
	short.Unit = ""
	return m.required(short)
}

// trend is the values of an indicator from the source of its newest one: those of
// others are not comparable with them. nil where there are fewer than three.
func (m *maker) trend(newest *Observation) []Point {
	var out []Point
	for _, o := range m.facts.observed {
		if o.Indicator == newest.Indicator && o.Source == newest.Source && o.Unit == newest.Unit && o.Value != nil && o.Year > 0 {
			out = append(out, Point{o.Year, o.Value, m.Plain(o.Value, 1)})
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Year < out[j].Year })
	if len(out) < 3 {
		return nil
	}
	return out
}

// Past writes the years before as text: what the small line draws.
func (f Figure) Past() string {
	var out []string
	for _, p := range f.Trend {
		out = append(out, strconv.Itoa(p.Year)+": "+p.Text)
	}
	return strings.Join(out, "; ")
}

// Spark draws the years before as a small line; "" where there are too few.
func (f Figure) Spark() template.HTML {
	if len(f.Trend) == 0 {
		return ""
	}
	s := charts.Sparkline{Series: charts.LineSeries{Look: look("domestic"), Values: map[int]*big.Rat{}}}
	for _, p := range f.Trend {
		s.Series.Values[p.Year] = p.Value
	}
	var c charts.SVG
	s.Draw(&c)
	width, height := s.Size()
	return template.HTML(c.Small("spark-"+f.ID, f.Label, f.Past(), width, height)) // package charts escapes every text
}

// bars draws the figures of coverage that something was promised of, with their
// targets. rest are those it leaves to words.
func (b *Brief) bars(width float64, note func(Figure) string) (c *charts.Bars, rest []Figure) {
	c = &charts.Bars{Width: width}
	for _, f := range b.Coverage {
		full := big.NewRat(100, 1)
		switch {
		case f.Value == nil, f.Target == nil:
			rest = append(rest, f)
			continue
		case f.Unit != "percent":
			full = nil
			for _, v := range []*big.Rat{f.Value, f.High, f.Target} {
				if v != nil && (full == nil || v.Cmp(full) > 0) {
					full = v
				}
			}
		}
		c.Rows = append(c.Rows, charts.BarRow{Label: f.Label, Note: note(f), Value: f.Value, Low: f.Low, High: f.High, Full: full, Target: f.Target, Look: look("domestic")})
	}
	return c, rest
}

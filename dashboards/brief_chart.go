package dashboards

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"hrinvest/dashboards/charts"
	"hrinvest/dashboards/locales"
)

// look gives each group its colour and hatching: the same in every chart. Hatchings
// differ from each other, so that print without colour tells groups apart.
func look(group string) charts.Look {
	switch group {
	case "domestic":
		return charts.Look{Fill: "#9fd3c7", Ink: "#14594b", Pattern: charts.Solid}
	case "global_fund":
		return charts.Look{Fill: "#f6c48a", Ink: "#7a4300", Pattern: charts.Rising}
	case "us":
		return charts.Look{Fill: "#b9cdf0", Ink: "#1f3f7f", Pattern: charts.Falling}
	case "bilateral":
		return charts.Look{Fill: "#e3b7d6", Ink: "#6b2457", Pattern: charts.Crossed}
	case "multilateral":
		return charts.Look{Fill: "#d9d9a3", Ink: "#55550f", Pattern: charts.Upright}
	case "philanthropic":
		return charts.Look{Fill: "#f2b3ac", Ink: "#7d1f14", Pattern: charts.Level}
	case "private":
		return charts.Look{Fill: "#cfc4e8", Ink: "#3f2f75", Pattern: charts.Grid}
	case "international":
		return charts.Look{Fill: "#fbe7c6", Ink: "#6b5310", Pattern: charts.Dashed}
	case "other":
		return charts.Look{Fill: "#d3e6f2", Ink: "#234a63", Pattern: charts.Dotted}
	}
	return charts.Look{Fill: "#e3e6ea", Ink: "#49525c", Pattern: charts.Sparse}
}

// last are the rows a chart has room for: the last years. Where there are more, three
// or more empty years in a row take one row; and of HIV money the newest report of
// the country's own is always among them, for what single payers disclosed later says
// less. Empty years before the first with money are left out where not all have room.
func (s *Series) last(rows int) []YearLine {
	if len(s.Lines) <= rows {
		return s.Lines
	}
	lines := s.joined()
	end := len(lines)
	if s.ID == "hiv" {
		for i := len(lines) - 1; i >= 0; i-- {
			if lines[i].complete(s) {
				if i < len(lines)-rows {
					end = i + 1
				}
				break
			}
		}
	}
	lines = lines[max(0, end-rows):end]
	for len(lines) > 1 && lines[0].empty() { // it says nothing to begin with what nobody reported
		lines = lines[1:]
	}
	return lines
}

// empty: nothing was reported for the year.
func (l *YearLine) empty() bool { return len(l.Cells) == 0 && l.Total.Value == nil }

// joined are the lines with three or more empty years in a row as one.
func (s *Series) joined() []YearLine {
	var out []YearLine
	for i := 0; i < len(s.Lines); {
		j := i
		for j < len(s.Lines) && s.Lines[j].empty() {
			j++
		}
		switch {
		case j-i > 2:
			l := s.Lines[i]
			l.Until = s.Lines[j-1].Year
			out = append(out, l)
			i = j
		case j > i:
			out = append(out, s.Lines[i:j]...)
			i = j
		default:
			out = append(out, s.Lines[i])
			i++
		}
	}
	return out
}

// newest is the last year with money among the rows of a chart.
func (s *Series) newest(rows int) *YearLine {
	lines := s.last(rows)
	for i := len(lines) - 1; i >= 0; i-- {
		if v := lines[i].Total.Value; v != nil && v.Sign() > 0 {
			return &lines[i]
		}
	}
	return s.Latest()
}

// measures says of the years that a chart shows, but for its newest with money, of
// which more is said beside it, what their money is: "2014, 2016: spent".
func (s *Series) measures(rows int) string {
	var order []string
	years := map[string][]string{}
	for _, l := range s.last(rows) {
		if l.Short == "" || l.Total.Value == nil || l.Year == s.newest(rows).Year {
			continue
		}
		if years[l.Short] == nil {
			order = append(order, l.Short)
		}
		years[l.Short] = append(years[l.Short], strconv.Itoa(l.Year))
	}
	for i, measure := range order {
		order[i] = strings.Join(years[measure], ", ") + ": " + measure
	}
	return strings.Join(order, "; ")
}

// chart draws the last rows years of a series.
func (s *Series) chart(l *locales.Locale, rows int) (*charts.Stacked, error) {
	w := &words{Locale: l}
	c := &charts.Stacked{Tick: l.Axis}
	lines := s.last(rows)
	used := make([]bool, len(s.Groups))
	for _, line := range lines {
		for i, cell := range line.Cells {
			used[i] = used[i] || cell.Value != nil
		}
	}
	at := map[int]int{} // group -> series of the chart
	for i, g := range s.Groups {
		if used[i] {
			at[i] = len(c.Series)
			c.Series = append(c.Series, charts.Series{Label: s.Labels[i], Look: look(g)})
		}
	}
	for _, line := range lines {
		bar := charts.Bar{Label: strconv.Itoa(line.Year), Note: w.t("chart.missing")}
		if line.Until > 0 {
			bar.Label, bar.Note = "…", fmt.Sprintf("%d–%d: %s", line.Year, line.Until, bar.Note)
		}
		if len(line.Cells) > 0 {
			bar.Note = line.Total.Text
			if line.Total.Value != nil {
				bar.Note = l.Short(line.Total.Value)
			}
			var remarks []string
			if k := line.Total.how.key(); k != "" {
				remarks = append(remarks, w.t("mark.short."+k))
				c.Notes = union(c.Notes, []string{w.t("mark.note." + k)})
			}
			if line.Only != "" {
				remarks = append(remarks, line.Only)
			}
			if len(remarks) > 0 {
				bar.Remark = "(" + strings.Join(remarks, "; ") + ")"
			}
			for i, cell := range line.Cells {
				if cell.Value == nil {
					continue
				}
				hollow := cell.Kind == "budgeted"
				bar.Parts = append(bar.Parts, charts.Part{Series: at[i], Value: cell.Value, Hollow: hollow})
				if hollow {
					c.Planned = w.t("chart.planned")
				}
			}
			if len(bar.Parts) == 0 { // money without a rate: no length to draw
				bar.Parts = []charts.Part{{Series: 0, Value: new(big.Rat)}}
			}
		}
		c.Rows = append(c.Rows, bar)
	}
	return c, w.err
}

// describe puts a series in words, for those who do not see its chart.
func (s *Series) describe() string {
	var out []string
	for _, l := range s.Lines {
		text := strconv.Itoa(l.Year) + ": " + l.Total.Shown()
		if l.Only != "" {
			text += " (" + l.Only + ")"
		}
		out = append(out, text)
	}
	return s.Basis + " " + strings.Join(out, "; ") + "."
}

// svg draws the chart of a series as an SVG element.
func (s *Series) svg(l *locales.Locale, rows int) (string, error) {
	c, err := s.chart(l, rows)
	if err != nil {
		return "", err
	}
	var canvas charts.SVG
	c.Draw(&canvas)
	return canvas.Element("chart-"+s.ID, s.Title, s.describe(), 420, c.Height()), nil
}

// shown is the series a brief draws: harm reduction where there are at least two
// years of it to compare, else HIV money in general, which is said to be that.
func (b *Brief) shown() *Series {
	if len(b.Harm.Lines) >= 2 || b.HIV.Empty() {
		return &b.Harm
	}
	return &b.HIV
}

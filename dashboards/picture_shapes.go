package dashboards

import (
	"math/big"
	"slices"
	"strconv"
	"strings"

	"hrinvest/dashboards/charts"
)

// drawingOf is a picture being drawn from a plan.
type drawingOf struct {
	plan
	w   *words
	r   *request
	out *picture
	// measure is the one of the money drawn: spending and budgets are not set beside
	// each other. What is of another has its figure and no bar.
	measure string
}

// most is the measure, or mix of them, that most rows are of.
func (d *drawingOf) most(rows []Row) string {
	n, best := map[string]int{}, ""
	for _, row := range rows {
		if m := d.measureOf(row); d.drawsValue(row) {
			if n[m]++; n[m] > n[best] {
				best = m
			}
		}
	}
	return best
}

func (d *drawingOf) measureOf(row Row) string {
	measures, _ := d.remarks(row)
	return strings.Join(measures, " ")
}

// drawsValue reports whether a row has a value at all.
func (d *drawingOf) drawsValue(row Row) bool {
	return slices.ContainsFunc(append(slices.Clone(d.values), d.low), func(c string) bool { return row[c] != nil })
}

// figure writes a value of a row with its unit.
func (d *drawingOf) figure(v *big.Rat, row Row) string {
	switch unit, _ := row["unit"].(string); {
	case d.percent, unit == "percent":
		return d.w.Percent(v, 1)
	case d.dollars && v.Cmp(big.NewRat(1000, 1)) < 0: // a cost of one person: cents count
		return d.w.t("picture.usd", "n", d.w.decimal(v))
	case d.dollars:
		return d.w.USD(v)
	default:
		return (&maker{words: d.w}).value(v, unit)
	}
}

// remarks says of a row what its money is, and why it does not compare.
func (d *drawingOf) remarks(row Row) (measures []string, why string) {
	method, _ := row["method"].(string)
	first, _, _ := strings.Cut(method, ";")
	for _, word := range strings.Fields(first) {
		if !d.w.Has("measure." + word) {
			measures = nil
			break
		}
		measures = append(measures, word)
	}
	if reason, _ := row["reason"].(string); reason != "" && reason != "compared" {
		why = d.r.ed.cat.reason(reason, d.w.Lang)
	}
	return measures, why
}

func (d *drawingOf) words(measures []string) string {
	var out []string
	for _, m := range measures {
		out = append(out, d.w.t("measure."+m))
	}
	return strings.Join(out, ", ")
}

func (d *drawingOf) bars(rows []Row) {
	w := d.w
	bars := &charts.Bars{}
	heads := []string{w.columnLabel(d.label), w.t("table.value"), w.t("table.year"), w.t("table.notes")}
	white, whisker := false, false
	for _, row := range rows {
		year := strconv.Itoa(row["year"].(int))
		label := year
		if d.label != "year" {
			label = d.r.cell(w, d.label, "VARCHAR", row).Text
		}
		v, low, high := d.number(row), ratOf(row[d.low]), ratOf(row[d.high])
		figure := ""
		if v != nil {
			figure = d.figure(v, row)
			if v.Sign() == 0 {
				figure += w.Dash() + w.t("absent.zero")
			}
		}
		if low != nil && high != nil && low.Cmp(high) != 0 {
			whisker = true
			figure = strings.TrimSpace(figure + " (" + d.figure(low, row) + "–" + d.figure(high, row) + ")")
			if v == nil {
				figure = strings.Trim(figure, "()")
			}
		} else {
			low, high = nil, nil
		}
		measures, why := d.remarks(row)
		note := figure
		shown := label
		if d.label != "year" && !d.newest {
			shown += ", " + year
		}
		d.out.Rows = append(d.out.Rows, []string{label, figure, year, strings.Trim(d.words(measures)+". "+why, ". ")})
		if len(bars.Rows) == maxBars {
			continue
		}
		bar := charts.BarRow{Label: shown, Note: note, Value: v, Low: low, High: high, Look: look("other")}
		if d.measureOf(row) != d.measure {
			bar.Note += ", " + strings.TrimPrefix(d.words(measures)+"; ", "; ") + w.t("picture.other_measure")
			bar.Value, bar.Low, bar.High, bar.Absent = nil, nil, nil, charts.NotApplicable
		} else if planned := slices.ContainsFunc(measures, planned); planned {
			bar.Look.Fill, white = "#ffffff", true
		}
		if d.percent {
			bar.Full = hundred
		}
		bars.Rows = append(bars.Rows, bar)
	}
	if white {
		d.out.Notes = append(d.out.Notes, w.t("chart.planned"))
	}
	if whisker {
		d.out.Notes = append(d.out.Notes, w.t("picture.whisker"))
	}
	if rest := len(rows) - len(bars.Rows); rest > 0 {
		d.out.Notes = append(d.out.Notes, w.n("picture.cut", rest))
	}
	d.whys(rows)
	d.out.Heads, d.out.chart = heads, bars
}

// whys notes, once each, why rows do not compare.
func (d *drawingOf) whys(rows []Row) {
	years := map[string][]string{}
	var order []string
	for _, row := range rows {
		if _, why := d.remarks(row); why != "" {
			if years[why] == nil {
				order = append(order, why)
			}
			years[why] = union(years[why], []string{strconv.Itoa(row["year"].(int))})
		}
	}
	for _, why := range order {
		slices.Sort(years[why])
		d.out.Notes = append(d.out.Notes, strings.Join(years[why], ", ")+": "+why)
	}
}

// lines draws columns over the years. A value that does not compare with those around
// it is not in a line: its year is a gap, and the note says why.
func (d *drawingOf) lines(rows []Row) {
	w := d.w
	looks := []string{"domestic", "global_fund", "unknown", "us", "multilateral"}
	chart := &charts.Lines{}
	if d.percent {
		chart.Tick = func(v *big.Rat) string { return w.Percent(v, 0) }
	} else {
		chart.Tick = d.r.loc.Axis
	}
	at := map[string]int{}
	line := func(name string) *charts.LineSeries {
		i, ok := at[name]
		if !ok {
			i = len(chart.Series)
			at[name] = i
			chart.Series = append(chart.Series, charts.LineSeries{Label: name, Look: look(looks[i%len(looks)]), Values: map[int]*big.Rat{}, Low: map[int]*big.Rat{}, High: map[int]*big.Rat{}})
		}
		return &chart.Series[i]
	}
	d.out.Heads = []string{w.t("table.year")}
	for _, c := range d.values {
		d.out.Heads = append(d.out.Heads, w.columnLabel(c))
	}
	d.out.Heads = append(d.out.Heads, w.t("table.notes"))
	first, last, whisker := 0, 0, false
	known := map[int]bool{}
	for _, row := range rows {
		year := row["year"].(int)
		if first == 0 || year < first {
			first = year
		}
		last = max(last, year)
		_, why := d.remarks(row)
		cells := []string{strconv.Itoa(year)}
		for i, c := range d.values {
			v := ratOf(row[c])
			if v == nil {
				cells = append(cells, d.absence(row))
				continue
			}
			text := d.figure(v, row)
			if d.measureOf(row) != d.measure {
				cells = append(cells, text+"; "+w.t("picture.other_measure"))
				continue
			}
			name := w.columnLabel(c)
			if d.perMaker {
				source, _ := row["source_ids"].(string)
				name = shorten(d.r.sourceNames(w, source), 48)
			}
			l := line(name)
			if low, high := ratOf(row[d.low]), ratOf(row[d.high]); i == 0 && low != nil && high != nil {
				l.Low[year], l.High[year], whisker = low, high, true
				text += " (" + d.figure(low, row) + "–" + d.figure(high, row) + ")"
			}
			if v.Sign() == 0 {
				text += w.Dash() + w.t("absent.zero")
			}
			l.Values[year] = v
			known[year] = true
			cells = append(cells, text)
		}
		if row["verdict"] == "not_available_by_law" {
			chart.Forbidden = append(chart.Forbidden, year)
			chart.ForbiddenLabel = w.t("verdict.not_available_by_law")
		}
		if target := ratOf(row[d.target]); target != nil && chart.Target == nil {
			chart.Target, chart.TargetLabel = target, w.t("picture.level", "value", d.figure(target, row))
		}
		d.out.Rows = append(d.out.Rows, append(cells, why))
	}
	chart.First, chart.Last = first, last
	for y := first; y <= last; y++ {
		if !known[y] && !slices.Contains(chart.Forbidden, y) {
			chart.Missing = w.t("picture.no_year")
		}
	}
	if whisker {
		d.out.Notes = append(d.out.Notes, w.t("picture.whisker"))
	}
	d.whys(rows)
	d.out.chart = chart
}

// absence says in a word why a row has no value.
func (d *drawingOf) absence(row Row) string {
	if row["verdict"] == "not_available_by_law" {
		return d.w.t("verdict.not_available_by_law")
	}
	return d.r.cell(d.w, "value", "DECIMAL", Row{"status": row["status"]}).Text
}

// sourceNames names the sources of a row.
func (r *request) sourceNames(w *words, sources string) string {
	var names []string
	for _, id := range strings.Fields(sources) {
		names = append(names, w.localSource(r.ed.cat.source(id)).Title)
	}
	return strings.Join(names, ", ")
}

// stacked draws a bar for each year, in parts; years between without a row have none.
func (d *drawingOf) stacked(rows []Row) {
	w := d.w
	chart := &charts.Stacked{Tick: d.r.loc.Axis}
	at := map[string]int{}
	byYear := map[int][]Row{}
	first, last := 0, 0
	for _, row := range rows {
		year := row["year"].(int)
		byYear[year] = append(byYear[year], row)
		if first == 0 || year < first {
			first = year
		}
		last = max(last, year)
		part, _ := row[d.label].(string)
		if _, ok := at[part]; !ok && part != "" && d.number(row) != nil && d.measureOf(row) == d.measure {
			at[part] = len(chart.Series)
			chart.Series = append(chart.Series, charts.Series{Label: w.or(vocabularyOf(d.label), part), Look: look(groupOf(part))})
		}
	}
	first = max(first, last-maxBars+1)
	d.out.Heads = []string{w.t("table.year"), w.columnLabel(d.label), w.t("table.amount"), w.t("table.mix")}
	for y := first; y <= last; y++ {
		year := strconv.Itoa(y)
		bar := charts.Bar{Label: year, Note: w.t("absent.unknown")}
		sum, other := new(big.Rat), []string{}
		for _, row := range byYear[y] {
			v := d.number(row)
			part, _ := row[d.label].(string)
			if v == nil {
				continue
			}
			measures, _ := d.remarks(row)
			d.out.Rows = append(d.out.Rows, []string{year, w.or(vocabularyOf(d.label), part), w.USD(v), d.words(measures)})
			if d.measureOf(row) != d.measure {
				other = append(other, d.r.loc.Short(v)+" "+d.words(measures))
				continue
			}
			hollow := slices.ContainsFunc(measures, planned)
			if hollow {
				chart.Planned = w.t("chart.planned")
			}
			sum.Add(sum, v)
			bar.Parts = append(bar.Parts, charts.Part{Series: at[part], Value: v, Hollow: hollow})
		}
		switch {
		case len(bar.Parts) > 0:
			bar.Note = d.r.loc.Short(sum)
			bar.Remark = strings.Join(other, "; ")
		case len(other) > 0: // a figure, and no bar; but nothing is missing
			bar.Note, bar.Parts = strings.Join(other, "; "), []charts.Part{{Value: new(big.Rat)}}
		default:
			d.out.Rows = append(d.out.Rows, []string{year, "", w.t("absent.unknown"), ""})
		}
		if len(other) > 0 {
			d.out.Notes = union(d.out.Notes, []string{w.t("picture.other_measures")})
		}
		chart.Rows = append(chart.Rows, bar)
	}
	d.whys(rows)
	d.out.chart = chart
}

// groupOf is the group of payers whose look the money of a source_type has.
func groupOf(sourceType string) string {
	switch sourceType {
	case "domestic_public":
		return "domestic"
	case "pepfar":
		return "us"
	case "other_bilateral":
		return "bilateral"
	case "international_unspecified":
		return "international"
	}
	return sourceType
}

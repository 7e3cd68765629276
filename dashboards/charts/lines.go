package charts

import (
	"math/big"
	"slices"
	"strconv"
)

// Lines is a chart of values over years. A line joins years that follow each
// other only: over a year without a value there is a gap, never a slope that
// nobody reported. Every value has its mark.
type Lines struct {
	Width, Plot float64 // units: width, and height of the plot; 0: 420 and 150
	Series      []LineSeries
	Tick        func(*big.Rat) string // writes a number of the axis
	// First and Last year of the axis; 0: of the values.
	First, Last int
	// Missing is the text for years without a value of any series, "" when there
	// are none; they are hatched.
	Missing string
	// Target is a level the values are held against, TargetLabel its words; nil: none.
	Target      *big.Rat
	TargetLabel string
	// Forbidden are years to which the question does not apply, ForbiddenLabel says
	// why. They have a bar across and no hatching: nothing is missing there.
	Forbidden      []int
	ForbiddenLabel string
}

// LineSeries is one line.
type LineSeries struct {
	Label string
	Look  Look
	// Values by year; nil values and years that are not there are gaps.
	Values map[int]*big.Rat
	// Low and High say how uncertain a value is, by year: a whisker through its mark.
	Low, High map[int]*big.Rat
}

const axisWidth = 56.0

func (l *Lines) size() (width, plot float64) {
	width, plot = l.Width, l.Plot
	if width == 0 {
		width = 420
	}
	if plot == 0 {
		plot = 150
	}
	return width, plot
}

// Height returns the height of the drawing.
func (l *Lines) Height() float64 {
	_, plot := l.size()
	n := len(l.Series)
	for _, words := range []string{l.Missing, l.TargetLabel, l.ForbiddenLabel} {
		if words != "" {
			n++
		}
	}
	return plot + 34 + float64(n)*19
}

func (l *Lines) years() (first, last int) {
	first, last = l.First, l.Last
	seen := func(y int) {
		if l.First == 0 && (first == 0 || y < first) {
			first = y
		}
		if l.Last == 0 {
			last = max(last, y)
		}
	}
	for _, s := range l.Series {
		for y, v := range s.Values {
			if v != nil {
				seen(y)
			}
		}
	}
	for _, y := range l.Forbidden {
		seen(y)
	}
	return first, last
}

func (l *Lines) top() *big.Rat {
	top := new(big.Rat)
	if l.Target != nil && l.Target.Sign() > 0 {
		top = l.Target
	}
	for _, s := range l.Series {
		for _, values := range []map[int]*big.Rat{s.Values, s.High} {
			for _, v := range values {
				if v != nil && v.Cmp(top) > 0 {
					top = v
				}
			}
		}
	}
	return top
}

// Draw draws the chart with its upper left corner at 0, 0.
func (l *Lines) Draw(c Canvas) {
	width, plot := l.size()
	first, last := l.years()
	top := l.top()
	const above = 10.0
	x := func(year int) float64 {
		if last == first {
			return axisWidth + (width-axisWidth)/2
		}
		return axisWidth + 8 + float64(year-first)/float64(last-first)*(width-axisWidth-16)
	}
	y := func(v *big.Rat) float64 { return above + plot - share(v, top)*plot }
	for _, t := range ticks(top, func([]*big.Rat) bool { return true }) { // they stand one above the other
		c.Lines([]Segment{{axisWidth, y(t), width, y(t)}}, "#d5dae0", 0.8)
		c.Text(axisWidth-6, y(t)+4, fontSize-1.5, End, false, grey, l.Tick(t))
	}
	if first == 0 {
		return
	}
	step := (width - axisWidth - 16) / float64(max(last-first, 1))
	for year := first; year <= last && l.Missing != ""; year++ {
		known := slices.Contains(l.Forbidden, year)
		for _, s := range l.Series {
			known = known || s.Values[year] != nil
		}
		if !known {
			w := min(step*0.8, 24)
			c.Lines(hatch(x(year)-w/2, above, w, plot, Sparse), "#9aa4ae", 0.7)
		}
	}
	for _, year := range l.Forbidden {
		c.Lines([]Segment{forbidden(x(year), above+plot/2, min(step*0.8, 24))}, "#9aa4ae", 0.9)
	}
	if l.Target != nil {
		c.Lines([]Segment{{axisWidth, y(l.Target), width, y(l.Target)}}, ink, 2)
	}
	for _, year := range []int{first, last} {
		anchor := Start
		if year == last && last != first {
			anchor = End
		}
		at := x(year) - 8
		if anchor == End {
			at = x(year) + 8
		}
		c.Text(at, above+plot+16, fontSize-1.5, anchor, false, grey, strconv.Itoa(year))
		if last == first {
			break
		}
	}
	for i, s := range l.Series {
		joined(c, s, first, last, x, y, 2, 3+float64(i%2))
	}
	at := plot + 34.0
	for _, s := range l.Series {
		swatch(c, 0.5, at+2, 22, 12, s.Look, false)
		c.Text(30, at+12, fontSize-0.5, Start, false, ink, s.Label)
		at += 19
	}
	for _, k := range []struct {
		words, colour string
		width         float64
		segments      []Segment
	}{
		{l.TargetLabel, ink, 2, []Segment{{0.5, 8, 22.5, 8}}},
		{l.ForbiddenLabel, "#9aa4ae", 0.9, []Segment{forbidden(11.5, 8, 22)}},
		{l.Missing, "#9aa4ae", 0.9, hatch(0.5, 2, 22, 12, Sparse)},
	} {
		if k.words == "" {
			continue
		}
		for i := range k.segments {
			k.segments[i].Y1 += at
			k.segments[i].Y2 += at
		}
		c.Lines(k.segments, k.colour, k.width)
		c.Text(30, at+12, fontSize-0.5, Start, false, ink, k.words)
		at += 19
	}
}

// forbidden is the sign of a year to which the question does not apply.
func forbidden(x, y, width float64) Segment { return Segment{x - width/2, y, x + width/2, y} }

// joined draws the values of a series, those of following years joined.
func joined(c Canvas, s LineSeries, first, last int, x func(int) float64, y func(*big.Rat) float64, width, mark float64) {
	var line []Segment
	for year := first; year < last; year++ {
		if a, b := s.Values[year], s.Values[year+1]; a != nil && b != nil {
			line = append(line, Segment{x(year), y(a), x(year + 1), y(b)})
		}
	}
	if len(line) > 0 {
		c.Lines(line, s.Look.Ink, width)
	}
	for year := first; year <= last; year++ {
		if low, high := s.Low[year], s.High[year]; low != nil && high != nil {
			a, b := y(low), y(high)
			c.Lines([]Segment{{x(year), a, x(year), b}, {x(year) - mark, a, x(year) + mark, a}, {x(year) - mark, b, x(year) + mark, b}}, ink, 1.4)
		}
		if v := s.Values[year]; v != nil {
			c.Rect(x(year)-mark, y(v)-mark, 2*mark, 2*mark, s.Look.Fill, s.Look.Ink)
		}
	}
}

// share is v of top, between 0 and 1.
func share(v, top *big.Rat) float64 {
	if v.Sign() <= 0 || top.Sign() <= 0 {
		return 0
	}
	f, _ := new(big.Rat).Quo(v, top).Float64()
	return f
}

// Sparkline is a small line without an axis, to stand in a row of a table that
// has the figures. It starts at 0, with gaps as in Lines.
type Sparkline struct {
	Width, Height float64 // units; 0: 90 and 22
	Series        LineSeries
}

// Size returns the width and height of the drawing.
func (s *Sparkline) Size() (width, height float64) {
	width, height = s.Width, s.Height
	if width == 0 {
		width = 90
	}
	if height == 0 {
		height = 22
	}
	return width, height
}

// Draw draws the line with its upper left corner at 0, 0.
func (s *Sparkline) Draw(c Canvas) {
	width, height := s.Size()
	l := Lines{Series: []LineSeries{s.Series}}
	first, last := l.years()
	if first == 0 {
		return
	}
	top := l.top()
	x := func(year int) float64 {
		if first == last {
			return width / 2
		}
		return 3 + float64(year-first)/float64(last-first)*(width-6)
	}
	y := func(v *big.Rat) float64 { return height - 3 - share(v, top)*(height-6) }
	c.Lines([]Segment{{0, height - 1, width, height - 1}}, "#d5dae0", 0.8)
	joined(c, s.Series, first, last, x, y, 1.3, 1.6)
}

package charts

import (
	"math/big"
	"unicode/utf8"
)

// Stacked is a chart of stacked bars: one row per year, so that year, bar and
// figure stand side by side on a phone as on paper. A year without data is
// hatched and says so in words; it is never a bar of length 0.
type Stacked struct {
	Width  float64 // units; 0: 420
	Series []Series
	Rows   []Bar
	// Tick writes a number of the axis.
	Tick func(*big.Rat) string
	// Planned is the legend's text for hollow parts, "" when there are none.
	Planned string
	// Notes stand under the legend: what the remarks mean.
	Notes []string
}

// Series is one part of the bars, in the order of stacking.
type Series struct {
	Label string
	Look  Look
}

// Bar is one year.
type Bar struct {
	Label string
	Parts []Part // what there is of it; none: nothing was reported
	// Note stands at the end of the bar: its total, or the words for absence.
	Note string
	// Remark follows the note, or stands in a line of its own where there is no
	// room: what the total is not. "": nothing.
	Remark string
}

// Part is one series' share of a bar.
type Part struct {
	Series int
	Value  *big.Rat // not nil; negative and zero values have no length
	Hollow bool     // planned, not spent
}

const (
	rowHeight  = 24.0
	lineHeight = 15.0 // of a remark below its bar
	barHeight  = 16.0
	labelWidth = 44.0
	noteWidth  = 118.0 // room kept right of the longest bar for its note
	mostNote   = 200.0 // and for its remark, where that is short
	fontSize   = 12.5
	ink        = "#1d2733"
	grey       = "#5b6672"
)

func (s *Stacked) width() float64 {
	if s.Width == 0 {
		return 420
	}
	return s.Width
}

// entry is an entry of the legend: where it stands below the bars, and what it says.
type entry struct {
	x, y   float64
	label  string
	look   Look
	hollow bool
}

const (
	entryHeight = 19.0
	entryText   = 30.0 // from its swatch to its label
)

// legend places the entries, as many in a line as surely have room, and returns the
// height of all.
func (s *Stacked) legend() (out []entry, height float64) {
	for _, series := range s.Series {
		out = append(out, entry{label: series.Label, look: series.Look})
	}
	if s.Planned != "" {
		out = append(out, entry{label: s.Planned, look: Look{Fill: "#ffffff", Ink: ink, Pattern: Solid}, hollow: true})
	}
	x := 0.0
	for i := range out {
		width := entryText + textWidth(out[i].label)
		if x > 0 && x+width > s.width() {
			x, height = 0, height+entryHeight
		}
		out[i].x, out[i].y = x, height
		x += width + 10
	}
	if len(out) > 0 {
		height += entryHeight
	}
	return out, height
}

// Height returns the height of the drawing.
func (s *Stacked) Height() float64 {
	_, bottom := s.layout()
	_, legend := s.legend()
	return bottom + 8 + legend + float64(len(s.Notes))*16
}

// place is where a row stands.
type place struct {
	y, end float64 // top, and the end of its bar
	below  bool    // its remark has a line of its own
}

// layout places the rows and returns the y below the last.
func (s *Stacked) layout() ([]place, float64) {
	top, y := s.longest(), 20.0
	var out []place
	for _, row := range s.Rows {
		p := place{y: y, end: labelWidth}
		for _, part := range row.Parts {
			p.end += s.scale(part.Value, top)
		}
		y += rowHeight
		if row.Remark != "" && p.end+6+textWidth(row.Note+" "+row.Remark) > s.width() {
			p.below = true
			y += lineHeight
		}
		out = append(out, p)
	}
	return out, y
}

// textWidth is about the width of a bold text at the size of a note, in a wide
// font: the drawing does not know the reader's.
func textWidth(s string) float64 { return float64(utf8.RuneCountInString(s)) * fontSize * 0.66 }

// scale is the length of a value, where the longest bar has the value top.
func (s *Stacked) scale(v, top *big.Rat) float64 {
	if v.Sign() <= 0 || top.Sign() <= 0 {
		return 0
	}
	f, _ := new(big.Rat).Quo(v, top).Float64()
	return f * s.full()
}

// full is the length of the longest bar: what remarks of ordinary length leave.
func (s *Stacked) full() float64 {
	room := noteWidth
	for _, row := range s.Rows {
		if w := 6 + textWidth(row.Note+" "+row.Remark); row.Remark != "" && w <= mostNote {
			room = max(room, w)
		}
	}
	return s.width() - labelWidth - room
}

// Draw draws the chart with its upper left corner at 0, 0.
func (s *Stacked) Draw(c Canvas) {
	full, top := s.full(), s.longest()
	places, bottom := s.layout()
	for i, t := range ticks(top, func(list []*big.Rat) bool { return s.apart(list, top) }) {
		x, anchor := labelWidth+s.scale(t, top), Middle
		if i == 0 {
			anchor = Start
		}
		c.Lines([]Segment{{x, 18, x, bottom}}, "#d5dae0", 0.8)
		c.Text(x, 12, fontSize-1.5, anchor, false, grey, s.Tick(t))
	}
	for i, row := range s.Rows {
		y := places[i].y
		c.Text(0, y+barHeight/2+8, fontSize, Start, false, ink, row.Label)
		if len(row.Parts) == 0 {
			c.Lines(hatch(labelWidth, y+4, full*0.16, barHeight, Sparse), "#9aa4ae", 0.9)
			c.Text(labelWidth+full*0.16+6, y+barHeight/2+8, fontSize-0.5, Start, false, grey, row.Note)
			continue
		}
		x := labelWidth
		for _, p := range row.Parts {
			w := s.scale(p.Value, top)
			if w <= 0 {
				continue
			}
			swatch(c, x, y+4, w, barHeight, s.Series[p.Series].Look, p.Hollow)
			x += w
		}
		note := row.Note
		switch {
		case places[i].below:
			c.Text(labelWidth, y+rowHeight+lineHeight-5, fontSize-1, Start, false, ink, row.Remark)
		case row.Remark != "":
			note += " " + row.Remark
		}
		c.Text(x+6, y+barHeight/2+8, fontSize, Start, true, ink, note)
	}
	y := bottom + 8
	entries, height := s.legend()
	for _, e := range entries {
		swatch(c, e.x, y+e.y+2, 22, 12, e.look, e.hollow)
		c.Text(e.x+entryText, y+e.y+12, fontSize-0.5, Start, false, ink, e.label)
	}
	y += height
	for _, n := range s.Notes {
		c.Text(0, y+12, fontSize-1, Start, false, ink, n)
		y += 16
	}
}

// apart reports whether the numbers of an axis stand clear of each other.
func (s *Stacked) apart(list []*big.Rat, top *big.Rat) bool {
	free := 0.0 // where the next one may begin
	for i, t := range list {
		x, w := s.scale(t, top), textWidth(s.Tick(t))*(fontSize-1.5)/fontSize
		left := x - w/2
		if i == 0 {
			left = x
		} else if left < free+4 {
			return false
		}
		free = left + w
	}
	return true
}

// longest is the greatest length of a bar: negative parts have none.
func (s *Stacked) longest() *big.Rat {
	top := new(big.Rat)
	for _, row := range s.Rows {
		sum := new(big.Rat)
		for _, p := range row.Parts {
			if p.Value.Sign() > 0 {
				sum.Add(sum, p.Value)
			}
		}
		if sum.Cmp(top) > 0 {
			top = sum
		}
	}
	return top
}

// ticks returns 0 and up to four round numbers up to top, all of one step: the
// smallest whose numbers fit. 0 alone where no step has room.
func ticks(top *big.Rat, fit func([]*big.Rat) bool) []*big.Rat {
	out := []*big.Rat{new(big.Rat)}
	if top.Sign() <= 0 {
		return out
	}
	ten := big.NewRat(10, 1)
	power := big.NewRat(1, 1)
	for power.Cmp(top) > 0 {
		power.Quo(power, ten)
	}
	for new(big.Rat).Mul(power, ten).Cmp(top) <= 0 {
		power.Mul(power, ten)
	}
	// power <= top < 10*power: the smallest step that gives at most four.
	for _, m := range []*big.Rat{big.NewRat(1, 4), big.NewRat(1, 2), big.NewRat(1, 1), big.NewRat(2, 1), big.NewRat(5, 1)} {
		list := out[:1:1]
		step := new(big.Rat).Mul(power, m)
		if new(big.Rat).Quo(top, step).Cmp(big.NewRat(5, 1)) >= 0 {
			continue
		}
		for t := new(big.Rat).Set(step); t.Cmp(top) <= 0; t = new(big.Rat).Add(t, step) {
			list = append(list, t)
		}
		if fit(list) {
			return list
		}
	}
	return out
}

package charts

import (
	"math/big"
	"strings"
)

// Bars is a chart of single bars under each other, each with its label above and
// its figure beside it. A whisker shows how uncertain a value is, a mark where
// the target lies. What is 0, not reported or not applicable looks different, and
// says so in words.
type Bars struct {
	Width float64 // units; 0: 420
	Rows  []BarRow
	// Measure returns the width of a text, so that labels break where they must.
	// nil: estimated for a wide font.
	Measure func(text string, size float64, bold bool) float64
}

// BarRow is one bar.
type BarRow struct {
	Label, Note string
	Value       *big.Rat // nil with Low and High: a range without a best guess
	Low, High   *big.Rat // of the whisker; nil: none
	Full        *big.Rat // what the whole length stands for; nil: the greatest number of all rows without
	Target      *big.Rat // nil: none
	Look        Look
	Absent      Absence // why there is neither Value nor range
}

// Absence tells why there is no bar.
type Absence int

// The kinds of absence.
const (
	NotReported Absence = iota
	NotApplicable
)

const (
	thinBar   = 6.0
	barSpace  = 4.0  // below a bar
	labelLine = 14.0 // of text above it
)

func (b *Bars) width() float64 {
	if b.Width == 0 {
		return 420
	}
	return b.Width
}

// Height returns the height of the drawing.
func (b *Bars) Height() float64 {
	h := 0.0
	for _, r := range b.Rows {
		h += b.rowHeight(r)
	}
	return h
}

func (b *Bars) rowHeight(r BarRow) float64 {
	return float64(len(b.lines(r.Label, fontSize-0.5, false))+len(b.lines(r.Note, fontSize, true)))*labelLine + thinBar + barSpace + 3
}

// lines breaks a text at blanks; a no-break space holds.
func (b *Bars) lines(s string, size float64, bold bool) []string {
	if s == "" {
		return nil
	}
	measure := b.Measure
	if measure == nil {
		measure = func(text string, _ float64, _ bool) float64 { return textWidth(text) }
	}
	var out []string
	line := ""
	for _, word := range strings.Split(s, " ") {
		if line != "" && measure(line+" "+word, size, bold) > b.width() {
			out, line = append(out, line), word
			continue
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return append(out, line)
}

// Draw draws the chart with its upper left corner at 0, 0.
func (b *Bars) Draw(c Canvas) {
	top := b.longest()
	y := 0.0
	for _, r := range b.Rows {
		at := y
		for _, l := range b.lines(r.Label, fontSize-0.5, false) {
			at += labelLine
			c.Text(0, at-3, fontSize-0.5, Start, false, grey, l)
		}
		for _, l := range b.lines(r.Note, fontSize, true) {
			at += labelLine
			c.Text(0, at-3, fontSize, Start, true, ink, l)
		}
		b.bar(c, at+2, r, top)
		y += b.rowHeight(r)
	}
}

func (b *Bars) bar(c Canvas, y float64, r BarRow, top *big.Rat) {
	width, full := b.width(), top
	if r.Full != nil {
		full = r.Full
	}
	at := func(v *big.Rat) float64 {
		if v == nil || v.Sign() <= 0 || full.Sign() <= 0 {
			return 0
		}
		f, _ := new(big.Rat).Quo(v, full).Float64()
		return min(f, 1) * width
	}
	mid := y + thinBar/2
	switch {
	case r.Value == nil && r.Low == nil && r.High == nil:
		if r.Absent == NotReported {
			c.Lines(hatch(0, y, width*0.16, thinBar, Sparse), "#9aa4ae", 0.9)
		} else {
			c.Lines([]Segment{{0, mid, width * 0.16, mid}}, "#9aa4ae", 0.9)
		}
		return
	case r.Value != nil && r.Value.Sign() == 0:
		c.Lines([]Segment{{0.5, y, 0.5, y + thinBar}}, r.Look.Ink, 2)
	case r.Value != nil:
		swatch(c, 0, y, at(r.Value), thinBar, r.Look, false)
	}
	c.Lines([]Segment{{0, y + thinBar, width, y + thinBar}}, "#d5dae0", 0.8) // to the end of the scale
	if r.Low != nil && r.High != nil {
		l, h := at(r.Low), at(r.High)
		c.Lines([]Segment{{l, mid, h, mid}, {l, y + 1, l, y + thinBar - 1}, {h, y + 1, h, y + thinBar - 1}}, ink, 1.4)
	}
	if r.Target != nil {
		x := min(at(r.Target), width-1)
		c.Lines([]Segment{{x, y - 1, x, y + thinBar + 3}}, ink, 2)
	}
}

// longest is the greatest number of the rows that have no scale of their own.
func (b *Bars) longest() *big.Rat {
	top := new(big.Rat)
	for _, r := range b.Rows {
		if r.Full != nil {
			continue
		}
		for _, v := range []*big.Rat{r.Value, r.High, r.Target} {
			if v != nil && v.Cmp(top) > 0 {
				top = v
			}
		}
	}
	return top
}

package charts

import "unicode/utf8"

// Drawing is what can be drawn on a canvas, with its upper left corner at 0, 0.
type Drawing interface {
	Draw(Canvas)
	Height() float64
}

var (
	_ Drawing = (*Bars)(nil)
	_ Drawing = (*Lines)(nil)
	_ Drawing = (*Stacked)(nil)
	_ Drawing = (*TileGrid)(nil)
)

// Framed is a chart that stands alone, as a file does: with its title, what its
// numbers are, and below it what a reader must know, such as where it is from.
type Framed struct {
	Title string
	Above []string // under the title
	Chart Drawing  // 420 units wide
	Below []string
}

const framedWidth = 420.0

// Height returns the height of the drawing.
func (f *Framed) Height() float64 {
	return f.top() + f.Chart.Height() + 8 + float64(len(f.lines(f.Below, fontSize-1, false)))*labelLine + 4
}

func (f *Framed) top() float64 {
	return float64(len(f.lines([]string{f.Title}, fontSize+1, true)))*(labelLine+2) + float64(len(f.lines(f.Above, fontSize-1, false)))*labelLine + 10
}

// lines breaks texts at blanks, and what is too long even so, such as an address,
// anywhere.
func (f *Framed) lines(texts []string, size float64, bold bool) []string {
	letter := size * 0.6 // wide, as the reader's font may be
	if bold {
		letter = size * 0.66
	}
	b := Bars{Width: framedWidth, Measure: func(text string, _ float64, _ bool) float64 { return float64(utf8.RuneCountInString(text)) * letter }}
	most := int(framedWidth / letter)
	var out []string
	for _, t := range texts {
		for _, line := range b.lines(t, size, bold) {
			rest := []rune(line)
			for ; len(rest) > most; rest = rest[most:] {
				out = append(out, string(rest[:most]))
			}
			out = append(out, string(rest))
		}
	}
	return out
}

// Draw draws the frame with its upper left corner at 0, 0.
func (f *Framed) Draw(c Canvas) {
	y := 0.0
	for _, l := range f.lines([]string{f.Title}, fontSize+1, true) {
		y += labelLine + 2
		c.Text(0, y-3, fontSize+1, Start, true, ink, l)
	}
	for _, l := range f.lines(f.Above, fontSize-1, false) {
		y += labelLine
		c.Text(0, y-3, fontSize-1, Start, false, grey, l)
	}
	f.Chart.Draw(lowered{c, f.top()})
	y = f.top() + f.Chart.Height() + 8
	for _, l := range f.lines(f.Below, fontSize-1, false) {
		y += labelLine
		c.Text(0, y-3, fontSize-1, Start, false, grey, l)
	}
}

// lowered draws further down.
type lowered struct {
	c  Canvas
	by float64
}

func (l lowered) Rect(x, y, w, h float64, fill, stroke string) {
	l.c.Rect(x, y+l.by, w, h, fill, stroke)
}

func (l lowered) Lines(segments []Segment, stroke string, width float64) {
	down := make([]Segment, len(segments))
	for i, s := range segments {
		down[i] = Segment{s.X1, s.Y1 + l.by, s.X2, s.Y2 + l.by}
	}
	l.c.Lines(down, stroke, width)
}

func (l lowered) Text(x, y, size float64, anchor Anchor, bold bool, fill, text string) {
	l.c.Text(x, y+l.by, size, anchor, bold, fill, text)
}

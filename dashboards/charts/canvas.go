// Package charts draws the charts of pages and briefs. The same code draws to
// SVG and to PDF through Canvas, so that both show the same picture; no browser
// and no script takes part.
//
// A chart is a picture of numbers decided elsewhere: floating point is used for
// coordinates only, never for a figure that is written.
package charts

// Canvas is a surface to draw on. Coordinates are units of the chart's own
// width, from the upper left corner.
type Canvas interface {
	// Rect fills a rectangle; stroke "" draws no outline.
	Rect(x, y, w, h float64, fill, stroke string)
	// Lines draws line segments in one colour and width.
	Lines(segments []Segment, stroke string, width float64)
	// Text writes at a baseline.
	Text(x, y, size float64, anchor Anchor, bold bool, fill, text string)
}

// Segment is a straight line.
type Segment struct{ X1, Y1, X2, Y2 float64 }

// Anchor says where a text's point is.
type Anchor int

// The anchors of Text.
const (
	Start Anchor = iota
	Middle
	End
)

// Pattern is a hatching: series are told apart by it where colour is lost, in
// print or to a reader who does not see it.
type Pattern int

// The patterns, from the plainest.
const (
	Solid Pattern = iota
	Rising
	Falling
	Crossed
	Upright
	Level
	Grid
	Dashed
	Dotted
	Sparse // for what is missing
)

// Look is how a series is filled.
type Look struct {
	Fill    string // light colour, "#rrggbb"
	Ink     string // outline and hatching
	Pattern Pattern
}

// swatch fills a rectangle in a look. A hollow one has no colour: it stands for
// money planned, not spent.
func swatch(c Canvas, x, y, w, h float64, look Look, hollow bool) {
	fill := look.Fill
	if hollow {
		fill = "#ffffff"
	}
	c.Rect(x, y, w, h, fill, look.Ink)
	if s := hatch(x, y, w, h, look.Pattern); len(s) > 0 {
		c.Lines(s, look.Ink, 0.9)
	}
}

// hatch returns the segments of a pattern clipped to a rectangle.
func hatch(x, y, w, h float64, p Pattern) []Segment {
	const step = 5
	var out []Segment
	diagonal := func(falling bool, step float64) {
		// Lines lx+ly = d (rising) in the rectangle's own coordinates; falling
		// ones are mirrored.
		for d := step; d < w+h; d += step {
			x1, y1, x2, y2 := d, 0.0, 0.0, d
			if x1 > w {
				x1, y1 = w, d-w
			}
			if y2 > h {
				x2, y2 = d-h, h
			}
			if falling {
				y1, y2 = h-y1, h-y2
			}
			out = append(out, Segment{x + x1, y + y1, x + x2, y + y2})
		}
	}
	// strokes are short level lines, those of every other row between those above.
	strokes := func(apart, length, blank float64) {
		for row, d := 0, apart*0.8; d < h; row, d = row+1, d+apart {
			for at := blank/2 - float64(row%2)*(length+blank)/2; at < w; at += length + blank {
				if from, to := max(at, 0), min(at+length, w); from < to {
					out = append(out, Segment{x + from, y + d, x + to, y + d})
				}
			}
		}
	}
	switch p {
	case Rising:
		diagonal(false, step)
	case Falling:
		diagonal(true, step)
	case Crossed:
		diagonal(false, step)
		diagonal(true, step)
	case Sparse:
		diagonal(false, 2.4*step)
	case Upright:
		for d := float64(step); d < w; d += step {
			out = append(out, Segment{x + d, y, x + d, y + h})
		}
	case Level:
		for d := step * 0.8; d < h; d += step * 0.8 {
			out = append(out, Segment{x, y + d, x + w, y + d})
		}
	case Grid:
		return append(hatch(x, y, w, h, Upright), hatch(x, y, w, h, Level)...)
	case Dashed:
		strokes(step, 5, 4)
	case Dotted:
		strokes(step*0.8, 1.2, 4)
	}
	return out
}

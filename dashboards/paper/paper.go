package paper

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"hrinvest/dashboards/charts"
)

// The page is A4 in points.
const (
	Width  = 595.28
	Height = 841.89
)

// Doc is a document being written. Y runs down from the top of the page.
type Doc struct {
	pdf   *fpdf.Fpdf
	fonts *Fonts
	used  map[string]bool // faces in the document; reading one takes a while
	// widths of words at size 1, by weight: a text is measured several times
	// before it is written.
	widths [2]map[string]float64
	err    error
}

// Meta describes a document to its readers and to libraries.
type Meta struct {
	Title, Subject, Lang string
	// Date is the creation date written into the file: the cut-off of the data,
	// never the clock, so that the same content has the same bytes.
	Date time.Time
}

// New starts a document.
func New(fonts *Fonts, m Meta) *Doc {
	pdf := fpdf.New("P", "pt", "A4", "")
	pdf.SetCatalogSort(true)
	pdf.SetCreationDate(m.Date)
	pdf.SetModificationDate(m.Date)
	pdf.SetProducer("hrinvest", true)
	pdf.SetTitle(m.Title, true)
	pdf.SetSubject(m.Subject, true)
	pdf.SetLang(m.Lang)
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetMargins(0, 0, 0)
	return &Doc{pdf: pdf, fonts: fonts, used: map[string]bool{}, widths: [2]map[string]float64{{}, {}}}
}

// AddPage starts a page.
func (d *Doc) AddPage() { d.pdf.AddPage() }

// Write writes the document. It returns the first error of everything that was
// drawn.
func (d *Doc) Write(w io.Writer) error {
	if d.err != nil {
		return fmt.Errorf("writing pdf: %w", d.err)
	}
	if err := d.pdf.Output(w); err != nil {
		return fmt.Errorf("writing pdf: %w", err)
	}
	return nil
}

// Style is how a text looks.
type Style struct {
	Size  float64
	Bold  bool
	Color string // "#rrggbb"; "": black
}

// run is a stretch of text in one face.
type run struct {
	face int
	text string
}

func (d *Doc) faces(bold bool) []face {
	if bold {
		return d.fonts.bold
	}
	return d.fonts.regular
}

func (d *Doc) runs(s string, bold bool) []run {
	faces := d.faces(bold)
	var out []run
	for _, r := range s {
		i := pick(faces, r)
		if i < 0 {
			if d.err == nil {
				d.err = fmt.Errorf("no font has the letter %q (U+%04X) of %q", r, r, s)
			}
			i, r = 0, '?'
		}
		// A blank stays in the face of what stands before it.
		if len(out) > 0 && (out[len(out)-1].face == i || r == ' ') {
			out[len(out)-1].text += string(r)
			continue
		}
		out = append(out, run{i, string(r)})
	}
	return out
}

// TextWidth returns the width of a line of text in points.
func (d *Doc) TextWidth(s string, st Style) float64 {
	weight := 0
	if st.Bold {
		weight = 1
	}
	w, ok := d.widths[weight][s]
	if !ok {
		for _, r := range d.runs(s, st.Bold) {
			d.use(d.faces(st.Bold)[r.face], Style{Size: 1})
			w += d.pdf.GetStringWidth(r.text)
		}
		d.widths[weight][s] = w
	}
	return w * st.Size
}

func (d *Doc) use(f face, st Style) {
	if key := f.family + f.style; !d.used[key] {
		d.used[key] = true
		d.pdf.AddUTF8FontFromBytes(f.family, f.style, f.ttf)
	}
	d.pdf.SetFont(f.family, f.style, st.Size)
}

// Line writes one line of text with its baseline at y.
func (d *Doc) Line(x, y float64, s string, st Style) {
	r, g, b := rgb(st.Color)
	d.pdf.SetTextColor(r, g, b)
	for _, run := range d.runs(s, st.Bold) {
		d.use(d.faces(st.Bold)[run.face], st)
		d.pdf.Text(x, y, run.text)
		x += d.pdf.GetStringWidth(run.text)
	}
}

// Wrap breaks a text into lines of at most width points: at blanks, and inside
// a word only where it alone is too long (an address). What no-break spaces hold
// together is a word: it is broken at such a space before any other place, and
// between the digits of a number last of all.
func (d *Doc) Wrap(s string, width float64, st Style) []string {
	return wrap(s, width, st, d.TextWidth)
}

// Text writes a text broken to width from the top y and returns the y below it.
func (d *Doc) Text(x, y, width float64, s string, st Style) float64 {
	for _, l := range d.Wrap(s, width, st) {
		y += st.Size * 1.22
		d.Line(x, y-st.Size*0.24, l, st)
	}
	return y
}

// TextHeight returns the height Text would take.
func (d *Doc) TextHeight(width float64, s string, st Style) float64 {
	return float64(len(d.Wrap(s, width, st))) * st.Size * 1.22
}

// Link makes an area open an address.
func (d *Doc) Link(x, y, w, h float64, url string) { d.pdf.LinkString(x, y, w, h, url) }

// Rule draws a horizontal line.
func (d *Doc) Rule(x, y, w float64, color string, width float64) {
	d.stroke(color, width)
	d.pdf.Line(x, y, x+w, y)
}

// Box draws a rectangle; fill or stroke may be "".
func (d *Doc) Box(x, y, w, h float64, fill, stroke string) {
	style := ""
	if fill != "" {
		r, g, b := rgb(fill)
		d.pdf.SetFillColor(r, g, b)
		style += "F"
	}
	if stroke != "" {
		d.stroke(stroke, 0.6)
		style += "D"
	}
	d.pdf.Rect(x, y, w, h, style)
}

// Bookmark adds an entry to the outline.
func (d *Doc) Bookmark(title string, y float64) { d.pdf.Bookmark(title, 0, y) }

func (d *Doc) stroke(color string, width float64) {
	r, g, b := rgb(color)
	d.pdf.SetDrawColor(r, g, b)
	d.pdf.SetLineWidth(width)
}

func rgb(hex string) (r, g, b int) {
	v, err := strconv.ParseUint(strings.TrimPrefix(hex, "#"), 16, 32)
	if err != nil {
		return 0, 0, 0
	}
	return int(v >> 16 & 255), int(v >> 8 & 255), int(v & 255)
}

// Canvas returns a canvas for a chart with its upper left corner at x, y, scaled
// by scale.
func (d *Doc) Canvas(x, y, scale float64) charts.Canvas { return canvas{d, x, y, scale} }

type canvas struct {
	d       *Doc
	x, y, k float64
}

func (c canvas) Rect(x, y, w, h float64, fill, stroke string) {
	c.d.Box(c.x+x*c.k, c.y+y*c.k, w*c.k, h*c.k, fill, stroke)
}

func (c canvas) Lines(segments []charts.Segment, stroke string, width float64) {
	c.d.stroke(stroke, width*c.k)
	for _, s := range segments {
		c.d.pdf.Line(c.x+s.X1*c.k, c.y+s.Y1*c.k, c.x+s.X2*c.k, c.y+s.Y2*c.k)
	}
}

func (c canvas) Text(x, y, size float64, anchor charts.Anchor, bold bool, fill, text string) {
	st := Style{Size: size * c.k, Bold: bold, Color: fill}
	px := c.x + x*c.k
	switch anchor {
	case charts.Middle:
		px -= c.d.TextWidth(text, st) / 2
	case charts.End:
		px -= c.d.TextWidth(text, st)
	}
	c.d.Line(px, c.y+y*c.k, text, st)
}

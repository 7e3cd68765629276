package dashboards

import (
	"fmt"
	"io"
	"strings"

	"hrinvest/dashboards/charts"
	"hrinvest/dashboards/locales"
	"hrinvest/dashboards/paper"
)

// Shape is the size of a picture to share, in pixels.
type Shape struct{ Width, Height float64 }

// The shapes: what messengers show beside a link, and what fills a phone.
var (
	Wide = Shape{1200, 630}
	Tall = Shape{1080, 1350}
)

// WritePNG writes the brief's headline, figures and chart as a picture, with
// source, day and release in it, so that it can be passed on by itself.
func (b *Brief) WritePNG(w io.Writer, fonts *paper.Fonts, shape Shape) error {
	loc, err := locales.Load(b.Lang)
	if err != nil {
		return fmt.Errorf("writing brief as png: %w", err)
	}
	p := &poster{words: words{Locale: loc}, b: b, shape: shape, p: paper.NewPicture(fonts, shape.Width, shape.Height, 1)}
	p.draw()
	if p.err != nil {
		return fmt.Errorf("writing brief as png: %w", p.err)
	}
	return p.p.Write(w)
}

// poster lays out a picture.
type poster struct {
	words
	b     *Brief
	shape Shape
	p     *paper.Picture
}

const edge = 48.0 // of a picture, in pixels

func (p *poster) draw() {
	width := p.shape.Width - 2*edge
	p.p.Rect(0, 0, p.shape.Width, 12, "#14594b", "")
	y := p.p.Paragraph(edge, 32, width, p.b.Title, paper.Style{Size: 26, Bold: true, Color: colMute}) + 6
	tall := p.shape.Height > p.shape.Width
	headline, room, floor := bold(44), 150.0, 22.0
	if tall {
		headline, room, floor = bold(54), 290, 30
	}
	for headline.Size > floor && p.height(width, p.b.Headline, headline) > room {
		headline.Size--
	}
	y = p.p.Paragraph(edge, y, width, p.b.Headline, headline) + 16
	foot := p.footer(width)
	if tall {
		y = p.grid(y, width, p.b.Four, 2, 20) + 24
		p.chart(edge, y, width, foot-y-16)
		return
	}
	left := 380.0
	p.grid2(y, left, foot-y-10)
	p.chart(edge+left+36, y, width-left-36, foot-y-10)
}

func (p *poster) height(width float64, s string, st paper.Style) float64 {
	return float64(len(p.p.Wrap(s, width, st))) * st.Size * 1.22
}

// footer writes what makes the picture a citation and returns its top.
func (p *poster) footer(width float64) float64 {
	st, definition := mute(18), p.b.Basis
	if p.shape.Height < p.shape.Width {
		st, definition = mute(17), p.t("brief.png_basis")
	}
	source := ""
	if list := p.publishers(); len(list) > 0 {
		source = p.t("brief.png_source", "publishers", strings.Join(list, "; "))
	}
	var lines []string
	for _, l := range []string{p.b.Banner, source, definition, p.b.Footnote} {
		if l != "" {
			lines = append(lines, l)
		}
	}
	lines = append(lines, locales.Sentence(p.t("brief.png_release", "cutoff", p.b.Cutoff, "page", p.onSite(p.b, p.b.Permalink), "language", p.t("brief.language"))))
	h := 0.0
	for _, l := range lines {
		h += p.height(width, l, st)
	}
	top := p.shape.Height - h - 18
	p.p.Lines([]charts.Segment{{X1: edge, Y1: top - 4, X2: edge + width, Y2: top - 4}}, colRule, 1.5)
	y := top
	for _, l := range lines {
		y = p.p.Paragraph(edge, y, width, l, st)
	}
	return top - 8
}

// publishers are those of the figures and the chart.
func (p *poster) publishers() []string {
	var refs []int
	for _, f := range p.b.Four {
		refs = append(refs, f.Refs...)
	}
	for _, l := range p.b.shown().Lines {
		refs = append(refs, l.Total.Refs...)
	}
	var out []string
	for _, n := range refs {
		out = union(out, []string{p.b.Refs[n-1].Publisher})
	}
	return out
}

// grid writes figures in boxes, columns beside each other, and returns the y
// below them.
func (p *poster) grid(y, width float64, list []Figure, columns int, size float64) float64 {
	const gap = 16.0
	w := (width - float64(columns-1)*gap) / float64(columns)
	for i := 0; i < len(list); i += columns {
		row := list[i:min(i+columns, len(list))]
		h := 0.0
		for _, f := range row {
			h = max(h, p.figure(0, 0, w, f, size, false))
		}
		for j, f := range row {
			x := edge + float64(j)*(w+gap)
			p.p.Rect(x, y, w, h, "", colRule)
			p.figure(x, y, w, f, size, true)
		}
		y += h + gap
	}
	return y - gap
}

// grid2 writes as many figures under each other as there is room for. The first
// is the headline, which says it already.
func (p *poster) grid2(y, width, room float64) {
	var list []Figure
	for _, f := range p.b.Four[1:] {
		h := p.figure(0, 0, width, f, 15, false)
		if h+16 > room {
			break
		}
		room -= h + 16
		list = append(list, f)
	}
	p.grid(y, width, list, 1, 15)
}

func (p *poster) figure(x, y, w float64, f Figure, size float64, draw bool) float64 {
	value := bold(size * 1.7)
	if f.Words() {
		value = bold(size * 1.2)
	}
	for value.Size > size && p.p.TextWidth(f.Text, value) > w-24 {
		value.Size--
	}
	at := y + 10
	for _, t := range []struct {
		text string
		st   paper.Style
	}{{f.Label, mute(size)}, {f.Text, value}, {strings.TrimSpace(f.Mark + " " + f.Note), body(size)}} {
		if t.text == "" {
			continue
		}
		if draw {
			at = p.p.Paragraph(x+12, at, w-24, t.text, t.st)
		} else {
			at += p.height(w-24, t.text, t.st)
		}
		at += 3
	}
	return at - y + 8
}

// chart draws as many of the last years as have room.
func (p *poster) chart(x, y, width, room float64) {
	s := p.b.shown()
	size := min(20, width/32)
	y0 := y
	y = p.p.Paragraph(x, y, width, s.Title, bold(size)) + 2
	if s.Empty() {
		p.p.Paragraph(x, y, width, p.t("chart.none"), body(size))
		return
	}
	room -= y - y0
	for rows := 12; rows > 0; rows-- {
		c, err := s.chart(p.Locale, rows)
		if err != nil {
			p.err = err
			return
		}
		k := width / 420
		if c.Height()*k > room {
			k = room / c.Height()
		}
		if k*420 < width*0.75 && rows > 3 {
			continue // rather fewer years than letters too small to read
		}
		c.Draw(p.p.At(x, y, k))
		return
	}
}

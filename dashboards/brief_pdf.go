package dashboards

import (
	"fmt"
	"io"
	"strings"

	"hrinvest/dashboards/locales"
	"hrinvest/dashboards/paper"
)

// Layout of the two pages, in points.
const (
	margin  = 40.0
	column  = paper.Width - 2*margin
	bottom  = paper.Height - 46
	colMute = "#46515c"
	colRule = "#b9c1c9"
)

func body(size float64) paper.Style { return paper.Style{Size: size, Color: "#10171e"} }
func bold(size float64) paper.Style { return paper.Style{Size: size, Bold: true, Color: "#10171e"} }
func mute(size float64) paper.Style { return paper.Style{Size: size, Color: colMute} }

// WritePDF writes the brief as two A4 pages. What has no room is counted and
// pointed to, never dropped silently. The bytes depend on the brief alone.
func (b *Brief) WritePDF(w io.Writer, fonts *paper.Fonts) error {
	loc, err := locales.Load(b.Lang)
	if err != nil {
		return fmt.Errorf("writing brief as pdf: %w", err)
	}
	p := &pages{words: words{Locale: loc}, b: b, d: paper.New(fonts, paper.Meta{Title: b.Title, Subject: b.Headline, Lang: b.Lang, Date: b.cutoffDate})}
	p.first()
	p.second()
	if p.err != nil {
		return fmt.Errorf("writing brief as pdf: %w", p.err)
	}
	return p.d.Write(w)
}

// pages lays out a brief.
type pages struct {
	words
	b *Brief
	d *paper.Doc
}

func (p *pages) footer(page int) {
	p.d.Rule(margin, bottom+8, column, colRule, 0.5)
	if page > 1 && p.b.Footnote != "" { // the first page has it in its head
		p.d.Line(margin, bottom+33, p.b.Footnote, mute(9))
	}
	n := fmt.Sprintf("%d / 2", page)
	width := p.d.TextWidth(n, mute(9))
	p.d.Line(margin+column-width, bottom+21, n, mute(9))
	text, st := p.t("brief.footer", "country", p.b.Name, "cutoff", p.b.Cutoff, "release", p.b.Release), mute(9)
	for st.Size > 6 && p.d.TextWidth(text, st) > column-width-12 {
		st.Size -= 0.25
	}
	p.d.Line(margin, bottom+21, text, st)
	if a := p.b.address(p.b.Page); a != "" {
		p.d.Link(margin, bottom+10, p.d.TextWidth(text, st), 13, a)
	}
}

// heading writes a section's title and returns the y below it.
func (p *pages) heading(y float64, key string) float64 {
	title := p.t(key)
	p.d.Bookmark(title, y)
	y = p.d.Text(margin, y, column, title, bold(12))
	p.d.Rule(margin, y+1, column, "#10171e", 0.8)
	return y + 4
}

func (p *pages) first() {
	b, d := p.b, p.d
	d.AddPage()
	p.footer(1)
	y := d.Text(margin, 34, column, b.Title, bold(17)) + 2
	if b.Banner != "" {
		h := d.TextHeight(column-12, b.Banner, body(9)) + 6
		d.Box(margin, y, column, h, "#f3f4f6", "#10171e")
		d.Text(margin+6, y+2, column-12, b.Banner, body(9))
		y += h + 5
	}
	y = d.Text(margin, y, column, b.Headline, bold(12.5)) + 1
	if b.Beside != "" {
		y = d.Text(margin, y, column, b.Beside, body(10)) + 1
	}
	y = d.Text(margin, y, column, strings.TrimSpace(b.Basis+" "+b.Footnote), mute(9)) + 5
	y = p.boxes(y) + 7

	y = p.heading(y, "brief.by_source") + 1
	services := p.services()
	const left = 318.0
	beside := p.coverageBeside(margin+left+16, y, column-left-16)
	s := b.shown()
	years := mostYears
	for ; years > leastYears; years-- { // the table of services needs the room
		end, err := p.bySource(s, y, left, years, false)
		if err != nil {
			p.err = err
			return
		}
		if end <= max(beside, bottom-7-services.least) {
			break
		}
	}
	y, err := p.bySource(s, y, left, years, true)
	if err != nil {
		p.err = err
		return
	}
	p.drawServices(max(y, beside)+7, services)
}

// How many years the chart of the first page shows.
const (
	mostYears  = 9
	leastYears = 4
)

// bySource lays out the chart of money by year and source with its words, draws it
// or not, and returns the y below it.
func (p *pages) bySource(s *Series, y, width float64, years int, draw bool) (float64, error) {
	text := func(text string, st paper.Style) {
		if draw {
			y = p.d.Text(margin, y, width, text, st)
		} else {
			y += p.d.TextHeight(width, text, st)
		}
	}
	text(s.Title, bold(10))
	text(s.Basis, mute(9))
	y += 3
	if s.Empty() {
		text(p.t("chart.none"), body(10))
		return y, nil
	}
	chart, err := s.chart(p.Locale, years)
	if err != nil {
		return y, err
	}
	scale := width / 420
	if draw {
		chart.Draw(p.d.Canvas(margin, y, scale))
	}
	y += chart.Height()*scale + 2
	l := s.newest(years)
	text(fmt.Sprintf("%d: %s %s", l.Year, l.Mix, marks(l.Total.Refs)), mute(9))
	if others := s.measures(years); others != "" {
		text(others, mute(9))
	}
	return y, nil
}

// boxes draws the four figures side by side.
func (p *pages) boxes(y float64) float64 {
	const gap = 7.0
	w := (column - 3*gap) / 4
	h := 0.0
	for _, f := range p.b.Four {
		h = max(h, p.box(0, 0, w, f, false))
	}
	for i, f := range p.b.Four {
		x := margin + float64(i)*(w+gap)
		p.d.Box(x, y, w, h, "", "#10171e")
		p.box(x, y, w, f, true)
	}
	return y + h
}

func (p *pages) box(x, y, w float64, f Figure, draw bool) float64 {
	value := valueStyle(p.d, f, w-10)
	at := y + 4
	for _, t := range []struct {
		text string
		st   paper.Style
	}{{f.Label, mute(9)}, {f.Text, value}, {f.Mark, body(9)}, {f.Note + " " + marks(f.Refs), body(9)}} {
		if t.text == "" {
			continue
		}
		if draw {
			at = p.d.Text(x+5, at, w-10, t.text, t.st)
		} else {
			at += p.d.TextHeight(w-10, t.text, t.st)
		}
		at += 2
	}
	return at - y + 2
}

// valueStyle is the size of a figure in its box: large, smaller until it stands
// on one line, and no smaller than 11 points for that; then smaller still until
// lines break at blanks only, so that no number is torn apart.
func valueStyle(d *paper.Doc, f Figure, width float64) paper.Style {
	st := bold(14)
	if f.Words() {
		st = bold(11)
	}
	for st.Size > 11 && d.TextWidth(f.Text, st) > width {
		st.Size -= 0.5
	}
	for _, word := range strings.Split(f.Text, " ") {
		for st.Size > 7 && d.TextWidth(word, st) > width {
			st.Size -= 0.25
		}
	}
	return st
}

// coverageBeside draws coverage next to the chart of money.
func (p *pages) coverageBeside(x, y, w float64) float64 {
	y = p.d.Text(x, y, w, p.t("brief.coverage"), bold(10)) + 2
	const scale = 0.75 // of the chart's letters: 9 points and more
	chart, rest := p.b.bars(w/scale, func(f Figure) string {
		text := f.Text
		if f.Year != "" {
			text += " (" + f.Year + ")"
		}
		if f.TargetText != "" {
			text += "; " + f.TargetText
		}
		return text + " " + marks(f.Refs)
	})
	chart.Measure = func(text string, size float64, bold bool) float64 {
		return p.d.TextWidth(text, paper.Style{Size: size, Bold: bold})
	}
	chart.Draw(p.d.Canvas(x, y, scale))
	y += chart.Height() * scale
	var none []string
	for _, f := range rest {
		if f.Status == "not_reported" {
			none = append(none, locales.Clause(f.Label))
			continue
		}
		text := f.Text
		if f.Year != "" {
			text += " (" + f.Year + ")"
		}
		y = p.d.Text(x, y, w, f.Label, mute(9))
		y = p.d.Text(x, y, w, text+" "+marks(f.Refs), bold(9.5)) + 2
	}
	if len(none) > 0 {
		y = p.d.Text(x, y, w, p.t("missing.coverage", "indicators", strings.Join(none, "; ")), mute(9))
	}
	return y
}

// table draws rows until limit; rest words what had no room, in one line or two.
func (p *pages) table(y, limit float64, rest func(shown int) string, cols []tableColumn, rows [][]string) float64 {
	draw := func(y float64, cells []string, st paper.Style) float64 {
		x := margin
		for i, c := range cells {
			p.d.Text(x, y+1, cols[i].width-6, c, st)
			x += cols[i].width
		}
		y += p.rowHeight(cols, cells, st)
		p.d.Rule(margin, y, column, colRule, 0.4)
		return y
	}
	y = draw(y, titles(cols), bold(9))
	for i, r := range rows {
		room := limit - y
		if i < len(rows)-1 {
			room -= moreHeight
		}
		if p.rowHeight(cols, r, body(9)) > room {
			return p.d.Text(margin, y+1, column, rest(i), mute(9))
		}
		y = draw(y, r, body(9))
	}
	return y
}

// moreHeight is the room that the words on what had no room may need: two lines.
const moreHeight = 2*9*1.22 + 3

func titles(cols []tableColumn) (out []string) {
	for _, c := range cols {
		out = append(out, c.title)
	}
	return out
}

func (p *pages) rowHeight(cols []tableColumn, cells []string, st paper.Style) float64 {
	h := 0.0
	for i, c := range cells {
		h = max(h, p.d.TextHeight(cols[i].width-6, c, st))
	}
	return h + 3
}

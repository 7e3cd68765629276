package charts

import (
	"fmt"
	"html"
	"strconv"
	"strings"
)

// SVG is a Canvas that writes an SVG element. It uses presentation attributes
// and classes only: a style attribute is refused by the pages' content security
// policy.
type SVG struct {
	body  strings.Builder
	links bool
}

var (
	_ Canvas = (*SVG)(nil)
	_ Linker = (*SVG)(nil)
)

// n writes a coordinate with at most one decimal.
func n(v float64) string {
	s := strconv.FormatFloat(v, 'f', 1, 64)
	s = strings.TrimSuffix(s, ".0")
	if s == "-0" {
		return "0"
	}
	return s
}

// Rect implements Canvas.
func (s *SVG) Rect(x, y, w, h float64, fill, stroke string) {
	fmt.Fprintf(&s.body, `<rect x="%s" y="%s" width="%s" height="%s" fill="%s"`, n(x), n(y), n(w), n(h), html.EscapeString(fill))
	if stroke != "" {
		fmt.Fprintf(&s.body, ` stroke="%s"`, html.EscapeString(stroke))
	}
	s.body.WriteString("/>")
}

// Lines implements Canvas.
func (s *SVG) Lines(segments []Segment, stroke string, width float64) {
	s.body.WriteString(`<path d="`)
	for _, g := range segments {
		fmt.Fprintf(&s.body, "M%s %sL%s %s", n(g.X1), n(g.Y1), n(g.X2), n(g.Y2))
	}
	fmt.Fprintf(&s.body, `" fill="none" stroke="%s" stroke-width="%s"/>`, html.EscapeString(stroke), n(width))
}

// Text implements Canvas.
func (s *SVG) Text(x, y, size float64, anchor Anchor, bold bool, fill, text string) {
	fmt.Fprintf(&s.body, `<text x="%s" y="%s" font-size="%s" fill="%s"`, n(x), n(y), n(size), html.EscapeString(fill))
	switch anchor {
	case Middle:
		s.body.WriteString(` text-anchor="middle"`)
	case End:
		s.body.WriteString(` text-anchor="end"`)
	}
	if bold {
		s.body.WriteString(` font-weight="bold"`)
	}
	s.body.WriteString(">" + html.EscapeString(text) + "</text>")
}

// Link implements Linker.
func (s *SVG) Link(href, title string, draw func()) {
	s.links = true
	fmt.Fprintf(&s.body, `<a href="%s"><title>%s</title>`, html.EscapeString(href), html.EscapeString(title))
	draw()
	s.body.WriteString("</a>")
}

// Element returns the drawing as an svg element with a title and a description
// for those who do not see it; id must be unique in the page.
func (s *SVG) Element(id, title, desc string, width, height float64) string {
	return s.element(`class="chart"`, id, title, desc, width, height)
}

// Small is Element in the size of its units, to stand in a line of text.
func (s *SVG) Small(id, title, desc string, width, height float64) string {
	return s.element(fmt.Sprintf(`class="spark" width="%s" height="%s"`, n(width), n(height)), id, title, desc, width, height)
}

func (s *SVG) element(attributes, id, title, desc string, width, height float64) string {
	role := "img"
	if s.links {
		role = "group" // what is in a picture cannot be reached
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" %[8]s role="%[7]s" aria-labelledby="%[1]s-t %[1]s-d" viewBox="0 0 %[2]s %[3]s" font-family="sans-serif"><title id="%[1]s-t">%[4]s</title><desc id="%[1]s-d">%[5]s</desc>%[6]s</svg>`,
		html.EscapeString(id), n(width), n(height), html.EscapeString(title), html.EscapeString(desc), s.body.String(), role, attributes)
}

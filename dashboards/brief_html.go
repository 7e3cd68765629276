package dashboards

import (
	"bytes"
	"fmt"
	"html/template"
	"io"

	"hrinvest/dashboards/locales"
)

// WriteHTML writes the brief as one file that needs nothing else: it can be sent
// by a messenger and opened without a connection. It holds no script and names
// no host but in links to sources.
func (b *Brief) WriteHTML(w io.Writer) error {
	loc, err := locales.Load(b.Lang)
	if err != nil {
		return fmt.Errorf("writing brief as html: %w", err)
	}
	css, err := files.ReadFile("static/site.css")
	if err != nil {
		return fmt.Errorf("writing brief as html: %w", err)
	}
	t, err := parseTemplates(loc, "")
	if err != nil {
		return fmt.Errorf("writing brief as html: %w", err)
	}
	alone := b.linked() // links into the site lead nowhere from a file
	s := alone.shown()
	svg := ""
	if !s.Empty() {
		if svg, err = s.svg(loc, 12); err != nil {
			return fmt.Errorf("writing brief as html: %w", err)
		}
	}
	words := &words{Locale: loc}
	cite := words.citation(b)
	if words.err != nil {
		return fmt.Errorf("writing brief as html: %w", words.err)
	}
	var page bytes.Buffer
	err = t.set["brief"].ExecuteTemplate(&page, "file", struct {
		*Brief
		CSS   template.CSS // our own file
		Chart chartOf
		Cite  string
		At    string // full address of the country's page; "": not known
	}{alone, template.CSS(css), chartOf{s, template.HTML(svg)}, cite, b.address(b.Page)})
	if err == nil {
		_, err = w.Write(withRoles(page.Bytes()))
	}
	if err != nil {
		return fmt.Errorf("writing brief as html: %w", err)
	}
	return nil
}

package dashboards

import (
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
	shown := *b.shown()
	shown.Lines = append([]YearLine{}, shown.Lines...)
	for i := range shown.Lines {
		shown.Lines[i].Link = "" // links into the site lead nowhere from a file
	}
	s := &shown
	svg := ""
	if !s.Empty() {
		if svg, err = s.svg(loc, 12); err != nil {
			return fmt.Errorf("writing brief as html: %w", err)
		}
	}
	alone := *b
	alone.Services, alone.Ends = append([]ServiceLine{}, b.Services...), append([]EndLine{}, b.Ends...)
	for i := range alone.Services {
		alone.Services[i].Link = ""
	}
	for i := range alone.Ends {
		alone.Ends[i].Link = ""
	}
	err = t.set["brief"].ExecuteTemplate(w, "file", struct {
		*Brief
		CSS   template.CSS // our own file
		Chart chartOf
	}{&alone, template.CSS(css), chartOf{s, template.HTML(svg)}})
	if err != nil {
		return fmt.Errorf("writing brief as html: %w", err)
	}
	return nil
}

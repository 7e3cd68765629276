package dashboards

import (
	"html/template"
	"net/http"
	"slices"
	"strings"

	"hrinvest/dashboards/charts"
)

// picture is a chart of a page, drawn from the rows the page shows: with what its
// numbers are, and the same as a table. A picture shows one kind of money in the prices
// of one basis, or shares; what does not fit into it is said below it.
type picture struct {
	Title, Basis string
	Notes        []string
	Heads        []string   // of the table
	Rows         [][]string // the first cell names the row
	SVG          template.HTML
	File         string // address of the picture as a file

	chart charts.Drawing
}

// maxBars bounds the bars of a picture; the table of the page has them all.
const maxBars = 30

// drawn finishes a picture for a page at path. A nil one stays nil.
func (p *picture) drawn(r *request, path string) *picture {
	if p == nil {
		return nil
	}
	var c charts.SVG
	p.chart.Draw(&c)
	p.SVG = template.HTML(c.Element("picture", p.Title, p.said(), 420, p.chart.Height()))
	p.File = "/" + r.loc.Lang + path + ".svg" + r.query()
	return p
}

// said puts a picture in words, for those who do not see it.
func (p *picture) said() string {
	var out []string
	for _, row := range p.Rows {
		cells := slices.DeleteFunc(slices.Clone(row[1:]), func(s string) bool { return s == "" })
		out = append(out, row[0]+": "+strings.Join(cells, ", "))
	}
	return p.Basis + " " + strings.Join(append(out, p.Notes...), "; ")
}

// pictureFile is a picture as a file, which says itself what it shows and of which
// release. An answer that has none says why.
func (r *request) pictureFile(w *words, p *picture, why, name string) (*answer, error) {
	if p == nil {
		return nil, &pageError{status: http.StatusNotFound, key: "picture.none", args: []any{"why", why}}
	}
	path := strings.TrimSuffix(r.URL.Path, ".svg")
	f := &charts.Framed{Title: p.Title, Above: []string{p.Basis}, Chart: p.chart, Below: append(slices.Clone(p.Notes),
		w.t("picture.from", "cutoff", w.upTo(r.ed.data, r.ed.given), "permalink", withRelease(path+r.query(), r.ed.rel.ID)))}
	if w.err != nil {
		return nil, w.err
	}
	var c charts.SVG
	f.Draw(&c)
	a := newAnswer("image/svg+xml", []byte(c.Element("picture", p.Title, p.said(), 420, f.Height())))
	a.filename = "hrinvest-" + name + "-" + r.loc.Lang + ".svg"
	return a, nil
}

// lookOf is the look of money by who pays it; planned money is white.
func lookOf(funderType string, planned bool) charts.Look {
	group := funderType
	if group == "domestic_public" {
		group = "domestic"
	}
	l := look(group)
	if planned {
		l.Fill = "#ffffff"
	}
	return l
}

// planned reports whether a kind of money, or a measure, is of money that was planned.
func planned(kind string) bool {
	return slices.Contains([]string{"budget", "budgeted", "planned_disbursement", "commitment", "pledge", "allocation"}, kind)
}

package dashboards

import (
	"cmp"
	"html/template"
	"slices"
	"strings"

	"hrinvest/dashboards/charts"
)

// countriesPage shows the countries as a grid of tiles and as a table that can be
// sorted.
func countriesPage(r *request) (*answer, error) {
	args, err := r.arguments(filters("countries")...)
	if err != nil {
		return nil, err
	}
	t, err := r.sorted("countries", args)
	if err != nil {
		return nil, err
	}
	if args["sort"] == nil { // by name, in the reader's language
		slices.SortStableFunc(t.Rows, func(a, b Row) int {
			x, _ := a["country"].(string)
			y, _ := b["country"].(string)
			return strings.Compare(r.ed.cat.place(x, r.loc.Lang), r.ed.cat.place(y, r.loc.Lang))
		})
	}
	w := &words{Locale: r.loc}
	body := struct {
		Path, Query string
		Tiles       template.HTML
		Grid        grid
		Total       int
	}{Path: "/countries", Query: r.query(), Total: len(t.Rows)}
	svg, err := r.tileGrid(w)
	if err != nil {
		return nil, err
	}
	body.Tiles = template.HTML(svg)
	keep := &Table{Rows: t.Rows}
	for _, name := range []string{"country", "eeca", "latest_hr_year", "latest_hr_cycle", "first_year", "latest_year", "n_flows", "n_cycle_budgets", "n_observations"} {
		if i := slices.Index(t.Columns, name); i >= 0 {
			keep.Columns, keep.Types, keep.Docs = append(keep.Columns, name), append(keep.Types, t.Types[i]), append(keep.Docs, t.Docs[i])
		}
	}
	body.Grid = r.gridOf(w, keep, w.t("countries.title"), r.sorter("/countries"))
	if w.err != nil {
		return nil, w.err
	}
	return r.render("countries", "/countries", body)
}

// tileClass says what is known of a country's harm reduction money.
func tileClass(c Country) int {
	switch {
	case c.HarmYear > 0:
		return 0
	case c.HarmCycle != "":
		return 1
	case c.FirstYear > 0:
		return 2
	}
	return 3
}

// tileGrid draws the countries of the grid, each leading to its page. It tells apart
// what is known, not how much: amounts of different years and measures do not
// compare.
func (r *request) tileGrid(w *words) (string, error) {
	places, err := charts.Places()
	if err != nil {
		return "", err
	}
	g := &charts.TileGrid{Classes: []charts.Class{
		{Label: w.t("countries.class.year"), Look: look("domestic")},
		{Label: w.t("countries.class.cycle"), Look: look("global_fund")},
		{Label: w.t("countries.class.hiv"), Look: charts.Look{Fill: "#ffffff", Ink: "#49525c", Pattern: charts.Solid}},
		{Label: w.t("countries.class.none"), Look: look("unknown")},
	}}
	var said []string
	for _, c := range r.ed.cat.countries {
		p, ok := places[c.ISO3]
		if !ok {
			continue
		}
		t := w.tile(c)
		r.noted = r.noted || c.noted()
		tile := charts.Tile{Column: p.Column, Row: p.Row, Label: c.ISO3, Class: tileClass(c), Link: "/" + w.Lang + "/country/" + c.ISO3, Title: t.Name + ": " + t.Harm}
		switch {
		case c.HarmYear > 0:
			tile.Note = yearText(c.HarmYear)
		case c.HarmCycle != "":
			tile.Note = c.HarmCycle
		}
		g.Tiles = append(g.Tiles, tile)
		said = append(said, tile.Title)
	}
	slices.SortFunc(g.Tiles, func(a, b charts.Tile) int { return cmp.Compare(a.Title, b.Title) }) // the order of the keyboard
	slices.Sort(said)
	if w.err != nil {
		return "", w.err
	}
	var canvas charts.SVG
	g.Draw(&canvas)
	return canvas.Element("tiles", w.t("countries.tiles"), strings.Join(said, "; "), 420, g.Height()), w.err
}

// tilesSVG is the grid of tiles as a file.
func tilesSVG(r *request) (*answer, error) {
	if _, err := r.arguments(); err != nil {
		return nil, err
	}
	svg, err := r.tileGrid(&words{Locale: r.loc})
	if err != nil {
		return nil, err
	}
	a := newAnswer("image/svg+xml", []byte(svg))
	a.filename = "hrinvest-countries-" + r.loc.Lang + ".svg"
	return a, nil
}

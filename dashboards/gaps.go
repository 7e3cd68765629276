package dashboards

import (
	"slices"
	"sort"
	"strconv"
	"strings"

	"hrinvest/dashboards/locales"
)

// gapRow is a row of the page of gaps.
type gapRow struct {
	Promise
	Area, ISO3, Share, Gap, Basis string
	Comparable                    bool
}

// gapsBody is the page of gaps.
type gapsBody struct {
	Path, Query, Sort string
	Fields            []field
	Latest            bool
	Other             string // address of all years, or of the newest answers
	Heads             []gridHead
	Picture           *picture
	Rows              []gapRow
	Total             int
}

// gaps reads the answers an address asks for: the newest to each promise and area,
// unless a year is asked for or latest=false, which is in the address and can be
// passed on.
func (r *request) gaps() (args map[string]any, gaps []Gap, err error) {
	if args, err = r.arguments(filters("gaps")...); err != nil {
		return nil, nil, err
	}
	if err := r.knownCountry(args); err != nil {
		return nil, nil, err
	}
	if args["latest"] == nil && args["year"] == nil {
		args["latest"] = "true"
	}
	t, err := r.sorted("gaps", args)
	if err != nil {
		return nil, nil, err
	}
	if err := r.nothing("gaps", args, t); err != nil {
		return nil, nil, err
	}
	for _, row := range t.Rows {
		s := &scan{row: row}
		gaps = append(gaps, readGap(s))
		if s.err != nil {
			return nil, nil, s.err
		}
	}
	return args, gaps, nil
}

// gapMaker words the rows of the page.
func (r *request) gapMaker() *maker {
	return &maker{words: &words{Locale: r.loc}, b: &Brief{Lang: r.loc.Lang}, cat: r.ed.cat, facts: &facts{}, cutoff: r.ed.rel.Cutoff, refs: map[string]int{}}
}

// gapsSVG is the picture of the gaps as a file.
func gapsSVG(r *request) (*answer, error) {
	_, gaps, err := r.gaps()
	if err != nil {
		return nil, err
	}
	m := r.gapMaker()
	p, why, err := r.gapsPicture(m, gaps)
	if err != nil {
		return nil, err
	}
	return r.pictureFile(m.words, p, why, "gaps")
}

// gapsPage sets promises against what was found, filtered and sorted by a plain form.
func gapsPage(r *request) (*answer, error) {
	args, gaps, err := r.gaps()
	if err != nil {
		return nil, err
	}
	m := r.gapMaker()
	w := m.words
	body := gapsBody{Path: "/gaps", Total: len(gaps)}
	p, _, err := r.gapsPicture(m, gaps)
	if err != nil {
		return nil, err
	}
	body.Picture = p.drawn(r, "/gaps")
	text := map[string]string{}
	for k, v := range args {
		text[k], _ = v.(string)
	}
	body.Sort, body.Latest, body.Query = text["sort"], newest(text["latest"]), query(text)
	if body.Fields, err = r.gapFields(w, text); err != nil {
		return nil, err
	}
	other := map[string]string{}
	for k, v := range text {
		if k != "year" {
			other[k] = v
		}
	}
	other["latest"] = strconv.FormatBool(!body.Latest)
	body.Other = address(r.loc.Lang, "/gaps", other)
	body.Heads = r.heads(w, "/gaps", []string{"area", "commitment", "year", "required", "actual", "gap", "funded_pct", "verdict"})
	body.Heads[6].Label = w.t("table.share")
	if body.Sort == "" {
		sort.SliceStable(gaps, func(i, j int) bool { return rank(gaps[i].look()) < rank(gaps[j].look()) })
	}
	for _, g := range gaps[:min(len(gaps), maxRows)] {
		body.Rows = append(body.Rows, r.gapRow(m, g, body.Latest))
	}
	if w.err != nil {
		return nil, w.err
	}
	return r.render("gaps", "/gaps", body)
}

func (r *request) gapRow(m *maker, g Gap, newest bool) gapRow {
	out := gapRow{Promise: m.promise(g, newest), Area: m.place(r.ed.cat, g.Area), Comparable: g.comparable()}
	if c, ok := r.ed.cat.byISO[g.Area]; ok {
		out.ISO3, r.noted = c.ISO3, r.noted || c.noted()
	}
	// A number that is missing is a word.
	switch {
	case out.Figure.Status == "not_applicable":
		out.Gap = m.t("absent.not_applicable")
	case g.Actual == nil:
		out.Gap = m.t("absent.unknown")
	default:
		out.Gap = m.t("verdict.not_comparable")
	}
	if out.Share = out.Gap; !strings.HasPrefix(g.Unit, "USD") {
		out.Share = m.t("absent.not_applicable") // no money is promised
	}
	switch {
	case g.Year > 0:
		out.Year = strconv.Itoa(g.Year)
	case out.Figure.Status == "not_applicable":
		out.Year = m.t("absent.not_applicable")
	default:
		out.Year = m.t("absent.unknown")
	}
	if g.FundedPct != nil {
		out.Share = r.loc.Percent(g.FundedPct, 1)
	}
	if g.Gap != nil && out.Comparable {
		out.Gap = m.distance(g)
	}
	if g.Definition != "" {
		out.Basis = m.or("definition_short.", g.Definition)
	}
	if g.PriceBasis != "" {
		if out.Basis != "" {
			out.Basis += "; "
		}
		out.Basis += m.t("gaps.prices", "basis", m.or("price_basis.", locales.Key(g.PriceBasis)))
	}
	return out
}

// gapFields are the fields of the form on the page of gaps.
func (r *request) gapFields(w *words, args map[string]string) ([]field, error) {
	var out []field
	add := func(name string, choices []choice) {
		out = append(out, field{Name: name, Label: w.paramLabel(name), Value: args[name], Choices: choices})
	}
	add("country", r.choices(w, r.param("gaps", "country"), args["country"]))
	add("area", r.occurring(w, "area", args["area"]))
	list, err := load(r.Context(), r.data, "commitments", nil, func(s *scan) named { return named{s.text("id"), s.text("text_en"), s.text("text_ru")} })
	if err != nil {
		return nil, err
	}
	var promises []choice
	for _, c := range list {
		promises = append(promises, choice{c.ID, c.ID + " · " + shorten(c.in(w.Lang), 60), c.ID == args["commitment"]})
	}
	if v := args["commitment"]; v != "" && !slices.ContainsFunc(promises, func(c choice) bool { return c.Selected }) {
		promises = append(promises, choice{v, v, true})
	}
	slices.SortFunc(promises, func(a, b choice) int { return compare(a.Value, b.Value) })
	add("commitment", promises)
	add("verdict", r.choices(w, r.param("gaps", "verdict"), args["verdict"]))
	for _, name := range []string{"kind", "measure", "definition", "price_basis"} {
		add(name, r.occurring(w, name, args[name]))
		if name == "kind" {
			out[len(out)-1].Label = w.t("register.kind")
		}
	}
	out = append(out, field{Name: "year", Label: w.t("table.year"), Value: args["year"], Type: "int"})
	if args["latest"] == "false" && args["year"] == "" {
		out = append(out, field{Name: "latest", Value: "false", Type: "hidden"})
	}
	return out, nil
}

// occurring lists the values of a filter of gaps and promises that occur.
func (r *request) occurring(w *words, name, value string) []choice {
	var out []choice
	add := func(v string) {
		label := v
		switch name {
		case "area", "bound":
			label = w.place(r.ed.cat, v)
		case "kind":
			label = w.or("promise_kind.", locales.Key(v))
		case "force":
			label = w.or("force.", v)
		case "measure":
			label = w.or("gap_measure.", v)
		case "definition":
			label = w.or("definition_short.", v)
		case "price_basis":
			label = w.or("price_basis.", locales.Key(v))
		}
		out = append(out, choice{v, label, v == value})
	}
	for _, f := range r.ed.cat.filters {
		if f.ID == name {
			add(f.EN)
		}
	}
	if value != "" && !slices.ContainsFunc(out, func(c choice) bool { return c.Selected }) {
		add(value)
	}
	slices.SortStableFunc(out, func(a, b choice) int { return compare(a.Label, b.Label) })
	return out
}

// heads are the heads of a table of a page's own, each of which sorts by a column.
func (r *request) heads(w *words, path string, columns []string) []gridHead {
	sorter, now := r.sorter(path), r.URL.Query().Get("sort")
	var out []gridHead
	for _, c := range columns {
		h := gridHead{Label: w.or("column.", c), Sort: sorter(c)}
		switch now {
		case c:
			h.Aria = "ascending"
		case "-" + c:
			h.Aria = "descending"
		}
		out = append(out, h)
	}
	return out
}

// shorten cuts a text after n letters, with a sign that it is cut.
func shorten(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}

// newest reads the parameter latest as the question does.
func newest(v string) bool {
	b, err := strconv.ParseBool(v)
	return err == nil && b
}

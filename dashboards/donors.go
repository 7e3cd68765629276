package dashboards

import (
	"cmp"
	"errors"
	"math/big"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// donorsPage lists the financing entities, and how much is known of each. It shows no
// amounts: kinds, years and grant cycles of a donor do not add up.
func donorsPage(r *request) (*answer, error) {
	args, t, err := r.donors()
	if err != nil {
		return nil, err
	}
	if err := r.nothing("page_donors", args, t); err != nil {
		return nil, err
	}
	w := &words{Locale: r.loc}
	typ, _ := args["type"].(string)
	body := struct {
		Path, Query, Sort string
		Fields            []field
		Picture           *picture
		Grid              grid
		Total             int
	}{Path: "/donors", Query: r.query(), Total: len(t.Rows)}
	body.Sort, _ = args["sort"].(string)
	f := field{Name: "type", Label: w.t("column.funder_type"), Value: typ}
	for _, id := range funderTypes() {
		f.Choices = append(f.Choices, choice{id, w.t("payer." + id), id == typ})
	}
	body.Fields = []field{f}
	p, _, err := r.donorsPicture(w, t)
	if err != nil {
		return nil, err
	}
	body.Picture = p.drawn(r, "/donors")
	body.Grid = r.gridOf(w, without(t, "funder_id", "origin"), w.t("donors.title"), r.sorter("/donors"))
	for i := range body.Grid.Rows {
		id, _ := t.Rows[i]["funder_id"].(string)
		body.Grid.Rows[i][0].URL = address(w.Lang, "/donor", map[string]string{"funder": id})
	}
	if w.err != nil {
		return nil, w.err
	}
	return r.render("donors", "/donors", body)
}

// donorsSVG is the picture of the donors as a file.
func donorsSVG(r *request) (*answer, error) {
	_, t, err := r.donors()
	if err != nil {
		return nil, err
	}
	w := &words{Locale: r.loc}
	p, why, err := r.donorsPicture(w, t)
	if err != nil {
		return nil, err
	}
	return r.pictureFile(w, p, why, "donors")
}

func funderTypes() []string {
	return []string{"bilateral", "multilateral", "philanthropic", "private", "domestic_public", "unknown"}
}

// without leaves columns out of an answer that a page shows in another way.
func without(t *Table, columns ...string) *Table {
	out := &Table{Rows: t.Rows}
	for i, c := range t.Columns {
		if !slices.Contains(columns, c) {
			out.Columns, out.Types, out.Docs = append(out.Columns, c), append(out.Types, t.Types[i]), append(out.Docs, t.Docs[i])
		}
	}
	return out
}

// donorLine is what a donor gave in one year or cycle, of one kind.
type donorLine struct {
	When, Kind, Amount, Mark, Note, Link string
	Countries                            []pair
	Refs                                 []int

	year     int
	kind     string
	calendar bool // year is a calendar year
	total    *big.Rat
	how      method
	places   map[string]bool
	several  bool // money for several countries or none is in it
	missing  int  // flows without dollars
	cites    []string
}

// donorBody is the page of a donor.
type donorBody struct {
	Path, Query, Sort, Name, Type, Basis string
	Fields                               []field
	Lines                                []donorLine
	Picture                              *picture
	Grid                                 grid
	Total                                int
	Refs                                 []Ref

	definition string
}

// donorPage shows what one financing entity gave: by year or cycle and kind, and
// below by country. Kinds, years and cycles stand apart.
func donorPage(r *request) (*answer, error) {
	w := &words{Locale: r.loc}
	body, err := r.donor(w)
	if err != nil {
		return nil, err
	}
	p, _, err := r.donorPicture(w, body.Name, body.Type, body.definition, body.Lines)
	if err != nil {
		return nil, err
	}
	body.Picture = p.drawn(r, "/donor")
	return r.render("donor", "/donor", body)
}

// donorSVG is the picture of a donor as a file.
func donorSVG(r *request) (*answer, error) {
	w := &words{Locale: r.loc}
	body, err := r.donor(w)
	if err != nil {
		return nil, err
	}
	p, why, err := r.donorPicture(w, body.Name, body.Type, body.definition, body.Lines)
	if err != nil {
		return nil, err
	}
	return r.pictureFile(w, p, why, "donor")
}

// donor reads the donor an address asks for.
func (r *request) donor(w *words) (*donorBody, error) {
	args, err := r.arguments(filters("page_donor")...)
	if err != nil {
		return nil, err
	}
	id, _ := args["funder"].(string)
	donors, err := r.named("page_donors", nil)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(donors.Rows, func(row Row) bool { return row["funder_id"] == id })
	if i < 0 {
		return nil, &pageError{status: http.StatusNotFound, key: "donors.unknown"}
	}
	if args["definition"] == nil {
		args["definition"] = Definition
	}
	t, err := r.sorted("page_donor", args)
	if err != nil {
		return nil, err
	}
	if err := r.nothing("page_donor", args, t); err != nil {
		return nil, err
	}
	text := map[string]string{}
	for k, v := range args {
		text[k], _ = v.(string)
	}
	facts := &facts{}
	if facts.docs, err = load(r.Context(), r.data, "documents", nil, readDocument); err != nil {
		return nil, err
	}
	m := &maker{words: w, b: &Brief{Lang: r.loc.Lang}, cat: r.ed.cat, facts: facts, refs: map[string]int{}}
	body := &donorBody{Path: "/donor", Query: query(text), Sort: text["sort"], Total: len(t.Rows), definition: text["definition"]}
	s := &scan{row: donors.Rows[i]}
	body.Type = s.text("funder_type")
	body.Name = m.funder(s.text("funder"), body.Type)
	if body.Lines, err = r.donorLines(m, t, id, text["definition"]); err != nil {
		return nil, err
	}
	body.Basis = w.or("definition_short.", text["definition"])
	body.Fields = r.donorFields(w, text)
	body.Grid = r.gridOf(w, without(t, "funder_id", "cites", "origin", "intervention_group"), body.Name, r.sorter("/donor"))
	body.Refs = m.b.Refs
	return body, errors.Join(s.err, w.err)
}

func (r *request) donorFields(w *words, text map[string]string) []field {
	choices := func(name string) []choice { return r.choices(w, r.param("page_donor", name), text[name]) }
	return []field{
		{Name: "funder", Value: text["funder"], Type: "hidden"},
		{Name: "definition", Label: w.t("column.definition"), Required: true, Choices: choices("definition")},
		{Name: "country", Label: w.t("column.country"), Choices: choices("country")},
		{Name: "kind", Label: w.t("column.kind"), Choices: choices("kind")},
		{Name: "year", Label: w.t("column.year"), Value: text["year"], Type: "int"},
	}
}

// donorLines sums the rows of one year or cycle and one kind: in the donor view each
// dollar counts once, so that countries add up and kinds do not.
func (r *request) donorLines(m *maker, t *Table, id, definition string) ([]donorLine, error) {
	lines := map[string]*donorLine{}
	var order []string
	for _, row := range t.Rows {
		s := &scan{row: row}
		year, basis, cycle, kind := s.whole("year"), s.text("year_basis"), s.text("cycle"), s.text("kind")
		key := strings.Join([]string{strconv.Itoa(year), basis, cycle, kind}, "|")
		if year > 0 {
			key = strings.Join([]string{strconv.Itoa(year), basis, kind}, "|") // a yearly figure of a grant is a yearly figure
		}
		l := lines[key]
		if l == nil {
			l = &donorLine{year: year, kind: kind, calendar: basis == "calendar", Kind: m.or("kind.", kind), When: m.t("when.none"), places: map[string]bool{}, Link: address(r.loc.Lang, "/flows", map[string]string{
				"donor": id, "kind": kind, "definition": map[bool]string{false: definition}[definition == "all"], "counted_donor": "true", "year": yearText(year), "cycle": map[bool]string{true: cycle}[year == 0]})}
			switch {
			case year > 0:
				l.When = m.when(year, basis)
			case cycle != "":
				l.When = m.t("when.cycle", "cycle", cycle)
			}
			lines[key] = l
			order = append(order, key)
		}
		if v := s.num("usd"); v != nil {
			if l.total == nil {
				l.total = new(big.Rat)
			}
			l.total.Add(l.total, v)
		}
		l.how = l.how.with(methodOf(s.words("hr_methods"), s.words("flags")))
		l.missing += s.whole("n_without_usd")
		l.cites = union(l.cites, s.words("cites"))
		if c := s.text("country"); c != "" {
			l.places[c] = true
		} else {
			l.several = true
		}
		if s.err != nil {
			return nil, s.err
		}
	}
	slices.SortStableFunc(order, func(a, b string) int { return cmp.Compare(lines[b].year, lines[a].year) })
	var out []donorLine
	for _, key := range order {
		l := lines[key]
		l.Amount = m.t("absent.no_rate")
		if l.total != nil {
			l.Amount, l.Mark = m.USD(l.total), m.markText(l.how)
		}
		if l.missing > 0 {
			l.Note = m.n("note.without_usd", l.missing)
		}
		for iso := range l.places {
			l.Countries = append(l.Countries, pair{Text: m.cat.place(iso, m.b.Lang), URL: "/" + m.b.Lang + "/country/" + iso})
			r.noted = r.noted || m.cat.byISO[iso].noted()
		}
		slices.SortFunc(l.Countries, func(a, b pair) int { return strings.Compare(a.Text, b.Text) })
		if l.several {
			l.Countries = append(l.Countries, pair{Text: m.t("donors.several")})
		}
		l.Refs = m.ref(l.cites...)
		out = append(out, *l)
	}
	return out, nil
}

func yearText(year int) string {
	if year == 0 {
		return ""
	}
	return strconv.Itoa(year)
}

// donors asks for the financing entities as the address says.
func (r *request) donors() (map[string]any, *Table, error) {
	args, err := r.arguments(filters("page_donors")...)
	if err != nil {
		return nil, nil, err
	}
	t, err := r.sorted("page_donors", args)
	return args, t, err
}

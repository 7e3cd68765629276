package dashboards

import (
	"html/template"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strings"
)

// page starts a page with what all have in common.
func (r *request) page(at string, body any) (*page, error) {
	p := &page{Lang: r.loc.Lang, Path: at + r.query(), Release: r.ed.rel.ID, Programs: r.s.cfg.Programs, Body: body}
	p.Permalink = withRelease("/"+p.Lang+p.Path, p.Release)
	w := &words{Locale: r.loc}
	p.Cutoff = w.upTo(r.ed.data, r.ed.given)
	if !r.current {
		p.Earlier = w.t("banner.earlier", "release", p.Release, "date", w.Date(r.ed.rel.Built.UTC()))
	}
	if r.ed.banner {
		p.Banner = w.t("banner.bundled", "cutoff", p.Cutoff)
	}
	p.Stale, p.Report = w.staleText(r.late, r.ed.cat), r.report(at)
	return p, w.err
}

func (r *request) render(name, at string, body any) (*answer, error) {
	p, err := r.page(at, body)
	if err != nil {
		return nil, err
	}
	if r.noted {
		if p.Footnote, err = r.loc.T("site.kosovo"); err != nil {
			return nil, err
		}
	}
	return r.s.pages[r.loc.Lang].render(name, p)
}

// report is where to tell of an error on a page: a letter that names release and
// page, or the page the operator gave. "" when there is none.
func (r *request) report(at string) string {
	contact := r.s.cfg.Contact
	switch {
	case web(contact):
		return contact
	case !strings.Contains(contact, "@"):
		return ""
	}
	// Letters want %20, where forms want +.
	subject := strings.ReplaceAll(url.QueryEscape("hrinvest "+r.ed.rel.ID+" /"+r.loc.Lang+at+r.query()), "+", "%20")
	return "mailto:" + contact + "?subject=" + subject
}

// tile is a country on the start page: whether its harm reduction money is known,
// and the years of all its money.
type tile struct {
	ISO3, Name, Harm, Note string
	Known                  bool // harm reduction money, by year or by cycle
}

func (w *words) tile(c Country) tile {
	t := tile{ISO3: c.ISO3, Name: c.Name(w.Lang), Known: true}
	switch {
	case c.HarmYear > 0 && c.HarmCycle != "":
		t.Harm = w.t("start.tile_harm_cycle", "year", c.HarmYear, "cycle", c.HarmCycle)
	case c.HarmYear > 0:
		t.Harm = w.t("start.tile_harm", "year", c.HarmYear)
	case c.HarmCycle != "":
		t.Harm = w.t("start.tile_cycle", "cycle", c.HarmCycle)
	default:
		t.Harm, t.Known = w.t("start.tile_harm_none"), false
	}
	switch {
	case c.FirstYear > 0 && c.FirstYear != c.LastYear:
		t.Note = w.t("start.tile_years", "from", c.FirstYear, "to", c.LastYear)
	case c.FirstYear > 0:
		t.Note = w.t("start.tile_year", "from", c.FirstYear)
	default:
		t.Note = w.t("start.tile_none")
	}
	return t
}

// start lists the countries and says what is known.
func start(r *request) (*answer, error) {
	w := &words{Locale: r.loc}
	var body struct {
		Map          template.HTML
		EECA, Others []tile
		WithMoney    int
		KnownEECA    int // with harm reduction money of a year
		First, Last  int
		Sources      []Source
	}
	svg, err := r.tileGrid(w)
	if err != nil {
		return nil, err
	}
	body.Map, body.Sources = template.HTML(svg), w.localSources(r.ed.cat.sources)
	for _, c := range r.ed.cat.countries {
		t := w.tile(c)
		r.noted = r.noted || c.noted()
		if c.EECA {
			body.EECA = append(body.EECA, t)
			if c.HarmYear > 0 {
				body.KnownEECA++
			}
		} else {
			body.Others = append(body.Others, t)
		}
		if c.FirstYear > 0 || c.CycleBudgets > 0 {
			body.WithMoney++
		}
		if c.FirstYear > 0 && (body.First == 0 || c.FirstYear < body.First) {
			body.First = c.FirstYear
		}
		body.Last = max(body.Last, c.LastYear)
	}
	for _, list := range [][]tile{body.EECA, body.Others} {
		sort.SliceStable(list, func(i, j int) bool { return list[i].Name < list[j].Name })
	}
	if w.err != nil {
		return nil, w.err
	}
	return r.render("start", "/", body)
}

// shortcut leads from a country code to its page: /ru/kg.
func shortcut(r *request) (*answer, error) {
	code := strings.ToUpper(r.PathValue("code"))
	for _, c := range r.ed.cat.countries {
		if code == c.ISO3 || code == c.ISO2 {
			return &answer{status: http.StatusFound, location: "/" + r.loc.Lang + "/country/" + c.ISO3, notKept: true}, nil
		}
	}
	return nil, &pageError{status: http.StatusNotFound, key: "error.not_found"}
}

// file splits KGZ.csv into the country's code and the extension, "" for a page.
func (r *request) file() (iso3, ext string) {
	iso3, ext, _ = strings.Cut(r.PathValue("file"), ".")
	return strings.ToUpper(iso3), ext
}

func (r *request) brief(iso3 string) (*Brief, error) {
	b, err := newBrief(r.Context(), r.data, r.ed.cat, r.loc, iso3, r.ed.rel)
	if err != nil {
		return nil, err
	}
	b.Site = r.s.cfg.PublicURL
	return b, nil
}

// country shows one country, as a page or as the data behind it.
func country(r *request) (*answer, error) {
	iso3, ext := r.file()
	if _, ok := r.ed.cat.byISO[iso3]; ok && ext == "" && iso3 != r.PathValue("file") {
		return &answer{status: http.StatusMovedPermanently, location: "/" + r.loc.Lang + "/country/" + iso3, notKept: true}, nil
	}
	b, err := r.brief(iso3)
	if err != nil {
		return nil, err
	}
	switch ext {
	case "csv", "json", "xlsx":
		return r.briefFile(b, ext)
	case "svg":
		return r.seriesSVG(b)
	case "":
		return r.countryPage(b)
	}
	return nil, &pageError{status: http.StatusNotFound, key: "error.not_found"}
}

// seriesSVG is the first chart of a country's page as a file.
func (r *request) seriesSVG(b *Brief) (*answer, error) {
	svg, err := b.shown().svg(r.loc, 20)
	if err != nil {
		return nil, err
	}
	a := newAnswer("image/svg+xml", []byte(svg))
	a.filename = "hrinvest-" + strings.ToLower(b.Country.ISO3) + "-" + b.Lang + ".svg"
	return a, nil
}

// chartOf is a series with its drawing.
type chartOf struct {
	Series *Series
	SVG    template.HTML // drawn by package charts, which escapes every text
}

func (r *request) countryPage(b *Brief) (*answer, error) {
	body := struct {
		Brief          *Brief
		Files          []download
		Charts         []chartOf
		Annual, Cycles []ServiceLine
		Answered, Open []Promise // Open: without data or without a number, folded away
		Quality        grid
		Cite, Trace    string // Trace: where the headline is traced from
	}{Brief: b, Trace: b.Four[0].Link}
	w := &words{Locale: r.loc}
	body.Cite = w.citation(b)
	var err error
	if body.Files, err = r.downloads(b); err != nil {
		return nil, err
	}
	for _, s := range []*Series{&b.Harm, &b.HIV} {
		if s.ID == "hiv" && s.Empty() {
			continue
		}
		svg, err := s.svg(r.loc, 20)
		if err != nil {
			return nil, err
		}
		body.Charts = append(body.Charts, chartOf{s, template.HTML(svg)})
	}
	for _, l := range b.Services {
		if l.Amount.Basis == "cycle" {
			body.Cycles = append(body.Cycles, l)
		} else {
			body.Annual = append(body.Annual, l)
		}
	}
	for _, p := range b.Promises {
		if p.Look == "no_data" || p.Look == "no_number" {
			body.Open = append(body.Open, p)
		} else {
			body.Answered = append(body.Answered, p)
		}
	}
	t, err := r.named("page_country_quality", map[string]any{"country": b.Country.ISO3})
	if err != nil {
		return nil, err
	}
	body.Quality = r.gridOf(w, without(t, "years", "cutoff", "n_without_year", "n_low_confidence", "excluded_by"), w.t("quality.title"), nil)
	if w.err != nil {
		return nil, w.err
	}
	return r.render("country", "/country/"+b.Country.ISO3, body)
}

func sourcesPage(r *request) (*answer, error) {
	w := &words{Locale: r.loc}
	list := w.localSources(r.ed.cat.sources)
	if w.err != nil {
		return nil, w.err
	}
	return r.render("sources", "/sources", struct {
		Sources []Source
		Ops     bool
	}{list, r.s.cfg.Sources != nil})
}

// namedQuestion is a question of the warehouse on the page of the method.
type namedQuestion struct {
	Name, Text string
	Params     []pair
	File       bool // it can be asked without parameters
}

// methodPage is written from the lists the program runs by.
func methodPage(r *request) (*answer, error) {
	w := &words{Locale: r.loc}
	var body struct {
		Rules, Verdicts, Definitions []string
		Interventions                []Intervention
		Counting                     grid
		Reasons                      []pair
		Crosswalk                    []pair
		Queries                      []namedQuestion
	}
	for _, k := range howKeys() {
		body.Rules = append(body.Rules, w.t("how."+k))
	}
	body.Verdicts = looks()
	for _, d := range definitionIDs() {
		body.Definitions = append(body.Definitions, w.definitionText(r.ed.cat, d))
	}
	for _, id := range r.ed.cat.order {
		body.Interventions = append(body.Interventions, r.ed.cat.interventions[id])
	}
	t, err := r.named("page_rules", nil)
	if err != nil {
		return nil, err
	}
	body.Counting = r.gridOf(w, t, w.t("method.counting"), nil)
	for _, id := range slices.Sorted(maps.Keys(r.ed.cat.reasons)) {
		body.Reasons = append(body.Reasons, pair{Name: id, Text: r.ed.cat.reason(id, r.loc.Lang)})
	}
	for _, rule := range r.s.cfg.Rules {
		if rule.Kind == "code" { // words are too many for a page
			body.Crosswalk = append(body.Crosswalk, pair{Name: rule.ID, Parts: w.ruleText(rule, r.ed.cat), URL: rule.Source})
		}
	}
	for _, q := range r.s.queries {
		out := namedQuestion{Name: q.Name, Text: q.Doc, File: true}
		for _, p := range q.Params {
			out.Params = append(out.Params, pair{Name: p.Name, Text: p.Doc})
			out.File = out.File && !p.Required
		}
		body.Queries = append(body.Queries, out)
	}
	if w.err != nil {
		return nil, w.err
	}
	return r.render("method", "/method", body)
}

func aboutPage(r *request) (*answer, error) {
	p, err := r.page("/about", nil)
	if err != nil {
		return nil, err
	}
	p.Body = struct {
		Release           Release
		Cutoff, Permalink string
	}{r.ed.rel, p.Cutoff, withRelease("/"+p.Lang+"/", r.ed.rel.ID)}
	return r.s.pages[r.loc.Lang].render("about", p)
}

// maxValue bounds a parameter: the longest name of funders together has 600 letters.
const maxValue = 1500

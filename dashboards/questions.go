package dashboards

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"hrinvest/dashboards/locales"
	"hrinvest/warehouse"
)

// questionTitle is a question in the reader's language: as researchers ask it, or, where
// it has no number, the beginning of what its rows mean.
func (w *words) questionTitle(q warehouse.Query) (title string, own bool) {
	if key := "questions.q" + strconv.Itoa(q.Question); q.Question > 0 && w.Has(key) {
		return w.t(key), true
	}
	doc, own := w.Say(q.Doc)
	title, _, _ = strings.Cut(doc, ": ")
	title, _, _ = strings.Cut(title, ". ")
	return locales.Sentence(strings.TrimSuffix(title, ".")), own
}

// asked is a question on the list of questions.
type asked struct {
	Number      int
	Name, Title string
	Own         bool // Title is in the page's language
}

// questionsPage lists the research questions, which are the named queries of the
// warehouse that have a number, and below them the others.
func questionsPage(r *request) (*answer, error) {
	w := &words{Locale: r.loc}
	var body struct{ Numbered, Others []asked }
	for _, q := range r.s.queries {
		a := asked{Number: q.Question, Name: q.Name}
		a.Title, a.Own = w.questionTitle(q)
		if q.Question > 0 {
			body.Numbered = append(body.Numbered, a)
		} else if !strings.HasPrefix(q.Name, "page_") {
			body.Others = append(body.Others, a)
		}
	}
	slices.SortStableFunc(body.Numbered, func(a, b asked) int { return cmp.Compare(a.Number, b.Number) })
	if w.err != nil {
		return nil, w.err
	}
	return r.render("questions", "/questions", body)
}

// field is a parameter of a question in its form.
type field struct {
	Name, Label, Value, Doc string
	Type                    string // text, int, bool, date
	Required                bool
	Default                 bool     // left out, it has a value of its own
	Choices                 []choice // a list to choose from; nil: free text
}

// choice is an entry of a list to choose from.
type choice struct {
	Value, Label string
	Selected     bool
}

// questionView shows one question: a form for its parameters and the answer as a
// table, or the answer alone as a file.
func questionView(r *request) (*answer, error) {
	name, ext, _ := strings.Cut(r.PathValue("file"), ".")
	i := slices.IndexFunc(r.s.queries, func(q warehouse.Query) bool { return q.Name == name })
	if i < 0 {
		return nil, &pageError{status: http.StatusNotFound, key: "error.not_found"}
	}
	q := r.s.queries[i]
	known := []string{traceParam}
	if sortable(q) {
		known = append(known, "sort")
	}
	for _, p := range q.Params {
		known = append(known, p.Name)
	}
	args, err := r.arguments(known...)
	if err != nil {
		return nil, err
	}
	if err := r.knownCountry(args); err != nil {
		return nil, err
	}
	if ext == "svg" {
		return r.questionSVG(q, args)
	}
	if ext != "" {
		delete(args, traceParam)
		return r.rows(name, ext, args)
	}
	return r.questionPage(q, args)
}

// questionSVG is the picture of an answer as a file.
func (r *request) questionSVG(q warehouse.Query, args map[string]any) (*answer, error) {
	delete(args, traceParam)
	t, err := r.sorted(q.Name, args)
	if err != nil {
		return nil, err
	}
	w := &words{Locale: r.loc}
	p, why, err := r.questionPicture(w, q, t)
	if err != nil {
		return nil, err
	}
	return r.pictureFile(w, p, why, q.Name)
}

func (r *request) questionPage(q warehouse.Query, args map[string]any) (*answer, error) {
	w := &words{Locale: r.loc}
	path := "/questions/" + q.Name
	body := struct {
		Number           int
		Name, Title, Doc string
		Own              bool
		Fields           []field
		Sort             string
		Missing          []string // required parameters without a value
		Picture          *picture
		NoPicture        string // what to choose to have one; "": there is one, or never
		Grid             grid
		Total            int
		Path, Query      string
		Columns          []pair
		Row              string // number of the row that is followed down
		Traced           []tracedGrid
	}{Number: q.Question, Name: q.Name, Doc: q.Doc, Path: path, Query: r.query()}
	body.Title, body.Own = w.questionTitle(q)
	body.Sort, _ = args["sort"].(string)
	for _, p := range q.Params {
		value, _ := args[p.Name].(string)
		f := field{Name: p.Name, Label: w.paramLabel(p.Name), Value: value, Doc: p.Doc, Type: p.Type, Required: p.Required, Default: strings.Contains(p.Doc, "left out"), Choices: r.choices(w, p, value)}
		body.Fields = append(body.Fields, f)
		if p.Required && value == "" {
			body.Missing = append(body.Missing, f.Label)
		}
	}
	if len(body.Missing) == 0 {
		row, _ := args[traceParam].(string)
		delete(args, traceParam)
		t, err := r.sorted(q.Name, args)
		if err != nil {
			return nil, err
		}
		body.Total = len(t.Rows)
		p, why, err := r.questionPicture(w, q, t)
		if err != nil {
			return nil, err
		}
		if body.Picture = p.drawn(r, path); p == nil && slices.ContainsFunc(plans(), func(p plan) bool { return p.query == q.Name }) {
			body.NoPicture = why
		}
		if body.Row = row; row != "" {
			if body.Traced, err = r.traced(w, q, args, row); err != nil {
				return nil, err
			}
		}
		var by func(string) string
		if sortable(q) {
			by = r.sorter(path)
		}
		body.Grid = r.gridOf(w, t, body.Title, by)
		if len(q.Traces) > 0 {
			r.linkTraces(w, &body.Grid, t, path)
		}
		for i, c := range t.Columns {
			if t.Docs[i] != "" && !slices.Contains(hiddenColumns, c) && !twin(t.Columns, c, w.Lang) {
				body.Columns = append(body.Columns, pair{Name: w.columnLabel(c), Text: t.Docs[i]})
			}
		}
	}
	if w.err != nil {
		return nil, w.err
	}
	return r.render("question", path, body)
}

// query is the address's query with its question mark, in one order and without
// the empty fields of a form.
func (r *request) query() string {
	args := map[string]string{}
	for name, values := range r.URL.Query() {
		args[name] = values[0]
	}
	return query(args)
}

// choices lists what a parameter can be, where that is a short list.
func (r *request) choices(w *words, p warehouse.Param, value string) []choice {
	var out []choice
	add := func(v, label string) { out = append(out, choice{v, label, v == value}) }
	switch name := p.Name; {
	case p.Values != nil:
		for _, v := range p.Values {
			add(v, w.or(valueWords(name), v))
		}
		return out
	case p.Type == "bool":
		add("true", w.t("gaps.yes"))
		add("false", w.t("gaps.no"))
	case name == "country":
		for _, c := range r.ed.cat.countries {
			r.noted = r.noted || c.noted()
			add(c.ISO3, c.Name(w.Lang))
		}
	case name == "area":
		for _, a := range r.ed.cat.areas {
			add(a.ID, a.in(w.Lang))
		}
	case name == "source":
		for _, s := range w.localSources(r.ed.cat.sources) {
			add(s.ID, s.Title)
		}
	case name == "verdict":
		for _, v := range verdicts() {
			add(v, w.t("verdict."+v))
		}
	case name == "kind":
		for _, k := range kinds() {
			add(k, w.t("kind."+k))
		}
	default:
		return nil
	}
	if value != "" && !slices.ContainsFunc(out, func(c choice) bool { return c.Selected }) {
		add(value, value) // what the address asks for stays chosen
	}
	slices.SortStableFunc(out, func(a, b choice) int { return strings.Compare(a.Label, b.Label) })
	return out
}

// valueWords are the words for the values a parameter can have.
func valueWords(param string) string {
	return map[string]string{"definition": "definition_short.", "method": "need_method.", "by": "year_by."}[param]
}

// param is a parameter of a named query; its zero value but for the name where the
// query has none.
func (r *request) param(query, name string) warehouse.Param {
	for _, q := range r.s.queries {
		for _, p := range q.Params {
			if q.Name == query && p.Name == name {
				return p
			}
		}
	}
	return warehouse.Param{Name: name}
}

// definitionIDs are the definitions of harm reduction, the narrowest first.
func definitionIDs() []string {
	return []string{"core-3", "comprehensive-9", "who-2022", "hri", "broad"}
}

// kinds of money, in the order money passes through them.
func kinds() []string {
	return []string{"pledge", "allocation", "commitment", "budget", "planned_disbursement", "disbursement", "expenditure", "contract", "reimbursement", "incoming", "incoming_commitment", "other"}
}

// sortable reports whether the answer to a question is whole: a part of it, sorted,
// would pass for the largest or newest of all.
func sortable(q warehouse.Query) bool {
	return !slices.ContainsFunc(q.Params, func(p warehouse.Param) bool { return p.Name == "limit" })
}

// sorted asks a question and sorts the answer as the parameter sort says, which is
// no parameter of the question.
func (r *request) sorted(query string, args map[string]any) (*Table, error) {
	by, _ := args["sort"].(string)
	rest := map[string]any{}
	for k, v := range args {
		if k != "sort" {
			rest[k] = v
		}
	}
	t, err := r.named(query, rest)
	if err != nil || by == "" {
		return t, err
	}
	for i, row := range t.Rows {
		row[rowNumber] = i + 1
	}
	for _, q := range r.s.queries {
		if q.Name == query && !sortable(q) {
			return nil, &pageError{status: http.StatusBadRequest, key: "error.bad_request", args: []any{"what", "sort=" + by}}
		}
	}
	return t, sortRows(t, by)
}

// address writes the address of a page with parameters.
func address(lang, path string, args map[string]string) string {
	return "/" + lang + path + query(args)
}

// query writes parameters that have a value, "" when none has.
func query(args map[string]string) string {
	values := url.Values{}
	for k, v := range args {
		if v != "" {
			values.Set(k, v)
		}
	}
	if len(values) == 0 {
		return ""
	}
	return "?" + values.Encode()
}

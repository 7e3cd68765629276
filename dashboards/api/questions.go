package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"hrinvest/dashboards"
	"hrinvest/dashboards/csvfile"
	"hrinvest/warehouse"
)

const (
	defaultLimit = 1000
	maxLimit     = 10_000
)

// page is a part of the answer to a question.
type page struct {
	Release release         `json:"release"`
	Query   string          `json:"query"`
	Data    json.RawMessage `json:"data"`
	Next    *string         `json:"next"` // address of the next page
}

// paging are the parameters the interface itself takes.
func paging() []string { return []string{"limit", "cursor", "format", "excel", "as_of"} }

// offered are the parameters of a question that a visitor can give: paging is
// the interface's.
func offered(q warehouse.Query) []warehouse.Param {
	return slices.DeleteFunc(slices.Clone(q.Params), func(p warehouse.Param) bool { return p.Name == "limit" || p.Name == "after" })
}

// parameters reads an address strictly: a filter that is silently ignored shows
// the wrong numbers.
func parameters(values url.Values, known ...string) error {
	for name, v := range values {
		switch {
		case name == "as_of" && !slices.Contains(known, name):
			return about("reserved-parameter", name, "as_of is for questions, briefs and SQL")
		case !slices.Contains(known, name):
			return about("unknown-parameter", name, fmt.Sprintf("there is no %q; there are: %s", name, strings.Join(known, ", ")))
		case len(v) != 1:
			return about("bad-parameter", name, "it is given more than once")
		case len(v[0]) > 1000 && name != "q":
			return about("bad-parameter", name, "it is too long")
		}
	}
	return nil
}

// ask answers a named question: a page of it as JSON, or all of it as CSV.
func (s *Server) ask(c *call, name string) (*reply, error) {
	i := slices.IndexFunc(s.queries, func(q warehouse.Query) bool { return q.Name == name })
	if i < 0 {
		return nil, warehouse.ErrUnknownQuery
	}
	var own []string
	for _, p := range offered(s.queries[i]) {
		own = append(own, p.Name)
	}
	values := c.URL.Query()
	if err := parameters(values, append(own, paging()...)...); err != nil {
		return nil, err
	}
	args, filter := map[string]any{}, url.Values{}
	for _, n := range own {
		if v := strings.TrimSpace(values.Get(n)); v != "" {
			args[n] = v
			filter.Set(n, v)
		}
	}
	if v := values.Get("as_of"); v != "" {
		filter.Set("as_of", v)
	}
	if err := knownCountry(c, args); err != nil {
		return nil, err
	}
	format, dialect, err := formatOf(values)
	if err != nil {
		return nil, err
	}
	leave, err := s.questions.take(c.Context())
	if err != nil {
		return nil, err
	}
	if format == "csv" {
		a, err := s.file(c, name, args, values, dialect)
		if err != nil {
			leave()
			return nil, err
		}
		a.done = leave // it is made while it is sent
		return a, nil
	}
	defer leave()
	limit, err := limitOf(values)
	if err != nil {
		return nil, err
	}
	var from warehouse.Position
	if text := values.Get("cursor"); text != "" {
		if from, err = parseCursor(text, c.rel.ID, questionID(name, filter)); err != nil {
			return nil, err
		}
	}
	p, err := c.db.Page(c.Context(), name, args, from, limit)
	if err != nil {
		return nil, err
	}
	out := page{Release: releaseOf(c.rel), Query: name}
	if out.Data, err = rowsJSON(&p.Result); err != nil {
		return nil, err
	}
	if p.Next != nil {
		filter.Set("cursor", cursor{c.rel.ID, questionID(name, filter), *p.Next}.String())
		if limit != defaultLimit {
			filter.Set("limit", strconv.Itoa(limit))
		}
		next := c.URL.Path + "?" + filter.Encode()
		out.Next = &next
	}
	a, err := jsonReply(out)
	if out.Next != nil && err == nil {
		a.next = *out.Next
	}
	return a, err
}

// file streams the whole answer, page after page of one release.
func (s *Server) file(c *call, name string, args map[string]any, values url.Values, dialect csvfile.Dialect) (*reply, error) {
	for _, n := range []string{"limit", "cursor"} {
		if values.Get(n) != "" {
			return nil, about("bad-parameter", n, "a CSV file is the whole answer and has no pages")
		}
	}
	first, err := c.db.Page(c.Context(), name, args, warehouse.Position{}, maxLimit)
	if err != nil {
		return nil, err
	}
	stream := func(rc *http.ResponseController, w http.ResponseWriter) error {
		out := csvfile.NewWriter(w, dialect)
		out.Header(names(first.Columns))
		for p := first; ; {
			for _, row := range p.Rows {
				out.Row(cells(row)...)
			}
			if p.Next == nil {
				return out.Flush()
			}
			// As long as rows arrive a slow line is given time.
			if err := rc.SetWriteDeadline(time.Now().Add(time.Minute)); err != nil && !errors.Is(err, http.ErrNotSupported) {
				return err
			}
			if p, err = c.db.Page(c.unhurried, name, args, *p.Next, maxLimit); err != nil {
				return err
			}
		}
	}
	return &reply{kind: "text/csv; charset=utf-8", stream: stream, filename: "hrinvest-" + name + ".csv"}, nil
}

func limitOf(values url.Values) (int, error) {
	text := values.Get("limit")
	if text == "" {
		return defaultLimit, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxLimit {
		return 0, about("bad-parameter", "limit", fmt.Sprintf("want a number from 1 to %d", maxLimit))
	}
	return n, nil
}

func formatOf(values url.Values) (string, csvfile.Dialect, error) {
	format := values.Get("format")
	dialect, err := csvfile.Parse(values.Get("excel"))
	switch {
	case err != nil:
		return "", dialect, about("bad-parameter", "excel", err.Error())
	case dialect.Russian && format == "":
		format = "csv"
	case dialect.Russian && format != "csv":
		return "", dialect, about("bad-parameter", "excel", "it is a kind of CSV")
	}
	if format != "" && format != "json" && format != "csv" {
		return "", dialect, about("bad-parameter", "format", "want json or csv")
	}
	return format, dialect, nil
}

// knownCountry refuses the code of no country: an empty answer would read as if
// there were nothing to say of it.
func knownCountry(c *call, args map[string]any) error {
	code, ok := args["country"]
	if !ok {
		return nil
	}
	t, err := c.db.Named(c.Context(), "country_names", map[string]any{"country": code})
	if err == nil && len(t.Rows) == 0 {
		err = about("bad-parameter", "country", fmt.Sprintf("no country has the code %q; want an ISO 3166-1 alpha-3 code, such as KGZ", code))
	}
	return err
}

// question documents a named question.
type question struct {
	Name       string             `json:"name"`
	Address    string             `json:"address"`
	Doc        string             `json:"doc"`
	Question   int                `json:"question,omitempty"` // among the research questions
	Parameters []parameter        `json:"parameters"`
	Columns    []warehouse.Column `json:"-"`
}

type parameter struct {
	Name     string `json:"name"`
	Type     string `json:"type"`
	Required bool   `json:"required"`
	Doc      string `json:"doc"`
}

func (s *Server) listQueries(c *call) (*reply, error) {
	if err := parameters(c.URL.Query()); err != nil {
		return nil, err
	}
	var out []question
	for _, q := range s.queries {
		d := question{Name: q.Name, Address: root + "/query/" + q.Name, Doc: q.Doc, Question: q.Question, Parameters: []parameter{}}
		for _, p := range offered(q) {
			d.Parameters = append(d.Parameters, parameter{Name: p.Name, Type: p.Type, Required: p.Required, Doc: p.Doc})
		}
		out = append(out, d)
	}
	return jsonReply(map[string]any{"release": releaseOf(c.rel), "data": out})
}

// index says where everything is.
func (s *Server) index(c *call) (*reply, error) {
	if err := parameters(c.URL.Query()); err != nil {
		return nil, err
	}
	links := map[string]string{"openapi": root + "/openapi.json", "queries": root + "/queries", "problems": root + "/problems", "brief": root + "/brief/KGZ"}
	for _, name := range resources() {
		links[name] = root + "/" + name
	}
	if s.cfg.SQL != nil {
		links["sql"] = root + "/sql"
	}
	if s.exports != nil {
		links["export"] = "/export/current/" + packageFile
	}
	return jsonReply(map[string]any{"release": releaseOf(c.rel), "links": links})
}

// brief is every number of a country's brief, as the page and the PDF have them.
func (s *Server) brief(c *call) (*reply, error) {
	values := c.URL.Query()
	if err := parameters(values, "lang", "as_of"); err != nil {
		return nil, err
	}
	lang := values.Get("lang")
	switch lang {
	case "":
		lang = "en"
	case "en", "ru":
	default:
		return nil, about("bad-parameter", "lang", "want en or ru")
	}
	leave, err := s.questions.take(c.Context())
	if err != nil {
		return nil, err
	}
	defer leave()
	b, err := dashboards.NewBrief(c.Context(), dashboards.FromDB(c.db), strings.ToUpper(c.PathValue("country")), lang, dashboards.ReleaseOf(c.rel))
	if err != nil {
		return nil, err
	}
	if b.Site, err = dashboards.PublicURL(s.cfg.PublicURL); err != nil {
		return nil, err
	}
	var buf bytes.Buffer
	if err := b.WriteJSON(&buf); err != nil {
		return nil, err
	}
	var body map[string]any
	if err := json.Unmarshal(buf.Bytes(), &body); err != nil {
		return nil, fmt.Errorf("reading the brief: %w", err)
	}
	numbers(body["figures"])
	body["release"] = releaseOf(c.rel)
	return jsonReply(body)
}

// numbers turns the decimal texts of a brief's figures into numbers, as all
// others of the interface are.
func numbers(figures any) {
	list, _ := figures.([]any)
	for _, f := range list {
		m, _ := f.(map[string]any)
		for _, k := range []string{"value", "low", "high"} {
			if text, ok := m[k].(string); ok && text != "" {
				m[k] = json.Number(text)
			}
		}
	}
}

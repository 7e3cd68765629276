package warehouse

import (
	"context"
	"database/sql"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Query is a named question a release answers: queries/NAME.sql.
type Query struct {
	Name     string
	Question int    // number among the research questions; 0 when it is none of them
	Doc      string // what a row means
	Params   []Param
	Columns  []Column // documented columns; Type is empty
	Traces   []Trace  `json:"-"` // the way from a row down to what it is made of
	SQL      string
}

// Param is a parameter of a named query. A parameter that is not required may
// be left out, which means: not filtered by it.
type Param struct {
	Name     string
	Type     string // text, int, bool or date
	Required bool
	Values   []string // the only ones there are; nil: any
	Doc      string
}

// Queries lists the named queries by name.
func Queries() ([]Query, error) { return queriesIn("queries") }

func queriesIn(dir string) ([]Query, error) {
	scripts, err := readSQL(files, dir)
	if err != nil {
		return nil, fmt.Errorf("reading the named queries: %w", err)
	}
	common, err := commonColumns()
	if err != nil {
		return nil, fmt.Errorf("reading the named queries: %w", err)
	}
	out := make([]Query, 0, len(scripts))
	for _, s := range scripts {
		q := Query{Name: s.name, Doc: s.doc, SQL: s.sql}
		if s.question != "" {
			if q.Question, err = strconv.Atoi(s.question); err != nil {
				return nil, fmt.Errorf("query %s: @question %q is no number", s.name, s.question)
			}
		}
		for _, t := range s.traces {
			trace, err := parseTrace(t)
			if err != nil {
				return nil, fmt.Errorf("query %s: %w", s.name, err)
			}
			q.Traces = append(q.Traces, trace)
		}
		for _, p := range s.params {
			param, err := parseParam(p)
			if err != nil {
				return nil, fmt.Errorf("query %s: %w", s.name, err)
			}
			q.Params = append(q.Params, param)
		}
		for _, c := range s.columns {
			q.Columns = append(q.Columns, Column{Name: c.name, Doc: c.text})
		}
		if q.Question > 0 {
			q.Columns = append(q.Columns, common...)
		}
		out = append(out, q)
	}
	return out, nil
}

// commonColumns are the last columns of every research question:
// queries/columns.csv.
func commonColumns() ([]Column, error) {
	f, err := files.Open("queries/columns.csv")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, err
	}
	var out []Column
	for _, r := range rows[1:] {
		out = append(out, Column{Name: r[0], Doc: r[1]})
	}
	return out, nil
}

// parseParam reads "text, required: the country asked for" and
// "text of core-3|hri: the definition".
func parseParam(d docLine) (Param, error) {
	head, doc, ok := strings.Cut(d.text, ":")
	typ, word, _ := strings.Cut(head, ",")
	typ, values, _ := strings.Cut(typ, " of ")
	p := Param{Name: d.name, Type: strings.TrimSpace(typ), Required: strings.TrimSpace(word) == "required", Doc: strings.TrimSpace(doc)}
	if values = strings.TrimSpace(values); values != "" {
		p.Values = strings.Split(values, "|")
	}
	if !ok || !slices.Contains([]string{"text", "int", "bool", "date"}, p.Type) {
		return p, fmt.Errorf("@param %s: want 'text|int|bool|date[, required]: what it is'", d.name)
	}
	return p, nil
}

// Named answers a named query. Arguments are values or text, as they come from
// a command line or an address: "2018" is fine for an int. A nil or empty text
// is an argument left out. ErrUnknownQuery and ErrParameter say that the
// question was wrong.
//
// A release never changes, so answers of ordinary size are kept and given again:
// a Result must not be modified.
func (db *DB) Named(ctx context.Context, name string, args map[string]any) (*Result, error) {
	q, ok := db.queries[name]
	if !ok {
		return nil, fmt.Errorf("%w: %s", ErrUnknownQuery, name)
	}
	bound, err := db.bind(ctx, q, args)
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", name, err)
	}
	key := fmt.Sprintf("%s %#v", name, bound) // quoted: a value cannot pose as another argument
	if res := db.answers.get(key); res != nil {
		return res, nil
	}
	res, err := db.Query(ctx, q.SQL, bound...)
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", name, err)
	}
	q.document(res)
	db.answers.put(key, res)
	return res, nil
}

// bind gives every parameter of a query a value that can be asked for.
func (db *DB) bind(ctx context.Context, q Query, args map[string]any) ([]any, error) {
	bound, err := q.bind(args)
	if err == nil && (q.Question > 0 || q.Name == "gaps") {
		err = db.exist(ctx, bound)
	}
	return bound, err
}

// exist refuses countries and areas that there are not: an answer that nothing is
// known of them would read as if they were there.
func (db *DB) exist(ctx context.Context, bound []any) error {
	for _, b := range bound {
		arg, ok := b.(sql.NamedArg)
		if !ok || arg.Value == nil {
			continue
		}
		question, what := "", ""
		switch arg.Name {
		case "country":
			question, what = "SELECT 1 FROM countries WHERE iso3 = ?", "no country has this code; want an ISO 3166-1 alpha-3 code, such as KGZ"
		case "area":
			question, what = "SELECT 1 FROM areas WHERE area = ?", "there is no such area; the table areas has them"
		case "commitment":
			question, what = "SELECT 1 FROM commitments WHERE id = ?", "there is no such commitment; the table commitments has them"
		default:
			continue
		}
		t, err := db.Query(ctx, question, arg.Value)
		if err != nil {
			return err
		}
		if len(t.Rows) == 0 {
			return fmt.Errorf("%w: %s=%q: %s", ErrParameter, arg.Name, Text(arg.Value), what)
		}
	}
	return nil
}

// bind gives every parameter a value: the driver falls back to the position
// when a name is missing, which would bind the wrong one.
func (q Query) bind(args map[string]any) ([]any, error) {
	for name := range args {
		if !slices.ContainsFunc(q.Params, func(p Param) bool { return p.Name == name }) {
			return nil, fmt.Errorf("%w: there is no %q", ErrParameter, name)
		}
	}
	var out []any
	for _, p := range q.Params {
		v, err := p.value(args[p.Name])
		if err != nil {
			return nil, err
		}
		out = append(out, sql.Named(p.Name, v))
	}
	return out, nil
}

func (p Param) value(v any) (any, error) {
	if v == nil || v == "" {
		if p.Required {
			return nil, fmt.Errorf("%w: %s is required", ErrParameter, p.Name)
		}
		return nil, nil
	}
	text := Text(v)
	bad := func() error { return fmt.Errorf("%w: %s=%q is no %s", ErrParameter, p.Name, text, p.Type) }
	switch p.Type {
	case "int":
		n, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			return nil, bad()
		}
		return n, nil
	case "bool":
		b, err := strconv.ParseBool(text)
		if err != nil {
			return nil, bad()
		}
		return b, nil
	case "date":
		if _, err := time.Parse(time.DateOnly, text); err != nil {
			return nil, bad()
		}
	}
	if p.Values != nil && !slices.Contains(p.Values, text) {
		return nil, fmt.Errorf("%w: %s=%q: want one of %s", ErrParameter, p.Name, text, strings.Join(p.Values, ", "))
	}
	return text, nil
}

// maxCells bounds what answers keeps, in values: some tens of megabytes.
const maxCells = 500_000

// answers keeps results of a release. When it is full it starts again: what is
// asked often is soon back. The zero value is ready.
type answers struct {
	mu    sync.Mutex
	kept  map[string]*Result // question and arguments -> answer
	cells int
}

func (a *answers) get(key string) *Result {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.kept[key]
}

func (a *answers) put(key string, res *Result) {
	cells := (1 + len(res.Rows)) * len(res.Columns)
	if cells > maxCells/10 {
		return // an export, asked for once
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.kept == nil || a.cells+cells > maxCells {
		a.kept, a.cells = map[string]*Result{}, 0
	}
	if a.kept[key] == nil {
		a.cells += cells
	}
	a.kept[key] = res
}

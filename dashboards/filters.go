package dashboards

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// readable refuses a value that is no number where one is wanted, in the reader's own
// words; what else a question refuses it words itself.
func (r *request) readable(query string, args map[string]any) error {
	w := &words{Locale: r.loc}
	for _, name := range slices.Sorted(maps.Keys(args)) {
		v, ok := args[name].(string)
		if !ok || r.param(query, name).Type != "int" {
			continue
		}
		if _, err := strconv.Atoi(v); err == nil {
			continue
		}
		e := &pageError{status: http.StatusBadRequest, key: "error.number", args: []any{"name", w.paramLabel(name), "value", v}}
		if name == "year" {
			e.key, e.args = "error.year", []any{"value", v}
		}
		return e
	}
	return w.err
}

// refusedValue words what a question says of a text that is none of its values, in the
// form name="value": why. nil for anything else.
func (r *request) refusedValue(query string, args map[string]any, what string) *pageError {
	name, _, _ := strings.Cut(what, "=")
	v, ok := args[name].(string)
	if p := r.param(query, name); !ok || p.Type != "text" || p.Values != nil { // of few values, the question lists them
		return nil
	}
	w := &words{Locale: r.loc}
	label := w.paramLabel(name)
	if w.err != nil {
		return nil
	}
	return &pageError{status: http.StatusBadRequest, key: "error.unknown_value", args: []any{"name", label, "value", v}}
}

// nothing refuses filters that leave nothing where one of them alone has nothing in this
// release either: a code that is mistyped would read as if there were no money or no
// promise. A value that occurs, but not with the others, has an empty answer.
func (r *request) nothing(query string, args map[string]any, t *Table) error {
	if len(t.Rows) > 0 {
		return nil
	}
	w := &words{Locale: r.loc}
	for _, name := range slices.Sorted(maps.Keys(args)) {
		p := r.param(query, name)
		v, ok := args[name].(string)
		if !ok || name == "country" || name == "after" || name == "sort" || name == "limit" || p.Values != nil || p.Type == "bool" || p.Required {
			continue // known by themselves, or no filter
		}
		if name == "verdict" && slices.Contains(verdicts(), v) || name == "kind" && slices.Contains(kinds(), v) || name == "type" && slices.Contains(funderTypes(), v) {
			continue // a word there is, of which this release has nothing
		}
		alone := map[string]any{name: v}
		for _, q := range r.s.queries {
			for _, p := range q.Params {
				if q.Name == query && p.Required {
					alone[p.Name] = args[p.Name]
				}
			}
		}
		found, err := r.data.Named(r.Context(), query, alone)
		if err != nil || len(found.Rows) > 0 {
			continue // the answer to all of them together stands
		}
		if name == "year" {
			return r.noYear(w, query, v)
		}
		return &pageError{status: http.StatusBadRequest, key: "error.unknown_value", args: []any{"name", w.paramLabel(name), "value", v}}
	}
	return w.err
}

// noYear says which years there are, unless the year lies among them: then it is only
// one of which nothing is known.
func (r *request) noYear(w *words, query, value string) error {
	year, err := strconv.Atoi(value)
	if err != nil {
		return nil // refused before
	}
	first, last, err := r.yearsOf(query)
	if err != nil || first == 0 || first <= year && year <= last {
		return err
	}
	return &pageError{status: http.StatusBadRequest, key: "error.no_year", args: []any{"year", value, "from", first, "to", last}}
}

// yearsOf are the first and last year that a question can answer for; 0: none.
func (r *request) yearsOf(query string) (first, last int, err error) {
	add := func(y int) {
		if y > 0 && (first == 0 || y < first) {
			first = y
		}
		last = max(last, y)
	}
	if query == "gaps" || query == "commitments" {
		column := map[string]string{"gaps": "year", "commitments": "target_year"}[query]
		years, err := load(r.Context(), r.data, query, nil, func(s *scan) int { return s.whole(column) })
		for _, y := range years {
			add(y)
		}
		return first, last, err
	}
	for _, c := range r.ed.cat.countries {
		add(c.FirstYear)
		add(c.LastYear)
	}
	return first, last, nil
}

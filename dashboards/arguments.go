package dashboards

import (
	"errors"
	"net/http"
	"path"
	"strings"

	"hrinvest/warehouse"
)

// arguments reads the parameters of an address. One the page does not know is
// an error: a filter that is silently ignored shows the wrong numbers.
func (r *request) arguments(known ...string) (map[string]any, error) {
	args := map[string]any{}
	for name, values := range r.URL.Query() {
		ok := false
		for _, k := range known {
			ok = ok || k == name
		}
		if !ok || len(values) != 1 || len(values[0]) > maxValue {
			return nil, &pageError{status: http.StatusBadRequest, key: "error.bad_request", args: []any{"what", name}}
		}
		if v := strings.TrimSpace(values[0]); v != "" {
			args[name] = v
		}
	}
	return args, nil
}

// knownCountry refuses the code of no country: an empty table would read as if
// there were nothing to say of it.
func (r *request) knownCountry(args map[string]any) error {
	code, ok := args["country"].(string)
	if !ok {
		return nil
	}
	t, err := r.data.Named(r.Context(), "country_names", map[string]any{"country": code})
	if err == nil && len(t.Rows) == 0 {
		err = &pageError{status: http.StatusBadRequest, key: "error.unknown_country", args: []any{"code", code}}
	}
	return err
}

// named asks a question; arguments it refuses are the reader's to mend.
func (r *request) named(query string, args map[string]any) (*Table, error) {
	if err := r.readable(query, args); err != nil {
		return nil, err
	}
	t, err := r.data.Named(r.Context(), query, args)
	if errors.Is(err, warehouse.ErrUnknownQuery) {
		return nil, &pageError{status: http.StatusNotFound, key: "error.not_found", err: err}
	}
	if errors.Is(err, warehouse.ErrParameter) {
		_, what, _ := strings.Cut(err.Error(), warehouse.ErrParameter.Error()+": ")
		if e := r.refusedValue(query, args, what); e != nil {
			e.err = err
			return nil, e
		}
		return nil, &pageError{status: http.StatusBadRequest, key: "error.bad_request", args: []any{"what", what}, err: err}
	}
	return t, err
}

// maxFile bounds the rows of a listing; a file that is cut says so in its last
// row, and after= asks for the rest.
const maxFile = 50_000

// filters of the listings, by query.
func filters(query string) []string {
	switch query {
	case "gaps":
		return []string{"country", "area", "commitment", "year", "kind", "measure", "definition", "price_basis", "verdict", "latest", "sort"}
	case "flows":
		return []string{"country", "year", "kind", "funder", "funder_type", "intervention", "definition", "source", "activity", "cycle", "counted", "counted_donor", "donor", "after"}
	case "commitments":
		return []string{"commitment", "kind", "force", "bound", "year", "sort"}
	case "page_donors":
		return []string{"type", "sort"}
	case "page_donor":
		return []string{"funder", "definition", "country", "year", "kind", "sort"}
	}
	return []string{"sort"}
}

// listing answers with the rows of a question as a file.
func listing(query string) view {
	return func(r *request) (*answer, error) {
		args, err := r.arguments(filters(query)...)
		if err != nil {
			return nil, err
		}
		if err := r.knownCountry(args); err != nil {
			return nil, err
		}
		return r.rows(query, strings.TrimPrefix(path.Ext(r.URL.Path), "."), args)
	}
}

// question answers any named question of the warehouse (queries/*.sql) as a
// file: /en/data/excluded.csv is the ledger of what does not count.
func question(r *request) (*answer, error) {
	query, ext, _ := strings.Cut(r.PathValue("file"), ".")
	var known []string
	for name := range r.URL.Query() {
		known = append(known, name) // the question itself says which it knows
	}
	args, err := r.arguments(known...)
	if err != nil {
		return nil, err
	}
	return r.rows(query, ext, args)
}

func verdicts() []string {
	return []string{"met", "not_met", "no_data", "not_comparable", "no_number", "not_available_by_law", "not_applicable"}
}

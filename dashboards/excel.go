package dashboards

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"hrinvest/dashboards/csvfile"
)

// forExcel takes the parameter excel off the address of a CSV file, so that the
// file is made, and kept, as it always is, and then rewritten.
func forExcel(r *http.Request) (*http.Request, csvfile.Dialect, error) {
	values := r.URL.Query()
	if !values.Has("excel") || !strings.HasSuffix(r.URL.Path, ".csv") {
		return r, csvfile.Dialect{}, nil
	}
	d, err := csvfile.Parse(values.Get("excel"))
	if err != nil || len(values["excel"]) != 1 || !d.Russian {
		return r, d, &pageError{status: http.StatusBadRequest, key: "error.bad_request", args: []any{"what", "excel"}, err: err}
	}
	values.Del("excel")
	plain := r.Clone(r.Context())
	plain.URL = &url.URL{Path: r.URL.Path, RawQuery: values.Encode()}
	return plain, d, nil
}

// numberColumns names the columns of an answer that hold numbers: the others are texts,
// whatever they look like.
func numberColumns(t *Table) []string {
	var out []string
	for i, name := range t.Columns {
		if numeric(t.Types[i]) {
			out = append(out, name)
		}
	}
	return out
}

// rewritten is a CSV file in another dialect.
func (a *answer) rewritten(d csvfile.Dialect) (*answer, error) {
	if d == (csvfile.Dialect{}) {
		return a, nil
	}
	in := csv.NewReader(bytes.NewReader(a.body))
	in.FieldsPerRecord = -1
	records, err := in.ReadAll()
	if err != nil || len(records) == 0 {
		return nil, fmt.Errorf("rewriting a csv file: %w", err)
	}
	var b bytes.Buffer
	out := csvfile.NewWriter(&b, d)
	out.Header(records[0])
	for _, rec := range records[1:] {
		row := make([]any, len(rec))
		for i, text := range rec {
			row[i] = text
			if i < len(records[0]) && slices.Contains(a.numbers, records[0][i]) {
				row[i] = csvfile.Number(text)
			} else if day, err := time.Parse(time.DateOnly, text); err == nil {
				row[i] = day
			}
		}
		out.Row(row...)
	}
	if err := out.Flush(); err != nil {
		return nil, err
	}
	changed := newAnswer(a.kind, b.Bytes())
	changed.filename, changed.cacheUntil = a.filename, a.cacheUntil
	return changed, nil
}

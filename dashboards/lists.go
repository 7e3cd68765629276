package dashboards

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"strconv"
	"strings"
	"time"

	"hrinvest/dashboards/locales"
)

// plainText writes a value for a file: exact, with a point, dates in ISO form.
func plainText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case *big.Rat:
		return exact(v)
	case time.Time:
		if v.Equal(v.Truncate(24 * time.Hour)) {
			return v.Format(time.DateOnly)
		}
		return v.Format(time.RFC3339)
	case string:
		return Cell(v)
	}
	return fmt.Sprint(v)
}

func tableCSV(t *Table) ([]byte, error) {
	var b bytes.Buffer
	c := csv.NewWriter(&b)
	c.Write(t.Columns)
	record := make([]string, len(t.Columns))
	for _, r := range t.Rows {
		for i, name := range t.Columns {
			record[i] = plainText(r[name])
		}
		c.Write(record)
	}
	c.Flush()
	if err := c.Error(); err != nil {
		return nil, fmt.Errorf("writing csv: %w", err)
	}
	return b.Bytes(), nil
}

// tableJSON writes rows as objects in the order of the columns. Decimals are
// text, for programs read JSON numbers as floating point.
func tableJSON(t *Table, rel Release) ([]byte, error) {
	rows := make([]map[string]any, 0, len(t.Rows))
	for _, r := range t.Rows {
		m := make(map[string]any, len(r))
		for k, v := range r {
			switch v := v.(type) {
			case *big.Rat:
				m[k] = exact(v)
			case time.Time:
				m[k] = plainText(v)
			default:
				m[k] = v
			}
		}
		rows = append(rows, m)
	}
	b, err := json.Marshal(map[string]any{"release": rel.ID, "columns": t.Columns, "rows": rows})
	if err != nil {
		return nil, fmt.Errorf("writing json: %w", err)
	}
	return b, nil
}

// rows answers with the rows of a question as a file: csv, json or xlsx.
func (r *request) rows(query, ext string, args map[string]any) (*answer, error) {
	if query == "flows" && args["limit"] == nil {
		args["limit"] = strconv.Itoa(maxFile)
	}
	if ext != "csv" && ext != "json" && ext != "xlsx" {
		return nil, &pageError{status: http.StatusNotFound, key: "error.not_found"}
	}
	t, err := r.sorted(query, args)
	if err != nil {
		return nil, err
	}
	if err := r.nothing(query, args, t); err != nil {
		return nil, err
	}
	return r.tableFile(t, query, query, ext)
}

// tableFile is an answer as a file of the given kind.
func (r *request) tableFile(t *Table, name, title, ext string) (*answer, error) {
	var b []byte
	var err error
	kind := ""
	switch ext {
	case "csv":
		kind = "text/csv; charset=utf-8"
		b, err = tableCSV(t)
	case "json":
		b, err = tableJSON(t, r.ed.rel)
		if err != nil {
			return nil, err
		}
		return newAnswer("application/json; charset=utf-8", b), nil
	case "xlsx":
		kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
		b, err = r.tableXLSX(t, title)
	default:
		return nil, &pageError{status: http.StatusNotFound, key: "error.not_found"}
	}
	if err != nil {
		return nil, err
	}
	a := newAnswer(kind, b)
	a.filename = "hrinvest-" + name + "." + ext
	a.numbers = numberColumns(t)
	return a, nil
}

func (r *request) tableXLSX(t *Table, title string) ([]byte, error) {
	w := &words{Locale: r.loc}
	notes := workbookNotes{Title: title, Release: r.ed.rel.ID, Cutoff: w.upTo(r.ed.data, r.ed.given), Address: withRelease(r.URL.Path+r.query(), r.ed.rel.ID), Cut: w.n("gaps.cut", maxSheet)}
	for _, doc := range t.Docs {
		said, _ := w.Say(doc)
		notes.Docs = append(notes.Docs, said)
	}
	named := map[string]bool{}
	for _, row := range t.Rows {
		for _, c := range []string{"source", "sources", "source_ids", "source_counted", "source_excluded"} {
			ids, _ := row[c].(string)
			for _, id := range strings.Fields(ids) {
				named[id] = true
			}
		}
	}
	for _, s := range w.localSources(r.ed.cat.sources) {
		if named[s.ID] {
			notes.Sources = append(notes.Sources, s)
		}
	}
	if w.err != nil {
		return nil, w.err
	}
	var b bytes.Buffer
	err := writeXLSX(&b, t, notes)
	return b.Bytes(), err
}

// WriteJSON writes every number of the brief, as WriteCSV does. Decimals are
// text.
func (b *Brief) WriteJSON(w io.Writer) error {
	type figure struct {
		Section string `json:"section"`
		ID      string `json:"id"`
		Label   string `json:"label"`
		Value   any    `json:"value"`
		Low     any    `json:"low"`
		High    any    `json:"high"`
		Text    string `json:"text"`
		Unit    string `json:"unit"`
		Year    string `json:"year"`
		Basis   string `json:"basis"`
		Kind    string `json:"kind"`
		Status  string `json:"status"`
		Note    string `json:"note"`
		Method  string `json:"method"`
		Mark    string `json:"mark"`
		Verdict string `json:"verdict"`
		Sources []int  `json:"sources"`
	}
	orNull := func(r *big.Rat) any {
		if r == nil {
			return nil
		}
		return exact(r)
	}
	var figures []figure
	for _, s := range b.sections() {
		for _, f := range s.figures {
			figures = append(figures, figure{s.name, f.ID, f.Label, orNull(f.Value), orNull(f.Low), orNull(f.High), f.Text, f.Unit, f.Year, f.Basis, f.Kind, f.Status, f.Note, f.Method, f.Mark, f.Verdict, f.Refs})
		}
	}
	type source struct {
		N         int      `json:"n"`
		ID        string   `json:"id"`
		Title     string   `json:"title"`
		Publisher string   `json:"publisher"`
		URL       string   `json:"url"`
		Licence   string   `json:"licence"`
		Origin    string   `json:"origin"`
		Cutoff    string   `json:"cutoff"`
		Cites     []string `json:"cites"`
	}
	var refs []source
	for _, r := range b.Refs {
		refs = append(refs, source{r.N, r.ID, r.Title, r.Publisher, r.URL, r.Licence, r.Origin, r.day, r.Cites})
	}
	loc, err := locales.Load(b.Lang)
	if err != nil {
		return fmt.Errorf("writing brief as json: %w", err)
	}
	words := &words{Locale: loc}
	cite := words.citation(b)
	if words.err != nil {
		return fmt.Errorf("writing brief as json: %w", words.err)
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	err = enc.Encode(map[string]any{
		"country": b.Country.ISO3, "language": b.Lang, "release": b.Release, "definition": Definition, "headline": b.Headline, "citation": cite, "votes": b.Votes, "asks": b.Asks,
		"figures": figures, "sources": refs, "missing": b.Missing,
	})
	if err != nil {
		return fmt.Errorf("writing brief as json: %w", err)
	}
	return nil
}

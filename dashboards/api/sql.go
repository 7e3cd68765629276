package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"hrinvest/dashboards/csvfile"
	"hrinvest/warehouse"
)

// maxBody bounds the text of a statement.
const maxBody = 64 << 10

// table is the answer to a statement.
type table struct {
	Release   release         `json:"release"`
	Columns   []column        `json:"columns"`
	Data      json.RawMessage `json:"data"`
	Truncated *string         `json:"truncated"` // rows or bytes, when that cut the answer
}

type column struct {
	Name string `json:"name"`
	Type string `json:"type"` // as DuckDB has it
}

// sql answers one SELECT of a visitor: GET with q=, or POST with the statement as
// the body.
func (s *Server) sql(c *call) (*reply, error) {
	values := c.URL.Query()
	if err := parameters(values, "q", "format", "excel", "as_of"); err != nil {
		return nil, err
	}
	format, dialect, err := formatOf(values)
	if err != nil {
		return nil, err
	}
	statement := values.Get("q")
	if c.Method == http.MethodPost {
		if statement, err = body(c, statement); err != nil {
			return nil, err
		}
	}
	if strings.TrimSpace(statement) == "" {
		return nil, about("missing-parameter", "q", "give the statement as q, or as the body of a POST")
	}
	leave, err := s.statements.take(c.Context())
	if err != nil {
		return nil, err
	}
	defer leave()
	a, err := s.cfg.SQL.Ask(c.Context(), c.rel.Path, statement)
	if err != nil {
		return nil, err
	}
	if format == "csv" {
		return sqlFile(a, dialect), nil
	}
	out := table{Release: releaseOf(c.rel), Columns: []column{}}
	for _, col := range a.Columns {
		out.Columns = append(out.Columns, column{col.Name, col.Type})
	}
	if a.Truncated != "" {
		out.Truncated = &a.Truncated
	}
	if out.Data, err = rowsJSON(&a.Result); err != nil {
		return nil, err
	}
	r, err := jsonReply(out)
	if err != nil {
		return nil, err
	}
	r.noStore = true // now() and random() are not the same each time
	return r, nil
}

func body(c *call, q string) (string, error) {
	if q != "" {
		return "", about("bad-parameter", "q", "a POST has the statement as its body")
	}
	kind, _, err := mime.ParseMediaType(c.Header.Get("Content-Type"))
	if err != nil || (kind != "text/plain" && kind != "application/sql") {
		return "", about("bad-parameter", "Content-Type", "want text/plain or application/sql")
	}
	b, err := io.ReadAll(http.MaxBytesReader(nil, c.Body, maxBody))
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return "", problem("statement-refused", fmt.Sprintf("it is longer than %d bytes", maxBody))
	}
	return string(b), err
}

// sqlFile is the answer as CSV; one that was cut says so in its last row.
func sqlFile(a *warehouse.Answer, dialect csvfile.Dialect) *reply {
	stream := func(_ *http.ResponseController, w http.ResponseWriter) error {
		out := csvfile.NewWriter(w, dialect)
		out.Header(names(a.Columns))
		for _, row := range a.Rows {
			out.Row(cells(row)...)
		}
		if a.Truncated != "" {
			last := make([]any, len(a.Columns))
			last[0] = "TRUNCATED: the answer has more " + a.Truncated
			out.Row(last...)
		}
		return out.Flush()
	}
	return &reply{kind: "text/csv; charset=utf-8", stream: stream, filename: "hrinvest-sql.csv", noStore: true}
}

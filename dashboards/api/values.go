package api

import (
	"bytes"
	"encoding/json"
	"strings"

	"hrinvest/dashboards/csvfile"
	"hrinvest/warehouse"
)

// number is a decimal as plain text, without zeros that say nothing.
func number(d warehouse.Decimal) string {
	s := d.String()
	if strings.Contains(s, ".") {
		s = strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
	}
	return s
}

// rowsJSON writes rows as objects whose members are in the order of the columns.
func rowsJSON(r *warehouse.Result) (json.RawMessage, error) {
	names := make([][]byte, len(r.Columns))
	for i, c := range r.Columns {
		name, err := json.Marshal(c.Name)
		if err != nil {
			return nil, err
		}
		names[i] = append(name, ':')
	}
	var b bytes.Buffer
	b.WriteByte('[')
	for i, row := range r.Rows {
		if i > 0 {
			b.WriteString(",\n")
		}
		b.WriteByte('{')
		for j, v := range row {
			if j > 0 {
				b.WriteByte(',')
			}
			b.Write(names[j])
			value, err := valueJSON(v)
			if err != nil {
				return nil, err
			}
			b.Write(value)
		}
		b.WriteByte('}')
	}
	b.WriteByte(']')
	return b.Bytes(), nil
}

func valueJSON(v any) ([]byte, error) {
	switch v := v.(type) {
	case warehouse.Decimal:
		return []byte(number(v)), nil
	case nil, bool, int64, warehouse.Inexact:
		return json.Marshal(v)
	}
	return json.Marshal(warehouse.Text(v))
}

// cells are the values of a row for a file.
func cells(row []any) []any {
	out := make([]any, len(row))
	for i, v := range row {
		switch v := v.(type) {
		case warehouse.Decimal:
			out[i] = csvfile.Number(number(v))
		case warehouse.Inexact:
			out[i] = csvfile.Number(v)
		default:
			out[i] = v
		}
	}
	return out
}

func names(columns []warehouse.Column) []string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = c.Name
	}
	return out
}

func jsonReply(v any) (*reply, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return &reply{body: b}, nil
}

// release is what every answer says of where it comes from.
type release struct {
	ID      string   `json:"id"`
	BuiltAt string   `json:"built_at"`
	Cutoff  string   `json:"cutoff"` // newest date the data speak of
	Origin  string   `json:"origin"` // live, given, bundled, blank-separated
	Notes   []string `json:"notes"`  // what a reader must know
}

func releaseOf(r warehouse.Release) release {
	out := release{ID: r.ID, BuiltAt: r.BuiltAt.UTC().Format("2006-01-02T15:04:05Z"), Cutoff: r.Cutoff, Origin: r.Origin, Notes: []string{}}
	for word := range strings.FieldsSeq(r.Origin) {
		if word == "bundled" {
			out.Notes = append(out.Notes, "bundled extract, compiled from cited facts: not the publishers' own files (column origin)")
		}
	}
	if r.Note != "" {
		out.Notes = append(out.Notes, r.Note)
	}
	return out
}

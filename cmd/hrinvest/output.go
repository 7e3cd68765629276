package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"hrinvest/dashboards/csvfile"
	"hrinvest/warehouse"
)

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// format is the --format of a listing.
type format struct{ value, excel string }

func (f *format) addFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.value, "format", "table", "table, csv or json")
	cmd.Flags().StringVar(&f.excel, "excel", "", "ru: CSV that Excel opens with Russian settings")
}

// listing is an empty answer with these columns.
func listing(columns ...string) *warehouse.Result {
	t := &warehouse.Result{}
	for _, c := range columns {
		t.Columns = append(t.Columns, warehouse.Column{Name: c, Type: "VARCHAR"})
	}
	return t
}

// write shows a listing. Absent values are empty in CSV, null in JSON and "-"
// in a table; never 0.
func (a *app) write(f format, t *warehouse.Result) error {
	kind := f.value
	if !slices.Contains([]string{"table", "csv", "json"}, kind) {
		return usageError{fmt.Errorf("--format %q: want table, csv or json", kind)}
	}
	if a.json {
		kind = "json"
	}
	dialect, err := csvfile.Parse(f.excel)
	if err != nil {
		return usageError{err}
	}
	if dialect.Russian && kind != "csv" {
		return usageError{fmt.Errorf("--excel %s is a kind of --format csv", f.excel)}
	}
	switch kind {
	case "json":
		rows := t.Maps()
		for _, row := range rows {
			for k, v := range row {
				if at, ok := v.(time.Time); ok {
					row[k] = warehouse.Text(at) // a date, not midnight of it
				}
			}
		}
		return writeJSON(a.out, rows)
	case "csv":
		w := csvfile.NewWriter(a.out, dialect)
		w.Header(names(t))
		for _, r := range t.Rows {
			row := make([]any, len(r))
			for i, v := range r {
				switch v := v.(type) {
				case warehouse.Decimal:
					row[i] = csvfile.Number(v.String())
				case warehouse.Inexact:
					row[i] = csvfile.Number(v)
				default:
					row[i] = v
				}
			}
			w.Row(row...)
		}
		return w.Flush()
	}
	return a.writeTable(t)
}

func (a *app) writeTable(t *warehouse.Result) error {
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, strings.Join(names(t), "\t"))
	for _, r := range t.Rows {
		fmt.Fprintln(w, strings.Join(cells(r, "-"), "\t"))
	}
	return w.Flush()
}

func names(t *warehouse.Result) []string {
	out := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		out[i] = c.Name
	}
	return out
}

func cells(row []any, absent string) []string {
	out := make([]string, len(row))
	for i, v := range row {
		if out[i] = absent; v != nil {
			out[i] = warehouse.Text(v)
		}
	}
	return out
}

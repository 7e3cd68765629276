// Package workbook writes the tables of a release as one file for Excel and
// LibreOffice, row by row: memory does not grow with the tables.
package workbook

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"hrinvest/warehouse"
)

// maxRows of a sheet, its head included.
const maxRows = excelize.TotalRows

// Write writes a sheet for each table, after one that says what the file is and
// one that says what every column means. It returns the tables that have more rows
// than a sheet can hold and are therefore not in it.
func Write(ctx context.Context, w io.Writer, rel warehouse.Release, x *warehouse.Exporter) (tooLong []string, err error) {
	f := excelize.NewFile()
	defer f.Close() // temporary files
	b := &book{file: f}
	if b.head, err = f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}}); err != nil {
		return nil, err
	}
	if b.date, err = f.NewStyle(&excelize.Style{NumFmt: 14}); err != nil {
		return nil, err
	}
	if err := f.SetSheetName("Sheet1", "About"); err != nil {
		return nil, err
	}
	if err := b.columns(x.Tables()); err != nil {
		return nil, err
	}
	for _, t := range x.Tables() {
		long, err := b.table(ctx, x, t)
		if err != nil {
			return nil, fmt.Errorf("sheet %s: %w", t.Name, err)
		}
		if long {
			tooLong = append(tooLong, t.Name)
		}
	}
	if err := b.about(rel, tooLong); err != nil {
		return nil, err
	}
	_, err = f.WriteTo(w)
	return tooLong, err
}

type book struct {
	file       *excelize.File
	head, date int
}

// sheet starts a sheet whose first row stays in sight.
func (b *book) sheet(name string, head ...string) (*excelize.StreamWriter, error) {
	if _, err := b.file.NewSheet(name); err != nil {
		return nil, err
	}
	s, err := b.file.NewStreamWriter(name)
	if err != nil {
		return nil, err
	}
	if err := s.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return nil, err
	}
	row := make([]any, len(head))
	for i, h := range head {
		row[i] = excelize.Cell{StyleID: b.head, Value: h}
	}
	return s, s.SetRow("A1", row)
}

// table writes a table, unless it is longer than a sheet.
func (b *book) table(ctx context.Context, x *warehouse.Exporter, t warehouse.TableDoc) (tooLong bool, err error) {
	n, err := x.Count(ctx, t)
	if err != nil {
		return false, err
	}
	if n >= maxRows {
		return true, nil
	}
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	s, err := b.sheet(t.Name, names...)
	if err != nil {
		return false, err
	}
	at := 1
	err = x.Rows(ctx, t, func(r *warehouse.Result) error {
		for _, row := range r.Rows {
			at++
			cells := make([]any, len(row))
			for i, v := range row {
				cells[i] = b.cell(v)
			}
			if err := s.SetRow("A"+strconv.Itoa(at), cells); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	return false, s.Flush()
}

// cell is a value as Excel holds it. Excel's numbers have fifteen digits: a decimal
// with more is written as text rather than rounded.
func (b *book) cell(v any) any {
	switch v := v.(type) {
	case warehouse.Decimal:
		text := v.String()
		if strings.Contains(text, ".") {
			text = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
		}
		if len(strings.Trim(strings.NewReplacer("-", "", ".", "").Replace(text), "0")) > 15 {
			return text
		}
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return text
		}
		return n
	case time.Time:
		return excelize.Cell{StyleID: b.date, Value: v}
	case string:
		if len(v) > excelize.TotalCellChars {
			return v[:excelize.TotalCellChars-20] + " [cut: see the CSV]"
		}
	}
	return v
}

func (b *book) columns(tables []warehouse.TableDoc) error {
	s, err := b.sheet("Columns", "table", "column", "type", "meaning")
	if err != nil {
		return err
	}
	at := 1
	for _, t := range tables {
		for _, c := range t.Columns {
			at++
			if err := s.SetRow("A"+strconv.Itoa(at), []any{t.Name, c.Name, c.Type, c.Doc}); err != nil {
				return err
			}
		}
	}
	return s.Flush()
}

func (b *book) about(rel warehouse.Release, tooLong []string) error {
	rows := [][]any{
		{"hrinvest: money for harm reduction, as disclosed"},
		{"Release", rel.ID}, {"SHA-256 of its rows", rel.Hash}, {"Published", rel.BuiltAt.UTC().Format(time.RFC3339)}, {"Data up to", rel.Cutoff}, {"Origin", rel.Origin},
		{"Kinds of money (column kind) are never added together."},
		{"An empty cell is a value that is not there. It is not 0."},
		{"Numbers of more than 15 digits are texts here, for Excel would round them."},
		{"Licences: sheet sources. What columns mean: sheet Columns."},
	}
	if strings.Contains(rel.Origin, "bundled") {
		rows = append(rows, []any{"Rows of origin bundled are extracts that the project compiled from cited facts, not the publishers' own files."})
	}
	if rel.Note != "" {
		rows = append(rows, []any{"Note", rel.Note})
	}
	for _, t := range tooLong {
		rows = append(rows, []any{"Not in this file, for it has more rows than a sheet: " + t})
	}
	for i, row := range rows {
		if err := b.file.SetSheetRow("About", "A"+strconv.Itoa(i+1), &row); err != nil {
			return err
		}
	}
	return b.file.SetColWidth("About", "A", "B", 40)
}

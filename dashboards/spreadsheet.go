package dashboards

import (
	"fmt"
	"io"
	"math/big"
	"time"

	"github.com/xuri/excelize/v2"
)

// maxSheet bounds the rows of a spreadsheet, which is held in memory while it is
// written; CSV has no such bound.
const maxSheet = 5000

// workbookNotes is what stands on the second sheet of a spreadsheet.
type workbookNotes struct {
	Title, Release, Cutoff, Address, Cut string
	Docs                                 []string // of the columns
	Sources                              []Source // that the rows name
}

// writeXLSX writes an answer as a spreadsheet: the rows, what they are and mean, and
// the sources. Numbers keep the digits they have: they are written as the digits,
// not through floating point. Text is text, never a formula.
func writeXLSX(w io.Writer, t *Table, notes workbookNotes) error {
	f := excelize.NewFile()
	defer f.Close()
	s := &sheet{file: f, name: "Data"}
	s.err = f.SetSheetName("Sheet1", s.name)
	s.row(names(t.Columns)...)
	for i, row := range t.Rows {
		if i == maxSheet {
			break
		}
		values := make([]any, len(t.Columns))
		for c, name := range t.Columns {
			values[c] = row[name]
		}
		s.row(values...)
	}
	s.start("Notes")
	s.row("title", notes.Title)
	s.row("release", notes.Release)
	s.row("data", notes.Cutoff)
	s.row("address", notes.Address)
	if len(t.Rows) > maxSheet {
		s.row("rows", notes.Cut)
	}
	s.row()
	for i, c := range t.Columns {
		doc := ""
		if i < len(notes.Docs) {
			doc = notes.Docs[i]
		}
		s.row(c, doc)
	}
	s.start("Sources")
	s.row("source", "title", "publisher", "address", "licence")
	for _, src := range notes.Sources {
		s.row(src.ID, src.Title, src.Publisher, src.Home, src.Licence)
	}
	for _, name := range f.GetSheetList() {
		if s.err == nil {
			s.err = printWide(f, name)
		}
	}
	if s.err == nil {
		s.err = f.Write(w)
	}
	if s.err != nil {
		return fmt.Errorf("writing spreadsheet: %w", s.err)
	}
	return nil
}

func names(columns []string) []any {
	out := make([]any, len(columns))
	for i, c := range columns {
		out[i] = c
	}
	return out
}

// sheet writes rows one below the other and keeps the first error.
type sheet struct {
	file *excelize.File
	name string
	next int
	err  error
}

func (s *sheet) start(name string) {
	s.name, s.next = name, 0
	if _, err := s.file.NewSheet(name); s.err == nil {
		s.err = err
	}
}

func (s *sheet) row(values ...any) {
	s.next++
	for i, v := range values {
		if v == nil || s.err != nil {
			continue
		}
		var cell string
		if cell, s.err = excelize.CoordinatesToCellName(i+1, s.next); s.err != nil {
			return
		}
		switch v := v.(type) {
		case *big.Rat:
			s.err = s.file.SetCellDefault(s.name, cell, exact(v))
		case int, bool, time.Time:
			s.err = s.file.SetCellValue(s.name, cell, v)
		default:
			s.err = s.file.SetCellStr(s.name, cell, fmt.Sprint(v))
		}
	}
}

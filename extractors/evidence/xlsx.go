package evidence

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// sheetNames are the names under which a workbook's sheet of evidence is found;
// without one, it is the first sheet.
var sheetNames = [...]string{"evidence", "данные"}

// maxRows is far above any sheet people fill in; a stray cell in the last row of
// a workbook would otherwise make a million of them.
const maxRows = 200_000

// readXLSX reads a workbook. A number is the text the workbook stores, not what
// its format displays; a formula is its cached value.
func readXLSX(b []byte) (*sheet, *message) {
	fail := func(en, ru string, args ...any) (*sheet, *message) {
		m := say(en, ru, args...)
		return nil, &m
	}
	book, err := excelize.OpenReader(bytes.NewReader(b), excelize.Options{RawCellValue: true, UnzipSizeLimit: 4 * maxSheet, UnzipXMLSizeLimit: maxSheet})
	if err != nil {
		return fail("the workbook cannot be opened (%v): save it again as .xlsx", "книга не открывается (%v): сохраните её ещё раз как .xlsx", err)
	}
	defer book.Close()
	names := book.GetSheetList()
	if len(names) == 0 {
		return fail("the workbook has no sheet", "в книге нет листов")
	}
	name := names[0]
	for _, n := range names {
		if slices.Contains(sheetNames[:], strings.ToLower(strings.TrimSpace(n))) {
			name = n
			break
		}
	}
	rows, err := book.GetRows(name)
	if err != nil {
		return fail("sheet %s cannot be read: %v", "лист %s не читается: %v", name, err)
	}
	merged, err := book.GetMergeCells(name, true)
	if err != nil {
		return fail("sheet %s cannot be read: %v", "лист %s не читается: %v", name, err)
	}

	s := &sheet{epoch: epoch1900}
	if props, err := book.GetWorkbookProps(); err == nil && props.Date1904 != nil && *props.Date1904 {
		s.epoch = epoch1904
	}
	if len(rows) > maxRows {
		return fail("sheet %s has %d rows: more than %d is a mistake", "в листе %s строк: %d; больше %d быть не может", name, len(rows), maxRows)
	}
	for i, texts := range rows {
		number := i + 1
		blank := strings.TrimSpace(strings.Join(texts, "")) == ""
		if s.header == nil {
			if blank {
				continue
			}
			if m := mergedAt(merged, number); m != "" {
				return fail("cells %s of the header are merged: give every column its own header", "ячейки заголовка %s объединены: дайте каждому столбцу свой заголовок", m)
			}
			s.header = texts
			continue
		}
		out := row{number: number, locator: fmt.Sprintf("%s!A%d", name, number)}
		// a row of formulas nobody has computed looks blank but is not
		for len(texts) < len(s.header) {
			texts = append(texts, "")
		}
		for j, text := range texts {
			c, fault, err := readCell(book, name, j+1, number, text)
			if err != nil {
				return fail("sheet %s cannot be read: %v", "лист %s не читается: %v", name, err)
			}
			if fault != nil {
				out.faults, blank = append(out.faults, *fault), false
			}
			out.cells = append(out.cells, c)
		}
		if blank {
			continue
		}
		if m := mergedAt(merged, number); m != "" {
			out.faults = append(out.faults, say("cells %s are merged: unmerge them and repeat the value in every row", "ячейки %s объединены: разъедините их и повторите значение в каждой строке", m))
		}
		s.rows = append(s.rows, out)
	}
	if s.header == nil {
		return fail("sheet %s is empty", "лист %s пуст", name)
	}
	return s, nil
}

// readCell reads one cell of a row.
func readCell(book *excelize.File, name string, col, number int, text string) (cell, *message, error) {
	at, err := excelize.CoordinatesToCellName(col, number)
	if err != nil {
		return cell{}, nil, err
	}
	formula, err := book.GetCellFormula(name, at)
	if err != nil {
		return cell{}, nil, err
	}
	if text == "" {
		if formula == "" {
			return cell{}, nil, nil
		}
		m := say("%s is a formula without a computed value: open the file, let it compute and save it, or type the value", "в %s формула без вычисленного значения: откройте файл, дайте ему посчитать и сохраните, или введите значение", at)
		return cell{}, &m, nil
	}
	kind, err := book.GetCellType(name, at)
	if err != nil {
		return cell{}, nil, err
	}
	switch kind {
	case excelize.CellTypeError:
		m := say("%s holds the error %s", "в %s ошибка %s", at, text)
		return cell{text: text}, &m, nil
	case excelize.CellTypeUnset, excelize.CellTypeNumber:
		percent, err := isPercent(book, name, at)
		return cell{text: text, stored: true, percent: percent}, nil, err
	}
	return cell{text: text}, nil, nil
}

// isPercent tells whether a cell shows its number as a percentage: 6% is stored as
// 0.06.
func isPercent(book *excelize.File, name, at string) (bool, error) {
	id, err := book.GetCellStyle(name, at)
	if err != nil || id == 0 {
		return false, err
	}
	style, err := book.GetStyle(id)
	if err != nil {
		return false, err
	}
	custom := style.CustomNumFmt != nil && strings.Contains(*style.CustomNumFmt, "%")
	return custom || style.NumFmt == 9 || style.NumFmt == 10, nil // the two built-in formats with a percent sign
}

// mergedAt returns the merged range that covers a row, "" if none does.
func mergedAt(merged []excelize.MergeCell, number int) string {
	for _, m := range merged {
		_, from, err1 := excelize.CellNameToCoordinates(m.GetStartAxis())
		_, to, err2 := excelize.CellNameToCoordinates(m.GetEndAxis())
		if err1 == nil && err2 == nil && from <= number && number <= to {
			return m.GetStartAxis() + ":" + m.GetEndAxis()
		}
	}
	return ""
}

// The days before day 1 of the two calendars workbooks count in. In the first, day 60
// is a 29 February 1900 that never was, so it holds from March of that year.
var (
	epoch1900 = time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	epoch1904 = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
)

// serialDate turns a workbook's day count into a date. Counts outside about
// 1954 to 2095 are no dates of this subject, but a year typed into a date column.
func serialDate(s string, epoch time.Time) (string, bool) {
	s, _, _ = strings.Cut(s, ".")
	n, err := strconv.Atoi(s)
	if err != nil || n < 20_000 || n > 70_000 || epoch.IsZero() {
		return "", false
	}
	return epoch.AddDate(0, 0, n).Format(time.DateOnly), true
}

package ghed

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/xuri/excelize/v2"

	"hrinvest/extractors/plaintext"
)

// Sheets the workbook must have. A sheet "Version" is read where there is one.
const (
	sheetData     = "data"
	sheetCodebook = "codebook"
	sheetMetadata = "metadata"
	sheetVersion  = "version"
)

// What is unpacked at most, and what of it stays in memory: larger sheets are
// streamed from a temporary file. The sheet Data has 4,600 rows of 4,100 columns.
const (
	maxUnpacked = 2 << 30
	maxInMemory = 16 << 20
)

// headerWithin is how many rows banners may take above a header.
const headerWithin = 20

// The names of columns over the years, folded.
var (
	locationNames = []string{"location", "country", "country name"}
	codeNames     = []string{"code", "country code"}
	yearNames     = []string{"year"}
	variableNames = []string{"variable code", "indicator short code"}
	titleNames    = []string{"variable name", "indicator name"}
	unitNames     = []string{"unit", "indicator units"}
	currencyNames = []string{"currency", "indicator currency"}
	typeNames     = []string{"data type"}
	methodNames   = []string{"methods of estimation"}
)

// workbook is an opened workbook whose sheets and columns are known.
type workbook struct {
	book                 *excelize.File
	sheets               map[string]string // name by folded name
	header               int               // row of the sheet Data that names its columns
	location, code, year int
	series               []column
	doubtful             []doubt
}

// column is a column of the sheet Data that is read.
type column struct {
	at int
	series
}

// doubt is a column of disease 11 that the codebook does not explain.
type doubt struct{ locator, code, reason string }

// sheetError is a sheet that cannot be read on: the document's fault.
type sheetError struct{ err error }

func (e *sheetError) Error() string { return "the sheet cannot be read on: " + e.err.Error() }

// openWorkbook opens a workbook and finds what is to be read; problem says why it
// is not the one promised.
func openWorkbook(b []byte) (w *workbook, problem string, err error) {
	book, err := excelize.OpenReader(bytes.NewReader(b), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxInMemory,
	})
	if err != nil {
		return nil, "not a workbook: " + err.Error(), nil
	}
	w = &workbook{book: book, sheets: map[string]string{}}
	problem, err = w.understand()
	if broken := (*sheetError)(nil); errors.As(err, &broken) {
		problem, err = broken.Error(), nil
	}
	if problem != "" || err != nil {
		return nil, problem, errors.Join(err, w.close())
	}
	return w, "", nil
}

func (w *workbook) close() error { return w.book.Close() }

func (w *workbook) understand() (problem string, err error) {
	names := w.book.GetSheetList()
	for _, name := range names {
		w.sheets[fold(name)] = name
	}
	for _, want := range [...]string{sheetData, sheetCodebook, sheetMetadata} {
		if w.sheets[want] == "" {
			return fmt.Sprintf("the workbook has no sheet %q; it has %q", want, names), nil
		}
	}
	codebook, problem, err := w.codebook()
	if problem != "" || err != nil {
		return problem, err
	}
	at, header, columns, err := w.findHeader(sheetData, locationNames, codeNames, yearNames)
	if err != nil || at == 0 {
		return "the sheet Data has no header with the columns location, code and year", err
	}
	w.header, w.location, w.code, w.year = at, columns[0], columns[1], columns[2]
	return w.chooseSeries(header, codebook)
}

// chooseSeries keeps the columns of disease 11 that the codebook explains.
func (w *workbook) chooseSeries(header []string, codebook map[string]entry) (problem string, err error) {
	indicators, err := readSeries()
	if err != nil {
		return "", err
	}
	for i, name := range header {
		s, b, ok := newSeries(indicators, fold(name))
		if !ok {
			continue
		}
		e, known := codebook[s.code]
		reason := "the codebook does not have it"
		if known {
			reason = e.agrees(b)
		}
		if reason != "" {
			w.doubtful = append(w.doubtful, doubt{w.locator(sheetData, i, w.header), s.code, reason})
			continue
		}
		s = s.in(b)
		s.note = e.quote()
		w.series = append(w.series, column{i, s})
	}
	if len(w.series) == 0 && len(w.doubtful) == 0 {
		return "the sheet Data has no column of disease 11 (dis11, dis11_gghed, ...)", nil
	}
	if len(w.series) == 0 {
		return fmt.Sprintf("no column of disease 11 can be read; %s: %s", w.doubtful[0].code, w.doubtful[0].reason), nil
	}
	return "", nil
}

// codebook reads what the variables mean.
func (w *workbook) codebook() (entries map[string]entry, problem string, err error) {
	at, _, c, err := w.findHeader(sheetCodebook, variableNames, titleNames, unitNames, currencyNames)
	if err != nil || at == 0 {
		return nil, "the sheet Codebook has no header with the columns variable code, variable name, unit and currency", err
	}
	entries = map[string]entry{}
	err = w.rows(sheetCodebook, func(n int, cells []string) (bool, error) {
		if code := fold(cell(cells, c[0])); n > at && code != "" {
			entries[code] = entry{oneLine(cell(cells, c[1])), oneLine(cell(cells, c[2])), oneLine(cell(cells, c[3]))}
		}
		return true, nil
	})
	return entries, "", err
}

// methods reads how WHO came to the figures of a country, by country and variable.
func (w *workbook) methods() (map[[2]string]string, error) {
	at, header, c, err := w.findHeader(sheetMetadata, codeNames, variableNames)
	if err != nil || at == 0 {
		return nil, err // notes only
	}
	said := []struct {
		what string
		at   int
	}{{"Data type", columnOf(header, typeNames)}, {"Methods of estimation", columnOf(header, methodNames)}}
	redactor := plaintext.NewRedactor()
	out := map[[2]string]string{}
	err = w.rows(sheetMetadata, func(n int, cells []string) (bool, error) {
		variable := fold(cell(cells, c[1]))
		if n <= at || !strings.HasPrefix(variable, "dis11") {
			return true, nil
		}
		var parts []string
		for _, s := range said {
			if text := oneLine(cell(cells, s.at)); text != "" && text != "-" {
				text, _ = redactor.Text(text)
				parts = append(parts, fmt.Sprintf("%s: %q.", s.what, clip(text, 200)))
			}
		}
		out[[2]string{cell(cells, c[0]), variable}] = strings.Join(parts, " ")
		return true, nil
	})
	return out, err
}

var yearIn = regexp.MustCompile(`\b(?:19|20)\d{2}\b`)

// preliminary returns what the sheet Version says of years that are not final.
func (w *workbook) preliminary() (map[string]string, error) {
	out := map[string]string{}
	if w.sheets[sheetVersion] == "" {
		return out, nil
	}
	err := w.rows(sheetVersion, func(_ int, cells []string) (bool, error) {
		for _, text := range cells {
			if text = oneLine(text); strings.Contains(strings.ToLower(text), "preliminary") {
				for _, year := range yearIn.FindAllString(text, -1) {
					out[year] = fmt.Sprintf("Sheet Version: %q.", clip(text, 200))
				}
			}
		}
		return true, nil
	})
	return out, err
}

// rows streams the rows of a sheet, counted from 1.
func (w *workbook) rows(sheet string, f func(n int, cells []string) (more bool, err error)) error {
	rows, err := w.book.Rows(w.sheets[sheet])
	if err != nil {
		return &sheetError{err}
	}
	defer rows.Close()
	for n := 1; rows.Next(); n++ {
		cells, err := rows.Columns()
		if err != nil {
			return &sheetError{err}
		}
		if more, err := f(n, cells); err != nil || !more {
			return err
		}
	}
	if err := rows.Error(); err != nil {
		return &sheetError{err}
	}
	return nil
}

// findHeader finds the first row that has all of the wanted columns, each under
// one of its names; at is 0 when none has.
func (w *workbook) findHeader(sheet string, want ...[]string) (at int, header []string, columns []int, err error) {
	err = w.rows(sheet, func(n int, cells []string) (bool, error) {
		columns = nil
		for _, names := range want {
			if c := columnOf(cells, names); c >= 0 {
				columns = append(columns, c)
			}
		}
		if len(columns) == len(want) {
			at, header = n, cells
		}
		return at == 0 && n < headerWithin, nil
	})
	return at, header, columns, err
}

func columnOf(header, names []string) int {
	for _, name := range names {
		for i, h := range header {
			if fold(h) == name {
				return i
			}
		}
	}
	return -1
}

func (w *workbook) locator(sheet string, column, row int) string {
	at, err := excelize.CoordinatesToCellName(column+1, row)
	if err != nil {
		at = fmt.Sprintf("R%dC%d", row, column+1)
	}
	return w.sheets[sheet] + "!" + at
}

func cell(cells []string, i int) string {
	if i < 0 || i >= len(cells) {
		return ""
	}
	return strings.TrimSpace(cells[i])
}

func fold(s string) string { return strings.ToLower(oneLine(s)) }

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

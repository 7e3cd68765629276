package unaids

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"hrinvest/extractors/fetch"
)

// allPWID is the code of a line for everything for people who inject drugs.
const allPWID = "pwid"

// maxHeader is how many rows are looked at for the first row of data.
const maxHeader = 50

// A sheet as stored: numbers unformatted.
var workbookOptions = excelize.Options{RawCellValue: true, UnzipSizeLimit: 1 << 30, UnzipXMLSizeLimit: 64 << 20}

// programmeSheet is the first sheet of the workbook of programme expenditures. No
// copy of it was found in public: its columns are known from programs that read it,
// and are found by the words of their headers.
type programmeSheet struct {
	name   string
	book   *excelize.File
	rows   *excelize.Rows
	first  [][]string // the rows above the data and the first of it
	layout layout
	cycles bool // the layout of 2020: a row per country, a column per cycle
}

func (s *programmeSheet) close() {
	if s.rows != nil {
		s.rows.Close()
	}
	s.book.Close()
}

// openProgrammes opens the workbook and finds its columns, or says why it cannot
// be read.
func openProgrammes(d fetch.Document) (s *programmeSheet, why string, err error) {
	b, err := d.Head(maxDocument)
	if err != nil {
		return nil, "", err
	}
	book, err := excelize.OpenReader(bytes.NewReader(b), workbookOptions)
	if err != nil {
		return nil, "not a workbook: " + err.Error(), nil
	}
	s = &programmeSheet{book: book}
	if why = s.find(); why != "" {
		s.close()
		return nil, why, nil
	}
	return s, "", nil
}

// find reads down to the first row of data.
func (s *programmeSheet) find() (why string) {
	if s.name = s.book.GetSheetName(0); s.name == "" {
		return "the workbook has no sheet"
	}
	var err error
	if s.rows, err = s.book.Rows(s.name); err != nil {
		return "the first sheet cannot be read: " + err.Error()
	}
	for len(s.first) < maxHeader && s.rows.Next() {
		cells, err := s.rows.Columns(workbookOptions)
		if err != nil {
			return "the first sheet cannot be read: " + err.Error()
		}
		s.first = append(s.first, cells)
		if programmeRow(cells) {
			s.cycles = false
			return s.columns()
		}
		s.cycles = s.cycles || slices.ContainsFunc(cells, func(c string) bool { return fold(c) == "reportingcycle" })
	}
	switch {
	case s.cycles:
		return ""
	case len(s.first) == 0:
		return "the first sheet is empty"
	}
	return "the first sheet has no row with a country, a year and a category"
}

// programmeRow says whether a row holds data: a year beside words and a number.
func programmeRow(cells []string) bool {
	words, years, numbers := 0, 0, 0
	for _, c := range cells {
		switch c = strings.TrimSpace(c); {
		case yearText.MatchString(c):
			years++
		case numberText.MatchString(c):
			numbers++
		case c != "":
			words++
		}
	}
	return years > 0 && words > 1 && numbers > 0
}

// scaled are headers that say amounts are not in dollars.
var scaled = regexp.MustCompile(`(?i)\b(?:thousands?|millions?|local currency|in 000)\b`)

// columns finds the columns by the words above them.
func (s *programmeSheet) columns() (why string) {
	above := s.first[:len(s.first)-1]
	width := 0
	for _, row := range s.first {
		width = max(width, len(row))
	}
	heads := make([][]string, width)
	for _, row := range above {
		for i, c := range row {
			if c = strings.Join(strings.Fields(c), " "); c != "" {
				heads[i] = append(heads[i], c)
			}
			if m := scaled.FindString(c); m != "" {
				return fmt.Sprintf("a header speaks of %q: what the amounts are in is not certain", m)
			}
		}
	}
	s.layout = layout{kind: roleProgrammes, names: columnTitles(heads)}
	for i := range s.layout.at {
		s.layout.at[i] = -1
	}
	for _, w := range []struct {
		column column
		what   string
		words  []string
	}{
		{areaName, "country", []string{"country"}},
		{year, "year", []string{"year"}},
		{indicator, "category", []string{"category", "programme", "program", "intervention", "service"}},
	} {
		i := headed(heads, w.words)
		if i < 0 {
			return fmt.Sprintf("no column is headed %q: the headers are %q", w.what, s.layout.names)
		}
		s.layout.at[w.column] = i
	}
	if s.layout.at[value], why = totalColumn(heads); why != "" {
		return fmt.Sprintf("%s: the headers are %q", why, s.layout.names)
	}
	return ""
}

// columnTitles names every column for quoting, none twice.
func columnTitles(heads [][]string) []string {
	out := make([]string, len(heads))
	for i, words := range heads {
		letter, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			letter = fmt.Sprint(i + 1)
		}
		if out[i] = strings.Join(words, " "); out[i] == "" || slices.Contains(out[:i], out[i]) {
			out[i] = strings.TrimSpace(out[i] + " (column " + letter + ")")
		}
	}
	return out
}

// headed finds the first column whose header is one of some words, else the first
// whose header is short and begins or ends with one. Banners are long.
func headed(heads [][]string, words []string) int {
	for _, fits := range []func(cell, word string) bool{
		func(cell, word string) bool { return cell == word },
		func(cell, word string) bool {
			return len(cell) <= 40 && (strings.HasPrefix(cell, word) || strings.HasSuffix(cell, word))
		},
	} {
		for _, word := range words {
			for i, cells := range heads {
				for _, c := range cells {
					if fits(strings.ReplaceAll(slug(c), "_", " "), word) {
						return i
					}
				}
			}
		}
	}
	return -1
}

// totalColumn finds the total over all sources: the only column headed "Total", or
// the only one with that word, or of several the rightmost if it is the last but
// one, where it stood in 2024.
func totalColumn(heads [][]string) (at int, why string) {
	var named, others []int
	end := 0 // last column with a header
	for i, cells := range heads {
		for _, c := range cells {
			end = i
			name := slug(c)
			if slices.Contains([]string{"total", "grand_total", "total_all_sources", "total_us", "total_usd"}, name) {
				named = append(named, i)
			} else if len(name) <= 40 && strings.Contains(name, "total") {
				others = append(others, i)
			}
		}
	}
	for _, found := range [][]int{slices.Compact(named), slices.Compact(others)} {
		switch n := len(found); {
		case n == 1 || n > 1 && found[n-1] == end-1:
			return found[n-1], ""
		case n > 1:
			return -1, "several columns are headed as totals, and the rightmost is not the last but one"
		}
	}
	return -1, `no column is headed "total"`
}

// lookAtWorkbook refuses a workbook whose columns are not found.
func lookAtWorkbook(d fetch.Document) error {
	s, why, err := openProgrammes(d)
	switch {
	case err != nil:
		return err
	case why != "":
		return fetch.Refuse("%s", why)
	}
	s.close()
	return nil
}

// workbook reads the lines for people who inject drugs; all others are counted.
func (r *reading) workbook() error {
	s, why, err := openProgrammes(r.doc)
	switch {
	case err != nil:
		return err
	case why != "":
		return r.reject("/", why, nil)
	}
	defer s.close()
	skipped := map[string]int{}
	ed := editionOf(r.doc, r.index, "", roleProgrammes)
	rows := s.first[len(s.first)-1:]
	number := len(s.first)
	if s.cycles {
		rows, number = s.first, 1
	}
	for ; ; number++ {
		if number%1000 == 0 && r.ctx.Err() != nil {
			return r.ctx.Err()
		}
		var cells []string
		if len(rows) > 0 {
			cells, rows = rows[0], rows[1:]
		} else {
			if !s.rows.Next() {
				break
			}
			if cells, err = s.rows.Columns(workbookOptions); err != nil {
				return r.reject(fmt.Sprintf("%s!A%d", s.name, number), "the sheet cannot be read on: "+err.Error(), nil)
			}
		}
		if s.cycles {
			skipped["a total of a country by reporting cycle: no programme is named"] += cycleFigures(cells)
			continue
		}
		if err := r.programmeRow(s, number, cells, ed, skipped); err != nil {
			return err
		}
	}
	if err := s.rows.Error(); err != nil {
		return r.reject(s.name, "the sheet cannot be read on: "+err.Error(), nil)
	}
	for reason, n := range skipped {
		if n == 0 {
			delete(skipped, reason)
		}
	}
	return r.skip(skipped)
}

func (r *reading) programmeRow(s *programmeSheet, number int, cells []string, ed edition, skipped map[string]int) error {
	for len(cells) < len(s.layout.names) {
		cells = append(cells, "")
	}
	cells = cells[:len(s.layout.names)]
	rec := record{doc: r.doc.SHA256, locator: fmt.Sprintf("%s!A%d", s.name, number), layout: &s.layout, fields: cells, edition: ed}
	if strings.TrimSpace(strings.Join(cells, "")) == "" || rec.get(indicator) == "" && rec.get(value) == "" {
		return nil // a blank row, or a note below the table
	}
	if !r.used(&rec, skipped) {
		return nil
	}
	return r.file(rec)
}

// cycleFigures counts the amounts of a row of a country.
func cycleFigures(cells []string) (n int) {
	for i, c := range cells {
		if c = strings.TrimSpace(c); i > 0 && numberText.MatchString(c) && !yearText.MatchString(c) {
			n++
		}
	}
	return n
}

// programme is the meaning of a line of the workbook, by the words of its
// category.
func (b *book) programme(r *record) (m meaning) {
	m.series = b.find(byProgramme)
	m.sub = slug(r.get(indicator))
	words := strings.ReplaceAll(m.sub, "_", " ")
	has := func(list string) bool {
		return slices.ContainsFunc(strings.Split(list, "|"), func(w string) bool { return w != "" && strings.Contains(words, w) })
	}
	for _, row := range b.programmes {
		if has(row[1]) && (row[2] == "" || has(row[2])) {
			m.code = row[0]
			return m
		}
	}
	m.reason = "not for people who inject drugs"
	return m
}

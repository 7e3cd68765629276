package dacrates

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"hrinvest/extractors/plaintext"
	"hrinvest/extractors/series"
)

// Both workbooks have one layout: a title, a header with the years, and a row for
// each donor, its name in front of the years.

// What is unpacked at most, and what of it stays in memory.
const (
	maxUnpacked = 256 << 20
	maxInMemory = 16 << 20
)

// How many rows may stand above the header, how many years a header has at least
// (the editions seen have 47 and more), and how many rows of a sheet are filled at
// most.
const (
	headerWithin = 20
	fewestYears  = 10
	mostRows     = 2000
)

// grid is the sheet with the table.
type grid struct {
	sheet  string
	rows   [][]string
	header int         // index of the row with the years
	years  map[int]int // year by column
	first  int         // column of the first year
	last   int         // column of the last one
}

// yearCell is a year, perhaps stored as a decimal or with a footnote mark.
var yearCell = regexp.MustCompile(`^((?:19|20)\d{2})(?:\.0+)?\s*(?:\([^()]{1,3}\)|[*a-z]\)?)?$`)

// openGrid finds the table in a workbook: the sheet with a header of years, and of
// several such sheets the one with word in its name. problem says why not.
func openGrid(b []byte, word string) (g grid, problem string, err error) {
	if bytes.HasPrefix(b, []byte{0xd0, 0xcf, 0x11, 0xe0}) {
		return g, "a workbook of the old kind (.xls): save it as .xlsx", nil
	}
	book, err := excelize.OpenReader(bytes.NewReader(b), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxInMemory,
	})
	if err != nil {
		return g, "not a workbook: " + err.Error(), nil
	}
	var found, named []grid
	for _, sheet := range book.GetSheetList() {
		rows, problem := sheetRows(book, sheet)
		if problem != "" {
			return g, problem, book.Close()
		}
		if one, ok := findHeader(sheet, rows); ok {
			found = append(found, one)
			if strings.Contains(fold(sheet), word) {
				named = append(named, one)
			}
		}
	}
	if len(found) > 1 {
		found = named
	}
	switch {
	case len(found) == 1:
		problem = found[0].ordered()
		g = found[0]
	case len(named) > 1:
		problem = fmt.Sprintf("several sheets called %q have a header of years", word)
	default:
		problem = fmt.Sprintf("no sheet, or no single one, has a header with %d years or more within its first %d rows", fewestYears, headerWithin)
	}
	return g, problem, book.Close()
}

func sheetRows(book *excelize.File, sheet string) (rows [][]string, problem string) {
	it, err := book.Rows(sheet)
	if err != nil {
		return nil, "the sheet cannot be read: " + err.Error()
	}
	filled := 0
	for it.Next() && filled <= mostRows {
		cells, err := it.Columns()
		if err != nil {
			return nil, "the sheet cannot be read on: " + errors.Join(err, it.Close()).Error()
		}
		if rows = append(rows, cells); len(cells) > 0 {
			filled++
		}
	}
	if err := errors.Join(it.Error(), it.Close()); err != nil {
		return nil, "the sheet cannot be read on: " + err.Error()
	}
	if filled > mostRows {
		return nil, fmt.Sprintf("the sheet %s has more than %d rows", sheet, mostRows)
	}
	return rows, ""
}

// findHeader finds the first row with so many years.
func findHeader(sheet string, rows [][]string) (grid, bool) {
	for i, cells := range rows[:min(len(rows), headerWithin)] {
		g := grid{sheet: sheet, rows: rows, header: i, years: map[int]int{}}
		for c, cell := range cells {
			m := yearCell.FindStringSubmatch(strings.TrimSpace(cell))
			if m == nil {
				continue
			}
			if len(g.years) == 0 {
				g.first = c
			}
			g.years[c], _ = strconv.Atoi(m[1])
			g.last = c
		}
		if len(g.years) >= fewestYears {
			return g, true
		}
	}
	return grid{}, false
}

// ordered says what is wrong with the order of the years.
func (g grid) ordered() (problem string) {
	before := 0
	for c := g.first; c <= g.last; c++ {
		if y, ok := g.years[c]; ok {
			if y <= before {
				return fmt.Sprintf("in the header, %d stands behind %d", y, before)
			}
			before = y
		}
	}
	return ""
}

// at names a cell: row and column counted from 0.
func (g grid) at(row, column int) string {
	cell, err := excelize.CoordinatesToCellName(column+1, row+1)
	if err != nil {
		cell = fmt.Sprintf("R%dC%d", row+1, column+1)
	}
	return g.sheet + "!" + cell
}

// cell is what stands in a cell, "" where nothing does or the row ends before.
func (g grid) cell(row, column int) string {
	if column >= len(g.rows[row]) {
		return ""
	}
	return strings.TrimSpace(g.rows[row][column])
}

// donorOf finds the donor that a row is of: one cell in front of its figures names
// it. name is what is written there.
func (g grid) donorOf(row int, known donors) (d donor, name string, ok bool) {
	for c := range g.first {
		s := oneLine(g.cell(row, c))
		if d, ok = known.named(s); ok {
			return d, s, true
		}
		if name == "" {
			name = s
		}
	}
	return donor{}, name, false
}

// figures says whether a row or, with one column, a cell of it has figures.
func (g grid) figures(row int, columns ...int) bool {
	for _, c := range columns {
		if _, _, err := plaintext.Stored(g.cell(row, c)); err == nil {
			return true
		}
	}
	return false
}

// yearColumns are the columns of the years, in order.
func (g grid) yearColumns() (out []int) {
	for c := g.first; c <= g.last; c++ {
		if _, ok := g.years[c]; ok {
			out = append(out, c)
		}
	}
	return out
}

// absent are the marks that stand for "no figure", as 0 does in the editions seen.
var absent = map[string]bool{"": true, "-": true, "–": true, "..": true, "...": true, "…": true, "n/a": true, "na": true, "n.a.": true}

// value reads the figure in a cell: "" when there is none.
func value(written string) (plain, problem string) {
	if absent[fold(written)] {
		return "", ""
	}
	plain, _, err := plaintext.Stored(written)
	if err != nil {
		return "", fmt.Sprintf("%q is not a number", written)
	}
	if strings.Trim(plain, "0.") == "" {
		return "", ""
	}
	return plain, series.Positive(plain)
}

// walk gives each figure of each donor to take. A row of figures without a known
// donor, a donor's second row, and a cell that is no number are rejected.
func (e *edition) walk(g grid, take func(figure)) error {
	seen := map[string]bool{}
	columns := g.yearColumns()
	for row := g.header + 1; row < len(g.rows); row++ {
		if !g.figures(row, columns...) {
			continue // a blank row, a footnote
		}
		d, name, ok := g.donorOf(row, e.donors)
		problem := ""
		switch {
		case !ok:
			problem = fmt.Sprintf("%q is not the name of a donor that is known here", name)
		case seen[d.area]:
			problem = fmt.Sprintf("a second row of %s", name)
		}
		if problem != "" {
			if err := e.Reject(g.at(row, 0), problem, g.rows[row]...); err != nil {
				return err
			}
			continue
		}
		seen[d.area] = true
		for _, c := range columns {
			v, problem := value(g.cell(row, c))
			switch {
			case problem != "":
				if err := e.Reject(g.at(row, c), problem, name, strconv.Itoa(g.years[c]), g.cell(row, c)); err != nil {
					return err
				}
			case v != "":
				take(figure{donor: d, name: name, year: g.years[c], value: v, locator: g.at(row, c)})
			}
		}
	}
	return nil
}

package pepfar

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// column is something a row can say, whatever the table and its age.
type column int

const (
	operatingUnit column = iota
	country
	iso3
	agency
	partner
	award
	mechCode
	mechName
	recordType
	program
	subProgram
	interaction
	beneficiary
	allocatedBeneficiary // computed by PEPFAR since COP23: quoted, never used
	subBeneficiary
	costCategory
	subCostCategory
	budgetCode
	planningCycle
	fiscalYear
	newFunding
	pipeline
	copBudget
	workPlan
	expenditure
	columns
)

// columnNames are the columns as columns.csv spells them.
var columnNames = [columns]string{
	"operating_unit", "country", "iso3", "agency", "partner", "award", "mech_code", "mech_name", "record_type",
	"program", "sub_program", "interaction", "beneficiary", "allocated_beneficiary", "sub_beneficiary",
	"cost_category", "sub_cost_category", "budget_code", "planning_cycle", "fiscal_year",
	"new_funding", "pipeline", "cop_budget", "work_plan", "expenditure",
}

// dimensions classify the rows of the public tables, widest first. A row that
// leaves some of them empty is the whole of rows that fill them.
var dimensions = [...]column{program, subProgram, interaction, beneficiary, subBeneficiary}

// layout says in which field a table writes what.
type layout struct {
	separator string
	names     []string // header as published
	at        [columns]int
	years     []yearColumn // of a table with a column per fiscal year
}

type yearColumn struct {
	at   int
	year string
}

// errTwice: two columns are of one fiscal year, and no reading is safe.
var errTwice = errors.New("two columns are of one fiscal year")

// newLayout reads the header row of a table that begins with text.
func newLayout(text string) (*layout, error) {
	known, err := headers()
	if err != nil {
		return nil, err
	}
	text = trimTop(text)
	end, _ := endOfLine(text, 0)
	header := text[:end]
	l := &layout{separator: separatorOf(header)}
	l.names = splitHeader(header, l.separator)
	for c := range l.at {
		l.at[c] = -1
	}
	seen := map[string]bool{}
	for i, name := range l.names {
		if c, ok := known[fold(name)]; ok && l.at[c] < 0 {
			l.at[c] = i
			continue
		}
		year, ok := yearOf(name)
		if !ok {
			continue
		}
		if seen[year] {
			return nil, fmt.Errorf("%w: %s", errTwice, year)
		}
		seen[year] = true
		l.years = append(l.years, yearColumn{i, year})
	}
	return l, nil
}

// trimTop removes what may stand before the header: a byte order mark, empty
// lines. A tab there is the border of a column without a name.
func trimTop(text string) string { return strings.TrimLeft(strings.TrimPrefix(text, "\ufeff"), "\r\n") }

func headers() (map[string]column, error) {
	rows, err := table("columns.csv", 3)
	if err != nil {
		return nil, err
	}
	known := map[string]column{}
	for _, r := range rows {
		c := slices.Index(columnNames[:], r[0])
		if c < 0 {
			return nil, fmt.Errorf("columns.csv: unknown column %q", r[0])
		}
		known[fold(r[1])] = column(c)
	}
	return known, nil
}

// table reads one of the reviewed tables without its header.
func table(name string, fields int) ([][]string, error) {
	text, err := tables.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	r := csv.NewReader(bytes.NewReader(text))
	r.FieldsPerRecord = fields
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return rows[1:], nil
}

// fold drops what editions vary in a header: case, blanks, underscores, slashes.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// separatorOf is what most often separates the header: a tab in the download, a
// "|" in PEPFAR's own store, a comma in what others export again.
func separatorOf(header string) string {
	best, most := "\t", 0
	for _, s := range []string{"\t", "|", ","} {
		if n := strings.Count(header, s); n > most {
			best, most = s, n
		}
	}
	return best
}

func splitHeader(header, separator string) []string {
	r := csv.NewReader(strings.NewReader(header))
	r.Comma = rune(separator[0])
	if names, err := r.Read(); err == nil {
		return names
	}
	return strings.Split(header, separator)
}

func (l *layout) has(want ...column) bool {
	return !slices.ContainsFunc(want, func(c column) bool { return l.at[c] < 0 })
}

// role of a table with this header; "" when it is none of PEPFAR's.
func (l *layout) role(name string) string {
	name = strings.ToLower(name)
	switch {
	case !l.has(operatingUnit) && !l.has(country):
		return ""
	case len(l.years) == 0:
		if l.has(expenditure, mechCode) && (l.has(fiscalYear) || l.has(planningCycle)) {
			return roleStructured
		}
	case l.has(budgetCode), l.has(program) && strings.Contains(name, "budget"):
		return roleBudgets
	case l.has(program) && (l.has(interaction) || strings.Contains(name, "expenditure")):
		return roleExpenditures
	}
	return ""
}

// fields splits a row; false when it has not as many fields as the header. A
// quoted field may hold the separator. A field that only begins with a quote is
// taken as it is: read as quoted, it would swallow the rows below it.
func (l *layout) fields(text string) ([]string, bool) {
	if strings.Contains(text, `"`) {
		r := csv.NewReader(strings.NewReader(text))
		r.Comma, r.FieldsPerRecord = rune(l.separator[0]), -1
		f, err := r.Read()
		if _, more := r.Read(); err == nil && errors.Is(more, io.EOF) && len(f) == len(l.names) {
			return f, true
		}
	}
	if f := strings.Split(text, l.separator); len(f) == len(l.names) && !strings.Contains(text, "\n") {
		return f, true
	}
	return nil, false
}

// mostLines is over how many lines a quoted field may go on.
const mostLines = 10

// rows calls use with every row below the header: its line, its text, and its
// fields, which are nil where it cannot be split. Empty lines are no rows.
func (l *layout) rows(text string, use func(line int, text string, fields []string) error) error {
	line := strings.Count(text[:len(text)-len(trimTop(text))], "\n")
	header := line + 1
	for text = trimTop(text); text != ""; {
		line++
		end, next := endOfLine(text, 0)
		row := text[:end]
		f, ok := l.fields(row)
		skipped := 0
		if !ok && line > header && strings.Count(row, `"`)%2 == 1 { // a quoted field may go on in the next line
			for n, from := 1, next; n < mostLines && from < len(text); n++ {
				e, nx := endOfLine(text, from)
				if f, ok = l.fields(text[:e]); ok {
					row, next, skipped = text[:e], nx, n
					break
				}
				from = nx
			}
		}
		if line > header && strings.TrimSpace(row) != "" {
			if err := use(line, row, f); err != nil {
				return err
			}
		}
		line += skipped
		text = text[next:]
	}
	return nil
}

// endOfLine finds the end of the line that begins at from, and the next one.
func endOfLine(text string, from int) (end, next int) {
	i := strings.IndexByte(text[from:], '\n')
	if i < 0 {
		return len(text), len(text)
	}
	end = from + i
	if end > from && text[end-1] == '\r' {
		return end - 1, end + 1
	}
	return end, end + 1
}

var (
	fiscalText = regexp.MustCompile(`(?i)^\s*(?:FY ?)?((?:19|20)\d\d)(?:\.0+)?\s*$|^\s*FY ?(\d\d)\s*$`)
	cycleText  = regexp.MustCompile(`(?i)^\s*[CR]OP ?(?:20)?(\d\d)\s*$`)
)

// yearOf reads a fiscal year: "2021", "2021.0", "FY21". A country operational
// plan is named for the year before the one it plans: COP20 is fiscal year 2021.
func yearOf(s string) (string, bool) {
	if m := fiscalText.FindStringSubmatch(s); m != nil {
		if m[1] != "" {
			return m[1], true
		}
		return "20" + m[2], true
	}
	if m := cycleText.FindStringSubmatch(s); m != nil {
		n := 0
		if _, err := fmt.Sscanf(m[1], "%d", &n); err == nil {
			return fmt.Sprint(2000 + n + 1), true
		}
	}
	return "", false
}

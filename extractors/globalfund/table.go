package globalfund

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
)

// rankTable and rankBudgets order the shapes that disclose one budget: the
// download with years is better than the answers of the interface, those than
// the table without years, and a country's total is the last resort.
const (
	rankCountry = iota
	rankTable
	rankAnswer
	rankBudgets
)

// headerColumns maps header names, folded by foldHeader, to what they say.
var headerColumns = map[string]column{
	// the download of the Data Service
	"geographyname":             country,
	"grant":                     grant,
	"implementationperiod":      period,
	"grantcyclename":            cycle,
	"grantcomponent":            grantComponent,
	"principalrecipient":        recipient,
	"modulecomponent":           component,
	"costcategory":              cost,
	"budgetyearfrom":            yearFrom,
	"budgetamountreferencerate": amount,
	// the table of seven columns
	"country":                  country,
	"implementationperiodname": period,
	"moduleparentcomponent":    component,
	"module":                   module,
	"intervention":             intervention,
	"totalamount":              amount,
	"source":                   cycle,
}

// required columns of the two shapes.
var (
	budgetsColumns = []column{country, period, component, module, intervention, yearFrom, amount}
	tableColumns   = []column{country, period, component, module, intervention, cycle, amount}
)

// foldHeader drops case, blanks, underscores and the stray "1" with which the
// download ends its names.
func foldHeader(s string) string {
	s = strings.Trim(strings.TrimPrefix(s, "\ufeff"), "\" \r\t")
	s = strings.NewReplacer("_", "", " ", "").Replace(strings.ToLower(s))
	return strings.TrimSuffix(s, "1")
}

func roleOfHeader(line string) string {
	names, err := csv.NewReader(strings.NewReader(line)).Read()
	if err != nil {
		return ""
	}
	s := newShape(names)
	switch {
	case s.has(budgetsColumns):
		return roleBudgets
	case s.has(tableColumns):
		return roleTable
	}
	return ""
}

func newShape(names []string) *shape {
	s := &shape{kind: extractors.Budget, names: names}
	for i := range s.at {
		s.at[i] = -1
	}
	for i, n := range names {
		if c, ok := headerColumns[foldHeader(n)]; ok && s.at[c] < 0 {
			s.at[c] = i
		}
	}
	if s.rank = rankTable; s.at[yearFrom] >= 0 {
		s.rank = rankBudgets
	}
	return s
}

func (s *shape) has(want []column) bool {
	for _, c := range want {
		if s.at[c] < 0 {
			return false
		}
	}
	return true
}

// readTable reads either CSV shape. Rows that are not rows of the table are
// rejected one by one.
func (g *gathering) readTable(ctx context.Context, d fetch.Document) error {
	f, err := d.Open()
	if err != nil {
		return err
	}
	defer f.Close()
	reject := func(locator, reason string) error {
		return g.out.Reject(extractors.Problem{Document: d.SHA256, Locator: locator, Reason: reason})
	}
	in := bufio.NewReader(f)
	if b, _ := in.Peek(3); string(b) == "\ufeff" {
		in.Discard(3) //nolint:errcheck // peeked
	}
	c := csv.NewReader(in)
	c.FieldsPerRecord = -1
	c.ReuseRecord = true
	header, err := c.Read()
	if err != nil {
		if err := readError(err); err != nil {
			return err
		}
		return reject("/", "not a table of budgets: no header row could be read")
	}
	s := newShape(append([]string(nil), header...))
	if !s.has(budgetsColumns) && !s.has(tableColumns) {
		return reject("/", fmt.Sprintf("not a table of budgets: the header begins with %q", cut(strings.Join(header, ","), 60)))
	}
	for n := 0; ; n++ {
		if n%1000 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		rec, err := c.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			if rerr := readError(err); rerr != nil {
				return rerr
			}
			var pe *csv.ParseError
			errors.As(err, &pe)
			if err := reject(fmt.Sprintf("row %d", pe.StartLine), "not a row of a table: "+pe.Err.Error()); err != nil {
				return err
			}
			continue
		}
		at, _ := c.FieldPos(0)
		l := line{doc: d.SHA256, locator: fmt.Sprintf("row %d", at), shape: s}
		if len(rec) != len(s.names) {
			if err := reject(l.locator, fmt.Sprintf("%d fields where the header has %d", len(rec), len(s.names))); err != nil {
				return err
			}
			continue
		}
		l.values = make([]string, len(rec))
		for i, v := range rec {
			l.values[i] = g.word(text(v))
		}
		if s.rank == rankTable && l.get(cycle) == "" {
			if err := reject(l.locator, "no funding cycle"); err != nil {
				return err
			}
			continue
		}
		g.lines[extractors.Budget] = append(g.lines[extractors.Budget], l)
	}
}

// readError returns err unless it is about the text of the table.
func readError(err error) error {
	var pe *csv.ParseError
	if err == io.EOF || errors.As(err, &pe) {
		return nil
	}
	return err
}

func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}

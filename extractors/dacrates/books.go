package dacrates

import (
	"fmt"
	"regexp"
	"strconv"
)

// The ways in which a title and the name of a file state the base year.
var (
	equalsHundred = regexp.MustCompile(`\b((?:19|20)\d{2})\s*=\s*100\b`)
	namedBase     = regexp.MustCompile(`(?i)\bbase[\s:_-]*(?:year)?[\s:_-]*((?:19|20)\d{2})(?:\D|$)`)
)

// deflatorBook reads the workbook of deflators. Its base year is measured: the
// year in which every donor has 100. What the title, the name and the address of
// the file say must agree with it.
func (e *edition) deflatorBook(b []byte) error {
	g, problem, err := openGrid(b, "deflator")
	if err != nil {
		return err
	}
	if problem != "" {
		return e.Reject("/", problem)
	}
	stated, problem := e.stated(g)
	if problem != "" {
		return e.Reject("/", problem)
	}
	e.nameless(&g, stated)
	if err := e.beyond(g); err != nil {
		return err
	}
	if err := e.walk(g, func(f figure) { e.deflators = append(e.deflators, f) }); err != nil {
		return err
	}
	e.base, problem = baseYear(e.deflators)
	if problem == "" && stated != 0 && stated != e.base {
		problem = fmt.Sprintf("the base year is stated as %d, and the year in which every donor has 100 is %d", stated, e.base)
	}
	if problem != "" {
		return e.drop(problem)
	}
	return nil
}

// stated is the base year that is written down to the header, in the sheet's name
// or in the file's name or address; 0: none is.
func (e *edition) stated(g grid) (base int, problem string) {
	texts := []string{e.Doc.Name, e.Doc.URL, g.sheet}
	for _, row := range g.rows[:g.header+1] {
		texts = append(texts, row...)
	}
	for _, text := range texts {
		for _, form := range [...]*regexp.Regexp{equalsHundred, namedBase} {
			for _, m := range form.FindAllStringSubmatch(text, -1) {
				year, err := strconv.Atoi(m[1])
				if err != nil {
					continue
				}
				if base != 0 && year != base {
					return 0, fmt.Sprintf("the base year is stated as %d and as %d (%q)", base, year, text)
				}
				base = year
			}
		}
	}
	return base, ""
}

// nameless gives its year to the column behind the last year whose header is
// empty, as in the edition of 2024: it is the stated base year where that is the
// year that follows and every donor has 100.
func (e *edition) nameless(g *grid, stated int) {
	c := g.last + 1
	if g.cell(g.header, c) != "" || stated != g.years[g.last]+1 {
		return
	}
	n := 0
	for row := g.header + 1; row < len(g.rows); row++ {
		if _, _, known := g.donorOf(row, e.donors); !known {
			continue
		}
		v, problem := value(g.cell(row, c))
		switch {
		case problem != "" || v != "" && !hundred(v):
			return
		case v != "":
			n++
		}
	}
	if n >= fewestDonors {
		g.years[c], g.last = stated, c
	}
}

// beyond rejects columns of figures that have no year.
func (e *edition) beyond(g grid) error {
	width := 0
	for _, row := range g.rows[g.header:] {
		width = max(width, len(row))
	}
	for c := g.first; c < width; c++ {
		if _, ok := g.years[c]; ok {
			continue
		}
		for row := g.header + 1; row < len(g.rows); row++ {
			if !g.figures(row, c) {
				continue
			}
			if err := e.Reject(g.at(row, c), fmt.Sprintf("a column of figures without a year: its header is %q", g.cell(g.header, c)), g.rows[row]...); err != nil {
				return err
			}
			break
		}
	}
	return nil
}

// exchangeBook reads the workbook of exchange rates. Of the euro it takes the
// euro's own row: members stand in their former currencies until some year after
// they joined.
func (e *edition) exchangeBook(b []byte) error {
	g, problem, err := openGrid(b, "exchange")
	if err != nil {
		return err
	}
	if problem != "" {
		return e.Reject("/", problem)
	}
	if err := e.beyond(g); err != nil {
		return err
	}
	e.note = "In the OECD's table of annual exchange rates."
	var all []figure
	err = e.walk(g, func(f figure) {
		all = append(all, f)
		switch {
		case f.donor.currency == "EUR" && f.donor.area != euInstitutions:
			e.skipped["the euro has a row of its own, and members stand in other currencies at first"]++
		default:
			e.takeRate(f)
		}
	})
	if err != nil {
		return err
	}
	if base, problem := baseYear(all); problem == "" {
		return e.drop(fmt.Sprintf("deflators stand where exchange rates were expected: in %d, all are 100", base))
	}
	return e.settle()
}

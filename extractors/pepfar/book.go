package pepfar

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"strings"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
	"hrinvest/extractors/plaintext"
)

// measure is which of PEPFAR's accounts of money a statement is.
type measure int

const (
	spentByProgram   measure = iota // public table
	spentByMechanism                // structured: expenditure_amt
	workPlanned                     // structured: workplan_budget_amt
	budgetByCode                    // public table
	budgetByProgram                 // public table
	budgetApproved                  // structured: cop_budget_total
)

// kind of the money. Of two measures of one kind the higher one is the better:
// what was approved before what the partner planned, detail before sums.
func (m measure) kind() extractors.Kind {
	if m == spentByProgram || m == spentByMechanism {
		return extractors.Expenditure
	}
	return extractors.Budget
}

// source is one document and how it is read.
type source struct {
	doc    fetch.Document
	layout *layout
	index  int
	stamp  string // date in the file's name
}

// record is one row as published.
type record struct {
	of     *source
	line   int
	text   string
	fields []string
}

func (r *record) get(c column) string {
	if i := r.of.layout.at[c]; i >= 0 {
		return strings.TrimSpace(r.fields[i])
	}
	return ""
}

// place is the country, or the operating unit where no country is named.
func (r *record) place() string {
	if c := r.get(country); c != "" && !isTotal(c) {
		return c
	}
	return r.get(operatingUnit)
}

// statement is one amount of a record.
type statement struct {
	of         *source
	line       int
	text       string // of the row
	at         int    // field of the amount
	measure    measure
	year       string
	amount     string
	unit       string // operating unit of today
	outOfScope string
}

// claim is what is stated once, however many documents state it: the money of a
// kind in an operating unit and fiscal year.
type claim struct {
	kind       extractors.Kind
	unit, year string
}

// book collects the statements of all documents.
type book struct {
	words  *words
	out    extractors.Sink
	codes  map[[5]string][]extractors.Code
	best   map[claim]statement // which statement's document and measure count
	at     map[string]int      // group -> its place in groups
	groups [][]statement
	totals []total
	sums   map[sumOf]*sum
}

func newBook(out extractors.Sink) (*book, error) {
	w, err := newWords()
	return &book{
		words: w, out: out, codes: map[[5]string][]extractors.Code{}, best: map[claim]statement{},
		at: map[string]int{}, sums: map[sumOf]*sum{},
	}, err
}

var dateStamp = regexp.MustCompile(`20\d{6}`)

// read collects the statements of one document.
func (b *book) read(ctx context.Context, d fetch.Document, index int) error {
	reject := func(reason string) error {
		return b.out.Reject(extractors.Problem{Document: d.SHA256, Locator: "/", Reason: reason})
	}
	f, err := d.Open()
	if err != nil {
		return err
	}
	defer f.Close()
	encoded, err := io.ReadAll(f)
	if err != nil {
		return err
	}
	text, err := plaintext.Decode(encoded, "windows-1252")
	if err != nil {
		return reject("not a table of PEPFAR: the file " + err.Error())
	}
	l, err := newLayout(text)
	if errors.Is(err, errTwice) {
		return reject(err.Error())
	}
	if err != nil {
		return err
	}
	if l.role(path.Base(d.Name)) != d.Role {
		return reject(fmt.Sprintf("not a table of PEPFAR's %s: the header begins with %q", d.Role, clip(strings.Join(l.names, " "), 60)))
	}
	src := &source{doc: d, layout: l, index: index, stamp: dateStamp.FindString(path.Base(d.Name))}
	rows := 0
	err = l.rows(text, func(line int, text string, fields []string) error {
		if rows++; rows%1000 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if fields == nil {
			return b.out.Reject(extractors.Problem{
				Document: d.SHA256, Locator: fmt.Sprintf("row %d", line),
				Reason: fmt.Sprintf("%d fields where the header has %d", strings.Count(text, l.separator)+1, len(l.names)),
			})
		}
		return b.add(&record{src, line, text, fields})
	})
	if err == nil && rows == 0 {
		return reject("the table has no rows")
	}
	return err
}

// cell is a field of a row that may hold an amount.
type cell struct {
	at      int
	measure measure
	year    string
}

// cells of a record, and what is wrong with its year.
func (r *record) cells() (list []cell, problem string) {
	l := r.of.layout
	if len(l.years) > 0 {
		m := spentByProgram
		switch {
		case r.of.doc.Role == roleBudgets && l.has(budgetCode):
			m = budgetByCode
		case r.of.doc.Role == roleBudgets:
			m = budgetByProgram
		}
		for _, y := range l.years {
			list = append(list, cell{y.at, m, y.year})
		}
		return list, ""
	}
	year, ok := yearOf(r.get(fiscalYear))
	if !ok {
		if year, ok = yearOf(r.get(planningCycle)); r.get(fiscalYear) != "" || !ok {
			problem = fmt.Sprintf("%q is no fiscal year", cmp.Or(r.get(fiscalYear), r.get(planningCycle)))
		}
	}
	for _, c := range [...]cell{{l.at[copBudget], budgetApproved, year}, {l.at[workPlan], workPlanned, year}, {l.at[expenditure], spentByMechanism, year}} {
		if c.at >= 0 {
			list = append(list, c)
		}
	}
	return list, problem
}

// add collects the statements of one row. Totals, and amounts of 0, are counted
// only: in these tables 0 fills cells of which nothing is said.
func (b *book) add(r *record) error {
	cells, wrongYear := r.cells()
	isTotal := r.isTotal()
	totals, zeros := 0, 0
	for _, c := range cells {
		amount, problem := plainAmount(r.fields[c.at])
		switch {
		case amount == "" && problem == "":
			continue
		case problem == "" && wrongYear != "":
			problem = wrongYear
		case problem == "" && r.place() == "" && !isTotal:
			problem = "names no operating unit and no country"
		}
		switch {
		case problem != "":
			if err := b.out.Reject(extractors.Problem{
				Document: r.of.doc.SHA256, Locator: r.locator(c.at), Reason: r.of.layout.names[c.at] + ": " + problem, Raw: r.raw(c.at),
			}); err != nil {
				return err
			}
		case isTotal:
			totals++
			b.note(r, c, amount)
		case zeroText.MatchString(amount):
			zeros++
		default:
			b.keep(r, c, amount)
		}
	}
	if err := b.skip(r, totals, "a total of other rows"); err != nil {
		return err
	}
	return b.skip(r, zeros, "0 states no money")
}

func (b *book) skip(r *record, n int, reason string) error {
	if n == 0 {
		return nil
	}
	return b.out.Skip(r.of.doc.SHA256, n, reason)
}

// keep files a statement under its group.
func (b *book) keep(r *record, c cell, amount string) {
	s := statement{
		of: r.of, line: r.line, text: r.text, at: c.at, measure: c.measure, year: c.year, amount: amount,
		unit: b.words.unit(r.get(operatingUnit), r.get(country)),
	}
	k := claim{c.measure.kind(), s.unit, s.year}
	if old, ok := b.best[k]; !ok || s.compare(old) > 0 {
		b.best[k] = s
	}
	group := r.group(c)
	i, ok := b.at[group]
	if !ok {
		i = len(b.groups)
		b.at[group] = i
		b.groups = append(b.groups, nil)
	}
	b.groups[i] = append(b.groups[i], s)
}

// compare orders the documents and measures that state one claim: the better
// measure, then the later edition.
func (s statement) compare(o statement) int {
	return cmp.Or(cmp.Compare(s.measure, o.measure), strings.Compare(s.of.stamp, o.of.stamp),
		s.of.doc.Retrieved.Compare(o.of.doc.Retrieved), cmp.Compare(s.of.index, o.of.index))
}

// superseded says why another document or measure counts instead of a statement.
func (b *book) superseded(s statement) string {
	best := b.best[claim{s.measure.kind(), s.unit, s.year}]
	switch {
	case s.compare(best) == 0:
		return ""
	case s.measure == workPlanned && best.measure != workPlanned:
		return "a work plan: the approved budget counts, of " + best.of.doc.Name
	}
	return "the same operating unit and year count from " + best.of.doc.Name
}

// give hands everything to the sink, a group at a time.
func (b *book) give(ctx context.Context) error {
	for i, group := range b.groups {
		if i%100 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		for _, d := range b.disclosures(group) {
			if err := b.out.Disclose(d); err != nil {
				return err
			}
		}
		b.groups[i] = nil
	}
	for _, o := range b.differences() {
		if err := b.out.Observe(o); err != nil {
			return err
		}
	}
	return ctx.Err()
}

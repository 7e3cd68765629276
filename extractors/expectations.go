package extractors

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Expectations are what a source's live documents must look like to be believed:
// data, written beside the source in expectations.csv. An answer can be whole,
// well-formed and wrong: half of a table, a column that lost its values, a figure
// in thousands that was in units. Documents that do not look as expected are held
// back, and the last good ones stay in use, until an operator approves.
type Expectations []Expectation

// Expectation is one line of expectations.csv.
type Expectation struct {
	// Role of the documents it is about; "" all of the source's.
	Role string
	// Measure is "rows", "fill" or "total".
	//
	//	rows   statements and observations that were read
	//	fill   per cent of them that have a value in Field
	//	total  sum of the amounts of a kind (Field: the kind), or of the values of
	//	       an indicator (Field: the indicator's id), per currency
	Measure string
	Field   string
	// Least is what must be reached: rows, or per cent. 0: nothing is demanded.
	Least int
	// Change is by how much the measure may move from the last good documents:
	// per cent of rows lost, points of fill lost, per cent of a total either way.
	Change int
	// Why says where the figures come from.
	Why string
}

// Fields whose fill can be expected.
var fillFields = []string{"amount", "currency", "period", "place", "party", "code", "sector", "title", "value", "area", "year", "subgroup"}

// What holds where a source says nothing else: a fifth of the rows lost, ten
// points of fill, a total that moved by 35 per cent, a document that lost nine
// tenths of its rows.
const (
	usualRows     = 20
	usualFill     = 10
	usualTotal    = 35
	usualDocument = 90
)

// ReadExpectations reads an expectations.csv (role,measure,field,least,change,why).
// A source must say how many rows to expect and which field must be filled.
func ReadExpectations(r io.Reader) (Expectations, error) {
	rows, err := csv.NewReader(r).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("reading expectations: %w", err)
	}
	if len(rows) == 0 || strings.Join(rows[0], ",") != "role,measure,field,least,change,why" {
		return nil, errors.New("reading expectations: want the columns role,measure,field,least,change,why")
	}
	var out Expectations
	for n, row := range rows[1:] {
		e := Expectation{Role: row[0], Measure: row[1], Field: row[2], Why: row[5]}
		if e.Least, err = whole(row[3]); err == nil {
			e.Change, err = whole(row[4])
		}
		if err == nil {
			err = e.check()
		}
		if err != nil {
			return nil, fmt.Errorf("reading expectations: row %d: %w", n+2, err)
		}
		out = append(out, e)
	}
	return out, out.Check()
}

func whole(s string) (int, error) {
	if s == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(s)
	if err == nil && n < 0 {
		err = fmt.Errorf("%d is negative", n)
	}
	return n, err
}

func (e Expectation) check() error {
	switch {
	case e.Measure == "rows" && e.Field == "":
	case e.Measure == "fill" && slices.Contains(fillFields, e.Field) && e.Least <= 100:
	case e.Measure == "total" && e.Field != "" && e.Least == 0:
	default:
		return fmt.Errorf("measure %q of field %q, at least %d, cannot be measured", e.Measure, e.Field, e.Least)
	}
	if e.Why == "" {
		return errors.New("it does not say why")
	}
	return nil
}

// Check says whether the expectations are enough to register a source.
func (es Expectations) Check() error {
	has := func(measure string) bool {
		return slices.ContainsFunc(es, func(e Expectation) bool { return e.Measure == measure && (measure != "rows" || e.Least > 0) })
	}
	if !has("rows") || !has("fill") {
		return errors.New("expectations must say how many rows to expect and which field must be filled")
	}
	return nil
}

// of returns the expectation about a measure and field of a role, else of all
// roles, if there is one.
func (es Expectations) of(measure, role, field string) (Expectation, bool) {
	for _, r := range [...]string{role, ""} {
		i := slices.IndexFunc(es, func(e Expectation) bool { return e.Measure == measure && e.Role == r && e.Field == field })
		if i >= 0 {
			return es[i], true
		}
	}
	return Expectation{}, false
}

// change is how far a measure may move: as the source says, else as usual.
func (es Expectations) change(measure, role, field string, usual int) int {
	if e, ok := es.of(measure, role, field); ok && e.Change > 0 {
		return e.Change
	}
	return usual
}

// Finding is what does not look as expected.
type Finding struct {
	Document string // address of the one document it is about; "" several
	What     string // in words
}

// Judge compares what was measured of new documents with what is expected and
// with what was measured of the last good ones (nil: there are none to compare
// with). Nothing wrong: nil.
func (es Expectations) Judge(now Measure, last *Measure) (wrong []Finding) {
	complain := func(format string, a ...any) { wrong = append(wrong, Finding{What: fmt.Sprintf(format, a...)}) }
	for _, e := range es {
		part, ok := now.Roles[e.Role]
		if e.Role == "" {
			part, ok = now.All, true
		}
		switch what := about(e.Role); {
		case !ok: // no document of that role is in use: gone is what tells below
		case e.Measure == "rows" && part.Rows < e.Least:
			complain("%d rows%s, expected at least %d", part.Rows, what, e.Least)
		case e.Measure == "fill" && part.Rows > 0 && percent(part.Fill[e.Field], part.Rows) < e.Least:
			complain("%s is filled in %d %% of the rows%s, expected at least %d %%", e.Field, percent(part.Fill[e.Field], part.Rows), what, e.Least)
		}
	}
	if last == nil {
		return wrong
	}
	if len(now.Roles) != 1 { // of one role, all is what is of that role
		es.moved("", now.All, last.All, complain)
	}
	for role, part := range sorted(now.Roles) {
		if old, ok := last.Roles[role]; ok {
			es.moved(role, part, old, complain)
		}
	}
	for role, old := range sorted(last.Roles) {
		if _, ok := now.Roles[role]; !ok && old.Rows >= tellsOf && (es.names(role) || percent(old.Rows, last.All.Rows) >= tellsPart) {
			complain("nothing%s any more, where there were %d rows", about(role), old.Rows)
		}
	}
	alone := map[string]int{} // pages of one list share a path: they are not judged alone
	for name := range now.Documents {
		alone[pathOf(name)]++
	}
	for name, rows := range sorted(now.Documents) {
		if old := last.Documents[name]; old >= 100 && lost(rows, old) >= usualDocument && alone[pathOf(name)] == 1 {
			wrong = append(wrong, Finding{name, fmt.Sprintf("%d rows, where there were %d", rows, old)})
		}
	}
	return wrong
}

// Declined compares with the most that was counted before: a fifth less each night
// is never much, and soon everything.
func (es Expectations) Declined(now, peak Measure) (wrong []Finding) {
	look := func(role string, now, peak Part) {
		if lost(now.Rows, peak.Rows) > es.change("rows", role, "", usualRows) {
			wrong = append(wrong, Finding{What: fmt.Sprintf("%d rows%s, where there once were %d", now.Rows, about(role), peak.Rows)})
		}
		for key, old := range sorted(peak.Totals) {
			name, _, _ := strings.Cut(key, " ")
			t, ok := now.Totals[key]
			if by := shift(t.Sum, old.Sum); ok && es.tells(role, name, old, peak) && abs(t.Sum) < abs(old.Sum) && by > es.change("total", role, name, usualTotal) {
				wrong = append(wrong, Finding{What: fmt.Sprintf("the total of %s%s is %d, where it once was %d", key, about(role), t.Sum, old.Sum)})
			}
		}
	}
	if len(now.Roles) != 1 {
		look("", now.All, peak.All)
	}
	for role, part := range sorted(now.Roles) {
		look(role, part, peak.Roles[role])
	}
	return wrong
}

// What is told from a part of the rows: fewer say nothing.
const (
	tellsOf   = 20 // rows
	tellsPart = 5  // per cent of all
)

// tells says whether the sum of a total is worth comparing.
func (es Expectations) tells(role, name string, t Total, all Part) bool {
	_, declared := es.of("total", role, name)
	return t.Rows >= tellsOf && (declared || !t.Observed && percent(t.Rows, all.Rows) >= tellsPart)
}

// names says whether an expectation is about a role.
func (es Expectations) names(role string) bool {
	return slices.ContainsFunc(es, func(e Expectation) bool { return e.Role == role })
}

// pathOf is an address without its query.
func pathOf(address string) string {
	path, _, _ := strings.Cut(address, "?")
	return path
}

// moved complains of what changed too much in one part.
func (es Expectations) moved(role string, now, last Part, complain func(string, ...any)) {
	what := about(role)
	if lost(now.Rows, last.Rows) > es.change("rows", role, "", usualRows) {
		complain("%d rows%s, where there were %d", now.Rows, what, last.Rows)
	}
	if now.Rows == 0 || last.Rows == 0 {
		return
	}
	for _, f := range fillFields {
		a, b := percent(now.Fill[f], now.Rows), percent(last.Fill[f], last.Rows)
		if b-a > es.change("fill", role, f, usualFill) {
			complain("%s is filled in %d %% of the rows%s, where it was in %d %%", f, a, what, b)
		}
	}
	if a, b := percent(now.Rejected, now.Rows+now.Rejected), percent(last.Rejected, last.Rows+last.Rejected); a-b > usualFill {
		complain("%d %% of the rows%s cannot be read, where it was %d %%", a, what, b)
	}
	for key, old := range sorted(last.Totals) {
		name, _, _ := strings.Cut(key, " ")
		t, ok := now.Totals[key]
		_, declared := es.of("total", role, name)
		if !now.has(key, old) && old.Rows >= tellsOf && (declared || percent(old.Rows, last.Rows) >= tellsPart) {
			complain("nothing of %s%s any more, where there were %d rows", key, what, old.Rows)
		}
		if !ok || !es.tells(role, name, old, last) {
			continue
		}
		if by := shift(t.Sum, old.Sum); by > es.change("total", role, name, usualTotal) {
			complain("the total of %s%s is %d, where it was %d: it moved by %d %%", key, what, t.Sum, old.Sum, by)
		}
	}
	appeared(now, last, what, complain)
}

// has says whether a part has rows of a total: of a kind of money in a currency, or
// of an indicator, in whatever unit (an index gets a new base year).
func (p Part) has(key string, t Total) bool {
	if _, ok := p.Totals[key]; ok || !t.Observed {
		return ok
	}
	name, _, _ := strings.Cut(key, " ")
	for other := range p.Totals {
		if n, _, _ := strings.Cut(other, " "); n == name {
			return true
		}
	}
	return false
}

// appeared complains of a kind of money, currency or indicator that was not there
// before and now is most of a part: others stand where the known ones were.
func appeared(now, last Part, what string, complain func(string, ...any)) {
	for key, t := range sorted(now.Totals) {
		if !last.has(key, t) && t.Rows >= tellsOf && percent(t.Rows, now.Rows) > 50 {
			complain("most rows%s are of %s, of which there was none", what, key)
		}
	}
}

func about(role string) string {
	if role == "" {
		return ""
	}
	return " of " + role
}

// percent is n of all, rounded down; of nothing, 0.
func percent(n, all int) int {
	if all == 0 {
		return 0
	}
	return n * 100 / all
}

// lost is by how many per cent rows became fewer, rounded down.
func lost(now, last int) int {
	if last == 0 || now >= last {
		return 0
	}
	return (last - now) * 100 / last
}

// shift is by how many per cent a sum moved, rounded down.
func shift(now, last int64) int {
	if last == 0 {
		if now == 0 {
			return 0
		}
		return 100
	}
	by := now - last
	if by < 0 {
		by = -by
	}
	if last < 0 {
		last = -last
	}
	const most = 1 << 50
	if by > most || last > most {
		by, last = by>>12, max(last>>12, 1)
	}
	return int(by * 100 / last)
}

package dashboards

import (
	"math/big"
	"slices"
	"strconv"
	"strings"

	"hrinvest/warehouse"
)

// shape is how the answer to a question is drawn.
type shape int

const (
	barsOf    shape = iota // one bar a row, with its range
	linesOf                // a line a column over the years, with gaps
	stackedOf              // a bar a year, in parts
)

// plan says how the answer to a question can be drawn: few can, for most are lists of
// what does not compare. What it holds still may have one value only; a picture of
// several countries or promises in one would compare what the question keeps apart.
type plan struct {
	query    string
	shape    shape
	still    []string // columns that hold one value over all rows drawn
	newest   bool     // of the years, the newest is drawn alone
	label    string   // column that names a bar, or a part
	values   []string // columns of the values: of lines several
	low      string   // of the first of them; "": no range
	high     string
	target   string // column of a level to reach
	percent  bool   // values are in per cent, of a whole of 100
	dollars  bool
	perMaker bool // a line holds the values of one source: others measured otherwise
}

// plans are the questions that can be drawn.
func plans() []plan {
	return []plan{
		{query: "spending_by_source", shape: stackedOf, still: []string{"country", "definition"}, label: "source_type", values: []string{"usd_current"}, dollars: true},
		{query: "spending_by_intervention", shape: barsOf, still: []string{"country", "definition"}, newest: true, label: "intervention", values: []string{"usd"}, dollars: true},
		{query: "need_funded", shape: barsOf, still: []string{"area", "definition", "need_method"}, label: "year", values: []string{"funded_pct"}, low: "funded_pct_low", high: "funded_pct_high", percent: true},
		{query: "largest_gaps", shape: barsOf, still: []string{"definition"}, label: "country", low: "gap_pct_low", high: "gap_pct_high", percent: true},
		{query: "spending_per_person", shape: barsOf, still: []string{"country", "definition"}, label: "year", values: []string{"usd_per_pwid_year"}, low: "usd_per_pwid_year_low", high: "usd_per_pwid_year_high", dollars: true},
		{query: "share_of_hiv_spending", shape: linesOf, still: []string{"country", "definition"}, values: []string{"hr_share"}, percent: true},
		{query: "donor_dependence", shape: linesOf, still: []string{"country", "definition"}, values: []string{"domestic_share", "gf_share", "unnamed_share"}, percent: true},
		{query: "coverage_targets", shape: linesOf, still: []string{"country", "commitment", "unit"}, values: []string{"value"}, low: "low", high: "high", target: "target", perMaker: true},
		{query: "transition_replacement", shape: linesOf, still: []string{"country", "donor"}, values: []string{"domestic", "external"}, dollars: true},
	}
}

// questionPicture draws the answer to a question. Without a picture it says why.
func (r *request) questionPicture(w *words, q warehouse.Query, t *Table) (*picture, string, error) {
	i := slices.IndexFunc(plans(), func(p plan) bool { return p.query == q.Name })
	if i < 0 {
		return nil, w.t("picture.not_drawn"), w.err
	}
	p := plans()[i]
	rows, notes := p.drawable(w, t.Rows)
	if len(rows) == 0 {
		return nil, w.t("picture.no_value"), w.err
	}
	var of []string
	for _, c := range p.still {
		values := map[any]bool{}
		for _, row := range rows {
			values[row[c]] = true
		}
		if len(values) > 1 {
			return nil, w.t("picture.choose", "what", w.paramLabel(c)), w.err
		}
		switch cell := r.cell(w, c, "VARCHAR", rows[0]); {
		case c == "unit" || cell.Text == "":
		case c == "country" || c == "area":
			of = append(of, cell.Text)
		default:
			of = append(of, w.paramLabel(c)+": "+cell.Text)
		}
	}
	if p.newest {
		of = append(of, strconv.Itoa(rows[0]["year"].(int)))
	}
	title, _ := w.questionTitle(q)
	out := &picture{Title: title, Basis: strings.Join(of, "; ") + ".", Notes: notes}
	if p.shape == barsOf && !p.newest {
		what := w.t("picture.gap_of_need") // a range alone
		if len(p.values) > 0 {
			what = w.columnLabel(p.values[0])
		}
		out.Basis += " " + what + "."
	}
	if p.dollars {
		out.Basis += " " + w.t("picture.dollars")
	}
	d := &drawingOf{plan: p, w: w, r: r, out: out}
	if d.measure = d.most(rows); d.measure != "" {
		out.Basis += " " + w.t("picture.measure", "measure", d.words(strings.Fields(d.measure)))
	}
	switch p.shape {
	case barsOf:
		d.bars(rows)
	case linesOf:
		d.lines(rows)
	case stackedOf:
		d.stacked(rows)
	}
	return out, "", w.err
}

// drawable are the rows that have something to draw, and what the others are.
func (p plan) drawable(w *words, all []Row) (rows []Row, notes []string) {
	otherBasis, newest := false, 0
	for _, row := range all {
		year, _ := row["year"].(int)
		if basis, ok := row["year_basis"].(string); ok && basis != "calendar" {
			otherBasis = true
			continue
		}
		if year == 0 || p.shape == barsOf && p.number(row) == nil && row[p.low] == nil {
			continue
		}
		newest = max(newest, year)
		rows = append(rows, row)
	}
	if otherBasis {
		notes = append(notes, w.t("picture.other_basis"))
	}
	if p.newest {
		rows = slices.DeleteFunc(rows, func(row Row) bool { return row["year"] != newest })
	}
	if p.shape != barsOf && !slices.ContainsFunc(rows, func(row Row) bool {
		return slices.ContainsFunc(p.values, func(c string) bool { return row[c] != nil })
	}) {
		return nil, notes // years without any value, which the table lists
	}
	return rows, notes
}

// number is the first value of a row, nil when it is missing.
func (p plan) number(row Row) *big.Rat {
	for _, c := range p.values {
		return ratOf(row[c])
	}
	return nil
}

func ratOf(v any) *big.Rat {
	switch v := v.(type) {
	case *big.Rat:
		return v
	case int:
		return big.NewRat(int64(v), 1)
	}
	return nil
}

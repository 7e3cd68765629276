package dashboards

import (
	"cmp"
	"math/big"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// maxRows bounds the rows of a page; the files have them all.
const maxRows = 150

// maxFlows bounds the flows that the pages of a list go through; of more, a reader is
// asked to choose.
const maxFlows = 1000

// flowRow is a row of the page of flows.
type flowRow struct {
	ID, Title, Source, Funder, Service, Kind, When, Amount, USD, Mark, ExcludedBy string
	Counted                                                                       bool

	kind string // its code
	year int
	usd  *big.Rat
}

// flowsPage lists the flows behind a figure, those of the newest year first, in pages.
func flowsPage(r *request) (*answer, error) {
	args, err := r.arguments(append(filters("flows"), "page")...)
	if err != nil {
		return nil, err
	}
	number, err := r.pageNumber(args)
	if err != nil {
		return nil, err
	}
	if err := r.knownCountry(args); err != nil {
		return nil, err
	}
	args["limit"] = strconv.Itoa(maxFlows + 1)
	t, err := r.named("flows", args)
	if err != nil {
		return nil, err
	}
	delete(args, "limit")
	if err := r.nothing("flows", args, t); err != nil {
		return nil, err
	}
	text := map[string]string{}
	for k, v := range args {
		text[k], _ = v.(string)
	}
	w := &words{Locale: r.loc}
	body := struct {
		Country, Path, Query string
		Rows                 []flowRow
		Total                int
		More                 bool   // there are more than Total
		Sum                  string // of all rows that count, where they may be added
		Page, Pages          int
		Before, After        string // addresses of the pages beside this one
	}{Path: "/flows", Query: query(text), Total: min(len(t.Rows), maxFlows), More: len(t.Rows) > maxFlows, Page: number}
	if iso, ok := args["country"].(string); ok {
		c := r.ed.cat.byISO[iso]
		body.Country, r.noted = c.Name(r.loc.Lang), c.noted()
	}
	rows, err := r.flowRows(w, t.Rows[:body.Total])
	if err != nil {
		return nil, err
	}
	if !body.More { // a part of them, in any order, would pass for the newest of all
		slices.SortStableFunc(rows, func(a, b flowRow) int {
			return cmp.Or(cmp.Compare(b.year, a.year), strings.Compare(a.Kind, b.Kind), strings.Compare(a.Funder, b.Funder), strings.Compare(a.Service, b.Service), strings.Compare(a.ID, b.ID))
		})
		body.Sum = w.flowSum(rows)
	}
	body.Pages = max(1, (len(rows)+maxRows-1)/maxRows)
	if number > body.Pages {
		return nil, &pageError{status: http.StatusNotFound, key: "error.not_found"}
	}
	beside := func(n int) string {
		if n < 1 || n > body.Pages {
			return ""
		}
		text["page"] = strconv.Itoa(n)
		return address(r.loc.Lang, "/flows", text)
	}
	body.Before, body.After = beside(number-1), beside(number+1)
	body.Rows = rows[(number-1)*maxRows : min(number*maxRows, len(rows))]
	if w.err != nil {
		return nil, w.err
	}
	return r.render("flows", "/flows", body)
}

// pageNumber takes the number of the page out of the arguments.
func (r *request) pageNumber(args map[string]any) (int, error) {
	v, ok := args["page"].(string)
	delete(args, "page")
	if !ok {
		return 1, nil
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 {
		return 0, &pageError{status: http.StatusBadRequest, key: "error.number", args: []any{"name", "page", "value", v}}
	}
	return n, nil
}

func (r *request) flowRows(w *words, rows []Row) ([]flowRow, error) {
	m := &maker{words: w, b: &Brief{Lang: r.loc.Lang}, cat: r.ed.cat}
	out := make([]flowRow, len(rows))
	for i, row := range rows {
		s := &scan{row: row}
		f := flowRow{
			ID: s.text("flow_id"), Title: s.text("title"), Source: w.localSource(r.ed.cat.source(s.text("source"))).Title,
			Funder: m.funder(s.text("funder"), s.text("funder_type")), Service: r.ed.cat.intervention(s.text("intervention"), r.loc.Lang),
			Kind: m.or("kind.", s.text("kind")), Amount: m.amount(s.num("amount"), s.text("currency")), USD: m.amount(s.num("usd"), ""),
			Counted: s.flag("counted"), When: w.t("when.none"), Mark: m.markText(methodOf(s.words("hr_method"), s.words("flags"))),
			kind: s.text("kind"), year: s.whole("year"), usd: s.num("usd"),
		}
		if by := s.text("excluded_by"); by != "" {
			f.ExcludedBy = inSentence(strings.TrimSuffix(m.rule(by), "."))
		}
		if f.year > 0 {
			f.When = m.when(f.year, s.text("year_basis"))
		} else if c := s.text("cycle"); c != "" {
			f.When = w.t("when.cycle", "cycle", c)
		}
		if s.err != nil {
			return nil, s.err
		}
		out[i] = f
	}
	return out, nil
}

// flowSum is the sum of the rows that count, where they are of one kind and of one year
// or cycle, and all have dollars: else they do not add up, and it is "".
func (w *words) flowSum(rows []flowRow) string {
	var sum *big.Rat
	var of flowRow
	n := 0
	for _, f := range rows {
		if !f.Counted {
			continue
		}
		if n == 0 {
			of, sum = f, new(big.Rat)
		}
		if f.kind != of.kind || f.When != of.When || f.usd == nil {
			return ""
		}
		sum.Add(sum, f.usd)
		n++
	}
	if n == 0 {
		return ""
	}
	return w.n("flows.sum", n, "sum", w.Number(sum, 2), "kind", of.Kind, "when", of.When)
}

// amount writes money in its own currency with two decimals, or words.
func (m *maker) amount(v *big.Rat, currency string) string {
	if v == nil {
		return m.t("absent.no_rate")
	}
	s := m.Number(v, 2)
	if currency != "" {
		s += "\u00a0" + currency
	}
	return s
}

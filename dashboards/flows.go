package dashboards

import (
	"math/big"
	"strconv"
)

// maxRows bounds the rows of a page; the files have them all.
const maxRows = 150

// flowRow is a row of the page of flows.
type flowRow struct {
	ID, Title, Source, Funder, Service, Kind, When, Amount, USD, Mark, ExcludedBy string
	Counted                                                                       bool
}

// flowsPage lists the flows behind a figure.
func flowsPage(r *request) (*answer, error) {
	args, err := r.arguments(filters("flows")...)
	if err != nil {
		return nil, err
	}
	if err := r.knownCountry(args); err != nil {
		return nil, err
	}
	args["limit"] = strconv.Itoa(maxRows + 1)
	t, err := r.named("flows", args)
	if err != nil {
		return nil, err
	}
	w := &words{Locale: r.loc}
	m := &maker{words: w, b: &Brief{Lang: r.loc.Lang}, cat: r.ed.cat}
	body := struct {
		Country, Path, Query string
		Rows                 []flowRow
		Total                int
	}{Path: "/flows", Query: r.query(), Total: len(t.Rows)}
	if iso, ok := args["country"].(string); ok {
		c := r.ed.cat.byISO[iso]
		body.Country, r.noted = c.Name(r.loc.Lang), c.noted()
	}
	for i, row := range t.Rows {
		if i == maxRows {
			break
		}
		s := &scan{row: row}
		f := flowRow{
			ID: s.text("flow_id"), Title: s.text("title"), Source: w.localSource(r.ed.cat.source(s.text("source"))).Title,
			Funder: m.funder(s.text("funder"), s.text("funder_type")), Service: r.ed.cat.intervention(s.text("intervention"), r.loc.Lang),
			Kind: m.or("kind.", s.text("kind")), Amount: m.amount(s.num("amount"), s.text("currency")), USD: m.amount(s.num("usd"), ""),
			ExcludedBy: s.text("excluded_by"), Counted: s.flag("counted"), When: w.t("when.none"),
			Mark: m.markText(methodOf(s.words("hr_method"), s.words("flags"))),
		}
		if y := s.whole("year"); y > 0 {
			f.When = m.when(y, s.text("year_basis"))
		} else if c := s.text("cycle"); c != "" {
			f.When = w.t("when.cycle", "cycle", c)
		}
		if s.err != nil {
			return nil, s.err
		}
		body.Rows = append(body.Rows, f)
	}
	if w.err != nil {
		return nil, w.err
	}
	return r.render("flows", "/flows", body)
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

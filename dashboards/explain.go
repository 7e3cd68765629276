package dashboards

import (
	"encoding/json"
	"math/big"
	"net/http"
	"sort"
	"strconv"
	"strings"

	"hrinvest/dashboards/locales"
)

// pair is a name and its value on a page: Parts, where not all of it is in the page's
// language, else Text.
type pair struct {
	Name, Text, URL string
	Parts           []locales.Part
}

// quote marks a value as words of others.
func (p *pair) quote() { p.Parts = []locales.Part{{Text: p.Text}} }

// step is one level of the way from a number to its document.
type step struct {
	Title string
	Pairs []pair
}

// flowPage leads from a number down to the document it stands in.
func flowPage(r *request) (*answer, error) {
	id, ext, _ := strings.Cut(r.PathValue("file"), ".")
	t, err := r.named("explain", map[string]any{"flow_id": id})
	if err != nil {
		return nil, err
	}
	if len(t.Rows) == 0 {
		return nil, &pageError{status: http.StatusNotFound, key: "error.no_flow"}
	}
	if ext == "json" {
		b, err := tableJSON(t, r.ed.rel)
		if err != nil {
			return nil, err
		}
		a := newAnswer("application/json; charset=utf-8", b)
		a.notKept = true
		return a, nil
	}
	if ext != "" {
		return nil, &pageError{status: http.StatusNotFound, key: "error.not_found"}
	}
	w := &words{Locale: r.loc}
	m := &maker{words: w, b: &Brief{Lang: r.loc.Lang}, cat: r.ed.cat}
	body := struct {
		ID               string
		Steps            []step
		Quoted           []pair
		Siblings, Report string
	}{ID: id, Steps: m.explain(t.Rows[0], r.s.rules), Report: r.report("/flow/" + id)}
	s := &scan{row: t.Rows[0]}
	body.Siblings = address(r.loc.Lang, "/questions/siblings", map[string]string{"disclosure_id": s.text("disclosure_id")})
	if raw := s.text("raw"); raw != "" {
		body.Quoted = quoted(raw)
	}
	if s.err != nil {
		return nil, s.err
	}
	if w.err != nil {
		return nil, w.err
	}
	r.noted = r.ed.cat.byISO[s.text("country")].noted()
	a, err := r.render("flow", "/flow/"+id, body)
	if err != nil {
		return nil, err
	}
	a.notKept = true // there are too many of them to keep
	return a, nil
}

// explain writes the three levels: the number, the statement, the document.
func (m *maker) explain(row Row, rules func(string) []Rule) []step {
	s := &scan{row: row}
	var steps []step
	start := func(key string) { steps = append(steps, step{Title: m.t(key)}) }
	add := func(key, text string, link ...string) *pair {
		if text == "" {
			return new(pair)
		}
		p := pair{Name: m.t(key), Text: text}
		if len(link) > 0 && (web(link[0]) || strings.HasPrefix(link[0], "/")) {
			p.URL = link[0]
		}
		last := &steps[len(steps)-1]
		last.Pairs = append(last.Pairs, p)
		return &last.Pairs[len(last.Pairs)-1]
	}
	iso := s.text("country")
	start("flow.number")
	add("table.country", m.cat.byISO[iso].Name(m.b.Lang))
	add("table.kind", m.or("kind.", s.text("kind")))
	mark := m.markText(methodOf(s.words("hr_method"), s.words("flags")))
	add("flow.amount", strings.TrimSpace(m.amount(s.num("amount"), s.text("currency"))+" "+mark))
	usd := m.t("absent.no_rate")
	if v := s.num("usd"); v != nil {
		usd = strings.TrimSpace(m.Number(v, 2) + " " + mark)
	}
	add("flow.usd", usd)
	if v := s.num("rate"); v != nil {
		text := m.Plain(v, 6) + " " + s.text("currency") + " / USD"
		if d := s.date("rate_date"); !d.IsZero() {
			text += ", " + m.Date(d)
		}
		add("flow.rate", text+" "+s.text("rate_source"))
	}
	if v := s.num("usd_constant"); v != nil {
		add("flow.constant", m.t("flow.constant_text", "amount", m.Number(v, 2), "year", s.whole("price_year"), "deflator", s.text("deflator")))
	}
	payer := add("table.funder", m.funder(s.text("funder"), s.text("funder_type")))
	payer.Parts = m.Parts(payer.Text)
	add("table.service", m.cat.intervention(s.text("intervention"), m.b.Lang))
	add("flow.method", strings.TrimSpace(m.or("hr_method.", s.text("hr_method"))+" "+s.text("hr_rule")))
	for _, rule := range rules(s.text("hr_rule")) {
		p := add("flow.rule", rule.ID, rule.Source)
		p.Parts = m.ruleText(rule, m.cat)
	}
	add("column.confidence", m.or("confidence.", s.text("confidence")))
	if a, b := s.date("period_start"), s.date("period_end"); !a.IsZero() && !b.IsZero() {
		add("flow.period", m.Date(a)+m.Dash()+m.Date(b))
	}
	when := m.t("when.none")
	if y := s.whole("year"); y > 0 {
		when = m.when(y, s.text("year_basis"))
	} else if c := s.text("cycle"); c != "" {
		when = m.t("when.cycle", "cycle", c)
	}
	add("table.when", when)
	if v := s.whole("value_year"); v > 0 && v != s.whole("year") {
		add("flow.value_year", strconv.Itoa(v)) // the transaction and the value of its amount are dated apart
	}
	counted := m.t("flow.counted")
	if !s.flag("counted") {
		counted = m.t("flow.excluded", "rule", m.rule(s.text("excluded_by")))
	}
	add("table.notes", counted)
	if by := s.text("excluded_by_donor"); by != "" {
		add("flow.donor_view", m.t("flow.excluded", "rule", m.rule(by)))
	}
	if id := s.text("stands_for"); id != "" {
		add("flow.instead", id, "/"+m.b.Lang+"/flow/"+id)
	}
	add("flow.tier", m.or("tier.", s.text("tier")))
	add("flow.flags", m.flagList(s.words("flags")))

	start("flow.statement")
	title := s.text("title_published")
	if title == "" {
		title = m.t("site.untitled")
	}
	p := add("table.title", title)
	p.Parts = m.Parts(title)
	add("flow.published", m.amount(s.num("amount_published"), s.text("currency_published")))
	if v := s.num("share"); v != nil {
		add("flow.share", m.Percent(new(big.Rat).Mul(v, hundred), 4)+" ("+m.splitText(s.words("split_basis"))+")")
	}
	add("flow.locator", s.text("locator"))
	add("table.source", s.text("statement_url"), s.text("statement_url"))

	start("flow.document")
	add("table.publisher", s.text("source_publisher"), s.text("source_home")).quote()
	add("table.origin", m.or("origin.", s.text("origin")))
	add("table.name", s.text("document_url"), s.text("document_url"))
	add("flow.sha", s.text("document_sha256"))
	if d := s.date("retrieved"); !d.IsZero() && s.text("origin") != "bundled" {
		add("flow.retrieved", m.Date(d))
	}
	if d := s.date("compiled"); !d.IsZero() {
		add("flow.compiled", m.Date(d))
	}
	for _, c := range s.words("cites") {
		add("flow.cites", c, c)
	}
	add("table.licence", m.localSource(Source{Licence: s.text("licence")}).Licence)
	if s.err != nil && m.err == nil {
		m.err = s.err
	}
	return steps
}

// rule is a counting rule in words, with its id.
func (m *maker) rule(id string) string {
	if r, ok := m.cat.counting[id]; ok {
		return r.in(m.b.Lang) + " (" + id + ")"
	}
	return id
}

// splitText says by what a statement was split.
func (w *words) splitText(by []string) string {
	var out []string
	for _, b := range by {
		out = append(out, w.or("split.", b))
	}
	return strings.Join(out, ", ")
}

// quoted reads the raw fields of a statement for a page, in their order.
func quoted(raw string) []pair {
	var fields map[string]any
	if json.Unmarshal([]byte(raw), &fields) != nil {
		return []pair{{Name: "", Text: raw}}
	}
	var out []pair
	for k, v := range fields {
		text, ok := v.(string)
		if !ok {
			b, _ := json.Marshal(v) // came from JSON
			text = string(b)
		}
		out = append(out, pair{Name: k, Text: text})
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}

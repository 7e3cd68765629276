package dashboards

import (
	"strconv"
	"strings"

	"hrinvest/dashboards/locales"
)

// registered is a promise on the page of the register.
type registered struct {
	ID, Text, Instrument, Force, Kind, Bound, Adopted, Target string
	Metric, Threshold, Prices, Position, URL, Verified        string
	Supersedes, Checked, Note                                 string
}

// registerPage lists the promises, filtered by a plain form.
func registerPage(r *request) (*answer, error) {
	args, err := r.arguments(filters("commitments")...)
	if err != nil {
		return nil, err
	}
	t, err := r.sorted("commitments", args)
	if err != nil {
		return nil, err
	}
	if err := r.nothing("commitments", args, t); err != nil {
		return nil, err
	}
	w := &words{Locale: r.loc}
	text := map[string]string{}
	for k, v := range args {
		text[k], _ = v.(string)
	}
	body := struct {
		Path, Query, Sort string
		Fields            []field
		Heads             []gridHead
		Rows              []registered
		Total             int
	}{Path: "/commitments", Query: query(text), Sort: text["sort"], Total: len(t.Rows)}
	for _, name := range []string{"kind", "force", "bound"} {
		body.Fields = append(body.Fields, field{Name: name, Label: w.t("register." + name), Value: text[name], Choices: r.occurring(w, name, text[name])})
	}
	body.Fields = append(body.Fields, field{Name: "year", Label: w.t("table.deadline"), Value: text["year"], Type: "int"})
	body.Heads = r.heads(w, "/commitments", []string{"commitment", "force", "bound", "target_year", "threshold", "verification"})
	body.Heads[0].Sort = r.sorter("/commitments")("id")
	m := &maker{words: w, b: &Brief{Lang: r.loc.Lang}, cat: r.ed.cat}
	for _, row := range t.Rows {
		s := &scan{row: row}
		body.Rows = append(body.Rows, m.registered(s))
		if s.err != nil {
			return nil, s.err
		}
	}
	if w.err != nil {
		return nil, w.err
	}
	return r.render("commitments", "/commitments", body)
}

func (m *maker) registered(s *scan) registered {
	g := Gap{Commitment: s.text("id"), TextEN: s.text("text_en"), TextRU: s.text("text_ru"), Required: s.num("threshold"), Unit: s.text("unit"), Comparator: s.text("comparator")}
	out := registered{
		ID: g.Commitment, Text: g.Text(m.b.Lang), Force: m.or("force.", s.text("force")), Kind: m.or("promise_kind.", locales.Key(s.text("kind"))),
		Bound: m.place(m.cat, s.text("bound")), Adopted: m.Day(s.text("adopted")), Target: m.t("promise.no_deadline"), Metric: s.text("metric"), Threshold: m.t("absent.no_number"),
		URL: s.text("source_url"), Verified: s.text("verification"), Supersedes: s.text("supersedes"), Note: s.text("note"),
	}
	out.Instrument, _ = m.Say(s.text("instrument"))
	for _, part := range []string{s.text("reference"), s.text("paragraph")} {
		if part != "" {
			part, _ = m.Say(part)
			out.Instrument += ", " + part
		}
	}
	if y := s.whole("target_year"); y > 0 {
		out.Target = strconv.Itoa(y)
	}
	if g.Required != nil {
		out.Threshold = m.required(g)
		if high := s.num("threshold_high"); high != nil {
			out.Threshold += m.Dash() + m.value(high, g.Unit)
		}
	}
	if p := s.text("price_basis"); p != "" {
		out.Prices = m.t("gaps.prices", "basis", m.or("price_basis.", locales.Key(p)))
	}
	var positions []string
	for _, p := range s.words("position") {
		iso, position, _ := strings.Cut(p, ":")
		positions = append(positions, m.cat.place(iso, m.b.Lang)+m.Dash()+m.or("position.", position))
	}
	out.Position = strings.Join(positions, ", ")
	if d := s.date("checked_on"); !d.IsZero() {
		out.Checked = m.t("register.checked", "date", m.Date(d))
	}
	return out
}

package dashboards

import (
	"strconv"
	"strings"
)

// maxAsks is how many requests a brief proposes.
const maxAsks = 3

// asks are requests to a ministry or a donor, with the numbers of this brief, for an
// advocate to change: what is missing to the need, what ends, what was promised, what
// is not published. Each is a whole sentence of figures that stand in the brief.
func (m *maker) asks() {
	b := m.b
	add := func(text string) {
		if len(b.Asks) < maxAsks {
			b.Asks = append(b.Asks, sentences(text))
		}
	}
	if len(b.Gap) > 1 {
		add(m.t("asks.gap", "gap", b.Gap[1].Text, "need", b.Gap[0].Text, "year", b.Gap[0].Year))
	}
	for _, e := range b.Ends {
		if !e.Past {
			add(m.t("asks.ends", "date", e.Date, "amount", e.Amount.Shown(), "funder", e.Funder, "title", e.Title))
			break // the soonest
		}
	}
	for _, p := range b.Promises {
		if p.Figure.Value != nil && (p.Look == "not_met" || p.Look == "so_far") {
			add(m.t("asks.promise", "text", strings.TrimSuffix(p.Text, "."), "actual", p.Actual, "year", p.Year, "instrument", p.Instrument))
			break
		}
	}
	for _, l := range b.Services {
		if l.cut != nil {
			add(m.t("asks.cut", "cycle", l.Amount.Year, "year", l.cut.year))
			break
		}
	}
	l := b.Harm.Latest()
	switch {
	case l == nil:
		add(m.t("asks.publish_none"))
	case !l.has(&b.Harm, "domestic"):
		add(m.t("asks.publish", "year", l.Year))
	}
	if p := m.population(); p == nil {
		add(m.t("asks.size_none"))
	} else {
		add(m.t("asks.size", "people", m.people(p.Value, p.Year)))
	}
	var none []string
	for _, c := range b.Coverage {
		if c.Status == "not_reported" {
			none = append(none, inSentence(c.Label))
		}
	}
	if len(none) > 0 {
		add(m.t("asks.coverage", "indicators", strings.Join(none, "; ")))
	}
}

// votes say how the country voted on promises of the register, or that it did not
// join them, where the register has it.
func (m *maker) votes() {
	seen := map[string]bool{}
	for _, g := range m.facts.gaps {
		for _, p := range strings.Fields(g.Position) {
			iso, position, _ := strings.Cut(p, ":")
			if iso != m.b.Country.ISO3 || seen[g.Commitment] {
				continue
			}
			seen[g.Commitment] = true
			what, _ := m.Say(g.Instrument)
			if g.Reference != "" {
				reference, _ := m.Say(g.Reference)
				what += ", " + reference
			}
			if g.Adopted > 0 && !strings.Contains(what, strconv.Itoa(g.Adopted)) {
				what += " (" + strconv.Itoa(g.Adopted) + ")"
			}
			if m.Has("vote." + position) {
				m.b.Votes = append(m.b.Votes, sentences(m.t("vote."+position, "what", what)))
			}
		}
	}
}

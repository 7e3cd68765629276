package dashboards

import (
	"math/big"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"hrinvest/dashboards/locales"
)

// Need is this project's estimate of what harm reduction costs in a country in a
// year.
type Need struct {
	Year               int // of the population size
	Low, Central, High *big.Rat
	People             *big.Rat
	Method, Inputs     string
	Latest             bool
	Source             string
}

func readNeed(s *scan) Need {
	return Need{
		Year: s.whole("year"), Low: s.num("low"), Central: s.num("central"), High: s.num("high"), People: s.num("pwid"),
		Method: s.text("method"), Inputs: s.text("inputs"), Latest: s.flag("latest"), Source: s.text("source"),
	}
}

// four decides the figures a reader sees first: money spent, the share of the
// country's own money, what would be needed, and money per person.
func (m *maker) four() {
	m.b.Four = []Figure{m.spend(), m.domestic(), m.ofNeed(), m.perPerson()}
}

// spend is harm reduction money of the last year; where only grant-cycle
// budgets exist, that budget, said to be of several years.
func (m *maker) spend() Figure {
	if l := m.b.Harm.Latest(); l != nil {
		f := l.Total
		f.ID, f.Label = "spend", m.t("four.spend", "year", l.Year)
		f.Note = sentences(l.Mix, m.bound(l.Year))
		f.Link = l.Link
		m.bounded(&f)
		return f
	}
	if f, funder := m.cycleBudget(); f != nil {
		f.Label = m.t("four.cycle", "cycle", f.Year)
		f.Note = strings.TrimSpace(m.t("four.cycle_note", "funder", funder) + " " + f.Note)
		return *f
	}
	f := m.usd("spend", m.t("four.spend_none"), nil)
	f.Note = m.t("four.spend_none_note")
	return f
}

// cycleBudget is the harm reduction budget of the last grant cycle by the payer
// who budgets most: one payer, one cycle and one kind, so that its services may
// be added up.
func (m *maker) cycleBudget() (*Figure, string) {
	type key struct{ funder, kind, cycle string }
	sums := map[key]*part{}
	last := ""
	for _, r := range m.facts.spending {
		if r.Year != 0 || r.Kind != "budget" || r.Cycle == "" || covid(r.Cycle) || r.USD == nil || !m.cat.interventions[r.Intervention].HRI {
			continue
		}
		last = laterCycle(last, r.Cycle)
		k := key{r.Funder, r.FunderType, r.Cycle}
		if sums[k] == nil {
			sums[k] = &part{group: group(r.Funder, r.FunderType), measure: r.Kind}
		}
		*sums[k] = addPart([]part{*sums[k]}, r)[0]
	}
	var best *part
	var of key
	for k, p := range sums {
		if k.cycle == last && (best == nil || p.usd.Cmp(best.usd) > 0 || p.usd.Cmp(best.usd) == 0 && k.funder < of.funder) {
			best, of = p, k
		}
	}
	if best == nil || best.usd.Sign() <= 0 {
		return nil, ""
	}
	f := m.usd("spend", "", best.usd)
	f.Year, f.Basis, f.Kind, f.Refs = of.cycle, "cycle", "budget", m.ref(best.cites...)
	f.Link = "/" + m.b.Lang + "/flows?" + url.Values{"country": {m.b.Country.ISO3}, "cycle": {of.cycle}, "kind": {"budget"}, "definition": {Definition}, "funder": {of.funder}}.Encode()
	m.mark(&f, best.how)
	if c := m.cutOf(best.group, of.cycle); c != nil {
		f.Note, f.Refs = sentences(m.t("cut.short", "year", c.year)), uniqueInts(append(f.Refs, c.refs...))
	}
	return &f, m.funder(of.funder, of.kind)
}

var hundred = big.NewRat(100, 1)

// domestic is the share of the country's own public money in the last year in
// which both it and somebody else's money are reported, and no more than a
// rounding is of a payer not stated. Of HIV money, it is taken from the country's
// own report alone, both parts of it: what else was found is no whole to have a
// share of.
func (m *maker) domestic() Figure {
	report := m.byYear("report", m.reports())
	for _, s := range []*Series{&m.b.Harm, &report} {
		for i := len(s.Lines) - 1; i >= 0; i-- {
			l := s.Lines[i]
			own, unknown := (*big.Rat)(nil), new(big.Rat)
			others := false
			var refs []int
			for j, c := range l.Cells {
				if c.Value == nil {
					continue
				}
				refs = append(refs, c.Refs...)
				switch s.Groups[j] {
				case "domestic":
					own = c.Value
				case "unknown":
					unknown = c.Value
				default:
					others = true
				}
			}
			total := l.Total.Value
			if own == nil || !others || total == nil || total.Sign() <= 0 {
				continue
			}
			pct := new(big.Rat).Mul(new(big.Rat).Quo(own, total), hundred)
			most := new(big.Rat).Mul(new(big.Rat).Quo(new(big.Rat).Add(own, unknown), total), hundred)
			if pct.FloatString(0) != most.FloatString(0) {
				continue // money of a payer not stated may be the country's own
			}
			f := Figure{ID: "domestic_share", Label: m.t("four.domestic_"+s.ID, "year", l.Year), Value: pct, Text: m.Percent(pct, 0), Unit: "percent",
				Year: strconv.Itoa(l.Year), Basis: "calendar", Kind: "best_available", Status: "reported", Refs: uniqueInts(refs),
				Note: m.t("four.domestic_note", "amount", m.USD(own), "total", m.USD(total), "measures", l.Short), Link: l.Link}
			m.mark(&f, l.Total.how)
			return f
		}
	}
	note := m.t("four.domestic_none_note")
	if m.undatedDomestic() {
		note = m.t("four.domestic_undated")
	}
	return Figure{ID: "domestic_share", Label: m.t("four.domestic_none"), Text: m.t("absent.not_reported"), Status: "not_reported", Note: note}
}

func uniqueInts(in []int) []int {
	var out []int
	for _, v := range in {
		if !containsInt(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// ofNeed is the share of the need that is known to be paid, where the warehouse lets
// them be compared. Else it is the estimate of need alone, as a range: in the prices
// of the year of the money, or of the newest year that has a price index. Only where
// no index is known is it at unit costs in the prices of their own years, and said to
// be.
func (m *maker) ofNeed() Figure {
	if f, ok := m.funded(); ok {
		return f
	}
	year := 0
	if l := m.b.Harm.Latest(); l != nil {
		year = l.Year
	}
	if n := m.priced(year); n != nil {
		return Figure{ID: "need", Label: m.t("four.need_priced", "year", n.Year), Low: n.Low, High: n.High, Unit: "USD", Year: strconv.Itoa(n.Year), Basis: "prices_of_year", Kind: "need",
			Text: m.USDRange(n.Low, n.High), Status: "estimate", Refs: m.sizeRefs(n.PeopleYear, n.Source), Link: m.trailOf("country_need_prices", n.Year, false),
			Note: sentences(m.t("four.need_priced_note", "people", m.people(n.People, n.PeopleYear), "year", n.Year))}
	}
	for _, n := range m.facts.needs {
		if !n.Latest || n.Method != "bottom_up" || n.Low == nil || n.High == nil || n.People == nil {
			continue
		}
		return Figure{ID: "need", Label: m.t("four.need"), Low: n.Low, High: n.High, Unit: "USD", Year: strconv.Itoa(n.Year), Basis: "mixed_prices",
			Text: m.USDRange(n.Low, n.High), Status: "estimate", Refs: m.ref(n.Source),
			Note: sentences(m.t("four.need_note", "people", m.people(n.People, n.Year)))}
	}
	return Figure{ID: "need", Label: m.t("four.need"), Text: m.t("absent.unknown"), Status: "unknown", Note: m.t("four.person_no_size")}
}

// population is the newest estimate of people who inject drugs.
func (m *maker) population() *Observation {
	var best *Observation
	for i, o := range m.facts.observed {
		if o.Indicator == "pwid_size" && o.Value != nil && o.Value.Sign() > 0 && (best == nil || o.Year > best.Year) {
			best = &m.facts.observed[i]
		}
	}
	return best
}

// perPerson divides a year's money by the people the warehouse sets it against. What
// single payers disclose is not divided: it is not the money of the country.
func (m *maker) perPerson() Figure {
	l := m.b.Harm.Latest()
	f := Figure{ID: "per_person", Label: m.t("four.person_none"), Text: m.t("absent.unknown"), Status: "unknown"}
	if l == nil || l.Total.Value == nil {
		p := m.population()
		switch n := m.priced(0); {
		case n != nil: // those of the need beside it
			f.Note, f.Refs = sentences(m.t("four.person_no_money", "people", m.people(n.People, n.PeopleYear))), m.sizeRefs(n.PeopleYear, n.Source)
		case p != nil:
			f.Note, f.Refs = sentences(m.t("four.person_no_money", "people", m.people(p.Value, p.Year))), m.ref(p.cite())
		default:
			f.Note = m.t("four.person_no_size")
		}
		return f
	}
	p := m.person(l.Year)
	if p == nil {
		f.Note = m.t("four.person_no_size")
		return f
	}
	people := m.people(p.People, p.PeopleYear)
	f.Label, f.Link = m.t("four.person", "year", l.Year), m.trailOf("spending_per_person", l.Year, true)
	f.Refs = uniqueInts(append(append([]int{}, l.Total.Refs...), m.sizeRefs(p.PeopleYear, p.Source)...))
	if bound := m.bound(l.Year); bound != "" {
		f.Note = sentences(m.t("four.person_singly", "bound", bound), people)
		return f
	}
	f.Value = new(big.Rat).Quo(l.Total.Value, p.People)
	f.Unit, f.Status, f.Text = "USD per person", "estimate", m.perUSD(f.Value)
	m.bounded(&f)
	f.Year, f.Basis, f.Kind, f.Note = strconv.Itoa(l.Year), "calendar", "best_available", sentences(people)
	if p.Reason == "people_of_another_time" {
		f.Note = sentences(people, m.cat.reason(p.Reason, m.b.Lang))
	}
	m.mark(&f, l.Total.how)
	return f
}

// perUSD writes a small amount with cents.
func (m *maker) perUSD(v *big.Rat) string {
	if v.Cmp(hundred) >= 0 {
		return m.USD(v)
	}
	return m.Dollars(m.Number(v, 2))
}

// headline is the brief in one sentence. It says "at least": what is not
// disclosed is not in it.
func (m *maker) headline() {
	c := m.b.Country
	in := c.In(m.b.Lang)
	l := m.b.Harm.Latest()
	cycle, funder := m.cycleBudget()
	switch {
	case l != nil:
		verb := m.t("headline.verb." + m.verb(l))
		m.b.Headline = m.t("headline.money", "in_country", in, "year", l.Year, "amount", m.atLeastUSD(l.Total.Shown()), "verb", verb)
		if bound := m.bound(l.Year); bound != "" {
			m.b.Headline = strings.TrimSuffix(m.b.Headline, ".") + "; " + bound + "."
		}
		if cycle != nil {
			m.b.Beside = strings.TrimSpace(m.t("headline.beside", "amount", cycle.Shown(), "funder", funder, "cycle", cycle.Year) + " " + cycle.Note)
		}
	case cycle != nil:
		note := cycle.Note
		if note != "" {
			note = " " + note
		}
		m.b.Headline = m.t("headline.cycle", "in_country", in, "amount", cycle.Shown(), "funder", funder, "cycle", cycle.Year, "note", note)
	case m.widest() != nil:
		l := m.widest()
		amount := l.Total.Shown()
		if l.Only != "" {
			amount += " (" + l.Only + ")"
		}
		m.b.Headline = m.t("headline.hiv_only", "in_country", in, "amount", amount, "year", l.Year)
	default:
		m.b.Headline = m.t("headline.nothing", "in_country", in)
	}
	m.b.Headline = locales.Sentence(m.b.Headline)
	m.b.Basis = m.t("headline.basis", "definition", m.definition(Definition))
}

// widest is the last year of HIV money in which the country itself reported, or
// else the last year: a year in which one agency reported says little.
func (m *maker) widest() *YearLine {
	s := &m.b.HIV
	for i := len(s.Lines) - 1; i >= 0; i-- {
		if l := &s.Lines[i]; l.complete(s) && l.Total.Value != nil && l.Total.Value.Sign() > 0 {
			return l
		}
	}
	return s.Latest()
}

// definitionText words a definition of harm reduction; of ours, it names all that is
// left out of the widest one, from the list the program runs by.
func (w *words) definitionText(cat *catalogue, id string) string {
	if id != "hri" {
		return w.t("definition." + id)
	}
	var out []string
	for _, id := range cat.order {
		if i := cat.interventions[id]; (i.Broad || i.WHO2022 || i.Comprehensive9) && !i.HRI {
			out = append(out, inSentence(i.Name(w.Lang)))
		}
	}
	return w.t("definition.hri", "left_out", strings.Join(out, ", "))
}

// inSentence makes the first letter small, but of an abbreviation.
func inSentence(s string) string {
	r := []rune(s)
	if len(r) > 1 && unicode.IsLower(r[1]) {
		r[0] = unicode.ToLower(r[0])
	}
	return string(r)
}

func (m *maker) definition(id string) string { return m.definitionText(m.cat, id) }

// verb says what happened to the money of a year: one measure, or a mix.
func (m *maker) verb(l *YearLine) string {
	kinds := map[string]bool{}
	for _, c := range l.Cells {
		for _, k := range strings.Split(c.Kind, "+") {
			if k != "" {
				kinds[k] = true
			}
		}
	}
	if len(kinds) == 1 {
		for k := range kinds {
			if m.Has("headline.verb." + k) {
				return k
			}
		}
	}
	return "mixed"
}

package dashboards

import (
	"fmt"
	"math/big"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"

	"hrinvest/dashboards/locales"
)

// part is the money of one group in one year by one measure.
type part struct {
	group, measure string
	usd            *big.Rat
	without        int      // statements in it that have no dollar value
	cites, flags   []string // cites: source|address
	funders        []string
	kinds, sources []string // kinds of money in the measure; sources
	how            method
	local          map[string]*big.Rat // :: currency -> amount; nil amount: unknown
}

// series adds up best_available: the one table whose rows may be added across
// funders, since it holds exactly one measure per funder, year and intervention.
func (m *maker) series() {
	var harm, hiv []Money
	for _, r := range m.facts.best {
		switch {
		case r.Year == 0 || (r.YearBasis != "" && r.YearBasis != "calendar"):
			// Fiscal years and cycles stand apart: services() lists them.
		case r.Intervention == "harm_reduction":
			harm = append(harm, r)
		case r.Intervention == "hiv_other":
			hiv = append(hiv, r)
		}
	}
	m.b.Harm = m.byYear("harm", harm)
	m.b.HIV = m.byYear("hiv", hiv)
}

// reports are the rows of the country's own report of its HIV money (flag
// country_reported), harm reduction in it among them.
func (m *maker) reports() []Money {
	var out []Money
	for _, r := range m.facts.best {
		if r.Year > 0 && (r.YearBasis == "" || r.YearBasis == "calendar") && contains(r.Flags, "country_reported") {
			out = append(out, r)
		}
	}
	return out
}

func (m *maker) byYear(id string, rows []Money) Series {
	title := id
	if id == "hiv" && len(m.reports()) == 0 {
		title = "hiv_other" // no report of the country's own: it is no whole
	}
	s := Series{ID: id, Title: m.t("series."+title+".title", "in_country", m.b.Country.In(m.b.Lang)), Basis: m.t("series." + title + ".basis"), parts: map[int][]part{}}
	for _, r := range rows {
		if r.USD == nil && r.WithoutUSD == 0 {
			continue
		}
		s.parts[r.Year] = addPart(s.parts[r.Year], r)
	}
	seen := map[string]bool{}
	first, last := 0, 0
	for y, parts := range s.parts {
		if first == 0 || y < first {
			first = y
		}
		last = max(last, y)
		for _, p := range parts {
			seen[p.group] = true
		}
	}
	for _, g := range groups() {
		if seen[g] {
			s.Groups = append(s.Groups, g)
			s.Labels = append(s.Labels, m.t("group."+g))
		}
	}
	if first == 0 {
		return s
	}
	for y := first; y <= last; y++ {
		l := m.year(&s, y)
		if id == "hiv" && len(l.Cells) > 0 && !l.complete(&s) {
			l.Only = m.only(s.parts[y])
			l.Total.Note += ". " + locales.Sentence(l.Only)
		}
		if len(l.Cells) > 0 {
			l.Link = m.flowsOf(id, y, s.parts[y])
			l.Total.Link = l.Link
			for i, g := range s.Groups {
				// Flows can be chosen by one payer: those of several lead from their year.
				if of := slices.DeleteFunc(slices.Clone(s.parts[y]), func(p part) bool { return p.group != g }); l.Cells[i].Value != nil && payers(of) == 1 {
					l.Cells[i].Link = m.flowsOf(id, y, of)
				}
			}
		}
		s.Lines = append(s.Lines, l)
	}
	return s
}

// flowsOf is the address of the flows that a sum of a series is made of: of one kind,
// payer and source where all of it is, so that the flows there add up to it.
func (m *maker) flowsOf(series string, year int, parts []part) string {
	args := url.Values{"country": {m.b.Country.ISO3}, "year": {strconv.Itoa(year)}}
	switch series {
	case "harm":
		args.Set("definition", Definition)
	case "hiv":
		args.Set("intervention", "hiv_other")
	}
	var kinds, funders, sources []string
	for _, p := range parts {
		kinds, funders, sources = union(kinds, p.kinds), union(funders, p.funders), union(sources, p.sources)
	}
	for name, values := range map[string][]string{"kind": kinds, "funder": funders, "source": sources} {
		if len(values) == 1 {
			args.Set(name, values[0])
		}
	}
	return "/" + m.b.Lang + "/flows?" + args.Encode()
}

// payers counts who pays for parts.
func payers(parts []part) int {
	var names []string
	for _, p := range parts {
		names = union(names, p.funders)
	}
	return len(names)
}

// complete reports whether the country's own report is in a year: public money
// of its own, or a total by nobody in particular. What one funder publishes of
// itself is not the money of a country.
func (l *YearLine) complete(s *Series) bool {
	for i, c := range l.Cells {
		if (s.Groups[i] == "domestic" || s.Groups[i] == "unknown") && c.Value != nil {
			return true
		}
	}
	return false
}

// only names who reported in a year without the country's own report: "only:
// UNAIDS", so that nobody reads a collapse into it.
func (m *maker) only(parts []part) string {
	var names []string
	for _, p := range parts {
		for _, f := range p.funders {
			name := m.funder(f, "")
			if p.group == "international" || p.group == "private" {
				name = m.t("group." + p.group)
			}
			if i := strings.LastIndex(name, " ("); i > 24 && strings.HasSuffix(name, ")") && !digit(name[i+2]) {
				name = strings.TrimSuffix(name[i+2:], ")") // its abbreviation
			}
			names = union(names, []string{name})
		}
	}
	if len(names) > 3 {
		return m.t("chart.only_some", "n", len(names))
	}
	return m.t("chart.only", "names", strings.Join(names, ", "))
}

// addPart adds a row to the part of its group and measure.
func addPart(parts []part, r Money) []part {
	g := group(r.Funder, r.FunderType)
	i := 0
	for i < len(parts) && (parts[i].group != g || parts[i].measure != r.Kind) {
		i++
	}
	if i == len(parts) {
		parts = append(parts, part{group: g, measure: r.Kind})
	}
	p := &parts[i]
	if r.USD != nil {
		if p.usd == nil {
			p.usd = new(big.Rat)
		}
		p.usd = new(big.Rat).Add(p.usd, r.USD)
	}
	p.without += r.WithoutUSD
	p.how = p.how.with(methodOf(r.Methods, r.Flags))
	p.addLocal(r)
	p.cites, p.flags, p.funders = union(p.cites, r.Cites), union(p.flags, r.Flags), union(p.funders, []string{r.Funder})
	p.kinds, p.sources = union(p.kinds, r.Kinds), union(p.sources, r.Sources)
	return parts
}

// addLocal keeps the published money beside the dollars.
func (p *part) addLocal(r Money) {
	if p.local == nil {
		p.local = map[string]*big.Rat{}
	}
	old, ok := p.local[r.Currency]
	switch {
	case r.Amount == nil || r.Currency == "":
		p.local[""] = nil
	case !ok:
		p.local[r.Currency] = r.Amount
	default:
		p.local[r.Currency] = new(big.Rat).Add(old, r.Amount)
	}
}

// published writes the money as published, where it is all of one currency.
func (m *maker) published(p *part) string {
	if len(p.local) != 1 {
		return ""
	}
	for c, v := range p.local {
		if v != nil && c != "" {
			return m.Number(v, 0) + "\u00a0" + c
		}
	}
	return ""
}

func union(a, b []string) []string {
	for _, v := range b {
		found := v == ""
		for _, w := range a {
			found = found || v == w
		}
		if !found {
			a = append(a, v)
		}
	}
	return a
}

// year writes one line of a series.
func (m *maker) year(s *Series, y int) YearLine {
	line := YearLine{Year: y}
	parts := s.parts[y]
	if len(parts) == 0 {
		line.Total = Figure{ID: fmt.Sprintf("%s.%d.total", s.ID, y), Label: m.t("table.total"), Year: strconv.Itoa(y), Basis: "calendar",
			Unit: "USD", Status: "not_reported", Text: m.t("absent.not_reported")}
		return line
	}
	order := map[string]int{}
	for i, g := range groups() {
		order[g] = i
	}
	sort.SliceStable(parts, func(i, j int) bool {
		if parts[i].group != parts[j].group {
			return order[parts[i].group] < order[parts[j].group]
		}
		return parts[i].measure < parts[j].measure
	})
	var total *big.Rat
	var cites, mix, flags, all []string
	var overall method
	without := 0
	for i, g := range s.Groups {
		var sum *big.Rat
		var measures, from, names []string
		var how method
		for _, p := range parts {
			if p.group != g {
				continue
			}
			if p.usd != nil {
				if sum == nil {
					sum = new(big.Rat)
				}
				sum = new(big.Rat).Add(sum, p.usd)
			}
			without += p.without
			how = how.with(p.how)
			measures = union(measures, []string{p.measure})
			from, flags, names = union(from, p.cites), union(flags, p.flags), union(names, p.funders)
		}
		f := m.usd(fmt.Sprintf("%s.%d.%s", s.ID, y, g), s.Labels[i], sum)
		f.Year, f.Basis, f.Kind, f.Refs = strconv.Itoa(y), "calendar", strings.Join(measures, "+"), m.ref(from...)
		m.mark(&f, how)
		overall = overall.with(how)
		line.Cells = append(line.Cells, f)
		if sum != nil {
			if total == nil {
				total = new(big.Rat)
			}
			total = new(big.Rat).Add(total, sum)
		}
		if len(measures) > 0 {
			mix = append(mix, m.named(g, s.Labels[i], names)+": "+m.measures(measures))
		}
		cites, all = union(cites, from), union(all, measures)
	}
	line.Total = m.usd(fmt.Sprintf("%s.%d.total", s.ID, y), m.t("table.total"), total)
	line.Mix, line.Short = strings.Join(mix, "; "), m.measures(all)
	line.Total.Year, line.Total.Basis, line.Total.Kind, line.Total.Note, line.Total.Refs = strconv.Itoa(y), "calendar", "best_available", line.Mix, m.ref(cites...)
	m.mark(&line.Total, overall)
	var notes []string
	if without > 0 {
		notes = append(notes, m.n("note.without_usd", without))
		if total == nil {
			line.Total.Status, line.Total.Text = "unknown", m.t("absent.no_rate")
		}
	}
	for _, f := range flags {
		if m.Has("flag." + f) {
			line.warnings = append(line.warnings, m.t("flag."+f))
		}
	}
	if total != nil && total.Sign() < 0 {
		line.warnings = append(line.warnings, m.t("note.negative"))
	}
	line.Flags = strings.Join(append(notes, line.warnings...), " ")
	return line
}

// named puts the payers of a group beside its label, where the label does not
// name them and they are few.
func (m *maker) named(group, label string, names []string) string {
	switch group {
	case "bilateral", "multilateral", "philanthropic", "other":
		if len(names) <= 2 {
			shown := make([]string, len(names))
			for i, n := range names {
				shown[i] = m.funder(n, "")
			}
			return label + " (" + strings.Join(shown, ", ") + ")"
		}
	}
	return label
}

func (w *words) measures(ids []string) string {
	var out []string
	for _, id := range ids {
		out = append(out, w.or("measure.", id))
	}
	return strings.Join(out, " + ")
}

// measuresOf words the kind of a cell of a series: "spent + disbursed".
func (w *words) measuresOf(kind string) string {
	if kind == "" {
		return ""
	}
	return w.measures(strings.Split(kind, "+"))
}

// when writes a year with its basis: "2016", "US fiscal year 2022".
func (m *maker) when(year int, basis string) string {
	if basis == "" || basis == "calendar" {
		return strconv.Itoa(year)
	}
	return m.or("basis.", basis) + " " + strconv.Itoa(year)
}

// maxFunders is how many payers of one statement are named; of more, their number
// is.
const maxFunders = 2

// funder names who pays; those every reader knows by a word of the language. A
// statement that names many payers together names none of them: their number
// stands instead.
func (w *words) funder(name, kind string) string {
	if list := fundersOf(name); len(list) > maxFunders {
		return w.t("funder.several", "n", len(list))
	} else if len(list) > 1 {
		var out []string
		for _, one := range list {
			out = append(out, w.funder(one, kind))
		}
		return strings.Join(out, "; ")
	}
	lower := strings.ToLower(name)
	switch g := group(name, kind); {
	case name == "" || g == "domestic" || g == "global_fund":
		return w.t("group." + g)
	case strings.Contains(lower, "pepfar"):
		return w.t("funder.pepfar")
	case strings.Contains(lower, "usaid"):
		return w.t("funder.usaid")
	case w.Has("funder." + key(name)):
		return w.t("funder." + key(name)) // a payer that is a heading, not a name
	}
	said, _ := w.Say(name)
	return said
}

func digit(b byte) bool { return '0' <= b && b <= '9' }

package dashboards

import (
	"net/url"
	"sort"
	"strconv"
	"strings"

	"hrinvest/dashboards/locales"
)

// services lists, for every service, the money of each payer's last year and of
// the last grant cycle, each with who pays, what kind of money it is and when. Kinds are
// never added: one line per kind.
func (m *maker) services() {
	main := []string{"nsp", "oat", "naloxone", "unspecified_pwid", "community", "legal_aid", "human_rights", "management"}
	listed := map[string]bool{}
	for _, id := range main {
		listed[id] = true
	}
	var none []string
	add := func(id string) bool {
		lines := m.service(id)
		m.b.Services = append(m.b.Services, lines...)
		return len(lines) > 0
	}
	for _, id := range main {
		if !add(id) && id != "unspecified_pwid" {
			none = append(none, locales.Clause(m.cat.intervention(id, m.b.Lang)))
		}
	}
	for _, id := range m.cat.order {
		if i := m.cat.interventions[id]; !listed[id] && (i.HRI || i.Broad) {
			add(id)
		}
	}
	m.b.Cut = m.cuts()
	for _, id := range []string{"hiv_other", "drug_control"} {
		m.b.Other = append(m.b.Other, m.service(id)...)
	}
	if len(none) > 0 {
		m.b.NoServices = m.t("services.none", "services", strings.Join(none, "; "))
	}
}

// serviceKey tells lines of one service apart.
type serviceKey struct{ group, funder, kind, basis, cycle string }

func (m *maker) service(id string) []ServiceLine {
	type payer struct{ funder, kind, basis string }
	year := map[payer]int{}     // last year with money, of each payer and kind
	cycle := map[payer]string{} // last grant cycle, likewise
	for _, r := range m.facts.spending {
		if r.Intervention != id {
			continue
		}
		if k := (payer{r.Funder, r.Kind, r.YearBasis}); r.Year > 0 {
			year[k] = max(year[k], r.Year)
		} else {
			k.basis = "cycle"
			cycle[k] = laterCycle(cycle[k], r.Cycle)
		}
	}
	sums := map[serviceKey]*part{}
	var keys []serviceKey
	for _, r := range m.facts.spending {
		if r.Intervention != id || r.Year > 0 && r.Year != year[payer{r.Funder, r.Kind, r.YearBasis}] {
			continue
		}
		k := serviceKey{group(r.Funder, r.FunderType), r.Funder, r.Kind, r.YearBasis, ""}
		switch {
		case r.Year > 0:
		case r.Cycle == "":
			k.basis = "none" // neither year nor cycle is stated: shown, never dropped
		case r.Cycle == cycle[payer{r.Funder, r.Kind, "cycle"}] || covid(r.Cycle):
			k.basis, k.cycle = "cycle", r.Cycle
		default:
			continue // of an earlier cycle
		}
		p, ok := sums[k]
		if !ok {
			p = &part{group: k.group, measure: k.kind}
			sums[k], keys = p, append(keys, k)
		}
		*p = addPart([]part{*p}, r)[0]
	}
	sort.Slice(keys, func(i, j int) bool {
		a, b := keys[i], keys[j]
		if (a.basis == "cycle") != (b.basis == "cycle") {
			return b.basis == "cycle"
		}
		if ya, yb := year[payer{a.funder, a.kind, a.basis}], year[payer{b.funder, b.kind, b.basis}]; ya != yb {
			return ya > yb
		}
		if ca, cb := cycleOrder(a.cycle), cycleOrder(b.cycle); ca != cb {
			return ca > cb
		}
		if a.funder != b.funder {
			return a.funder < b.funder
		}
		return a.kind < b.kind
	})
	var out []ServiceLine
	for _, k := range keys {
		out = append(out, m.serviceLine(id, k, sums[k], year[payer{k.funder, k.kind, k.basis}]))
	}
	return out
}

func (m *maker) serviceLine(id string, k serviceKey, p *part, year int) ServiceLine {
	funder := m.funder(k.funder, "")
	if k.funder == "" || k.group == "domestic" {
		funder = m.t("group." + k.group)
	}
	l := ServiceLine{ID: id, Service: m.cat.intervention(id, m.b.Lang), Funder: funder, KindText: m.or("kind.", k.kind)}
	payer, when := k.funder, strconv.Itoa(year)
	if payer == "" {
		payer = k.group
	}
	if k.basis == "cycle" {
		when = k.cycle
	} else if k.basis == "none" {
		when = "undated"
	}
	l.Amount = m.usd(strings.Join([]string{"service", id, key(payer), k.kind, k.basis, key(when)}, "."), l.Service, p.usd)
	l.Local = m.published(p)
	if p.usd == nil && p.without > 0 {
		l.Amount.Status, l.Amount.Text = "unknown", m.t("absent.no_rate")
	} else if strings.HasSuffix(l.Local, "USD") {
		l.Local = ""
	}
	l.Amount.Kind, l.Amount.Refs = k.kind, m.ref(p.cites...)
	m.mark(&l.Amount, p.how)
	query := "?country=" + m.b.Country.ISO3 + "&intervention=" + id + "&kind=" + k.kind
	switch {
	case k.basis == "cycle":
		l.Amount.Basis, l.Amount.Year = "cycle", k.cycle
		l.When, l.ShortWhen = m.t("when.cycle", "cycle", k.cycle), m.t("when.cycle_short", "cycle", k.cycle)
		if c := m.cutOf(k.group, k.cycle); c != nil && k.kind == "budget" {
			l.When = m.t("when.cycle_cut", "cycle", k.cycle, "year", c.year)
			l.ShortWhen, l.cut = l.When, c
			l.Amount.Refs = uniqueInts(append(l.Amount.Refs, c.refs...))
		}
		l.Amount.Note = l.When
		query += "&cycle=" + url.QueryEscape(k.cycle)
	case k.basis == "none":
		l.Amount.Basis = "none"
		l.When = m.t("when.undated")
		if note := m.flagText(p.flags); note != "" {
			l.When += ". " + note
			// A narrow column has room for the one warning that tells a plan from money.
			if contains(p.flags, "tender_expected_value") {
				l.ShortWhen = m.t("when.undated") + ". " + m.t("flag.tender_expected_value")
			}
		}
		l.Amount.Note = l.When
	default:
		l.Amount.Basis, l.Amount.Year = k.basis, strconv.Itoa(year)
		l.When = m.when(year, k.basis)
		query += "&year=" + strconv.Itoa(year)
	}
	if l.ShortWhen == "" {
		l.ShortWhen = l.When
	}
	if k.funder != "" {
		query += "&funder=" + url.QueryEscape(k.funder)
	}
	l.Link = "/" + m.b.Lang + "/flows" + query
	return l
}

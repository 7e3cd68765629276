package dashboards

import (
	"sort"
	"strconv"
	"strings"

	"hrinvest/dashboards/locales"
)

// missing says in words what is not there, for which years.
func (m *maker) missing() {
	b := m.b
	add := func(s string) { b.Missing = append(b.Missing, s) }
	if b.Harm.Empty() {
		add(m.t("missing.harm"))
	}
	if b.NoServices != "" {
		add(b.NoServices)
	}
	m.lacking(&b.Harm)
	m.lacking(&b.HIV)
	if len(b.Also) > 0 {
		add(m.t("missing.more"))
	}
	if f, _ := m.against(); f == nil {
		add(m.noShare())
	}
	var none []string
	for _, c := range b.Coverage {
		if c.Value == nil && c.Status == "not_reported" {
			none = append(none, locales.Clause(c.Label))
		}
	}
	if len(none) > 0 {
		add(m.t("missing.coverage", "indicators", strings.Join(none, "; ")))
	}
	m.withoutUSD()
}

// noShare says why the share of the need that is funded is not stated: without
// an estimate, or without yearly money, there is nothing to divide; with both, it is
// the reason for which the warehouse does not compare them.
func (m *maker) noShare() string {
	var why []string
	if m.ofNeed().Words() {
		why = append(why, m.t("missing.need_why.people"))
	}
	if m.b.Harm.Latest() == nil {
		why = append(why, m.t("missing.need_why.money"))
	}
	if len(why) == 0 {
		why = append(why, m.refused(m.b.Harm.Latest().Year))
	}
	return m.t("missing.need", "why", strings.Join(why, "; "))
}

// lacking says of every group of years of a series what it lacks: nothing was
// reported, the country's own report or its own money is not in it, it is an
// estimate, or its source warns of it.
func (m *maker) lacking(s *Series) {
	years := map[string][]int{} // :: what is lacking -> years
	var order []string
	note := func(what string, year int) {
		if years[what] == nil {
			order = append(order, what)
		}
		years[what] = append(years[what], year)
	}
	lines := 0
	for _, l := range s.Lines {
		if len(l.Cells) == 0 {
			note(m.t("missing.not_reported"), l.Year)
			continue
		}
		lines++
		if l.Only != "" {
			note(m.t("missing.own_report", "only", l.Only), l.Year)
		} else if !l.has(s, "domestic") {
			what := "missing.domestic"
			if s.ID == "harm" && m.undatedDomestic() {
				what = "missing.domestic_undated"
			}
			note(m.t(what), l.Year)
		}
		if l.Total.Mark != "" {
			note(m.t("missing.marked", "mark", strings.Trim(l.Total.Mark, "()")), l.Year)
		}
		for _, w := range l.warnings {
			note(strings.TrimSuffix(w, "."), l.Year)
		}
	}
	for _, what := range order {
		when := m.years(years[what])
		if lines > 1 && len(years[what]) == lines && what != m.t("missing.not_reported") {
			when = m.t("missing.every_year")
		}
		m.b.Missing = append(m.b.Missing, m.t("missing.of_years", "series", m.t("series."+s.ID+".short"), "years", when, "what", locales.Clause(what)))
	}
}

// has reports whether a group has money in the year.
func (l *YearLine) has(s *Series, group string) bool {
	for i, c := range l.Cells {
		if s.Groups[i] == group && c.Value != nil {
			return true
		}
	}
	return false
}

// withoutUSD counts the statements for whose currency no rate is known, and
// names their years.
func (m *maker) withoutUSD() {
	n, open := 0, false
	seen := map[int]bool{}
	for _, r := range m.facts.spending {
		switch {
		case r.WithoutUSD == 0:
			continue
		case r.Year == 0:
			open = true
		default:
			seen[r.Year] = true
		}
		n += r.WithoutUSD
	}
	if n == 0 {
		return
	}
	var list []int
	for y := range seen {
		list = append(list, y)
	}
	sort.Ints(list)
	var when []string
	if len(list) > 0 {
		when = append(when, m.years(list))
	}
	if open {
		when = append(when, m.t("missing.no_year"))
	}
	m.b.Missing = append(m.b.Missing, locales.Sentence(strings.Join(when, ", "))+": "+locales.Clause(m.n("note.without_usd", n)))
}

// years writes rising years, those in a row as a range: "2006–2008, 2010".
func (m *maker) years(list []int) string {
	var out []string
	for i := 0; i < len(list); {
		j := i
		for j+1 < len(list) && list[j+1] == list[j]+1 {
			j++
		}
		text := strconv.Itoa(list[i])
		if j > i {
			text += "–" + strconv.Itoa(list[j])
		}
		out, i = append(out, text), j+1
	}
	return strings.Join(out, ", ")
}

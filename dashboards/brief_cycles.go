package dashboards

import (
	"math/big"
	"slices"
	"strconv"
	"strings"

	"hrinvest/dashboards/locales"
)

// cycleOrder orders grant cycles in time: the rounds of the Global Fund, then
// its allocation cycles by number, so that GC7 comes after Round 5 and before
// GC10. Money for Covid-19 (C19RM) stands beside the cycles and comes before all.
// Periods of other funders are ordered by their first year.
func cycleOrder(cycle string) int {
	number := func(s string) int {
		s = strings.TrimSpace(s)
		end := 0
		for end < len(s) && s[end] >= '0' && s[end] <= '9' {
			end++
		}
		n, err := strconv.Atoi(s[:end])
		if err != nil {
			return 0 // no number: the first of its kind
		}
		return n
	}
	const step = 100_000
	switch {
	case cycle == "" || covid(cycle):
		return 0
	case strings.HasPrefix(cycle, "GC"):
		return 3*step + number(cycle[2:])
	case strings.HasPrefix(cycle, "Round "):
		return 2*step + number(cycle[len("Round "):])
	}
	return step + number(cycle)
}

// cycleList writes the names of cycles in the order of time: "2021–2023, GC7".
func cycleList(names string) string {
	list := strings.Split(names, "; ")
	slices.SortStableFunc(list, func(a, b string) int { return cycleOrder(a) - cycleOrder(b) })
	for i, name := range list {
		if from, to, ok := strings.Cut(name, "-"); ok && len(from) == 4 && len(to) == 4 && digit(from[0]) && digit(to[0]) {
			list[i] = from + "–" + to // years
		}
	}
	return strings.Join(list, ", ")
}

// covid reports whether a cycle is the Covid-19 money beside a cycle.
func covid(cycle string) bool { return strings.Contains(cycle, "C19RM") }

// laterCycle is the later of two cycles, in the order of cycleOrder.
func laterCycle(a, b string) string {
	x, y := cycleOrder(a), cycleOrder(b)
	if y > x || y == x && b > a {
		return b
	}
	return a
}

// cut is the change a funder announced for budgets of a cycle after they were
// published; those budgets do not hold it.
type cut struct {
	pct  string
	year int
	refs []int
}

// cutOf is the published change of the Global Fund's budgets of a cycle, nil
// where none is loaded.
func (m *maker) cutOf(payer, cycle string) *cut {
	if payer != "global_fund" || cycle != "GC7" {
		return nil
	}
	for _, o := range m.facts.cuts {
		if o.Value != nil && o.Value.Sign() < 0 && o.Year > 0 {
			return &cut{m.Percent(new(big.Rat).Neg(o.Value), 0), o.Year, m.ref(o.cite())}
		}
	}
	return nil
}

// cuts says below the table of services what was published of cuts to budgets in it,
// "" for nothing. The share is that of all grants of the cycle: by how much this one
// was cut is not published.
func (m *maker) cuts() string {
	for _, l := range m.b.Services {
		if l.cut != nil {
			return locales.Sentence(m.t("cut.text", "cycle", l.Amount.Year, "pct", l.cut.pct, "year", l.cut.year))
		}
	}
	return ""
}

// undatedDomestic reports whether the country's own money for harm reduction is
// stated without a year: it is then not in any year, and not unreported either.
func (m *maker) undatedDomestic() bool {
	for _, r := range m.facts.spending {
		if r.Year == 0 && r.FunderType == "domestic_public" && m.cat.interventions[r.Intervention].HRI {
			return true
		}
	}
	return false
}

// flagText words the warnings of a source that readers have words for.
func (m *maker) flagText(flags []string) string {
	var out []string
	for _, f := range flags {
		if m.Has("flag." + f) {
			out = append(out, m.t("flag."+f))
		}
	}
	return strings.Join(out, " ")
}

// flagList words every flag of a flow, those included that no brief warns of. A
// flag that has no words yet stands as it is: it is never left out.
func (w *words) flagList(flags []string) string {
	var out []string
	for _, f := range flags {
		name, value, valued := strings.Cut(f, ":")
		text := f
		switch {
		case w.Has("flag." + name):
			text = inSentence(strings.TrimSuffix(w.t("flag."+name), "."))
		case w.Has("flagnote." + name):
			text = w.t("flagnote." + name)
		default:
			value, valued = "", false
		}
		if valued {
			text += " (" + value + ")"
		}
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}

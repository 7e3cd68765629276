package dashboards

import (
	"math/big"
	"strconv"
)

// NeedYear is this project's estimate of need in the prices of a year.
type NeedYear struct {
	Year, PeopleYear  int
	Method, Source    string
	Low, High, People *big.Rat
}

func readNeedYear(s *scan) NeedYear {
	return NeedYear{
		Year: s.whole("year"), PeopleYear: s.whole("pwid_year"), Method: s.text("method"), Source: s.text("source"),
		Low: s.num("low"), High: s.num("high"), People: s.num("pwid"),
	}
}

// Funded is a year's harm reduction money against the need in its prices: a row
// of need_funded.
type Funded struct {
	Year                     int
	Spend                    *big.Rat
	PctLow, PctHigh          *big.Rat
	GapLow, GapHigh          *big.Rat
	Comparable               bool
	Reason                   string // why they may not be compared
	Definition, Method, Need string
}

func readFunded(s *scan) Funded {
	return Funded{
		Year: s.whole("year"), Spend: s.num("spend"), PctLow: s.num("funded_pct_low"), PctHigh: s.num("funded_pct_high"), GapLow: s.num("gap_low"), GapHigh: s.num("gap_high"),
		Comparable: s.flag("comparable"), Reason: s.text("reason"), Definition: s.text("definition"), Method: s.text("need_method"), Need: s.text("need_vintage"),
	}
}

// against finds the estimate of need that the money of the headline's year may be
// set against: both in the dollars of that year. nil where there is none.
func (m *maker) against() (*Funded, *NeedYear) {
	l := m.b.Harm.Latest()
	if l == nil || l.Total.Value == nil {
		return nil, nil
	}
	for i, f := range m.facts.funded {
		// The money must be the money the brief shows, to the cent.
		if f.Year != l.Year || !f.Comparable || f.PctLow == nil || f.PctHigh == nil || f.Spend == nil || f.Spend.Cmp(l.Total.Value) != 0 {
			continue
		}
		for j, n := range m.facts.priced {
			if n.Year == f.Year && n.Method == f.Method && n.Low != nil && n.High != nil && n.People != nil {
				return &m.facts.funded[i], &m.facts.priced[j]
			}
		}
	}
	return nil, nil
}

// priced is the estimate of need in the prices of a year, or of the newest year there
// is one for; nil where there is none.
func (m *maker) priced(year int) *NeedYear {
	var best *NeedYear
	for i, n := range m.facts.priced {
		if n.Method != "bottom_up" || n.Low == nil || n.High == nil || n.People == nil {
			continue
		}
		if n.Year == year {
			return &m.facts.priced[i]
		}
		if best == nil || n.Year > best.Year {
			best = &m.facts.priced[i]
		}
	}
	return best
}

// funded is the share of the need that is known to be paid, as a range.
func (m *maker) funded() (Figure, bool) {
	f, n := m.against()
	if f == nil {
		return Figure{}, false
	}
	l := m.b.Harm.Latest()
	out := Figure{ID: "need_funded", Label: m.t("four.need_funded", "year", f.Year), Low: f.PctLow, High: f.PctHigh, Unit: "percent", Year: strconv.Itoa(f.Year), Basis: "calendar", Kind: "best_available",
		Text: m.Number(f.PctLow, 1) + "–" + m.Percent(f.PctHigh, 1), Status: "estimate", Refs: uniqueInts(append(append([]int{}, l.Total.Refs...), m.sizeRefs(n.PeopleYear, n.Source)...)), Link: m.trailOf("need_funded", f.Year, true),
		Note: sentences(m.t("four.need_funded_note", "need", m.USDRange(n.Low, n.High), "year", n.Year, "people", m.people(n.People, n.PeopleYear)))}
	if m.withoutCycles() {
		out.Note += " " + m.t("four.need_funded_cycles")
	}
	m.mark(&out, l.Total.how)
	return out, true
}

// gap says what is missing to the need, and for how many people it would pay: the
// share of the need is the share of the people its services are for.
func (m *maker) gap() {
	f, n := m.against()
	if f == nil || f.GapLow == nil || f.GapHigh == nil || f.GapLow.Sign() <= 0 {
		return
	}
	l := m.b.Harm.Latest()
	people := func(pct *big.Rat) *big.Rat {
		v := new(big.Rat).Quo(new(big.Rat).Mul(n.People, pct), hundred)
		whole, _ := new(big.Rat).SetString(v.FloatString(0))
		return whole
	}
	paidLow, paidHigh := people(f.PctLow), people(f.PctHigh)
	restLow, restHigh := new(big.Rat).Sub(n.People, paidHigh), new(big.Rat).Sub(n.People, paidLow)
	refs := uniqueInts(append(append([]int{}, l.Total.Refs...), m.sizeRefs(n.PeopleYear, n.Source)...))
	figure := func(id, unit, text string, low, high *big.Rat) Figure {
		return Figure{ID: id, Label: m.t("gap." + id), Low: low, High: high, Text: text, Unit: unit, Year: strconv.Itoa(f.Year), Basis: "prices_of_year", Status: "estimate", Refs: refs}
	}
	span := func(low, high *big.Rat) string { return m.Number(low, 0) + "–" + m.Number(high, 0) }
	m.b.Gap = []Figure{
		figure("need_then", "USD", m.USDRange(n.Low, n.High), n.Low, n.High),
		figure("need_gap", "USD", m.USDRange(f.GapLow, f.GapHigh), f.GapLow, f.GapHigh),
		figure("people_paid", "people", span(paidLow, paidHigh), paidLow, paidHigh),
		figure("people_unpaid", "people", span(restLow, restHigh), restLow, restHigh),
	}
	for i := range m.b.Gap {
		if m.b.Gap[i].Unit == "USD" {
			m.b.Gap[i].Kind = "best_available"
		}
		m.mark(&m.b.Gap[i], l.Total.how)
	}
	m.b.Buys = m.t("gap.text", "gap", m.b.Gap[1].Text, "need", m.b.Gap[0].Text, "year", f.Year, "spend", l.Total.Shown(),
		"paid", m.b.Gap[2].Text, "people", m.Number(n.People, 0), "unpaid", m.b.Gap[3].Text)
	if m.withoutCycles() {
		m.b.Buys += " " + m.t("gap.cycles")
	}
}

// withoutCycles reports whether budgets of several years stand beside the money of
// the year, and are in no share of its need.
func (m *maker) withoutCycles() bool {
	f, _ := m.cycleBudget()
	return f != nil
}

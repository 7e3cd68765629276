package dashboards

import (
	"math/big"
	"strings"
	"testing"

	"hrinvest/dashboards/locales"
)

func ratio(t testing.TB, s string) *big.Rat {
	t.Helper()
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		t.Fatalf("no number: %q", s)
	}
	return r
}

// needMaker is a country with money of a year and need in its prices: figures of
// 2020 as need_funded gives them, worked by hand: 383,491 / 20,907,004 = 1.8 %.
func needMaker(t *testing.T, lang string) *maker {
	t.Helper()
	l, err := locales.Load(lang)
	if err != nil {
		t.Fatal(err)
	}
	m := &maker{words: &words{Locale: l}, b: &Brief{Lang: lang}, cat: &catalogue{}, refs: map[string]int{}, facts: &facts{
		priced: []NeedYear{{Year: 2020, PeopleYear: 2019, Method: "bottom_up", Source: "evidence", Low: ratio(t, "5822404.92"), High: ratio(t, "20907003.795"), People: ratio(t, "26700")}},
		funded: []Funded{{Year: 2020, Comparable: true, Method: "bottom_up", Spend: ratio(t, "383491.317523"), PctLow: ratio(t, "1.8343"), PctHigh: ratio(t, "6.5865"), GapLow: ratio(t, "5438913.602477"), GapHigh: ratio(t, "20523512.477477")}},
	}}
	m.b.Harm = Series{Lines: []YearLine{{Year: 2020, Total: Figure{Value: ratio(t, "383491.317523"), Text: l.USD(ratio(t, "383491.317523"))}}}}
	return m
}

// The share of need that is funded is a range, of one year's prices; the gap says
// for how many people it would pay.
func TestNeedFunded(t *testing.T) {
	m := needMaker(t, "en")
	f := m.ofNeed()
	if f.ID != "need_funded" || f.Text != "1.8–6.6%" || f.Year != "2020" || f.Status != "estimate" {
		t.Errorf("%+v", f)
	}
	m.gap()
	if m.err != nil {
		t.Fatal(m.err)
	}
	want := map[string]string{"need_then": "US$5.82–20.91\u00a0million", "need_gap": "US$5.44–20.52\u00a0million", "people_paid": "490–1,759", "people_unpaid": "24,941–26,210"}
	for _, f := range m.b.Gap {
		if f.Text != want[f.ID] {
			t.Errorf("%s is %q, want %q", f.ID, f.Text, want[f.ID])
		}
		if !strings.Contains(m.b.Buys, f.Text) {
			t.Errorf("%q is not in %q", f.Text, m.b.Buys)
		}
	}
}

// Nothing is set against the need where the warehouse refuses to, where the money
// is not what the brief shows, or where more than the need is known.
func TestNeedIsRefused(t *testing.T) {
	for name, change := range map[string]func(*maker){
		"not comparable": func(m *maker) { m.facts.funded[0].Comparable = false },
		"other money":    func(m *maker) { m.facts.funded[0].Spend = ratio(t, "383491.32") },
		"other year":     func(m *maker) { m.facts.funded[0].Year = 2019 },
		"no estimate":    func(m *maker) { m.facts.priced = nil },
	} {
		m := needMaker(t, "ru")
		change(m)
		m.gap()
		if f := m.ofNeed(); f.ID == "need_funded" || m.b.Gap != nil || m.b.Buys != "" {
			t.Errorf("%s: %+v, %q", name, f, m.b.Buys)
		}
	}
	m := needMaker(t, "en")
	m.facts.funded[0].GapLow = ratio(t, "-1")
	if m.gap(); m.b.Gap != nil {
		t.Error("a need that is met has a gap")
	}
}

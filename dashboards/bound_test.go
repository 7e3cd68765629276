package dashboards

import (
	"math/big"
	"slices"
	"strings"
	"testing"

	"hrinvest/dashboards/locales"
)

// boundMaker is a country with money of 2020 by the payers given.
func boundMaker(t *testing.T, lang string, best ...Money) *maker {
	for i := range best {
		best[i].Year, best[i].Intervention, best[i].Kind, best[i].USD = 2020, "harm_reduction", "spent", ratio(t, "1000")
	}
	m := handMade(t, lang, facts{best: best,
		observed: []Observation{
			{Indicator: "pwid_size", Year: 2018, Value: ratio(t, "400"), Source: "unaids"},
			{Indicator: "pwid_size", Year: 2022, Value: ratio(t, "500"), Source: "evidence", Note: "As published in the 2022 edition; the year of the estimate was not seen"},
		},
		persons: []PersonYear{{Year: 2020, PeopleYear: 2018, People: ratio(t, "400"), Source: "unaids", Basis: "calendar"}},
	})
	m.series()
	return m
}

// Where only single payers are known, the headline says so and names the one there is;
// their money is not divided by the people of the country. What is a whole is, and by
// the number of people the warehouse sets it against, not by the newest.
func TestLowerBounds(t *testing.T) {
	aidsfonds := Money{Funder: "Aidsfonds", FunderType: "philanthropic", Group: "NL-1", Methods: []string{"text_inferred"}}
	own := Money{Funder: "Domestic public", FunderType: "domestic_public", Group: "domestic_public"}
	fund := Money{Funder: "Global Fund", FunderType: "multilateral", Group: "47045"}
	report := Money{Funder: "Global Fund", FunderType: "multilateral", Group: "47045", Flags: []string{"country_reported"}}
	for name, c := range map[string]struct {
		best             []Money
		headline, person string // in English; person: the figure
	}{
		"one payer":       {[]Money{aidsfonds}, "at least US$1,000 (by the project's title) was spent for harm reduction in Ukraine in 2020; the only payer known is Aidsfonds.", "not known"},
		"two payers":      {[]Money{aidsfonds, fund}, "single payers alone are known: Aidsfonds, Global Fund.", "not known"},
		"own money only":  {[]Money{own}, "the only payer known is Domestic public money.", "not known"},
		"own and another": {[]Money{own, fund}, "at least US$2,000 was spent for harm reduction in Ukraine in 2020.", "at least US$5.00"},
		"its own report":  {[]Money{report}, "at least US$1,000 was spent for harm reduction in Ukraine in 2020.", "at least US$2.50"},
	} {
		m := boundMaker(t, "en", c.best...)
		m.four()
		m.headline()
		if !strings.Contains(m.b.Headline, c.headline) {
			t.Errorf("%s: headline %q", name, m.b.Headline)
		}
		if f := m.b.Four[0]; !strings.HasPrefix(f.Text, "at least US$") {
			t.Errorf("%s: the card says %q", name, f.Text)
		}
		f := m.b.Four[3]
		if f.Text != c.person || !strings.Contains(squeeze(f.Note), "400 people, estimate of 2018") {
			t.Errorf("%s: per person %q, %q", name, f.Text, f.Note)
		}
		if alone := f.Value == nil; alone != strings.Contains(f.Note, "not all the money of the country") {
			t.Errorf("%s: %q does not say why there is no figure", name, f.Note)
		}
	}
	m := boundMaker(t, "ru", aidsfonds)
	m.headline()
	if want := "израсходовано не менее 1 000 долл. США (по названию проекта); известен лишь один плательщик — Aidsfonds."; !strings.Contains(squeeze(m.b.Headline), want) {
		t.Errorf("headline %q", m.b.Headline)
	}
}

// The rule of single payers is that of the warehouse.
func TestSinglePayersAsInTheWarehouse(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	data, _, done, err := fixture(t).Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	n := 0
	for _, iso := range []string{"KGZ", "GEO"} {
		f, err := loadFacts(t.Context(), data, iso)
		if err != nil {
			t.Fatal(err)
		}
		l, err := locales.Load("en")
		if err != nil {
			t.Fatal(err)
		}
		m := &maker{words: &words{Locale: l}, b: &Brief{Lang: "en"}, facts: f}
		for _, p := range f.persons {
			if p.Basis != "calendar" {
				continue // briefs add up calendar years
			}
			if _, alone := m.singly(p.Year); p.Reason == "payers_known_singly" && !alone || p.Reason == "compared" && alone {
				t.Errorf("%s %d: the warehouse says %s", iso, p.Year, p.Reason)
			}
			n++
		}
	}
	if n == 0 {
		t.Error("nothing compared")
	}
}

// A year that is only that of a publication is not called the year of the estimate.
func TestPeopleByEdition(t *testing.T) {
	m := boundMaker(t, "ru")
	for year, want := range map[int]string{2018: "400 чел., оценка 2018 г.", 2022: "400 чел. (по изданию 2022 г.)"} {
		if got := squeeze(m.people(ratio(t, "400"), year)); got != want {
			t.Errorf("%d: %q, want %q", year, got, want)
		}
	}
	if f := m.observation(m.facts.observed[1]); !strings.Contains(f.Label, "год издания") {
		t.Errorf("label %q", f.Label)
	}
}

// Why no share of need is given is what the warehouse says, for the year of the money.
func TestShareIsRefusedWithItsReason(t *testing.T) {
	m := needMaker(t, "en")
	m.facts.funded[0].Comparable, m.facts.funded[0].Reason = false, "payers_known_singly"
	m.cat.reasons = map[string]named{"payers_known_singly": {EN: "Only single payers disclose here."}}
	if got, want := m.noShare(), "The share of the need that is funded is not stated: only single payers disclose here."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if f := m.ofNeed(); f.ID != "need" || f.Year != "2020" || f.Basis != "prices_of_year" || exact(f.Low) != "5822404.92" {
		t.Errorf("need in the prices of the year: %+v", f)
	}
	m.facts.priced[0].Year = 2019 // no price index for the year of the money
	if f := m.ofNeed(); f.Year != "2019" || !strings.Contains(f.Note, "prices of 2019") {
		t.Errorf("need in the newest prices: %+v", f)
	}
}

// A distance between percentages is in points, and one beyond the promise is in words.
func TestDistance(t *testing.T) {
	for want, g := range map[string]Gap{
		"36,8 п. п.":               {Gap: ratio(t, "36.8"), Unit: "percent"},
		"превышает на 8,7 п. п.":   {Gap: ratio(t, "-8.7"), Unit: "percent"},
		"130 на человека в год":    {Gap: ratio(t, "130"), Unit: "needles per PWID"},
		"превышает на 5 долл. США": {Gap: ratio(t, "-5"), Unit: "USD"},
	} {
		if got := squeeze(handMade(t, "ru", facts{}).distance(g)); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// A chart without room for every year holds the newest report of the country's own, and
// empty years in a row as one.
func TestChartKeepsTheNewestReport(t *testing.T) {
	cell := func(v int64) []Figure { return []Figure{{Value: big.NewRat(v, 1)}} }
	line := func(year int, own bool) YearLine {
		cells := append(cell(5), Figure{})
		if !own {
			cells = append([]Figure{{}}, cell(5)...)
		}
		return YearLine{Year: year, Cells: cells, Total: Figure{Value: big.NewRat(5, 1)}}
	}
	years := func(lines []YearLine) (out []int) {
		for _, l := range lines {
			out = append(out, l.Year)
		}
		return out
	}
	s := &Series{ID: "hiv", Groups: []string{"domestic", "multilateral"}}
	for y := 2010; y <= 2018; y++ {
		s.Lines = append(s.Lines, line(y, true))
	}
	for y := 2019; y <= 2023; y++ {
		s.Lines = append(s.Lines, YearLine{Year: y})
	}
	s.Lines = append(s.Lines, line(2024, false), line(2025, false))
	last := s.last(6)
	if got := years(last); !slices.Equal(got, []int{2016, 2017, 2018, 2019, 2024, 2025}) || last[3].Until != 2023 {
		t.Errorf("%v, empty until %d", got, last[3].Until)
	}
	if got := years(s.last(20)); len(got) != 16 {
		t.Errorf("with room for all: %v", got)
	}
	for y := 2026; y <= 2031; y++ {
		s.Lines = append(s.Lines, line(y, false))
	}
	if got := years(s.last(6)); got[len(got)-1] != 2018 || s.newest(6).Year != 2018 {
		t.Errorf("the newest report of its own is lost: %v", got)
	}
}

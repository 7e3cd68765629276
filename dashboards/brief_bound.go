package dashboards

import (
	"math/big"
	"net/url"
	"strconv"
	"strings"

	"hrinvest/dashboards/locales"
)

// PersonYear is how many people the warehouse sets a year's harm reduction money
// against: a row of spending_per_person.
type PersonYear struct {
	Year, PeopleYear int // PeopleYear: year of the estimate
	People           *big.Rat
	Source, Basis    string
	Reason           string
}

func readPersonYear(s *scan) PersonYear {
	return PersonYear{
		Year: s.whole("year"), PeopleYear: s.whole("pwid_year"), People: s.num("pwid_central"), Source: s.text("pwid_source"), Basis: s.text("year_basis"), Reason: s.text("reason"),
	}
}

// singly names the payers of a year of harm reduction money of which single payers
// alone are known: nobody accounts for all of them, so that their sum is a lower
// bound. ok is false where the country's own report is in it, or public money of
// its own beside another payer's (the rule of the warehouse's harm_reduction_years).
func (m *maker) singly(year int) (payers []string, ok bool) {
	financing := map[string]bool{}
	own := false
	for _, r := range m.facts.best {
		if r.Intervention != "harm_reduction" || r.Year != year || r.YearBasis != "" && r.YearBasis != "calendar" {
			continue
		}
		if contains(r.Flags, "country_reported") {
			return nil, false
		}
		financing[r.Group] = true
		own = own || r.FunderType == "domestic_public"
		payers = union(payers, []string{m.funder(r.Funder, r.FunderType)})
	}
	return payers, len(payers) > 0 && !(own && len(financing) > 1)
}

// maxPayers is how many payers of a lower bound are named; of more, their number is.
const maxPayers = 3

// bound says of a year of which single payers alone are known who they are, "" for
// any other.
func (m *maker) bound(year int) string {
	payers, ok := m.singly(year)
	switch {
	case !ok:
		return ""
	case len(payers) == 1:
		return m.t("bound.one", "payer", payers[0])
	case len(payers) > maxPayers:
		return m.t("bound.many", "n", len(payers))
	}
	return m.t("bound.some", "payers", strings.Join(payers, ", "))
}

// atLeastUSD words money of which more may exist than was disclosed.
func (m *maker) atLeastUSD(amount string) string { return m.t("bound.at_least", "amount", amount) }

// bounded makes a figure of a year's money say that it is a lower bound; what is no
// amount stays as it is.
func (m *maker) bounded(f *Figure) {
	if f.Value != nil && f.Value.Sign() > 0 {
		f.Text = m.atLeastUSD(f.Text)
	}
}

// person is how many people the warehouse sets the money of a year against, nil
// where it knows none. Every surface divides by the same number (people_by_year).
func (m *maker) person(year int) *PersonYear {
	for i, p := range m.facts.persons {
		if p.Year == year && (p.Basis == "" || p.Basis == "calendar") && p.People != nil && p.People.Sign() > 0 {
			return &m.facts.persons[i]
		}
	}
	return nil
}

// size is the published estimate of people who inject drugs of a year, nil where
// there is none.
func (m *maker) size(year int) *Observation {
	for i, o := range m.facts.observed {
		if o.Indicator == "pwid_size" && o.Year == year && o.Value != nil {
			return &m.facts.observed[i]
		}
	}
	return nil
}

// sizeRefs are the numbers of the place where an estimate of people stands, or of
// its source where the statement itself is not at hand.
func (m *maker) sizeRefs(year int, source string) []int {
	if o := m.size(year); o != nil && o.Source == source {
		return m.ref(o.cite())
	}
	return m.ref(source)
}

// yearUnseen is how the notes of values say that only the year of the publication is
// known, not that of the estimate itself.
const yearUnseen = "the year of the estimate was not seen"

// edition reports whether the year of a value is that of its publication.
func (o Observation) edition() bool { return strings.Contains(o.Note, yearUnseen) }

// people words how many people there are: of which year, or by which edition where
// the year of the estimate is not known.
func (m *maker) people(n *big.Rat, year int) string {
	if o := m.size(year); o != nil && o.edition() {
		return m.t("people.edition", "people", m.Number(n, 0), "year", year)
	}
	return m.t("people.estimate", "people", m.Number(n, 0), "year", year)
}

// trail is the address of the rows of the warehouse behind a figure: a question
// about the country, and its year.
func (m *maker) trail(question string, args url.Values) string {
	args.Set("country", m.b.Country.ISO3)
	return "/" + m.b.Lang + "/questions/" + question + "?" + args.Encode()
}

// trailOf is the trail of a question that has a row for each year; trace opens what
// the row is made of.
func (m *maker) trailOf(question string, year int, trace bool) string {
	args := url.Values{"year": {strconv.Itoa(year)}}
	if trace {
		args.Set("trace", "1")
	}
	return m.trail(question, args)
}

// refused is why the warehouse does not set the money of a year against the need, in
// words to follow a colon.
func (m *maker) refused(year int) string {
	for _, f := range m.facts.funded {
		if f.Year == year && !f.Comparable && f.Reason != "" {
			return inSentence(strings.TrimSuffix(m.cat.reason(f.Reason, m.b.Lang), "."))
		}
	}
	return m.t("missing.need_why.other")
}

// sentences joins texts, each with its full stop.
func sentences(texts ...string) string {
	var out []string
	for _, t := range texts {
		if t = strings.TrimSpace(t); t == "" {
			continue
		}
		if !strings.HasSuffix(t, ".") { // nor does "2020 г." take a second one
			t += "."
		}
		out = append(out, locales.Sentence(t))
	}
	return strings.Join(out, " ")
}

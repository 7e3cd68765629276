package transforms

import (
	"slices"
	"strings"
)

// Matches is what a text speaks of.
type Matches struct {
	HIV           bool
	Drugs         bool     // people who use drugs, harm reduction or one of its services
	Interventions []string // specific ones found, sorted; drug_control and drug_treatment_other among them
	Rules         []string // ids of the terms that count, sorted

	several, packaged  bool
	treatment, control bool
	core               int      // of Interventions: services that speak for themselves
	hivOnly            []string // populations named beside HIV
	others             []string // populations named that are not people who use drugs
}

// Match finds the terms of one text.
func (k *Keywords) Match(text string) Matches {
	return k.match(text)
}

func (k *Keywords) match(texts ...string) (m Matches) {
	room := k.rooms.Get().(*room)
	defer k.rooms.Put(room)
	for _, text := range texts {
		m.add(k.terms, room.counted(k.read(text, room), k.terms))
	}
	m.tidy()
	return m
}

// Decide says what texts about one thing pay for, and by which terms. ok is
// false when they say nothing of it, or contradict themselves (harm reduction
// and drug law enforcement in one breath).
func (k *Keywords) Decide(texts ...string) (intervention, population, rule string, ok bool) {
	m := k.match(texts...)
	intervention, _, ok = m.decide()
	if !ok {
		return "", "", "", false
	}
	return intervention, m.population(intervention), strings.Join(m.Rules, "+"), true
}

func (m *Matches) population(intervention string) string {
	switch {
	case m.Drugs && intervention == "hiv_other":
		return "key_populations"
	case m.Drugs && intervention != "drug_control" && intervention != "drug_treatment_other":
		return "pwid"
	case intervention == "hiv_other" && len(m.hivOnly) == 1:
		return m.hivOnly[0]
	}
	return ""
}

// reason is why words decide as they do.
type reason string

// The reasons.
const (
	reasonNothing    reason = "nothing"     // no word counts
	reasonHIV        reason = "hiv"         // HIV, and nothing about drugs
	reasonControl    reason = "control"     // drug law enforcement, and nothing else
	reasonTreatment  reason = "treatment"   // drug treatment or prevention of drug use, and nothing else
	reasonContradict reason = "contradict"  // harm reduction beside treatment or law enforcement: part may be either
	reasonOne        reason = "one_service" // one service for people who use drugs
	reasonSeveral    reason = "several"     // several services: the widest that is true
	reasonMixed      reason = "mixed"       // other populations beside people who use drugs: HIV in general
	reasonNone       reason = "no_service"  // people who use drugs, and no service named
)

func (m *Matches) decide() (intervention string, why reason, ok bool) {
	var services []string
	for _, i := range m.Interventions {
		if i != "drug_control" && i != "drug_treatment_other" {
			services = append(services, i)
		}
	}
	if len(services) > 1 {
		// a network beside a service is who does it, not what is done
		services = slices.DeleteFunc(services, func(i string) bool { return i == "networks" })
	}
	switch {
	case !m.Drugs && m.HIV:
		return "hiv_other", reasonHIV, true
	case !m.Drugs && m.treatment != m.control, m.Drugs && !m.HIV && !m.packaged && len(services) == 0 && m.treatment != m.control:
		if m.control {
			return "drug_control", reasonControl, true
		}
		return "drug_treatment_other", reasonTreatment, true
	case !m.Drugs && (m.treatment || m.control):
		return "", reasonContradict, false
	case !m.Drugs:
		return "", reasonNothing, false
	case m.control, m.treatment && m.core == 0:
		return "", reasonContradict, false // part of the money may be neither
	case len(m.others) > 0 && !m.onlyForDrugs(services):
		return "hiv_other", reasonMixed, true
	case len(services) == 1 && !m.several:
		return services[0], reasonOne, true
	case len(services) == 0 && !m.several:
		return "unspecified_pwid", reasonNone, true
	}
	return "unspecified_pwid", reasonSeveral, true
}

// onlyForDrugs says whether what is named is harm reduction, or one of the services
// that nobody but people who use drugs receives, whoever else the text names.
func (m *Matches) onlyForDrugs(services []string) bool {
	for _, s := range services {
		if !slices.Contains([]string{"nsp", "oat", "naloxone", "dcr"}, s) {
			return false
		}
	}
	return !m.several && (m.packaged || len(services) > 0)
}

// counted gives the terms that count, each once.
func (r *room) counted(hits []hit, terms []term) []int {
	r.terms = r.terms[:0]
	for _, h := range hits {
		if h.state == counts && !terms[h.term].mute {
			r.terms = append(r.terms, h.term)
		}
	}
	slices.Sort(r.terms)
	r.terms = slices.Compact(r.terms)
	return r.terms
}

// add notes what the terms that count say.
func (m *Matches) add(terms []term, counted []int) {
	for _, i := range counted {
		t := &terms[i]
		m.Rules = append(m.Rules, t.id)
		switch t.intervention {
		case "hiv_other":
			m.HIV = true
			if t.population != "" {
				m.hivOnly = append(m.hivOnly, t.population)
			}
		case several:
			m.several = true
		case others:
			m.others = append(m.others, t.population)
		case pkg:
			m.packaged, m.Drugs = true, true
		case "unspecified_pwid":
			m.Drugs = true
		case "drug_control":
			m.control = true
			m.Interventions = append(m.Interventions, t.intervention)
		case "drug_treatment_other":
			m.treatment = true
			m.Interventions = append(m.Interventions, t.intervention)
		default:
			if t.needs != needsDrugs {
				m.Drugs = true
				m.core++
			}
			m.Interventions = append(m.Interventions, t.intervention)
		}
	}
}

func (m *Matches) tidy() {
	for _, s := range [...]*[]string{&m.Interventions, &m.Rules, &m.hivOnly, &m.others} {
		slices.Sort(*s)
		*s = slices.Compact(*s)
	}
}

package transforms

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Keywords recognises in free text, in several languages at once, the HIV
// response, people who use drugs and the services for them. Its words are
// vocab/keywords.csv:
//
//	word, stem   whole tokens in sequence, compared without case, accents, й and ё;
//	             a token that ends in * is a stem
//	acronym      one whole token, compared with case (ВИЧ ends every patronymic)
//	negative     a phrase that takes its tokens away from terms no longer than it
//
// A term that "needs" a term counts only beside another one (OAT is also food);
// one that needs drugs only where the text speaks of people who use drugs or
// their services (condoms). The pseudo-interventions "package" (harm reduction)
// and "several" (more than the one service named) mean unspecified_pwid.
//
// Words decide only where nothing better does, and never narrow: several
// services, or none named, are unspecified_pwid.
//
// Keywords are immutable and safe for concurrent use.
type Keywords struct {
	terms    []term
	byHead   map[uint32][]int // first bytes of the first token -> terms
	acronyms map[string][]int // whole token -> terms
	prefixes []int            // acronyms that take endings (СПИДа)
	folds    []rune           // rune -> its folded form, below len(folds)
	rooms    sync.Pool        // *room: memory that texts are read in
}

type room struct {
	folded []byte
	spans  []span
	hits   []hit
}

// hit is a term found at a token, n tokens long.
type hit struct{ term, at, n int }

type term struct {
	id, intervention, population string
	needs                        string // "", "term", "drugs"
	negative                     bool
	acronym                      string
	tokens                       []termToken
}

type termToken struct {
	text string
	stem bool
}

const (
	needsTerm  = "term"
	needsDrugs = "drugs"
	several    = "several"
	pkg        = "package"
)

// Letters an inflected acronym may add: СПИДа, СПИДом.
const maxEnding = 2

// NewKeywords reads vocab/keywords.csv and checks it against the interventions.
func NewKeywords() (*Keywords, error) {
	k := &Keywords{byHead: map[uint32][]int{}, acronyms: map[string][]int{}, folds: foldTable(), rooms: sync.Pool{New: func() any { return new(room) }}}
	interventions, err := vocabRows("interventions.csv", 9)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{several: true, pkg: true}
	for _, r := range interventions {
		known[r[0]] = true
	}
	rows, err := vocabRows("keywords.csv", 8)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		t := term{id: r[0], needs: r[4], intervention: r[5], population: r[6], negative: r[3] == "negative"}
		if !t.negative && !known[t.intervention] {
			return nil, fmt.Errorf("keywords.csv: %s names the unknown intervention %q", t.id, t.intervention)
		}
		if !slices.Contains([]string{"", needsTerm, needsDrugs}, t.needs) {
			return nil, fmt.Errorf("keywords.csv: %s needs %q", t.id, t.needs)
		}
		switch r[3] {
		case "acronym":
			acronym, inflected := strings.CutSuffix(r[2], "*")
			t.acronym = acronym
			if inflected {
				k.prefixes = append(k.prefixes, len(k.terms))
			} else {
				k.acronyms[acronym] = append(k.acronyms[acronym], len(k.terms))
			}
		case "word", "stem", "negative":
			for _, w := range strings.Fields(r[2]) {
				w, stem := strings.CutSuffix(w, "*")
				folded, spans := k.tokenise(w, nil, nil)
				for i, s := range spans {
					t.tokens = append(t.tokens, termToken{string(folded[s.from:s.to]), stem && i == len(spans)-1})
				}
			}
			if len(t.tokens) == 0 || t.tokens[0].stem && len(t.tokens[0].text) < headBytes {
				return nil, fmt.Errorf("keywords.csv: %s: %q is too short", t.id, r[2])
			}
			head := headOf([]byte(t.tokens[0].text))
			k.byHead[head] = append(k.byHead[head], len(k.terms))
		default:
			return nil, fmt.Errorf("keywords.csv: %s is of the unknown kind %q", t.id, r[3])
		}
		k.terms = append(k.terms, t)
	}
	return k, nil
}

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
}

// Match finds the terms of one text.
func (k *Keywords) Match(text string) Matches {
	var m Matches
	m.add(k.terms, k.active(k.find(text)))
	m.tidy()
	return m
}

// Decide says what texts about one thing pay for, and by which terms. ok is
// false when they say nothing of it, or contradict themselves (harm reduction
// and drug law enforcement in one breath).
func (k *Keywords) Decide(texts ...string) (intervention, population, rule string, ok bool) {
	var m Matches
	for _, text := range texts {
		m.add(k.terms, k.active(k.find(text)))
	}
	m.tidy()
	intervention, ok = m.decide()
	if !ok {
		return "", "", "", false
	}
	switch {
	case m.Drugs && intervention != "drug_control" && intervention != "drug_treatment_other":
		population = "pwid"
	case intervention == "hiv_other" && len(m.hivOnly) == 1:
		population = m.hivOnly[0]
	}
	return intervention, population, strings.Join(m.Rules, "+"), true
}

func (m *Matches) decide() (intervention string, ok bool) {
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
		return "hiv_other", true
	case !m.Drugs && m.treatment != m.control, m.Drugs && !m.HIV && !m.packaged && len(services) == 0 && m.treatment != m.control:
		if m.control {
			return "drug_control", true
		}
		return "drug_treatment_other", true
	case !m.Drugs:
		return "", false
	case m.control, m.treatment && m.core == 0:
		return "", false // part of the money may be neither
	case len(services) == 1 && !m.several:
		return services[0], true
	}
	return "unspecified_pwid", true
}

// add notes what the terms that count say.
func (m *Matches) add(terms []term, active []int) {
	for _, i := range active {
		t := terms[i]
		m.Rules = append(m.Rules, t.id)
		switch t.intervention {
		case "hiv_other":
			m.HIV = true
			if t.population != "" {
				m.hivOnly = append(m.hivOnly, t.population)
			}
		case several:
			m.several = true
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
	for _, s := range [...]*[]string{&m.Interventions, &m.Rules, &m.hivOnly} {
		slices.Sort(*s)
		*s = slices.Compact(*s)
	}
}

// active drops terms that lack what they need. A term that needs another counts
// beside one that needs none, or when two acronyms of different core services
// stand together (OAT and NSP).
func (k *Keywords) active(found []int) []int {
	if len(found) == 0 {
		return nil
	}
	alone, drugs := false, false
	loose := map[string]bool{}
	for _, i := range found {
		t := &k.terms[i]
		switch {
		case t.needs == "":
			alone = true
			drugs = drugs || t.speaksOfDrugs()
		case t.acronym != "" && slices.Contains([]string{"nsp", "oat", "naloxone", "unspecified_pwid"}, t.intervention):
			loose[t.intervention] = true
		}
	}
	together := len(loose) > 1
	if alone || together {
		for _, i := range found {
			t := &k.terms[i]
			drugs = drugs || t.needs == needsTerm && t.speaksOfDrugs()
		}
	}
	var out []int
	for _, i := range found {
		switch t := &k.terms[i]; t.needs {
		case needsTerm:
			if !alone && !together {
				continue
			}
		case needsDrugs:
			if !drugs && !(together && loose[t.intervention] && t.acronym != "") {
				continue
			}
		}
		out = append(out, i)
	}
	return out
}

func (t *term) speaksOfDrugs() bool {
	switch t.intervention {
	case "hiv_other", several, "drug_control", "drug_treatment_other":
		return false
	}
	return true
}

// find returns the terms that stand in the text, negatives taken into account,
// each once.
func (k *Keywords) find(text string) []int {
	room := k.rooms.Get().(*room)
	room.folded, room.spans = k.tokenise(text, room.folded, room.spans)
	folded, spans, hits := room.folded, room.spans, room.hits[:0]
	defer func() {
		room.hits = hits
		k.rooms.Put(room)
	}()
	negatives := false
	for at, s := range spans {
		token := folded[s.from:s.to]
		for _, i := range k.byHead[headOf(token)] {
			t := &k.terms[i]
			if at+len(t.tokens) <= len(spans) && matches(folded, spans[at:], t.tokens) {
				hits = append(hits, hit{i, at, len(t.tokens)})
				negatives = negatives || t.negative
			}
		}
		raw := text[s.rawFrom:s.rawTo]
		if first, _ := utf8.DecodeRuneInString(raw); unicode.IsUpper(first) {
			if raw = norm.NFC.String(raw); s.latin && s.cyrillic {
				raw = oneScript(raw)
			}
			for _, i := range k.acronyms[raw] {
				hits = append(hits, hit{i, at, 1})
			}
			for _, i := range k.prefixes {
				if ending, ok := strings.CutPrefix(raw, k.terms[i].acronym); ok && utf8.RuneCountInString(ending) <= maxEnding {
					hits = append(hits, hit{i, at, 1})
				}
			}
		}
	}
	var found []int
	for _, h := range hits {
		if k.terms[h.term].negative {
			continue
		}
		if negatives && slices.ContainsFunc(hits, func(n hit) bool {
			return k.terms[n.term].negative && n.n >= h.n && n.at < h.at+h.n && h.at < n.at+n.n
		}) {
			continue
		}
		found = append(found, h.term)
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func matches(folded []byte, spans []span, tokens []termToken) bool {
	for i, t := range tokens {
		s := spans[i]
		if i > 0 && s.breaks {
			return false
		}
		got := folded[s.from:s.to]
		if len(got) < len(t.text) || !t.stem && len(got) != len(t.text) || string(got[:len(t.text)]) != t.text {
			return false
		}
	}
	return true
}

// Terms are looked up by the first bytes of their first token.
const headBytes = 4

func headOf(token []byte) uint32 {
	if len(token) >= headBytes {
		return binary.BigEndian.Uint32(token)
	}
	var head [headBytes]byte
	copy(head[:], token)
	return binary.BigEndian.Uint32(head[:])
}

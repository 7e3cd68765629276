package transforms

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Keywords recognises in free text, in several languages at once, the HIV
// response, people who use drugs and the services for them. Its words are
// vocab/keywords.csv:
//
//	word, stem   whole tokens in sequence, compared without case, accents, й and ё;
//	             a token that ends in * is a stem
//	acronym      one whole token, compared with case (ВИЧ ends every patronymic)
//	negative     a phrase that takes its tokens away from terms no longer than it
//	elsewhere    a word of other uses of an intervention's words (palliative, tobacco)
//	here         a word that keeps them ours all the same (drugs)
//
// A service takes its tokens from another one inside it: an overdose prevention
// site is a consumption room, buprenorphine with naloxone a medicine of agonist
// therapy.
//
// A term that "needs" a term counts only beside another one (OAT is also food);
// one that needs a service beside any service, whoever it is for (PUD); one that
// needs drugs only where the text speaks of people who use drugs or their
// services (condoms). One that stands "apart" (methadone, harm reduction) counts
// unless a word of elsewhere stands near it and nothing in the text speaks of
// people who use drugs; one that needs its "language" (sida, also a Swedish agency)
// counts only where the text around it is written in it, and apart.
//
// The pseudo-interventions "package" (harm reduction) and "several" (more than the
// one service named) mean unspecified_pwid; "others" names another population,
// which beside people who use drugs makes the whole HIV in general.
//
// Words decide only where nothing better does, and never narrow: several
// services, or none named, are unspecified_pwid.
//
// Keywords are immutable and safe for concurrent use.
type Keywords struct {
	terms    []term
	byHead   map[uint64][]opening // first bytes of the first token -> the terms that open with it
	heads    [1 << 12]uint64      // which heads may be in byHead, by hash: most tokens are in none
	shorts   [1 << 8]uint64       // the same of short heads
	acronyms map[string][]int     // whole token -> terms
	prefixes []int                // acronyms that take endings (СПИДа)
	folds    []fold               // rune -> its folded form, below len(folds)
	longest  int                  // tokens of the longest term
	tongues  []tongue             // to tell the language of the text around a term
	rooms    sync.Pool            // *room: memory that texts are read in
}

type room struct {
	folded []byte
	spans  []span
	hits   []hit
	terms  []int
}

// opening is a first token and the terms that begin with it.
type opening struct {
	token termToken
	terms []int
	next  uint64 // second tokens that any of the terms may have, by nextBit
}

type term struct {
	id, language, written, intervention, population string
	needs                                           string // "" or one of needs...
	author, date, source, note                      string
	kind                                            string
	mute                                            bool // it only takes others away, or keeps them
	drugs                                           bool // about people who use drugs or a service for them
	acronym                                         string
	tokens                                          []termToken
}

type termToken struct {
	text string
	stem bool
}

const (
	needsTerm     = "term"
	needsService  = "service"
	needsDrugs    = "drugs"
	needsApart    = "apart"
	needsLanguage = "language"

	several = "several"
	pkg     = "package"
	others  = "others"

	negative  = "negative"
	elsewhere = "elsewhere"
	here      = "here"
)

// Letters an inflected acronym may add: СПИДа, СПИДом.
const maxEnding = 2

// NewKeywords reads vocab/keywords.csv and checks it against the interventions.
func NewKeywords() (*Keywords, error) {
	k := &Keywords{byHead: map[uint64][]opening{}, acronyms: map[string][]int{}, folds: foldTable(), rooms: sync.Pool{New: func() any { return new(room) }}}
	interventions, err := vocabRows("interventions.csv", 9)
	if err != nil {
		return nil, err
	}
	if k.tongues, err = newTongues(); err != nil {
		return nil, err
	}
	known := map[string]bool{several: true, pkg: true, others: true}
	for _, r := range interventions {
		known[r[0]] = true
	}
	rows, err := vocabRows("keywords.csv", 11)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		t := term{
			id: r[0], language: r[1], written: r[2], needs: r[4], intervention: r[5], population: r[6],
			author: r[7], date: r[8], source: r[9], note: r[10], kind: r[3],
		}
		if t.kind != negative && !known[t.intervention] {
			return nil, fmt.Errorf("keywords.csv: %s names the unknown intervention %q", t.id, t.intervention)
		}
		if !slices.Contains([]string{"", needsTerm, needsService, needsDrugs, needsApart, needsLanguage}, t.needs) {
			return nil, fmt.Errorf("keywords.csv: %s needs %q", t.id, t.needs)
		}
		if t.author == "" || t.date == "" {
			return nil, fmt.Errorf("keywords.csv: %s names no author or no date", t.id)
		}
		if err := k.add(t); err != nil {
			return nil, fmt.Errorf("keywords.csv: %w", err)
		}
	}
	return k, nil
}

// add makes a term found.
func (k *Keywords) add(t term) error {
	t.mute = slices.Contains([]string{negative, elsewhere, here}, t.kind)
	t.drugs = !slices.Contains([]string{"hiv_other", several, others, "drug_control", "drug_treatment_other"}, t.intervention)
	switch t.kind {
	case "acronym":
		acronym, inflected := strings.CutSuffix(t.written, "*")
		t.acronym = acronym
		if inflected {
			k.prefixes = append(k.prefixes, len(k.terms))
		} else {
			k.acronyms[acronym] = append(k.acronyms[acronym], len(k.terms))
		}
	case "word", "stem", negative, elsewhere, here:
		for _, w := range strings.Fields(t.written) {
			w, stem := strings.CutSuffix(w, "*")
			folded, spans := k.tokenise(w, nil, nil)
			for i, s := range spans {
				t.tokens = append(t.tokens, termToken{string(folded[s.from:s.to]), stem && i == len(spans)-1})
			}
		}
		if len(t.tokens) == 0 || t.tokens[0].stem && len(t.tokens[0].text) < shortHead {
			return fmt.Errorf("%s: %q is too short", t.id, t.written)
		}
		head, heads := longHeadOf([]byte(t.tokens[0].text)), k.heads[:]
		if t.tokens[0].stem && len(t.tokens[0].text) < longHead {
			head, heads = shortHeadOf([]byte(t.tokens[0].text)), k.shorts[:]
		}
		k.longest = max(k.longest, len(t.tokens))
		at := slices.IndexFunc(k.byHead[head], func(o opening) bool { return o.token == t.tokens[0] })
		if at < 0 {
			at = len(k.byHead[head])
			k.byHead[head] = append(k.byHead[head], opening{token: t.tokens[0]})
		}
		o := &k.byHead[head][at]
		o.terms = append(o.terms, len(k.terms))
		if len(t.tokens) == 1 || len(t.tokens[1].text) < 2 {
			o.next = anything
		} else {
			o.next |= nextBit([]byte(t.tokens[1].text))
		}
		word, bit := headBit(head, len(heads))
		heads[word] |= bit
	default:
		return fmt.Errorf("%s is of the unknown kind %q", t.id, t.kind)
	}
	k.terms = append(k.terms, t)
	return nil
}

// free says whether the term needs no other beside it.
func (t *term) free() bool {
	return t.needs == "" || t.needs == needsApart || t.needs == needsLanguage
}

// service says whether the term names a service.
func (t *term) service() bool {
	return t.drugs && t.intervention != "unspecified_pwid" && t.intervention != pkg
}

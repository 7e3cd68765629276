package transforms

import (
	"encoding/binary"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// hit is a term found at a token, n tokens long.
type hit struct {
	term, at, n int
	state       hitState
	by          int // the term that took its tokens
}

// hitState says whether a hit counts.
type hitState uint8

const (
	counts  hitState = iota
	struck           // a negative phrase took its tokens, or a word of elsewhere the term
	covered          // a longer term took its tokens
	lacking          // what it needs is not in the text
)

// read finds the terms of a text and settles which of them count. The hits
// stand in the room.
func (k *Keywords) read(text string, room *room) []hit {
	room.folded, room.spans = k.tokenise(text, room.folded, room.spans)
	folded, spans, hits := room.folded, room.spans, room.hits[:0]
	for at, s := range spans {
		token := folded[s.from:s.to]
		head := longHeadOf(token)
		if i, bit := headBit(head, len(k.heads)); k.heads[i]&bit != 0 {
			hits = k.openingsAt(k.byHead[head], at, folded, spans, hits)
		}
		head = shortHeadOf(token)
		if i, bit := headBit(head, len(k.shorts)); k.shorts[i]&bit != 0 {
			hits = k.openingsAt(k.byHead[head], at, folded, spans, hits)
		}
		if s.capital {
			hits = k.acronymsAt(text, at, s, hits)
		}
	}
	room.hits = hits
	if len(hits) > 0 {
		k.settle(hits)
		k.settleApart(hits, text, folded, spans)
		k.settleNeeds(hits)
	}
	return hits
}

// openingsAt adds the terms that begin with a token.
func (k *Keywords) openingsAt(openings []opening, at int, folded []byte, spans []span, hits []hit) []hit {
	token := folded[spans[at].from:spans[at].to]
	next := uint64(0)
	if at+1 < len(spans) && !spans[at+1].breaks {
		next = nextBit(folded[spans[at+1].from:spans[at+1].to])
	}
	for i := range openings {
		o := &openings[i]
		if o.next != anything && o.next&next == 0 || !o.token.is(token) {
			continue
		}
		for _, i := range o.terms {
			if t := &k.terms[i]; at+len(t.tokens) <= len(spans) && follows(folded, spans[at+1:], t.tokens[1:]) {
				hits = append(hits, hit{term: i, at: at, n: len(t.tokens)})
			}
		}
	}
	return hits
}

// acronymsAt adds the acronyms that a token is.
func (k *Keywords) acronymsAt(text string, at int, s span, hits []hit) []hit {
	raw := norm.NFC.String(text[s.rawFrom:s.rawTo])
	if s.latin && s.cyrillic {
		raw = oneScript(raw)
	}
	for _, i := range k.acronyms[raw] {
		hits = append(hits, hit{term: i, at: at, n: 1})
	}
	for _, i := range k.prefixes {
		if ending, ok := strings.CutPrefix(raw, k.terms[i].acronym); ok && utf8.RuneCountInString(ending) <= maxEnding {
			hits = append(hits, hit{term: i, at: at, n: 1})
		}
	}
	return hits
}

// settle takes hits from those that longer ones took the tokens of.
func (k *Keywords) settle(hits []hit) {
	for i := range hits {
		h := &hits[i]
		if k.terms[h.term].mute {
			continue
		}
		if by := k.around(hits, i, func(o *term, other hit) bool { return o.kind == negative && other.n >= h.n }); by >= 0 {
			h.state, h.by = struck, hits[by].term
		}
	}
	for i := range hits {
		h := &hits[i]
		t := &k.terms[h.term]
		if h.state != counts || !t.coverable() {
			continue
		}
		if by := k.around(hits, i, func(o *term, other hit) bool {
			return other.n > h.n && covers(o, t) && other.state == counts && other.at <= h.at && h.at+h.n <= other.at+other.n
		}); by >= 0 {
			h.state, h.by = covered, hits[by].term
		}
	}
}

// covers says whether o, the longer one, takes the tokens of t inside it: a service
// from another one; sex workers who use drugs from other populations; users of
// antiretroviral drugs from people who use drugs.
func covers(o, t *term) bool {
	if o.mute || o.intervention == t.intervention {
		return false
	}
	switch t.intervention {
	case others:
		return o.intervention == "unspecified_pwid"
	case "unspecified_pwid":
		return o.intervention == "hiv_other"
	}
	return t.service() && o.service() && (o.free() || o.needs == t.needs)
}

// coverable says whether any term may take the tokens of this one.
func (t *term) coverable() bool {
	return !t.mute && (t.service() || t.intervention == others || t.intervention == "unspecified_pwid")
}

// near is how many tokens may lie between a term and the word of elsewhere that
// takes it.
const near = 10

// settleApart strikes terms that stand beside words of elsewhere where nothing
// speaks of people who use drugs, and terms in texts of another language.
func (k *Keywords) settleApart(hits []hit, text string, folded []byte, spans []span) {
	for i := range hits {
		h := &hits[i]
		t := &k.terms[h.term]
		if h.state != counts || t.needs != needsApart && t.needs != needsLanguage {
			continue
		}
		if t.needs == needsLanguage && !k.writtenIn(t.language, text, folded, spans) {
			h.state = lacking
			continue
		}
		if by := k.beside(hits, i, elsewhere); by >= 0 && k.beside(hits, i, here) < 0 && !k.namesPeople(hits) {
			h.state, h.by = struck, hits[by].term
		}
	}
}

// beside finds a word of that kind, about what hit i is about, near it, or -1.
func (k *Keywords) beside(hits []hit, i int, kind string) int {
	h := hits[i]
	return slices.IndexFunc(hits, func(o hit) bool {
		t := &k.terms[o.term]
		return t.kind == kind && o.state == counts && t.intervention == k.terms[h.term].intervention && o.at <= h.at+h.n+near && h.at <= o.at+o.n+near
	})
}

// namesPeople says whether a text speaks of people who use drugs, or of services
// for them, in words that mean nothing else.
func (k *Keywords) namesPeople(hits []hit) bool {
	return slices.ContainsFunc(hits, func(h hit) bool {
		t := &k.terms[h.term]
		return h.state == counts && t.needs == "" && !t.mute && t.drugs
	})
}

// writtenIn says whether small words or letters of the language stand in a text,
// more than English ones.
func (k *Keywords) writtenIn(language, text string, folded []byte, spans []span) bool {
	own, english := 0, 0
	for _, l := range k.tongues {
		if l.id != language && l.id != "en" {
			continue
		}
		points := 0
		for _, s := range spans {
			if slices.Contains(l.folded, string(folded[s.from:s.to])) {
				points++
			}
		}
		if l.id == "en" {
			english = points
			continue
		}
		own = points
		if strings.ContainsAny(norm.NFC.String(strings.ToLower(text)), l.letters) {
			own++
		}
	}
	return own > english
}

// around finds a hit that shares tokens with hit i and is as wanted, or -1. Hits
// stand in the order of their tokens.
func (k *Keywords) around(hits []hit, i int, wanted func(o *term, other hit) bool) int {
	h := hits[i]
	first := i
	for first > 0 && hits[first-1].at > h.at-k.longest {
		first--
	}
	for j := first; j < len(hits) && hits[j].at < h.at+h.n; j++ {
		if other := hits[j]; h.at < other.at+other.n && wanted(&k.terms[other.term], other) {
			return j
		}
	}
	return -1
}

// settleNeeds drops terms that lack what they need. A term that needs another
// counts beside one that needs none, or when two acronyms of different core
// services stand together (OAT and NSP), or of two populations (IDU and MSM).
func (k *Keywords) settleNeeds(hits []hit) {
	alone, together, service, drugs := false, false, false, false
	people, beside := false, false // named by an acronym that needs company: people who use drugs, others
	loose := ""                    // the core service an acronym that needs company stands for
	for _, h := range hits {
		t := &k.terms[h.term]
		if t.mute || h.state != counts {
			continue
		}
		switch {
		case t.free():
			alone = true
			drugs = drugs || t.drugs
		case t.loose():
			together = together || loose != "" && loose != t.intervention
			loose = t.intervention
			people = people || loose == "unspecified_pwid"
		case t.intervention == others && t.needs == needsTerm:
			beside = true
		}
		service = service || t.service()
	}
	met := func(t *term) bool {
		switch t.needs {
		case needsTerm:
			return alone || together || people && beside && (t.intervention == others || t.intervention == "unspecified_pwid")
		case needsService:
			return alone || together || service || people && beside && t.intervention == "unspecified_pwid"
		case needsDrugs:
			return drugs || together && t.loose()
		}
		return true
	}
	for _, h := range hits {
		if t := &k.terms[h.term]; h.state == counts && !t.mute && t.needs != needsDrugs && t.drugs {
			drugs = drugs || met(t)
		}
	}
	for i := range hits {
		if h := &hits[i]; h.state == counts && !k.terms[h.term].mute && !met(&k.terms[h.term]) {
			h.state = lacking
		}
	}
}

// loose says whether the term is an acronym of a core service, or of people who
// use drugs, that needs company.
func (t *term) loose() bool {
	return !t.free() && t.acronym != "" && slices.Contains([]string{"nsp", "oat", "naloxone", "unspecified_pwid"}, t.intervention)
}

// is says whether a token of a text is this one.
func (t *termToken) is(token []byte) bool {
	return len(token) == len(t.text) && string(token) == t.text || t.stem && len(token) > len(t.text) && string(token[:len(t.text)]) == t.text
}

// follows says whether the tokens of a term stand at the beginning of spans.
func follows(folded []byte, spans []span, tokens []termToken) bool {
	for i := range tokens {
		if s := spans[i]; s.breaks || !tokens[i].is(folded[s.from:s.to]) {
			return false
		}
	}
	return true
}

// Terms are looked up by the first bytes of their first token; stems shorter than
// those, by fewer.
const (
	longHead  = 6
	shortHead = 4
)

// longHeadOf gives the first bytes of a token, the whole of a shorter one.
func longHeadOf(token []byte) uint64 {
	if len(token) >= 8 {
		return binary.LittleEndian.Uint64(token) << 16
	}
	var head [8]byte
	copy(head[2:], token)
	return binary.LittleEndian.Uint64(head[:])
}

// shortHeadOf gives fewer, marked as what they are.
func shortHeadOf(token []byte) uint64 {
	if len(token) < shortHead {
		return 0
	}
	return uint64(binary.LittleEndian.Uint32(token))<<16 | 1
}

// anything is the set of all second tokens.
const anything = ^uint64(0)

// nextBit tells most second tokens apart by how they begin.
func nextBit(token []byte) uint64 {
	if len(token) < 2 {
		return anything
	}
	return 1 << ((uint32(token[0])*31 + uint32(token[1])) & 63)
}

// headBit is where a set of so many words, a power of two, has a head.
func headBit(head uint64, words int) (at int, bit uint64) {
	h := head * 0x9e3779b97f4a7c15 >> 40
	return int(h>>6) & (words - 1), 1 << (h & 63)
}

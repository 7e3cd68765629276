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
	struck           // a negative phrase took its tokens
	covered          // a longer service took its tokens
	lacking          // what it needs is not in the text
)

// read finds the terms of a text and settles which of them count. The hits
// stand in the room.
func (k *Keywords) read(text string, room *room) []hit {
	room.folded, room.spans = k.tokenise(text, room.folded, room.spans)
	folded, spans, hits := room.folded, room.spans, room.hits[:0]
	for at, s := range spans {
		token := folded[s.from:s.to]
		head := headOf(token)
		if i, bit := headBit(head); k.heads[i]&bit != 0 {
			for _, o := range k.byHead[head] {
				if !o.token.is(token) {
					continue
				}
				for _, i := range o.terms {
					if t := &k.terms[i]; at+len(t.tokens) <= len(spans) && follows(folded, spans[at+1:], t.tokens[1:]) {
						hits = append(hits, hit{term: i, at: at, n: len(t.tokens)})
					}
				}
			}
		}
		if s.capital {
			hits = k.acronymsAt(text, at, s, hits)
		}
	}
	room.hits = hits
	if len(hits) > 0 {
		k.settle(hits)
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

// settle says of each hit whether it counts, and if not why.
func (k *Keywords) settle(hits []hit) {
	for i := range hits {
		h := &hits[i]
		if k.terms[h.term].negative {
			continue
		}
		if by := k.around(hits, i, func(o *term, other hit) bool { return o.negative && other.n >= h.n }); by >= 0 {
			h.state, h.by = struck, hits[by].term
		}
	}
	for i := range hits {
		h := &hits[i]
		t := &k.terms[h.term]
		if t.negative || h.state != counts || !t.service() {
			continue
		}
		if by := k.around(hits, i, func(o *term, other hit) bool {
			return !o.negative && other.n > h.n && o.intervention != t.intervention && o.service() && (o.needs == "" || o.needs == t.needs) &&
				other.state == counts && other.at <= h.at && h.at+h.n <= other.at+other.n
		}); by >= 0 {
			h.state, h.by = covered, hits[by].term
		}
	}
	k.settleNeeds(hits)
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
// services stand together (OAT and NSP).
func (k *Keywords) settleNeeds(hits []hit) {
	alone, together, service, drugs := false, false, false, false
	loose := "" // the core service an acronym that needs company stands for
	for _, h := range hits {
		t := &k.terms[h.term]
		if t.negative || h.state != counts {
			continue
		}
		switch {
		case t.needs == "":
			alone = true
			drugs = drugs || t.speaksOfDrugs()
		case t.loose():
			together = together || loose != "" && loose != t.intervention
			loose = t.intervention
		}
		service = service || t.service()
	}
	met := func(t *term) bool {
		switch t.needs {
		case needsTerm:
			return alone || together
		case needsService:
			return alone || together || service
		case needsDrugs:
			return drugs || together && t.loose()
		}
		return true
	}
	for _, h := range hits {
		if t := &k.terms[h.term]; h.state == counts && !t.negative && t.needs != needsDrugs && t.speaksOfDrugs() {
			drugs = drugs || met(t)
		}
	}
	for i := range hits {
		if h := &hits[i]; h.state == counts && !met(&k.terms[h.term]) {
			h.state = lacking
		}
	}
}

// loose says whether the term is an acronym of a core service, or of people who
// use drugs, that needs company.
func (t *term) loose() bool {
	return t.needs != "" && t.acronym != "" && slices.Contains([]string{"nsp", "oat", "naloxone", "unspecified_pwid"}, t.intervention)
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

// headBit is where Keywords.heads has a head.
func headBit(head uint32) (at uint32, bit uint64) {
	h := head * 2654435761 >> 14 // 18 bits
	return h >> 6, 1 << (h & 63)
}

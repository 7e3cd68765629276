package iati

import (
	"encoding/binary"
	"fmt"
	"slices"
	"unicode/utf8"
)

// machine is a deterministic automaton over bytes that answers one question:
// does any of its patterns occur? It reads every byte once, whatever the number
// of patterns.
type machine struct {
	next    []uint16 // state<<8|byte -> state
	longest int      // at least the bytes of the longest pattern
}

const (
	startState  = 0
	acceptState = 1
)

// contains reports whether a pattern occurs in b, which is followed by a
// boundary.
func (m *machine) contains(b []byte) bool {
	// A state must be known before the next can be looked up; four parts read
	// side by side keep the processor busy meanwhile. Each goes on into the next
	// for the length of the longest pattern, to find what lies across.
	s0, s1, s2, s3 := uint16(startState), uint16(startState), uint16(startState), uint16(startState)
	next := m.next
	if part := len(b) / 4; part > 4*m.longest {
		n := part + m.longest
		b0, b1, b2 := b[:n], b[part:][:n], b[2*part:][:n]
		b3 := b[3*part:]
		for i := range b0 {
			s0 = next[int(s0)<<8|int(b0[i])]
			s1 = next[int(s1)<<8|int(b1[i])]
			s2 = next[int(s2)<<8|int(b2[i])]
			if i < len(b3) {
				s3 = next[int(s3)<<8|int(b3[i])]
			}
		}
		if s0 == acceptState || s1 == acceptState || s2 == acceptState || s3 == acceptState {
			return true // once reached it is never left
		}
		return next[int(s3)<<8|' '] == acceptState
	}
	for _, c := range b {
		if s0 = next[int(s0)<<8|int(c)]; s0 == acceptState {
			return true
		}
	}
	return next[int(s0)<<8|' '] == acceptState
}

// pattern is a sequence of steps, each a choice of byte sequences. An empty
// pattern matches nothing.
type pattern []step

// step is one character: a class of single bytes (there is one class, boundary),
// or the encodings of a rune in all its cases.
type step struct {
	class *[256]bool
	seqs  []string
}

// compile builds the machine by subset construction.
func compile(patterns []pattern) *machine {
	var n nfa
	start := n.node()
	shared := map[string]uint16{} // patterns with a common beginning share its nodes
	for _, p := range patterns {
		at := start
		for i, s := range p {
			id := fmt.Sprint(at, s.class != nil, s.seqs)
			to, known := shared[id]
			if !known {
				to = n.node()
				shared[id] = to
				if s.class != nil {
					n.edges[at] = append(n.edges[at], edge{class: s.class, to: to})
				}
				for _, seq := range s.seqs {
					n.sequence(at, to, seq)
				}
			}
			n.accept[to] = n.accept[to] || i == len(p)-1
			at = to
		}
	}
	m := &machine{next: make([]uint16, 2<<8)}
	for _, p := range patterns {
		m.longest = max(m.longest, utf8.UTFMax*len(p))
	}
	for c := range 256 {
		m.next[acceptState<<8|c] = acceptState
	}
	states := map[string]uint16{}
	sets := [][]uint16{{start}, nil}
	states[key(sets[0])] = startState
	for s := 0; s < len(sets); s++ {
		if s == acceptState {
			continue
		}
		// Bytes that no edge asks for by name differ only in being a boundary.
		named, others := n.named(sets[s]), [2]int{-1, -1}
		for c := range 256 {
			other := &others[0]
			if boundary.class[c] {
				other = &others[1]
			}
			if !named[c] && *other >= 0 {
				m.next[s<<8|c] = uint16(*other)
				continue
			}
			set, accepted := n.step(sets[s], byte(c))
			set = append(set, start) // a pattern may begin anywhere
			slices.Sort(set)
			set = slices.Compact(set)
			id, known := states[key(set)]
			switch {
			case accepted:
				id = acceptState
			case !known:
				id = uint16(len(sets))
				states[key(set)] = id
				sets = append(sets, set)
				m.next = append(m.next, make([]uint16, 256)...)
			}
			m.next[s<<8|c] = id
			if !named[c] {
				*other = int(id)
			}
		}
	}
	return m
}

type edge struct {
	class *[256]bool // nil: only the byte
	c     byte
	to    uint16
}

type nfa struct {
	edges  [][]edge
	accept []bool
}

func (n *nfa) node() uint16 {
	n.edges, n.accept = append(n.edges, nil), append(n.accept, false)
	return uint16(len(n.edges) - 1)
}

func (n *nfa) sequence(from, to uint16, seq string) {
	for i := range len(seq) {
		next := to
		if i < len(seq)-1 {
			next = n.node()
		}
		n.edges[from] = append(n.edges[from], edge{c: seq[i], to: next})
		from = next
	}
}

func (n *nfa) step(set []uint16, c byte) (to []uint16, accepted bool) {
	for _, s := range set {
		for _, e := range n.edges[s] {
			if e.class == nil && e.c == c || e.class != nil && e.class[c] {
				to = append(to, e.to)
				accepted = accepted || n.accept[e.to]
			}
		}
	}
	return to, accepted
}

// named lists the bytes that edges of the set ask for one by one.
func (n *nfa) named(set []uint16) (bytes [256]bool) {
	for _, s := range set {
		for _, e := range n.edges[s] {
			if e.class == nil {
				bytes[e.c] = true
			}
		}
	}
	return bytes
}

func key(set []uint16) string {
	b := make([]byte, 0, 2*len(set))
	for _, s := range set {
		b = binary.LittleEndian.AppendUint16(b, s)
	}
	return string(b)
}

// literal matches exactly the bytes of s.
func literal(s string) (p pattern) {
	for i := range len(s) {
		p = append(p, step{seqs: []string{s[i : i+1]}})
	}
	return p
}

// caseless matches s in any case.
func caseless(s string) (p pattern) {
	for _, r := range s {
		var seqs []string
		for _, o := range orbit(r) {
			seqs = append(seqs, string(utf8.AppendRune(nil, o)))
		}
		p = append(p, step{seqs: seqs})
	}
	return p
}

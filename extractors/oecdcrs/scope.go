package oecdcrs

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

//go:embed purposes.csv
var purposeTable string

//go:embed words.csv
var wordTable string

// Why rows are counted and not disclosed.
const (
	skipPurpose = "the purpose is neither HIV, drug use, drug control nor one whose words are read"
	skipWords   = "nothing about HIV, drug use or harm reduction in the title and descriptions"
	skipNoTexts = "the purpose is read for words only, and the document has no titles or descriptions"
)

// rule is what a purpose is to this source.
type rule byte

const (
	outside rule = iota
	always       // in scope by its code
	byWords      // in scope where its words name HIV, drug use or harm reduction
)

// scope decides which rows are disclosed.
type scope struct {
	purposes map[string]rule // by purpose, or by the three digits of a sector
	asked    []string        // purposes that the interface is asked for
	anyCase  trie            // words in any case
	thisCase trie            // words in this case only
	not      trie            // phrases that mean something else
}

func newScope() (*scope, error) {
	s := &scope{purposes: map[string]rule{}, anyCase: newTrie(), thisCase: newTrie(), not: newTrie()}
	rows, err := csv.NewReader(strings.NewReader(purposeTable)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("reading purposes.csv: %w", err)
	}
	for _, r := range rows[1:] {
		kind, ok := map[string]rule{"always": always, "words": byWords}[r[1]]
		if !ok {
			return nil, fmt.Errorf("reading purposes.csv: unknown rule %q", r[1])
		}
		s.purposes[r[0]] = kind
		if r[2] == "1" {
			s.asked = append(s.asked, r[0])
		}
	}
	if rows, err = csv.NewReader(strings.NewReader(wordTable)).ReadAll(); err != nil {
		return nil, fmt.Errorf("reading words.csv: %w", err)
	}
	for i, r := range rows[1:] {
		words := appendWords(nil, r[1])
		switch kind := r[0]; kind {
		case "word", "stem":
			s.anyCase.add(fold(nil, words), kind == "stem")
		case "case_word", "case_stem":
			s.thisCase.add(words, kind == "case_stem")
		case "not":
			s.not.add(fold(nil, words), false)
		default:
			return nil, fmt.Errorf("reading words.csv: line %d: unknown kind %q", i+2, kind)
		}
	}
	return s, nil
}

// rule of a purpose, as a document writes it.
func (s *scope) rule(purpose []byte) rule {
	r, ok := s.purposes[string(purpose)]
	if !ok && len(purpose) == 5 && plainDigits(purpose) {
		return s.purposes[string(purpose[:3])]
	}
	if !ok && !plainDigits(purpose) { // blanks around it, or "13040.0"
		if c := code(clean(purpose)); c != string(purpose) {
			return s.rule([]byte(c))
		}
	}
	return r
}

func plainDigits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// finder looks for words. It keeps its memory: one for each goroutine.
type finder struct {
	*scope
	exact, folded []byte
}

// mentions reports whether a text names HIV, drug use or harm reduction in so
// many words. Words are whole words, or the beginnings of words (a "stem"), in
// any case unless they are acronyms, with or without accents; a phrase of the
// "not" list (rational drug use, hearing aids) hides what is inside it.
func (f *finder) mentions(text string) bool {
	if len(text) < 3 {
		return false
	}
	f.exact = appendWords(f.exact[:0], text)
	f.folded = fold(f.folded[:0], f.exact)
	exact, folded := f.exact, f.folded
	for len(folded) > 0 {
		words := 1
		if n := f.not.match(folded); n > 0 {
			words = bytes.Count(folded[:n], []byte{' '})
		} else if f.anyCase.match(folded) > 0 || f.thisCase.match(exact) > 0 {
			return true
		}
		for range words {
			folded = folded[bytes.IndexByte(folded, ' ')+1:]
			exact = exact[bytes.IndexByte(exact, ' ')+1:]
		}
	}
	return false
}

// appendWords appends the words of a text, without accents, with one space
// after each.
func appendWords(out []byte, text string) []byte {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			text = norm.NFKD.String(text)
			break
		}
	}
	gap := true
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			i++
			if c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
				out, gap = append(out, c), false
			} else if !gap {
				out, gap = append(out, ' '), true
			}
			continue
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		switch {
		case unicode.IsMark(r):
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			out, gap = append(out, text[i:i+n]...), false
		case !gap:
			out, gap = append(out, ' '), true
		}
		i += n
	}
	if !gap {
		out = append(out, ' ')
	}
	return out
}

// fold appends words with the cases of letters mapped to one.
func fold(out, words []byte) []byte {
	for i := 0; i < len(words); {
		c := words[i]
		if c < utf8.RuneSelf {
			if c >= 'A' && c <= 'Z' {
				c += 'a' - 'A'
			}
			out = append(out, c)
			i++
			continue
		}
		r, n := utf8.DecodeRune(words[i:])
		out = utf8.AppendRune(out, unicode.ToLower(unicode.ToUpper(r)))
		i += n
	}
	return out
}

// trie holds phrases by their bytes.
type trie struct{ nodes []node }

type node struct {
	next [256]uint16
	end  bool
}

func newTrie() trie { return trie{make([]node, 1)} }

// add adds words as appendWords gives them. A stem may go on inside its last word.
func (t *trie) add(words []byte, stem bool) {
	if stem {
		words = words[:len(words)-1]
	}
	at := uint16(0)
	for _, c := range words {
		to := t.nodes[at].next[c]
		if to == 0 {
			to = uint16(len(t.nodes))
			t.nodes = append(t.nodes, node{})
			t.nodes[at].next[c] = to
		}
		at = to
	}
	t.nodes[at].end = true
}

// match returns the length of the longest phrase that words begin with; 0: none.
func (t *trie) match(words []byte) int {
	at, longest := uint16(0), 0
	for i, c := range words {
		if at = t.nodes[at].next[c]; at == 0 {
			break
		}
		if t.nodes[at].end {
			longest = i + 1
		}
	}
	return longest
}

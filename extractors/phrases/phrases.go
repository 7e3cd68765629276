// Package phrases finds words in texts of any language: whole words, beginnings
// of words and phrases, as a source's own list names them. Sources decide with it
// which of their records they read; what the words mean is the work of package
// transforms.
package phrases

import (
	"bytes"
	"fmt"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// List is a list of phrases. It is safe for concurrent use once it is filled.
type List struct {
	anyCase  trie // words in any case
	thisCase trie // words in this case only
	not      trie // phrases that mean something else
}

// NewList returns an empty list.
func NewList() *List { return &List{anyCase: newTrie(), thisCase: newTrie(), not: newTrie()} }

// Add adds a phrase of a kind: "word" (whole words in any case), "stem" (the last
// word may go on), "case_word" and "case_stem" (in this case only), or "not" (a
// phrase that hides what is inside it). Accents do not matter.
func (l *List) Add(kind, phrase string) error {
	words := appendWords(nil, phrase)
	if len(words) == 0 {
		return fmt.Errorf("%q has no words", phrase)
	}
	switch kind {
	case "word", "stem":
		l.anyCase.add(fold(nil, words), kind == "stem")
	case "case_word", "case_stem":
		l.thisCase.add(words, kind == "case_stem")
	case "not":
		l.not.add(fold(nil, words), false)
	default:
		return fmt.Errorf("unknown kind %q", kind)
	}
	return nil
}

// Finder looks for the phrases of a list. It keeps its memory: one for each
// goroutine.
type Finder struct {
	list          *List
	exact, folded []byte
}

// Finder returns a finder over the list.
func (l *List) Finder() *Finder { return &Finder{list: l} }

// Mentions reports whether a text has one of the phrases outside those that mean
// something else.
func (f *Finder) Mentions(text string) bool {
	if len(text) < 3 {
		return false
	}
	f.exact = appendWords(f.exact[:0], text)
	f.folded = fold(f.folded[:0], f.exact)
	exact, folded := f.exact, f.folded
	for len(folded) > 0 {
		words := 1
		if n := f.list.not.match(folded); n > 0 {
			words = bytes.Count(folded[:n], []byte{' '})
		} else if f.list.anyCase.match(folded) > 0 || f.list.thisCase.match(exact) > 0 {
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

package iati

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// scope decides which activities are about HIV or drug use: by a sector code, a
// word, the component of a Global Fund grant, or an organisation that does
// nothing else. The words are in scope.csv.
//
// covers decides on a decoded activity. maybe looks at its bytes only and is
// never false where covers is true; it may be true where covers is false.
type scope struct {
	sectors, organisations, grants []string

	folded, exact machine // over normalised words: " HARM REDUCTION "
	bytes         machine // over the bytes of an activity
}

// newScope reads the table of words (columns kind,value,anchor,lang,note).
//
// A "word" occurs as a whole word or phrase in any case, a "stem" at the start
// of one; "case_word" and "case_stem" in this case only. The anchor of a phrase
// is its most telling word: the bytes are searched for it alone, because what
// stands between two words in XML may be anything.
func newScope(table []byte) (*scope, error) {
	rows, err := csv.NewReader(bytes.NewReader(table)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("reading scope words: %w", err)
	}
	var s scope
	var folded, exact, raw []pattern
	for i, row := range rows[1:] {
		kind, value, anchor := row[0], row[1], row[2]
		switch kind {
		case "sector", "organisation", "grant":
			list := map[string]*[]string{"sector": &s.sectors, "organisation": &s.organisations, "grant": &s.grants}[kind]
			*list = append(*list, value)
			raw = append(raw, slices.Concat(pattern{boundary}, caseless(value)))
			continue
		case "word", "stem", "case_word", "case_stem":
		default:
			return nil, fmt.Errorf("reading scope words: line %d: unknown kind %q", i+2, kind)
		}
		stem, exactCase := strings.HasSuffix(kind, "stem"), strings.HasPrefix(kind, "case_")
		// Some publishers write letters and their accents apart.
		for _, form := range []norm.Form{norm.NFC, norm.NFD} {
			words := strings.Fields(form.String(value))
			mark := form.String(anchor)
			if len(words) == 1 {
				mark = words[0]
			}
			at := slices.Index(words, mark)
			if at < 0 {
				return nil, fmt.Errorf("reading scope words: line %d: anchor %q is not a word of %q", i+2, anchor, value)
			}
			p, mapping, list := slices.Concat(pattern{boundary}, caseless(mark)), foldRune, &folded
			if exactCase {
				p, mapping, list = slices.Concat(pattern{boundary}, literal(mark)), same, &exact
			}
			phrase := appendWords(nil, []byte(strings.Join(words, " ")), mapping)
			if stem {
				phrase = bytes.TrimRight(phrase, " ")
			}
			*list = append(*list, literal(string(phrase)))
			if !stem || at < len(words)-1 {
				p = append(p, boundary)
			}
			raw = append(raw, p)
		}
	}
	s.folded, s.exact, s.bytes = *compile(folded), *compile(exact), *compile(raw)
	return &s, nil
}

// boundary is any byte that cannot be inside an ASCII word. The bytes of other
// letters count as boundaries: the search in bytes may find too much.
var boundary = func() step {
	var class [256]bool
	for c := range 256 {
		b := byte(c)
		class[c] = !(b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z')
	}
	return step{class: &class}
}()

// maybe reports whether the bytes of an activity could be in scope. The activity
// is plain: no comment, CDATA section or processing instruction in it.
func (s *scope) maybe(b []byte) bool {
	// A character reference may stand for a letter.
	return bytes.Contains(b, []byte("&#")) || !utf8.Valid(b) || s.bytes.contains(b)
}

// covers reports whether a decoded activity is in scope.
func (s *scope) covers(t *tree) bool {
	for i := range t.nodes {
		n := int32(i)
		switch string(t.nodes[i].name) {
		case "sector":
			if slices.Contains(s.sectors, string(t.attr(n, "code"))) {
				return true
			}
		case "reporting-org", "participating-org", "provider-org", "receiver-org":
			ref := t.attr(n, "ref")
			for _, o := range s.organisations {
				if len(ref) > 0 && strings.EqualFold(o, string(ref)) {
					return true
				}
			}
		case "iati-identifier":
			for _, prefix := range s.grants {
				if id, ok := strings.CutPrefix(string(t.nodes[i].text), prefix); ok &&
					(strings.Contains(id, "-H-") || strings.Contains(id, "-C-")) {
					return true
				}
			}
		}
	}
	var buf [512]byte
	for i := range t.nodes {
		if len(t.nodes[i].text) > 2 && s.mentions(t.nodes[i].text, buf[:0]) {
			return true
		}
	}
	return false
}

// mentions reports whether a text has one of the words.
func (s *scope) mentions(text, buf []byte) bool {
	return s.folded.contains(appendWords(buf, text, foldRune)) ||
		s.exact.contains(appendWords(buf, text, same))
}

// appendWords appends the words of text, mapped, with one space before each and
// after the last.
func appendWords(buf, text []byte, mapping func(rune) rune) []byte {
	buf = append(buf, ' ')
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf {
			i++
			switch {
			case !boundary.class[c]:
				buf = append(buf, byte(mapping(rune(c))))
			case buf[len(buf)-1] != ' ':
				buf = append(buf, ' ')
			}
			continue
		}
		r, n := utf8.DecodeRune(text[i:])
		i += n
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			buf = utf8.AppendRune(buf, mapping(r))
		case buf[len(buf)-1] != ' ':
			buf = append(buf, ' ')
		}
	}
	if buf[len(buf)-1] != ' ' {
		buf = append(buf, ' ')
	}
	return buf
}

func same(r rune) rune { return r }

// foldRune maps the cases of a letter to one of them.
func foldRune(r rune) rune {
	if r < utf8.RuneSelf { // the smallest of an ASCII letter's cases is its capital
		if r >= 'a' && r <= 'z' {
			r -= 'a' - 'A'
		}
		return r
	}
	low := r
	for o := unicode.SimpleFold(r); o != r; o = unicode.SimpleFold(o) {
		low = min(low, o)
	}
	return low
}

// orbit lists a letter in all its cases ('k', 'K', and the Kelvin sign).
func orbit(r rune) []rune {
	list := []rune{r}
	for o := unicode.SimpleFold(r); o != r; o = unicode.SimpleFold(o) {
		list = append(list, o)
	}
	return list
}

// countStatements counts the transactions, budgets and planned disbursements
// that begin in the bytes of an activity.
func countStatements(b []byte) (n int) {
	for {
		i := bytes.IndexByte(b, '<')
		if i < 0 || i+1 == len(b) {
			return n
		}
		b = b[i+1:]
		switch b[0] {
		case 't', 'b', 'p':
			if isName(b, transactionTag) || isName(b, budgetTag) || isName(b, plannedTag) {
				n++
			}
		}
	}
}

var (
	transactionTag = []byte("transaction")
	budgetTag      = []byte("budget")
	plannedTag     = []byte("planned-disbursement")
)

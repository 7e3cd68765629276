package transforms

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// span is a word of a text.
type span struct {
	from, to       int  // in the folded bytes
	rawFrom, rawTo int  // in the text
	breaks         bool // a sentence ends before it
	latin          bool // it has unaccented Latin letters
	cyrillic       bool
}

// tokenise cuts a text into its words, folded: lower case, without accents, an
// apostrophe inside a Cyrillic word dropped (ін'єкційний), between Latin ones a
// cut (d'aiguilles). What it returns stands in the room of folded and spans.
func (k *Keywords) tokenise(text string, folded []byte, spans []span) ([]byte, []span) {
	folded, spans = slices.Grow(folded[:0], len(text)+len(text)/8), spans[:0]
	open, breaks, cyrillic := false, false, false
	var s span
	shut := func(end int) {
		if open {
			s.to, s.rawTo = len(folded), end
			if s.to > s.from {
				spans = append(spans, s)
				breaks = false
			}
			open = false
		}
	}
	for i := 0; i < len(text); {
		r, size := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(text[i:])
		}
		ascii := r < utf8.RuneSelf
		letter := ascii && ('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z')
		switch {
		case letter, ascii && '0' <= r && r <= '9', !ascii && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			if !open {
				open, s = true, span{from: len(folded), rawFrom: i, breaks: breaks}
			}
			cyrillic = !ascii && unicode.Is(unicode.Cyrillic, r)
			s.latin, s.cyrillic = s.latin || letter, s.cyrillic || cyrillic
			switch {
			case ascii && r <= 'Z' && letter:
				folded = append(folded, byte(r+'a'-'A'))
			case ascii:
				folded = append(folded, byte(r))
			case int(r) < len(k.folds):
				folded = utf8.AppendRune(folded, k.folds[r])
			default:
				folded = appendFolded(folded, r)
			}
		case !ascii && unicode.Is(unicode.Mn, r): // an accent of the letter before it
		case open && cyrillic && (r == '\'' || r == '’' || r == 'ʼ' || r == '`'):
		default:
			shut(i)
			switch r {
			case '.', ';', '!', '?', ':', '|', '>', '•':
				breaks = true
			}
		}
		i += size
	}
	shut(len(text))
	return k.mixed(text, folded, spans)
}

// mixed folds again the words that mix Latin and Cyrillic letters: typed with
// the wrong keyboard, they look right to people (BИЧ).
func (k *Keywords) mixed(text string, folded []byte, spans []span) ([]byte, []span) {
	for i, s := range spans {
		if !s.latin || !s.cyrillic {
			continue
		}
		raw := text[s.rawFrom:s.rawTo]
		if clean := oneScript(raw); clean != raw {
			again, one := k.tokenise(clean, nil, nil)
			if len(one) != 1 {
				continue
			}
			spans[i].from = len(folded)
			folded = append(folded, again...)
			spans[i].to = len(folded)
		}
	}
	return folded, spans
}

// lookalikes are Latin letters drawn like Cyrillic ones.
var lookalikes = strings.NewReplacer(
	"A", "А", "B", "В", "C", "С", "E", "Е", "H", "Н", "I", "І", "K", "К", "M", "М", "O", "О", "P", "Р", "T", "Т", "X", "Х",
	"a", "а", "c", "с", "e", "е", "i", "і", "o", "о", "p", "р", "x", "х", "y", "у",
)

// oneScript gives a word that mixes Latin and Cyrillic letters its Cyrillic
// form; any other word comes back as it is.
func oneScript(word string) string {
	latin, cyrillic := false, false
	for i, r := range word {
		switch {
		case r < utf8.RuneSelf:
			latin = latin || r >= 'A'
		case unicode.Is(unicode.Cyrillic, r):
			cyrillic = true
		}
		if i > 40 {
			return word
		}
	}
	if !latin || !cyrillic {
		return word
	}
	return lookalikes.Replace(word)
}

// foldTable holds the folded form of the letters of our languages.
func foldTable() []rune {
	table := make([]rune, 0x590)
	for r := range table {
		table[r] = rune(r)
		folded := appendFolded(nil, rune(r))
		if one, size := utf8.DecodeRune(folded); size == len(folded) && size > 0 && one != utf8.RuneError {
			table[r] = one
		}
	}
	return table
}

// appendFolded appends a letter without case and accents (compatibility forms
// taken apart).
func appendFolded(to []byte, r rune) []byte {
	for _, d := range norm.NFKD.String(string(unicode.ToLower(r))) {
		if !unicode.Is(unicode.Mn, d) {
			to = utf8.AppendRune(to, unicode.ToLower(d))
		}
	}
	return to
}

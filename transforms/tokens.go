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
	capital        bool // it begins with a capital letter
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
		var f fold
		if int(r) < len(k.folds) {
			f = k.folds[r]
		} else {
			f.class = classOf(r)
		}
		switch {
		case f.class&inWord != 0:
			if !open {
				open, s = true, span{from: len(folded), rawFrom: i, breaks: breaks, capital: f.class&capital != 0}
			}
			cyrillic = f.class&inCyrillic != 0
			s.latin, s.cyrillic = s.latin || f.class&inLatin != 0, s.cyrillic || cyrillic
			switch {
			case f.r == 0:
				folded = appendFolded(folded, r)
			case f.r < utf8.RuneSelf:
				folded = append(folded, byte(f.r))
			default:
				folded = utf8.AppendRune(folded, f.r)
			}
		case f.class&accent != 0: // of the letter before it
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
	"A", "А", "B", "В", "C", "С", "E", "Е", "H", "Н", "I", "І", "K", "К", "M", "М", "O", "О", "P", "Р", "T", "Т", "X", "Х", "Y", "У",
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

// fold is what becomes of a letter: its folded form (0: take it apart) and what
// it is.
type fold struct {
	r     rune
	class class
}

type class uint8

const (
	inWord  class = 1 << iota // a letter or digit
	inLatin                   // an unaccented Latin letter
	inCyrillic
	capital
	accent
)

func classOf(r rune) (c class) {
	if unicode.IsLetter(r) || unicode.IsDigit(r) {
		c |= inWord
	}
	if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
		c |= inLatin
	}
	if unicode.Is(unicode.Cyrillic, r) {
		c |= inCyrillic
	}
	if unicode.IsUpper(r) {
		c |= capital
	}
	if unicode.Is(unicode.Mn, r) {
		c |= accent
	}
	return c
}

// foldTable holds the folds of the letters of our languages.
func foldTable() []fold {
	table := make([]fold, 0x590)
	for i := range table {
		r := rune(i)
		table[i] = fold{r: r, class: classOf(r)}
		folded := appendFolded(nil, r)
		if one, size := utf8.DecodeRune(folded); size == len(folded) && size > 0 && one != utf8.RuneError {
			table[i].r = one
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

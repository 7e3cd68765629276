package locales

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// docs are the texts that are written in English where they belong (headers of
// queries, notes of tables, calculations in words) with what they mean in another
// language: docs.LANG.csv, one text a row. The English text is the key: a text that is
// changed loses its translation, which a test notices.
//
// A row with {placeholders} stands for every text of its shape; what fills {n} is a
// number, what fills any other is translated in turn where it can be.
type docs struct {
	texts  map[string]string // :: English -> this language
	shapes []shape
}

// shape is a row with placeholders.
type shape struct {
	literal string // its longest piece without placeholders, to look for first
	match   *regexp.Regexp
	names   []string
	text    string
}

// errDocs means that a row of docs.LANG.csv cannot be used.
var errDocs = errors.New("docs")

// loadDocs reads docs.LANG.csv. A language without the file says those texts in
// English, marked as such.
func loadDocs(lang string) (*docs, error) {
	d := &docs{texts: map[string]string{}}
	name := "docs." + lang + ".csv"
	b, err := files.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return d, nil
	}
	if err != nil {
		return nil, err
	}
	rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	for i, r := range rows {
		if i == 0 {
			continue
		}
		if err := d.add(r[0], r[1]); err != nil {
			return nil, fmt.Errorf("%s, row %d: %w", name, i+1, err)
		}
	}
	return d, nil
}

func (d *docs) add(en, text string) error {
	if en != strings.TrimSpace(en) || en == "" || strings.TrimSpace(text) == "" || d.texts[en] != "" {
		return fmt.Errorf("%w: %q is empty, has blanks around it or stands twice", errDocs, en)
	}
	text = typography(text)
	d.texts[en] = text
	at := placeholder.FindAllStringIndex(en, -1)
	if at == nil {
		return nil
	}
	s := shape{text: text}
	var b strings.Builder
	from := 0
	for _, p := range append(at, []int{len(en), len(en)}) {
		piece := en[from:p[0]]
		if len(piece) > len(s.literal) {
			s.literal = piece
		}
		b.WriteString(regexp.QuoteMeta(piece))
		switch name := en[p[0]:p[1]]; name {
		case "":
		case "{n}":
			return fmt.Errorf("%w: %q: numbers are {n_a}, {n_b}", errDocs, en)
		default:
			if !strings.Contains(text, name) {
				return fmt.Errorf("%w: the translation of %q lacks %s", errDocs, en, name)
			}
			s.names = append(s.names, name)
			if strings.HasPrefix(name, "{n_") {
				b.WriteString(`(-?\d[\d.,]*)`)
			} else {
				b.WriteString(`(.+?)`)
			}
		}
		from = p[1]
	}
	var err error
	s.match, err = regexp.Compile(`^` + b.String() + `$`)
	d.shapes = append(d.shapes, s)
	return err
}

// Docs lists the English texts that have a translation, sorted.
func (l *Locale) Docs() []string {
	if l.docs == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(l.docs.texts))
}

// Part is a piece of a text; Own says that it is in the language of the locale.
type Part struct {
	Text string
	Own  bool
}

// Say gives a text that is written in English where it belongs in this language, and
// whether all of it could be: what could not stays as it is.
func (l *Locale) Say(text string) (said string, own bool) {
	own = true
	for _, p := range l.Parts(text) {
		said += p.Text
		own = own && p.Own
	}
	return said, own
}

// Parts gives what Say gives piece by piece, in order: whole where it is known as a
// whole, else by sentences and clauses.
func (l *Locale) Parts(text string) []Part {
	if l.docs == nil || text == "" {
		return []Part{{text, true}}
	}
	var out []Part
	for clauses := clause.FindAllString(text, -1); len(clauses) > 0; {
		n, said := 1, []Part{{clauses[0], false}}
		for longest := len(clauses); longest > 0; longest-- {
			piece := strings.Join(clauses[:longest], "")
			bare := strings.TrimRight(piece, "; ")
			if found, ok := l.whole(bare); ok {
				n, said = longest, append(found, Part{piece[len(bare):], true})
				break
			}
		}
		out, clauses = append(out, said...), clauses[n:]
	}
	return merged(out)
}

// clause is a sentence, or what stands before a semicolon, with the blank after it.
var clause = regexp.MustCompile(`(?s).+?(?:[.;] |$)`)

// merged joins neighbours of one kind.
func merged(parts []Part) []Part {
	var out []Part
	for _, p := range parts {
		switch last := len(out) - 1; {
		case p.Text == "":
		case last >= 0 && (out[last].Own == p.Own || strings.Trim(p.Text, "; ") == ""):
			out[last].Text += p.Text
		default:
			out = append(out, p)
		}
	}
	return out
}

// whole is the translation of one text.
func (l *Locale) whole(text string) ([]Part, bool) {
	if !strings.ContainsFunc(text, latin) {
		return []Part{{text, true}}, true // figures, or a text in another script
	}
	if said, ok := l.docs.texts[text]; ok {
		return []Part{{said, true}}, true
	}
	if said, ok := l.docs.texts[plain(text)]; ok { // a sentence made of a text
		return []Part{{Sentence(said), true}}, true
	}
	for _, s := range l.docs.shapes {
		if !strings.Contains(text, s.literal) {
			continue
		}
		m := s.match.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		filled := map[string]string{}
		for i, name := range s.names {
			filled[name] = m[i+1]
		}
		return l.filled(s.text, filled), true
	}
	return nil, false
}

// filled puts values in the place of placeholders.
func (l *Locale) filled(text string, values map[string]string) []Part {
	var out []Part
	from := 0
	for _, at := range placeholder.FindAllStringIndex(text, -1) {
		out = append(append(out, Part{text[from:at[0]], true}), l.value(text[at[0]:at[1]], values[text[at[0]:at[1]]])...)
		from = at[1]
	}
	return append(out, Part{text[from:], true})
}

// value is what stands for a placeholder: a number in the language's way, or words,
// which may be those of our own vocabularies.
func (l *Locale) value(name, value string) []Part {
	if strings.HasPrefix(name, "{n_") {
		_, decimal := l.separators()
		return []Part{{strings.ReplaceAll(value, ".", decimal), true}}
	}
	if words, ok := l.Words(value, "measure.", "kind.", "hr_method."); ok {
		return []Part{{words, true}}
	}
	parts := l.Parts(value)
	for i := range parts { // a code of ours is a name
		parts[i].Own = parts[i].Own || !strings.Contains(parts[i].Text, " ")
	}
	return parts
}

// Words gives codes of our vocabularies, blank-separated, in words, if all are known
// under one of the prefixes.
func (l *Locale) Words(codes string, prefixes ...string) (string, bool) {
	var out []string
	for _, code := range strings.Fields(codes) {
		i := slices.IndexFunc(prefixes, func(p string) bool { return l.text[p+code].text != "" })
		if i < 0 {
			return "", false
		}
		out = append(out, l.text[prefixes[i]+code].text)
	}
	return strings.Join(out, ", "), len(out) > 0
}

// plain makes the first letter a small one.
func plain(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(r)) + s[n:]
}

func latin(r rune) bool { return unicode.Is(unicode.Latin, r) }

// Language guesses the language of a text that others wrote, as a tag for readers of
// the screen, from the script most of it is in; "" where that is the locale's, or none
// that can be told.
func (l *Locale) Language(text string) string {
	var latins, cyrillics int
	tag, accents := "ru", false
	for _, r := range text {
		switch {
		case unicode.Is(unicode.Cyrillic, r):
			cyrillics++
			if strings.ContainsRune("іїєґІЇЄҐ", r) {
				tag = "uk"
			}
		case latin(r):
			latins++
			accents = accents || r > unicode.MaxASCII
		}
	}
	switch {
	case latins == 0 && cyrillics == 0:
		return ""
	case latins > cyrillics && accents:
		tag = "und" // which language, nobody says
	case latins > cyrillics:
		tag = "en"
	}
	if tag == l.Lang || tag == "und" && l.Lang == "en" {
		return ""
	}
	return tag
}

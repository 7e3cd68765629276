// Package locales holds the words of every surface people read: pages and
// briefs. A language is one YAML file beside this one; adding a language is
// adding a file to Languages. Texts that are written in English where they belong
// (what a column means) have their translations in docs.LANG.csv (Say).
//
// Sentences are whole templates per language, never joined from pieces: the
// placeholder {in_country} receives "в Кыргызстане" or "in Kyrgyzstan". A text
// that depends on a number has plural forms. A missing text, a missing or an
// unknown placeholder is an error, so that no page shows a hole.
package locales

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"math/big"
	"regexp"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

//go:embed *.yaml docs.*.csv
var files embed.FS

// Languages lists the languages offered, the default first.
func Languages() []string { return []string{"en", "ru"} }

// ErrNoText means that a locale has no text for a key.
var ErrNoText = errors.New("no such text")

// Locale is one language: its texts and its way of writing numbers. It is
// read-only and safe for concurrent use.
type Locale struct {
	Lang string // BCP 47 tag, the path element of pages
	tag  language.Tag
	text map[string]message // :: key "country.title" -> text
	docs *docs              // texts written in English; nil: this is English
}

// message is a text; forms is set instead when it depends on a number.
type message struct {
	text  string
	forms map[string]string // :: zero|one|two|few|many|other -> text
}

// Load reads the locale of one language of Languages.
func Load(lang string) (*Locale, error) {
	b, err := files.ReadFile(lang + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("loading locale %q: %w", lang, err)
	}
	l, err := parse(lang, b)
	if err != nil {
		return nil, fmt.Errorf("loading locale %q: %w", lang, err)
	}
	if lang == Languages()[0] {
		return l, nil
	}
	if l.docs, err = loadDocs(lang); err != nil {
		return nil, fmt.Errorf("loading locale %q: %w", lang, err)
	}
	return l, nil
}

func parse(lang string, b []byte) (*Locale, error) {
	tag, err := language.Parse(lang)
	if err != nil {
		return nil, err
	}
	dec := yaml.NewDecoder(bytes.NewReader(b))
	var root map[string]any // yaml/v3 refuses duplicate keys
	if err := dec.Decode(&root); err != nil {
		return nil, err
	}
	if err := dec.Decode(new(any)); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one document")
	}
	l := &Locale{Lang: lang, tag: tag, text: map[string]message{}}
	return l, l.add("", root)
}

// add flattens nested keys to dotted ones.
func (l *Locale) add(prefix string, m map[string]any) error {
	for k, v := range m {
		key := k
		if prefix != "" {
			key = prefix + "." + k
		}
		switch v := v.(type) {
		case string:
			if strings.TrimSpace(v) == "" {
				return fmt.Errorf("%s: empty text", key)
			}
			l.text[key] = message{text: typography(v)}
		case map[string]any:
			if forms, ok := pluralForms(v); ok {
				l.text[key] = message{forms: forms}
			} else if err := l.add(key, v); err != nil {
				return err
			}
		default:
			return fmt.Errorf("%s: %T where a text was expected (quote it)", key, v)
		}
	}
	return nil
}

var formNames = map[plural.Form]string{
	plural.Other: "other", plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many",
}

// pluralForms reports whether m is a set of plural forms: every key is the name
// of one, and "other" is there.
func pluralForms(m map[string]any) (map[string]string, bool) {
	if _, ok := m["other"]; !ok {
		return nil, false
	}
	out := map[string]string{}
	for k, v := range m {
		s, ok := v.(string)
		if !ok || !isForm(k) {
			return nil, false
		}
		out[k] = typography(s)
	}
	return out, true
}

// typography keeps together what must not be torn apart at a line's end: a year
// and its "г.", a number and what it counts, a word and the dash after it.
func typography(s string) string {
	return strings.NewReplacer("} г.", "}"+nbsp+"г.", "} чел.", "}"+nbsp+"чел.", "} people", "}"+nbsp+"people", " —", nbsp+"—", "} КБ", "}"+nbsp+"КБ", "} МБ", "}"+nbsp+"МБ", "} KB", "}"+nbsp+"KB", "} MB", "}"+nbsp+"MB").Replace(s)
}

func isForm(k string) bool {
	for _, n := range formNames {
		if n == k {
			return true
		}
	}
	return false
}

// Keys lists every key, sorted.
func (l *Locale) Keys() []string {
	out := make([]string, 0, len(l.text))
	for k := range l.text {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

// Key makes a key of words of the data: "constant 2019 USD" is the text of
// constant_2019_usd.
func Key(words string) string {
	return strings.Trim(strings.Join(strings.FieldsFunc(strings.ToLower(words), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}), "_"), "_")
}

// Has reports whether there is a text for key.
func (l *Locale) Has(key string) bool { _, ok := l.text[key]; return ok }

// T returns the text of key with its placeholders filled from args, which are
// pairs of name and value. Every placeholder needs a value and every value a
// placeholder.
func (l *Locale) T(key string, args ...any) (string, error) {
	m, ok := l.text[key]
	if !ok {
		return "", fmt.Errorf("text %q in %s: %w", key, l.Lang, ErrNoText)
	}
	if m.forms != nil {
		return "", fmt.Errorf("text %q in %s depends on a number", key, l.Lang)
	}
	return fill(key, m.text, args)
}

// N returns the form of the text of key that n asks for; {n} is n as written in
// the language.
func (l *Locale) N(key string, n int, args ...any) (string, error) {
	m, ok := l.text[key]
	if !ok {
		return "", fmt.Errorf("text %q in %s: %w", key, l.Lang, ErrNoText)
	}
	i := n
	if i < 0 {
		i = -i
	}
	text, ok := m.forms[formNames[plural.Cardinal.MatchPlural(l.tag, i, 0, 0, 0, 0)]]
	if !ok {
		text, ok = m.forms["other"]
	}
	if !ok {
		return "", fmt.Errorf("text %q in %s has no plural forms", key, l.Lang)
	}
	return fill(key, text, append([]any{"n", l.Number(big.NewRat(int64(n), 1), 0)}, args...))
}

var placeholder = regexp.MustCompile(`\{[a-z_]+\}`)

func fill(key, text string, args []any) (string, error) {
	if len(args) == 0 && !strings.Contains(text, "{") {
		return text, nil // most texts of a page
	}
	if len(args)%2 != 0 {
		return "", fmt.Errorf("text %q: %d arguments are not pairs", key, len(args))
	}
	for i := 0; i < len(args); i += 2 {
		name := fmt.Sprintf("{%v}", args[i])
		if !strings.Contains(text, name) {
			return "", fmt.Errorf("text %q has no placeholder %s", key, name)
		}
		// A value is not searched for placeholders: it is data.
		text = strings.ReplaceAll(text, name, strings.NewReplacer("{", "\x00", "}", "\x01").Replace(fmt.Sprint(args[i+1])))
	}
	if m := placeholder.FindString(text); m != "" {
		return "", fmt.Errorf("text %q: no value for %s", key, m)
	}
	return strings.NewReplacer("\x00", "{", "\x01", "}").Replace(text), nil
}

// Clause makes a sentence part of another, after a colon or in a list: its first
// letter is no capital. A word with capitals of its own keeps them: ВИЧ, PrEP.
func Clause(s string) string {
	word, _, _ := strings.Cut(s, " ")
	r, n := utf8.DecodeRuneInString(word)
	if n == 0 || strings.ToLower(word[n:]) != word[n:] {
		return s
	}
	return string(unicode.ToLower(r)) + s[n:]
}

// Sentence makes the first letter a capital.
func Sentence(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:]
}

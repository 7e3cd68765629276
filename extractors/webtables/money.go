package webtables

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"hrinvest/extractors/plaintext"
)

func isLetterOrDigit(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// moneyPattern is the regular expression {money} stands for: a figure, perhaps
// with a word of magnitude, and its currency before it, after it or both
// ("USD 86 454,2USD").
func (r *rules) moneyPattern() string {
	currency, magnitude := alternatives(r.cfg.Currencies), alternatives(r.cfg.Magnitudes)
	return fmt.Sprintf(`(?P<before>%s)? ?(?P<figure>[-−]?[0-9](?:[0-9 .,'’]*[0-9])?) ?(?P<magnitude>%s)? ?(?P<after>%s)?`, currency, magnitude, currency)
}

// alternatives joins words, the longest first so that "долл. США" is not read as
// "долл". With no words it matches nothing.
func alternatives[K comparable](words map[K][]string) string {
	var all []string
	for _, ws := range words {
		for _, w := range ws {
			all = append(all, regexp.QuoteMeta(w))
		}
	}
	slices.SortFunc(all, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	if len(all) == 0 {
		return `[^\s\S]`
	}
	return strings.Join(all, "|")
}

// match is a sentence about money understood.
type match struct {
	amount, currency string
	groups           map[string]string // further groups of the pattern
}

// errWording: the sentence fits none of the declared patterns.
var errWording = errors.New("is not worded as expected")

// money reads a sentence by the first pattern that fits it.
func (r *rules) money(text string, patterns []*regexp.Regexp) (match, error) {
	text = strings.TrimRight(oneLine(text), " .;")
	for _, re := range patterns {
		m := re.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		out := match{groups: map[string]string{}}
		for i, name := range re.SubexpNames() {
			if name != "" {
				out.groups[name] = strings.TrimSpace(m[i])
			}
		}
		before, after := r.currencies[fold(out.groups["before"])], r.currencies[fold(out.groups["after"])]
		switch {
		case before == "" && after == "":
			return match{}, errors.New("names no currency")
		case before != "" && after != "" && before != after:
			return match{}, fmt.Errorf("names two currencies, %s and %s", before, after)
		}
		out.currency = before + after
		if before == after {
			out.currency = before
		}
		read, power := plaintext.Number, 0
		if word := out.groups["magnitude"]; word != "" {
			read, power = plaintext.Decimal, r.magnitudes[fold(word)]
		}
		plain, err := read(out.groups["figure"])
		if err != nil {
			return match{}, fmt.Errorf("the figure %q %w", out.groups["figure"], err)
		}
		if power > 0 {
			plain = plaintext.Shift(plain, power)
		}
		if whole, _, _ := strings.Cut(plain, "."); len(whole) > 18 {
			return match{}, fmt.Errorf("the figure %q is too large to be money", out.groups["figure"])
		}
		out.amount = plain
		return out, nil
	}
	return match{}, errWording
}

// brackets parts a sentence from what stands in brackets at its end; several
// parts are divided by semicolons.
func brackets(text string) (whole string, parts []string) {
	text = strings.TrimRight(oneLine(text), " .;")
	open := strings.Index(text, "(")
	if open < 0 || !strings.HasSuffix(text, ")") {
		return text, nil
	}
	for _, p := range strings.FieldsFunc(text[open+1:len(text)-1], func(r rune) bool { return r == ';' || r == '(' || r == ')' }) {
		if p = strings.TrimSpace(p); p != "" {
			parts = append(parts, p)
		}
	}
	return strings.TrimSpace(text[:open]), parts
}

package transforms

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"hrinvest/extractors"
)

// Marks of rows whose implementer is withheld, and of those whose statement is.
const (
	flagImplementer = "implementer_withheld"
	flagWithheld    = "statement_withheld"
)

// stepWithhold removes, in countries where naming can harm, everything that
// names who carries the work out: implementer, channel, title, the publisher's
// identifier and the quoted fields. Amounts stay. It runs last, so that no rule
// depends on what it removes. What takes the place of a removed identifier is
// nothing: a hash of a public identifier can be guessed.
//
// A statement about such countries only is withheld whole, as soon as it names
// a carrier or a grant (national totals name nobody). Of a statement about other
// countries too, the row of such a country loses its implementer.
//
// The code of a grant in such a country is cut out of every other statement.
func stepWithhold(withheld map[string]bool) Step {
	codes := newGrantCodes(withheld)
	return each(func(r *Row) {
		r.Title, r.ActivityID, r.StandsForGroup = codes.cut(r.Title), codes.cut(r.ActivityID), codes.cut(r.StandsForGroup)
		if clean := codes.cut(string(r.Raw)); len(clean) != len(r.Raw) {
			r.Raw = []byte(clean)
		}
		here := r.Country != "" && withheld[r.Country]
		named := strings.Fields(r.Countries)
		only := len(named) > 0
		for _, c := range named {
			only = only && withheld[c]
		}
		if !here && !only || !namesCarrier(r.D) {
			return
		}
		r.Implementer, r.Channel = "", ""
		r.flag(flagImplementer)
		if only {
			r.Title, r.ActivityID, r.StandsForGroup = "", "", ""
			r.Raw = []byte(`{"withheld":true}`)
			r.flag(flagWithheld)
		}
	})
}

// namesCarrier says whether a statement names who carries the work out, or a
// grant, whose code is made of its recipient's name.
func namesCarrier(d *extractors.Disclosure) bool {
	for _, p := range d.Parties {
		switch p.Role {
		case extractors.Implementing, extractors.Receiver, extractors.Channel, extractors.Accountable, extractors.Extending:
			return true
		}
	}
	return len(d.LinkIDs) > 0
}

// grantCodes finds the codes of grants in countries where implementers are
// withheld: country, component, recipient ("ABC-H-NAME").
type grantCodes struct {
	prefixes []string
	code     *regexp.Regexp
}

func newGrantCodes(withheld map[string]bool) grantCodes {
	g := grantCodes{}
	countries := slices.Sorted(maps.Keys(withheld))
	for _, c := range countries {
		g.prefixes = append(g.prefixes, c+"-", strings.ToLower(c)+"-")
	}
	if len(countries) > 0 {
		g.code = regexp.MustCompile(`(?i)\b(` + strings.Join(countries, "|") + `)-[A-Z]-[A-Z][A-Z0-9]*`)
	}
	return g
}

// cut replaces the codes in a text, keeping the country.
func (g grantCodes) cut(text string) string {
	for _, p := range g.prefixes {
		if strings.Contains(text, p) {
			return g.code.ReplaceAllString(text, "$1 (withheld)")
		}
	}
	return text
}

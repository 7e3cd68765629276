package transforms

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"hrinvest/extractors"
)

// Marks of rows whose implementer is withheld, and of those whose statement is;
// flagConsent, which a sheet records, lifts both.
const (
	flagImplementer = "implementer_withheld"
	flagWithheld    = "statement_withheld"
	flagConsent     = "consent"
)

// withheldRaw stands for the quoted fields of a withheld statement.
var withheldRaw = []byte(`{"withheld":true}`)

// withholding removes, in countries where naming can harm, everything that names
// who carries the work out. Amounts stay. What takes the place of a removed
// identifier is nothing: a hash of a public identifier can be guessed.
//
// A statement that names such a country, alone or among others, is withheld whole
// as soon as it names a carrier or a grant (national totals name nobody), for all
// its rows have one title, one identifier and one implementer. Where no country
// can be recognised, the name of one in the place or the title is enough, in any
// language of countries.csv. Who reports such a statement is withheld where it
// carries the work out itself.
//
// The code of a grant in such a country is cut out of every other statement.
type withholding struct {
	countries     map[string]bool
	codes         grantCodes
	spoken        []string // names of the countries as spoken
	gazetteer     *Gazetteer
	organisations *Organisations
	hidden        map[string]struct{} // names that were withheld, as spoken
}

func newWithholding(countries map[string]bool, g *Gazetteer, o *Organisations) *withholding {
	w := &withholding{countries: countries, codes: newGrantCodes(countries), gazetteer: g, organisations: o, hidden: map[string]struct{}{}}
	for _, c := range slices.Sorted(maps.Keys(countries)) {
		for _, name := range g.countries[c].spellings() {
			if s := spoken(name); len(s) > len(" abc ") { // shorter ones are words of other languages
				w.spoken = append(w.spoken, s)
			}
		}
	}
	return w
}

// step is the last one, so that no rule depends on what it removes.
func (w *withholding) step(group []Row) ([]Row, error) {
	if len(w.countries) == 0 {
		return group, nil
	}
	place := w.placeCheck()
	var hidden []extractors.Party // who must not be named, of the whole group
	for i := range group {
		r := &group[i]
		r.Title, r.ActivityID, r.StandsForGroup = w.codes.cut(r.Title), w.codes.cut(r.ActivityID), w.codes.cut(r.StandsForGroup)
		if clean := w.codes.cut(string(r.Raw)); len(clean) != len(r.Raw) {
			r.Raw = []byte(clean)
		}
		if r.flagged(flagConsent) || !w.namesCarrier(r.D) || !place(r) {
			continue
		}
		for _, p := range w.carriers(r.D) {
			if !slices.ContainsFunc(hidden, sameParty(p)) {
				hidden = append(hidden, p)
				w.hide(p)
			}
		}
		r.withhold(hidden)
	}
	if len(hidden) == 0 {
		return group, nil
	}
	for i := range group { // what names them elsewhere in the activity
		if r := &group[i]; !r.flagged(flagConsent) && names(r, hidden) {
			r.withhold(hidden)
		}
	}
	return group, nil
}

// withhold empties a row of what names who carries the work out. The publisher and
// the funder go where they are one of those hidden.
func (r *Row) withhold(hidden []extractors.Party) {
	r.Implementer, r.Channel, r.Title, r.ActivityID, r.StandsForGroup = "", "", "", "", ""
	r.Raw = withheldRaw
	r.flag(flagImplementer)
	r.flag(flagWithheld)
	for _, p := range hidden {
		r.publisherWithheld = r.publisherWithheld || slices.ContainsFunc(parties(r.D.Parties).as(extractors.Reporting), sameParty(p))
		r.funderWithheld = r.funderWithheld || p.Ref != "" && p.Ref == r.FunderID
		for name := range strings.SplitSeq(r.Funder, "; ") {
			r.funderWithheld = r.funderWithheld || orgKey(name) != "" && orgKey(name) == orgKey(p.Name)
		}
	}
}

// carriers are the organisations that must not be named: those that carry the
// work out or are paid for it, or the reporter where no other does. A donor of the
// list of organisations, a government and a multilateral organisation are none.
func (w *withholding) carriers(d *extractors.Disclosure) (out []extractors.Party) {
	if len(w.countries) == 0 {
		return nil
	}
	named := parties(d.Parties)
	list := slices.Concat(named.as(extractors.Implementing), named.as(extractors.Receiver))
	if len(list) == 0 {
		list = named.as(extractors.Reporting)
	}
	for _, p := range append(slices.Clip(list), named.as(extractors.Channel)...) {
		org, known := w.organisations.find(p)
		switch {
		case known, org.kind == "bilateral", org.kind == "multilateral", org.kind == "domestic_public", p.Ref == "" && orgKey(p.Name) == "":
		default:
			out = append(out, p)
		}
	}
	return out
}

// namesCarrier says whether a statement names who carries the work out, or a
// grant, whose code is made of its recipient's name.
func (w *withholding) namesCarrier(d *extractors.Disclosure) bool {
	for _, p := range d.Parties {
		switch p.Role {
		case extractors.Implementing, extractors.Receiver, extractors.Channel, extractors.Accountable, extractors.Extending:
			return true
		}
	}
	return len(d.LinkIDs) > 0 || len(w.carriers(d)) > 0
}

// placeCheck says of the rows of a group whether they are about a country of the
// list, as far as can be recognised.
func (w *withholding) placeCheck() func(*Row) bool {
	var last []extractors.Share
	var unknown bool // a place of last that is no country speaks of one of the list
	titles := map[string]bool{}
	titled := func(title string) bool { // an activity's repeats on every statement
		yes, ok := titles[title]
		if !ok {
			yes = w.mentions(title)
			titles[title] = yes
		}
		return yes
	}
	return func(r *Row) bool {
		for c := range strings.FieldsSeq(r.Countries) {
			if w.countries[c] {
				return true
			}
		}
		if !shared(r.D.Places, last) {
			last, unknown = r.D.Places, slices.ContainsFunc(r.D.Places, func(p extractors.Share) bool {
				_, ok := w.gazetteer.Country(p.Vocabulary, p.Code, p.Name)
				return !ok && (w.mentions(p.Name) || w.mentions(p.Code))
			})
		}
		return len(r.D.Places) > 0 && unknown || r.Countries == "" && titled(r.D.Title)
	}
}

// hide remembers a name that is withheld.
func (w *withholding) hide(p extractors.Party) {
	if nameForm.MatchString(p.Name) {
		w.hidden[spoken(p.Name)] = struct{}{}
	}
}

// namesHidden says whether a text holds a name that was withheld.
func (w *withholding) namesHidden(text string) bool {
	if len(w.hidden) == 0 || text == "" {
		return false
	}
	s := spoken(text)
	for name := range w.hidden {
		if strings.Contains(s, name) {
			return true
		}
	}
	return false
}

// names says whether a row names one of the parties.
func names(r *Row, hidden []extractors.Party) bool {
	for _, p := range hidden {
		if slices.ContainsFunc(r.D.Parties, sameParty(p)) {
			return true
		}
		if name := strings.TrimSpace(p.Name); nameForm.MatchString(name) && (strings.Contains(r.Title, name) || strings.Contains(string(r.Raw), name)) {
			return true
		}
	}
	return false
}

// mentions says whether a text holds the name of a country of the list.
func (w *withholding) mentions(text string) bool {
	if text == "" || len(w.spoken) == 0 {
		return false
	}
	s := spoken(text)
	return slices.ContainsFunc(w.spoken, func(name string) bool { return strings.Contains(s, name) })
}

// spoken folds a text to its words, parted and enclosed by blanks.
func spoken(text string) string {
	var b strings.Builder
	b.WriteByte(' ')
	gap := true
	for _, r := range norm.NFKD.String(strings.ToLower(text)) {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r):
			b.WriteRune(r)
			gap = false
		case unicode.Is(unicode.Mn, r):
		case !gap:
			b.WriteByte(' ')
			gap = true
		}
	}
	if !gap {
		b.WriteByte(' ')
	}
	return b.String()
}

// rejected says whether a statement that could not be read is about a country of
// the list: by the places its source understood, or by any field of it. Nobody
// knows what else such a statement says: it is withheld whole.
func (w *withholding) rejected(p extractors.Problem) bool {
	if len(w.countries) == 0 {
		return false
	}
	about := func(s string) bool {
		words := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(";,|/ \n", r) })
		long := func(word string) bool { return len(word) > 3 }
		return w.mentions(s) || slices.ContainsFunc(words, func(word string) bool {
			return w.codeOf(word) && (len(word) == 3 || !slices.ContainsFunc(words, long)) // "BY" may be a word among others
		})
	}
	for _, place := range p.Places {
		if c, ok := w.gazetteer.Country(place.Vocabulary, place.Code, place.Name); ok && w.countries[c] || about(place.Name) || about(place.Code) {
			return true
		}
	}
	var fields any
	if len(p.Raw) == 0 || json.Unmarshal(p.Raw, &fields) != nil {
		return false
	}
	return anyText(fields, about)
}

// codeOf says whether a word is the code of a country of the list, written as codes
// are: "ru" is a language, "By" begins a sentence.
func (w *withholding) codeOf(word string) bool {
	c, ok := w.gazetteer.Country("", word, "")
	return ok && w.countries[c] && word == strings.ToUpper(word)
}

// anyText says whether a text inside a value of JSON is one.
func anyText(v any, is func(string) bool) bool {
	switch v := v.(type) {
	case string:
		return is(v)
	case []any:
		return slices.ContainsFunc(v, func(v any) bool { return anyText(v, is) })
	case map[string]any:
		for _, v := range v {
			if anyText(v, is) {
				return true
			}
		}
	}
	return false
}

// quoted is what a reason quotes of the statement.
var quoted = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

// reason is a reason without what it quotes, but for the names of the countries.
func (w *withholding) reason(text string) string {
	return quoted.ReplaceAllStringFunc(text, func(q string) string {
		if slices.Contains(w.spoken, spoken(q)) {
			return q
		}
		return `"…"`
	})
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

package ocds

import (
	"cmp"
	"slices"
	"strings"

	"hrinvest/extractors"
)

// Schemes of the crosswalk.
const (
	schemeATC = "atc"
	schemeINN = "inn"
	schemeCPV = "cpv"
	// schemeMixed is of contracts that buy several things, of which none has a value
	// of its own.
	schemeMixed = "ocds"
)

// Codes of schemeMixed.
const (
	mixedServices = "several services"             // for people who use drugs
	mixedHIV      = "services and other HIV goods" // beside them
	mixedOther    = "other goods too"
)

// item is one thing that is bought.
type item struct {
	id, lot, description    string
	codes                   []extractors.Code
	quantity, price, priced string // price of a unit, and its currency
}

// schemes are the names publishers give the schemes. DK 021 is the CPV in Ukrainian.
var schemes = map[string]string{
	"ATC": schemeATC, "АТХ": schemeATC, "INN": schemeINN, "МНН": schemeINN,
	"CPV": schemeCPV, "ДК021": schemeCPV, "ДК 021": schemeCPV, "ДК 021:2015": schemeCPV, "DK021": schemeCPV,
}

func itemOf(n node) item {
	i := item{
		id: n.get("id").text(), lot: n.get("relatedLot").text(), description: n.get("description").text(),
		quantity: n.get("quantity").text(), price: n.get("unit", "value", "amount").text(), priced: n.get("unit", "value", "currency").text(),
	}
	for _, c := range append([]node{n.get("classification")}, n.get("additionalClassifications").list()...) {
		code := extractors.Code{Scheme: schemes[strings.ToUpper(c.get("scheme").text())], Code: c.get("id").text()}
		if code.Scheme != "" && code.Code != "" && !slices.Contains(i.codes, code) {
			i.codes = append(i.codes, code)
		}
	}
	return i
}

// completedBy adds what an item of the same id says elsewhere.
func (i item) completedBy(of item) item {
	i.lot, i.description = cmp.Or(i.lot, of.lot), cmp.Or(i.description, of.description)
	i.codes = slices.Clone(i.codes)
	for _, c := range of.codes {
		if !slices.ContainsFunc(i.codes, func(own extractors.Code) bool { return own.Scheme == c.Scheme }) {
			i.codes = append(i.codes, c)
		}
	}
	return i
}

// merged puts an item in the place of one of the same id.
func merged(items []item, i item) []item {
	same := func(other item) bool {
		return i.id != "" && i.id == other.id || i.id == "" && i.description == other.description && slices.Equal(i.codes, other.codes)
	}
	if at := slices.IndexFunc(items, same); at >= 0 {
		items[at] = i.completedBy(items[at])
		return items
	}
	return append(items, i)
}

// What an item may be for, besides what scope.csv says of its codes.
const (
	useWords = "words" // its words, or the title's, say it
	useOther = "other" // something else
)

// use is what an item is for: by its medicine, else its goods, else its words.
// titled says that the title of the whole speaks of it.
func (i item) use(t *tables, titled bool) string {
	for _, scheme := range [...]string{schemeATC, schemeINN, schemeCPV} {
		for _, c := range i.codes {
			if c.Scheme != scheme {
				continue
			}
			if use := t.use(scheme, c.Code); use != "" {
				return use
			}
		}
	}
	medicine := slices.ContainsFunc(i.codes, func(c extractors.Code) bool { return c.Scheme != schemeCPV })
	if t.words.Finder().Mentions(i.description) || titled && !medicine {
		return useWords
	}
	return useOther
}

// purchase is what a contract buys, as far as its items tell.
type purchase struct {
	uses  []string // distinct, in order of appearance
	items []item
	of    []string // use of each item
	// titled: the title speaks of HIV, drug use or harm reduction.
	titled bool
}

// look says what items are for. Words of the title are about all of them that do
// not say another medicine.
func (t *tables) look(items []item, title string) purchase {
	titled := t.words.Finder().Mentions(title)
	b := purchase{items: items, titled: titled}
	for _, i := range items {
		use := i.use(t, titled)
		b.of = append(b.of, use)
		if !slices.Contains(b.uses, use) {
			b.uses = append(b.uses, use)
		}
	}
	if len(items) == 0 {
		b.uses = []string{useOther}
		if titled {
			b.uses[0] = useWords
		}
	}
	return b
}

// covered says whether anything of it is about HIV, drug use or harm reduction.
func (b purchase) covered() bool { return b.titled || len(b.uses) > 1 || b.uses[0] != useOther }

// codes are the classification of the whole: the items' codes where all items are
// for one thing; else the widest thing that is true of all, which the scheme "ocds"
// of the crosswalk names; nothing where words have to say it.
func (b purchase) codes() (out []extractors.Code) {
	within := func(of ...string) bool {
		return !slices.ContainsFunc(b.uses, func(u string) bool { return !slices.Contains(of, u) })
	}
	switch {
	case len(b.uses) == 1 && !(b.titled && b.uses[0] == useOther):
	case slices.Contains(b.uses, useWords) && within(useWords, "oat", "naloxone", "hiv"):
		return nil
	case within("oat", "naloxone"):
		out = append(out, extractors.Code{Scheme: schemeMixed, Code: mixedServices})
	case within("oat", "naloxone", "hiv"):
		out = append(out, extractors.Code{Scheme: schemeMixed, Code: mixedHIV})
	default:
		out = append(out, extractors.Code{Scheme: schemeMixed, Code: mixedOther})
	}
	for _, scheme := range [...]string{schemeATC, schemeINN, schemeCPV} {
		out = append(out, b.ofScheme(scheme)...)
	}
	return out
}

// ofScheme lists the items' codes of a scheme.
func (b purchase) ofScheme(scheme string) (out []extractors.Code) {
	for _, i := range b.items {
		for _, c := range i.codes {
			if c.Scheme == scheme && !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	return out
}

// mostItems is how many descriptions are quoted.
const mostItems = 20

// descriptions are what the items are called, each once.
func (b purchase) descriptions(t *tables) (out []string) {
	for _, i := range b.items {
		if d := t.said(i.description); d != "" && !slices.Contains(out, d) && len(out) < mostItems {
			out = append(out, d)
		}
	}
	return out
}

// only is the part of a purchase that is for one thing.
func (b purchase) only(use string) purchase {
	part := purchase{uses: []string{use}}
	for n, i := range b.items {
		if b.of[n] == use {
			part.items, part.of = append(part.items, i), append(part.of, use)
		}
	}
	return part
}

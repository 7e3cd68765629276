package transforms

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Country is a row of vocab/countries.csv: an ISO 3166-1 country, or Kosovo
// (XKX, under UNSCR 1244). Names follow United Nations usage. NameRUIn ("в
// Кыргызстане") and NameRUOf ("Кыргызстана") are empty where nobody has
// written them yet.
type Country struct {
	ISO3, ISO2         string
	DAC                string // OECD DAC code; "" for countries without one
	NameEN, NameRU     string
	NameRUIn, NameRUOf string
	Aliases            []string // other names, in any language, and codes of other lists ("iso3:XKV")
}

// spellings are the names of a country in every language that is known.
func (c Country) spellings() []string {
	out := []string{c.NameEN, c.NameRU, c.NameRUOf}
	for _, a := range c.Aliases {
		if !strings.Contains(a, ":") {
			out = append(out, a)
		}
	}
	return out
}

// Region is a row of vocab/regions.csv: a group of countries as publishers name
// it. Which countries belong to one is data of warehouse/reference, not of the
// name.
type Region struct{ ID, NameEN, NameRU string }

// Gazetteer knows places by the codes and names publishers use. It is
// immutable and safe for concurrent use.
type Gazetteer struct {
	countries map[string]Country           // by alpha-3
	codes     map[string]map[string]string // vocabulary -> code -> alpha-3
	names     map[string]string            // placeKey -> alpha-3

	regions     map[string]Region
	regionCodes map[string]string // "298" of the IATI and DAC list -> id
	regionNames map[string]string // placeKey -> id
}

// NewGazetteer reads vocab/countries.csv and vocab/regions.csv. A name or code
// claimed by two places is an error.
func NewGazetteer() (*Gazetteer, error) {
	g := &Gazetteer{
		countries: map[string]Country{}, names: map[string]string{},
		codes:   map[string]map[string]string{"iso2": {}, "iso3": {}, "dac": {}},
		regions: map[string]Region{}, regionCodes: map[string]string{}, regionNames: map[string]string{},
	}
	rows, err := vocabRows("countries.csv", 8)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		c := Country{ISO3: r[0], ISO2: r[1], DAC: r[2], NameEN: r[3], NameRU: r[4], NameRUIn: r[5], NameRUOf: r[6], Aliases: split(r[7])}
		g.countries[c.ISO3] = c
		aliases := append([]string{"iso3:" + c.ISO3, "iso2:" + c.ISO2, c.NameEN, c.NameRU}, c.Aliases...)
		if c.DAC != "" {
			aliases = append(aliases, "dac:"+c.DAC)
		}
		for _, a := range aliases {
			m, key := g.names, placeKey(a)
			if vocabulary, code, ok := strings.Cut(a, ":"); ok && g.codes[vocabulary] != nil {
				m, key = g.codes[vocabulary], code
			}
			if err := claim(m, key, c.ISO3); err != nil {
				return nil, fmt.Errorf("countries.csv: %q: %w", a, err)
			}
		}
	}
	if rows, err = vocabRows("regions.csv", 4); err != nil {
		return nil, err
	}
	for _, r := range rows {
		reg := Region{ID: r[0], NameEN: r[1], NameRU: r[2]}
		g.regions[reg.ID] = reg
		for _, a := range append([]string{reg.ID, reg.NameEN, reg.NameRU}, split(r[3])...) {
			m, key := g.regionNames, placeKey(a)
			if list, code, ok := strings.Cut(a, ":"); ok && (list == "iati" || list == "dac") {
				m, key = g.regionCodes, code
			}
			if err := claim(m, key, reg.ID); err != nil {
				return nil, fmt.Errorf("regions.csv: %q: %w", a, err)
			}
		}
	}
	return g, nil
}

func claim(m map[string]string, key, id string) error {
	if old, ok := m[key]; ok && old != id {
		return fmt.Errorf("claimed by %s and %s", old, id)
	}
	m[key] = id
	return nil
}

func split(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, "|")
}

// Country resolves one country. Vocabulary is "iso2", "iso3" or "dac" (look
// code up, then name), "name" (name, or code when a publisher writes the name
// there), or "" (whatever code turns out to be). Any other vocabulary, regions
// among them, resolves nothing.
func (g *Gazetteer) Country(vocabulary, code, name string) (iso3 string, ok bool) {
	code = strings.ToUpper(strings.TrimSpace(code))
	switch vocabulary {
	case "iso2", "iso3", "dac":
		if iso3, ok = g.codes[vocabulary][code]; ok {
			return iso3, true
		}
	case "":
		for _, v := range [...]string{"iso3", "iso2"} {
			if iso3, ok = g.codes[v][code]; ok {
				return iso3, true
			}
		}
		fallthrough
	case "name":
		if name == "" {
			name = code
		}
	default:
		return "", false
	}
	if name == "" {
		return "", false
	}
	iso3, ok = g.names[placeKey(name)]
	return iso3, ok
}

// Region resolves a group of countries by its code in the list IATI and the DAC
// share (298), by our id, or by name.
func (g *Gazetteer) Region(code, name string) (id string, ok bool) {
	code = strings.TrimSpace(code)
	if id, ok = g.regionCodes[code]; ok {
		return id, true
	}
	for _, n := range [...]string{code, name} {
		if n == "" {
			continue
		}
		if id, ok = g.regionNames[placeKey(n)]; ok {
			return id, true
		}
	}
	return "", false
}

// Name returns the name of a country or region in "ru" or else English; the
// code itself when it is not known.
func (g *Gazetteer) Name(id, lang string) string {
	en, ru := id, id
	if c, ok := g.countries[id]; ok {
		en, ru = c.NameEN, c.NameRU
	} else if r, ok := g.regions[id]; ok {
		en, ru = r.NameEN, r.NameRU
	}
	if lang == "ru" {
		return ru
	}
	return en
}

// Countries lists every country by alpha-3.
func (g *Gazetteer) Countries() []Country {
	out := make([]Country, 0, len(g.countries))
	for _, c := range g.countries {
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b Country) int { return strings.Compare(a.ISO3, b.ISO3) })
	return out
}

// placeKey folds what publishers vary in a place's name: case, accents,
// punctuation, abbreviations, articles and the order of the words ("Korea
// (Democratic Peoples Republic)", "Democratic People's Republic of Korea").
func placeKey(name string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(name)) {
		switch {
		case r == 'ı':
			b.WriteByte('i')
		case unicode.IsLetter(r), unicode.IsDigit(r):
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r), strings.ContainsRune("'’`ʼ", r):
		default:
			b.WriteByte(' ')
		}
	}
	words := strings.Fields(b.String())
	kept := words[:0]
	for _, w := range words {
		switch w {
		case "the", "and", "of", "и":
			continue
		case "st":
			w = "saint"
		case "rep":
			w = "republic"
		case "dem":
			w = "democratic"
		}
		kept = append(kept, w)
	}
	slices.Sort(kept)
	return strings.Join(kept, " ")
}

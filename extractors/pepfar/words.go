package pepfar

import (
	"strings"
	"unicode"

	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// words are the reviewed tables of names.
type words struct {
	units        map[string]string // folded name of a place -> its operating unit today
	placeholders map[string]string // folded word -> what it stands for
	folded       map[string]string // the few thousand names of a file, folded once
}

func newWords() (*words, error) {
	w := &words{units: map[string]string{}, placeholders: map[string]string{}, folded: map[string]string{}}
	rows, err := table("operating_units.csv", 3)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		w.units[foldName(r[0])] = foldName(r[1])
	}
	if rows, err = table("placeholders.csv", 3); err != nil {
		return nil, err
	}
	for _, r := range rows {
		w.placeholders[foldName(r[0])] = r[1]
	}
	return w, nil
}

// unit is the operating unit of today a place belongs to, so that a country and
// the regional programme it was once in are the same.
func (w *words) unit(operatingUnit, country string) string {
	u := w.fold(operatingUnit)
	if u == "" {
		u = w.fold(country)
	}
	if today, ok := w.units[u]; ok {
		return today
	}
	return u
}

// placeholder is what a word that is no name stands for: deduplication, masked,
// unknown. "": it is a name.
func (w *words) placeholder(name string) string { return w.placeholders[w.fold(name)] }

func (w *words) fold(name string) string {
	f, ok := w.folded[name]
	if !ok {
		f = foldName(name)
		w.folded[strings.Clone(name)] = f
	}
	return f
}

// foldName drops case, accents and punctuation: "Côte d'Ivoire", "Cote dIvoire".
func foldName(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFKD.String(s))
}

// isRegion says whether a place is one of PEPFAR's regional programmes: "Asia
// Region", "Asia Regional Program".
func isRegion(name string) bool { return strings.Contains(strings.ToLower(name), "region") }

func isTotal(s string) bool {
	s = strings.TrimSpace(s)
	return strings.EqualFold(s, "total") || strings.EqualFold(s, "grand total")
}

func isCountry(code string) bool {
	if code == "XKX" {
		return true
	}
	c, err := language.ParseRegion(code)
	return len(code) == 3 && err == nil && c.IsCountry() && c.ISO3() == code
}

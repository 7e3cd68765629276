package transforms

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"hrinvest/extractors"
)

// located is what the published places of a statement are.
type located struct {
	of                 []extractors.Share
	countries, regions []extractors.Share
	iso, region        []string // of countries and regions, in their order
	distinct           []string // countries, sorted
	unknown            []string // codes of countries that are none
}

func (g *Gazetteer) locate(places []extractors.Share) located {
	l := located{of: places}
	for _, p := range places {
		if code, ok := g.Country(p.Vocabulary, p.Code, p.Name); ok {
			l.countries, l.iso = append(l.countries, p), append(l.iso, code)
			continue
		}
		id, ok := g.Region(p.Code, p.Name)
		switch {
		case ok:
		case isCountryVocabulary(p.Vocabulary) && p.Code != "", p.Vocabulary == "name":
			l.unknown = append(l.unknown, oneWord(cmp.Or(p.Code, p.Name)))
			id = p.Name
		default:
			id = p.Name
			if id == "" {
				id = p.Vocabulary + ":" + p.Code
			}
		}
		l.regions, l.region = append(l.regions, p), append(l.region, id)
	}
	l.distinct = slices.Clone(l.iso)
	slices.Sort(l.distinct)
	l.distinct = slices.Compact(l.distinct)
	return l
}

// stepTyped rejects, where people typed the statement, a country nobody knows: it
// may be one under another name, and what holds for it would not be kept. So it
// does a country that stands where a region belongs.
func stepTyped(g *Gazetteer) Step {
	return each(func(r *Row) {
		if !r.Typed {
			return
		}
		for _, p := range r.D.Places {
			if en, ru := g.slip(p); en != "" {
				r.reject(en, ru)
			}
		}
	})
}

// slip says what is wrong with a place that a person typed.
func (g *Gazetteer) slip(p extractors.Share) (en, ru string) {
	said := cmp.Or(p.Code, p.Name)
	if _, ok := g.Country(p.Vocabulary, p.Code, p.Name); ok {
		return "", ""
	}
	if _, ok := g.Region(p.Code, p.Name); ok {
		return "", ""
	}
	if p.Vocabulary != "region" {
		return fmt.Sprintf("country %q is not known: write its name in English or Russian, or its code such as KGZ", said),
			fmt.Sprintf("страна %q не распознана: напишите её название по-английски или по-русски либо код, например KGZ", said)
	}
	if _, ok := g.Country("", p.Code, said); ok {
		return fmt.Sprintf("region %q is a country: write it in country", said),
			fmt.Sprintf("регион %q: это страна, впишите её в столбец страны", said)
	}
	return "", ""
}

// stepPlace gives each row one country or none. Published country shares win;
// regions share what is left of 100 per cent; several countries without
// percentages are never split: the country is null and all are named.
func stepPlace(g *Gazetteer) Step {
	return func(group []Row) ([]Row, error) {
		var last located
		return spread(func(r *Row) []Row {
			if !shared(r.D.Places, last.of) {
				last = g.locate(r.D.Places)
			}
			return placed(r, last)
		})(group)
	}
}

// placed places one row, or splits it over the countries and regions.
func placed(r *Row, l located) []Row {
	countries, regions, iso, distinct := l.countries, l.regions, l.iso, l.distinct
	region := slices.Clip(l.region)
	for _, code := range l.unknown {
		r.flag("unknown_country:" + code)
	}
	r.Countries = strings.Join(distinct, " ")

	// one place is the whole, with or without a percentage
	switch {
	case len(countries) == 0 && len(regions) == 0:
		return nil
	case len(countries) == 0 && len(regions) == 1:
		r.Region = region[0]
		return nil
	}
	weights, sum, ok := percentages(countries)
	if !ok {
		if len(distinct) == 1 {
			r.Country = distinct[0]
			return nil
		}
		if len(countries) > 0 {
			r.flag("countries_not_split")
		}
		if len(countries) == 0 {
			if w, s, ok := percentages(regions); ok {
				switch {
				case !complete(w, s):
					w, region = append(w, hundred-s), append(region, "")
					r.flag("place_remainder")
				case s != hundred:
					r.flag("percentages_rebased")
				}
				return r.split("region", w, func(i int, p *Row) string {
					p.Region = region[i]
					return "region:" + oneWord(region[i])
				})
			}
			r.flag("regions_not_split")
		}
		r.Region = strings.Join(region, "; ")
		return nil
	}
	if len(distinct) == 1 && near100(sum) && (len(regions) == 0 && complete(weights, sum) || sum >= hundred) {
		if sum != hundred {
			r.flag("percentages_rebased")
		}
		r.Country = distinct[0]
		return nil
	}
	// parts: one for each country, then what is left for regions or nobody
	if !complete(weights, sum) {
		w, s, ok := percentages(regions)
		all := append(slices.Clone(weights), w...)
		switch {
		case ok && (s <= hundred-sum || near100(sum+s)):
			weights = all
			if sum+s > hundred || offByDigits(all, sum+s) {
				r.flag("percentages_rebased")
				s = hundred - sum
			}
		case len(regions) == 1:
			weights = append(weights, hundred-sum)
			s = hundred - sum
		default:
			region, s = nil, 0
		}
		if rest := hundred - min(sum+s, hundred); rest > 0 {
			weights = append(weights, rest)
			region = append(region, "")
			r.flag("place_remainder")
		}
	} else {
		region = nil
		if sum != hundred {
			r.flag("percentages_rebased")
		}
	}
	return r.split("country", weights, func(i int, p *Row) string {
		if i < len(iso) {
			p.Country = iso[i]
			return iso[i]
		}
		p.Region = region[i-len(iso)]
		p.Split = strings.Replace(p.Split, "country", "region", 1)
		return "region:" + oneWord(p.Region)
	})
}

func isCountryVocabulary(v string) bool { return v == "iso2" || v == "iso3" || v == "dac" }

// oneWord makes a text usable inside a blank-separated list.
func oneWord(s string) string { return strings.Join(strings.Fields(s), "_") }

package globalfund

import (
	"regexp"
	"strings"

	"golang.org/x/text/language"

	"hrinvest/extractors"
)

func (l line) places() []extractors.Share {
	name := l.get(country)
	if code := countryCode(first(l.get(period), l.get(geography))); isCountry(code) {
		return []extractors.Share{{Vocabulary: "iso3", Code: code, Name: name}}
	}
	if name == "" {
		name = l.get(geography)
	}
	if name == "" {
		return nil
	}
	return []extractors.Share{{Vocabulary: "name", Name: name}}
}

// countryCode is the part of a grant code before the first hyphen: ISO 3166-1
// alpha-3 for a country, Q.. for multi-country programmes, Kosovo and Zanzibar.
func countryCode(code string) string {
	c, _, _ := strings.Cut(code, "-")
	return strings.TrimSpace(c)
}

func isCountry(code string) bool {
	if len(code) != 3 {
		return false
	}
	r, err := language.ParseRegion(code)
	return err == nil && r.IsCountry() && r.ISO3() == code
}

// component is the line's own; where its module was left empty, the grant's.
func (l line) component() string { return first(l.get(component), l.get(grantComponent)) }

// outOfScope says why a line is counted but not loaded. A line is in when it
// belongs to the HIV component or when its words name HIV or people who use
// drugs.
func (l line) outOfScope() string {
	c, what := l.component(), l.get(module)+" "+l.get(intervention)
	switch {
	case l.superseded != "":
		return l.superseded
	case strings.EqualFold(l.get(latest), "false"):
		return "an older version of this " + string(l.shape.kind)
	case hivWord.MatchString(what) || drugWords.MatchString(what) || hivWord.MatchString(c):
		return ""
	case c == "" && grantLetter(l.get(period)) == "H":
		return "" // the grant is of the HIV component
	case c == "":
		return "no component and no word about HIV or drug use"
	case strings.EqualFold(l.get(module), covidModule):
		return "module COVID-19"
	}
	return "component " + c
}

var (
	hivWord   = regexp.MustCompile(`(?i)\bHIV\b`)
	drugWords = regexp.MustCompile(`(?i)\b(PWID|PUD|harm reduction|people who (use|inject) drugs|who inject drugs|needle|syringe|opi?oid|overdose|drug use|drug dependence)\b`)
)

// grantLetter is the component letter of a grant code: H HIV, T tuberculosis,
// C both, M malaria, S systems, Z several.
func grantLetter(ip string) string {
	parts := strings.SplitN(ip, "-", 3)
	if len(parts) < 3 {
		return ""
	}
	return parts[1]
}

// codes are looked up in the crosswalk, first match first. Without a published
// cycle every framework that could be meant is asked: their names differ.
func codes(funding, module, intervention, component string) []extractors.Code {
	var list []extractors.Code
	cycles := []string{funding}
	if funding == "" {
		cycles = []string{"GC7", "GC6", "GC5"}
	}
	if module != "" || intervention != "" {
		for _, c := range cycles {
			list = append(list, extractors.Code{Scheme: "globalfund", Code: c + "|" + module + "|" + intervention})
		}
	}
	if component != "" {
		list = append(list, extractors.Code{Scheme: "globalfund-component", Code: component})
	}
	return list
}

// linkIDs gives the implementation period and the identifiers under which the
// Global Fund publishes it in IATI: KGZ-C-UNDPP04 is 47045-KGZ-C-UNDP-4; the
// list of grants has the grant's own.
func linkIDs(ip, inIATI string) []string {
	var ids []string
	if ip != "" {
		ids = append(ids, ip)
		if m := periodCode.FindStringSubmatch(ip); m != nil {
			ids = append(ids, "47045-"+m[1]+"-"+m[2])
		}
	}
	if inIATI != "" && (len(ids) < 2 || !strings.EqualFold(ids[1], inIATI)) {
		ids = append(ids, inIATI)
	}
	return ids
}

var periodCode = regexp.MustCompile(`^(.+)P0*([1-9]\d*)$`)

package globalfund

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"golang.org/x/text/language"

	"hrinvest/extractors"
)

// column is something a budget line can say, whatever the shape it comes in.
type column int

const (
	country column = iota // name of the country or multi-country programme
	geography
	grant
	period // code of the implementation period: "KGZ-C-UNDPP04"
	title
	cycle
	grantComponent // of the grant; the line's own component may differ
	recipient
	component
	module
	intervention
	cost
	yearFrom
	yearTo
	start // of the line itself, not of its implementation period
	end
	latest // "false": an older version of the budget
	amount
	columns
)

// shape says where a document writes what.
type shape struct {
	rank  int      // which of two descriptions of a budget is the better one
	names []string // as published; the keys of Raw
	at    [columns]int
}

// line is one budget line as published.
type line struct {
	doc, locator string
	shape        *shape
	values       []string
	edition      edition
	superseded   string // why another document's line counts instead
}

func (l line) get(c column) string {
	if i := l.shape.at[c]; i >= 0 {
		return strings.TrimSpace(l.values[i])
	}
	return ""
}

// group is the implementation period; a line without one belongs to its country.
func (l line) group() string {
	if ip := l.get(period); ip != "" {
		return ip
	}
	return "country " + l.get(geography)
}

func (l line) raw() []byte {
	m := map[string]string{}
	for i, v := range l.values {
		if v != "" {
			m[l.shape.names[i]] = v
		}
	}
	b, err := json.Marshal(m)
	if err != nil {
		panic(err) // a map of strings always encodes
	}
	return b
}

// disclosure turns the line into a statement, or says why it cannot be one.
func (l line) disclosure() (d extractors.Disclosure, problem string) {
	ip := l.get(period)
	if ip == "" && l.get(geography) == "" {
		return d, "names no implementation period and no country"
	}
	funding, ok := cycleID(l.get(cycle))
	if !ok {
		return d, fmt.Sprintf("%q is neither a grant cycle nor C19RM", l.get(cycle))
	}
	d = extractors.Disclosure{
		Document: l.doc, Locator: l.locator,
		Group:       l.group(),
		ActivityID:  first(l.get(grant), ip, l.get(geography)),
		LinkIDs:     linkIDs(ip),
		Title:       strings.TrimSpace(first(ip, l.get(geography)) + " " + l.get(title)),
		Kind:        extractors.Budget,
		Amount:      l.get(amount),
		Currency:    "USD",
		YearBasis:   "calendar",
		Cycle:       funding,
		Parties:     []extractors.Party{{Role: extractors.Funder, Ref: "47045", Name: "Global Fund", Type: "multilateral"}},
		Places:      l.places(),
		Codes:       codes(funding, l.get(module), l.get(intervention), l.component()),
		BudgetStage: "planned",
		OutOfScope:  l.outOfScope(),
		Flags:       []string{"reference_rate"},
		Raw:         l.raw(),
	}
	if problem = l.setPeriod(&d); problem != "" {
		return d, problem
	}
	d.Key = strings.Join([]string{d.Group, l.get(module), l.get(intervention), l.get(cost), d.Year + d.PeriodStart}, "|")
	for _, t := range [...]string{l.get(intervention), l.get(module)} {
		if t != "" {
			d.Texts = append(d.Texts, extractors.Text{Lang: "en", Text: t, OfStatement: true})
		}
	}
	if r := l.get(recipient); r != "" {
		d.Parties = append(d.Parties, extractors.Party{Role: extractors.Implementing, Name: r})
	}
	if c := l.component(); c != "" {
		d.Sectors = []extractors.Share{{Vocabulary: "globalfund-component", Code: c}}
	}
	if funding == "GC6" {
		d.Flags = append(d.Flags, "gc6_lower_bound")
	}
	if l.get(component) == "" {
		d.Flags = append(d.Flags, "component_unspecified")
	}
	return d, ""
}

// setPeriod sets the budget year. The dates of the implementation period are
// not the line's: a line without a year of its own has no year.
func (l line) setPeriod(d *extractors.Disclosure) (problem string) {
	from, to := l.get(yearFrom), l.get(yearTo)
	if from == "" && to == "" {
		d.PeriodStart, d.PeriodEnd = dateOf(l.get(start)), dateOf(l.get(end))
		return ""
	}
	y := yearText.FindStringSubmatch(from)
	if y == nil {
		return fmt.Sprintf("budget year %q is not a year", from)
	}
	d.Year = y[1]
	if to == "" {
		return ""
	}
	z := yearText.FindStringSubmatch(to)
	if z == nil || z[1] < y[1] {
		return fmt.Sprintf("budget years %q to %q are not a period", from, to)
	}
	if z[1] != y[1] {
		d.Year, d.PeriodStart, d.PeriodEnd = "", y[1]+"-01-01", z[1]+"-12-31"
	}
	return ""
}

// yearText is a year as the downloads write it, also as the text of a float.
var yearText = regexp.MustCompile(`^(\d{4})(?:\.0+)?$`)

// dateOf cuts a timestamp to its date.
func dateOf(s string) string {
	if d, _, ok := strings.Cut(s, "T"); ok && len(d) == len("2024-01-01") {
		return d
	}
	return s
}

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
	case l.get(latest) == "false":
		return "an older version of this budget"
	case hivWord.MatchString(what) || drugWords.MatchString(what) || hivWord.MatchString(c):
		return ""
	case c == "" && grantLetter(l.get(period)) == "H":
		return "" // the grant is of the HIV component
	case c == "":
		return "no component and no word about HIV or drug use"
	case strings.EqualFold(l.get(module), "COVID-19"):
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

// cycleID understands the names under which a funding cycle is published. No
// cycle is no error; an unknown one is.
func cycleID(s string) (string, bool) {
	switch s {
	case "", "C19RM":
		return s, true
	case "2014-2016":
		return "GC4", true
	case "2017-2019":
		return "GC5", true
	case "2020-2022":
		return "GC6", true
	case "2023-2025":
		return "GC7", true
	case "2026-2028":
		return "GC8", true
	}
	if m := cycleName.FindStringSubmatch(s); m != nil {
		return "GC" + m[1], true
	}
	return "", false
}

var cycleName = regexp.MustCompile(`^(?:GC ?|Grant Cycle )(\d)$`)

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

// linkIDs gives the implementation period and the identifier under which the
// Global Fund publishes it in IATI: KGZ-C-UNDPP04 is 47045-KGZ-C-UNDP-4.
func linkIDs(ip string) []string {
	if ip == "" {
		return nil
	}
	ids := []string{ip}
	if m := periodCode.FindStringSubmatch(ip); m != nil {
		ids = append(ids, "47045-"+m[1]+"-"+m[2])
	}
	return ids
}

var periodCode = regexp.MustCompile(`^(.+)P0*([1-9]\d*)$`)

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

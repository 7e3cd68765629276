package imf

import (
	"context"
	_ "embed"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
	"hrinvest/extractors/plaintext"
)

// What the outlook's words mean: series to read, codes of economies that differ
// from ISO 3166-1, and scales.
var (
	//go:embed series.csv
	seriesCSV string
	//go:embed areas.csv
	areasCSV string
	//go:embed scales.csv
	scalesCSV string
)

type series struct{ indicator, unit string }

// scale is a power of ten and the word for it.
type scale struct {
	power int
	word  string
}

type words struct {
	series map[string]series
	areas  map[string]string
	scales map[string]scale
}

func readWords() (w words, err error) {
	if w.series, err = readSeries(); err != nil {
		return w, err
	}
	w.areas, w.scales = map[string]string{}, map[string]scale{}
	err = eachRow(areasCSV, func(r []string) error { w.areas[r[0]] = r[1]; return nil })
	if err != nil {
		return w, err
	}
	return w, eachRow(scalesCSV, func(r []string) error {
		power, err := strconv.Atoi(r[1])
		w.scales[r[0]] = scale{power, r[2]}
		return err
	})
}

func readSeries() (map[string]series, error) {
	out := map[string]series{}
	return out, eachRow(seriesCSV, func(r []string) error { out[r[0]] = series{r[1], r[2]}; return nil })
}

func eachRow(text string, f func([]string) error) error {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		return fmt.Errorf("reading words: %w", err)
	}
	for _, r := range rows[1:] {
		if err := f(r); err != nil {
			return fmt.Errorf("reading words: %w", err)
		}
	}
	return nil
}

// parser reads one document.
type parser struct {
	ctx   context.Context
	doc   fetch.Document
	out   extractors.Sink
	words words
	seen  map[figureKey]string // document by figure, over all documents
	skip  map[string]int       // by reason
}

type figureKey struct{ indicator, area, year string }

// figure is one value of the outlook as written, whichever file it stands in.
type figure struct {
	locator          string
	area, name, code string
	year, text       string
	about
}

// about is what holds for all values of a series.
type about struct {
	scale, unit string
	latest      string // year of the latest actual data: "2025", "FY2024/25"
	edition     string // date of publication
}

// or fills what is missing from b.
func (a about) or(b about) about {
	fill := func(s *string, t string) {
		if *s == "" {
			*s = t
		}
	}
	fill(&a.scale, b.scale)
	fill(&a.unit, b.unit)
	fill(&a.latest, b.latest)
	fill(&a.edition, b.edition)
	return a
}

var (
	areaForm   = regexp.MustCompile(`^[A-Z]{3}$`)
	numberForm = regexp.MustCompile(`^\d+(\.\d+)?([eE][+-]?\d{1,2})?$`)
	groupForm  = regexp.MustCompile(`^\d{1,3}(,\d{3})+(\.\d+)?$`)
	dateIn     = regexp.MustCompile(`\b(?:19|20)\d{2}-\d{2}-\d{2}`)
	yearIn     = regexp.MustCompile(`(?:19|20)\d{2}`)
	dollarForm = regexp.MustCompile(`(?i)\busd\b|u\.?s\.? dollar`)
)

// wanted says whether a figure is of an economy and one of the series.
func (p *parser) wanted(f figure) bool {
	switch _, ok := p.words.series[f.code]; {
	case !ok:
		p.count("another series than gross domestic product and its deflator", 1)
	case !areaForm.MatchString(f.area):
		p.count("a group of countries", 1)
	default:
		return true
	}
	return false
}

// unitsFrom is where a gross domestic product is no longer a number of billions.
// The world's has six digits before the point in billions of dollars, that of a
// very small economy eight in dollars.
const unitsFrom = 7

// figures observes what a document states. Its amounts are either in units of
// currency, as the API writes them, or in the scale they are shown in, as tables
// are; products in dollars tell which.
func (p *parser) figures(all []figure) error {
	if len(all) == 0 {
		if len(p.skip) > 0 {
			return nil
		}
		return p.reject("/", "no value of gross domestic product or its deflator", nil)
	}
	longest := -1
	for _, f := range all {
		if plain, ok := decimal(f.text); ok && p.words.series[f.code].unit == "USD" {
			longest = max(longest, wholeDigits(plain))
		}
	}
	if longest < 0 {
		return p.reject("/", "no gross domestic product in US dollars, which tells whether amounts are in units or in billions", nil)
	}
	inUnits := longest >= unitsFrom
	for i, f := range all {
		if i%1000 == 0 && p.ctx.Err() != nil {
			return p.ctx.Err()
		}
		if err := p.figure(f, inUnits); err != nil {
			return err
		}
	}
	return nil
}

// figure observes one value. An empty one and "n/a" publish nothing.
func (p *parser) figure(f figure, inUnits bool) error {
	if f.text == "" || strings.EqualFold(f.text, "n/a") {
		return nil
	}
	s, of := p.words.series[f.code], p.words.scales[f.scale]
	_, known := p.words.scales[f.scale]
	index := s.unit != "LCU" && s.unit != "USD"
	plain, isNumber := decimal(f.text)
	problem := ""
	switch {
	case !yearForm.MatchString(f.year):
		problem = fmt.Sprintf("%q is not a year", f.year)
	case f.text != "--" && !isNumber:
		problem = fmt.Sprintf("%s: %q is not a number", f.code, f.text)
	case !known, f.scale == "" && !index:
		problem = fmt.Sprintf("%s: the scale %q is not known", f.code, f.scale)
	case index && of.power != 0:
		problem = fmt.Sprintf("%s: an index has no scale %q", f.code, f.scale)
	case f.unit != "" && (s.unit == "USD") != dollarForm.MatchString(f.unit):
		problem = fmt.Sprintf("%s: the unit is %q", f.code, f.unit)
	case isNumber && inUnits && s.unit == "USD" && wholeDigits(plain) < unitsFrom && !isZero(plain):
		problem = fmt.Sprintf("%s: %s cannot be in dollars, as the other values are", f.code, f.text)
	}
	if problem != "" {
		return p.reject(f.locator, problem, f.raw())
	}
	if iso, ok := p.words.areas[f.area]; ok {
		f.area = iso
	}
	key := figureKey{s.indicator, f.area, f.year}
	switch first, ok := p.seen[key]; {
	case ok && first == p.doc.SHA256:
		return p.reject(f.locator, fmt.Sprintf("a second value of %s for %s in %s", f.code, f.area, f.year), f.raw())
	case ok:
		p.count("another document of this source has the value", 1)
		return nil
	}
	p.seen[key] = p.doc.SHA256

	o := extractors.Observation{
		Document: p.doc.SHA256, Locator: f.locator,
		Indicator: s.indicator, Area: f.area, AreaName: f.name, Year: f.year,
		Value: plain, Unit: s.unit, Status: "reported",
	}
	if !index {
		o.Unit = strings.TrimSpace(of.word + " " + s.unit)
		if inUnits {
			o.Value = plaintext.Shift(plain, -of.power)
		}
	}
	o.Status, o.Note = f.actual()
	if !isNumber || isZero(plain) {
		o.Value, o.ValueText = "", f.text
		o.Note = strings.TrimSpace(`Zero, or less than half of the last digit shown: not a number to reckon with. ` + o.Note)
	}
	return p.out.Observe(o)
}

// actual says whether a value is of a year for which the IMF has actual data. Of
// a fiscal year the first calendar year counts: what is in doubt is an estimate.
func (f figure) actual() (status, note string) {
	of := ""
	if f.edition != "" {
		of = ", edition of " + f.edition
	}
	switch last := yearIn.FindString(f.latest); {
	case last == "":
		return "imputed", "The IMF does not say until which year the data are actual" + of + "."
	case f.year > last:
		return "imputed", fmt.Sprintf("IMF staff estimate or projection: the latest actual data are of %s%s.", f.latest, of)
	}
	return "reported", ""
}

// decimal writes a number without exponent and thousands commas, digit for digit.
func decimal(s string) (plain string, ok bool) {
	if groupForm.MatchString(s) {
		s = strings.ReplaceAll(s, ",", "")
	}
	if !numberForm.MatchString(s) {
		return "", false
	}
	i := strings.IndexAny(s, "eE")
	if i < 0 {
		return s, true
	}
	exponent, err := strconv.Atoi(s[i+1:])
	if err != nil {
		return "", false
	}
	return plaintext.Shift(s[:i], exponent), true
}

func isZero(plain string) bool { return strings.Trim(plain, "0.") == "" }

// wholeDigits counts the digits before the point.
func wholeDigits(plain string) int {
	whole, _, _ := strings.Cut(plain, ".")
	return len(strings.TrimLeft(whole, "0"))
}

// count adds to what is out of scope.
func (p *parser) count(reason string, n int) {
	if p.skip == nil {
		p.skip = map[string]int{}
	}
	p.skip[reason] += n
}

func (p *parser) skips() error {
	for _, reason := range slices.Sorted(maps.Keys(p.skip)) {
		if err := p.out.Skip(p.doc.SHA256, p.skip[reason], reason); err != nil {
			return err
		}
	}
	return nil
}

// raw quotes a figure.
func (f figure) raw() map[string]string {
	return map[string]string{
		"economy": f.area, "series": f.code, "year": f.year, "value": f.text,
		"scale": f.scale, "unit": f.unit, "latest_actual": f.latest,
	}
}

func (p *parser) reject(locator, reason string, fields map[string]string) error {
	var raw []byte
	if len(fields) > 0 {
		for k, v := range fields {
			fields[k] = strings.ToValidUTF8(v, "\ufffd")
		}
		var err error
		if raw, err = json.Marshal(fields); err != nil {
			return err
		}
	}
	return p.out.Reject(extractors.Problem{Document: p.doc.SHA256, Locator: locator, Reason: strings.ToValidUTF8(reason, "\ufffd"), Raw: raw})
}

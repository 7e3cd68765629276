package ghed

import (
	"context"
	_ "embed"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
)

// areasCSV lists the codes that are spelled differently in ISO 3166-1.
//
//go:embed areas.csv
var areasCSV string

// readAreas returns the ISO code by the published one.
func readAreas() (map[string]string, error) {
	rows, err := csv.NewReader(strings.NewReader(areasCSV)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("reading areas: %w", err)
	}
	areas := map[string]string{}
	for _, r := range rows[1:] {
		areas[r[0]] = r[1]
	}
	return areas, nil
}

// parser reads one document.
type parser struct {
	ctx   context.Context
	doc   fetch.Document
	out   extractors.Sink
	areas map[string]string
	seen  map[figureKey]string // document by figure, over all documents
	skip  map[string]int       // by reason
	n     int                  // figures, to look at ctx now and then
}

// figureKey is what a figure is about: no second value of it is observed.
type figureKey struct{ indicator, subgroup, area, year string }

// figure is one published value, whichever file it stands in.
type figure struct {
	locator          string
	area, name, year string
	series           series
	value, written   string // plain decimal text; what was written where that is no number
	note             string // what a reader must know of this figure alone
	raw              map[string]string
}

// note says of every figure what it is not.
const note = "Disease 11 of the database: HIV/AIDS and other sexually transmitted diseases together, not HIV alone."

// zeroNote: of the 13 zeros in local currency of the edition of 2023, five have
// dollars beside them, and none stands where the country reported nothing else.
const zeroNote = "0 is none, or less than half of the last digit written (whole millions in some countries)."

var (
	areaForm   = regexp.MustCompile(`^[A-Z]{3}$`)
	numberForm = regexp.MustCompile(`^-?\d+(\.\d+)?([eE][+-]?\d{1,2})?$`)
)

// absent are the marks that stand for "no figure". An empty cell says nothing.
var absent = []string{"-", "–", "—", "..", "...", "…", "n/a", "na"}

// observe checks a figure and hands it on.
func (p *parser) observe(f figure) error {
	if p.n++; p.n%1000 == 0 && p.ctx.Err() != nil {
		return p.ctx.Err()
	}
	if iso, ok := p.areas[f.area]; ok {
		f.area = iso
	}
	if !areaForm.MatchString(f.area) {
		return p.reject(f.locator, fmt.Sprintf("%q is not a country code (merged cells leave all but the first empty)", f.area), f.raw)
	}
	key := figureKey{f.series.indicator, f.series.subgroup, f.area, f.year}
	switch first, ok := p.seen[key]; {
	case ok && first == p.doc.SHA256:
		return p.reject(f.locator, fmt.Sprintf("a second value of %s for %s in %s", f.series.code, f.area, f.year), f.raw)
	case ok:
		p.count("another document of this source has the figure", 1)
		return nil
	}
	p.seen[key] = p.doc.SHA256
	o := extractors.Observation{
		Document: p.doc.SHA256, Locator: f.locator,
		Indicator: f.series.indicator, Subgroup: f.series.subgroup, Unit: f.series.unit,
		Area: f.area, AreaName: f.name, Year: f.year,
		Value: f.value, ValueText: f.written, Status: "reported",
	}
	notes := []string{note, f.series.note}
	switch {
	case f.value == "":
		o.Status = "not_reported"
	case isZero(f.value):
		o.Value, o.Status = "0", "zero"
		notes = append(notes, zeroNote)
	case strings.HasPrefix(f.value, "-"):
		notes = append(notes, "Negative as published.")
	}
	notes = append(notes, f.note)
	o.Note = strings.Join(slices.DeleteFunc(notes, func(s string) bool { return s == "" }), " ")
	return p.out.Observe(o)
}

func isZero(plain string) bool { return strings.Trim(plain, "-0.") == "" }

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

// reject quotes the fields of a record, each as it was written.
func (p *parser) reject(locator, reason string, fields map[string]string) error {
	var raw []byte
	if len(fields) > 0 {
		clean := map[string]string{}
		for k, v := range fields {
			clean[strings.ToValidUTF8(k, "\ufffd")] = strings.ToValidUTF8(v, "\ufffd")
		}
		var err error
		if raw, err = json.Marshal(clean); err != nil {
			return err
		}
	}
	return p.out.Reject(extractors.Problem{Document: p.doc.SHA256, Locator: locator, Reason: strings.ToValidUTF8(reason, "\ufffd"), Raw: raw})
}

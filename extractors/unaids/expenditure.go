package unaids

import (
	"fmt"
	"slices"
	"strings"

	"hrinvest/extractors"
)

// parties are the financing entities of the funding sources.
var parties = map[string]extractors.Party{
	"domestic_public":     {Role: extractors.Funder, Name: "Domestic public", Type: "domestic_public", Domestic: true},
	"domestic_private":    {Role: extractors.Funder, Name: "Domestic private", Type: "private", Domestic: true},
	"domestic":            {Role: extractors.Funder, Name: "Domestic (not broken down)", Type: "unknown", Domestic: true},
	"global_fund":         {Role: extractors.Funder, Ref: "47045", Name: "Global Fund", Type: "multilateral"},
	"pepfar":              {Role: extractors.Funder, Name: "United States (PEPFAR)", Type: "bilateral"},
	"us_bilateral":        {Role: extractors.Funder, Name: "United States (bilateral)", Type: "bilateral"},
	"other_international": {Role: extractors.Funder, Name: "Other international", Type: "unknown"},
	"international":       {Role: extractors.Funder, Name: "International (not broken down)", Type: "unknown"},
	"":                    {Role: extractors.Funder, Type: "unknown"},
}

const (
	zeroReason  = "0 means not reported in this series"
	emptyReason = "no value published"
)

// expenditure turns the records of one country and year into statements. Those
// that are no country's, not reported, or stand in a better edition are kept out
// of scope with the reason; zeros and cells of dots are also observed as not reported. A statement
// that counts is flagged where another one gives a different number.
func (b *book) expenditure(group string, rs []*record, obs *observations) []extractors.Disclosure {
	best := map[string]edition{}    // by series
	p := published{}                // in the best edition
	given := map[string][]*record{} // in all editions
	for _, r := range rs {
		if e, ok := best[r.series.gid]; !ok || r.edition.compare(e) > 0 {
			best[r.series.gid] = r.edition
		}
		given[r.figure()] = append(given[r.figure()], r)
	}
	reasons := make([]string, len(rs))
	for i, r := range rs {
		v, first := r.get(value), p[r.figure()]
		switch {
		case r.edition.compare(best[r.series.gid]) != 0:
			reasons[i] = "another edition of this figure counts: " + best[r.series.gid].name
		case r.region():
			reasons[i] = "the sum of a region, not of a country"
		case first != nil && first.get(value) == v:
			reasons[i] = "repeats " + first.locator
		case first != nil:
			reasons[i] = "another value of the figure in " + first.locator
		case v == "" || dots.MatchString(v):
			reasons[i] = emptyReason
		case zeroText.MatchString(v):
			reasons[i] = zeroReason
		default:
			p[r.figure()] = r
		}
		if reasons[i] == zeroReason || reasons[i] == emptyReason && v != "" || r.series.gid != bySource {
			obs.add(r)
		}
	}
	var list []extractors.Disclosure
	for i, r := range rs {
		d := b.disclosure(group, r)
		if d.OutOfScope = reasons[i]; d.OutOfScope == "" {
			d.PartOf, d.OutOfScope = b.place(p, group, r)
		}
		if d.OutOfScope == "" && slices.ContainsFunc(given[r.figure()], func(o *record) bool { return disagree(r, o) }) {
			d.Flags = append(d.Flags, "differs")
		}
		list = append(list, d)
	}
	return list
}

// figure identifies a figure of a country and year.
func (r *record) figure() string { return r.series.gid + "|" + r.sub }

func key(group, gid, sub string) string { return gid + "." + subName(sub) + "|" + group }

func (b *book) disclosure(group string, r *record) extractors.Disclosure {
	place := extractors.Share{Vocabulary: "name", Name: r.get(areaName)}
	if c := r.iso3(); c != "" {
		place = extractors.Share{Vocabulary: "iso3", Code: c, Name: r.get(areaName)}
	}
	d := extractors.Disclosure{
		Document: r.doc, Locator: r.locator,
		Key:        key(group, r.series.gid, r.sub),
		Group:      group,
		ActivityID: r.series.gid + "|" + group,
		Title:      "Country-reported HIV expenditure, " + strings.ReplaceAll(subName(r.sub), "_", " "),
		Kind:       extractors.Expenditure,
		Amount:     r.get(value),
		Currency:   "USD",
		Year:       r.get(year),
		YearBasis:  "calendar",
		Places:     []extractors.Share{place},
		Codes:      []extractors.Code{{Scheme: "unaids", Code: bySource}},
		Basis:      "unknown",
		Flags:      []string{"country_reported"},
		Raw:        r.raw(),
	}
	source := r.sub
	switch r.series.gid {
	case byPopulation:
		source = withoutPWID(r.sub)
		d.Title = "HIV expenditure for people who inject drugs, " + strings.ReplaceAll(subName(source), "_", " ")
		d.Codes = []extractors.Code{{Scheme: "unaids", Code: byPopulation + "|PWID"}}
		d.Population = "pwid"
	case byProgramme:
		source = "" // the workbook's total over all sources
		d.Title = "HIV programme expenditure: " + r.get(indicator)
		d.Codes = []extractors.Code{{Scheme: "gam", Code: r.code}}
		d.Population = "pwid"
	}
	p, known := parties[source]
	if !known {
		p = extractors.Party{Role: extractors.Funder, Name: fmt.Sprintf("Not named (%s)", source), Type: "unknown"}
	}
	d.Parties = []extractors.Party{p}
	if b.breaks[b.area(r)+"|"+r.get(year)+"|"+r.sub] {
		d.Flags = append(d.Flags, "series_break")
	}
	return d
}

// withoutPWID is the funding source of a figure for people who inject drugs.
func withoutPWID(sub string) string { return strings.TrimPrefix(strings.TrimPrefix(sub, "pwid"), "_") }

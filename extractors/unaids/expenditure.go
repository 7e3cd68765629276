package unaids

import (
	"fmt"
	"regexp"
	"strings"

	"hrinvest/extractors"
)

// wholes says which figure of a country and year contains which: the total is
// the sum of domestic and international money, and the international part of
// its sources.
var wholes = map[string]string{
	"international": "", "domestic_public": "", "domestic_private": "",
	"global_fund": "international", "pepfar": "international", "other_international": "international",
}

// parties are the financing entities of the funding sources.
var parties = map[string]extractors.Party{
	"domestic_public":     {Role: extractors.Funder, Name: "Domestic public", Type: "domestic_public"},
	"domestic_private":    {Role: extractors.Funder, Name: "Domestic private", Type: "private"},
	"global_fund":         {Role: extractors.Funder, Ref: "47045", Name: "Global Fund", Type: "multilateral"},
	"pepfar":              {Role: extractors.Funder, Name: "United States (PEPFAR)", Type: "bilateral"},
	"other_international": {Role: extractors.Funder, Name: "Other international", Type: "unknown"},
	"international":       {Role: extractors.Funder, Name: "International (not broken down)", Type: "unknown"},
	"":                    {Role: extractors.Funder, Type: "unknown"},
}

var (
	zeroText   = regexp.MustCompile(`^[-+]?(?:0+(?:\.0*)?|\.0+)(?:[eE][-+]?\d+)?$`)
	numberText = regexp.MustCompile(`^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$`)
	dots       = regexp.MustCompile(`^(?:\.{2,}|…|-+|–)$`) // "..." stands for no data
)

const (
	zeroReason  = "0 means not reported in this series"
	emptyReason = "no value published"
)

// expenditure turns the records of one country and year into statements. Those
// that are no country's, not reported, or stand in a better edition are kept out
// of scope with the reason; zeros are also observed as not reported.
func (b *book) expenditure(group string, rs []*record, obs *observations) []extractors.Disclosure {
	best := map[string]edition{}  // by series
	first := map[string]*record{} // by series and subgroup, in the best edition
	for _, r := range rs {
		if e, ok := best[r.series.gid]; !ok || r.edition.compare(e) > 0 {
			best[r.series.gid] = r.edition
		}
	}
	reasons := make([]string, len(rs))
	for i, r := range rs {
		v, id := r.get(value), r.series.gid+"|"+r.sub
		switch {
		case r.edition.compare(best[r.series.gid]) != 0:
			reasons[i] = "another edition of this figure counts: " + best[r.series.gid].name
		case r.region():
			reasons[i] = "the sum of a region, not of a country"
		case first[id] != nil && first[id].get(value) == v:
			reasons[i] = "repeats " + first[id].locator
		case first[id] != nil:
			reasons[i] = "another value of the figure in " + first[id].locator
		case v == "" || dots.MatchString(v):
			reasons[i] = emptyReason
		case zeroText.MatchString(v):
			reasons[i] = zeroReason
		default:
			first[id] = r
		}
		if reasons[i] == zeroReason || r.series.gid == byPopulation {
			obs.add(r)
		}
	}
	var list []extractors.Disclosure
	for i, r := range rs {
		d := b.disclosure(group, r)
		if d.OutOfScope = reasons[i]; d.OutOfScope == "" {
			d.PartOf, d.OutOfScope = partOf(group, r, first)
		}
		list = append(list, d)
	}
	return list
}

func key(group, gid, sub string) string {
	if sub == "" {
		sub = "total"
	}
	return gid + "." + sub + "|" + group
}

// partOf names the figure that contains a record's, if it was published. Money
// for people who inject drugs is inside the HIV total: it takes its place in the
// breakdown by source where that has no other parts, else it is not counted a
// second time.
func partOf(group string, r *record, published map[string]*record) (whole, outOfScope string) {
	has := func(gid, sub string) bool { return published[gid+"|"+sub] != nil }
	if r.series.gid == bySource {
		for sub := r.sub; sub != ""; {
			sub = wholes[sub]
			if has(bySource, sub) {
				return key(group, bySource, sub), ""
			}
		}
		return "", ""
	}
	some, parts := has(bySource, ""), false
	same := withoutPWID(r.sub)
	for sub, whole := range wholes {
		some = some || has(bySource, sub)
		parts = parts || has(bySource, sub) && whole == same
	}
	switch {
	case !some && r.sub != "pwid" && has(byPopulation, "pwid"):
		return key(group, byPopulation, "pwid"), ""
	case !some:
		return "", ""
	case has(bySource, same) && !parts:
		return key(group, bySource, same), ""
	}
	return "", "inside the HIV expenditure by source, which counts; the figure is kept as an observation"
}

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
	if r.series.gid == byPopulation {
		source = withoutPWID(r.sub)
		d.Title = "HIV expenditure for people who inject drugs, " + strings.ReplaceAll(subName(source), "_", " ")
		d.Codes = []extractors.Code{{Scheme: "unaids", Code: byPopulation + "|PWID"}}
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

func subName(sub string) string {
	if sub == "" {
		return "total"
	}
	return sub
}

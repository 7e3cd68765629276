package unaids

import (
	"cmp"
	"fmt"
	"strings"

	"hrinvest/extractors"
)

// observations keeps one value per indicator, area, subgroup and year: the one
// of the best edition. Others are named in its note where they differ.
type observations struct {
	book  *book
	at    map[string]*observed
	order []*observed
}

type observed struct {
	best, low, high *record
	others          []*record
}

func newObservations(b *book) *observations {
	return &observations{book: b, at: map[string]*observed{}}
}

func (o *observations) add(r *record) {
	sub := r.sub
	if sub == "low" || sub == "high" {
		sub = ""
	}
	k := strings.Join([]string{r.series.indicator, o.book.area(r), sub, r.get(year), r.base}, "|")
	v := o.at[k]
	if v == nil {
		v = &observed{}
		o.at[k] = v
		o.order = append(o.order, v)
	}
	slot := &v.best
	switch r.sub {
	case "low":
		slot = &v.low
	case "high":
		slot = &v.high
	}
	switch {
	case *slot == nil:
		*slot = r
	case r.edition.compare((*slot).edition) > 0:
		v.others = append(v.others, *slot)
		*slot = r
	default:
		v.others = append(v.others, r)
	}
}

func (o *observations) list() []extractors.Observation {
	list := make([]extractors.Observation, 0, len(o.order))
	for _, v := range o.order {
		list = append(list, v.observation())
	}
	return list
}

func (v *observed) observation() extractors.Observation {
	r := v.best
	if r == nil { // bounds without an estimate
		r = cmp.Or(v.low, v.high)
	}
	ob := extractors.Observation{
		Document: r.doc, Locator: r.locator,
		Indicator: r.series.indicator, Area: r.iso3(), AreaName: r.get(areaName), Subgroup: r.sub,
		Year: r.get(year), Unit: r.series.unit, Status: "reported",
	}
	if strings.Contains(strings.ToLower(ob.AreaName), "eastern europe and central asia") {
		ob.Area = "EECA_UNAIDS"
	}
	if r.series.gid == byPopulation {
		ob.Subgroup = withoutPWID(r.sub)
	}
	if ob.Unit == constantUSD {
		ob.Unit += ", constant prices of " + cmp.Or(r.base, "a year not stated")
	}
	var bounds, notes []string
	if v.low != nil && numberText.MatchString(v.low.get(value)) {
		ob.Low = v.low.get(value)
		bounds = append(bounds, "from "+ob.Low)
	}
	if v.high != nil && numberText.MatchString(v.high.get(value)) {
		ob.High = v.high.get(value)
		bounds = append(bounds, "to "+ob.High)
	}
	switch {
	case v.best != nil:
		set(&ob, r)
	case bounds != nil:
		ob.Subgroup, ob.ValueText = "", strings.Join(bounds, " ")
	default:
		ob.Subgroup, ob.Status = "", "not_reported"
	}
	if r.layout.kind == roleTotals {
		notes = append(notes, "re-published by a third party, which labels it constant 2019 US dollars; the publisher's own export says current (not verified)")
	}
	differs := false
	for _, other := range v.others {
		if !same(r, other) {
			notes = append(notes, fmt.Sprintf("%s, %s gives %s", other.edition.name, other.locator, cmp.Or(other.get(value), "nothing")))
			differs = differs || disagree(r, other)
		}
	}
	if ob.Note = strings.Join(notes, "; "); differs {
		ob.Note = "differs: " + ob.Note
	}
	return ob
}

// set writes the published value: a number, a text, or a word for its absence.
func set(ob *extractors.Observation, r *record) {
	switch v := r.get(value); {
	case v == "":
		ob.Status = "not_reported"
	case dots.MatchString(v):
		ob.ValueText, ob.Status = v, "not_reported"
	case !numberText.MatchString(v):
		ob.ValueText = v
	case zeroText.MatchString(v) && r.series.zeroIsMissing:
		ob.ValueText, ob.Status = v, "not_reported"
	case zeroText.MatchString(v):
		ob.Value, ob.Status = v, "zero"
	default:
		ob.Value = v
	}
}

package unaids

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// record is one row as published, with what it is about.
type record struct {
	doc, locator string
	layout       *layout
	fields       []string
	edition      edition
	series       *series
	sub          string // subgroup in our words, "" for the total
	base         string // year of the prices of a constant value
	code         string // of programmes.csv
}

func (r *record) get(c column) string {
	if i := r.layout.at[c]; i >= 0 {
		if v := strings.TrimSpace(r.fields[i]); v != "" {
			return v
		}
	}
	return r.layout.otherwise[c]
}

func (r *record) raw() []byte {
	m := map[string]string{}
	for i, v := range r.fields {
		if v != "" {
			m[r.layout.names[i]] = v
		}
	}
	b, err := json.Marshal(m)
	if err != nil {
		panic(err) // a map of strings always encodes
	}
	return b
}

// unusable says why a record cannot be placed, or "".
func (r *record) unusable() string {
	switch {
	case !yearText.MatchString(r.get(year)):
		return fmt.Sprintf("time period %q is not a year", r.get(year))
	case r.get(areaName) == "" && r.iso3() == "":
		return "no area"
	}
	return ""
}

// iso3 is the published country code, "" where the edition numbers its areas.
func (r *record) iso3() string {
	if c := r.get(areaID); isCountry(c) {
		return c
	}
	return ""
}

func isCountry(code string) bool {
	if code == "XKX" {
		return true
	}
	if len(code) != 3 {
		return false
	}
	c, err := language.ParseRegion(code)
	return err == nil && c.IsCountry() && c.ISO3() == code
}

// regionID is the id of an area above countries in the editions since 2021: a
// number of the United Nations' M49 with a name, or UNAIDS's own.
var regionID = regexp.MustCompile(`^(?:\d\dM49|OWID_|UNA[A-Z])`)

// region says whether the area is more than one country.
func (r *record) region() bool {
	n := strings.ToLower(r.get(areaName))
	return strings.HasPrefix(n, "unaids region") || slices.Contains([]string{
		"all countries", "global", "world", "low- and middle-income countries", "eastern europe and central asia",
		"asia and the pacific", "caribbean", "east and southern africa", "eastern and southern africa", "latin america",
		"latin america and the caribbean", "middle east and north africa", "west and central africa",
		"western and central africa", "western and central europe and north america",
	}, n) || regionID.MatchString(r.get(areaID)) || r.level() == '0' || r.level() == '1'
}

// level is the published level of an area that is no country by its code: 2
// are countries. Editions that number their areas have levels of their own. The
// interface publishes none: an id that goes on after a country's is one below.
func (r *record) level() byte {
	l, id := r.get(areaLevel), r.get(areaID)
	switch {
	case r.iso3() != "" || strings.Trim(id, "0123456789") == "":
		return '2'
	case l == "" && len(id) > 3 && isCountry(id[:3]):
		return '3'
	case len(l) != 1:
		return '2'
	}
	return l[0]
}

// inside says whether the area is a part of a country.
func (r *record) inside() bool { return !r.region() && r.level() > '2' }

package unaids

// published are the figures of a country and year that count, by what they are.
type published map[string]*record

func (p published) has(gid, sub string) bool { return p[gid+"|"+sub] != nil }

// wholes says which figure by source contains which: the total is the sum of
// domestic and international money, and each of these of its sources.
var wholes = map[string]string{
	"international": "", "domestic": "",
	"domestic_public": "domestic", "domestic_private": "domestic",
	"global_fund": "international", "pepfar": "international", "us_bilateral": "international", "other_international": "international",
}

// whole is the nearest figure by source that was published and contains another.
func (p published) whole(sub string) (whole string, ok bool) {
	for sub != "" {
		if sub = wholes[sub]; p.has(bySource, sub) {
			return sub, true
		}
	}
	return "", false
}

// sources says whether there is a breakdown by source, and whether one of its
// figures has parts.
func (p published) sources(sub string) (some, parts bool) {
	for s := range wholes {
		if !p.has(bySource, s) {
			continue
		}
		some = true
		whole, ok := p.whole(s)
		parts = parts || ok && whole == sub
	}
	return some || p.has(bySource, ""), parts
}

// Why money is not counted a second time.
const (
	insideSources    = "inside the HIV expenditure by source, which counts; the figure is kept as an observation"
	insidePopulation = "inside the HIV expenditure for people who inject drugs, which counts by source; the figure is kept as an observation"
	severalWholes    = "one of several lines for people who inject drugs: whether one contains another is not stated"
	unknownCountry   = "AIDSinfo names no such country: whether the money is inside its HIV expenditure cannot be told"
)

// place names the figure that contains a record's, if it was published, or says
// why the record must not count. Money for people who inject drugs is inside the
// HIV total: it takes its place in the breakdown by source where that has no
// other parts.
func (b *book) place(p published, group string, r *record) (partOf, outOfScope string) {
	switch r.series.gid {
	case bySource:
		if whole, ok := p.whole(r.sub); ok {
			return key(group, bySource, whole), ""
		}
		return "", ""
	case byProgramme:
		return b.placeProgramme(p, group, r)
	}
	source := withoutPWID(r.sub)
	some, parts := p.sources(source)
	switch {
	case !some && r.sub != "pwid" && p.has(byPopulation, "pwid"):
		return key(group, byPopulation, "pwid"), ""
	case !some:
		return "", ""
	case p.has(bySource, source) && !parts:
		return key(group, bySource, source), ""
	}
	return "", insideSources
}

// placeProgramme finds the place of a line of the workbook of programme
// expenditures. A line for one service is inside the line for all people who
// inject drugs; that is AIDSinfo's figure for them in other words, or inside the
// HIV total.
func (b *book) placeProgramme(p published, group string, r *record) (partOf, outOfScope string) {
	var all []*record
	byPart := false // AIDSinfo's figure for people who inject drugs has parts
	for _, o := range p {
		switch {
		case o.series.gid == byProgramme && o.code == allPWID:
			all = append(all, o)
		case o.series.gid == byPopulation && o.sub != "pwid":
			byPart = true
		}
	}
	switch {
	case r.code == allPWID && len(all) > 1:
		return "", severalWholes
	case r.code != allPWID && len(all) == 1:
		if _, out := b.placeProgramme(p, group, all[0]); out != "" {
			return "", out
		}
		return key(group, byProgramme, all[0].sub), ""
	}
	some, parts := p.sources("")
	switch pwid := p[byPopulation+"|pwid"]; {
	case pwid != nil:
		if _, out := b.place(p, group, pwid); out != "" {
			return "", out
		}
		if byPart {
			return "", insidePopulation
		}
		return key(group, byPopulation, "pwid"), ""
	case byPart:
		return "", insidePopulation
	case !some && len(b.countries) > 0 && !b.countries[b.area(r)]:
		return "", unknownCountry
	case !some:
		return "", ""
	case p.has(bySource, "") && !parts:
		return key(group, bySource, ""), ""
	}
	return "", insideSources
}

package transforms

import "strings"

// flagWithheld marks rows whose implementer is withheld.
const flagWithheld = "implementer_withheld"

// stepWithhold removes, in countries where naming can harm, everything that
// names who carries the work out: implementer, channel, title, the publisher's
// identifier and the quoted fields. Amounts stay. It runs last, so that no rule
// depends on what it removes.
//
// A statement is withheld whole as soon as one of its rows is.
func stepWithhold(withheld func(iso3 string) bool) Step {
	return func(group []Row) ([]Row, error) {
		hide := map[string]bool{}
		for i := range group {
			r := &group[i]
			named := strings.Fields(r.Countries)
			all := len(named) > 0
			for _, c := range named {
				all = all && withheld(c)
			}
			if all || r.Country != "" && withheld(r.Country) {
				hide[r.D.Key] = true
			}
		}
		for i := range group {
			r := &group[i]
			if !hide[r.D.Key] {
				continue
			}
			r.Implementer, r.Channel, r.Title = "", "", ""
			r.ActivityID = "withheld-" + digest(r.ActivityID)[:8]
			r.Raw = []byte(`{"withheld":true}`)
			r.StandsForGroup = withheldGroup(r.StandsForGroup)
			r.flag(flagWithheld)
		}
		return group, nil
	}
}

func withheldGroup(g string) string {
	if g == "" {
		return ""
	}
	return "withheld-" + digest(g)[:8]
}

package globalfund

import (
	"regexp"
	"strings"
)

// covidModule is the module of the COVID-19 Response Mechanism (C19RM): in the
// published budgets of that mechanism and nowhere else.
const covidModule = "COVID-19"

// funding is the cycle a line's money belongs to: as the line states it; else
// C19RM by its module; else the cycle whose years the implementation period
// carries. It is never inferred from the years in which money is spent: a cycle
// is spent in later ones than it is named after. No cycle is no error; one that is
// stated and not known is.
func (l line) funding() (id string, ok bool) {
	if s := l.get(cycle); s != "" {
		return cycleID(s)
	}
	if strings.EqualFold(l.get(module), covidModule) {
		return "C19RM", true
	}
	from, to := yearText.FindStringSubmatch(l.get(cycleFrom)), yearText.FindStringSubmatch(l.get(cycleTo))
	if from == nil || to == nil {
		return "", true
	}
	if id, ok := cycleID(from[1] + "-" + to[1]); ok {
		return id, true
	}
	return "", true
}

// fundingAsStated is funding, or the words of the line where they name no cycle.
func (l line) fundingAsStated() string {
	if id, ok := l.funding(); ok {
		return id
	}
	return l.get(cycle)
}

// cycleID understands the names under which a funding cycle is published, and the
// years by which the data explorer selects it
// (https://github.com/globalfund/data-explorer-server, src/static-assets/cycle-mapping.json).
// "2002-2013" are the cycles before, which have no name of their own. What comes
// after GC8 nobody knows yet: such a line waits for a new year here.
func cycleID(s string) (string, bool) {
	switch s = strings.Join(strings.Fields(s), ""); s {
	case "", "C19RM", "2002-2013":
		return s, true
	case "PreviousCycles":
		return "2002-2013", true
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

var cycleName = regexp.MustCompile(`^(?:GC|GrantCycle)([4-8])$`)

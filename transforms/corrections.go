package transforms

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"hrinvest/extractors"
)

// Corrections are what a reviewer found to be classified wrongly, and what it
// is: vocab/corrections.csv. They win over codes, shares and words. A row holds
// for an activity, a statement (its key or its place in the document), or, where
// both are given, for one statement of an activity.
type Corrections struct {
	bySource map[string][]correction
	used     map[string]bool
	loaded   map[string]bool // sources that had statements
}

type correction struct {
	id, source, activity, key         string
	intervention, population, setting string
	author, date, reason, address     string
}

// NewCorrections reads vocab/corrections.csv.
func NewCorrections() (*Corrections, error) {
	rows, err := vocabRows("corrections.csv", 11)
	if err != nil {
		return nil, err
	}
	return readCorrections(rows)
}

func readCorrections(rows [][]string) (*Corrections, error) {
	known, err := interventionIDs()
	if err != nil {
		return nil, err
	}
	c := &Corrections{bySource: map[string][]correction{}, used: map[string]bool{}, loaded: map[string]bool{}}
	seen := map[string]bool{}
	for _, r := range rows {
		one := correction{r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8], r[9], r[10]}
		switch {
		case one.id == "" || seen[one.id]:
			return nil, fmt.Errorf("corrections.csv: id %q is empty or stands twice", one.id)
		case one.source == "" || one.activity == "" && one.key == "":
			return nil, fmt.Errorf("corrections.csv: %s names no source, or neither an activity nor a key", one.id)
		case !known[one.intervention]:
			return nil, fmt.Errorf("corrections.csv: %s names the unknown intervention %q", one.id, one.intervention)
		case one.author == "" || one.date == "" || one.reason == "" || !strings.HasPrefix(one.address, "http"):
			return nil, fmt.Errorf("corrections.csv: %s needs an author, a date, a reason and the address of what shows it", one.id)
		}
		seen[one.id] = true
		c.bySource[one.source] = append(c.bySource[one.source], one)
	}
	return c, nil
}

// find looks for the correction of a statement. One of the statement itself
// comes before one of its activity.
func (c *Corrections) find(source string, d *extractors.Disclosure) (found correction, ok bool) {
	c.loaded[source] = true
	for _, one := range c.bySource[source] {
		if one.activity != "" && one.activity != d.ActivityID && !slices.Contains(d.LinkIDs, one.activity) ||
			one.key != "" && one.key != d.Key && one.key != d.Locator {
			continue
		}
		c.used[one.id] = true
		if !ok || found.key == "" && one.key != "" {
			found, ok = one, true
		}
	}
	return found, ok
}

// UnmatchedCorrection is one that matched no statement of its source.
type UnmatchedCorrection struct{ ID, Source string }

// Unmatched lists the corrections that matched no statement of their source,
// though the source had some: its identifiers changed, or the row is mistyped.
func (c *Corrections) Unmatched() []UnmatchedCorrection {
	var out []UnmatchedCorrection
	for _, source := range slices.Sorted(maps.Keys(c.bySource)) {
		for _, one := range c.bySource[source] {
			if c.loaded[source] && !c.used[one.id] {
				out = append(out, UnmatchedCorrection{one.id, source})
			}
		}
	}
	return out
}

// interventionIDs are the ids of vocab/interventions.csv.
func interventionIDs() (map[string]bool, error) {
	rows, err := vocabRows("interventions.csv", 9)
	if err != nil {
		return nil, err
	}
	ids := map[string]bool{}
	for _, r := range rows {
		ids[r[0]] = true
	}
	return ids, nil
}

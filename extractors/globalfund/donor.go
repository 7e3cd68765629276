package globalfund

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"regexp"
	"strings"

	"hrinvest/extractors"
)

//go:embed donors.csv
var donorWords string

// donors knows what kind of funder a donor is: donors.csv, by the donor's name
// or else by the type that is published with it.
type donors struct{ byName, byType map[string]who }

// who is a donor as it may be shown.
type who struct {
	name string
	kind string // a funder type of the contract
	flag string
}

func readDonors() (*donors, error) {
	rows, err := csv.NewReader(strings.NewReader(donorWords)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("reading donors.csv: %w", err)
	}
	ds := &donors{byName: map[string]who{}, byType: map[string]who{}}
	for _, r := range rows[1:] {
		w := who{kind: r[2], flag: r[3], name: r[4]}
		if r[0] == "type" {
			ds.byType[r[1]] = w
			continue
		}
		ds.byName[r[1]] = w
		if w.name != "" {
			ds.byName[w.name] = w
		}
	}
	return ds, nil
}

// organisation words tell a foundation that is listed among individuals from a person.
var organisationWord = regexp.MustCompile(`(?i)\b(foundation|fund|trust|company|ltd|inc|group|bank|association|society|initiative|campaign|federation)\b`)

// find describes a donor by its name, as published or as shown. A person is not
// named.
func (ds *donors) find(name, published string) who {
	w, ok := ds.byName[name]
	if !ok {
		w = ds.byType[published]
	}
	switch {
	case w.name != "":
	case strings.EqualFold(published, "Individual") && !organisationWord.MatchString(name):
		w.name = "An individual donor"
	default:
		w.name = name
	}
	if w.kind == "" {
		w.kind = "unknown"
	}
	return w
}

// coreContribution marks money that donors give the Global Fund as a whole. It is
// what the Fund's own flows are paid from: added to them it would count twice. It
// belongs to the view of donors, and to no country.
const coreContribution = "core_contribution"

// fromDonor is a donor's pledge to the Fund for a replenishment, or what it paid
// in. The replenishment is no grant cycle, and its years are not the money's: a
// statement is dated by its transaction or not at all.
func (l line) fromDonor(d *extractors.Disclosure, ds *donors) (problem string) {
	if l.get(donor) == "" {
		return "names no donor"
	}
	w := ds.find(l.get(donor), l.get(donorType))
	d.Cycle = l.get(cycle)
	d.ValueDate = dateOf(l.get(valued))
	d.Date = first(dateOf(l.get(paid)), d.ValueDate)
	d.Key = strings.Join([]string{d.Group, d.Cycle, d.Date}, "|")
	d.Title = strings.TrimSpace("Global Fund replenishment " + d.Cycle)
	d.Parties = []extractors.Party{{Role: extractors.Funder, Name: w.name, Type: w.kind}}
	if d.Kind == extractors.Incoming {
		d.Parties = append(d.Parties, extractors.Party{Role: extractors.Provider, Name: w.name, Type: w.kind})
	}
	d.Parties = append(d.Parties, theFund(extractors.Receiver))
	d.Codes = []extractors.Code{{Scheme: "globalfund-core", Code: coreContribution}}
	d.Flags = append(d.Flags, coreContribution)
	if w.flag != "" {
		d.Flags = append(d.Flags, w.flag)
	}
	return ""
}

package ocds

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"regexp"
	"strings"

	"hrinvest/extractors/phrases"
	"hrinvest/extractors/plaintext"
)

//go:embed portals.csv
var portalTable string

//go:embed scope.csv
var scopeTable string

//go:embed persons.csv
var personTable string

// portal is where notices are published. The zero value is a portal that is not
// known.
type portal struct {
	prefix  string // of its ocids
	country string // alpha-3
	name    string
	scheme  string         // of its organisations' identifiers
	legal   *regexp.Regexp // identifiers of legal persons
	page    string         // a process's page without its number; "": none is known
}

// tables are what the source knows beforehand.
type tables struct {
	portals []portal
	codes   map[string]map[string]string // scheme -> code, or its beginning and "*" -> what it is for
	words   *phrases.List                // that name HIV, drug use or harm reduction
	persons *phrases.List                // that mark a trader who is a natural person
	redact  *plaintext.Redactor
}

func newTables() (*tables, error) {
	t := &tables{codes: map[string]map[string]string{}, words: phrases.NewList(), persons: phrases.NewList(), redact: plaintext.NewRedactor()}
	for _, table := range [...]struct {
		name, text string
		add        func(row []string) error
	}{
		{"portals.csv", portalTable, t.addPortal},
		{"scope.csv", scopeTable, t.addScope},
		{"persons.csv", personTable, func(r []string) error { return t.persons.Add(r[0], r[1]) }},
	} {
		rows, err := csv.NewReader(strings.NewReader(table.text)).ReadAll()
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", table.name, err)
		}
		for i, r := range rows[1:] {
			if err := table.add(r); err != nil {
				return nil, fmt.Errorf("reading %s: line %d: %w", table.name, i+2, err)
			}
		}
	}
	return t, nil
}

func (t *tables) addPortal(r []string) (err error) {
	p := portal{prefix: r[0], country: r[1], name: r[2], scheme: r[3], page: r[5]}
	if p.legal, err = regexp.Compile(r[4]); err != nil {
		return err
	}
	t.portals = append(t.portals, p)
	return nil
}

// addScope adds a row of scope.csv: a code with what it is for, or a phrase.
func (t *tables) addScope(r []string) error {
	switch kind, value, use := r[0], r[1], r[2]; kind {
	case schemeATC, schemeINN, schemeCPV:
		if use == "" {
			return fmt.Errorf("the code %q is for nothing", value)
		}
		if t.codes[kind] == nil {
			t.codes[kind] = map[string]string{}
		}
		t.codes[kind][strings.ToLower(value)] = use
		return nil
	default:
		return t.words.Add(kind, value)
	}
}

// portalOf finds the portal whose ocids begin so.
func (t *tables) portalOf(ocid string) portal {
	for _, p := range t.portals {
		if strings.HasPrefix(ocid, p.prefix) {
			return p
		}
	}
	return portal{}
}

// use is what a code is for; "" decides nothing.
func (t *tables) use(scheme, code string) string {
	codes, code := t.codes[scheme], strings.ToLower(code)
	if use, ok := codes[code]; ok {
		return use
	}
	for i := len(code); i > 0; i-- {
		if use, ok := codes[code[:i]+"*"]; ok {
			return use
		}
	}
	return ""
}

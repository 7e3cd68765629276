package transforms

import (
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"hrinvest/extractors"
)

// Crosswalk maps explicit classifications of publishers (Global Fund modules,
// DAC purposes, ...) to our interventions. Its rows are reviewed by people:
// vocab/crosswalk.csv.
type Crosswalk struct {
	rules         map[string]crosswalkRule
	interventions map[string]bool
}

type crosswalkRule struct {
	id, intervention, population, setting string
	hiv                                   *bool
}

// NewCrosswalk reads vocab/crosswalk.csv and vocab/interventions.csv.
func NewCrosswalk() (*Crosswalk, error) {
	x := &Crosswalk{rules: map[string]crosswalkRule{}, interventions: map[string]bool{}}
	interventions, err := vocabRows("interventions.csv", 9)
	if err != nil {
		return nil, err
	}
	for _, r := range interventions {
		x.interventions[r[0]] = true
	}
	rows, err := vocabRows("crosswalk.csv", 11)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		rule := crosswalkRule{id: r[0], intervention: r[3], population: r[4], setting: r[5], hiv: boolOf(r[6])}
		if !x.interventions[rule.intervention] {
			return nil, fmt.Errorf("crosswalk.csv: rule %s names the unknown intervention %q", rule.id, rule.intervention)
		}
		key := r[1] + "|" + codeKey(r[2])
		if old, dup := x.rules[key]; dup {
			if old.intervention != rule.intervention {
				return nil, fmt.Errorf("crosswalk.csv: rules %s and %s disagree on %q", old.id, rule.id, r[2])
			}
			continue
		}
		x.rules[key] = rule
	}
	return x, nil
}

// vocabRows reads a vocabulary file without its header.
func vocabRows(name string, columns int) ([][]string, error) {
	f, err := vocabFS.Open("vocab/" + name)
	if err != nil {
		return nil, fmt.Errorf("reading vocabulary: %w", err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.FieldsPerRecord = columns
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return rows[1:], nil
}

func boolOf(s string) *bool {
	switch strings.ToLower(s) {
	case "1", "true", "yes":
		v := true
		return &v
	case "0", "false", "no":
		v := false
		return &v
	}
	return nil
}

// codeKey folds what publishers vary: case, punctuation, quotes, blanks. "|"
// and a lone "*" are ours and stay.
func codeKey(code string) string {
	parts := strings.Split(code, "|")
	for i, p := range parts {
		if p == "*" {
			continue
		}
		var b strings.Builder
		for _, r := range norm.NFKD.String(p) {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				b.WriteRune(unicode.ToLower(r))
			}
		}
		parts[i] = b.String()
	}
	return strings.Join(parts, "|")
}

// find looks a code up, then its wider forms: any cycle, the whole module.
func (x *Crosswalk) find(c extractors.Code) (crosswalkRule, bool) {
	if c.Scheme == "hrinvest" {
		if !x.interventions[c.Code] {
			return crosswalkRule{}, false
		}
		return crosswalkRule{id: "hrinvest:" + c.Code, intervention: c.Code}, true
	}
	key := codeKey(c.Code)
	forms := []string{key}
	if parts := strings.Split(key, "|"); len(parts) == 3 {
		cycles := []string{parts[0], "*", "gc7", "gc6", "gc5"}
		if parts[0] != "*" && parts[0] != "" {
			cycles = cycles[:2]
		}
		for _, cycle := range cycles {
			forms = append(forms, cycle+"|"+parts[1]+"|"+parts[2])
		}
		for _, cycle := range cycles {
			forms = append(forms, cycle+"|"+parts[1]+"|*", cycle+"|"+parts[1]+"|")
		}
	}
	for _, f := range slices.Compact(forms) {
		if rule, ok := x.rules[c.Scheme+"|"+f]; ok {
			return rule, true
		}
	}
	return crosswalkRule{}, false
}

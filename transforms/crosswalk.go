package transforms

import (
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"hrinvest/extractors"
)

// Crosswalk maps explicit classifications of publishers (Global Fund modules,
// DAC purposes, ...) to our interventions. Its rows are reviewed by people:
// vocab/crosswalk.csv.
type Crosswalk struct {
	rules       map[string]crosswalkRule
	definitions map[string]definitions // of the interventions
	open        map[string]bool        // schemes with rules for all codes that begin alike
}

// definitions of harm reduction that include an intervention.
type definitions struct{ core, hri, broad bool }

type crosswalkRule struct {
	id, intervention, population, setting string
	hiv                                   *bool
	confidence                            string
	scheme, code                          string
	author, date, source, note            string
	ofOtherCycle                          bool // found in the framework of another cycle than the code's
}

// NewCrosswalk reads vocab/crosswalk.csv and vocab/interventions.csv.
func NewCrosswalk() (*Crosswalk, error) {
	x := &Crosswalk{rules: map[string]crosswalkRule{}, definitions: map[string]definitions{}, open: map[string]bool{}}
	interventions, err := vocabRows("interventions.csv", 9)
	if err != nil {
		return nil, err
	}
	for _, r := range interventions {
		x.definitions[r[0]] = definitions{core: r[4] == "1", hri: r[7] == "1", broad: r[8] == "1"}
	}
	rows, err := vocabRows("crosswalk.csv", 12)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		rule := crosswalkRule{
			id: r[0], scheme: r[1], code: r[2], intervention: r[3], population: r[4], setting: r[5], hiv: boolOf(r[6]), confidence: r[7],
			author: r[8], date: r[9], source: r[10], note: r[11],
		}
		if _, ok := x.definitions[rule.intervention]; !ok {
			return nil, fmt.Errorf("crosswalk.csv: rule %s names the unknown intervention %q", rule.id, rule.intervention)
		}
		if rule.author == "" || rule.date == "" || rule.source == "" && !strings.Contains(rule.note, "UNVERIFIED") {
			return nil, fmt.Errorf("crosswalk.csv: rule %s needs an author, a date, and a source or the mark UNVERIFIED", rule.id)
		}
		if !slices.Contains([]string{"", "medium", "low"}, rule.confidence) {
			return nil, fmt.Errorf("crosswalk.csv: rule %s has the unknown confidence %q", rule.id, rule.confidence)
		}
		if rule.confidence == "" {
			rule.confidence = "high"
		}
		if code, ok := strings.CutSuffix(rule.code, "*"); ok && code != "" && !strings.Contains(code, "|") {
			x.open[rule.scheme] = true
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

// codeKey folds what publishers vary: case, punctuation, quotes, blanks. "|",
// a lone "*" and one that ends a code (all that begin with it) are ours and stay.
func codeKey(code string) string {
	parts := strings.Split(code, "|")
	for i, p := range parts {
		if p == "*" {
			continue
		}
		p, open := strings.CutSuffix(p, "*")
		var b strings.Builder
		for _, r := range norm.NFKD.String(p) {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				b.WriteRune(unicode.ToLower(r))
			}
		}
		if open {
			b.WriteByte('*')
		}
		parts[i] = b.String()
	}
	return strings.Join(parts, "|")
}

// first is the rule of the first of a statement's codes that has one, and that code.
// The words of a grant cycle whose framework does not have them are looked up in
// those of other cycles before the disease the line is for decides.
func (x *Crosswalk) first(codes []extractors.Code) (crosswalkRule, extractors.Code, bool) {
	for _, c := range codes {
		if c.Scheme == componentScheme {
			for _, c := range codes {
				if rule, ok := x.elsewhere(c); ok {
					return rule, c, true
				}
			}
		}
		if rule, ok := x.find(c); ok {
			return rule, c, true
		}
	}
	for _, c := range codes {
		if rule, ok := x.elsewhere(c); ok {
			return rule, c, true
		}
	}
	return crosswalkRule{}, extractors.Code{}, false
}

// componentScheme is the widest code of a Global Fund line: the disease it is for.
const componentScheme = "globalfund-component"

// cycles are those whose frameworks are known, the newest first.
var cycles = [...]string{"gc7", "gc6", "gc5"}

// elsewhere looks the words of a cycle up in the frameworks of others, which is
// less sure.
func (x *Crosswalk) elsewhere(c extractors.Code) (crosswalkRule, bool) {
	parts := strings.Split(codeKey(c.Code), "|")
	if c.Scheme != "globalfund" || len(parts) != 3 {
		return crosswalkRule{}, false
	}
	for _, f := range ofModule(parts, cycles[:]) {
		if rule, ok := x.rules[c.Scheme+"|"+f]; ok {
			rule.ofOtherCycle = true
			if rule.confidence == "high" {
				rule.confidence = "medium"
			}
			return rule, true
		}
	}
	return crosswalkRule{}, false
}

// newCycle says whether a code is of a grant cycle whose framework is not known.
func newCycle(c extractors.Code) bool {
	cycle, _, ok := strings.Cut(codeKey(c.Code), "|")
	return ok && c.Scheme == "globalfund" && strings.HasPrefix(cycle, "gc") && !slices.Contains(cycles[:], cycle)
}

// ofModule are the forms of a code in frameworks: the line, then the whole module.
func ofModule(parts, cycles []string) (forms []string) {
	for _, cycle := range cycles {
		forms = append(forms, cycle+"|"+parts[1]+"|"+parts[2])
	}
	for _, cycle := range cycles {
		forms = append(forms, cycle+"|"+parts[1]+"|*", cycle+"|"+parts[1]+"|")
	}
	return forms
}

// find looks a code up, then its wider forms: any cycle, the whole module, the
// codes that begin alike.
func (x *Crosswalk) find(c extractors.Code) (crosswalkRule, bool) {
	if c.Scheme == "hrinvest" {
		if _, ok := x.definitions[c.Code]; !ok {
			return crosswalkRule{}, false
		}
		return crosswalkRule{id: "hrinvest:" + c.Code, intervention: c.Code, confidence: "high"}, true
	}
	key := codeKey(c.Code)
	forms := []string{key}
	if parts := strings.Split(key, "|"); len(parts) == 3 {
		of := []string{parts[0], "*"}
		if parts[0] == "*" || parts[0] == "" {
			of = append(of, cycles[:]...)
		}
		forms = append(forms, ofModule(parts, of)...)
	}
	if x.open[c.Scheme] {
		for i := len(key); i > 0; i-- {
			if i == len(key) || utf8.RuneStart(key[i]) {
				forms = append(forms, key[:i]+"*")
			}
		}
	}
	for _, f := range slices.Compact(forms) {
		if rule, ok := x.rules[c.Scheme+"|"+f]; ok {
			return rule, true
		}
	}
	return crosswalkRule{}, false
}

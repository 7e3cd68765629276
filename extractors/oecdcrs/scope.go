package oecdcrs

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"strings"

	"hrinvest/extractors/phrases"
)

//go:embed purposes.csv
var purposeTable string

//go:embed words.csv
var wordTable string

// Why rows are counted and not disclosed.
const (
	skipPurpose = "the purpose is neither HIV, drug use, drug control nor one whose words are read"
	skipWords   = "nothing about HIV, drug use or harm reduction in the title and descriptions"
	skipNoTexts = "the purpose is read for words only, and the document has no titles or descriptions"
)

// rule is what a purpose is to this source.
type rule byte

const (
	outside rule = iota
	always       // in scope by its code
	byWords      // in scope where its words name HIV, drug use or harm reduction
)

// scope decides which rows are disclosed.
type scope struct {
	purposes map[string]rule // by purpose, or by the three digits of a sector
	asked    []string        // purposes that the interface is asked for
	words    *phrases.List   // that name HIV, drug use or harm reduction
}

func newScope() (*scope, error) {
	s := &scope{purposes: map[string]rule{}, words: phrases.NewList()}
	rows, err := csv.NewReader(strings.NewReader(purposeTable)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("reading purposes.csv: %w", err)
	}
	for _, r := range rows[1:] {
		kind, ok := map[string]rule{"always": always, "words": byWords}[r[1]]
		if !ok {
			return nil, fmt.Errorf("reading purposes.csv: unknown rule %q", r[1])
		}
		s.purposes[r[0]] = kind
		if r[2] == "1" {
			s.asked = append(s.asked, r[0])
		}
	}
	if rows, err = csv.NewReader(strings.NewReader(wordTable)).ReadAll(); err != nil {
		return nil, fmt.Errorf("reading words.csv: %w", err)
	}
	for i, r := range rows[1:] {
		if err := s.words.Add(r[0], r[1]); err != nil {
			return nil, fmt.Errorf("reading words.csv: line %d: %w", i+2, err)
		}
	}
	return s, nil
}

// rule of a purpose, as a document writes it.
func (s *scope) rule(purpose []byte) rule {
	r, ok := s.purposes[string(purpose)]
	if !ok && len(purpose) == 5 && plainDigits(purpose) {
		return s.purposes[string(purpose[:3])]
	}
	if !ok && !plainDigits(purpose) { // blanks around it, or "13040.0"
		if c := code(clean(purpose)); c != string(purpose) {
			return s.rule([]byte(c))
		}
	}
	return r
}

func plainDigits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

package ghed

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"regexp"
	"strings"
)

// seriesCSV says which indicator a variable is, by who pays.
//
//go:embed series.csv
var seriesCSV string

// series is what a variable of disease 11 measures.
type series struct {
	code      string // the database's own: "dis11_gghed_usd2023"
	base      string // the same in local currency, as the sheet Metadata names it: "dis11_gghed"
	indicator string
	// subgroup tells the currencies and price bases of one indicator apart. The
	// figure the country reports, current local currency, has none.
	subgroup string
	unit     string
	note     string
}

// codeForm is how the database names the sums of money of disease 11: who pays,
// then the currency (none: local) and the year of constant prices. Shares of a
// total, sums per head and international dollars have other endings.
var codeForm = regexp.MustCompile(`^dis11(?:_(gghed|ext|pvtd))?(?:_(usd|ncu)(\d{4})?)?$`)

// readSeries returns the indicators by who pays.
func readSeries() (map[string]string, error) {
	rows, err := csv.NewReader(strings.NewReader(seriesCSV)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("reading series: %w", err)
	}
	indicators := map[string]string{}
	for _, r := range rows[1:] {
		indicators[r[0]] = r[1]
	}
	return indicators, nil
}

// basis is the currency and prices of a sum of money.
type basis struct {
	currency string // LCU, USD
	constant string // year of constant prices; "" current ones
}

func (b basis) String() string {
	if b.constant == "" {
		return "current " + b.currency
	}
	return "constant " + b.constant + " " + b.currency
}

// newSeries understands a variable by its code alone; ok is false for another
// disease or another kind of figure.
func newSeries(indicators map[string]string, code string) (s series, b basis, ok bool) {
	m := codeForm.FindStringSubmatch(code)
	if m == nil {
		return s, b, false
	}
	b = basis{"LCU", m[3]}
	if m[2] == "usd" {
		b.currency = "USD"
	}
	s = series{code: code, base: "dis11", indicator: indicators[m[1]]}
	if m[1] != "" {
		s.base += "_" + m[1]
	}
	return s, b, s.indicator != ""
}

// in sets what follows from the basis: amounts are in millions everywhere.
func (s series) in(b basis) series {
	s.unit = "million " + b.currency
	if b.constant != "" {
		s.unit += ", constant " + b.constant + " prices"
	}
	if b != (basis{"LCU", ""}) {
		s.subgroup = b.String()
	}
	return s
}

// entry is a line of the sheet Codebook.
type entry struct{ name, unit, currency string }

var (
	localWords    = regexp.MustCompile(`(?i)\b(ncu|lcu|national currency|local currency)\b`)
	dollarWords   = regexp.MustCompile(`(?i)us\s?\$|\busd\b|\bu\.?s\.? dollars?\b`)
	otherWords    = regexp.MustCompile(`(?i)\bppp\b|int\.?\s?\$|\binternational (\$|dollars?\b)`)
	constantWords = regexp.MustCompile(`(?i)\bconstant\b\D{0,3}(\d{4})?`)
	perHead       = regexp.MustCompile(`(?i)\bper capita\b`)
)

// agrees says what speaks against reading a variable as sums in millions on a
// basis that only its code names; "": the codebook says the same.
func (e entry) agrees(b basis) (problem string) {
	all := e.name + " " + e.unit + " " + e.currency
	local, dollar, other := localWords.MatchString(all), dollarWords.MatchString(all), otherWords.MatchString(all)
	constant := constantWords.FindStringSubmatch(all)
	switch {
	case !strings.Contains(strings.ToLower(e.unit+" "+e.name), "million") || perHead.MatchString(all):
		return "the codebook does not say that it is in millions"
	case other || local == dollar:
		return "the codebook does not say in which currency it is"
	case dollar != (b.currency == "USD"):
		return "the codebook names another currency than the code"
	case b.constant == "" && constant != nil:
		return "the codebook says constant prices, the code does not"
	case b.constant != "" && (constant == nil || constant[1] != b.constant):
		return "the code says prices of " + b.constant + ", the codebook does not"
	}
	return ""
}

// quote is what the codebook says, word for word.
func (e entry) quote() string {
	return fmt.Sprintf("Codebook: %q, unit %q, currency %q.", e.name, e.unit, e.currency)
}

// Package dacrates reads the deflators with which the OECD's Development
// Assistance Committee (DAC) puts aid of all donors and years into the dollars of
// one year, and the annual exchange rates of its statistics.
//
// Every value leaves as an observation with the digits as published:
//
//	dac_deflator  Area donor or DAC (all DAC countries), Year, index, base year = 100
//	fx_dac        Area currency, Year, units per USD, average of the year
//
// A deflator holds a donor's inflation and its exchange rate, so it is for amounts
// in US dollars only: dollars of year t x 100 / deflator of year t are dollars of
// the base year. Deflators of two base years must not be mixed: they are taken
// from one document. See README.md.
package dacrates

import (
	"bytes"
	"embed"
	"io/fs"
	"regexp"
	"strings"
	"time"

	"hrinvest/extractors"
	"hrinvest/extractors/series"
)

//go:embed expectations.csv
var expectations string

//go:embed bundled
var bundled embed.FS

// The roles of this source's documents.
const (
	roleTable    = "table"    // long CSV: deflators and rates that a re-publisher computed from table DAC1
	roleWorkbook = "workbook" // the OECD's workbook of deflators
	roleExchange = "exchange" // the OECD's workbook of annual exchange rates; handed over only
)

// Source is the DAC's deflators and exchange rates.
type Source struct {
	now func() time.Time
}

// New returns the source.
func New() Source { return Source{time.Now} }

var _ extractors.Source = Source{}

// Info implements extractors.Source.
func (Source) Info() extractors.Info {
	return extractors.Info{
		ID:        "dacrates",
		Title:     "DAC deflators and exchange rates",
		Publisher: "OECD",
		Home:      "https://www.oecd.org/dac/financing-sustainable-development/development-finance-data/",
		Licence:   "CC BY 4.0 by default for content of the OECD published from July 2024; the workbook was not seen to state its own",
		Kind:      extractors.Reference,
		Cadence:   365 * 24 * time.Hour,
		Additive:  true, // a table of rates handed over stays beside the deflators fetched
		MaxBytes:  series.MaxBytes,
	}
}

// Expectations implements extractors.Source.
func (Source) Expectations() (extractors.Expectations, error) {
	return extractors.ReadExpectations(strings.NewReader(expectations))
}

// Bundled implements extractors.Source.
func (Source) Bundled() fs.FS {
	return extractors.Bundle(bundled)
}

var (
	workbookName = regexp.MustCompile(`(?i)deflators?.*\.xlsx?$`)
	exchangeName = regexp.MustCompile(`(?i)exchange[-_ ]?rates?.*\.xlsx?$`)
	tableName    = regexp.MustCompile(`(?i)dac[-_ ]?deflators?.*\.csv$`)
)

// Role implements extractors.Source: a table by its columns, a workbook by its
// name, for what is in it cannot be seen before it is unpacked.
func (Source) Role(name string, head []byte) string {
	first, _, _ := bytes.Cut(bytes.TrimPrefix(head, []byte("\ufeff")), []byte("\n"))
	switch {
	case findColumns(strings.Split(strings.TrimSpace(string(first)), ",")).problem == "", tableName.MatchString(name):
		return roleTable
	case workbookName.MatchString(name):
		return roleWorkbook
	case exchangeName.MatchString(name):
		return roleExchange
	}
	return ""
}

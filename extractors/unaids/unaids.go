// Package unaids reads what UNAIDS publishes in AIDSinfo of the Global AIDS
// Monitoring: HIV expenditure by funding source as countries report it, and the
// size, services and health of people who inject drugs. See README.md.
package unaids

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"time"

	"hrinvest/extractors"
)

//go:embed expectations.csv
var expectations string

//go:embed bundled
var bundled embed.FS

// The roles of this source's documents.
const (
	roleExport     = "aidsinfo"               // AIDSinfo's own columns
	roleZip        = "aidsinfo_zip"           // the same, zipped as published
	roleAPI        = "aidsinfo_api"           // an answer of the interface: one series
	roleProgrammes = "programme_expenditures" // the workbook of the HIV Financial Dashboard
	roleLong       = "aidsinfo_long"          // concept, area, area_name, year, value
	roleTotals     = "reported_totals"        // country, iso, year, hiv_expenditure
)

// Source is AIDSinfo. The zero value is ready to use.
type Source struct {
	ask [][]string // rows of api.csv that the interface is asked for; nil: all
}

// New returns the source.
func New() Source { return Source{} }

var _ extractors.Source = Source{}

// Info implements extractors.Source.
func (Source) Info() extractors.Info {
	return extractors.Info{
		ID:        "unaids",
		Title:     "AIDSinfo: HIV expenditure by source, people who inject drugs",
		Publisher: "UNAIDS",
		Home:      "https://aidsinfo.unaids.org",
		Licence:   "not stated",
		Kind:      extractors.Money,
		Spent:     extractors.SpentExpenditure,
		Cadence:   365 * 24 * time.Hour,
		Additive:  true, // a workbook or an edition handed over stays beside what is fetched
		Authority: 4,
	}
}

// Role implements extractors.Source.
func (Source) Role(name string, head []byte) string {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, byteOrderMark), "\r\n\t ")
	name = strings.ToLower(name)
	workbook := strings.Contains(fold(name), "programmeexpenditures")
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		if workbook {
			return roleProgrammes
		}
		// the name of the first file stands in the first header
		if zipName.MatchString(name) || zippedTable.Match(head[:min(len(head), 200)]) {
			return roleZip
		}
		return ""
	case bytes.HasPrefix(head, []byte("<")): // a page where a document should be: Parse says so
		switch {
		case workbook:
			return roleProgrammes
		case strings.Contains(name, "responseformat=json"):
			return roleAPI
		case zipName.MatchString(name):
			return roleExport
		}
		return ""
	case answerStart.Match(head):
		return roleAPI
	}
	first, _, _ := bytes.Cut(head, []byte("\n"))
	header, _ := split(strings.TrimRight(string(first), "\r"), true)
	return tableLayout(header).kind
}

// Names of the published zips, and of the tables in them.
var (
	zipName     = regexp.MustCompile(`(?i)^(?:gam_|kpatlas|ncpi_|estimates_)`)
	zippedTable = regexp.MustCompile(`(?i)(?:gam|kpa|ncpi|estimates)[^\x00/]*\.csv`)
)

// Bundled implements extractors.Source.
func (Source) Bundled() fs.FS {
	return extractors.Bundle(bundled)
}

// Expectations implements extractors.Source.
func (Source) Expectations() (extractors.Expectations, error) {
	return extractors.ReadExpectations(strings.NewReader(expectations))
}

// Parse implements extractors.Source. All documents are read before anything is
// given out: a figure may stand in several editions, and the newest counts.
func (Source) Parse(ctx context.Context, docs extractors.Set, out extractors.Sink) error {
	book, err := newBook()
	if err != nil {
		return err
	}
	for i, d := range docs {
		if err := ctx.Err(); err != nil {
			return err
		}
		switch d.Role {
		case roleExport, roleLong, roleTotals, roleZip, roleAPI, roleProgrammes:
			r := reading{ctx: ctx, doc: d, index: i, book: book, out: out}
			if err := r.document(); err != nil {
				return fmt.Errorf("parsing %s: %w", d.Name, err)
			}
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	book.settle()
	return book.give(ctx, out)
}

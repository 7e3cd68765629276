// Package oecdcrs reads the Creditor Reporting System of the OECD: what donors
// report, activity by activity and year by year, of their development finance.
//
// A row of the system is one donor's report on one activity in one year and
// states up to two sums, a commitment and a disbursement, in millions of US
// dollars at the prices of that year. Rows whose purpose is HIV, drug use or drug
// control are disclosed; of other health and rights purposes those whose words
// name HIV, drug use or harm reduction; the rest is counted.
//
// The system comes in three shapes, read by one set of rules:
//
//	parquet   all years in one file (parquet.go)
//	zip, text one year, separated by "|" (table.go, zip.go)
//	sdmx      the answers of the interface, one row for each sum (sdmx.go)
//
// What is in scope waits in a file (spool.go) until every document is read, for
// the rows of an activity stand apart in the documents and together in what is
// given out. See README.md.
package oecdcrs

import (
	"bytes"
	_ "embed"
	"io/fs"
	"path"
	"strings"
	"sync"
	"time"

	"hrinvest/extractors"
)

//go:embed expectations.csv
var expectations string

// The roles of this source's documents.
const (
	roleParquet = "parquet"
	roleZip     = "zip"
	roleText    = "text"
	roleSDMX    = "sdmx"
)

// The routes to the data.
const (
	RouteParquet = "parquet" // CRS-reduced.parquet, 296 MB: all years, fewer columns
	RouteFull    = "full"    // CRS.parquet, 1.18 GB: all years, all columns
	RouteYears   = "years"   // one archive a year, all columns
	RouteSDMX    = "sdmx"    // the interface, one purpose at a time
)

// Config of the source.
type Config struct {
	// Route is how the data are retrieved. "": RouteParquet.
	Route string
	// FirstYear is where RouteYears and RouteSDMX begin. 0: 2010.
	FirstYear int
}

// Source is the Creditor Reporting System.
type Source struct {
	cfg    Config
	tables func() (*tables, error) // read when first needed
}

var _ extractors.Source = (*Source)(nil)

// New returns the source.
func New(cfg Config) *Source {
	if cfg.Route == "" {
		cfg.Route = RouteParquet
	}
	if cfg.FirstYear == 0 {
		cfg.FirstYear = 2010
	}
	return &Source{cfg, sync.OnceValues(readTables)}
}

// Info implements extractors.Source.
func (*Source) Info() extractors.Info {
	return extractors.Info{
		ID:        "oecdcrs",
		Title:     "Creditor Reporting System: HIV, drug use, drug control",
		Publisher: "OECD",
		Home:      "https://data-explorer.oecd.org/vis?df[ds]=dsDisseminateFinalDMZ&df[id]=DSD_CRS%40DF_CRS&df[ag]=OECD.DCD.FSD",
		Licence:   "CC BY 4.0 since July 2024, as others quote OECD's terms (UNVERIFIED)",
		Kind:      extractors.Money,
		// A disbursement is the donor's money spent; there are no expenditures to
		// add, so the sum of both is the disbursements.
		Spent:     extractors.SpentSum,
		Cadence:   365 * 24 * time.Hour, // in December, corrected in between
		Hosts:     []string{"sdmx.oecd.org", "webfs-dcd.oecd.org", "webfs.oecd.org"},
		MaxBytes:  2 << 30,
		Authority: 3,
	}
}

// Bundled implements extractors.Source. There are none: see README.md.
func (*Source) Bundled() fs.FS { return nil }

// Expectations implements extractors.Source.
func (*Source) Expectations() (extractors.Expectations, error) {
	return extractors.ReadExpectations(strings.NewReader(expectations))
}

// Role implements extractors.Source: by content, then, for files gone wrong, by
// name.
func (s *Source) Role(name string, head []byte) string {
	name = strings.ToLower(path.Base(name))
	crs := strings.Contains(name, "crs")
	switch {
	case bytes.HasPrefix(head, []byte("PAR1")):
		return roleParquet
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		// the name of the first file stands in the first header
		first := strings.ToLower(string(head[:min(len(head), 200)]))
		if crs || strings.Contains(first, "crs") {
			return roleZip
		}
		return ""
	}
	if t, err := s.tables(); err == nil {
		if role := t.roleOfHeader(firstLine(head)); role != "" {
			return role
		}
	}
	if !crs {
		return ""
	}
	switch path.Ext(name) {
	case ".parquet":
		return roleParquet
	case ".zip":
		return roleZip
	case ".txt":
		return roleText
	case ".csv":
		if bytes.HasPrefix(bytes.TrimSpace(head), []byte("<")) || len(bytes.TrimSpace(head)) == 0 {
			return roleSDMX
		}
	}
	return ""
}

// Package ecb reads the euro foreign exchange reference rates of the European
// Central Bank: what a euro cost in some thirty currencies, on every business
// day since 1999.
//
// Every rate leaves as an observation with the digits as published:
//
//	fx_ecb  Area currency, PeriodStart the day, units per EUR
//
// A day without a rate makes no observation: the money it would convert stays
// without a dollar amount and is flagged.
package ecb

import (
	"archive/zip"
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
	"hrinvest/extractors/series"
)

//go:embed expectations.csv
var expectations string

//go:embed bundled
var bundled embed.FS

// address of the whole history, a zip of one CSV.
const address = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip"

// roleRates is the one role of this source's documents: the CSV, bare or zipped.
const roleRates = "rates"

// Source is the history of reference rates. The zero value is ready to use.
type Source struct{}

// New returns the source.
func New() Source { return Source{} }

var _ extractors.Source = Source{}

// Info implements extractors.Source.
func (Source) Info() extractors.Info {
	return extractors.Info{
		ID:        "ecb",
		Title:     "Euro foreign exchange reference rates",
		Publisher: "European Central Bank",
		Home:      "https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates/html/index.en.html",
		Licence:   "free reuse with attribution",
		Kind:      extractors.Reference,
		Cadence:   24 * time.Hour,
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

// Role implements extractors.Source: by content, then, for zips and broken
// files, by name.
func (Source) Role(name string, head []byte) string {
	first, _, _ := bytes.Cut(bytes.TrimPrefix(head, []byte("\ufeff")), []byte("\n"))
	switch {
	case bytes.HasPrefix(first, []byte("Date,")) && bytes.Contains(first, []byte("USD")):
		return roleRates
	case strings.Contains(strings.ToLower(name), "eurofxref"), isZip(head) && bytes.Contains(head[:min(len(head), 200)], []byte("eurofxref")):
		return roleRates // the name of the first file stands in the first header of a zip
	}
	return ""
}

// Fetch implements extractors.Source.
func (s Source) Fetch(ctx context.Context, c *fetch.Client, keep func(fetch.Document) error) error {
	// nothing can be read of the beginning of a zip
	d, err := c.Get(ctx, fetch.Request{URL: address, Shape: fetch.ZIP, Whole: true})
	if err != nil {
		return err
	}
	d.Role = roleRates
	if err := series.Look(ctx, s, extractors.Set{d}, nil); err != nil {
		return err
	}
	return keep(d)
}

// Parse implements extractors.Source.
func (Source) Parse(ctx context.Context, docs extractors.Set, out extractors.Sink) error {
	return series.Parse(ctx, docs, out, func(r *series.Reader, b []byte) error {
		if r.Doc.Role != roleRates {
			return r.Reject("/", "no file of this source: not the euro reference rates")
		}
		if isZip(b) {
			var err error
			if b, err = unzip(b); err != nil {
				return r.Reject("/", "no table can be taken out of the zip: "+err.Error())
			}
		}
		return read(r, b)
	})
}

func isZip(b []byte) bool { return bytes.HasPrefix(b, []byte("PK\x03\x04")) }

// unzip returns the first CSV of a zip.
func unzip(b []byte) ([]byte, error) {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, err
	}
	for _, f := range z.File {
		if !strings.HasSuffix(strings.ToLower(f.Name), ".csv") {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		defer r.Close()
		inside, err := io.ReadAll(io.LimitReader(r, series.MaxBytes+1))
		if len(inside) > series.MaxBytes {
			return nil, fmt.Errorf("%s has more than %d bytes", f.Name, series.MaxBytes)
		}
		return bytes.TrimPrefix(inside, []byte("\ufeff")), err
	}
	return nil, errors.New("there is no CSV in it")
}

// Package unrates reads the operational rates of exchange of the United Nations:
// what a US dollar costs in the currency of each country, from a day on. They
// are the only source here for most currencies of Eastern Europe and Central
// Asia.
//
// Every rate leaves as an observation with the digits as published:
//
//	fx_un  Area currency, PeriodStart the effective date, units per USD
package unrates

import (
	"bytes"
	"context"
	"embed"
	"io/fs"
	"slices"
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

// address of the list, in XML.
const address = "https://treasury.un.org/operationalrates/xsql2XML.php"

// roleRates is the one role of this source's documents.
const roleRates = "rates"

// Source is the list of operational rates. The zero value is ready to use.
type Source struct{}

// New returns the source.
func New() Source { return Source{} }

var _ extractors.Source = Source{}

// Info implements extractors.Source.
func (Source) Info() extractors.Info {
	return extractors.Info{
		ID:        "unrates",
		Title:     "UN operational rates of exchange",
		Publisher: "United Nations Treasury",
		Home:      "https://treasury.un.org/operationalrates/OperationalRates.php",
		Licence:   "not stated",
		Kind:      extractors.Reference,
		Cadence:   15 * 24 * time.Hour,
		Editions:  true, // the list may hold the current rates only: those before stay beside it
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

// Role implements extractors.Source: by content, then, for broken files, by name.
func (Source) Role(name string, head []byte) string {
	name = strings.ToLower(name)
	if bytes.Contains(head, []byte("f_curr_code")) || strings.Contains(name, "operational") || strings.Contains(name, "xsql2") {
		return roleRates
	}
	return ""
}

// Fetch implements extractors.Source. A list in which a US dollar does not cost
// one US dollar is in another unit, and refused.
func (s Source) Fetch(ctx context.Context, c *fetch.Client, keep func(fetch.Document) error) error {
	d, err := c.Get(ctx, fetch.Request{URL: address, Shape: fetch.XML})
	if err != nil {
		return err
	}
	d.Role = roleRates
	if err := series.Look(ctx, s, extractors.Set{d}, unit); err != nil {
		return err
	}
	return keep(d)
}

// unit says what is wrong with the unit of a list.
func unit(o extractors.Observation) string {
	if o.Area == "USD" && !series.One(o.Value) {
		return "a US dollar costs " + o.Value + " US dollars"
	}
	return ""
}

// Parse implements extractors.Source. Rates that several documents state are
// taken from the one retrieved last.
func (Source) Parse(ctx context.Context, docs extractors.Set, out extractors.Sink) error {
	docs = slices.Clone(docs)
	slices.SortStableFunc(docs, func(a, b fetch.Document) int { return b.Retrieved.Compare(a.Retrieved) })
	list := seen{}
	return series.Parse(ctx, docs, out, func(r *series.Reader, b []byte) error {
		if r.Doc.Role != roleRates {
			return r.Reject("/", "no file of this source: not the operational rates")
		}
		return list.read(r, b)
	})
}

// Package rates reads what money is converted with: the operational rates of
// the United Nations, the euro reference rates of the European Central Bank,
// and two World Bank indicators (average official rate, GDP deflator).
//
// Every value leaves as an observation with the digits as published; nothing is
// crossed, averaged or filled in here:
//
//	fx_un         Area currency, PeriodStart the effective date, units per USD
//	fx_ecb        Area currency, PeriodStart the day, units per EUR
//	fx_wb         Area country, Year, local units per USD, period average
//	gdp_deflator  Area country, Year, index; its base year differs by country
//
// A day or year without a value publishes nothing and makes no observation: the
// money it would convert stays without a dollar amount and is flagged.
package rates

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
)

// Roles of the documents.
const (
	roleUN        = "un"
	roleECB       = "ecb"
	roleWorldBank = "worldbank"
)

// Largest document read, packed or unpacked; the largest seen is 2 MB.
const maxBytes = 64 << 20

//go:embed bundled
var bundled embed.FS

// documents are the addresses Fetch retrieves.
var documents = [...]struct{ role, url string }{
	{roleUN, "https://treasury.un.org/operationalrates/xsql2XML.php"},
	{roleECB, "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip"},
	{roleWorldBank, "https://api.worldbank.org/v2/country/all/indicator/PA.NUS.FCRF?format=json&per_page=32500&date=1990:2030"},
	{roleWorldBank, "https://api.worldbank.org/v2/country/all/indicator/NY.GDP.DEFL.ZS?format=json&per_page=32500&date=1990:2030"},
}

type source struct{}

// New returns the source.
func New() extractors.Source { return source{} }

// Info implements extractors.Source.
func (source) Info() extractors.Info {
	return extractors.Info{
		ID:        "rates",
		Title:     "Exchange rates and deflators",
		Publisher: "United Nations Treasury, European Central Bank, World Bank",
		Home:      "https://treasury.un.org/operationalrates/OperationalRates.php",
		Licence:   "World Bank: CC BY 4.0; European Central Bank: free reuse with attribution; United Nations: not stated",
		Kind:      extractors.Reference,
		Cadence:   15 * 24 * time.Hour,
	}
}

// Bundled implements extractors.Source.
func (source) Bundled() fs.FS {
	sub, err := fs.Sub(bundled, "bundled")
	if err != nil {
		return nil // cannot be: the folder is embedded
	}
	return sub
}

// Role implements extractors.Source: by content, then, for broken files, by name.
func (source) Role(name string, head []byte) string {
	head = bytes.TrimPrefix(head, bom)
	has := func(s string) bool { return bytes.Contains(head, []byte(s)) }
	switch {
	case has("f_curr_code"):
		return roleUN
	case bytes.HasPrefix(head, []byte("Date,")) && has("USD"):
		return roleECB
	case has(fcrf), has(deflator), has("countryiso3code"), has(`"message"`) && bytes.HasPrefix(head, []byte("[")):
		return roleWorldBank
	}
	name = strings.ToLower(name)
	switch {
	case strings.Contains(name, "operational"), strings.Contains(name, "xsql2"):
		return roleUN
	case strings.Contains(name, "eurofxref"):
		return roleECB
	case strings.Contains(name, strings.ToLower(fcrf)), strings.Contains(name, strings.ToLower(deflator)):
		return roleWorldBank
	}
	return ""
}

// Fetch implements extractors.Source. A publisher that fails does not keep the
// others away; the errors are joined.
func (source) Fetch(ctx context.Context, c *fetch.Client, keep func(fetch.Document) error) error {
	var failed []error
	for _, doc := range documents {
		d, err := c.Get(ctx, doc.url)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		d.Role = doc.role
		if err := keep(d); err != nil {
			return err
		}
	}
	return errors.Join(failed...)
}

// Parse implements extractors.Source.
func (source) Parse(ctx context.Context, docs extractors.Set, out extractors.Sink) error {
	for _, doc := range docs {
		if err := ctx.Err(); err != nil {
			return err
		}
		r, err := open(doc)
		if err != nil {
			return fmt.Errorf("reading %s: %w", doc.Name, err)
		}
		p := &parser{ctx: ctx, doc: doc, out: out, b: r}
		switch doc.Role {
		case roleUN:
			err = p.un()
		case roleECB:
			err = p.ecb()
		case roleWorldBank:
			err = p.worldBank()
		default:
			err = p.reject("/", "no file of this source: neither operational rates, nor euro reference rates, nor a World Bank indicator")
		}
		if err != nil {
			return fmt.Errorf("parsing %s: %w", doc.Name, err)
		}
	}
	return nil
}

var bom = []byte("\ufeff")

// open returns a document's bytes; of a zip, those of its first CSV.
func open(doc fetch.Document) ([]byte, error) {
	f, err := doc.Open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxBytes))
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(b, []byte("PK\x03\x04")) {
		// a zip that cannot be opened stays as it is, to be rejected as no table
		if inside, ok := unzip(b); ok {
			b = inside
		}
	}
	return bytes.TrimPrefix(b, bom), nil
}

func unzip(b []byte) ([]byte, bool) {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, false
	}
	for _, f := range z.File {
		if !strings.HasSuffix(strings.ToLower(f.Name), ".csv") {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return nil, false
		}
		defer r.Close()
		inside, err := io.ReadAll(io.LimitReader(r, maxBytes))
		return inside, err == nil
	}
	return nil, false
}

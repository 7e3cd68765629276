// Package ghed reads what countries spend on HIV/AIDS and other sexually
// transmitted diseases according to the Global Health Expenditure Database of
// the World Health Organization: disease 11 of its accounts by disease, by who
// pays (government, external, private) and in total.
//
// The figures cover other sexually transmitted diseases too, so they stay
// observations beside the money flows and are never HIV spending alone. See
// README.md.
package ghed

import (
	"bytes"
	"cmp"
	"context"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
)

// workbookURL is the download of the whole database as one workbook.
const workbookURL = "https://apps.who.int/nha/database/Home/IndicatorsDownload/en"

// The roles of this source's documents.
const (
	roleWorkbook = "workbook" // XLSX with the sheets Data, Codebook and Metadata
	roleLong     = "long"     // a re-publisher's CSV: one value a row
)

// Largest document read; the workbook of March 2026 has 39 MB.
const maxBytes = 256 << 20

//go:embed expectations.csv
var expectations string

//go:embed bundled
var bundled embed.FS

type source struct{}

// New returns the source.
func New() extractors.Source { return source{} }

// Info implements extractors.Source.
func (source) Info() extractors.Info {
	return extractors.Info{
		ID:        "ghed",
		Title:     "Health spending on HIV/AIDS and other sexually transmitted diseases",
		Publisher: "World Health Organization",
		Home:      "https://apps.who.int/nha/database",
		Licence:   "not stated",
		Kind:      extractors.Money,
		Spent:     extractors.SpentNone,
		Cadence:   182 * 24 * time.Hour,
		MaxBytes:  maxBytes,
		Authority: 4,
	}
}

// Expectations implements extractors.Source.
func (source) Expectations() (extractors.Expectations, error) {
	return extractors.ReadExpectations(strings.NewReader(expectations))
}

// Bundled implements extractors.Source.
func (source) Bundled() fs.FS {
	return extractors.Bundle(bundled)
}

// Role implements extractors.Source. A workbook is known by its name: what is in
// it cannot be seen before it is unpacked.
func (source) Role(name string, head []byte) string {
	if first, _, _ := bytes.Cut(head, []byte("\n")); isLong(string(first)) {
		return roleLong
	}
	name = strings.ToLower(name)
	for _, word := range [...]string{"ghed", "global health expenditure", "global_health_expenditure", "indicatorsdownload"} {
		if strings.Contains(name, word) {
			return roleWorkbook
		}
	}
	return ""
}

// Fetch implements extractors.Source.
func (source) Fetch(ctx context.Context, c *fetch.Client, keep func(fetch.Document) error) error {
	d, err := c.Get(ctx, fetch.Request{URL: workbookURL, Shape: fetch.ZIP})
	if err != nil {
		return fmt.Errorf("global health expenditure database: %w", err)
	}
	if d.Role, err = promised(d, c.Sample()); err != nil {
		return fmt.Errorf("global health expenditure database: %w", err)
	}
	return keep(d)
}

// promised says which role a fetched document plays, and refuses one without the
// sheets and columns that Parse needs. Of a sample only the beginning is there.
func promised(d fetch.Document, sample bool) (role string, err error) {
	b, err := d.Head(maxBytes)
	if err != nil {
		return "", err
	}
	if first, _, _ := bytes.Cut(b, []byte("\n")); isLong(string(first)) {
		return roleLong, nil
	}
	if sample {
		return roleWorkbook, nil
	}
	w, problem, err := openWorkbook(b)
	if err != nil {
		return "", err
	}
	if problem != "" {
		return "", fetch.Refuse("%s", problem)
	}
	return roleWorkbook, w.close()
}

// Parse implements extractors.Source. A figure that stands in several documents
// is taken from the workbook, and of two of a kind from the one retrieved last.
func (source) Parse(ctx context.Context, docs extractors.Set, out extractors.Sink) error {
	areas, err := readAreas()
	if err != nil {
		return err
	}
	docs = slices.Clone(docs)
	slices.SortStableFunc(docs, func(a, b fetch.Document) int {
		return cmp.Or(cmp.Compare(rank(a.Role), rank(b.Role)), b.Retrieved.Compare(a.Retrieved))
	})
	seen := map[figureKey]string{}
	for _, d := range docs {
		if err := ctx.Err(); err != nil {
			return err
		}
		b, err := d.Head(maxBytes)
		if err != nil {
			return fmt.Errorf("reading %s: %w", d.Name, err)
		}
		p := &parser{ctx: ctx, doc: d, out: out, areas: areas, seen: seen}
		switch {
		case len(b) > maxBytes:
			err = p.reject("/", fmt.Sprintf("the document is larger than %d MB", maxBytes>>20), nil)
		case d.Role == roleWorkbook:
			err = p.workbook(b)
		case d.Role == roleLong:
			err = p.long(b)
		default:
			err = p.reject("/", "no file of the Global Health Expenditure Database", nil)
		}
		if err == nil {
			err = p.skips()
		}
		if err != nil {
			return fmt.Errorf("parsing %s: %w", d.Name, err)
		}
	}
	return nil
}

func rank(role string) int {
	if role == roleWorkbook {
		return 0
	}
	return 1
}

// Package imf reads three series of the World Economic Outlook of the
// International Monetary Fund: gross domestic product in national currency and in
// US dollars, and the GDP deflator.
//
// They are reference values: the ratio of the two products is the average rate of
// a year by which the IMF converts, and the deflator reaches years that others do
// not cover yet. Nothing is divided here. Years the IMF estimates or projects have
// the status "imputed" and a note. See README.md.
package imf

import (
	"bytes"
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
)

// The addresses. "+" is the newest version of the dataflow, "*" every economy.
// Without a list of attributes each row carries some sixty columns of methods.
const (
	flowURL = "https://api.imf.org/external/sdmx/3.0/data/dataflow/IMF.RES/WEO/+/"
	dataURL = flowURL + "*.NGDP+NGDPD+NGDP_D.A?attributes=LATEST_ACTUAL_ANNUAL_DATA,SCALE,UNIT,PUBLICATION_DATE&measures=all"
	// stampURL is one series with the date of the edition: the dataflow's version
	// stays 9.0.0 through several editions, and so does its lastUpdatedAt.
	stampURL = flowURL + "USA.NGDPD.A?attributes=PUBLICATION_DATE,UPDATE_DATE&measures=all"
)

// The roles of this source's documents.
const (
	roleSDMX  = "weo_sdmx"  // one value a row, as the API answers in CSV
	roleTable = "weo_table" // a row per economy and series, a column per year
)

// Largest document read; an answer has some 3 MB, a table 25.
const maxBytes = 128 << 20

//go:embed expectations.csv
var expectations string

type source struct{}

// New returns the source.
func New() extractors.Source { return source{} }

// Info implements extractors.Source.
func (source) Info() extractors.Info {
	return extractors.Info{
		ID:        "imf",
		Title:     "World Economic Outlook: gross domestic product and its deflator",
		Publisher: "International Monetary Fund",
		Home:      "https://data.imf.org/en/datasets/IMF.RES:WEO",
		Licence:   "IMF Copyright and Usage, https://www.imf.org/en/About/copyright-and-terms",
		Kind:      extractors.Reference,
		Cadence:   182 * 24 * time.Hour,
		MaxBytes:  maxBytes,
	}
}

// Expectations implements extractors.Source.
func (source) Expectations() (extractors.Expectations, error) {
	return extractors.ReadExpectations(strings.NewReader(expectations))
}

// Bundled implements extractors.Source: no cited figures are at hand.
func (source) Bundled() fs.FS { return nil }

// Role implements extractors.Source.
func (source) Role(name string, head []byte) string {
	text := decode(head)
	first, _, _ := strings.Cut(text, "\n")
	switch {
	case isSDMX(first) && strings.Contains(text, "WEO"):
		return roleSDMX
	case isTable(first):
		return roleTable
	case strings.HasPrefix(strings.ToUpper(name), "WEO"):
		return roleTable // a page, say, where the table should be: Parse says so
	}
	return ""
}

// Fetch implements extractors.Source. It asks for the date of the edition first,
// and for the figures when that is new.
func (source) Fetch(ctx context.Context, c *fetch.Client, keep func(fetch.Document) error) error {
	stamp, err := c.Get(ctx, fetch.Request{URL: stampURL, Shape: fetch.CSV, Accept: "text/csv", Whole: true})
	if err != nil {
		return fmt.Errorf("world economic outlook: %w", err)
	}
	version, err := edition(stamp)
	if err != nil {
		return fmt.Errorf("world economic outlook: %w", err)
	}
	d, err := c.Get(ctx, fetch.Request{URL: dataURL, Shape: fetch.CSV, Accept: "text/csv", Version: version})
	if err != nil {
		return fmt.Errorf("world economic outlook: %w", err)
	}
	if err := promised(d, c.Sample()); err != nil {
		return fmt.Errorf("world economic outlook: %w", err)
	}
	d.Role = roleSDMX
	return keep(d)
}

// edition is the publisher's stamp: the version of the dataflow and the dates of
// publication and of the last correction.
func edition(d fetch.Document) (string, error) {
	b, err := d.Head(maxBytes)
	if err != nil {
		return "", err
	}
	t, problem := openSDMX(b)
	if problem != "" {
		return "", fetch.Refuse("%s", problem)
	}
	row, problem := t.next()
	if row == nil {
		return "", fetch.Refuse("the edition is not said: no row %s", problem)
	}
	published := t.get(row, "PUBLICATION_DATE")
	if dateIn.FindString(published) == "" {
		return "", fetch.Refuse("the edition is not said: PUBLICATION_DATE is %q", published)
	}
	parts := []string{cmp.Or(t.get(row, "STRUCTURE_ID"), t.get(row, "DATAFLOW")), published, t.get(row, "UPDATE_DATE")}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " "), nil
}

// promised refuses an answer without the columns or the series asked for.
func promised(d fetch.Document, sample bool) error {
	b, err := d.Head(maxBytes)
	if err != nil {
		return err
	}
	t, problem := openSDMX(b)
	if problem != "" {
		return fetch.Refuse("%s", problem)
	}
	if sample {
		return nil
	}
	for _, column := range [...]string{"SCALE", "LATEST_ACTUAL_ANNUAL_DATA"} {
		if t.column(column) < 0 {
			return fetch.Refuse("the column %s is missing", column)
		}
	}
	series, err := readSeries()
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for row, problem := t.next(); row != nil || problem != ""; row, problem = t.next() {
		if row != nil && t.get(row, "OBS_VALUE") != "" {
			seen[t.get(row, "INDICATOR")] = true
		}
	}
	for code := range series {
		if !seen[code] {
			return fetch.Refuse("the series %s is missing", code)
		}
	}
	return nil
}

// Parse implements extractors.Source. A value that stands in several documents is
// taken from an answer of the API before a table, and from what was retrieved last.
func (source) Parse(ctx context.Context, docs extractors.Set, out extractors.Sink) error {
	words, err := readWords()
	if err != nil {
		return err
	}
	docs = slices.Clone(docs)
	slices.SortStableFunc(docs, func(a, b fetch.Document) int {
		return cmp.Or(cmp.Compare(a.Role, b.Role), b.Retrieved.Compare(a.Retrieved)) // "weo_sdmx" before "weo_table"
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
		p := &parser{ctx: ctx, doc: d, out: out, words: words, seen: seen}
		switch {
		case len(b) > maxBytes:
			err = p.reject("/", fmt.Sprintf("the document is larger than %d MB", maxBytes>>20), nil)
		case len(bytes.TrimSpace(b)) == 0:
			err = p.reject("/", "the document is empty", nil)
		case d.Role == roleSDMX:
			err = p.sdmx(b)
		case d.Role == roleTable:
			err = p.table(b)
		default:
			err = p.reject("/", "no file of the World Economic Outlook", nil)
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

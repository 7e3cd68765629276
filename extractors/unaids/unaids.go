// Package unaids reads what UNAIDS publishes in AIDSinfo of the Global AIDS
// Monitoring: HIV expenditure by funding source as countries report it, and the
// size, services and health of people who inject drugs. See README.md.
package unaids

import (
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

//go:embed bundled
var bundled embed.FS

// The yearly export is published under the year of the edition. Editions are
// asked for newest first, until one is there.
const (
	editionURL   = "https://aidsinfo.unaids.org/documents/GAM_%d_en.zip"
	keyPopsURL   = "https://aidsinfo.unaids.org/documents/KPAtlasDB_%d_en.zip"
	firstEdition = 2019 // the one bundled
	lastEdition  = 2027 // raise it when this edition is out
)

// The roles of this source's documents.
const (
	roleExport = "aidsinfo"        // AIDSinfo's own columns
	roleZip    = "aidsinfo_zip"    // the same, zipped as published
	roleLong   = "aidsinfo_long"   // concept, area, area_name, year, value
	roleTotals = "reported_totals" // country, iso, year, hiv_expenditure
)

// Source is AIDSinfo. The zero value is ready to use.
type Source struct{}

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
		Authority: 4,
	}
}

// Role implements extractors.Source.
func (Source) Role(name string, head []byte) string {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), "\r\n\t ")
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		// the name of the first file stands in the first header
		first := strings.ToLower(string(head[:min(len(head), 200)]))
		if strings.Contains(first, ".csv") && (strings.Contains(first, "gam") || strings.Contains(first, "kpa")) {
			return roleZip
		}
		return ""
	case bytes.HasPrefix(head, []byte("<")):
		if n := strings.ToLower(name); strings.HasPrefix(n, "gam_") || strings.HasPrefix(n, "kpatlas") {
			return roleExport // a page where the export should be: Parse says so
		}
		return ""
	}
	first, _, _ := bytes.Cut(head, []byte("\n"))
	header, _ := split(strings.TrimRight(string(first), "\r"), true)
	return newLayout(header).role()
}

// Bundled implements extractors.Source.
func (Source) Bundled() fs.FS {
	sub, err := fs.Sub(bundled, "bundled")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return sub
}

// Fetch implements extractors.Source. It takes the newest edition that is
// published, and the key populations atlas of the same year where there is one.
func (s Source) Fetch(ctx context.Context, c *fetch.Client, keep func(fetch.Document) error) error {
	for year := lastEdition; year >= firstEdition; year-- {
		err := s.fetchOne(ctx, c, fmt.Sprintf(editionURL, year), keep)
		if notPublished(err) {
			continue
		}
		if err != nil {
			return err
		}
		if err := s.fetchOne(ctx, c, fmt.Sprintf(keyPopsURL, year), keep); err != nil && !notPublished(err) {
			return err
		}
		return nil
	}
	return fmt.Errorf("fetching AIDSinfo: no edition from %d to %d is published", firstEdition, lastEdition)
}

// notPublished says whether a server answered that it has no such document.
func notPublished(err error) bool {
	return errors.Is(err, fetch.ErrStatus) && strings.Contains(err.Error(), " 404")
}

func (s Source) fetchOne(ctx context.Context, c *fetch.Client, address string, keep func(fetch.Document) error) error {
	d, err := c.Get(ctx, address)
	if err != nil {
		return err
	}
	f, err := d.Open()
	if err != nil {
		return err
	}
	defer f.Close()
	head, err := io.ReadAll(io.LimitReader(f, 64<<10))
	if err != nil {
		return fmt.Errorf("reading %s: %w", address, err)
	}
	if d.Role = s.Role(d.Name, head); d.Role == "" {
		d.Role = roleExport // whatever came instead is rejected by Parse, with a reason
	}
	return keep(d)
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
		case roleExport, roleLong, roleTotals, roleZip:
			if err := readDocument(ctx, d, i, book, out); err != nil {
				return fmt.Errorf("parsing %s: %w", d.Name, err)
			}
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return book.give(ctx, out)
}

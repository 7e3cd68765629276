// Package iati reads what publishers disclose in the International Aid
// Transparency Initiative's format: activities with their transactions, budgets
// and planned disbursements.
//
// Files come from a thousand publishers and are wrong in a thousand ways. So a
// document is first cut into activities without being parsed (cutter), most of
// which are about neither HIV nor drug use and are only counted (scope); the
// others are decoded one by one on all processors (tree, decoder), so that what
// is wrong with one costs only that one. Amounts and dates leave as published.
package iati

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"sync"
	"time"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
)

//go:embed bundled
var bundled embed.FS

//go:embed scope.csv
var scopeTable []byte

const (
	roleActivities   = "activities"
	roleOrganisation = "organisation"
)

// Config of the source. The zero value is the usual one.
type Config struct {
	// ScopeAll discloses every activity. False: those about HIV or drug use;
	// the statements of the others are counted.
	ScopeAll bool
	// Workers decode at the same time. 0: one per processor.
	Workers int
	// Block is how much of a document is cut at a time. 0: 1 MiB.
	Block int
	// MaxActivity is the longest activity in bytes; a longer one is rejected
	// whole. 0: 64 MiB.
	MaxActivity int
}

// Source is IATI. It is safe for concurrent use.
type Source struct {
	cfg   Config
	words func() (*scope, error) // built when first needed: it takes a while
}

var _ extractors.Source = (*Source)(nil)

// New returns the source.
func New(cfg Config) *Source {
	if cfg.Block == 0 {
		cfg.Block = defaultBlock
	}
	if cfg.MaxActivity == 0 {
		cfg.MaxActivity = defaultLimit
	}
	return &Source{cfg: cfg, words: sync.OnceValues(func() (*scope, error) { return newScope(scopeTable) })}
}

// Info implements extractors.Source.
func (s *Source) Info() extractors.Info {
	return extractors.Info{
		ID: "iati", Title: "IATI activity files",
		Publisher: "International Aid Transparency Initiative",
		Home:      "https://iatistandard.org/",
		Licence:   "set by each publisher; mostly open, see the registry entry of the dataset",
		Kind:      extractors.Money, Spent: extractors.SpentSum,
		Cadence: 24 * time.Hour, Authority: 2,
	}
}

// Bundled implements extractors.Source.
func (s *Source) Bundled() fs.FS {
	sub, err := fs.Sub(bundled, "bundled")
	if err != nil {
		panic(err) // the name is a valid path
	}
	return sub
}

// Role implements extractors.Source. A file called .xml that is empty, a web
// page or not XML is taken for an activity file gone wrong.
func (s *Source) Role(name string, head []byte) string {
	isXML := strings.EqualFold(path.Ext(name), ".xml")
	broken := func() string {
		if isXML {
			return roleActivities
		}
		return ""
	}
	r, err := utf8Reader(bytes.NewReader(head))
	if err != nil {
		return broken()
	}
	text, err := io.ReadAll(r)
	if err != nil || !bytes.HasPrefix(bytes.TrimSpace(text), []byte("<")) {
		return broken()
	}
	c := newCutter(bytes.NewReader(text), defaultBlock, defaultLimit)
	if _, _, err := c.next(nil, nil); err != nil && !errors.Is(err, io.EOF) {
		return ""
	}
	switch c.first {
	case "iati-activities", "iati-activity":
		return roleActivities
	case "iati-organisations", "iati-organisation":
		return roleOrganisation
	}
	switch {
	case c.n > 0, bytes.Contains(text, []byte("<iati-activities")):
		return roleActivities
	case c.first == "", isHTML(c.first), isHTML(c.doctype):
		return broken()
	}
	return ""
}

// Fetch implements extractors.Source. Every dataset is tried; the error joins
// what went wrong with some of them.
func (s *Source) Fetch(ctx context.Context, c *fetch.Client, keep func(fetch.Document) error) error {
	files, err := fetch.ReadBundle(s.Bundled())
	if err != nil {
		return err
	}
	var failed []error
	for _, f := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		d, err := c.Get(ctx, f.URL)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		if d.Role, err = s.fetchedRole(d); err != nil {
			return err
		}
		if d.Licence == "" {
			d.Licence = s.Info().Licence
		}
		if err := keep(d); err != nil {
			return err
		}
	}
	return errors.Join(failed...)
}

// fetchedRole recognises a document that was promised to be IATI: in doubt it is
// an activity file, so that Parse says what is wrong with it.
func (s *Source) fetchedRole(d fetch.Document) (string, error) {
	f, err := d.Open()
	if err != nil {
		return "", fmt.Errorf("opening %s: %w", d.URL, err)
	}
	defer f.Close()
	head := make([]byte, 64<<10)
	n, err := io.ReadFull(f, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return "", fmt.Errorf("reading %s: %w", d.URL, err)
	}
	if role := s.Role("dataset.xml", head[:n]); role != "" {
		return role, nil
	}
	return roleActivities, nil
}

// Parse implements extractors.Source. Every activity is one group, named by its
// identifier; a second activity with the same identifier is another group
// ("ID#2"), flagged duplicate_identifier, and a byte-for-byte copy is skipped.
// The disclosures of an activity share their slices: they are not to be changed.
func (s *Source) Parse(ctx context.Context, docs extractors.Set, out extractors.Sink) error {
	return s.parse(ctx, docs, out)
}

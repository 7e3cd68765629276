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
	"io"
	"io/fs"
	"path"
	"strings"
	"sync"
	"time"

	"hrinvest/extractors"
)

//go:embed expectations.csv
var expectations string

//go:embed bundled
var bundled embed.FS

//go:embed scope.csv
var scopeTable []byte

const (
	roleActivities   = "activities"
	roleOrganisation = "organisation"
	roleArchive      = "registry_zip" // activity and organisation files, as the registry packs them
	roleIndex        = "index"        // of the Bulk Data Service: what there was to fetch
)

// headSize is how much of a document is looked at to recognise it.
const headSize = 64 << 10

// Retrieval says what is downloaded.
type Retrieval string

const (
	// RetrieveHIV: the datasets of the publishers in publishers.csv, file by file;
	// after the first time, those that changed.
	RetrieveHIV Retrieval = "hiv"
	// RetrieveAll: everything that is registered, in one archive of some 830 MB
	// (13 GB of XML) whenever it changed, which is every night.
	RetrieveAll Retrieval = "all"
)

// Config of the source. The zero value is the usual one.
type Config struct {
	// Retrieval says what is downloaded, ScopeAll what is disclosed of it.
	// "": RetrieveHIV.
	Retrieval Retrieval
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
	if cfg.Retrieval == "" {
		cfg.Retrieval = RetrieveHIV
	}
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
	i := extractors.Info{
		ID: "iati", Title: "IATI activity files",
		Publisher: "International Aid Transparency Initiative",
		Home:      "https://iatistandard.org/",
		Licence:   "set by each publisher; mostly open, see the registry entry of the dataset",
		Kind:      extractors.Money, Spent: extractors.SpentSum,
		Cadence: 24 * time.Hour, Authority: 2,
	}
	if s.cfg.Retrieval == RetrieveAll {
		i.MaxBytes = 4 << 30 // the archive has grown to 830 MB in 2026
	}
	return i
}

// Bundled implements extractors.Source.
func (s *Source) Bundled() fs.FS {
	return extractors.Bundle(bundled)
}

// Role implements extractors.Source. A file called .xml that is empty, a web
// page or not XML is taken for an activity file gone wrong.
func (s *Source) Role(name string, head []byte) string {
	name = strings.ToLower(path.Base(name))
	switch role, first := element(head); {
	case role != "":
		return role
	case isArchive(head) || name == "iati-data.zip":
		return roleArchive
	case isIndex(head) || strings.HasPrefix(name, "datasets-minimal") || strings.HasPrefix(name, "dataset-index-minimal"):
		return roleIndex
	case path.Ext(name) == ".xml" && (first == "" || isHTML(first)):
		return roleActivities
	}
	return ""
}

// element recognises a file of IATI by its elements. first is the name of the
// first one, or of the declared document type; "": there is none.
func element(head []byte) (role, first string) {
	r, err := utf8Reader(bytes.NewReader(head))
	if err != nil {
		return "", ""
	}
	text, err := io.ReadAll(r)
	if err != nil || !bytes.HasPrefix(bytes.TrimSpace(text), []byte("<")) {
		return "", ""
	}
	c := newCutter(bytes.NewReader(text), defaultBlock, defaultLimit)
	if _, _, err := c.next(nil, nil); err != nil && !errors.Is(err, io.EOF) {
		return "", "unreadable"
	}
	switch c.first {
	case "iati-activities", "iati-activity":
		return roleActivities, c.first
	case "iati-organisations", "iati-organisation":
		return roleOrganisation, c.first
	}
	if c.n > 0 || bytes.Contains(text, []byte("<iati-activities")) {
		return roleActivities, c.first
	}
	if isHTML(c.doctype) {
		return "", c.doctype
	}
	return "", c.first
}

// Expectations implements extractors.Source.
func (*Source) Expectations() (extractors.Expectations, error) {
	return extractors.ReadExpectations(strings.NewReader(expectations))
}

// Parse implements extractors.Source. Every activity is one group, named by its
// identifier; a second activity with the same identifier is another group
// ("ID#2"), flagged duplicate_identifier, and a byte-for-byte copy is skipped.
// The disclosures of an activity share their slices: they are not to be changed.
func (s *Source) Parse(ctx context.Context, docs extractors.Set, out extractors.Sink) error {
	return s.parse(ctx, docs, out)
}

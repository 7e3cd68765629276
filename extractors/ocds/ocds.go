// Package ocds reads public procurement: what ministries, centres and hospitals
// contracted for methadone, buprenorphine, naloxone, needles and syringes, and for
// services of organisations, as the procurement portals of Ukraine (Prozorro) and
// Moldova (MTender) publish it in the form of the Open Contracting Data Standard,
// or in Prozorro's own.
//
// What counts is a signed contract with its value, once per process and contract,
// whatever the number of notices that repeat it. What a purchase was expected to
// cost, and what was offered, awarded and never signed, is no money. A notice is
// full of people (contact points, signatories, traders under their own name):
// nothing of them leaves this package. See README.md.
package ocds

import (
	"embed"
	"io/fs"
	"regexp"
	"strings"
	"sync"
	"time"

	"hrinvest/extractors"
)

//go:embed expectations.csv
var expectations string

//go:embed bundled
var bundled embed.FS

// roleNotices is the only role a document plays here: its shape is told by content.
const roleNotices = "notices"

// maxBytes is the largest document that is read; a tender has some 100 kB.
const maxBytes = 64 << 20

// Config of a Source.
type Config struct {
	// Processes are fetched beside those of processes.csv: numbers of Prozorro
	// ("UA-2025-08-26-012721-a") and ocids of MTender ("ocds-b3wdp1-MD-1603913785143").
	Processes []string
	// ScopeAll discloses contracts about anything.
	ScopeAll bool
}

// Source is the extractor of procurement notices.
type Source struct {
	cfg    Config
	tables func() (*tables, error) // read once
}

var _ extractors.Source = (*Source)(nil)

// New returns the source.
func New(cfg Config) *Source { return &Source{cfg, sync.OnceValues(newTables)} }

// Info implements extractors.Source.
func (*Source) Info() extractors.Info {
	return extractors.Info{
		ID:        "ocds",
		Title:     "Public contracts: procurement notices of Ukraine and Moldova",
		Publisher: "Prozorro and MTender",
		Home:      "https://prozorro.gov.ua",
		Licence:   "Prozorro: CC0 1.0; MTender: not stated",
		Kind:      extractors.Money,
		Cadence:   24 * time.Hour,
		Additive:  true,
		Unquoted:  "notices name contact persons, signatories and traders; what a statement quotes of them is in raw",
		MaxBytes:  maxBytes,
		Authority: 1,
	}
}

// Expectations implements extractors.Source.
func (*Source) Expectations() (extractors.Expectations, error) {
	return extractors.ReadExpectations(strings.NewReader(expectations))
}

// Bundled implements extractors.Source.
func (*Source) Bundled() fs.FS { return extractors.Bundle(bundled) }

// What notices begin with, whatever stands before: the words of the standard, the
// number of a process of Prozorro or what may stand for pages before it in a tender of
// its own form, what the portals' addresses make of a file's name.
var (
	standard = regexp.MustCompile(`"(ocid|tenderID|contractID|compiledRelease|contractTemplateName|procurementMethodType|requirementGroups)"\s*:`)
	packaged = regexp.MustCompile(`"(releases|records)"\s*:\s*\[`)
	fileName = regexp.MustCompile(`(?i)ocds|prozorro|mtender`)
)

// Role implements extractors.Source. Files that are named after the standard or a
// portal are taken as they are, so that broken ones are rejected with a reason.
func (*Source) Role(name string, head []byte) string {
	text := strings.TrimLeft(strings.TrimPrefix(string(head), "\ufeff"), " \t\r\n")
	if fileName.MatchString(name) || strings.HasPrefix(text, "{") && (standard.MatchString(text) || packaged.MatchString(text)) {
		return roleNotices
	}
	return ""
}

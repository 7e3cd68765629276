// Package extractors holds what every source of hrinvest has in common: the
// Source contract and the values that cross it.
//
// A source turns what a publisher discloses into Disclosures (statements about
// money) and Observations (published values that are not money flows). It does
// not interpret: amounts, dates, codes and names leave an extractor as the
// publisher wrote them, each with the document and the place inside it where it
// stands. Understanding them is the work of package transforms.
//
// The package knows nothing of DuckDB, Arrow or the canonical schema.
package extractors

import (
	"context"
	"embed"
	"io/fs"
	"time"

	"hrinvest/extractors/fetch"
)

// SourceKind says when in a build a source is parsed.
type SourceKind string

const (
	// Reference sources (rates, deflators) are parsed first: money needs them.
	Reference SourceKind = "reference"
	// Money sources disclose flows, and may publish observations beside them.
	Money SourceKind = "money"
)

// SpentRule says how a source's disbursements and expenditures relate (money
// rule 2 of the methodology).
type SpentRule string

const (
	// SpentNone: the source publishes no money spent.
	SpentNone SpentRule = ""
	// SpentSum: money spent is disbursement + expenditure of an activity
	// (passed on + spent directly), unless the two mirror each other. IATI.
	SpentSum SpentRule = "sum"
	// SpentExpenditure: only expenditure is money spent; a disbursement is the
	// same dollar seen from the other side. The Global Fund, UNAIDS.
	SpentExpenditure SpentRule = "expenditure"
)

// Info describes a source. Listings, metric labels, schedules, documentation
// rows and the conformance suite derive from it.
type Info struct {
	ID        string // short, lower case, stable: a metric label and a column value
	Title     string
	Publisher string
	Home      string // address a person can open
	Licence   string // as stated by the publisher, or "not stated"
	Kind      SourceKind
	Spent     SpentRule
	Cadence   time.Duration // how often the publisher is expected to change; 0: unknown
	Frozen    string        // date the publisher stopped, "" while it publishes
	// Additive: documents handed over stay beside those fetched later.
	Additive bool
	// Editions: the publisher offers only the newest of a series at an address, so
	// every edition that was fetched stays in use beside the next, and beside what
	// was handed over and bundled. Parse tells which one of a value counts.
	Editions bool
	// Typed: people fill its documents in by hand. A country that is not known is
	// a slip of theirs, and rejects the statement.
	Typed bool
	// Unquoted says why the bytes of its documents are not shown to readers: they
	// hold what stays out of a release. "": they may be shown.
	Unquoted string
	Hosts    []string // that answers may lead to beside the site that is asked
	MaxBytes int64    // of one document. 0: 2 GiB

	// Authority orders sources that publish one flow (money rule 3): lower
	// counts. 1 publisher's own data, 2 IATI, 3 OECD CRS, 4 government or
	// survey report, 5 evidence sheets.
	Authority int
}

// Source is one publisher's disclosures. Implementations are values without
// shared state: a Source may be used by several goroutines at once.
type Source interface {
	Info() Info

	// Role recognises a file by its name and first bytes (up to 64 KiB) and
	// returns the role it plays for this source ("activities", "budgets", ...),
	// or "" when the source does not know it. Broken files of a known shape
	// (a truncated XML, an HTML page where XML was promised) should be given
	// a role, so that Parse can reject them with a reason.
	Role(name string, head []byte) string

	// Bundled returns the documents this project wrote from cited public facts
	// in the source's own format. The file "index.csv" at its root lists them
	// (columns url,file,compiled,cites); see fetch.Bundle. Nil: none.
	Bundled() fs.FS

	// Expectations says what live documents must look like to be believed. A
	// source without them cannot be registered.
	Expectations() (Expectations, error)

	// Fetch retrieves documents and hands each to keep, those that did not change
	// too: when it returns nil, what was kept is all there is, and documents in
	// use that were not kept are retired. An error says that not everything could
	// be had; what was kept comes into use, and nothing is retired, unless all of
	// the error is fetch.ErrIncomplete (fetch.Complete). It is the only method that touches the
	// network. An error of keep must be returned.
	Fetch(ctx context.Context, c *fetch.Client, keep func(fetch.Document) error) error

	// Parse is a pure function of the source's current documents, so it can be
	// run again at any time. A record it cannot read goes to out.Reject and
	// parsing goes on; only a failure of the run itself (ctx cancelled, a
	// document that cannot be opened, an error of out) is returned.
	Parse(ctx context.Context, docs Set, out Sink) error
}

// Sink receives what Parse finds, from one goroutine at a time.
//
// Every statement about money of a document must reach the sink exactly once,
// by Disclose, Reject or Skip: parsed = loaded + out_of_scope + rejected.
type Sink interface {
	// Disclose takes one statement. Statements with the same Group must come
	// one after another.
	Disclose(Disclosure) error
	// Observe takes one published value that is not a flow of money.
	Observe(Observation) error
	// Reject records a statement (or a whole document) that cannot be read.
	Reject(Problem) error
	// Skip counts n statements of a document that are out of scope and were
	// not decoded.
	Skip(documentSHA256 string, n int, reason string) error
}

// Set is a source's current documents.
type Set []fetch.Document

// WithRole returns the documents that play a role, in order.
func (s Set) WithRole(role string) Set {
	var out Set
	for _, d := range s {
		if d.Role == role {
			out = append(out, d)
		}
	}
	return out
}

// Bundle is the folder bundled of the files that are embedded in a source. It
// panics where there is none, which the compiler rules out.
func Bundle(files embed.FS) fs.FS {
	sub, err := fs.Sub(files, "bundled")
	if err != nil {
		panic(err)
	}
	return sub
}

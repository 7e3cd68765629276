// Package warehouse keeps the money in DuckDB: it loads Arrow record batches
// into a fresh database file, derives views and marts from them in SQL, checks
// the result, publishes it as an immutable release, and answers named questions
// from a release.
//
// A build never touches what is being served: it writes a file aside, and the
// last step is a rename and the change of one small pointer file. A release is
// read by any number of processes and written by none.
//
// The package imports no other package of this module. What it expects of its
// input tables is declared in schema/tables.csv; records come in as Arrow
// readers. No money is computed here in floating point: in DuckDB
// DECIMAL / DECIMAL and avg() are DOUBLE, so SQL only selects, joins, sums and
// compares, and percentages go through the macro pct (views/000_macros.sql).
package warehouse

import (
	"embed"
	"errors"
)

//go:embed schema/*.csv reference/*.csv views/*.sql checks/*.sql queries/*.sql queries/*.csv compare/*.sql
var files embed.FS

// ContractVersion is the version of the tables, views and columns a release
// offers. It rises when one is added; names are never reused for another meaning.
const ContractVersion = 1

var (
	// ErrNothingNew: the build holds the same data as the current release. The
	// build was removed and nothing was published.
	ErrNothingNew = errors.New("nothing new")
	// ErrNoRelease: the data directory holds no published release yet.
	ErrNoRelease = errors.New("no release published yet")
	// ErrUnknownQuery: no named query of that name.
	ErrUnknownQuery = errors.New("unknown query")
	// ErrParameter: a named query was given a parameter it does not have, lacks
	// one it requires, or got one of the wrong type.
	ErrParameter = errors.New("wrong parameter")
)

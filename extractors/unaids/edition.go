package unaids

import (
	"cmp"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"

	"hrinvest/extractors/fetch"
)

// edition orders documents that state the same figure. In this order: UNAIDS's
// own before re-publishers; the later year; a published table before the
// interface, which nobody can cite; the core monitoring before the policy
// questionnaire before the key populations atlas; the later retrieved.
type edition struct {
	own       int
	year      string
	published int
	core      int
	retrieved time.Time
	index     int
	name      string
}

var (
	editionYear = regexp.MustCompile(`20\d\d`)
	database    = regexp.MustCompile(`(?i)\b(?:EPI|GAM|KPA|NCPI)\b`)
)

func editionOf(d fetch.Document, index int, inside, kind string) edition {
	name := cmp.Or(inside, d.Name)
	e := edition{year: editionYear.FindString(name), published: 1, retrieved: d.Retrieved, index: index, name: name}
	switch kind {
	case roleExport, roleProgrammes:
		e.own = 2
	case roleLong:
		e.own = 1
	case roleAPI:
		// Each series is a document of its own, and all are one edition: its year
		// is known when all were read.
		db := cmp.Or(database.FindString(d.URL), database.FindString(d.Name))
		e = edition{own: 2, name: strings.TrimSpace(apiHost + " " + strings.ToUpper(db))}
	}
	switch upper := strings.ToUpper(e.name); {
	case strings.Contains(upper, "KPA"):
	case strings.Contains(upper, "NCPI"):
		e.core = 1
	default:
		e.core = 2
	}
	return e
}

func (e edition) compare(o edition) int {
	return cmp.Or(cmp.Compare(e.own, o.own), strings.Compare(e.year, o.year), cmp.Compare(e.published, o.published), cmp.Compare(e.core, o.core),
		e.retrieved.Compare(o.retrieved), cmp.Compare(e.index, o.index), strings.Compare(e.name, o.name))
}

// settle gives the answers of the interface what they say only together. They
// state no edition: countries report a year after it has ended, so it is the one
// after the newest year of a country (years to come are slips). The year of constant prices stands in the
// name of one series and holds for all.
func (b *book) settle() {
	newest, base := 0, ""
	for i := range b.records {
		r := &b.records[i]
		if r.layout.kind != roleAPI {
			continue
		}
		if y, err := strconv.Atoi(r.get(year)); err == nil && !r.region() && (b.asked == 0 || y <= b.asked) {
			newest = max(newest, y)
		}
		if base == "" {
			base = r.base
		}
	}
	for i := range b.records {
		r := &b.records[i]
		if r.layout.kind != roleAPI {
			continue
		}
		if newest > 0 {
			r.edition.year = strconv.Itoa(newest + 1)
		}
		if r.base == "" && r.series.unit == constantUSD {
			r.base = base
		}
	}
}

// A number that is 0, and any number.
var (
	zeroText   = regexp.MustCompile(`^[-+]?(?:0+(?:\.0*)?|\.0+)(?:[eE][-+]?\d+)?$`)
	numberText = regexp.MustCompile(`^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$`)
	dots       = regexp.MustCompile(`^(?:\.{2,}|…|-+|–)$`) // "..." stands for no data
)

// stated says whether a record gives a value: not nothing, and not a 0 that
// stands for nothing.
func (r *record) stated() bool {
	v := r.get(value)
	return v != "" && !dots.MatchString(v) && !(r.series.zeroIsMissing && zeroText.MatchString(v))
}

// same says whether two records give one value. 12 and 12.0 are one number, and so
// are 41.141 and 41.141000000000005: one of them went through a binary fraction.
func same(a, b *record) bool {
	x, y := number(a.get(value)), number(b.get(value))
	if x == nil || y == nil {
		return a.get(value) == b.get(value)
	}
	by := new(big.Rat).Sub(x, y)
	by.Mul(by.Abs(by), big.NewRat(1e9, 1))
	return by.Cmp(x.Abs(x)) <= 0
}

// disagree says whether two records state different numbers.
func disagree(a, b *record) bool {
	return a.stated() && b.stated() && number(a.get(value)) != nil && number(b.get(value)) != nil && !same(a, b)
}

// number is a value as a number, to compare only; nil when it is none.
func number(s string) *big.Rat {
	if !numberText.MatchString(s) || len(s) > 40 || hugeExponent.MatchString(s) {
		return nil
	}
	x, ok := new(big.Rat).SetString(s)
	if !ok {
		return nil
	}
	return x
}

var hugeExponent = regexp.MustCompile(`[eE][-+]?\d{3}`)

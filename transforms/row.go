package transforms

import (
	"math"
	"slices"
	"strings"
	"time"

	"hrinvest/extractors"
)

// Date counts days since 1970-01-01, as Arrow's date32 does. NoDate: none published.
type Date int32

// NoDate is the absence of a date.
const NoDate Date = math.MinInt32

// NewDate returns the day of t in its own location.
func NewDate(t time.Time) Date {
	return DateOf(t.Year(), t.Month(), t.Day())
}

// DateOf returns the given day of the proleptic Gregorian calendar.
func DateOf(year int, month time.Month, day int) Date {
	return Date(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// Time is midnight UTC of the day.
func (d Date) Time() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// Year is the calendar year of the day.
func (d Date) Year() int { return d.Time().Year() }

func (d Date) String() string {
	if d == NoDate {
		return ""
	}
	return d.Time().Format(time.DateOnly)
}

// Row is a flow in the making. The rows made from one statement share D; a step
// changes the fields that are its business and leaves the rest.
type Row struct {
	D      *extractors.Disclosure
	Source string // id
	Typed  bool   // by people: extractors.Info.Typed

	// Problem, once set, rejects the whole statement with this reason.
	Problem   string
	ProblemRU string // the same in Russian

	Amount   Decimal // scale 6
	Currency string
	Share    uint64 // of the statement's amount, scale 12
	Split    string // what split the statement, blank-separated
	Path     string // identifies the row among those of its statement

	Start, End, ValueDate Date
	Starts, Ends          Date  // of the activity
	Year                  int32 // 0: none
	ValueYear             int32

	Funder, FunderID, FunderType string
	Domestic                     bool   // the country's own money, the state's or others'
	FunderCountry                string // alpha-3, of a funder that is of one country
	FunderGroup                  string // the financing entity it counts as: agencies of one government are one
	Tier                         string
	Channel, Implementer         string
	Title, ActivityID            string
	Raw                          []byte

	Country, Countries, Region string

	Sector, SectorOther              string
	Intervention, Population, Rule   string
	Setting, Method, Confidence      string
	HIV                              *bool
	HRShareLow, HRShare, HRShareHigh *uint64

	USD, Rate            Decimal
	RateDate             Date
	RateSource           string
	HasUSD               bool
	PricedIn             int32   // year of the rate, where a value date set it; 0: the row's own
	USDConstant          Decimal // in the prices of PriceYear; 0: none
	PriceYear            int32
	Deflator             string
	Status, Flags        string
	ExcludedBy           string // recipient view; "" counts
	ExcludedByDonor      string
	StandsForKey         string // Disclosure.Key in the group that counts instead
	StandsForGroup       string
	disclosureID, flowID string
	standsFor            string // flow_id

	publisherWithheld, funderWithheld bool // neither may be named
}

func newRow(d *extractors.Disclosure) Row {
	return Row{
		D: d, Share: one, Start: NoDate, End: NoDate, ValueDate: NoDate, RateDate: NoDate, Starts: NoDate, Ends: NoDate,
		Title: d.Title, ActivityID: d.ActivityID, Raw: d.Raw, Status: "reported", Flags: strings.Join(d.Flags, " "),
	}
}

// flag adds a mark once.
func (r *Row) flag(mark string) {
	if !r.flagged(mark) {
		r.Flags = join(r.Flags, mark)
	}
}

func (r *Row) flagged(mark string) bool {
	return slices.Contains(strings.Fields(r.Flags), mark)
}

// reject rejects the whole statement, with the reason in both languages.
func (r *Row) reject(en, ru string) { r.Problem, r.ProblemRU = en, ru }

// exclude takes the row out of both views, unless an earlier rule did.
func (r *Row) exclude(rule, group string) {
	if r.ExcludedBy == "" {
		r.ExcludedBy, r.StandsForGroup = rule, group
	}
	if r.ExcludedByDonor == "" {
		r.ExcludedByDonor = rule
	}
}

// split divides the row by weights; basis says what split it and path names each
// part. Parts of weight 0 are left out: they would be rows without money.
func (r *Row) split(basis string, weights []uint64, part func(i int, p *Row) string) []Row {
	amounts, shares := Split(r.Amount, weights), Split(decimalOf(r.Share), weights)
	out := make([]Row, 0, len(weights))
	for i, w := range weights {
		if w == 0 {
			continue
		}
		p := *r
		p.Amount, p.Share = amounts[i], shares[i].LowBits()
		p.Split = join(p.Split, basis)
		p.Path = join(p.Path, part(i, &p))
		out = append(out, p)
	}
	return out
}

func join(a, b string) string {
	switch {
	case a == "":
		return b
	case b == "":
		return a
	}
	return a + " " + b
}

// Step refines the rows of one group: an activity, a grant, a country-year. It
// may split rows, add to them, exclude them, or set a Problem.
type Step func(group []Row) ([]Row, error)

// each makes a step of a function on single rows.
func each(f func(r *Row)) Step {
	return func(group []Row) ([]Row, error) {
		for i := range group {
			if group[i].Problem == "" {
				f(&group[i])
			}
		}
		return group, nil
	}
}

// spread makes a step of a function that may turn a row into several. It edits
// the row in place and returns nil, or returns the parts that replace it.
func spread(f func(r *Row) []Row) Step {
	return func(group []Row) ([]Row, error) {
		var out []Row // nil as long as nothing was split
		for i := range group {
			var parts []Row
			if group[i].Problem == "" {
				parts = f(&group[i])
			}
			switch {
			case parts == nil && out != nil:
				out = append(out, group[i])
			case parts != nil && out == nil:
				out = make([]Row, i, len(group)+len(group)/2+len(parts))
				copy(out, group)
				out = append(out, parts...)
			case parts != nil:
				out = append(out, parts...)
			}
		}
		if out == nil {
			return group, nil
		}
		return out, nil
	}
}

package dashboards

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"time"

	"golang.org/x/sync/errgroup"

	"hrinvest/dashboards/locales"
)

// Definition is the definition of harm reduction that pages and briefs total
// by: HRI's, people who inject drugs within the HIV response. Every total names
// it.
const Definition = "hri"

// ErrNoCountry means that the release knows no such country.
var ErrNoCountry = errors.New("no such country")

// Figure is one number as every edition of a brief writes it. Value and Text are
// decided once; a Figure without Value has words in Text.
type Figure struct {
	ID     string // stable name within the brief: "year.2016.global_fund"
	Label  string
	Value  *big.Rat // nil: absent, Status says in which way; or a range only
	Low    *big.Rat // of a range
	High   *big.Rat
	Text   string // the number or the words for its absence, in the brief's language
	Unit   string // USD, percent, USD per person, people, ...
	Year   string // year or cycle; "" only when absent
	Basis  string // calendar, us_fiscal, cycle
	Kind   string // kind of money or measure; "" for what is no money
	Status string // reported, estimate, or a word for absence: zero, not_reported, not_applicable, unknown
	Note   string
	// Method is how the money was told to be for its service (flows.hr_method),
	// blank-separated; "" for what is no money. Mark are the words that stand
	// wherever Text stands: "(estimate: budget shares applied)".
	Method, Mark string
	// Verdict is the code of a promise's verdict (gaps.verdict).
	Verdict string
	Refs    []int // numbers of Brief.Refs
	// Target is what a promise asks for, on the scale of Value, and TargetText the
	// words for it; nil and "": none.
	Target     *big.Rat
	TargetText string
	Trend      []Point // values of several years up to Value, oldest first; nil: too few
	// Link is where the figure is traced from, relative to the site; "": nowhere.
	Link string
	how  method
}

// Words reports whether there is no number, but words for its absence.
func (f Figure) Words() bool { return f.Value == nil && f.Low == nil && f.High == nil }

// Ref is a numbered source.
type Ref struct {
	N                           int
	ID, Title, Publisher, URL   string
	Licence, Origin, OriginText string
	Cutoff                      string // a day in the reader's language; day: the same as data
	day                         string
	Cites                       []string // addresses the facts of a bundled extract are cited from
	Withheld                    string   // words for an address that is not shown
}

// YearLine is one year of a table of money by source.
type YearLine struct {
	Year  int
	Until int      // the last of several years without data that stand as one; 0: one year
	Cells []Figure // one per group of Series.Groups
	Total Figure
	Mix   string // which measure each part is
	Short string // the measures alone
	Flags string // what a reader must know of the year
	Only  string // who alone reported, where the country's own report is missing
	Link  string // flows behind it, relative to the site

	warnings []string // of Flags, what the sources say of the year
}

// Series is money by year and source, with the words that say what it is.
type Series struct {
	ID, Title, Basis string
	Groups           []string // ids of groups that have money, in the order of stacking
	Labels           []string
	Lines            []YearLine // oldest first; a year between without data has no cells
	parts            map[int][]part
}

// Empty reports whether no year has money.
func (s *Series) Empty() bool { return len(s.Lines) == 0 }

// Latest is the last year that has money. A year in which more was returned than
// paid, or for which no exchange rate is known, has a line and no money.
func (s *Series) Latest() *YearLine {
	for i := len(s.Lines) - 1; i >= 0; i-- {
		if v := s.Lines[i].Total.Value; v != nil && v.Sign() > 0 {
			return &s.Lines[i]
		}
	}
	return nil
}

// ServiceLine is one amount for one service.
type ServiceLine struct {
	ID, Service, Funder string
	Amount              Figure
	Local               string // as published, where that is another currency
	KindText, When      string
	ShortWhen           string // When, for a narrow column
	Link                string // flows behind it, relative to the site

	cut *cut // published later for budgets of its cycle; nil: none
}

// Promise is a commitment set against what was found.
type Promise struct {
	ID, Text, Instrument, Force, Deadline, Required, Actual, Year string
	Verdict                                                       string // the code of the data
	Look, Sign, VerdictText, Reason, URL                          string // what readers see of it
	Verified                                                      string
	Figure                                                        Figure
}

// EndLine is money that ends.
type EndLine struct {
	Date, Title, Funder, Service, Link string
	Amount                             Figure
	Past                               bool
}

// Brief is what is said about one country in one language. Its numbers and
// words are decided once, by NewBrief; HTML, PDF and CSV only lay them out.
type Brief struct {
	Lang    string
	Country Country
	Name    string
	Title   string

	Headline string
	Beside   string // a grant-cycle budget that stands beside the year of the headline
	Footnote string // on the country's name, where United Nations usage has one
	Basis    string // which definition, prices and kinds the headline stands on
	Four     []Figure

	Harm  Series // harm reduction by year and source
	HIV   Series // HIV money not broken down by service
	Other []ServiceLine

	Services   []ServiceLine
	NoServices string // services for which nothing was found, in a sentence
	Cut        string // cuts published for budgets among Services, in a sentence; "": none
	Promises   []Promise
	Votes      []string // how the country voted on promises, in sentences
	NotBinding int      // promises that do not apply to the country
	Coverage   []Figure
	Gap        []Figure // need, gap and people it would pay for; none where they cannot be compared
	Buys       string   // Gap in a sentence
	Ends       []EndLine
	NoEnds     string        // why there are none, in a sentence
	Also       []ServiceLine // money for several countries, in no total
	Asks       []string      // requests an advocate may make of these figures
	Missing    []string
	How        []string
	Refs       []Ref
	Cutoff     string // a phrase: "data up to 1 May 2025"
	cutoffDate time.Time
	Release    string
	Licence    string
	Report     string
	Banner     string // set when figures were compiled by this project
	Page       string // path of the country page
	Permalink  string // the same, in the release the brief is of

	// Site is the public address of the site (PublicURL), which files name their
	// figures' places by. "": not known; it is the caller's to set.
	Site string
}

// NewBrief decides every number and sentence about a country from a release.
// ErrNoCountry is returned for an unknown code.
func NewBrief(ctx context.Context, d Data, iso3, lang string, rel Release) (*Brief, error) {
	cat, err := loadCatalogue(ctx, d)
	if err != nil {
		return nil, fmt.Errorf("brief for %s: %w", iso3, err)
	}
	loc, err := locales.Load(lang)
	if err != nil {
		return nil, fmt.Errorf("brief for %s: %w", iso3, err)
	}
	return newBrief(ctx, d, cat, loc, iso3, rel)
}

func newBrief(ctx context.Context, d Data, cat *catalogue, loc *locales.Locale, iso3 string, rel Release) (*Brief, error) {
	country, ok := cat.byISO[iso3]
	if !ok {
		return nil, fmt.Errorf("%q: %w", iso3, ErrNoCountry)
	}
	f, err := loadFacts(ctx, d, iso3)
	if err != nil {
		return nil, fmt.Errorf("brief for %s: %w", iso3, err)
	}
	w := &words{Locale: loc}
	b := &Brief{
		Lang: loc.Lang, Country: country, Name: country.Name(loc.Lang),
		Page: "/" + loc.Lang + "/country/" + iso3, Release: rel.ID,
	}
	b.Permalink = withRelease(b.Page, rel.ID)
	m := &maker{words: w, b: b, cat: cat, facts: f, cutoff: rel.Cutoff, refs: map[string]int{}}
	m.title()
	m.series()
	m.services()
	m.four()
	m.gap()
	m.headline()
	m.promises()
	m.votes()
	m.coverage()
	m.ends()
	m.asks()
	m.also()
	m.missing()
	m.closing(rel)
	if w.err != nil {
		return nil, fmt.Errorf("brief for %s: %w", iso3, w.err)
	}
	return b, nil
}

// facts is what the release says about a country.
type facts struct {
	best     []Money // best_available: one measure per funder, year and intervention
	spending []Money // every kind, apart
	gaps     []Gap
	observed []Observation
	needs    []Need
	ends     []End
	also     []Also
	priced   []NeedYear // need in the prices of each year
	funded   []Funded
	persons  []PersonYear // people that money of a year is set against
	docs     []Document
	cuts     []Observation // changes of budgets already published
}

// loadFacts asks all questions about a country at once: each waits for the
// database more than it works.
func loadFacts(ctx context.Context, d Data, iso3 string) (*facts, error) {
	var f facts
	group, ctx := errgroup.WithContext(ctx)
	inquire(ctx, group, d, "country_spending", iso3, readBest, &f.best)
	inquire(ctx, group, d, "country_kinds", iso3, readKind, &f.spending)
	inquire(ctx, group, d, "country_gaps", iso3, readCountryGap, &f.gaps)
	inquire(ctx, group, d, "country_coverage", iso3, readObservation, &f.observed)
	inquire(ctx, group, d, "country_needs", iso3, readNeed, &f.needs)
	inquire(ctx, group, d, "country_need_prices", iso3, readNeedYear, &f.priced)
	inquire(ctx, group, d, "need_funded", iso3, readFunded, &f.funded)
	inquire(ctx, group, d, "spending_per_person", iso3, readPersonYear, &f.persons)
	inquire(ctx, group, d, "country_ends", iso3, readEnd, &f.ends)
	inquire(ctx, group, d, "country_also", iso3, readAlso, &f.also)
	inquire(ctx, group, d, "country_documents", iso3, readDocument, &f.docs)
	group.Go(func() (err error) {
		f.cuts, err = load(ctx, d, "observations", map[string]any{"indicator": "global_fund_gc7_change"}, readPublished)
		return err
	})
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return &f, nil
}

// inquire asks a question about a country in group and puts the rows into out.
func inquire[T any](ctx context.Context, group *errgroup.Group, d Data, query, iso3 string, read func(*scan) T, out *[]T) {
	group.Go(func() (err error) {
		*out, err = load(ctx, d, query, map[string]any{"country": iso3}, read)
		return err
	})
}

// maker fills a brief.
type maker struct {
	*words
	b     *Brief
	cat   *catalogue
	facts *facts
	// cutoff is the newest day the data speak for: what is over is told by it and
	// not by the clock, so that a release always says the same.
	cutoff time.Time
	refs   map[string]int // :: source|address -> number
}

func containsInt(list []int, n int) bool {
	for _, v := range list {
		if v == n {
			return true
		}
	}
	return false
}

func (m *maker) title() {
	m.b.Title = m.t("brief.title", "country", m.b.Name)
	if m.b.Country.noted() {
		m.b.Footnote = m.t("site.kosovo")
	}
}

// usd makes a figure of US dollars; nil is worded as not reported.
func (m *maker) usd(id, label string, v *big.Rat) Figure {
	f := Figure{ID: id, Label: label, Value: v, Unit: "USD", Status: "reported"}
	switch {
	case v == nil:
		f.Status, f.Text = "not_reported", m.t("absent.not_reported")
	case v.Sign() == 0:
		f.Status, f.Text = "zero", m.t("absent.zero")
	default:
		f.Text = m.USD(v)
	}
	return f
}

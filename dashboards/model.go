package dashboards

import (
	"math/big"
	"strings"
	"time"

	"hrinvest/dashboards/locales"
)

// Country is a row of the list of countries.
type Country struct {
	ISO3, NameEN, NameRU, NameRUIn string
	ISO2                           string
	EECA                           bool
	Flows                          int    // flows that name it, counted or not
	FirstYear, LastYear            int    // of money by year; 0: none
	HarmYear                       int    // newest with harm reduction money; 0: none
	HarmCycle                      string // newest grant cycle with a harm reduction budget
	CycleBudgets                   int
	Observations                   int
}

// noted reports whether United Nations usage has a footnote on the name. The name
// then carries an asterisk everywhere, and the page or brief the note (texts
// site.kosovo).
func (c Country) noted() bool { return c.ISO3 == "XKX" }

// Name is the country's name, with an asterisk where it is noted.
func (c Country) Name(lang string) string {
	name := c.NameEN
	if lang == "ru" && c.NameRU != "" {
		name = c.NameRU
	}
	if c.noted() {
		name += "*"
	}
	return name
}

// In is "in Kyrgyzstan", "в Кыргызстане".
func (c Country) In(lang string) string {
	if lang != "ru" {
		return "in " + article(c.Name(lang))
	}
	in := c.NameRUIn
	switch {
	case in == "":
		return "(" + c.Name(lang) + ")"
	case !strings.HasPrefix(in, "в ") && !strings.HasPrefix(in, "во ") && !strings.HasPrefix(in, "на "):
		in = "в " + in
	}
	if c.noted() {
		in += "*"
	}
	return in
}

// article puts "the" before the English names that take it in a sentence.
func article(name string) string {
	for _, p := range []string{"United ", "Russian Federation", "Republic of", "Netherlands", "Philippines", "Gambia", "Bahamas", "Maldives", "Comoros", "Seychelles", "Democratic ", "Dominican Republic", "Central African", "Czech Republic", "Syrian Arab", "Lao People", "Solomon Islands", "Marshall Islands"} {
		if strings.HasPrefix(name, p) {
			return "the " + name
		}
	}
	return name
}

// Money is one cell of spending or best_available: one country, year, kind or
// measure, funder and intervention.
type Money struct {
	Year               int    // 0: the statement has no year (a grant cycle)
	YearBasis, Cycle   string // calendar, us_fiscal; GC7
	Kind               string // kind, or measure (spent, disbursed, budget) for best_available
	Funder, FunderType string
	Group              string   // financing entity that several names of a funder count as, for best_available
	Kinds              []string // kinds of money in the measure, likewise
	Intervention       string   // or its group, for best_available
	USD                *big.Rat // nil: no rate was known for any of it
	Amount             *big.Rat // in Currency; nil when there are several
	Currency           string
	Flows, WithoutUSD  int
	Sources            []string
	Flags, Methods     []string // flows.flags, flows.hr_method
	Cites              []string // where the statements stand: source|address
}

// readBest reads a row of best_available: Kind is its measure, Intervention its
// group.
func readBest(s *scan) Money {
	m := readAmounts(s)
	m.Kind, m.Intervention, m.Sources = s.text("measure"), s.text("intervention_group"), s.words("source")
	m.Group, m.Kinds = s.text("funder_group"), s.words("kinds")
	return m
}

// readKind reads a row of spending.
func readKind(s *scan) Money {
	m := readAmounts(s)
	m.Kind, m.Intervention, m.Cycle, m.Sources = s.text("kind"), s.text("intervention"), s.text("cycle"), s.words("sources")
	m.Amount, m.Currency = s.num("amount"), s.text("currency")
	return m
}

func readAmounts(s *scan) Money {
	return Money{
		Year: s.whole("year"), YearBasis: s.text("year_basis"), Funder: s.text("funder"), FunderType: s.text("funder_type"),
		USD: s.num("usd"), Flows: s.whole("n_flows"), WithoutUSD: s.whole("n_without_usd"), Flags: s.words("flags"), Methods: s.words("hr_methods"),
		Cites: s.words("cites"),
	}
}

// Gap is a promise or a need set against what was found: a row of gaps with
// its commitment.
type Gap struct {
	Commitment, Instrument, Reference, Paragraph, Force, Kind, TextEN, TextRU, URL, Verified string
	TargetYear, Adopted                                                                      int // years; 0: none
	Area, AreaEN, AreaRU                                                                     string
	Year                                                                                     int
	Definition, Measure, PriceBasis, Unit, Comparator                                        string
	Actual, ActualLow, ActualHigh, Required, Gap, GapLow, GapHigh, FundedPct, Coverage       *big.Rat
	Verdict, Reason, ReasonEN, ReasonRU, Method                                              string
	Position                                                                                 string // who voted how: ISO3:against, blank-separated; "" on the page of gaps
	NSources                                                                                 int
}

// Text is the promise in our own words.
func (g Gap) Text(lang string) string {
	text := g.TextEN
	if lang == "ru" && g.TextRU != "" {
		text = g.TextRU
	}
	return strings.ReplaceAll(text, " %", "\u00a0%") // a number and its unit stay on one line
}

// Observation is a published value beside the money.
type Observation struct {
	Indicator, NameEN, NameRU, Unit      string
	Year                                 int
	Value, Low, High                     *big.Rat
	ValueText, Status, Source, URL, Note string
}

// End is money of an activity whose last day was published.
type End struct {
	Title, Funder, ActivityID, Kind, Cycle, Intervention, Source string
	Flags, Methods, Cites                                        []string
	Ends                                                         time.Time
	USD                                                          *big.Rat
}

// Also is money that names the country among several.
type Also struct {
	Title, Funder, ActivityID, Kind, Countries, Source, FlowID string
	Flags, Methods, Cites                                      []string
	Year                                                       int
	USD                                                        *big.Rat
}

// Source is a publisher's disclosures as the release holds them.
type Source struct {
	ID, Title, Publisher, Home, Licence, Kind, Frozen, Origin     string
	Documents, Parsed, Loaded, OutOfScope, Rejected, Observations int
	Cutoff                                                        time.Time
}

// Document is one document of a release.
type Document struct {
	Source, Role, Name, URL, SHA256, Origin, Licence, Compiled string
	Cites                                                      []string
	Retrieved                                                  time.Time
}

// Intervention is a kind of thing money buys.
type Intervention struct {
	ID, NameEN, NameRU, Definition             string
	Core3, Comprehensive9, WHO2022, HRI, Broad bool
}

// Name is the intervention's name.
func (i Intervention) Name(lang string) string {
	if lang == "ru" && i.NameRU != "" {
		return i.NameRU
	}
	return i.NameEN
}

// Release says which data a page shows.
type Release struct {
	ID     string // time and hash: the number to quote
	Hash   string
	Cutoff time.Time // newest day the data speak for; zero: unknown
	Built  time.Time // zero: unknown
}

// group is who pays, as charts and shares tell it apart: a few groups that a
// reader knows, each with its own colour and hatching.
func group(funder, funderType string) string {
	if list := fundersOf(funder); len(list) > 1 && funderType != "domestic_public" {
		// Of one group only if all of them are: one name among many is not the payer.
		first := group(list[0], funderType)
		for _, one := range list[1:] {
			if group(one, funderType) != first {
				return "other"
			}
		}
		return first
	}
	name := strings.ToLower(funder)
	switch {
	case funderType == "domestic_public":
		return "domestic"
	case strings.Contains(name, "global fund"):
		return "global_fund"
	case strings.Contains(name, "pepfar") || strings.Contains(name, "united states"):
		return "us"
	case funderType == "bilateral", funderType == "multilateral", funderType == "philanthropic", funderType == "private":
		return funderType
	case name == "other international" || strings.HasPrefix(name, "international ("):
		return "international"
	case name != "":
		return "other"
	}
	return "unknown"
}

// fundersOf splits the payers of a statement that names several.
func fundersOf(name string) []string { return strings.Split(name, "; ") }

// groups lists the groups in the order of stacking.
func groups() []string {
	return []string{"domestic", "global_fund", "us", "bilateral", "multilateral", "philanthropic", "private", "international", "other", "unknown"}
}

// words writes texts of one language and keeps the first error, so that a
// missing text stops the page instead of leaving a hole.
type words struct {
	*locales.Locale
	err error
}

func (w *words) t(key string, args ...any) string {
	s, err := w.T(key, args...)
	if err != nil && w.err == nil {
		w.err = err
	}
	return s
}

func (w *words) n(key string, n int, args ...any) string {
	s, err := w.N(key, n, args...)
	if err != nil && w.err == nil {
		w.err = err
	}
	return s
}

// or is the text of prefix+id, or id itself where the vocabulary of a source is
// wider than ours.
func (w *words) or(prefix, id string) string {
	if id != "" && w.Has(prefix+id) {
		return w.t(prefix + id)
	}
	return strings.ReplaceAll(id, "_", " ")
}

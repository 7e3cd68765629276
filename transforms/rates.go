package transforms

import (
	"fmt"
	"sort"
	"strings"

	"golang.org/x/text/currency"
	"golang.org/x/text/language"

	"hrinvest/extractors"
)

// Rates answers how many units of a currency a US dollar cost, from the rate
// observations of the reference sources. Of a day's rates the first that is there
// counts: UN operational rates, ECB reference rates crossed over the euro, the
// World Bank's average of the year, the DAC's average of the year. Each answer
// says which it was.
//
// Currencies that were replaced are followed to their successor at the fixed
// rate, and amounts of before that are stated in the successor back to the old
// one (vocab/currencies.csv).
type Rates struct {
	un, ecb    map[string][]dated // by currency, sorted by day once asked
	wb, dac    map[string]map[int32]Decimal
	sorted     bool
	successors map[string]succession // by the currency replaced
	replaced   map[string]succession // by the currency that replaced it
	asked      map[rateAsked]rateAnswer
}

type dated struct {
	day  Date
	rate Decimal
}

// succession is a currency replaced by another: so many units of the old one are
// one of the new, from a day on.
type succession struct {
	old, successor string
	units          Decimal // at RateScale
	since          Date
}

type rateAsked struct {
	currency, country string
	day               Date
}

type rateAnswer struct {
	rateFound
	ok bool
}

// Longest time a published rate is taken to hold: UN rates come out monthly, the
// bundled selections of both quarterly.
const rateHolds = 100 // days

// maxRates bounds what is remembered of the days that were asked for.
const maxRates = 1 << 16

// NewRates returns a table without rates; Observe fills it.
func NewRates() (*Rates, error) {
	t := &Rates{
		un: map[string][]dated{}, ecb: map[string][]dated{}, wb: map[string]map[int32]Decimal{}, dac: map[string]map[int32]Decimal{},
		successors: map[string]succession{}, replaced: map[string]succession{}, asked: map[rateAsked]rateAnswer{},
	}
	rows, err := vocabRows("currencies.csv", 6)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		units, _, err := ParseDecimal(r[2], RateScale)
		if err != nil || units.Sign() <= 0 {
			return nil, fmt.Errorf("currencies.csv: %s: %q units are one %s: %w", r[0], r[2], r[1], err)
		}
		since, err := ParseDate(r[3])
		if err != nil || since == NoDate {
			return nil, fmt.Errorf("currencies.csv: %s: since %q: %w", r[0], r[3], err)
		}
		s := succession{r[0], r[1], units, since}
		t.successors[s.old] = s
		if s.successor != "EUR" { // that one has many predecessors
			t.replaced[s.successor] = s
		}
	}
	return t, nil
}

// Observe takes an observation; other indicators than rates are passed over.
func (t *Rates) Observe(o extractors.Observation) {
	switch o.Indicator {
	case "fx_un", "fx_ecb", "fx_wb", "fx_dac":
	default:
		return
	}
	rate, _, err := ParseDecimal(o.Value, RateScale)
	if err != nil || rate.Sign() <= 0 {
		return
	}
	t.sorted = false
	clear(t.asked)
	switch o.Indicator {
	case "fx_un", "fx_ecb":
		day, err := ParseDate(o.PeriodStart)
		if err != nil || day == NoDate {
			return
		}
		series := t.un
		if o.Indicator == "fx_ecb" {
			series = t.ecb
		}
		series[o.Area] = append(series[o.Area], dated{day, rate})
	case "fx_wb", "fx_dac":
		series := t.wb
		if o.Indicator == "fx_dac" {
			series = t.dac
		}
		if year := atoi(o.Year); year >= 0 {
			if series[o.Area] == nil {
				series[o.Area] = map[int32]Decimal{}
			}
			series[o.Area][int32(year)] = rate
		}
	}
}

// rateFound is a rate with its provenance.
type rateFound struct {
	rate   Decimal
	day    Date
	source string
}

// At returns the rate of a currency on a day; country, where known, is whose
// World Bank average may stand in for its own currency. The source names the
// series, and the currency it was followed to where it was replaced
// ("fx_un BYR/BYN").
func (t *Rates) At(currency string, day Date, country string) (rateFound, bool) {
	if day == NoDate {
		return rateFound{}, false
	}
	key := rateAsked{currency, country, day}
	if a, ok := t.asked[key]; ok {
		return a.rateFound, a.ok
	}
	if !t.sorted {
		t.sort()
	}
	f, ok := t.find(currency, day, country)
	if len(t.asked) >= maxRates {
		clear(t.asked)
	}
	t.asked[key] = rateAnswer{f, ok}
	return f, ok
}

func (t *Rates) sort() {
	for _, series := range [...]map[string][]dated{t.un, t.ecb} {
		for _, s := range series {
			sort.SliceStable(s, func(i, j int) bool { return s[i].day < s[j].day })
		}
	}
	t.sorted = true
}

func (t *Rates) find(currency string, day Date, country string) (rateFound, bool) {
	if f, ok := t.published(currency, day, country); ok {
		return f, true
	}
	if s, ok := t.successors[currency]; ok && day >= s.since {
		if f, ok := t.find(s.successor, day, country); ok {
			return rateFound{multiply(f.rate, s.units), f.day, f.source + " " + currency + "/" + s.successor}, true
		}
	}
	if s, ok := t.replaced[currency]; ok && day < s.since {
		if f, ok := t.published(s.old, day, country); ok {
			return rateFound{divide(f.rate, s.units, RateScale), f.day, f.source + " " + s.old + "/" + currency}, true
		}
	}
	return rateFound{}, false
}

// published is a rate that was published for the currency itself.
func (t *Rates) published(currency string, day Date, country string) (rateFound, bool) {
	if r, ok := latest(t.un[currency], day); ok {
		return rateFound{r.rate, r.day, "fx_un"}, true
	}
	if usd, ok := latest(t.ecb["USD"], day); ok {
		if currency == "EUR" {
			return rateFound{divide(Decimal(decimalOf(one)), usd.rate, RateScale), usd.day, "fx_ecb"}, true
		}
		if cur, ok := latest(t.ecb[currency], day); ok && cur.day == usd.day {
			return rateFound{divide(cur.rate, usd.rate, RateScale), usd.day, "fx_ecb"}, true
		}
	}
	year := int32(day.Year())
	if country != "" && ownCurrency(country) == currency {
		if r, ok := t.wb[country][year]; ok {
			return rateFound{r, DateOf(day.Year(), 12, 31), "fx_wb"}, true
		}
	}
	if r, ok := t.dac[currency][year]; ok {
		return rateFound{r, DateOf(day.Year(), 12, 31), "fx_dac"}, true
	}
	return rateFound{}, false
}

// latest is the last entry on or before day, if it still holds.
func latest(s []dated, day Date) (dated, bool) {
	i := sort.Search(len(s), func(i int) bool { return s[i].day > day })
	if i == 0 || day-s[i-1].day > rateHolds {
		return dated{}, false
	}
	return s[i-1], true
}

// stepConvert adds nominal US dollars at the rate of a transaction's value date,
// which the standard has for that, or of its own date where none is published; a
// period's money at the rate of the value date where that lies in the row's
// period, else of the middle of the period: what is planned for 2018 is not dollars of
// the day on which it was decided. Without a rate usd stays null and the row is
// flagged; no other day's rate is borrowed.
func stepConvert(t *Rates) Step {
	return each(func(r *Row) {
		if r.Currency == "USD" {
			r.USD, r.HasUSD, r.Rate, r.RateSource = r.Amount, true, decimalOf(one), "usd"
			return
		}
		day := r.ValueDate
		switch {
		case r.Start == NoDate:
		case day == NoDate, r.Start != r.End && (day < r.Start || day > r.End):
			day = r.Start + (r.End-r.Start)/2
		case r.Start == r.End:
			r.PricedIn = int32(day.Year())
		}
		found, ok := t.At(r.Currency, day, r.Country)
		if !ok {
			r.flag("no_rate")
			return
		}
		r.USD, r.HasUSD = divide(r.Amount, found.rate, RateScale), true
		if strings.Contains(found.source, "/") {
			r.flag("currency_replaced")
		}
		r.Rate, r.RateDate, r.RateSource = found.rate, found.day, found.source
	})
}

// ownCurrency is today's currency of a country, "" when unknown.
func ownCurrency(iso3 string) string {
	if iso3 == "XKX" {
		return "EUR"
	}
	region, err := language.ParseRegion(iso3)
	if err != nil {
		return ""
	}
	c, ok := currency.FromRegion(region)
	if !ok {
		return ""
	}
	return c.String()
}

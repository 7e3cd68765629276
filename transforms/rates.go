package transforms

import (
	"sort"

	"golang.org/x/text/currency"
	"golang.org/x/text/language"

	"hrinvest/extractors"
)

// Rates answers how many units of a currency a US dollar cost, from the rate
// observations of the reference sources. The priority is: UN operational rates,
// ECB reference rates crossed over the euro, World Bank period averages.
type Rates struct {
	un, ecb map[string][]dated // by currency, sorted by day once asked
	wb      map[string]map[int32]Decimal
	sorted  bool
}

type dated struct {
	day  Date
	rate Decimal
}

// Longest time a published rate is taken to hold: UN rates come out monthly, the
// bundled selections of both quarterly.
const rateHolds = 100 // days

// NewRates returns an empty table; Observe fills it.
func NewRates() *Rates {
	return &Rates{un: map[string][]dated{}, ecb: map[string][]dated{}, wb: map[string]map[int32]Decimal{}}
}

// Observe takes an observation; other indicators than rates are passed over.
func (t *Rates) Observe(o extractors.Observation) {
	rate, _, err := ParseDecimal(o.Value, RateScale)
	if err != nil || rate.Sign() <= 0 {
		return
	}
	day, err := ParseDate(o.PeriodStart)
	switch o.Indicator {
	case "fx_un", "fx_ecb":
		if err != nil || day == NoDate {
			return
		}
		series := t.un
		if o.Indicator == "fx_ecb" {
			series = t.ecb
		}
		series[o.Area] = append(series[o.Area], dated{day, rate})
		t.sorted = false
	case "fx_wb":
		year := atoi(o.Year)
		if year < 0 {
			return
		}
		if t.wb[o.Area] == nil {
			t.wb[o.Area] = map[int32]Decimal{}
		}
		t.wb[o.Area][int32(year)] = rate
	}
}

// rateFound is a rate with its provenance.
type rateFound struct {
	rate   Decimal
	day    Date
	source string
}

// At returns the rate of a currency on a day; country, where known, is whose
// World Bank average may stand in for its own currency.
func (t *Rates) At(currency string, day Date, country, ownCurrency string) (rateFound, bool) {
	if !t.sorted {
		for _, series := range [...]map[string][]dated{t.un, t.ecb} {
			for _, s := range series {
				sort.SliceStable(s, func(i, j int) bool { return s[i].day < s[j].day })
			}
		}
		t.sorted = true
	}
	if day == NoDate {
		return rateFound{}, false
	}
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
	if country != "" && ownCurrency == currency {
		if r, ok := t.wb[country][int32(day.Year())]; ok {
			return rateFound{r, DateOf(day.Year(), 12, 31), "fx_wb"}, true
		}
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

// stepConvert adds nominal US dollars at the period's rate: of the value date
// where one is published, else of the transaction date or the middle of the
// period. Without a rate usd stays null and the row is flagged; no other day's
// rate is borrowed.
func stepConvert(t *Rates) Step {
	return each(func(r *Row) {
		if r.Currency == "USD" {
			r.USD, r.HasUSD, r.Rate, r.RateSource = r.Amount, true, decimalOf(one), "usd"
			return
		}
		day := r.ValueDate
		if day == NoDate && r.Start != NoDate {
			day = r.Start + (r.End-r.Start)/2
		}
		found, ok := t.At(r.Currency, day, r.Country, ownCurrency(r.Country))
		if !ok {
			r.flag("no_rate")
			return
		}
		r.USD, r.HasUSD = divide(r.Amount, found.rate, RateScale), true
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

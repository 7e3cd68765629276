package transforms

import (
	"math/big"
	"strconv"
	"strings"

	"hrinvest/extractors"
)

// Deflators puts nominal US dollars into the prices of one year.
//
// Money of a donor is deflated as the OECD's statistics of donors do it: by the
// DAC deflator of the financing entity's country, or of all DAC countries for a
// multilateral entity. It holds the donor's inflation and its exchange rate:
//
//	constant = current of year t x 100 / deflator of year t   (base year = 100)
//
// Domestic money is deflated where it is spent: back to national currency at the
// year's average rate, to the base year's prices by the GDP deflator, and to
// dollars at the base year's rate:
//
//	constant = current x (rate t / rate base) x (prices base / prices t)
//
// A donor the DAC does not deflate takes this second way with its own country's
// series. A factor whose four values do not all come from one publisher is not
// made: the row has no constant dollars and says so.
type Deflators struct {
	base int32
	// By area (alpha-3, DAC) and year.
	dac              map[string]map[int32]Decimal
	prices, rates    map[string]map[int32]Decimal // World Bank
	imfPrices        map[string]map[int32]Decimal // IMF, staff estimates among them
	imfLocal, imfUSD map[string]map[int32]Decimal // gross domestic product
	asked            map[deflatorAsked]deflatorAnswer
}

type deflatorAsked struct {
	of   string // "dac" or "gdp"
	area string
	year int32
}

type deflatorAnswer struct {
	factor Decimal // at RateScale
	name   string
	ok     bool
}

// DefaultPriceYear is the base year of constant prices where none is chosen: the
// one in which need and spend were last compared in published work.
const DefaultPriceYear = 2022

// dacTotal is the area of all DAC countries together.
const dacTotal = "DAC"

// NewDeflators returns a table without deflators, for constant prices of a year.
func NewDeflators(base int) *Deflators {
	if base == 0 {
		base = DefaultPriceYear
	}
	m := func() map[string]map[int32]Decimal { return map[string]map[int32]Decimal{} }
	return &Deflators{base: int32(base), dac: m(), prices: m(), rates: m(), imfPrices: m(), imfLocal: m(), imfUSD: m(), asked: map[deflatorAsked]deflatorAnswer{}}
}

// Observe takes an observation; other indicators are passed over.
func (t *Deflators) Observe(o extractors.Observation) {
	series, ok := map[string]map[string]map[int32]Decimal{
		"dac_deflator": t.dac, "gdp_deflator": t.prices, "fx_wb": t.rates,
		"imf_deflator": t.imfPrices, "imf_ngdp": t.imfLocal, "imf_ngdpd": t.imfUSD,
	}[o.Indicator]
	if !ok {
		return
	}
	value, _, err := ParseDecimal(o.Value, RateScale)
	year := atoi(o.Year)
	if err != nil || value.Sign() <= 0 || year <= 0 || o.Year == "" || o.Area == "" {
		return
	}
	if series[o.Area] == nil {
		series[o.Area] = map[int32]Decimal{}
	}
	series[o.Area][int32(year)] = value
	clear(t.asked)
}

// Donor is the factor for money of a donor of a country ("DAC": of several).
func (t *Deflators) Donor(area string, year int32) (factor Decimal, name string, ok bool) {
	a := t.ask(deflatorAsked{"dac", area, year}, func() deflatorAnswer {
		series := t.dac[area]
		now, ok := series[year]
		base, based := series[t.base]
		if ok && based { // the base year's own value is 100 where the table has this base
			return deflatorAnswer{divide(base, now, RateScale), "dac:" + area, true}
		}
		if area == dacTotal {
			return deflatorAnswer{}
		}
		return t.gdp(area, year)
	})
	return a.factor, a.name, a.ok
}

// Domestic is the factor for money of a country's own.
func (t *Deflators) Domestic(country string, year int32) (factor Decimal, name string, ok bool) {
	a := t.ask(deflatorAsked{"gdp", country, year}, func() deflatorAnswer { return t.gdp(country, year) })
	return a.factor, a.name, a.ok
}

func (t *Deflators) ask(key deflatorAsked, find func() deflatorAnswer) deflatorAnswer {
	a, ok := t.asked[key]
	if !ok {
		a = find()
		t.asked[key] = a
	}
	return a
}

func (t *Deflators) gdp(country string, year int32) deflatorAnswer {
	if f, ok := factor(t.rates[country], t.prices[country], year, t.base); ok {
		return deflatorAnswer{f, "wb:" + country, true}
	}
	if f, ok := t.imf(country, year); ok {
		return deflatorAnswer{f, "imf:" + country, true}
	}
	return deflatorAnswer{}
}

// factor is rate/rate of the base year x prices of the base year/prices.
func factor(rates, prices map[int32]Decimal, year, base int32) (Decimal, bool) {
	r, ok1 := rates[year]
	rb, ok2 := rates[base]
	p, ok3 := prices[year]
	pb, ok4 := prices[base]
	if !ok1 || !ok2 || !ok3 || !ok4 {
		return Decimal{}, false
	}
	return fraction(r, pb, rb, p), true
}

// imf is the factor with the rate that gross domestic product in national
// currency and in dollars imply.
func (t *Deflators) imf(country string, year int32) (Decimal, bool) {
	implied := map[int32]Decimal{}
	for _, y := range [...]int32{year, t.base} {
		local, ok := t.imfLocal[country][y]
		usd, ok2 := t.imfUSD[country][y]
		if !ok || !ok2 {
			return Decimal{}, false
		}
		implied[y] = divide(local, usd, RateScale)
	}
	return factor(implied, t.imfPrices[country], year, t.base)
}

// fraction is a*b/(c*d) of numbers at RateScale, rounded half-even.
func fraction(a, b, c, d Decimal) Decimal {
	num := new(big.Int).Mul(a.BigInt(), b.BigInt())
	num.Mul(num, decimalOf(one).BigInt())
	return rounded(num, new(big.Int).Mul(c.BigInt(), d.BigInt()))
}

// stepConstant adds US dollars in the prices of the base year to rows that have
// nominal dollars and a year. Dollars made with the rate of another year than the
// row's, a value date's, are deflated from that year: rate and deflator go together.
func stepConstant(t *Deflators, g *Gazetteer) Step {
	return each(func(r *Row) {
		if !r.HasUSD || r.Year == 0 {
			return
		}
		var f Decimal
		var ok bool
		year := r.Year
		if r.PricedIn != 0 {
			year = r.PricedIn
		}
		if r.Domestic || r.FunderType == "domestic_public" {
			f, r.Deflator, ok = t.Domestic(r.Country, year)
		} else if area := t.donorArea(r, g); area != "" {
			f, r.Deflator, ok = t.Donor(area, year)
		}
		if ok {
			r.USDConstant, r.PriceYear = multiply(r.USD, f), t.base
			if year != r.Year {
				r.Deflator += ":" + strconv.Itoa(int(year))
			}
		}
	})
}

// donorArea is the country whose prices a funder's money follows: its own, or
// DAC for multilateral entities and for foundations and companies whose country
// is not known. Of a funder of whom nothing is known there is none.
func (t *Deflators) donorArea(r *Row, g *Gazetteer) string {
	if r.FunderType == "multilateral" {
		if _, own := t.dac[r.FunderID]; own && r.FunderID != "" { // the European Union's institutions
			return r.FunderID
		}
		return dacTotal
	}
	if r.FunderCountry != "" {
		return r.FunderCountry
	}
	if country, ok := countryOfRef(r.FunderID, g); ok {
		return country
	}
	switch r.FunderType {
	case "philanthropic", "private":
		return dacTotal
	}
	return ""
}

// countryOfRef is the country in which an organisation is registered, from its
// IATI identifier: "GB-CHC-1017336" in the United Kingdom's register, "XM-DAC-7"
// for the DAC's code of the Netherlands.
func countryOfRef(ref string, g *Gazetteer) (string, bool) {
	if code, ok := strings.CutPrefix(ref, "XM-DAC-"); ok {
		code, _, _ = strings.Cut(code, "-") // agencies are the donor's, then theirs
		if _, err := strconv.Atoi(code); err != nil {
			return "", false
		}
		return g.Country("dac", code, "")
	}
	prefix, _, ok := strings.Cut(ref, "-")
	if !ok || len(prefix) != 2 {
		return "", false
	}
	return g.Country("iso2", prefix, "")
}

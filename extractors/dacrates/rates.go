package dacrates

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strconv"

	"hrinvest/extractors/series"
)

// tolerance is by what part two rates of one currency and year may differ, for
// they are ratios of rounded amounts. Of 387 rates of the euro from 1999 to 2023,
// none is farther than 0.014 per cent from the middle one.
var tolerance = big.NewRat(1, 2000)

// settle leaves one rate of each currency and year. Donors of one currency must
// agree: one that differs from the middle one is rejected, and all are where those
// that agree are not most. Of those that agree, the first in currencies.csv is
// taken (Germany's for the euro).
func (e *edition) settle() error {
	slices.SortStableFunc(e.rates, func(a, b figure) int {
		return cmp.Or(cmp.Compare(a.donor.currency, b.donor.currency), cmp.Compare(a.year, b.year), cmp.Compare(a.donor.order, b.donor.order))
	})
	var kept []figure
	for all := e.rates; len(all) > 0; {
		n := 1
		for n < len(all) && all[n].donor.currency == all[0].donor.currency && all[n].year == all[0].year {
			n++
		}
		one, err := e.one(all[:n])
		if err != nil {
			return err
		}
		kept, all = append(kept, one...), all[n:]
	}
	e.rates = kept
	return nil
}

// one chooses among the rates of one currency and year.
func (e *edition) one(rates []figure) ([]figure, error) {
	if rates[0].donor.currency == "USD" && !series.One(rates[0].value) {
		return nil, e.Reject(rates[0].locator, fmt.Sprintf("a US dollar costs %s US dollars", rates[0].value), rates[0].fields()...)
	}
	middle := slices.SortedFunc(slices.Values(rates), func(a, b figure) int { return exact(a.value).Cmp(exact(b.value)) })[(len(rates)-1)/2]
	agree := slices.DeleteFunc(slices.Clone(rates), func(f figure) bool { return !near(f.value, middle.value) })
	most := 2*len(agree) > len(rates)
	for _, f := range rates {
		reason := fmt.Sprintf("%s has %s %s per USD in %d, where most have %s", f.donor.iso3, f.value, f.donor.currency, f.year, middle.value)
		switch {
		case !most:
			reason = fmt.Sprintf("the rates of the donors with %s do not agree in %d: %s has %s", f.donor.currency, f.year, f.donor.iso3, f.value)
		case near(f.value, middle.value):
			continue
		}
		if err := e.Reject(f.locator, reason, f.fields()...); err != nil {
			return nil, err
		}
	}
	if !most {
		return nil, nil
	}
	if len(agree) > 1 {
		e.skipped["the currency's rate is taken from another donor, and agrees"] += len(agree) - 1
	}
	return agree[:1], nil
}

// fields quotes a rate.
func (f figure) fields() []string { return []string{f.donor.iso3, strconv.Itoa(f.year), f.value} }

func near(a, b string) bool {
	x, y := exact(a), exact(b)
	apart := new(big.Rat).Sub(x, y)
	return apart.Abs(apart).Cmp(new(big.Rat).Mul(y, tolerance)) <= 0
}

// exact is a value that series.Positive let through.
func exact(s string) *big.Rat {
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return new(big.Rat)
	}
	return r
}

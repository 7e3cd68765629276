package ocds

import (
	"math/big"
	"regexp"
	"strings"
)

// published is a number that can be multiplied without surprises.
var published = regexp.MustCompile(`^[0-9]{1,18}(\.[0-9]{1,10})?$`)

// values are what the items of each use cost together, where every item has a
// price and a quantity, in the contract's currency, and all of them make up the
// contract's value to the last digit. Else a contract is not split: an estimate
// would stand where a figure was published.
func (b purchase) values(of terms) (amounts map[string]string, ok bool) {
	if len(b.uses) < 2 || len(b.items) == 0 || !published.MatchString(of.amount) {
		return nil, false
	}
	sums, total, digits := map[string]*big.Rat{}, new(big.Rat), 0
	for n, i := range b.items {
		if i.priced != of.currency || !published.MatchString(i.price) || !published.MatchString(i.quantity) {
			return nil, false
		}
		cost := new(big.Rat).Mul(number(i.price), number(i.quantity))
		digits = max(digits, decimals(i.price)+decimals(i.quantity))
		if sums[b.of[n]] == nil {
			sums[b.of[n]] = new(big.Rat)
		}
		sums[b.of[n]].Add(sums[b.of[n]], cost)
		total.Add(total, cost)
	}
	if total.Cmp(number(of.amount)) != 0 {
		return nil, false
	}
	amounts = map[string]string{}
	for use, sum := range sums {
		if sum.Sign() == 0 {
			return nil, false
		}
		text := sum.FloatString(digits) // exact: factors have no more digits
		if strings.Contains(text, ".") {
			text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
		}
		amounts[use] = text
	}
	return amounts, true
}

func number(text string) *big.Rat {
	r, _ := new(big.Rat).SetString(text)
	return r
}

func decimals(text string) int {
	_, fraction, _ := strings.Cut(text, ".")
	return len(fraction)
}

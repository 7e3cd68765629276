package transforms

import (
	"strings"

	"hrinvest/extractors"
)

const hundred = 100 * one // 100 per cent at share scale

// percentages reads the published percentages of a split as weights at share
// scale. ok is false when one is missing, unreadable or negative.
func percentages(shares []extractors.Share) (weights []uint64, sum uint64, ok bool) {
	weights = make([]uint64, len(shares))
	for i, s := range shares {
		d, _, err := ParseDecimal(strings.TrimSuffix(strings.TrimSpace(s.Percentage), "%"), ShareScale)
		if err != nil || d.Sign() < 0 || d.HighBits() != 0 || d.LowBits() > 10000*one {
			return nil, 0, false
		}
		weights[i] = d.LowBits()
		sum += weights[i]
	}
	return weights, sum, sum > 0
}

// offByDigits says whether percentages that sum to less than 100 miss it by no more than
// their digits do: 33.33 thrice is all there is, 99.5 leaves half a per cent to
// nobody. One unit of the last digit is allowed for each percentage, a hundredth at
// least, and less than one per cent altogether. What is rounded is rebased, and
// flagged as every sum is that is not 100.
func offByDigits(weights []uint64, sum uint64) bool {
	unit := uint64(one) // of the last digit in use
	var n uint64
	for _, w := range weights {
		for unit > one/100 && w%unit != 0 {
			unit /= 10
		}
		if w > 0 {
			n++
		}
	}
	return sum < hundred && hundred-sum <= min(n*unit, one-1)
}

// near100 says whether percentages miss 100 by less than one: what exceeds it so
// little was meant to be all.
func near100(sum uint64) bool { return sum > hundred-one && sum < hundred+one }

// complete says whether percentages give everything to somebody.
func complete(weights []uint64, sum uint64) bool { return sum >= hundred || offByDigits(weights, sum) }

// shared says whether two lists are one: an activity's statements share those of
// the activity, so that what was made of a list holds for the next statement.
// It holds within a group, whose lists stay alive.
func shared(a, b []extractors.Share) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

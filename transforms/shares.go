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

// near100 says whether percentages miss 100 by no more than rounding.
func near100(sum uint64) bool { return sum > hundred-one && sum < hundred+one }

// shared says whether two lists are one: an activity's statements share those of
// the activity, so that what was made of a list holds for the next statement.
// It holds within a group, whose lists stay alive.
func shared(a, b []extractors.Share) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

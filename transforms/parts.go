package transforms

import (
	"strings"

	"github.com/apache/arrow/go/v17/arrow/decimal128"
)

// stepParts applies the mechanism of parts and remainder to the statements of a
// group that name their whole (Disclosure.PartOf).
//
// When the parts have the whole's kind, currency and period and do not exceed
// it, the parts count; of the whole only the remainder counts, and the rest
// stays in the ledger as a row excluded by "parts". A difference that is mere
// rounding leaves no remainder. Otherwise the whole counts and its parts are
// excluded by "part_of". Either way each dollar counts once and the rows of
// every statement still sum to what was published.
//
// It runs on whole statements, before anything splits them.
func stepParts(group []Row) ([]Row, error) {
	whole := map[string]int{}
	parts := map[string][]int{}
	for i := range group {
		if group[i].Problem == "" {
			whole[group[i].D.Key] = i
		}
	}
	for i := range group {
		d := group[i].D
		if _, ok := whole[d.PartOf]; d.PartOf != "" && ok && group[i].Problem == "" {
			parts[d.PartOf] = append(parts[d.PartOf], i)
		}
	}
	if len(parts) == 0 {
		return group, nil
	}
	var extra []Row
	settled := make([]bool, len(group))
	// settle decides row i and all below it; under names the whole that counts
	// in its place, if one does.
	var settle func(i int, under string)
	settle = func(i int, under string) {
		w := &group[i]
		settled[i] = true
		of := parts[w.D.Key]
		if under != "" {
			w.exclude("part_of", "")
			w.StandsForKey = under
		} else if len(of) > 0 {
			if r, ok := remainder(w, group, of); !ok {
				under = w.D.Key
			} else if r.Amount.Sign() != 0 {
				extra = append(extra, r)
			}
		}
		for _, p := range of {
			settle(p, under)
		}
	}
	for i := range group {
		_, hasWhole := whole[group[i].D.PartOf]
		if group[i].Problem == "" && (group[i].D.PartOf == "" || !hasWhole) {
			settle(i, "")
		}
	}
	for i := range group {
		if !settled[i] && group[i].Problem == "" {
			group[i].reject("part_of leads back to itself", "часть записи ведёт к самой себе")
		}
	}
	return append(group, extra...), nil
}

// remainder turns w into the ledger row of what its parts cover and returns
// what they leave. It changes nothing and returns false when the parts do not
// add up to their whole.
func remainder(w *Row, group []Row, parts []int) (Row, bool) {
	var sum Decimal
	for _, p := range parts {
		if !sameTerms(&group[p], w) {
			return Row{}, false
		}
		sum = sum.Add(group[p].Amount)
	}
	difference := w.Amount.Sub(sum)
	if rounding(difference, w.Amount) {
		w.Split, w.Path = join(w.Split, "parts"), join(w.Path, "parts")
		if difference.Sign() != 0 {
			w.flag("parts_rounded")
		}
		w.exclude("parts", w.D.Group)
		return Row{}, true // the parts are the whole: nothing is left
	}
	if sum.Sign()*w.Amount.Sign() < 0 || sum.Abs().Cmp(w.Amount.Abs()) > 0 {
		return Row{}, false
	}
	r := *w
	r.Amount, r.Split, r.Path = difference, join(w.Split, "remainder"), join(w.Path, "remainder")
	r.Share = shareOf(r.Amount, w.Amount)
	r.flag("remainder")
	w.Amount, w.Split, w.Path = sum, join(w.Split, "parts"), join(w.Path, "parts")
	w.Share = one - r.Share
	w.exclude("parts", w.D.Group)
	return r, true
}

// rounding says whether parts miss their whole by no more than publishers round
// away: one unit of the currency, and at most a thousandth of the whole.
func rounding(difference, whole Decimal) bool {
	unit := decimalOf(1_000_000) // at MoneyScale
	return difference.Abs().Cmp(unit) <= 0 && difference.Abs().Mul(decimalOf(1000)).Cmp(whole.Abs()) <= 0
}

// sameTerms says whether two statements speak of one kind of money in one
// currency over one published period (dates, or a grant cycle). Where no period
// was published, none is shared.
func sameTerms(a, b *Row) bool {
	if a.Start == NoDate && a.D.Cycle == "" {
		return false
	}
	return a.D.Kind == b.D.Kind && a.Currency == b.Currency && a.Start == b.Start && a.End == b.End &&
		strings.EqualFold(a.D.Cycle, b.D.Cycle)
}

// shareOf is part/whole at scale 12, for a part between 0 and the whole.
func shareOf(part, whole Decimal) uint64 {
	if whole.Sign() == 0 {
		return one
	}
	q := divide(part, whole, ShareScale)
	if q.Sign() < 0 || q.Cmp(decimal128.FromU64(one)) > 0 {
		return one
	}
	return q.LowBits()
}

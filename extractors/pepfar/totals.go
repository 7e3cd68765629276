package pepfar

import (
	"fmt"
	"math/big"
	"math/bits"
	"slices"

	"hrinvest/extractors"
)

// isTotal says whether a row sums up others: it says so, or leaves empty what
// every line has. The structured file has no such rows but for places.
func (r *record) isTotal() bool {
	if isTotal(r.get(operatingUnit)) || isTotal(r.get(country)) {
		return true
	}
	l := r.of.layout
	if len(l.years) == 0 {
		return false
	}
	for _, c := range dimensions {
		if isTotal(r.get(c)) {
			return true
		}
	}
	leading := program
	if l.has(budgetCode) {
		leading = budgetCode
	}
	return isTotal(r.get(budgetCode)) || isTotal(r.get(recordType)) || r.get(leading) == "" || l.has(country) && r.get(country) == ""
}

// ofAll says whether a total is of everything in its place, not of one program.
func (r *record) ofAll() bool {
	for _, c := range append(dimensions[:], budgetCode, recordType) {
		if v := r.get(c); v != "" && !isTotal(v) {
			return false
		}
	}
	return true
}

// wholesOf finds, for each statement by program of a group, the narrowest one it
// is a part of: the same classification with fewer dimensions filled. -1: none.
func wholesOf(group []statement, records []*record) []int {
	type line struct {
		of     *source
		values [len(dimensions)]string
	}
	filled := func(values [len(dimensions)]string) (mask uint) {
		for i, v := range values {
			if v != "" {
				mask |= 1 << i
			}
		}
		return mask
	}
	wholes := make([]int, len(group))
	lines := make([]line, len(group))
	at := map[line]int{}
	var masks []uint
	for i, r := range records {
		wholes[i] = -1
		if m := group[i].measure; m != spentByProgram && m != budgetByProgram {
			continue
		}
		lines[i].of = r.of
		for j, c := range dimensions {
			lines[i].values[j] = foldName(r.get(c))
		}
		if _, ok := at[lines[i]]; !ok {
			at[lines[i]] = i
		}
		if m := filled(lines[i].values); !slices.Contains(masks, m) {
			masks = append(masks, m)
		}
	}
	slices.SortFunc(masks, func(a, b uint) int { return bits.OnesCount(b) - bits.OnesCount(a) })
	for i, l := range lines {
		if l.of == nil {
			continue
		}
		own := filled(l.values)
		for _, m := range masks {
			if m == own || m&own != m {
				continue
			}
			whole := line{of: l.of}
			for j := range whole.values {
				if m&(1<<j) != 0 {
					whole.values[j] = l.values[j]
				}
			}
			if w, ok := at[whole]; ok {
				wholes[i] = w
				break
			}
		}
	}
	return wholes
}

// total is a published total of a place and year.
type total struct {
	record *record
	cell   cell
	amount string
}

// sumOf names what lines add up to: a place ("" all) in a document and year.
type sumOf struct {
	of                           *source
	operatingUnit, country, year string
}

type sum struct {
	amount big.Rat
	lines  int64
}

func placeSum(r *record, year string) sumOf {
	name := func(c column) string {
		if v := r.get(c); !isTotal(v) {
			return foldName(v)
		}
		return ""
	}
	return sumOf{r.of, name(operatingUnit), name(country), year}
}

// note remembers a published total, to be compared with its lines.
func (b *book) note(r *record, c cell, amount string) {
	if len(r.of.layout.years) > 0 && r.ofAll() {
		b.totals = append(b.totals, total{r, c, amount})
	}
}

// count adds a line to the sums of its country, its operating unit and all.
func (b *book) count(r *record, s statement) {
	k := placeSum(r, s.year)
	if len(b.totals) == 0 {
		return
	}
	amount, ok := new(big.Rat).SetString(s.amount)
	if !ok {
		return // plainAmount gives nothing else
	}
	keys := []sumOf{k, {k.of, k.operatingUnit, "", k.year}, {k.of, "", "", k.year}}
	for _, k := range slices.Compact(keys) {
		if b.sums[k] == nil {
			b.sums[k] = &sum{}
		}
		b.sums[k].amount.Add(&b.sums[k].amount, amount)
		b.sums[k].lines++
	}
}

// differences are the published totals that their lines do not add up to, by
// more than a dollar of rounding a line. Neither is corrected: the lines are
// flows, the total stands beside them.
func (b *book) differences() (list []extractors.Observation) {
	for _, t := range b.totals {
		published, ok := new(big.Rat).SetString(t.amount)
		if !ok {
			continue
		}
		lines := b.sums[placeSum(t.record, t.cell.year)]
		if lines == nil {
			lines = &sum{}
		}
		difference := new(big.Rat).Sub(published, &lines.amount)
		if new(big.Rat).Abs(difference).Cmp(new(big.Rat).SetInt64(lines.lines)) <= 0 {
			continue
		}
		list = append(list, t.observation(lines, difference))
	}
	return list
}

func (t total) observation(lines *sum, difference *big.Rat) extractors.Observation {
	r, k := t.record, placeSum(t.record, t.cell.year)
	o := extractors.Observation{
		Document: r.of.doc.SHA256, Locator: r.locator(t.cell.at),
		Indicator: "pepfar_published_total", Area: "WORLD", Subgroup: measureNames[t.cell.measure],
		Year: t.cell.year, Value: t.amount, Unit: "USD",
		Note: fmt.Sprintf("US fiscal year; the lines of the same table (%d) add up to %s, a difference of %s",
			lines.lines, lines.amount.FloatString(2), difference.FloatString(2)),
	}
	if k.operatingUnit != "" || k.country != "" {
		p := place(r)
		o.Area, o.AreaName = p.Code, p.Name
	}
	return o
}

package dacrates

import (
	"fmt"
	"slices"
	"strings"
)

// fewestDonors is how many donors must have the value 100 for a year to be the
// base year.
const fewestDonors = 3

// baseYear finds the year in which the deflator of every donor is 100, and says
// why it cannot.
func baseYear(deflators []figure) (base int, problem string) {
	hundreds, others := map[int]int{}, map[int]bool{}
	for _, f := range deflators {
		if hundred(f.value) {
			hundreds[f.year]++
		} else {
			others[f.year] = true
		}
	}
	var found []int
	for year, n := range hundreds {
		if n >= fewestDonors && !others[year] {
			found = append(found, year)
		}
	}
	slices.Sort(found)
	switch len(found) {
	case 1:
		return found[0], ""
	case 0:
		return 0, "the base year cannot be told: in no year is the deflator of every donor 100"
	}
	return 0, fmt.Sprintf("the base year cannot be told: in each of the years %v the deflator of every donor is 100", found)
}

func hundred(value string) bool {
	whole, rest, _ := strings.Cut(value, ".")
	return whole == "100" && strings.Trim(rest, "0") == ""
}

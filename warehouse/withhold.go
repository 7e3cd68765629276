package warehouse

import "fmt"

// Withheld lists the countries (ISO 3166-1 alpha-3) where implementers are
// withheld by default, from reference/withhold.csv.
func Withheld() (map[string]bool, error) {
	rows, err := readCSV(files, "reference/withhold.csv", "country", "reason", "source")
	if err != nil {
		return nil, fmt.Errorf("reading withheld countries: %w", err)
	}
	out := map[string]bool{}
	for _, r := range rows {
		out[r[0]] = true
	}
	return out, nil
}

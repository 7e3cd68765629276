package iati

import (
	"cmp"
	"embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
)

//go:embed publishers.csv first.csv
var choiceTables embed.FS

// choice is which datasets of the registry are fetched, and in which order: all
// datasets of the publishers of publishers.csv, those that first.csv names by the
// beginning of their names before all others.
type choice struct {
	publishers []string
	first      []string
	place      map[string]int // of a publisher
}

func readChoice() (*choice, error) {
	c := &choice{place: map[string]int{}}
	var err error
	if c.publishers, err = firstColumn("publishers.csv"); err != nil {
		return nil, err
	}
	for i, p := range c.publishers {
		c.place[p] = i
	}
	c.first, err = firstColumn("first.csv")
	return c, err
}

func firstColumn(name string) (list []string, err error) {
	f, err := choiceTables.Open(name)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	for _, row := range rows[1:] {
		list = append(list, row[0])
	}
	return list, nil
}

// of returns the chosen ones of all datasets, in order. A dataset listed twice,
// or two with one address, are one.
func (c *choice) of(all []dataset) (chosen []dataset) {
	seen := map[string]bool{}
	for _, d := range all {
		if _, ok := c.place[d.publisher]; !ok || seen[d.publisher+"/"+d.name] || d.url != "" && seen[d.url] {
			continue
		}
		seen[d.publisher+"/"+d.name], seen[d.url] = true, true
		chosen = append(chosen, d)
	}
	slices.SortFunc(chosen, func(a, b dataset) int {
		return cmp.Or(c.rank(a)-c.rank(b), c.place[a.publisher]-c.place[b.publisher], strings.Compare(a.name, b.name))
	})
	return chosen
}

// rank is the line of first.csv that names the dataset, or one behind the last.
func (c *choice) rank(d dataset) int {
	i := slices.IndexFunc(c.first, func(prefix string) bool { return strings.HasPrefix(d.name, prefix) })
	if i < 0 {
		return len(c.first)
	}
	return i
}

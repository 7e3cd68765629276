package oecdcrs

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"strings"
)

//go:embed donors.csv
var donorTable string

//go:embed regions.csv
var regionTable string

// tables are what the CSV files of this folder say.
type tables struct {
	bulk, sdmx *columns
	scope      *scope
	donors     map[string]donorInfo // by DAC code, and by the interface's code
	regions    map[string]string    // any code of a region -> its DAC code
}

// donorInfo is a line of donors.csv.
type donorInfo struct {
	code string // of the DAC
	kind string // funder type of the contract
	ref  string // as the organisations of this project spell it; "": known by name only
	name string
}

func readTables() (*tables, error) {
	t := &tables{donors: map[string]donorInfo{}, regions: map[string]string{}}
	var err error
	if t.bulk, t.sdmx, err = readColumns(); err != nil {
		return nil, err
	}
	if t.scope, err = newScope(); err != nil {
		return nil, err
	}
	rows, err := csv.NewReader(strings.NewReader(donorTable)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("reading donors.csv: %w", err)
	}
	for _, r := range rows[1:] {
		d := donorInfo{r[0], r[2], r[3], r[4]}
		t.donors[r[0]] = d
		if r[1] != "" {
			t.donors[r[1]] = d
		}
	}
	if rows, err = csv.NewReader(strings.NewReader(regionTable)).ReadAll(); err != nil {
		return nil, fmt.Errorf("reading regions.csv: %w", err)
	}
	for _, r := range rows[1:] {
		for _, code := range r[:3] {
			if code != "" {
				t.regions[code] = r[0]
			}
		}
	}
	return t, nil
}

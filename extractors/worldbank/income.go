package worldbank

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"regexp"
	"strings"

	"hrinvest/extractors"
	"hrinvest/extractors/series"
)

//go:embed groups.csv
var groupsCSV string

// groups maps how a group is written to its code: in the interface the code
// itself, in the history of the groups L, LM, UM and H.
type groups map[string]string

func readGroups() (groups, error) {
	rows, err := csv.NewReader(strings.NewReader(groupsCSV)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("reading groups.csv: %w", err)
	}
	g := groups{}
	for _, row := range rows[1:] {
		g[row[0]] = row[0]
		if row[1] != "" {
			g[row[1]] = row[0]
		}
	}
	return g, nil
}

// group makes an observation of a country's group.
func group(locator, iso3, name, code, year, note string) extractors.Observation {
	o := extractors.Observation{
		Locator: locator, Indicator: "wb_income_group", Area: iso3, Year: year,
		ValueText: code, Unit: "income group", Note: note,
	}
	if !iso3Form.MatchString(iso3) { // a country that is no more
		o.Area, o.AreaName = "", name
	}
	return o
}

// country is an economy, or a group of them, in the list of the interface.
type country struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Region named  `json:"region"`
	Income named  `json:"incomeLevel"`
}

// The list of countries has no date: it says which group holds now.
const undated = "The list is undated: the group is the one that held when the document was made."

func (c country) observe(r *series.Reader, locator string, g groups) error {
	quoted := []string{c.ID, c.Name, c.Income.ID, c.Income.Value}
	code, known := g[c.Income.ID]
	switch {
	case c.Region.Value == "Aggregates" || c.Income.Value == "Aggregates": // not a country
		return nil
	case !iso3Form.MatchString(c.ID):
		return r.Reject(locator, fmt.Sprintf("%q is not a country code", c.ID), quoted...)
	case !known || code != c.Income.ID:
		return r.Reject(locator, fmt.Sprintf("%q is not an income group", c.Income.ID), quoted...)
	}
	return r.Observe(group(locator, c.ID, c.Name, code, "", undated))
}

// historyHeader begins the history of the groups: a row a country, a column a year.
var historyHeader = regexp.MustCompile(`^"?iso3"?,"?country"?,"?(19|20)\d\d`)

// The history's years are those of the income, not those in which a group held.
const yearOfIncome = "The year is that of the income the group goes by; the group held in the World Bank's fiscal year two years later (income of 1987: fiscal year 1989)."

// history reads the history of the groups. ".." and an empty cell say that there
// was none, a star that the table has a footnote to it.
func history(r *series.Reader, b []byte, g groups) error {
	var years []string
	return r.Table(b, func(h []string) string {
		if len(h) < 3 || h[0] != "iso3" || h[1] != "country" {
			return "not the history of the income groups: the columns iso3, country and the years are not all there"
		}
		for _, y := range h[2:] {
			if !yearForm.MatchString(y) {
				return fmt.Sprintf("not the history of the income groups: %q is not a year", y)
			}
			years = append(years, y)
		}
		return ""
	}, func(locator string, f []string) error {
		if problem := series.Short(f, len(years)+1); problem != "" {
			return r.Reject(locator, problem, f...)
		}
		iso3, name := strings.TrimSpace(f[0]), strings.TrimSpace(f[1])
		for i, year := range years {
			written := strings.TrimSpace(f[i+2])
			if written == "" || written == ".." { // footnotes are rows of empty cells
				continue
			}
			at := locator + " " + year
			short, starred := strings.CutSuffix(written, "*")
			code, known := g[short]
			problem := ""
			switch {
			case name == "" && !iso3Form.MatchString(iso3):
				problem = "a group of no country"
			case !known:
				problem = fmt.Sprintf("%q is not an income group", written)
			}
			if problem != "" {
				if err := r.Reject(at, problem, iso3, name, year, written); err != nil {
					return err
				}
				continue
			}
			note := yearOfIncome
			if starred {
				note += fmt.Sprintf(" Written %q: the table has a footnote to it.", written)
			}
			if err := r.Observe(group(at, iso3, name, code, year, note)); err != nil {
				return err
			}
		}
		return nil
	})
}

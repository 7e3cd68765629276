package dacrates

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// donorsCSV lists the donors that have a deflator of their own, and the total of
// the DAC countries: their codes in table DAC1 and the names that workbooks give
// them. Before table_from, a donor's amounts are so small that the ratio of two
// rounded ones, which is what the table has, says too little.
//
//go:embed donors.csv
var donorsCSV string

// currenciesCSV says from which year on a donor's rates are of a currency. Donors
// of one currency stand in the order in which they are asked for its rate.
//
//go:embed currencies.csv
var currenciesCSV string

// euInstitutions is the area of the donor whose row is the euro's in the workbook
// of exchange rates.
const euInstitutions = "XI-IATI-EC"

// allDAC is the area of the DAC countries together.
const allDAC = "DAC"

type donor struct {
	code, iso3, area string
	tableFrom        int
	currency         string
	currencyFrom     int
	order            int // in currencies.csv
}

// donors finds a donor by its code in DAC1 or by its name in a workbook.
type donors struct{ byCode, byName map[string]donor }

func readDonors() (donors, error) {
	currencies := map[string]donor{}
	rows, err := records(currenciesCSV)
	if err != nil {
		return donors{}, fmt.Errorf("reading currencies.csv: %w", err)
	}
	for i, r := range rows {
		from, err := since(r[2])
		if err != nil {
			return donors{}, fmt.Errorf("reading currencies.csv: %s: %w", r[0], err)
		}
		currencies[r[0]] = donor{currency: r[1], currencyFrom: from, order: i}
	}
	if rows, err = records(donorsCSV); err != nil {
		return donors{}, fmt.Errorf("reading donors.csv: %w", err)
	}
	out := donors{map[string]donor{}, map[string]donor{}}
	for _, r := range rows {
		d := currencies[r[2]]
		d.code, d.iso3, d.area = r[0], r[1], r[2]
		if d.tableFrom, err = since(r[4]); err != nil {
			return donors{}, fmt.Errorf("reading donors.csv: %s: %w", d.area, err)
		}
		out.byCode[d.code] = d
		for name := range strings.SplitSeq(r[3], "|") {
			out.byName[fold(name)] = d
		}
	}
	return out, nil
}

// records are the rows of a CSV of ours behind its header.
func records(text string) ([][]string, error) {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		return nil, err
	}
	return rows[1:], nil
}

func since(year string) (int, error) {
	if year == "" {
		return 0, nil
	}
	return strconv.Atoi(year)
}

// footnote is a mark behind a name: "(1)", "a)", "*".
var footnote = regexp.MustCompile(`\s*(\(\w{1,2}\)|\s\w\)|\*+)$`)

// named finds a donor by the name in a workbook.
func (ds donors) named(name string) (donor, bool) {
	if d, ok := ds.byName[fold(name)]; ok {
		return d, true
	}
	d, ok := ds.byName[fold(footnote.ReplaceAllString(oneLine(name), ""))]
	return d, ok
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func fold(s string) string { return strings.ToLower(oneLine(s)) }

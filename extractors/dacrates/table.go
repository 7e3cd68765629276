package dacrates

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"hrinvest/extractors/series"
)

// tableNote: how the values of a table came about.
const tableNote = "Computed by a re-publisher (https://github.com/jm-rivera/pydeflate) as the ratio of two amounts in table DAC1 of the OECD."

// columns are where in a table the fields stand.
type columns struct {
	year, code, iso3, name, exchange, deflator int
	problem                                    string // "" when all that are needed are there
}

// findColumns finds the columns by name, with or without the re-publisher's prefix.
func findColumns(header []string) (c columns) {
	var missing []string
	find := func(name string, needed bool) int {
		at := series.Column(header, name, "pydeflate_"+name)
		if at < 0 && needed {
			missing = append(missing, name)
		}
		return at
	}
	c.year, c.code, c.iso3 = find("year", true), find("entity_code", true), find("iso3", true)
	c.exchange, c.deflator, c.name = find("exchange", true), find("dac_deflator", true), find("entity", false)
	if len(missing) > 0 {
		c.problem = "not a table of DAC deflators: no column " + strings.Join(missing, ", ")
	}
	return c
}

var yearForm = regexp.MustCompile(`^(19|20)\d{2}$`)

// table reads a row for each donor and year. What pydeflate derives from the two
// values that are read (EXCHANGE_D, NGDP_D) is left alone.
func (e *edition) table(b []byte) error {
	var c columns
	var header []string
	seen := map[string]bool{}
	err := e.Table(b, func(h []string) string {
		c = findColumns(h)
		header = append(header, h...)
		return c.problem
	}, func(locator string, f []string) error {
		if problem := series.Short(f, c.year, c.code, c.iso3, c.exchange, c.deflator, c.name); problem != "" {
			return e.Reject(locator, problem, f...)
		}
		field := func(at int) string { return strings.TrimSpace(f[at]) }
		if !yearForm.MatchString(field(c.year)) {
			return e.Reject(locator, fmt.Sprintf("%q is not a year", f[c.year]), f...)
		}
		year, err := strconv.Atoi(field(c.year))
		if err != nil {
			return err
		}
		code, iso3 := field(c.code), field(c.iso3)
		if code == "" {
			return e.Reject(locator, "the row names no donor", f...)
		}
		d, ok := e.donors.byCode[code]
		switch {
		case !ok:
			e.skipped["a group of donors, or a donor without a deflator of its own"]++
			return nil
		case iso3 != d.iso3:
			return e.Reject(locator, fmt.Sprintf("code %s is %s, and the row says %q", code, d.iso3, iso3), f...)
		case seen[code+field(c.year)]:
			return e.Reject(locator, fmt.Sprintf("%s in %d stands in the table twice", d.iso3, year), f...)
		}
		seen[code+field(c.year)] = true
		row := figure{donor: d, year: year, rateNote: "Taken from the row of " + d.iso3 + "."}
		if c.name >= 0 {
			row.name = field(c.name)
		}
		return e.row(row, f, locator, header, c)
	})
	if err != nil || header == nil || c.problem != "" {
		return err
	}
	e.note = tableNote
	var problem string
	if e.base, problem = baseYear(e.deflators); problem != "" {
		return e.drop(problem) // a table without its base year is not whole
	}
	return e.settle()
}

// row takes the two values of a row.
func (e *edition) row(f figure, fields []string, locator string, header []string, c columns) error {
	for _, v := range [...]struct {
		at   int
		take func(figure)
	}{{c.deflator, e.takeDeflator}, {c.exchange, e.takeRate}} {
		f.value, f.locator = strings.TrimSpace(fields[v.at]), locator+" "+strings.TrimSpace(header[v.at])
		if f.value == "" {
			continue // of that year there is none
		}
		if problem := series.Positive(f.value); problem != "" {
			if err := e.Reject(f.locator, problem, fields...); err != nil {
				return err
			}
			continue
		}
		v.take(f)
	}
	return nil
}

func (e *edition) takeDeflator(f figure) {
	if f.year < f.donor.tableFrom {
		e.skipped["the donor's amounts were so small that the ratio of two rounded ones says too little"]++
		return
	}
	e.deflators = append(e.deflators, f)
}

// takeRate keeps a rate for settle where it is of a currency.
func (e *edition) takeRate(f figure) {
	switch {
	case f.donor.currency == "":
		e.skipped["the donor's rates are not read"]++
	case f.donor.currency != "USD" && series.One(f.value):
		e.skipped["the donor reported in US dollars that year"]++
	case f.year < f.donor.currencyFrom:
		e.skipped["the amounts of that year are not in the donor's currency of that year"]++
	default:
		e.rates = append(e.rates, f)
	}
}

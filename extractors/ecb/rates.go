package ecb

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"hrinvest/extractors"
	"hrinvest/extractors/series"
)

var currencyForm = regexp.MustCompile(`^[A-Z]{3}$`)

// read reads the table: a column per currency, a row per business day, newest
// first, "N/A" where a currency was not quoted.
func read(r *series.Reader, b []byte) error {
	var currencies []string
	days := map[string]bool{}
	return r.Table(b, func(h []string) (problem string) {
		currencies, problem = header(h)
		return problem
	}, func(locator string, f []string) error {
		day := strings.TrimSpace(f[0])
		date, err := time.Parse(time.DateOnly, day)
		switch {
		case err != nil || date.Year() < 1999: // there was no euro
			return r.Reject(locator, fmt.Sprintf("%q is not a date of the euro", f[0]), f...)
		case days[day]:
			return r.Reject(locator, day+" is in the table twice", f...)
		}
		days[day] = true
		if problem := series.Short(f, len(currencies)); problem != "" {
			return r.Reject(locator, problem, f...)
		}
		for i, currency := range currencies {
			value := strings.TrimSpace(f[i+1])
			if value == "" || value == "N/A" {
				continue
			}
			at := locator + " " + currency
			if problem := series.Positive(value); problem != "" {
				if err := r.Reject(at, problem, f[0], currency, value); err != nil {
					return err
				}
				continue
			}
			err := r.Observe(extractors.Observation{
				Locator: at, Indicator: "fx_ecb", Area: currency, PeriodStart: day,
				Year: day[:4], Value: value, Unit: currency + " per EUR",
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// header returns the currencies of the columns behind the date.
func header(h []string) (currencies []string, problem string) {
	if h[0] != "Date" {
		return nil, "not the euro reference rates: the first column is not Date"
	}
	for _, c := range h[1:] {
		currencies = append(currencies, strings.TrimSpace(c))
	}
	for n := len(currencies); n > 0 && currencies[n-1] == ""; n-- { // each line ends with a comma
		currencies = currencies[:n-1]
	}
	if len(currencies) == 0 {
		return nil, "not the euro reference rates: no currency"
	}
	for i, c := range currencies {
		if !currencyForm.MatchString(c) {
			return nil, fmt.Sprintf("not the euro reference rates: %q is not a currency code", c)
		}
		for _, before := range currencies[:i] {
			if c == before {
				return nil, fmt.Sprintf("two columns are called %s", c)
			}
		}
	}
	return currencies, ""
}

package rates

import (
	"fmt"
	"strings"

	"hrinvest/extractors"
)

// ecb reads the history of euro reference rates: a column per currency, a row
// per business day, newest first, "N/A" where a currency was not quoted.
func (p *parser) ecb() error {
	var currencies []string
	return p.table(func(h []string) string {
		if len(h) < 2 || h[0] != "Date" {
			return "not the euro reference rates: the first column is not Date"
		}
		for _, c := range h {
			currencies = append(currencies, strings.TrimSpace(c))
		}
		for currencies[len(currencies)-1] == "" { // each line ends with a comma
			currencies = currencies[:len(currencies)-1]
		}
		for _, c := range currencies[1:] {
			if !currencyForm.MatchString(c) {
				return fmt.Sprintf("not the euro reference rates: %q is not a currency code", c)
			}
		}
		return ""
	}, func(locator string, f []string) error {
		day, ok := isoDate(strings.TrimSpace(f[0]))
		if !ok {
			return p.rejectRaw(locator, fmt.Sprintf("%q is not a date", f[0]), f)
		}
		if len(f) < len(currencies) {
			return p.rejectRaw(locator, fmt.Sprintf("%d fields, but the header has %d", len(f), len(currencies)), f)
		}
		for i := 1; i < len(currencies); i++ {
			value := strings.TrimSpace(f[i])
			if value == "" || value == "N/A" {
				continue
			}
			at := locator + " " + currencies[i]
			if problem := rate(value); problem != "" {
				if err := p.rejectRaw(at, problem, []string{f[0], currencies[i], value}); err != nil {
					return err
				}
				continue
			}
			err := p.observe(extractors.Observation{
				Locator: at, Indicator: "fx_ecb", Area: currencies[i], PeriodStart: day,
				Year: day[:4], Value: value, Unit: currencies[i] + " per EUR",
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

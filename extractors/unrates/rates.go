package unrates

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"hrinvest/extractors"
	"hrinvest/extractors/series"
)

// rate is a record of the list in either form.
type rate struct {
	Currency string `xml:"f_curr_code"`
	Date     string `xml:"eff_date"`
	Rate     string `xml:"rate"`
}

// seen are the rates observed so far, by currency and day. The list repeats a
// currency for each country that uses it (the euro thirty times a day): equal
// rates are one observation, a different one is a problem.
type seen map[[2]string]string

// read reads a list as XML or CSV.
func (s seen) read(r *series.Reader, b []byte) error {
	if bytes.HasPrefix(bytes.TrimLeft(b, " \t\r\n"), []byte("<")) {
		return s.xml(r, b)
	}
	return s.csv(r, b)
}

func (s seen) csv(r *series.Reader, b []byte) error {
	var currency, date, value int
	return r.Table(b, func(h []string) string {
		currency, date, value = series.Column(h, "f_curr_code"), series.Column(h, "eff_date"), series.Column(h, "rate", "rate_lcu_per_usd")
		if currency < 0 || date < 0 || value < 0 {
			return "not the operational rates: the columns f_curr_code, eff_date and rate are not all there"
		}
		return ""
	}, func(locator string, f []string) error {
		if problem := series.Short(f, currency, date, value); problem != "" {
			return r.Reject(locator, problem, f...)
		}
		return s.one(r, locator, rate{f[currency], f[date], f[value]})
	})
}

// xml reads UN_OPERATIONAL_RATES elements, wherever they stand. The fields that
// matter are plain ASCII: what character set the names are in makes no difference.
func (s seen) xml(r *series.Reader, b []byte) error {
	d := xml.NewDecoder(bytes.NewReader(bytes.ToValidUTF8(b, []byte("?"))))
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	for n := 0; ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			if n == 0 {
				return r.Reject("/", "not the operational rates: no element UN_OPERATIONAL_RATES")
			}
			return nil
		}
		var one rate
		start, ok := token.(xml.StartElement)
		if ok = ok && start.Name.Local == "UN_OPERATIONAL_RATES"; ok {
			n++
			err = d.DecodeElement(&one, &start)
		}
		if err != nil {
			return r.Reject("/", "the XML cannot be read to its end: "+err.Error())
		}
		if !ok {
			continue
		}
		if err := s.one(r, fmt.Sprintf("//UN_OPERATIONAL_RATES[%d]", n), one); err != nil {
			return err
		}
	}
}

var currencyForm = regexp.MustCompile(`^[A-Z]{3}$`)

// one observes a rate that was not seen yet.
func (s seen) one(r *series.Reader, locator string, u rate) error {
	// the live list has tabs behind its values
	u.Currency, u.Date, u.Rate = strings.TrimSpace(u.Currency), strings.TrimSpace(u.Date), strings.TrimSpace(u.Rate)
	day, isDate := isoDate(u.Date)
	problem := series.Positive(u.Rate)
	switch old, again := s[[2]string{u.Currency, day}]; {
	case !currencyForm.MatchString(u.Currency):
		problem = fmt.Sprintf("%q is not a currency code", u.Currency)
	case !isDate:
		problem = fmt.Sprintf("%q is not a date", u.Date)
	case problem != "":
	case again && old == u.Rate:
		return nil
	case again:
		problem = fmt.Sprintf("a second rate of %s for %s: %s, before %s", u.Currency, day, u.Rate, old)
	}
	if problem != "" {
		return r.Reject(locator, problem, u.Currency, u.Date, u.Rate)
	}
	s[[2]string{u.Currency, day}] = u.Rate
	return r.Observe(extractors.Observation{
		Locator: locator, Indicator: "fx_un", Area: u.Currency, PeriodStart: day,
		Year: day[:4], Value: u.Rate, Unit: u.Currency + " per USD",
	})
}

// isoDate reads the date forms seen: 2014-06-30, 30 Jun 2014, 30-Jun-2014.
func isoDate(s string) (string, bool) {
	for _, layout := range [...]string{time.DateOnly, "2 Jan 2006", "2-Jan-2006", "2 January 2006"} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() >= 1900 {
			return t.Format(time.DateOnly), true
		}
	}
	return "", false
}

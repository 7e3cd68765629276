package rates

import (
	"bytes"
	"cmp"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"hrinvest/extractors"
)

// unRate is a record of the operational rates in each of their forms.
type unRate struct {
	Currency string `xml:"f_curr_code" json:"f_curr_code"`
	Date     string `xml:"eff_date" json:"eff_date"`
	Rate     string `xml:"rate" json:"rate"`
}

// un reads the operational rates as CSV, XML or JSON. The list repeats a
// currency for each country that uses it (the euro forty times a day); equal
// rates of one currency and day are one observation, different ones a problem.
func (p *parser) un() error {
	seen := map[[2]string]string{}
	one := func(locator string, u unRate) error {
		u.Currency, u.Date, u.Rate = strings.TrimSpace(u.Currency), strings.TrimSpace(u.Date), strings.TrimSpace(u.Rate)
		fields := []string{u.Currency, u.Date, u.Rate}
		day, ok := isoDate(u.Date)
		switch problem := rate(u.Rate); {
		case !currencyForm.MatchString(u.Currency):
			return p.rejectRaw(locator, fmt.Sprintf("%q is not a currency code", u.Currency), fields)
		case !ok:
			return p.rejectRaw(locator, fmt.Sprintf("%q is not a date", u.Date), fields)
		case problem != "":
			return p.rejectRaw(locator, problem, fields)
		}
		key := [2]string{u.Currency, day}
		if old, ok := seen[key]; ok {
			if old != u.Rate {
				return p.rejectRaw(locator, fmt.Sprintf("a second rate of %s for %s: %s, before %s", u.Currency, day, u.Rate, old), fields)
			}
			return nil
		}
		seen[key] = u.Rate
		return p.observe(extractors.Observation{
			Locator: locator, Indicator: "fx_un", Area: u.Currency, PeriodStart: day,
			Year: day[:4], Value: u.Rate, Unit: u.Currency + " per USD",
		})
	}
	switch start := bytes.TrimLeft(p.b, " \t\r\n"); {
	case bytes.HasPrefix(start, []byte("<")):
		return p.unXML(one)
	case bytes.HasPrefix(start, []byte("[")), bytes.HasPrefix(start, []byte("{")):
		return p.unJSON(one)
	}
	var currency, date, value int
	return p.table(func(h []string) string {
		currency, date, value = column(h, "f_curr_code"), column(h, "eff_date"), column(h, "rate", "rate_lcu_per_usd")
		if currency < 0 || date < 0 || value < 0 {
			return "not the operational rates: the columns f_curr_code, eff_date and rate are not all there"
		}
		return ""
	}, func(locator string, f []string) error {
		if len(f) <= max(currency, date, value) {
			return p.rejectRaw(locator, fmt.Sprintf("%d fields, fewer than the header promises", len(f)), f)
		}
		return one(locator, unRate{f[currency], f[date], f[value]})
	})
}

func (p *parser) unXML(one func(string, unRate) error) error {
	d := xml.NewDecoder(bytes.NewReader(p.b))
	for n := 0; ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			if n == 0 {
				return p.reject("/", "not the operational rates: no element UN_OPERATIONAL_RATES")
			}
			return nil
		}
		if err != nil {
			return p.reject("/", "the XML cannot be read to its end: "+err.Error())
		}
		start, ok := token.(xml.StartElement)
		if !ok || start.Name.Local != "UN_OPERATIONAL_RATES" {
			continue
		}
		n++
		var u unRate
		if err := d.DecodeElement(&u, &start); err != nil {
			return p.reject("/", "the XML cannot be read to its end: "+err.Error())
		}
		if err := one(fmt.Sprintf("//UN_OPERATIONAL_RATES[%d]", n), u); err != nil {
			return err
		}
	}
}

// unJSON takes an array of records, or an object that holds one somewhere.
func (p *parser) unJSON(one func(string, unRate) error) error {
	var doc any
	d := json.NewDecoder(bytes.NewReader(p.b))
	d.UseNumber()
	if err := d.Decode(&doc); err != nil {
		return p.reject("/", "the JSON cannot be read: "+err.Error())
	}
	n, err := walkJSON(doc, "", one)
	if err == nil && n == 0 {
		return p.reject("/", "not the operational rates: no record with f_curr_code")
	}
	return err
}

func walkJSON(v any, at string, one func(string, unRate) error) (n int, err error) {
	switch v := v.(type) {
	case []any:
		for i, e := range v {
			m, err := walkJSON(e, fmt.Sprintf("%s/%d", at, i), one)
			if n += m; err != nil {
				return n, err
			}
		}
	case map[string]any:
		if _, ok := v["f_curr_code"]; ok {
			return 1, one(cmp.Or(at, "/"), unRate{word(v["f_curr_code"]), word(v["eff_date"]), word(v["rate"])})
		}
		for _, k := range sortedKeys(v) {
			m, err := walkJSON(v[k], at+"/"+k, one)
			if n += m; err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

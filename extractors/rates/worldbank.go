package rates

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"hrinvest/extractors"
)

// The World Bank's codes of the two indicators.
const (
	fcrf     = "PA.NUS.FCRF"    // official exchange rate, LCU per USD, period average
	deflator = "NY.GDP.DEFL.ZS" // GDP deflator, base year varies by country
)

// wbValue is one value of an indicator, whatever the form it came in.
type wbValue struct{ indicator, country, name, year, value string }

// worldBank reads an answer of the API (JSON) or its values as a long table
// (date, iso_code, indicator_code, value).
func (p *parser) worldBank() error {
	if bytes.HasPrefix(bytes.TrimLeft(p.b, " \t\r\n"), []byte("[")) {
		return p.worldBankJSON()
	}
	var date, country, indicator, value int
	return p.table(func(h []string) string {
		date, country = column(h, "date"), column(h, "iso_code", "countryiso3code")
		indicator, value = column(h, "indicator_code"), column(h, "value")
		if date < 0 || country < 0 || indicator < 0 || value < 0 {
			return "not a World Bank indicator: the columns date, iso_code, indicator_code and value are not all there"
		}
		return ""
	}, func(locator string, f []string) error {
		if len(f) <= max(date, country, indicator, value) {
			return p.rejectRaw(locator, fmt.Sprintf("%d fields, fewer than the header promises", len(f)), f)
		}
		return p.wb(locator, wbValue{f[indicator], f[country], "", f[date], f[value]})
	})
}

func (p *parser) wb(locator string, v wbValue) error {
	v.country, v.value = strings.TrimSpace(v.country), strings.TrimSpace(v.value)
	quoted := []string{v.indicator, v.country, v.name, v.year, v.value}
	year, isYear := strings.CutSuffix(v.year, "-01-01")
	o := extractors.Observation{Locator: locator, Area: v.country, Year: year, Value: v.value}
	switch v.indicator {
	case fcrf:
		o.Indicator, o.Unit = "fx_wb", "LCU per USD, period average"
	case deflator:
		o.Indicator, o.Unit = "gdp_deflator", "index, base differs by country"
	default:
		return p.rejectRaw(locator, fmt.Sprintf("the indicator %q is not one of this source", v.indicator), quoted)
	}
	switch {
	case v.country == "" && v.name != "":
		o.AreaName = v.name // aggregates have no country code
	case !countryForm.MatchString(v.country):
		return p.rejectRaw(locator, fmt.Sprintf("%q is not a country code", v.country), quoted)
	}
	if !yearForm.MatchString(year) || len(v.year) > 4 && !isYear {
		return p.rejectRaw(locator, fmt.Sprintf("%q is not a year", v.year), quoted)
	}
	if v.value == "" {
		return nil
	}
	if problem := rate(v.value); problem != "" {
		return p.rejectRaw(locator, problem, quoted)
	}
	return p.observe(o)
}

// worldBankJSON reads [{page, pages, ...}, [rows]]. The API answers errors with
// status 200 and [{"message": [...]}], and writes some page numbers as strings.
func (p *parser) worldBankJSON() error {
	var parts []json.RawMessage
	if err := json.Unmarshal(p.b, &parts); err != nil {
		return p.reject("/", "the JSON cannot be read: "+err.Error())
	}
	var meta struct {
		Page, Pages any
		Message     []struct{ Key, Value string }
	}
	if len(parts) == 0 || json.Unmarshal(parts[0], &meta) != nil {
		return p.reject("/", "not an answer of the World Bank: no page description")
	}
	if len(meta.Message) > 0 {
		return p.reject("/", fmt.Sprintf("the World Bank answered with an error: %s %s", meta.Message[0].Key, meta.Message[0].Value))
	}
	type named struct {
		ID    string `json:"id"`
		Value string `json:"value"`
	}
	var rows []struct {
		Indicator named       `json:"indicator"`
		Country   named       `json:"country"`
		ISO3      string      `json:"countryiso3code"`
		Date      string      `json:"date"`
		Value     json.Number `json:"value"`
	}
	if len(parts) < 2 || json.Unmarshal(parts[1], &rows) != nil || len(rows) == 0 {
		return p.reject("/", "an answer of the World Bank without rows that can be read")
	}
	if pages := fmt.Sprint(meta.Pages); meta.Pages != nil && pages != "1" {
		if err := p.reject("/0/pages", fmt.Sprintf("page %v of %s: the other pages are not here", meta.Page, pages)); err != nil {
			return err
		}
	}
	for i, r := range rows {
		v := wbValue{r.Indicator.ID, r.ISO3, r.Country.Value, r.Date, r.Value.String()}
		if err := p.wb(fmt.Sprintf("/1/%d", i), v); err != nil {
			return err
		}
	}
	return nil
}

// word is a JSON scalar as text.
func word(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

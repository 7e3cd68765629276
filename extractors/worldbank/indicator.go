package worldbank

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"hrinvest/extractors"
	"hrinvest/extractors/series"
)

var (
	iso3Form = regexp.MustCompile(`^[A-Z]{3}$`)
	yearForm = regexp.MustCompile(`^\d{4}$`)
	// percentForm is a share of a budget: no government spends all it has on health.
	percentForm = regexp.MustCompile(`^\d{1,2}(\.\d+)?$`)
)

// answerRow is a value of an indicator in an answer of the interface.
type answerRow struct {
	Indicator named       `json:"indicator"`
	Country   named       `json:"country"`
	ISO3      string      `json:"countryiso3code"`
	Date      string      `json:"date"`
	Value     json.Number `json:"value"`
}

func (v answerRow) observe(r *series.Reader, locator string) error {
	return value{v.Indicator.ID, v.ISO3, v.Country.Value, v.Date, v.Value.String()}.observe(r, locator)
}

// table reads a long table of values: date, iso_code, indicator_code, value.
func table(r *series.Reader, b []byte) error {
	var date, iso3, code, number int
	return r.Table(b, func(h []string) string {
		date, iso3 = series.Column(h, "date"), series.Column(h, "iso_code", "countryiso3code")
		code, number = series.Column(h, "indicator_code"), series.Column(h, "value")
		if date < 0 || iso3 < 0 || code < 0 || number < 0 {
			return "not a World Bank indicator: the columns date, iso_code, indicator_code and value are not all there"
		}
		return ""
	}, func(locator string, f []string) error {
		if problem := series.Short(f, date, iso3, code, number); problem != "" {
			return r.Reject(locator, problem, f...)
		}
		// tables write a year as its first day
		year, _ := strings.CutSuffix(f[date], "-01-01")
		return value{f[code], f[iso3], "", year, f[number]}.observe(r, locator)
	})
}

// value is one value of an indicator, whatever the form it came in.
type value struct{ indicator, country, name, year, number string }

func (v value) observe(r *series.Reader, locator string) error {
	v.country, v.number = strings.TrimSpace(v.country), strings.TrimSpace(v.number)
	o := extractors.Observation{Locator: locator, Area: v.country, Year: v.year, Value: v.number}
	for _, i := range indicators {
		if i.code == v.indicator {
			o.Indicator, o.Unit = i.id, i.unit
		}
	}
	if v.country == "" {
		o.AreaName = v.name // some groups of countries have no code
	}
	problem := ""
	switch {
	case o.Indicator == "":
		problem = fmt.Sprintf("the indicator %q is not one of this source", v.indicator)
	case o.AreaName == "" && !iso3Form.MatchString(v.country):
		problem = fmt.Sprintf("%q is not a country code", v.country)
	case !yearForm.MatchString(v.year):
		problem = fmt.Sprintf("%q is not a year", v.year)
	case v.number == "": // no value for that year
		return nil
	default:
		problem = series.Positive(v.number)
	}
	if problem != "" {
		return r.Reject(locator, problem, v.indicator, v.country, v.name, v.year, v.number)
	}
	return r.Observe(o)
}

// unit says what is wrong with the unit of a value.
func unit(o extractors.Observation) string {
	switch {
	case o.Indicator == "fx_wb" && o.Area == "USA" && !series.One(o.Value):
		return "a US dollar costs " + o.Value + " US dollars"
	case o.Indicator == "health_budget_share" && !percentForm.MatchString(o.Value):
		return o.Value + " is no percentage of a budget"
	}
	return ""
}

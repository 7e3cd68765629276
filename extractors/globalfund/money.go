package globalfund

import (
	"math/big"
	"strings"

	"hrinvest/extractors"
)

// disbursed is a payment to the recipient of a grant. It is not split by
// intervention. Its date is that of the transaction, else the value date, which
// is the one the data explorer shows.
func (l line) disbursed(d *extractors.Disclosure) (problem string) {
	if problem = l.ofGrant(d, l.fundingAsStated()); problem != "" {
		return problem
	}
	d.ValueDate = dateOf(l.get(valued))
	if d.Date = first(dateOf(l.get(paid)), d.ValueDate); d.Date == "" {
		if problem = l.setDates(d); problem != "" {
			return problem
		}
	}
	d.Key = strings.Join([]string{d.Group, d.Date, d.Year + d.PeriodStart}, "|")
	return ""
}

// spent is what a grant spent on an intervention in the last period that was
// reported. The sums since the grant began, of spending and of budget, are in Raw
// only: added to the period's they would count it again.
func (l line) spent(d *extractors.Disclosure) (problem string) {
	if problem = l.ofGrant(d, l.fundingAsStated()); problem != "" {
		return problem
	}
	if problem = l.setDates(d); problem != "" {
		return problem
	}
	if d.PeriodStart+d.Year == "" {
		d.Date = dateOf(first(l.get(paid), l.get(valued)))
	}
	d.Flags = append(d.Flags, "latest_period")
	if exceeds(l.get(amount), l.get(toDate)) {
		d.Flags = append(d.Flags, "period_exceeds_cumulative")
	}
	d.Key = strings.Join([]string{d.Group, l.get(module), l.get(intervention), l.get(cost), first(d.PeriodStart, d.Year, d.Date)}, "|")
	return ""
}

// setDates sets the line's own dates, else its years.
func (l line) setDates(d *extractors.Disclosure) (problem string) {
	if from := dateOf(l.get(start)); from != "" {
		d.PeriodStart, d.PeriodEnd = from, dateOf(l.get(end))
		return ""
	}
	return l.setPeriod(d)
}

// exceeds says whether a, without its sign, is more than b. Texts that are no
// numbers exceed nothing.
func exceeds(a, b string) bool {
	x, ok := new(big.Rat).SetString(plain(a))
	y, also := new(big.Rat).SetString(plain(b))
	return ok && also && x.Abs(x).Cmp(y.Abs(y)) > 0
}

// allocated is what a country may apply for in a cycle, by component. It belongs
// to no year: the years of the cycle are not those in which it is spent.
func (l line) allocated(d *extractors.Disclosure) (problem string) {
	disease := first(l.get(component), l.get(module), l.get(intervention))
	where := first(l.get(geography), l.get(country))
	if where == "" {
		return "names no country"
	}
	d.Key = strings.Join([]string{d.Group, disease, l.get(cycle)}, "|")
	d.ActivityID = where
	d.Title = strings.Join([]string{first(l.get(country), where), disease, l.get(cycle)}, " ")
	d.Cycle = l.fundingAsStated()
	d.Parties = []extractors.Party{theFund(extractors.Funder)}
	d.Places = l.places()
	d.Codes = codes(d.Cycle, "", "", disease)
	if disease != "" {
		d.Sectors = []extractors.Share{{Vocabulary: "globalfund-component", Code: disease}}
	}
	switch {
	case disease == "":
		d.OutOfScope = "no component"
	case !hivWord.MatchString(disease):
		d.OutOfScope = "component " + disease
	}
	return ""
}

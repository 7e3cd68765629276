package globalfund

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
)

var (
	setName       = regexp.MustCompile(`"@odata\.context"\s*:\s*"[^"]*\$metadata#(\w+)`)
	indicatorName = regexp.MustCompile(`"indicatorName"\s*:\s*"([^"]*)"`)
)

// roleOfAnswer recognises an answer of the interface, also a truncated one or an
// error in its place, by its entity set, its first indicator or its fields.
func roleOfAnswer(head []byte) string {
	if m := setName.FindSubmatch(head); m != nil {
		if role := roleOfSet(string(m[1])); role != "" {
			return role
		}
	}
	if m := indicatorName.FindSubmatch(head); m != nil {
		if role := roleOfIndicator(string(m[1])); role != "" {
			return role
		}
	}
	has := func(field string) bool { return bytes.Contains(head, []byte(`"`+field+`"`)) }
	switch {
	case !has("value") && !bytes.Contains(head, []byte(`"@odata.`)):
		return ""
	case has("plannedAmount") || has("totalAmount"):
		return roleAnswer // sums have no indicator
	case has("hierarchyId"):
		return roleCategories
	case has("implementationPeriods") || has("iatI_ActivityIdentifier"):
		return roleGrants
	case has("isO2"):
		return roleGeographies
	}
	return ""
}

// text is a JSON string, number, boolean or null, as written. The interface
// writes amounts and years as any of them.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	switch {
	case b[0] == '"' && bytes.IndexByte(b, '\\') < 0 && utf8.Valid(b):
		*t = text(b[1 : len(b)-1])
	case b[0] == '"':
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
		*t = text(s)
	case string(b) == "null":
		*t = ""
	case b[0] == '{' || b[0] == '[':
		return fmt.Errorf("%s where a text or number should be", cut(string(b), 30))
	default:
		*t = text(b)
	}
	return nil
}

// row is an object of allFinancialIndicators, or of an aggregation over it.
type row struct {
	FinancialIndicatorID                                          text
	IndicatorName                                                 text
	RecordID, ActivityAreaID, FinancialCategoryID                 text
	ProviderRecordID                                              text
	PeriodCovered                                                 text
	PeriodFrom, PeriodTo                                          text
	TransactionDate, ValueDate, StartDate, EndDate                text
	IsLatestReported                                              text
	PlannedAmountCurrency, PlannedAmount, PlannedAmountCumulative text
	ActualAmountCurrency, ActualAmount, ActualAmountCumulative    text
	TotalAmount                                                   text // name of the sum in aggregations
	ActivityArea                                                  *area
	FinancialCategory                                             *named
	Geography                                                     *place
	Donor                                                         *donorRow
	ImplementationPeriod                                          *grantPeriod

	period *grantPeriod // the same, from the list of grants
}

// values are what a row says, in the order of a shape's columns. What the row
// says itself comes before what the lists of names say.
func (r *row) values(s *shape, keep func(text) string) []string {
	v := make([]string, len(s.names))
	set := func(c column, t text) {
		if i := s.at[c]; i >= 0 && t != "" {
			v[i] = keep(t)
		}
	}
	setAmount := func(c column, t text) { // seldom the same twice
		if i := s.at[c]; i >= 0 && t != "" {
			v[i] = string(t)
		}
	}
	for _, p := range []*grantPeriod{r.period, r.ImplementationPeriod} {
		if p == nil {
			continue
		}
		set(period, p.Code)
		set(title, p.Title)
		set(cycleFrom, p.PeriodFrom)
		set(cycleTo, p.PeriodTo)
		if g := p.Grant; g != nil {
			set(grant, g.Code)
			set(iati, g.ActivityIdentifier)
			if g.Geography != nil {
				set(country, g.Geography.Name)
				set(geography, g.Geography.Code)
			}
			if g.ActivityArea != nil {
				set(grantComponent, g.ActivityArea.Name)
			}
			if g.PrincipalRecipient != nil {
				set(recipient, g.PrincipalRecipient.Name)
			}
		}
	}
	if g := r.Geography; g != nil && (r.ImplementationPeriod == nil || r.ImplementationPeriod.Grant == nil) && r.period == nil {
		set(country, g.Name)
		set(geography, g.Code)
	}
	c, m, i := r.ActivityArea.framework()
	set(component, c)
	set(module, m)
	set(intervention, i)
	if r.FinancialCategory != nil {
		set(cost, r.FinancialCategory.Name)
	}
	if r.Donor != nil {
		set(donor, r.Donor.Name)
		if r.Donor.Type != nil {
			set(donorType, r.Donor.Type.Name)
		}
	}
	set(record, r.RecordID)
	set(areaID, r.ActivityAreaID)
	set(cycle, r.PeriodCovered)
	set(yearFrom, r.PeriodFrom)
	set(yearTo, r.PeriodTo)
	set(paid, r.TransactionDate)
	set(valued, r.ValueDate)
	set(start, r.StartDate)
	set(end, r.EndDate)
	set(latest, r.IsLatestReported)
	setAmount(toDate, r.ActualAmountCumulative)
	setAmount(budgetToDate, r.PlannedAmountCumulative)
	switch s.kind {
	case extractors.Budget, extractors.Pledge:
		set(currency, r.PlannedAmountCurrency)
		setAmount(amount, r.TotalAmount)
		setAmount(amount, r.PlannedAmount)
	default:
		set(currency, r.ActualAmountCurrency)
		setAmount(amount, r.ActualAmount)
	}
	return v
}

// readAnswer reads one page of lines. What the rows of an aggregation leave out
// (country, implementation period) is taken from the filter in the address.
func (g *gathering) readAnswer(ctx context.Context, d fetch.Document) error {
	f, err := d.Open()
	if err != nil {
		return err
	}
	defer f.Close()
	reject := func(locator, reason string) error {
		return g.out.Reject(extractors.Problem{Document: d.SHA256, Locator: locator, Reason: reason})
	}
	filterPeriod, filterPlace := asked(d.URL, periodFilter), asked(d.URL, placeFilter)
	_, wrong, err := readPage(ctx, f, func(n int, quoted json.RawMessage) error {
		locator := fmt.Sprintf("/value/%d", n)
		var r row
		if err := json.Unmarshal(quoted, &r); err != nil {
			return reject(locator, "not a line: "+err.Error())
		}
		kind, ok := kindOf(string(r.IndicatorName))
		if !ok && r.IndicatorName == "" && d.Role == roleAnswer {
			kind, ok = extractors.Budget, true
		}
		if !ok {
			return g.out.Skip(d.SHA256, 1, fmt.Sprintf("indicator %q is not read", r.IndicatorName))
		}
		if id := string(r.FinancialIndicatorID); id != "" {
			if other, dup := g.seen[id]; dup {
				return g.out.Skip(d.SHA256, 1, "the same line is in "+other)
			}
			g.seen[id] = d.Name
		}
		g.names.resolve(&r)
		l := line{doc: d.SHA256, locator: locator, shape: g.shape(kind, rankAnswer)}
		l.values = r.values(l.shape, g.word)
		if name := l.get(donor); name != "" {
			l.put(donor, g.donors.find(name, l.get(donorType)).name) // a person's name goes no further
		}
		if l.get(period) == "" {
			l.put(period, filterPeriod)
		}
		if l.get(geography) == "" {
			l.put(geography, filterPlace)
		}
		if kind == extractors.Budget && l.get(period) == "" {
			l.shape = g.shape(kind, rankCountry)
		}
		g.lines[kind] = append(g.lines[kind], l)
		return nil
	})
	if err == nil && wrong != nil {
		err = reject(wrong.locator, wrong.reason)
	}
	return err
}

var (
	periodFilter = regexp.MustCompile(`implementationPeriod/code eq '((?:[^']|'')*)'`)
	placeFilter  = regexp.MustCompile(`geography/code eq '((?:[^']|'')*)'`)
)

// asked finds what an address filters by. OData doubles an apostrophe.
func asked(address string, filter *regexp.Regexp) string {
	query, err := url.QueryUnescape(address)
	if err != nil {
		return ""
	}
	if m := filter.FindStringSubmatch(query); m != nil {
		return strings.ReplaceAll(m[1], "''", "'")
	}
	return ""
}

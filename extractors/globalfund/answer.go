package globalfund

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"strings"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
)

// isAnswer recognises an answer of the OData interface about budgets, also a
// truncated one or an error in its place.
func isAnswer(head []byte) bool {
	odata := bytes.Contains(head, []byte(`"@odata.`)) || bytes.Contains(head, []byte(`"value"`))
	money := bytes.Contains(head, []byte(`"plannedAmount"`)) || bytes.Contains(head, []byte(`"totalAmount"`))
	return odata && money
}

// text is a JSON string, number, boolean or null, as written. The interface
// writes amounts and years as any of them.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	switch {
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
	IndicatorName        text
	FinancialDataSet     text
	PeriodCovered        text
	PeriodFrom, PeriodTo text
	StartDate, EndDate   text
	IsLatestReported     text
	PlannedAmount        text
	TotalAmount          text // name of the sum in aggregations
	ActivityArea         *area
	FinancialCategory    *struct{ Name text }
	Geography            *place
	ImplementationPeriod *struct {
		Code, Title text
		Grant       *struct {
			Code               text
			Geography          *place
			ActivityArea       *area
			PrincipalRecipient *struct{ Name text }
		}
	}
}

type place struct{ Code, Name text }

type area struct {
	Name, Type text
	Parent     *area
}

// framework reads component, module and intervention from an activity area and
// its parents: by their types where given, else the parent of an intervention
// is its module and that one's parent the component.
func (a *area) framework() (component, module, intervention text) {
	for ; a != nil; a = a.Parent {
		switch {
		case strings.EqualFold(string(a.Type), "Component"):
			return a.Name, module, intervention
		case strings.EqualFold(string(a.Type), "Module"):
			module = a.Name
		case intervention == "" && module == "":
			intervention = a.Name
		case a.Type != "" && module == "":
			// a group of interventions below the module
		case module == "":
			module = a.Name
		default:
			return a.Name, module, intervention
		}
	}
	return "", module, intervention
}

// answerNames are the paths of an answer's fields, in the order of row.values.
var answerNames = []string{
	country: "geography/name", geography: "geography/code", grant: "grant/code", period: "implementationPeriod/code",
	title: "implementationPeriod/title", cycle: "periodCovered", grantComponent: "grant/activityArea/name",
	recipient: "principalRecipient/name", component: "activityArea/parent/parent/name", module: "activityArea/parent/name",
	intervention: "activityArea/name", cost: "financialCategory/name", yearFrom: "periodFrom", yearTo: "periodTo",
	start: "startDate", end: "endDate", latest: "isLatestReported", amount: "plannedAmount",
}

func answerShape(rank int) *shape {
	s := &shape{rank: rank, names: answerNames}
	for i := range s.at {
		s.at[i] = i
	}
	return s
}

func (r *row) values() []string {
	v := make([]string, columns)
	set := func(c column, t text) {
		if t != "" {
			v[c] = string(t)
		}
	}
	if p := r.Geography; p != nil {
		set(country, p.Name)
		set(geography, p.Code)
	}
	if ip := r.ImplementationPeriod; ip != nil {
		set(period, ip.Code)
		set(title, ip.Title)
		if g := ip.Grant; g != nil {
			set(grant, g.Code)
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
	c, m, i := r.ActivityArea.framework()
	set(component, c)
	set(module, m)
	set(intervention, i)
	if r.FinancialCategory != nil {
		set(cost, r.FinancialCategory.Name)
	}
	set(cycle, r.PeriodCovered)
	set(yearFrom, r.PeriodFrom)
	set(yearTo, r.PeriodTo)
	set(start, r.StartDate)
	set(end, r.EndDate)
	set(latest, r.IsLatestReported)
	set(amount, r.TotalAmount)
	set(amount, r.PlannedAmount)
	return v
}

// readAnswer reads one page of an answer. What the rows of an aggregation leave
// out (country, implementation period) is taken from the filter in the address.
func readAnswer(ctx context.Context, d fetch.Document, r io.Reader, out extractors.Sink) ([]line, error) {
	reject := func(locator, reason string) error {
		return out.Reject(extractors.Problem{Document: d.SHA256, Locator: locator, Reason: reason})
	}
	in := bufio.NewReader(r)
	if b, _ := in.Peek(3); string(b) == "\ufeff" {
		in.Discard(3) //nolint:errcheck // peeked
	}
	dec := json.NewDecoder(in)
	if reason := seekValue(dec); reason != "" {
		return nil, reject("/", reason)
	}
	filterPeriod, filterPlace := asked(d.URL, periodFilter), asked(d.URL, placeFilter)
	full, total := answerShape(rankAnswer), answerShape(rankCountry)
	var lines []line
	for n := 0; dec.More(); n++ {
		if n%1000 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		l := line{doc: d.SHA256, locator: fmt.Sprintf("/value/%d", n), shape: full}
		var quoted json.RawMessage
		if err := dec.Decode(&quoted); err != nil {
			return lines, reject(l.locator, "the answer breaks off: "+err.Error())
		}
		var obj row
		if err := json.Unmarshal(quoted, &obj); err != nil {
			if err := reject(l.locator, "not a budget line: "+err.Error()); err != nil {
				return nil, err
			}
			continue
		}
		if name := obj.IndicatorName; name != "" && !strings.HasPrefix(string(name), "Budget") {
			if err := out.Skip(d.SHA256, 1, fmt.Sprintf("indicator %s is not read", name)); err != nil {
				return nil, err
			}
			continue
		}
		l.values = obj.values()
		if l.values[period] == "" {
			l.values[period] = filterPeriod
		}
		if l.values[geography] == "" {
			l.values[geography] = filterPlace
		}
		if l.values[period] == "" {
			l.shape = total
		}
		lines = append(lines, l)
	}
	if _, err := dec.Token(); err != nil {
		return lines, reject("/", "the answer breaks off: "+err.Error())
	}
	return lines, nil
}

// seekValue moves the decoder into the array "value", or says why there is none.
func seekValue(dec *json.Decoder) (problem string) {
	const none = "not an answer of the OData interface"
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return none
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return none + ": " + err.Error()
		}
		if key == "value" {
			if t, err := dec.Token(); err != nil || t != json.Delim('[') {
				return none + `: "value" is not a list`
			}
			return ""
		}
		var other json.RawMessage
		if err := dec.Decode(&other); err != nil {
			return none + ": " + err.Error()
		}
		if key == "error" {
			return "the interface answered with an error: " + cut(string(other), 200)
		}
	}
	return none + `: no "value"`
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

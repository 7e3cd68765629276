package globalfund

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"hrinvest/extractors/fetch/fetchtest"
)

// service emulates the interface as its clients describe it. It understands the
// queries that Fetch sends and nothing else. Without $orderby its pages repeat
// and miss rows, as the real ones may. Rows are invented.
type service struct {
	budgets, disbursements, spent, allocations, pledges int // how many lines
	factor                                              int // of all amounts
	stamps                                              map[string]string
	linkEvery                                           int  // rows after which a link leads on. 0: no links
	uncounted                                           bool // no @odata.count
	retired                                             bool // the version answers 403
	tick                                                int  // the probe says when it was asked

	mu      sync.Mutex
	answers map[string][]byte
}

func healthy() *service {
	return &service{budgets: 170, disbursements: 60, spent: 80, allocations: 45, pledges: 40, factor: 1, answers: map[string][]byte{}, stamps: map[string]string{
		"GrantBudget_ReferenceRate": "2026-11-01T04:00:00Z", "Disbursement_ReferenceRate": "2026-11-02T04:00:00.000Z",
		"Expenditure_Intervention_ReferenceRate": "2026-10-01T04:00:00Z", "CommunicatedAllocation_ReferenceRate": "2025-12-31T00:00:00Z",
		"Pledges_Contributions": "2026-11-03T04:00:00Z", "Grants": "2026-11-01T05:00:00Z", "Geography": "2024-01-01T00:00:00Z", "Eligibility": "2026-01-01T00:00:00Z",
	}}
}

func (s *service) hosts() fetchtest.Hosts { return fetchtest.Hosts{"fetch.theglobalfund.org": s} }

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	set, ok := strings.CutPrefix(r.URL.Path, "/v4.2/odata/")
	switch {
	case r.URL.Path == "/robots.txt" || !ok && !strings.HasPrefix(r.URL.Path, "/v"):
		http.NotFound(w, r)
		return
	case !ok || s.retired:
		http.Error(w, "<html>Forbidden</html>", http.StatusForbidden)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	edition := fmt.Sprint(s.budgets, s.disbursements, s.spent, s.allocations, s.pledges, s.factor, s.linkEvery, s.uncounted, r.URL.RawQuery)
	body, ok := s.answers[set+edition]
	if !ok || set == "DatasetInformation" {
		var err error
		if body, err = s.answer(r, set); err != nil {
			http.Error(w, `{"error":{"code":"","message":`+strconv.Quote(err.Error())+`}}`, http.StatusBadRequest)
			return
		}
		s.answers[set+edition] = body
	}
	fetchtest.Body("application/json; odata.metadata=minimal", body).ServeHTTP(w, r)
}

// answer is the page that a request asks for.
func (s *service) answer(r *http.Request, set string) ([]byte, error) {
	q := r.URL.Query()
	rows, err := s.rows(set, q.Get("$filter"))
	if err == nil {
		err = project(rows, q.Get("$select"), q.Get("$expand"))
	}
	if err != nil {
		return nil, err
	}
	answer := map[string]any{"@odata.context": "https://fetch.theglobalfund.org/v4.2/odata/$metadata#" + set + "(x)"}
	if q.Get("$count") == "true" && !s.uncounted {
		answer["@odata.count"] = len(rows)
	}
	top, skip := len(rows), 0
	if v := q.Get("$top"); v != "" {
		top, _ = strconv.Atoi(v)
	}
	if v := q.Get("$skip"); v != "" {
		skip, _ = strconv.Atoi(v)
	}
	if q.Get("$orderby") == "" && skip > 0 {
		skip-- // no order: the page begins with a row of the one before
	}
	if top >= 50000 {
		rows = nil
	}
	from, to := min(skip, len(rows)), min(skip+top, len(rows))
	if s.linkEvery > 0 && to-from > s.linkEvery {
		to = from + s.linkEvery
		q.Set("$top", strconv.Itoa(top-s.linkEvery))
		q.Set("$skip", strconv.Itoa(to))
		answer["@odata.nextLink"] = "http://fetch.theglobalfund.org:8080" + r.URL.Path + "?" + q.Encode() // as a gateway sees it
	}
	answer["value"] = rows[from:to]
	if to == from {
		answer["value"] = []any{}
	}
	return json.Marshal(answer)
}

type object = map[string]any

var (
	condition = regexp.MustCompile(`^(\w+) (?:eq '([^']*)'|in \(((?:'[^']*',?)+)\)|eq (true))$`)
	option    = regexp.MustCompile(`^(\w+)(?:\(\$select=([\w,]+)(?:;\$expand=(.+))?\))?$`)
)

// rows are those of an entity set that a filter lets through.
func (s *service) rows(set, filter string) ([]object, error) {
	var all []object
	switch set {
	case "DatasetInformation":
		s.tick++
		for name, stamp := range s.stamps {
			all = append(all, object{"dataset": name, "lastUpdated": stamp, "dateRequested": fmt.Sprintf("2026-11-27T00:00:%02dZ", s.tick), "license": nil})
		}
	case "allFinancialIndicators":
		all = s.lines()
	case "Grants":
		all = grantRows()
	case "ActivityAreas":
		all = areaRows()
	case "FinancialCategories":
		all = []object{{"hierarchyId": "h-hr", "id": "hr", "name": "Human Resources (HR)", "type": "x", "parentId": nil}, {"hierarchyId": "h-hpnp", "id": "hpnp", "name": "HPNP", "type": "x", "parentId": nil}}
	case "Geographies":
		for i, c := range countries {
			all = append(all, object{"id": fmt.Sprint("geo-", i), "code": c[0], "isO2": nil, "level": "Country", "name": c[1], "parentId": nil})
		}
	case "Donors":
		all = []object{{"id": "do-1", "name": "Norway", "type": object{"name": "Public Sector"}}}
	default:
		return nil, fmt.Errorf("resource not found for the segment %q", set)
	}
	if filter == "" {
		return all, nil
	}
	var out []object
	for _, row := range all {
		pass := true
		for _, part := range strings.Split(filter, " and ") {
			m := condition.FindStringSubmatch(part)
			if m == nil {
				return nil, fmt.Errorf("syntax error in filter: %s", part)
			}
			is := fmt.Sprint(row[m[1]])
			switch {
			case m[4] != "":
				pass = pass && is == "true"
			case m[3] != "":
				pass = pass && slices.Contains(strings.Split(m[3], ","), "'"+is+"'")
			default:
				pass = pass && is == m[2]
			}
		}
		if pass {
			out = append(out, row)
		}
	}
	return out, nil
}

// project leaves in rows what was selected and expanded. What does not exist in
// the first row is an error, as it is to the real one.
func project(rows []object, fields, expand string) error {
	keep := map[string]string{} // expanded fields: what is selected in them
	for _, e := range splitTop(expand) {
		m := option.FindStringSubmatch(e)
		if m == nil || strings.Count(e, "$expand") > 1 {
			return fmt.Errorf("cannot expand %q", e)
		}
		keep[m[1]] = m[2]
	}
	for _, row := range rows {
		for _, f := range strings.Split(fields, ",") {
			if _, ok := row[f]; !ok && fields != "" {
				return fmt.Errorf("could not find a property named %q", f)
			}
		}
		for name := range row {
			_, expanded := keep[name]
			if fields != "" && !expanded && !slices.Contains(strings.Split(fields, ","), name) {
				delete(row, name)
			}
		}
	}
	return nil
}

// splitTop splits a list at the commas outside brackets.
func splitTop(s string) (out []string) {
	depth, from := 0, 0
	for i, r := range s {
		switch {
		case r == '(':
			depth++
		case r == ')':
			depth--
		case r == ',' && depth == 0:
			out, from = append(out, s[from:i]), i+1
		}
	}
	if from < len(s) {
		out = append(out, s[from:])
	}
	return out
}

var countries = [][2]string{
	{"KGZ", "Kyrgyzstan"}, {"UKR", "Ukraine"}, {"CIV", "Côte d'Ivoire"}, {"LAO", "Lao (Peoples Democratic Republic)"}, {"QNA", "Kosovo"}, {"QMZ", "Multicountry EECA PAS"},
}

const perCountry = 2 // grants, of two periods each

func grantRows() (out []object) {
	for i, c := range countries {
		for k := range perCountry {
			code := fmt.Sprintf("%s-%s-Rec%d", c[0], []string{"C", "H"}[k], i)
			out = append(out, object{
				"id": fmt.Sprintf("gr-%d-%d", i, k), "code": code, "title": "a grant", "geographyId": fmt.Sprint("geo-", i), "activityAreaId": []string{"a-tbhiv", "a-hiv"}[k],
				"iatI_ActivityIdentifier": "47045-" + code, "fundPortfolioManagerId": "a person", "principalRecipient": object{"name": fmt.Sprint("Recipient ", i)},
				"implementationPeriods": []object{
					{"id": fmt.Sprintf("ip-%d-%d-1", i, k), "code": code + "P01", "title": nil, "periodFrom": "2020", "periodTo": "2022"},
					{"id": fmt.Sprintf("ip-%d-%d-2", i, k), "code": code + "P02", "title": nil, "periodFrom": "2023", "periodTo": "2025"},
				},
			})
		}
	}
	return out
}

func areaRows() []object {
	return []object{
		{"id": "a-hiv", "type": "Component", "name": "HIV", "parentId": nil}, {"id": "a-tbhiv", "type": "Component", "name": "TB/HIV", "parentId": nil},
		{"id": "a-rssh", "type": "Component", "name": "RSSH", "parentId": nil}, {"id": "m-pud", "type": "Module", "name": pudModule, "parentId": "a-hiv"},
		{"id": "m-rssh", "type": "Module", "name": "RSSH: Community systems strengthening", "parentId": "a-rssh"},
		{"id": "i-nsp", "type": "Intervention", "name": "Needle and syringe programs for PWID", "parentId": "m-pud"},
		{"id": "i-oat", "type": "Intervention", "name": "Opioid substitution therapy and other medically assisted drug dependence treatment for PWID", "parentId": "m-pud"},
		{"id": "i-clm", "type": "Intervention", "name": "Community-led monitoring", "parentId": "m-rssh"},
	}
}

// amountOf writes an amount as a number or as a text.
func (s *service) amountOf(n int) any {
	cents := (n%97*1000 + 333) * s.factor
	text := fmt.Sprintf("%d.%02d", cents/100, cents%100)
	if n%5 == 0 {
		return text
	}
	return json.Number(text)
}

// day writes a date in one of both forms.
func day(n int) string {
	return fmt.Sprintf("%d-%02d-15T00:00:00%sZ", 2021+n%4, 1+n%12, []string{"", ".000"}[n%2])
}

// lines are all financial indicators: those that are read, older versions of
// them, and others.
func (s *service) lines() (out []object) {
	add := func(n int, indicator, set string, fields object) {
		row := object{
			"financialIndicatorId": fmt.Sprintf("%s-%05d", set, n), "indicatorName": indicator, "financialDataSet": set, "recordId": nil, "providerRecordId": nil, "recieverRecordId": nil,
			"periodCovered": nil, "periodFrom": nil, "periodTo": nil, "activityAreaId": nil, "financialCategoryId": nil, "isLatestReported": nil,
			"transactionDate": nil, "valueDate": nil, "startDate": nil, "endDate": nil, "plannedAmount": nil, "plannedAmountCurrency": nil, "plannedAmountCumulative": nil,
			"actualAmount": nil, "actualAmountCurrency": nil, "actualAmountCumulative": nil,
		}
		for k, v := range fields {
			row[k] = v
		}
		out = append(out, row)
	}
	period := func(n int) (id string, expanded object) {
		i, k, p := n%len(countries), n/len(countries)%perCountry, 1+n/7%2
		code := fmt.Sprintf("%s-%s-Rec%d", countries[i][0], []string{"C", "H"}[k], i)
		return fmt.Sprintf("ip-%d-%d-%d", i, k, p), object{"code": code + fmt.Sprintf("P%02d", p), "title": "a period", "periodFrom": []string{"2020", "2023"}[p-1], "periodTo": []string{"2022", "2025"}[p-1], "grant": object{"code": code}}
	}
	areas := []string{"i-nsp", "i-oat", "i-clm", "not in the list"}
	for n := range s.budgets {
		id, ip := period(n)
		line := object{"recordId": id, "implementationPeriod": ip, "activityAreaId": areas[n%4], "financialCategoryId": "h-hr", "periodFrom": fmt.Sprint(2021 + n%5), "periodTo": fmt.Sprint(2021 + n%5), "plannedAmountCurrency": "USD", "plannedAmount": s.amountOf(n), "isLatestReported": true}
		if n%9 == 0 {
			line["plannedAmount"] = json.Number("-1.98951966012828e-13")
		}
		add(n, "Budget - Reference Rate", "GrantBudget_ReferenceRate", line)
		if n%10 == 0 { // an older version beside it
			old := object{}
			for k, v := range line {
				old[k] = v
			}
			old["isLatestReported"] = false
			add(90000+n, "Budget - Reference Rate", "GrantBudget_ReferenceRate", old)
		}
	}
	for n := range s.disbursements {
		id, ip := period(n)
		add(n, "Disbursement Amount - Reference Rate", "Disbursement_ReferenceRate", object{"recordId": id, "implementationPeriod": ip, "valueDate": day(n), "periodFrom": fmt.Sprint(2021 + n%4), "actualAmountCurrency": "USD", "actualAmount": s.amountOf(n)})
		add(n, "Commitment Amount - Reference Rate", "Commitment_ReferenceRate", object{"actualAmount": 1})
	}
	for n := range s.spent {
		id, ip := period(n)
		add(n, "Expenditure: Module-Intervention - Reference Rate", "Expenditure_Intervention_ReferenceRate", object{
			"recordId": id, "implementationPeriod": ip, "activityAreaId": areas[n%4], "startDate": "2023-01-01T00:00:00Z", "endDate": "2023-12-31T00:00:00.000Z",
			"actualAmount": s.amountOf(n), "actualAmountCumulative": 1000000, "plannedAmountCumulative": 2000000, "isLatestReported": true,
		})
	}
	for n := range s.allocations {
		c := countries[n%len(countries)]
		add(n, "Communicated Allocation - Reference Rate", "CommunicatedAllocation_ReferenceRate", object{
			"activityArea": object{"name": []string{"HIV", "Malaria"}[n%2], "type": "Component"}, "geography": object{"code": c[0], "name": c[1]},
			"periodCovered": []string{"2017-2019", "2020-2022", "2023-2025"}[n%3], "actualAmount": s.amountOf(n),
		})
	}
	for n := range s.pledges {
		who := object{"name": fmt.Sprintf("Donor (%d), Ltd.", n%7), "type": object{"name": "Corporation"}}
		if n%2 == 0 {
			add(n, "Pledge - Reference Rate", "Pledges_Contributions", object{"donor": who, "periodCovered": "2023-2025", "plannedAmount": s.amountOf(n)})
		} else {
			add(n, "Contribution - Reference Rate", "Pledges_Contributions", object{"donor": who, "periodCovered": "2023-2025", "valueDate": day(n), "actualAmount": s.amountOf(n)})
		}
	}
	return out
}

// recorded is what the service answers to a request, as a whole.
func recorded(s *service, r *http.Request) string {
	w := httptest.NewRecorder()
	plain := r.Clone(r.Context())
	plain.Header = http.Header{}
	s.ServeHTTP(w, plain)
	return w.Body.String()
}

func request(address string) *http.Request {
	r, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		panic(err)
	}
	return r
}

// count is how many rows a list has.
func (s *service) count(d dataset) int {
	rows, err := s.rows(d.set, request(d.address(1, 0)).URL.Query().Get("$filter"))
	if err != nil {
		panic(err)
	}
	return len(rows)
}

package globalfund

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"hrinvest/extractors"
)

// column is something a line can say, whatever the shape it comes in.
type column int

const (
	country column = iota // name of the country or multi-country programme
	geography
	grant
	period // code of the implementation period: "KGZ-C-UNDPP04"
	title
	iati  // identifier of the grant in IATI
	cycle // as the line itself states it
	cycleFrom
	cycleTo        // years of the cycle the implementation period belongs to
	grantComponent // of the grant; the line's own component may differ
	recipient
	component
	module
	intervention
	cost
	areaID // of the activity area
	record // recordId: of the implementation period
	donor
	donorType
	yearFrom
	yearTo
	paid   // transactionDate
	valued // valueDate
	start  // of the line itself, not of its implementation period
	end
	latest // "false": an older version of the line
	currency
	amount
	toDate       // expenditure since the grant began
	budgetToDate // budget since the grant began
	columns
)

// shape says where a document writes what.
type shape struct {
	kind  extractors.Kind
	rank  int      // which of two descriptions of a budget is the better one
	names []string // as published; the keys of Raw
	at    [columns]int
}

// answerNames are the paths of an answer's fields.
var answerNames = [columns]string{
	country: "geography/name", geography: "geography/code", grant: "grant/code", period: "implementationPeriod/code",
	title: "implementationPeriod/title", iati: "grant/iatI_ActivityIdentifier", cycle: "periodCovered",
	cycleFrom: "implementationPeriod/periodFrom", cycleTo: "implementationPeriod/periodTo", grantComponent: "grant/activityArea/name",
	recipient: "principalRecipient/name", component: "activityArea/parent/parent/name", module: "activityArea/parent/name",
	intervention: "activityArea/name", cost: "financialCategory/name", areaID: "activityAreaId", record: "recordId",
	donor: "donor/name", donorType: "donor/type/name", yearFrom: "periodFrom", yearTo: "periodTo",
	paid: "transactionDate", valued: "valueDate", start: "startDate", end: "endDate", latest: "isLatestReported",
	toDate: "actualAmountCumulative", budgetToDate: "plannedAmountCumulative",
}

// What lines of each kind have in an answer.
var (
	grantColumns  = []column{country, geography, grant, period, title, iati, cycle, cycleFrom, cycleTo, grantComponent, recipient, component, record, yearFrom, yearTo, currency, amount}
	answerColumns = map[extractors.Kind][]column{
		extractors.Budget:       append([]column{module, intervention, cost, areaID, start, end, latest}, grantColumns...),
		extractors.Disbursement: append([]column{paid, valued, start, end}, grantColumns...),
		extractors.Expenditure:  append([]column{module, intervention, cost, areaID, paid, valued, start, end, latest, toDate, budgetToDate}, grantColumns...),
		extractors.Allocation:   {country, geography, cycle, component, module, intervention, yearFrom, yearTo, currency, amount},
		extractors.Pledge:       {donor, donorType, cycle, yearFrom, yearTo, paid, valued, currency, amount},
		extractors.Incoming:     {donor, donorType, cycle, yearFrom, yearTo, paid, valued, currency, amount},
	}
)

func answerShape(kind extractors.Kind, rank int) *shape {
	s := &shape{kind: kind, rank: rank}
	for c := range s.at {
		s.at[c] = -1
	}
	side := "actualAmount"
	if kind == extractors.Budget || kind == extractors.Pledge {
		side = "plannedAmount"
	}
	for _, c := range answerColumns[kind] {
		name := answerNames[c]
		switch c {
		case amount:
			name = side
		case currency:
			name = side + "Currency"
		}
		s.at[c], s.names = len(s.names), append(s.names, name)
	}
	return s
}

// line is one statement as published.
type line struct {
	doc, locator string
	shape        *shape
	values       []string
	edition      edition
	superseded   string // why another document's line counts instead
}

func (l line) get(c column) string {
	if i := l.shape.at[c]; i >= 0 {
		return strings.TrimSpace(l.values[i])
	}
	return ""
}

func (l line) put(c column, s string) {
	if i := l.shape.at[c]; i >= 0 {
		l.values[i] = s
	}
}

// group is the implementation period; a line without one belongs to its country,
// a donor's to the donor. Kinds stand apart: a disbursement and the expenditure
// paid from it are two views of one dollar, and no step must weigh them.
func (l line) group() string {
	kind := l.shape.kind
	switch ip := l.get(period); {
	case kind == extractors.Budget && ip != "":
		return ip
	case kind == extractors.Budget:
		return "country " + l.get(geography)
	case kind == extractors.Allocation:
		return "country " + first(l.get(geography), l.get(country)) + " allocation"
	case kind == extractors.Pledge || kind == extractors.Incoming:
		return "donor " + l.get(donor) + " " + string(kind)
	case ip != "":
		return ip + " " + string(kind)
	default:
		return "country " + l.get(geography) + " " + string(kind)
	}
}

// raw is the line as quoted.
func (l line) raw() []byte {
	m := map[string]string{}
	for i, v := range l.values {
		if v != "" {
			m[l.shape.names[i]] = v
		}
	}
	b, err := json.Marshal(m)
	if err != nil {
		panic(err) // a map of strings always encodes
	}
	return b
}

// disclosure turns the line into a statement, or says why it cannot be one.
func (l line) disclosure(known *donors) (d extractors.Disclosure, problem string) {
	if c := l.get(currency); c != "" && !strings.EqualFold(c, "USD") {
		return d, fmt.Sprintf("currency %q where the reference rate gives US dollars", c)
	}
	d = extractors.Disclosure{
		Document: l.doc, Locator: l.locator,
		Group:    l.group(),
		Kind:     l.shape.kind,
		Amount:   plain(l.get(amount)),
		Currency: "USD",
		Flags:    []string{"reference_rate"},
		Raw:      l.raw(),
	}
	switch l.shape.kind {
	case extractors.Pledge, extractors.Incoming:
		problem = l.fromDonor(&d, known)
	case extractors.Allocation:
		problem = l.allocated(&d)
	case extractors.Disbursement:
		problem = l.disbursed(&d)
	case extractors.Expenditure:
		problem = l.spent(&d)
	default:
		problem = l.budgeted(&d)
	}
	return d, problem
}

// budgeted is a line of a grant's budget.
func (l line) budgeted(d *extractors.Disclosure) (problem string) {
	funding, ok := l.funding()
	if !ok {
		return fmt.Sprintf("%q is neither a grant cycle nor C19RM", l.get(cycle))
	}
	if problem = l.ofGrant(d, funding); problem != "" {
		return problem
	}
	d.BudgetStage = "planned"
	if problem = l.setPeriod(d); problem != "" {
		return problem
	}
	d.Key = strings.Join([]string{d.Group, l.get(module), l.get(intervention), l.get(cost), d.Year + d.PeriodStart}, "|")
	return ""
}

// ofGrant sets what all money of a grant has in common.
func (l line) ofGrant(d *extractors.Disclosure, funding string) (problem string) {
	ip := l.get(period)
	if ip == "" && l.get(geography) == "" {
		if id := l.get(record); id != "" {
			return fmt.Sprintf("names no implementation period and no country, and the list of grants has no record %q", id)
		}
		return "names no implementation period and no country"
	}
	d.ActivityID = first(l.get(grant), ip, l.get(geography))
	d.LinkIDs = linkIDs(ip, l.get(iati))
	d.Title = strings.TrimSpace(first(ip, l.get(geography)) + " " + l.get(title))
	d.YearBasis = "calendar"
	d.Cycle = funding
	d.Parties = []extractors.Party{theFund(extractors.Funder)}
	d.Places = l.places()
	d.Codes = codes(funding, l.get(module), l.get(intervention), l.component())
	d.OutOfScope = l.outOfScope()
	for _, t := range [...]string{l.get(intervention), l.get(module)} {
		if t != "" {
			d.Texts = append(d.Texts, extractors.Text{Lang: "en", Text: t, OfStatement: true})
		}
	}
	if r := l.get(recipient); r != "" {
		d.Parties = append(d.Parties, extractors.Party{Role: extractors.Implementing, Name: r})
	}
	if c := l.component(); c != "" {
		d.Sectors = []extractors.Share{{Vocabulary: "globalfund-component", Code: c}}
	}
	if l.hasModules() && (funding == "GC6" || funding == "" && l.get(module) == gc6Module) {
		d.Flags = append(d.Flags, "gc6_lower_bound")
	}
	if l.get(component) == "" && l.hasModules() {
		d.Flags = append(d.Flags, "component_unspecified")
	}
	if l.get(module) == "" && l.get(areaID) != "" || strings.EqualFold(l.get(module), "Unspecified") {
		d.Flags = append(d.Flags, "module_unspecified")
	}
	return ""
}

// gc6Module is the one module of GC6 for all populations; no other cycle has it.
const gc6Module = "Prevention"

// hasModules says whether lines of the kind are split by module.
func (l line) hasModules() bool {
	return l.shape.kind == extractors.Budget || l.shape.kind == extractors.Expenditure
}

func theFund(role extractors.PartyRole) extractors.Party {
	return extractors.Party{Role: role, Ref: "47045", Name: "Global Fund", Type: "multilateral"}
}

// setPeriod sets the years of the line. The dates of the implementation period
// are not the line's: a line without a year of its own has no year.
func (l line) setPeriod(d *extractors.Disclosure) (problem string) {
	from, to := l.get(yearFrom), l.get(yearTo)
	if from == "" && to == "" {
		d.PeriodStart, d.PeriodEnd = dateOf(l.get(start)), dateOf(l.get(end))
		return ""
	}
	y := yearText.FindStringSubmatch(from)
	if y == nil {
		return fmt.Sprintf("%s year %q is not a year", l.shape.kind, from)
	}
	d.Year = y[1]
	if to == "" {
		return ""
	}
	z := yearText.FindStringSubmatch(to)
	if z == nil || z[1] < y[1] {
		return fmt.Sprintf("%s years %q to %q are not a period", l.shape.kind, from, to)
	}
	if z[1] != y[1] {
		d.Year, d.PeriodStart, d.PeriodEnd = "", y[1]+"-01-01", z[1]+"-12-31"
	}
	return ""
}

// yearText is a year as the downloads write it, also as the text of a float.
var yearText = regexp.MustCompile(`^(\d{4})(?:\.0+)?$`)

// dateOf cuts a timestamp to its date.
func dateOf(s string) string {
	if d, _, ok := strings.Cut(s, "T"); ok && len(d) == len("2024-01-01") {
		return d
	}
	return s
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

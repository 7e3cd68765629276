package globalfund

import (
	"encoding/json"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hrinvest/extractors"
	"hrinvest/extractors/extractorstest"
	"hrinvest/extractors/fetch"
)

// money is a page with one line or more of every kind, as the interface writes
// them: numbers as texts, nulls, both forms of timestamps. The figures are invented.
const money = `{"@odata.context":"https://fetch.theglobalfund.org/v4.2/odata/$metadata#allFinancialIndicators","@odata.count":9,"value":[
 {"financialIndicatorId":"d1","indicatorName":"Disbursement Amount - Reference Rate","recordId":"ip1","transactionDate":"2024-03-15T00:00:00Z","valueDate":"2024-03-18T00:00:00.000Z",
  "periodFrom":"2024","actualAmountCurrency":"USD","actualAmount":"250000.75","plannedAmount":null,
  "implementationPeriod":{"code":"KGZ-C-UNDPP04","title":"HIV and TB","periodFrom":"2023","periodTo":"2025","grant":{"code":"KGZ-C-UNDP"}}},
 {"financialIndicatorId":"d2","indicatorName":"Disbursement Amount - Reference Rate","valueDate":"2025-01-02T00:00:00","actualAmount":-19082.06,
  "implementationPeriod":{"code":"MNE-H-MoHP02","grant":{"code":"MNE-H-MoH"}}},
 {"financialIndicatorId":"d3","indicatorName":"Disbursement Amount - Reference Rate","periodFrom":"2023.0","actualAmount":1,
  "implementationPeriod":{"code":"CMR-C-CARE CameroonP02","grant":null}},
 {"financialIndicatorId":"e1","indicatorName":"Expenditure: Module-Intervention - Reference Rate","isLatestReported":true,"startDate":"2024-01-01T00:00:00Z","endDate":"2024-12-31T00:00:00.000Z",
  "actualAmount":"100.5","actualAmountCumulative":900,"plannedAmountCumulative":"1000","activityAreaId":"i1",
  "activityArea":{"name":"Needle and syringe programs for PWID","parent":{"name":"` + pudModule + `","parent":null}},
  "implementationPeriod":{"code":"KGZ-C-UNDPP04","periodFrom":2023,"periodTo":2025,"grant":{"code":"KGZ-C-UNDP"}}},
 {"financialIndicatorId":"e2","indicatorName":"Expenditure: Module-Intervention - Reference Rate","isLatestReported":"true","periodFrom":"2024","actualAmount":-19982.04,"actualAmountCumulative":"8453.5",
  "activityArea":{"name":"Prevention","type":"Module","parent":{"name":"HIV","type":"Component"}},
  "implementationPeriod":{"code":"KGZ-C-UNDPP03","periodFrom":"2020","periodTo":"2022","grant":{"code":"KGZ-C-UNDP"}}},
 {"financialIndicatorId":"e3","indicatorName":"Expenditure: Module-Intervention - Reference Rate","isLatestReported":false,"periodFrom":"2023","actualAmount":7,
  "activityArea":{"name":"HIV"},"implementationPeriod":{"code":"KGZ-H-UNDPP01","grant":null}},
 {"financialIndicatorId":"a1","indicatorName":"Communicated Allocation - Reference Rate","periodCovered":"2020-2022","periodFrom":"2020","periodTo":"2022","actualAmount":12221135,
  "activityArea":{"name":"HIV","type":"Component"},"geography":{"code":"BLR","name":"Belarus"}},
 {"financialIndicatorId":"a2","indicatorName":"Communicated Allocation - Reference Rate","periodCovered":"2023-2025","actualAmount":3,
  "activityArea":{"name":"Malaria"},"geography":{"code":"QMZ","name":"Multicountry EECA PAS"}},
 {"financialIndicatorId":"c1","indicatorName":"Commitment Amount - Reference Rate","actualAmount":5}
]}`

// byKey finds the statement whose key begins so.
func byKey(t *testing.T, r *extractorstest.Result, prefix string) extractors.Disclosure {
	t.Helper()
	i := slices.IndexFunc(r.Disclosures, func(d extractors.Disclosure) bool { return strings.HasPrefix(d.Key, prefix) })
	if i < 0 {
		t.Fatalf("no statement with key %q", prefix)
	}
	return r.Disclosures[i]
}

func hasFlag(d extractors.Disclosure, flag string) bool { return slices.Contains(d.Flags, flag) }

func TestKinds(t *testing.T) {
	doc := extractorstest.Doc(New().Role("page.json", []byte(money)), "page.json", []byte(money))
	if doc.Role != roleDisbursements {
		t.Fatalf("role = %q", doc.Role)
	}
	r := extractorstest.Parse(t, New(), doc)
	extractorstest.Check(t, r, nil)
	type brief struct{ Kind, Group, Amount, Date, ValueDate, Period, Year, Cycle, Scope, Flags string }
	var got []brief
	for _, d := range r.Disclosures {
		got = append(got, brief{string(d.Kind), d.Group, d.Amount, d.Date, d.ValueDate, d.PeriodStart + " " + d.PeriodEnd, d.Year, d.Cycle, d.OutOfScope, strings.Join(d.Flags, " ")})
	}
	want := []brief{
		{"allocation", "country BLR allocation", "12221135", "", "", " ", "", "GC6", "", "reference_rate"},
		{"allocation", "country QMZ allocation", "3", "", "", " ", "", "GC7", "component Malaria", "reference_rate"},
		{"disbursement", "CMR-C-CARE CameroonP02 disbursement", "1", "", "", " ", "2023", "", "no component and no word about HIV or drug use", "reference_rate"},
		{"disbursement", "KGZ-C-UNDPP04 disbursement", "250000.75", "2024-03-15", "2024-03-18", " ", "", "GC7", "no component and no word about HIV or drug use", "reference_rate"},
		{"disbursement", "MNE-H-MoHP02 disbursement", "-19082.06", "2025-01-02", "2025-01-02", " ", "", "", "", "reference_rate"},
		{"expenditure", "KGZ-C-UNDPP03 expenditure", "-19982.04", "", "", " ", "2024", "GC6", "", "reference_rate gc6_lower_bound latest_period period_exceeds_cumulative"},
		{"expenditure", "KGZ-C-UNDPP04 expenditure", "100.5", "", "", "2024-01-01 2024-12-31", "", "GC7", "", "reference_rate component_unspecified latest_period"},
		{"expenditure", "KGZ-H-UNDPP01 expenditure", "7", "", "", " ", "2023", "", "an older version of this expenditure", "reference_rate component_unspecified latest_period"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if r.Skipped != 1 || len(r.Problems) != 0 {
		t.Errorf("%d skipped, problems %+v", r.Skipped, r.Problems)
	}
	// the sums since the grant began are quoted, and are no statement
	var raw map[string]string
	if err := json.Unmarshal(byKey(t, r, "KGZ-C-UNDPP04 expenditure|").Raw, &raw); err != nil {
		t.Fatal(err)
	}
	if raw["actualAmountCumulative"] != "900" || raw["plannedAmountCumulative"] != "1000" || raw["actualAmount"] != "100.5" {
		t.Errorf("raw = %v", raw)
	}
	if ids := byKey(t, r, "MNE-H-MoHP02 ").LinkIDs; !slices.Equal(ids, []string{"MNE-H-MoHP02", "47045-MNE-H-MoH-2"}) {
		t.Errorf("links = %q", ids)
	}
	if d := byKey(t, r, "country BLR"); d.Places[0] != (extractors.Share{Vocabulary: "iso3", Code: "BLR", Name: "Belarus"}) || d.Codes[0].Code != "HIV" || d.Currency != "USD" {
		t.Errorf("allocation: %+v", d)
	}
}

// The pieces that resolve ids: two hierarchies of parents, a category whose id is
// not what lines refer to, grants with their periods.
const (
	areasPage = `{"@odata.context":"https://fetch.theglobalfund.org/v4.2/odata/$metadata#ActivityAreas","value":[
 {"id":"c-hiv","type":"Component","name":"HIV","parentId":null},{"id":"m-pud","type":"Module","name":"` + pudModule + `","parentId":"c-hiv"},
 {"id":"g1","type":"Group","name":"a group","parentId":"m-pud"},{"id":"i-nsp","type":"Intervention","name":"Needle and syringe programs for PWID","parentId":"g1"},
 {"id":"i-lost","type":"Intervention","name":"Advocacy","parentId":"not published"},{"id":"loop","type":"","name":"a loop","parentId":"loop"}, {"id":"t1","type":"Component","name":"TB/HIV"}]}`
	categoriesPage = `{"@odata.context":"https://fetch.theglobalfund.org/v4.2/odata/$metadata#FinancialCategories","value":[
 {"hierarchyId":"h1","id":"x","name":"Human Resources (HR)","parentId":"y"},{"hierarchyId":"x","id":"h1","name":"the wrong one"}]}`
	geographiesPage = `{"@odata.context":"https://fetch.theglobalfund.org/v4.2/odata/$metadata#Geographies","value":[
 {"id":"geo1","code":"KGZ","isO2":"KG","level":"Country","name":"Kyrgyzstan"},{"id":"geo2","code":"ZAN","level":"Subnational","name":"Zanzibar"}]}`
	grantsPage = `{"@odata.context":"https://fetch.theglobalfund.org/v4.2/odata/$metadata#Grants","value":[
 {"id":"g","code":"KGZ-C-UNDP","title":"Effective control","geographyId":"geo1","activityAreaId":"t1","iatI_ActivityIdentifier":"47045-KGZ-C-UNDP",
  "principalRecipient":{"name":"UNDP"},"implementationPeriods":[{"id":"ip4","code":"KGZ-C-UNDPP04","title":null,"periodFrom":"2023","periodTo":"2025"},{"id":"ip1","code":"KGZ-C-UNDPP01","periodFrom":"2016","periodTo":"2020"}]},
 {"id":"z","code":"TZA-C-ZAN","geographyId":"geo2","activityAreaId":"c-hiv","principalRecipient":null,"implementationPeriods":[{"id":"ipz","code":"ZAN-C-MOHP02"}]}]}`
	donorsPage = `{"@odata.context":"https://fetch.theglobalfund.org/v4.2/odata/$metadata#Donors","value":[{"id":"do1","name":"Norway","type":{"name":"Public Sector"}}]}`
	byID       = `{"@odata.context":"https://fetch.theglobalfund.org/v4.2/odata/$metadata#allFinancialIndicators","value":[
 {"financialIndicatorId":"1","indicatorName":"Budget - Reference Rate","recordId":"ip4","activityAreaId":"i-nsp","financialCategoryId":"h1","periodFrom":"2028","plannedAmount":10,"isLatestReported":true},
 {"financialIndicatorId":"2","indicatorName":"Budget - Reference Rate","recordId":"ip4","activityAreaId":"not published","financialCategoryId":"none","periodFrom":"2024","plannedAmount":"20","isLatestReported":true},
 {"financialIndicatorId":"3","indicatorName":"Budget - Reference Rate","recordId":"ip1","activityAreaId":"i-lost","periodFrom":"2019","plannedAmount":30,"isLatestReported":true},
 {"financialIndicatorId":"4","indicatorName":"Budget - Reference Rate","recordId":"unknown","activityAreaId":"loop","periodFrom":"2019","plannedAmount":40,"isLatestReported":true},
 {"financialIndicatorId":"5","indicatorName":"Budget - Reference Rate","recordId":"ipz","activityAreaId":"loop","periodFrom":"2019","plannedAmount":50,"isLatestReported":true},
 {"financialIndicatorId":"1","indicatorName":"Budget - Reference Rate","recordId":"ip4","activityAreaId":"i-nsp","financialCategoryId":"h1","periodFrom":"2028","plannedAmount":10,"isLatestReported":true},
 {"financialIndicatorId":"6","indicatorName":"Budget - Reference Rate","recordId":"ip4","activityAreaId":"i-nsp","periodFrom":"2024","plannedAmountCurrency":"EUR","plannedAmount":60,"isLatestReported":true},
 {"financialIndicatorId":"7","indicatorName":"Pledge - Reference Rate","providerRecordId":"do1","recieverRecordId":"gf","periodCovered":"2023-2025","plannedAmount":1}]}`
)

func names() []fetch.Document {
	return []fetch.Document{
		extractorstest.Doc(roleAreas, "areas.json", []byte(areasPage)), extractorstest.Doc(roleCategories, "categories.json", []byte(categoriesPage)),
		extractorstest.Doc(roleGeographies, "geographies.json", []byte(geographiesPage)), extractorstest.Doc(roleGrants, "grants.json", []byte(grantsPage)),
		extractorstest.Doc(roleDonors, "donors.json", []byte(donorsPage)),
	}
}

// Lines that carry only ids take their names from the lists, in whatever order
// the documents come.
func TestNamesForIDs(t *testing.T) {
	for _, d := range names() {
		f, err := d.Head(64 << 10)
		if err != nil {
			t.Fatal(err)
		}
		if role := New().Role("list.json", f); role != d.Role {
			t.Errorf("%s has role %q, want %q", d.Name, role, d.Role)
		}
	}
	r := extractorstest.Parse(t, New(), append([]fetch.Document{extractorstest.Doc(roleAnswer, "lines.json", []byte(byID))}, names()...)...)
	extractorstest.Check(t, r, nil)

	nsp := byKey(t, r, "KGZ-C-UNDPP04|"+pudModule+"|Needle and syringe programs for PWID|Human Resources (HR)|2028")
	if nsp.Cycle != "GC7" || nsp.ActivityID != "KGZ-C-UNDP" || nsp.Sectors[0].Code != "HIV" || nsp.Places[0].Name != "Kyrgyzstan" || nsp.Parties[1].Name != "UNDP" {
		t.Errorf("nsp = %+v", nsp)
	}
	if want := []string{"KGZ-C-UNDPP04", "47045-KGZ-C-UNDP-4", "47045-KGZ-C-UNDP"}; !slices.Equal(nsp.LinkIDs, want) {
		t.Errorf("links = %q, want %q", nsp.LinkIDs, want)
	}
	if want := "GC7|" + pudModule + "|Needle and syringe programs for PWID"; nsp.Codes[0].Code != want {
		t.Errorf("code = %q, want %q", nsp.Codes[0].Code, want)
	}
	// an area that the list does not have: the module is unspecified, the grant's component decides
	lost := byKey(t, r, "KGZ-C-UNDPP04||||2024")
	if !hasFlag(lost, "module_unspecified") || !hasFlag(lost, "component_unspecified") || lost.OutOfScope != "" || lost.Codes[0] != (extractors.Code{Scheme: "globalfund-component", Code: "TB/HIV"}) {
		t.Errorf("area not in the list: %+v", lost)
	}
	// a parent that the list does not have; years that are no cycle's
	orphan := byKey(t, r, "KGZ-C-UNDPP01||Advocacy||2019")
	if orphan.Cycle != "" || !hasFlag(orphan, "module_unspecified") {
		t.Errorf("parent not in the list: %+v", orphan)
	}
	if z := byKey(t, r, "ZAN-C-MOHP02"); z.Places[0] != (extractors.Share{Vocabulary: "name", Name: "Zanzibar"}) {
		t.Errorf("Zanzibar: %+v", z.Places)
	}
	if p := byKey(t, r, "donor Norway pledge"); p.Parties[0].Name != "Norway" || p.Parties[0].Type != "bilateral" {
		t.Errorf("pledge: %+v", p.Parties)
	}
	var problems []string
	for _, p := range r.Problems {
		problems = append(problems, p.Locator+": "+p.Reason)
	}
	if diff := cmp.Diff([]string{
		`/value/6: currency "EUR" where the reference rate gives US dollars`,
		`/value/3: names no implementation period and no country, and the list of grants has no record "unknown"`,
	}, problems); diff != "" {
		t.Error(diff)
	}
	if r.Skipped != 1 {
		t.Errorf("%d lines skipped, want the one that stands there twice", r.Skipped)
	}
}

func TestUnreadableNames(t *testing.T) {
	r := extractorstest.Parse(t, New(),
		extractorstest.Doc(roleGrants, "g", []byte(`{"value":[{"code":["x"]},{"id":"1"`)), extractorstest.Doc(roleAreas, "a", []byte("<html>")))
	var got []string
	for _, p := range r.Problems {
		got = append(got, p.Locator+": "+p.Reason)
	}
	want := []string{
		`/value/0: not a name of the list: ["x"] where a text or number should be`,
		"/value/1: the answer breaks off: unexpected EOF",
		"/: not an answer of the OData interface",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

const pledges = `{"@odata.context":"https://fetch.theglobalfund.org/v4.2/odata/$metadata#allFinancialIndicators","value":[
 {"indicatorName":"Pledge - Reference Rate","periodCovered":"2023-2025","periodFrom":"2023","periodTo":"2025","plannedAmountCurrency":"USD","plannedAmount":"300","actualAmount":null,"donor":{"name":"Norway","type":{"name":"Public Sector"}}},
 {"indicatorName":"Contribution - Reference Rate","periodCovered":"2023-2025","plannedAmount":null,"actualAmount":120.5,"valueDate":"2024-06-01T00:00:00Z","donor":{"name":"Norway","type":{"name":"Public Sector"}}},
 {"indicatorName":"Contribution - Reference Rate","periodCovered":"2023-2025","actualAmount":120.5,"valueDate":"2025-06-01T00:00:00.000Z","donor":{"name":"Norway","type":{"name":"Public Sector"}}},
 {"indicatorName":"Pledge - Reference Rate","periodCovered":"2020-2022","plannedAmount":0,"donor":{"name":"Johnson & Johnson Foundation","type":{"name":"Foundation"}}},
 {"indicatorName":"Contribution - Reference Rate","periodCovered":"2020-2022","actualAmount":4500000,"donor":{"name":"Johnson & Johnson Foundation","type":{"name":"Foundation"}}},
 {"indicatorName":"Pledge - Reference Rate","periodCovered":"2006-2007","plannedAmount":500,"donor":{"name":"Product (RED)","type":{"name":"Corporation"}}},
 {"indicatorName":"Contribution - Reference Rate","periodCovered":"2006-2007","actualAmount":575,"donor":{"name":"Product (RED)","type":{"name":"Corporation"}}},
 {"indicatorName":"Pledge - Reference Rate","periodCovered":"2008-2010","plannedAmount":39,"donor":{"name":"AMFm Canada","type":{"name":"Affordable Medicines Facility - malaria (AMFm)"}}},
 {"indicatorName":"Pledge - Reference Rate","periodCovered":"2023-2025","plannedAmount":4,"donor":{"name":"KN Cam Ranh Co., Ltd.","type":{"name":"Private Sector & Nongovernment"}}},
 {"indicatorName":"Pledge - Reference Rate","periodCovered":"2023-2025","plannedAmount":5,"donor":{"name":"Maria Musterfrau","type":{"name":"Individual"}}},
 {"indicatorName":"Pledge - Reference Rate","periodCovered":"2023-2025","plannedAmount":6,"donor":{"name":"Erika Mustermann","type":{"name":"Individual"}}},
 {"indicatorName":"Pledge - Reference Rate","periodCovered":"2023-2025","plannedAmount":7,"donor":{"name":"Tahir Foundation","type":{"name":"Individual"}}},
 {"indicatorName":"Pledge - Reference Rate","periodCovered":"2023-2025","plannedAmount":8,"donor":{"name":"European Commission","type":null}},
 {"indicatorName":"Pledge - Reference Rate","periodCovered":"2023-2025","plannedAmount":9,"donor":null}
]}`

// Donors' core money: who gave, to whom, for which replenishment, in no country
// and no year but that of the payment, and marked, so that it is never added to
// what the Fund itself pays.
func TestPledgesAndContributions(t *testing.T) {
	doc := extractorstest.Doc(New().Role("page.json", []byte(pledges)), "page.json", []byte(pledges))
	if doc.Role != rolePledges {
		t.Fatalf("role = %q", doc.Role)
	}
	r := extractorstest.Parse(t, New(), doc)
	extractorstest.Check(t, r, nil)
	type brief struct{ Key, Kind, Amount, Cycle, Date, Funder, Type, Flags string }
	var got []brief
	for _, d := range r.Disclosures {
		if len(d.Places) > 0 || d.Year+d.PeriodStart+d.PeriodEnd != "" || d.OutOfScope != "" || !hasFlag(d, "core_contribution") {
			t.Errorf("%s: places %v, year %q, period %q, out of scope %q, flags %q", d.Key, d.Places, d.Year, d.PeriodStart, d.OutOfScope, d.Flags)
		}
		if last := d.Parties[len(d.Parties)-1]; last.Role != extractors.Receiver || last.Ref != "47045" {
			t.Errorf("%s: received by %+v", d.Key, last)
		}
		// of incoming money the normaliser takes the provider for the funder
		if provider := d.Parties[1].Role == extractors.Provider; provider != (d.Kind == extractors.Incoming) || provider && d.Parties[1].Name != d.Parties[0].Name {
			t.Errorf("%s: parties %+v", d.Key, d.Parties)
		}
		for _, person := range []string{"Musterfrau", "Mustermann"} {
			if b, _ := json.Marshal(d); strings.Contains(string(b)+string(d.Raw), person) {
				t.Errorf("%s names a person", d.Key)
			}
		}
		got = append(got, brief{d.Key, string(d.Kind), d.Amount, d.Cycle, d.Date, d.Parties[0].Name, d.Parties[0].Type, strings.Join(d.Flags[2:], " ")})
	}
	want := []brief{
		{"donor AMFm Canada pledge|2008-2010|", "pledge", "39", "2008-2010", "", "AMFm Canada", "unknown", "amfm"},
		{"donor An individual donor pledge|2023-2025|", "pledge", "5", "2023-2025", "", "An individual donor", "philanthropic", ""},
		{"donor An individual donor pledge|2023-2025|", "pledge", "6", "2023-2025", "", "An individual donor", "philanthropic", ""},
		{"donor European Commission pledge|2023-2025|", "pledge", "8", "2023-2025", "", "European Commission", "multilateral", ""},
		{"donor Johnson & Johnson Foundation pledge|2020-2022|", "pledge", "0", "2020-2022", "", "Johnson & Johnson Foundation", "philanthropic", ""},
		{"donor KN Cam Ranh Co., Ltd. pledge|2023-2025|", "pledge", "4", "2023-2025", "", "KN Cam Ranh Co., Ltd.", "private", ""},
		{"donor Norway pledge|2023-2025|", "pledge", "300", "2023-2025", "", "Norway", "bilateral", ""},
		{"donor Product (RED) pledge|2006-2007|", "pledge", "500", "2006-2007", "", "Product (RED)", "private", ""},
		{"donor Tahir Foundation pledge|2023-2025|", "pledge", "7", "2023-2025", "", "Tahir Foundation", "philanthropic", ""},
		{"donor Johnson & Johnson Foundation incoming|2020-2022|", "incoming", "4500000", "2020-2022", "", "Johnson & Johnson Foundation", "philanthropic", ""},
		{"donor Norway incoming|2023-2025|2024-06-01", "incoming", "120.5", "2023-2025", "2024-06-01", "Norway", "bilateral", ""},
		{"donor Norway incoming|2023-2025|2025-06-01", "incoming", "120.5", "2023-2025", "2025-06-01", "Norway", "bilateral", ""},
		{"donor Product (RED) incoming|2006-2007|", "incoming", "575", "2006-2007", "", "Product (RED)", "private", ""},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(r.Problems) != 1 || r.Problems[0].Reason != "names no donor" {
		t.Errorf("problems: %+v", r.Problems)
	}
}

// The list of donors is data: every line of it must be used as it says.
func TestDonorWords(t *testing.T) {
	ds, err := readDonors()
	if err != nil {
		t.Fatal(err)
	}
	kinds := []string{"bilateral", "multilateral", "philanthropic", "private", "unknown"}
	for _, m := range []map[string]who{ds.byName, ds.byType} {
		for name, w := range m {
			if !slices.Contains(kinds, w.kind) {
				t.Errorf("%s is %q, which is no type of funder", name, w.kind)
			}
		}
	}
	if w := ds.find("Commitments to be personally secured by Bill Gates and Bono with the active support of France for the period 2020-2022", "Public Sector"); strings.Contains(w.name, "Bono") || w.kind != "unknown" {
		t.Errorf("commitments to be secured: %+v", w)
	}
	if w := ds.find("Somebody", "a new type"); w.kind != "unknown" || w.name != "Somebody" {
		t.Errorf("a type that is not in the list: %+v", w)
	}
}

// C19RM is a cycle of its own: by the line's own words, or by its module.
func TestFunding(t *testing.T) {
	s := answerShape(extractors.Budget, rankAnswer)
	for _, tt := range []struct {
		own, module, from, to, want string
		ok                          bool
	}{
		{"Grant Cycle 7", "COVID-19", "2020", "2022", "GC7", true},
		{"C19RM", "TB/HIV", "2020", "2022", "C19RM", true},
		{"", "COVID-19", "2020", "2022", "C19RM", true},
		{"", "TB/HIV", "2020", "2022", "GC6", true},
		{"", "TB/HIV", "2023.0", "2025.0", "GC7", true},
		{"", "TB/HIV", "2021", "2023", "", true}, // the years of a period are no cycle
		{"", "TB/HIV", "2023", "", "", true},
		{"", "x", "2002", "2013", "2002-2013", true},
		{"2017 - 2019", "x", "", "", "GC5", true},
		{"Round 9", "x", "2023", "2025", "", false},
	} {
		l := line{shape: s, values: make([]string, len(s.names))}
		l.put(cycle, tt.own)
		l.put(module, tt.module)
		l.put(cycleFrom, tt.from)
		l.put(cycleTo, tt.to)
		if got, ok := l.funding(); got != tt.want || ok != tt.ok {
			t.Errorf("%+v: %q, %v", tt, got, ok)
		}
	}
}

// In GC6 all populations are in one module, so that the money for people who
// inject drugs is a lower bound: also where the cycle is not stated, for no other
// cycle has a module of that name.
func TestLowerBound(t *testing.T) {
	s := answerShape(extractors.Budget, rankAnswer)
	for _, tt := range []struct {
		from, to, module string
		want             bool
	}{{"2020", "2022", "TB/HIV", true}, {"", "", "Prevention", true}, {"2023", "2025", "Prevention", false}, {"", "", pudModule, false}} {
		l := line{shape: s, values: make([]string, len(s.names))}
		for c, v := range map[column]string{period: "KGZ-H-UNDPP01", cycleFrom: tt.from, cycleTo: tt.to, module: tt.module, yearFrom: "2022", amount: "1"} {
			l.put(c, v)
		}
		d, problem := l.disclosure(&donors{})
		if problem != "" || hasFlag(d, "gc6_lower_bound") != tt.want {
			t.Errorf("%+v: flags %q, problem %q", tt, d.Flags, problem)
		}
	}
}

func samePlain(a, b string) bool {
	x, ok := new(big.Rat).SetString(a)
	y, also := new(big.Rat).SetString(b)
	return ok && also && x.Cmp(y) == 0
}

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"-1.98951966012828e-13": "-0.000000000000198951966012828", "5.684341886080799e-14": "0.00000000000005684341886080799",
		"1E5": "100000", "1.25e+1": "12.5", "1.25e2": "125", "12e-1": "1.2", "0e0": "0", "-0.5e1": "-5", "+3e0": "3", ".5e1": "5",
		"12": "12", "-68700": "-68700", "1,5e3": "1,5e3", "": "", "e5": "e5", "1e5000": "1e5000", "310000000.50": "310000000.50",
	} {
		got := plain(in)
		if got != want {
			t.Errorf("plain(%q) = %q, want %q", in, got, want)
		}
	}
}

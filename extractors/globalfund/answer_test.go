package globalfund

import (
	"strings"
	"testing"

	"hrinvest/extractors"
	"hrinvest/extractors/extractorstest"
)

const answer = `{"@odata.context":"x","value":[
 {"indicatorName":"Budget - Reference Rate","financialDataSet":"GrantBudget_ReferenceRate","periodFrom":"2024","plannedAmount":"310.25","isLatestReported":true,
  "financialCategory":{"name":"HR","parent":null},
  "activityArea":{"name":"Needle and syringe programs for PWID","type":"Intervention","parent":{"name":"` + pudModule + `","type":"Module","parent":{"name":"HIV","type":"Component","parent":null}}},
  "implementationPeriod":{"code":"QNA-C-CDFP02","title":"Kosovo grant","grant":{"code":"QNA-C-CDF","geography":{"code":"QNA","name":"Kosovo"},"activityArea":{"name":"HIV/TB"},"principalRecipient":{"name":"CDF"}}}},
 {"indicatorName":"Budget - Reference Rate","periodFrom":2025,"periodTo":2026,"plannedAmount":-1.98951966012828e-13,"isLatestReported":"false",
  "activityArea":null,"implementationPeriod":{"code":"QNA-C-CDFP02","grant":null}},
 {"indicatorName":"Commitment Amount - Reference Rate","plannedAmount":5},
 {"startDate":"2024-01-01T00:00:00Z","endDate":"2024-12-31T00:00:00.000Z","plannedAmount":null,"activityArea":{"name":"Malaria"},"implementationPeriod":{"code":"CIV-M-UNDPP01","grant":{"geography":{"name":"Côte d'Ivoire"}}}},
 {"plannedAmount":{"x":1}},
 {"plannedAmount":1}
],"@odata.nextLink":"https://example.org/next"}`

func TestAnswer(t *testing.T) {
	src := New()
	if role := src.Role("page.json", []byte(answer)); role != roleAnswer {
		t.Fatalf("role = %q", role)
	}
	r := extractorstest.Parse(t, src, extractorstest.Doc(roleAnswer, "page.json", []byte(answer)))
	extractorstest.Check(t, r, nil)
	if r.Skipped != 1 || len(r.Problems) != 2 || len(r.Disclosures) != 3 {
		t.Fatalf("%d disclosures, %d skipped, problems %+v", len(r.Disclosures), r.Skipped, r.Problems)
	}
	civ, kosovo, old := r.Disclosures[0], r.Disclosures[1], r.Disclosures[2]
	if civ.Amount != "" || civ.PeriodStart != "2024-01-01" || civ.PeriodEnd != "2024-12-31" || civ.Places[0].Code != "CIV" {
		t.Errorf("null amount: %+v", civ)
	}
	if kosovo.Amount != "310.25" || kosovo.Year != "2024" || kosovo.Places[0] != (extractors.Share{Vocabulary: "name", Name: "Kosovo"}) || kosovo.OutOfScope != "" {
		t.Errorf("Kosovo: %+v", kosovo)
	}
	if kosovo.ActivityID != "QNA-C-CDF" || kosovo.Title != "QNA-C-CDFP02 Kosovo grant" || kosovo.Cycle != "" || len(kosovo.Codes) != 4 {
		t.Errorf("Kosovo: %+v", kosovo)
	}
	if old.OutOfScope != "an older version of this budget" || old.Amount != "-0.000000000000198951966012828" || old.PeriodStart != "2025-01-01" || old.PeriodEnd != "2026-12-31" {
		t.Errorf("older version: %+v", old)
	}
}

// The sums by module of one implementation period or country name it only in
// the address they were asked at.
func TestAggregatedAnswer(t *testing.T) {
	const body = `{"value":[{"activityArea":{"name":"Overdose prevention and management for PWID","parent":{"name":"` + pudModule + `"}},"totalAmount":7.5},
		{"activityArea":{"name":"Grant management","parent":{"name":"Program management"}},"totalAmount":"2"}]}`
	period := extractorstest.Doc(roleAnswer, "sum.json", []byte(body))
	period.URL = "https://fetch.theglobalfund.org/v4.2/odata/allFinancialIndicators?$apply=filter(implementationPeriod/grant/code%20eq%20'KGZ-C-UNDP'%20AND%20implementationPeriod/code%20eq%20'KGZ-C-UNDPP04')/groupby((activityArea/name))"
	country := extractorstest.Doc(roleAnswer, "country.json", []byte(body+" "))
	country.URL = "https://fetch.theglobalfund.org/v4.2/odata/allFinancialIndicators?$apply=filter(implementationPeriod/grant/geography/code+eq+'KGZ')/groupby((activityArea/name))"

	r := extractorstest.Parse(t, New(), country)
	if len(r.Disclosures) != 2 || r.Disclosures[0].Group != "country KGZ" || r.Disclosures[0].OutOfScope != "" || r.Disclosures[0].Places[0].Code != "KGZ" {
		t.Errorf("country alone: %+v", r.Disclosures)
	}
	if got := r.Disclosures[1].OutOfScope; got != "no component and no word about HIV or drug use" {
		t.Errorf("management: out of scope %q", got)
	}
	r = extractorstest.Parse(t, New(), country, period)
	extractorstest.Check(t, r, nil)
	for _, d := range r.Disclosures {
		if superseded := strings.HasPrefix(d.OutOfScope, "the same budget is in"); superseded != (d.Group == "country KGZ") {
			t.Errorf("%s: out of scope %q", d.Group, d.OutOfScope)
		}
	}
}

func TestErrorAnswer(t *testing.T) {
	for body, want := range map[string]string{
		`{"error":{"code":"403"}}`:            `the interface answered with an error: {"code":"403"}`,
		`{"@odata.count":1}`:                  `not an answer of the OData interface: no "value"`,
		`{"value":{}}`:                        `not an answer of the OData interface: "value" is not a list`,
		`[]`:                                  `not an answer of the OData interface`,
		`{"value":[{"plannedAmount":1,"x":"a`: `the answer breaks off: unexpected EOF`,
	} {
		r := extractorstest.Parse(t, New(), extractorstest.Doc(roleAnswer, "a.json", []byte(body)))
		if len(r.Problems) != 1 || r.Problems[0].Reason != want {
			t.Errorf("%s: problems %+v, want %q", body, r.Problems, want)
		}
	}
}

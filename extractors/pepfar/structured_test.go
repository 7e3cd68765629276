package pepfar

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hrinvest/extractors"
	"hrinvest/extractors/extractorstest"
)

var structuredColumns = []string{
	"operatingunit", "country", "fundingagency", "prime_partner_name", "prime_partner_duns", "prime_partner_uei", "prime_partner_org_type",
	"is_indigenous_prime_partner", "procurement_type", "subrecipient_name", "subrecipient_duns", "award_number", "mech_code", "mech_name", "record_type",
	"program", "sub_program", "interaction_type", "beneficiary", "sub_beneficiary", "cost_category", "sub_cost_category",
	"planning_cycle", "implementation_year", "cop_budget_new_funding", "cop_budget_pipeline", "cop_budget_total", "workplan_budget_amt", "expenditure_amt",
}

var structuredHead = strings.Join(structuredColumns, "\t")

// structuredRow is an invented row of the structured file, with changes; "|"
// stands for the separator.
func structuredRow(change map[string]string) string {
	row := map[string]string{
		"operatingunit": "Asia Region", "country": "Kyrgyzstan", "fundingagency": "USAID", "prime_partner_name": "Example Partner, Inc.",
		"subrecipient_name": "Jane Example", "award_number": "72099999CA00001", "mech_code": "99001", "mech_name": "Example, Mechanism",
		"record_type": "Implementing Mechanism", "program": "PREV", "sub_program": "Medication assisted treatment", "interaction_type": "Service Delivery",
		"beneficiary": "Key Pops", "sub_beneficiary": "People who inject drugs", "cost_category": "Personnel", "sub_cost_category": "Salaries- Other Staff",
		"planning_cycle": "COP20", "implementation_year": "2021", "cop_budget_new_funding": "80", "cop_budget_pipeline": "20",
		"cop_budget_total": "100", "workplan_budget_amt": "90", "expenditure_amt": "70",
	}
	for k, v := range change {
		row[k] = v
	}
	var values []string
	for _, c := range structuredColumns {
		values = append(values, row[c])
	}
	return strings.Join(values, "|")
}

func structured(rows ...map[string]string) []byte {
	all := []string{strings.ReplaceAll(structuredHead, "\t", "|")}
	for _, r := range rows {
		all = append(all, structuredRow(r))
	}
	return lines("\t", all...)
}

// One row states what was approved, what the partner planned and what was spent.
// The partner's plan is the approved budget a second time.
func TestStructured(t *testing.T) {
	doc := extractorstest.Doc(roleStructured, "Financial_Structured_Datasets_COP17-21_20211217.txt", structured(nil))
	r := extractorstest.Parse(t, New(), doc)
	extractorstest.Check(t, r, map[string]bool{doc.SHA256: true})
	common := extractors.Disclosure{
		Document: doc.SHA256, Group: "pepfar-mech-99001|Kyrgyzstan|FY2021", ActivityID: "pepfar-mech-99001", LinkIDs: []string{"US-GOV-1-72099999CA00001"},
		Title: "Example, Mechanism", Currency: "USD", PeriodStart: "2020-10-01", PeriodEnd: "2021-09-30", Year: "2021", YearBasis: "us_fiscal",
		Parties: []extractors.Party{
			{Role: extractors.Funder, Ref: "pepfar", Name: "United States (PEPFAR)", Type: "bilateral"},
			{Role: extractors.Channel, Name: "USAID"}, {Role: extractors.Implementing, Name: "Example Partner, Inc."},
		},
		Places: []extractors.Share{{Vocabulary: "name", Name: "Kyrgyzstan"}},
		Codes: []extractors.Code{
			{Scheme: "pepfar", Code: "PREV|Medication assisted treatment|Key Pops|People who inject drugs"},
			{Scheme: "pepfar", Code: "PREV|Medication assisted treatment|*|*"},
			{Scheme: "pepfar", Code: "PREV|*|Key Pops|People who inject drugs"},
			{Scheme: "pepfar", Code: "*|*|Key Pops|People who inject drugs"},
			{Scheme: "pepfar", Code: "*|*|Key Pops|*"},
			{Scheme: "pepfar", Code: "*|*|*|*"},
		},
	}
	key := "pepfar-mech-99001|Kyrgyzstan|FY2021|implementing mechanism||prev|medication assisted treatment|service delivery|key pops||people who inject drugs|personnel|salaries- other staff|"
	approved, planned, spent := common, common, common
	approved.Kind, approved.Amount, approved.Locator, approved.Key, approved.BudgetStage = extractors.Budget, "100", "row 2, cop_budget_total", key+"budget", "planned"
	planned.Kind, planned.Amount, planned.Locator, planned.Key, planned.BudgetStage = extractors.Budget, "90", "row 2, workplan_budget_amt", key+"work plan", "planned"
	planned.Flags, planned.OutOfScope = []string{"work_plan"}, "a work plan: the approved budget counts, of "+doc.Name
	spent.Kind, spent.Amount, spent.Locator, spent.Key, spent.Basis = extractors.Expenditure, "70", "row 2, expenditure_amt", key+"expenditure", "cash"
	raw := map[string]string{}
	for i := range r.Disclosures {
		if err := json.Unmarshal(r.Disclosures[i].Raw, &raw); err != nil {
			t.Error(err)
		}
		if strings.Contains(string(r.Disclosures[i].Raw), "Jane") {
			t.Error("a subrecipient, who may be a person, is quoted")
		}
		r.Disclosures[i].Raw = nil
	}
	if diff := cmp.Diff([]extractors.Disclosure{approved, planned, spent}, r.Disclosures); diff != "" {
		t.Error(diff)
	}
	for name, want := range map[string]string{"cop_budget_new_funding": "80", "cop_budget_pipeline": "20", "expenditure_amt": "70", "planning_cycle": "COP20"} {
		if raw[name] != want {
			t.Errorf("raw %s = %q, want %q", name, raw[name], want)
		}
	}
}

// brief is what most tests look at.
type brief struct{ Kind, Amount, Place, Year, Scope, Flags string }

func briefs(r *extractorstest.Result) (list []brief) {
	for _, d := range r.Disclosures {
		list = append(list, brief{string(d.Kind), d.Amount, d.Places[0].Name, d.Year, d.OutOfScope, strings.Join(d.Flags, " ")})
	}
	return list
}

// Nulls are no statements; in the extract without the COP20 budgets the work plan
// is the only plan, and counts.
func TestNulls(t *testing.T) {
	for _, null := range []string{"", "NaN", "NULL", "NA", "-", `"`} {
		r := parse(t, "fsd.txt", structured(
			map[string]string{"cop_budget_total": null},
			map[string]string{"cop_budget_total": null, "workplan_budget_amt": null, "program": "HTS"},
			map[string]string{"cop_budget_total": null, "expenditure_amt": null, "program": "SE"},
		))
		want := []brief{
			{"budget", "90", "Kyrgyzstan", "2021", "", "work_plan"},
			{"expenditure", "70", "Kyrgyzstan", "2021", "", ""},
			{"expenditure", "70", "Kyrgyzstan", "2021", "", ""},
			{"budget", "90", "Kyrgyzstan", "2021", "", "work_plan"},
		}
		if diff := cmp.Diff(want, briefs(r)); diff != "" || r.Parsed() != len(want) {
			t.Errorf("null %q: parsed %d\n%s", null, r.Parsed(), diff)
		}
	}
}

// 0 fills cells of which nothing is said: counted, not loaded, and no approved
// budget that would keep the work plan out.
func TestZeros(t *testing.T) {
	r := parse(t, "fsd.txt", structured(map[string]string{"cop_budget_total": "0.00", "expenditure_amt": "$0"}))
	if diff := cmp.Diff([]brief{{"budget", "90", "Kyrgyzstan", "2021", "", "work_plan"}}, briefs(r)); diff != "" || r.Skipped != 2 {
		t.Errorf("skipped %d\n%s", r.Skipped, diff)
	}
}

// The countries of Central Asia stand inside Asia Region; the region is a place
// of its own only where no country is named.
func TestRegions(t *testing.T) {
	for _, tt := range []struct {
		unit, country string
		want          extractors.Share
	}{
		{"Asia Region", "Kazakhstan", extractors.Share{Vocabulary: "name", Name: "Kazakhstan"}},
		{"Asia Region", "", extractors.Share{Vocabulary: "region", Name: "Asia Region"}},
		{"Asia Region", "Asia Region", extractors.Share{Vocabulary: "region", Name: "Asia Region"}},
		{"Asia Region", "Central Asia Region", extractors.Share{Vocabulary: "region", Name: "Central Asia Region"}},
		{"Asia Region", "Asia Regional Program", extractors.Share{Vocabulary: "region", Name: "Asia Regional Program"}},
		{"Ukraine", "Ukraine", extractors.Share{Vocabulary: "name", Name: "Ukraine"}},
		{"Ukraine", "", extractors.Share{Vocabulary: "name", Name: "Ukraine"}},
	} {
		r := parse(t, "fsd.txt", structured(map[string]string{"operatingunit": tt.unit, "country": tt.country}))
		for _, d := range r.Disclosures {
			if diff := cmp.Diff([]extractors.Share{tt.want}, d.Places); diff != "" {
				t.Errorf("%s, %s:\n%s", tt.unit, tt.country, diff)
			}
		}
	}
	r := parse(t, "fsd.txt", structured(map[string]string{"operatingunit": "", "country": ""}))
	if len(r.Problems) != 3 || !strings.Contains(r.Problems[0].Reason, "no operating unit and no country") {
		t.Errorf("without a place: %q", reasons(r))
	}
}

// Fiscal year 2021 ran from 1 October 2020 to 30 September 2021; COP20 plans it.
func TestFiscalYear(t *testing.T) {
	for _, tt := range []struct{ year, cycle, want, flags string }{
		{"2021", "COP20", "2021", ""}, {"2021.0", "COP20", "2021", ""}, {"FY2021", "", "2021", ""}, {"FY21", "", "2021", ""},
		{"", "COP20", "2021", "year_of_planning_cycle"}, {"", "ROP20", "2021", "year_of_planning_cycle"}, {"", "COP2020", "2021", "year_of_planning_cycle"},
	} {
		r := parse(t, "fsd.txt", structured(map[string]string{"implementation_year": tt.year, "planning_cycle": tt.cycle, "cop_budget_total": "", "workplan_budget_amt": ""}))
		if diff := cmp.Diff([]brief{{"expenditure", "70", "Kyrgyzstan", tt.want, "", tt.flags}}, briefs(r)); diff != "" {
			t.Errorf("%+v:\n%s", tt, diff)
			continue
		}
		if d := r.Disclosures[0]; d.PeriodStart != "2020-10-01" || d.PeriodEnd != "2021-09-30" || d.YearBasis != "us_fiscal" {
			t.Errorf("%+v: %s to %s, %s", tt, d.PeriodStart, d.PeriodEnd, d.YearBasis)
		}
	}
	for _, tt := range [][2]string{{"soon", "COP20"}, {"", "soon"}, {"", ""}, {"21", "COP20"}} {
		r := parse(t, "fsd.txt", structured(map[string]string{"implementation_year": tt[0], "planning_cycle": tt[1]}))
		if len(r.Problems) != 3 || len(r.Disclosures) != 0 || !strings.Contains(r.Problems[0].Reason, "is no fiscal year") {
			t.Errorf("%q: %d disclosures, %q", tt, len(r.Disclosures), reasons(r))
		}
	}
}

// Agencies are named as published, and no key hangs on their spelling. Words that
// stand where a name should be are no organisations.
func TestParties(t *testing.T) {
	for _, tt := range []struct{ agency, partner, channel, implementer, flags string }{
		{"HHS/CDC", "Example", "HHS/CDC", "Example", ""},
		{"CDC", "Example", "CDC", "Example", ""},
		{"USAID/WCF", "Example", "USAID/WCF", "Example", ""},
		{"WCF", "TBD", "WCF", "", ""},
		{"Dedup", "Dedup", "", "", "deduplication"},
		{"Dedupe adjustments Agency", "dedup", "", "", "deduplication"},
		{"State/AF", "Redacted", "State/AF", "", "masked"},
		{"", "", "", "", ""},
	} {
		r := parse(t, "fsd.txt", structured(map[string]string{
			"fundingagency": tt.agency, "prime_partner_name": tt.partner, "cop_budget_total": "", "workplan_budget_amt": "", "expenditure_amt": "-5",
		}))
		d := r.Disclosures[0]
		var channel, implementer string
		for _, p := range d.Parties {
			switch p.Role {
			case extractors.Channel:
				channel = p.Name
			case extractors.Implementing:
				implementer = p.Name
			}
		}
		if channel != tt.channel || implementer != tt.implementer || strings.Join(d.Flags, " ") != tt.flags || d.Amount != "-5" {
			t.Errorf("%+v: %q, %q, flags %q, amount %s", tt, channel, implementer, d.Flags, d.Amount)
		}
		if want := "pepfar-mech-99001|Kyrgyzstan|FY2021|implementing mechanism||prev|"; !strings.HasPrefix(d.Key, want) || strings.Contains(d.Key, "Example") {
			t.Errorf("%+v: key %s", tt, d.Key)
		}
		if usaid := strings.HasPrefix(tt.agency, "USAID"); usaid != (d.LinkIDs != nil) {
			t.Errorf("%+v: links %q", tt, d.LinkIDs)
		}
	}
}

// Masked rows stay money of a place; what was masked is no identifier or title.
// The codes 00000 and 00001 hold deduplication.
func TestMasked(t *testing.T) {
	for code, want := range map[string]string{"99001": "pepfar-mech-99001", "Redacted": "", "": "", "00000": "", "00001": "", "00123": "pepfar-mech-00123"} {
		r := parse(t, "fsd.txt", structured(map[string]string{"mech_code": code, "mech_name": "Redacted", "award_number": "Redacted"}))
		for _, d := range r.Disclosures {
			if d.ActivityID != want || d.Title != "" || d.LinkIDs != nil || len(d.Flags) == 0 || d.Flags[len(d.Flags)-1] != "masked" {
				t.Errorf("code %q: activity %q, title %q, links %q, flags %q", code, d.ActivityID, d.Title, d.LinkIDs, d.Flags)
			}
		}
	}
}

// The agencies' own costs stay, marked.
func TestManagementAndOperations(t *testing.T) {
	r := parse(t, "fsd.txt", structured(map[string]string{
		"record_type": "Management and Operations", "program": "PM", "sub_program": "", "beneficiary": "", "sub_beneficiary": "", "workplan_budget_amt": "",
	}))
	want := []brief{
		{"budget", "100", "Kyrgyzstan", "2021", "", "management_and_operations"},
		{"expenditure", "70", "Kyrgyzstan", "2021", "", "management_and_operations"},
	}
	if diff := cmp.Diff(want, briefs(r)); diff != "" {
		t.Error(diff)
	}
}

// "Not Disaggregated" and "Not disaggregated" are one key: editions differ.
func TestNotDisaggregated(t *testing.T) {
	keys := map[string]bool{}
	for _, s := range []string{"Not Disaggregated", "Not disaggregated"} {
		r := parse(t, "fsd.txt", structured(map[string]string{"sub_program": s, "sub_beneficiary": s}))
		for _, d := range r.Disclosures {
			keys[d.Key] = true
		}
	}
	if len(keys) != 3 {
		t.Errorf("%d keys, want 3: %v", len(keys), keys)
	}
}

// Since COP23 partners report a targeted beneficiary only; the allocated one is
// computed by a formula, and decides nothing.
func TestTargetedBeneficiary(t *testing.T) {
	r := parse(t, "fsd.txt", lines("\t",
		"operatingunit|country|mech_code|program|sub_program|targeted_beneficiary|allocated_beneficiary|planning_cycle|expenditure_amt",
		"Ukraine|Ukraine|99002|PREV|PrEP|Key Populations|People who inject drugs|COP23|10",
		"Ukraine|Ukraine|99002|PREV|PrEP|Key Populations|Sex workers|COP23|10"))
	if len(r.Disclosures) != 2 || r.Disclosures[0].Key == r.Disclosures[1].Key || r.Disclosures[0].Year != "2024" {
		t.Fatalf("%+v", r.Disclosures)
	}
	for _, d := range r.Disclosures {
		for _, c := range d.Codes {
			if strings.Contains(c.Code, "inject") {
				t.Errorf("the computed beneficiary decides: %+v", c)
			}
		}
		if d.Flags[0] != "allocated_beneficiary" {
			t.Errorf("flags %q", d.Flags)
		}
	}
}

// Names hold commas, quotes and even separators and line ends. Nothing is
// swallowed, and what cannot be split is rejected by its line.
func TestQuotes(t *testing.T) {
	head := "operatingunit|country|mech_code|mech_name|program|implementation_year|cop_budget_pipeline|expenditure_amt"
	for _, separator := range []string{"\t", "|"} {
		table := strings.Join([]string{
			strings.ReplaceAll(head, "|", separator),
			strings.Join([]string{"Kenya", "Kenya", "1001", `Strengthening A, B and "C"`, "PREV", "2021", "1", "11"}, separator),
			strings.Join([]string{"Kenya", "Kenya", "1002", `"Quoted" at its start`, "PREV", "2021", "1", "12"}, separator),
			strings.Join([]string{"Kenya", "Kenya", "1003", `"Holds` + separator + `the separator"`, "PREV", "2021", "1", "13"}, separator),
			strings.Join([]string{"Kenya", "Kenya", "1004", "\"Goes on\nin the next line\"", "PREV", "2021", "1", "14"}, separator),
			strings.Join([]string{"Kenya", "Kenya", "1005", "Plain", "PREV", "2021", "\"" + separator + "\"\"\"", "15"}, separator),
			strings.Join([]string{"Kenya", "Kenya", "1006", `"Never closed`, "PREV", "2021", "1"}, separator),
			strings.Join([]string{"Kenya", "Kenya", "1007", "Plain", "PREV", "2021", "1", "17"}, separator),
		}, "\r\n")
		r := parse(t, "fsd.txt", []byte(table))
		var got []string
		for _, d := range r.Disclosures {
			got = append(got, d.Locator+" "+d.Amount+" "+d.Title)
		}
		want := []string{
			`row 2, expenditure_amt 11 Strengthening A, B and "C"`,
			`row 3, expenditure_amt 12 "Quoted" at its start`,
			"row 4, expenditure_amt 13 Holds" + separator + "the separator",
			"row 5, expenditure_amt 14 Goes on\nin the next line",
			"row 7, expenditure_amt 15 Plain",
			"row 9, expenditure_amt 17 Plain",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"row 8: 7 fields where the header has 8"}, reasons(r)); diff != "" {
			t.Error(diff)
		}
	}
}

// Latin letters of an old character set are read as what they are.
func TestWindows1252(t *testing.T) {
	r := parse(t, "fsd.txt", structured(map[string]string{"operatingunit": "C\xf4te d'Ivoire", "country": "C\xf4te d'Ivoire"}))
	if got := r.Disclosures[0].Places[0].Name; got != "Côte d'Ivoire" {
		t.Errorf("place %q", got)
	}
}

// A later edition of the structured file takes the place of an earlier one, by
// operating unit and year; an edition that lost its budgets does not.
func TestEditions(t *testing.T) {
	older := extractorstest.Doc(roleStructured, "given/Financial_Structured_Datasets_COP17-20_20210618.txt", structured(
		map[string]string{"expenditure_amt": "60"}, map[string]string{"operatingunit": "Ukraine", "country": "Ukraine"}))
	newer := extractorstest.Doc(roleStructured, "given/Financial_Structured_Datasets_COP17-21_20211217.txt", structured(map[string]string{"cop_budget_total": "NaN"}))
	for _, docs := range [][]int{{0, 1}, {1, 0}} {
		set := extractors.Set{older, newer}
		r := extractorstest.Parse(t, New(), set[docs[0]], set[docs[1]])
		extractorstest.Check(t, r, nil)
		var counts []brief
		for _, b := range briefs(r) {
			if b.Scope == "" && b.Place == "Kyrgyzstan" {
				counts = append(counts, b)
			}
		}
		want := map[brief]bool{
			{"budget", "100", "Kyrgyzstan", "2021", "", ""}:     true,
			{"expenditure", "70", "Kyrgyzstan", "2021", "", ""}: true,
		}
		for _, b := range counts {
			if !want[b] {
				t.Errorf("counts: %+v", b)
			}
			delete(want, b)
		}
		for b := range want {
			t.Errorf("does not count: %+v", b)
		}
		if r.Parsed() != 8 {
			t.Errorf("parsed %d, want 8", r.Parsed())
		}
	}
}

func TestPlainAmount(t *testing.T) {
	for in, want := range map[string]string{
		"1234": "1234", "67192.00": "67192.00", "1,234": "1234", "1,234,567.89": "1234567.89", "$1,234": "1234", "$ 1,234.50 ": "1234.50",
		"(1,234)": "-1234", "($70.5)": "-70.5", "-$5": "-5", "$-5": "-5", "−5": "-5", "-1,000": "-1000", "0": "0", ".5": "0.5", "5.": "5",
		"1.5E7": "1.5E7", "\"1,000\"": "1000", "1\u00a0000": "1000",
		"": "", " ": "", "NaN": "", "NA": "", "n/a": "", "NULL": "", "-": "", " $ - ": "", "–": "", "\t\"": "",
		"soon": "!", "1,23": "!", "12,34,567": "!", "1.234,50": "!", "#REF!": "!", "(5": "!", "--5": "!", "1e500": "!", "$": "", "1.2.3": "!", "Redacted": "!",
	} {
		got, reason := plainAmount(in)
		if reason != "" {
			got = "!"
		}
		if got != want {
			t.Errorf("plainAmount(%q) = %q (%s), want %q", in, got, reason, want)
		}
	}
	r := parse(t, "fsd.txt", structured(map[string]string{"expenditure_amt": "soon"}))
	if diff := cmp.Diff([]string{`row 2, expenditure_amt: expenditure_amt: "soon" is not an amount`}, reasons(r)); diff != "" || r.Parsed() != 3 {
		t.Errorf("parsed %d\n%s", r.Parsed(), diff)
	}
}

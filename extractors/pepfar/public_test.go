package pepfar

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hrinvest/extractors"
	"hrinvest/extractors/extractorstest"
)

// A table with a column per fiscal year: one statement per row and year with a
// value; dollars, commas and parentheses are the publisher's.
func TestExpenditures(t *testing.T) {
	b := lines("\t", "\ufeff"+publicHead+"|2020|FY 2021|2022",
		`Ukraine|PREV|Service Delivery|Key Pops|People who inject drugs|"$1,234,567"|($ 70.50)|`,
		"Ukraine|HTS|Service Delivery|Key Pops|People who inject drugs|-|8|0",
		"Asia Region|PM|||||9|NA")
	r := parse(t, "PEPFAR_Program_Expenditures.txt", b)
	type row struct{ Group, Amount, Year, Locator string }
	var got []row
	for _, d := range r.Disclosures {
		got = append(got, row{d.Group, d.Amount, d.Year, d.Locator})
		if d.Kind != extractors.Expenditure || d.Basis != "cash" || d.ActivityID != "" || d.OutOfScope != "" {
			t.Errorf("%s: %s, %s, %q, %q", d.Locator, d.Kind, d.Basis, d.ActivityID, d.OutOfScope)
		}
	}
	want := []row{
		{"pepfar-expenditures|Ukraine||FY2020", "1234567", "2020", "row 2, 2020"},
		{"pepfar-expenditures|Ukraine||FY2021", "-70.50", "2021", "row 2, FY 2021"},
		{"pepfar-expenditures|Ukraine||FY2021", "8", "2021", "row 3, FY 2021"},
		{"pepfar-expenditures|Asia Region||FY2021", "9", "2021", "row 4, FY 2021"},
	}
	if diff := cmp.Diff(want, got); diff != "" || r.Skipped != 1 {
		t.Errorf("skipped %d\n%s", r.Skipped, diff)
	}
	var raw map[string]string
	if err := json.Unmarshal(r.Disclosures[0].Raw, &raw); err != nil {
		t.Fatal(err)
	}
	wantRaw := map[string]string{
		"Country/Operating Unit": "Ukraine", "Program": "PREV", "Interaction Type": "Service Delivery",
		"Beneficiary": "Key Pops", "Sub Beneficiary": "People who inject drugs", "2020": "$1,234,567",
	}
	if diff := cmp.Diff(wantRaw, raw); diff != "" {
		t.Error(diff)
	}
	if got := r.Disclosures[3].Places[0].Vocabulary; got != "region" {
		t.Errorf("Asia Region is a %q", got)
	}
}

// Budgets by code name the country by its code too. APPLIED PIPELINE is part of
// what is planned, marked.
func TestBudgetsByCode(t *testing.T) {
	b := lines("\t", codesHead+"|2012|COP18",
		"Asia Region|Kazakhstan|KAZ|IDUP|Implementing Mechanism|$500|600",
		"Asia Region|Kazakhstan|KAZ|APPLIED PIPELINE|Implementing Mechanism||7",
		"Asia Region|Central Asia Region|ASR|HVMS|Management and Operations|5|",
		"Asia Region|Kazakhstan|KAZ||Implementing Mechanism|11|12",
		"Asia Region|Kazakhstan|KAZ|Total|Implementing Mechanism|13|14",
		"Asia Region|Total||IDUP|Implementing Mechanism|15|16",
		"Asia Region|||IDUP|Implementing Mechanism|17|18",
		"Total|||IDUP|Implementing Mechanism|19|20")
	r := parse(t, "PEPFAR_OU_Budgets_by_Budget_Code.txt", b)
	type row struct{ Amount, Year, Code, Place, Flags string }
	var got []row
	for _, d := range r.Disclosures {
		if d.Kind != extractors.Budget || d.BudgetStage != "planned" {
			t.Errorf("%s: %s, %s", d.Locator, d.Kind, d.BudgetStage)
		}
		p := d.Places[0]
		got = append(got, row{d.Amount, d.Year, d.Codes[0].Code, p.Vocabulary + " " + p.Code + " " + p.Name, strings.Join(d.Flags, " ")})
	}
	want := []row{
		{"500", "2012", "IDUP", "iso3 KAZ Kazakhstan", ""},
		{"600", "2019", "IDUP", "iso3 KAZ Kazakhstan", ""},
		{"7", "2019", "APPLIED PIPELINE", "iso3 KAZ Kazakhstan", "applied_pipeline"},
		{"5", "2012", "HVMS", "region  Central Asia Region", "management_and_operations"},
	}
	if diff := cmp.Diff(want, got); diff != "" || r.Skipped != 10 {
		t.Errorf("skipped %d, want 10\n%s", r.Skipped, diff)
	}
}

// Totals are never loaded beside their lines. Where they differ by more than
// rounding the published total is observed, with the difference.
func TestTotals(t *testing.T) {
	b := lines("\t", publicHead+"|2020|2021",
		"Ukraine|PREV||||60.4|60",
		"Ukraine|HTS||||39.9|40",
		"Ukraine|||||100|110",
		"Kenya|PREV||||1000|",
		"Kenya|Total||||1000|5",
		"Kenya|PREV|Total|||77|77",
		"Total|PREV||||1060|60",
		"Total|||||1,300|100")
	r := parse(t, "PEPFAR_Program_Expenditures.txt", b)
	var loaded big.Rat
	for _, d := range r.Disclosures {
		n, ok := new(big.Rat).SetString(d.Amount)
		if !ok {
			t.Fatal(d.Amount)
		}
		loaded.Add(&loaded, n)
	}
	if got := loaded.FloatString(1); got != "1200.3" || r.Skipped != 10 || len(r.Problems) != 0 {
		t.Errorf("loaded %s, skipped %d, rejected %d", got, r.Skipped, len(r.Problems))
	}
	type row struct{ Area, Name, Year, Value, Note, Locator string }
	var got []row
	for _, o := range r.Observations {
		if o.Indicator != "pepfar_published_total" || o.Subgroup != "expenditure" || o.Unit != "USD" {
			t.Errorf("%+v", o)
		}
		got = append(got, row{o.Area, o.AreaName, o.Year, o.Value, o.Note, o.Locator})
	}
	note := func(s string) string { return "US fiscal year; the " + s }
	want := []row{
		{"", "Ukraine", "2021", "110", note("lines of the same table (2) add up to 100.00, a difference of 10.00"), "row 4, 2021"},
		{"", "Kenya", "2021", "5", note("lines of the same table (0) add up to 0.00, a difference of 5.00"), "row 6, 2021"},
		{"WORLD", "", "2020", "1300", note("lines of the same table (3) add up to 1100.30, a difference of 199.70"), "row 9, 2020"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// In a table with operating units and countries a total of a regional unit is
// compared with the lines of all its countries.
func TestTotalsOfRegions(t *testing.T) {
	r := parse(t, "PEPFAR_OU_Budgets_by_Budget_Code.txt", lines("\t", codesHead+"|2012",
		"Asia Region|Kazakhstan|KAZ|IDUP||500",
		"Asia Region|Tajikistan|TJK|IDUP||300",
		"Asia Region|Kazakhstan|KAZ|Total||500",
		"Asia Region|Total||Total||900",
		"Asia Region|Tajikistan|TJK|||200"))
	var got []string
	for _, o := range r.Observations {
		got = append(got, o.Area+" "+o.AreaName+" "+o.Value+": "+o.Note)
	}
	want := []string{
		" Asia Region 900: US fiscal year; the lines of the same table (2) add up to 800.00, a difference of 100.00",
		"TJK Tajikistan 200: US fiscal year; the lines of the same table (1) add up to 300.00, a difference of -100.00",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A row that leaves empty what others fill is their whole: each dollar once.
func TestWholesAndParts(t *testing.T) {
	r := parse(t, "PEPFAR_OU_Budgets_by_Financial_Classifications.txt", lines("\t", classHead+"|2021|2022",
		"Ukraine|Ukraine|UKR|PREV||||100|100",
		"Ukraine|Ukraine|UKR|PREV|PrEP|||40|",
		"Ukraine|Ukraine|UKR|PREV|PrEP|Key Pops|Sex workers|15|",
		"Ukraine|Ukraine|UKR|PREV|VMMC|Key Pops|Sex workers|5|5",
		"Ukraine|Ukraine|UKR|HTS||Key Pops|Sex workers|9|",
		"Kenya|Kenya|KEN|PREV|PrEP|||8|"))
	amounts := map[string]string{}
	for _, d := range r.Disclosures {
		amounts[d.Key] = d.Amount
	}
	var got []string
	for _, d := range r.Disclosures {
		got = append(got, d.Places[0].Code+" "+d.Year+" "+d.Amount+" of "+amounts[d.PartOf])
	}
	want := []string{
		"UKR 2021 100 of ", "UKR 2021 40 of 100", "UKR 2021 15 of 40", "UKR 2021 5 of 100", "UKR 2021 9 of ",
		"UKR 2022 100 of ", "UKR 2022 5 of 100",
		"KEN 2021 8 of ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// What several documents state counts once: the structured file before the public
// tables, budgets by program before those by code, and a partner's work plan last.
func TestClaims(t *testing.T) {
	codes := extractorstest.Doc(roleBudgets, "PEPFAR_OU_Budgets_by_Budget_Code.txt", lines("\t", "Country/Operating Unit|Budget Code|2021|2022",
		"Central Asia Region|IDUP|1|2", "Kenya|IDUP|3|4", "Ukraine|IDUP|5|6"))
	classes := extractorstest.Doc(roleBudgets, "PEPFAR_OU_Budgets_by_Financial_Classifications.txt", lines("\t", classHead+"|2021",
		"Kenya|Kenya|KEN|PREV|PrEP|Key Pops|Sex workers|7"))
	spent := extractorstest.Doc(roleExpenditures, "PEPFAR_Program_Expenditures.txt", lines("\t", publicHead+"|2021|2022",
		"Kazakhstan|PREV||||8|9", "Kenya|PREV||||10|11"))
	fsd := extractorstest.Doc(roleStructured, "Financial_Structured_Datasets_COP17-21_20211217.txt", structured(
		map[string]string{"expenditure_amt": "12", "cop_budget_total": "13", "workplan_budget_amt": ""},
		map[string]string{"operatingunit": "Ukraine", "country": "Ukraine", "expenditure_amt": "14", "cop_budget_total": "", "workplan_budget_amt": "15"},
		map[string]string{"operatingunit": "Haiti", "country": "Haiti", "expenditure_amt": "16", "cop_budget_total": "", "workplan_budget_amt": "17"}))
	r := extractorstest.Parse(t, New(), codes, spent, fsd, classes)
	extractorstest.Check(t, r, nil)
	got := map[string]string{}
	for _, d := range r.Disclosures {
		got[d.Amount] = d.OutOfScope
	}
	const in = "the same operating unit and year count from "
	want := map[string]string{
		"1": in + fsd.Name, "2": "", "3": in + classes.Name, "4": "", "5": "", "6": "", "7": "",
		"8": in + fsd.Name, "9": "", "10": "", "11": "",
		"12": "", "13": "", "14": "", "15": "a work plan: the approved budget counts, of " + codes.Name, "16": "", "17": "",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

package globalfund

import (
	"encoding/json"
	"strings"
	"testing"

	"hrinvest/extractors"
	"hrinvest/extractors/extractorstest"
	"hrinvest/extractors/fetch"
)

// sample makes a page of the interface from a table of the data explorer: real
// names and figures, undated, in the shape of an answer.
func sample(t *testing.T, file, role string, lines func(row map[string]string) []object) fetch.Document {
	t.Helper()
	rows := extractorstest.Rows(t, extractorstest.Corpus(t, "global-fund", "samples", file))
	var value []object
	for _, r := range rows[1:] {
		named := map[string]string{}
		for i, name := range rows[0] {
			named[strings.TrimPrefix(name, "\ufeff")] = r[i]
		}
		value = append(value, lines(named)...)
	}
	b, err := json.Marshal(object{"@odata.context": "x", "value": value})
	if err != nil {
		t.Fatal(err)
	}
	return extractorstest.Doc(role, file, b)
}

// 153 donors with what they pledged and paid: names with commas, brackets and
// dots in the middle, pledges of 0, contributions beyond the pledge.
func TestCorpusPledges(t *testing.T) {
	var types []string
	doc := sample(t, "explorer_pledges_contributions_by_donor.csv", rolePledges, func(r map[string]string) []object {
		who := object{"name": r["donor"], "type": object{"name": r["donor_type"]}}
		types = append(types, r["donor_type"])
		return []object{
			{"indicatorName": "Pledge - Reference Rate", "donor": who, "plannedAmount": r["pledge_usd"]},
			{"indicatorName": "Contribution - Reference Rate", "donor": who, "actualAmount": json.Number(r["contribution_usd"])},
		}
	})
	r := extractorstest.Parse(t, New(), doc)
	extractorstest.Check(t, r, nil)
	if len(r.Disclosures) != 306 || len(r.Problems) != 0 {
		t.Fatalf("%d statements, problems %+v", len(r.Disclosures), r.Problems)
	}
	for kind, want := range map[extractors.Kind]string{extractors.Pledge: "88959272549.89", extractors.Incoming: "73703118028.53"} {
		got := sum(t, r.Disclosures, func(d extractors.Disclosure) bool {
			return d.Kind == kind && hasFlag(d, "core_contribution") && len(d.Places) == 0
		})
		if got.FloatString(2) != want {
			t.Errorf("%s = %s, want %s", kind, got.FloatString(2), want)
		}
	}
	amfm := sum(t, r.Disclosures, func(d extractors.Disclosure) bool { return d.Kind == extractors.Pledge && hasFlag(d, "amfm") })
	if amfm.FloatString(2) != "537458185.43" {
		t.Errorf("AMFm = %s", amfm.FloatString(2))
	}
	ds, err := readDonors()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range types {
		if _, ok := ds.byType[name]; !ok {
			t.Errorf("%q is not in donors.csv", name)
		}
	}
	for _, d := range r.Disclosures {
		if strings.Contains(string(d.Raw), "Bono") || d.Parties[0].Name == "An individual donor" {
			t.Errorf("%s: %+v", d.Key, d.Parties[0])
		}
	}
}

// 795 allocations of three cycles; 314 are for HIV.
func TestCorpusAllocations(t *testing.T) {
	doc := sample(t, "explorer_allocations_by_country_component_cycle.csv", roleAllocations, func(r map[string]string) []object {
		return []object{{
			"indicatorName": "Communicated Allocation - Reference Rate", "geography": object{"name": r["geography"]}, "periodCovered": r["periodCovered"],
			"activityArea": object{"name": r["component"], "type": "Component"}, "actualAmount": json.Number(r["allocation_usd"]),
		}}
	})
	r := extractorstest.Parse(t, New(), doc)
	extractorstest.Check(t, r, nil)
	if len(r.Disclosures) != 795 || len(r.Problems) != 0 {
		t.Fatalf("%d statements, problems %+v", len(r.Disclosures), r.Problems)
	}
	hiv := 0
	for _, d := range r.Disclosures {
		if d.OutOfScope == "" {
			hiv++
		}
	}
	if hiv != 314 {
		t.Errorf("%d allocations for HIV, want 314", hiv)
	}
	for funding, want := range map[string]string{"GC5": "5150000003.70", "GC6": "6354999999.27", "GC7": "6487600015.67"} {
		got := sum(t, r.Disclosures, func(d extractors.Disclosure) bool { return d.OutOfScope == "" && d.Cycle == funding })
		if got.FloatString(2) != want {
			t.Errorf("%s = %s, want %s", funding, got.FloatString(2), want)
		}
	}
}

// The same budgets, once as the table and once as lines of the interface, give
// the same money to the same codes.
func TestCorpusBudgetsAsAnswer(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	path := extractorstest.Corpus(t, "global-fund", "budgets", "gc7_budget_by_module_intervention.csv")
	want := extractorstest.Parse(t, New(), extractorstest.File(t, New(), path))
	rows := extractorstest.Rows(t, path)
	var value []object
	for _, r := range rows[1:] {
		value = append(value, object{
			"indicatorName": "Budget - Reference Rate", "isLatestReported": true, "plannedAmount": json.Number(r[5]), "periodCovered": r[6],
			"activityArea":         object{"name": r[4], "type": "Intervention", "parent": object{"name": r[3], "type": "Module", "parent": object{"name": r[2], "type": "Component"}}},
			"implementationPeriod": object{"code": r[1], "grant": object{"geography": object{"name": r[0]}}},
		})
	}
	b, err := json.Marshal(object{"value": value})
	if err != nil {
		t.Fatal(err)
	}
	got := extractorstest.Parse(t, New(), extractorstest.Doc(roleAnswer, "page.json", b))
	extractorstest.Check(t, got, nil)
	type what struct{ group, code, place, scope, cycle string }
	totals := func(r *extractorstest.Result) map[what]string {
		rows := map[what][]extractors.Disclosure{}
		for _, d := range r.Disclosures {
			k := what{d.Group, d.Codes[0].Code, placeName(d), d.OutOfScope, d.Cycle}
			rows[k] = append(rows[k], d)
		}
		out := map[what]string{}
		for k, ds := range rows {
			out[k] = sum(t, ds, func(extractors.Disclosure) bool { return true }).RatString()
		}
		return out
	}
	a, c := totals(want), totals(got)
	if len(a) != len(c) || len(a) < 9000 {
		t.Errorf("%d sums and %d", len(a), len(c))
	}
	for k, v := range a {
		if c[k] != v {
			t.Fatalf("%+v: %s in the table, %q in the answer", k, v, c[k])
		}
	}
	if n := sum(t, got.Disclosures, func(d extractors.Disclosure) bool { return inModule(d, pudModule) && d.OutOfScope == "" }); n.FloatString(0) != "157838939" {
		t.Errorf("people who use drugs = %s", n.FloatString(0))
	}
}

package pepfar

import (
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hrinvest/extractors"
	"hrinvest/extractors/extractorstest"
)

// sums adds the amounts of disclosures exactly, by what a function says of each.
func sums(t *testing.T, ds []extractors.Disclosure, by func(extractors.Disclosure) string) map[string]string {
	t.Helper()
	all := map[string]*big.Rat{}
	for _, d := range ds {
		n, ok := new(big.Rat).SetString(d.Amount)
		if !ok {
			t.Fatalf("%s: amount %q", d.Locator, d.Amount)
		}
		k := by(d)
		if all[k] == nil {
			all[k] = new(big.Rat)
		}
		all[k].Add(all[k], n)
	}
	out := map[string]string{}
	for k, n := range all {
		out[k] = n.FloatString(0)
	}
	return out
}

// Five published rows of Angola, exported again by another program: the work plan
// stands in for the budget, which that extract had lost.
func TestCorpusSample(t *testing.T) {
	doc := extractorstest.File(t, New(), extractorstest.Corpus(t, "pepfar", "fsd_sample_rows_angola.csv"))
	if doc.Role != roleStructured {
		t.Fatalf("role %q", doc.Role)
	}
	r := extractorstest.Parse(t, New(), doc)
	extractorstest.Check(t, r, map[string]bool{doc.SHA256: true})
	if len(r.Disclosures) != 9 || r.Parsed() != 9 {
		t.Fatalf("%d disclosures of %d statements, want 9: 5 expenditures, 4 work plans", len(r.Disclosures), r.Parsed())
	}
	got := sums(t, r.Disclosures, func(d extractors.Disclosure) string {
		return strings.Join([]string{string(d.Kind), d.Group, d.Title, d.ActivityID, d.OutOfScope}, "; ")
	})
	const mechanism = "pepfar-mech-80060|Angola|FY2021; AFENET; pepfar-mech-80060; "
	want := map[string]string{"expenditure; " + mechanism: "627901", "budget; " + mechanism: "207553"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := r.Disclosures[0].Codes[0].Code; got != "ASP|Laboratory systems strengthening|Non-Targeted Pop|Not disaggregated" {
		t.Errorf("code %q", got)
	}
}

// The published sums of fiscal year 2021 by program and beneficiary, written as
// rows of the structured file, come out as they went in: 4.119 bn spent.
func TestCorpusAggregates(t *testing.T) {
	rows := extractorstest.Rows(t, extractorstest.Corpus(t, "pepfar", "cop20_exp_cop21_workplan_by_program_beneficiary.csv"))
	var table []map[string]string
	for _, r := range rows[2:] {
		table = append(table, map[string]string{
			"operatingunit": "Ukraine", "country": "Ukraine", "program": r[0], "sub_program": "", "beneficiary": r[1], "sub_beneficiary": "",
			"expenditure_amt": r[2], "workplan_budget_amt": r[5], "cop_budget_total": "NaN",
		})
	}
	r := parse(t, "fsd.txt", structured(table...))
	got := sums(t, r.Disclosures, func(d extractors.Disclosure) string { return string(d.Kind) })
	if diff := cmp.Diff(map[string]string{"expenditure": "4118948931", "budget": "3425336496"}, got); diff != "" || len(table) != 40 {
		t.Errorf("%d rows\n%s", len(table), diff)
	}
	got = sums(t, r.Disclosures, func(d extractors.Disclosure) string {
		if code := d.Codes[0].Code; d.Kind == extractors.Expenditure && strings.Contains(code, "|Key Pops|") {
			program, _, _ := strings.Cut(code, "|")
			return program
		}
		return "rest"
	})
	delete(got, "rest")
	want := map[string]string{"PREV": "75975548", "C&T": "62030276", "HTS": "42801172", "ASP": "11889963", "PM": "6781504", "SE": "794138"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

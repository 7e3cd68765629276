package warehouse_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hrinvest/warehouse"
	wt "hrinvest/warehouse/warehousetest"
)

// trailing are the last columns of the answer to every research question.
var trailing = []string{"n_sources", "status", "method", "confidence", "comparable", "reason", "reason_en", "release_id", "source_ids"}

// TestQuestions: the research questions are all there, document each column,
// end alike, and say why where they have nothing to say.
func TestQuestions(t *testing.T) {
	db := wt.Open(t, world())
	var reasons []string
	for _, r := range rowsOf(t, db, "SELECT reason FROM reasons") {
		reasons = append(reasons, r[0])
	}
	queries, err := warehouse.Queries()
	if err != nil {
		t.Fatal(err)
	}
	var numbers []int
	for _, q := range queries {
		if q.Question == 0 {
			continue
		}
		numbers = append(numbers, q.Question)
		t.Run(q.Name, func(t *testing.T) {
			for _, args := range []map[string]any{nil, {"country": "EST"}, {"area": "EECA_UNAIDS", "year": 1901}, {"country": "KGZ", "from": 2018, "to": 2021}, {"donor": "Nobody", "definition": "core_3"}, {"country": "KGZ", "year": 2018}} {
				res, err := db.Named(t.Context(), q.Name, only(q, args))
				if err != nil {
					t.Fatal(err)
				}
				if len(res.Rows) == 0 && len(only(q, args)) == len(args) {
					t.Errorf("%v: no row, not even one that says why", args)
				}
				var got, documented []string
				for _, c := range res.Columns {
					got = append(got, c.Name)
				}
				for _, c := range q.Columns {
					documented = append(documented, c.Name)
				}
				if diff := cmp.Diff(documented, got); diff != "" {
					t.Fatalf("columns (-documented +got):\n%s", diff)
				}
				if diff := cmp.Diff(trailing, got[len(got)-len(trailing):]); diff != "" {
					t.Fatalf("last columns (-want +got):\n%s", diff)
				}
				for _, row := range res.Rows {
					field := func(name string) string { return warehouse.Text(row[slices.Index(got, name)]) }
					if s := field("status"); !slices.Contains([]string{"reported", "imputed", "not_reported", "not_applicable"}, s) {
						t.Errorf("status %q", s)
					}
					if r := field("reason"); !slices.Contains(reasons, r) || field("reason_en") == "" || field("comparable") == "" {
						t.Errorf("reason %q (%s), comparable %q", r, field("reason_en"), field("comparable"))
					}
					if field("release_id") == "" {
						t.Error("no release")
					}
					if (field("n_sources") == "0") != (field("source_ids") == "") {
						t.Errorf("%s sources: %q", field("n_sources"), field("source_ids"))
					}
				}
			}
		})
	}
	slices.Sort(numbers)
	var want []int
	for n := 1; n <= 25; n++ {
		if n != 22 && n != 23 { // of several releases: Changes, AsOf
			want = append(want, n)
		}
	}
	if diff := cmp.Diff(want, numbers); diff != "" {
		t.Errorf("questions (-want +got):\n%s", diff)
	}
}

// only keeps the arguments a query knows.
func only(q warehouse.Query, args map[string]any) map[string]any {
	out := map[string]any{}
	for _, p := range q.Params {
		if v, ok := args[p.Name]; ok {
			out[p.Name] = v
		}
	}
	return out
}

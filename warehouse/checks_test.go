package warehouse_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	wt "hrinvest/warehouse/warehousetest"
)

// TestChecksFind breaks one thing at a time: each check must find what it is
// for, and sound data must pass all of them.
func TestChecksFind(t *testing.T) {
	flow := func(set map[string]any) func(wt.Tables) {
		return func(w wt.Tables) { maps.Copy(w["flows"][0], set) }
	}
	tests := map[string]func(wt.Tables){
		"":                func(wt.Tables) {},
		"disclosures_sum": flow(map[string]any{"amount": "99.999999", "usd": "99.999999"}),
		"flows_have_disclosures": func(w wt.Tables) {
			w["flows"] = append(w["flows"], wt.Flow(map[string]any{"flow_id": "f2", "disclosure_id": "d9"}))
		},
		"flow_ids_unique": func(w wt.Tables) {
			half := map[string]any{"flow_id": "f1", "amount": "50", "usd": "50"}
			w["flows"] = []map[string]any{wt.Flow(half), wt.Flow(half)}
		},
		"disclosure_ids_unique": func(w wt.Tables) {
			w["disclosures"] = append(w["disclosures"], map[string]any{"disclosure_id": "d1", "source": "s1", "document_sha256": "abc", "outcome": "out_of_scope"})
		},
		"sources_balance":    func(w wt.Tables) { w["sources"][0]["parsed"] = 2 },
		"money_has_currency": flow(map[string]any{"currency": nil}),
		"known_words":        flow(map[string]any{"kind": "grant"}),
		"counted_agrees":     flow(map[string]any{"excluded_by": "mirror"}),
		"usd_has_rate":       flow(map[string]any{"rate": nil}),
		"usd_follows_rate":   flow(map[string]any{"currency": "KGS", "rate": "69.85", "usd": "1.44"}),
		"annual_has_period":  flow(map[string]any{"period_start": nil}),
		"withheld":           flow(map[string]any{"country": "RUS", "implementer": "A network"}),
		"documents_known":    func(w wt.Tables) { w["documents"] = nil },
		"implausible_amounts": func(w wt.Tables) {
			flow(map[string]any{"amount": "200000000000", "usd": "200000000000"})(w)
			w["disclosures"][0]["amount_published"] = "200000000000"
		},
		"periods_plausible": flow(map[string]any{"year": 42916}),
		"without_usd":       flow(map[string]any{"currency": "KGS", "usd": nil, "rate": nil}),
		"rejected_statements": func(w wt.Tables) {
			w["disclosures"] = append(w["disclosures"], map[string]any{"disclosure_id": "d2", "source": "s1", "document_sha256": "abc", "outcome": "rejected", "problem": "no number"})
			w["sources"][0]["rejected"], w["sources"][0]["parsed"] = 1, 2
		},
		"observations_known": func(w wt.Tables) {
			w["observations"] = []map[string]any{observation("no such indicator", "KGZ", 2018, "1")}
		},
	}
	for check, change := range tests {
		t.Run(check, func(t *testing.T) {
			w := small()
			change(w)
			findings, err := wt.Build(t, t.TempDir(), w).Check(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range findings {
				if f.Check != "members_known" { // the test's countries are a few only
					got = append(got, f.Check)
				}
			}
			var want []string
			if check != "" {
				want = []string{check}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("findings (-want +got)\n%s\n%v", diff, findings)
			}
		})
	}
	// These hold by construction of the views; data alone cannot break them.
	held := []string{"ledger_balances", "spending_conserves", "best_available_once", "gaps_once", "gaps_answer", "commitments_known", "members_known"}
	found, err := filepath.Glob("checks/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		name := strings.TrimSuffix(filepath.Base(f), ".sql")
		if _, ok := tests[name]; !ok && !slices.Contains(held, name) {
			t.Errorf("no test breaks check %s", name)
		}
	}
	if text, err := os.ReadFile("checks/README.md"); err != nil || !strings.Contains(string(text), "@severity") {
		t.Errorf("checks/README.md: %v", err)
	}
}

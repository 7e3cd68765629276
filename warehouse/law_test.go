package warehouse_test

import (
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	wt "hrinvest/warehouse/warehousetest"
)

// TestImportsNothingOfTheModule keeps the room closed: warehouse depends on no
// other package of the module, in code or tests, but its own.
func TestImportsNothingOfTheModule(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-test", "hrinvest/warehouse/...").Output()
	if err != nil {
		t.Skip("go list:", err)
	}
	for p := range strings.FieldsSeq(string(out)) {
		if strings.HasPrefix(p, "hrinvest/") && !strings.HasPrefix(p, "hrinvest/warehouse") {
			t.Errorf("depends on %s", p)
		}
	}
}

// TestMoneyIsConserved: whatever the flows, the marts hold every counted dollar
// exactly once per kind, the ledger holds the rest, and best_available holds no
// cell twice.
func TestMoneyIsConserved(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	worlds := rapid.Custom(func(rt *rapid.T) wt.Tables {
		n := rapid.IntRange(1, 200).Draw(rt, "flows")
		pick := func(name string, from ...any) any { return rapid.SampledFrom(from).Draw(rt, name) }
		w := wt.Tables{"sources": {
			{"source": "a", "spent": "sum", "authority": 2}, {"source": "b", "spent": "expenditure", "authority": 1}, {"source": "c", "authority": 3}}}
		for i := range n {
			amount := fmt.Sprintf("%d.%06d", rapid.Int64Range(-1e9, 1e12).Draw(rt, "whole"), rapid.Int64Range(0, 999999).Draw(rt, "millionths"))
			f := wt.Flow(map[string]any{
				"flow_id": fmt.Sprint("f", i), "amount": amount, "usd": amount,
				"source": pick("source", "a", "b", "c"), "kind": pick("kind", "disbursement", "expenditure", "budget", "commitment"),
				"country": pick("country", "KGZ", "KAZ", nil), "year": pick("year", 2018, 2019, nil),
				"funder": pick("funder", "A foundation", "Domestic public", nil), "intervention": pick("intervention", "nsp", "oat", "hiv_other"),
			})
			if rapid.Bool().Draw(rt, "no rate") {
				f["usd"], f["currency"] = nil, "KGS"
			}
			if rapid.IntRange(0, 3).Draw(rt, "excluded") == 0 {
				f["counted"], f["excluded_by"] = false, "mirror"
			}
			w["flows"] = append(w["flows"], f)
		}
		return w
	})
	for seed := range 6 { // a build takes half a second: a few large worlds instead of many small ones
		b := wt.Build(t, t.TempDir(), worlds.Example(seed))
		findings, err := b.Check(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range findings {
			if slices.Contains([]string{"ledger_balances", "best_available_once", "spending_conserves"}, f.Check) {
				t.Errorf("seed %d: %s", seed, f)
			}
		}
		if err := b.Discard(); err != nil {
			t.Fatal(err)
		}
	}
}

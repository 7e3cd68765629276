package transforms

import "testing"

// Every rule has an id of its own and decides an intervention there is; one that
// reads a publisher's classification names who decided it, when, and from what.
func TestRules(t *testing.T) {
	rules, err := Rules()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	interventions, err := vocabRows("interventions.csv", 9)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range interventions {
		known[r[0]] = true
	}
	seen := map[string]bool{}
	for _, r := range rules {
		if r.ID == "" || seen[r.ID] {
			t.Errorf("id %q is empty or taken", r.ID)
		}
		seen[r.ID] = true
		if (r.Scheme == "") == (r.Term == "") {
			t.Errorf("%s is neither or both of classification and word", r.ID)
		}
		if r.Scheme != "" && (!known[r.Intervention] || r.Author == "" || len(r.Date) != 10 || r.Source == "") {
			t.Errorf("%s: %+v", r.ID, r)
		}
	}
	if !seen["gf-gc7-nsp"] || !seen["en-pwid-3"] {
		t.Error("rules that flows name are missing")
	}
}

package pipelines

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"hrinvest/extractors/fetch"
)

// A live document that was withdrawn is offered every night and neither downloaded
// nor stored again; the operator is told once, and nothing of the source goes stale.
// Another document in its place is taken.
func TestWithdrawnIsNotTakenAgain(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	alpha := tables{id: "alpha", names: []string{"a", "b"}}
	s := publish(t, alpha)
	n := nights(t, s, alpha)
	n.pass(t)
	gone := n.ledger(t).shelf("alpha").Documents[0]
	if _, _, err := n.Withdraw(t.Context(), gone.SHA256[:12], "asked to"); err != nil {
		t.Fatal(err)
	}
	for night, told := range []int{1, 0, 0} {
		r := n.gathers(t, "")
		one := r.Sources[0]
		if len(one.Withdrawn) != told || one.Error != "" || one.Missed != "" || r.Stale() || r.Held() || one.Changed > 0 || one.Documents != 1 {
			t.Errorf("night %d: %+v", night+1, one)
		}
		if one.Usage.Bytes > 100 || n.store.Has(gone.SHA256) {
			t.Errorf("night %d: %d bytes came, stored %v", night+1, one.Usage.Bytes, n.store.Has(gone.SHA256))
		}
		if got := n.stands(t, alpha); got[:5] != "fresh" {
			t.Errorf("night %d: %s", night+1, got)
		}
	}
	given := t.TempDir()
	if err := os.WriteFile(filepath.Join(given, "a.csv"), []byte(table("a", 200, 100)), 0o644); err != nil {
		t.Fatal(err)
	}
	if r, err := n.Refresh(t.Context(), RefreshOptions{Only: []string{"alpha"}, Documents: given}); !errors.Is(err, fetch.ErrWithdrawn) || len(r.Sources[0].Withdrawn) != 1 {
		t.Errorf("handed over: %v, %+v", err, r.Sources[0])
	}
	s.edit(gone.URL, table("a", 210, 100))
	if r := n.gathers(t, ""); r.Sources[0].Documents != 2 || n.inUse(t)[:4] != "410 " {
		t.Errorf("a corrected edition: %+v, %s", r.Sources[0], n.inUse(t))
	}
}

package pipelines

import (
	"errors"
	"os"
	"strings"
	"testing"

	"hrinvest/warehouse"
)

// A release that is damaged on the disk is published again, though its data are not
// new; one without its description does not stand in the way.
func TestDamagedRelease(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	alpha := tables{id: "alpha", names: []string{"a"}}
	n := nights(t, publish(t, alpha), alpha)
	n.pass(t)
	before, err := warehouse.Current(n.cfg.Dir)
	if err != nil {
		t.Fatal(err)
	}
	rows := n.rows(t)
	b, err := os.ReadFile(before.Path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 3 * 4096; i < len(b); i += 5000 {
		b[i] ^= 4
	}
	write(t, before.Path, string(b))
	if r := n.pass(t); r.NothingNew || r.Hash != before.Hash || r.Release == before.ID || n.rows(t) != rows {
		t.Errorf("%+v, %s", r, n.rows(t))
	}
	again, err := warehouse.Current(n.cfg.Dir)
	if err != nil {
		t.Fatal(err)
	}
	write(t, strings.TrimSuffix(again.Path, ".duckdb")+".json", "{")
	if r := n.pass(t); r.NothingNew || r.Hash != before.Hash || n.rows(t) != rows {
		t.Errorf("without its description: %+v", r)
	}
	if list, err := warehouse.Releases(n.cfg.Dir); err != nil || len(list) != 1 {
		t.Errorf("releases %v, %v", list, err)
	}
}

// A night does not bring back what an operator went back from, unless it changed.
func TestRollbackHolds(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	alpha := tables{id: "alpha", names: []string{"a"}}
	s := publish(t, alpha)
	n := nights(t, s, alpha)
	good := n.pass(t)
	s.edit(alpha.address("a"), table("a", 190, 100))
	bad := n.pass(t)
	if _, err := Rollback(n.cfg.Dir, good.Release, n.now); err != nil {
		t.Fatal(err)
	}
	r := n.pass(t)
	if current, err := warehouse.Current(n.cfg.Dir); err != nil || current.ID != good.Release || !r.NothingNew || r.Release != good.Release ||
		!strings.Contains(strings.Join(r.Warnings, " "), "hrinvest rollback "+bad.Release) {
		t.Errorf("%+v, serving %s, %v", r, current.ID, err)
	}
	if back, err := ReadRolledBack(n.cfg.Dir); err != nil || back.From != bad.Release || back.To != good.Release {
		t.Errorf("%+v, %v", back, err)
	}
	s.edit(alpha.address("a"), table("a", 195, 100))
	if r := n.pass(t); r.NothingNew || !strings.HasPrefix(n.rows(t), "195 ") {
		t.Errorf("new data: %+v", r)
	}
	if back, err := ReadRolledBack(n.cfg.Dir); err != nil || back != (RolledBack{}) {
		t.Errorf("still held: %+v, %v", back, err)
	}
	if _, err := Rollback(n.cfg.Dir, good.Release, n.now); err != nil {
		t.Fatal(err)
	}
	if _, err := Rollback(n.cfg.Dir, bad.Release, n.now); err != nil {
		t.Fatal(err)
	}
	if back, err := ReadRolledBack(n.cfg.Dir); err != nil || back != (RolledBack{}) {
		t.Errorf("forward again: %+v, %v", back, err)
	}
}

// A disk that would not take a release is not written to.
func TestPreflight(t *testing.T) {
	alpha := tables{id: "alpha", names: []string{"a"}}
	s := publish(t, alpha)
	n := nights(t, s, alpha)
	n.pass(t)
	s.Asked() // and forgets
	n.cfg.Free = func(string) (int64, error) { return 1 << 20, nil }
	_, err := n.Refresh(t.Context(), RefreshOptions{})
	if err == nil || !strings.Contains(err.Error(), "1 MB are free") || !strings.Contains(err.Error(), "releases ") || asked(s) {
		t.Errorf("%v", err)
	}
	if state, stateErr := ReadState(n.cfg.Dir); stateErr != nil || state.LastRun.Error != err.Error() {
		t.Errorf("the record: %+v, %v", state.LastRun, stateErr)
	}
	n.cfg.Free = func(string) (int64, error) { return 0, errors.New("no such disk") }
	if _, err := n.Refresh(t.Context(), RefreshOptions{}); err == nil || !strings.Contains(err.Error(), "no such disk") {
		t.Errorf("%v", err)
	}
}

// The ledger is kept twice: what was withdrawn or handed over cannot be found out again.
func TestDamagedLedger(t *testing.T) {
	alpha := tables{id: "alpha", names: []string{"a"}}
	n := nights(t, publish(t, alpha), alpha)
	n.gathers(t, "")
	write(t, n.path("documents", "ledger.json"), "{")
	if l, err := openLedger(n.path("documents")); err != nil || len(l.shelf("alpha").Documents) != 1 {
		t.Errorf("%+v, %v", l, err)
	}
	n.gathers(t, "") // writes both anew
	if err := (&ledger{}).read(n.path("documents", "ledger.json")); err != nil {
		t.Error(err)
	}
	write(t, n.path("documents", "ledger.json"), "{")
	write(t, n.path("documents", "ledger.json.copy"), "{")
	if _, err := openLedger(n.path("documents")); err == nil {
		t.Error("an empty ledger in the place of two damaged ones")
	}
}

// asked says whether the publisher was asked for anything since it was last looked at.
func asked(s *service) bool { addresses, _ := s.Asked(); return len(addresses) > 0 }

package warehouse_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hrinvest/warehouse"
	wt "hrinvest/warehouse/warehousetest"
)

// small is a world of one foundation that gave 100 dollars to Kyrgyzstan.
func small() wt.Tables {
	return wt.Tables{
		"sources": {{"source": "s1", "title": "Source one", "publisher": "Publisher", "home": "https://example.org", "spent": "sum", "authority": 2,
			"documents": 1, "parsed": 1, "loaded": 1, "out_of_scope": 0, "rejected": 0, "observations": 0, "origin": "bundled"}},
		"documents": {{"source": "s1", "role": "activities", "name": "a.xml", "url": "https://example.org/a.xml", "sha256": "abc", "size": 10,
			"retrieved": "2026-11-22T01:02:03Z", "origin": "bundled", "compiled": "2024-12-31"}},
		"disclosures": {{"disclosure_id": "d1", "source": "s1", "document_sha256": "abc", "locator": "/a/b[1]", "origin": "bundled", "kind": "disbursement",
			"amount_published": "100", "currency": "USD", "outcome": "loaded", "raw": `{"value":"100"}`}},
		"flows": {wt.Flow(map[string]any{"flow_id": "f1"})},
	}
}

func TestPublish(t *testing.T) {
	dir := t.TempDir()
	b := wt.Build(t, dir, small())
	findings, err := b.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		if f.Severity == warehouse.Fail {
			t.Errorf("finding on sound data: %s", f)
		}
	}
	hash, err := b.Hash(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r, err := b.Publish(t.Context(), warehouse.Meta{Version: "v1", Cutoff: "2024-12-31"})
	if err != nil {
		t.Fatal(err)
	}
	if want := "20261123T021500Z-" + hash[:8]; r.ID != want || r.Hash != hash {
		t.Errorf("release %s with hash %s, want %s with %s", r.ID, r.Hash, want, hash)
	}
	current, err := warehouse.Current(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, current); diff != "" {
		t.Errorf("current release (-published +read):\n%s", diff)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "releases", ".building*")); left != nil {
		t.Errorf("left behind: %v", left)
	}
	db, err := warehouse.Open(r.Path, warehouse.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	res, err := db.Named(t.Context(), "releases", nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Rows) != 1 || res.Maps()[0]["release"] != r.ID || res.Maps()[0]["cutoff"] != "2024-12-31" {
		t.Errorf("table releases: %v", res.Maps())
	}
}

func TestPublishNothingNew(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	dir := t.TempDir()
	first := wt.Publish(t, dir, small())
	again := small()
	again["documents"][0]["retrieved"] = "2026-11-23T01:02:03Z" // a time: no news
	r, err := wt.Build(t, dir, again).Publish(t.Context(), warehouse.Meta{})
	if !errors.Is(err, warehouse.ErrNothingNew) || r.ID != first.ID {
		t.Fatalf("published again: %v %v", r, err)
	}
	found, err := os.ReadDir(filepath.Join(dir, "releases"))
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 2 { // database and description
		t.Errorf("files: %v", found)
	}
	// A change anywhere is news: here one digit of one amount.
	changed := small()
	changed["flows"][0]["amount"] = "100.000001"
	changed["flows"][0]["usd"] = "100.000001"
	r, err = wt.Build(t, dir, changed).Publish(t.Context(), warehouse.Meta{})
	if err != nil {
		t.Fatal(err)
	}
	if r.Previous != first.ID {
		t.Errorf("previous is %q, want %q", r.Previous, first.ID)
	}
	releases, err := warehouse.Releases(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(releases) != 2 {
		t.Fatalf("releases: %v", releases)
	}
	if _, err := warehouse.Rollback(dir, first.ID); err != nil {
		t.Fatal(err)
	}
	if cur, err := warehouse.Current(dir); err != nil || cur.ID != first.ID {
		t.Errorf("after rollback: %v %v", cur.ID, err)
	}
	if err := warehouse.Remove(dir, first.ID); err == nil {
		t.Error("the current release was removed")
	}
	if err := warehouse.Remove(dir, r.ID); err != nil {
		t.Error(err)
	}
	if _, err := warehouse.Rollback(dir, "../../etc/passwd"); err == nil {
		t.Error("rolled back to a path")
	}
}

func TestCurrentWithoutRelease(t *testing.T) {
	if _, err := warehouse.Current(t.TempDir()); !errors.Is(err, warehouse.ErrNoRelease) {
		t.Errorf("got %v", err)
	}
}

// TestHashIgnoresOrder: the same rows in another order and in other batches are
// the same release.
func TestHashIgnoresOrder(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	hash := func(ids ...string) string {
		w := small()
		w["flows"] = nil
		for _, id := range ids {
			w["flows"] = append(w["flows"], wt.Flow(map[string]any{"flow_id": id}))
		}
		h, err := wt.Build(t, t.TempDir(), w).Hash(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	if hash("f1", "f2", "f3") != hash("f3", "f1", "f2") {
		t.Error("the order of rows changes the hash")
	}
	if hash("f1", "f2") == hash("f1", "f3") {
		t.Error("different rows, same hash")
	}
}

func TestCreateRemovesLeftovers(t *testing.T) {
	dir := t.TempDir()
	left := filepath.Join(dir, "releases", ".building-1.duckdb")
	if err := os.MkdirAll(filepath.Dir(left), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{left, left + ".wal"} {
		if err := os.WriteFile(p, []byte("torn"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := warehouse.Create(t.Context(), warehouse.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Error("the unfinished build is still there")
	}
	if err := b.Discard(); err != nil {
		t.Fatal(err)
	}
	if err := b.Discard(); err != nil {
		t.Error("second discard:", err)
	}
	if found, _ := filepath.Glob(filepath.Join(dir, "releases", "*")); found != nil {
		t.Errorf("after discard: %v", found)
	}
}

func TestViewsNameMissingTables(t *testing.T) {
	b, err := warehouse.Create(t.Context(), warehouse.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Discard()
	err = b.Views(t.Context())
	if err == nil {
		t.Fatal("views without tables")
	}
	if got, want := err.Error(), "making views: not loaded: flows, disclosures"; len(got) < len(want) || got[:len(want)] != want {
		t.Errorf("got %q", got)
	}
}

// TestVerifyFindsDamage: a flipped byte in a data block may open without an
// error; Verify, which Publish ends with, reads it.
func TestVerifyFindsDamage(t *testing.T) {
	w := small()
	for i := range 3000 { // enough for the damage to hit data
		w["flows"] = append(w["flows"], wt.Flow(map[string]any{"flow_id": fmt.Sprint("more ", i), "title": fmt.Sprint("title ", i*7919)}))
	}
	r := wt.Publish(t, t.TempDir(), w)
	if err := warehouse.Verify(t.Context(), r.Path, r.Hash, warehouse.Options{}); err != nil {
		t.Fatal("sound release:", err)
	}
	data, err := os.ReadFile(r.Path)
	if err != nil {
		t.Fatal(err)
	}
	for at := 4096*4 + 100; at < len(data); at += 262144 { // one byte in each block, behind the headers
		data[at] ^= 0x20
	}
	damaged := filepath.Join(t.TempDir(), "damaged.duckdb")
	if err := os.WriteFile(damaged, data, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := warehouse.Verify(t.Context(), damaged, r.Hash, warehouse.Options{}); err == nil {
		t.Error("damage not found")
	} else {
		t.Log(err)
	}
}

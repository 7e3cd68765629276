package warehouse_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hrinvest/warehouse"
	wt "hrinvest/warehouse/warehousetest"
)

// Trap: a view made without USE carries the alias of the build and breaks in
// the release. Every table and view answers after the file was renamed.
func TestEveryViewAnswersInTheRelease(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	r := wt.Publish(t, t.TempDir(), small())
	moved := filepath.Join(t.TempDir(), "another name.duckdb")
	if err := os.Rename(r.Path, moved); err != nil {
		t.Fatal(err)
	}
	db, err := warehouse.Open(moved, warehouse.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tables, err := db.Schema(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := "activities area_members area_reporting areas best_available best_interventions best_observations causes commitments counting_rules countries country_documents country_overview definitions deflators disclosures " +
		"documents donor_spending excluded flows gap_countries gaps glossary indicators intervention_groups interventions laws measures need_inputs need_parameters needs " +
		"observations pledges reasons reconciliation rejected releases sources spending withhold"
	var names []string
	for _, table := range tables {
		names = append(names, table.Name)
		if _, err := db.Query(t.Context(), `SELECT * FROM "`+table.Name+`" LIMIT 3`); err != nil {
			t.Errorf("%s: %v", table.Name, err)
		}
		switch table.Name {
		case "flows", "disclosures", "observations": // documented by the schema that is loaded
			continue
		}
		if table.Doc == "" {
			t.Errorf("%s is not documented", table.Name)
		}
		for _, c := range table.Columns {
			if c.Doc == "" {
				t.Errorf("%s.%s is not documented", table.Name, c.Name)
			}
		}
	}
	for name := range strings.FieldsSeq(want) { // names are public: extend, do not rename
		if !slices.Contains(names, name) {
			t.Errorf("%s is gone", name)
		}
	}
}

// Trap: two opens of one file. A build never opens a release; a release that is
// being read stays readable while another is published, and after.
func TestReadWhilePublishing(t *testing.T) {
	dir := t.TempDir()
	first := wt.Publish(t, dir, small())
	old, err := warehouse.Open(first.Path, warehouse.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	second, err := warehouse.Open(first.Path, warehouse.Options{}) // read-only twice is fine
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	changed := small()
	changed["flows"][0]["title"] = "Another title"
	next := wt.Publish(t, dir, changed)
	for _, db := range []*warehouse.DB{old, second} {
		res, err := db.Named(t.Context(), "flows", nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := res.Maps()[0]["title"]; got != "An activity" {
			t.Errorf("the open release says %q", got)
		}
	}
	db, err := warehouse.Open(next.Path, warehouse.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if res, err := db.Named(t.Context(), "flows", nil); err != nil || res.Maps()[0]["title"] != "Another title" {
		t.Errorf("the new release: %v %v", res, err)
	}
	if hash, err := db.Hash(t.Context()); err != nil || hash != next.Hash {
		t.Errorf("hash read back %s %v, published %s", hash, err, next.Hash)
	}
}

func TestOpenIsLocked(t *testing.T) {
	db := wt.Open(t, small())
	outside := filepath.Join(t.TempDir(), "x.csv")
	if err := os.WriteFile(outside, []byte("a\n1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{
		"DELETE FROM flows",
		"CREATE TABLE x (a INTEGER)",
		"SELECT * FROM read_csv('" + outside + "')",
		"COPY flows TO '" + outside + "'",
		"ATTACH '" + outside + ".db' AS other",
		"SET memory_limit = '8GB'",
		"SET enable_external_access = true",
		"INSTALL httpfs",
		"LOAD httpfs",
	} {
		if _, err := db.Query(t.Context(), q); err == nil {
			t.Errorf("allowed: %s", q)
		}
	}
}

// Trap: even a locked connection can be poisoned by a temporary view that
// outlives the query in the pool. This is why SQL of users runs in a process of
// its own; should the trap go, the test says so.
func TestLockedConnectionCanBePoisoned(t *testing.T) {
	r := wt.Publish(t, t.TempDir(), small())
	db, err := warehouse.Open(r.Path, warehouse.Options{MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Query(t.Context(), "CREATE TEMP VIEW flows AS SELECT 999 AS flow_id"); err != nil {
		t.Skip("temporary views are refused now:", err)
	}
	res, err := db.Query(t.Context(), "SELECT flow_id FROM flows")
	if err != nil {
		t.Fatal(err)
	}
	if got := warehouse.Text(res.Rows[0][0]); got != "999" {
		t.Errorf("not poisoned any more (%s): the process per user query could go", got)
	}
}

func TestOpenRefuses(t *testing.T) {
	if _, err := warehouse.Open(filepath.Join(t.TempDir(), "none.duckdb"), warehouse.Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
	odd := filepath.Join(t.TempDir(), "a#b.duckdb")
	if err := os.WriteFile(odd, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := warehouse.Open(odd, warehouse.Options{}); err == nil {
		t.Error("a path that would drop access_mode was opened")
	}
}

func TestQueryDeadline(t *testing.T) {
	db := wt.Open(t, small())
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := db.Query(ctx, "SELECT count(*) FROM range(100000000000)"); err == nil {
		t.Error("no error")
	}
}

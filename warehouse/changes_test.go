package warehouse_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hrinvest/warehouse"
	wt "hrinvest/warehouse/warehousetest"
)

// TestChanges: each cell that differs is named with its likely cause, and
// nothing else is.
func TestChanges(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	older, newer := world(), world()
	flow := func(set map[string]any) map[string]any {
		f := wt.Flow(set)
		f["activity_id"], f["disclosure_id"], f["source"] = set["flow_id"], "d "+set["flow_id"].(string), "s2"
		return f
	}
	add := func(w wt.Tables, document, year string, set map[string]any) {
		f := flow(set)
		f["year"] = year
		if v, ok := set["activity"]; ok {
			f["activity_id"] = v
			delete(f, "activity")
		}
		w["flows"] = append(w["flows"], f)
		w["disclosures"] = append(w["disclosures"], map[string]any{"disclosure_id": f["disclosure_id"], "source": "s2", "document_sha256": document, "outcome": "loaded", "amount_published": f["amount"], "currency": "USD"})
	}
	both := func(year string, was, is map[string]any) {
		add(older, "def", year, was)
		add(newer, "def", year, is)
	}
	same := map[string]any{"flow_id": "same", "usd": "1"}
	both("2001", same, same)
	rate := map[string]any{"flow_id": "rate", "usd": "10"}
	both("2002", rate, with(rate, map[string]any{"usd": "11"}))
	deflator := map[string]any{"flow_id": "deflator", "usd": "10", "usd_constant": "12", "price_year": 2022}
	both("2003", deflator, with(deflator, map[string]any{"usd_constant": "13"}))
	mapping := map[string]any{"flow_id": "mapping", "intervention": "nsp"}
	both("2004", mapping, with(mapping, map[string]any{"intervention": "oat", "hr_rule": "keyword:en:methadone"}))
	corrected := map[string]any{"flow_id": "corrected", "intervention": "nsp"}
	both("2005", corrected, with(corrected, map[string]any{"intervention": "oat", "hr_rule": "correction:1"}))
	counting := map[string]any{"flow_id": "counting"}
	both("2006", counting, with(counting, map[string]any{"counted": false, "excluded_by": "authority"}))
	add(newer, "def", "2007", map[string]any{"flow_id": "of a known document"})
	newer["documents"] = append(newer["documents"], map[string]any{"source": "s2", "sha256": "fresh", "url": "https://example.org/c.csv", "origin": "bundled"})
	add(newer, "fresh", "2008", map[string]any{"flow_id": "fresh"})
	older["documents"] = append(older["documents"], map[string]any{"source": "s2", "sha256": "gone", "url": "https://example.org/d.csv", "origin": "bundled"})
	add(older, "gone", "2009", map[string]any{"flow_id": "before", "activity": "R", "usd": "4"})
	add(newer, "fresh", "2009", map[string]any{"flow_id": "after", "activity": "R", "usd": "5"})
	add(older, "gone", "2010", map[string]any{"flow_id": "withdrawn"})
	newer["observations"] = append(newer["observations"], observation("needles_per_pwid", "KGZ", 2018, "250"))

	dir := t.TempDir()
	a, b := wt.Publish(t, dir, older), wt.Publish(t, t.TempDir(), newer)
	res, err := warehouse.Changes(t.Context(), a, b, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	columns := map[string]int{}
	for i, c := range res.Columns {
		columns[c.Name] = i
	}
	for _, row := range res.Rows {
		f := func(name string) string { return warehouse.Text(row[columns[name]]) }
		got = append(got, f("year")+" | "+f("cell")+" | "+f("old")+" | "+f("new")+" | "+f("cause"))
	}
	slices.Sort(got)
	const of = " | spending · disbursement · A foundation · "
	want := []string{
		"2002" + of + "nsp | 10.000000 | 11.000000 | rate",
		"2003 | spending, constant · disbursement · A foundation · nsp | 12.000000 | 13.000000 | deflator",
		"2004" + of + "nsp | 100.000000 |  | mapping",
		"2004" + of + "oat |  | 100.000000 | mapping",
		"2005" + of + "nsp | 100.000000 |  | correction",
		"2005" + of + "oat |  | 100.000000 | correction",
		"2006" + of + "nsp | 100.000000 |  | counting",
		"2007" + of + "nsp |  | 100.000000 | code",
		"2008" + of + "nsp |  | 100.000000 | new_data",
		"2009" + of + "nsp | 4.000000 | 5.000000 | source_revision",
		"2010" + of + "nsp | 100.000000 |  | withdrawn_by_source",
		"2018 | value · needles_per_pwid |  | 250.000000000000 | new_data",
		"2018 | verdict · NSP200 · needles_per_pwid |  | met | new_data",
		"2018 | verdict · NSP300 · needles_per_pwid |  | not_met | new_data",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if none, err := warehouse.Changes(t.Context(), a, a, nil); err != nil || len(none.Rows) != 0 {
		t.Errorf("a release differs from itself: %v %v", none, err)
	}
	if _, err := warehouse.Changes(t.Context(), a, b, map[string]any{"land": "KGZ"}); !errors.Is(err, warehouse.ErrParameter) {
		t.Errorf("an unknown parameter: %v", err)
	}
}

func TestAsOf(t *testing.T) {
	dir := t.TempDir()
	r := wt.Publish(t, dir, small())
	for day, want := range map[string]error{"2026-11-22": warehouse.ErrNoneThen, "2026-11-23": nil, "2027-01-01": nil} {
		d, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		got, err := warehouse.AsOf(dir, d)
		if !errors.Is(err, want) || err == nil && got.ID != r.ID {
			t.Errorf("%s: %s %v", day, got.ID, err)
		}
	}
	if _, err := warehouse.AsOf(t.TempDir(), time.Now()); !errors.Is(err, warehouse.ErrNoRelease) {
		t.Error(err)
	}
	if got, err := warehouse.Find(dir, r.ID[:8]); err != nil || got.ID != r.ID {
		t.Errorf("by its beginning: %v %v", got, err)
	}
	if _, err := warehouse.Find(dir, "2025"); err == nil {
		t.Error("found a release that is not there")
	}
}

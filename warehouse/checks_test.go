package warehouse_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/google/go-cmp/cmp"

	wt "hrinvest/warehouse/warehousetest"
)

// TestChecksFind breaks one thing at a time: each check must find what it is
// for, and sound data must pass all of them.
func TestChecksFind(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
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

// TestWithheldFindsEveryPlace: who must not be named is named in no column, and
// the finding, which goes into logs, does not repeat the name.
func TestWithheldFindsEveryPlace(t *testing.T) {
	w := wt.Tables{"sources": small()["sources"]}
	place := func(id string, flow, disclosure, document map[string]any) {
		f := wt.Flow(map[string]any{"flow_id": "f " + id, "disclosure_id": "d " + id, "country": "RUS", "countries": "RUS"})
		d := map[string]any{"disclosure_id": "d " + id, "source": "s1", "document_sha256": "o " + id, "outcome": "loaded", "amount_published": "100", "currency": "USD"}
		o := map[string]any{"source": "s1", "sha256": "o " + id, "name": "a.xml", "origin": "live"}
		maps.Copy(f, flow)
		maps.Copy(d, disclosure)
		maps.Copy(o, document)
		w["flows"], w["disclosures"], w["documents"] = append(w["flows"], f), append(w["disclosures"], d), append(w["documents"], o)
	}
	set := func(column, value string) map[string]any { return map[string]any{column: value} }
	hidden := map[string]any{"flags": "implementer_withheld statement_withheld", "title": nil, "activity_id": "withheld-1"}
	place("sound", nil, nil, nil)
	place("implementer", set("implementer", "A net"), nil, nil)
	place("channel", set("channel", "A net"), nil, nil)
	place("title", set("title", "Grant RUS-H-NET"), nil, nil)
	place("activity", set("activity_id", "47045-rus-h-net-3"), nil, nil)
	place("group", set("stands_for_group", "47045-RUS-H-NET"), nil, nil)
	place("raw", nil, set("raw", `{"id":"BLR-C-NETP01"}`), nil)
	place("locator", nil, set("locator", "/a[@id='RUS-H-NET']"), nil)
	place("problem", nil, set("problem", "RUS-H-NET has no date"), nil)
	place("name", nil, nil, set("name", "RUS-H-NET.xml"))
	place("cites", nil, nil, set("cites", "https://example.org/grants/rus-h-net"))
	place("role", nil, nil, set("role", "RUS-H-NET"))
	place("hidden", hidden, set("raw", `{"withheld":true}`), set("name", "withheld"))
	place("hidden but titled", map[string]any{"flags": "statement_withheld", "activity_id": "withheld-1"}, nil, set("name", "withheld"))
	place("hidden but quoted", hidden, set("raw", "{}"), set("name", "withheld"))
	place("hidden but cited", hidden, nil, map[string]any{"name": "withheld", "cites": "https://example.org"})
	place("consent", map[string]any{"flags": "consent", "implementer": "A net", "activity_id": "RUS-H-NET"}, set("title", "RUS-H-NET"), set("name", "RUS-H-NET.xml"))
	place("among others", map[string]any{"country": "KGZ", "countries": "KGZ RUS", "implementer": "A net"}, nil, nil)
	place("elsewhere", map[string]any{"country": "KGZ", "countries": "KGZ", "activity_id": "KGZ-H-NET", "implementer": "A net", "title": "A virus-a-b trial"}, nil, nil)
	w["observations"] = []map[string]any{observation("pwid_size", "RUS", 2018, "1", "note", "by RUS-H-NET"), observation("pwid_size", "KGZ", 2018, "1", "note", "by KGZ-H-NET")}
	check, err := os.ReadFile("checks/withheld.sql")
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"disclosures", "d hidden but quoted", "is withheld and has a title, an address or its quoted fields"},
		{"disclosures", "d locator", "holds the code of a grant"},
		{"disclosures", "d problem", "holds the code of a grant"},
		{"disclosures", "d raw", "holds the code of a grant"},
		{"documents", "o cites", "holds the code of a grant"},
		{"documents", "o hidden but cited", "holds withheld statements only and has a name or an address"},
		{"documents", "o name", "holds the code of a grant"},
		{"documents", "o role", "holds the code of a grant"},
		{"flows", "f activity", "holds the code of a grant"},
		{"flows", "f among others", "names an implementer or channel"},
		{"flows", "f channel", "names an implementer or channel"},
		{"flows", "f group", "holds the code of a grant"},
		{"flows", "f hidden but titled", "is withheld and has a title or an activity"},
		{"flows", "f implementer", "names an implementer or channel"},
		{"flows", "f title", "holds the code of a grant"},
		{"observations", "s1 pwid_size RUS 2018", "holds the code of a grant"},
	}
	if diff := cmp.Diff(want, rowsOf(t, wt.Open(t, w), string(check))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestWithheldReadsEveryColumn: a leak into any text column of the contract is found.
func TestWithheldReadsEveryColumn(t *testing.T) {
	check, err := os.ReadFile("checks/withheld.sql")
	if err != nil {
		t.Fatal(err)
	}
	w := wt.Tables{"sources": small()["sources"]}
	want := map[string]int{}
	for _, table := range []string{"flows", "disclosures", "observations", "documents"} {
		for _, f := range wt.Schema(t, table).Fields() {
			if f.Type.ID() == arrow.STRING {
				w[table] = append(w[table], map[string]any{f.Name: "of 47045-RUS-H-NET-3"})
				want[table]++
			}
		}
	}
	for _, f := range w["flows"] {
		if f["disclosure_id"] == nil {
			f["disclosure_id"] = "d1"
		}
	}
	for _, d := range w["disclosures"] {
		if d["disclosure_id"] == nil {
			d["disclosure_id"] = "d1"
		}
	}
	got := map[string]int{}
	for _, row := range rowsOf(t, wt.Open(t, w), string(check)) {
		if row[2] == "holds the code of a grant" {
			got[row[0]]++
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-columns +found)\n%s", diff)
	}
}

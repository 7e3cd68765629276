package warehouse_test

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hrinvest/warehouse"
	wt "hrinvest/warehouse/warehousetest"
)

// world has something in every table a query reads.
func world() wt.Tables {
	w := small()
	w["sources"] = append(w["sources"],
		map[string]any{"source": "s2", "spent": "expenditure", "authority": 4, "kind": "money", "origin": "bundled", "parsed": 3, "loaded": 2, "out_of_scope": 0, "rejected": 1, "cutoff": "2019-08-01"},
		map[string]any{"source": "gf", "spent": "expenditure", "authority": 1, "kind": "money", "origin": "bundled", "parsed": 0, "loaded": 0, "out_of_scope": 0, "rejected": 0})
	w["documents"] = append(w["documents"], map[string]any{"source": "s2", "sha256": "def", "url": "https://example.org/b.csv", "origin": "bundled"})
	w["disclosures"] = append(w["disclosures"],
		map[string]any{"disclosure_id": "d2", "source": "s2", "document_sha256": "def", "locator": "row 2", "kind": "expenditure", "amount_published": "90", "currency": "USD", "outcome": "loaded"},
		map[string]any{"disclosure_id": "d3", "source": "s2", "document_sha256": "def", "locator": "row 3", "url": "https://example.org/b", "kind": "expenditure", "amount_published": "40", "currency": "KGS", "outcome": "loaded"},
		map[string]any{"disclosure_id": "d4", "source": "s2", "document_sha256": "def", "locator": "row 4", "outcome": "rejected", "problem": `amount "1,2 m" is not a number`, "origin": "bundled"})
	w["flows"] = append(w["flows"],
		wt.Flow(map[string]any{"flow_id": "f2", "disclosure_id": "d2", "source": "s2", "kind": "disbursement", "amount": "90", "usd": "90", "counted": false, "excluded_by": "authority", "stands_for_group": "s1"}),
		wt.Flow(map[string]any{"flow_id": "f3", "disclosure_id": "d3", "source": "s2", "kind": "expenditure", "funder": "Domestic public", "funder_type": "domestic_public",
			"amount": "40", "currency": "KGS", "usd": nil, "rate": nil, "flags": "no_rate"}),
		wt.Flow(map[string]any{"flow_id": "f4", "source": "gf", "kind": "budget", "funder": "Global Fund", "funder_type": "multilateral", "year": nil, "period_start": nil, "period_end": nil, "cycle": "GC7", "amount": "700", "usd": "700"}),
		wt.Flow(map[string]any{"flow_id": "f5", "country": nil, "countries": "KAZ KGZ", "amount": "55", "usd": "55"}))
	w["observations"] = []map[string]any{
		observation("pwid_size", "KGZ", 2013, "25000", "url", "https://example.org/size"), observation("pwid_size", "KGZ", 2020, "26700", "low", "20000", "high", "30000"),
		observation("oat_coverage", "KGZ", 2018, "4.4"),
	}
	return w
}

var parameter = regexp.MustCompile(`\$([a-z_]+)`)

// TestQueries asks every named question with nothing, and with every parameter.
func TestQueries(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	db := wt.Open(t, world())
	queries, err := warehouse.Queries()
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]any{"country": "KGZ", "flow_id": "f1", "disclosure_id": "d1", "group": "harm_reduction", "definition": "hri", "area": "EECA_UNAIDS", "commitment": "NSP200"}
	typed := map[string]any{"int": 2018, "bool": "true", "date": "2018-01-01", "text": "none of these"}
	for _, q := range queries {
		t.Run(q.Name, func(t *testing.T) {
			var used, declared []string
			for _, m := range parameter.FindAllStringSubmatch(q.SQL, -1) {
				used = append(used, m[1])
			}
			slices.Sort(used)
			used = slices.Compact(used)
			least, all := map[string]any{}, map[string]any{}
			for _, p := range q.Params {
				declared = append(declared, p.Name)
				v, ok := values[p.Name]
				if !ok && p.Values != nil {
					v = p.Values[0]
				} else if !ok {
					v = typed[p.Type]
				}
				all[p.Name] = v
				if p.Required {
					least[p.Name] = v
				}
			}
			slices.Sort(declared)
			if diff := cmp.Diff(used, declared); diff != "" {
				t.Errorf("parameters (-used +declared):\n%s", diff)
			}
			res, err := db.Named(t.Context(), q.Name, least)
			if err != nil {
				t.Fatal(err)
			}
			if len(res.Rows) == 0 {
				t.Error("no rows though the world has some for every query")
			}
			if _, err := db.Named(t.Context(), q.Name, all); err != nil {
				t.Error("with every parameter:", err)
			}
		})
	}
}

func TestNamedRefuses(t *testing.T) {
	db := wt.Open(t, small())
	for _, tt := range []struct {
		name string
		args map[string]any
		want error
	}{
		{"nothing", nil, warehouse.ErrUnknownQuery},
		{"country_spending", nil, warehouse.ErrParameter},
		{"country_spending", map[string]any{"country": ""}, warehouse.ErrParameter},
		{"largest_gaps", map[string]any{"definition": "mine"}, warehouse.ErrParameter},
		{"largest_gaps", map[string]any{"area": "ATLANTIS"}, warehouse.ErrParameter},
		{"spending_by_source", map[string]any{"country": "XYZ"}, warehouse.ErrParameter},
		{"countries", map[string]any{"land": "KGZ"}, warehouse.ErrParameter},
		{"gaps", map[string]any{"year": "MMXX"}, warehouse.ErrParameter},
		{"countries", map[string]any{"eeca": "maybe"}, warehouse.ErrParameter},
		{"country_ends", map[string]any{"country": "KGZ", "from": "31.12.2020"}, warehouse.ErrParameter},
	} {
		if _, err := db.Named(t.Context(), tt.name, tt.args); !errors.Is(err, tt.want) {
			t.Errorf("%s %v: got %v, want %v", tt.name, tt.args, err, tt.want)
		}
	}
}

func rowsOf(t *testing.T, db *warehouse.DB, query string) [][]string {
	t.Helper()
	res, err := db.Query(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	var out [][]string
	for _, r := range res.Rows {
		var row []string
		for _, v := range r {
			row = append(row, warehouse.Text(v))
		}
		out = append(out, row)
	}
	return out
}

// TestSpending: kinds apart, cycles apart, and what has no US dollars is said.
func TestSpending(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	db := wt.Open(t, world())
	got := rowsOf(t, db, "SELECT country, year, cycle, kind, funder, usd, amount, currency, n_flows, n_without_usd, flags FROM spending ORDER BY ALL")
	want := [][]string{
		{"KGZ", "2018", "", "disbursement", "A foundation", "100.000000", "100.000000", "USD", "1", "0", ""},
		{"KGZ", "2018", "", "expenditure", "Domestic public", "", "40.000000", "KGS", "1", "1", "no_rate"},
		{"KGZ", "", "GC7", "budget", "Global Fund", "700.000000", "700.000000", "USD", "1", "0", ""},
		{"", "2018", "", "disbursement", "A foundation", "55.000000", "55.000000", "USD", "1", "0", ""},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	got = rowsOf(t, db, "SELECT flow_id, rule, stands_for_group, amount, currency FROM excluded")
	if diff := cmp.Diff([][]string{{"f2", "authority", "s1", "90.000000", "USD"}}, got); diff != "" {
		t.Errorf("ledger (-want +got)\n%s", diff)
	}
	got = rowsOf(t, db, "SELECT source_counted, amount_counted, source_excluded, amount_excluded, difference, difference_pct FROM reconciliation")
	if diff := cmp.Diff([][]string{{"s1", "100.000000", "s2", "90.000000", "-10.000000", "-10.0000"}}, got); diff != "" {
		t.Errorf("reconciliation (-want +got)\n%s", diff)
	}
	got = rowsOf(t, db, "SELECT source, locator, reason FROM rejected")
	if diff := cmp.Diff([][]string{{"s2", "row 4", `amount "1,2 m" is not a number`}}, got); diff != "" {
		t.Errorf("rejected (-want +got)\n%s", diff)
	}
}

// TestReconciliationOfGrants: budgets of grants have no year where the fund gives
// them, and still meet what IATI says of the same grant, all its years together.
func TestReconciliationOfGrants(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	w := small()
	w["sources"] = []map[string]any{{"source": "gf", "spent": "expenditure", "authority": 1}, {"source": "iati", "spent": "sum", "authority": 2}}
	w["flows"] = nil
	add := func(source, grant, amount string, set map[string]any) {
		f := wt.Flow(map[string]any{"flow_id": string(rune('a' + len(w["flows"]))), "source": source, "activity_id": grant, "kind": "budget", "funder": "Global Fund", "amount": amount, "usd": amount, "country": "UKR"})
		if source == "gf" {
			f["year"], f["period_start"], f["period_end"], f["cycle"] = nil, nil, nil, "GC7"
		} else {
			f["counted"], f["excluded_by"], f["stands_for_group"] = false, "authority", "gf"
		}
		for k, v := range set {
			f[k] = v
		}
		w["flows"] = append(w["flows"], f)
	}
	add("gf", "UKR-C-AUAP04", "600", nil)
	add("gf", "UKR-C-PHCP04", "9000", nil) // another grant of the same country
	add("iati", "47045-UKR-C-AUA-4", "300", map[string]any{"year": 2025})
	add("iati", "47045-UKR-C-AUA-4", "240", map[string]any{"year": 2027})
	add("gf", "QMZ-H-AUAP03", "634018.07", map[string]any{"country": nil, "countries": "KGZ UKR"})
	add("iati", "47045-QMZ-H-AUA-3", "659999.9964", map[string]any{"country": nil, "countries": "KGZ UKR", "year": 2025})
	add("iati", "47045-QMZ-H-AUA-3", "7", map[string]any{"country": nil, "year": 2025, "intervention": "oat"}) // nothing counted beside it
	db := wt.Open(t, w)
	got := rowsOf(t, db, "SELECT country, year, cycle, grant_id, years, intervention, source_counted, amount_counted, source_excluded, amount_excluded, difference, difference_pct FROM reconciliation ORDER BY ALL")
	want := [][]string{
		{"UKR", "", "GC7", "ukr-c-aua-4", "2025-2027", "nsp", "gf", "600.000000", "iati", "540.000000", "-60.000000", "-10.0000"},
		{"", "", "GC7", "qmz-h-aua-3", "2025", "nsp", "gf", "634018.070000", "iati", "659999.996400", "25981.926400", "4.0980"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestBestAvailable: one measure of one source per cell.
func TestBestAvailable(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	w := small()
	w["sources"] = []map[string]any{
		{"source": "iati", "spent": "sum", "authority": 2}, {"source": "gf", "spent": "expenditure", "authority": 1},
		{"source": "crs", "authority": 3}, {"source": "unaids", "spent": "expenditure", "authority": 4},
	}
	n := 0
	flow := func(source, kind, usd string, more map[string]any) map[string]any {
		n++
		f := wt.Flow(more)
		f["flow_id"], f["source"], f["kind"], f["amount"], f["usd"] = n, source, kind, usd, usd
		f["flow_id"] = string(rune('a' + n))
		return f
	}
	at := func(year int, more ...any) map[string]any {
		m := map[string]any{"year": year}
		for i := 0; i+1 < len(more); i += 2 {
			m[more[i].(string)] = more[i+1]
		}
		return m
	}
	w["flows"] = []map[string]any{
		// IATI: passed on + spent directly, budgets beside it
		flow("iati", "disbursement", "10", at(2015)), flow("iati", "expenditure", "5", at(2015)), flow("iati", "budget", "99", at(2015)),
		// Global Fund: expenditure only; the disbursement is the same dollar, IATI's too
		flow("gf", "expenditure", "7", at(2016)), flow("gf", "disbursement", "8", at(2016)), flow("iati", "disbursement", "8", at(2016)),
		// no money spent: disbursed, not budgeted
		flow("gf", "disbursement", "8", at(2017)), flow("gf", "budget", "9", at(2017)),
		// two sources with money spent: more authority, not the sum
		flow("unaids", "expenditure", "20", at(2018)), flow("iati", "disbursement", "21", at(2018)),
		// budgets with their own year; a cycle budget never
		flow("gf", "budget", "30", at(2019)), flow("gf", "budget", "300", map[string]any{"year": nil, "cycle": "GC7"}),
		// other kinds are no measure
		flow("iati", "commitment", "1000", at(2020)), flow("iati", "incoming", "1000", at(2020)),
		// groups apart: harm reduction and the rest of HIV
		flow("iati", "disbursement", "1", at(2021)), flow("iati", "disbursement", "2", at(2021, "intervention", "oat")), flow("iati", "disbursement", "4", at(2021, "intervention", "hiv_other")),
		flow("iati", "disbursement", "3", at(2021, "intervention", "art_pwid")), flow("iati", "disbursement", "6", at(2021, "intervention", "advocacy")),
		// bases apart
		flow("iati", "disbursement", "1", at(2022)), flow("iati", "disbursement", "2", at(2022, "year_basis", "us_fiscal")),
		// a budget that does not count
		flow("iati", "disbursement", "1", at(2023)), flow("iati", "disbursement", "2", at(2023, "counted", false, "excluded_by", "mirror")),
	}
	db := wt.Open(t, w)
	got := rowsOf(t, db, "SELECT year, year_basis, intervention_group, measure, source, usd, other_sources FROM best_available ORDER BY ALL")
	want := [][]string{
		{"2015", "calendar", "harm_reduction", "spent", "iati", "15.000000", ""},
		{"2016", "calendar", "harm_reduction", "spent", "gf", "7.000000", "iati"},
		{"2017", "calendar", "harm_reduction", "disbursed", "gf", "8.000000", ""},
		{"2018", "calendar", "harm_reduction", "spent", "iati", "21.000000", "unaids"},
		{"2019", "calendar", "harm_reduction", "budgeted", "gf", "30.000000", ""},
		{"2021", "calendar", "enablers", "spent", "iati", "6.000000", ""},
		{"2021", "calendar", "harm_reduction", "spent", "iati", "3.000000", ""},
		{"2021", "calendar", "hiv_other", "spent", "iati", "4.000000", ""},
		{"2021", "calendar", "treatment", "spent", "iati", "3.000000", ""},
		{"2022", "calendar", "harm_reduction", "spent", "iati", "1.000000", ""},
		{"2022", "us_fiscal", "harm_reduction", "spent", "iati", "2.000000", ""},
		{"2023", "calendar", "harm_reduction", "spent", "iati", "1.000000", ""},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestNamedKeepsAnswersApart: an answer that is kept belongs to its question and
// its arguments.
func TestNamedKeepsAnswersApart(t *testing.T) {
	db := wt.Open(t, world())
	ask := func(country string) string {
		t.Helper()
		res, err := db.Named(t.Context(), "countries", map[string]any{"country": country})
		if err != nil || len(res.Rows) != 1 {
			t.Fatal(res, err)
		}
		return warehouse.Text(res.Maps()[0]["name_en"])
	}
	for range 2 {
		if a, b := ask("KGZ"), ask("UKR"); a != "Kyrgyzstan" || b != "Ukraine" {
			t.Errorf("%s, %s", a, b)
		}
	}
	if res, err := db.Named(t.Context(), "countries", nil); err != nil || len(res.Rows) < 2 {
		t.Error(res, err)
	}
}

// TestReconciliationCauses: the difference between two sources, with its likely
// cause, whatever names and currencies they use.
func TestReconciliationCauses(t *testing.T) {
	w := small()
	w["sources"] = []map[string]any{{"source": "own", "spent": "expenditure", "authority": 1}, {"source": "iati", "spent": "sum", "authority": 2}, {"source": "report", "spent": "expenditure", "authority": 4}}
	w["flows"] = nil
	add := func(year int, source, usd string, more ...any) {
		f := wt.Flow(map[string]any{"flow_id": fmt.Sprint("f", len(w["flows"])), "year": year, "source": source, "kind": "expenditure", "funder": "PEPFAR", "funder_group": "USA", "amount": usd, "usd": usd, "intervention": "hiv_other"})
		if source != "own" {
			f["counted"], f["excluded_by"], f["stands_for_group"], f["funder"] = false, "authority", "own", "USAID"
		}
		for i := 0; i+1 < len(more); i += 2 {
			f[more[i].(string)] = more[i+1]
		}
		w["flows"] = append(w["flows"], f)
	}
	add(2014, "own", "100")
	add(2014, "iati", "100")
	add(2015, "own", "1000")
	add(2015, "iati", "1004")
	add(2016, "own", "1000", "year_basis", "us_fiscal")
	add(2016, "iati", "1100")
	add(2017, "own", "100")
	add(2017, "iati", "105", "currency", "EUR", "amount", "95")
	add(2018, "own", "100")
	add(2018, "iati", "60", "flags", "latest_period")
	add(2019, "own", "100")
	add(2019, "iati", "160")
	add(2020, "own", "30", "intervention", "nsp")
	add(2020, "report", "30", "excluded_by", "parts_elsewhere", "flow_id", "whole-parts")
	add(2020, "report", "70", "counted", true, "excluded_by", nil, "stands_for_group", nil, "flow_id", "whole-rest")
	db := wt.Open(t, w)
	got := rowsOf(t, db, "SELECT year, funder_group, intervention, currency, source_counted, amount_counted::BIGINT, source_excluded, amount_excluded::BIGINT, difference::BIGINT, cause FROM reconciliation ORDER BY year")
	want := [][]string{
		{"2014", "USA", "hiv_other", "USD", "own", "100", "iati", "100", "0", "same"},
		{"2015", "USA", "hiv_other", "USD", "own", "1000", "iati", "1004", "4", "rounding"},
		{"2016", "USA", "hiv_other", "USD", "own", "1000", "iati", "1100", "100", "year_basis"},
		{"2017", "USA", "hiv_other", "USD", "own", "100", "iati", "105", "5", "exchange_rate"},
		{"2018", "USA", "hiv_other", "USD", "own", "100", "iati", "60", "-40", "latest_period"},
		{"2019", "USA", "hiv_other", "USD", "own", "100", "iati", "160", "60", "timing_or_coverage"},
		{"2020", "USA", "hiv_other", "USD", "own", "30", "report", "30", "0", "whole_and_parts"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := rowsOf(t, db, "SELECT count(*) FROM reconciliation WHERE cause NOT IN (SELECT cause FROM causes)"); got[0][0] != "0" {
		t.Errorf("%s rows with a cause that has no words", got[0][0])
	}
}

// TestBestAvailableByEntity: agencies of one government are one financing entity,
// so that what one source calls PEPFAR and another USAID is not added.
func TestBestAvailableByEntity(t *testing.T) {
	w := small()
	w["sources"] = []map[string]any{{"source": "own", "spent": "expenditure", "authority": 1}, {"source": "iati", "spent": "sum", "authority": 2}}
	flow := func(id, source, kind, funder, usd string) map[string]any {
		return wt.Flow(map[string]any{"flow_id": id, "year": 2020, "source": source, "kind": kind, "funder": funder, "funder_group": "USA", "amount": usd, "usd": usd, "intervention": "nsp"})
	}
	w["flows"] = []map[string]any{
		flow("a", "own", "expenditure", "PEPFAR", "70"), flow("b", "own", "expenditure", "CDC", "20"),
		flow("c", "iati", "disbursement", "USAID", "95"),
	}
	db := wt.Open(t, w)
	got := rowsOf(t, db, "SELECT funder, funder_group, measure, source, usd::BIGINT, other_sources FROM best_available ORDER BY ALL")
	if diff := cmp.Diff([][]string{{"CDC", "USA", "spent", "own", "20", "iati"}, {"PEPFAR", "USA", "spent", "own", "70", "iati"}}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

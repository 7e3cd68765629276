package warehouse_test

import (
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hrinvest/warehouse"
	wt "hrinvest/warehouse/warehousetest"
)

// trailing are the last columns of the answer to every research question.
var trailing = []string{"n_sources", "status", "method", "confidence", "comparable", "reason", "reason_en", "release_id", "source_ids"}

// TestQuestions: the research questions are all there, document each column,
// end alike, and say why where they have nothing to say.
func TestQuestions(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	db := wt.Open(t, world())
	var reasons []string
	for _, r := range rowsOf(t, db, "SELECT reason FROM reasons") {
		reasons = append(reasons, r[0])
	}
	queries, err := warehouse.Queries()
	if err != nil {
		t.Fatal(err)
	}
	var numbers []int
	for _, q := range queries {
		if q.Question == 0 {
			continue
		}
		numbers = append(numbers, q.Question)
		t.Run(q.Name, func(t *testing.T) {
			for _, args := range []map[string]any{nil, {"country": "EST"}, {"area": "EECA_UNAIDS", "year": 1901}, {"country": "KGZ", "from": 2018, "to": 2021}, {"donor": "Nobody", "definition": "core-3"}, {"country": "KGZ", "year": 2018}} {
				res, err := db.Named(t.Context(), q.Name, only(q, args))
				if err != nil {
					t.Fatal(err)
				}
				if len(res.Rows) == 0 && len(only(q, args)) == len(args) {
					t.Errorf("%v: no row, not even one that says why", args)
				}
				var got, documented []string
				for _, c := range res.Columns {
					got = append(got, c.Name)
				}
				for _, c := range q.Columns {
					documented = append(documented, c.Name)
				}
				if diff := cmp.Diff(documented, got); diff != "" {
					t.Fatalf("columns (-documented +got):\n%s", diff)
				}
				if diff := cmp.Diff(trailing, got[len(got)-len(trailing):]); diff != "" {
					t.Fatalf("last columns (-want +got):\n%s", diff)
				}
				for _, row := range res.Rows {
					field := func(name string) string { return warehouse.Text(row[slices.Index(got, name)]) }
					if s := field("status"); !slices.Contains([]string{"reported", "imputed", "not_reported", "not_applicable"}, s) {
						t.Errorf("status %q", s)
					}
					if r := field("reason"); !slices.Contains(reasons, r) || field("reason_en") == "" || field("comparable") == "" {
						t.Errorf("reason %q (%s), comparable %q", r, field("reason_en"), field("comparable"))
					}
					if field("release_id") == "" {
						t.Error("no release")
					}
					if (field("n_sources") == "0") != (field("source_ids") == "") {
						t.Errorf("%s sources: %q", field("n_sources"), field("source_ids"))
					}
				}
			}
		})
	}
	slices.Sort(numbers)
	var want []int
	for n := 1; n <= 25; n++ {
		if n != 22 && n != 23 { // of several releases: Changes, AsOf
			want = append(want, n)
		}
	}
	if diff := cmp.Diff(want, numbers); diff != "" {
		t.Errorf("questions (-want +got):\n%s", diff)
	}
}

// only keeps the arguments a query knows.
func only(q warehouse.Query, args map[string]any) map[string]any {
	out := map[string]any{}
	for _, p := range q.Params {
		if v, ok := args[p.Name]; ok {
			out[p.Name] = v
		}
	}
	return out
}

// TestTraces: every way down from an answer that claims to add up does, for
// every row of every question: what a number is made of is what it is.
func TestTraces(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	w := world()
	add := func(id string, set map[string]any) {
		set["flow_id"] = id
		w["flows"] = append(w["flows"], wt.Flow(set))
	}
	add("t1", map[string]any{"intervention": "oat", "kind": "expenditure", "source": "s2", "usd": "31.5", "amount": "31.5", "year": 2019, "activity_id": "T", "period_end": "2027-03-31"})
	add("t2", map[string]any{"intervention": "nsp", "country": "KAZ", "usd": "12", "amount": "12"})
	add("t3", map[string]any{"intervention": "nsp", "country": "KAZ", "usd": "8", "amount": "8", "funder": "Another", "funder_type": "bilateral", "currency": "EUR"})
	add("t4", map[string]any{"intervention": "legal_aid", "country": "KAZ", "usd": "5", "amount": "5", "kind": "budget", "year": nil, "period_start": nil, "period_end": nil, "cycle": "GC7", "funder": "Global Fund", "funder_group": "47045", "activity_id": "KAZ-H-X-1"})
	add("t5", map[string]any{"intervention": "drug_control", "kind": "expenditure", "source": "s2", "funder": "Domestic public", "funder_type": "domestic_public", "usd": "1000", "amount": "1000"})
	add("t6", map[string]any{"intervention": "oat", "usd": "7", "amount": "7"}) // beside nsp, of the same payer and year
	add("t7", map[string]any{"intervention": "nsp", "usd": "3", "amount": "3", "funder": "Another", "funder_type": "bilateral"})
	add("t8", map[string]any{"intervention": "nsp", "usd": "2", "amount": "2", "year_basis": "us_fiscal"})
	db := wt.Open(t, w)
	queries, err := warehouse.Queries()
	if err != nil {
		t.Fatal(err)
	}
	led := map[string]int{} // relation -> rows it gave
	for _, q := range queries {
		if q.Question > 0 && len(q.Traces) == 0 {
			t.Errorf("%s leads nowhere", q.Name)
		}
		if len(q.Traces) == 0 {
			continue
		}
		args := map[string]any{}
		for _, p := range q.Params {
			if p.Required {
				args[p.Name] = "KGZ"
			}
		}
		res, err := db.Named(t.Context(), q.Name, args)
		if err != nil {
			t.Fatal(err)
		}
		value := func(row []any, columns []warehouse.Column, name string) *big.Rat {
			i := slices.IndexFunc(columns, func(c warehouse.Column) bool { return c.Name == name })
			if i < 0 {
				t.Fatalf("%s: no column %s", q.Name, name)
			}
			if row[i] == nil {
				return nil
			}
			r, ok := new(big.Rat).SetString(warehouse.Text(row[i]))
			if !ok {
				t.Fatalf("%s.%s is no number: %v", q.Name, name, row[i])
			}
			return r
		}
		for n, row := range res.Rows {
			traced, err := db.Trace(t.Context(), q.Name, res, n)
			if err != nil {
				t.Fatal(err)
			}
			reached := map[string]bool{} // column of the answer -> some way leads to it
			for _, tr := range traced {
				led[tr.Relation] += len(tr.Rows.Rows)
				for _, s := range tr.Sums {
					want := value(row, res.Columns, s.Answer)
					if len(tr.Rows.Rows) == 0 {
						reached[s.Answer] = reached[s.Answer] || want == nil
						continue
					}
					reached[s.Answer] = true
					sum, known := new(big.Rat), false
					for _, r := range tr.Rows.Rows {
						if v := value(r, tr.Rows.Columns, s.Relation); v != nil {
							sum.Add(sum, v)
							known = true
						}
					}
					if known != (want != nil) || known && sum.Cmp(want) != 0 {
						t.Errorf("%s row %d: %s is %v, the rows of %s add up to %s", q.Name, n+1, s.Answer, want, tr.Relation, sum.FloatString(6))
					}
				}
			}
			for column, ok := range reached {
				if !ok {
					t.Errorf("%s row %d: no way leads to %s", q.Name, n+1, column)
				}
			}
		}
	}
	for _, relation := range []string{"harm_reduction_flows", "best_flows", "flows", "area_flows", "donor_flows", "grant_flows", "cycle_flows", "observations", "needs_by_year"} {
		if led[relation] == 0 {
			t.Errorf("no answer led to %s: the test proves nothing of it", relation)
		}
	}
}

// TestPublishedRatios: the ratios Harm Reduction International published come
// out again from its own numbers: 188 of 1,500 million is 12.5 % (13), 131 of
// 2,700 is 4.9 % (5), 151 of 2,700 is 5.6 % (6, a gap of 94).
func TestPublishedRatios(t *testing.T) {
	db := wt.Open(t, world())
	res, err := db.Named(t.Context(), "published_ratios", nil)
	if err != nil {
		t.Fatal(err)
	}
	var got [][]string
	for _, r := range res.Rows {
		row := []string{warehouse.Text(r[0])}
		for _, i := range []int{4, 5, 6, 7, 8} {
			row = append(row, warehouse.Text(r[i]))
		}
		got = append(got, row)
	}
	want := [][]string{
		{"2007", "", "", "", "", ""},
		{"2016", "13.0", "12.5333", "true", "", "87.4667"},
		{"2019", "5.0", "4.8519", "true", "", "95.1481"},
		{"2022", "6.0", "5.5926", "true", "94.0", "94.4074"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestSpendingYears: the year of the transaction or that of the value date;
// no money more or less.
func TestSpendingYears(t *testing.T) {
	w := small()
	w["flows"] = append(w["flows"], wt.Flow(map[string]any{"flow_id": "v", "year": 2019, "value_year": 2018, "usd": "7", "amount": "7"}))
	db := wt.Open(t, w)
	for by, want := range map[string][][]string{
		"transaction": {{"2018", "100.000000", "0"}, {"2019", "7.000000", "1"}},
		"value":       {{"2018", "107.000000", "1"}},
	} {
		res, err := db.Named(t.Context(), "spending_years", map[string]any{"country": "KGZ", "by": by})
		if err != nil {
			t.Fatal(err)
		}
		var got [][]string
		for _, r := range res.Rows {
			got = append(got, []string{warehouse.Text(r[1]), warehouse.Text(r[6]), warehouse.Text(r[9])})
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("by %s (-want +got):\n%s", by, diff)
		}
	}
}

// TestAnswersDoNotFlatter: what would pass for an answer and is none.
func TestAnswersDoNotFlatter(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	w := world()
	add := func(id string, set map[string]any) {
		set["flow_id"] = id
		w["flows"] = append(w["flows"], wt.Flow(set))
	}
	domestic := map[string]any{"funder": "Domestic public", "funder_group": "domestic_public", "funder_type": "domestic_public"}
	reported := map[string]any{"funder": "Global Fund", "funder_group": "47045", "funder_type": "multilateral", "flags": "country_reported", "intervention": "hiv_other", "kind": "expenditure", "source": "s2", "country": "UKR", "activity_id": "LINE|2018"}
	add("single", map[string]any{"country": "MDA", "year": 2016})
	add("two payers", map[string]any{"country": "MDA", "year": 2017})
	add("one of them the state", with(domestic, map[string]any{"country": "MDA", "year": 2017}))
	add("returned", map[string]any{"country": "MDA", "year": 2018, "usd": "-5", "amount": "-5"})
	add("a report's payer", reported)
	add("a report's break", with(reported, with(domestic, map[string]any{"year": 2019, "flags": "country_reported series_break"})))
	add("enforcement", map[string]any{"country": "KAZ", "year": 2016, "intervention": "drug_control", "source": "s1"})
	add("beside the report", with(domestic, map[string]any{"country": "UKR", "intervention": "nsp", "source": "s1", "usd": "9", "amount": "9"}))
	w["observations"] = append(w["observations"], observation("oat_coverage", "UKR", 2018, "3"))
	db := wt.Open(t, w)
	for _, tt := range []struct {
		name, query string
		args        map[string]any
		columns     []string
		want        []string
	}{
		{"one payer is a lower bound", "spending_per_person", map[string]any{"country": "MDA", "year": 2016}, []string{"comparable", "reason"}, []string{"false no_people_known"}},
		{"enforcement may be a disbursement", "law_enforcement", map[string]any{"country": "KAZ"}, []string{"year", "punitive_usd"}, []string{"2016 100.000000"}},
		{"a line of a report is no grant", "grants_absorption", map[string]any{"country": "UKR"}, []string{"reason"}, []string{"no_money_known"}},
		{"a line of a report is no project that ends", "ending_money", map[string]any{"country": "UKR", "date": "2018-01-01", "definition": "hiv"}, []string{"activity_id", "usd"}, []string{"A-1 9.000000"}},
		{"dependence is of the account alone, without its breaks", "donor_dependence", map[string]any{"country": "UKR"}, []string{"year", "usd", "reason"}, []string{"2018 100.000000 compared", "2019 100.000000 series_break"}},
		{"law is no silence", "missing_reports", map[string]any{"country": "RUS", "series": "oat_coverage"}, []string{"status", "reason"}, []string{"not_applicable law_forbids"}},
	} {
		res, err := db.Named(t.Context(), tt.query, tt.args)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range res.Rows {
			var cells []string
			for _, c := range tt.columns {
				cells = append(cells, warehouse.Text(r[slices.IndexFunc(res.Columns, func(k warehouse.Column) bool { return k.Name == c })]))
			}
			got = append(got, strings.Join(cells, " "))
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	got := rowsOf(t, db, "SELECT year, comparable, reason FROM harm_reduction_years WHERE country = 'MDA' AND definition = 'hri' ORDER BY year")
	if diff := cmp.Diff([][]string{{"2016", "false", "payers_known_singly"}, {"2017", "true", "compared"}, {"2018", "false", "corrections_only"}}, got); diff != "" {
		t.Errorf("years of harm reduction (-want +got):\n%s", diff)
	}
}

func with(m, set map[string]any) map[string]any {
	m = maps.Clone(m)
	maps.Copy(m, set)
	return m
}

// TestDefinitionsAreNamed: the definitions a question offers are those there are.
func TestDefinitionsAreNamed(t *testing.T) {
	db := wt.Open(t, world())
	want := map[string]bool{"hiv": true, "all": true} // no definition: all money
	for _, r := range rowsOf(t, db, "SELECT DISTINCT definition FROM definitions") {
		want[r[0]] = true
	}
	queries, err := warehouse.Queries()
	if err != nil {
		t.Fatal(err)
	}
	offered := map[string]bool{"hiv": true, "all": true}
	for _, q := range queries {
		for _, p := range q.Params {
			if p.Name == "definition" {
				for _, v := range p.Values {
					offered[v] = true
				}
			}
		}
	}
	if diff := cmp.Diff(want, offered); diff != "" {
		t.Errorf("(-there are +offered)\n%s", diff)
	}
}

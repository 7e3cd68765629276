package dashboards

import (
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"hrinvest/warehouse"
)

// The release of these tests is made by hand. Its amounts are invented: they are
// chosen to exercise the pages, and stand in no brief.

type rows = []map[string]any

func flow(id string, over map[string]any) map[string]any {
	r := map[string]any{
		"flow_id": id, "disclosure_id": "d-" + id, "source": "globalfund", "publisher": "The Global Fund", "activity_id": "KGZ-H-UNDP", "title": "HIV services",
		"origin": "bundled", "kind": "expenditure", "funder": "Global Fund", "funder_id": "47045", "funder_type": "multilateral", "country": "KGZ", "countries": "KGZ",
		"year": 2016, "year_basis": "calendar", "amount": "300000", "currency": "USD", "share": "1", "split_basis": "none", "usd": "300000", "rate": "1", "rate_source": "identity",
		"intervention": "oat", "population": "pwid", "hiv": true, "hr_method": "reported", "confidence": "high", "status": "reported", "counted": true, "counted_donor": true,
	}
	for k, v := range over {
		r[k] = v
	}
	return r
}

func fixtureFlows() rows {
	type m = map[string]any
	out := rows{
		flow("f1", nil),
		flow("f2", m{"intervention": "nsp", "amount": "500000.5", "usd": "500000.5"}),
		flow("f3", m{"source": "gov", "funder": "Government of Kyrgyzstan", "funder_id": "domestic_public", "funder_type": "domestic_public", "amount": "7000000", "currency": "KGS", "usd": "100000", "rate": "70", "rate_date": "2016-12-31", "rate_source": "fx_un"}),
		flow("f4", m{"kind": "disbursement", "year": 2018, "amount": "700000", "usd": "700000", "intervention": "unspecified_pwid"}),
		flow("f5", m{"kind": "budget", "year": 2018, "amount": "50000", "usd": "50000", "funder": "Robert Carr Fund", "funder_type": "philanthropic", "intervention": "community", "source": "gov"}),
		flow("f6", m{"kind": "budget", "year": nil, "cycle": "GC7", "amount": "2330373.72", "usd": "2330373.72", "intervention": "unspecified_pwid", "period_start": "2024-01-01", "period_end": "2026-12-31"}),
		flow("f7", m{"source": "gov", "funder": "Government of Kyrgyzstan", "funder_type": "domestic_public", "kind": "expenditure", "year": 2018, "amount": "12345", "currency": "XXX", "usd": nil, "rate": nil, "rate_source": nil, "intervention": "naloxone"}),
		flow("f8", m{"country": nil, "countries": "KGZ TJK", "amount": "86454.2", "usd": "86454.2", "intervention": "advocacy", "kind": "budget", "title": "Regional <project> & partners"}),
		flow("f9", m{"kind": "expenditure", "year": 2022, "year_basis": "us_fiscal", "amount": "400000", "usd": "400000", "funder": "United States (PEPFAR)", "funder_type": "bilateral", "intervention": "oat"}),
		flow("f10", m{"hr_rule": "gf-x+words-1", "counted": false, "excluded_by": "authority", "counted_donor": false, "source": "gov"}),
		// Georgia: estimates, and a year in which one agency reported.
		flow("e1", m{"country": "GEO", "countries": "GEO", "activity_id": "GEO-H", "kind": "disbursement", "year": 2025, "amount": "83526.87", "usd": "83526.87", "intervention": "nsp", "hr_method": "apportioned", "status": "imputed", "flags": "percentages_rebased shares_of_budget"}),
		flow("e2", m{"country": "GEO", "countries": "GEO", "activity_id": "GEO-A", "year": 2024, "amount": "150000", "usd": "150000", "intervention": "unspecified_pwid", "hr_method": "text_inferred", "funder": "Aidsfonds", "funder_type": "philanthropic"}),
		flow("e3", m{"country": "GEO", "countries": "GEO", "activity_id": "GEO-A", "year": 2022, "amount": "1000", "usd": "1000", "intervention": "unspecified_pwid", "hr_method": "text_inferred", "funder": "Aidsfonds", "funder_type": "philanthropic"}),
		flow("e4", m{"country": "GEO", "countries": "GEO", "activity_id": "GEO-A", "year": 2022, "amount": "2000", "usd": "2000", "intervention": "nsp", "funder": "Aidsfonds", "funder_type": "philanthropic"}),
		flow("e5", m{"country": "GEO", "countries": "GEO", "activity_id": "GEO-H", "kind": "commitment", "year": 2025, "amount": "91919", "usd": "91919", "intervention": "oat", "hr_method": "apportioned", "status": "imputed", "flags": "shares_of_budget", "period_start": "2025-01-01", "period_end": "2027-12-31"}),
		flow("e6", m{"country": nil, "countries": "GEO MNE", "activity_id": "REG", "amount": "65432", "usd": "65432", "intervention": "unspecified_pwid", "hr_method": "text_inferred"}),
		flow("e7", m{"country": "GEO", "countries": "GEO", "activity_id": "GEO-N", "source": "unaids", "year": 2018, "amount": "1000000", "usd": "1000000", "intervention": "hiv_other", "flags": "country_reported", "funder": "Domestic public", "funder_type": "domestic_public"}),
		flow("e8", m{"country": "GEO", "countries": "GEO", "activity_id": "GEO-N", "source": "unaids", "year": 2018, "amount": "3000000", "usd": "3000000", "intervention": "hiv_other", "flags": "country_reported"}),
		flow("e9", m{"country": "GEO", "countries": "GEO", "activity_id": "GEO-U", "year": 2025, "amount": "50200", "usd": "50200", "intervention": "hiv_other", "funder": "UNAIDS", "funder_type": "multilateral"}),
		flow("x1", m{"country": "XKX", "countries": "XKX", "activity_id": "QNA-H", "kind": "budget", "year": nil, "cycle": "GC7", "amount": "202111", "usd": "202111", "intervention": "nsp"}),
		flow("t1", m{"country": "TJK", "countries": "TJK", "kind": "budget", "year": nil, "cycle": "GC7", "amount": "2610479.92", "usd": "2610479.92", "intervention": "unspecified_pwid"}),
	}
	for y := 2010; y <= 2016; y++ {
		if y == 2013 {
			continue // a year that nobody reported
		}
		out = append(out,
			flow(fmt.Sprint("h", y), m{"source": "unaids", "year": y, "amount": fmt.Sprint(5_000_000 + 100_000*y), "usd": fmt.Sprint(5_000_000 + 100_000*y), "intervention": "hiv_other"}),
			flow(fmt.Sprint("g", y), m{"source": "unaids", "funder": "Domestic public", "funder_type": "domestic_public", "year": y, "amount": "1000000", "usd": "1000000", "intervention": "hiv_other"}))
	}
	return out
}

func fixtureDisclosures(flows rows) rows {
	var out rows
	for _, f := range flows {
		out = append(out, map[string]any{
			"disclosure_id": f["disclosure_id"], "source": f["source"], "publisher": f["publisher"], "document_sha256": "aa" + fmt.Sprint(f["source"]), "locator": "/rows/" + fmt.Sprint(f["flow_id"]),
			"url": "https://example.org/data", "origin": "bundled", "activity_id": f["activity_id"], "title": f["title"], "kind": f["kind"], "amount_published": f["amount"], "currency": f["currency"],
			"raw": `{"amount":"` + fmt.Sprint(f["amount"]) + `","note":"<b>quoted</b>"}`, "outcome": "loaded",
		})
	}
	return out
}

func observation(area, indicator string, year int, value any, unit string) map[string]any {
	return map[string]any{"indicator": indicator, "area": area, "year": year, "value": value, "unit": unit, "status": "reported", "source": "unaids", "document_sha256": "aaunaids", "locator": "/o", "url": "https://aidsinfo.unaids.org", "origin": "bundled"}
}

func vocabulary(t testing.TB, name string) rows {
	t.Helper()
	f, err := os.Open("../transforms/vocab/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out rows
	for _, rec := range all[1:] {
		r := map[string]any{}
		for i, v := range rec {
			if v != "" {
				r[all[0][i]] = v
			}
		}
		out = append(out, r)
	}
	return out
}

// build publishes the release of these tests in dir.
func build(t testing.TB, dir string, flows rows) warehouse.Release {
	t.Helper()
	return buildOn(t, dir, flows, 1)
}

// buildOn is build on a day of November 2026.
func buildOn(t testing.TB, dir string, flows rows, day int) warehouse.Release {
	t.Helper()
	ctx := context.Background()
	now := time.Date(2026, 11, day, 0, 0, 0, 0, time.UTC)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	b, err := warehouse.Create(ctx, warehouse.Config{Dir: dir, Threads: 1, Now: func() time.Time { now = now.Add(time.Second); return now }})
	must(err)
	put := func(table string, data rows) {
		t.Helper()
		schema, err := warehouse.Table(table)
		must(err)
		rr, err := warehouse.Rows(schema, data)
		must(err)
		_, err = b.Load(ctx, schema, rr)
		must(err)
	}
	put("flows", flows)
	put("disclosures", fixtureDisclosures(flows))
	put("observations", rows{
		observation("KGZ", "pwid_size", 2013, "25000", "people"),
		observation("KGZ", "needles_per_pwid", 2018, "170", "needles and syringes per person per year"),
		observation("KGZ", "oat_coverage", 2018, "4.4", "percent"),
		observation("KGZ", "hiv_prevalence_pwid", 2017, "14.3", "percent"),
		observation("RUS", "hiv_prevalence_pwid", 2018, "26", "percent"),
	})
	var docs, sources rows
	for _, s := range []string{"globalfund", "unaids", "gov"} {
		docs = append(docs, map[string]any{"source": s, "role": "data", "name": s + ".csv", "url": "https://example.org/" + s, "sha256": "aa" + s, "size": 10, "content_type": "text/csv",
			"retrieved": "2026-11-01T00:00:00Z", "origin": "bundled", "licence": "CC BY 4.0", "compiled": "2025-06-30", "cites": "https://example.org/a https://example.org/b"})
		n := 0
		for _, f := range flows {
			if f["source"] == s {
				n++
			}
		}
		sources = append(sources, map[string]any{"source": s, "title": map[string]string{"globalfund": "Grant data", "unaids": "AIDSinfo", "gov": "Evidence sheet"}[s], "publisher": map[string]string{"globalfund": "The Global Fund", "unaids": "UNAIDS", "gov": "Harm reduction researchers"}[s],
			"home": "https://example.org", "licence": "not stated", "kind": "money", "spent": "expenditure", "authority": map[string]int{"globalfund": 1, "unaids": 4, "gov": 5}[s], "documents": 1,
			"parsed": n, "loaded": n, "out_of_scope": 0, "rejected": 0, "observations": 5, "cutoff": "2025-06-30", "origin": "bundled"})
	}
	put("documents", docs)
	put("sources", sources)
	put("rules", rows{{"id": "gf-x", "kind": "code", "scheme": "globalfund", "written": "GC7|Module|Line", "intervention": "nsp", "author": "A. Reviewer", "date": "2026-11-23", "source": "https://example.org/rule"}})
	put("interventions", vocabulary(t, "interventions.csv"))
	put("indicators", rows{{"id": "pwid_size", "name_en": "People who inject drugs", "name_ru": "ЛУИН", "unit": "people", "zero_is": "missing"}})
	put("countries", rows{
		{"iso3": "KGZ", "iso2": "KG", "name_en": "Kyrgyzstan", "name_ru": "Кыргызстан", "name_ru_in": "в Кыргызстане", "name_ru_of": "Кыргызстана"},
		{"iso3": "TJK", "iso2": "TJ", "name_en": "Tajikistan", "name_ru": "Таджикистан", "name_ru_in": "в Таджикистане", "name_ru_of": "Таджикистана"},
		{"iso3": "RUS", "iso2": "RU", "name_en": "Russian Federation", "name_ru": "Российская Федерация", "name_ru_in": "в Российской Федерации", "name_ru_of": "Российской Федерации"},
		{"iso3": "MNE", "iso2": "ME", "name_en": "Montenegro", "name_ru": "Черногория", "name_ru_in": "в Черногории", "name_ru_of": "Черногории"},
		{"iso3": "GEO", "iso2": "GE", "name_en": "Georgia", "name_ru": "Грузия", "name_ru_in": "в Грузии", "name_ru_of": "Грузии"},
		{"iso3": "XKX", "iso2": "XK", "name_en": "Kosovo", "name_ru": "Косово", "name_ru_in": "в Косово", "name_ru_of": "Косово"},
	})
	must(b.Reference(ctx))
	must(b.Views(ctx))
	rel, err := b.Publish(ctx, warehouse.Meta{Version: "test", Origin: "bundled", Cutoff: "2025-06-30"})
	must(err)
	return rel
}

// shared is a release built once for all tests that only read.
var shared = struct {
	sync.Once
	dir string
}{}

func fixture(t testing.TB) *Follower {
	t.Helper()
	shared.Do(func() {
		dir, err := os.MkdirTemp("", "dashboards")
		if err != nil {
			t.Fatal(err)
		}
		build(t, dir, fixtureFlows())
		shared.dir = dir
	})
	if _, err := warehouse.Current(shared.dir); err != nil {
		t.Skip("the shared release could not be built")
	}
	f := Follow(shared.dir, warehouse.Options{Threads: 1})
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func TestMain(m *testing.M) {
	code := m.Run()
	if shared.dir != "" {
		os.RemoveAll(shared.dir)
	}
	os.Exit(code)
}

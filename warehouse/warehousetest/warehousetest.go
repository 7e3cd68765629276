// Package warehousetest builds small releases for tests: real DuckDB files,
// made the way a refresh makes them.
//
//	db := warehousetest.Open(t, map[string][]map[string]any{
//		"sources": {{"source": "iati", "spent": "sum", "authority": 2}},
//		"flows":   {warehousetest.Flow(map[string]any{"flow_id": "f1", "country": "KGZ", ...})},
//	})
package warehousetest

import (
	"maps"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"hrinvest/warehouse"
)

// Now is the clock of every release made here.
var Now = time.Date(2026, 11, 23, 2, 15, 0, 0, time.UTC)

// Tables are the rows of input tables by name. See warehouse.Rows for how
// values are written.
type Tables map[string][]map[string]any

// Rows makes a record reader; it is released with the test.
func Rows(t testing.TB, schema *arrow.Schema, rows []map[string]any) array.RecordReader {
	t.Helper()
	rr, err := warehouse.Rows(schema, rows)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(rr.Release)
	return rr
}

// Schema returns the declared schema of an input table.
func Schema(t testing.TB, table string) *arrow.Schema {
	t.Helper()
	s, err := warehouse.Table(table)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Flow is a plausible counted flow with some columns set: what a test does not
// say is a disbursement of 100 US dollars.
func Flow(set map[string]any) map[string]any {
	row := map[string]any{
		"disclosure_id": "d1", "source": "s1", "publisher": "Publisher", "activity_id": "A-1", "title": "An activity", "origin": "bundled",
		"kind": "disbursement", "funder": "A foundation", "funder_type": "philanthropic", "country": "KGZ", "countries": "KGZ",
		"period_start": "2018-01-01", "period_end": "2018-12-31", "year": 2018, "year_basis": "calendar",
		"amount": "100", "currency": "USD", "usd": "100", "rate": "1", "rate_source": "usd",
		"intervention": "nsp", "hr_method": "reported", "confidence": "high", "status": "reported",
		"counted": true, "counted_donor": true,
	}
	maps.Copy(row, set)
	return row
}

// Build makes a build in dir with the given tables, the reference tables as
// they are, and a small vocabulary where the test gives none. Other input
// tables are empty. Views are made.
func Build(t testing.TB, dir string, tables Tables) *warehouse.Build {
	t.Helper()
	return BuildAt(t, dir, tables, Now)
}

// BuildAt is Build at another time.
func BuildAt(t testing.TB, dir string, tables Tables, now time.Time) *warehouse.Build {
	t.Helper()
	ctx := t.Context()
	b, err := warehouse.Create(ctx, warehouse.Config{Dir: dir, MemoryLimit: "512MB", Threads: 2, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Discard() })
	Fill(t, b, tables)
	if err := b.Views(ctx); err != nil {
		t.Fatal(err)
	}
	return b
}

// Fill loads every input table that a build does not have yet: reference tables
// as they are, the given ones, and the small vocabulary.
func Fill(t testing.TB, b *warehouse.Build, tables Tables) {
	t.Helper()
	ctx := t.Context()
	names, err := warehouse.Tables()
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Reference(ctx); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if b.Has(name) {
			continue // reference tables are as they are
		}
		rows, ok := tables[name]
		if !ok {
			rows = vocabulary()[name]
		}
		schema := Schema(t, name)
		if _, err := b.Load(ctx, schema, Rows(t, schema, rows)); err != nil {
			t.Fatal(err)
		}
	}
}

// Publish makes a release in dir.
func Publish(t testing.TB, dir string, tables Tables) warehouse.Release {
	t.Helper()
	r, err := Build(t, dir, tables).Publish(t.Context(), warehouse.Meta{Version: "test", Origin: "bundled"})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Open makes a release in a temporary folder and opens it.
func Open(t testing.TB, tables Tables) *warehouse.DB {
	t.Helper()
	db, err := warehouse.Open(Publish(t, t.TempDir(), tables).Path, warehouse.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// vocabulary is enough of the vocabularies to make every view meaningful.
func vocabulary() Tables {
	intervention := func(id string, core, nine, who, hri, broad bool) map[string]any {
		return map[string]any{"id": id, "name_en": id, "name_ru": id, "core_3": core, "comprehensive_9": nine, "who_2022": who, "hri": hri, "broad": broad}
	}
	country := func(iso3, iso2, en, ru, in, of string) map[string]any {
		return map[string]any{"iso3": iso3, "iso2": iso2, "name_en": en, "name_ru": ru, "name_ru_in": in, "name_ru_of": of}
	}
	return Tables{
		"interventions": {
			intervention("nsp", true, true, true, true, true),
			intervention("oat", true, true, true, true, true),
			intervention("naloxone", true, false, true, true, true),
			intervention("community", false, false, true, true, true),
			intervention("unspecified_pwid", false, false, false, true, true),
			intervention("art_pwid", false, true, true, false, true),
			intervention("legal_aid", false, false, true, false, true),
			intervention("advocacy", false, false, false, false, true),
			intervention("management", false, false, false, false, true),
			intervention("hiv_other", false, false, false, false, false),
			intervention("drug_control", false, false, false, false, false),
		},
		"countries": {
			country("KGZ", "KG", "Kyrgyzstan", "Кыргызстан", "в Кыргызстане", "Кыргызстана"),
			country("KAZ", "KZ", "Kazakhstan", "Казахстан", "в Казахстане", "Казахстана"),
			country("UKR", "UA", "Ukraine", "Украина", "в Украине", "Украины"),
			country("RUS", "RU", "Russian Federation", "Российская Федерация", "в Российской Федерации", "Российской Федерации"),
			country("MDA", "MD", "Republic of Moldova", "Республика Молдова", "в Республике Молдова", "Республики Молдова"),
			country("EST", "EE", "Estonia", "Эстония", "в Эстонии", "Эстонии"),
			country("KEN", "KE", "Kenya", "Кения", "", ""),
			country("USA", "US", "United States of America", "Соединенные Штаты Америки", "", ""),
		},
		"indicators": {
			{"id": "oat_coverage", "name_en": "OAT coverage", "name_ru": "Охват ОАТ", "unit": "percent", "zero_is": "data"},
			{"id": "needles_per_pwid", "name_en": "Needles per person", "name_ru": "Игл на человека", "unit": "needles", "zero_is": "data"},
			{"id": "pwid_size", "name_en": "People who inject drugs", "name_ru": "ЛУИН", "unit": "people", "zero_is": "missing"},
			{"id": "gdp_deflator", "name_en": "GDP deflator", "name_ru": "Дефлятор ВВП", "unit": "index", "zero_is": "missing"},
			{"id": "hri_identified_funding", "name_en": "Identified funding", "name_ru": "Выявленное финансирование", "unit": "USD", "zero_is": "missing"},
		},
	}
}

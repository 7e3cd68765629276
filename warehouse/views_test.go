package warehouse

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// TestErrorsOfScriptsAreBrief: who reads that a view failed gets DuckDB's words
// and not hundreds of lines of SQL.
func TestErrorsOfScriptsAreBrief(t *testing.T) {
	b := newBuild(t)
	script := "CREATE TABLE w.broken AS\nSELECT 12345::DECIMAL(4,2) AS much,\n       1 AS one" + strings.Repeat(",\n       2 AS more", 100)
	full := b.exec(t.Context(), script)
	if full == nil || !strings.Contains(full.Error(), "SELECT 12345") && !strings.Contains(full.Error(), "LINE") {
		t.Fatalf("DuckDB quotes the statement no more, brief may go: %v", full)
	}
	got := brief(full).Error()
	if strings.Contains(got, "\n") || strings.Contains(got, "SELECT") || !strings.Contains(got, "Conversion Error") {
		t.Errorf("got %q", got)
	}
	if err := b.Reference(t.Context()); err != nil {
		t.Fatal(err)
	}
	names, err := Tables()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if b.Has(name) {
			continue
		}
		schema, err := Table(name)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := Rows(schema, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Release()
		if _, err := b.Load(t.Context(), schema, rows); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.exec(t.Context(), "ALTER TABLE w.flows RENAME COLUMN excluded_by TO another"); err != nil {
		t.Fatal(err)
	}
	err = b.Views(t.Context())
	if err == nil || !strings.HasPrefix(err.Error(), "making view excluded: Binder Error") || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v", err)
	}
	if !errors.Is(brief(context.Canceled), context.Canceled) {
		t.Error("the cause is lost")
	}
}

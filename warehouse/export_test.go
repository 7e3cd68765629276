package warehouse_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"compress/gzip"

	"github.com/google/go-cmp/cmp"
	"github.com/marcboeker/go-duckdb"

	"hrinvest/warehouse"
	wt "hrinvest/warehouse/warehousetest"
)

func exporter(t *testing.T, tables wt.Tables) (*warehouse.Exporter, warehouse.Release) {
	t.Helper()
	rel := wt.Publish(t, t.TempDir(), tables)
	x, err := warehouse.Export(t.Context(), rel, warehouse.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close() })
	return x, rel
}

// passedOn is a release with a source whose data may be shown only.
func passedOn() wt.Tables {
	tables := small()
	tables["sources"][0]["licence"] = "CC BY 4.0"
	tables["sources"] = append(tables["sources"], map[string]any{"source": "s2", "title": "Source two", "licence": "no redistribution: the publisher's terms of 2025", "spent": "sum", "authority": 3})
	tables["flows"] = append(tables["flows"], wt.Flow(map[string]any{"flow_id": "f2", "source": "s2", "title": "not to be passed on", "disclosure_id": "d2"}))
	tables["disclosures"] = append(tables["disclosures"], map[string]any{"disclosure_id": "d2", "source": "s2", "document_sha256": "abc", "locator": "/b", "origin": "live", "kind": "disbursement",
		"amount_published": "100", "currency": "USD", "outcome": "loaded", "raw": `{"secret":"not to be passed on"}`})
	return tables
}

// Every table is exported, and the description agrees with the files to the byte.
func TestExportWritesEveryTable(t *testing.T) {
	x, rel := exporter(t, passedOn())
	dir := t.TempDir()
	if _, err := x.WriteAll(t.Context(), dir, "parquet", "csv"); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, "datapackage.json"))
	if err != nil {
		t.Fatal(err)
	}
	var p struct {
		Version   string
		Licenses  []struct{ Name, Title string }
		Sources   []struct{ ID string }
		Left_out  []struct{ Source, Reason string }
		Resources []struct {
			Name, Path, Hash string
			Bytes, Rows      int64
			Schema           struct {
				Fields []struct{ Name, Type, Description string }
			}
		}
	}
	if err := json.Unmarshal(b, &p); err != nil {
		t.Fatal(err)
	}
	if p.Version != rel.ID || len(p.Licenses) != 1 || p.Licenses[0].Name != "CC-BY-4.0" || len(p.Sources) != 1 || p.Sources[0].ID != "s1" ||
		len(p.Left_out) != 1 || p.Left_out[0].Source != "s2" || !strings.Contains(p.Left_out[0].Reason, "terms of 2025") {
		t.Errorf("%+v", p)
	}
	if want := 2 * len(x.Tables()); len(p.Resources) != want || len(x.Tables()) < 30 {
		t.Errorf("%d files, want %d", len(p.Resources), want)
	}
	files := []string{"CITATION.cff", "datapackage.json"}
	db, err := warehouse.Open(rel.Path, warehouse.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, r := range p.Resources {
		files = append(files, r.Path)
		b, err := os.ReadFile(filepath.Join(dir, r.Path))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(b)
		if r.Bytes != int64(len(b)) || r.Hash != "sha256:"+hex.EncodeToString(sum[:]) {
			t.Errorf("%s: %d bytes, %s", r.Path, r.Bytes, r.Hash)
		}
		if strings.HasSuffix(r.Path, ".csv.gz") {
			rows := readGzip(t, filepath.Join(dir, r.Path))
			if int64(len(rows)-1) != r.Rows {
				t.Errorf("%s: %d rows, said to be %d", r.Path, len(rows)-1, r.Rows)
			}
			var names []string
			for _, f := range r.Schema.Fields {
				names = append(names, f.Name)
			}
			if d := cmp.Diff(names, rows[0]); d != "" {
				t.Errorf("%s: columns: -said +are\n%s", r.Path, d)
			}
			if strings.Contains(fmt.Sprint(rows), "not to be passed on") {
				t.Errorf("%s holds what may not be passed on", r.Path)
			}
		}
		if strings.HasPrefix(r.Path, "flows.") && r.Rows != 1 {
			t.Errorf("%s: %d rows, want the one that may be passed on", r.Path, r.Rows)
		}
	}
	found, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range found {
		found[i] = filepath.Base(found[i])
	}
	slices.Sort(files)
	if d := cmp.Diff(files, found); d != "" {
		t.Errorf("files: -described +there\n%s", d)
	}
}

func readGzip(t *testing.T, path string) [][]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(z).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// An empty text and one that is not there stay apart, and decimals are whole.
func TestExportIsExact(t *testing.T) {
	tables := small()
	tables["flows"] = append(tables["flows"], wt.Flow(map[string]any{"flow_id": "f2", "amount": "123456789012.345678", "title": "", "usd": nil, "activity_id": "a \"b\",\nc"}))
	x, _ := exporter(t, tables)
	dir := t.TempDir()
	if _, err := x.Write(t.Context(), "flows", "csv", dir); err != nil {
		t.Fatal(err)
	}
	rows := readGzip(t, filepath.Join(dir, "flows.csv.gz"))
	cell := func(name string) string { return rows[2][slices.Index(rows[0], name)] }
	if cell("amount") != "123456789012.345678" || cell("usd") != "" || cell("activity_id") != "a \"b\",\nc" {
		t.Errorf("%q", rows[2])
	}
}

// DuckDB reads the Parquet back as it was: types, values and what is not there.
func TestParquetReadsBack(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	x, rel := exporter(t, small())
	dir := t.TempDir()
	db := sql.OpenDB(must(duckdb.NewConnector(rel.Path+"?access_mode=READ_ONLY", nil))(t))
	defer db.Close()
	for _, table := range []string{"flows", "gaps", "commitments", "documents"} {
		f, err := x.Write(t.Context(), table, "parquet", dir)
		if err != nil {
			t.Fatal(err)
		}
		file := "read_parquet('" + filepath.Join(dir, f.Name) + "')"
		var differ, types int
		if err := db.QueryRow("SELECT count(*) FROM ((SELECT * FROM " + table + " EXCEPT ALL SELECT * FROM " + file + ") UNION ALL (SELECT * FROM " + file + " EXCEPT ALL SELECT * FROM " + table + "))").Scan(&differ); err != nil {
			t.Fatal(err)
		}
		if err := db.QueryRow("SELECT count(*) FROM ((SELECT column_name, column_type FROM (DESCRIBE " + table + ")) EXCEPT (SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM " + file + ")))").Scan(&types); err != nil {
			t.Fatal(err)
		}
		if differ != 0 || types != 0 || f.Rows == 0 {
			t.Errorf("%s: %d rows and %d types differ, of %d rows", table, differ, types, f.Rows)
		}
	}
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestExportRefuses(t *testing.T) {
	x, _ := exporter(t, small())
	dir := t.TempDir()
	if _, err := x.Write(t.Context(), "nothing", "csv", dir); !errors.Is(err, warehouse.ErrUnknownTable) {
		t.Errorf("a table that is not there: %v", err)
	}
	if _, err := x.Write(t.Context(), `flows"; DROP TABLE flows; --`, "csv", dir); !errors.Is(err, warehouse.ErrUnknownTable) {
		t.Errorf("a name that is SQL: %v", err)
	}
	if _, err := x.Write(t.Context(), "flows", "exe", dir); err == nil {
		t.Error("a format that is not there")
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := x.Write(cancelled, "flows", "csv", dir); err == nil {
		t.Error("went on when told to stop")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); left != nil {
		t.Errorf("left behind: %v", left)
	}
}

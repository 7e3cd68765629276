package pipelines

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/marcboeker/go-duckdb" // the driver, beside what the warehouse does with it

	"hrinvest/extractors/extractorstest"
	"hrinvest/warehouse"
)

// TestRecompute reads published files with DuckDB's own readers and computes
// again, in plain SQL, what the pipeline made of them: testdata/recompute has one
// question per file, which counts what was compared and what differs.
func TestRecompute(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	corpus := extractorstest.Corpus(t)
	p := open(t, Config{})
	unlock, err := p.lock()
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	l, err := openLedger(p.path("documents"))
	if err != nil {
		t.Fatal(err)
	}
	report := &Report{}
	given := map[string][]string{"globalfund": {"global-fund/budgets"}, "unaids": {"unaids"}, "iati": {"iati/public-activities", "iati/iati-datastore-fixtures"},
		"ecb": {"rates"}, "unrates": {"rates"}, "dacrates": {"rates"}}
	for _, src := range p.cfg.Sources {
		r := report.source(src.Info())
		for _, dir := range given[r.Source] {
			if err := p.handOver(t.Context(), src, filepath.Join(corpus, dir), l, r); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := p.build(t.Context(), l, BuildOptions{}, report); err != nil {
		t.Fatal(err)
	}
	release, err := warehouse.Current(p.cfg.Dir)
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("duckdb", release.Path+"?access_mode=READ_ONLY")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	questions, err := filepath.Glob("testdata/recompute/*.sql")
	if err != nil || len(questions) < 10 {
		t.Fatal(questions, err)
	}
	module, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range questions {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var compared, differ int
		var example sql.NullString
		query := strings.NewReplacer("{corpus}", corpus, "{module}", module).Replace(string(text))
		if err := db.QueryRowContext(t.Context(), query).Scan(&compared, &differ, &example); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if compared < 10 || differ > 0 {
			t.Errorf("%s: %d of %d differ, such as %s", name, differ, compared, example.String)
		}
		t.Logf("%s: %d compared", filepath.Base(name), compared)
	}
}

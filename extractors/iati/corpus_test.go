package iati

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hrinvest/extractors/extractorstest"
	"hrinvest/extractors/fetch"
)

// corpusFiles lists every XML file of the corpus, one per name.
func corpusFiles(t testing.TB) (files []string) {
	t.Helper()
	root := extractorstest.Corpus(t, "iati")
	err := filepath.WalkDir(root, func(p string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && filepath.Ext(p) == ".xml" {
			files = append(files, p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestScratch(t *testing.T) {
	for _, p := range corpusFiles(t) {
		for _, all := range []bool{true, false} {
			s := New(Config{ScopeAll: all})
			r := extractorstest.Parse(t, s, extractorstest.File(t, s, p))
			extractorstest.Check(t, r, nil)
			t.Logf("%v %s: %d disclosed %d skipped %d rejected", all, filepath.Base(p), len(r.Disclosures), r.Skipped, len(r.Problems))
			for i, pr := range r.Problems {
				if i < 3 {
					t.Logf("   %s %s %s", pr.Locator, pr.Reason, pr.Raw)
				}
			}
		}
	}
	_ = os.Stdout
	_ = strings.Fields
	_ = fetch.Given
}

package ocds

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hrinvest/extractors"
	"hrinvest/extractors/extractorstest"
	"hrinvest/extractors/fetch"
)

// balances are statements = loaded + out of scope + rejected of each file, where
// everything is disclosed.
var balances = map[string]string{
	"checker-fixtures/additional_checks_basic_releases.json":                      "1 = 0 + 1 + 0",
	"checker-fixtures/additional_checks_empty_fields_records.json":                "1 = 1 + 0 + 0",
	"checker-fixtures/additional_checks_empty_fields_releases.json":               "1 = 0 + 1 + 0",
	"checker-fixtures/additional_checks_full_record.json":                         "1 = 1 + 0 + 0",
	"checker-fixtures/api_basic_1.json":                                           "1 = 0 + 1 + 0",
	"checker-fixtures/api_basic_record_package.json":                              "1 = 0 + 1 + 0",
	"checker-fixtures/common_checks_1-0_records_invalid_releases.json":            "9 = 0 + 4 + 5",
	"checker-fixtures/common_checks_basic_1.json":                                 "1 = 0 + 1 + 0",
	"checker-fixtures/common_checks_dupe_ids_1.json":                              "1 = 0 + 1 + 0",
	"checker-fixtures/common_checks_get_additional_codelist_values_replaced.json": "1 = 0 + 1 + 0",
	"checker-fixtures/common_checks_records_invalid_releases.json":                "9 = 0 + 4 + 5",
	"checker-fixtures/common_checks_records_no_validation_errors.json":            "1 = 0 + 0 + 1",
	"checker-fixtures/common_checks_records_non_unique.json":                      "5 = 0 + 0 + 5",
	"checker-fixtures/common_checks_records_non_unique_no_ocid.json":              "2 = 0 + 0 + 2",
	"checker-fixtures/common_checks_records_unique.json":                          "2 = 0 + 0 + 2",
	"checker-fixtures/common_checks_releases_no_validation_errors.json":           "1 = 0 + 1 + 0",
	"checker-fixtures/common_checks_releases_non_unique.json":                     "1 = 0 + 1 + 0",
	"checker-fixtures/common_checks_releases_non_unique_no_id.json":               "1 = 0 + 1 + 0",
	"checker-fixtures/common_checks_releases_unique.json":                         "1 = 0 + 1 + 0",
	"checker-fixtures/common_checks_releases_unique_ocids_but_not_ids.json":       "2 = 0 + 2 + 0",
	"checker-fixtures/extensions_invalid-metadata_extension.json":                 "1 = 0 + 0 + 1",
	"checker-fixtures/extensions_invalid-metadata_release-schema.json":            "1 = 0 + 0 + 1",
	"checker-fixtures/extensions_no-metadata_release-schema.json":                 "1 = 0 + 0 + 1",
	"checker-fixtures/extensions_unresolvable_extension.json":                     "1 = 0 + 0 + 1",
	"checker-fixtures/extensions_unresolvable_release-schema.json":                "1 = 0 + 0 + 1",
	"checker-fixtures/lib_badfile.json":                                           "9 = 0 + 9 + 0",
	"checker-fixtures/lib_record_check_ocids.json":                                "1 = 0 + 0 + 1",
	"checker-fixtures/lib_samplerubbish.json":                                     "1 = 0 + 0 + 1",
	"checker-fixtures/lib_tenders_releases_7_releases_check_ocids.json":           "4 = 0 + 4 + 0",
	"moldova/narcology_dispensary_2017.json":                                      "1 = 0 + 1 + 0",
	"prozorro/record-ocds-be6bcu-UA-2018-06-22-001789-a.json":                     "1 = 1 + 0 + 0",
	"prozorro/records-10.json":                                                    "11 = 11 + 0 + 0",
	"prozorro/release-c3f4965758c9b7391f86c676f59b828a.json":                      "1 = 1 + 0 + 0",
	"prozorro/releases-10.json":                                                   "10 = 10 + 0 + 0",
	"prozorro_docs/0981b8f1884444988d2a54156ad69215.json":                         "4 = 0 + 4 + 0",
	"prozorro_docs/has-auction-true-tender-complete.json":                         "2 = 2 + 0 + 0",
}

// corpus are all procurement files of the corpus, whatever role they have.
func corpus(t *testing.T) (names []string, docs map[string]fetch.Document) {
	t.Helper()
	root, docs := extractorstest.Corpus(t, "government", "procurement"), map[string]fetch.Document{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".json" {
			return err
		}
		b, err := os.ReadFile(path)
		name, _ := filepath.Rel(root, path)
		docs[name] = extractorstest.Doc(roleNotices, filepath.Base(path), b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(docs)), docs
}

// balance is what became of the statements of a file.
func balance(r *extractorstest.Result) string {
	load := len(loaded(r))
	return fmt.Sprintf("%d = %d + %d + %d", r.Parsed(), load, len(r.Disclosures)-load+r.Skipped, len(r.Problems))
}

// Where everything is disclosed, every file gives what stands in it; the usual scope
// takes none of it, for none is about drug use or HIV. What cannot be used is refused
// with its place and the reason, and quotes nobody.
func TestCorpus(t *testing.T) {
	names, docs := corpus(t)
	skipped, rejected := 0, map[string]int{}
	for _, name := range names {
		head, err := docs[name].Head(64 << 10) // what is seen of a file that is handed over
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(name, "prozorro") && New(Config{}).Role(path.Base(name), head) == "" {
			t.Errorf("%s is not known when it is handed over", name)
		}
		r := extractorstest.Parse(t, New(Config{ScopeAll: true}), docs[name])
		extractorstest.Check(t, r, map[string]bool{docs[name].SHA256: true})
		if got, want := balance(r), balances[name]; got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
		few := extractorstest.Parse(t, New(Config{}), docs[name])
		if len(few.Disclosures) > 0 || few.Parsed() > r.Parsed() {
			t.Errorf("%s: %d statements are in scope", name, len(few.Disclosures))
		}
		skipped += few.Skipped
		for _, p := range few.Problems {
			rejected[p.Reason]++
		}
	}
	if skipped != 66 {
		t.Errorf("%d statements are out of scope", skipped)
	}
	want := map[string]int{
		"the document is empty": 1, "it is not JSON: byte 1 cannot stand there": 1, "it holds no release, record, or tender of Prozorro": 4, "the record holds no release": 9,
		"the record holds no release, only links to 1: hand over the package with compiled releases": 12,
	}
	if diff := cmp.Diff(want, rejected); diff != "" {
		t.Error(diff)
	}
}

// All of Prozorro's files together: contracts that stand in several are one.
func TestCorpusTogether(t *testing.T) {
	names, docs := corpus(t)
	var all extractors.Set
	for _, name := range names {
		if strings.HasPrefix(name, "prozorro") {
			all = append(all, docs[name])
		}
	}
	r := extractorstest.Parse(t, New(Config{ScopeAll: true}), all...)
	extractorstest.Check(t, r, nil)
	if got := balance(r); got != "17 = 13 + 4 + 0" {
		t.Error(got)
	}
	m, err := extractors.Measured(t.Context(), New(Config{ScopeAll: true}), all)
	if err != nil {
		t.Fatal(err)
	}
	if got := m.All.Totals["contract UAH"]; got.Sum != 905_756+1_000+1_870 { // the records, a tender of the documentation, the exercise
		t.Errorf("%+v", got)
	}
}

// Nothing of a contact point or of who signs leaves the source.
func TestCorpusNamesNobody(t *testing.T) {
	names, docs := corpus(t)
	looked := 0
	for _, name := range names {
		f, err := docs[name].Open()
		if err != nil {
			t.Fatal(err)
		}
		var doc any
		if json.NewDecoder(f).Decode(&doc) != nil {
			continue
		}
		personal := map[string]bool{}
		collect(doc, false, personal)
		r := extractorstest.Parse(t, New(Config{ScopeAll: true}), docs[name])
		emitted, err := json.Marshal([]any{r.Disclosures, r.Problems, r.Observations})
		if err != nil {
			t.Fatal(err)
		}
		said := string(emitted)
		for _, d := range r.Disclosures {
			said += string(d.Raw)
		}
		for _, p := range r.Problems {
			said += string(p.Raw)
		}
		for value := range personal {
			looked++
			if strings.Contains(said, value) {
				t.Errorf("%s: %q is said", name, value)
			}
		}
	}
	if looked < 20 {
		t.Errorf("only %d values were looked for", looked)
	}
}

// collect gathers the texts of contact points and signatories.
func collect(v any, inside bool, out map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for k, v := range v {
			collect(v, inside || k == "contactPoint" || k == "signerInfo", out)
		}
	case []any:
		for _, v := range v {
			collect(v, inside, out)
		}
	case string:
		if inside && len(v) > 3 {
			out[v] = true
		}
	}
}

package dashboards

import (
	"encoding/csv"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"hrinvest/dashboards/locales"
	"hrinvest/warehouse"
)

// saidInEnglish are the texts in English that pages show and that stand in other rooms, with
// where they are from: what questions, their parameters and columns mean, notes and
// measures of curated tables, what rules say.
func saidInEnglish(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	add := func(text, from string) {
		if text != "" && out[text] == "" {
			out[text] = from
		}
	}
	queries, err := warehouse.Queries()
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range queries {
		add(q.Doc, "question "+q.Name)
		for _, p := range q.Params {
			add(p.Doc, "parameter "+p.Name+" of "+q.Name)
		}
		for _, c := range q.Columns {
			add(c.Doc, "column "+c.Name+" of "+q.Name)
		}
	}
	for file, columns := range map[string][]string{
		"../transforms/vocab/interventions.csv":       {"definition"},
		"../transforms/vocab/crosswalk.csv":           {"note"},
		"../transforms/vocab/indicators.csv":          {"unit"},
		"../warehouse/reference/areas.csv":            {"note"},
		"../warehouse/reference/commitments.csv":      {"instrument", "reference", "paragraph", "metric", "unit", "verification", "note"},
		"../warehouse/reference/pledges.csv":          {"note"},
		"../warehouse/reference/published_ratios.csv": {"need_note", "note"},
		"../warehouse/reference/scenarios.csv":        {"text_en"},
		"../warehouse/reference/deflators.csv":        {"series"},
	} {
		for _, row := range rowsOf(t, file) {
			for _, c := range columns {
				add(row[c], file+" "+c)
			}
		}
	}
	return out
}

func rowsOf(t *testing.T, file string) []map[string]string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	var out []map[string]string
	for _, rec := range all[1:] {
		row := map[string]string{}
		for i, v := range rec {
			row[all[0][i]] = v
		}
		out = append(out, row)
	}
	return out
}

// word is what makes a text one to be translated: codes, addresses and capitals alone
// are the same everywhere.
var word = regexp.MustCompile(`\b[a-z]{3,}\b`)

var webAddress = regexp.MustCompile(`https?://\S+|\b[a-z]+\.org\b`)

// Every text that pages show in English where it belongs can be said in every language.
func TestDocsParity(t *testing.T) {
	texts := saidInEnglish(t)
	for _, lang := range locales.Languages()[1:] {
		l, err := locales.Load(lang)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range slices.Sorted(maps.Keys(texts)) {
			for _, p := range l.Parts(text) {
				if !p.Own && word.MatchString(webAddress.ReplaceAllString(p.Text, "")) {
					t.Errorf("%s: %s is not said: %q (add it to locales/docs.%[1]s.csv)", lang, texts[text], p.Text)
				}
			}
		}
	}
}

// No translation is left over: each is of a text, or of the shape of one, that stands
// somewhere.
func TestDocsLeftOver(t *testing.T) {
	texts := saidInEnglish(t)
	var all strings.Builder
	for _, text := range slices.Sorted(maps.Keys(texts)) {
		all.WriteString(text + "\n")
	}
	for _, room := range []string{"../warehouse", "../transforms", "../extractors", "../pipelines"} {
		err := filepath.WalkDir(room, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") || !slices.Contains([]string{".sql", ".csv", ".go", ".yaml", ".xml", ".json"}, filepath.Ext(path)) {
				return err
			}
			b, err := os.ReadFile(path)
			all.Write(b)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	// As quotation marks are written in the files.
	tree := strings.NewReplacer(`''`, `'`, `""`, `"`, `\"`, `"`, "%%", "%", "%q", `""`, "%s", "", "%d", "").Replace(all.String())
	for _, lang := range locales.Languages()[1:] {
		l, err := locales.Load(lang)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range l.Docs() {
			for _, piece := range regexp.MustCompile(`\{[a-z_]+\}`).Split(text, -1) {
				if piece = strings.Trim(piece, " ,:;()"); !strings.Contains(tree, piece) {
					t.Errorf("%s: nothing says %q of %q any more", lang, piece, text)
				}
			}
		}
	}
}

// What stands in two languages in a curated table stands in both.
func TestCuratedWordsInBoth(t *testing.T) {
	for file, pairs := range map[string][2]string{
		"../warehouse/reference/reasons.csv":        {"en", "ru"},
		"../warehouse/reference/causes.csv":         {"en", "ru"},
		"../warehouse/reference/counting_rules.csv": {"en", "ru"},
		"../warehouse/reference/scenarios.csv":      {"text_en", "text_ru"},
		"../warehouse/reference/transitions.csv":    {"text_en", "text_ru"},
		"../warehouse/reference/laws.csv":           {"text_en", "text_ru"},
		"../warehouse/reference/commitments.csv":    {"text_en", "text_ru"},
		"../warehouse/reference/areas.csv":          {"name_en", "name_ru"},
		"../transforms/vocab/interventions.csv":     {"name_en", "name_ru"},
		"../transforms/vocab/indicators.csv":        {"name_en", "name_ru"},
	} {
		for i, row := range rowsOf(t, file) {
			if row[pairs[0]] == "" || row[pairs[1]] == "" {
				t.Errorf("%s, row %d: %s %q, %s %q", file, i+2, pairs[0], row[pairs[0]], pairs[1], row[pairs[1]])
			}
		}
	}
}

// Every column of every question and every parameter has a name to show.
func TestColumnsHaveLabels(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	f := fixture(t)
	data, _, done, err := f.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	queries, err := warehouse.Queries()
	if err != nil {
		t.Fatal(err)
	}
	l, err := locales.Load("en") // the others have the same keys
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range queries {
		args := map[string]any{}
		for _, p := range q.Params {
			if !l.Has("param."+p.Name) && !l.Has("column."+p.Name) {
				t.Errorf("the parameter %s of %s has no label", p.Name, q.Name)
			}
			if p.Required {
				args[p.Name] = map[string]string{"country": "KGZ"}[p.Name]
				if args[p.Name] == "" {
					args[p.Name] = "x"
				}
			}
		}
		answer, err := data.Named(t.Context(), q.Name, args)
		if err != nil {
			t.Errorf("%s: %v", q.Name, err)
			continue
		}
		for _, c := range answer.Columns {
			if !l.Has("column." + c) {
				t.Errorf("the column %s of %s has no label", c, q.Name)
			}
		}
	}
}

package dashboards

import (
	"regexp"
	"strings"
	"testing"

	"hrinvest/dashboards/charts"
	"hrinvest/dashboards/locales"
	"hrinvest/dashboards/ziptest"
)

// Print without colour tells the groups of a chart apart: no two share a hatching, and
// none has that of missing years.
func TestLooksDiffer(t *testing.T) {
	seen := map[charts.Pattern]string{}
	for _, g := range []string{"domestic", "global_fund", "us", "bilateral", "multilateral", "philanthropic", "private", "international", "other"} {
		p := look(g).Pattern
		if old, ok := seen[p]; ok || p == charts.Sparse {
			t.Errorf("%s is hatched like %q", g, old)
		}
		seen[p] = g
	}
}

var (
	tableTag = regexp.MustCompile(`(?s)<table[^>]*>.*?</table>`)
	wideTag  = regexp.MustCompile(`<[a-z]+ class="wide"[^>]*>`)
	partTag  = regexp.MustCompile(`<(thead|tbody|tr|th|td)\b[^>]*>`)
)

// Tables say what they are, also where a phone stacks them, and what scrolls has a name.
func TestTablesAreNamed(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	s := site(t)
	for _, p := range everyPage() {
		page := ask(t, s, p).Body.String()
		for _, table := range tableTag.FindAllString(page, -1) {
			if !regexp.MustCompile(`^<table[^>]*><caption>[^<]+</caption>`).MatchString(table) {
				t.Errorf("%s: a table without a caption: %.120s", p, table)
			}
			if !regexp.MustCompile(`^<table[^>]* class="[^"]*\bcards\b`).MatchString(table) {
				continue
			}
			for _, part := range append(partTag.FindAllString(table, -1), table[:strings.Index(table, ">")+1]) {
				if !strings.Contains(part, ` role="`) {
					t.Errorf("%s: %s has no role", p, part)
				}
			}
		}
		for _, tag := range wideTag.FindAllString(page, -1) {
			if strings.Contains(tag, `tabindex="0"`) && !regexp.MustCompile(`role="region" aria-label="[^"]+"`).MatchString(tag) {
				t.Errorf("%s: %s has no name", p, tag)
			}
		}
	}
}

// Roles are given to stacked tables and to nothing else.
func TestRoles(t *testing.T) {
	in := `<table><tr><td>a</td></tr></table><table class="promises cards"><thead><tr><th scope="col">b</th></tr></thead><tr id="c"><th scope="row">d</th><td class="num">e</td></tr></table><td>`
	want := `<table><tr><td>a</td></tr></table><table role="table" class="promises cards"><thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">b</th></tr></thead><tr role="row" id="c"><th role="rowheader" scope="row">d</th><td role="cell" class="num">e</td></tr></table><td>`
	if got := string(withRoles([]byte(in))); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// No cell of the page of gaps is empty: what is missing is a word, and years without a
// value are told apart by their year.
func TestGapsHaveNoHoles(t *testing.T) {
	s := site(t)
	for _, p := range []string{"/en/gaps", "/ru/gaps?country=KGZ", "/ru/gaps?country=KGZ&latest=false"} {
		page := ask(t, s, p).Body.String()
		if hole := regexp.MustCompile(`<td[^>]* data-l="([^"]*)"[^>]*>(\s|–)*</td>`).FindStringSubmatch(page); hole != nil {
			t.Errorf("%s: an empty cell of %q", p, hole[1])
		}
		if !strings.Contains(page, "<td") {
			t.Errorf("%s has no rows", p)
		}
	}
	// One word for one column, on the desk and on the phone.
	page := ask(t, s, "/ru/gaps?country=KGZ").Body.String()
	for _, word := range []string{"Найдено", "Покрыто", "Вывод"} {
		if !strings.Contains(page, ">"+word+"</a>") || !strings.Contains(page, `data-l="`+word+`"`) {
			t.Errorf("%q is not the word of its column everywhere", word)
		}
	}
}

// The page of a country leads to its parts, folds promises that nothing is known of,
// and says in words that no end of money is known.
func TestCountryPageHasParts(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	s := site(t)
	page := ask(t, s, "/ru/country/KGZ").Body.String()
	links := regexp.MustCompile(`href="#([a-z]+)"`).FindAllStringSubmatch(page[strings.Index(page, `class="toc"`):], 6)
	if len(links) != 6 {
		t.Fatalf("%d links to parts", len(links))
	}
	for _, l := range links {
		if !strings.Contains(page, ` id="`+l[1]+`"`) {
			t.Errorf("nothing is called %s", l[1])
		}
	}
	b := makeBrief(t, "KGZ", "ru")
	open := 0
	for _, p := range b.Promises {
		if p.Look == "no_data" || p.Look == "no_number" {
			open++
		}
	}
	_, folded, _ := strings.Cut(page, "без данных или без числа</summary>")
	folded, _, _ = strings.Cut(folded, "</details>")
	if n := strings.Count(folded, `scope="row"`); n != open || open == 0 {
		t.Errorf("%d promises are folded, want %d", n, open)
	}
	for _, lang := range locales.Languages() {
		if b := makeBrief(t, "MNE", lang); len(b.Ends) > 0 || b.NoEnds == "" || !strings.Contains(ask(t, s, "/"+lang+"/country/MNE").Body.String(), b.NoEnds) {
			t.Errorf("%s: ends %v, words %q", lang, b.Ends, b.NoEnds)
		}
	}
	if w := ask(t, s, "/ru/country/KGZ.xlsx"); w.Code != 200 || len(ziptest.Files(t, w.Body.Bytes())) == 0 {
		t.Errorf("the workbook of a country: %d", w.Code)
	}
}

// Russian pages offer the CSV file that a Russian Excel reads, with the same choice;
// others have no need of it.
func TestExcelIsOffered(t *testing.T) {
	s := site(t)
	if page := ask(t, s, "/ru/gaps?country=KGZ").Body.String(); !strings.Contains(page, `href="/ru/gaps.csv?country=KGZ&amp;latest=true&amp;excel=ru"`) {
		t.Error("the page of gaps does not offer it")
	}
	if page := ask(t, s, "/ru/donors").Body.String(); !strings.Contains(page, `href="/ru/donors.csv?excel=ru"`) {
		t.Error("the page of donors does not offer it")
	}
	if page := ask(t, s, "/en/donors").Body.String(); strings.Contains(page, "excel=ru") {
		t.Error("an English page offers it")
	}
}

// After a colon a Russian sentence goes on without a capital, and days are written as
// Russian writes them.
func TestRussianReads(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	capital := regexp.MustCompile(`(показаны|показатели|годы|\d|цели|уровня|данных): [А-ЯЁ][а-яё]`)
	iso := regexp.MustCompile(`\b(19|20)\d\d-\d\d-\d\d\b`)
	for _, iso3 := range []string{"KGZ", "TJK", "GEO", "RUS", "MNE"} {
		b := makeBrief(t, iso3, "ru")
		texts := append([]string{b.NoServices}, b.Missing...)
		for _, p := range b.Promises {
			texts = append(texts, p.Figure.Note)
		}
		for _, r := range b.Refs {
			texts = append(texts, r.Cutoff)
		}
		for _, text := range texts {
			if capital.MatchString(text) || iso.MatchString(text) {
				t.Errorf("%s: %q", iso3, text)
			}
		}
	}
	if page := ask(t, site(t), "/ru/").Body.String(); strings.Contains(page, " – ") {
		t.Error("a dash of another language")
	}
}

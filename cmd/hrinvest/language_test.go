package main

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"hrinvest/dashboards/locales"
	"hrinvest/pipelines"
)

// foreign finds English in what a reader of another language is shown: three small
// words in Latin letters in a row.
var foreign = regexp.MustCompile(`(?:\b[a-z]{2,}[,;:]? +){2,}[a-z]{2,}\b`)

// What others wrote and code are marked as such and stay; all else of a page in
// Russian is in Russian, on every page that can be reached.
func TestPagesSpeakOneLanguage(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	h := bundledSite(t)
	seen, said := map[string]bool{}, map[string]bool{}
	perKind := map[string]int{}
	queue := []string{"/ru/"}
	pages := 0
	for len(queue) > 0 {
		address := queue[0]
		queue = queue[1:]
		if kind := kindOf(address); seen[address] || perKind[kind] >= 3 || strings.Contains(address, "sort=") {
			continue
		} else {
			perKind[kind]++
		}
		seen[address] = true
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", address, nil))
		if w.Code != http.StatusOK {
			t.Errorf("%s: %d", address, w.Code)
			continue
		}
		if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
			continue
		}
		pages++
		root, err := html.Parse(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range inEnglish(root) {
			if !said[text] {
				t.Errorf("%s: %q", address, text)
			}
			said[text] = true
		}
		queue = append(queue, linksOf(root, address)...)
		if address == "/ru/questions" { // with an answer, and a row of it followed down
			asked := questionsOf(root)
			for _, q := range slices.Sorted(maps.Keys(asked)) {
				queue = append(queue, "/ru/questions/"+q+asked[q])
			}
		}
	}
	if pages < 150 {
		t.Errorf("only %d pages were found", pages)
	}
}

// The check above can fail.
func TestForeignIsFound(t *testing.T) {
	root, err := html.Parse(strings.NewReader(`<html lang="ru"><body><p>Причина: no money is known</p><p lang="en">quoted as it stands</p><code>select this from that</code>
<p>Фонд: <span lang="en">harm reduction for all</span></p><div aria-label="table of something"></div><p>iati unaids</p><p>urn:of:it</p></body></html>`))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"no money is known", "table of something"}
	got := inEnglish(root)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
}

// kindOf says which addresses show the same kind of page.
func kindOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	dir := path.Dir(u.Path)
	if dir == "/ru" || dir == "/ru/questions" {
		dir = u.Path
	}
	if u.Query().Has("trace") {
		dir += "?trace"
	}
	return dir
}

// inEnglish lists what is shown in English and not marked.
func inEnglish(root *html.Node) []string {
	var out []string
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			out = append(out, foreign.FindAllString(n.Data, -1)...)
		}
		if n.Type == html.ElementNode {
			if slices.Contains([]string{"code", "pre", "style", "script", "meta"}, n.Data) {
				return
			}
			for _, a := range n.Attr {
				switch {
				case a.Key == "lang" && a.Val != "ru":
					return
				case slices.Contains([]string{"aria-label", "title", "alt", "placeholder"}, a.Key):
					out = append(out, foreign.FindAllString(a.Val, -1)...)
				}
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(root)
	return out
}

// linksOf lists the pages in Russian that a page leads to.
func linksOf(root *html.Node, from string) []string {
	base, err := url.Parse(from)
	if err != nil {
		return nil
	}
	var out []string
	for n := range root.Descendants() {
		for _, a := range n.Attr {
			if u, err := base.Parse(a.Val); err == nil && n.Data == "a" && a.Key == "href" && u.Host == "" && strings.HasPrefix(u.Path, "/ru/") && path.Ext(u.Path) == "" {
				u.Fragment = ""
				out = append(out, u.String())
			}
		}
	}
	return out
}

// questionsOf lists the questions of the page of questions, each with the parameters
// that give it an answer.
func questionsOf(root *html.Node) map[string]string {
	out := map[string]string{}
	for n := range root.Descendants() {
		for _, a := range n.Attr {
			if name, ok := strings.CutPrefix(a.Val, "/ru/questions/"); ok && n.Data == "a" && a.Key == "href" {
				switch name {
				case "largest_gaps", "fund_pledges", "donor_totals", "regional_comparison", "commitments", "definitions", "documents", "explain", "kinds", "observations", "pledges",
					"published_ratios", "rejected", "releases", "siblings", "sources", "totals":
					out[name] = ""
				default:
					out[name] = "?country=KGZ"
				}
			}
		}
	}
	return out
}

// Sources have their titles and licences in every language.
func TestSourcesAreSaid(t *testing.T) {
	for _, lang := range locales.Languages()[1:] {
		l, err := locales.Load(lang)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range pipelines.Sources(pipelines.Settings{}) {
			info := s.Info()
			if !l.Has("source." + info.ID) {
				t.Errorf("%s: no text source.%s for %q", lang, info.ID, info.Title)
			}
			if said, own := l.Say(info.Licence); !own && foreign.MatchString(said) {
				t.Errorf("%s: the licence of %s is not said: %q", lang, info.ID, info.Licence)
			}
		}
	}
}

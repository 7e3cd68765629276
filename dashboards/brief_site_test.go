package dashboards

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

func TestPublicURL(t *testing.T) {
	for in, want := range map[string]string{"": "", "https://example.org": "https://example.org", "http://example.org/hr/": "http://example.org/hr"} {
		if got, err := PublicURL(in); err != nil || got != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"example.org", "ftp://example.org", "https://", "https://a:b@example.org", "https://example.org/?x=1", "https://example.org/#x", "javascript:alert(1)"} {
		if got, err := PublicURL(in); err == nil {
			t.Errorf("%q is taken for %q", in, got)
		}
	}
	if _, err := New(Config{Releases: fixture(t), PublicURL: "example.org"}); err == nil {
		t.Error("a site is made with an address that is none")
	}
}

// Every edition says how to cite it, by release and day; where the public address is
// known its links lead to the figures of that release, and where it is not there are
// none that lead nowhere.
func TestBriefsAreCited(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	for _, site := range []string{"", "https://hr.example.org"} {
		b := makeBrief(t, "KGZ", "ru")
		b.Site = site
		want := "hrinvest. Деньги на снижение вреда: Кыргызстан. Выпуск " + b.Release
		files := map[string]string{}
		for _, e := range Editions() {
			files[e.Name] = string(written(t, b, e.Name))
		}
		files["docx"] = docxText(t, []byte(files["docx"]))
		for name, text := range map[string]string{"html": files["html"], "json": files["json"], "docx": files["docx"], "pdf": pdfText(t, []byte(files["pdf"]))} {
			if !strings.Contains(squeeze(text), want) {
				t.Errorf("%s, site %q: no %q", name, site, want)
			}
		}
		if site == "" {
			if strings.Contains(files["html"], `href="/`) || strings.Contains(files["pdf"], "/ru/country/KGZ)") {
				t.Error("a file has a link that leads nowhere")
			}
			if !strings.Contains(files["html"], "на этом сайте: /ru/country/KGZ") {
				t.Error("the citation does not say where the page is")
			}
			continue
		}
		linked := site + "/ru/country/KGZ?" + AsOfParam + "=" + b.Release
		if !strings.Contains(files["html"], linked) || !strings.Contains(files["pdf"], "/URI ("+linked+")") || !strings.Contains(files["html"], `href="`+site+"/ru/flows?") {
			t.Errorf("no link to %s", linked)
		}
	}
}

// Requests are made of figures of the brief, three at most, and none of a vote that
// the register does not have.
func TestAsks(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	for _, iso := range []string{"KGZ", "TJK", "RUS", "GEO", "XKX"} {
		b := makeBrief(t, iso, "ru")
		if n := len(b.Asks); n == 0 || n > maxAsks {
			t.Errorf("%s: %d asks", iso, n)
		}
		for _, a := range b.Asks {
			if strings.Contains(a, "..") || strings.Contains(a, "{") {
				t.Errorf("%s: %q", iso, a)
			}
		}
		voted := slices.ContainsFunc(b.Votes, func(v string) bool {
			return strings.Contains(v, "голосовала против: Политическая декларация ООН по ВИЧ и СПИДу 2026")
		})
		if voted != (iso == "RUS") {
			t.Errorf("%s: votes %q", iso, b.Votes)
		}
	}
	var html bytes.Buffer
	b := makeBrief(t, "RUS", "en")
	if err := b.WriteHTML(&html); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"html": html.String(), "pdf": squeeze(pdfText(t, pdf(t, b))), "page": ask(t, site(t), "/en/country/RUS").Body.String()} {
		if !strings.Contains(text, "The country voted against: UN Political Declaration") {
			t.Errorf("%s does not say how the country voted", name)
		}
	}
}

// Who cannot look a source up is told whom to ask.
func TestWithheldSourcesAreAskedFor(t *testing.T) {
	day := Document{Source: "evidence", Origin: "bundled", Compiled: "2025-01-01"}
	for cite, want := range map[string]bool{"evidence|withheld": true, "evidence|https://example.org/a": false} {
		m := handMade(t, "ru", facts{docs: []Document{day}})
		m.ref(cite)
		m.closing(Release{ID: "r"})
		if got := strings.Contains(m.b.Banner, "где адрес скрыт, обратитесь к тому, кто передал вам сводку"); got != want {
			t.Errorf("%s: %q", cite, m.b.Banner)
		}
	}
}

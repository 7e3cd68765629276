package dashboards

import (
	"bytes"
	"strings"
	"testing"
)

// Wherever the name stands that has a footnote, it has its asterisk and the page
// has the note.
func TestNotedName(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	s := site(t)
	note := map[string]string{"en": "* All references to Kosovo are in the context", "ru": "* Все упоминания Косово"}
	name := map[string]string{"en": "Kosovo", "ru": "Косово"}
	for lang, n := range note {
		texts := map[string]string{}
		for _, p := range []string{"/", "/country/XKX", "/gaps", "/flows?country=XKX", "/flow/x1"} {
			texts[p] = ask(t, s, "/"+lang+p).Body.String()
		}
		b := makeBrief(t, "XKX", lang)
		var page bytes.Buffer
		if err := b.WriteHTML(&page); err != nil {
			t.Fatal(err)
		}
		texts["html"], texts["pdf"] = page.String(), squeeze(pdfText(t, pdf(t, b)))
		for where, text := range texts {
			if !strings.Contains(squeeze(text), n) {
				t.Errorf("%s %s: no footnote", lang, where)
			}
			rest := strings.ReplaceAll(squeeze(text), n, "")
			if got, want := strings.Count(rest, name[lang]+"*"), strings.Count(rest, name[lang]); got != want || got == 0 {
				t.Errorf("%s %s: %d of %d names have an asterisk", lang, where, got, want)
			}
		}
		if n := strings.Count(texts["pdf"], n); n != 2 {
			t.Errorf("%s: the note is on %d of 2 pages of the PDF", lang, n)
		}
		for _, p := range []string{"/country/KGZ", "/flows?country=KGZ", "/flow/f1", "/sources"} {
			if strings.Contains(ask(t, s, "/"+lang+p).Body.String(), n) {
				t.Errorf("%s %s: a footnote to nothing", lang, p)
			}
		}
	}
}

// A tile says whether harm reduction money is known, and its newest year.
func TestTiles(t *testing.T) {
	text := squeeze(tags.ReplaceAllString(ask(t, site(t), "/en/").Body.String(), " "))
	for _, want := range []string{
		"Kyrgyzstan harm reduction: 2022; budget GC7 HIV and other money: 2010–2022", // the year of PEPFAR is a fiscal one
		"Tajikistan harm reduction: budget GC7 only no money by year",
		"Georgia harm reduction: 2025 HIV and other money: 2018–2025",
		"Kosovo* harm reduction: budget GC7 only",
		"Russian Federation harm reduction: not known",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the list does not say %q: %s", want, text)
		}
	}
}

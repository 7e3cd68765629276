package dashboards

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"math/big"
	"net/url"
	"strings"
	"time"

	"hrinvest/dashboards/locales"
)

//go:embed templates/*.html static/*
var files embed.FS

// templates are the pages in one language.
type templates struct{ set map[string]*template.Template }

// page is what every template gets.
type page struct {
	Lang, Path   string // Path: of the page, without its language
	Title        string
	Release      string
	Permalink    string // address of the page as it is in this release; "": it is of none
	Earlier      string // says that the release is not the current one; "": it is
	Cutoff       string
	Banner       string
	Stale        string // which sources are not fresh
	Report       string // where to report an error; "": nowhere
	Footnote     string // on a name the page shows
	Programs     bool   // there is a page on them
	Body         any
	Data         string   // address of the data behind the page, without extension; "": none
	Alternatives []string // other languages
}

// parseTemplates parses templates/: layout.html with every other page.
func parseTemplates(l *locales.Locale, css string) (*templates, error) {
	w := func(r *big.Rat) string { return l.Plain(r, 6) }
	funcs := template.FuncMap{
		"t": func(key string, args ...any) (string, error) { return l.T(key, args...) },
		"n": func(key string, n int, args ...any) (string, error) { return l.N(key, n, args...) },
		// or is the text of prefix+id, or the id where a source's vocabulary is
		// wider than ours.
		"or": func(prefix, id string) (string, error) {
			if l.Has(prefix + id) {
				return l.T(prefix + id)
			}
			return strings.ReplaceAll(id, "_", " "), nil
		},
		"count": func(n int) string { return l.Number(big.NewRat(int64(n), 1), 0) },
		"plain": w,
		"date": func(t time.Time) string {
			if t.IsZero() {
				return ""
			}
			return l.Date(t)
		},
		"dash": l.Dash,
		// excel is the query of a CSV file for programs of the reader's language, ""
		// where they read the one there is.
		"excel": func(query string) string {
			switch {
			case l.Lang != "ru":
				return ""
			case query == "":
				return "?excel=ru"
			}
			return query + "&excel=ru"
		},
		"sentence": locales.Sentence,
		"clause":   locales.Clause,
		"link":     func(path string) string { return "/" + l.Lang + path },
		"marks":    marks,
		"css":      func() string { return css },
		"said":     func(text string) template.HTML { return markParts(l, l.Parts(text)) },
		"quoted":   func(text string) template.HTML { return markParts(l, []locales.Part{{Text: text}}) },
		"parts":    func(parts []locales.Part) template.HTML { return markParts(l, parts) },
		"host":     host,
		"web":      web,
		"sign":     sign,
	}
	t := &templates{set: map[string]*template.Template{}}
	names, err := files.ReadDir("templates")
	if err != nil {
		return nil, fmt.Errorf("reading templates: %w", err)
	}
	for _, e := range names {
		name := strings.TrimSuffix(e.Name(), ".html")
		patterns := []string{"templates/layout.html", "templates/parts.html", "templates/" + e.Name()}
		if name == "layout" || name == "parts" {
			continue
		}
		if t.set[name], err = template.New(e.Name()).Option("missingkey=error").Funcs(funcs).ParseFS(files, patterns...); err != nil {
			return nil, fmt.Errorf("parsing template %s: %w", name, err)
		}
	}
	return t, nil
}

// render makes a page. Nothing is sent before the whole page is made.
func (t *templates) render(name string, p *page) (*answer, error) {
	for _, l := range locales.Languages() {
		if l != p.Lang {
			p.Alternatives = append(p.Alternatives, l)
		}
	}
	var b bytes.Buffer
	if err := t.set[name].ExecuteTemplate(&b, "layout", p); err != nil {
		return nil, fmt.Errorf("rendering %s: %w", name, err)
	}
	return newAnswer("text/html; charset=utf-8", withRoles(b.Bytes())), nil
}

// markParts writes a text and marks what of it is in another language, for readers of
// the screen.
func markParts(l *locales.Locale, parts []locales.Part) template.HTML {
	var b strings.Builder
	for _, p := range parts {
		text := template.HTMLEscapeString(p.Text)
		if lang := l.Language(p.Text); !p.Own && lang != "" {
			text = `<span lang="` + lang + `">` + text + `</span>`
		}
		b.WriteString(text)
	}
	return template.HTML(b.String()) // every text is escaped above
}

// host is the site of an address, to show instead of the whole of it.
func host(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return address
	}
	return strings.TrimPrefix(u.Host, "www.")
}

// web reports whether an address can be opened by a browser: sources of the
// project itself, and files handed over, have none.
func web(address string) bool {
	return strings.HasPrefix(address, "https://") || strings.HasPrefix(address, "http://")
}

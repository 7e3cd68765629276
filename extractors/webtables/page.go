package webtables

import (
	"mime"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"hrinvest/extractors/fetch"
)

// page is what a page states, field by field, in its own words.
type page struct {
	key       string
	title     string
	canonical string
	lines     []line
	fields    map[string][]stated
}

// stated is one value of a field with the label it stands under.
type stated struct {
	label string
	lines []string
}

func (v stated) text() string { return strings.Join(v.lines, " ") }

// line is a run of text no block element interrupts. block is the element that
// holds it (for a list entry, the list).
type line struct {
	text    string
	heading bool
	link    bool // inside a link: a menu entry, never a label
	block   *html.Node
}

// page reads the HTML of a page.
func (r *rules) page(text string) (*page, error) {
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	p := &page{fields: map[string][]stated{}}
	w := &walker{labels: r.labels}
	w.walk(root, nil, false, false, 0)
	w.flush(nil, false)
	p.lines = w.lines
	if h := cascadia.Query(root, r.heading); h != nil {
		p.title = oneLine(textOf(h))
	}
	if p.title == "" {
		if t := cascadia.Query(root, cascadia.MustCompile("title")); t != nil {
			p.title, _, _ = strings.Cut(oneLine(textOf(t)), " | ")
		}
	}
	if link := cascadia.Query(root, cascadia.MustCompile(`link[rel="canonical"]`)); link != nil {
		for _, a := range link.Attr {
			if a.Key == "href" {
				p.canonical = a.Val
			}
		}
	}
	r.collect(p)
	return p, nil
}

// collect finds the labels among the lines and what stands under each.
func (r *rules) collect(p *page) {
	for i, l := range p.lines {
		if l.link {
			continue
		}
		if field, ok := r.labels[fold(l.text)]; ok {
			p.fields[field] = append(p.fields[field], stated{strings.TrimSuffix(l.text, ":"), r.under(p.lines[i+1:])})
			continue
		}
		if label, value, ok := strings.Cut(l.text, ":"); ok {
			if field, ok := r.labels[fold(label)]; ok && strings.TrimSpace(value) != "" {
				p.fields[field] = append(p.fields[field], stated{label, []string{strings.TrimSpace(value)}})
			}
		}
	}
}

// under takes the lines of the first block after a label, and a bracket that
// continues it in the next.
func (r *rules) under(rest []line) []string {
	var out []string
	var block *html.Node
	for _, l := range rest {
		if _, label := r.labels[fold(l.text)]; label || l.heading {
			break
		}
		if len(out) > 0 && l.block != block && !strings.HasPrefix(l.text, "(") {
			break
		}
		block = l.block
		out = append(out, l.text)
	}
	return out
}

// walker turns a tree into lines.
type walker struct {
	labels map[string]string
	lines  []line
	text   strings.Builder
	plain  bool // some of text stands outside links
}

func (w *walker) flush(block *html.Node, heading bool) {
	if t := oneLine(w.text.String()); t != "" {
		w.lines = append(w.lines, line{t, heading, !w.plain, block})
	}
	w.text.Reset()
	w.plain = false
}

func (w *walker) write(text string, link bool) {
	w.text.WriteString(text)
	w.plain = w.plain || !link && strings.TrimSpace(text) != ""
}

// maxDepth bounds recursion on pages nested without end.
const maxDepth = 500

func (w *walker) walk(n *html.Node, block *html.Node, heading, link bool, depth int) {
	if depth > maxDepth {
		return
	}
	inner := block
	switch n.Type {
	case html.TextNode:
		w.write(n.Data, link)
		return
	case html.ElementNode:
		switch n.DataAtom {
		case atom.Script, atom.Style, atom.Noscript, atom.Template, atom.Head, atom.Nav, atom.Footer, atom.Form, atom.Svg, atom.Iframe:
			return
		case atom.Br:
			w.flush(block, heading)
			return
		case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
			w.flush(block, heading)
			heading, inner = true, n
		case atom.Li:
			w.flush(block, heading)
			inner = n.Parent
		case atom.A:
			link = true
		case atom.B, atom.Strong, atom.Em, atom.Span:
			if _, label := w.labels[fold(textOf(n))]; label { // a label inside its own paragraph
				w.flush(block, heading)
				w.write(textOf(n), link)
				w.flush(n, heading)
				return
			}
		default:
			if isBlock(n.DataAtom) {
				w.flush(block, heading)
				inner = n
			}
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		w.walk(c, inner, heading, link, depth+1)
	}
	if inner != block {
		w.flush(inner, heading)
	}
}

func isBlock(a atom.Atom) bool {
	switch a {
	case atom.P, atom.Div, atom.Ul, atom.Ol, atom.Dl, atom.Dt, atom.Dd, atom.Table, atom.Thead, atom.Tbody, atom.Tr, atom.Td, atom.Th,
		atom.Section, atom.Article, atom.Main, atom.Aside, atom.Header, atom.Blockquote, atom.Pre, atom.Figure, atom.Figcaption, atom.Address, atom.Hr, atom.Body:
		return true
	}
	return false
}

func textOf(n *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node, int)
	walk = func(n *html.Node, depth int) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
		for c := n.FirstChild; c != nil && depth < maxDepth; c = c.NextSibling {
			walk(c, depth+1)
		}
	}
	walk(n, 0)
	return b.String()
}

// oneLine makes every run of blanks, of whatever width, one blank.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

var metaCharset = regexp.MustCompile(`(?i)<meta[^>]+charset\s*=\s*["']?([a-z0-9_:.-]+)`)

// charsetLabel is the character set the answer or the page names, "" if neither.
func charsetLabel(contentType string, b []byte) string {
	if _, params, err := mime.ParseMediaType(contentType); err == nil && params["charset"] != "" {
		return params["charset"]
	}
	if m := metaCharset.FindSubmatch(b[:min(len(b), 4096)]); m != nil {
		return string(m[1])
	}
	return ""
}

// key names a page the same way however it came to us: the path of the address
// it calls its own, else of the one it was fetched from, else its title.
func (s *Source) key(d fetch.Document, p *page) string {
	for _, address := range []string{p.canonical, d.URL} {
		if u, err := url.Parse(address); err == nil && slices.Contains(s.cfg.Hosts, u.Hostname()) && strings.Trim(u.Path, "/") != "" {
			return "/" + strings.Trim(u.Path, "/")
		}
	}
	if slug := slug(p.title); slug != "" {
		return "title:" + slug
	}
	return "document:" + d.SHA256
}

// slug is text as a path would carry it.
func slug(s string) string { return strings.Join(wordsOf(s), "-") }

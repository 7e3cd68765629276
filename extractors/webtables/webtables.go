// Package webtables reads what civil-society networks and ministries publish as
// pages for people: labelled fields under a title. A kind of page is declared in
// YAML (pages/): the addresses, the labels in several languages, how amounts are
// worded. Adding one is writing a declaration, not code.
//
// Such pages state a grant's money in one sentence, a whole with a part of it in
// brackets: "1 455 000 USD for 3 years for 7 consortium members (EHRN consortium
// 1st year: USD 86 454,2USD)". Both are disclosed, the part as a part, so that
// the consortium's money is not taken for one region's. A sentence that does not
// fit the declared wording is rejected: words are never guessed at.
//
// Only labelled fields leave the page. Contacts of persons, which stand beside
// them, never do.
package webtables

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"strings"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
	"hrinvest/extractors/plaintext"
)

//go:embed expectations.csv
var expectations string

//go:embed pages
var pages embed.FS

//go:embed bundled
var bundled embed.FS

// role is the only role a document plays here.
const role = "page"

// Source is the extractor of one declared kind of page.
type Source struct {
	cfg  Config
	read *rules
}

var _ extractors.Source = (*Source)(nil)

// New returns the source a declaration describes, or what is wrong with it.
func New(cfg Config) (*Source, error) {
	read, err := cfg.compile()
	if err != nil {
		return nil, fmt.Errorf("page type %s: %w", cfg.ID, err)
	}
	return &Source{cfg: cfg, read: read}, nil
}

// ProjectPages returns the source of networks' project pages. It panics when the
// embedded declaration is broken, which the tests of this package rule out.
func ProjectPages() *Source {
	b, err := pages.ReadFile("pages/projectpages.yaml")
	if err != nil {
		panic(err)
	}
	cfg, err := ReadConfig(b)
	if err != nil {
		panic(err)
	}
	if cfg.Bundle, err = fs.Sub(bundled, "bundled"); err != nil {
		panic(err)
	}
	s, err := New(cfg)
	if err != nil {
		panic(err)
	}
	return s
}

// Info implements extractors.Source.
func (s *Source) Info() extractors.Info {
	return extractors.Info{
		ID: s.cfg.ID, Title: s.cfg.Title, Publisher: s.cfg.Publisher, Home: s.cfg.Home, Licence: s.cfg.Licence,
		Kind: extractors.Money, Spent: extractors.SpentNone, Authority: s.cfg.Authority, Frozen: s.cfg.Frozen,
	}
}

// Role implements extractors.Source: web pages, known by their first tag or, cut
// short, by their name.
func (s *Source) Role(name string, head []byte) string {
	text := strings.ToLower(strings.TrimSpace(strings.TrimPrefix(string(head[:min(len(head), 1024)]), "\ufeff")))
	for _, start := range []string{"<!doctype html", "<html", "<head", "<body"} {
		if strings.HasPrefix(text, start) || strings.HasPrefix(text, "<!--") && strings.Contains(text, start) ||
			strings.HasPrefix(text, "<?xml") && strings.Contains(text, start) {
			return role
		}
	}
	if lower := strings.ToLower(name); strings.HasSuffix(lower, ".html") || strings.HasSuffix(lower, ".htm") {
		return role
	}
	return ""
}

// Expectations implements extractors.Source.
func (*Source) Expectations() (extractors.Expectations, error) {
	return extractors.ReadExpectations(strings.NewReader(expectations))
}

// Bundled implements extractors.Source.
func (s *Source) Bundled() fs.FS { return s.cfg.Bundle }

// maxPage limits one page: a project page is some tens of kilobytes.
const maxPage = 8 << 20

// Parse implements extractors.Source.
func (s *Source) Parse(ctx context.Context, docs extractors.Set, out extractors.Sink) error {
	seen := map[string]string{} // page key -> document it was read from
	for _, d := range docs.WithRole(role) {
		if err := ctx.Err(); err != nil {
			return err
		}
		b, err := d.Head(maxPage)
		if err != nil {
			return fmt.Errorf("reading %s: %w", d.Name, err)
		}
		if err := s.parse(d, b, seen, out); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (s *Source) parse(d fetch.Document, b []byte, seen map[string]string, out extractors.Sink) error {
	reject := func(format string, args ...any) error {
		return out.Reject(extractors.Problem{Document: d.SHA256, Locator: "/", Reason: d.Name + ": " + fmt.Sprintf(format, args...)})
	}
	if len(b) > maxPage {
		return reject("the page is over %d MB", maxPage>>20)
	}
	text, err := plaintext.Decode(b, charsetLabel(d.ContentType, b))
	if err != nil {
		return reject("%v", err)
	}
	p, err := s.read.page(text)
	if err != nil {
		return reject("the page cannot be read: %v", err)
	}
	p.key = s.key(d, p)
	if was, dup := seen[p.key]; dup {
		return reject("the page %s was already read from %s", p.key, was)
	}
	seen[p.key] = d.Name
	found, problems := s.read.disclose(p)
	for _, f := range found {
		f.Document = d.SHA256
		if err := out.Disclose(f); err != nil {
			return err
		}
	}
	for _, problem := range problems {
		problem.Document = d.SHA256
		problem.Reason = d.Name + ": " + problem.Reason
		if err := out.Reject(problem); err != nil {
			return err
		}
	}
	return nil
}

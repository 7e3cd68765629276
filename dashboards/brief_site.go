package dashboards

import (
	"fmt"
	"net/url"
	"strings"
)

// PublicURL reads the address a site is reached at, as an operator writes it: a host
// or a folder of it, by http or https. "" is no address, which is none to be told.
func PublicURL(address string) (string, error) {
	if address == "" {
		return "", nil
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("public address %q: want one such as https://example.org", address)
	}
	return strings.TrimSuffix(address, "/"), nil
}

// address is a place of the site as a file can name it: its full address, in the release
// of the brief; "" where the public address is not known or there is no such place.
func (b *Brief) address(path string) string {
	if b.Site == "" || path == "" {
		return ""
	}
	return b.Site + withRelease(path, b.Release)
}

// onSite is a place of the site in words: its address, or where to look for it.
func (w *words) onSite(b *Brief, path string) string {
	if b.Site != "" {
		return b.Site + path
	}
	return w.t("cite.on_site", "page", path)
}

// citation is how to cite a brief.
func (w *words) citation(b *Brief) string {
	return w.t("cite.text", "title", b.Title, "release", b.Release, "cutoff", b.Cutoff, "page", w.onSite(b, b.Permalink))
}

// linked is the brief with full addresses in place of those relative to the site: a
// file is opened far from it. Where the public address is not known they are gone.
func (b *Brief) linked() *Brief {
	out := *b
	figures := func(in []Figure) []Figure {
		list := append([]Figure{}, in...)
		for i := range list {
			list[i].Link = b.address(list[i].Link)
		}
		return list
	}
	services := func(in []ServiceLine) []ServiceLine {
		list := append([]ServiceLine{}, in...)
		for i := range list {
			list[i].Link = b.address(list[i].Link)
		}
		return list
	}
	series := func(s Series) Series {
		s.Lines = append([]YearLine{}, s.Lines...)
		for i := range s.Lines {
			l := &s.Lines[i]
			l.Link, l.Total.Link, l.Cells = b.address(l.Link), b.address(l.Total.Link), figures(l.Cells)
		}
		return s
	}
	out.Four, out.Coverage = figures(b.Four), figures(b.Coverage)
	out.Services, out.Other, out.Also = services(b.Services), services(b.Other), services(b.Also)
	out.Harm, out.HIV = series(b.Harm), series(b.HIV)
	out.Ends = append([]EndLine{}, b.Ends...)
	for i := range out.Ends {
		out.Ends[i].Link = b.address(out.Ends[i].Link)
	}
	return &out
}

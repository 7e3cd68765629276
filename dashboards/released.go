package dashboards

import (
	"encoding/xml"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// released is a release on the page of releases.
type released struct {
	ID, Hash, Built, Cutoff, Origin, Version, Previous, Note string
	Link                                                     string // its start page; "": this one, or not kept
	Current                                                  bool
	built                                                    time.Time
}

func (r *request) releases(w *words) ([]released, error) {
	return load(r.Context(), r.data, "releases", nil, func(s *scan) released {
		out := released{
			ID: s.text("release"), Hash: s.text("hash"), Origin: w.originText(s.text("origin")), Version: s.text("version"), Previous: s.text("previous"), Note: s.text("note"),
			built: s.date("built_at"),
		}
		out.Current = out.ID == r.ed.rel.ID
		out.Built = w.Date(out.built)
		if out.Cutoff = s.text("cutoff"); out.Cutoff != "" {
			if day, err := time.Parse(time.DateOnly, out.Cutoff); err == nil {
				out.Cutoff = w.Date(day)
			}
		}
		return out
	})
}

// originText says where the documents of a release are from.
func (w *words) originText(origins string) string {
	if text, ok := w.Words(origins, "origin."); ok {
		return text
	}
	return w.or("origin.", origins)
}

// releasesPage lists the releases, and says what is in the one shown.
func releasesPage(r *request) (*answer, error) {
	w := &words{Locale: r.loc}
	body := struct {
		Path, Query string
		Releases    []released
		Counts      []pair
	}{Path: "/releases"}
	var err error
	if body.Releases, err = r.releases(w); err != nil {
		return nil, err
	}
	if archive, ok := r.s.cfg.Releases.(Archive); ok {
		kept, err := archive.Kept(r.Context())
		if err != nil {
			return nil, err
		}
		for i := range body.Releases {
			rel := &body.Releases[i]
			if !rel.Current && slices.ContainsFunc(kept, func(k Release) bool { return k.ID == rel.ID }) {
				rel.Link = withRelease("/"+w.Lang+"/", rel.ID)
			}
		}
	}
	t, err := r.named("totals", nil)
	if err != nil {
		return nil, err
	}
	for _, row := range t.Rows {
		for i, c := range t.Columns {
			body.Counts = append(body.Counts, pair{Name: w.or("column.", c), Text: r.cell(w, c, t.Types[i], row).Text})
		}
	}
	if w.err != nil {
		return nil, w.err
	}
	return r.render("releases", "/releases", body)
}

// feed is an Atom feed (RFC 4287).
type feed struct {
	XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string   `xml:"id"`
	Title   string   `xml:"title"`
	Updated string   `xml:"updated"`
	Author  string   `xml:"author>name"`
	Entries []entry  `xml:"entry"`
}

type entry struct {
	ID      string `xml:"id"`
	Title   string `xml:"title"`
	Updated string `xml:"updated"`
	Link    struct {
		Href string `xml:"href,attr"`
	} `xml:"link"`
	Summary string `xml:"summary"`
}

// releasesFeed tells a feed reader of new releases. Its addresses are relative to
// its own: the site does not know under which names it is reached.
func releasesFeed(r *request) (*answer, error) {
	w := &words{Locale: r.loc}
	list, err := r.releases(w)
	if err != nil {
		return nil, err
	}
	f := feed{ID: "urn:hrinvest:releases:" + r.loc.Lang, Title: w.t("releases.title") + w.Dash() + w.t("site.name"), Author: "hrinvest"}
	for _, rel := range list {
		e := entry{ID: "urn:hrinvest:release:" + rel.ID, Title: rel.ID, Updated: rel.built.UTC().Format(time.RFC3339), Summary: w.t("releases.summary", "cutoff", rel.Cutoff, "origin", rel.Origin)}
		e.Link.Href = "releases#" + rel.ID
		f.Updated = max(f.Updated, e.Updated)
		f.Entries = append(f.Entries, e)
	}
	if w.err != nil {
		return nil, w.err
	}
	b, err := xml.MarshalIndent(f, "", " ")
	if err != nil {
		return nil, fmt.Errorf("writing feed: %w", err)
	}
	return newAnswer("application/atom+xml; charset=utf-8", append([]byte(xml.Header), b...)), nil
}

// citation is how to cite the release, as text, BibTeX or RIS.
func citation(r *request) (*answer, error) {
	w := &words{Locale: r.loc}
	rel := r.ed.rel
	year, day := "", ""
	if !rel.Built.IsZero() {
		year, day = strconv.Itoa(rel.Built.Year()), rel.Built.Format("2006/01/02")
	}
	title, permalink := w.t("site.name")+", "+rel.ID, withRelease("/"+w.Lang+"/", rel.ID)
	var text, kind string
	switch ext := path.Ext(r.URL.Path); ext {
	case ".bib":
		kind = "application/x-bibtex; charset=utf-8"
		text = fmt.Sprintf("@misc{hrinvest-%s,\n  author = {{hrinvest}},\n  title = {%s},\n  year = {%s},\n  version = {%s},\n  note = {%s; %s; SHA-256 %s}\n}\n",
			strings.ToLower(rel.ID), title, year, rel.ID, w.upTo(r.ed.data, r.ed.given), permalink, rel.Hash)
	case ".ris":
		kind = "application/x-research-info-systems; charset=utf-8"
		text = fmt.Sprintf("TY  - DATA\r\nAU  - hrinvest\r\nTI  - %s\r\nPY  - %s\r\nDA  - %s\r\nET  - %s\r\nN1  - %s; %s; SHA-256 %s\r\nER  - \r\n", title, year, day, rel.ID, w.upTo(r.ed.data, r.ed.given), permalink, rel.Hash)
	default:
		kind = "text/plain; charset=utf-8"
		text = w.t("about.citation", "release", rel.ID, "cutoff", w.upTo(r.ed.data, r.ed.given), "permalink", permalink) + "\n"
	}
	if w.err != nil {
		return nil, w.err
	}
	a := newAnswer(kind, []byte(text))
	a.filename = "hrinvest-" + rel.ID + path.Ext(r.URL.Path)
	return a, nil
}

package dashboards

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/language"

	"hrinvest/dashboards/locales"
	"hrinvest/dashboards/paper"
	"hrinvest/warehouse"
)

// Provider hands out the release to show.
type Provider interface {
	// Acquire returns the current release. done must be called when it is no
	// longer read; a release that was replaced stays readable until then.
	// ErrNoRelease: none was published yet.
	Acquire(ctx context.Context) (data Data, rel Release, done func(), err error)
}

// ErrNoRelease means that nothing was published yet.
var ErrNoRelease = errors.New("no release published yet")

// Config of the pages.
type Config struct {
	// Releases provides the release to show. Required. When it is an Archive, pages
	// of earlier releases are shown too.
	Releases Provider
	// Log receives errors that readers are not shown. Nil: discarded.
	Log *slog.Logger
	// Sources says how each source stands, for the page of operations
	// (/en/ops). Nil: there is no such page.
	Sources func(context.Context) ([]SourceState, error)
	// LastRun says how the last refresh went and what was missed, for the same page.
	// Nil: the page says nothing of it.
	LastRun func(context.Context) (RunState, error)
	// Programs says that package api is served beside the pages; they then lead
	// to it (/en/data).
	Programs bool
	// Now is the clock of that page; all others speak of a release, which knows
	// its own day. Nil: time.Now.
	Now func() time.Time
	// Rules are the reviewed rules by which services were decided: what stands behind
	// flows.hr_rule. Nil: pages show the ids alone.
	Rules []Rule
	// Contact is where readers report errors: a mail address or the address of a
	// page. Empty: pages offer no such link.
	Contact string
	// PublicURL is the address readers reach the site at (PublicURL), for files that
	// are opened far from it. Empty: they name places by their path alone.
	PublicURL string
}

// contentPolicy allows nothing but files of this site: no script at all, no
// foreign host, no inline style.
const contentPolicy = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Server is the web site. It holds no data of its own: every answer comes from
// the current release, and answers without a query are kept until the next one.
type Server struct {
	cfg     Config
	mux     *http.ServeMux
	fonts   *paper.Fonts
	locales map[string]*locales.Locale
	pages   map[string]*templates // :: language -> templates
	queries []warehouse.Query     // the named questions
	static  map[string]*answer    // :: fingerprinted name -> file
	css     string                // path of the style sheet
	icon    string                // name of the picture browsers show beside the title
	version string                // of templates, texts and styles; part of every ETag

	archive chan struct{} // held while an archive of briefs is made
	fresh   freshness

	mu      sync.Mutex
	edition *edition   // of the current release
	earlier []*edition // of the earlier ones that were asked for last
}

// New makes the site. It fails on a broken template or text, never later.
func New(cfg Config) (*Server, error) {
	if cfg.Releases == nil {
		return nil, errors.New("dashboards: Config.Releases is nil")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	s := &Server{cfg: cfg, mux: http.NewServeMux(), locales: map[string]*locales.Locale{}, pages: map[string]*templates{}, static: map[string]*answer{}, archive: make(chan struct{}, 1)}
	var err error
	if s.fonts, err = paper.LoadFonts(); err != nil {
		return nil, err
	}
	if cfg.PublicURL, err = PublicURL(cfg.PublicURL); err != nil {
		return nil, fmt.Errorf("dashboards: %w", err)
	}
	s.cfg.PublicURL = cfg.PublicURL
	sum := sha256.New()
	fmt.Fprintln(sum, cfg.PublicURL)
	if err := s.loadStatic(); err != nil {
		return nil, err
	}
	if s.queries, err = warehouse.Queries(); err != nil {
		return nil, err
	}
	err = fs.WalkDir(files, ".", func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := files.ReadFile(p)
		sum.Write(b)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading templates: %w", err)
	}
	for _, lang := range locales.Languages() {
		l, err := locales.Load(lang)
		if err != nil {
			return nil, err
		}
		for _, k := range l.Keys() {
			fmt.Fprintln(sum, k)
		}
		s.locales[lang] = l
		if s.pages[lang], err = parseTemplates(l, s.css); err != nil {
			return nil, err
		}
	}
	s.version = hex.EncodeToString(sum.Sum(nil))[:8]
	s.routes()
	return s, nil
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	s.mux.ServeHTTP(w, r)
}

func (s *Server) routes() {
	s.mux.HandleFunc("GET /{$}", s.chooseLanguage)
	s.mux.HandleFunc("GET /static/{name}", s.serveStatic)
	s.mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, r *http.Request) { // browsers ask for it unasked
		s.send(w, r, s.static[s.icon], `"`+s.icon+`"`)
	})
	views := map[string]view{
		"/{$}":              start,
		"/country/{file}":   country,
		"/brief/{file}":     brief,
		"/gaps":             gapsPage,
		"/commitments":      registerPage,
		"/donors":           donorsPage,
		"/donor":            donorPage,
		"/countries":        countriesPage,
		"/countries.svg":    tilesSVG,
		"/donors.svg":       donorsSVG,
		"/donor.svg":        donorSVG,
		"/gaps.svg":         gapsSVG,
		"/releases":         releasesPage,
		"/releases.atom":    releasesFeed,
		"/cite.bib":         citation,
		"/cite.ris":         citation,
		"/cite.txt":         citation,
		"/questions":        questionsPage,
		"/questions/{file}": questionView,
		"/sources":          sourcesPage,
		"/method":           methodPage,
		"/about":            aboutPage,
		"/flows":            flowsPage,
		"/data/{file}":      question,
		"/flow/{file}":      flowPage,
		"/{code}":           shortcut,
	}
	// The data behind a page stand under its address.
	for at, query := range map[string]string{"gaps": "gaps", "commitments": "commitments", "sources": "sources", "flows": "flows", "countries": "countries",
		"donors": "page_donors", "donor": "page_donor", "releases": "releases"} {
		for _, ext := range []string{".csv", ".json", ".xlsx"} {
			views["/"+at+ext] = listing(query)
		}
	}
	if s.cfg.Programs {
		views["/data"] = programsPage
	}
	for pattern, f := range views {
		for _, lang := range locales.Languages() {
			s.mux.HandleFunc("GET /"+lang+pattern, s.show(s.locales[lang], f))
		}
	}
	for _, lang := range locales.Languages() {
		s.mux.HandleFunc("GET /"+lang+"/briefs.zip", s.allBriefs(s.locales[lang]))
	}
	if s.cfg.Sources != nil {
		for _, lang := range locales.Languages() {
			s.mux.HandleFunc("GET /"+lang+"/ops", s.opsPage(s.locales[lang]))
		}
	}
	s.mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, s.locales[s.preferred(r)], &pageError{status: http.StatusNotFound, key: "error.not_found"})
	})
}

// request is what a view works with.
type request struct {
	*http.Request
	s    *Server
	data Data
	ed   *edition
	loc  *locales.Locale
	late []SourceState // sources that are not fresh
	// current: the release is the one shown to who names none.
	current bool
	// noted is set by a view that shows a name which has a footnote.
	noted bool
}

// view makes the answer to a request.
type view func(*request) (*answer, error)

// reading is a release as a handler reads it.
type reading struct {
	data    Data
	ed      *edition
	named   string // how the address names it; "": it does not
	current bool   // it is shown to who names none
	leave   func() // ends the reading; it may be called more than once
}

// ofRelease acquires the release an address asks for, and lets go of it afterwards.
// The handler sees the address without it.
func (s *Server) ofRelease(loc *locales.Locale, f func(w http.ResponseWriter, r *http.Request, rd *reading)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		plain, asOf, err := takeAsOf(r)
		if err != nil {
			s.fail(w, r, loc, err)
			return
		}
		data, rel, current, done, err := s.acquire(r.Context(), asOf)
		if err != nil {
			s.failRelease(w, plain, loc, asOf, err)
			return
		}
		rd := &reading{data: data, named: asOf, current: current, leave: sync.OnceFunc(done)}
		defer rd.leave()
		if rd.ed, err = s.editionOf(r.Context(), data, rel, current); err != nil {
			s.failRelease(w, plain, loc, asOf, err)
			return
		}
		f(w, plain, rd)
	}
}

// show answers from what is kept or makes the answer, and sends it.
func (s *Server) show(loc *locales.Locale, f view) http.HandlerFunc {
	return s.ofRelease(loc, func(w http.ResponseWriter, r *http.Request, rd *reading) {
		r, dialect, err := forExcel(r)
		if err != nil {
			s.fail(w, r, loc, err)
			return
		}
		var late []SourceState
		if rd.current { // how sources stand today says nothing of an earlier release
			if late, err = s.late(r.Context()); err != nil { // the operator's record cannot be read; the release can, and readers came for it
				s.cfg.Log.Error("states of sources", "error", err)
			}
		}
		behind := lateKey(late)
		key := r.URL.Path + " " + behind
		a := rd.ed.kept(key, r.URL.RawQuery)
		if a == nil {
			if a, err = f(&request{Request: r, s: s, data: rd.data, ed: rd.ed, loc: loc, late: late, current: rd.current}); err != nil {
				s.failRelease(w, r, loc, rd.named, err)
				return
			}
			if r.URL.RawQuery == "" && !a.notKept {
				rd.ed.keep(key, a)
			}
		}
		if a, err = a.rewritten(dialect); err != nil {
			s.fail(w, r, loc, err)
			return
		}
		if rd.named != "" {
			if a, err = a.pinned(rd.ed.rel.ID); err != nil {
				s.fail(w, r, loc, err)
				return
			}
		}
		rd.leave() // the answer is made: a slow reader holds nothing
		s.send(w, r, a, s.etag(rd, behind))
	})
}

// etag names what an answer is made of: the release, whether the page says that there
// is a newer one, the texts and templates, and the sources that are late. That of an
// earlier release stays what it is.
func (s *Server) etag(rd *reading, behind string) string {
	tag := rd.ed.rel.Hash + "-" + s.version + short(behind)
	if rd.named != "" {
		tag += short(rd.ed.rel.ID + map[bool]string{true: " current"}[rd.current])
	}
	return `"` + tag + `"`
}

// short is a fingerprint of a text for an ETag, "" for none.
func short(text string) string {
	if text == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(text))
	return "-" + hex.EncodeToString(sum[:4])
}

func (s *Server) preferred(r *http.Request) string {
	if lang, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/"); s.locales[lang] != nil {
		return lang
	}
	var tags []language.Tag
	for _, l := range locales.Languages() {
		tags = append(tags, language.MustParse(l))
	}
	_, i := language.MatchStrings(language.NewMatcher(tags), r.Header.Get("Accept-Language"))
	return locales.Languages()[i]
}

func (s *Server) chooseLanguage(w http.ResponseWriter, r *http.Request) {
	w.Header().Add("Vary", "Accept-Language")
	to := "/" + s.preferred(r) + "/"
	if asOf := r.URL.Query().Get(AsOfParam); asOf != "" {
		to = withRelease(to, asOf)
	}
	http.Redirect(w, r, to, http.StatusFound)
}

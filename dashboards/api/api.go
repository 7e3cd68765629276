// Package api is the interface for programs: /api/v1. Every named question of
// the warehouse is a resource, SQL can be asked in a process of its own, and all of
// it is described by the document at /api/v1/openapi.json, which is made from the
// same files the questions are.
//
// Numbers are JSON numbers written digit by digit from decimals: a reader that
// wants them exact reads them as decimals (in Python parse_float=Decimal). null
// means that a value is not there; it is never 0. A page of an answer belongs to a
// release, and so does the cursor to the next.
package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzhttp"

	"hrinvest/dashboards"
	"hrinvest/warehouse"
)

// Config of the interface.
type Config struct {
	// Releases provides the release to answer from. Required.
	Releases Releases
	// SQL answers SQL of visitors. Nil: there is no /api/v1/sql.
	SQL *warehouse.Sandbox
	// Dir is the data directory: tables of its releases are offered as files,
	// which are kept there too, and earlier ones can be asked with as_of when Releases
	// is an Archive. Empty: there is neither.
	Dir string
	// Version of the program, part of every ETag. Empty: dev.
	Version string
	// PublicURL is the address the site is reached at, for citations of briefs. Empty:
	// they name their page by its path.
	PublicURL string
	// Log receives errors that visitors are not shown. Nil: discarded.
	Log *slog.Logger
	// Time an answer may take. 0: 20 seconds.
	Time time.Duration
	// Questions that are worked on at once, and statements of SQL; further ones
	// wait a little. 0: 4 and 2.
	Questions, Statements int
}

// Releases hands out the current release; done must be called when it is no
// longer read.
type Releases interface {
	Open(ctx context.Context) (db *warehouse.DB, rel warehouse.Release, done func(), err error)
}

// Archive is a Releases that keeps earlier ones, which as_of names.
type Archive interface {
	Releases
	// OpenAsOf is Open for the release that a day or an id names (dashboards.AsOf).
	OpenAsOf(ctx context.Context, asOf string) (db *warehouse.DB, rel warehouse.Release, done func(), err error)
}

var _ Archive = (*dashboards.Follower)(nil)

// root is where the interface lives.
const root = "/api/v1"

// resources are questions with an address of their own.
func resources() []string {
	return []string{"commitments", "countries", "documents", "flows", "gaps", "observations", "releases", "sources"}
}

// Server is the interface.
type Server struct {
	cfg        Config
	mux        *http.ServeMux
	handler    http.Handler
	queries    []warehouse.Query
	questions  *places
	statements *places
	exports    *exports

	mu       sync.Mutex
	document *document // OpenAPI, of the last release asked
}

// New makes the interface.
func New(cfg Config) (*Server, error) {
	if cfg.Releases == nil {
		return nil, errors.New("api: Config.Releases is nil")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Version == "" {
		cfg.Version = "dev"
	}
	if cfg.Time == 0 {
		cfg.Time = 20 * time.Second
	}
	if cfg.Questions == 0 {
		cfg.Questions = 4
	}
	if cfg.Statements == 0 {
		cfg.Statements = 2
	}
	s := &Server{cfg: cfg, mux: http.NewServeMux(), questions: newPlaces(cfg.Questions), statements: newPlaces(cfg.Statements)}
	var err error
	if s.queries, err = warehouse.Queries(); err != nil {
		return nil, err
	}
	s.routes()
	wrap, err := gzhttp.NewWrapper(gzhttp.MinSize(1000))
	if err != nil {
		return nil, fmt.Errorf("api: compression: %w", err)
	}
	s.handler = wrap(http.HandlerFunc(s.serve))
	return s, nil
}

// ServeHTTP implements http.Handler for everything under /api and /export.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/export/") { // compressed as they are, and read in parts
		s.serve(w, r)
		return
	}
	s.handler.ServeHTTP(w, r)
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", "ETag, Link, Retry-After")
	s.mux.ServeHTTP(w, r)
}

func (s *Server) routes() {
	read := []string{http.MethodGet, http.MethodHead}
	s.handle(root+"/{$}", read, s.index)
	s.handle(root+"/queries", read, s.listQueries)
	s.handle(root+"/problems", read, listProblems)
	s.handle(root+"/openapi.json", read, s.openAPI)
	s.handle(root+"/brief/{country}", read, s.brief)
	s.handle(root+"/query/{name}", read, func(c *call) (*reply, error) { return s.ask(c, c.PathValue("name")) })
	for _, name := range resources() {
		s.handle(root+"/"+name, read, func(c *call) (*reply, error) { return s.ask(c, name) })
	}
	if s.cfg.SQL != nil {
		s.handle(root+"/sql", append(read, http.MethodPost), s.sql)
	}
	if s.cfg.Dir != "" {
		s.exports = newExports(s.cfg.Dir)
		s.mux.HandleFunc("/export/{release}/{file}", s.serveExport)
	}
	s.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api" || r.URL.Path == "/api/" || r.URL.Path == root {
			http.Redirect(w, r, root+"/", http.StatusMovedPermanently)
			return
		}
		s.fail(w, r, problem("not-found", "there is nothing at "+r.URL.Path))
	})
}

// call is a request with the release it is answered from.
type call struct {
	*http.Request
	db        *warehouse.DB
	rel       warehouse.Release
	unhurried context.Context // for what is made while it is sent
}

// reply is an answer: a body, or a stream of one.
type reply struct {
	kind     string // media type; "": JSON
	body     []byte
	stream   func(*http.ResponseController, http.ResponseWriter) error
	filename string
	next     string // address of the next page
	noStore  bool   // not the same each time
	done     func() // when it was sent; may be nil
}

// handle answers a pattern with the given methods.
func (s *Server) handle(pattern string, methods []string, f func(*call) (*reply, error)) {
	allow := strings.Join(append(methods, http.MethodOptions), ", ")
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		known := false
		for _, m := range methods {
			known = known || m == r.Method
		}
		switch {
		case r.Method == http.MethodOptions:
			w.Header().Set("Allow", allow)
			w.Header().Set("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS")
			w.Header().Set("Access-Control-Allow-Headers", "If-None-Match")
			w.Header().Set("Access-Control-Max-Age", "86400")
			w.WriteHeader(http.StatusNoContent)
			return
		case !known:
			w.Header().Set("Allow", allow)
			s.fail(w, r, problem("method-not-allowed", r.Method+" is not answered here; "+allow+" are"))
			return
		}
		if err := s.answer(w, r, f); err != nil {
			s.fail(w, r, err)
		}
	})
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request, f func(*call) (*reply, error)) error {
	ctx, cancel := context.WithTimeout(r.Context(), s.cfg.Time)
	defer cancel()
	db, rel, done, err := s.open(ctx, r)
	if err != nil {
		return err
	}
	defer done()
	// A weak tag: compressed or not, it is the same answer.
	etag := `W/"` + rel.ID + "-" + s.cfg.Version + `"`
	if r.Method != http.MethodPost && matches(r.Header.Get("If-None-Match"), etag) {
		// The same address gave this answer, from the same release.
		w.Header().Set("ETag", etag)
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	a, err := f(&call{Request: r.WithContext(ctx), db: db, rel: rel, unhurried: r.Context()})
	if err != nil {
		return err
	}
	if a.done != nil {
		defer a.done()
	}
	h := w.Header()
	if a.kind == "" {
		a.kind = "application/json"
	}
	h.Set("Content-Type", a.kind)
	h.Set("Cache-Control", "no-cache") // keep, but ask: a release may have come
	if a.noStore {
		h.Set("Cache-Control", "no-store")
	} else {
		h.Set("ETag", etag)
	}
	if a.filename != "" {
		h.Set("Content-Disposition", `inline; filename="`+a.filename+`"`)
	}
	if a.next != "" {
		h.Set("Link", "<"+a.next+`>; rel="next"`)
	}
	if r.Method == http.MethodHead {
		return nil
	}
	if a.stream == nil {
		h.Set("Content-Length", strconv.Itoa(len(a.body)))
		w.Write(a.body) // the visitor may have gone; there is nobody to tell
		return nil
	}
	if err := a.stream(http.NewResponseController(w), w); err != nil {
		if r.Context().Err() == nil {
			s.cfg.Log.Error("answer cut", "path", r.URL.Path, "error", err)
		}
		panic(http.ErrAbortHandler) // what was sent must not pass for the whole
	}
	return nil
}

// open is the release that is served, or with as_of an earlier one: what was known
// then.
func (s *Server) open(ctx context.Context, r *http.Request) (*warehouse.DB, warehouse.Release, func(), error) {
	text := r.URL.Query().Get(dashboards.AsOfParam)
	if text == "" {
		return s.cfg.Releases.Open(ctx)
	}
	archive, ok := s.cfg.Releases.(Archive)
	if !ok || s.cfg.Dir == "" {
		return nil, warehouse.Release{}, nil, about("reserved-parameter", dashboards.AsOfParam, "earlier releases are not served here")
	}
	db, rel, done, err := archive.OpenAsOf(ctx, text)
	if errors.Is(err, dashboards.ErrAsOf) || errors.Is(err, warehouse.ErrNoneThen) || errors.Is(err, dashboards.ErrContract) {
		err = about("bad-parameter", dashboards.AsOfParam, err.Error())
	}
	return db, rel, done, err
}

// matches compares tags weakly.
func matches(header, etag string) bool {
	for t := range strings.SplitSeq(header, ",") {
		if t = strings.TrimSpace(t); t == "*" || strings.TrimPrefix(t, "W/") == strings.TrimPrefix(etag, "W/") {
			return true
		}
	}
	return false
}

// places bounds what is worked on at once. Who finds none free waits a little,
// unless too many wait already.
type places struct {
	free    chan struct{}
	waiting chan struct{}
	wait    time.Duration
}

func newPlaces(n int) *places {
	return &places{free: make(chan struct{}, n), waiting: make(chan struct{}, 8*n), wait: 5 * time.Second}
}

var errBusy = errors.New("too much is being worked on")

// take waits for a place; leave must be called after.
func (p *places) take(ctx context.Context) (leave func(), err error) {
	select {
	case p.waiting <- struct{}{}:
	default:
		return nil, errBusy
	}
	defer func() { <-p.waiting }()
	timer := time.NewTimer(p.wait)
	defer timer.Stop()
	select {
	case p.free <- struct{}{}:
		return func() { <-p.free }, nil
	case <-timer.C:
		return nil, errBusy
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

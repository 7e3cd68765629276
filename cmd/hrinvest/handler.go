package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"hrinvest/dashboards"
	"hrinvest/dashboards/api"
	"hrinvest/transforms"
	"hrinvest/warehouse"
)

// handler is everything the program serves.
func (a *app) handler(releases *dashboards.Follower, metrics prometheus.Gatherer) (http.Handler, error) {
	rules, err := shownRules()
	if err != nil {
		return nil, err
	}
	pages, err := dashboards.New(dashboards.Config{Releases: releases, Log: a.log(), Sources: a.sourceStates, LastRun: a.lastRun, Contact: a.settings.Contact, Rules: rules, Programs: true, PublicURL: a.site()})
	if err != nil {
		return nil, err
	}
	box, err := sandbox()
	if err != nil {
		return nil, err
	}
	programs, err := api.New(api.Config{Releases: releases, SQL: &box, Dir: a.dir, Version: a.version, PublicURL: a.site(), Log: a.log()})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/", fewAtOnce(pages, heavyFile, 8, 10*time.Second))
	mux.Handle("/api/", programs)
	mux.Handle("/export/", programs)
	mux.Handle("GET /metrics", promhttp.HandlerFor(metrics, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		r, err := warehouse.Current(a.dir)
		if err != nil {
			http.Error(w, "no release is being served", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintf(w, "ok %s\n", r.ID)
	})
	return withHeaders(http.MaxBytesHandler(mux, maxBody)), nil
}

// maxBody bounds what a visitor may send: nothing but a statement of SQL is read.
const maxBody = 128 << 10

// maxConnections that are open at once.
const maxConnections = 512

// server bounds what a visitor may take up. It keeps no record of visitors, and
// what it logs of failures is without their addresses.
func server(h http.Handler, errors io.Writer) *http.Server {
	return &http.Server{
		Handler:           h,
		ErrorLog:          log.New(anonymous{errors}, "", 0),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      60 * time.Second, // a phone on a slow network downloads a PDF; exports give themselves more
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
	}
}

// anonymous takes the addresses of visitors out of what is logged.
type anonymous struct{ io.Writer }

func (a anonymous) Write(p []byte) (int, error) {
	clean := regexp.MustCompile(`\[[0-9a-fA-F:.]+(%[^\]\s]+)?\]:\d+|\b\d{1,3}(\.\d{1,3}){3}(:\d+)?\b`).ReplaceAll(p, []byte("(a visitor)"))
	if _, err := a.Writer.Write(clean); err != nil {
		return 0, err
	}
	return len(p), nil
}

// withHeaders gives every answer the headers that keep browsers from doing more
// than is meant; handlers that need other ones set their own.
func withHeaders(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range map[string]string{
			"Content-Security-Policy":      "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
			"Cross-Origin-Opener-Policy":   "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin",
			"Permissions-Policy":           "camera=(), geolocation=(), microphone=()",
			"Referrer-Policy":              "no-referrer",
			"X-Content-Type-Options":       "nosniff",
		} {
			w.Header().Set(name, value)
		}
		h.ServeHTTP(w, r)
	})
}

// heavyFile reports whether a path is of a file that takes work to make.
func heavyFile(p string) bool {
	// The archive of briefs is made once for a release and has a queue of its own: a
	// slow download of it must not take the place of others.
	return path.Ext(p) != "" && !strings.HasPrefix(p, "/static/") && path.Base(p) != "briefs.zip"
}

// fewAtOnce lets n heavy requests through at once; others wait, and are asked to
// come again when that takes too long. Pages are never kept waiting by files.
func fewAtOnce(h http.Handler, heavy func(path string) bool, n int, wait time.Duration) http.Handler {
	free := make(chan struct{}, n)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !heavy(r.URL.Path) {
			h.ServeHTTP(w, r)
			return
		}
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case free <- struct{}{}:
			defer func() { <-free }()
			h.ServeHTTP(w, r)
		case <-timer.C:
			w.Header().Set("Retry-After", "10")
			http.Error(w, "busy / занято", http.StatusServiceUnavailable)
		case <-r.Context().Done():
		}
	})
}

// shownRules are the rules of classification that pages show. Corrections and shares
// name single grants, some of which are withheld: those stand in the table rules of a
// release alone, where what is withheld is cut.
func shownRules() ([]dashboards.Rule, error) {
	list, err := transforms.Rules()
	var out []dashboards.Rule
	for _, r := range list {
		if r.Kind != "correction" && r.Kind != "share" {
			out = append(out, dashboards.Rule(r))
		}
	}
	return out, err
}

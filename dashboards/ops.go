package dashboards

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"time"

	"hrinvest/dashboards/locales"
)

// SourceState is how a source stands with the operator's refreshes. Unlike the
// rest of the site it changes without a release.
type SourceState struct {
	ID, Title string
	// State is fresh, stale, held, blocked, gone or never; Since is when a source
	// that is not fresh began to be so.
	State     string
	Since     time.Time
	LastCheck time.Time // of the last fetch; zero: never fetched
	// LastSuccess is the last fetch without an error; zero: none yet.
	LastSuccess               time.Time
	Error                     string   // of the last fetch; "" when it went well
	Held                      []string // why new documents wait for approval
	Documents, Rows, Rejected int
}

// Advice says how a source stands, what that means for readers, and what an
// operator should do, in the words of a language.
func (src SourceState) Advice(lang string) (state, means, do string, err error) {
	loc, err := locales.Load(lang)
	if err != nil {
		return "", "", "", err
	}
	w := &words{Locale: loc}
	row := w.opsRow(src)
	return row.State, row.Means, row.Do, w.err
}

// quiet is how long nothing may be fetched before the operator is told that the
// refresh does not run: a nightly one may miss a night.
const quiet = 50 * time.Hour

// opsRow is a row of the page of operations.
type opsRow struct {
	SourceState
	State, Sign, Success, Means, Do string
	Rejects                         string // address of the rows that could not be read
	Reasons                         []string
}

// opsPage tells the operator whether all is well, and if not, what to do. It
// answers also when there is no release yet.
func (s *Server) opsPage(loc *locales.Locale) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, rel, done, err := s.cfg.Releases.Acquire(r.Context())
		switch {
		case err == nil:
			done()
		case !errors.Is(err, ErrNoRelease):
			s.fail(w, r, loc, err)
			return
		}
		a, err := s.ops(r.Context(), loc, rel)
		if err != nil {
			s.fail(w, r, loc, err)
			return
		}
		a.cacheUntil = "no-store"
		s.send(w, r, a, "")
	}
}

func (s *Server) ops(ctx context.Context, loc *locales.Locale, rel Release) (*answer, error) {
	sources, err := s.cfg.Sources(ctx)
	if err != nil {
		return nil, err
	}
	w, now := &words{Locale: loc}, s.cfg.Now()
	var body struct {
		Verdict, Sign, Release, Age string
		Rows                        []opsRow
	}
	var stale, held, never []string
	var last time.Time // anything was fetched
	for _, src := range sources {
		switch src.State {
		case "stale", "blocked":
			stale = append(stale, src.Title)
		case "held":
			held = append(held, src.Title)
		case "never":
			never = append(never, src.Title)
		}
		if src.LastCheck.After(last) {
			last = src.LastCheck
		}
		body.Rows = append(body.Rows, w.opsRow(src))
	}
	body.Sign = "✗"
	switch {
	case rel.ID == "":
		body.Verdict = w.t("ops.no_release")
	case last.IsZero():
		body.Verdict = w.t("ops.never_run")
	case now.Sub(last) > quiet:
		body.Verdict = w.t("ops.quiet", "since", w.since(now.Sub(last)))
	case len(stale) > 0:
		body.Verdict = w.t("ops.stale", "sources", strings.Join(stale, ", "))
	case len(held) > 0:
		body.Verdict = w.t("ops.held", "sources", strings.Join(held, ", "))
	case len(never) > 0:
		body.Verdict = w.t("ops.never", "sources", strings.Join(never, ", "))
	default:
		body.Sign, body.Verdict = "✓", w.t("ops.well")
	}
	if rel.ID != "" {
		body.Release, body.Age = rel.ID, w.t("absent.unknown")
		if !rel.Built.IsZero() {
			body.Age = w.since(now.Sub(rel.Built))
		}
	}
	p := &page{Lang: loc.Lang, Path: "/ops", Release: rel.ID, Cutoff: w.t("absent.unknown"), Programs: s.cfg.Programs, Body: body}
	if !rel.Cutoff.IsZero() {
		p.Cutoff = loc.Date(rel.Cutoff)
	}
	if w.err != nil {
		return nil, w.err
	}
	return s.pages[loc.Lang].render("ops", p)
}

// opsRow says of a source how it stands, what that means and what to do.
func (w *words) opsRow(src SourceState) opsRow {
	row := opsRow{SourceState: src, Sign: "✗", Success: w.t("ops.not_yet"), Reasons: []string{withoutQuery(src.Error)}}
	if row.Reasons[0] == "" {
		row.Reasons = nil
	}
	for _, h := range src.Held {
		row.Reasons = append(row.Reasons, withoutQuery(h))
	}
	if !src.LastSuccess.IsZero() {
		row.Success = w.Date(src.LastSuccess.UTC()) + src.LastSuccess.UTC().Format(" 15:04 UTC")
	}
	switch src.State {
	case "stale":
		row.State, row.Means, row.Do = w.t("ops.state.stale"), w.t("ops.means.stale"), w.t("ops.do.stale", "id", src.ID)
	case "held":
		row.State, row.Means, row.Do = w.t("ops.state.held"), w.t("ops.means.held"), w.t("ops.do.held", "id", src.ID)
	case "blocked":
		row.State, row.Means, row.Do = w.t("ops.state.blocked"), w.t("ops.means.blocked"), w.t("ops.do.blocked", "id", src.ID)
	case "gone":
		row.Sign, row.State = "–", w.t("ops.state.gone", "since", w.Date(src.Since.UTC()))
		row.Means, row.Do = w.t("ops.means.gone"), w.t("ops.do.gone")
	case "never":
		row.Sign, row.State, row.Means, row.Do = "?", w.t("ops.state.never"), w.t("ops.means.never"), w.t("ops.do.never", "id", src.ID)
	default:
		row.Sign, row.State, row.Means, row.Do = "✓", w.t("ops.state.fresh"), w.t("ops.means.fresh"), w.t("ops.do.nothing")
		if src.Rejected > 0 {
			row.Means, row.Do = w.n("ops.means.rejected", src.Rejected), w.t("ops.do.rejected")
		}
	}
	if row.Sign != "✓" && src.Documents == 0 {
		row.Means = w.t("ops.means.empty")
	}
	if src.Rejected > 0 {
		row.Rejects = "/" + w.Lang + "/data/rejected.csv?source=" + src.ID
	}
	return row
}

// since writes how long ago something was.
func (w *words) since(d time.Duration) string {
	switch {
	case d < time.Hour:
		return w.t("ops.under_an_hour")
	case d < 48*time.Hour:
		return w.n("ops.hours", int(d/time.Hour))
	}
	return w.n("ops.days", int(d/(24*time.Hour)))
}

var queryPart = regexp.MustCompile(`(https?://[^\s"?]+)\?[^\s"]*`)

// withoutQuery takes the parameters from the addresses of an error: the page is
// public, and a key may be among them.
func withoutQuery(s string) string { return queryPart.ReplaceAllString(s, "$1?…") }

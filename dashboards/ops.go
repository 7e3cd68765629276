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
	// State is fresh, unread, stale, held, blocked, gone or never; Since is when a
	// source that is not fresh began to be so.
	State     string
	Since     time.Time
	LastCheck time.Time // of the last fetch; zero: never fetched
	// LastSuccess is the last fetch without an error; zero: none yet.
	LastSuccess               time.Time
	Error                     string   // of the last fetch; "" when it went well
	Defect                    string   // why documents cannot be read; "" when they can
	Held                      []string // why new documents wait for approval
	HeldID                    string   // what to approve
	Documents, Rows, Rejected int
}

// RunState is how the last refresh went as a whole, and which ones that were due
// did not run.
type RunState struct {
	Started  time.Time // zero: none yet
	Error    string    // why it published nothing; "" when it did, or nothing was new
	Missed   int
	FirstDue time.Time // in the zone of the schedule
	Schedule string    // five cron fields
	Zone     string
	Damaged  bool // the record of the refreshes cannot be read
	// RolledBack is the release the operator went back from, "": none, and when.
	RolledBack string
	RolledAt   time.Time
}

// quiet is how long nothing may be fetched before the operator is told that the
// refresh does not run: a nightly one may miss a night.
const quiet = 50 * time.Hour

// opsRow is a row of the page of operations.
type opsRow struct {
	SourceState
	State, Sign, Success, Means, Do string
	Command                         string // that does it; "": none
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
	var run RunState
	if s.cfg.LastRun != nil {
		if run, err = s.cfg.LastRun(ctx); err != nil {
			return nil, err
		}
	}
	w, now := &words{Locale: loc}, s.cfg.Now()
	var body struct {
		Verdict, Sign, Release, Age string
		Run                         []opsNote
		Rows                        []opsRow
	}
	var unread, stale, held, never []string
	var last time.Time // anything was fetched
	for _, src := range sources {
		src.Title = w.localSource(Source{ID: src.ID, Title: src.Title}).Title
		switch src.State {
		case "unread":
			unread = append(unread, src.Title)
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
	case run.Missed > 0:
		body.Verdict = w.n("ops.missed", run.Missed)
	case run.Error != "":
		body.Verdict = w.t("ops.failed")
	case last.IsZero():
		body.Verdict = w.t("ops.never_run")
	case now.Sub(last) > quiet:
		body.Verdict = w.t("ops.quiet", "since", w.since(now.Sub(last)))
	case len(unread) > 0:
		body.Verdict = w.t("ops.unread", "sources", strings.Join(unread, ", "))
	case len(stale) > 0:
		body.Verdict = w.t("ops.stale", "sources", strings.Join(stale, ", "))
	case len(held) > 0:
		body.Verdict = w.t("ops.held", "sources", strings.Join(held, ", "))
	case len(never) > 0:
		body.Verdict = w.t("ops.never", "sources", strings.Join(never, ", "))
	default:
		body.Sign, body.Verdict = "✓", w.t("ops.well")
	}
	body.Run = w.opsRun(run)
	if rel.ID != "" {
		body.Release, body.Age = rel.ID, w.t("absent.unknown")
		if !rel.Built.IsZero() {
			body.Age = w.since(now.Sub(rel.Built))
		}
	}
	p := &page{Lang: loc.Lang, Path: "/ops", Release: rel.ID, Cutoff: w.t("absent.unknown"), Programs: s.cfg.Programs, Body: body}
	if !rel.Cutoff.IsZero() {
		p.Cutoff = w.t("upto.data", "date", loc.Date(rel.Cutoff))
	}
	if w.err != nil {
		return nil, w.err
	}
	return s.pages[loc.Lang].render("ops", p)
}

// opsRow says of a source how it stands, what that means and what to do.
func (w *words) opsRow(src SourceState) opsRow {
	row := opsRow{SourceState: src, Sign: "✗", Success: w.t("ops.not_yet")}
	for _, reason := range append([]string{src.Defect, src.Error}, src.Held...) {
		if reason != "" {
			row.Reasons = append(row.Reasons, withoutQuery(reason))
		}
	}
	handOver := "hrinvest refresh --source " + src.ID + " --documents " + w.t("ops.folder")
	if !src.LastSuccess.IsZero() {
		row.Success = w.Date(src.LastSuccess.UTC()) + src.LastSuccess.UTC().Format(" 15:04 UTC")
	}
	switch src.State {
	case "unread":
		row.State, row.Means, row.Do, row.Command = w.t("ops.state.unread"), w.t("ops.means.unread"), w.t("ops.do.unread"), "hrinvest doctor"
	case "stale":
		row.State, row.Means, row.Do, row.Command = w.t("ops.state.stale"), w.t("ops.means.stale"), w.t("ops.do.stale"), handOver
	case "held":
		row.State, row.Means, row.Do = w.t("ops.state.held"), w.t("ops.means.held"), w.t("ops.do.held")
		row.Command = strings.TrimSpace("hrinvest approve " + src.ID + " " + src.HeldID)
	case "blocked":
		row.State, row.Means, row.Do, row.Command = w.t("ops.state.blocked"), w.t("ops.means.blocked"), w.t("ops.do.blocked"), handOver
	case "gone":
		row.Sign, row.State = "–", w.t("ops.state.gone", "since", w.Date(src.Since.UTC()))
		row.Means, row.Do = w.t("ops.means.gone"), w.t("ops.do.gone")
	case "never":
		row.Sign, row.State, row.Means, row.Do = "?", w.t("ops.state.never"), w.t("ops.means.never"), w.t("ops.do.never")
		row.Command = "hrinvest refresh --source " + src.ID
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

// opsNote is something the operator must know of the refreshes.
type opsNote struct{ Text, Reason, Do, Command string }

// opsRun says of the refreshes what went wrong and what to do.
func (w *words) opsRun(run RunState) (notes []opsNote) {
	if run.Damaged {
		notes = append(notes, opsNote{Text: w.t("ops.damaged"), Do: w.t("ops.do.damaged"), Command: "hrinvest refresh"})
	}
	if run.Error != "" {
		started := run.Started.UTC()
		notes = append(notes, opsNote{Text: w.t("ops.failed_at", "date", w.Date(started)+started.Format(" 15:04 UTC")), Reason: withoutQuery(run.Error),
			Do: w.t("ops.do.failed"), Command: "hrinvest refresh"})
	}
	if run.Missed > 0 {
		due := w.Date(run.FirstDue) + run.FirstDue.Format(" 15:04 ") + run.Zone
		notes = append(notes, opsNote{Text: w.n("ops.missed", run.Missed) + " " + w.t("ops.missed_since", "due", due, "schedule", run.Schedule),
			Do: w.t("ops.do.missed"), Command: "hrinvest refresh"})
	}
	if run.RolledBack != "" {
		notes = append(notes, opsNote{Text: w.t("ops.rolled_back", "release", run.RolledBack, "date", w.Date(run.RolledAt.UTC())),
			Do: w.t("ops.do.rolled_back"), Command: "hrinvest rollback " + run.RolledBack})
	}
	return notes
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

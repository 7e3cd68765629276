package pipelines

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/google/renameio/v2"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
)

// State is what changes without new data: when each source was last checked and
// how that went. It lives in state.json beside the releases, so that a night on
// which nothing is new publishes nothing and is still on record.
type State struct {
	Sources map[string]SourceState `json:"sources"` // by source id
	LastRun Run                    `json:"last_run,omitzero"`
}

// Run is how a refresh or build went as a whole.
type Run struct {
	Started time.Time `json:"started"`
	Ended   time.Time `json:"ended"`
	Release string    `json:"release,omitempty"` // that is served after it
	Error   string    `json:"error,omitempty"`   // why nothing was published
}

// SourceState is the record of one source. Times are UTC.
type SourceState struct {
	LastCheck   time.Time `json:"last_check"`
	LastSuccess time.Time `json:"last_success,omitzero"` // of a fetch without an error
	LastChange  time.Time `json:"last_change,omitzero"`  // when other documents came into use
	Failures    int       `json:"failures"`              // fetches that failed since the record began
	// Error and Cause are of the last fetch, "" when it went well. Since is when
	// fetches began to fail without a success in between.
	Error string    `json:"error,omitempty"`
	Cause Cause     `json:"cause,omitempty"`
	Since time.Time `json:"since,omitzero"`
	// Silent is since when nothing at all could be had of it.
	Silent time.Time `json:"silent,omitzero"`
	// Defect says why the documents in use could not be read when the last release was
	// made, and since when.
	Defect      string    `json:"defect,omitempty"`
	DefectSince time.Time `json:"defect_since,omitzero"`
	// Missed says which few documents of many the last fetch could not have.
	Missed string `json:"missed,omitempty"`
	// Held says why documents wait for approval, and since when they do.
	Held      []string    `json:"held,omitempty"`
	HeldID    string      `json:"held_id,omitempty"` // what to approve
	HeldSince time.Time   `json:"held_since,omitzero"`
	Documents int         `json:"documents"`
	Rows      int         `json:"rows"` // statements loaded and observations
	Rejected  int         `json:"rejected"`
	Usage     fetch.Usage `json:"usage"`   // of the last fetch
	Seconds   float64     `json:"seconds"` // to parse and normalise
}

// Cause is what a failed fetch comes down to.
type Cause string

// The causes.
const (
	CauseNone        Cause = ""
	CauseBlocked     Cause = "blocked"     // the publisher does not want this program there
	CauseMissing     Cause = "missing"     // the address is not there
	CauseRefused     Cause = "refused"     // what came is not what was promised
	CauseBudget      Cause = "budget"      // the publisher's limit is used up for now
	CauseDisk        Cause = "disk"        // this machine's disk did not take it
	CauseDefect      Cause = "defect"      // this program cannot read what came
	CauseUnreachable Cause = "unreachable" // anything else: network, server
)

func causeOf(err error) Cause {
	switch {
	case err == nil:
		return CauseNone
	case errors.Is(err, fetch.ErrStore):
		return CauseDisk
	case errors.As(err, new(*unread)):
		return CauseDefect
	case errors.Is(err, fetch.ErrBlocked):
		return CauseBlocked
	case errors.Is(err, fetch.ErrRefused):
		return CauseRefused
	case errors.Is(err, fetch.ErrNotFound):
		return CauseMissing
	case errors.Is(err, fetch.ErrBudget):
		return CauseBudget
	}
	return CauseUnreachable
}

// Standing is how a source stands, in one word.
type Standing string

// The standings. In all but the first and the last the last good documents are
// in use.
const (
	Fresh   Standing = "fresh"
	Unread  Standing = "unread"  // came, and cannot be read
	Stale   Standing = "stale"   // could not be fetched
	OnHold  Standing = "held"    // new documents wait for approval
	Blocked Standing = "blocked" // the publisher refuses this program
	Gone    Standing = "gone"    // the publisher stopped, or has not answered for a month
	Never   Standing = "never"   // nothing was fetched yet
)

// lost is after how long a source that cannot be had is given up: from then on
// it is said that it is offline, and no alarm is raised every night.
const lost = 30 * 24 * time.Hour

// Standing says how a source stands at a time, and since when, where that is not
// fresh.
func (s SourceState) Standing(info extractors.Info, now time.Time) (Standing, time.Time) {
	frozen, err := time.Parse(time.DateOnly, info.Frozen)
	switch {
	case s.Defect != "":
		return Unread, s.DefectSince
	case s.Cause == CauseDefect:
		return Unread, s.Since
	case len(s.Held) > 0:
		return OnHold, s.HeldSince
	case err == nil:
		return Gone, frozen
	case s.LastCheck.IsZero():
		return Never, time.Time{}
	case s.Error == "":
		return Fresh, s.LastSuccess
	case s.Silent.IsZero(): // a part of it failed
		return Stale, s.Since
	case s.Cause == CauseBlocked:
		return Blocked, s.Since
	case (s.Cause == CauseMissing || s.Cause == CauseUnreachable) && now.Sub(s.Silent) > lost:
		return Gone, s.Silent
	}
	return Stale, s.Since
}

func statePath(dir string) string { return filepath.Join(dir, "state.json") }

// ReadState reads the record of a data directory; none yet is an empty one.
func ReadState(dir string) (State, error) {
	s := State{Sources: map[string]SourceState{}}
	if err := readJSON(statePath(dir), &s); err != nil {
		return State{}, fmt.Errorf("reading the state of the sources: %w", err)
	}
	return s, nil
}

// readJSON reads a file of the data directory into v, which stays as it is where
// there is no file yet.
func readJSON(path string, v any) error {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(b, v)
}

// record writes down how a refresh or build went, nil where it did not get as far
// as documents.
func (p *Pipeline) record(r *Report, l *ledger, failed error) error {
	s, err := ReadState(p.cfg.Dir)
	if err != nil {
		// A damaged record must not stop the nightly refresh; it starts anew.
		s = State{Sources: map[string]SourceState{}}
	}
	at := p.cfg.Now().UTC()
	if r.rebuilt && failed == nil {
		s.LastRun.Release, s.LastRun.Error = r.Release, "" // put right what went wrong
	} else if !r.rebuilt && !r.stopped {
		s.LastRun = Run{Started: r.Started, Ended: at, Release: r.Release}
		if failed != nil {
			s.LastRun.Error = failed.Error()
		}
	}
	for _, src := range r.Sources {
		if l == nil {
			break
		}
		one := s.Sources[src.Source].after(src, l.shelf(src.Source), at)
		standing, _ := one.Standing(extractors.Info{}, at)
		src.gone = standing == Gone
		s.Sources[src.Source] = one
	}
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the state of the sources: %w", err)
	}
	if err := renameio.WriteFile(statePath(p.cfg.Dir), append(b, '\n'), 0o644); err != nil {
		return fmt.Errorf("writing the state of the sources: %w", err)
	}
	return nil
}

// rebuilt writes down how a build went that was no refresh: those are missed as
// they were.
func (p *Pipeline) rebuilt(r *Report, l *ledger, failed error) error {
	r.rebuilt = true
	return p.record(r, l, failed)
}

// after is the record with one more refresh in it.
func (s SourceState) after(r *SourceReport, shelf *shelf, at time.Time) SourceState {
	switch {
	case r.offline:
	case r.Fetched:
		s.LastCheck, s.LastSuccess, s.Error, s.Cause, s.Since, s.Silent = at, at, "", CauseNone, time.Time{}, time.Time{}
	case r.Error != "":
		s.LastCheck, s.Error, s.Cause = at, r.Error, r.Cause
		s.Failures++
		if s.Since.IsZero() {
			s.Since = at
		}
		if r.Had > 0 {
			s.Silent = time.Time{}
		} else if s.Silent.IsZero() {
			s.Silent = at
		}
	}
	if !r.offline && (r.Fetched || r.Error != "") {
		s.Usage, s.Missed = r.Usage, r.Missed
	}
	if r.Changed > 0 {
		s.LastChange = at
	}
	switch {
	case r.Defect != "" && s.Defect == "":
		s.Defect, s.DefectSince = r.Defect, at
	case r.Defect != "" || r.parsed:
		s.Defect = r.Defect
	}
	if s.Defect == "" {
		s.DefectSince = time.Time{}
	}
	s.Held, s.HeldID, s.HeldSince = nil, "", time.Time{}
	if h := shelf.Held; h != nil {
		s.Held, s.HeldID, s.HeldSince = h.Reasons, h.id(), h.Since
	}
	if s.Documents = len(shelf.Documents); r.parsed {
		s.Documents, s.Rows, s.Rejected, s.Seconds = r.Documents, r.Loaded+r.Observations, r.Rejected, r.Took.Seconds()
	}
	return s
}

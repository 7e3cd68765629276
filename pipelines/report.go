package pipelines

import (
	"errors"
	"slices"
	"time"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
)

// Report tells what a refresh or build did.
type Report struct {
	Started    time.Time       `json:"started"`
	Took       time.Duration   `json:"took"`
	Sources    []*SourceReport `json:"sources"`
	Release    string          `json:"release,omitempty"` // id, when one was published
	Hash       string          `json:"hash,omitempty"`
	NothingNew bool            `json:"nothing_new"`
	Warnings   []string        `json:"warnings,omitempty"` // of the checks

	rebuilt bool // of stored documents, without a fetch
	stopped bool // it is due as before
}

// SourceReport is one source's part of a Report. Counts are statements about
// money: Parsed = Loaded + OutOfScope + Rejected.
type SourceReport struct {
	Source       string         `json:"source"`
	Documents    int            `json:"documents"` // in use
	Changed      int            `json:"changed"`   // of them, new or different this run
	Fetched      bool           `json:"fetched"`   // this run, without an error
	Bundled      bool           `json:"bundled"`   // its documents are this project's extract
	Usage        fetch.Usage    `json:"usage"`     // what retrieving took
	Unknown      []string       `json:"unknown_files,omitempty"`
	Parsed       int            `json:"parsed"`
	Loaded       int            `json:"loaded"`
	OutOfScope   int            `json:"out_of_scope"`
	Rejected     int            `json:"rejected"`
	Flows        int            `json:"flows"`
	Observations int            `json:"observations"`
	Reasons      map[string]int `json:"reasons,omitempty"`
	Took         time.Duration  `json:"took"` // to parse and normalise
	// Had is how many documents the publisher gave, or said to be unchanged.
	Had int `json:"had"`
	// Held says why documents are held back for approval; the last good ones were
	// used. HeldID is what to approve.
	Held   []string `json:"held,omitempty"`
	HeldID string   `json:"held_id,omitempty"`
	// Missed says which few documents of many could not be had; those in use
	// before stay in use.
	Missed string `json:"missed,omitempty"`
	// Withdrawn says why documents that were offered were withdrawn before: they are
	// not taken. Of one that a publisher goes on offering it is said once.
	Withdrawn []string `json:"withdrawn,omitempty"`
	// Defect says why its documents in use could not be read; those of the last
	// release were used in their place, or none.
	Defect string `json:"defect,omitempty"`
	// Error says why the source could not be fetched; its last good documents
	// were used. Cause is what it comes down to.
	Error string `json:"error,omitempty"`
	Cause Cause  `json:"cause,omitempty"`

	frozen, gone bool // nobody expects it to be there any more
	offline      bool // nobody was asked
	parsed       bool // the counts are of this run
}

// Phase is how far a source is in a refresh.
type Phase string

// The phases.
const (
	Fetching Phase = "fetching"
	Fetched  Phase = "fetched"
	Parsed   Phase = "parsed"
)

// Event tells how a refresh goes.
type Event struct {
	Source string
	Phase  Phase
	Report SourceReport // as far as it is known
}

// watch tells once a second how far a fetch is, until stopped.
func (p *Pipeline) watch(source string, c *fetch.Client) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				p.cfg.Progress(Event{Source: source, Phase: Fetching, Report: SourceReport{Source: source, Usage: c.Usage()}})
			case <-done:
				return
			}
		}
	}()
	return func() { close(done); <-ended }
}

func (r *Report) source(i extractors.Info) *SourceReport {
	for _, s := range r.Sources {
		if s.Source == i.ID {
			return s
		}
	}
	s := &SourceReport{Source: i.ID, frozen: i.Frozen != ""}
	r.Sources = append(r.Sources, s)
	return s
}

// fetched records the outcome of a fetch. A few documents of many that could not
// be had are no failure of the source.
func (s *SourceReport) fetched(err error) {
	s.Fetched = !fetch.Failed(err)
	switch {
	case s.Fetched && errors.Is(err, fetch.ErrIncomplete):
		s.Missed = err.Error()
	case !s.Fetched:
		s.Error, s.Cause = err.Error(), causeOf(err)
	}
}

// of is the report of a source by its id.
func (r *Report) of(id string) *SourceReport { return r.source(extractors.Info{ID: id}) }

// Stale says whether a source that is expected to be there could not be fetched, or
// any not be read.
func (r *Report) Stale() bool {
	return slices.ContainsFunc(r.Sources, func(s *SourceReport) bool {
		return s.Defect != "" || s.Cause == CauseDefect || s.Error != "" && !s.frozen && !s.gone
	})
}

// Held says whether documents wait for approval.
func (r *Report) Held() bool {
	return slices.ContainsFunc(r.Sources, func(s *SourceReport) bool { return len(s.Held) > 0 })
}

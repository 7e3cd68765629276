package pipelines

import (
	"time"

	"hrinvest/extractors"
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
}

// SourceReport is one source's part of a Report. Counts are statements about
// money: Parsed = Loaded + OutOfScope + Rejected.
type SourceReport struct {
	Source       string         `json:"source"`
	Documents    int            `json:"documents"`
	Fetched      bool           `json:"fetched"` // this run, without an error
	Bundled      bool           `json:"bundled"` // its documents are this project's extract
	Unknown      []string       `json:"unknown_files,omitempty"`
	Parsed       int            `json:"parsed"`
	Loaded       int            `json:"loaded"`
	OutOfScope   int            `json:"out_of_scope"`
	Rejected     int            `json:"rejected"`
	Flows        int            `json:"flows"`
	Observations int            `json:"observations"`
	Reasons      map[string]int `json:"reasons,omitempty"`
	Took         time.Duration  `json:"took"`
	// Error says why the source could not be fetched; its last good documents
	// were used.
	Error string `json:"error,omitempty"`
}

func (r *Report) source(i extractors.Info) *SourceReport {
	for _, s := range r.Sources {
		if s.Source == i.ID {
			return s
		}
	}
	s := &SourceReport{Source: i.ID}
	r.Sources = append(r.Sources, s)
	return s
}

// fetched records the outcome of a fetch.
func (s *SourceReport) fetched(err error) {
	if s.Fetched = err == nil; err != nil {
		s.Error = err.Error()
	}
}

// Stale says whether a source could not be fetched.
func (r *Report) Stale() bool {
	for _, s := range r.Sources {
		if s.Error != "" {
			return true
		}
	}
	return false
}

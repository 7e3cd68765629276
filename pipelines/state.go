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
)

// State is what changes without new data: when each source was last checked and
// how that went. It lives in state.json beside the releases, so that a night on
// which nothing is new publishes nothing and is still on record.
type State struct {
	Sources map[string]SourceState `json:"sources"` // by source id
}

// SourceState is the record of one source. Times are UTC.
type SourceState struct {
	LastCheck   time.Time `json:"last_check"`
	LastSuccess time.Time `json:"last_success,omitzero"` // of a fetch without an error
	Failures    int       `json:"failures"`              // fetches that failed since the record began
	Error       string    `json:"error,omitempty"`       // of the last fetch, "" when it went well
	Documents   int       `json:"documents"`
	Rows        int       `json:"rows"` // statements loaded and observations
	Rejected    int       `json:"rejected"`
	Seconds     float64   `json:"seconds"` // to parse and normalise
}

func statePath(dir string) string { return filepath.Join(dir, "state.json") }

// ReadState reads the record of a data directory; none yet is an empty one.
func ReadState(dir string) (State, error) {
	s := State{Sources: map[string]SourceState{}}
	b, err := os.ReadFile(statePath(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &s)
	}
	if err != nil {
		return State{}, fmt.Errorf("reading the state of the sources: %w", err)
	}
	return s, nil
}

// record writes down how a refresh went.
func record(dir string, r *Report, at time.Time) error {
	s, err := ReadState(dir)
	if err != nil {
		// A damaged record must not stop the nightly refresh; it starts anew.
		s = State{Sources: map[string]SourceState{}}
	}
	for _, src := range r.Sources {
		one := s.Sources[src.Source]
		if src.Fetched || src.Error != "" {
			one.LastCheck, one.Error = at, src.Error
			if src.Fetched {
				one.LastSuccess = at
			} else {
				one.Failures++
			}
		}
		one.Documents, one.Rows, one.Rejected = src.Documents, src.Loaded+src.Observations, src.Rejected
		one.Seconds = src.Took.Seconds()
		s.Sources[src.Source] = one
	}
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the state of the sources: %w", err)
	}
	if err := renameio.WriteFile(statePath(dir), append(b, '\n'), 0o644); err != nil {
		return fmt.Errorf("writing the state of the sources: %w", err)
	}
	return nil
}

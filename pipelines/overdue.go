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

// Planned is when refreshes are due, as the process that serves was told. It lies
// in schedule.json, so that a refresh that nobody ran is noticed from outside.
type Planned struct {
	Spec  string    `json:"spec"` // five cron fields
	Zone  string    `json:"zone"`
	Since time.Time `json:"since"`
	// CaughtUp is when a missed refresh was begun after a start.
	CaughtUp time.Time `json:"caught_up,omitzero"`
}

func plannedPath(dir string) string { return filepath.Join(dir, "schedule.json") }

// ReadPlanned reads the schedule of a data directory; none: the zero value.
func ReadPlanned(dir string) (p Planned, err error) {
	if err := readJSON(plannedPath(dir), &p); err != nil {
		return Planned{}, fmt.Errorf("reading the schedule: %w", err)
	}
	return p, nil
}

// plan writes down when refreshes are due from now on. What was due before a
// restart with the same schedule is still due.
func (p *Pipeline) plan(spec string, zone *time.Location) error {
	now := Planned{Spec: spec, Zone: zone.String(), Since: p.cfg.Now().UTC()}
	if before, err := ReadPlanned(p.cfg.Dir); err == nil && before.Spec == now.Spec && before.Zone == now.Zone {
		return nil
	}
	return p.writePlan(now)
}

func (p *Pipeline) writePlan(now Planned) error {
	b, err := json.Marshal(now)
	if err == nil {
		err = os.MkdirAll(p.cfg.Dir, 0o755)
	}
	if err == nil {
		err = renameio.WriteFile(plannedPath(p.cfg.Dir), append(b, '\n'), 0o644)
	}
	if err != nil {
		return fmt.Errorf("writing the schedule: %w", err)
	}
	return nil
}

// Unplan says that refreshes are no longer due at any time.
func Unplan(dir string) error {
	if err := os.Remove(plannedPath(dir)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing the schedule: %w", err)
	}
	return nil
}

// underWay is how long a refresh may take before it counts as missed.
const underWay = 3 * time.Hour

// Missed counts the refreshes that were due after the last one began and did not
// run, and says when the first was due.
func (p Planned) Missed(last Run, now time.Time) (n int, first time.Time, err error) {
	return p.missed(last, now.Add(-underWay))
}

// catchUp says whether a refresh that was due while nothing ran (the machine was
// switched off, the program stopped in the middle) is begun now, and notes it: one
// that ends the program again is not tried at every start.
func (p *Pipeline) catchUp() bool {
	planned, err := ReadPlanned(p.cfg.Dir)
	if err != nil {
		return false
	}
	state, err := ReadState(p.cfg.Dir)
	if err != nil {
		return false
	}
	now := p.cfg.Now().UTC()
	n, first, err := planned.missed(Run{Started: latest(state.LastRun.Started, planned.CaughtUp)}, now)
	if err != nil || n == 0 {
		return false
	}
	planned.CaughtUp = now
	if err := p.writePlan(planned); err != nil {
		p.cfg.Log.Error("a missed refresh is not caught up with", "error", err)
		return false
	}
	p.cfg.Log.Info("catching up with a missed refresh", "due", first)
	return true
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// missed counts those due until a time.
func (p Planned) missed(last Run, until time.Time) (n int, first time.Time, err error) {
	if p.Spec == "" {
		return 0, time.Time{}, nil
	}
	zone, err := time.LoadLocation(p.Zone)
	if err != nil {
		return 0, time.Time{}, fmt.Errorf("schedule: %w", err)
	}
	due, err := dueTimes(p.Spec, zone)
	if err != nil {
		return 0, time.Time{}, err
	}
	from := p.Since
	if last.Started.After(from) {
		from = last.Started
	}
	const most = 1000 // of a schedule by the second, nobody counts them
	for at := due.Next(from.In(zone)); !at.IsZero() && at.Before(until) && n < most; at = due.Next(at) {
		if n++; n == 1 {
			first = at
		}
	}
	return n, first, nil
}

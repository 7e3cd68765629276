package pipelines

import (
	"fmt"
	"time"

	"github.com/robfig/cron/v3"
)

// dueTimes are the times of a cron expression on the clock of a zone. When clocks go
// forward over such a time it comes as much later, and when they go back over one it
// comes once: cron leaves out the first and has the second twice.
func dueTimes(spec string, zone *time.Location) (cron.Schedule, error) {
	s, err := cron.ParseStandard(spec)
	if err != nil {
		return nil, fmt.Errorf("schedule %q: %w", spec, err)
	}
	if fields, ok := s.(*cron.SpecSchedule); ok && fields.Location == time.Local { // else @every, or a zone of its own
		return wallClock{s, zone}, nil
	}
	return s, nil
}

// wallClock asks a schedule for times as if every day had 24 hours.
type wallClock struct {
	schedule cron.Schedule
	zone     *time.Location
}

// Next implements cron.Schedule.
func (w wallClock) Next(after time.Time) time.Time {
	here := after.In(w.zone)
	hands := time.Date(here.Year(), here.Month(), here.Day(), here.Hour(), here.Minute(), here.Second(), here.Nanosecond(), time.UTC)
	for {
		hands = w.schedule.Next(hands)
		if hands.IsZero() {
			return hands
		}
		at := time.Date(hands.Year(), hands.Month(), hands.Day(), hands.Hour(), hands.Minute(), hands.Second(), 0, w.zone)
		if at.After(after) {
			return at
		}
	}
}

package pipelines

import (
	"context"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"
)

// Every night has one refresh, also those on which the clocks are changed.
func TestDueTimes(t *testing.T) {
	for _, tt := range []struct {
		zone, spec string
		after      time.Time // UTC
		want       []string  // UTC
	}{
		{"Europe/Chisinau", "15 2 * * *", time.Date(2027, 3, 27, 1, 0, 0, 0, time.UTC), []string{"2027-03-28 00:15", "2027-03-28 23:15"}},  // 02:15 is not there
		{"Europe/Chisinau", "15 2 * * *", time.Date(2027, 10, 30, 1, 0, 0, 0, time.UTC), []string{"2027-10-31 00:15", "2027-11-01 00:15"}}, // 02:15 is there twice
		{"Asia/Bishkek", "15 2 * * *", time.Date(2027, 3, 27, 0, 0, 0, 0, time.UTC), []string{"2027-03-27 20:15", "2027-03-28 20:15"}},
		{"America/New_York", "30 * * * *", time.Date(2027, 3, 14, 6, 0, 0, 0, time.UTC), []string{"2027-03-14 06:30", "2027-03-14 07:30", "2027-03-14 08:30"}},
		{"Asia/Bishkek", "CRON_TZ=UTC 15 2 * * *", time.Date(2027, 3, 27, 0, 0, 0, 0, time.UTC), []string{"2027-03-27 02:15"}},
		{"Europe/Chisinau", "@every 1h", time.Date(2027, 10, 31, 0, 30, 0, 0, time.UTC), []string{"2027-10-31 01:30", "2027-10-31 02:30"}},
	} {
		zone, err := time.LoadLocation(tt.zone)
		if err != nil {
			t.Fatal(err)
		}
		due, err := dueTimes(tt.spec, zone)
		if err != nil {
			t.Fatal(err)
		}
		at := tt.after.In(zone)
		for _, want := range tt.want {
			if at = due.Next(at); at.UTC().Format("2006-01-02 15:04") != want {
				t.Errorf("%s in %s after %s: %s, want %s UTC", tt.spec, tt.zone, tt.after, at, want)
			}
		}
	}
	zone, err := time.LoadLocation("Europe/Chisinau")
	if err != nil {
		t.Fatal(err)
	}
	p := Planned{Spec: "15 2 * * *", Zone: zone.String(), Since: time.Date(2027, 3, 27, 12, 0, 0, 0, time.UTC)}
	if n, _, err := p.Missed(Run{}, time.Date(2027, 3, 28, 12, 0, 0, 0, time.UTC)); n != 1 || err != nil {
		t.Errorf("the night on which 02:15 is not there: %d missed, %v", n, err)
	}
}

// A refresh that was due while the machine was off, or that was stopped in the middle,
// is begun at the next start: once.
func TestCatchUp(t *testing.T) {
	alpha := tables{id: "alpha", names: []string{"a"}}
	n := nights(t, publish(t, alpha), alpha)
	if n.catchUp() {
		t.Error("without a schedule")
	}
	if err := n.plan("15 2 * * *", time.UTC); err != nil {
		t.Fatal(err)
	}
	if n.catchUp() {
		t.Error("nothing was due yet")
	}
	n.now = n.now.Add(24*time.Hour + time.Minute) // a night passes, and the machine is off
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := n.Refresh(ctx, RefreshOptions{}); err == nil || !strings.Contains(err.Error(), "stopped before it was done") {
		t.Errorf("stopped: %v", err)
	}
	if state, err := ReadState(n.cfg.Dir); err != nil || state.LastRun != (Run{}) {
		t.Errorf("one that was stopped passes for one: %+v, %v", state.LastRun, err)
	}
	if !n.catchUp() || n.catchUp() {
		t.Error("not caught up with, or twice")
	}
	n.now = n.now.Add(24 * time.Hour)
	n.gathers(t, "")
	if n.now = n.now.Add(-23 * time.Hour); n.catchUp() {
		t.Error("it ran")
	}
}

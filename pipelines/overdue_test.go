package pipelines

import (
	"testing"
	"time"
)

// A refresh that was due and did not run is noticed, also after a restart.
func TestMissedRefreshes(t *testing.T) {
	bishkek, err := time.LoadLocation("Asia/Bishkek")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	p := open(t, Config{Now: func() time.Time { return now }})
	if got, err := ReadPlanned(p.cfg.Dir); err != nil || got != (Planned{}) {
		t.Errorf("%+v, %v", got, err)
	}
	if err := p.plan("15 2 * * *", bishkek); err != nil {
		t.Fatal(err)
	}
	planned, err := ReadPlanned(p.cfg.Dir)
	if err != nil {
		t.Fatal(err)
	}
	night := func(day int) time.Time { return time.Date(2026, 11, day, 2, 15, 0, 0, bishkek) }
	for _, tt := range []struct {
		last, now time.Time
		want      int
	}{
		{time.Time{}, now, 0},
		{time.Time{}, night(2).Add(2 * time.Hour), 0}, // it may be under way
		{time.Time{}, night(2).Add(4 * time.Hour), 1},
		{time.Time{}, night(4).Add(4 * time.Hour), 3},
		{night(4).Add(time.Second), night(4).Add(4 * time.Hour), 0},
		{night(2), night(4).Add(4 * time.Hour), 2},
	} {
		n, first, err := planned.Missed(Run{Started: tt.last}, tt.now)
		if err != nil || n != tt.want || n == 3 && !first.Equal(night(2)) {
			t.Errorf("last %s, now %s: %d missed since %s, want %d, %v", tt.last, tt.now, n, first, tt.want, err)
		}
	}
	now = night(6)
	if err := p.plan("15 2 * * *", bishkek); err != nil { // serve starts again
		t.Fatal(err)
	}
	if again, err := ReadPlanned(p.cfg.Dir); err != nil || !again.Since.Equal(planned.Since) {
		t.Errorf("%+v, %v: what was due before is forgotten", again, err)
	}
	if err := Unplan(p.cfg.Dir); err != nil {
		t.Fatal(err)
	}
	if n, _, err := (Planned{}).Missed(Run{}, now); n > 0 || err != nil {
		t.Errorf("without a schedule %d missed, %v", n, err)
	}
}

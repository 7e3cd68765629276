package dashboards

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"hrinvest/warehouse"
)

// opsNow is four hours after the fixture's release.
func opsNow() time.Time { return time.Date(2026, 11, 1, 4, 0, 30, 0, time.UTC) }

func sources(list ...SourceState) func(context.Context) ([]SourceState, error) {
	if list == nil {
		list = []SourceState{state("globalfund", nil)}
	}
	return func(context.Context) ([]SourceState, error) { return list, nil }
}

func state(id string, change func(*SourceState)) SourceState {
	at := opsNow().Add(-3 * time.Hour)
	s := SourceState{ID: id, Title: "Title of " + id, State: "fresh", LastCheck: at, LastSuccess: at, Documents: 2, Rows: 1234}
	if change != nil {
		change(&s)
	}
	return s
}

// The first line of the page of operations says in plain words whether all is
// well, and the table what to do.
func TestOps(t *testing.T) {
	fresh := state("globalfund", nil)
	stale := state("iati", func(s *SourceState) {
		s.Error = `get https://example.org/d?key=secret&x=1: 503`
		s.State, s.LastSuccess = "stale", opsNow().Add(-100*time.Hour)
	})
	empty := state("unaids", func(s *SourceState) {
		s.State, s.Error, s.LastSuccess, s.Documents, s.Rows = "blocked", "no answer", time.Time{}, 0, 0
	})
	held := state("ecb", func(s *SourceState) {
		s.State, s.Held = "held", []string{"12 rows, where there were 4000", "https://example.org/a?token=secret: 0 rows, where there were 100"}
	})
	gone := state("pepfar", func(s *SourceState) { s.State, s.Since = "gone", time.Date(2025, 2, 1, 0, 0, 0, 0, time.UTC) })
	never := SourceState{ID: "crs", Title: "Title of crs", State: "never"}
	rejected := state("gov", func(s *SourceState) { s.Rejected = 21 })
	quietOne := state("globalfund", func(s *SourceState) { s.LastCheck = opsNow().Add(-73 * time.Hour) })
	for name, c := range map[string]struct {
		list     []SourceState
		en, ru   string
		contains []string // on the English page
	}{
		"well":     {[]SourceState{fresh, rejected}, "✓ All is well.", "✓ Всё в порядке.", []string{"21 statements could not be read", "/en/data/rejected.csv?source=gov", "published 4 hours ago", "1 November 2026 01:00 UTC", "1,234"}},
		"stale":    {[]SourceState{fresh, stale, never}, "✗ Not fresh: Title of iati.", "✗ Не обновлено: Title of iati.", []string{"https://example.org/d?… 503", "hrinvest refresh --source iati --documents FOLDER", "as of the last success", "28 October 2026 00:00 UTC"}},
		"no data":  {[]SourceState{fresh, empty}, "✗ Not fresh: Title of unaids.", "✗ Не обновлено: Title of unaids.", []string{"Nothing of this source is in use", "not yet"}},
		"held":     {[]SourceState{fresh, held}, "✗ Waiting for approval: Title of ecb.", "✗ Ждут подтверждения: Title of ecb.", []string{"12 rows, where there were 4000", "hrinvest approve ecb", "https://example.org/a?…"}},
		"gone":     {[]SourceState{fresh, gone}, "✓ All is well.", "✓ Всё в порядке.", []string{"offline since 1 February 2025"}},
		"never":    {[]SourceState{fresh, never}, "✗ Never fetched: Title of crs.", "✗ Ни разу не получено: Title of crs.", []string{"hrinvest refresh --source crs"}},
		"quiet":    {[]SourceState{quietOne, never}, "✗ The refresh does not run: the last fetch was 3 days ago.", "✗ Обновление не работает: последний раз что-либо получено 3 дня назад.", nil},
		"not once": {[]SourceState{never}, "✗ No refresh was run here yet.", "✗ Здесь ещё не было ни одного обновления.", nil},
	} {
		s, err := New(Config{Releases: fixture(t), Sources: sources(c.list...), Now: opsNow})
		if err != nil {
			t.Fatal(err)
		}
		for lang, want := range map[string]string{"en": c.en, "ru": c.ru} {
			w := ask(t, s, "/"+lang+"/ops")
			page := squeeze(tags.ReplaceAllString(w.Body.String(), ""))
			if w.Code != 200 || !strings.Contains(page, want) {
				t.Errorf("%s: %d, no %q in %s", name, w.Code, want, page)
			}
			if w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("ETag") != "" {
				t.Errorf("%s: kept by the reader: %v", name, w.Header())
			}
			if strings.Contains(w.Body.String(), "secret") {
				t.Errorf("%s: the parameters of an address are shown", name)
			}
		}
		page := ask(t, s, "/en/ops").Body.String()
		for _, want := range c.contains {
			if !strings.Contains(page, want) {
				t.Errorf("%s: no %q", name, want)
			}
		}
	}
}

func TestOpsWithoutRelease(t *testing.T) {
	f := Follow(t.TempDir(), warehouse.Options{})
	defer f.Close()
	s, err := New(Config{Releases: f, Sources: sources()})
	if err != nil {
		t.Fatal(err)
	}
	if w := ask(t, s, "/en/ops"); w.Code != 200 || !strings.Contains(w.Body.String(), "There is no release yet") {
		t.Errorf("%d %s", w.Code, w.Body.String())
	}
	s, err = New(Config{Releases: f, Sources: func(context.Context) ([]SourceState, error) { return nil, errors.New("damaged") }})
	if err != nil {
		t.Fatal(err)
	}
	if w := ask(t, s, "/en/ops"); w.Code != 500 || strings.Contains(w.Body.String(), "damaged") {
		t.Errorf("a record that cannot be read: %d", w.Code)
	}
	if s, err = New(Config{Releases: fixture(t)}); err != nil {
		t.Fatal(err)
	}
	if w := ask(t, s, "/en/ops"); w.Code != 404 {
		t.Errorf("without Sources: %d, want no such page", w.Code)
	}
	if w := ask(t, s, "/en/sources"); strings.Contains(w.Body.String(), "/en/ops") {
		t.Error("a link to a page that is not there")
	}
}

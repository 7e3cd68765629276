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
	unread := state("pepfar", func(s *SourceState) {
		s.State, s.Defect = "unread", "parsing pepfar: panic: boom (after row 4 of https://example.org/a?token=secret)"
	})
	held := state("ecb", func(s *SourceState) {
		s.State, s.HeldID, s.Held = "held", "12ab34cd", []string{"12 rows, where there were 4000", "https://example.org/a?token=secret: 0 rows, where there were 100"}
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
		"stale":    {[]SourceState{fresh, stale, never}, "✗ Not fresh: IATI activity files.", "✗ Не обновлено: Файлы деятельности ИАТИ (IATI).", []string{"https://example.org/d?… 503", "hrinvest refresh --source iati --documents FOLDER", "as of the last success", "28 October 2026 00:00 UTC"}},
		"no data":  {[]SourceState{fresh, empty}, "✗ Not fresh: AIDSinfo: HIV expenditure by source, people who inject drugs.", "✗ Не обновлено: AIDSinfo: расходы на ВИЧ по источникам, люди, употребляющие инъекционные наркотики.", []string{"Nothing of this source is in use", "not yet"}},
		"held":     {[]SourceState{fresh, held}, "✗ Waiting for approval: Euro foreign exchange reference rates.", "✗ Ждут подтверждения: Справочные курсы евро.", []string{"12 rows, where there were 4000", "<code>hrinvest approve ecb 12ab34cd</code>", "https://example.org/a?…"}},
		"unread":   {[]SourceState{fresh, stale, unread}, "✗ Cannot be read: PEPFAR budgets and expenditures.", "✗ Не читается: Бюджеты и расходы ПЕПФАР.", []string{"panic: boom (after row 4 of https://example.org/a?…", "<code>hrinvest doctor</code>"}},
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

// What was missed, and what failed, is said first, with the command to copy.
func TestOpsLastRun(t *testing.T) {
	due := time.Date(2026, 10, 30, 2, 15, 0, 0, time.FixedZone("", 6*60*60))
	for name, c := range map[string]struct {
		run    RunState
		en, ru string
		also   map[string][]string // by language
	}{
		"missed": {RunState{Missed: 2, FirstDue: due, Schedule: "15 2 * * *", Zone: "Asia/Bishkek"}, "✗ 2 scheduled refreshes did not run.", "✗ 2 обновления по расписанию не выполнены.", map[string][]string{
			"en": {"The first was due at 30 October 2026 02:15 Asia/Bishkek (15 2 * * *).", "<code>hrinvest refresh</code>"},
			"ru": {"Первое должно было начаться 30.10.2026 02:15 Asia/Bishkek (15 2 * * *).", "<code>hrinvest refresh</code>"}}},
		"failed": {RunState{Started: opsNow(), Error: "no space left on https://example.org/?key=secret"}, "✗ The last refresh failed", "✗ Последнее обновление не удалось", map[string][]string{
			"en": {"1 November 2026 04:00 UTC", "no space left on https://example.org/?…"}, "ru": {"no space left"}}},
		"rolled back": {RunState{RolledBack: "20261031T000000Z-1a2b3c4d", RolledAt: opsNow()}, "✓ All is well.", "✓ Всё в порядке.", map[string][]string{
			"en": {"was rolled back on 1 November 2026", "<code>hrinvest rollback 20261031T000000Z-1a2b3c4d</code>"}, "ru": {"отменён 01.11.2026", "<code>hrinvest rollback"}}},
		"damaged": {RunState{Damaged: true}, "✓ All is well.", "✓ Всё в порядке.", map[string][]string{"en": {"record of the refreshes is damaged"}, "ru": {"повреждена"}}},
	} {
		s, err := New(Config{Releases: fixture(t), Sources: sources(state("iati", nil)), Now: opsNow, LastRun: func(context.Context) (RunState, error) { return c.run, nil }})
		if err != nil {
			t.Fatal(err)
		}
		for lang, want := range map[string]string{"en": c.en, "ru": c.ru} {
			body := strings.ReplaceAll(ask(t, s, "/"+lang+"/ops").Body.String(), "\u00a0", " ")
			for _, want := range append(c.also[lang], want) {
				if !strings.Contains(squeeze(tags.ReplaceAllString(body, "")), want) && !strings.Contains(body, want) {
					t.Errorf("%s, %s: no %q in %s", name, lang, want, body)
				}
			}
			if strings.Contains(body, "secret") {
				t.Errorf("%s: the parameters of an address are shown", name)
			}
		}
	}
}

// In a terminal every word is of the language asked for, and every command finds
// the data directory.
func TestOperationsText(t *testing.T) {
	o := Operations{Now: opsNow(), Suffix: " --data /srv", Release: &warehouse.Release{ID: "20261101T000000Z-1a2b3c4d", BuiltAt: opsNow().Add(-4 * time.Hour)},
		Run: RunState{Started: opsNow(), Error: "one\ntwo", Missed: 1, FirstDue: opsNow(), Schedule: "15 2 * * *"}, Missed: map[string]string{"iati": "three of 200"},
		Sources: []SourceState{state("iati", nil), state("ecb", func(s *SourceState) { s.State, s.HeldID, s.Held = "held", "12ab34cd", []string{"12 rows"} }),
			state("crs", func(s *SourceState) { s.State, s.Error = "stale", "503" })}}
	for lang, wants := range map[string][]string{
		"en": {"published 2026-11-01T00:00:30Z (4 hours ago)", "published nothing: one\n    two", "missed: 1, the first was due at 2026-11-01T04:00:30Z (15 2 * * *)",
			" hrinvest approve ecb 12ab34cd --data /srv\n", "because: 12 rows", "hrinvest refresh --source crs --documents FOLDER --data /srv\n", "three of 200"},
		"ru": {"4 часа назад", "пропущено обновлений по расписанию: 1", "причина: 12 rows", " hrinvest approve ecb 12ab34cd --data /srv\n", "--documents ПАПКА --data /srv", "источник"},
	} {
		var b strings.Builder
		if err := o.WriteText(&b, lang); err != nil {
			t.Fatal(err)
		}
		for _, want := range wants {
			if !strings.Contains(strings.ReplaceAll(b.String(), "\u00a0", " "), want) {
				t.Errorf("%s: no %q in\n%s", lang, want, b.String())
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

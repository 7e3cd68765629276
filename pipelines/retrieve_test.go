package pipelines

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
	"hrinvest/extractors/fetch/fetchtest"
)

// One part of a source that fails is not the whole of it: however long, and
// whatever with, somebody is to hear of it.
func TestOnePartFails(t *testing.T) {
	alpha := tables{id: "alpha", names: []string{"a", "b"}}
	for _, kind := range []fetchtest.Kind{fetchtest.Forbidden, fetchtest.Missing} {
		s := publish(t, alpha)
		n := nights(t, s, alpha)
		n.gathers(t, "")
		s.Break(fetchtest.Fault{Kind: kind, Match: "/a.csv"})
		n.gathers(t, "")
		n.now = n.now.Add(40 * 24 * time.Hour)
		if r := n.gathers(t, ""); !r.Stale() || r.Sources[0].Had != 1 || n.stands(t, alpha) != "stale 2026-11-02" {
			t.Errorf("%s of a part: stale %v, %s", kind, r.Stale(), n.stands(t, alpha))
		}
		s.Break(fetchtest.Fault{Kind: kind})
		n.gathers(t, "") // now all of it, for one night
		want := map[fetchtest.Kind]string{fetchtest.Forbidden: "blocked 2026-11-02", fetchtest.Missing: "stale 2026-11-02"}[kind]
		if got := n.stands(t, alpha); got != want {
			t.Errorf("%s of all: %s, want %s", kind, got, want)
		}
	}
}

// bundling is a source of which this project compiled an extract.
type bundling struct {
	tables
	files fstest.MapFS
}

func (b bundling) Bundled() fs.FS { return b.files }

func extract(s tables, names ...string) fstest.MapFS {
	index := "url,file,compiled,cites\n"
	files := fstest.MapFS{}
	for _, name := range names {
		index += fmt.Sprintf("%s,%s.csv,2025-01-01,https://example.org\n", s.address(name), name)
		files[name+".csv"] = &fstest.MapFile{Data: []byte(table("extract-"+name, 15, 100))}
	}
	files["index.csv"] = &fstest.MapFile{Data: []byte(index)}
	return files
}

// A refresh from the bundled documents takes nothing away from what was fetched,
// and leaves the record of it as it is.
func TestOfflineOverLiveDocuments(t *testing.T) {
	alpha := tables{id: "alpha", names: []string{"a", "b"}}
	s := publish(t, alpha)
	n := nights(t, s, alpha)
	src := bundling{alpha, extract(alpha, "a", "b")}
	n.cfg.Sources = []extractors.Source{src}
	n.cfg.Offline = true
	n.gathers(t, "")
	if got := n.inUse(t); !strings.HasPrefix(got, "30 ") || n.stands(t, alpha) != "never 0001-01-01" {
		t.Errorf("bundled: %s, %s", got, n.stands(t, alpha))
	}
	src.files, src.names = extract(alpha, "a"), []string{"a"}
	n.cfg.Sources = []extractors.Source{src}
	if n.gathers(t, ""); !strings.HasPrefix(n.inUse(t), "15 ") {
		t.Errorf("an extract that this program no longer carries: %s", n.inUse(t))
	}
	n.cfg.Offline, src.names = false, alpha.names
	n.cfg.Sources = []extractors.Source{src}
	n.gathers(t, "")
	s.edit(alpha.address("a"), table("a", 5, 100))
	n.gathers(t, "")
	before, held, state := n.inUse(t), n.ledger(t).shelf("alpha").Held, n.state(t, "alpha")
	if !strings.HasPrefix(before, "400 ") || held == nil {
		t.Fatalf("%s, held %+v", before, held)
	}
	n.cfg.Offline = true
	src.files = extract(alpha, "a")
	n.cfg.Sources = []extractors.Source{src}
	for range 2 {
		n.gathers(t, "")
	}
	after := n.state(t, "alpha")
	if n.inUse(t) != before || n.ledger(t).shelf("alpha").Held == nil || !after.LastSuccess.Equal(state.LastSuccess) || !after.HeldSince.Equal(state.HeldSince) || !after.LastCheck.Equal(state.LastCheck) {
		t.Errorf("%s in use, was %s; held %v; state %+v, was %+v", n.inUse(t), before, n.ledger(t).shelf("alpha").Held, after, state)
	}
}

// A first fetch that failed in part is no measure: the whole that comes later is
// not held back for being more.
func TestFirstFetchInPart(t *testing.T) {
	alpha := tables{id: "alpha", names: []string{"a", "b", "c"}}
	s := publish(t, alpha)
	n := nights(t, s, alpha)
	s.Break(fetchtest.Fault{Kind: fetchtest.Down, Match: "/c.csv"})
	s.edit(alpha.address("c"), table("c", 200, 100_000))
	n.gathers(t, "")
	if got := n.inUse(t); !strings.HasPrefix(got, "400 ") {
		t.Errorf("in part: %s", got)
	}
	s.Break(fetchtest.Fault{})
	if r := n.gathers(t, ""); r.Held() || !strings.HasPrefix(n.inUse(t), "600 ") {
		t.Errorf("held %q, %s", r.Sources[0].Held, n.inUse(t))
	}
	s.edit(alpha.address("c"), table("c", 200, 100))
	if r := n.gathers(t, ""); !r.Held() {
		t.Error("from then on sums are compared")
	}
}

// Of a fetch that failed in part nothing is held back, and what was held back
// before goes on waiting, since when it does.
func TestHolds(t *testing.T) {
	alpha := tables{id: "alpha", names: []string{"a", "b"}}
	s := publish(t, alpha)
	n := nights(t, s, alpha)
	n.gathers(t, "")
	before := n.inUse(t)
	s.edit(alpha.address("a"), table("a", 200, 100_000))
	s.Break(fetchtest.Fault{Kind: fetchtest.Down, Match: "/b.csv"})
	if r := n.gathers(t, ""); r.Held() || !r.Stale() || n.inUse(t) != before || !strings.Contains(r.Sources[0].Error, "left out: the total of expenditure USD") {
		t.Errorf("in part: held %q, %q, %s", r.Sources[0].Held, r.Sources[0].Error, n.inUse(t))
	}
	if err := n.approves(t, "alpha", ""); !errors.Is(err, ErrNothingHeld) {
		t.Errorf("half of it was approved: %v", err)
	}
	s.Break(fetchtest.Fault{})
	n.gathers(t, "")
	first := n.ledger(t).shelf("alpha").Held
	if first == nil || n.stands(t, alpha) != "held 2026-11-03" {
		t.Fatalf("%+v, %s", first, n.stands(t, alpha))
	}
	s.Break(fetchtest.Fault{Kind: fetchtest.Down, Match: "/a.csv"})
	s.edit(alpha.address("b"), table("b", 201, 100))
	if r := n.gathers(t, ""); !r.Held() || !strings.HasPrefix(n.inUse(t), "401 ") || n.ledger(t).shelf("alpha").Held.id() != first.id() {
		t.Errorf("while the rest goes on: held %v, %s", r.Held(), n.inUse(t))
	}
	s.Break(fetchtest.Fault{})
	s.edit(alpha.address("a"), table("a", 200, 200_000))
	r := n.gathers(t, "")
	if got := n.stands(t, alpha); got != "held 2026-11-03" || r.Sources[0].HeldID == first.id() || n.state(t, "alpha").HeldID != r.Sources[0].HeldID {
		t.Errorf("something else wrong: %s, %s", got, r.Sources[0].HeldID)
	}
	if err := n.approves(t, "alpha", first.id()); !errors.Is(err, ErrNothingHeld) || !strings.Contains(err.Error(), r.Sources[0].HeldID) {
		t.Errorf("what was looked at is not what is held back: %v", err)
	}
	if err := n.approves(t, "alpha", r.Sources[0].HeldID); err != nil || !strings.HasPrefix(n.inUse(t), "401 ") {
		t.Errorf("approved: %v, %s", err, n.inUse(t))
	}
}

// A part that is gone for good does not keep the rest from being judged for ever.
func TestPartGoneForGood(t *testing.T) {
	alpha := tables{id: "alpha", names: []string{"a", "b", "c"}}
	s := publish(t, alpha)
	n := nights(t, s, alpha)
	s.Break(fetchtest.Fault{Kind: fetchtest.Missing, Match: "/c.csv"})
	n.gathers(t, "")
	s.edit(alpha.address("a"), table("a", 200, 100_000))
	if n.gathers(t, ""); n.ledger(t).shelf("alpha").Held != nil { // the first was no measure, and this one is none either
		t.Error("held back")
	}
	n.now = n.now.Add(7 * 24 * time.Hour)
	n.gathers(t, "")
	s.edit(alpha.address("a"), table("a", 200, 100))
	if r := n.gathers(t, ""); !r.Held() || !r.Stale() {
		t.Errorf("held %q, stale %v", r.Sources[0].Held, r.Stale())
	}
	if err := n.approves(t, "alpha", ""); err != nil || !strings.HasPrefix(n.inUse(t), "400 41") {
		t.Errorf("%v, %s", err, n.inUse(t))
	}
}

// A little less every night is held back when it has become much.
func TestSlowDecline(t *testing.T) {
	alpha := tables{id: "alpha", names: []string{"a"}}
	s := publish(t, alpha)
	n := nights(t, s, alpha)
	rows := 200
	for range 2 {
		n.gathers(t, "")
		rows = rows * 81 / 100
		s.edit(alpha.address("a"), table("a", rows, 100))
	}
	r := n.gathers(t, "")
	if !r.Held() || !strings.Contains(strings.Join(r.Sources[0].Held, ";"), "where there once were 200") || !strings.HasPrefix(n.inUse(t), "162 ") {
		t.Fatalf("held %q, %s", r.Sources[0].Held, n.inUse(t))
	}
	if err := n.approves(t, "alpha", ""); err != nil {
		t.Fatal(err)
	}
	if r := n.gathers(t, ""); r.Held() || !strings.HasPrefix(n.inUse(t), fmt.Sprint(rows, " ")) {
		t.Errorf("approved, and held %q", r.Sources[0].Held)
	}
}

// What was handed over in place of all that is published does not count beside a
// part of it.
func TestGivenBesideAPart(t *testing.T) {
	alpha := tables{id: "alpha", names: []string{"a", "b"}}
	s := publish(t, alpha)
	n := nights(t, s, alpha)
	given := t.TempDir()
	write(t, filepath.Join(given, "mine.csv"), table("mine", 20, 100))
	n.gathers(t, given, "alpha")
	s.Break(fetchtest.Fault{Kind: fetchtest.Down, Match: "/b.csv"})
	if n.gathers(t, ""); !strings.HasPrefix(n.inUse(t), "20 ") {
		t.Errorf("beside a part: %s", n.inUse(t))
	}
	s.Break(fetchtest.Fault{})
	if n.gathers(t, ""); !strings.HasPrefix(n.inUse(t), "400 ") {
		t.Errorf("beside all: %s", n.inUse(t))
	}
}

// own is a source with sheets of this project's own, or of a team.
type own struct {
	bundling
	sheets []string
}

func (o own) Fetch(ctx context.Context, c *fetch.Client, keep func(fetch.Document) error) error {
	for _, address := range o.sheets {
		d, err := c.Get(ctx, fetch.Request{URL: address, Shape: fetch.CSV})
		if err != nil {
			return err
		}
		d.Role = "table"
		if err := keep(d); err != nil {
			return err
		}
	}
	return nil
}

// When a team no longer keeps a sheet, ours are back.
func TestOwnSheetsComeBack(t *testing.T) {
	alpha := tables{id: "alpha", names: []string{"team"}, additive: true}
	s := publish(t, alpha)
	n := nights(t, s, alpha)
	files := fstest.MapFS{"index.csv": {Data: []byte("url,file,compiled,cites\nurn:hrinvest:alpha,ours.csv,2025-01-01,https://example.org\n")}, "ours.csv": {Data: []byte(table("ours", 15, 100))}}
	for _, tt := range []struct{ sheet, want string }{{"urn:hrinvest:alpha", "15 "}, {alpha.address("team"), "200 "}, {"urn:hrinvest:alpha", "15 "}} {
		n.cfg.Sources = []extractors.Source{own{bundling{alpha, files}, []string{tt.sheet}}}
		if n.gathers(t, ""); !strings.HasPrefix(n.inUse(t), tt.want) {
			t.Errorf("%s: %s in use, want %s", tt.sheet, n.inUse(t), tt.want)
		}
	}
}

// listing asks for a list, whole, before its table.
type listing struct{ tables }

func (l listing) Fetch(ctx context.Context, c *fetch.Client, keep func(fetch.Document) error) error {
	if _, err := c.Get(ctx, fetch.Request{URL: l.address("list"), Shape: fetch.CSV, Whole: true}); err != nil {
		return err
	}
	return l.tables.Fetch(ctx, c, keep)
}

// crashing cannot bear a document.
type crashing struct{ tables }

func (crashing) Parse(context.Context, extractors.Set, extractors.Sink) error { panic("boom") }

// A dry run stores nothing, not even lists; it says no to what cannot be read, and
// survives a defect of a source.
func TestTrySaysNo(t *testing.T) {
	alpha := tables{id: "alpha", names: []string{"a"}}
	s := publish(t, alpha)
	s.edit(alpha.address("list"), "name\na\n")
	n := nights(t, s, alpha)
	try := func(src extractors.Source) Trial {
		t.Helper()
		n.cfg.Sources = []extractors.Source{src}
		trials, err := n.Try(t.Context(), nil, func(Trial) {})
		if err != nil || len(trials) != 1 {
			t.Fatalf("%+v, %v", trials, err)
		}
		if files, err := filepath.Glob(n.path("documents", "*")); err != nil || len(files) > 0 {
			t.Errorf("stored %q, %v", files, err)
		}
		return trials[0]
	}
	if got := try(listing{alpha}); got.Error != "" || got.Rows != 200 {
		t.Errorf("with a list: %+v", got)
	}
	if got := try(crashing{alpha}); !strings.Contains(got.Error, "panic: boom") {
		t.Errorf("a defect: %+v", got)
	}
	s.edit(alpha.address("a"), "key,amount\n\"a,1\nb,2\n") // a quotation mark that is never closed
	if got := try(alpha); !strings.Contains(got.Error, "nothing of it can be read") {
		t.Errorf("nothing to be read: %+v", got)
	}
	s.edit(alpha.address("a"), table("a", 20_000, 100))
	if got := try(alpha); got.Error != "" {
		t.Errorf("the beginning of a long table: %+v", got)
	}
}

// A defect of one source while a release is made ends that build, not the program;
// the last release stays, and where it happened is in the log.
func TestDefectWhileBuilding(t *testing.T) {
	alpha := tables{id: "alpha", names: []string{"a"}}
	s := publish(t, alpha)
	n := nights(t, s, alpha)
	n.pass(t)
	before := n.rows(t)
	var log bytes.Buffer
	n.cfg.Log = slog.New(slog.NewTextHandler(&log, nil))
	n.cfg.Sources = []extractors.Source{crashing{alpha}}
	_, err := n.Refresh(t.Context(), RefreshOptions{})
	if err == nil || !strings.Contains(err.Error(), "parsing alpha: panic: boom") || n.rows(t) != before {
		t.Errorf("%v, %s", err, n.rows(t))
	}
	if !strings.Contains(log.String(), "crashing.Parse") {
		t.Errorf("the log does not say where: %s", log.String())
	}
	state, err := ReadState(n.cfg.Dir)
	if err != nil || !strings.Contains(state.LastRun.Error, "boom") || state.Sources["alpha"].Rows != 200 {
		t.Errorf("the record of it: %+v, %v", state, err)
	}
}

// Of a source of editions, none overwrites another of the same day.
func TestThreeEditionsOfADay(t *testing.T) {
	at := time.Date(2026, 11, 1, 2, 0, 0, 0, time.UTC)
	s := newSet(nil, true)
	for i := range 4 {
		s.put(fetch.Document{URL: "https://a.example/list", SHA256: fmt.Sprint(i), Origin: fetch.Live, Retrieved: at.Add(time.Duration(i) * time.Hour)})
	}
	if got := s.list(); len(got) != 4 {
		t.Errorf("%d editions of 4", len(got))
	}
}

// A disk that is full is no fault of the publisher.
func TestCauses(t *testing.T) {
	if got := causeOf(fmt.Errorf("fetching: %w", errors.Join(fetch.ErrStore, fetch.ErrNotFound))); got != CauseDisk {
		t.Error(got)
	}
	if _, err := New(Config{Dir: t.TempDir(), KeepReleases: -1}); err == nil {
		t.Error("no release would be kept")
	}
}

package pipelines

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"hrinvest/extractors"
	"hrinvest/extractors/evidence"
	"hrinvest/extractors/extractorstest"
	"hrinvest/extractors/fetch"
	"hrinvest/warehouse"
)

func open(t *testing.T, cfg Config) *Pipeline {
	t.Helper()
	if cfg.Dir == "" {
		cfg.Dir = t.TempDir()
	}
	p, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func refresh(t *testing.T, p *Pipeline, opt RefreshOptions) *Report {
	t.Helper()
	r, err := p.Refresh(t.Context(), opt)
	if err != nil {
		t.Fatalf("refresh: %v", err)
	}
	return r
}

// one asks the current release for one value.
func one(t *testing.T, dir, query string) string {
	t.Helper()
	r, err := warehouse.Current(dir)
	if err != nil {
		t.Fatal(err)
	}
	db, err := warehouse.Open(r.Path, warehouse.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	res, err := db.Query(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Rows) != 1 {
		t.Fatalf("%d rows, want 1: %s", len(res.Rows), query)
	}
	var out []string
	for _, v := range res.Rows[0] {
		out = append(out, warehouse.Text(v))
	}
	return strings.Join(out, " ")
}

// bundles says whether anything was compiled for a source.
func bundles(id string) bool {
	i := slices.IndexFunc(Sources(Settings{}), func(s extractors.Source) bool { return s.Info().ID == id })
	return Sources(Settings{})[i].Bundled() != nil
}

// The bundled documents make a release; the same documents make nothing new,
// and the same hash in another place at another time.
func TestRefreshBundled(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	reg := prometheus.NewRegistry()
	p := open(t, Config{Offline: true})
	reg.MustRegister(Metrics(p.cfg.Dir, p.Sources(), time.Now))
	start := time.Now()
	r := refresh(t, p, RefreshOptions{})
	if took := time.Since(start); took > 60*time.Second { // 5 s without the race detector; see BenchmarkRefreshBundled
		t.Errorf("took %s", took)
	}
	if r.Release == "" || r.NothingNew || r.Stale() {
		t.Fatalf("report = %+v", r)
	}
	for _, s := range r.Sources {
		if !bundles(s.Source) {
			continue
		}
		if s.Parsed != s.Loaded+s.OutOfScope+s.Rejected || s.Parsed+s.Observations == 0 || s.Rejected > 0 || !s.Bundled {
			t.Errorf("source %+v", s)
		}
	}
	for name, f := range map[string]func(*testing.T, string){"seed project": seedProject, "no implementer where it harms": noImplementer, "flows sum to what was published": flowsSum} {
		t.Run(name, func(t *testing.T) { f(t, p.cfg.Dir) })
	}
	again := refresh(t, p, RefreshOptions{})
	if !again.NothingNew || again.Release != r.Release {
		t.Errorf("second refresh: %+v", again)
	}
	elsewhere := open(t, Config{Offline: true, Now: func() time.Time { return time.Now().AddDate(0, 0, 3) }})
	if e := refresh(t, elsewhere, RefreshOptions{}); e.Hash != r.Hash {
		t.Errorf("hash elsewhere = %s, want %s", e.Hash, r.Hash)
	}
	for _, m := range []string{"hrinvest_source_stale", "hrinvest_source_unread", "hrinvest_source_fetch_failures_total", "hrinvest_source_documents", "hrinvest_source_rows",
		"hrinvest_source_rejected", "hrinvest_source_parse_seconds", "hrinvest_release_age_seconds"} {
		if n, err := testutil.GatherAndCount(reg, m); err != nil || n == 0 {
			t.Errorf("metric %s: %d series, %v", m, n, err)
		}
	}
	if n, err := testutil.GatherAndCount(reg, "hrinvest_source_last_success_timestamp_seconds"); err != nil || n > 0 {
		t.Errorf("nobody was asked, and %d sources had success, %v", n, err)
	}
}

// The project the tool grew from is found again: the total once, the member's
// first year as a part of it, not added to it.
func seedProject(t *testing.T, dir string) {
	got := one(t, dir, `SELECT sum(usd) FILTER (counted), sum(usd) FILTER (NOT counted), count(DISTINCT country), min(funder), min(funder_type)
		FROM flows WHERE source = 'projectpages'`)
	if want := "1455000.000000 86454.200000 0 Robert Carr Fund philanthropic"; got != want {
		t.Errorf("seed project = %s, want %s", got, want)
	}
	got = one(t, dir, `SELECT p.amount_published, w.amount_published, f.excluded_by, f.region, f.year
		FROM disclosures p JOIN disclosures w ON w.disclosure_id = p.part_of JOIN flows f ON f.disclosure_id = p.disclosure_id WHERE p.source = 'projectpages'`)
	if want := "86454.200000 1455000.000000 part_of EECA 2016"; got != want {
		t.Errorf("part = %s, want %s", got, want)
	}
}

// Where naming can harm, no column of any table names the implementer of a grant.
func noImplementer(t *testing.T, dir string) {
	r, err := warehouse.Current(dir)
	if err != nil {
		t.Fatal(err)
	}
	db, err := warehouse.Open(r.Path, warehouse.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tables, err := db.Schema(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		for _, c := range table.Columns {
			if c.Type != "VARCHAR" {
				continue
			}
			// grant codes end in their recipient's name
			res, err := db.Query(t.Context(), fmt.Sprintf(`SELECT count(*) FROM "%s" WHERE regexp_matches("%s", '(RUS|BLR)-[A-Z]-[A-Z]')`, table.Name, c.Name))
			if err != nil {
				t.Fatal(err)
			}
			if n := warehouse.Text(res.Rows[0][0]); n != "0" {
				t.Errorf("%s.%s: %s rows", table.Name, c.Name, n)
			}
		}
	}
}

// Every loaded statement's flows sum to what was published, to the last digit.
func flowsSum(t *testing.T, dir string) {
	got := one(t, dir, `SELECT count(*) FROM (
		SELECT d.disclosure_id FROM disclosures d LEFT JOIN flows f USING (disclosure_id)
		WHERE d.outcome = 'loaded' GROUP BY ALL HAVING sum(f.amount) IS DISTINCT FROM any_value(d.amount_published))`)
	if got != "0" {
		t.Errorf("%s statements whose flows do not sum to them", got)
	}
}

// failing is a source whose publisher answers 503.
type failing struct{ extractors.Source }

func (f failing) Fetch(ctx context.Context, c *fetch.Client, keep func(fetch.Document) error) error {
	return errors.New("503 Service Unavailable")
}

// panicking is a source whose Fetch has a defect.
type panicking struct{ extractors.Source }

func (panicking) Fetch(context.Context, *fetch.Client, func(fetch.Document) error) error {
	panic("boom")
}

// A source that fails keeps its last good documents and never blocks the others.
func TestFailingSourceKeepsWhatWasKnown(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	dir := t.TempDir()
	sources := Sources(Settings{})
	first := refresh(t, open(t, Config{Dir: dir, Offline: true, Sources: sources}), RefreshOptions{})
	broken := append([]extractors.Source{}, sources...)
	for i, s := range broken {
		switch s.Info().ID {
		case "unaids":
			broken[i] = failing{s}
		case "globalfund":
			broken[i] = panicking{s}
		}
	}
	r := refresh(t, open(t, Config{Dir: dir, Offline: true, Sources: broken}), RefreshOptions{})
	if !r.Stale() || r.Hash != first.Hash {
		t.Errorf("stale %v, hash changed %v", r.Stale(), r.Hash != first.Hash)
	}
	for _, s := range r.Sources {
		if !bundles(s.Source) {
			continue
		}
		state, err := ReadState(dir)
		if err != nil {
			t.Fatal(err)
		}
		bad := s.Source == "unaids" || s.Source == "globalfund"
		if (s.Error != "") != bad || s.Documents == 0 {
			t.Errorf("source %+v", s)
		}
		if got := state.Sources[s.Source]; got.Error != "" || !got.LastSuccess.IsZero() || got.Failures > 0 || got.Rows != s.Loaded+s.Observations {
			t.Errorf("nobody was asked, and the state of %s is %+v", s.Source, got)
		}
	}
}

// Without a network only our own sheets of evidence are there, and the report
// says which sources could not be fetched.
func TestRefreshWithoutNetwork(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	p := open(t, Config{Fetch: fetch.Config{Transport: refusing{}, Pace: 1, Retry: fetch.Retry{First: 1}}})
	r := refresh(t, p, RefreshOptions{})
	for _, s := range r.Sources {
		if own := s.Source == "evidence"; own == (s.Error != "") || own != (s.Documents > 0) {
			t.Errorf("source %+v", s)
		}
	}
	if got := one(t, p.cfg.Dir, "SELECT count(*) FROM flows WHERE source <> 'evidence'"); got != "0" {
		t.Errorf("%s flows from nothing", got)
	}
}

type refusing struct{}

func (refusing) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("no network")
}

// A folder of files stands in for the network; bad rows are listed, good rows
// load, files of no source are named.
func TestDocumentsStandInForFetch(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	given := t.TempDir()
	var sheet strings.Builder
	if err := evidence.WriteTemplate(&sheet, "en", "csv"); err != nil {
		t.Fatal(err)
	}
	header := strings.Split(strings.TrimSpace(strings.SplitN(sheet.String(), "\n", 2)[0]), ",")
	cell := map[string]string{"id": "a", "kind": "expenditure", "amount": "100", "currency": "USD", "year": "2023", "country": "KGZ", "intervention": "nsp",
		"funder": "Somebody", "citation_title": "Report", "citation_url": "https://example.org/r", "page": "3", "quote": "one hundred", "entered_by": "researcher", "confidence": "high"}
	line := func(changes map[string]string) string {
		var out []string
		for _, h := range header {
			h = strings.TrimPrefix(strings.TrimSpace(h), "\ufeff")
			v := cell[h]
			if c, ok := changes[h]; ok {
				v = c
			}
			out = append(out, v)
		}
		return strings.Join(out, ",")
	}
	write(t, filepath.Join(given, "sheet.csv"), strings.Join([]string{strings.Join(header, ","), line(nil), line(map[string]string{"id": "b", "amount": "much"})}, "\n")+"\n")
	write(t, filepath.Join(given, "notes.txt"), "nothing of ours")
	p := open(t, Config{Offline: true})
	refresh(t, p, RefreshOptions{})
	r := refresh(t, p, RefreshOptions{Only: []string{"evidence"}, Documents: given})
	for _, s := range r.Sources {
		if s.Source == "evidence" && (s.Loaded != 1 || s.Rejected != 1 || s.Bundled || len(s.Unknown) != 1 || s.Unknown[0] != "notes.txt") {
			t.Errorf("report = %+v", s)
		}
	}
	if got := one(t, p.cfg.Dir, "SELECT sum(usd), min(origin), count(*) FROM flows WHERE source = 'evidence'"); got != "100.000000 given 1" {
		t.Errorf("flows = %s: the bundled documents must give way to the given ones", got)
	}
	if got := one(t, p.cfg.Dir, "SELECT count(*) FROM rejected WHERE source = 'evidence'"); got != "1" {
		t.Errorf("rejected = %s", got)
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// One writer at a time.
func TestLock(t *testing.T) {
	p := open(t, Config{Offline: true})
	unlock, err := p.lock()
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	if _, err := p.Refresh(t.Context(), RefreshOptions{}); !errors.Is(err, ErrLocked) {
		t.Errorf("Refresh of a locked directory = %v", err)
	}
	if _, err := p.Build(t.Context(), BuildOptions{}); !errors.Is(err, ErrLocked) {
		t.Errorf("Build of a locked directory = %v", err)
	}
}

// A refresh that is stopped leaves the last release and no litter.
func TestStoppedRefresh(t *testing.T) {
	p := open(t, Config{Offline: true})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Refresh(ctx, RefreshOptions{}); err == nil {
		t.Fatal("no error")
	}
	left, err := fs.Glob(os.DirFS(p.cfg.Dir), ".spool-*")
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if _, err := warehouse.Current(p.cfg.Dir); !errors.Is(err, warehouse.ErrNoRelease) {
		t.Errorf("current = %v", err)
	}
}

// Old releases go, the current one stays.
func TestPrune(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	dir := t.TempDir()
	at := time.Date(2026, 11, 1, 2, 15, 0, 0, time.UTC)
	cfg := Config{Dir: dir, Offline: true, KeepReleases: 1, Now: func() time.Time { at = at.Add(time.Hour); return at }}
	first := refresh(t, open(t, cfg), RefreshOptions{Only: []string{"evidence"}})
	second := refresh(t, open(t, cfg), RefreshOptions{Only: []string{"projectpages"}})
	left, err := warehouse.Releases(dir)
	if err != nil || len(left) != 1 || left[0].ID != second.Release || first.Release == second.Release {
		t.Errorf("left %v, %v; want only %s", left, err, second.Release)
	}
}

func TestUnknownSource(t *testing.T) {
	if _, err := open(t, Config{Offline: true}).Refresh(t.Context(), RefreshOptions{Only: []string{"nobody"}}); !errors.Is(err, ErrUnknownSource) {
		t.Errorf("error = %v", err)
	}
}

// The schedule runs in this process, once at a time, and stops with its context.
func TestSchedule(t *testing.T) {
	if err := CheckSchedule("15 2 * * *"); err != nil {
		t.Error(err)
	}
	if err := CheckSchedule("at night"); err == nil {
		t.Error("nonsense was accepted")
	}
	p := open(t, Config{Offline: true})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- p.Schedule(ctx, "@every 1s", time.UTC) }()
	for range 600 {
		if _, err := warehouse.Current(p.cfg.Dir); err == nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if _, err := warehouse.Current(p.cfg.Dir); err != nil {
		t.Errorf("no release after the schedule ran: %v", err)
	}
}

// The corpus of published Global Fund budgets, through the whole pipeline.
func TestCorpusGlobalFundBudgets(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	dir := extractorstest.Corpus(t, "global-fund", "budgets")
	p := open(t, Config{})
	refresh(t, p, RefreshOptions{Only: []string{"globalfund"}, Documents: dir})
	if got := one(t, p.cfg.Dir, "SELECT round(sum(usd))::BIGINT FROM flows WHERE hr_rule LIKE 'gf-gc7-%' AND population = 'pwid' AND counted"); got != "157838939" {
		t.Errorf("people who use drugs worldwide = %s, want 157838939", got)
	}
	if got := one(t, p.cfg.Dir, `SELECT round(sum(usd))::BIGINT FROM flows WHERE hr_rule LIKE 'gf-gc7-%' AND population = 'pwid' AND counted
		AND country IN ('UKR','BLR','UZB','GEO','TJK','AZE','KGZ','MDA','RUS','KAZ','ARM','MNE','XKX')`); got != "50969878" {
		t.Errorf("people who use drugs in Eastern Europe and Central Asia = %s, want 50969878", got)
	}
}

// Published activities, through the whole pipeline: totals by hand from the files.
func TestCorpusActivities(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	dir := extractorstest.Corpus(t, "iati", "public-activities")
	p := open(t, Config{})
	refresh(t, p, RefreshOptions{Only: []string{"iati"}, Documents: dir})
	for _, tt := range []struct{ name, query, want string }{
		{"expenditure counts, its mirror does not",
			`SELECT sum(amount) FILTER (kind = 'expenditure' AND counted), sum(amount) FILTER (kind = 'disbursement' AND excluded_by = 'mirror'), any_value(funder)
			 FROM flows WHERE activity_id = 'NL-KVK-34148682-BridgingtheGaps-PUDUkraine'`, "1375307.780000 1375309.000000 Aidsfonds"},
		{"85 budgets on three one-day periods all stand",
			`SELECT sum(amount), count(DISTINCT disclosure_id) FROM flows WHERE activity_id = '47045-MNE-H-MoH-3' AND kind = 'budget' AND counted`, "923644.300000 85"},
		{"the reimbursement is signed as published",
			`SELECT sum(amount) FILTER (kind = 'disbursement'), sum(amount) FILTER (kind = 'reimbursement') FROM flows WHERE country = 'RUS'`, "10419382.000000 -323077.790000"},
		{"nothing names the implementer in Russia",
			`SELECT count(*) FROM flows WHERE country = 'RUS' AND (implementer IS NOT NULL OR title IS NOT NULL OR activity_id NOT LIKE 'withheld-%')`, "0"},
		{"nor do its documents",
			`SELECT count(*) FROM documents WHERE concat_ws(' ', name, url, cites) ILIKE '%rus-h%'`, "0"},
		// 5,042,896 x 11.49 / 99.99 = 579,486.69907, each transaction rounded to six decimals
		{"a grant's items apportion it, and the rest stays",
			`SELECT sum(amount) FILTER (intervention = 'nsp'), sum(amount) FROM flows WHERE activity_id = '47045-UKR-C-AUA-4' AND kind = 'disbursement'`, "579486.699071 5042896.000000"},
	} {
		if got := one(t, p.cfg.Dir, tt.query); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

// Every file of the corpus of activities, the broken ones included, gives a
// release that passes its checks.
func TestCorpusEveryActivityFile(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	dir := extractorstest.Corpus(t, "iati")
	p := open(t, Config{})
	r := refresh(t, p, RefreshOptions{Only: []string{"iati"}, Documents: dir})
	for _, s := range r.Sources {
		if s.Source == "iati" && (s.Parsed < 40_000 || s.Parsed != s.Loaded+s.OutOfScope+s.Rejected || s.Rejected == 0) {
			t.Errorf("report = %+v", s)
		}
	}
	if r.Release == "" {
		t.Error("nothing was published")
	}
}

// The third-party long form of AIDSinfo, through the whole pipeline.
func TestCorpusUNAIDS(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	dir := extractorstest.Corpus(t, "unaids")
	p := open(t, Config{})
	r := refresh(t, p, RefreshOptions{Only: []string{"unaids"}, Documents: dir})
	for _, s := range r.Sources {
		if s.Source == "unaids" && (s.Parsed != s.Loaded+s.OutOfScope+s.Rejected || s.Loaded < 5000) {
			t.Errorf("report = %+v", s)
		}
	}
	// Moldova 2018: total 8,220,553.674 in the file
	if got := one(t, p.cfg.Dir, `SELECT sum(amount) FROM flows WHERE country = 'MDA' AND year = 2018 AND kind = 'expenditure' AND counted`); got != "8220553.674000" {
		t.Errorf("Moldova 2018 = %s", got)
	}
	// Kyrgyzstan 2016: 0 of the Global Fund was published and means missing
	if got := one(t, p.cfg.Dir, `SELECT count(*) FROM flows WHERE amount = 0 AND source = 'unaids'`); got != "0" {
		t.Errorf("%s flows of nothing", got)
	}
}

func BenchmarkRefreshBundled(b *testing.B) {
	for b.Loop() {
		p, err := New(Config{Dir: b.TempDir(), Offline: true})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := p.Refresh(b.Context(), RefreshOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

package pipelines

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"

	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
	"hrinvest/extractors/fetch/fetchtest"
	"hrinvest/warehouse"
)

// tables is a source of a few tables in text, one statement a row, as simple as a
// publisher can be.
type tables struct {
	id       string
	names    []string // of the tables
	frozen   string
	additive bool
	expect   string // expectations.csv; "": a usual one
}

func (s tables) Info() extractors.Info {
	return extractors.Info{ID: s.id, Title: "Tables of " + s.id, Publisher: s.id, Home: "https://" + s.host(), Licence: "none", Kind: extractors.Money,
		Spent: extractors.SpentExpenditure, Authority: 4, Frozen: s.frozen, Additive: s.additive}
}
func (s tables) host() string               { return s.id + ".example" }
func (s tables) address(name string) string { return "https://" + s.host() + "/" + name + ".csv" }
func (s tables) Bundled() fs.FS             { return nil }
func (s tables) Role(name string, head []byte) string {
	if bytes.HasPrefix(head, []byte("key,")) {
		return "table"
	}
	return ""
}

func (s tables) Expectations() (extractors.Expectations, error) {
	if s.expect != "" {
		return extractors.ReadExpectations(strings.NewReader(s.expect))
	}
	return extractors.ReadExpectations(strings.NewReader("role,measure,field,least,change,why\ntable,rows,,10,20,a test\ntable,fill,amount,50,10,a test\n"))
}

func (s tables) Fetch(ctx context.Context, c *fetch.Client, keep func(fetch.Document) error) error {
	var failed []error
	for _, name := range s.names {
		d, err := c.Get(ctx, fetch.Request{URL: s.address(name), Shape: fetch.CSV})
		if err != nil {
			failed = append(failed, err)
			continue
		}
		d.Role = "table"
		if err := keep(d); err != nil {
			return err
		}
	}
	return errors.Join(failed...)
}

func (s tables) Parse(ctx context.Context, docs extractors.Set, out extractors.Sink) error {
	for _, d := range docs {
		f, err := d.Open()
		if err != nil {
			return err
		}
		defer f.Close()
		rows, err := csv.NewReader(f).ReadAll()
		if err != nil {
			if err := out.Reject(extractors.Problem{Document: d.SHA256, Locator: "/", Reason: err.Error()}); err != nil {
				return err
			}
			continue
		}
		for n, r := range rows[1:] {
			err := out.Disclose(extractors.Disclosure{Document: d.SHA256, Locator: fmt.Sprintf("row %d", n+2), Key: r[0], Group: d.URL + r[0], Title: "Needles",
				Kind: extractors.Expenditure, Amount: r[1], Currency: "USD", Year: "2023", Places: []extractors.Share{{Vocabulary: "iso3", Code: "KGZ"}}, Raw: []byte("{}")})
			if err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// service publishes the tables of some sources and can be edited.
type service struct {
	*fetchtest.Net
	mu     sync.Mutex
	tables map[string]string // address -> table
	slow   time.Duration
}

func publish(t *testing.T, sources ...tables) *service {
	t.Helper()
	s := &service{tables: map[string]string{}}
	hosts := fetchtest.Hosts{}
	for _, src := range sources {
		for _, name := range src.names {
			s.edit(src.address(name), table(name, 200, 100))
		}
		hosts[src.host()] = http.HandlerFunc(s.serve)
	}
	s.Net = fetchtest.New(t, hosts)
	return s
}

func (s *service) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	body, ok := s.tables["https://"+r.Host+r.URL.Path]
	slow := s.slow
	s.mu.Unlock()
	if !ok {
		http.NotFound(w, r)
		return
	}
	time.Sleep(slow)
	fetchtest.Body("text/csv", []byte(body)).ServeHTTP(w, r)
}

// edit publishes another table at an address; "" takes it away.
func (s *service) edit(address, table string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tables[address] = table; table == "" {
		delete(s.tables, address)
	}
}

// table makes a table of rows, each of about the amount.
func table(name string, rows, amount int) string {
	var b strings.Builder
	b.WriteString("key,amount\n")
	for n := range rows {
		fmt.Fprintf(&b, "%s-%d,%d.%02d\n", name, n, amount+n%7, n%100)
	}
	return b.String()
}

// hasty retrieves without manners, from a net.
func hasty(net http.RoundTripper) fetch.Config {
	return fetch.Config{Transport: net, Pace: 1, Hosts: []fetch.Host{}, Retry: fetch.Retry{Tries: 2, First: time.Millisecond, Most: time.Millisecond, Patience: time.Second}}
}

// night is a data directory on which nights pass.
type night struct {
	*Pipeline
	now time.Time
}

func nights(t *testing.T, net http.RoundTripper, sources ...tables) *night {
	t.Helper()
	n := &night{now: time.Date(2026, 11, 1, 2, 15, 0, 0, time.UTC)}
	var list []extractors.Source
	for _, s := range sources {
		list = append(list, s)
	}
	n.Pipeline = open(t, Config{Sources: list, Fetch: hasty(net), Now: func() time.Time { return n.now }})
	return n
}

// pass refreshes and lets a day pass.
func (n *night) pass(t *testing.T) *Report {
	t.Helper()
	r := refresh(t, n.Pipeline, RefreshOptions{})
	n.now = n.now.Add(24 * time.Hour)
	return r
}

// gathers is pass without a release made of what was gathered, which takes most of
// a night.
func (n *night) gathers(t *testing.T, documents string, only ...string) *Report {
	t.Helper()
	r := &Report{Started: n.now}
	l := n.ledger(t)
	chosen, err := n.pick(only)
	if err == nil {
		err = n.gather(t.Context(), chosen, documents, l, r)
	}
	if err = errors.Join(err, n.record(r, l, err), n.sweep(t.Context(), l)); err != nil {
		t.Fatal(err)
	}
	n.now = n.now.Add(24 * time.Hour)
	return r
}

func (n *night) ledger(t *testing.T) *ledger {
	t.Helper()
	l, err := n.openLedger(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// inUse counts and sums the statements of the documents in use.
func (n *night) inUse(t *testing.T) string {
	t.Helper()
	rows, sum := 0, int64(0)
	l := n.ledger(t)
	for _, src := range n.cfg.Sources {
		m, err := n.measure(t.Context(), src, l.shelf(src.Info().ID), l.shelf(src.Info().ID).Documents)
		if err != nil {
			t.Fatal(err)
		}
		rows += m.All.Rows
		for _, total := range m.All.Totals {
			sum += total.Sum
		}
	}
	return fmt.Sprint(rows, " ", sum)
}

// approves is Approve without the release.
func (n *night) approves(t *testing.T, id, hold string) error {
	t.Helper()
	l := n.ledger(t)
	if err := l.shelf(id).approve(id, hold, n.now); err != nil {
		return err
	}
	return l.save()
}

// state is the record of one source.
func (n *night) state(t *testing.T, id string) SourceState {
	t.Helper()
	s, err := ReadState(n.cfg.Dir)
	if err != nil {
		t.Fatal(err)
	}
	return s.Sources[id]
}

// stands returns a source's standing in words, and since when.
func (n *night) stands(t *testing.T, src extractors.Source) string {
	t.Helper()
	state, err := ReadState(n.cfg.Dir)
	if err != nil {
		t.Fatal(err)
	}
	word, since := state.Sources[src.Info().ID].Standing(src.Info(), n.now)
	return fmt.Sprint(word, " ", since.Format(time.DateOnly))
}

func (n *night) rows(t *testing.T) string {
	t.Helper()
	return one(t, n.cfg.Dir, "SELECT count(*), sum(amount)::BIGINT FROM flows")
}

// A night on which nothing changed downloads nothing and publishes nothing.
func TestQuietNight(t *testing.T) {
	alpha, beta := tables{id: "alpha", names: []string{"a", "b"}}, tables{id: "beta", names: []string{"c"}}
	s := publish(t, alpha, beta)
	n := nights(t, s, alpha, beta)
	first := n.pass(t)
	if first.Release == "" || first.Stale() || first.Held() || first.Sources[0].Changed != 2 {
		t.Fatalf("first night: %+v", first.Sources[0])
	}
	s.Asked()
	second := n.pass(t)
	asked, bytes := s.Asked()
	if !second.NothingNew || second.Hash != first.Hash || bytes > 0 || len(asked) != 3 {
		t.Errorf("second night: nothing new %v, %d bytes from %q", second.NothingNew, bytes, asked)
	}
	if u := second.Sources[0].Usage; u.NotModified != 2 || u.Bytes > 19 { // the answer that there is no robots.txt
		t.Errorf("usage = %+v", u)
	}
	if got := n.stands(t, alpha); got != "fresh 2026-11-02" {
		t.Error(got)
	}
}

// Lies and failures leave what was known in use, are on record with their cause,
// and never block another source.
func TestBadNights(t *testing.T) {
	alpha, beta := tables{id: "alpha", names: []string{"a"}}, tables{id: "beta", names: []string{"c"}}
	for kind, want := range map[fetchtest.Kind]string{
		fetchtest.PageInstead: "stale 2026-11-02", fetchtest.BreaksOff: "stale 2026-11-02", fetchtest.Forbidden: "blocked 2026-11-02", fetchtest.Down: "stale 2026-11-02",
	} {
		s := publish(t, alpha, beta)
		n := nights(t, s, alpha, beta)
		n.gathers(t, "")
		before := n.inUse(t)
		s.Break(fetchtest.Fault{Kind: kind, Match: "alpha.example"})
		s.edit(beta.address("c"), table("c", 210, 100))
		for range 2 {
			r := n.gathers(t, "")
			if !r.Stale() || r.Held() {
				t.Errorf("%s: stale %v", kind, r.Stale())
			}
		}
		if got := n.stands(t, alpha); got != want {
			t.Errorf("%s: %s, want %s", kind, got, want)
		}
		if got := n.inUse(t); got == before || !strings.HasPrefix(got, "410 ") {
			t.Errorf("%s: rows %s, before %s", kind, got, before)
		}
		s.Break(fetchtest.Fault{})
		if n.gathers(t, ""); n.stands(t, alpha) != "fresh 2026-11-04" {
			t.Errorf("%s: afterwards %s", kind, n.stands(t, alpha))
		}
	}
}

// A source that does not answer for a month is gone: what was known stays, and no
// alarm is raised any more. One that is known to have stopped never raises one.
func TestGone(t *testing.T) {
	alpha, beta := tables{id: "alpha", names: []string{"a"}}, tables{id: "beta", names: []string{"c"}, frozen: "2025-02-01"}
	s := publish(t, alpha, beta)
	n := nights(t, s, alpha, beta)
	n.gathers(t, "")
	before := n.inUse(t)
	s.Break(fetchtest.Fault{Kind: fetchtest.Missing})
	if r := n.gathers(t, ""); !r.Stale() {
		t.Error("the first night was not stale")
	}
	n.now = n.now.Add(31 * 24 * time.Hour)
	r := n.gathers(t, "")
	if r.Stale() || n.inUse(t) != before {
		t.Errorf("stale %v, rows %s", r.Stale(), n.inUse(t))
	}
	if got := n.stands(t, alpha) + ", " + n.stands(t, beta); got != "gone 2026-11-02, gone 2025-02-01" {
		t.Error(got)
	}
}

// A table that lost nine tenths of its rows is held back alone, until approved.
func TestFewerRows(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	alpha := tables{id: "alpha", names: []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}}
	s := publish(t, alpha)
	n := nights(t, s, alpha)
	n.gathers(t, "")
	s.edit(alpha.address("a"), table("a", 5, 100))
	s.edit(alpha.address("b"), table("b", 199, 100))
	for range 2 {
		r := n.gathers(t, "")
		if !r.Held() || r.Stale() || len(r.Sources[0].Held) != 1 || !strings.Contains(r.Sources[0].Held[0], "a.csv: 5 rows, where there were 200") {
			t.Errorf("held %q", r.Sources[0].Held)
		}
		if got := n.inUse(t); !strings.HasPrefix(got, "1999 ") {
			t.Errorf("rows %s", got)
		}
	}
	if got := n.stands(t, alpha); got != "held 2026-11-02" {
		t.Error(got)
	}
	if _, err := n.Approve(t.Context(), "nobody", ""); !errors.Is(err, ErrUnknownSource) {
		t.Errorf("approve of nobody: %v", err)
	}
	r, err := n.Approve(t.Context(), "alpha", "")
	if err != nil || r.Release == "" || !strings.HasPrefix(n.rows(t), "1804 ") {
		t.Errorf("approved: %v, rows %s", err, n.rows(t))
	}
	if _, err := n.Approve(t.Context(), "alpha", ""); !errors.Is(err, ErrNothingHeld) {
		t.Errorf("approved twice: %v", err)
	}
	if r := n.pass(t); r.Held() || !r.NothingNew || n.stands(t, alpha) != "fresh 2026-11-04" {
		t.Errorf("after approval: held %v, %s", r.Held(), n.stands(t, alpha))
	}
}

// A sum that moved by more than 35 per cent holds the whole source back; when the
// publisher corrects it, all is well again without anybody's approval.
func TestMovedSum(t *testing.T) {
	alpha := tables{id: "alpha", names: []string{"a", "b"}}
	s := publish(t, alpha)
	n := nights(t, s, alpha)
	n.gathers(t, "")
	before := n.inUse(t)
	s.edit(alpha.address("a"), table("a", 200, 100_000)) // in units that were thousands
	r := n.gathers(t, "")
	if !r.Held() || n.inUse(t) != before || !strings.Contains(strings.Join(r.Sources[0].Held, ";"), "the total of expenditure USD") {
		t.Errorf("held %q, rows %s", r.Sources[0].Held, n.inUse(t))
	}
	s.edit(alpha.address("a"), table("a", 200, 110))
	if r = n.gathers(t, ""); r.Held() || n.inUse(t) == before {
		t.Errorf("corrected: held %q, rows %s", r.Sources[0].Held, n.inUse(t))
	}
}

// The first live documents replace what was handed over only if they look as
// expected.
func TestFirstNightLooksWrong(t *testing.T) {
	alpha := tables{id: "alpha", names: []string{"a"}, expect: "role,measure,field,least,change,why\ntable,rows,,100,20,a test\ntable,fill,amount,50,10,a test\n"}
	s := publish(t, alpha)
	s.edit(alpha.address("a"), table("a", 50, 100))
	n := nights(t, s, alpha)
	given := t.TempDir()
	if err := os.WriteFile(filepath.Join(given, "mine.csv"), []byte(table("mine", 20, 100)), 0o644); err != nil {
		t.Fatal(err)
	}
	n.gathers(t, given, "alpha")
	if r := n.gathers(t, ""); !r.Held() || !strings.HasPrefix(n.inUse(t), "20 ") || !strings.Contains(r.Sources[0].Held[0], "expected at least 100") {
		t.Errorf("held %q, rows %s", r.Sources[0].Held, n.inUse(t))
	}
	s.edit(alpha.address("a"), table("a", 150, 100))
	if r := n.gathers(t, ""); r.Held() || !strings.HasPrefix(n.inUse(t), "150 ") {
		t.Errorf("held %q, rows %s", r.Sources[0].Held, n.inUse(t))
	}
}

// What a publisher no longer offers goes out of use after a complete fetch, and
// not after one that failed in part; what was handed over to an additive source stays.
func TestRetiring(t *testing.T) {
	alpha := tables{id: "alpha", names: []string{"a", "b", "c", "d", "e", "f"}}
	s := publish(t, alpha)
	n := nights(t, s, alpha)
	n.gathers(t, "")
	fewer := alpha
	fewer.names = alpha.names[:5]
	n.cfg.Sources = []extractors.Source{fewer}
	s.Break(fetchtest.Fault{Kind: fetchtest.Down, Match: "/a.csv"})
	if n.gathers(t, ""); !strings.HasPrefix(n.inUse(t), "1200 ") {
		t.Errorf("after a failure in part: %s", n.inUse(t))
	}
	s.Break(fetchtest.Fault{})
	if n.gathers(t, ""); !strings.HasPrefix(n.inUse(t), "1000 ") {
		t.Errorf("after a complete fetch: %s", n.inUse(t))
	}
	for additive, want := range map[bool]string{false: "200 ", true: "220 "} {
		beta := tables{id: "beta", names: []string{"a"}, additive: additive}
		s := publish(t, beta)
		n := nights(t, s, beta)
		given := t.TempDir()
		if err := os.WriteFile(filepath.Join(given, "mine.csv"), []byte(table("mine", 20, 100)), 0o644); err != nil {
			t.Fatal(err)
		}
		n.gathers(t, given, "beta")
		if n.gathers(t, ""); !strings.HasPrefix(n.inUse(t), want) {
			t.Errorf("additive %v: rows %s", additive, n.inUse(t))
		}
	}
}

// Documents out of use are removed after a while, never one that is in use.
func TestSweep(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	alpha := tables{id: "alpha", names: []string{"a"}}
	s := publish(t, alpha)
	n := nights(t, s, alpha)
	n.cfg.KeepReleases = 1
	n.pass(t)
	s.edit(alpha.address("a"), table("a", 201, 100))
	n.gathers(t, "") // in use, and the release before it is the one served
	orphan, _, err := n.store.Put(strings.NewReader("of a refresh that was killed"))
	if err != nil {
		t.Fatal(err)
	}
	long := n.now.Add(-keepUnused)
	if err := os.Chtimes(n.path("documents", orphan[:2], orphan), long, long); err != nil {
		t.Fatal(err)
	}
	s.Break(fetchtest.Fault{Kind: fetchtest.LoginPage})
	n.gathers(t, "") // refused, to be looked at
	count := func() int {
		files, err := filepath.Glob(n.path("documents", "??", "*"))
		if err != nil {
			t.Fatal(err)
		}
		return len(files)
	}
	stored, err := n.store.List()
	if err != nil {
		t.Fatal(err)
	}
	for sum := range stored { // files have the time of this machine
		if err := os.Chtimes(n.path("documents", sum[:2], sum), n.now, n.now); err != nil {
			t.Fatal(err)
		}
	}
	if got := count(); got != 3 || n.store.Has(orphan) {
		t.Fatalf("%d documents", got)
	}
	n.now = n.now.Add(100 * 24 * time.Hour)
	if n.gathers(t, ""); count() != 3 {
		t.Errorf("%d documents after a hundred days, and a release is made of one", count())
	}
	s.Break(fetchtest.Fault{})
	n.pass(t) // publishes, and removes the release before
	if got := count(); got != 1 {
		t.Errorf("%d documents, and nothing needs but one", got)
	}
	if _, err := n.Build(t.Context(), BuildOptions{}); err != nil {
		t.Errorf("the one in use: %v", err)
	}
}

// A source that does not say what to expect cannot be registered.
func TestExpectationsAreDemanded(t *testing.T) {
	for _, expect := range []string{"role,measure,field,least,change,why\n", "role,measure,field,least,change,why\ntable,rows,,10,20,a test\n", "nonsense"} {
		if _, err := New(Config{Dir: t.TempDir(), Sources: []extractors.Source{tables{id: "alpha", expect: expect}}}); err == nil || !strings.Contains(err.Error(), "registering source alpha") {
			t.Errorf("%q: %v", expect, err)
		}
	}
}

// A dry run asks once for each source, says whether it looks right, and changes
// nothing.
func TestTry(t *testing.T) {
	alpha, beta := tables{id: "alpha", names: []string{"a", "b"}}, tables{id: "beta", names: []string{"c"}}
	s := publish(t, alpha, beta)
	n := nights(t, s, alpha, beta)
	s.Break(fetchtest.Fault{Kind: fetchtest.LoginPage, Match: "beta"})
	var told []string
	trials, err := n.Try(t.Context(), nil, func(tr Trial) { told = append(told, tr.Source) })
	if err != nil || len(trials) != 2 || !slices.Equal(told, []string{"alpha", "beta"}) {
		t.Fatalf("%+v, %v", trials, err)
	}
	if a := trials[0]; a.Error != "" || a.Rows != 200 || a.Role != "table" || a.Address != alpha.address("a") {
		t.Errorf("%+v", a)
	}
	if b := trials[1]; !strings.Contains(b.Error, `a web page titled "Sign in" stands where CSV was promised`) {
		t.Errorf("%+v", b)
	}
	if asked, _ := s.Asked(); len(asked) != 2 {
		t.Errorf("asked %q", asked)
	}
	if files, _ := filepath.Glob(filepath.Join(n.cfg.Dir, "documents", "*")); len(files) > 0 {
		t.Errorf("stored %q", files)
	}
}

// What an operator sees of a refresh as it goes.
func TestProgress(t *testing.T) {
	alpha := tables{id: "alpha", names: []string{"a"}}
	s := publish(t, alpha)
	s.slow = 1200 * time.Millisecond
	n := nights(t, s, alpha)
	var phases []Phase
	n.cfg.Progress = func(e Event) { phases = append(phases, e.Phase) }
	n.pass(t)
	if !slices.Contains(phases, Fetching) || !slices.Contains(phases, Fetched) || phases[len(phases)-1] != Parsed {
		t.Errorf("phases %q", phases)
	}
}

// A refresh that is killed at any moment leaves nothing that the next one does
// not put right: the release is that of an undisturbed refresh.
func TestKilledRefresh(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	if server := os.Getenv(refreshInChild); server != "" {
		p := open(t, Config{Dir: os.Getenv(refreshDir), Sources: killed(), Fetch: hasty(fetchtest.To(server))})
		refresh(t, p, RefreshOptions{})
		return
	}
	var list []tables
	for _, s := range killed() {
		list = append(list, s.(tables))
	}
	s := publish(t, list...)
	s.slow = 10 * time.Millisecond
	want := refresh(t, open(t, Config{Sources: killed(), Fetch: hasty(s)}), RefreshOptions{})

	child := func(dir string) *exec.Cmd {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilledRefresh$")
		cmd.Env = append(os.Environ(), refreshInChild+"="+s.Server(), refreshDir+"="+dir)
		return cmd
	}
	start := time.Now()
	if out, err := child(t.TempDir()).CombinedOutput(); err != nil {
		t.Fatalf("undisturbed: %v\n%s", err, out)
	}
	whole := time.Since(start)
	const points = 12
	unfinished := 0
	for i := range points {
		dir := t.TempDir()
		cmd := child(dir)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(whole * time.Duration(i+1) / (points + 1))
		cmd.Process.Signal(syscall.SIGKILL) //nolint:errcheck // it may have ended
		cmd.Wait()                          //nolint:errcheck // killed
		if _, err := warehouse.Current(dir); err != nil {
			unfinished++
		}
		got, err := open(t, Config{Dir: dir, Sources: killed(), Fetch: hasty(s)}).Refresh(t.Context(), RefreshOptions{})
		if err != nil || got.Hash != want.Hash {
			t.Errorf("killed after %d of %d: hash %s, want %s, %v", i+1, points, got.Hash, want.Hash, err)
		}
		left, err := filepath.Glob(filepath.Join(dir, "releases", ".building-*"))
		spools, _ := filepath.Glob(filepath.Join(dir, ".spool-*"))
		if err != nil || len(left)+len(spools) > 0 {
			t.Errorf("killed after %d of %d: left behind %q %q, %v", i+1, points, left, spools, err)
		}
	}
	if unfinished < points/3 {
		t.Errorf("only %d of %d refreshes were killed before they published", unfinished, points)
	}
}

const (
	refreshInChild = "HRINVEST_TEST_REFRESH"
	refreshDir     = "HRINVEST_TEST_DIR"
)

func killed() []extractors.Source {
	return []extractors.Source{
		tables{id: "alpha", names: []string{"a", "b", "c"}}, tables{id: "beta", names: []string{"d", "e"}}, tables{id: "gamma", names: []string{"f", "g"}},
	}
}

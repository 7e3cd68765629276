package pipelines

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch/fetchtest"
	"hrinvest/warehouse"
)

// moody is a source that does something to itself over some documents, after half
// of what came before was found.
type moody struct {
	tables
	over string // part of a document; "": any
	do   func()
}

func (m moody) Parse(ctx context.Context, docs extractors.Set, out extractors.Sink) error {
	for _, d := range docs {
		f, err := d.Open()
		if err != nil {
			return err
		}
		body, err := io.ReadAll(f)
		if err != nil {
			return err
		}
		if strings.Contains(string(body), m.over) {
			half := d
			half.OpenFunc = func() (io.ReadCloser, error) {
				rows := bytes.SplitAfter(body, []byte("\n"))
				return io.NopCloser(bytes.NewReader(bytes.Join(rows[:4], nil))), nil
			}
			if err := m.tables.Parse(ctx, extractors.Set{half}, out); err != nil {
				return err
			}
			m.do()
		}
		if err := m.tables.Parse(ctx, extractors.Set{d}, out); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func boom() { panic("boom\nand a line that is nobody's business") }

// greedy asks for more memory than there can be.
func greedy() {
	n := 1 << 62
	_ = make([]byte, n)
}

// Bytes over which a source panics do not come into use; what else is new of it
// does, and so does what is new of others.
func TestPanicOverNewBytes(t *testing.T) {
	alpha, beta := tables{id: "alpha", names: []string{"a", "b"}}, tables{id: "beta", names: []string{"c"}}
	for name, tt := range map[string]struct {
		do   func()
		want string
	}{
		"panic":  {boom, "parsing alpha: panic: boom (in https://alpha.example/a.csv)"},
		"memory": {greedy, "parsing alpha: panic: runtime error: makeslice: len out of range (in https://alpha.example/a.csv)"},
	} {
		t.Run(name, func(t *testing.T) {
			s := publish(t, alpha, beta)
			n := nights(t, s, alpha, beta)
			n.gathers(t, "")
			var log bytes.Buffer
			n.cfg.Log = slog.New(slog.NewTextHandler(&log, nil))
			n.cfg.Sources[0] = moody{alpha, "bad", tt.do}
			s.edit(alpha.address("a"), table("bad", 200, 100))
			s.edit(alpha.address("b"), table("b", 201, 100))
			s.edit(beta.address("c"), table("c", 202, 100))
			for night := range 2 {
				r := n.gathers(t, "")
				if !r.Stale() || r.Sources[0].Error != tt.want || r.Sources[0].Changed != 1-night {
					t.Errorf("night %d: %+v", night, r.Sources[0])
				}
				if got := n.inUse(t)[:4]; got != "603 " {
					t.Errorf("night %d: %s rows, want 200 as they were, and 201 + 202 new ones", night, got)
				}
			}
			n.now = n.now.Add(-24 * time.Hour)
			if r := n.pass(t); r.NothingNew || !r.Stale() || n.rows(t)[:4] != "603 " {
				t.Errorf("published %s rows, %+v", n.rows(t), r.Sources[0])
			}
			if got, want := n.stands(t, alpha), "unread 2026-11-02"; got != want {
				t.Errorf("stands %s, want %s", got, want)
			}
			if !strings.Contains(log.String(), "moody.Parse") {
				t.Error("the log does not say where")
			}
			if state, err := os.ReadFile(statePath(n.cfg.Dir)); err != nil || bytes.Contains(state, []byte("nobody's")) || bytes.Contains(state, []byte("goroutine")) {
				t.Errorf("the record says more than the first line: %v", err)
			}
			n.cfg.Sources[0] = alpha // mended
			n.gathers(t, "")
			if got := n.stands(t, alpha); !strings.HasPrefix(got, "fresh") || !strings.HasPrefix(n.inUse(t), "603 ") {
				t.Errorf("mended: %s, %s in use", got, n.inUse(t))
			}
		})
	}
}

// Documents that cannot be read when a release is made (nobody looked before: they
// were handed over) leave the place to those of the last release, until they can.
func TestPanicOverGivenDocuments(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	alpha, beta := tables{id: "alpha", names: []string{"a"}}, tables{id: "beta", names: []string{"c"}}
	s := publish(t, alpha, beta)
	n := nights(t, s, alpha, beta)
	n.pass(t)
	n.cfg.Sources[0] = moody{alpha, "bad", boom}
	given := t.TempDir()
	write(t, filepath.Join(given, "new.csv"), table("bad", 300, 100))
	s.edit(beta.address("c"), table("c", 202, 100))
	r := refresh(t, n.Pipeline, RefreshOptions{Only: []string{"alpha"}, Documents: given})
	if want := "parsing alpha: panic: boom (after row 4 of file:new.csv)"; r.Sources[0].Defect != want || !r.Stale() || r.Sources[0].Documents != 1 || r.Sources[0].Loaded != 200 {
		t.Errorf("%+v", r.Sources[0])
	}
	if r := refresh(t, n.Pipeline, RefreshOptions{Only: []string{"beta"}}); r.NothingNew || !r.Stale() || !strings.HasPrefix(n.rows(t), "402 ") {
		t.Errorf("the other source: %s, %+v", n.rows(t), r)
	}
	if got := n.state(t, "alpha"); got.Defect == "" || got.DefectSince.IsZero() || got.Rows != 200 {
		t.Errorf("the record of it: %+v", got)
	}
	if c, err := warehouse.Current(n.cfg.Dir); err != nil || !strings.Contains(c.Note, "cannot be read") {
		t.Errorf("the release does not say so: %q, %v", c.Note, err)
	}
	if before := n.ledger(t).shelf("alpha").Before; len(before) != 1 {
		t.Errorf("the documents before: %+v", before)
	} else if named, _ := n.ledger(t).named(); !named[before[0].SHA256] {
		t.Error("the documents before will be swept")
	}
	n.cfg.Sources[0] = alpha // mended
	if _, err := n.Build(t.Context(), BuildOptions{}); err != nil || !strings.HasPrefix(n.rows(t), "502 ") {
		t.Errorf("mended: %v, %s", err, n.rows(t))
	}
	if got := n.state(t, "alpha"); got.Defect != "" || !got.DefectSince.IsZero() {
		t.Errorf("mended: %+v", got)
	}
}

// A source that cannot be read at all does not vanish from what is served, unless
// an operator says that it may. Where nothing of it is served, the others go on.
func TestPanicAlways(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	alpha, beta := tables{id: "alpha", names: []string{"a"}}, tables{id: "beta", names: []string{"c"}}
	s := publish(t, alpha, beta)
	n := nights(t, s, alpha, beta)
	given := t.TempDir()
	write(t, filepath.Join(given, "a.csv"), table("a", 200, 100))
	n.cfg.Sources[0] = moody{alpha, "", boom}
	r := refresh(t, n.Pipeline, RefreshOptions{Only: []string{"alpha"}, Documents: given}) // nothing else is there
	if !r.Stale() || r.Sources[0].Defect == "" || one(t, n.cfg.Dir, "SELECT count(*) FROM flows") != "0" {
		t.Errorf("never served: %+v", r.Sources[0])
	}
	n.cfg.Sources[0] = alpha
	if n.pass(t); !strings.HasPrefix(n.rows(t), "400 ") {
		t.Fatalf("mended: %s", n.rows(t))
	}
	n.cfg.Sources[0] = moody{alpha, "", boom}
	s.edit(beta.address("c"), table("c", 202, 100))
	_, err := n.Refresh(t.Context(), RefreshOptions{})
	if err == nil || !strings.Contains(err.Error(), "panic: boom") || !strings.Contains(err.Error(), "hrinvest build --without alpha") || !strings.HasPrefix(n.rows(t), "400 ") {
		t.Errorf("it would vanish: %v, %s", err, n.rows(t))
	}
	if got := n.stands(t, alpha); !strings.HasPrefix(got, "unread") {
		t.Errorf("stands %s", got)
	}
	if _, err := n.Build(t.Context(), BuildOptions{Without: []string{"beta"}}); err == nil {
		t.Error("another source may be gone, not this one")
	}
	if r, err := n.Build(t.Context(), BuildOptions{Without: []string{"alpha", "beta"}}); err != nil || !r.Stale() || n.rows(t)[:4] != "202 " {
		t.Errorf("without it: %v, %s", err, n.rows(t))
	}
	s.edit(beta.address("c"), table("c", 203, 100))
	if r := n.pass(t); !r.Stale() || n.rows(t)[:4] != "203 " {
		t.Errorf("the night after: %s", n.rows(t))
	}
}

// What no program can recover from ends it; the second time over the same documents
// it is known, and the third night goes on without them.
func TestDyingOverNewBytes(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	alpha, beta := tables{id: "alpha", names: []string{"a"}}, tables{id: "beta", names: []string{"c"}}
	moods := map[string]func(){
		"goroutine": func() { go boom(); time.Sleep(10 * time.Second) },
		"memory":    func() { n := 1 << 47; _ = make([]byte, n) },
	}
	if server := os.Getenv(refreshInChild); server != "" {
		sources := []extractors.Source{moody{alpha, "bad", moods[os.Getenv("HRINVEST_TEST_MOOD")]}, beta}
		r := refresh(t, open(t, Config{Dir: os.Getenv(refreshDir), Sources: sources, Fetch: hasty(fetchtest.To(server))}), RefreshOptions{})
		fmt.Println("error:", r.Sources[0].Error)
		return
	}
	for mood := range moods {
		t.Run(mood, func(t *testing.T) {
			s := publish(t, alpha, beta)
			n := nights(t, s, alpha, beta)
			n.now = time.Now()
			n.pass(t)
			s.edit(alpha.address("a"), table("bad", 200, 100))
			s.edit(beta.address("c"), table("c", 202, 100))
			for night, dies := range []bool{true, true, false} {
				cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestDyingOverNewBytes$")
				cmd.Env = append(os.Environ(), refreshInChild+"="+s.Server(), refreshDir+"="+n.cfg.Dir, "HRINVEST_TEST_MOOD="+mood)
				out, err := cmd.CombinedOutput()
				if (err != nil) != dies || !dies && !bytes.Contains(out, []byte("error: parsing alpha: "+errDied.Error())) {
					t.Errorf("night %d: %v\n%.2000s", night+1, err, out)
				}
			}
			if got := n.rows(t)[:4]; got != "402 " {
				t.Errorf("%s rows, want 200 as they were and 202 new ones", got)
			}
			if got := n.stands(t, alpha); !strings.HasPrefix(got, "unread") {
				t.Errorf("stands %s", got)
			}
		})
	}
}

// A program that was killed once while it read has not shown anything yet; after a
// week, and by another program, documents are read again.
func TestDeaths(t *testing.T) {
	alpha := tables{id: "alpha", names: []string{"a"}}
	n := nights(t, publish(t, alpha), alpha)
	mark := reading{"alpha", fingerprint(nil), n.cfg.Version}
	read := func() error {
		return n.read(t.Context(), alpha.Info(), n.ledger(t).shelf("alpha"), nil, nil, func(extractors.Set, extractors.Sink) error { return nil })
	}
	for times := 1; times < 3; times++ {
		if _, err := n.begin(mark); err != nil { // and no end
			t.Fatal(err)
		}
		if err := read(); (err != nil) != (times > 1) {
			t.Errorf("after %d deaths: %v", times, err)
		}
	}
	n.cfg.Version = "another"
	if err := read(); err != nil {
		t.Errorf("another program: %v", err)
	}
	n.cfg.Version, n.now = mark.Program, n.now.Add(8*24*time.Hour)
	if err := read(); err != nil {
		t.Errorf("after a week: %v", err)
	}
	write(t, n.path(readingFile), `{"source":"al`) // the disk was full
	if err := read(); err != nil {
		t.Errorf("cut off: %v", err)
	}
}

// A document of which a bit was turned on the disk is fetched again; what is read is
// never what did not come.
func TestDamagedDocument(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	alpha := tables{id: "alpha", names: []string{"a"}}
	n := nights(t, publish(t, alpha), alpha)
	n.pass(t)
	doc := n.ledger(t).shelf("alpha").Documents[0]
	turn := func() {
		t.Helper()
		name := n.path("documents", doc.SHA256[:2], doc.SHA256)
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		b[len(b)-5] ^= 1
		write(t, name, string(b))
		if lost, _, err := Lost(n.cfg.Dir); err != nil || len(lost) != 1 {
			t.Errorf("nobody sees it: %v, %v", lost, err)
		}
	}
	before := n.rows(t)
	turn()
	if _, err := n.Build(t.Context(), BuildOptions{}); err == nil || !strings.Contains(err.Error(), "was damaged on the disk") || n.rows(t) != before {
		t.Errorf("a build of it: %v, %s", err, n.rows(t))
	}
	if r := n.pass(t); r.Sources[0].Error != "" || !r.NothingNew {
		t.Errorf("fetched again: %+v", r.Sources[0])
	}
	turn()
	if r := n.pass(t); r.Sources[0].Error != "" || !r.NothingNew {
		t.Errorf("the same night: %+v", r.Sources[0])
	}
	if lost, _, err := Lost(n.cfg.Dir); err != nil || len(lost) > 0 {
		t.Errorf("not whole again: %v, %v", lost, err)
	}
	if err := n.store.Remove(doc.SHA256); err != nil {
		t.Fatal(err)
	}
	if left, err := filepath.Glob(n.path("documents", "??", "*")); err != nil || len(left) > 0 {
		t.Errorf("removed, and left %q, %v", left, err)
	}
}

// A disk that does not take what a source found is no fault of the source.
func TestDiskFullWhileReading(t *testing.T) {
	alpha := tables{id: "alpha", names: []string{"a"}}
	n := nights(t, publish(t, alpha), alpha)
	n.gathers(t, "")
	full := &os.PathError{Op: "write", Path: "spool", Err: os.ErrClosed}
	s := n.ledger(t).shelf("alpha")
	var docs extractors.Set
	for _, d := range s.Documents {
		docs = append(docs, n.store.Attach(d))
	}
	err := n.read(t.Context(), alpha.Info(), s, docs, failingSink{full}, func(d extractors.Set, out extractors.Sink) error { return alpha.Parse(t.Context(), d, out) })
	if bad := (*unread)(nil); err == nil || errors.As(err, &bad) {
		t.Errorf("%v", err)
	}
}

type failingSink struct{ err error }

func (f failingSink) Disclose(extractors.Disclosure) error { return f.err }
func (f failingSink) Observe(extractors.Observation) error { return f.err }
func (f failingSink) Reject(extractors.Problem) error      { return f.err }
func (f failingSink) Skip(string, int, string) error       { return f.err }

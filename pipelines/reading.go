package pipelines

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
)

// unread is an error of one source: its documents cannot be read. Whoever makes a
// release goes on without them; see instead.
type unread struct {
	source   string
	document string // address of the one it is about; "": not known
	error
	stack []byte // where the program stood; nil: no panic
}

func (e *unread) Unwrap() error { return e.error }

// errSeen is how a sink that has seen enough stops a source: no fault of it.
var errSeen = errors.New("seen enough")

// read has a source parse documents. What it does wrong, a panic among it, is an
// unread error, which says how far it came; what the disk does wrong, or ctx, is not.
//
// A panic in a goroutine that the source started, memory that is used up and a stack
// that is full end the program, whatever is done here. So it is written down that
// the documents are being read, and documents over which the program died twice are
// not read again for a week, unless by another program.
func (p *Pipeline) read(ctx context.Context, info extractors.Info, s *shelf, docs extractors.Set, out extractors.Sink, parse func(extractors.Set, extractors.Sink) error) error {
	mark := reading{Source: info.ID, Documents: fingerprint(docs), Program: p.cfg.Version}
	if s.Died.over(mark, p.cfg.Now()) {
		return &unread{source: info.ID, error: fmt.Errorf("parsing %s: %w", info.ID, errDied)}
	}
	end, err := p.begin(mark)
	if err != nil {
		return err
	}
	defer end()
	w := &watched{Sink: out}
	err = guarded("parsing "+info.ID, func() error { return parse(w.over(docs), w) })
	if err == nil {
		if s.Died.of(mark) {
			s.Died = nil
		}
		return nil
	}
	if ctx.Err() != nil || w.failed != nil {
		return err
	}
	at, document := w.at()
	bad := &unread{source: info.ID, document: document, error: fmt.Errorf("%w%s", err, at)}
	if defect := (*panicked)(nil); errors.As(err, &defect) {
		bad.stack = defect.stack
	}
	p.cfg.Log.Error("documents of a source cannot be read", "source", info.ID, "error", bad, "stack", string(bad.stack))
	return bad
}

// errDied: the program did not survive reading documents, and not by chance.
var errDied = errors.New("the program died twice while it read these documents (its last words are in the log of the system, often \"panic\" or \"out of memory\")")

// watched passes on what a source reads and finds, and remembers how far it is. A
// source may open documents from several goroutines.
type watched struct {
	extractors.Sink
	addresses map[string]string // by sha256
	failed    error             // the disk did not take what was found, or nobody wants more

	mu           sync.Mutex
	opened       string // address of the document opened last
	doc, locator string // of the statement that came last
}

func (w *watched) over(docs extractors.Set) extractors.Set {
	w.addresses = map[string]string{}
	out := make(extractors.Set, len(docs))
	for i, d := range docs {
		open := d.OpenFunc
		w.addresses[d.SHA256] = d.URL
		d.OpenFunc = func() (io.ReadCloser, error) {
			w.mu.Lock()
			w.opened = d.URL
			w.mu.Unlock()
			return open()
		}
		out[i] = d
	}
	return out
}

// at says in words how far the source was, and the one document it was in.
func (w *watched) at() (words, document string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	last := w.addresses[w.doc]
	switch {
	case w.opened == "":
		return "", ""
	case last == w.opened:
		return fmt.Sprintf(" (after %s of %s)", w.locator, last), last
	}
	return fmt.Sprintf(" (in %s)", w.opened), w.opened
}

func (w *watched) found(document, locator string, err error) error {
	w.doc, w.locator = document, locator
	return w.refused(err)
}

// refused notes an error of the sink that is no fault of the source.
func (w *watched) refused(err error) error {
	if disk := (*fs.PathError)(nil); errors.As(err, &disk) || errors.Is(err, errSeen) {
		w.failed = err
	}
	return err
}

// Disclose implements extractors.Sink.
func (w *watched) Disclose(d extractors.Disclosure) error {
	return w.found(d.Document, d.Locator, w.Sink.Disclose(d))
}

// Observe implements extractors.Sink.
func (w *watched) Observe(o extractors.Observation) error {
	return w.found(o.Document, o.Locator, w.Sink.Observe(o))
}

// Reject implements extractors.Sink.
func (w *watched) Reject(p extractors.Problem) error {
	return w.found(p.Document, p.Locator, w.Sink.Reject(p))
}

// Skip implements extractors.Sink.
func (w *watched) Skip(document string, n int, reason string) error {
	return w.refused(w.Sink.Skip(document, n, reason))
}

// errPanic is a defect of a source.
var errPanic = errors.New("panic")

// guarded runs what a source does; a defect in it is an error of that source.
func guarded(doing string, f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			first, _, _ := strings.Cut(fmt.Sprint(r), "\n")
			err = &panicked{fmt.Errorf("%s: %w: %s", doing, errPanic, first), debug.Stack()}
		}
	}()
	if err := f(); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// panicked is a panic with where it happened, for the log.
type panicked struct {
	error
	stack []byte
}

func (e *panicked) Unwrap() error { return e.error }

// reading lies in reading.json while documents are read. Found there later, it says
// over what the program died.
type reading struct {
	Source    string `json:"source"`
	Documents string `json:"documents"` // fingerprint
	Program   string `json:"program"`
}

// death is how often the program died over the same documents, and when last.
type death struct {
	reading
	Times int       `json:"times"`
	Last  time.Time `json:"last"`
}

func (d *death) of(r reading) bool { return d != nil && d.reading == r }

// over says whether documents are not read any more. Once may be chance: a machine
// that was switched off.
func (d *death) over(r reading, now time.Time) bool {
	const forget = 7 * 24 * time.Hour
	return d.of(r) && d.Times > 1 && now.Sub(d.Last) < forget
}

// begin writes down what is being read, until end.
func (p *Pipeline) begin(r reading) (end func(), err error) {
	b, err := json.Marshal(r)
	if err == nil {
		err = os.WriteFile(p.path(readingFile), b, 0o644)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: writing down what is read: %w", fetch.ErrStore, err)
	}
	return func() { os.Remove(p.path(readingFile)) }, nil //nolint:errcheck // the next reading replaces it
}

const readingFile = "reading.json"

// died notes over what a killed program died, if it was reading. The lock is held:
// nobody reads now.
func (p *Pipeline) died(l *ledger) error {
	b, err := os.ReadFile(p.path(readingFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("looking how the last refresh ended: %w", err)
	}
	var r reading
	if json.Unmarshal(b, &r) == nil && r.Source != "" { // else it was cut off: nothing is known
		s, times := l.shelf(r.Source), 1
		if s.Died.of(r) {
			times += s.Died.Times
		}
		s.Died = &death{r, times, p.cfg.Now().UTC()}
		p.cfg.Log.Warn("the program died while it read documents", "source", r.Source, "times", times)
		if err := l.save(); err != nil {
			return err
		}
	}
	return os.Remove(p.path(readingFile))
}

// fingerprint tells one set of documents from another.
func fingerprint(docs []fetch.Document) string {
	sum := sha256.New()
	for _, d := range docs {
		fmt.Fprintln(sum, d.URL, d.SHA256)
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

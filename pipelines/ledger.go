package pipelines

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/renameio/v2"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
)

// ledger says which documents of each source are in use, and which are held
// back. It is one JSON file beside the documents, replaced whole.
type ledger struct {
	path    string
	Sources map[string]*shelf `json:"sources"`
	spare   bool              // read of the second copy: the first is damaged
	// Withdrawn is what must never be used again.
	Withdrawn []Tombstone `json:"withdrawn,omitempty"`
}

// shelf is what the ledger has of one source.
type shelf struct {
	// Documents are in use: what a build parses.
	Documents []fetch.Document `json:"documents"`
	// Proven: a release was made of them. If not, Before are those of the last that
	// was: they take the place of documents that turn out to be unreadable.
	Proven bool             `json:"proven,omitempty"`
	Before []fetch.Document `json:"before,omitempty"`
	// Measure is what was counted of the live ones, by the program MeasuredBy.
	Measure    *extractors.Measure `json:"measure,omitempty"`
	MeasuredBy string              `json:"measured_by,omitempty"`
	// Peak is the most that was counted since an operator last had a say: many small
	// losses are a large one.
	Peak *extractors.Measure `json:"peak,omitempty"`
	// Partial: the first fetch failed in part and none was complete since. What is in
	// use is no measure of what is published.
	Partial bool `json:"partial,omitempty"`
	// Failing is since when no fetch was complete. Zero: the last one was.
	Failing time.Time `json:"failing,omitzero"`
	// Held are documents that did not look as expected. Nil: none.
	Held *held `json:"held,omitempty"`
	// Refused are answers that were not what they should be, by address.
	Refused map[string]fetch.Refusal `json:"refused,omitempty"`
	// Died is over which documents the program died. Nil: over none.
	Died *death `json:"died,omitempty"`
	// Retired are documents no longer in use, by sha256, and since when.
	Retired map[string]time.Time `json:"retired,omitempty"`
}

// held is a set of documents that waits for an operator's approval.
type held struct {
	Documents []fetch.Document `json:"documents"` // all that would be in use
	Reasons   []string         `json:"reasons"`
	Since     time.Time        `json:"since"`
}

// id tells what is held back from what is held back at another time.
func (h *held) id() string {
	sum := sha256.New()
	for _, d := range h.Documents {
		fmt.Fprintln(sum, d.URL, d.SHA256)
	}
	return hex.EncodeToString(sum.Sum(nil)[:4])
}

// hold holds documents back. Something wrong that comes after something wrong has
// been wrong since then.
func (s *shelf) hold(docs []fetch.Document, reasons []string, now time.Time) {
	since := now.UTC()
	if s.Held != nil {
		since = s.Held.Since
	}
	s.Held = &held{docs, reasons, since}
}

// settled says whether what came can be judged as all there is: the fetch was
// complete, or a part of it has been missing for so long that it is not waited for.
func (s *shelf) settled(complete bool, now time.Time) bool {
	const wait = 7 * 24 * time.Hour
	switch {
	case complete:
		s.Failing = time.Time{}
	case s.Failing.IsZero():
		s.Failing = now.UTC()
	}
	return complete || now.Sub(s.Failing) > wait
}

// measured notes what was counted of the documents in use.
func (s *shelf) measured(m *extractors.Measure, by string) {
	if m == nil || s.MeasuredBy != by {
		s.Peak = nil
	}
	if s.Measure, s.MeasuredBy = m, by; m != nil {
		peak := m.Peak(s.Peak)
		s.Peak = &peak
	}
}

// UnmarshalJSON implements json.Unmarshaler. A bare list is a shelf of documents
// written before anything else was kept.
func (s *shelf) UnmarshalJSON(b []byte) error {
	if strings.HasPrefix(strings.TrimSpace(string(b)), "[") {
		return json.Unmarshal(b, &s.Documents)
	}
	type plain shelf
	return json.Unmarshal(b, (*plain)(s))
}

func openLedger(dir string) (*ledger, error) {
	l := &ledger{path: filepath.Join(dir, "ledger.json"), Sources: map[string]*shelf{}}
	damaged := l.read(l.path)
	if damaged == nil || errors.Is(damaged, fs.ErrNotExist) {
		return l, nil
	}
	spare := &ledger{path: l.path, Sources: map[string]*shelf{}}
	if err := spare.read(l.path + spareExt); err != nil {
		return nil, fmt.Errorf("reading document ledger %s: %w", l.path, damaged)
	}
	spare.spare = true
	return spare, nil
}

// spareExt ends the name of the ledger's second copy. What it says (what was withdrawn,
// handed over or is held back) cannot be found out again.
const spareExt = ".copy"

func (l *ledger) read(path string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, l)
}

func (l *ledger) save() error {
	b, err := json.MarshalIndent(l, "", " ")
	if err != nil {
		return fmt.Errorf("writing document ledger: %w", err)
	}
	for _, path := range []string{l.path, l.path + spareExt} {
		if err := renameio.WriteFile(path, b, 0o644); err != nil {
			return fmt.Errorf("writing document ledger: %w", err)
		}
	}
	return nil
}

// shelf returns a source's part of the ledger.
func (l *ledger) shelf(id string) *shelf {
	s := l.Sources[id]
	if s == nil {
		s = &shelf{}
		l.Sources[id] = s
	}
	return s
}

// use brings documents into use in place of those that were.
func (s *shelf) use(docs []fetch.Document, now time.Time) {
	if s.Retired == nil {
		s.Retired = map[string]time.Time{}
	}
	for _, d := range s.Documents {
		s.Retired[d.SHA256] = now.UTC()
	}
	if s.Proven && !same(docs, s.Documents) {
		s.Before, s.Proven = s.Documents, false
	}
	for _, d := range docs {
		delete(s.Retired, d.SHA256)
	}
	s.Documents = docs
}

// proven notes that a release was made of the documents in use.
func (s *shelf) proven() { s.Proven, s.Before = true, nil }

// all are the documents that are in use, were before, or are held back.
func (s *shelf) all() []fetch.Document {
	list := slices.Concat(s.Documents, s.Before)
	if s.Held != nil {
		list = append(list, s.Held.Documents...)
	}
	return list
}

// set gathers the documents of a source. A document replaces the one of the same
// address, and a live or given one the bundled ones of its role, which never
// replace those. A document whose bytes did not change keeps the time it was
// first retrieved, so nothing is new that is not. Of a source of editions
// everything stays, the editions before at their address with their day.
type set struct {
	editions  bool
	docs      map[setKey]fetch.Document
	published map[string]bool // roles with a live or given document
}

type setKey struct {
	url    string
	origin fetch.Origin // of a source of editions; "" where an address has one document
}

func newSet(docs []fetch.Document, editions bool) *set {
	s := &set{editions, map[setKey]fetch.Document{}, map[string]bool{}}
	for _, d := range docs {
		s.docs[s.key(d)] = d
		s.published[d.Role] = s.published[d.Role] || d.Origin != fetch.Bundled
	}
	return s
}

func (s *set) key(d fetch.Document) setKey {
	if s.editions {
		return setKey{d.URL, d.Origin}
	}
	return setKey{url: d.URL}
}

func (s *set) put(d fetch.Document) {
	if d.Origin == fetch.Bundled && s.published[d.Role] && !s.editions {
		return
	}
	k := s.key(d)
	old, ok := s.docs[k]
	switch {
	case ok && old.SHA256 == d.SHA256 && old.Origin == d.Origin:
		d.Retrieved = old.Retrieved
	case ok && s.editions && d.Origin == fetch.Live:
		day := old.URL + "#" + old.Retrieved.UTC().Format(time.DateOnly)
		if _, taken := s.docs[setKey{day, old.Origin}]; taken { // the second of that day
			day = old.URL + "#" + old.Retrieved.UTC().Format(time.RFC3339Nano)
		}
		old.URL = day
		s.docs[s.key(old)] = old
	}
	if s.docs[k] = d; d.Origin == fetch.Bundled || s.editions || s.published[d.Role] {
		return
	}
	s.published[d.Role] = true
	maps.DeleteFunc(s.docs, func(_ setKey, o fetch.Document) bool { return o.Origin == fetch.Bundled && o.Role == d.Role })
}

// list returns the documents in order.
func (s *set) list() []fetch.Document {
	return slices.SortedFunc(maps.Values(s.docs), func(a, b fetch.Document) int {
		return strings.Compare(a.URL+"\x00"+a.Name+a.SHA256, b.URL+"\x00"+b.Name+b.SHA256)
	})
}

// live are the documents of a set that were fetched from the publisher.
func live(docs []fetch.Document) []fetch.Document {
	return slices.DeleteFunc(slices.Clone(docs), func(d fetch.Document) bool { return d.Origin != fetch.Live })
}

// same says whether two sets hold the same bytes from the same addresses, lists
// of what there is aside.
func same(a, b []fetch.Document) bool {
	probe := func(d fetch.Document) bool { return d.Probe }
	a, b = slices.DeleteFunc(slices.Clone(a), probe), slices.DeleteFunc(slices.Clone(b), probe)
	return slices.EqualFunc(a, b, func(x, y fetch.Document) bool {
		return x.URL == y.URL && x.SHA256 == y.SHA256 && x.Role == y.Role && x.Origin == y.Origin
	})
}

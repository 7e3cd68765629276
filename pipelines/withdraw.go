package pipelines

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"hrinvest/extractors/fetch"
	"hrinvest/warehouse"
)

// Tombstone is what remains of something an operator withdrew: neither its words
// nor its amounts.
type Tombstone struct {
	// ID is a document's sha256 or a statement's disclosure id.
	ID       string    `json:"id"`
	Document bool      `json:"document"`
	Reason   string    `json:"reason"`
	At       time.Time `json:"at"`
	// Source, Address (sha256 of the address, which may name somebody), Headers
	// (validators) and Version tell a live document that is offered again, so that
	// the publisher need not send it. Offered is when it first was.
	Source  string            `json:"source,omitempty"`
	Address string            `json:"address,omitempty"`
	Headers map[string]string `json:"headers,omitempty"`
	Version string            `json:"version,omitempty"`
	Offered time.Time         `json:"offered,omitzero"`
}

// of notes where a document came from.
func (t *Tombstone) of(d fetch.Document) {
	t.ID, t.Document, t.Source = d.SHA256, true, d.Source
	if d.Origin == fetch.Live {
		t.Address, t.Headers, t.Version = addressHash(d.URL), d.Headers, d.Version
	}
}

func addressHash(url string) string {
	sum := sha256.Sum256([]byte(url))
	return hex.EncodeToString(sum[:])
}

// withdrawnDocuments are the documents that must never be stored again.
func (l *ledger) withdrawnDocuments() map[string]bool {
	out := map[string]bool{}
	for _, t := range l.Withdrawn {
		if t.Document {
			out[t.ID] = true
		}
	}
	return out
}

// withdrawnAt finds what was withdrawn last of an address.
func (l *ledger) withdrawnAt(url string) (fetch.Withdrawn, bool) {
	if len(l.Withdrawn) == 0 {
		return fetch.Withdrawn{}, false
	}
	address := addressHash(url)
	for _, t := range slices.Backward(l.Withdrawn) {
		if t.Document && t.Address == address {
			return fetch.Withdrawn{SHA256: t.ID, Headers: t.Headers, Version: t.Version}, true
		}
	}
	return fetch.Withdrawn{}, false
}

// declined notes the withdrawn documents that a publisher offered again, and returns
// the reasons for those of which the operator was not told yet.
func (l *ledger) declined(source string, offered map[string]fetch.Withdrawn, now time.Time) (news []string) {
	for url, w := range offered {
		for i := range l.Withdrawn {
			t := &l.Withdrawn[i]
			if !t.Document || t.ID != w.SHA256 {
				continue
			}
			if t.Offered.IsZero() {
				t.Offered = now.UTC()
				news = append(news, t.Reason)
			}
			t.Source, t.Address, t.Headers, t.Version = source, addressHash(url), w.Headers, w.Version
		}
	}
	return news
}

// ErrNotHeld means that nothing with that id is in the release or the store.
var ErrNotHeld = errors.New("nothing with this id is known here")

// Withdrawal says what a withdrawal did.
type Withdrawal struct {
	Tombstone
	Removed []string // releases that held it
}

// Withdraw removes a document (by its sha256) or the statement of a flow (by the
// flow's id) for good: it is left out of the release that is built now and of
// every later one, even if the publisher sends it again, and the releases that
// hold it are deleted. A document's bytes are deleted too, but for those of the
// program's own bundle; those of a statement stay in its document, which is not
// published: withdraw the document to delete them. It is the one exception to
// the rule that a release never changes.
func (p *Pipeline) Withdraw(ctx context.Context, id, reason string) (*Withdrawal, *Report, error) {
	report := &Report{Started: p.cfg.Now().UTC()}
	defer func() { report.Took = p.cfg.Now().Sub(report.Started) }()
	if strings.TrimSpace(reason) == "" {
		return nil, report, errors.New("withdrawing: a reason is needed; it stays in the tombstone")
	}
	unlock, err := p.lock()
	if err != nil {
		return nil, report, err
	}
	defer unlock()
	l, err := p.openLedger(ctx)
	if err != nil {
		return nil, report, err
	}
	w := &Withdrawal{Tombstone: Tombstone{Reason: strings.TrimSpace(reason), At: p.cfg.Now().UTC()}}
	if err := p.find(ctx, l, id, &w.Tombstone); err != nil {
		return nil, report, err
	}
	l.Withdrawn = append(l.Withdrawn, w.Tombstone)
	p.store.Withdrawn = l.withdrawnDocuments()
	if err := errors.Join(l.bury(p.store), l.save()); err != nil {
		return nil, report, err
	}
	for _, src := range p.cfg.Sources {
		report.source(src.Info())
	}
	if err := p.build(ctx, l, BuildOptions{}, report); err != nil && !errors.Is(err, warehouse.ErrNothingNew) {
		return nil, report, err
	}
	w.Removed, err = p.purge(ctx, w.Tombstone)
	return w, report, errors.Join(err, p.record(report, l, err))
}

// find reads what an id names into a tombstone: a document of the ledger, or a
// statement by itself or a flow of it in the release that is served.
func (p *Pipeline) find(ctx context.Context, l *ledger, id string, t *Tombstone) error {
	for _, s := range l.Sources {
		for _, d := range s.all() {
			if d.SHA256 == id || len(id) >= 12 && strings.HasPrefix(d.SHA256, id) {
				t.of(d)
				return nil
			}
		}
	}
	current, err := warehouse.Current(p.cfg.Dir)
	if err != nil {
		return err
	}
	db, err := warehouse.Open(current.Path, warehouse.Options{})
	if err != nil {
		return err
	}
	defer db.Close()
	found, err := db.Query(ctx, "SELECT disclosure_id FROM flows WHERE flow_id = ? UNION SELECT disclosure_id FROM disclosures WHERE disclosure_id = ?", id, id)
	if err != nil {
		return fmt.Errorf("looking for %s: %w", id, err)
	}
	if len(found.Rows) == 0 {
		return fmt.Errorf("%w: %s is neither the sha256 of a document nor a flow", ErrNotHeld, id)
	}
	t.ID = warehouse.Text(found.Rows[0][0])
	return nil
}

// bury takes withdrawn documents out of use and deletes their bytes, also those
// that came in again since.
func (l *ledger) bury(store *fetch.Store) error {
	for _, t := range l.Withdrawn {
		if !t.Document {
			continue
		}
		for _, s := range l.Sources {
			s.Documents, s.Before = without(s.Documents, t.ID), without(s.Before, t.ID)
			if s.Held != nil {
				if s.Held.Documents = without(s.Held.Documents, t.ID); len(s.Held.Documents) == 0 {
					s.Held = nil
				}
			}
			delete(s.Retired, t.ID)
			maps.DeleteFunc(s.Refused, func(_ string, r fetch.Refusal) bool { return r.SHA256 == t.ID })
		}
		if store.Has(t.ID) {
			if err := store.Remove(t.ID); err != nil {
				return fmt.Errorf("deleting a withdrawn document: %w", err)
			}
		}
	}
	return nil
}

func without(docs []fetch.Document, sum string) []fetch.Document {
	return slices.DeleteFunc(slices.Clone(docs), func(d fetch.Document) bool { return d.SHA256 == sum })
}

// withdrawnStatements are the reasons of withdrawn statements by disclosure id.
func (l *ledger) withdrawnStatements() map[string]string {
	out := map[string]string{}
	for _, t := range l.Withdrawn {
		if !t.Document {
			out[t.ID] = t.Reason
		}
	}
	return out
}

// purge deletes every release that holds what was withdrawn. The one that is
// served is not deleted: it was built without it.
func (p *Pipeline) purge(ctx context.Context, t Tombstone) ([]string, error) {
	current, err := warehouse.Current(p.cfg.Dir)
	if err != nil {
		return nil, err
	}
	all, err := warehouse.Releases(p.cfg.Dir)
	if err != nil {
		return nil, err
	}
	var removed []string
	for _, r := range all {
		holds, err := holdsWithdrawn(ctx, r, t)
		if err != nil {
			return removed, err
		}
		if !holds {
			continue
		}
		if r.ID == current.ID {
			return removed, fmt.Errorf("release %s is served and still holds what was withdrawn", r.ID)
		}
		if err := warehouse.Remove(p.cfg.Dir, r.ID); err != nil {
			return removed, err
		}
		removed = append(removed, r.ID)
	}
	return removed, nil
}

func holdsWithdrawn(ctx context.Context, r warehouse.Release, t Tombstone) (_ bool, err error) {
	db, err := warehouse.Open(r.Path, warehouse.Options{})
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	question := "SELECT 1 FROM flows WHERE disclosure_id = ? UNION ALL SELECT 1 FROM disclosures WHERE disclosure_id = ? AND outcome <> 'rejected' LIMIT 1"
	args := []any{t.ID, t.ID}
	if t.Document {
		question, args = "SELECT 1 FROM documents WHERE sha256 = ? LIMIT 1", []any{t.ID}
	}
	res, err := db.Query(ctx, question, args...)
	if err != nil {
		return false, fmt.Errorf("looking for what was withdrawn in release %s: %w", r.ID, err)
	}
	return len(res.Rows) > 0, nil
}

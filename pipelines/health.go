package pipelines

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
)

// Lost returns the documents in use whose bytes are not in the store of a data
// directory, not all of them, or not as they came: no release can be made without. n is how many are
// in use.
func Lost(dir string) (lost []fetch.Document, n int, err error) {
	l, err := openLedger(filepath.Join(dir, "documents"))
	if err != nil {
		return nil, 0, err
	}
	store, err := fetch.NewStore(filepath.Join(dir, "documents"))
	if err != nil {
		return nil, 0, err
	}
	for _, s := range l.Sources {
		for _, d := range s.Documents {
			n++
			whole := store.Holds(d)
			if whole {
				damaged, err := store.Damaged(d.SHA256)
				if err != nil {
					return nil, 0, err
				}
				whole = !damaged
			}
			if !whole {
				lost = append(lost, d)
			}
		}
	}
	slices.SortFunc(lost, func(a, b fetch.Document) int {
		return slices.Compare([]string{a.Source, a.URL}, []string{b.Source, b.URL})
	})
	return lost, n, nil
}

// verify sets aside the documents whose bytes are not those that came: a disk lies
// now and then, and a number read off a damaged document is wrong. What was fetched
// is fetched again.
func (p *Pipeline) verify(ctx context.Context, l *ledger) error {
	checked := map[string]bool{}
	for id, s := range l.Sources {
		for _, d := range s.all() {
			if checked[d.SHA256] || !p.store.Has(d.SHA256) {
				continue
			}
			checked[d.SHA256] = true
			damaged, err := p.store.Damaged(d.SHA256)
			if err == nil && damaged {
				p.cfg.Log.Error("a stored document is damaged and set aside", "source", id, "address", d.URL, "document", d.SHA256)
				err = p.store.SetAside(d.SHA256)
			}
			if err = errors.Join(err, ctx.Err()); err != nil {
				return fmt.Errorf("looking at the stored documents: %w", err)
			}
		}
	}
	return nil
}

// Hosts are where a source's documents lie: those of the addresses that its
// extracts stand in for, of its home where it has none, and those it is led to.
func Hosts(src extractors.Source) ([]string, error) {
	var addresses []string
	if b := src.Bundled(); b != nil {
		files, err := fetch.ReadBundle(b)
		if err != nil {
			return nil, fmt.Errorf("source %s: %w", src.Info().ID, err)
		}
		for _, f := range files {
			addresses = append(addresses, f.URL)
		}
	} else {
		addresses = append(addresses, src.Info().Home)
	}
	hosts := slices.Clone(src.Info().Hosts)
	for _, a := range addresses {
		u, err := url.Parse(a)
		if err != nil {
			return nil, fmt.Errorf("source %s: %w", src.Info().ID, err)
		}
		if u.Hostname() != "" { // a urn has none
			hosts = append(hosts, u.Hostname())
		}
	}
	slices.Sort(hosts)
	return slices.Compact(hosts), nil
}

package pipelines

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hrinvest/warehouse"
)

// keepUnused is how long a document stays that nothing names any more.
const keepUnused = 90 * 24 * time.Hour

// sweep removes documents that nothing has named for long, and what is left of
// downloads that nobody went on with. The ledger names documents in use, held back
// or refused; a release those it was made from, for as long as it is kept.
func (p *Pipeline) sweep(ctx context.Context, l *ledger) error {
	now := p.cfg.Now()
	named, retired := l.named()
	stored, err := p.store.List()
	if err != nil {
		return err
	}
	var old []string
	for sum, since := range stored {
		if t, ok := retired[sum]; ok {
			since = t
		}
		if !named[sum] && now.Sub(since) >= keepUnused {
			old = append(old, sum)
		}
	}
	if len(old) > 0 { // releases are opened only then
		inRelease, err := p.ofReleases(ctx)
		if err != nil {
			return err
		}
		for _, sum := range old {
			if inRelease[sum] {
				continue
			}
			if err := p.store.Remove(sum); err != nil {
				return err
			}
			l.forget(sum)
		}
	}
	return errors.Join(p.store.Sweep(now), l.save())
}

// ofReleases are the documents of all releases that are kept.
func (p *Pipeline) ofReleases(ctx context.Context) (map[string]bool, error) {
	releases, err := warehouse.Releases(p.cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("removing old documents: %w", err)
	}
	named := map[string]bool{}
	for _, r := range releases {
		if err := documentsOf(ctx, r, named); err != nil {
			return nil, fmt.Errorf("removing old documents: release %s: %w", r.ID, err)
		}
	}
	return named, nil
}

func documentsOf(ctx context.Context, r warehouse.Release, named map[string]bool) error {
	db, err := warehouse.Open(r.Path, warehouse.Options{})
	if err != nil {
		return err
	}
	defer db.Close()
	res, err := db.Query(ctx, "SELECT sha256 FROM documents")
	if err != nil {
		return err
	}
	for _, row := range res.Rows {
		named[warehouse.Text(row[0])] = true
	}
	return nil
}

// named are the documents that the ledger needs, and since when others are not in
// use any more.
func (l *ledger) named() (named map[string]bool, retired map[string]time.Time) {
	named, retired = map[string]bool{}, map[string]time.Time{}
	for _, s := range l.Sources {
		for _, d := range s.all() {
			named[d.SHA256] = true
		}
		for _, r := range s.Refused {
			named[r.SHA256] = true
		}
		for sum, since := range s.Retired {
			if since.After(retired[sum]) {
				retired[sum] = since
			}
		}
	}
	return named, retired
}

func (l *ledger) forget(sum string) {
	for _, s := range l.Sources {
		delete(s.Retired, sum)
	}
}

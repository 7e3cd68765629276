package pipelines

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
)

// Trial is how a source answered in a dry run.
type Trial struct {
	Source  string        `json:"source"`
	Address string        `json:"address,omitempty"` // of the document that was tried
	Role    string        `json:"role,omitempty"`    // what it was recognised as
	Bytes   int64         `json:"bytes"`
	Rows    int           `json:"rows"` // that could be read of its beginning
	Took    time.Duration `json:"took"`
	Error   string        `json:"error,omitempty"` // why it does not look right
}

var errEnough = errors.New("enough")

// Try retrieves the beginning of one document of each source and says whether it
// still looks right. Nothing is stored, and nothing comes into use.
func (p *Pipeline) Try(ctx context.Context, only []string, done func(Trial)) ([]Trial, error) {
	chosen, err := p.pick(only)
	if err != nil {
		return nil, err
	}
	unlock, err := p.lock() // budgets per hour are counted in one place
	if err != nil {
		return nil, err
	}
	defer unlock()
	aside, err := os.MkdirTemp("", "hrinvest-dry-run-")
	if err != nil {
		return nil, fmt.Errorf("trying: %w", err)
	}
	defer os.RemoveAll(aside)
	store, err := fetch.NewStore(aside) // for lists that are needed whole to know what to try
	if err != nil {
		return nil, err
	}
	c, err := p.client(store, p.cfg.Offline)
	if err != nil {
		return nil, err
	}
	var trials []Trial
	for _, src := range chosen {
		if p.cfg.Offline && src.Bundled() == nil {
			continue
		}
		t := p.try(ctx, c, src)
		trials = append(trials, t)
		done(t)
		if ctx.Err() != nil {
			return trials, ctx.Err()
		}
	}
	return trials, nil
}

func (p *Pipeline) try(ctx context.Context, c *fetch.Client, src extractors.Source) Trial {
	info, start := src.Info(), time.Now()
	c = c.For(fetch.View{Hosts: info.Hosts, MaxBytes: info.MaxBytes, Sample: true})
	t := Trial{Source: info.ID}
	var got fetch.Document
	err := fetchFrom(ctx, c, src, func(d fetch.Document) error {
		got = d
		return errEnough
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	t.Address, t.Role, t.Bytes = got.URL, got.Role, c.Usage().Bytes
	switch {
	case err != nil:
	case got.URL == "":
		err = errors.New("nothing came")
	case got.Role == "":
		err = errors.New("not recognised as a document of this source")
	default:
		t.Rows, err = tried(ctx, src, got)
	}
	if t.Took = time.Since(start); err != nil {
		t.Error = err.Error()
	}
	return t
}

// tried says whether a document, or its beginning, can be read: how many rows of
// it. A beginning breaks off somewhere, and that of an archive says nothing.
func tried(ctx context.Context, src extractors.Source, d fetch.Document) (rows int, err error) {
	head, err := d.Head(sampled)
	if err != nil {
		return 0, err
	}
	whole := len(head) < sampled
	m, err := measured(ctx, src, extractors.Set{d})
	switch text := !bytes.HasPrefix(head, []byte("PK")) && !bytes.HasPrefix(head, []byte("PAR1")); {
	case errors.Is(err, errPanic), err != nil && whole:
		return 0, err
	case err != nil, !whole && !text:
		return 0, nil
	case m.All.Rows == 0 && m.All.Rejected > 0 && (whole || m.All.Rejected > 1):
		return 0, fmt.Errorf("nothing of it can be read: %d statements rejected", m.All.Rejected)
	case m.All.Rows == 0 && m.Skipped == 0 && whole:
		return 0, errors.New("nothing can be read of it")
	}
	return m.All.Rows, nil
}

// sampled is the beginning that a dry run retrieves.
const sampled = 64 << 10

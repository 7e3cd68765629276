package pipelines

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/renameio/v2"

	"hrinvest/extractors/fetch"
)

// ledger says which documents of each source are in use. It is one JSON file
// beside the documents, replaced whole.
type ledger struct {
	path    string
	Sources map[string][]fetch.Document `json:"sources"`
}

func openLedger(dir string) (*ledger, error) {
	l := &ledger{path: filepath.Join(dir, "ledger.json"), Sources: map[string][]fetch.Document{}}
	b, err := os.ReadFile(l.path)
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading document ledger: %w", err)
	}
	if err := json.Unmarshal(b, l); err != nil {
		return nil, fmt.Errorf("reading document ledger %s: %w", l.path, err)
	}
	return l, nil
}

func (l *ledger) save() error {
	b, err := json.MarshalIndent(l, "", " ")
	if err != nil {
		return fmt.Errorf("writing document ledger: %w", err)
	}
	if err := renameio.WriteFile(l.path, b, 0o644); err != nil {
		return fmt.Errorf("writing document ledger: %w", err)
	}
	return nil
}

// put brings a document into use. A document replaces the one of the same
// address; the first live or given document of a source replaces its bundled
// ones, and a bundled one never replaces those. A document whose bytes did not
// change keeps the time it was first retrieved, so nothing is new that is not.
func (l *ledger) put(d fetch.Document) {
	docs := l.Sources[d.Source]
	published := slices.ContainsFunc(docs, func(o fetch.Document) bool { return o.Origin != fetch.Bundled })
	if d.Origin == fetch.Bundled && published {
		return
	}
	docs = slices.DeleteFunc(slices.Clone(docs), func(o fetch.Document) bool {
		if o.URL == d.URL && o.SHA256 == d.SHA256 && o.Origin == d.Origin {
			d.Retrieved = o.Retrieved
		}
		return o.URL == d.URL || o.Origin == fetch.Bundled && d.Origin != fetch.Bundled
	})
	docs = append(docs, d)
	slices.SortFunc(docs, func(a, b fetch.Document) int {
		return strings.Compare(a.URL+"\x00"+a.Name+a.SHA256, b.URL+"\x00"+b.Name+b.SHA256)
	})
	l.Sources[d.Source] = docs
}

package pipelines

import (
	"fmt"
	"net/url"
	"path/filepath"
	"slices"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
)

// Lost returns the documents in use whose bytes are not in the store of a data
// directory, or not all of them: no release can be made without. n is how many are
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
			if n++; !store.Holds(d) {
				lost = append(lost, d)
			}
		}
	}
	slices.SortFunc(lost, func(a, b fetch.Document) int {
		return slices.Compare([]string{a.Source, a.URL}, []string{b.Source, b.URL})
	})
	return lost, n, nil
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

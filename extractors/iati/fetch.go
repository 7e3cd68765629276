package iati

import (
	"cmp"
	"context"
	"crypto/sha1" // as the index does; against accidents, not attacks
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"hrinvest/extractors/fetch"
)

// The Bulk Data Service keeps a copy of every registered file, and lists them:
// https://docs.unified-platform.iatistandard.org/en/latest/bulk-data-service/
const (
	indexURL    = "https://bulk-data.iatistandard.org/datasets-minimal"
	oldIndexURL = "https://bulk-data.iatistandard.org/dataset-index-minimal.json" // until 2025
	archiveURL  = "https://bulk-data.iatistandard.org/iati-data.zip"
)

// Fetch implements extractors.Source. See README.md, "What is fetched".
//
// A dataset that cannot be had does not keep the others from being had; what is
// in use of it stays. The error says in a few lines which ones and why.
func (s *Source) Fetch(ctx context.Context, c *fetch.Client, keep func(fetch.Document) error) error {
	switch s.cfg.Retrieval {
	case RetrieveAll:
		return s.fetchArchive(ctx, c, keep)
	case RetrieveHIV:
	default:
		return fmt.Errorf("fetching IATI: there is no retrieval %q", s.cfg.Retrieval)
	}
	choice, err := readChoice()
	if err != nil {
		return err
	}
	some, err := s.fetchCopies(ctx, c, choice, keep)
	if err == nil || some || ctx.Err() != nil || copiesInUse(c) {
		return err
	}
	// The service cannot be had, and never could. That remains an error, so that
	// an operator hears of it, whatever the registry gives.
	return errors.Join(err, s.fetchRegistered(ctx, c, choice, keep))
}

// fetchCopies retrieves the chosen datasets from the Bulk Data Service, and keeps
// its index beside them. It says whether there were any.
func (s *Source) fetchCopies(ctx context.Context, c *fetch.Client, choice *choice, keep func(fetch.Document) error) (some bool, err error) {
	index, datasets, err := s.fetchIndex(ctx, c, choice)
	if err != nil {
		return false, err
	}
	failed, err := s.fetchDatasets(ctx, c, datasets, func(d fetch.Document) error {
		some = true
		return keep(d)
	})
	if err == nil && some {
		err = keep(index)
	}
	if err != nil {
		return some, err
	}
	return some, failed.err()
}

// copiesInUse says whether documents of the Bulk Data Service are in use: its
// index is kept only beside some.
func copiesInUse(c *fetch.Client) bool {
	for _, u := range []string{indexURL, oldIndexURL, archiveURL} {
		if _, ok := inUse(c, u); ok {
			return true
		}
	}
	return false
}

// inUse finds a published document that is in use. An extract of ours is none.
func inUse(c *fetch.Client, url string) (fetch.Document, bool) {
	d, ok := c.Known(url)
	return d, ok && d.Origin != fetch.Bundled
}

// fetchIndex retrieves the index and the chosen datasets of it. The address of
// old is asked only where the present one never answered: what lies there may be
// years old.
func (s *Source) fetchIndex(ctx context.Context, c *fetch.Client, choice *choice) (fetch.Document, []dataset, error) {
	get := func(url string) (fetch.Document, error) {
		return c.Get(ctx, fetch.Request{URL: url, Shape: fetch.JSON, Whole: true})
	}
	d, err := get(indexURL)
	if _, known := inUse(c, indexURL); errors.Is(err, fetch.ErrNotFound) && !known {
		old, oldErr := get(oldIndexURL)
		if d, err = old, nil; oldErr != nil {
			err = errors.Join(fmt.Errorf("fetching %s: %w", indexURL, fetch.ErrNotFound), oldErr)
		}
	}
	if err != nil {
		return d, nil, err
	}
	d.Role, d.Licence, d.Probe = roleIndex, s.Info().Licence, true
	f, err := d.Open()
	if err != nil {
		return d, nil, fmt.Errorf("opening %s: %w", d.URL, err)
	}
	defer f.Close()
	list, err := readIndex(f)
	if err != nil {
		return d, nil, fmt.Errorf("fetching %s: %w", d.URL, fetch.Refuse("%v", err))
	}
	chosen := choice.of(list)
	for _, one := range chosen {
		if !one.missing {
			return d, chosen, nil
		}
	}
	return d, nil, fmt.Errorf("fetching %s: %w", d.URL,
		fetch.Refuse("%d datasets are listed, and no copy of any of the %d publishers that matter", len(list), len(choice.publishers)))
}

// fetchDatasets retrieves datasets one after another. What failed is told apart
// from an error that ends it all. The document in use of a dataset that cannot be
// had, or of which the registry has no copy at present, stays.
func (s *Source) fetchDatasets(ctx context.Context, c *fetch.Client, datasets []dataset, keep func(fetch.Document) error) (*failures, error) {
	failed := &failures{of: len(datasets), what: "datasets"}
	hosts := patience{}
	for _, one := range datasets {
		d, err := fetchDataset(ctx, c, one, hosts)
		if ctx.Err() != nil {
			return failed, ctx.Err()
		}
		have := err == nil
		if !have {
			d, have = lastGood(c, one)
		}
		if !errors.Is(err, errNoCopy) {
			failed.add(err)
		}
		if !have {
			continue
		}
		d.Licence = cmp.Or(one.licence, s.Info().Licence)
		if err := keep(d); err != nil {
			return failed, err
		}
	}
	return failed, nil
}

// lastGood finds the document in use of a dataset.
func lastGood(c *fetch.Client, one dataset) (fetch.Document, bool) {
	if d, ok := inUse(c, one.url); ok {
		return d, true
	}
	return inUse(c, one.source)
}

// errNoCopy: the publisher's server has not answered the Bulk Data Service for
// three days or longer. That is the registry's answer, and no failure of ours.
var errNoCopy = errors.New("the registry has no copy")

func fetchDataset(ctx context.Context, c *fetch.Client, one dataset, hosts patience) (fetch.Document, error) {
	if one.missing {
		return fetch.Document{}, errNoCopy
	}
	current := false
	if d, ok := inUse(c, one.url); ok {
		current = one.version != "" && d.Version == one.version
	}
	if !current && hosts.lost(one.url) {
		return fetch.Document{}, notAsked(one.url)
	}
	d, err := c.Get(ctx, fetch.Request{URL: one.url, Shape: fetch.XML, Version: one.version})
	if err == nil && !current {
		d.Version, err = versionOf(c, one, d)
	}
	if errors.Is(err, fetch.ErrRefused) && one.sha1 != "" && !c.Sample() {
		d, err = fetchBroken(ctx, c, one, err)
	}
	hosts.note(one.url, err)
	if err != nil || d.Role != "" { // failed, or in use already
		return d, err
	}
	head, err := d.Head(headSize)
	if err != nil {
		return d, fmt.Errorf("reading %s: %w", d.URL, err)
	}
	if d.Role, _ = element(head); d.Role == "" {
		return d, fmt.Errorf("fetching %s: %w", d.URL, fetch.Refuse("not of IATI: it begins with %q", clip(head, 100)))
	}
	return d, nil
}

// versionOf is the version of the bytes that came: the announced one only if they
// are the announced bytes. The index and the copies are written at different times.
func versionOf(c *fetch.Client, one dataset, d fetch.Document) (string, error) {
	if one.sha1 == "" || c.Sample() || d.Origin == fetch.Bundled {
		return d.Version, nil
	}
	sum, err := sha1Of(d)
	if err != nil || sum != one.sha1 {
		return "", err
	}
	return one.version, nil
}

func sha1Of(d fetch.Document) (string, error) {
	f, err := d.Open()
	if err != nil {
		return "", fmt.Errorf("opening %s: %w", d.URL, err)
	}
	defer f.Close()
	h := sha1.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("reading %s: %w", d.URL, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// fetchBroken retrieves a file that was refused as it comes. Where its bytes are
// those that the index announces, nothing went wrong on the way: the publisher's
// own file is broken, or in UTF-16, and Parse says what can be read of it.
func fetchBroken(ctx context.Context, c *fetch.Client, one dataset, refused error) (fetch.Document, error) {
	d, err := c.Get(ctx, fetch.Request{URL: one.url, Version: one.version})
	if err != nil {
		return d, refused
	}
	sum, err := sha1Of(d)
	if err == nil && sum != one.sha1 {
		err = refused
	}
	d.Version = one.version
	return d, err
}

// fetchArchive retrieves everything that is registered.
func (s *Source) fetchArchive(ctx context.Context, c *fetch.Client, keep func(fetch.Document) error) error {
	d, err := c.Get(ctx, fetch.Request{URL: archiveURL, Shape: fetch.ZIP})
	if err != nil {
		return err
	}
	head, err := d.Head(headSize)
	if err != nil {
		return fmt.Errorf("reading %s: %w", d.URL, err)
	}
	if !isArchive(head) {
		return fmt.Errorf("fetching %s: %w", d.URL, fetch.Refuse("an archive, but not of IATI data: it begins with %q", clip(head, 100)))
	}
	d.Role, d.Licence = roleArchive, s.Info().Licence
	return keep(d)
}

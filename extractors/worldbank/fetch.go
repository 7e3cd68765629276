package worldbank

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"hrinvest/extractors/fetch"
	"hrinvest/extractors/series"
)

const (
	api       = "https://api.worldbank.org/v2/country"
	countries = api + "?format=json&per_page=400"
	// most pages of one answer: an indicator has one, at 32,500 rows a page
	mostPages = 50
)

// values is the address of an indicator's values, so many on a page.
func values(code string, onPage int) string {
	return fmt.Sprintf("%s/all/indicator/%s?format=json&per_page=%d&date=1990:2030", api, code, onPage)
}

// Fetch implements extractors.Source. A list that cannot be had does not keep the
// others away; the errors are joined.
func (s Source) Fetch(ctx context.Context, c *fetch.Client, keep func(fetch.Document) error) error {
	var failed []error
	some := func(docs []fetch.Document, err error) error {
		if err != nil {
			failed = append(failed, err)
			return nil
		}
		for _, d := range docs {
			if err := keep(d); err != nil {
				return err
			}
		}
		return nil
	}
	for _, i := range indicators {
		if err := some(s.indicator(ctx, c, i)); err != nil {
			return err
		}
	}
	// the list of countries says nothing of its edition
	if err := some(s.pages(ctx, c, roleCountries, countries, "")); err != nil {
		return err
	}
	return errors.Join(failed...)
}

func (s Source) indicator(ctx context.Context, c *fetch.Client, i indicator) ([]fetch.Document, error) {
	version, err := edition(ctx, c, i.code)
	if err != nil {
		return nil, err
	}
	return s.pages(ctx, c, i.role, values(i.code, 32500), version)
}

// edition is the day an indicator was last updated, as an answer of one row has
// it: answers carry no validators. Where there is no such answer (in the bundle),
// it is not known.
func edition(ctx context.Context, c *fetch.Client, code string) (string, error) {
	d, err := c.Get(ctx, fetch.Request{URL: values(code, 1), Shape: fetch.JSON})
	if errors.Is(err, fetch.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	a, _, err := look(d)
	return a.LastUpdated, err
}

// pages retrieves all pages of an answer, each a document; none where one is
// missing, for rows move between the pages of different editions.
func (s Source) pages(ctx context.Context, c *fetch.Client, role, address, version string) ([]fetch.Document, error) {
	var docs []fetch.Document
	var first about
	rows := 0
	for page := 1; ; page++ {
		at := address
		if page > 1 {
			at += fmt.Sprintf("&page=%d", page)
		}
		d, err := c.Get(ctx, fetch.Request{URL: at, Shape: fetch.JSON, Version: version})
		if err != nil {
			return nil, err
		}
		a, n, err := look(d)
		if err != nil {
			return nil, err
		}
		if page == 1 {
			first = a
		}
		rows += n
		d.Role, d.Version = role, a.LastUpdated // what the document says, whatever was announced
		docs = append(docs, d)
		last := page >= int(first.Pages)
		switch {
		case c.Sample():
			return docs, nil
		case int(a.Page) != page || a.Pages != first.Pages || a.LastUpdated != first.LastUpdated:
			err = fetch.Refuse("page %d of %d (%s) stands where page %d of %d (%s) was promised", a.Page, a.Pages, a.LastUpdated, page, first.Pages, first.LastUpdated)
		case first.Pages > mostPages:
			err = fetch.Refuse("%d pages, more than %d", first.Pages, mostPages)
		case last && rows != int(first.Total):
			err = fetch.Refuse("%d rows, where the answer says %d", rows, first.Total)
		}
		if err != nil {
			return nil, fmt.Errorf("fetching %s: %w", at, err)
		}
		if last {
			return docs, series.Look(ctx, s, docs, unit)
		}
	}
}

// look reads what an answer says of itself and counts its rows, as far as it goes.
func look(d fetch.Document) (about, int, error) {
	b, err := d.Head(series.MaxBytes)
	if err != nil {
		return about{}, 0, err
	}
	a, rows, err := open(b)
	if err != nil {
		return about{}, 0, fmt.Errorf("fetching %s: %w", d.URL, fetch.Refuse("%v", err))
	}
	n := 0
	_, err = each(rows, func(int, json.RawMessage) error { n++; return nil })
	return a, n, err
}

package iati

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"hrinvest/extractors/fetch"
)

// registryURL searches the registry of IATI, a CKAN:
// https://docs.ckan.org/en/latest/api/#ckan.logic.action.get.package_search
const (
	registryURL  = "https://iatiregistry.org/api/3/action/package_search"
	registryRows = 1000 // the most that CKAN gives at once
)

// registered is a page of the registry.
type registered struct {
	Success bool
	Result  struct {
		Count   int
		Results []struct {
			Name         string
			LicenseID    string `json:"license_id"`
			Organization struct{ Name string }
			Resources    []struct{ URL string }
		}
	}
}

// fetchRegistered asks the registry where the publishers keep their files, and
// the publishers for them.
func (s *Source) fetchRegistered(ctx context.Context, c *fetch.Client, choice *choice, keep func(fetch.Document) error) error {
	failed := &failures{of: len(choice.publishers), what: "lists of publishers' datasets", lists: true}
	var all []dataset
	hosts := patience{}
	for _, publisher := range choice.publishers {
		if hosts.lost(registryURL) {
			failed.add(notAsked(registryURL))
			continue
		}
		list, err := listRegistered(ctx, c, publisher)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		hosts.note(registryURL, err)
		failed.add(err)
		all = append(all, list...)
	}
	files, err := s.fetchDatasets(ctx, c, choice.of(all), keep)
	if err != nil {
		return err
	}
	return errors.Join(failed.err(), files.err())
}

// listRegistered lists the datasets of a publisher, page by page.
func listRegistered(ctx context.Context, c *fetch.Client, publisher string) (list []dataset, err error) {
	for {
		address := fmt.Sprintf("%s?fq=%s&rows=%d&start=%d", registryURL, url.QueryEscape("organization:"+publisher), registryRows, len(list))
		d, err := c.Get(ctx, fetch.Request{URL: address, Shape: fetch.JSON, Whole: true, MayBeEmpty: true})
		if err != nil {
			return nil, err
		}
		page, err := readRegistered(d)
		if err != nil {
			return nil, fmt.Errorf("fetching %s: %w", address, err)
		}
		for _, r := range page.Result.Results {
			one := dataset{name: r.Name, publisher: r.Organization.Name, licence: r.LicenseID}
			if len(r.Resources) > 0 {
				one.url = strings.TrimSpace(r.Resources[0].URL)
			}
			one.missing = one.url == ""
			list = append(list, one)
		}
		switch {
		case len(list) >= page.Result.Count:
			return list, nil
		case len(page.Result.Results) == 0:
			return nil, fmt.Errorf("fetching %s: %w", address, fetch.Refuse("the list ends after %d of %d datasets", len(list), page.Result.Count))
		}
	}
}

func readRegistered(d fetch.Document) (page registered, err error) {
	f, err := d.Open()
	if err != nil {
		return page, err
	}
	defer f.Close()
	if err := json.NewDecoder(f).Decode(&page); err != nil {
		return page, fetch.Refuse("no answer of the registry: %v", err)
	}
	if !page.Success {
		return page, fetch.Refuse("the registry says that it did not succeed")
	}
	return page, nil
}

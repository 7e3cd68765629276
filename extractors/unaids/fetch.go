package unaids

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"hrinvest/extractors/fetch"
)

// UNAIDS publishes each database once a year as a zip under the year of the
// edition, and moved them between two folders.
var (
	databases = [...]string{"GAM", "KPAtlasDB", "NCPI", "Estimates"} // the one with the money first
	folders   = [...]string{"https://aidsinfo.unaids.org/documents/", "https://aidsinfo.unaids.org/public/documents/"}
)

const (
	firstEdition   = 2019 // the one bundled
	currentEdition = 2025 // the newest of which all four were seen published
)

// programmesURL is the workbook of the HIV Financial Dashboard. Whether it is
// still there is not known.
const programmesURL = "https://hivfinancial.unaids.org/GARPR16-GAM2024ProgrammeExpenditures.xlsx"

// Fetch implements extractors.Source. It takes of each database the newest
// edition that is published, then the series of the interface, then the workbook
// where it answers. Each host is left alone for the night after its first answer
// that is not about a single document.
func (s Source) Fetch(ctx context.Context, c *fetch.Client, keep func(fetch.Document) error) error {
	f := &fetching{Source: s, client: c, keep: keep}
	extract, err := f.editions(ctx)
	if err == nil && !extract {
		err = f.series(ctx)
	}
	if err == nil && !extract {
		err = f.programmes(ctx)
	}
	if err != nil {
		return err
	}
	if err := errors.Join(f.failed...); err != nil {
		if errors.Is(err, fetch.ErrBlocked) {
			return fmt.Errorf("fetching AIDSinfo: %w (programs are not let in: download the files with a browser and hand them over, see README.md of this source)", err)
		}
		return fmt.Errorf("fetching AIDSinfo: %w", err)
	}
	return nil
}

// fetching is one night's retrieval.
type fetching struct {
	Source
	client *fetch.Client
	keep   func(fetch.Document) error
	failed []error // what could not be had
}

func (f *fetching) known(address string) bool { _, ok := f.client.Known(address); return ok }

// another says whether an error is about one document, so that the next of the
// same host is worth asking for.
func another(err error) bool {
	return errors.Is(err, fetch.ErrNotFound) || errors.Is(err, fetch.ErrRefused)
}

// get retrieves a document, finds its role and looks at it. A document that is
// refused after it came is returned beside the error.
func (f *fetching) get(ctx context.Context, r fetch.Request, look func(fetch.Document) error) (fetch.Document, error) {
	d, err := f.client.Get(ctx, r)
	if err != nil {
		return fetch.Document{}, err
	}
	head, err := d.Head(64 << 10)
	if err != nil {
		return fetch.Document{}, fmt.Errorf("reading %s: %w", r.URL, err)
	}
	if d.Role = f.Role(d.Name, head); d.Role == "" {
		return d, fmt.Errorf("fetching %s: %w", r.URL, fetch.Refuse("not a document of AIDSinfo"))
	}
	old, _ := f.client.Known(r.URL)
	if unchanged := d.SHA256 == old.SHA256 && d.SHA256 != ""; unchanged || f.client.Sample() && !r.Whole || d.Origin == fetch.Bundled {
		return d, nil
	}
	if err := look(d); err != nil {
		return d, fmt.Errorf("fetching %s: %w", r.URL, err)
	}
	return d, nil
}

// editions keeps the newest edition of each database. extract: the bundled
// document answered, which stands alone.
func (f *fetching) editions(ctx context.Context) (extract bool, err error) {
	newest, oldest := currentEdition, firstEdition
	for _, name := range databases {
		d, year, err := f.newest(ctx, name, newest, oldest)
		if err != nil {
			f.failed = append(f.failed, err)
		}
		if d.URL != "" {
			if err := f.keep(d); err != nil {
				return false, err
			}
			newest = year
		}
		if d.Origin == fetch.Bundled {
			return true, nil
		}
		if err != nil && !another(err) {
			return false, nil
		}
		oldest = newest - 1 // the others are not far from the first
	}
	return false, nil
}

// newest retrieves the newest edition of a database: the one after the known one
// if it has come out, else the known one. Where none is known, editions are asked
// for downwards. A next edition that is a web page is none yet; one that came
// and cannot be read is an error, beside the older one.
func (f *fetching) newest(ctx context.Context, name string, newest, oldest int) (fetch.Document, int, error) {
	if year, ok := f.knownEdition(name); ok {
		newest, oldest = year, year
	}
	var wrong error
	for year := newest + 1; year >= oldest; year-- {
		d, err := f.edition(ctx, name, year)
		next := year > newest
		switch {
		case err == nil:
			return d, year, wrong
		case next && d.URL != "":
			wrong = err
		case errors.Is(err, fetch.ErrNotFound), next && errors.Is(err, fetch.ErrRefused):
		default:
			return fetch.Document{}, 0, errors.Join(wrong, err)
		}
	}
	return fetch.Document{}, 0, errors.Join(wrong, fmt.Errorf("no edition of %s from %d to %d is published: %w", name, oldest, newest+1, fetch.ErrNotFound))
}

func addresses(name string, year int) (out [len(folders)]string) {
	for i, folder := range folders {
		out[i] = fmt.Sprintf("%s%s_%d_en.zip", folder, name, year)
	}
	return out
}

func (f *fetching) knownEdition(name string) (year int, ok bool) {
	for year := currentEdition + 20; year >= firstEdition; year-- {
		for _, a := range addresses(name, year) {
			if f.known(a) {
				return year, true
			}
		}
	}
	return 0, false
}

// edition retrieves one edition from the folder where it is known, or from the
// first that has it.
func (f *fetching) edition(ctx context.Context, name string, year int) (d fetch.Document, err error) {
	at := addresses(name, year)
	if f.known(at[1]) {
		at[0], at[1] = at[1], at[0]
	}
	for _, address := range at {
		var e error
		if d, e = f.get(ctx, fetch.Request{URL: address, Shape: fetch.ZIP, Whole: true}, lookAtArchive); e == nil || d.URL != "" || !another(e) {
			return d, e
		}
		if err == nil || errors.Is(err, fetch.ErrNotFound) {
			err = e
		}
	}
	return fetch.Document{}, err
}

// lookAtArchive refuses a zip without a table of AIDSinfo.
func lookAtArchive(d fetch.Document) error {
	tables, why, err := tablesOf(d)
	switch {
	case err != nil:
		return err
	case why != "":
		return fetch.Refuse("%s", why)
	}
	var seen []string
	for _, t := range tables {
		kind, err := t.kind()
		if err != nil {
			return fetch.Refuse("%s cannot be unpacked: %v", t.inside, err)
		}
		if kind == roleExport {
			return nil
		}
		seen = append(seen, t.inside)
	}
	return fetch.Refuse("no table with area, time period and data value in %s", strings.Join(seen, ", "))
}

// programmes keeps the workbook, if it is there. Once it was, it must be.
func (f *fetching) programmes(ctx context.Context) error {
	d, err := f.get(ctx, fetch.Request{URL: programmesURL, Shape: fetch.ZIP}, lookAtWorkbook)
	switch {
	case err == nil:
		return f.keep(d)
	case !absent(err) || f.known(programmesURL):
		f.failed = append(f.failed, err)
	}
	return nil
}

// absent says of an error that there is no such document, or no such host.
func absent(err error) bool {
	var dns *net.DNSError
	return errors.Is(err, fetch.ErrNotFound) || errors.As(err, &dns) && dns.IsNotFound
}

package globalfund

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"hrinvest/extractors/fetch"
)

// budgetsURL is the address of the download "Grant Budgets - Reference Rate",
// listed on https://data-service.theglobalfund.org/downloads.
const budgetsURL = "https://data-service.theglobalfund.org/file_download/grant_budgets_reference_rate/CSV"

// Fetch implements extractors.Source. It asks when each list last changed and
// takes the pages of those that did. The pages of a list come into use together
// or not at all; a list that fails does not keep the others back.
//
// Where no page of budgets can be had, and none is known from before, the
// download stands in for them.
func (s Source) Fetch(ctx context.Context, c *fetch.Client, keep func(fetch.Document) error) error {
	_, budgets := c.Known(datasets[0].address(s.rows(), 0))
	stamps, err := lastUpdated(ctx, c)
	if err != nil {
		return s.orDownload(ctx, c, keep, budgets, fmt.Errorf("global fund: %w", err))
	}
	var failed []error
	for _, d := range datasets {
		docs, err := s.pages(ctx, c, d, d.version(stamps))
		if err != nil {
			failed = append(failed, fmt.Errorf("global fund %s: %w", d.role, err))
			continue
		}
		for _, doc := range docs {
			if err := keep(doc); err != nil {
				return err
			}
		}
		if c.Sample() {
			return nil
		}
		budgets = budgets || d.role == roleAnswer
	}
	if err := errors.Join(failed...); err != nil {
		return s.orDownload(ctx, c, keep, budgets, err)
	}
	return nil
}

// lastUpdated reads when each list of the interface changed. The answer is not
// kept: it holds the time at which it was asked for.
func lastUpdated(ctx context.Context, c *fetch.Client) (map[string]string, error) {
	doc, err := c.Get(ctx, fetch.Request{URL: probeURL, Shape: fetch.JSON, Accept: "application/json", Whole: true})
	if err != nil {
		return nil, err
	}
	f, err := doc.Open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	stamps := map[string]string{}
	_, wrong, err := readPage(ctx, f, func(_ int, row json.RawMessage) error {
		var info struct{ Dataset, LastUpdated text }
		if err := json.Unmarshal(row, &info); err != nil {
			return fetch.Refuse("%s: not a list of data sets: %v", probeURL, err)
		}
		name := string(info.Dataset)
		stamps[name] = max(stamps[name], stampOf(string(info.LastUpdated)))
		return nil
	})
	switch {
	case err != nil:
		return nil, err
	case wrong != nil:
		return nil, fetch.Refuse("%s: %s", probeURL, wrong.reason)
	case !slices.ContainsFunc(datasets[:], func(d dataset) bool { return d.version(stamps) != "" }):
		return nil, fetch.Refuse("%s says of none of the lists when it changed", probeURL)
	}
	return stamps, nil
}

// stampOf gives both forms of a timestamp, with fractions and without, one form.
func stampOf(s string) string {
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return t.UTC().Format(time.RFC3339Nano)
	}
	return s
}

// pages retrieves a list and makes sure that it is whole.
func (s Source) pages(ctx context.Context, c *fetch.Client, d dataset, version string) ([]fetch.Document, error) {
	all := gathered{dataset: d, top: s.rows(), seen: map[string]bool{}}
	var docs []fetch.Document
	changed := false
	for address := d.address(all.top, 0); address != ""; {
		if len(docs) == mostPages {
			return nil, fetch.Refuse("%s: more than %d pages", d.set, mostPages)
		}
		doc, err := c.Get(ctx, fetch.Request{
			URL: address, Shape: fetch.JSON, Accept: "application/json", Version: version,
			MayBeEmpty: len(docs) > 0, // the page after the last full one
		})
		if err != nil {
			return nil, err
		}
		known, _ := c.Known(address)
		changed = changed || known.SHA256 != doc.SHA256
		doc.Role, doc.Name = d.role, fmt.Sprintf("%s_%d.json", d.role, len(docs)+1)
		docs = append(docs, doc)
		if c.Sample() {
			return docs, all.look(doc)
		}
		if address, err = all.add(ctx, doc); err != nil {
			return nil, fmt.Errorf("%s: %w", doc.URL, err)
		}
	}
	if changed { // the list is of the version announced, also where one page of it stayed as it was
		for i := range docs {
			docs[i].Version = version
		}
	}
	return docs, all.whole()
}

// rows is how many rows are asked for at once.
func (s Source) rows() int {
	if s.top > 0 {
		return s.top
	}
	return pageRows
}

// gathered is what the pages of one list hold so far.
type gathered struct {
	dataset
	top    int
	rows   int
	window int             // rows since the last $skip: links lead on within $top only
	count  text            // rows of the whole list, as its pages say
	seen   map[string]bool // keys
}

// add checks a page and returns the address of the next one, or "".
func (g *gathered) add(ctx context.Context, doc fetch.Document) (next string, err error) {
	f, err := doc.Open()
	if err != nil {
		return "", err
	}
	defer f.Close()
	p, wrong, err := readPage(ctx, f, func(_ int, row json.RawMessage) error { return g.row(row) })
	switch {
	case err != nil:
		return "", err
	case wrong != nil:
		return "", fetch.Refuse("%s", wrong.reason)
	case p.count != "" && g.count != "" && p.count != g.count:
		return "", fetch.Refuse("the list changed while it was read: it had %s rows, now it has %s", g.count, p.count)
	}
	g.count = text(first(string(g.count), string(p.count)))
	g.rows += p.rows
	g.window += p.rows
	switch {
	case p.next != "":
		return follow(doc.URL, string(p.next))
	case g.window < g.top || strconv.Itoa(g.rows) == string(g.count):
		return "", nil
	}
	g.window = 0
	return g.address(g.top, g.rows), nil
}

// row refuses a row that stands there twice, or that was not asked for.
func (g *gathered) row(quoted json.RawMessage) error {
	var row struct{ FinancialIndicatorID, HierarchyID, ID, IndicatorName text }
	if err := json.Unmarshal(quoted, &row); err != nil {
		return fetch.Refuse("not a row: %v", err)
	}
	key := string(row.ID)
	switch g.key {
	case "financialIndicatorId":
		key = string(row.FinancialIndicatorID)
	case "hierarchyId":
		key = string(row.HierarchyID)
	}
	if key != "" && g.seen[key] {
		return fetch.Refuse("the row %s stands there twice", key)
	}
	g.seen[key] = true
	if name := string(row.IndicatorName); len(g.indicators) > 0 && name != "" && !slices.Contains(g.indicators, name) {
		return fetch.Refuse("rows of %q, which were not asked for", name)
	}
	return nil
}

// look refuses the beginning of a page that is not of the list.
func (g *gathered) look(doc fetch.Document) error {
	head, err := doc.Head(64 << 10)
	if err != nil {
		return err
	}
	if role := roleOfAnswer(head); role != g.role {
		return fetch.Refuse("%s: not a page of %s", doc.URL, g.set)
	}
	return nil
}

// whole refuses a list that has not as many rows as it says.
func (g *gathered) whole() error {
	if g.count != "" && string(g.count) != strconv.Itoa(g.rows) {
		return fetch.Refuse("%s: %d rows came, of %s", g.set, g.rows, g.count)
	}
	return nil
}

// follow resolves the link to the next page, which may lead to no other list.
// Links behind a gateway may name another scheme or port.
func follow(from, link string) (string, error) {
	u, err := url.Parse(from)
	if err != nil {
		return "", err
	}
	to, err := u.Parse(link)
	if err != nil || to.Hostname() != u.Hostname() || !strings.EqualFold(to.Path, u.Path) || to.RawQuery == u.RawQuery {
		return "", fetch.Refuse("the next page should be at %q", cut(link, 100))
	}
	to.Scheme, to.Host, to.Path = u.Scheme, u.Host, u.Path
	return to.String(), nil
}

// orDownload returns err, why the interface could not be read. Where there are no
// budgets from it at all, it keeps the one table of the download first; the
// bundled table, which stands in for all there is, leaves no error.
func (s Source) orDownload(ctx context.Context, c *fetch.Client, keep func(fetch.Document) error, budgets bool, err error) error {
	if budgets || ctx.Err() != nil {
		return err
	}
	doc, failed := c.Get(ctx, fetch.Request{URL: budgetsURL, Shape: fetch.CSV})
	if failed != nil {
		return errors.Join(err, fmt.Errorf("global fund budgets: %w", failed))
	}
	head, failed := doc.Head(64 << 10)
	if failed != nil {
		return errors.Join(err, fmt.Errorf("global fund budgets: %w", failed))
	}
	if doc.Role = s.Role(doc.Name, head); doc.Role != roleBudgets && doc.Origin != fetch.Bundled {
		return errors.Join(err, fetch.Refuse("%s: the columns of the budgets are not there", budgetsURL))
	}
	if stop := keep(doc); stop != nil {
		return stop
	}
	if doc.Origin == fetch.Bundled {
		return nil
	}
	return err
}

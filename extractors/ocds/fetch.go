package ocds

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"hrinvest/extractors/fetch"
)

//go:embed processes.csv
var processTable string

// The addresses. The portal's site tells the number under which Prozorro's
// interface knows a tender; see README.md for who was seen to ask so.
const (
	summaryURL  = "https://prozorro.gov.ua/api/tenders/%s/summary"
	tenderURL   = "https://public-api.prozorro.gov.ua/api/2.5/tenders/%s"
	contractURL = "https://public-api.prozorro.gov.ua/api/2.5/contracts/%s"
	mtenderURL  = "https://public.mtender.gov.md/tenders/%s"
	budgetURL   = "https://public.mtender.gov.md/budgets/%s/%s"
	mtenderHost = "public.mtender.gov.md"
)

// mostPackages bounds what one process of MTender leads to.
const mostPackages = 200

var internalID = regexp.MustCompile(`^[0-9a-f]{32}$`)

// Number says whether a text is the number of a process that can be fetched.
func Number(id string) bool {
	return prozorroID.FindString(id) == id && id != "" || mtenderID.FindString(id) == id && id != ""
}

// numbers are the processes to fetch.
func (s *Source) numbers() ([]string, error) {
	rows, err := csv.NewReader(strings.NewReader(processTable)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("reading processes.csv: %w", err)
	}
	var ids []string
	for _, r := range rows[1:] {
		ids = append(ids, r[2])
	}
	for _, id := range s.cfg.Processes {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	for _, id := range ids {
		if !Number(id) {
			return nil, fmt.Errorf("%q is no number of a process: it looks like UA-2025-08-26-012721-a or ocds-b3wdp1-MD-1603913785143", id)
		}
	}
	return ids, nil
}

// Fetch implements extractors.Source: the listed processes, one after another. One
// that cannot be had does not keep the others from being kept; the errors come
// back together.
func (s *Source) Fetch(ctx context.Context, c *fetch.Client, keep func(fetch.Document) error) error {
	ids, err := s.numbers()
	if err != nil {
		return err
	}
	t, err := s.tables()
	if err != nil {
		return err
	}
	g := &gathering{ctx: ctx, client: c, tables: t, keep: keep}
	for _, id := range ids {
		if strings.HasPrefix(id, "UA-") {
			g.prozorro(id)
		} else {
			g.mtender(id)
		}
		if g.stop != nil {
			return g.stop
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return errors.Join(g.failed...)
}

// gathering is one Fetch.
type gathering struct {
	ctx    context.Context
	client *fetch.Client
	tables *tables
	keep   func(fetch.Document) error
	failed []error
	stop   error // of keep
}

// prozorro retrieves a tender, and of each of its signed contracts what the tender
// does not repeat: period and items.
func (g *gathering) prozorro(id string) {
	// fields side by side look like an empty list: what it must say is asked for below
	summary, err := g.client.Get(g.ctx, fetch.Request{URL: fmt.Sprintf(summaryURL, id), Shape: fetch.JSON, Accept: "application/json", Whole: true, MayBeEmpty: true})
	if err != nil {
		g.fail(id, err)
		return
	}
	if summary.Origin == fetch.Bundled { // an extract stands for the whole process
		g.take(summary)
		return
	}
	doc, err := opened(summary)
	if err != nil {
		g.fail(id, err)
		return
	}
	internal := cmp.Or(doc.get("id").text(), doc.get("data", "id").text())
	if !internalID.MatchString(internal) {
		g.fail(id, fmt.Errorf("fetching %s: %w", summary.URL, fetch.Refuse("the number the interface knows the tender by is not said")))
		return
	}
	list := g.get(id, fmt.Sprintf(tenderURL, internal))
	for _, n := range list {
		for _, c := range n.get("contracts").list() {
			contract := c.get("id").text()
			signed := c.get("status").text() == "active" || c.get("status").text() == "terminated"
			if signed && internalID.MatchString(contract) && (!c.get("period").isObject() || !c.get("items").isList()) {
				g.get(id, fmt.Sprintf(contractURL, contract))
			}
		}
	}
}

// mtender retrieves a record, the packages that hold its releases, and the budgets
// that say whose money it is.
func (g *gathering) mtender(id string) {
	record := fmt.Sprintf(mtenderURL, id)
	all := g.get(id, record)
	if len(all) == 0 || g.client.Sample() {
		return
	}
	var budgets []string
	for _, address := range g.packages(all[0].document) {
		if address != record {
			all = append(all, g.get(id, address)...)
		}
	}
	for _, n := range all {
		for _, b := range n.get("planning", "budget", "budgetBreakdown").list() {
			if b := b.get("id").text(); fundingID.MatchString(b) && !slices.Contains(budgets, b) {
				budgets = append(budgets, b)
			}
		}
	}
	for _, b := range budgets[:min(len(budgets), mostPackages)] {
		g.get(b, fmt.Sprintf(budgetURL, fundingID.FindStringSubmatch(b)[1], b))
	}
}

// packages are the addresses a record gives of its releases, on its own host. The
// portal writes them with http.
func (g *gathering) packages(d fetch.Document) (out []string) {
	doc, err := opened(d)
	if err != nil {
		return nil
	}
	for _, p := range doc.get("packages").list() {
		u, err := url.Parse(p.text())
		if err != nil || u.Host != mtenderHost {
			continue
		}
		u.Scheme = "https"
		if address := u.String(); !slices.Contains(out, address) && len(out) < mostPackages {
			out = append(out, address)
		}
	}
	return out
}

// get retrieves and keeps a document that must speak of a process, and gives its
// notices.
func (g *gathering) get(id, address string) []notice {
	if g.stop != nil {
		return nil
	}
	d, err := g.client.Get(g.ctx, fetch.Request{URL: address, Shape: fetch.JSON, Accept: "application/json"})
	if err != nil {
		g.fail(id, err)
		return nil
	}
	if g.client.Sample() {
		g.take(d)
		return nil
	}
	doc, err := opened(d)
	if err != nil {
		g.fail(id, err)
		return nil
	}
	list, _ := g.tables.notices(d, doc)
	if !slices.ContainsFunc(list, func(n notice) bool { return n.process == id }) {
		g.fail(id, fmt.Errorf("fetching %s: %w", address, fetch.Refuse("it does not speak of %s", id)))
		return nil
	}
	g.take(d)
	return list
}

// opened decodes a retrieved document.
func opened(d fetch.Document) (node, error) {
	b, err := d.Head(maxBytes)
	if err != nil {
		return node{}, fmt.Errorf("reading %s: %w", d.Name, err)
	}
	doc, wrong := read(b)
	if wrong != "" {
		return node{}, fmt.Errorf("fetching %s: %w", d.URL, fetch.Refuse("%s", wrong))
	}
	return doc, nil
}

func (g *gathering) take(d fetch.Document) {
	d.Role = roleNotices
	if g.stop == nil {
		g.stop = g.keep(d)
	}
}

func (g *gathering) fail(id string, err error) {
	g.failed = append(g.failed, fmt.Errorf("process %s: %w", id, err))
}

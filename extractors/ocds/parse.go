package ocds

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
)

type parser struct {
	tables  *tables
	all     bool // statements about anything are disclosed
	out     extractors.Sink
	funding map[string][]organisation // donors, by the number of a budget of MTender
}

// Parse implements extractors.Source. The notices of all documents are put
// together by process first: a contract that stands in several is one, as the
// latest notice has it.
func (s *Source) Parse(ctx context.Context, docs extractors.Set, out extractors.Sink) error {
	t, err := s.tables()
	if err != nil {
		return err
	}
	p := &parser{tables: t, all: s.cfg.ScopeAll, out: out, funding: map[string][]organisation{}}
	var all []notice
	for _, d := range docs.WithRole(roleNotices) {
		if err := ctx.Err(); err != nil {
			return err
		}
		list, err := p.open(d)
		if err != nil {
			return fmt.Errorf("parsing %s: %w", d.Name, err)
		}
		all = append(all, list...)
	}
	processes, err := p.processes(all)
	if err != nil {
		return err
	}
	for _, pr := range processes {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := p.disclose(pr); err != nil {
			return fmt.Errorf("process %s: %w", pr.id, err)
		}
	}
	return ctx.Err()
}

// open reads the notices of a document. What cannot be used is rejected.
func (p *parser) open(d fetch.Document) ([]notice, error) {
	whole := func(why string) error {
		return p.out.Reject(extractors.Problem{Document: d.SHA256, Locator: "/", Reason: why})
	}
	b, err := d.Head(maxBytes)
	if err != nil {
		return nil, err
	}
	if len(b) > maxBytes {
		return nil, whole(fmt.Sprintf("the document is larger than %d MB: hand over a package for each year", maxBytes>>20))
	}
	doc, wrong := read(b)
	if wrong != "" {
		return nil, whole(wrong)
	}
	list, faults := p.tables.notices(d, doc)
	for _, f := range faults {
		if err := p.out.Reject(extractors.Problem{Document: d.SHA256, Locator: pointer(f.at), Reason: f.why}); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// processes puts notices together, the earlier before the later, in the order in
// which their processes were met.
func (p *parser) processes(all []notice) (out []*process, err error) {
	byID := map[string]*process{}
	var order []string
	others := map[string]string{} // the other number of a tender -> that of its process
	for _, n := range all {
		if id := n.get("id").text(); n.native && id != "" {
			others[id] = n.process
		}
	}
	slices.SortStableFunc(all, func(a, b notice) int { return a.when().Compare(b.when()) })
	for _, n := range all {
		if fundingID.MatchString(n.process) {
			p.fund(n)
			if err := p.out.Skip(n.document.SHA256, 1, skipBudget); err != nil {
				return nil, err
			}
			continue
		}
		id := cmp.Or(others[n.process], n.process)
		if byID[id] == nil {
			byID[id] = &process{id: id}
			order = append(order, id)
		}
		byID[id].add(n)
	}
	for _, id := range order {
		out = append(out, byID[id])
	}
	return out, nil
}

// when is the time of a notice; the zero time where none is published. A tender's
// own date is that of its status.
func (n notice) when() time.Time {
	date := n.get("date").text()
	if date == "" || n.native || n.contract {
		date = n.get("dateModified").text()
	}
	t, err := time.Parse(time.RFC3339, date)
	if err != nil {
		return time.Time{}
	}
	return t
}

// fund notes the donors of a budget.
func (p *parser) fund(n notice) {
	budget := process{}
	budget.add(n)
	if len(budget.funders) > 0 {
		p.funding[n.process] = budget.funders
	}
}

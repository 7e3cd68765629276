package transforms

import (
	"fmt"

	"hrinvest/extractors"
)

// flush runs the steps over the group at hand and writes its rows.
func (s *SourceSink) flush() error {
	if len(s.held) == 0 {
		return nil
	}
	group := s.group[:0]
	for i := range s.held {
		group = append(group, newRow(&s.held[i]))
		group[i].Source, group[i].Typed = s.info.ID, s.info.Typed
	}
	s.group = group
	steps := s.n.steps
	if s.info.Spent == extractors.SpentSum {
		steps = s.n.mirrored
	}
	var err error
	for _, step := range steps {
		if group, err = step(group); err != nil {
			return fmt.Errorf("normalising %s %q: %w", s.info.ID, s.held[0].Group, err)
		}
	}
	if err := s.write(group); err != nil {
		return fmt.Errorf("normalising %s %q: %w", s.info.ID, s.held[0].Group, err)
	}
	clear(s.held)
	s.held = s.held[:0] // the batches hold copies
	return nil
}

// write gives the group's rows their ids and sends statements and flows on.
func (s *SourceSink) write(group []Row) error {
	own := s.byStatement(group)
	ids := make([]string, len(s.held))
	at := make(map[string]int, len(s.held)) // statement by its key
	again := s.repeats()
	for i := range s.held {
		ids[i] = s.disclosureID(&s.held[i])
		at[s.held[i].Key] = i
		if first, ok := again(&s.held[i]); ok {
			for _, r := range own[i] {
				r.exclude("duplicate", first)
			}
		}
	}
	for i := range s.held {
		if reason, ok := s.n.cfg.Withdrawn[ids[i]]; ok {
			own[i] = []*Row{withdrawn(&s.held[i], reason)}
		}
	}
	for i := range s.held {
		d := &s.held[i]
		out := disclosed{s: s, row: own[i][0], d: d}
		out.row.disclosureID = ids[i]
		if whole, ok := at[d.PartOf]; ok && d.PartOf != "" {
			out.partOf = ids[whole]
		}
		if err := s.settle(&out, own[i]); err != nil {
			return err
		}
		if err := s.n.disclosures.add(out); err != nil {
			return err
		}
		if out.outcome == "rejected" {
			own[i] = nil
		}
		for _, r := range own[i] {
			r.disclosureID = ids[i]
			r.flowID = ids[i]
			if r.Path != "" {
				r.flowID = digest(ids[i], r.Path)
			}
		}
	}
	for i := range s.held {
		for _, r := range own[i] {
			if r.StandsForKey != "" {
				whole := at[r.StandsForKey]
				if len(own[whole]) == 1 {
					r.standsFor = own[whole][0].flowID
				} else {
					r.StandsForGroup = ids[whole]
				}
			}
			s.n.overlap.see(s.info, r)
			if r.funderWithheld { // only now: the same money elsewhere is known by who pays
				r.Funder, r.FunderID, r.FunderGroup = "", "", ""
			}
			s.counts.Flows++
			if err := s.n.flows.add(flow{s, r}); err != nil {
				return err
			}
		}
	}
	return nil
}

// withdrawn empties a statement but for its place, and is its only row.
func withdrawn(d *extractors.Disclosure, reason string) *Row {
	*d = extractors.Disclosure{Document: d.Document, Locator: d.Locator, Key: d.Key, Raw: []byte(`{"withheld":true}`)}
	r := newRow(d)
	r.reject("withdrawn: "+reason, "отозвано: "+reason)
	return &r
}

// byStatement gathers the rows made from each held statement. Every statement
// has at least one.
func (s *SourceSink) byStatement(group []Row) [][]*Row {
	index := make(map[*extractors.Disclosure]int, len(s.held))
	for i := range s.held {
		index[&s.held[i]] = i
	}
	own := make([][]*Row, len(s.held))
	for i := range group {
		at := index[group[i].D]
		own[at] = append(own[at], &group[i])
	}
	return own
}

// settle decides the outcome of a statement from its rows and counts it.
func (s *SourceSink) settle(out *disclosed, rows []*Row) error {
	c := s.counts.ByDocument[out.d.Document]
	amount, _, err := ParseDecimal(out.d.Amount, MoneyScale)
	out.amount, out.hasAmount = amount, err == nil
	var sum Decimal
	for _, r := range rows {
		if r.Problem != "" {
			out.outcome, out.problem, out.problemRU = "rejected", r.Problem, r.ProblemRU
			s.counts.Rejected++
			c.Rejected++
			return s.withholdRejected(out)
		}
		sum = sum.Add(r.Amount)
		out.withheld = out.withheld || r.flagged(flagWithheld)
	}
	if sum != amount {
		return fmt.Errorf("%s: rows sum to %s, published %s", out.d.Locator, FormatDecimal(sum, MoneyScale), out.d.Amount)
	}
	out.outcome = "loaded"
	s.counts.Loaded++
	c.Loaded++
	if out.withheld {
		c.Withheld = true
	} else {
		c.shown++
	}
	return nil
}

// withholdRejected removes from a rejected statement what is removed from flows:
// it may not have come as far as the step that does it.
func (s *SourceSink) withholdRejected(out *disclosed) error {
	placed, err := s.n.placed([]Row{newRow(out.d)})
	if err != nil {
		return err
	}
	if out.row.flagged(flagWithheld) { // for what others of its group say
		placed[0].withhold(nil)
		placed[0].publisherWithheld = out.row.publisherWithheld
	}
	placed[0].disclosureID = out.row.disclosureID
	out.row, out.withheld = &placed[0], placed[0].flagged(flagWithheld)
	if out.withheld {
		out.problem, out.problemRU = s.n.withholding.reason(out.problem), s.n.withholding.reason(out.problemRU)
	}
	s.because(out.problem, 1)
	return nil
}

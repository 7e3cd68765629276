package ocds

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"hrinvest/extractors"
)

// Why statements are counted and not loaded.
const (
	skipScope    = "nothing about HIV, drug use or harm reduction among the goods and in the title"
	skipBudget   = "a budget of MTender: it says whose money a purchase is, and is spent by its contracts"
	notAwarded   = "no contract is published; what a purchase is expected to cost is not spent"
	awardOnly    = "an award without a contract: it may still be refused"
	awardLost    = "an award that is not in force"
	notSigned    = "the contract is not signed"
	cancelled    = "the contract was cancelled"
	unknownState = "whether the contract is signed is not published"
	exercise     = "an exercise on the portal's training ground"
)

// disclose hands a process to the sink, one statement for each contract, each award
// no contract came of, and the process where there is neither.
func (p *parser) disclose(pr *process) error {
	contracted := map[string]bool{}
	for _, c := range pr.contracts {
		contracted[c.awardID] = true
		if err := p.contract(pr, c); err != nil {
			return err
		}
	}
	for _, a := range pr.awards {
		if contracted[a.id] {
			continue // its contract states the money
		}
		s := p.statement(pr, *a, nil, "awards/"+a.id)
		if s.OutOfScope = awardOnly; a.status != "active" {
			s.OutOfScope = awardLost
		}
		if _, err := p.emit(pr, s); err != nil {
			return err
		}
	}
	for _, at := range pr.unnamed {
		if !p.covers(pr, p.statement(pr, terms{where: at}, nil, "")) {
			if err := p.out.Skip(at.document.SHA256, 1, skipScope); err != nil {
				return err
			}
			continue
		}
		if err := p.reject(pr, at, "an award or contract without an id cannot be told from others of the process"); err != nil {
			return err
		}
	}
	if len(pr.contracts)+len(pr.awards)+len(pr.unnamed) > 0 {
		return nil
	}
	s := p.statement(pr, terms{where: pr.where}, nil, "tender")
	s.OutOfScope = notAwarded
	_, err := p.emit(pr, s)
	return err
}

// contract hands over one contract, and its parts where its items have values.
func (p *parser) contract(pr *process, c *contract) error {
	award := pr.awardOf(c)
	t := c.terms
	if award != nil && len(t.suppliers) == 0 {
		t.suppliers = award.suppliers
	}
	s := p.statement(pr, t, award, "contracts/"+c.id)
	s.OutOfScope = outside(c)
	dates(&s.Disclosure, c)
	if c.status == "terminated" {
		s.Flags = append(s.Flags, "contract_ended")
	}
	s.quote.of(c)
	loaded, err := p.emit(pr, s)
	if err != nil || !loaded {
		return err
	}
	values, ok := s.bought.values(t)
	if !ok {
		return nil
	}
	for _, use := range s.bought.uses {
		goods := s.bought.only(use)
		part := s
		part.Key, part.PartOf, part.Amount = s.Key+"/"+use, s.Key, values[use]
		part.Codes, part.Texts = goods.codes(), texts(goods.descriptions(p.tables))
		if use == useOther {
			part.Codes = append([]extractors.Code{{Scheme: schemeMixed, Code: mixedOther}}, part.Codes...)
		}
		part.Flags = append(slices.Clone(s.Flags), "item_values")
		if _, err := p.emit(pr, part); err != nil {
			return err
		}
	}
	return nil
}

// outside says why a contract does not count; "" counts. A contract that ended
// (OCDS: terminated) was signed and in force: its value is what was agreed.
func outside(c *contract) string {
	switch status, _, _ := strings.Cut(c.status, "."); {
	case status == "active", status == "terminated", status == "" && c.signed != "":
		return ""
	case status == "cancelled":
		return cancelled
	case status == "pending":
		return notSigned
	}
	return unknownState
}

// dates sets when the money is for: the contract's period, priced on the day it was
// signed; where no whole period is published, that day.
func dates(d *extractors.Disclosure, c *contract) {
	switch {
	case c.periodStart != "" && c.periodEnd != "":
		d.PeriodStart, d.PeriodEnd, d.ValueDate = c.periodStart, c.periodEnd, c.signed
	case c.signed != "":
		d.Date = c.signed
	default:
		d.PeriodStart, d.PeriodEnd = c.periodStart, c.periodEnd
	}
}

// statement is a disclosure in the making.
type statement struct {
	extractors.Disclosure
	at     place
	bought purchase
	quote  quoted
}

// statement says of an award or contract what all have in common.
func (p *parser) statement(pr *process, t terms, award *terms, key string) statement {
	named := pr.titlesOf(t, award) // of its lots
	s := statement{at: t.where, bought: p.tables.look(pr.itemsOf(t, award), strings.Join(append(named, pr.title), "; "))}
	goods := s.bought.descriptions(p.tables)
	carriers, unnamed := p.tables.carriers(pr, t.suppliers)
	title := p.tables.said(pr.title)
	for i := range named {
		named[i] = p.tables.said(named[i])
	}
	s.Disclosure = extractors.Disclosure{
		Document: t.where.document.SHA256, Locator: pointer(t.where.at), URL: page(pr),
		Key: pr.id + "/" + key, Group: pr.id, ActivityID: pr.id, LinkIDs: []string{pr.id}, Title: cmp.Or(p.tables.said(pr.titleEN), title),
		Kind: extractors.Contract, Amount: t.amount, Currency: t.currency, Places: places(pr),
		Codes: s.bought.codes(), Texts: texts(append(named, goods...)),
		Parties: append(p.tables.payers(pr, p.funding), carriers...),
	}
	if description := p.tables.said(pr.description); description != "" {
		s.Texts = append(s.Texts, extractors.Text{Text: description})
	}
	if unnamed {
		s.Flags = append(s.Flags, "supplier_not_named")
	}
	switch t.vat {
	case "true":
		s.Flags = append(s.Flags, "includes_vat")
	case "false":
		s.Flags = append(s.Flags, "excludes_vat")
	}
	s.quote = quote(pr, t, s)
	s.quote.Quote, s.quote.Items = title, goods
	return s
}

// texts are words about a statement itself.
func texts(said []string) []extractors.Text {
	said = slices.DeleteFunc(said, func(s string) bool { return s == "" })
	if len(said) == 0 {
		return nil
	}
	return []extractors.Text{{Text: strings.Join(said, "; "), OfStatement: true}}
}

// covers says whether a statement is about HIV, drug use or harm reduction.
func (p *parser) covers(pr *process, s statement) bool {
	return p.all || s.bought.covered() || p.tables.words.Finder().Mentions(pr.description)
}

// emit hands over a statement that is in scope, and counts one that is not.
func (p *parser) emit(pr *process, s statement) (loaded bool, err error) {
	switch {
	case !p.covers(pr, s):
		return false, p.out.Skip(s.Document, 1, skipScope)
	case pr.test:
		s.OutOfScope = exercise
	}
	if s.OutOfScope == "" {
		switch {
		case s.Amount == "":
			return false, p.reject(pr, s.at, "the value of the contract is not published")
		case s.Currency == "":
			return false, p.reject(pr, s.at, fmt.Sprintf("the amount %q has no currency", clip(s.Amount, 40)))
		}
	}
	if s.Raw, err = json.Marshal(s.quote); err != nil {
		return false, fmt.Errorf("quoting %s: %w", s.Key, err)
	}
	return s.OutOfScope == "", p.out.Disclose(s.Disclosure)
}

// reject refuses a statement.
func (p *parser) reject(pr *process, at place, reason string) error {
	raw, err := json.Marshal(quoted{ProcurementID: pr.id})
	if err != nil {
		return fmt.Errorf("quoting %s: %w", pr.id, err)
	}
	return p.out.Reject(extractors.Problem{Document: at.document.SHA256, Locator: pointer(at.at), Reason: reason, Raw: raw, Places: places(pr)})
}

// pointer is a locator: the JSON pointer, "/" for the whole document.
func pointer(at string) string {
	if at == "" {
		return "/"
	}
	return at
}

// places is where a process buys: the country of its portal, else that of the
// register its buyer is in.
func places(pr *process) []extractors.Share {
	if pr.portal.country != "" {
		return []extractors.Share{{Vocabulary: "iso3", Code: pr.portal.country}}
	}
	for _, o := range [...]organisation{pr.entity, pr.buyer} {
		if len(o.scheme) > 3 && o.scheme[2] == '-' && o.scheme[:2] != "XM" {
			return []extractors.Share{{Vocabulary: "iso2", Code: o.scheme[:2]}}
		}
	}
	return nil
}

// page is the address where people read of a process.
func page(pr *process) string {
	if pr.portal.page == "" || !prozorroID.MatchString(pr.id) {
		return ""
	}
	return pr.portal.page + pr.id
}

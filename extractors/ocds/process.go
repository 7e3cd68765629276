package ocds

import (
	"slices"

	"hrinvest/extractors/fetch"
)

// process is one procurement as its notices leave it: the later ones complete and
// correct the earlier.
type process struct {
	id     string
	portal portal
	where  place // of the notice that was read last

	title, titleEN, description string
	test                        bool // an exercise on the portal's training ground
	buyer, entity               organisation
	funders                     []organisation
	budgets                     []string // numbers of the budgets that pay
	parties                     map[string]organisation
	items                       []item // of the tender
	lots                        []lot
	awards                      []*terms
	contracts                   []*contract
	unnamed                     []place // awards and contracts without an id
}

// place is where something stands.
type place struct {
	document fetch.Document
	at       string
}

type lot struct{ id, title string }

// terms are what an award and a contract have in common.
type terms struct {
	where                  place
	id, status             string
	amount, currency       string
	vat                    string // "true", "false": tax is in the amount
	suppliers              []organisation
	items                  []item
	lots                   []string
	periodStart, periodEnd string
	title                  string
}

type contract struct {
	terms
	number, awardID string
	signed          string
	net             string // without value-added tax
}

// add completes the process by a notice. What a notice says counts from then on;
// what it leaves out stays.
func (p *process) add(n notice) {
	p.where, p.portal = place{n.document, n.at}, n.portal
	if n.contract {
		p.addContract(n.node, n.document)
		return
	}
	tender := n.get("tender")
	if n.native {
		tender = n.node
		p.test = n.get("mode").text() == "test"
	}
	set(&p.title, tender.get("title").text())
	set(&p.titleEN, tender.get("title_en").text())
	set(&p.description, tender.get("description").text())
	for _, o := range n.get("parties").list() {
		party := organisationOf(o)
		if p.parties == nil {
			p.parties = map[string]organisation{}
		}
		if id := o.get("id").text(); id != "" {
			p.parties[id] = party
		}
		for _, role := range o.get("roles").list() {
			switch role.text() {
			case "buyer":
				p.buyer = party
			case "procuringEntity":
				p.entity = party
			case "funder":
				p.fund(party)
			}
		}
	}
	p.party(&p.buyer, n.get("buyer"))
	p.party(&p.entity, tender.get("procuringEntity"))
	for _, o := range n.get("funders").list() {
		p.fund(organisationOf(o))
	}
	for _, b := range n.get("planning", "budget", "budgetBreakdown").list() {
		if id := b.get("id").text(); id != "" && !slices.Contains(p.budgets, id) {
			p.budgets = append(p.budgets, id)
		}
	}
	for _, i := range tender.get("items").list() {
		p.items = merged(p.items, itemOf(i))
	}
	for _, l := range tender.get("lots").list() {
		if id := l.get("id").text(); !slices.ContainsFunc(p.lots, func(l lot) bool { return l.id == id }) {
			p.lots = append(p.lots, lot{id, l.get("title").text()})
		}
	}
	for _, a := range n.get("awards").list() {
		p.addAward(a, n.document)
	}
	for _, c := range n.get("contracts").list() {
		p.addContract(c, n.document)
	}
}

func (p *process) addAward(n node, d fetch.Document) {
	id := p.idOf(n, d)
	if id == "" {
		return
	}
	i := find(p.awards, id)
	if i < 0 {
		i = len(p.awards)
		p.awards = append(p.awards, &terms{id: id})
	}
	p.awards[i].complete(p, n, d)
}

func (p *process) addContract(n node, d fetch.Document) {
	id := p.idOf(n, d)
	if id == "" {
		return
	}
	i := find(p.contracts, id)
	if i < 0 {
		i = len(p.contracts)
		p.contracts = append(p.contracts, &contract{terms: terms{id: id}})
	}
	c := p.contracts[i]
	c.complete(p, n, d)
	set(&c.number, n.get("contractID").text())
	set(&c.awardID, n.get("awardID").text())
	set(&c.signed, n.get("dateSigned").text())
	set(&c.net, n.get("value", "amountNet").text())
}

// idOf is the id of an award or contract; one that has none is noted.
func (p *process) idOf(n node, d fetch.Document) string {
	id := n.get("id").text()
	if id == "" {
		p.unnamed = append(p.unnamed, place{d, n.at})
	}
	return id
}

func (t *terms) key() string { return t.id }

// find is where an award or contract stands in its list; -1: nowhere.
func find[T interface{ key() string }](list []T, id string) int {
	return slices.IndexFunc(list, func(t T) bool { return t.key() == id })
}

// complete takes over what a notice says of an award or contract.
func (t *terms) complete(p *process, n node, d fetch.Document) {
	t.where = place{d, n.at}
	set(&t.status, n.get("status").text())
	set(&t.title, n.get("title").text())
	if v := n.get("value"); v.isObject() { // an amount and its currency belong together
		t.amount, t.currency, t.vat = v.get("amount").text(), v.get("currency").text(), v.get("valueAddedTaxIncluded").truth()
	}
	set(&t.periodStart, n.get("period", "startDate").text())
	set(&t.periodEnd, n.get("period", "endDate").text())
	if list := n.get("suppliers").list(); len(list) > 0 {
		t.suppliers = nil
		for _, s := range list {
			var o organisation
			p.party(&o, s)
			t.suppliers = append(t.suppliers, o)
		}
	}
	if list := n.get("items").list(); len(list) > 0 {
		t.items = nil
		for _, i := range list {
			t.items = append(t.items, itemOf(i))
		}
	}
	if id := n.get("lotID").text(); id != "" {
		t.lots = []string{id}
	}
	for _, l := range n.get("relatedLots").list() {
		if id := l.text(); id != "" && !slices.Contains(t.lots, id) {
			t.lots = append(t.lots, id)
		}
	}
}

// awardOf is the award a contract comes of, if it is published.
func (p *process) awardOf(c *contract) *terms {
	if i := find(p.awards, c.awardID); i >= 0 {
		return p.awards[i]
	}
	return nil
}

// itemsOf are what is bought: as the contract or award says, else the tender's
// items of its lots. What a contract's item leaves out, the tender's item of the
// same id says.
func (p *process) itemsOf(t terms, of *terms) (items []item) {
	lots := t.lots
	if items = t.items; of != nil && len(items) == 0 {
		items = of.items
	}
	if of != nil && len(lots) == 0 {
		lots = of.lots
	}
	if len(items) == 0 {
		for _, i := range p.items {
			if len(lots) == 0 || i.lot == "" || slices.Contains(lots, i.lot) {
				items = append(items, i)
			}
		}
		return items
	}
	items = slices.Clone(items)
	for n, i := range items {
		if k := slices.IndexFunc(p.items, func(t item) bool { return t.id == i.id && i.id != "" }); k >= 0 {
			items[n] = i.completedBy(p.items[k])
		}
	}
	return items
}

// titlesOf are what the lots of an award or contract, and itself, are called.
func (p *process) titlesOf(t terms, of *terms) (titles []string) {
	lots := t.lots
	if of != nil && len(lots) == 0 {
		lots = of.lots
	}
	for _, l := range p.lots {
		if slices.Contains(lots, l.id) && l.title != "" {
			titles = append(titles, l.title)
		}
	}
	if t.title != "" && !slices.Contains(titles, t.title) && t.title != p.title {
		titles = append(titles, t.title)
	}
	return titles
}

// set takes over a text that is not empty.
func set(field *string, text string) {
	if text != "" {
		*field = text
	}
}

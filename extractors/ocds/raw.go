package ocds

import "hrinvest/extractors"

// quoted are the fields of a statement that are kept as published. There is no
// room for contact points, addresses and signatures.
type quoted struct {
	ProcurementID  string   `json:"procurement_id"`
	ContractID     string   `json:"contract_id,omitempty"`
	ContractNumber string   `json:"contract_number,omitempty"`
	Status         string   `json:"status,omitempty"`
	Amount         string   `json:"amount,omitempty"`
	Currency       string   `json:"currency,omitempty"`
	AmountNet      string   `json:"amount_net,omitempty"`
	VAT            string   `json:"value_added_tax_included,omitempty"`
	DateSigned     string   `json:"date_signed,omitempty"`
	PeriodStart    string   `json:"period_start,omitempty"`
	PeriodEnd      string   `json:"period_end,omitempty"`
	Buyer          string   `json:"buyer,omitempty"`
	Suppliers      []string `json:"suppliers,omitempty"`
	Quote          string   `json:"quote,omitempty"` // the title in its own language
	Items          []string `json:"items,omitempty"`
	ATC            []string `json:"atc,omitempty"`
	INN            []string `json:"inn,omitempty"`
	CPV            []string `json:"cpv,omitempty"`
	Budgets        []string `json:"budgets,omitempty"`
}

// quote are the fields of a statement.
func quote(pr *process, t terms, s statement) quoted {
	codes := func(scheme string) (out []string) {
		for _, c := range s.bought.ofScheme(scheme) {
			out = append(out, clip(c.Code, 60))
		}
		return out[:min(len(out), mostItems)]
	}
	q := quoted{
		ProcurementID: pr.id, Status: clip(t.status, 40), Amount: clip(t.amount, 60), Currency: clip(t.currency, 10), VAT: t.vat,
		PeriodStart: clip(t.periodStart, 40), PeriodEnd: clip(t.periodEnd, 40),
		ATC: codes(schemeATC), INN: codes(schemeINN), CPV: codes(schemeCPV), Budgets: pr.budgets,
	}
	for _, party := range s.Parties {
		switch party.Role {
		case extractors.Channel:
			q.Buyer = party.Name
		case extractors.Receiver:
			q.Suppliers = append(q.Suppliers, party.Name)
		}
	}
	return q
}

// of adds what only a contract has.
func (q *quoted) of(c *contract) {
	q.ContractID, q.ContractNumber, q.AmountNet, q.DateSigned = c.id, clip(c.number, 60), clip(c.net, 60), clip(c.signed, 40)
}

package iati

import (
	"errors"
	"fmt"
	"hash/maphash"
	"slices"
	"strconv"

	"hrinvest/extractors"
)

// decode turns a piece into disclosures of a document. It never fails: what
// cannot be read becomes a problem.
func (d *decoder) decode(p piece, doc string, path string, seed maphash.Seed) decoded {
	var out decoded
	reject := func(locator, reason string, raw []byte) {
		out.problems = append(out.problems, extractors.Problem{Document: doc, Locator: locator, Reason: reason, Raw: raw})
	}
	if p.broken != "" {
		reject(path, p.broken+holding(p.data), rawExcerpt(p.data))
		return out
	}
	if !d.all && p.plain && !d.words.maybe(p.data) {
		out.skipped = countStatements(p.data)
		return out
	}
	if err := d.tree.decode(p.data, p.root); err != nil {
		reject(path, err.Error()+holding(p.data), rawExcerpt(p.data))
		return out
	}
	if !d.all && !d.words.covers(&d.tree) {
		out.skipped = d.statements()
		return out
	}
	if d.tree.unbound != "" {
		reject(path, fmt.Sprintf("namespace prefix %q is not declared: elements and attributes with it are left out", d.tree.unbound), nil)
	}
	a := d.activity(path, p.root)
	out.id, out.fingerprint = a.id, maphash.Bytes(seed, p.data)
	out.disclosures = make([]extractors.Disclosure, 0, d.statements())
	var counts [3]int
	d.tree.children(0, "", func(n int32) {
		var (
			s    extractors.Disclosure
			kind string
			nth  *int
			err  error
		)
		switch kind = string(d.tree.nodes[n].name); kind {
		case "transaction":
			nth = &counts[0]
		case "budget":
			nth = &counts[1]
		case "planned-disbursement":
			nth = &counts[2]
		default:
			return
		}
		*nth++
		locator := a.path + "/" + kind + "[" + strconv.Itoa(*nth) + "]"
		if kind == "transaction" {
			s, err = d.transaction(n, a)
		} else {
			s, err = d.budget(n, a)
		}
		if err != nil {
			reject(locator, err.Error(), s.Raw)
			return
		}
		s.Document, s.Locator, s.Key = doc, locator, a.id+"/"+kind
		if ref := d.tree.attr(n, "ref"); len(ref) > 0 {
			d.key = append(append(append(d.key[:0], s.Key...), '/'), ref...)
			s.Key = string(d.key)
		}
		out.disclosures = append(out.disclosures, s)
	})
	return out
}

// statements counts the statements of the decoded activity.
func (d *decoder) statements() (n int) {
	for _, name := range [...]string{"transaction", "budget", "planned-disbursement"} {
		d.tree.children(0, name, func(int32) { n++ })
	}
	return n
}

// holding says what a rejected activity takes with it.
func holding(b []byte) string {
	if n := countStatements(b); n > 0 {
		return fmt.Sprintf(" (%d transactions and budgets begin in it)", n)
	}
	return ""
}

// statement fills what transactions and budgets share.
func (d *decoder) statement(n int32, a *activity) (s extractors.Disclosure, err error) {
	t := &d.tree
	s = extractors.Disclosure{
		ActivityID: a.id, Title: a.title, LinkIDs: a.links, RelatedIDs: a.related,
		Texts: a.texts, Parties: a.parties, Places: a.places, Sectors: a.sectors, Items: a.items,
		Flags: a.flags,
	}
	value, amount := int32(0), ""
	t.children(n, "value", func(c int32) {
		switch text := string(t.nodes[c].text); {
		case value == 0:
			value, amount = c, text
		case text != amount || d.attr(c, "currency") != d.attr(value, "currency") || d.attr(c, "value-date") != d.attr(value, "value-date"):
			err = errTwoValues
		}
	})
	var defaulted []attr
	if value != 0 {
		s.Amount = amount
		s.Currency, s.ValueDate = d.attr(value, "currency"), d.attr(value, "value-date")
		if s.Currency == "" && a.currency != "" {
			s.Currency = a.currency
			s.Flags = append(s.Flags[:len(s.Flags):len(s.Flags)], "default_currency")
			defaulted = []attr{{name: []byte("default-currency"), value: []byte(a.currency)}}
		}
	} else {
		err = errNoValue
	}
	d.raw = t.appendRaw(d.raw[:0], n, defaulted...)
	s.Raw = slices.Clone(d.raw)
	return s, err
}

var (
	errTwoValues = errors.New("two different values in one statement")
	errNoValue   = errors.New("no value")
)

func (d *decoder) transaction(n int32, a *activity) (extractors.Disclosure, error) {
	t := &d.tree
	s, err := d.statement(n, a)
	if err != nil {
		return s, err
	}
	if s.Kind, err = d.kind(t.child(n, "transaction-type")); err != nil {
		return s, err
	}
	s.Date = d.date(t.child(n, "transaction-date"))
	if places := d.places(n); places != nil {
		s.Places = places
	}
	if sectors := d.sectors(n); sectors != nil {
		s.Sectors = sectors
	}
	d.counterparts(n, &s)
	if c := t.child(n, "description"); c != 0 {
		var texts []extractors.Text
		t.children(n, "description", func(c int32) {
			d.narratives(c, func(lang, text string) {
				if lang == "" && len(a.texts) > 0 {
					lang = a.texts[0].Lang
				}
				texts = append(texts, extractors.Text{Lang: lang, Text: text, OfStatement: true})
			})
		})
		if texts != nil {
			s.Texts = append(texts, a.texts...)
		}
	}
	return s, nil
}

// kind reads a transaction's type: its code, else its words, where a code is
// missing or none of the standard's (some write code="I" for "Incoming Funds").
func (d *decoder) kind(n int32) (extractors.Kind, error) {
	if n == 0 {
		return "", errors.New("no transaction type")
	}
	code, name := d.attr(n, "code"), d.name(n)
	if k, ok := transactionKind(code); ok {
		return k, nil
	}
	if k, ok := transactionKind(name); ok && len(name) > 2 {
		return k, nil
	}
	if code == "" && name == "" {
		return "", errors.New("no transaction type")
	}
	return "", fmt.Errorf("unknown transaction type %q (%s)", code, name)
}

// date reads an ISO date attribute, or the text that 1.0x files put in its place.
func (d *decoder) date(n int32) string {
	if n == 0 {
		return ""
	}
	if s := d.attr(n, "iso-date"); s != "" {
		return s
	}
	return d.str(d.tree.nodes[n].text)
}

// counterparts adds who paid and who was paid, and the activities they name.
func (d *decoder) counterparts(n int32, s *extractors.Disclosure) {
	var own []extractors.Party
	d.tree.children(n, "", func(c int32) {
		role := extractors.Provider
		switch {
		case d.tree.is(c, "receiver-org"):
			role = extractors.Receiver
		case !d.tree.is(c, "provider-org"):
			return
		}
		p := d.party(c, role)
		if p.Ref != "" || p.Name != "" || p.ActivityID != "" {
			own = append(own, p)
		}
		if p.ActivityID != "" {
			s.RelatedIDs = appendNew(s.RelatedIDs[:len(s.RelatedIDs):len(s.RelatedIDs)], p.ActivityID)
		}
	})
	if own != nil {
		s.Parties = append(own, s.Parties...)
	}
}

// budget reads a budget or a planned disbursement: both say how much for which
// period.
func (d *decoder) budget(n int32, a *activity) (extractors.Disclosure, error) {
	t := &d.tree
	s, err := d.statement(n, a)
	if err != nil {
		return s, err
	}
	s.Kind = extractors.PlannedDisbursement
	if t.is(n, "budget") {
		s.Kind = extractors.Budget
	}
	s.BudgetStage = budgetStage(d.attr(n, "type"))
	s.PeriodStart, s.PeriodEnd = d.date(t.child(n, "period-start")), d.date(t.child(n, "period-end"))
	d.counterparts(n, &s)
	return s, nil
}

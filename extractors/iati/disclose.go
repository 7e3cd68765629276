package iati

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"hash/maphash"
	"strconv"
	"strings"

	"hrinvest/extractors"
)

// decode turns a piece into disclosures of a document. It never fails: what
// cannot be read becomes a problem.
func (d *decoder) decode(p piece, doc string, path string, seed maphash.Seed) decoded {
	var out decoded
	reject := func(locator, reason string, raw []byte, s extractors.Disclosure) {
		out.problems = append(out.problems, extractors.Problem{Document: doc, Locator: locator, Reason: reason, Raw: raw, Places: s.Places, Parties: s.Parties})
	}
	unread := func(reason string) {
		reject(path, reason+holding(p.data), rawExcerpt(p.data), extractors.Disclosure{Places: countryCodes(p.data)})
	}
	if p.broken != "" {
		unread(p.broken)
		return out
	}
	if !d.all && p.plain && !d.words.maybe(p.data) {
		out.skipped = countStatements(p.data)
		return out
	}
	if err := d.tree.decode(p.data, p.root); err != nil {
		unread(err.Error())
		return out
	}
	if !d.all && !d.words.covers(&d.tree) {
		out.skipped = d.statements()
		return out
	}
	if d.tree.unbound != "" {
		reject(path, fmt.Sprintf("namespace prefix %q is not declared: elements and attributes with it are left out", d.tree.unbound), nil, extractors.Disclosure{})
	}
	a := d.activity(path, p.root)
	out.id, out.fingerprint = a.id, maphash.Bytes(seed, p.data)
	var counts [3]int
	out.from = len(d.slab)
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
		d.buf = strconv.AppendInt(append(append(append(append(d.buf[:0], a.path...), '/'), kind...), '['), int64(*nth), 10)
		d.buf = append(d.buf, ']')
		if kind == "transaction" {
			s, err = d.transaction(n, a)
		} else {
			s, err = d.budget(n, a)
		}
		if err != nil {
			reject(string(d.buf), err.Error(), s.Raw, s)
			return
		}
		// Locator, key and amount share one string.
		locator := len(d.buf)
		d.buf = append(append(append(d.buf, a.id...), '/'), kind...)
		if ref := d.tree.attr(n, "ref"); len(ref) > 0 {
			d.buf = append(append(d.buf, '/'), ref...)
		}
		key := len(d.buf)
		d.buf = append(d.buf, d.amount(n)...)
		own := string(d.buf)
		s.Document, s.Locator, s.Key, s.Amount = doc, own[:locator], own[locator:key], own[key:]
		d.slab = append(d.slab, s)
	})
	out.to = len(d.slab)
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
		Flags: a.flags, ActivityStart: a.start, ActivityEnd: a.end,
	}
	value := int32(0)
	t.children(n, "value", func(c int32) {
		switch {
		case value == 0:
			value = c
		case !bytes.Equal(t.nodes[c].text, t.nodes[value].text) || d.attr(c, "currency") != d.attr(value, "currency") || d.attr(c, "value-date") != d.attr(value, "value-date"):
			err = errTwoValues
		}
	})
	var defaulted []attr
	if value != 0 {
		s.Currency, s.ValueDate = d.attr(value, "currency"), d.attr(value, "value-date")
		if s.Currency == "" && a.currency != "" {
			s.Currency = a.currency
			s.Flags = append(s.Flags[:len(s.Flags):len(s.Flags)], "default_currency")
			defaulted = a.quoted
		}
	} else {
		err = errNoValue
	}
	if cap(d.raw)-len(d.raw) < 2<<10 {
		d.raw = make([]byte, 0, 16<<10)
	}
	if split := a.percentages(t.child(n, "recipient-country")+t.child(n, "recipient-region") == 0, t.child(n, "sector") == 0); split != "" {
		defaulted = append(defaulted[:len(defaulted):len(defaulted)], attr{name: []byte("activity"), value: []byte(split)})
	}
	from := len(d.raw)
	d.raw = t.appendRaw(d.raw, n, defaulted...)
	s.Raw = d.raw[from:len(d.raw):len(d.raw)]
	return s, err
}

// percentages are those of the activity that split a statement: of places and
// sectors unless it has its own, of budget items always.
func (a *activity) percentages(places, sectors bool) string {
	var list []string
	for i, use := range [...]bool{places, sectors} {
		if use && a.split[i] != "" {
			list = append(list, a.split[i])
		}
	}
	if a.budgeted != "" {
		list = append(list, a.budgeted)
	}
	return strings.Join(list, "; ")
}

// shares writes the percentages of a list shortly: "place KG 60, TJ 40". A whole
// is not split.
func shares(what string, list []extractors.Share) string {
	var b strings.Builder
	b.WriteString(what)
	split, codes := false, map[string]bool{}
	for _, s := range list {
		codes[s.Code] = true
	}
	for _, s := range list {
		if s.Percentage == "" {
			continue
		}
		split = split || len(list) > 1 || s.Percentage != "100"
		if b.Len() > len(what) {
			b.WriteByte(',')
		}
		if b.Len() > maxShares {
			b.WriteString(" …")
			break
		}
		label := cmp.Or(s.Code, s.Name)
		if len(codes) < len(list) { // one code for several
			label = cmp.Or(s.Name, s.Code)
		}
		fmt.Fprintf(&b, " %s %s", label, s.Percentage)
	}
	if !split {
		return ""
	}
	return b.String()
}

// maxShares bounds, in bytes, what is quoted of a list of shares.
const maxShares = 1500

// amount is the text of a statement's value.
func (d *decoder) amount(n int32) []byte { return d.tree.nodes[d.tree.child(n, "value")].text }

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
		texts := make([]extractors.Text, 0, len(a.texts)+1)
		t.children(n, "description", func(c int32) {
			d.narratives(c, func(lang, text string) {
				if lang == "" && len(a.texts) > 0 {
					lang = a.texts[0].Lang
				}
				texts = append(texts, extractors.Text{Lang: lang, Text: text, OfStatement: true})
			})
		})
		if len(texts) > 0 {
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
	var parties []extractors.Party
	var related []string
	d.tree.children(n, "", func(c int32) {
		role := extractors.Provider
		switch {
		case d.tree.is(c, "receiver-org"):
			role = extractors.Receiver
		case !d.tree.is(c, "provider-org"):
			return
		}
		p := d.party(c, role)
		if p.Ref == "" && p.Name == "" && p.ActivityID == "" {
			return
		}
		if parties == nil {
			parties = make([]extractors.Party, 0, len(s.Parties)+2)
		}
		parties = append(parties, p)
		if p.ActivityID != "" {
			if related == nil {
				related = append(make([]string, 0, len(s.RelatedIDs)+2), s.RelatedIDs...)
			}
			related = appendNew(related, p.ActivityID)
		}
	})
	if parties != nil {
		s.Parties = append(parties, s.Parties...)
	}
	if related != nil {
		s.RelatedIDs = related
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

package ocds

import (
	"regexp"
	"slices"
	"strings"

	"hrinvest/extractors"
)

// organisation is who buys, pays or sells. Addresses and contact points are never
// read.
type organisation struct{ name, scheme, id string }

// organisationOf reads an organisation with its identifier, or a reference to one
// ("UA-EDR-30976871").
func organisationOf(n node) organisation {
	o := organisation{name: n.get("name").text(), scheme: n.get("identifier", "scheme").text(), id: n.get("identifier", "id").text()}
	if o.name == "" {
		o.name = n.get("identifier", "legalName").text()
	}
	if ref := n.get("id").text(); o.id == "" {
		if at := strings.LastIndexByte(ref, '-'); at > 0 {
			o.scheme, o.id = ref[:at], ref[at+1:]
		}
	}
	return o
}

// party reads an organisation that may be a reference to one of the parties.
func (p *process) party(into *organisation, n node) {
	if !n.isObject() {
		return
	}
	o := organisationOf(n)
	if known, ok := p.parties[n.get("id").text()]; ok && (n.get("identifier", "id").text() == "" || known.id == o.id) {
		o = known
	}
	if o.name != "" || o.id != "" {
		*into = o
	}
}

func (p *process) fund(o organisation) {
	if o.name != "" && !slices.Contains(p.funders, o) {
		p.funders = append(p.funders, o)
	}
}

// ref is the identifier with its scheme.
func (o organisation) ref() string {
	if o.scheme == "" || o.id == "" {
		return ""
	}
	return o.scheme + "-" + o.id
}

// personal is an identifier of natural persons: ten digits of a taxpayer in
// Ukraine, thirteen beginning with 2 or 0 in Moldova, a passport.
var personal = regexp.MustCompile(`^([0-9]{10}|[02][0-9]{12}|[\pL]{2}[0-9]{6})$`)

// mayBeNamed says whether an organisation is one: a supplier who trades under
// their own name is a person. A supplier is named only where the portal's
// identifiers tell legal persons, and its own is one of them.
func (t *tables) mayBeNamed(o organisation, of portal, supplier bool) bool {
	switch {
	case o.name == "", personal.MatchString(o.id), t.isPerson(o.name):
		return false
	case of.legal != nil && (o.scheme == of.scheme || o.scheme == "" || supplier):
		return of.legal.MatchString(o.id)
	}
	return !supplier
}

// isPerson says whether a text speaks of a trader who is a natural person, whose
// name would follow.
func (t *tables) isPerson(text string) bool { return t.persons.Finder().Mentions(text) }

// said is a text of a notice without contact details; one that may name a person
// is left out whole.
func (t *tables) said(text string) string {
	if t.isPerson(text) {
		return ""
	}
	text, _ = t.redact.Text(strings.Join(strings.Fields(text), " "))
	return clip(text, longestText)
}

const longestText = 500 // runes

func clip(text string, runes int) string {
	if r := []rune(text); len(r) > runes {
		return string(r[:runes]) + "…"
	}
	return text
}

// public is who pays where no donor is named: the state or a municipality, of
// which budget is rarely published.
var public = extractors.Party{Role: extractors.Funder, Name: "Domestic public", Type: "domestic_public", Domestic: true}

// payers are whose money it is: the donors a notice or its budgets name, else the
// public's.
func (t *tables) payers(p *process, funding map[string][]organisation) (out []extractors.Party) {
	funders := slices.Clone(p.funders)
	for _, b := range p.budgets {
		funders = append(funders, funding[b]...)
	}
	own := false
	for _, f := range funders {
		switch party := (extractors.Party{Role: extractors.Funder, Ref: f.ref(), Name: f.name}); {
		case f.id != "" && (f.id == p.buyer.id || f.id == p.entity.id):
			own = true // it pays itself
		case !t.mayBeNamed(f, p.portal, false):
			out = append(out, extractors.Party{Role: extractors.Funder, Name: "Donor (not named)"})
		case !slices.Contains(out, party):
			out = append(out, party)
		}
	}
	if own || len(out) == 0 {
		out = append(out, public)
	}
	return out
}

// carriers are who buys and who is paid, as far as they may be named; unnamed says
// that a supplier is not.
func (t *tables) carriers(p *process, suppliers []organisation) (out []extractors.Party, unnamed bool) {
	for _, o := range [...]organisation{p.entity, p.buyer} {
		if t.mayBeNamed(o, p.portal, false) {
			out = append(out, extractors.Party{Role: extractors.Channel, Ref: o.ref(), Name: t.said(o.name)})
			break
		}
	}
	for _, o := range suppliers {
		if !t.mayBeNamed(o, p.portal, true) {
			unnamed = true
			continue
		}
		out = append(out, extractors.Party{Role: extractors.Receiver, Ref: o.ref(), Name: t.said(o.name)})
	}
	return out, unnamed
}

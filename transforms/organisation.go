package transforms

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"hrinvest/extractors"
)

// Organisations knows funders by the references and names publishers use.
//
// It remembers what it was asked: it is not safe for concurrent use.
type Organisations struct {
	byAlias map[string]organisation
	asked   map[extractors.Party]found
	// financing entities of organisations that are not on the list, by name, where a
	// source gives both the name and an identifier: of the source at hand, and of
	// those before it. "" is a name that two entities bear.
	learning, learned map[string]string
}

type found struct {
	organisation
	ok bool
}

// maxAsked bounds what is remembered.
const maxAsked = 1 << 16

type organisation struct {
	id, name, kind string
	secondary      bool   // re-publishes what others report
	group          string // the financing entity it counts as, where that is not itself
	country        string // alpha-3, of an organisation of one country
}

// NewOrganisations reads vocab/organisations.csv.
func NewOrganisations() (*Organisations, error) {
	rows, err := vocabRows("organisations.csv", 8)
	if err != nil {
		return nil, err
	}
	o := &Organisations{byAlias: map[string]organisation{}, asked: map[extractors.Party]found{}, learning: map[string]string{}, learned: map[string]string{}}
	for _, r := range rows {
		org := organisation{id: r[0], name: r[1], kind: r[2], secondary: r[5] == "1", group: r[6], country: r[7]}
		o.byAlias[orgKey(r[0])], o.byAlias[orgKey(r[1])] = org, org
		for _, a := range strings.Split(r[3], "|") {
			if a != "" {
				o.byAlias[orgKey(a)] = org
			}
		}
	}
	return o, nil
}

// orgKey folds case, blanks and punctuation away.
func orgKey(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\n\u00a0.,;:'\"()-–—&/“”„‘’«»", r) {
			return -1
		}
		return r
	}, strings.ReplaceAll(strings.ToLower(s), "ё", "е"))
}

// find resolves a party; one that is not known stays as published.
func (o *Organisations) find(p extractors.Party) (organisation, bool) {
	p = extractors.Party{Ref: p.Ref, Name: p.Name, Type: p.Type}
	f, ok := o.asked[p]
	if !ok {
		if f.organisation, f.ok = o.look(p); len(o.asked) < maxAsked {
			o.asked[p] = f
		}
	}
	return f.organisation, f.ok
}

func (o *Organisations) look(p extractors.Party) (organisation, bool) {
	for _, k := range [...]string{p.Ref, p.Name} {
		if k = orgKey(k); k != "" {
			if org, ok := o.byAlias[k]; ok {
				return org, true
			}
		}
	}
	org := organisation{id: p.Ref, name: p.Name, kind: funderType(p.Type)}
	if org.kind == "unknown" && governmentRef.MatchString(p.Ref) {
		org.kind = "bilateral"
	}
	return org, false
}

// governmentRef is how governments are numbered (org-id.guide, lists XX-GOV).
var governmentRef = regexp.MustCompile(`^[A-Z]{2}-GOV-`)

// learn makes what a source said of names hold for the sources after it. It holds for
// none of its own statements, so that their order does not matter.
func (o *Organisations) learn() {
	for name, group := range o.learning {
		note(o.learned, name, group)
	}
	clear(o.learning)
}

func note(groups map[string]string, name, group string) {
	if was, ok := groups[name]; ok && was != group {
		group = ""
	}
	groups[name] = group
}

// group is the financing entity of an organisation. One without an identifier is
// the one that a source before gave the name to.
func (o *Organisations) group(org organisation, g *Gazetteer) string {
	group, name := financier(org, g), orgKey(org.name)
	_, listed := o.byAlias[name]
	switch {
	case listed || name == "":
	case org.id != "":
		if len(o.learning) < maxAsked {
			note(o.learning, name, group)
		}
	case o.learned[name] != "":
		return o.learned[name]
	}
	return group
}

// funderType maps IATI organisation types (codelist OrganisationType) and the
// contract's own words to the contract's funder types. A government (10, 11,
// 15) is bilateral until its country is known to be the recipient.
func funderType(t string) string {
	switch t {
	case "domestic_public", "bilateral", "multilateral", "philanthropic", "private", "unknown":
		return t
	case "10", "11", "15":
		return "bilateral"
	case "40":
		return "multilateral"
	case "21", "22", "23", "24", "60":
		return "philanthropic"
	case "70", "71", "72", "73":
		return "private"
	}
	return "unknown"
}

// stepOrganisation finds the financing entity, the channel and the implementer
// among the parties. The funder is the one named as such; of incoming money it
// is the provider. Of several, those that also carry the activity out are left
// out; several that remain are all named and of unknown type.
func stepOrganisation(o *Organisations, g *Gazetteer) Step {
	return each(func(r *Row) {
		named := parties(r.D.Parties)
		for _, p := range named.as(extractors.Reporting) {
			if org, ok := o.find(p); ok && org.secondary {
				r.flag("secondary_reporter")
			}
		}
		from := payers(o, r, named)
		if len(from) > 1 {
			from = notCarriers(from, slices.Concat(named.as(extractors.Implementing), named.as(extractors.Accountable), named.as(extractors.Extending)))
		}
		var funders []organisation
		for _, p := range from {
			org, _ := o.find(toldOf(p, named))
			if org.kind == "bilateral" && domesticRef(p.Ref, r.D.Places, g) {
				org.kind = "domestic_public"
			}
			if !containsOrg(funders, org) {
				funders = append(funders, org)
			}
		}
		switch len(funders) {
		case 0:
			r.FunderType = "unknown"
		case 1:
			r.Funder, r.FunderID, r.FunderType = funders[0].name, funders[0].id, funders[0].kind
			if r.Funder == "" {
				r.Funder = r.FunderID
			}
			r.Domestic = slices.ContainsFunc(from, func(p extractors.Party) bool { return p.Domestic })
			r.FunderCountry, r.FunderGroup = funders[0].country, o.group(funders[0], g)
		default:
			var names []string
			for _, f := range funders {
				names = append(names, f.name)
			}
			r.Funder, r.FunderType = strings.Join(names, "; "), "unknown"
			r.flag("several_funders")
		}
		if p := named.as(extractors.Channel); len(p) > 0 {
			r.Channel = p[0].Name
		} else if p := named.as(extractors.Extending); len(p) > 0 {
			r.Channel = p[0].Name
		}
		if p := named.as(extractors.Implementing); len(p) > 0 {
			var names []string
			for _, p := range p {
				names = append(names, p.Name)
			}
			r.Implementer = strings.Join(names, "; ")
		} else if p := named.as(extractors.Receiver); len(p) > 0 {
			r.Implementer = p[0].Name
		}
		if r.Channel == r.Implementer || r.Channel == r.Funder {
			r.Channel = ""
		}
	})
}

// payers are the parties that pay. Of received money that is the provider, or
// where none is named an organisation can be known by, who funds the activity;
// never who received it. Of other money it is who funds the activity, the provider,
// or, where neither is named, the reporter.
func payers(o *Organisations, r *Row, named parties) []extractors.Party {
	providers, funders, reporters := o.recognisable(named.as(extractors.Provider)), named.as(extractors.Funder), named.as(extractors.Reporting)
	if r.D.Kind == extractors.Incoming || r.D.Kind == extractors.IncomingCommitment {
		funders = slices.DeleteFunc(slices.Clone(funders), func(p extractors.Party) bool { return slices.ContainsFunc(reporters, sameParty(p)) })
		from := slices.DeleteFunc(slices.Clone(providers), func(p extractors.Party) bool { return slices.ContainsFunc(reporters, sameParty(p)) })
		if len(from) == 0 {
			from = funders
		}
		if len(from) == 0 {
			r.flag("payer_not_named")
		}
		return from
	}
	switch {
	case len(funders) > 0:
		return funders
	case len(providers) > 0:
		return providers
	case len(reporters) > 0:
		r.flag("funder_is_reporter")
	}
	return reporters
}

// nameForm is what a name has at least: publishers write quarters ("Q2"), numbers
// and dashes where an organisation should be named.
var nameForm = regexp.MustCompile(`\pL{3}`)

// recognisable leaves out parties that nobody can be known by.
func (o *Organisations) recognisable(list []extractors.Party) []extractors.Party {
	return slices.DeleteFunc(slices.Clone(list), func(p extractors.Party) bool {
		_, known := o.find(p)
		return !known && p.Ref == "" && !nameForm.MatchString(p.Name)
	})
}

// toldOf adds to a party what the statement says of it elsewhere: a payment often
// names no more than the identifier of who funds the activity.
func toldOf(p extractors.Party, named []extractors.Party) extractors.Party {
	for _, other := range named {
		if p.Ref != "" && p.Type != "" && p.Name != "" {
			break
		}
		if sameParty(p)(other) && (p.Ref == "" || other.Ref == "" || p.Ref == other.Ref) {
			p.Ref, p.Name, p.Type = cmp.Or(p.Ref, other.Ref), cmp.Or(p.Name, other.Name), cmp.Or(p.Type, other.Type)
		}
	}
	return p
}

// sameParty tells the party from others by its identifier, or its name where one
// of the two has none.
func sameParty(a extractors.Party) func(extractors.Party) bool {
	return func(b extractors.Party) bool {
		return a.Ref != "" && a.Ref == b.Ref || orgKey(a.Name) != "" && orgKey(a.Name) == orgKey(b.Name)
	}
}

// financier is the financing entity an organisation counts as: the ministries and
// agencies of one government are one, whichever of them a source names.
func financier(o organisation, g *Gazetteer) string {
	if o.group != "" {
		return o.group
	}
	if o.kind == "bilateral" {
		if country, ok := countryOfRef(o.id, g); ok {
			return country
		}
	}
	return cmp.Or(o.id, o.name)
}

// parties finds organisations by what they do.
type parties []extractors.Party

func (list parties) as(role extractors.PartyRole) []extractors.Party {
	is := func(p extractors.Party) bool {
		return p.Role == role && (p.Name != "" || p.Ref != "" || p.Type != "")
	}
	from := slices.IndexFunc(list, is)
	if from < 0 {
		return nil
	}
	to := from + 1
	for to < len(list) && is(list[to]) {
		to++
	}
	out := list[from:to:to] // they mostly stand together
	for _, p := range list[to:] {
		if is(p) {
			out = append(out, p)
		}
	}
	return out
}

// notCarriers leaves out of several funders those that also carry the activity
// out or answer for it: they pass on the others' money. All of them stay when
// none would be left.
func notCarriers(funders, carriers []extractors.Party) []extractors.Party {
	var out []extractors.Party
	for _, f := range funders {
		if !slices.ContainsFunc(carriers, sameParty(f)) {
			out = append(out, f)
		}
	}
	if len(out) == 0 {
		return funders
	}
	return out
}

func containsOrg(list []organisation, o organisation) bool {
	for _, l := range list {
		if l.id != "" && l.id == o.id || orgKey(l.name) == orgKey(o.name) {
			return true
		}
	}
	return false
}

// domesticRef says whether an organisation identifier belongs to the only
// country the money goes to ("UA-EDR-…" in Ukraine).
func domesticRef(ref string, places []extractors.Share, g *Gazetteer) bool {
	prefix, _, ok := strings.Cut(ref, "-")
	if !ok || len(prefix) != 2 || len(places) != 1 {
		return false
	}
	home, ok := g.Country("iso2", prefix, "")
	where, known := g.Country(places[0].Vocabulary, places[0].Code, places[0].Name)
	return ok && known && home == where
}

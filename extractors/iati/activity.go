package iati

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"hrinvest/extractors"
)

// decoder turns activities into disclosures. Each worker has its own.
type decoder struct {
	tree  tree
	words *scope
	all   bool // everything is in scope

	interned map[string]string
	buf      []byte
	raw      []byte // room for what statements quote
	// slab holds the disclosures of the block being decoded.
	slab []extractors.Disclosure
}

// activity is what the statements of one activity have in common.
type activity struct {
	path      string // locator
	id, title string
	currency  string // default-currency
	quoted    []attr // the same, to quote beside a statement without one
	flags     []string
	start     string // activity-date, as written: what came true, else what is planned
	end       string
	links     []string
	related   []string
	texts     []extractors.Text
	parties   []extractors.Party
	places    []extractors.Share
	sectors   []extractors.Share
	items     []extractors.Share
	split     [2]string // percentages of places and of sectors, to quote beside a statement without its own
	budgeted  string    // and of the budget items
}

// decoded is what became of one piece, in the order in which it was found.
type decoded struct {
	id          string
	from, to    int // disclosures in the block's slab
	problems    []extractors.Problem
	skipped     int
	fingerprint uint64 // of the activity's bytes
}

const outOfScope = "activity names neither HIV nor drug use in a code, a word, a budget item or an organisation"

// Narratives of results repeat for every period; these many tell what an
// activity does.
const (
	maxIndicators     = 40
	maxIndicatorRunes = 300
)

// str returns b as a string. Short ones are shared: codes, dates and names
// repeat endlessly, and must not hold the document's buffer.
func (d *decoder) str(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if len(b) > 64 {
		return string(b)
	}
	if s, ok := d.interned[string(b)]; ok {
		return s
	}
	if d.interned == nil || len(d.interned) >= 1<<15 {
		d.interned = make(map[string]string)
	}
	s := string(b)
	d.interned[s] = s
	return s
}

func (d *decoder) attr(n int32, name string) string { return d.str(d.tree.attr(n, name)) }

// narratives calls yield for the words of an element: its narratives in
// version 2, its own text in 1.0x.
func (d *decoder) narratives(n int32, yield func(lang, text string)) {
	found := false
	d.tree.children(n, "narrative", func(c int32) {
		if s := d.line(d.tree.nodes[c].text); s != "" {
			found = true
			yield(strings.ToLower(d.attr(c, "xml:lang")), s)
		}
	})
	if !found {
		if s := d.line(d.tree.nodes[n].text); s != "" {
			yield(strings.ToLower(d.attr(n, "xml:lang")), s)
		}
	}
}

// line is a narrative as one line, e-mail addresses removed.
func (d *decoder) line(b []byte) string { return d.str(withoutMail(spaced(b))) }

// name is the first narrative of an element.
func (d *decoder) name(n int32) string {
	if n == 0 {
		return ""
	}
	t := &d.tree
	if c := t.child(n, "narrative"); c != 0 {
		n = c
	}
	return d.line(t.nodes[n].text)
}

func (d *decoder) activity(path string, r *root) *activity {
	t := &d.tree
	a := &activity{path: path, currency: d.attr(0, "default-currency")}
	if a.currency == "" {
		a.currency = r.currency
	}
	a.quoted = []attr{{name: []byte("default-currency"), value: []byte(a.currency)}}
	lang := strings.ToLower(d.attr(0, "xml:lang"))
	if lang == "" {
		lang = strings.ToLower(r.lang)
	}
	text := func(n int32) {
		d.narratives(n, func(l, s string) {
			if l == "" {
				l = lang
			}
			a.texts = append(a.texts, extractors.Text{Lang: l, Text: s})
		})
	}
	var indicators []string
	var planned [2]string
	t.children(0, "", func(n int32) {
		switch string(t.nodes[n].name) {
		case "iati-identifier":
			if a.id == "" {
				a.id = d.name(n)
			}
		case "title":
			if a.title == "" {
				a.title = d.name(n)
			}
			text(n)
		case "reporting-org":
			a.parties = append(a.parties, d.party(n, extractors.Reporting))
			if s := string(t.attr(n, "secondary-reporter")); s == "1" || s == "true" {
				a.flags = append(a.flags, "secondary_reporter")
			}
		case "participating-org":
			if role, ok := partyRole(string(t.attr(n, "role"))); ok {
				p := d.party(n, role)
				if (p.Ref != "" || p.Name != "" || p.ActivityID != "") && !slices.Contains(a.parties, p) {
					a.parties = append(a.parties, p)
				}
			}
			a.related = appendNew(a.related, d.attr(n, "activity-id"))
		case "other-identifier":
			// Types A name the activity, types B an organisation.
			if !bytes.HasPrefix(t.attr(n, "type"), []byte("B")) {
				id := d.attr(n, "ref")
				if id == "" {
					id = d.name(n)
				}
				a.links = appendNew(a.links, id)
			}
		case "related-activity":
			a.related = appendNew(a.related, d.attr(n, "ref"))
		case "activity-date":
			switch day := d.date(n); string(t.attr(n, "type")) {
			case "1", "start-planned":
				planned[0] = day
			case "2", "start-actual":
				a.start = day
			case "3", "end-planned":
				planned[1] = day
			case "4", "end-actual":
				a.end = day
			}
		case "result":
			t.children(n, "indicator", func(i int32) {
				t.children(i, "title", func(title int32) {
					d.narratives(title, func(_, s string) {
						if len(indicators) < maxIndicators {
							indicators = appendNew(indicators, clipRunes(s, maxIndicatorRunes))
						}
					})
				})
			})
		case "country-budget-items":
			if string(t.attr(n, "vocabulary")) == "4" {
				t.children(n, "budget-item", func(i int32) {
					a.items = append(a.items, extractors.Share{
						Vocabulary: "iati:4", Code: d.attr(i, "code"),
						Name: d.name(t.child(i, "description")), Percentage: d.attr(i, "percentage"),
					})
				})
			}
		}
	})
	a.start, a.end = cmp.Or(a.start, planned[0]), cmp.Or(a.end, planned[1])
	t.children(0, "description", text)
	for _, s := range indicators {
		a.texts = append(a.texts, extractors.Text{Lang: lang, Text: s})
	}
	a.places, a.sectors = d.places(0), d.sectors(0)
	a.split, a.budgeted = [2]string{shares("place", a.places), shares("sector", a.sectors)}, shares("item", a.items)
	if a.id == "" {
		a.flags = append(a.flags, "no_identifier")
	}
	return a
}

func appendNew(list []string, s string) []string {
	// AidData relates hundreds of activities to one: the last hundred are enough
	// to find what is repeated.
	if s == "" || slices.Contains(list[max(0, len(list)-100):], s) {
		return list
	}
	return append(list, s)
}

func clipRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

func (d *decoder) party(n int32, role extractors.PartyRole) extractors.Party {
	p := extractors.Party{
		Role: role, Ref: d.attr(n, "ref"), Type: d.attr(n, "type"), Name: d.name(n),
	}
	switch role {
	case extractors.Provider:
		p.ActivityID = d.attr(n, "provider-activity-id")
	case extractors.Receiver:
		p.ActivityID = d.attr(n, "receiver-activity-id")
	default:
		p.ActivityID = d.attr(n, "activity-id")
	}
	return p
}

// places returns the countries and regions of an activity or transaction.
func (d *decoder) places(n int32) (list []extractors.Share) {
	t := &d.tree
	t.children(n, "", func(c int32) {
		country := t.is(c, "recipient-country")
		if !country && !t.is(c, "recipient-region") {
			return
		}
		s := extractors.Share{Vocabulary: "iso2", Code: d.attr(c, "code"), Name: d.name(c), Percentage: d.attr(c, "percentage")}
		if !country {
			s.Vocabulary = regionVocabulary(d.attr(c, "vocabulary"))
		}
		if s.Code != "" || s.Name != "" {
			list = append(list, s)
		}
	})
	return list
}

// sectors returns the sectors of an activity or transaction.
func (d *decoder) sectors(n int32) (list []extractors.Share) {
	t := &d.tree
	t.children(n, "sector", func(c int32) {
		s := extractors.Share{Code: d.attr(c, "code"), Name: d.name(c), Percentage: d.attr(c, "percentage")}
		s.Vocabulary = sectorVocabulary(d.attr(c, "vocabulary"), s.Code)
		if s.Code != "" || s.Name != "" {
			list = append(list, s)
		}
	})
	return list
}

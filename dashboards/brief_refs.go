package dashboards

import (
	"strings"
	"time"

	"hrinvest/dashboards/locales"
)

// withheld stands for the address of a statement that is not shown, since it
// could lead to people who would be harmed.
const withheld = "withheld"

// cite is where the observation stands, as questions write it for money.
func (o Observation) cite() string { return o.Source + "|" + o.URL }

// ref numbers the places figures are from, in the order in which they are first
// used: one number per address. A cite is source|address, source|withheld, or a
// source alone, whose statements have no address.
func (m *maker) ref(cites ...string) []int {
	var out []int
	for _, cite := range cites {
		source, address, _ := strings.Cut(cite, "|")
		if source == "" {
			continue
		}
		if address != withheld && !web(address) {
			address = ""
		}
		key := source + "|" + address
		n, ok := m.refs[key]
		if !ok {
			n = len(m.refs) + 1
			m.refs[key] = n
			m.b.Refs = append(m.b.Refs, m.reference(n, source, address))
		}
		if !containsInt(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// reference describes one place: the statement's own address, or the addresses
// its facts are cited from where it only stands for that of a document which
// this project compiled.
func (m *maker) reference(n int, id, address string) Ref {
	s := m.localSource(m.cat.source(id))
	r := Ref{N: n, ID: id, Title: s.Title, Publisher: s.Publisher, URL: s.Home, Licence: s.Licence, Origin: s.Origin}
	var found *Document
	for i, doc := range m.facts.docs {
		if doc.Source != id {
			continue
		}
		if address != "" && doc.URL == address {
			found = &m.facts.docs[i]
		}
		r.Cutoff = max(r.Cutoff, doc.Compiled)
	}
	switch {
	case address == withheld:
		r.Withheld = locales.Sentence(m.t("brief.withheld"))
	case found != nil:
		r.Origin, r.Cutoff = found.Origin, found.Compiled
		if r.Cites = found.Cites; len(r.Cites) == 0 && found.Origin != "bundled" {
			r.Cites = []string{address}
		}
	case address != "":
		r.Cites = []string{address}
	}
	if r.Cutoff == "" && r.Origin == "bundled" && !s.Cutoff.IsZero() {
		r.Cutoff = s.Cutoff.Format(time.DateOnly)
	}
	r.day, r.Cutoff = r.Cutoff, m.Day(r.Cutoff)
	if r.Origin != "" {
		r.OriginText = m.or("origin.", r.Origin)
	}
	return r
}

// localSource is a source with its title, publisher, licence and last day in the language
// of the reader, where the texts have them.
func (w *words) localSource(s Source) Source {
	if k := "source." + s.ID; w.Has(k) {
		s.Title = w.t(k)
	}
	if k := "publisher." + s.ID; w.Has(k) {
		s.Publisher = w.t(k)
	} else {
		s.Publisher, _ = w.Say(s.Publisher)
	}
	if k := "licence." + key(s.Licence); w.Has(k) {
		s.Licence = w.t(k)
	} else {
		s.Licence, _ = w.Say(s.Licence)
	}
	s.Frozen = w.Day(s.Frozen)
	return s
}

// localSources is localSource for a list.
func (w *words) localSources(in []Source) []Source {
	out := make([]Source, len(in))
	for i, s := range in {
		out[i] = w.localSource(s)
	}
	return out
}

// upTo says up to when data speak, in one phrase: the newest day a document was
// compiled up to or fetched on. The day on which a file was handed over says
// nothing of the data in it, and is named for what it is.
func (w *words) upTo(data, given time.Time) string {
	switch {
	case !data.IsZero() && !given.IsZero():
		return w.t("upto.both", "date", w.Date(data), "given", w.Date(given))
	case !data.IsZero():
		return w.t("upto.data", "date", w.Date(data))
	case !given.IsZero():
		return w.t("upto.given", "given", w.Date(given))
	}
	return w.t("upto.none")
}

// days tells the newest day of data apart from that of files handed over.
func days(docs []Document) (data, given time.Time) {
	for _, d := range docs {
		day, err := time.Parse(time.DateOnly, d.Compiled)
		switch {
		case d.Compiled != "" && err == nil:
		case d.Origin == "given":
			given = later(given, d.Retrieved)
			continue
		default:
			day = d.Retrieved
		}
		data = later(data, day)
	}
	return data, given
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

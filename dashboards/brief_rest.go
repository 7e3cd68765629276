package dashboards

import (
	"net/url"
	"strconv"
	"strings"
	"time"
)

func readEnd(s *scan) End {
	return End{
		Title: s.text("title"), Funder: s.text("funder"), ActivityID: s.text("activity_id"), Kind: s.text("kind"), Cycle: s.text("cycle"),
		Ends: s.date("last_day"), USD: s.num("usd"), Intervention: s.text("intervention"), Source: s.text("source"),
		Methods: s.words("hr_methods"), Flags: s.words("flags"), Cites: s.words("cites"),
	}
}

func readAlso(s *scan) Also {
	return Also{
		Title: s.text("title"), Funder: s.text("funder"), ActivityID: s.text("activity_id"), Kind: s.text("kind"), Countries: s.text("countries"),
		Source: s.text("source"), FlowID: s.text("flow_id"), Year: s.whole("year"), USD: s.num("usd"), Methods: s.words("hr_methods"), Flags: s.words("flags"), Cites: s.words("cites"),
	}
}

// ends lists activities whose money has a last day, seen from the day the data
// were cut off: first what is still to end, the soonest first, then what has
// ended. It is the money planned, budgets before commitments, which stops.
func (m *maker) ends() {
	planned := map[string]bool{}
	for _, e := range m.facts.ends {
		if e.Kind == "budget" {
			planned[e.ActivityID] = true
		}
	}
	var open, past []EndLine
	for _, e := range m.facts.ends {
		if e.Ends.IsZero() || e.Kind != "budget" && (e.Kind != "commitment" || planned[e.ActivityID]) {
			continue
		}
		if i := m.cat.interventions[e.Intervention]; !i.HRI && !i.Broad {
			continue
		}
		l := EndLine{Date: m.Date(e.Ends), Title: e.Title, Funder: m.funder(e.Funder, ""), Service: m.cat.intervention(e.Intervention, m.b.Lang)}
		if l.Title == "" {
			l.Title = m.t("site.untitled")
		}
		l.Link = "/" + m.b.Lang + "/flows?" + url.Values{"country": {m.b.Country.ISO3}, "activity": {e.ActivityID}}.Encode()
		l.Amount = m.usd(strings.Join([]string{"ends", e.ActivityID, e.Kind, e.Intervention, key(e.Funder), e.Cycle, e.Source}, "."), l.Title, e.USD)
		l.Amount.Kind, l.Amount.Basis, l.Amount.Year, l.Amount.Note = e.Kind, "period", strconv.Itoa(e.Ends.Year()), m.or("kind.", e.Kind)
		l.Amount.Refs = m.ref(e.Cites...)
		m.mark(&l.Amount, methodOf(e.Methods, e.Flags))
		if l.Past = e.Ends.Before(m.cutoff); l.Past {
			past = append(past, l) // the question gives the newest first
		} else {
			open = append([]EndLine{l}, open...)
		}
	}
	if m.b.Ends = append(open, past...); len(m.b.Ends) == 0 {
		m.b.NoEnds = m.cat.reason("no_end_known", m.b.Lang)
	}
}

// also lists money that names the country among several without saying how much
// is for it: shown, and in no total.
func (m *maker) also() {
	for _, a := range m.facts.also {
		title := a.Title
		if title == "" {
			title = m.t("site.untitled")
		}
		l := ServiceLine{Service: title, Funder: m.funder(a.Funder, ""), KindText: m.or("kind.", a.Kind), When: m.t("when.none"), Link: "/" + m.b.Lang + "/flow/" + a.FlowID}
		l.Amount = m.usd("also."+a.FlowID, title, a.USD)
		l.Amount.Kind, l.Amount.Note, l.Amount.Refs = a.Kind, a.Countries, m.ref(a.Cites...)
		m.mark(&l.Amount, methodOf(a.Methods, a.Flags))
		if a.Year > 0 {
			l.When, l.Amount.Year = strconv.Itoa(a.Year), strconv.Itoa(a.Year)
		}
		m.b.Also = append(m.b.Also, l)
	}
}

// closing writes how the figures came about and where they are from.
func (m *maker) closing(rel Release) {
	b := m.b
	for _, k := range howKeys() {
		b.How = append(b.How, m.t("how."+k))
	}
	// Rates and deflators of a country are no word of any source about its money.
	m.facts.docs = m.cat.money(m.facts.docs)
	data, given := days(m.facts.docs)
	b.Cutoff = m.upTo(data, given)
	b.cutoffDate = later(data, given)
	if b.cutoffDate.IsZero() {
		b.cutoffDate = rel.Cutoff // the day of the file; no source speaks of the country
	}
	b.Licence = m.t("brief.licence")
	b.Report = m.t("brief.report", "release", b.Release)
	// Also a brief without figures of its own says of which release it speaks.
	bundled := m.facts.bundled()
	if len(m.facts.docs) == 0 && m.cat.bundled() {
		b.Banner = m.t("brief.banner_release")
	} else if !bundled.IsZero() {
		b.Banner = m.t("brief.banner", "cutoff", m.Date(bundled))
		for _, r := range b.Refs {
			if r.Withheld != "" {
				b.Banner = m.t("brief.banner_withheld", "cutoff", m.Date(bundled))
				break
			}
		}
	}
}

// bundled is the newest day up to which this project compiled documents behind
// the figures; zero when it compiled none.
func (f *facts) bundled() time.Time {
	var day time.Time
	for _, d := range f.docs {
		if d.Origin == "bundled" {
			if t, _ := days([]Document{d}); !t.IsZero() {
				day = later(day, t)
			}
		}
	}
	return day
}

// howKeys lists the rules for money that readers are told.
func howKeys() []string { return []string{"kinds", "best", "definition", "cycle", "rates", "absent"} }

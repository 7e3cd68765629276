package webtables

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"hrinvest/extractors"
)

// disclose turns what a page states into a whole and its parts.
func (r *rules) disclose(p *page) ([]extractors.Disclosure, []extractors.Problem) {
	raw := r.raw(p)
	problem := func(locator, format string, args ...any) extractors.Problem {
		return extractors.Problem{Locator: locator, Reason: fmt.Sprintf(format, args...), Raw: raw}
	}
	var missing []string
	for _, field := range r.cfg.Required {
		if len(p.fields[field]) == 0 || p.fields[field][0].text() == "" {
			missing = append(missing, fmt.Sprintf("%q (%s)", r.cfg.Labels[field][0], field))
		}
	}
	if len(missing) > 0 {
		return nil, []extractors.Problem{problem("/", "labels missing or empty: %s", strings.Join(missing, ", "))}
	}
	budgets := p.fields["budget"]
	for _, b := range budgets[1:] {
		if b.text() == budgets[0].text() {
			continue
		}
		var out []extractors.Problem
		for i, b := range budgets {
			out = append(out, problem(fmt.Sprintf("label %q, number %d", b.label, i+1), "the page states %d budgets, this one %q: which is the whole cannot be told", len(budgets), r.clean(b.text())))
		}
		return nil, out
	}

	locator := fmt.Sprintf("label %q", budgets[0].label)
	sentence, inBrackets := brackets(budgets[0].text())
	whole, err := r.money(sentence, r.whole)
	if err != nil {
		out := []extractors.Problem{problem(locator, "budget %q: %v", r.clean(sentence), err)}
		for i, part := range inBrackets {
			out = append(out, problem(bracketLocator(locator, i, inBrackets), "part %q: its whole cannot be read", r.clean(part)))
		}
		return nil, out
	}

	d := r.base(p, raw)
	d.Locator, d.Key, d.Amount, d.Currency = locator, p.key+"#budget", whole.amount, whole.currency
	start, end := r.period(p, &d, whole.groups["years"])
	partners := r.partnersOf(p)
	for _, name := range partners {
		d.Parties = append(d.Parties, extractors.Party{Role: extractors.Implementing, Name: name})
	}
	members, _ := strconv.Atoi(whole.groups["members"])
	if members > 0 && len(partners) > 0 && members != len(partners) {
		d.Flags = append(d.Flags, "members_differ")
	}

	var parts []extractors.Disclosure
	var problems []extractors.Problem
	ofMember := members > 1
	for i, text := range inBrackets {
		at := bracketLocator(locator, i, inBrackets)
		m, err := r.money(text, r.part)
		if err != nil {
			problems = append(problems, problem(at, "part %q: %v", r.clean(text), err))
			continue
		}
		part := r.base(p, raw)
		part.Locator, part.Amount, part.Currency, part.PartOf = at, m.amount, m.currency, d.Key
		part.Key = d.Key + "/" + slug(m.groups["who"]+" "+m.groups["nth"])
		part.PeriodStart, part.PeriodEnd = d.PeriodStart, d.PeriodEnd
		if n := m.groups["nth"]; n != "" {
			part.PeriodStart, part.PeriodEnd = "", ""
			nth, _ := strconv.Atoi(n)
			from, to, ok := nthYear(start, end, nth)
			switch {
			case start.IsZero():
				part.Flags = append(part.Flags, "no_timeline")
			case !ok:
				problems = append(problems, problem(at, "part %q: the timeline %s to %s has no year %s", r.clean(text), iso(start), iso(end), n))
				continue
			default:
				part.PeriodStart, part.PeriodEnd = iso(from), iso(to)
			}
		}
		if who := m.groups["who"]; who != "" {
			ofMember = true
			if full, ok := r.cfg.Organisations[who]; ok {
				who = full
			}
			part.Parties = append(part.Parties, extractors.Party{Role: extractors.Implementing, Name: r.clean(who)})
		} else {
			part.Parties = append([]extractors.Party(nil), d.Parties...)
		}
		part.Places = r.places(p)
		parts = append(parts, part)
	}
	// The countries of a page are those of the network that publishes it. Where
	// the whole is several networks' money, they are not the whole's.
	if ofMember {
		d.Flags = append(d.Flags, "multi_region")
	} else {
		d.Places = r.places(p)
	}
	return append([]extractors.Disclosure{d}, parts...), problems
}

func bracketLocator(locator string, i int, all []string) string {
	if len(all) == 1 {
		return locator + ", in brackets"
	}
	return fmt.Sprintf("%s, in brackets, number %d", locator, i+1)
}

// base is what the whole and its parts share.
func (r *rules) base(p *page, raw []byte) extractors.Disclosure {
	d := extractors.Disclosure{
		Group: p.key, Title: r.clean(p.title), Kind: extractors.Kind(r.cfg.Budget.Kind), Raw: raw, Confidence: "medium",
	}
	if d.Title != "" {
		d.Texts = []extractors.Text{{Text: d.Title}}
	}
	title := " " + strings.Join(wordsOf(p.title), " ") + " "
	for _, rule := range r.cfg.Classify {
		if slices.ContainsFunc(rule.Words, func(w string) bool { return strings.Contains(title, " "+strings.Join(wordsOf(w), " ")+" ") }) {
			d.Codes = []extractors.Code{{Scheme: "hrinvest", Code: rule.Code}}
			break
		}
	}
	if len(d.Codes) == 0 { // let the prose speak where the title does not
		for _, l := range p.lines {
			if len(l.text) > 120 && len(d.Texts) < 4 {
				d.Texts = append(d.Texts, extractors.Text{Text: r.clean(l.text)})
			}
		}
	}
	for _, donor := range p.fields["donor"] {
		for _, name := range donor.lines {
			name = r.clean(name)
			kind := "unknown"
			for known, t := range r.cfg.Donors {
				if fold(known) == fold(name) {
					kind = t
				}
			}
			party := extractors.Party{Role: extractors.Funder, Name: name, Type: kind}
			if !slices.Contains(d.Parties, party) {
				d.Parties = append(d.Parties, party)
			}
		}
	}
	for _, field := range fields {
		if n := len(p.fields[field]); n == 0 && field != "partners" {
			d.Flags = append(d.Flags, "label_missing:"+field)
		} else if n > 1 {
			d.Flags = append(d.Flags, "label_repeated:"+field)
		}
	}
	return d
}

// period reads the timeline into the disclosure and returns it; zero times when
// the page states none that can be read.
func (r *rules) period(p *page, d *extractors.Disclosure, years string) (start, end time.Time) {
	if len(p.fields["timeline"]) == 0 {
		return start, end
	}
	start, end, ok := r.timeline.read(p.fields["timeline"][0].text())
	if !ok {
		d.Flags = append(d.Flags, "timeline_unreadable")
		return time.Time{}, time.Time{}
	}
	d.PeriodStart, d.PeriodEnd = iso(start), iso(end)
	if n, err := strconv.Atoi(years); err == nil && !start.AddDate(n, 0, -1).Equal(end) {
		d.Flags = append(d.Flags, "years_differ") // "for 3 years" against two on the timeline
	}
	return start, end
}

// places reads the field countries.
func (r *rules) places(p *page) []extractors.Share {
	var out []extractors.Share
	for _, v := range p.fields["countries"] {
		for _, name := range entries(v.lines) {
			place := extractors.Share{Vocabulary: "name", Name: r.clean(name)}
			if slices.ContainsFunc(r.cfg.Regions, func(region string) bool { return fold(region) == fold(name) }) {
				place.Vocabulary = "region"
			}
			if !slices.Contains(out, place) {
				out = append(out, place)
			}
		}
	}
	return out
}

var leadingWord = regexp.MustCompile(`^(?:(?i:and|the|и|та) )+`)

// entries are the items of a list: its lines, or one line divided by semicolons
// or commas. A comma inside brackets divides nothing.
func entries(lines []string) []string {
	if len(lines) == 1 {
		var out []string
		depth, start := 0, 0
		cut := func(end int) {
			if e := strings.Trim(leadingWord.ReplaceAllString(strings.TrimSpace(lines[0][start:end]), ""), " .,;"); e != "" {
				out = append(out, e)
			}
		}
		for i, c := range lines[0] {
			switch {
			case c == '(':
				depth++
			case c == ')' && depth > 0:
				depth--
			case depth == 0 && (c == ',' || c == ';'):
				cut(i)
				start = i + 1
			}
		}
		cut(len(lines[0]))
		return out
	}
	var out []string
	for _, l := range lines {
		if l = strings.Trim(l, " .,;"); l != "" {
			out = append(out, l)
		}
	}
	return out
}

// partnersOf names the organisations of a project: from their label, else from
// the sentence the declaration describes.
func (r *rules) partnersOf(p *page) []string {
	var found []string
	for _, v := range p.fields["partners"] {
		found = append(found, entries(v.lines)...)
	}
	if len(found) == 0 && r.partners != nil {
		for _, l := range p.lines {
			if m := r.partners.FindStringSubmatch(l.text); m != nil {
				found = entries([]string{m[r.partners.SubexpIndex("list")]})
				break
			}
		}
	}
	var out []string
	for _, name := range found {
		if name = r.clean(name); !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// clean takes contact details out of a text.
func (r *rules) clean(s string) string {
	out, _ := r.redactor.Text(oneLine(s))
	return out
}

// raw quotes the labelled fields.
func (r *rules) raw(p *page) []byte {
	quoted := map[string]any{"title": r.clean(p.title)}
	for field, values := range p.fields {
		var texts []string
		for _, v := range values {
			texts = append(texts, r.clean(v.text()))
		}
		quoted[field] = texts
	}
	if partners := r.partnersOf(p); len(partners) > 0 {
		quoted["partners"] = partners
	}
	b, err := json.Marshal(quoted)
	if err != nil {
		return nil // maps of strings always marshal
	}
	return b
}

// wordsOf cuts text into lower-case words.
func wordsOf(s string) []string {
	return strings.FieldsFunc(fold(s), func(r rune) bool { return !isLetterOrDigit(r) })
}

package dashboards

import (
	"math/big"
	"sort"
	"strconv"
	"strings"

	"hrinvest/dashboards/locales"
)

// readCountryGap reads a row of country_gaps, which also says who voted how.
func readCountryGap(s *scan) Gap {
	g := readGap(s)
	g.Position = s.text("position")
	return g
}

func readGap(s *scan) Gap {
	return Gap{
		Commitment: s.text("commitment"), Instrument: s.text("instrument"), Reference: s.text("reference"), Paragraph: s.text("paragraph"),
		Force: s.text("force"), Kind: s.text("kind"), TextEN: s.text("text_en"), TextRU: s.text("text_ru"), URL: s.text("source_url"),
		Verified: s.text("verification"), TargetYear: s.whole("target_year"), Area: s.text("area"), Year: s.whole("year"),
		Definition: s.text("definition"), Measure: s.text("measure"), PriceBasis: s.text("price_basis"), Unit: s.text("unit"), Comparator: s.text("comparator"),
		Actual: s.num("actual"), ActualLow: s.num("actual_low"), ActualHigh: s.num("actual_high"), Required: s.num("required"),
		Gap: s.num("gap"), GapLow: s.num("gap_low"), GapHigh: s.num("gap_high"), FundedPct: s.num("funded_pct"), Coverage: s.num("coverage"),
		Verdict: s.text("verdict"), Reason: s.text("reason"), ReasonEN: s.text("reason_en"), ReasonRU: s.text("reason_ru"), Method: s.text("method"), NSources: s.whole("n_sources"),
		Adopted: yearOf(s.text("adopted")),
	}
}

// yearOf is the year of a date as precisely as it is known: "2021-06-08", "2012".
func yearOf(date string) int {
	y, _, _ := strings.Cut(date, "-")
	n, err := strconv.Atoi(y)
	if err != nil {
		return 0 // not known
	}
	return n
}

func readObservation(s *scan) Observation {
	return Observation{
		Indicator: s.text("indicator"), NameEN: s.text("name_en"), NameRU: s.text("name_ru"), Unit: s.text("unit"),
		Year: s.whole("year"), Value: s.num("value"), Low: s.num("low"), High: s.num("high"), ValueText: s.text("value_text"),
		Status: s.text("status"), Source: s.text("source"), URL: s.text("url"), Note: s.text("note"),
	}
}

// readPublished reads an observation that is not of the country.
func readPublished(s *scan) Observation {
	return Observation{
		Indicator: s.text("indicator"), Unit: s.text("unit"), Year: s.whole("year"), Value: s.num("value"), Status: s.text("status"),
		Source: s.text("source"), URL: s.text("url"), Note: s.text("note"),
	}
}

// looks lists what readers see of a verdict, in the order of promises: what is
// decided first. Besides the codes of the data there are three milder ones: so_far,
// for a value from before the deadline; before, for a value older than the promise,
// by which nothing is judged; and level, for what nobody promised.
func looks() []string {
	return []string{"not_met", "met", "so_far", "before", "level", "not_available_by_law", "no_data", "not_comparable", "no_number", "not_applicable"}
}

// sign is a sign beside the word, for those who do not see colour.
func sign(look string) string {
	switch look {
	case "met":
		return "✓"
	case "not_met":
		return "✗"
	case "so_far":
		return "…"
	case "before":
		return "≈"
	case "level":
		return "↓"
	case "not_applicable":
		return "–"
	case "not_comparable":
		return "≠"
	case "no_number":
		return "#"
	case "not_available_by_law":
		return "§"
	}
	return "?"
}

func rank(look string) int {
	for i, v := range looks() {
		if v == look {
			return i
		}
	}
	return len(looks())
}

// binding reports whether a commitment is a promise of somebody. Guidance, a call
// by civil society and an estimate of need are levels to compare with.
func (g Gap) binding() bool {
	return g.Force != "guidance" && g.Force != "ask" && g.Force != "estimate"
}

// early reports whether the value is from before the deadline: a promise is
// broken only after it.
func (g Gap) early() bool { return g.Year > 0 && g.TargetYear > 0 && g.Year < g.TargetYear }

// look is what readers see of the verdict.
func (g Gap) look() string {
	switch {
	case g.before():
		return "before"
	case g.Verdict == "not_met" && !g.binding():
		return "level"
	case g.Verdict == "not_met" && g.early():
		return "so_far"
	}
	return g.Verdict
}

// said is how much a row says of a promise: it compares a value or knows a law; it has
// a value, if one older than the promise; nothing.
func (g Gap) said() int {
	switch {
	case g.before():
		return 1
	case g.Verdict == "met" || g.Verdict == "not_met" || g.Verdict == "not_available_by_law":
		return 2
	}
	return 0
}

// before reports whether the value is older than the promise: it keeps and breaks no
// promise, whatever verdict stands beside it.
func (g Gap) before() bool { return g.Reason == "before_adoption" && g.Actual != nil }

// comparable reports whether value and promise are of one time.
func (g Gap) comparable() bool {
	return (g.Verdict == "met" || g.Verdict == "not_met") && g.Reason != "before_adoption"
}

// standing words the verdict: "below the target so far (value 2018, target
// 2025)". newest says that there is no newer value.
func (m *maker) standing(g Gap, newest bool) string {
	side := "below"
	if strings.HasPrefix(g.Comparator, "<") {
		side = "above"
	}
	switch look := g.look(); {
	case look == "before":
		of := "promise"
		if !g.binding() {
			of = "text"
		}
		return m.t("standing.before."+of, "year", g.Year, "adopted", g.Adopted)
	case look == "so_far" && m.over(g, newest):
		return m.t("standing.over."+side, "year", g.Year, "target", g.TargetYear)
	case look == "so_far":
		return m.t("standing.so_far."+side, "year", g.Year, "target", g.TargetYear)
	case look == "level":
		return m.t("standing.level." + side)
	case look == "met" && !g.binding():
		return m.t("standing.level.met")
	}
	return m.or("verdict.", g.Verdict)
}

// over reports whether the deadline has passed without a value of its year.
func (m *maker) over(g Gap, newest bool) bool {
	return newest && !m.cutoff.IsZero() && g.TargetYear < m.cutoff.Year()
}

// promises lists every commitment that concerns the country once, by its last
// year that is decided (or its last year).
func (m *maker) promises() {
	last := map[string]Gap{}
	var order []string
	notApplicable := map[string]bool{}
	for _, g := range m.facts.gaps {
		if g.Verdict == "not_applicable" {
			notApplicable[g.Commitment] = true
			continue
		}
		key := g.Commitment + "|" + g.Measure
		old, ok := last[key]
		if !ok {
			order = append(order, key)
		}
		if !ok || g.said() > old.said() || g.said() == old.said() && g.Year > old.Year {
			last[key] = g
		}
	}
	sort.SliceStable(order, func(i, j int) bool {
		a, b := last[order[i]], last[order[j]]
		if x, y := rank(a.look()), rank(b.look()); x != y {
			return x < y
		}
		if a.TargetYear != b.TargetYear {
			return a.TargetYear > b.TargetYear
		}
		return order[i] < order[j]
	})
	m.b.NotBinding = len(notApplicable)
	for _, key := range order {
		m.b.Promises = append(m.b.Promises, m.promise(last[key], true))
	}
}

// promise words a row of gaps; newest says that there is no newer value of it.
func (m *maker) promise(g Gap, newest bool) Promise {
	p := Promise{
		ID: g.Commitment, Text: g.Text(m.b.Lang), Force: m.or("force.", g.Force), Verdict: g.Verdict, Look: g.look(), Sign: sign(g.look()),
		VerdictText: m.standing(g, newest), URL: g.URL, Verified: m.verified(g.Verified), Reason: m.reason(g),
	}
	if p.Text == "" {
		p.Text, _ = m.Say(g.Instrument)
	}
	p.Instrument, _ = m.Say(g.Instrument)
	if g.Reference != "" {
		reference, _ := m.Say(g.Reference)
		p.Instrument += ", " + reference
	}
	if g.Paragraph != "" {
		paragraph, _ := m.Say(g.Paragraph)
		p.Instrument += ", § " + paragraph
	}
	if g.TargetYear > 0 {
		p.Deadline = strconv.Itoa(g.TargetYear)
	} else {
		p.Deadline = m.t("promise.no_deadline")
	}
	p.Required = m.t("absent.no_number")
	if g.Required != nil {
		p.Required = m.required(g)
	}
	f := Figure{ID: "promise." + g.Commitment + "." + g.Measure, Label: p.Text, Value: g.Actual, Unit: g.Unit, Kind: g.Measure, Basis: g.PriceBasis, Status: "reported", Note: p.VerdictText, Verdict: g.Verdict}
	if g.Year > 0 {
		p.Year = strconv.Itoa(g.Year)
		f.Year = p.Year
	}
	if p.Reason != "" {
		f.Note += ": " + locales.Clause(p.Reason)
	}
	switch {
	case g.Verdict == "not_applicable" || g.Verdict == "no_number":
		f.Status, f.Text = "not_applicable", m.t("absent.not_applicable")
	case g.Verdict == "not_available_by_law":
		f.Value, f.Status, f.Text = nil, "not_applicable", m.t("verdict.not_available_by_law")
	case g.Actual == nil:
		f.Status, f.Text = "not_reported", m.t("absent.not_reported")
	default:
		f.Text = m.value(g.Actual, g.Unit)
	}
	if f.Value == nil {
		p.Year, f.Year = "", "" // a year stands beside a value only
	}
	p.Actual, p.Figure = f.Text, f
	return p
}

// verified warns where number or wording were not seen at their source.
func (m *maker) verified(status string) string {
	status, _, _ = strings.Cut(status, ";") // of the number; the paragraph comes after
	switch {
	case strings.Contains(status, "NOT FOUND"), strings.Contains(status, "MEMORY"), strings.Contains(status, "UNVERIFIED"):
		return m.t("promise.unverified")
	case strings.Contains(status, "SECONDARY"):
		return m.t("promise.secondary")
	}
	return ""
}

// reason is why a verdict is what it is, in words of the release. Where it says only
// that like was compared with like, or what the words of the verdict say already,
// there is nothing to add.
func (m *maker) reason(g Gap) string {
	switch {
	case g.Reason == "compared", g.before(), g.Reason == "before_target_year" && g.look() == "so_far":
		return ""
	case g.Reason == "before_target_year":
		return m.t("promise.before")
	case m.b.Lang == "ru":
		return g.ReasonRU
	}
	return g.ReasonEN
}

// distance is how far a value is from what was promised: in percentage points between
// two percentages, and in words where it is beyond.
func (m *maker) distance(g Gap) string {
	v := new(big.Rat).Abs(g.Gap)
	text := m.value(v, g.Unit)
	if g.Unit == "percent" || g.Unit == "%" {
		text = m.t("gaps.points", "n", m.Plain(v, 1))
	}
	if g.Gap.Sign() < 0 {
		return m.t("gaps.exceeds", "by", text)
	}
	return text
}

func (m *maker) required(g Gap) string {
	sign := map[string]string{">=": "≥ ", ">": "> ", "<=": "≤ ", "<": "< "}[g.Comparator]
	return sign + m.value(g.Required, g.Unit)
}

// value writes a number with its unit.
func (m *maker) value(v *big.Rat, unit string) string {
	switch unit {
	case "percent", "%":
		if v.IsInt() {
			return m.Percent(v, 0)
		}
		return m.Percent(v, 1)
	case "USD":
		return m.USD(v)
	case "people", "persons", "":
		return m.Plain(v, 1)
	}
	if v.Cmp(big.NewRat(1000, 1)) >= 0 {
		return m.Number(v, 0) + "\u00a0" + m.or("unit.", key(unit))
	}
	return m.Plain(v, 1) + "\u00a0" + m.or("unit.", key(unit))
}

// key makes a name or a unit of a source a part of an identifier.
func key(unit string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '_'
	}, unit)
}

func (m *maker) observation(o Observation) Figure {
	label := o.NameEN
	if m.b.Lang == "ru" && o.NameRU != "" {
		label = o.NameRU
	}
	if m.Has("indicator." + o.Indicator) {
		label = m.t("indicator." + o.Indicator)
	}
	if o.Indicator == "pwid_size" && o.edition() {
		label += " (" + m.t("people.edition_label") + ")"
	}
	note, _ := m.Say(o.Note)
	f := Figure{ID: o.Indicator, Label: label, Value: o.Value, Unit: o.Unit, Low: o.Low, High: o.High, Status: o.Status, Note: note, Refs: m.ref(o.cite())}
	if o.Year > 0 {
		f.Year, f.Basis = strconv.Itoa(o.Year), "calendar"
	}
	switch {
	case m.forbidden(o.Indicator):
		f.Value, f.Low, f.High, f.Status, f.Text = nil, nil, nil, "not_applicable", m.t("verdict.not_available_by_law")
	case o.Value == nil && o.ValueText != "":
		f.Text = o.ValueText
	case o.Value == nil:
		status := o.Status
		if !m.Has("absent." + status) {
			status = "unknown"
		}
		f.Status, f.Text = status, m.t("absent."+status)
	default:
		f.Text = m.value(o.Value, o.Unit)
		if o.Low != nil && o.High != nil {
			f.Text += " (" + m.value(o.Low, "") + "–" + m.value(o.High, "") + ")"
		}
	}
	return f
}

// forbidden reports whether a law of the country forbids the service an
// indicator counts: its value is then no 0 of anybody's doing.
func (m *maker) forbidden(indicator string) bool {
	for _, g := range m.facts.gaps {
		if g.Verdict == "not_available_by_law" && g.Measure == indicator {
			return true
		}
	}
	return false
}

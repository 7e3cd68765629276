package unaids

import (
	"bytes"
	"cmp"
	"context"
	"embed"
	"encoding/csv"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"hrinvest/extractors"
)

// The small tables people review: which series is what, known breaks in
// series, countries whose name changed between editions, the words by which
// lines for people who inject drugs are known, and what the interface is asked.
//
//go:embed series.csv breaks.csv renames.csv programmes.csv api.csv
var tables embed.FS

// series is one row of series.csv.
type series struct {
	gid, subPrefix, concept string
	indicator, unit         string
	zeroIsMissing           bool
	only                    []string // subgroups that are read, in our words; nil: all
}

// The series that are money, by their ids; the last is ours.
const (
	bySource     = "DOMESTIC_SPENDING_FUND_SOURCE" // international sources too, whatever its name says
	byPopulation = "DOMESTIC_SPENDING_KP"
	byProgramme  = "PROGRAMME_EXPENDITURE"
)

// constantUSD is the unit of series at constant prices.
const constantUSD = "million USD"

func (s *series) money() bool {
	return s.gid == bySource || s.gid == byPopulation || s.gid == byProgramme
}

// question says whether the series is a question of the policy questionnaire.
// Their numbers are not unique: Q_A_69 is about the death penalty in one database
// and about treatment in another, so the words count too.
func (s *series) question() bool { return strings.HasPrefix(s.gid, "Q_A_") }

// named says whether an indicator's name is the series's. What follows it is the
// rest: the subgroup in some shapes, a wording of the edition in others.
func (s *series) named(name, kind string) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(name, s.concept)
	switch {
	case !ok || rest == "":
	case s.question() || s.only != nil && kind != roleLong:
		ok = false // "New HIV infections averted ..." is another series
	default:
		ok = rest[0] == '_'
	}
	return strings.TrimPrefix(rest, "_"), ok
}

// book collects the records of all documents.
type book struct {
	series     []series
	breaks     map[string]bool   // area | year | subgroup
	newer      map[string]string // folded older name -> folded newer name
	programmes [][]string        // rows of programmes.csv
	meanings   map[words]meaning // by the names of a record: they repeat
	asked      int               // latest year in which the interface was asked; 0: not known
	countries  map[string]bool   // areas with money in AIDSinfo
	records    []record
}

func newBook() (*book, error) {
	b := &book{breaks: map[string]bool{}, newer: map[string]string{}, meanings: map[words]meaning{}, countries: map[string]bool{}}
	rows, err := rowsOf("series.csv", 7)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		s := series{gid: r[0], subPrefix: r[1], concept: r[2], indicator: r[3], unit: r[4], zeroIsMissing: r[5] == "missing"}
		if r[6] != "" {
			s.only = strings.Fields(r[6])
		}
		b.series = append(b.series, s)
	}
	if rows, err = rowsOf("breaks.csv", 5); err != nil {
		return nil, err
	}
	for _, r := range rows {
		b.breaks[slug(r[0])+"|"+r[1]+"|"+r[2]] = true
	}
	if rows, err = rowsOf("renames.csv", 2); err != nil {
		return nil, err
	}
	for _, r := range rows {
		b.newer[slug(r[0])] = slug(r[1])
	}
	b.programmes, err = rowsOf("programmes.csv", 4)
	return b, err
}

func rowsOf(name string, fields int) ([][]string, error) {
	text, err := tables.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	r := csv.NewReader(bytes.NewReader(text))
	r.FieldsPerRecord = fields
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return rows[1:], nil
}

var (
	notWord  = regexp.MustCompile(`[^\pL\pN]+`)
	baseYear = regexp.MustCompile(`_?(?:in_)?constant_(20\d\d)_(?:usd?|us)(?:_|$)`)
	yearText = regexp.MustCompile(`^(?:19|20)\d\d$`)
)

func slug(s string) string {
	return strings.Trim(notWord.ReplaceAllString(strings.ToLower(s), "_"), "_")
}

// words are all that tells what a record is about.
type words struct{ kind, indicator, gid, unit, subgroupGID, subgroup string }

// meaning is what the names of a record say.
type meaning struct {
	series *series
	sub    string
	base   string // year of the prices
	code   string // of programmes.csv
	reason string // why such records are not used
}

// understand sets the series, the subgroup and the price basis of a record. It
// returns why the record is not used, or "".
func (b *book) understand(r *record) (reason string) {
	names := words{r.layout.kind, r.get(indicator), r.get(gid), r.get(unit), r.get(subgroupGID), r.get(subgroup)}
	m, ok := b.meanings[names]
	if !ok {
		m = b.meaning(r)
		b.meanings[names] = m
	}
	r.series, r.sub, r.base, r.code = m.series, m.sub, m.base, m.code
	if m.reason == "" && r.inside() {
		return "a part of a country"
	}
	return m.reason
}

func (b *book) meaning(r *record) (m meaning) {
	switch r.layout.kind {
	case roleTotals:
		m.series = b.find(bySource)
		return m
	case roleProgrammes:
		return b.programme(r)
	}
	name := slug(r.get(indicator))
	if at := baseYear.FindStringSubmatchIndex(name); at != nil {
		m.base = name[at[2]:at[3]]
		name = strings.Trim(name[:at[0]]+"_"+name[at[1]:], "_")
	} else if u := baseYear.FindStringSubmatch(slug(r.get(unit))); u != nil {
		m.base = u[1]
	}
	id := strings.ToUpper(r.get(gid))
	for i := range b.series {
		s := &b.series[i]
		rest, ok := s.named(name, r.layout.kind)
		if id != "" {
			ok = id == s.gid && (ok || !s.question())
		}
		sub := cmp.Or(r.get(subgroupGID), r.get(subgroup))
		if r.layout.kind == roleLong {
			sub = rest
		}
		if !ok || !strings.HasPrefix(slug(sub), s.subPrefix) {
			continue
		}
		if m.series == nil || len(s.concept) > len(m.series.concept) {
			m.series, m.sub = s, subgroupName(sub, s.subPrefix)
		}
	}
	switch {
	case m.series == nil:
		m.reason = "indicator not used"
	case strings.HasPrefix(m.sub, "category"):
		m.reason = "subgroup without a name"
	case m.series.only != nil && !slices.Contains(m.series.only, subName(m.sub)):
		m.reason = "subgroup not used"
	case m.series.gid == "PWID_NEEDLES" && slug(r.get(unit)) == "number":
		m.reason = "needles as a number: whether it is a total or per person is not stated"
	case m.series.gid == byPopulation && !strings.HasPrefix(m.sub, "pwid"):
		m.reason = "expenditure for another key population"
	}
	return m
}

func (b *book) find(gid string) *series {
	i := slices.IndexFunc(b.series, func(s series) bool { return s.gid == gid })
	return &b.series[i] // the series that are money are always there
}

// subgroupName puts a subgroup in our words: "" for the total, low and high for
// bounds of an estimate.
func subgroupName(s, prefix string) string {
	below := strings.Contains(s, "<")
	s = strings.Trim(strings.TrimPrefix(slug(s), prefix), "_")
	if n, ok := subgroups[s]; ok {
		if n == "25plus" && below {
			return "below25"
		}
		return n
	}
	return s
}

var subgroups = map[string]string{
	"total": "", "estimate": "", "compiled": "", "all": "",
	"lower_estimate": "low", "low_estimate": "low", "upper_estimate": "high", "high_estimate": "high",
	"male": "males", "female": "females",
	"25": "25plus", "25_and_up": "25plus", "gte_25": "25plus",
	"less_25": "below25", "lt_25": "below25",
	"private": "domestic_private", "us_bilateral": "pepfar",
	"domestic_public_and_private": "domestic", "united_states_bilateral": "us_bilateral",
	"pwid_total": "pwid", "pwid_private": "pwid_domestic_private",
	// all ages and both sexes of the estimates
	"estimate_all_ages": "", "all_ages_estimate": "",
	"low_estimate_all_ages": "low", "all_ages_lower_estimate": "low", "all_ages_low_estimate": "low",
	"high_estimate_all_ages": "high", "all_ages_upper_estimate": "high", "all_ages_high_estimate": "high",
	// the only answer to a question with one choice (A_274 stands beside it for
	// some; what tells them apart is not published)
	"a_total": "", "a_251": "",
}

// subName is a subgroup in words.
func subName(sub string) string { return cmp.Or(sub, "total") }

// area is the same for a country in every edition, whatever the spelling.
func (b *book) area(r *record) string {
	name := cmp.Or(r.get(areaName), r.get(areaID))
	a := cmp.Or(slug(name), name) // a name without Latin letters stays as it is
	return cmp.Or(b.newer[a], a)
}

// give hands everything to the sink: money first, a country and year at a time,
// then the observations in the order of the documents.
func (b *book) give(ctx context.Context, out extractors.Sink) error {
	groups := map[string][]*record{}
	var order []string
	obs := newObservations(b)
	for i := range b.records {
		r := &b.records[i]
		if !r.series.money() || r.layout.kind == roleTotals {
			obs.add(r)
			continue
		}
		area := b.area(r)
		if r.series.gid != byProgramme {
			b.countries[area] = true
		}
		k := area + "|" + r.get(year)
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k] = append(groups[k], r)
	}
	for i, k := range order {
		if i%100 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		for _, d := range b.expenditure(k, groups[k], obs) {
			if err := out.Disclose(d); err != nil {
				return err
			}
		}
	}
	for _, o := range obs.list() {
		if err := out.Observe(o); err != nil {
			return err
		}
	}
	return ctx.Err()
}

package unaids

import (
	"bytes"
	"cmp"
	"context"
	"embed"
	"encoding/csv"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
)

// The three small tables people review: which series is what, known breaks in
// series, and countries whose name changed between editions.
//
//go:embed series.csv breaks.csv renames.csv
var tables embed.FS

// series is one row of series.csv.
type series struct {
	gid, subPrefix, concept string
	indicator, unit         string
	zeroIsMissing           bool
}

// The two series that are money, by their ids.
const (
	bySource     = "DOMESTIC_SPENDING_FUND_SOURCE" // international sources too, whatever its name says
	byPopulation = "DOMESTIC_SPENDING_KP"
)

// constantUSD is the unit of series at constant prices.
const constantUSD = "million USD"

func (s *series) money() bool { return s.gid == bySource || s.gid == byPopulation }

// book collects the records of all documents.
type book struct {
	series   []series
	breaks   map[string]bool    // area | year | subgroup
	newer    map[string]string  // folded older name -> folded newer name
	meanings map[string]meaning // by the names of a record: they repeat
	records  []record
}

func newBook() (*book, error) {
	b := &book{breaks: map[string]bool{}, newer: map[string]string{}, meanings: map[string]meaning{}}
	rows, err := table("series.csv", 6)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		b.series = append(b.series, series{gid: r[0], subPrefix: r[1], concept: r[2], indicator: r[3], unit: r[4], zeroIsMissing: r[5] == "missing"})
	}
	if rows, err = table("breaks.csv", 5); err != nil {
		return nil, err
	}
	for _, r := range rows {
		b.breaks[slug(r[0])+"|"+r[1]+"|"+r[2]] = true
	}
	if rows, err = table("renames.csv", 2); err != nil {
		return nil, err
	}
	for _, r := range rows {
		b.newer[slug(r[0])] = slug(r[1])
	}
	return b, nil
}

func table(name string, fields int) ([][]string, error) {
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

// meaning is what the names of a record say.
type meaning struct {
	series *series
	sub    string
	base   string // year of the prices
	reason string // why such records are not used
}

// understand sets the series, the subgroup and the price basis of a record. It
// returns why the record is not used, or "".
func (b *book) understand(r *record) (reason string) {
	names := strings.Join([]string{r.layout.kind, r.get(indicator), r.get(gid), r.get(unit), r.get(subgroupGID), r.get(subgroup)}, "\x00")
	m, ok := b.meanings[names]
	if !ok {
		m = b.meaning(r)
		b.meanings[names] = m
	}
	r.series, r.sub, r.base = m.series, m.sub, m.base
	if m.reason == "" && r.inside() {
		return "a part of a country"
	}
	return m.reason
}

func (b *book) meaning(r *record) (m meaning) {
	if r.layout.kind == roleTotals {
		m.series = &b.series[0]
		return m
	}
	name := slug(r.get(indicator))
	if at := baseYear.FindStringSubmatchIndex(name); at != nil {
		m.base = name[at[2]:at[3]]
		name = strings.Trim(name[:at[0]]+"_"+name[at[1]:], "_")
	} else if u := baseYear.FindStringSubmatch(slug(r.get(unit))); u != nil {
		m.base = u[1]
	}
	id := strings.ToUpper(strings.TrimSpace(r.get(gid)))
	for i := range b.series {
		s := &b.series[i]
		rest, ok := strings.CutPrefix(name, s.concept)
		ok = ok && (rest == "" || rest[0] == '_')
		if id != "" {
			ok = id == s.gid
		}
		sub := cmp.Or(r.get(subgroupGID), r.get(subgroup))
		if r.layout.kind == roleLong {
			sub = strings.TrimPrefix(rest, "_")
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
	case m.series.gid == "PWID_NEEDLES" && slug(r.get(unit)) == "number":
		m.reason = "needles as a number: whether it is a total or per person is not stated"
	case m.series.gid == byPopulation && !strings.HasPrefix(m.sub, "pwid"):
		m.reason = "expenditure for another key population"
	}
	return m
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
}

// area is the same for a country in every edition, whatever the spelling.
func (b *book) area(r *record) string {
	name := cmp.Or(r.get(areaName), r.get(areaID))
	a := cmp.Or(slug(name), name) // a name without Latin letters stays as it is
	return cmp.Or(b.newer[a], a)
}

// edition orders documents that state the same figure: AIDSinfo's own before
// re-publishers, later years first, the core monitoring before the atlas.
type edition struct {
	own       int
	year      string
	retrieved time.Time
	core      int
	index     int
	name      string
}

var editionYear = regexp.MustCompile(`20\d\d`)

func editionOf(d fetch.Document, index int, inside, kind string) edition {
	e := edition{year: editionYear.FindString(cmp.Or(inside, d.Name)), retrieved: d.Retrieved, index: index, name: cmp.Or(inside, d.Name)}
	switch kind {
	case roleExport:
		e.own = 2
	case roleLong:
		e.own = 1
	}
	if !strings.Contains(strings.ToUpper(e.name), "KPA") {
		e.core = 1
	}
	return e
}

func (e edition) compare(o edition) int {
	return cmp.Or(cmp.Compare(e.own, o.own), strings.Compare(e.year, o.year), cmp.Compare(e.core, o.core),
		e.retrieved.Compare(o.retrieved), cmp.Compare(e.index, o.index), strings.Compare(e.name, o.name))
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
		k := b.area(r) + "|" + r.get(year)
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

func sortedKeys(m map[string]int) []string { return slices.Sorted(maps.Keys(m)) }

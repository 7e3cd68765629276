package transforms

import (
	"cmp"
	"hash/maphash"
	"slices"
	"strconv"
	"strings"

	"hrinvest/extractors"
)

// overlap decides, over the flows of all sources, which of them state the same
// money and what of it counts (money rule 3). It keeps hashes and sums, not rows.
//
// Rules, in the order they are tried on a flow that still counts:
//
//	secondary        the reporter re-publishes others (IATI secondary-reporter)
//	authority        a source with more authority states the same: of one grant by
//	                 its own identifier, one contract by its number, or of one
//	                 financing entity in a country and year, the same kind of money
//	                 for the same intervention
//	parts_elsewhere  another source states parts of what this flow states as a
//	                 whole (HIV in general; services for people who inject drugs
//	                 without saying which): the parts count, and of the whole what
//	                 they leave
//	repeated         a related activity, seen before, states a budget of the same amount
//	                 and period: a child that repeats its parent's, or two partners who
//	                 repeat the budget of the project they share
//	passed_on        recipient view only: the receiver's own activity, which we hold,
//	                 reports what became of the money, as much of it as it reports
//	core             recipient view only: a donor's core money to a fund, which
//	                 reaches countries as the fund's own
//	outflow          donor view only: money of a fund whose donors' contributions are
//	                 known: it is theirs
type overlap struct {
	seed    maphash.Seed
	cells   map[uint64]*cell
	keys    []flowKey            // in the order of flows
	spends  map[uint64]*passing  // activities, by the measure of money: what they report, and what was passed to them
	stated  map[uint64]string    // budgets of activities that have relatives, by what they say
	shared  map[uint64][2]string // who first stated a budget under a related activity: its own activity and reporter
	again   map[int]string       // flows that repeat a relative's budget, and whose
	passed  map[int]passedOn     // flows to another activity, by ordinal
	core    map[int]struct{}     // core money to a fund, by ordinal
	funded  map[string]struct{}  // ids of funds whose donors' contributions are known
	sources []extractors.Info    // as met
	last    activityKey          // of the flow before
	names   map[string]int16     // interventions met, their place in labels
	labels  []string
	ordinal int
}

type activityKey struct {
	id  string
	key uint64
}

type flowKey struct {
	flow int
	key  uint64
}

type passedOn struct {
	key      uint64 // of spends
	activity string
}

// passing is what an activity reports of its money in one measure (spent: disbursed
// or used; committed), and what others say they passed to it, in US dollars.
type passing struct {
	reported, received Decimal
	reports, unknown   bool // unknown: some of it has no US dollars
}

// cell is what all sources state of one grant and kind of money, or of one
// financing entity, country, year and kind.
type cell struct{ said []assertion }

// assertion is what one source states in a cell for one intervention.
type assertion struct {
	source, intervention int16
	unknown              bool // some of it has no US dollars
	late                 bool // all of it is of the last period reported only
	usd                  Decimal
}

func newOverlap() *overlap {
	o := &overlap{
		seed: maphash.MakeSeed(), cells: map[uint64]*cell{}, spends: map[uint64]*passing{}, stated: map[uint64]string{},
		shared: map[uint64][2]string{}, again: map[int]string{},
		passed: map[int]passedOn{}, core: map[int]struct{}{}, funded: map[string]struct{}{}, names: map[string]int16{},
	}
	for _, name := range wholes {
		o.intervention(name)
	}
	return o
}

// intervention is the index of an intervention.
func (o *overlap) intervention(name string) int16 {
	i, ok := o.names[name]
	if !ok {
		i = int16(len(o.labels))
		o.names[name] = i
		o.labels = append(o.labels, name)
	}
	return i
}

// wholes are the interventions that contain others: HIV in general, services for
// people who inject drugs in general. Their indices are their levels.
var wholes = [...]string{"hiv_other", "unspecified_pwid"}

const (
	hivOther  = 0
	pwidOther = 1
)

// Flags that sources set and counting acts on.
const (
	flagCore   = "core_contribution" // a donor's money to the core of a fund
	flagLatest = "latest_period"     // the source gives the last period reported only
)

// see notes a flow, in the order in which flows are written.
func (o *overlap) see(info extractors.Info, r *Row) {
	n := o.ordinal
	o.ordinal++
	core := r.flagged(flagCore)
	if core {
		o.core[n] = struct{}{}
		for _, p := range r.D.Parties {
			if p.Role == extractors.Receiver && p.Ref != "" {
				o.funded[p.Ref] = struct{}{}
			}
		}
	}
	if r.ExcludedBy != "" && r.ExcludedByDonor != "" {
		return
	}
	source := o.source(info)
	if !core {
		for _, id := range r.D.LinkIDs {
			o.claim(n, o.hash("link", string(r.D.Kind), linkKey(id)), source, r)
		}
		if k, ok := o.sumKey(r); ok {
			o.claim(n, k, source, r)
		}
	}
	if o.last.id != r.D.ActivityID || r.D.ActivityID == "" {
		o.last = activityKey{r.D.ActivityID, o.activityKey(r.D.ActivityID)}
	}
	own := o.last.key
	if r.D.Kind == extractors.Budget && len(r.D.RelatedIDs) > 0 {
		for _, id := range r.D.RelatedIDs {
			if first, ok := o.stated[o.statement(id, r.D)]; ok && linkKey(id) != linkKey(r.D.ActivityID) {
				o.again[n] = first
			}
		}
		o.stated[o.statement(r.D.ActivityID, r.D)] = r.D.ActivityID
		o.sibling(n, r)
	}
	if r.ExcludedBy == "" {
		o.pass(n, own, r)
	}
}

// pass notes what an activity reports, and what it passed on to another.
func (o *overlap) pass(n int, own uint64, r *Row) {
	switch r.D.Kind {
	case extractors.Disbursement, extractors.Expenditure, extractors.Commitment:
		p := o.passing(own, r.D.Kind)
		p.reports, p.unknown, p.reported = true, p.unknown || !r.HasUSD, p.reported.Add(r.USD)
	}
	if r.D.Kind != extractors.Disbursement && r.D.Kind != extractors.Commitment {
		return
	}
	for _, party := range r.D.Parties {
		if party.Role != extractors.Receiver || party.ActivityID == "" {
			continue
		}
		if to := o.activityKey(party.ActivityID); to != own {
			p := o.passing(to, r.D.Kind)
			p.unknown, p.received = p.unknown || !r.HasUSD, p.received.Add(r.USD)
			o.passed[n] = passedOn{measureKey(to, r.D.Kind), party.ActivityID}
			return
		}
	}
}

// measureKey tells an activity's commitments from what it disbursed and spent.
func measureKey(activity uint64, kind extractors.Kind) uint64 {
	if kind == extractors.Commitment {
		return ^activity
	}
	return activity
}

func (o *overlap) passing(activity uint64, kind extractors.Kind) *passing {
	key := measureKey(activity, kind)
	p := o.spends[key]
	if p == nil {
		p = &passing{}
		o.spends[key] = p
	}
	return p
}

// passedOn is how much of a flow passed to an activity we hold that activity
// reports itself: all of it, or its share of what was passed to it.
func (o *overlap) passedOn(n int) (d decision, ok bool) {
	to, ok := o.passed[n]
	if !ok {
		return d, false
	}
	p := o.spends[to.key]
	if !p.reports || !p.unknown && p.reported.Sign() <= 0 {
		return d, false
	}
	d = decision{rule: "passed_on", group: to.activity, recipient: true}
	if !p.unknown && p.reported.Cmp(p.received) < 0 {
		d.part, d.of = p.reported, p.received
	}
	return d, true
}

// sibling notes a budget that another publisher's activity, related to the same
// third one, states to the unit: two partners who repeat the budget of the project
// they share. A round sum may be what each of them has.
func (o *overlap) sibling(n int, r *Row) {
	if whole, _, _ := strings.Cut(r.D.Amount, "."); r.Amount.Sign() <= 0 || strings.HasSuffix(whole, "000") {
		return
	}
	reporter := ""
	if p := parties(r.D.Parties).as(extractors.Reporting); len(p) > 0 {
		reporter = cmp.Or(p[0].Ref, p[0].Name)
	}
	for _, id := range r.D.RelatedIDs {
		key := o.hash("shared", linkKey(id), r.D.Currency, r.D.Amount, r.D.PeriodStart, r.D.PeriodEnd)
		first, ok := o.shared[key]
		if !ok {
			o.shared[key] = [2]string{r.D.ActivityID, reporter}
		} else if first[1] != reporter && linkKey(first[0]) != linkKey(r.D.ActivityID) {
			o.again[n] = first[0]
		}
	}
}

// source is a source's index.
func (o *overlap) source(info extractors.Info) int16 {
	i := slices.IndexFunc(o.sources, func(s extractors.Info) bool { return s.ID == info.ID })
	if i < 0 {
		i = len(o.sources)
		o.sources = append(o.sources, info)
	}
	return int16(i)
}

// claim adds a flow to what its source states in a cell.
func (o *overlap) claim(n int, key uint64, source int16, r *Row) {
	intervention := o.intervention(orElse(r.Intervention, "none"))
	o.keys = append(o.keys, flowKey{n, key})
	c := o.cells[key]
	if c == nil {
		c = &cell{}
		o.cells[key] = c
	}
	i := slices.IndexFunc(c.said, func(c assertion) bool { return c.source == source && c.intervention == intervention })
	if i < 0 {
		i = len(c.said)
		c.said = append(c.said, assertion{source: source, intervention: intervention, late: true})
	}
	one := &c.said[i]
	one.usd = one.usd.Add(r.USD)
	one.unknown = one.unknown || !r.HasUSD
	one.late = one.late && r.flagged(flagLatest)
}

// statement identifies what an activity says of one amount and period.
func (o *overlap) statement(activity string, d *extractors.Disclosure) uint64 {
	return o.hash(strings.Join([]string{"said", linkKey(activity), string(d.Kind), d.Currency, d.Amount, d.PeriodStart, d.PeriodEnd}, "\x1f"))
}

// linkKey folds what publishers vary in identifiers of one grant.
func linkKey(id string) string { return strings.ToLower(strings.Join(strings.Fields(id), "")) }

func (o *overlap) activityKey(id string) uint64 { return o.hash(linkKey(id)) }

func (o *overlap) hash(parts ...string) uint64 {
	var h maphash.Hash
	h.SetSeed(o.seed)
	for _, p := range parts {
		h.WriteString(p)
		h.WriteByte(0x1f)
	}
	return h.Sum64()
}

// sumKey identifies the money of a financing entity in a country and year, of one
// kind. Flows without all of these have no such key, nor have contracts: each is
// one purchase and never all that was bought, so that another source's is another
// one, unless both give its number (LinkIDs).
func (o *overlap) sumKey(r *Row) (uint64, bool) {
	who := orgKey(r.FunderGroup)
	if r.FunderType == "domestic_public" {
		who = r.FunderType
	}
	if who == "" || r.Country == "" || r.Year == 0 || r.D.Kind == extractors.Contract {
		return 0, false
	}
	return o.hash("sum", string(r.D.Kind), who, r.Country, strconv.Itoa(int(r.Year))), true
}

// keysOf returns the keys of flow n. Flows must be asked for in order.
func (o *overlap) keysOf(n int) []flowKey {
	for len(o.keys) > 0 && o.keys[0].flow < n {
		o.keys = o.keys[1:]
	}
	end := 0
	for end < len(o.keys) && o.keys[end].flow == n {
		end++
	}
	return o.keys[:end]
}

// better says whether what one source states in a cell counts before what another
// does. A source that gives its last period only comes after those that give years.
func (o *overlap) better(a, b assertion) bool {
	if a.late != b.late {
		return b.late
	}
	x, y := o.sources[a.source], o.sources[b.source]
	return cmp.Or(cmp.Compare(x.Authority, y.Authority), cmp.Compare(x.ID, y.ID)) < 0
}

// best is the assertion that counts for an intervention, if there is one.
func (o *overlap) best(c *cell, intervention int16) (assertion, bool) {
	var found assertion
	ok := false
	for _, one := range c.said {
		if one.intervention == intervention && (!ok || o.better(one, found)) {
			found, ok = one, true
		}
	}
	return found, ok
}

// contains says whether money for one intervention, stated as a whole, holds money
// for another.
func (o *overlap) contains(whole, part int16) bool {
	switch whole {
	case hivOther:
		return part != hivOther && !o.is(part, "none", "drug_control", "drug_treatment_other")
	case pwidOther:
		return part != hivOther && part != pwidOther && (o.is(part, "nsp", "oat", "naloxone", "dcr") || strings.HasSuffix(o.labels[part], "_pwid"))
	}
	return false
}

func (o *overlap) is(i int16, names ...string) bool { return slices.Contains(names, o.labels[i]) }

// covered is how much of a source's whole in a cell other sources state as parts,
// in US dollars, and which of them. Parts the source itself states beside its
// whole are no part of it.
func (o *overlap) covered(c *cell, whole assertion) (usd Decimal, by []string) {
	if whole.unknown {
		return Decimal{}, nil
	}
	own := func(i int16) bool {
		return slices.ContainsFunc(c.said, func(x assertion) bool { return x.source == whole.source && x.intervention == i })
	}
	var inner Decimal // of services for people who inject drugs that are named
	for _, part := range c.said {
		if part.source == whole.source || part.unknown || !o.contains(whole.intervention, part.intervention) || own(part.intervention) {
			continue
		}
		if b, _ := o.best(c, part.intervention); b.source != part.source || part.intervention == pwidOther {
			continue
		}
		usd = usd.Add(part.usd)
		if o.contains(pwidOther, part.intervention) {
			inner = inner.Add(part.usd)
		}
		by = append(by, o.sources[part.source].ID)
	}
	// services in general, beyond those that are named
	if general, ok := o.best(c, pwidOther); ok && whole.intervention == hivOther && general.source != whole.source && !general.unknown && !own(pwidOther) {
		if rest := general.usd.Sub(inner); rest.Sign() > 0 {
			usd = usd.Add(rest)
			by = append(by, o.sources[general.source].ID)
		}
	}
	slices.Sort(by)
	return usd, slices.Compact(by)
}

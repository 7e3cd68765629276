package transforms

import (
	"hash/maphash"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"hrinvest/extractors"
)

// overlap decides, over the flows of all sources, which of them state the same
// money and which one counts (money rule 3). It keeps hashes, not rows.
//
// Rules, in the order they are tried on a flow that still counts:
//
//	secondary  the reporter re-publishes others (IATI secondary-reporter)
//	authority  another source with more authority publishes the same flow: the
//	           same grant by its own identifier and intervention (a source may
//	           hold some lines of a grant only), or the same financing entity x
//	           country x year x kind x intervention
//	repeated   a related activity, seen before, states a budget of the same amount
//	           and period: a child that repeats its parent's
//	passed_on  recipient view only: the receiver's own activity, which we hold,
//	           reports what became of the money
type overlap struct {
	seed    maphash.Seed
	best    map[uint64]authorityClaim // strongest source of a key
	keys    []flowKey                 // in the order of flows
	spends  map[uint64]struct{}       // activities that report disbursements or expenditure
	stated  map[uint64]string         // budgets of activities that have relatives, by what they say
	again   map[int]string            // flows that repeat a relative's budget, and whose
	passed  map[int]passedOn          // flows to another activity, by ordinal
	ordinal int
	last    activityKey // of the flow before
}

type activityKey struct {
	id  string
	key uint64
}

type authorityClaim struct {
	authority int
	source    string
}

type flowKey struct {
	flow int
	key  uint64
}

type passedOn struct {
	key      uint64
	activity string
}

func newOverlap() *overlap {
	return &overlap{seed: maphash.MakeSeed(), best: map[uint64]authorityClaim{}, spends: map[uint64]struct{}{}, stated: map[uint64]string{}, again: map[int]string{}, passed: map[int]passedOn{}}
}

// see notes a flow, in the order in which flows are written.
func (o *overlap) see(info extractors.Info, r *Row) {
	n := o.ordinal
	o.ordinal++
	if r.ExcludedBy != "" && r.ExcludedByDonor != "" {
		return
	}
	c := authorityClaim{info.Authority, info.ID}
	for _, id := range r.D.LinkIDs {
		k := o.hash("link", string(r.D.Kind), linkKey(id), r.Intervention)
		o.claim(k, c)
		o.keys = append(o.keys, flowKey{n, k})
	}
	if k, ok := o.aggregateKey(string(r.D.Kind), r.Funder, r.FunderID, r.FunderType, r.Country, r.Year, r.Intervention); ok {
		o.claim(k, c)
		o.keys = append(o.keys, flowKey{n, k})
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
	}
	switch r.D.Kind {
	case extractors.Disbursement, extractors.Expenditure:
		o.spends[own] = struct{}{}
	}
	if r.D.Kind == extractors.Disbursement || r.D.Kind == extractors.Commitment {
		for _, p := range r.D.Parties {
			if p.Role != extractors.Receiver || p.ActivityID == "" {
				continue
			}
			if to := o.activityKey(p.ActivityID); to != own {
				o.passed[n] = passedOn{to, p.ActivityID}
			}
		}
	}
}

func (o *overlap) claim(k uint64, c authorityClaim) {
	if old, ok := o.best[k]; !ok || c.authority < old.authority {
		o.best[k] = c
	}
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

// aggregateKey identifies a flow that sources give as one figure of a financing
// entity in a country and year. Flows without all of these have no such key.
func (o *overlap) aggregateKey(kind, funder, funderID, funderType, country string, year int32, intervention string) (uint64, bool) {
	who := funderID
	if who == "" {
		who = orgKey(funder)
	}
	if funderType == "domestic_public" {
		who = funderType
	}
	if who == "" || country == "" || year == 0 {
		return 0, false
	}
	return o.hash("sum", kind, who, country, strconv.Itoa(int(year)), intervention), true
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

// decision is what overlap found for one flow.
type decision struct {
	rule, group string
	recipient   bool // recipient view only
}

func (o *overlap) decision(n int, authority int, secondary bool) (decision, bool) {
	if secondary {
		return decision{rule: "secondary"}, true
	}
	for _, k := range o.keysOf(n) {
		if b := o.best[k.key]; b.authority < authority {
			return decision{rule: "authority", group: b.source}, true
		}
	}
	if first, ok := o.again[n]; ok {
		return decision{rule: "repeated", group: first}, true
	}
	if p, ok := o.passed[n]; ok {
		if _, ok := o.spends[p.key]; ok {
			return decision{rule: "passed_on", group: p.activity, recipient: true}, true
		}
	}
	return decision{}, false
}

// decide wraps the spooled flows in a reader that adds the decisions.
// authority gives each source's rank.
func (o *overlap) decide(r array.RecordReader, authority map[string]int) array.RecordReader {
	return &decidedReader{RecordReader: r, overlap: o, authority: authority}
}

type decidedReader struct {
	array.RecordReader
	overlap   *overlap
	authority map[string]int
	n         int
	current   arrow.Record
}

// Next implements array.RecordReader. The record is valid until the next call.
func (d *decidedReader) Next() bool {
	if d.current != nil {
		d.current.Release()
		d.current = nil
	}
	if !d.RecordReader.Next() {
		return false
	}
	d.current = d.rewrite(d.RecordReader.Record())
	return true
}

// Record implements array.RecordReader.
func (d *decidedReader) Record() arrow.Record { return d.current }

// Release implements array.RecordReader.
func (d *decidedReader) Release() {
	if d.current != nil {
		d.current.Release()
		d.current = nil
	}
	d.RecordReader.Release()
}

// rewrite rebuilds the counting columns of a batch.
func (d *decidedReader) rewrite(rec arrow.Record) arrow.Record {
	col := func(name string) (int, arrow.Array) {
		i := rec.Schema().FieldIndices(name)[0]
		return i, rec.Column(i)
	}
	_, source := col("source")
	names := [...]string{"counted", "excluded_by", "counted_donor", "excluded_by_donor", "stands_for_group"}
	_, flags := col("flags")
	var at [len(names)]int
	var old [len(names)]arrow.Array
	var out [len(names)]array.Builder
	for i, name := range names {
		at[i], old[i] = col(name)
		out[i] = newBuilder(memory.DefaultAllocator, old[i].DataType())
		out[i].Reserve(int(rec.NumRows()))
		defer out[i].Release()
	}
	for i := range int(rec.NumRows()) {
		excluded, donor, group := textAt(old[1], i), textAt(old[3], i), textAt(old[4], i)
		marks := textAt(flags, i)
		if excluded == "" || donor == "" {
			if dec, ok := d.overlap.decision(d.n+i, d.authority[textAt(source, i)], strings.Contains(marks, "secondary_reporter")); ok {
				if excluded == "" {
					excluded, group = dec.rule, dec.group
					if strings.Contains(marks, flagWithheld) {
						group = ""
					}
				}
				if donor == "" && !dec.recipient {
					donor = dec.rule
				}
			}
		}
		out[0].(*array.BooleanBuilder).Append(excluded == "")
		putText(out[1], excluded)
		out[2].(*array.BooleanBuilder).Append(donor == "")
		putText(out[3], donor)
		putText(out[4], group)
	}
	d.n += int(rec.NumRows())
	cols := make([]arrow.Array, rec.NumCols())
	for i, c := range rec.Columns() {
		cols[i] = c
	}
	for i := range out {
		cols[at[i]] = out[i].NewArray()
		defer cols[at[i]].Release()
	}
	return array.NewRecord(rec.Schema(), cols, rec.NumRows())
}

package transforms

import (
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// decision is what overlap found for one flow.
type decision struct {
	rule, group string
	recipient   bool // recipient view only
	donor       bool // donor view only
	// part and of, where of is not zero: only part/of of the flow's money is
	// excluded, the rest counts.
	part, of Decimal
}

// told is what decide reads of a flow.
type told struct {
	source       int16
	intervention int16
	funderID     string
	secondary    bool
}

// decision applies the rules to flow n; see overlap. There may be two: one for
// each view.
func (o *overlap) decision(n int, f told) (found []decision) {
	keys := o.keysOf(n)
	if f.secondary {
		return []decision{{rule: "secondary"}}
	}
	if _, core := o.core[n]; core {
		return []decision{{rule: "core", recipient: true}}
	}
	if d, ok := o.elsewhere(keys, f); ok {
		return []decision{d}
	}
	if first, ok := o.again[n]; ok {
		return []decision{{rule: "repeated", group: first}}
	}
	if d, ok := o.passedOn(n); ok {
		found = append(found, d)
	}
	if _, ok := o.funded[f.funderID]; ok && f.funderID != "" {
		found = append(found, decision{rule: "outflow", donor: true})
	}
	return found
}

// elsewhere says whether other sources state the flow's money too, or parts of it.
// Of the cells a flow stands in the one that excludes most of it decides.
func (o *overlap) elsewhere(keys []flowKey, f told) (d decision, ok bool) {
	for _, k := range keys {
		c := o.cells[k.key]
		i := slices.IndexFunc(c.said, func(c assertion) bool { return c.source == f.source && c.intervention == f.intervention })
		if i < 0 { // the row was changed since it was seen
			continue
		}
		own := c.said[i]
		if b, _ := o.best(c, f.intervention); b.source != f.source {
			return decision{rule: "authority", group: o.sources[b.source].ID}, true
		}
		if int(own.intervention) >= len(wholes) {
			continue
		}
		usd, by := o.covered(c, own)
		if usd.Sign() <= 0 || own.usd.Sign() <= 0 {
			continue
		}
		one := decision{rule: "parts_elsewhere", group: strings.Join(by, " ")}
		if usd.Cmp(own.usd) < 0 {
			one.part, one.of = usd, own.usd
		}
		if !ok || more(one, d) {
			d, ok = one, true
		}
	}
	return d, ok
}

// more says whether a excludes more of its flow than b.
func more(a, b decision) bool {
	switch {
	case b.of.Sign() == 0:
		return false
	case a.of.Sign() == 0:
		return true
	}
	return a.part.BigInt().Mul(a.part.BigInt(), b.of.BigInt()).Cmp(b.part.BigInt().Mul(b.part.BigInt(), a.of.BigInt())) > 0
}

// decide wraps the spooled flows in a reader that adds the decisions.
func (o *overlap) decide(r array.RecordReader) array.RecordReader {
	return &decidedReader{RecordReader: r, overlap: o}
}

type decidedReader struct {
	array.RecordReader
	overlap *overlap
	n       int
	current arrow.Record
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

// rewrite rebuilds the counting columns of a batch, and the rows of which only a
// part counts.
func (d *decidedReader) rewrite(rec arrow.Record) arrow.Record {
	e := newEditor(rec)
	source, intervention, funder, flags := e.texts("source"), e.texts("intervention"), e.texts("funder_id"), e.texts("flags")
	for i, r := range e.rows {
		if r.excluded != "" && r.donor != "" {
			continue
		}
		marks := flags(i)
		f := told{
			source: d.overlap.sourceNamed(source(i)), intervention: d.overlap.names[intervention(i)],
			funderID: funder(i), secondary: strings.Contains(marks, "secondary_reporter"),
		}
		withheld := strings.Contains(marks, flagWithheld)
		for _, one := range d.overlap.decision(d.n+i, f) {
			if withheld {
				one.group = ""
			}
			e.exclude(i, one)
		}
	}
	d.n += int(rec.NumRows())
	return e.record()
}

func (o *overlap) sourceNamed(id string) int16 {
	for i, s := range o.sources {
		if s.ID == id {
			return int16(i)
		}
	}
	return -1
}

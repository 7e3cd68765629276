package transforms

import (
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// editor rewrites a batch of flows with what was decided about its rows: the
// columns that say what counts, and, where only a part of a row counts, two rows
// in its place.
type editor struct {
	rec    arrow.Record
	at     map[string]int
	rows   []edited // one for each row of the batch
	splits int
}

// edited is what becomes of a row.
type edited struct {
	excluded, donor, group string
	part, of               Decimal // of not zero: part/of of the row is excluded
}

func newEditor(rec arrow.Record) *editor {
	e := &editor{rec: rec, at: map[string]int{}, rows: make([]edited, rec.NumRows())}
	for i, f := range rec.Schema().Fields() {
		e.at[f.Name] = i
	}
	excluded, donor, group := e.texts("excluded_by"), e.texts("excluded_by_donor"), e.texts("stands_for_group")
	for i := range e.rows {
		e.rows[i] = edited{excluded: excluded(i), donor: donor(i), group: group(i)}
	}
	return e
}

// texts reads a column of texts; null is "".
func (e *editor) texts(column string) func(i int) string {
	c := e.rec.Column(e.at[column])
	return func(i int) string { return textAt(c, i) }
}

// exclude applies a decision to a row, in the views it still counts in.
func (e *editor) exclude(i int, d decision) {
	r := &e.rows[i]
	if r.excluded == "" && !d.donor {
		r.excluded, r.group = d.rule, d.group
		if d.of.Sign() != 0 && r.donor == "" {
			r.part, r.of = d.part, d.of
			e.splits++
		}
	}
	if r.donor == "" && !d.recipient {
		r.donor = d.rule
	}
}

// counting are the columns that decisions change.
var counting = [...]string{"counted", "excluded_by", "counted_donor", "excluded_by_donor", "stands_for_group"}

// record is the batch as edited.
func (e *editor) record() arrow.Record {
	if e.splits == 0 {
		return e.rebuilt(e.rec, e.rows)
	}
	return e.split()
}

// rebuilt replaces the counting columns of a record.
func (e *editor) rebuilt(rec arrow.Record, rows []edited) arrow.Record {
	var out [len(counting)]array.Builder
	for i, name := range counting {
		out[i] = newBuilder(memory.DefaultAllocator, rec.Column(e.at[name]).DataType())
		out[i].Reserve(len(rows))
		defer out[i].Release()
	}
	for _, r := range rows {
		out[0].(*array.BooleanBuilder).Append(r.excluded == "")
		putText(out[1], r.excluded)
		out[2].(*array.BooleanBuilder).Append(r.donor == "")
		putText(out[3], r.donor)
		putText(out[4], r.group)
	}
	cols := append([]arrow.Array(nil), rec.Columns()...)
	for i, name := range counting {
		cols[e.at[name]] = out[i].NewArray()
		defer cols[e.at[name]].Release()
	}
	return array.NewRecord(rec.Schema(), cols, rec.NumRows())
}

// piece is a row of the edited batch: a row of the batch, or one of the two that
// stand in its place.
type piece struct {
	row  int
	half int // 0 the whole row, 1 the part that is excluded, 2 the rest that counts
}

// split copies the batch with two rows for each that is split. Both sum to it.
func (e *editor) split() arrow.Record {
	var pieces []piece
	var rows []edited
	for i, r := range e.rows {
		if r.of.Sign() == 0 {
			pieces, rows = append(pieces, piece{row: i}), append(rows, r)
			continue
		}
		pieces = append(pieces, piece{i, 1}, piece{i, 2})
		rows = append(rows, r, edited{})
	}
	cols := make([]arrow.Array, e.rec.NumCols())
	for i, f := range e.rec.Schema().Fields() {
		cols[i] = e.column(f.Name, e.rec.Column(i), pieces)
		defer cols[i].Release()
	}
	long := array.NewRecord(e.rec.Schema(), cols, int64(len(pieces)))
	defer long.Release()
	return e.rebuilt(long, rows)
}

// column copies a column, with the cells of halves changed.
func (e *editor) column(name string, c arrow.Array, pieces []piece) arrow.Array {
	b := newBuilder(memory.DefaultAllocator, c.DataType())
	defer b.Release()
	for _, p := range pieces {
		if c.IsNull(p.row) {
			b.AppendNull()
			continue
		}
		switch c := c.(type) {
		case *array.Decimal128:
			v := c.Value(p.row)
			switch name {
			case "amount", "usd", "usd_constant", "share":
				v = e.half(v, p)
			}
			b.(*array.Decimal128Builder).Append(v)
		case *array.Boolean:
			b.(*array.BooleanBuilder).Append(c.Value(p.row))
		case *array.Int32:
			b.(*array.Int32Builder).Append(c.Value(p.row))
		case *array.Date32:
			b.(*array.Date32Builder).Append(c.Value(p.row))
		case *array.String, *array.Dictionary:
			putText(b, halfText(name, textAt(c, p.row), p.half))
		default:
			panic(fmt.Sprintf("column %s of flows is a %T", name, c))
		}
	}
	return b.NewArray()
}

// half is a row's amount in a piece of it.
func (e *editor) half(v Decimal, p piece) Decimal {
	if p.half == 0 {
		return v
	}
	r := e.rows[p.row]
	first := proportion(v, r.part, r.of)
	if p.half == 1 {
		return first
	}
	return v.Sub(first)
}

func halfText(column, text string, half int) string {
	if half == 0 {
		return text
	}
	name := [...]string{1: "parts", 2: "remainder"}[half]
	switch column {
	case "flow_id":
		return digest(text, "sources", name)
	case "split_basis":
		if text == "none" {
			return name
		}
		return join(text, name)
	case "flags":
		return join(text, [...]string{1: "", 2: "remainder"}[half])
	}
	return text
}

package transforms

import (
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"hrinvest/extractors/plaintext"
)

// Most texts of the tables repeat from row to row, so batches hold each once: a
// column of type text is a dictionary in them. The database makes it text again.
var typeTexts = &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Uint16, ValueType: typeText}

// maxBatch is the longest batch whose texts can be told apart by their index.
const maxBatch = 1 << 16

// texts builds such a column.
type texts struct {
	*array.Uint16Builder // of each row, where its text stands in distinct
	distinct             *array.StringBuilder
	at                   map[string]uint16 // text -> where
	last                 string            // rows mostly say what the one before said
	lastAt               uint16
}

func newTexts(mem memory.Allocator) *texts {
	return &texts{Uint16Builder: array.NewUint16Builder(mem), distinct: array.NewStringBuilder(mem), at: map[string]uint16{}}
}

func (t *texts) Append(s string) {
	if s != t.last || len(t.at) == 0 {
		at, ok := t.at[s]
		if !ok {
			at = uint16(len(t.at))
			t.at[s] = at
			t.distinct.Append(plaintext.WithoutMail(valid(s)))
		}
		t.last, t.lastAt = s, at
	}
	t.Uint16Builder.Append(t.lastAt)
}

// NewArray returns the column and starts the next batch's.
func (t *texts) NewArray() arrow.Array {
	indices, distinct := t.Uint16Builder.NewArray(), t.distinct.NewArray()
	defer indices.Release()
	defer distinct.Release()
	clear(t.at)
	return array.NewDictionaryArray(typeTexts, indices, distinct)
}

func (t *texts) Release() {
	t.Uint16Builder.Release()
	t.distinct.Release()
}

// newBuilder makes the builder of a column as it stands in batches.
func newBuilder(mem memory.Allocator, t arrow.DataType) array.Builder {
	if arrow.TypeEqual(t, typeTexts) {
		return newTexts(mem)
	}
	return array.NewBuilder(mem, t)
}

// putText appends a text; "" is null. No text of a table holds an address of mail:
// it names a person.
func putText(b array.Builder, s string) {
	if s == "" {
		b.AppendNull()
		return
	}
	switch b := b.(type) {
	case *texts:
		b.Append(s)
	case *array.StringBuilder:
		b.Append(plaintext.WithoutMail(valid(s)))
	}
}

// textAt reads a text of a batch; null is "".
func textAt(column arrow.Array, i int) string {
	if column.IsNull(i) {
		return ""
	}
	if d, ok := column.(*array.Dictionary); ok {
		return d.Dictionary().(*array.String).Value(d.GetValueIndex(i))
	}
	return column.(*array.String).Value(i)
}

func valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

package transforms

import (
	"fmt"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// Reader makes a small table of one batch. Cells are strings, integers, times
// and booleans by column name; an empty string, a zero time or an absent cell is
// null. It panics on a cell its column cannot hold.
func Reader(schema *arrow.Schema, rows []map[string]any) array.RecordReader {
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	for _, row := range rows {
		for i, f := range schema.Fields() {
			switch v := row[f.Name].(type) {
			case nil:
				b.Field(i).AppendNull()
			case string:
				putText(b.Field(i), v)
			case int:
				b.Field(i).(*array.Int64Builder).Append(int64(v))
			case int64:
				b.Field(i).(*array.Int64Builder).Append(v)
			case bool:
				b.Field(i).(*array.BooleanBuilder).Append(v)
			case time.Time:
				if v.IsZero() {
					b.Field(i).AppendNull()
				} else {
					b.Field(i).(*array.TimestampBuilder).Append(arrow.Timestamp(v.UnixMicro()))
				}
			default:
				panic(fmt.Sprintf("column %s: cell of type %T", f.Name, v))
			}
		}
	}
	rec := b.NewRecord()
	defer rec.Release()
	r, err := array.NewRecordReader(schema, []arrow.Record{rec})
	if err != nil {
		panic(err) // the record was built from this very schema
	}
	return r
}

package oecdcrs

import (
	"fmt"
	"math"
	"math/big"
	"strconv"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/schema"
)

// column reads one column of a row group, forwards.
type column struct {
	reader file.ColumnChunkReader
	scale  int // of a decimal; -1: it is none
	at, n  int // rows held: at to at+n
	next   int // the row the reader stands before

	levels []int16 // 1: the row has a value
	index  []int32 // where the value of a row is; -1: it has none
	max    int16   // level of a value; 0: every row has one

	int32s   []int32
	int64s   []int64
	float32s []float32
	float64s []float64
	texts    []parquet.ByteArray
	fixed    []parquet.FixedLenByteArray
	bools    []bool
	scratch  []byte
}

func openColumn(g *file.RowGroupReader, i int) (*column, error) {
	r, err := g.Column(i)
	if err != nil {
		return nil, err
	}
	c := &column{
		reader: r, scale: -1, at: -1, max: r.Descriptor().MaxDefinitionLevel(),
		levels: make([]int16, window), index: make([]int32, window),
	}
	if d, ok := r.Descriptor().LogicalType().(*schema.DecimalLogicalType); ok {
		c.scale = int(d.Scale())
	}
	switch r.(type) {
	case *file.Int32ColumnChunkReader:
		c.int32s = make([]int32, window)
	case *file.Int64ColumnChunkReader:
		c.int64s = make([]int64, window)
	case *file.Float32ColumnChunkReader:
		c.float32s = make([]float32, window)
	case *file.Float64ColumnChunkReader:
		c.float64s = make([]float64, window)
	case *file.ByteArrayColumnChunkReader:
		c.texts = make([]parquet.ByteArray, window)
	case *file.FixedLenByteArrayColumnChunkReader:
		c.fixed = make([]parquet.FixedLenByteArray, window)
	case *file.BooleanColumnChunkReader:
		c.bools = make([]bool, window)
	default:
		return nil, fmt.Errorf("it is of type %s", r.Type())
	}
	return c, nil
}

// read makes the values of rows at to at+n available, passing over those before.
func (c *column) read(at, n int) error {
	if c.at == at && c.n == n {
		return nil // they are
	}
	if err := c.pass(int64(at - c.next)); err != nil {
		return err
	}
	var got int64
	for got < int64(n) {
		k, err := c.batch(int64(n)-got, int(got))
		if err != nil {
			return err
		}
		if k == 0 {
			return fmt.Errorf("it ends after %d of %d rows", got, n)
		}
		got += k
	}
	c.at, c.n, c.next = at, n, at+n
	return nil
}

// pass skips rows, whole pages undecoded.
func (c *column) pass(rows int64) error {
	if rows == 0 {
		return nil
	}
	skip := c.reader.(interface{ Skip(int64) (int64, error) })
	k, err := skip.Skip(rows)
	if err == nil && k != rows {
		err = fmt.Errorf("it ends after %d rows", c.next+int(k))
	}
	return err
}

// batch reads up to n rows to row from of the window. Rows without a value take
// no place among the values.
func (c *column) batch(n int64, from int) (rows int64, err error) {
	levels := c.levels[from:]
	var values int
	switch r := c.reader.(type) {
	case *file.Int32ColumnChunkReader:
		rows, values, err = r.ReadBatch(n, c.int32s[from:], levels, nil)
	case *file.Int64ColumnChunkReader:
		rows, values, err = r.ReadBatch(n, c.int64s[from:], levels, nil)
	case *file.Float32ColumnChunkReader:
		rows, values, err = r.ReadBatch(n, c.float32s[from:], levels, nil)
	case *file.Float64ColumnChunkReader:
		rows, values, err = r.ReadBatch(n, c.float64s[from:], levels, nil)
	case *file.ByteArrayColumnChunkReader:
		rows, values, err = r.ReadBatch(n, c.texts[from:], levels, nil)
	case *file.FixedLenByteArrayColumnChunkReader:
		rows, values, err = r.ReadBatch(n, c.fixed[from:], levels, nil)
	case *file.BooleanColumnChunkReader:
		rows, values, err = r.ReadBatch(n, c.bools[from:], levels, nil)
	}
	at := from
	for i := from; i < from+int(rows); i++ {
		c.index[i] = -1
		if c.max == 0 || c.levels[i] == c.max {
			c.index[i] = int32(at)
			at++
		}
	}
	if err == nil && at-from != values {
		err = fmt.Errorf("it has %d values where it says %d", values, at-from)
	}
	return rows, err
}

// bytes is the value of row i of the window as text; nil: there is none. Valid
// until it is called again.
func (c *column) bytes(i int) []byte {
	v := c.index[i]
	if v < 0 {
		return nil
	}
	b := c.scratch[:0]
	switch {
	case c.texts != nil:
		return c.unscaled(c.texts[v])
	case c.fixed != nil:
		return c.unscaled(c.fixed[v])
	case c.int32s != nil:
		b = c.decimal(strconv.AppendInt(b, int64(c.int32s[v]), 10))
	case c.int64s != nil:
		b = c.decimal(strconv.AppendInt(b, c.int64s[v], 10))
	case c.float32s != nil:
		b = appendFloat(b, float64(c.float32s[v]), 32)
	case c.float64s != nil:
		b = appendFloat(b, c.float64s[v], 64)
	case c.bools != nil:
		b = strconv.AppendBool(b, c.bools[v])
	}
	c.scratch = b
	return b
}

// appendFloat writes the shortest decimal that means this number and no other:
// the digits the publisher had before a number was made of them, unless they had
// more than 15. What is not a number (how some programs write "no value") is none.
func appendFloat(b []byte, v float64, bits int) []byte {
	if math.IsNaN(v) {
		return nil
	}
	return strconv.AppendFloat(b, v, 'f', -1, bits)
}

// decimal puts the point into a whole number that stands for a decimal.
func (c *column) decimal(digits []byte) []byte {
	if c.scale <= 0 {
		return digits
	}
	text, _ := shift(string(digits), -c.scale)
	return append(digits[:0], text...)
}

// unscaled reads a decimal in bytes (big end first, two's complement); other
// bytes are text.
func (c *column) unscaled(v []byte) []byte {
	if c.scale < 0 {
		return v
	}
	n := new(big.Int).SetBytes(v)
	if len(v) > 0 && v[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(v))))
	}
	return c.decimal([]byte(n.String()))
}

package warehouse

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// Rows makes a record reader of small tables written by hand or counted by the
// program. A missing key or nil is null. Values are given in the column's own
// type (string, bool, int, time.Time for dates and timestamps) or as text:
// decimals always as text ("1455000.5"), dates as "2016-12-31", timestamps as
// RFC 3339. A key that is no column of the schema is an error, as is a decimal
// with more digits than the column holds: nothing is rounded here.
func Rows(schema *arrow.Schema, rows []map[string]any) (array.RecordReader, error) {
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	names := make([]string, schema.NumFields())
	for i, f := range schema.Fields() {
		names[i] = f.Name
	}
	for n, row := range rows {
		for key := range row {
			if !slices.Contains(names, key) {
				return nil, fmt.Errorf("row %d: no column %q", n+1, key)
			}
		}
		for i, name := range names {
			if err := appendValue(b.Field(i), row[name]); err != nil {
				return nil, fmt.Errorf("row %d: %s: %w", n+1, name, err)
			}
		}
	}
	rec := b.NewRecord()
	defer rec.Release()
	return array.NewRecordReader(schema, []arrow.Record{rec})
}

func appendValue(b array.Builder, v any) error {
	if v == nil {
		b.AppendNull()
		return nil
	}
	switch b := b.(type) {
	case *array.StringBuilder:
		s, ok := v.(string)
		if !ok {
			return fmt.Errorf("want text, got %T", v)
		}
		b.Append(s)
	case *array.BooleanBuilder:
		switch v := v.(type) {
		case bool:
			b.Append(v)
		case string:
			switch v {
			case "true", "1":
				b.Append(true)
			case "false", "0":
				b.Append(false)
			default:
				return fmt.Errorf("%q is neither true nor false", v)
			}
		default:
			return fmt.Errorf("want a bool, got %T", v)
		}
	case *array.Int32Builder:
		n, err := wholeNumber(v, 32)
		if err != nil {
			return err
		}
		b.Append(int32(n))
	case *array.Int64Builder:
		n, err := wholeNumber(v, 64)
		if err != nil {
			return err
		}
		b.Append(n)
	case *array.Decimal128Builder:
		s := fmt.Sprint(v)
		if _, isFloat := v.(float64); isFloat {
			return fmt.Errorf("a decimal is given as text, never as a float")
		}
		t := b.Type().(*arrow.Decimal128Type)
		d, err := parseDecimal(s, t.Precision, t.Scale)
		if err != nil {
			return err
		}
		b.Append(d)
	case *array.Date32Builder:
		t, err := moment(v, time.DateOnly)
		if err != nil {
			return err
		}
		b.Append(arrow.Date32FromTime(t))
	case *array.TimestampBuilder:
		t, err := moment(v, time.RFC3339)
		if err != nil {
			return err
		}
		b.Append(arrow.Timestamp(t.UTC().UnixMicro()))
	default:
		return fmt.Errorf("columns of type %s are not supported", b.Type())
	}
	return nil
}

func wholeNumber(v any, bits int) (int64, error) {
	n, ok := new(big.Int).SetString(fmt.Sprint(v), 10)
	if !ok || n.BitLen() >= bits {
		return 0, fmt.Errorf("%v is not a whole number of %d bits", v, bits)
	}
	return n.Int64(), nil
}

func moment(v any, layout string) (time.Time, error) {
	switch v := v.(type) {
	case time.Time:
		return v, nil
	case string:
		return time.Parse(layout, v)
	}
	return time.Time{}, fmt.Errorf("want a time or text, got %T", v)
}

// parseDecimal reads plain decimal text exactly. decimal128.FromString goes
// through binary floating point and is not used for money.
func parseDecimal(s string, precision, scale int32) (decimal128.Num, error) {
	digits, negative := strings.CutPrefix(s, "-")
	whole, frac, _ := strings.Cut(digits, ".")
	frac = strings.TrimRight(frac, "0")
	if len(frac) > int(scale) {
		return decimal128.Num{}, fmt.Errorf("%q has more than %d decimals", s, scale)
	}
	if whole == "" || strings.Trim(whole+frac, "0123456789") != "" {
		return decimal128.Num{}, fmt.Errorf("%q is not a plain decimal number", s)
	}
	n, _ := new(big.Int).SetString(whole+frac+strings.Repeat("0", int(scale)-len(frac)), 10)
	if len(n.String()) > int(precision) {
		return decimal128.Num{}, fmt.Errorf("%q has more than %d digits", s, precision)
	}
	if negative {
		n.Neg(n)
	}
	return decimal128.FromBigInt(n), nil
}

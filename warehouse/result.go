package warehouse

import (
	"database/sql"
	"fmt"
	"math/big"
	"time"

	"github.com/marcboeker/go-duckdb"
)

// Result is the whole answer to a query.
//
// A value is nil (null), string, bool, int64, Decimal, or time.Time (dates and
// timestamps, UTC). There are no floats.
type Result struct {
	Columns []Column
	Rows    [][]any
}

// Column describes one column of a result, table or view.
type Column struct {
	Name string
	Type string // DuckDB type: VARCHAR, INTEGER, DECIMAL(24,6), DATE, ...
	Doc  string
}

// Decimal is an exact decimal number: Unscaled / 10^Scale.
type Decimal struct {
	Unscaled *big.Int
	Scale    int
}

// Rat returns the number as a fraction, for exact arithmetic.
func (d Decimal) Rat() *big.Rat {
	if d.Unscaled == nil {
		return new(big.Rat)
	}
	return new(big.Rat).SetFrac(d.Unscaled, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(d.Scale)), nil))
}

// String is plain decimal text with all decimals of the column: "1455000.000000".
func (d Decimal) String() string { return d.Rat().FloatString(d.Scale) }

// Sign is -1, 0 or 1.
func (d Decimal) Sign() int {
	if d.Unscaled == nil {
		return 0
	}
	return d.Unscaled.Sign()
}

// MarshalJSON writes the number as text, for JSON numbers are read as floats.
func (d Decimal) MarshalJSON() ([]byte, error) { return []byte(`"` + d.String() + `"`), nil }

// Text writes a value of a Result: dates as 2016-12-31, times as RFC 3339,
// null as the empty text.
func Text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case time.Time:
		if v.Equal(v.Truncate(24 * time.Hour)) {
			return v.Format(time.DateOnly)
		}
		return v.UTC().Format(time.RFC3339)
	}
	return fmt.Sprint(v)
}

// Maps returns the rows keyed by column name.
func (r *Result) Maps() []map[string]any {
	out := make([]map[string]any, len(r.Rows))
	for i, row := range r.Rows {
		m := make(map[string]any, len(row))
		for j, v := range row {
			m[r.Columns[j].Name] = v
		}
		out[i] = m
	}
	return out
}

func readResult(rows *sql.Rows) (*Result, error) {
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	res := &Result{}
	for _, t := range types {
		res.Columns = append(res.Columns, Column{Name: t.Name(), Type: t.DatabaseTypeName()})
	}
	for rows.Next() {
		row := make([]any, len(types))
		ptrs := make([]any, len(types))
		for i := range row {
			ptrs[i] = &row[i]
		}
		if err := rows.Scan(ptrs...); err != nil {
			return nil, err
		}
		for i, v := range row {
			if row[i], err = value(v); err != nil {
				return nil, fmt.Errorf("column %s: %w", res.Columns[i].Name, err)
			}
		}
		res.Rows = append(res.Rows, row)
	}
	return res, rows.Err()
}

// value turns what the driver returns into the types Result promises.
func value(v any) (any, error) {
	switch v := v.(type) {
	case nil, string, bool, int64:
		return v, nil
	case time.Time:
		return v.UTC(), nil
	case int8:
		return int64(v), nil
	case int16:
		return int64(v), nil
	case int32:
		return int64(v), nil
	case uint8:
		return int64(v), nil
	case uint16:
		return int64(v), nil
	case uint32:
		return int64(v), nil
	case duckdb.Decimal:
		return Decimal{v.Value, int(v.Scale)}, nil
	case *big.Int: // HUGEINT
		if v.IsInt64() {
			return v.Int64(), nil
		}
		return Decimal{v, 0}, nil
	case []byte:
		return string(v), nil
	}
	// A float here would be a mistake in the SQL: say so instead of printing it.
	return nil, fmt.Errorf("values of Go type %T are not part of the contract", v)
}

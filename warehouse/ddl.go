package warehouse

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
)

// creation is the script, one transaction, that makes an empty table with the
// schema's columns and documentation. Comments on an empty table cost nothing;
// on a full one DuckDB would first write the table out.
func creation(name string, schema *arrow.Schema) (string, error) {
	table := "w." + quoteName(name)
	var columns []string
	var docs []docLine
	for _, f := range schema.Fields() {
		t, err := columnType(f.Type)
		if err != nil {
			return "", fmt.Errorf("column %s: %w", f.Name, err)
		}
		columns = append(columns, quoteName(f.Name)+" "+t)
		docs = append(docs, docLine{f.Name, metadata(f.Metadata, "doc")})
	}
	return transaction(append([]string{"CREATE TABLE " + table + " (" + strings.Join(columns, ", ") + ")"},
		comments("TABLE", table, metadata(schema.Metadata(), "doc"), docs)...)), nil
}

// columnType is the SQL type of a column, with its compression where that is
// known beforehand: texts that a batch holds once repeat, the others do not.
// Left to itself DuckDB tries every method on every column, which takes longer
// than all the rest of a load. Types that the driver's scan gets wrong, or that
// need extensions that are not there, are refused.
func columnType(t arrow.DataType) (string, error) {
	switch t := t.(type) {
	case *arrow.DictionaryType:
		if arrow.TypeEqual(t.ValueType, arrow.BinaryTypes.String) {
			return "VARCHAR USING COMPRESSION dictionary", nil
		}
	case *arrow.StringType:
		return "VARCHAR USING COMPRESSION fsst", nil
	case *arrow.Decimal128Type:
		return fmt.Sprintf("DECIMAL(%d,%d)", t.Precision, t.Scale), nil
	case *arrow.Int32Type:
		return "INTEGER", nil
	case *arrow.Int64Type:
		return "BIGINT", nil
	case *arrow.BooleanType:
		return "BOOLEAN", nil
	case *arrow.Date32Type:
		return "DATE", nil
	case *arrow.TimestampType:
		if t.TimeZone != "" {
			return "", errors.New("a timestamp with a time zone needs the icu extension; give UTC without one")
		}
		if t.Unit == arrow.Microsecond {
			return "TIMESTAMP", nil
		}
	}
	return "", fmt.Errorf("type %s is not one that columns have", t)
}

// comments documents a table or view and its columns.
func comments(kind, name, doc string, columns []docLine) (script []string) {
	if doc != "" {
		script = append(script, "COMMENT ON "+kind+" "+name+" IS "+quoteText(doc))
	}
	for _, c := range columns {
		if c.text != "" {
			script = append(script, "COMMENT ON COLUMN "+name+"."+quoteName(c.name)+" IS "+quoteText(c.text))
		}
	}
	return script
}

// transaction joins statements into one: each would cost a sync of the disk.
func transaction(statements []string) string {
	return "BEGIN;\n" + strings.Join(append(statements, "COMMIT"), ";\n")
}

// execAll runs a script that transaction made.
func (s session) execAll(ctx context.Context, script string) error {
	if err := s.exec(ctx, script); err != nil {
		return errors.Join(err, s.exec(context.WithoutCancel(ctx), "ROLLBACK"))
	}
	return nil
}

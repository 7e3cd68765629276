package warehouse

import (
	"encoding/csv"
	"fmt"
	"io/fs"
	"slices"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"
)

// declared is what schema/tables.csv and schema/columns.csv say of one table.
type declared struct {
	name, kind, file, doc string
	columns               []arrow.Field
}

// Types a column may be declared with.
var columnTypes = map[string]arrow.DataType{
	"text":      arrow.BinaryTypes.String,
	"int":       arrow.PrimitiveTypes.Int32,
	"bigint":    arrow.PrimitiveTypes.Int64,
	"bool":      arrow.FixedWidthTypes.Boolean,
	"date":      arrow.FixedWidthTypes.Date32,
	"timestamp": &arrow.TimestampType{Unit: arrow.Microsecond}, // UTC
	"money":     &arrow.Decimal128Type{Precision: 24, Scale: 6},
	"share":     &arrow.Decimal128Type{Precision: 18, Scale: 12},
	"rate":      &arrow.Decimal128Type{Precision: 28, Scale: 12},
}

// declarations reads the declared tables, in order, once.
var declarations = sync.OnceValues(func() ([]declared, error) {
	tables, err := readCSV(files, "schema/tables.csv", "table", "kind", "file", "doc")
	if err != nil {
		return nil, err
	}
	columns, err := readCSV(files, "schema/columns.csv", "table", "column", "type", "doc")
	if err != nil {
		return nil, err
	}
	out := make([]declared, len(tables))
	index := map[string]int{}
	for i, t := range tables {
		out[i] = declared{name: t[0], kind: t[1], file: t[2], doc: t[3]}
		index[t[0]] = i
	}
	for _, c := range columns {
		i, ok := index[c[0]]
		if !ok {
			return nil, fmt.Errorf("schema/columns.csv: table %q is not in tables.csv", c[0])
		}
		typ, ok := columnTypes[c[2]]
		if !ok {
			return nil, fmt.Errorf("schema/columns.csv: %s.%s: no type %q", c[0], c[1], c[2])
		}
		out[i].columns = append(out[i].columns, arrow.Field{Name: c[1], Type: typ, Nullable: true,
			Metadata: arrow.MetadataFrom(map[string]string{"doc": c[3]})})
	}
	return out, nil
})

// Table returns the schema of an input or reference table, with its metadata,
// ready for Load: documents, sources, interventions, indicators, countries and
// the tables of reference/. For the contract tables flows, disclosures and
// observations it returns names and types only; their documentation comes with
// the schema that is loaded.
func Table(name string) (*arrow.Schema, error) {
	d, err := findDeclared(name)
	if err != nil {
		return nil, err
	}
	if d == nil {
		return nil, fmt.Errorf("no table %q is declared", name)
	}
	return d.schema(), nil
}

// Tables lists the declared input tables in order: what must be loaded before
// Views. Reference loads those whose kind is "reference".
func Tables() ([]string, error) {
	all, err := declarations()
	if err != nil {
		return nil, err
	}
	names := make([]string, len(all))
	for i, d := range all {
		names[i] = d.name
	}
	return names, nil
}

func (d *declared) schema() *arrow.Schema {
	md := arrow.MetadataFrom(map[string]string{"name": d.name, "doc": d.doc})
	return arrow.NewSchema(d.columns, &md)
}

func findDeclared(name string) (*declared, error) {
	all, err := declarations()
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(d declared) bool { return d.name == name })
	if i < 0 {
		return nil, nil
	}
	return &all[i], nil
}

// checkDeclared holds a schema against the declaration of its table: declared
// columns must be there with their type. Further columns and further tables are
// welcome: the contract is extended, never renamed.
func checkDeclared(name string, schema *arrow.Schema) error {
	d, err := findDeclared(name)
	if d == nil {
		return err
	}
	for _, want := range d.columns {
		got, ok := schema.FieldsByName(want.Name)
		switch {
		case !ok:
			return fmt.Errorf("column %s is missing", want.Name)
		case len(got) > 1:
			return fmt.Errorf("column %s is there twice", want.Name)
		case !arrow.TypeEqual(want.Type, stored(got[0].Type)):
			return fmt.Errorf("column %s is %s, declared as %s", want.Name, got[0].Type, want.Type)
		}
	}
	return nil
}

// stored is the type that a column has in the database: a dictionary becomes
// its values.
func stored(t arrow.DataType) arrow.DataType {
	if d, ok := t.(*arrow.DictionaryType); ok {
		return d.ValueType
	}
	return t
}

// readCSV reads a whole CSV and requires exactly the columns of the header, in
// any order; rows come back in the order asked for.
func readCSV(fsys fs.FS, name string, header ...string) ([][]string, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("%s: no header", name)
	}
	at := make([]int, len(header))
	for i, h := range header {
		if at[i] = slices.Index(rows[0], h); at[i] < 0 {
			return nil, fmt.Errorf("%s: column %q is missing", name, h)
		}
	}
	for _, h := range rows[0] {
		if !slices.Contains(header, h) {
			return nil, fmt.Errorf("%s: column %q is not declared in schema/columns.csv", name, h)
		}
	}
	out := make([][]string, 0, len(rows)-1)
	for _, r := range rows[1:] {
		row := make([]string, len(header))
		for i, j := range at {
			row[i] = r[j]
		}
		out = append(out, row)
	}
	return out, nil
}

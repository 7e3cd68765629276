package warehouse

import (
	"context"
	"fmt"
	"io/fs"
	"path"
)

// Reference loads the curated tables of reference/ (commitments, areas, needs,
// laws, ...). Each file must hold exactly the columns schema/columns.csv
// declares, each value must read as its column's type, and every file of the
// folder must be declared: a missing file, a misspelt column or a number with
// a thousands comma fails the build. An empty field is null.
func (b *Build) Reference(ctx context.Context) error {
	all, err := declarations()
	if err != nil {
		return fmt.Errorf("loading reference tables: %w", err)
	}
	declared := map[string]bool{}
	for _, d := range all {
		if d.kind != "reference" {
			continue
		}
		declared[d.file] = true
		if err := b.loadReference(ctx, files, d); err != nil {
			return fmt.Errorf("loading reference/%s: %w", d.file, err)
		}
	}
	found, err := fs.Glob(files, "reference/*.csv")
	if err != nil {
		return err
	}
	for _, f := range found {
		if !declared[path.Base(f)] {
			return fmt.Errorf("%s is not declared in schema/tables.csv", f)
		}
	}
	return nil
}

func (b *Build) loadReference(ctx context.Context, fsys fs.FS, d declared) error {
	header := make([]string, len(d.columns))
	for i, c := range d.columns {
		header[i] = c.Name
	}
	records, err := readCSV(fsys, "reference/"+d.file, header...)
	if err != nil {
		return err
	}
	rows := make([]map[string]any, len(records))
	for i, r := range records {
		row := make(map[string]any, len(r))
		for j, v := range r {
			if v != "" {
				row[header[j]] = v
			}
		}
		rows[i] = row
	}
	schema := d.schema()
	rr, err := Rows(schema, rows)
	if err != nil {
		return err
	}
	defer rr.Release()
	_, err = b.Load(ctx, schema, rr)
	return err
}

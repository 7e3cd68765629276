package oecdcrs

import (
	"slices"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/file"
)

// window is how many rows of a Parquet file are looked at at once. Of each column
// one page is in memory, whatever the size of the file and its row groups.
const window = 2048

// parquet reads a file of all years, column by column: the purpose of every row;
// the texts where a window of rows has a purpose in scope; the other columns
// where a row of the window is in scope. Pages between are not decoded, columns
// of a row group without such rows are not opened.
func (d *document) parquet() error {
	f, _, err := openAt(d.Document)
	if err != nil {
		return err
	}
	defer f.Close()
	r, err := d.parquetColumns(f)
	if err != nil {
		return err
	}
	number := 0
	for g := range r.NumRowGroups() {
		group := &rowGroup{document: d, rows: r.RowGroup(g), before: number}
		if err := group.read(); err != nil {
			return err
		}
		number += int(group.rows.NumRows())
	}
	if int64(number) != r.NumRows() {
		return unreadablef("it has %d rows where it says %d", number, r.NumRows())
	}
	return nil
}

// parquetColumns opens a Parquet file that has rows and the columns needed.
func (d *document) parquetColumns(f readerAt) (r *file.Reader, err error) {
	defer damaged(&err)
	if r, err = openParquet(f); err != nil {
		return nil, err
	}
	if r.NumRows() == 0 {
		return nil, unreadablef("it has no rows")
	}
	return r, d.use(d.tables.bulk, columnNames(r))
}

// damaged turns a panic of the Parquet library, which it has for broken pages,
// into what is wrong with the document. It stands around calls of the library only.
func damaged(err *error) {
	if p := recover(); p != nil {
		*err = unreadablef("the Parquet file is damaged: %v", p)
	}
}

func openParquet(f readerAt) (*file.Reader, error) {
	props := parquet.NewReaderProperties(nil)
	props.BufferedStreamEnabled = true // else whole column chunks are held
	props.BufferSize = 64 << 10
	r, err := file.NewParquetReader(f, file.WithReadProps(props))
	if err != nil {
		return nil, unreadablef("the Parquet file is damaged or cut off: %v", err)
	}
	return r, nil
}

// columnNames are the names of the columns. One that holds lists or structures,
// or a type the system has no use for, has none.
func columnNames(r *file.Reader) []string {
	schema := r.MetaData().Schema
	names := make([]string, schema.NumColumns())
	for i := range names {
		c := schema.Column(i)
		if c.MaxRepetitionLevel() == 0 && c.MaxDefinitionLevel() <= 1 && c.PhysicalType() != parquet.Types.Int96 {
			names[i] = c.Name()
		}
	}
	return names
}

// rowGroup is a part of a Parquet file whose columns are read side by side.
type rowGroup struct {
	*document
	rows   *file.RowGroupReader
	before int             // rows of the groups before it
	open   [fields]*column // those that were needed so far
}

func (g *rowGroup) read() error {
	total := int(g.rows.NumRows())
	for at := 0; at < total; at += window {
		if err := g.ctx.Err(); err != nil {
			return err
		}
		if err := g.window(at, min(window, total-at)); err != nil {
			return err
		}
	}
	return nil
}

// window reads n rows.
func (g *rowGroup) window(at, n int) error {
	purposes, err := g.column(purpose, at, n)
	if err != nil {
		return err
	}
	var hits []int
	words := false
	for i := range n {
		switch r := g.tables.scope.rule(purposes.bytes(i)); {
		case r == outside:
			g.skip(skipPurpose)
		case r == byWords && !g.layout.hasTexts():
			g.skip(skipNoTexts)
		default:
			hits, words = append(hits, i), words || r == byWords
		}
	}
	if words {
		if hits, err = g.mentioning(hits, purposes, at, n); err != nil {
			return err
		}
	}
	if len(hits) == 0 {
		return nil
	}
	var columns [fields]*column
	for f := range field(fields) {
		if g.layout.has(f) {
			if columns[f], err = g.column(f, at, n); err != nil {
				return err
			}
		}
	}
	for _, i := range hits {
		get := func(f field) string { return cell(f, columns[f].bytes(i)) }
		if err := g.consider("", g.before+at+i+1, get, twoSums); err != nil {
			return err
		}
	}
	return nil
}

// mentioning leaves of the rows those that are in scope, so that a window
// without any needs no more columns than the texts.
func (g *rowGroup) mentioning(hits []int, purposes *column, at, n int) ([]int, error) {
	var of []*column
	for _, f := range texts {
		if !g.layout.has(f) {
			continue
		}
		c, err := g.column(f, at, n)
		if err != nil {
			return nil, err
		}
		of = append(of, c)
	}
	return slices.DeleteFunc(hits, func(i int) bool {
		if g.tables.scope.rule(purposes.bytes(i)) == always {
			return false
		}
		for _, c := range of {
			if g.finder.Mentions(clean(c.bytes(i))) {
				return false
			}
		}
		g.skip(skipWords)
		return true
	}), nil
}

// column returns the values of rows at to at+n, which were not passed before.
func (g *rowGroup) column(f field, at, n int) (c *column, err error) {
	defer damaged(&err)
	if c = g.open[f]; c == nil {
		if c, err = openColumn(g.rows, g.layout.at[f]); err != nil {
			return nil, unreadablef("the column %s cannot be read: %v", g.layout.name[f], err)
		}
		g.open[f] = c
	}
	if err := c.read(at, n); ofMachine(err) {
		return nil, err
	} else if err != nil {
		return nil, unreadablef("the column %s cannot be read beyond row %d: %v", g.layout.name[f], g.before+at, err)
	}
	return c, nil
}

package docx

import (
	"fmt"
	"strings"
)

// Table is a table with one header row, which is repeated on every page.
type Table struct {
	Name, Text string    // what it is, and what it shows, for those who hear it
	Widths     []float64 // of the columns, in points
	Header     []string
	Rows       [][]TableCell
	Right      []bool // columns whose header stands at the right, above numbers; nil: none
}

// TableCell is a cell: one paragraph for each list of runs.
type TableCell []Line

// Line is a paragraph of a cell.
type Line struct {
	Style Style // "": Cell
	Runs  []Run
}

// Table adds a table.
func (d *Doc) Table(t Table) {
	w := &d.body
	const twips = 20 // in a point
	total := 0.0
	for _, c := range t.Widths {
		total += c
	}
	fmt.Fprintf(w, `<w:tbl><w:tblPr><w:tblStyle w:val="BriefTable"/><w:tblW w:w="%d" w:type="dxa"/><w:tblLayout w:type="fixed"/><w:tblLook w:val="0020" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" w:noHBand="1" w:noVBand="1"/><w:tblCaption w:val="%s"/><w:tblDescription w:val="%s"/></w:tblPr><w:tblGrid>`,
		int(total*twips), esc(t.Name), esc(t.Text))
	for _, c := range t.Widths {
		fmt.Fprintf(w, `<w:gridCol w:w="%d"/>`, int(c*twips))
	}
	w.WriteString(`</w:tblGrid><w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>`)
	for i, h := range t.Header {
		style := Cell
		if t.Right != nil && t.Right[i] {
			style = Figure
		}
		d.cell(w, t.Widths[i], TableCell{{style, []Run{{Text: h, Bold: true}}}})
	}
	w.WriteString(`</w:tr>`)
	for _, row := range t.Rows {
		w.WriteString(`<w:tr><w:trPr><w:cantSplit/></w:trPr>`)
		for i, c := range row {
			d.cell(w, t.Widths[i], c)
		}
		w.WriteString(`</w:tr>`)
	}
	// Two tables in a row would become one.
	w.WriteString(`</w:tbl><w:p><w:pPr><w:pStyle w:val="Small"/></w:pPr></w:p>`)
}

func (d *Doc) cell(w *strings.Builder, width float64, c TableCell) {
	fmt.Fprintf(w, `<w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/></w:tcPr>`, int(width*20))
	if len(c) == 0 {
		c = TableCell{{}} // a cell holds at least one paragraph
	}
	for _, l := range c {
		style := l.Style
		if style == "" {
			style = Cell
		}
		d.paragraph(w, style, l.Runs, 0)
	}
	w.WriteString(`</w:tc>`)
}

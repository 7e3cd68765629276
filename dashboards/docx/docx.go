// Package docx writes documents to be edited in a word processor (Office Open
// XML, ECMA-376): headings, paragraphs, lists, tables with header rows, footnotes,
// pictures with a text for those who do not see them. It knows what a brief needs
// and no more. The bytes depend on the content alone.
package docx

import (
	"archive/zip"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

// Meta describes a document to its readers and to libraries.
type Meta struct {
	Title, Subject string
	Lang           string // "en-GB": for spelling and for reading aloud
	// Date is the day written into the file: the cut-off of the data, never the
	// clock. Zero: none.
	Date time.Time
	// Footer stands at the foot of every page, before the number of the page.
	Footer string
}

// Doc is a document being written, from top to bottom.
type Doc struct {
	meta     Meta
	body     strings.Builder
	notes    strings.Builder
	numbers  map[string]int // :: key of a note -> its number
	links    [2][]string    // addresses in the body and in the notes
	pictures [][]byte
}

// New starts a document.
func New(m Meta) *Doc { return &Doc{meta: m, numbers: map[string]int{}} }

// Run is a stretch of text that looks the same.
type Run struct {
	Text  string
	Bold  bool
	Small bool   // smaller and grey: what qualifies a number
	Link  string // address it opens; "": none
	Notes []Note // footnotes after it
}

// Note is a footnote. A note whose Key was used before is not written twice: the
// mark then refers to the number of the first.
type Note struct {
	Key  string
	Text []Run
}

// Style names a paragraph style of the document.
type Style string

// The styles, as the style list of a word processor shows them.
const (
	Normal  Style = "Normal"
	Title   Style = "Title"
	Lead    Style = "Lead"
	Banner  Style = "Banner"
	Heading Style = "Heading1"
	Small   Style = "Small"
	Bullet  Style = "ListBullet"
	Caption Style = "Caption"
	Cell    Style = "TableText"
	Figure  Style = "TableFigure" // of a number in a table
	Large   Style = "TableLarge"  // of the one number a row is about
)

// esc writes a text for XML. Letters that XML cannot hold become U+FFFD.
func esc(s string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(s)) // a strings.Builder does not fail
	return b.String()
}

// Paragraph adds a paragraph.
func (d *Doc) Paragraph(style Style, runs ...Run) {
	d.paragraph(&d.body, style, runs, 0)
}

// Text is a paragraph of plain text.
func (d *Doc) Text(style Style, text string) { d.Paragraph(style, Run{Text: text}) }

// paragraph writes into the body (part 0) or the notes (part 1).
func (d *Doc) paragraph(w *strings.Builder, style Style, runs []Run, part int) {
	fmt.Fprintf(w, `<w:p><w:pPr><w:pStyle w:val="%s"/></w:pPr>`, style)
	d.runs(w, runs, part)
	w.WriteString(`</w:p>`)
}

func (d *Doc) runs(w *strings.Builder, runs []Run, part int) {
	for _, r := range runs {
		if r.Link != "" {
			fmt.Fprintf(w, `<w:hyperlink r:id="%s">`, d.link(part, r.Link))
		}
		if r.Text != "" {
			w.WriteString(`<w:r>`)
			switch {
			case r.Link != "":
				w.WriteString(`<w:rPr><w:rStyle w:val="Hyperlink"/></w:rPr>`)
			case r.Small:
				w.WriteString(`<w:rPr><w:rStyle w:val="Qualifier"/></w:rPr>`)
			case r.Bold:
				w.WriteString(`<w:rPr><w:rStyle w:val="Strong"/></w:rPr>`)
			}
			for i, line := range strings.Split(r.Text, "\n") {
				if i > 0 {
					w.WriteString(`<w:br/>`)
				}
				fmt.Fprintf(w, `<w:t xml:space="preserve">%s</w:t>`, esc(line))
			}
			w.WriteString(`</w:r>`)
		}
		if r.Link != "" {
			w.WriteString(`</w:hyperlink>`)
		}
		for i, n := range r.Notes {
			if i > 0 {
				w.WriteString(`<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:t xml:space="preserve">, </w:t></w:r>`)
			}
			d.note(w, n)
		}
	}
}

// note writes the mark of a footnote, and the footnote itself the first time.
// Later marks are fields that follow its number when notes are added or moved.
func (d *Doc) note(w *strings.Builder, n Note) {
	if number, ok := d.numbers[n.Key]; ok {
		field := func(kind string) string {
			return `<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:fldChar w:fldCharType="` + kind + `"/></w:r>`
		}
		fmt.Fprintf(w, `%s<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:instrText xml:space="preserve"> NOTEREF note%d \f \h </w:instrText></w:r>%s<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:t>%d</w:t></w:r>%s`,
			field("begin"), number, field("separate"), number, field("end"))
		return
	}
	number := len(d.numbers) + 1
	d.numbers[n.Key] = number
	fmt.Fprintf(w, `<w:bookmarkStart w:id="%[1]d" w:name="note%[1]d"/><w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteReference w:id="%[1]d"/></w:r><w:bookmarkEnd w:id="%[1]d"/>`, number)
	fmt.Fprintf(&d.notes, `<w:footnote w:id="%d"><w:p><w:pPr><w:pStyle w:val="FootnoteText"/></w:pPr><w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteRef/></w:r><w:r><w:t xml:space="preserve"> </w:t></w:r>`, number)
	d.runs(&d.notes, n.Text, 1)
	d.notes.WriteString(`</w:p></w:footnote>`)
}

func (d *Doc) link(part int, address string) string {
	d.links[part] = append(d.links[part], address)
	return fmt.Sprintf("link%d", len(d.links[part]))
}

// Picture adds a PNG of the given size in points. text says what it shows.
func (d *Doc) Picture(file []byte, width, height float64, name, text string) {
	d.pictures = append(d.pictures, file)
	n := len(d.pictures)
	const emu = 12700 // in a point
	cx, cy := int(width*emu), int(height*emu)
	fmt.Fprintf(&d.body, `<w:p><w:pPr><w:pStyle w:val="Normal"/><w:keepNext/></w:pPr><w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="%[1]d" cy="%[2]d"/><wp:docPr id="%[3]d" name="%[4]s" descr="%[5]s"/><wp:cNvGraphicFramePr><a:graphicFrameLocks noChangeAspect="1"/></wp:cNvGraphicFramePr><a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr><pic:cNvPr id="%[3]d" name="%[4]s" descr="%[5]s"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed="picture%[3]d"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="%[1]d" cy="%[2]d"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>`,
		cx, cy, n, esc(name), esc(text))
}

// Write writes the document as a file.
func (d *Doc) Write(w io.Writer) error {
	z := zip.NewWriter(w)
	for _, p := range d.parts() {
		// A header without a time: the same content gives the same bytes.
		f, err := z.CreateHeader(&zip.FileHeader{Name: p.name, Method: zip.Deflate})
		if err != nil {
			return fmt.Errorf("writing document: %w", err)
		}
		if _, err := io.WriteString(f, p.content); err != nil {
			return fmt.Errorf("writing document: %w", err)
		}
	}
	for i, picture := range d.pictures {
		f, err := z.CreateHeader(&zip.FileHeader{Name: fmt.Sprintf("word/media/picture%d.png", i+1), Method: zip.Store})
		if err != nil {
			return fmt.Errorf("writing document: %w", err)
		}
		if _, err := f.Write(picture); err != nil {
			return fmt.Errorf("writing document: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("writing document: %w", err)
	}
	return nil
}

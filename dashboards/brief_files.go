package dashboards

import (
	"fmt"
	"io"
	"strings"

	"hrinvest/dashboards/paper"
)

// Edition is a form in which a brief is written.
type Edition struct {
	Name string // of the format: "pdf", "tall.png"
	// Suffix follows the code of the country in the address of the file.
	Suffix, Kind string // Kind: media type
	// Most bounds the bytes of a picture, which takes longer to draw than a page
	// may wait for its exact size; 0: no bound.
	Most  int64
	write func(*Brief, io.Writer, *paper.Fonts) error
}

const maxPicture = 150 << 10

// Editions lists the forms of a brief, those that people open first.
func Editions() []Edition {
	return []Edition{
		{"pdf", ".pdf", "application/pdf", 0, (*Brief).WritePDF},
		{"docx", ".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", 0, (*Brief).WriteDOCX},
		{"html", ".html", "text/html; charset=utf-8", 0, plain((*Brief).WriteHTML)},
		{"png", ".png", "image/png", maxPicture, func(b *Brief, w io.Writer, f *paper.Fonts) error { return b.WritePNG(w, f, Wide) }},
		{"tall.png", "-1080.png", "image/png", maxPicture, func(b *Brief, w io.Writer, f *paper.Fonts) error { return b.WritePNG(w, f, Tall) }},
		{"xlsx", ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", 0, plain((*Brief).WriteXLSX)},
		{"csv", ".csv", "text/csv; charset=utf-8", 0, plain((*Brief).WriteCSV)},
		{"json", ".json", "application/json; charset=utf-8", 0, plain((*Brief).WriteJSON)},
	}
}

// plain is an edition that needs no fonts.
func plain(write func(*Brief, io.Writer) error) func(*Brief, io.Writer, *paper.Fonts) error {
	return func(b *Brief, w io.Writer, _ *paper.Fonts) error { return write(b, w) }
}

// EditionOf finds an edition by its name; ok is false for an unknown one.
func EditionOf(name string) (e Edition, ok bool) {
	for _, e := range Editions() {
		if e.Name == name {
			return e, true
		}
	}
	return Edition{}, false
}

// File is the name the brief is saved under in this form.
func (e Edition) File(b *Brief) string {
	return "hrinvest-" + strings.ToLower(b.Country.ISO3) + "-" + b.Lang + e.Suffix
}

// Write writes the brief in this form. fonts are used by forms that are drawn.
func (e Edition) Write(w io.Writer, b *Brief, fonts *paper.Fonts) error {
	if e.write == nil {
		return fmt.Errorf("writing brief: no edition %q", e.Name)
	}
	return e.write(b, w, fonts)
}

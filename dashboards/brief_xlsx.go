package dashboards

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"hrinvest/dashboards/locales"
)

// Names of the sheets: the same in every language, so that a formula or a program
// written for one edition reads the other.
const (
	sheetData    = "Data"
	sheetNotes   = "Notes"
	sheetSources = "Sources"
)

// WriteXLSX writes every number of the brief as a workbook: one row for each
// figure, as numbers; what must be known of them; and the sources. Every text is
// a text: none is a formula, whatever it begins with. The bytes depend on the
// brief alone.
func (b *Brief) WriteXLSX(w io.Writer) error {
	loc, err := locales.Load(b.Lang)
	if err != nil {
		return fmt.Errorf("writing brief as xlsx: %w", err)
	}
	f := excelize.NewFile().SetZipWriter(func(w io.Writer) excelize.ZipWriter { return newOrdered(w) })
	defer f.Close()
	k := &workbook{words: words{Locale: loc}, b: b, f: f}
	k.fail(f.SetSheetName("Sheet1", sheetData))
	for _, name := range []string{sheetNotes, sheetSources} {
		_, err := f.NewSheet(name)
		k.fail(err)
	}
	day := ""
	if !b.cutoffDate.IsZero() {
		day = b.cutoffDate.UTC().Format(time.RFC3339)
	}
	// The day of the data, never the clock.
	k.fail(f.SetDocProps(&excelize.DocProperties{Title: b.Title, Subject: b.Headline, Creator: "hrinvest", LastModifiedBy: "hrinvest", Language: b.Lang, Created: day, Modified: day}))
	k.data()
	k.notes()
	k.sources()
	if k.err != nil {
		return fmt.Errorf("writing brief as xlsx: %w", k.err)
	}
	if err := f.Write(w); err != nil {
		return fmt.Errorf("writing brief as xlsx: %w", err)
	}
	return nil
}

// workbook fills the sheets and keeps the first error.
type workbook struct {
	words
	b *Brief
	f *excelize.File
}

func (k *workbook) fail(err error) {
	if k.err == nil && err != nil {
		k.err = err
	}
}

func (k *workbook) style(s excelize.Style) int {
	id, err := k.f.NewStyle(&s)
	k.fail(err)
	return id
}

// sheet starts a sheet with its columns' widths; a heading of "" has no row.
func (k *workbook) sheet(name string, widths []float64, heads []string) (*excelize.StreamWriter, int) {
	k.fail(printWide(k.f, name))
	sw, err := k.f.NewStreamWriter(name)
	if err != nil {
		k.fail(err)
		return nil, 0
	}
	for i, width := range widths {
		k.fail(sw.SetColWidth(i+1, i+1, width))
	}
	if heads == nil {
		return sw, 1
	}
	k.fail(sw.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}))
	bold := k.style(excelize.Style{Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	var row []any
	for _, h := range heads {
		row = append(row, excelize.Cell{StyleID: bold, Value: h})
	}
	k.fail(sw.SetRow("A1", row))
	return sw, 2
}

func (k *workbook) row(sw *excelize.StreamWriter, n int, cells ...any) {
	if sw == nil {
		return
	}
	at, err := excelize.CoordinatesToCellName(1, n)
	k.fail(err)
	k.fail(sw.SetRow(at, cells))
}

func (k *workbook) flush(sw *excelize.StreamWriter) {
	if sw != nil {
		k.fail(sw.Flush())
	}
}

// data is one row for each figure.
func (k *workbook) data() {
	var heads []string
	for _, key := range []string{"section", "label", "value", "low", "high", "text", "mark", "unit", "year", "basis", "kind", "status", "notes", "sources", "verdict", "id", "country", "release"} {
		heads = append(heads, k.t("sheet."+key))
	}
	sw, n := k.sheet(sheetData, []float64{22, 38, 16, 14, 14, 24, 24, 12, 8, 14, 16, 14, 44, 10, 14, 34, 9, 28}, heads)
	whole, decimal := k.style(excelize.Style{NumFmt: 3}), k.style(excelize.Style{NumFmt: 4}) // #,##0 and #,##0.00, in the signs of the reader's program
	wrapped := k.style(excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	for _, s := range k.b.sections() {
		for _, f := range s.figures {
			style := decimal
			if f.Unit == "USD" || f.Unit == "people" {
				style = whole
			}
			num := func(text string) any {
				if text == "" {
					return nil // an empty cell; never 0
				}
				v, err := strconv.ParseFloat(text, 64)
				k.fail(err)
				return excelize.Cell{StyleID: style, Value: v}
			}
			var year any = f.Year
			if y, err := strconv.Atoi(f.Year); err == nil {
				year = y
			}
			k.row(sw, n, k.or("section.", s.name), f.Label, num(exact(f.Value)), num(exact(f.Low)), num(exact(f.High)), f.Text, f.Mark, k.word(f.Unit, "unit_name."), year,
				k.word(f.Basis, "basis.", "price_basis."), k.kind(f.Kind), k.or("status.", f.Status), excelize.Cell{StyleID: wrapped, Value: f.Note}, marks(f.Refs), k.or("verdict.", f.Verdict), f.ID, k.b.Country.ISO3, k.b.Release)
			n++
		}
	}
	if end, err := excelize.CoordinatesToCellName(len(heads), n-1); err == nil && sw != nil && n > 2 {
		// A table can be sorted and filtered by its headings.
		k.fail(sw.AddTable(&excelize.Table{Range: "A1:" + end, Name: "Figures", StyleName: "TableStyleLight1"}))
	}
	k.flush(sw)
}

// printWide has a sheet printed across the page, all its columns on one.
func printWide(f *excelize.File, sheet string) error {
	orientation, size, wide, any, fit := "landscape", 9, 1, 0, true // 9: A4
	return errors.Join(
		f.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: &fit}),
		f.SetPageLayout(sheet, &excelize.PageLayoutOptions{Orientation: &orientation, Size: &size, FitToWidth: &wide, FitToHeight: &any}),
	)
}

// word says a code of the data in words, where one of the vocabularies has it.
func (k *workbook) word(code string, prefixes ...string) string {
	for _, p := range prefixes {
		if name := p + locales.Key(code); k.Has(name) {
			return k.t(name)
		}
	}
	return code
}

// kind words a kind of money, the measures of a sum or the measure of a promise.
func (k *workbook) kind(kind string) string {
	if word := k.word(kind, "kind.", "gap_measure."); word != kind {
		return word
	}
	for _, part := range strings.Split(kind, "+") {
		if !k.Has("measure." + part) {
			return kind
		}
	}
	return k.measuresOf(kind)
}

// notes is what the other editions say in words.
func (k *workbook) notes() {
	b := k.b
	sw, n := k.sheet(sheetNotes, []float64{34, 120}, nil)
	bold := k.style(excelize.Style{Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}})
	wrapped := k.style(excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	add := func(key string, texts ...string) {
		head := k.t(key)
		for _, t := range texts {
			if t == "" {
				continue
			}
			k.row(sw, n, excelize.Cell{StyleID: bold, Value: head}, excelize.Cell{StyleID: wrapped, Value: t})
			head = ""
			n++
		}
	}
	add("sheet.title", b.Title)
	add("sheet.origin", b.Banner)
	add("sheet.headline", b.Headline, b.Beside)
	add("sheet.definition", b.Basis, b.Footnote)
	for _, s := range []*Series{&b.Harm, &b.HIV} {
		if !s.Empty() {
			add("section."+s.ID, s.Title, s.Basis)
		}
	}
	add("brief.services", b.NoServices, b.Cut)
	add("brief.promises", b.Votes...)
	add("brief.buys", b.Buys)
	add("asks.title", b.Asks...)
	add("brief.missing", b.Missing...)
	add("brief.how", b.How...)
	add("sheet.release", b.Release, locales.Sentence(b.Cutoff))
	add("cite.title", k.citation(b))
	add("brief.about", b.Report, b.Licence)
	k.flush(sw)
}

// sources is one row for each address, by the numbers of the data.
func (k *workbook) sources() {
	sw, n := k.sheet(sheetSources, []float64{8, 30, 44, 70, 44, 34, 12}, []string{k.t("sheet.number"), k.t("table.publisher"), k.t("table.title"), k.t("sheet.address"), k.t("table.licence"), k.t("table.origin"), k.t("table.cutoff")})
	for _, r := range k.b.Refs {
		addresses := r.Cites
		switch {
		case r.Withheld != "":
			addresses = []string{r.Withheld}
		case len(addresses) == 0:
			addresses = []string{r.URL}
		}
		for _, a := range addresses {
			k.row(sw, n, r.N, r.Publisher, r.Title, a, r.Licence, r.OriginText, r.Cutoff)
			n++
		}
	}
	k.flush(sw)
}

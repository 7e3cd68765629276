package evidence

import (
	"encoding/csv"
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"
)

// templateRows is how far down a workbook template checks what is typed.
const templateRows = 1000

// WriteTemplate writes an empty sheet to fill in, in a language ("en", "ru") and
// a format ("csv", "xlsx"). What comes back filled in is what Parse reads. The
// workbook has lists to choose from and a second sheet that explains every
// column; the CSV is the header alone, in Russian with the semicolons and the
// byte order mark that spreadsheets there expect.
func WriteTemplate(w io.Writer, lang string, format string) error {
	if lang != "en" && lang != "ru" {
		return fmt.Errorf("writing template: no language %q, only en and ru", lang)
	}
	f := loadForm()
	switch format {
	case "csv":
		return f.csvTemplate(w, lang)
	case "xlsx":
		return f.xlsxTemplate(w, lang)
	}
	return fmt.Errorf("writing template: no format %q, only csv and xlsx", format)
}

func (f *form) csvTemplate(w io.Writer, lang string) error {
	out := csv.NewWriter(w)
	if lang == "ru" {
		if _, err := io.WriteString(w, "\ufeff"); err != nil {
			return fmt.Errorf("writing template: %w", err)
		}
		out.Comma, out.UseCRLF = ';', true
	}
	var header []string
	for _, c := range f.columns {
		header = append(header, c.name(lang))
	}
	if err := out.Write(header); err != nil {
		return fmt.Errorf("writing template: %w", err)
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("writing template: %w", err)
	}
	return nil
}

// words of the template that are not columns, by language.
type words struct{ sheet, help, lists, column, required, text, example, always, money, indicator, citation string }

func wordsOf(lang string) words {
	if lang == "ru" {
		return words{"Данные", "Справка", "Списки", "Столбец", "Обязательно", "Что писать", "Пример",
			"да", "для сумм", "для показателей", "одно из двух"}
	}
	return words{"evidence", "help", "lists", "Column", "Required", "What to write", "Example",
		"yes", "for sums", "for indicators", "one of the two"}
}

func (f *form) xlsxTemplate(w io.Writer, lang string) (err error) {
	book := excelize.NewFile()
	defer book.Close()
	t := wordsOf(lang)
	b := &builder{book: book}
	b.do(book.SetSheetName("Sheet1", t.sheet))
	for _, name := range []string{t.help, t.lists} {
		_, err := book.NewSheet(name)
		b.do(err)
	}
	bold, err := book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	b.do(err)
	wrap, err := book.NewStyle(&excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	b.do(err)

	for i, h := range []string{t.column, "id", t.required, t.text, t.example} {
		b.set(t.help, i+1, 1, h)
	}
	required := map[string]string{"always": t.always, "money": t.money, "indicator": t.indicator, "citation": t.citation}
	listed := 0
	for i, c := range f.columns {
		b.set(t.sheet, i+1, 1, c.name(lang))
		help := c.HelpEN
		if lang == "ru" {
			help = c.HelpRU
		}
		for j, text := range []string{c.name(lang), c.ID, required[c.Required], help, c.Example} {
			b.set(t.help, j+1, i+2, text)
		}
		values := f.values[c.ID]
		if len(values) == 0 {
			continue
		}
		listed++
		b.set(t.lists, listed, 1, c.name(lang))
		for j, v := range values {
			b.set(t.lists, listed, j+2, v.name(lang))
		}
		list, column := b.column(listed), b.column(i+1)
		dv := excelize.NewDataValidation(true)
		dv.Sqref = fmt.Sprintf("%s2:%s%d", column, column, templateRows)
		dv.SetSqrefDropList(fmt.Sprintf("'%s'!$%s$2:$%s$%d", t.lists, list, list, len(values)+1))
		b.do(book.AddDataValidation(t.sheet, dv))
	}
	last := b.column(len(f.columns))
	b.do(book.SetCellStyle(t.sheet, "A1", last+"1", bold))
	b.do(book.SetCellStyle(t.help, "A1", "E1", bold))
	b.do(book.SetCellStyle(t.help, "A2", fmt.Sprintf("E%d", len(f.columns)+1), wrap))
	b.do(book.SetColWidth(t.sheet, "A", last, 18))
	b.do(book.SetColWidth(t.help, "A", "C", 22))
	b.do(book.SetColWidth(t.help, "D", "E", 60))
	b.do(book.SetPanes(t.sheet, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}))
	if b.err != nil {
		return fmt.Errorf("writing template: %w", b.err)
	}
	if err := book.Write(w); err != nil {
		return fmt.Errorf("writing template: %w", err)
	}
	return nil
}

// builder keeps the first error of many small writes to a workbook.
type builder struct {
	book *excelize.File
	err  error
}

func (b *builder) do(err error) {
	if b.err == nil {
		b.err = err
	}
}

// set writes text as text: a workbook computes nothing in a string cell, so
// that help which begins with "=" or "+" stays what it says.
func (b *builder) set(sheet string, col, row int, text string) {
	at, err := excelize.CoordinatesToCellName(col, row)
	b.do(err)
	if text != "" {
		b.do(b.book.SetCellStr(sheet, at, text))
	}
}

func (b *builder) column(n int) string {
	name, err := excelize.ColumnNumberToName(n)
	b.do(err)
	return name
}

package evidence

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"hrinvest/extractors/plaintext"
)

// message is one remark in the two languages of the people who fill the sheet in.
type message struct{ EN, RU string }

func say(en, ru string, args ...any) message {
	return message{fmt.Sprintf(en, args...), fmt.Sprintf(ru, args...)}
}

// sheet is a table as read from either format, before it is understood.
type sheet struct {
	header []string
	rows   []row
	epoch  time.Time // day 0 of the workbook's dates; zero: dates are text
}

// row is one line of the table with at least one filled cell.
type row struct {
	number  int    // as a spreadsheet counts, from 1
	locator string // "row 7", "evidence!A7"
	cells   []cell // by column; may be shorter than the header
	faults  []message
}

// cell is what stands in one cell. stored marks a number as a workbook keeps it
// (always with a decimal point, perhaps with an exponent), which is read by
// other rules than typed text; percent, one that is shown times a hundred.
type cell struct {
	text            string
	stored, percent bool
}

// maxSheet limits one sheet: a researcher's table has thousands of rows, not
// millions.
const maxSheet = 64 << 20

// Signatures of files that are no sheets of ours but are handed over as such.
var (
	zipMagic = []byte("PK\x03\x04")
	oleMagic = []byte{0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1}
)

func isHTML(b []byte) bool {
	head := bytes.ToLower(bytes.TrimSpace(bytes.TrimPrefix(b[:min(len(b), 512)], []byte("\ufeff"))))
	return bytes.HasPrefix(head, []byte("<!doctype html")) || bytes.HasPrefix(head, []byte("<html"))
}

// readSheet reads a table in any of the accepted formats. A message says why
// the document as a whole cannot be read.
func (f *form) readSheet(b []byte) (*sheet, *message) {
	fail := func(en, ru string, args ...any) (*sheet, *message) {
		m := say(en, ru, args...)
		return nil, &m
	}
	switch {
	case len(bytes.TrimSpace(b)) == 0:
		return fail("the file is empty", "файл пуст")
	case isHTML(b):
		return fail("the file is a web page, not a sheet", "это веб-страница, а не таблица")
	case bytes.HasPrefix(b, oleMagic):
		return fail("the file is an old .xls workbook or protected by a password: save it as .xlsx without one", "это старый файл .xls или файл с паролем: сохраните как .xlsx без пароля")
	case bytes.HasPrefix(b, zipMagic):
		return readXLSX(b)
	}
	text, err := plaintext.Decode(b, "")
	if err != nil {
		return fail("the file is neither CSV nor XLSX", "файл не CSV и не XLSX")
	}
	return f.readCSV(text)
}

// readCSV reads comma-, semicolon- or tab-separated text: the separator is the
// one under which the header names most columns.
func (f *form) readCSV(text string) (*sheet, *message) {
	text = dropHint(text)
	comma, best := ',', -1
	for _, c := range []rune{',', ';', '\t'} {
		r := csvReader(text, c)
		if header, err := r.Read(); err == nil {
			if n := f.known(header); n > best {
				comma, best = c, n
			}
		}
	}
	s := &sheet{}
	r := csvReader(text, comma)
	folded := 0 // line breaks inside cells so far: a spreadsheet does not count them as rows
	for {
		cells, err := r.Read()
		var syntax *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			if s.header == nil {
				m := say("the file has no header", "в файле нет заголовка")
				return nil, &m
			}
			return s, nil
		case errors.As(err, &syntax):
			n := syntax.StartLine - folded
			folded += syntax.Line - syntax.StartLine
			if s.header == nil {
				m := say("the header cannot be read: %v", "заголовок не читается: %v", syntax.Err)
				return nil, &m
			}
			s.rows = append(s.rows, row{number: n, locator: fmt.Sprintf("row %d", n), faults: []message{say(
				"the quotation marks do not match, up to line %d of the file", "кавычки не сходятся, до строки файла %d", syntax.Line)}})
			continue
		case err != nil:
			m := say("reading: %v", "чтение: %v", err)
			return nil, &m
		}
		line, _ := r.FieldPos(0)
		n := line - folded
		for _, c := range cells {
			folded += strings.Count(c, "\n")
		}
		if s.header == nil {
			s.header = cells
			continue
		}
		if strings.TrimSpace(strings.Join(cells, "")) == "" {
			continue
		}
		out := row{number: n, locator: fmt.Sprintf("row %d", n)}
		for _, c := range cells {
			out.cells = append(out.cells, cell{text: c})
			if strings.ContainsRune(c, utf8.RuneError) && len(out.faults) == 0 {
				out.faults = append(out.faults, say("damaged characters in %q", "испорченные знаки в %q", short(c)))
			}
		}
		s.rows = append(s.rows, out)
	}
}

// dropHint removes the line "sep=;" by which some spreadsheets name the separator;
// they do not count it as a row.
func dropHint(text string) string {
	if line, rest, ok := strings.Cut(text, "\n"); ok && strings.HasPrefix(strings.ToLower(line), "sep=") && len(strings.TrimSpace(line)) <= 5 {
		return rest
	}
	return text
}

func csvReader(text string, comma rune) *csv.Reader {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord = comma, -1
	return r
}

// short cuts a quoted value to what a message can bear, whole addresses of mail
// first.
func short(s string) string {
	s = plaintext.WithoutMail(strings.Join(strings.Fields(s), " "))
	if r := []rune(s); len(r) > 60 {
		return string(r[:59]) + "…"
	}
	return s
}

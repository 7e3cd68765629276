// Package evidence reads the researcher's own sheet: statements about money
// found in reports, letters and articles that no machine-readable source holds,
// one per row, each with its citation, page and quote.
//
// Harm Reduction International compiles its totals from a donor survey and a
// desk review; such a sheet is how that work enters the pipeline, held to the
// same rules as any publisher. A row that cannot be understood is rejected with
// everything that is wrong with it, in English and in Russian, and never
// repaired: "1,455" is 1455 in London and 1.455 in Bishkek.
package evidence

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
	"hrinvest/extractors/plaintext"
)

//go:embed expectations.csv
var expectations string

//go:embed bundled
var bundled embed.FS

// role is the only role a document plays here.
const role = "sheet"

// Config of a Source.
type Config struct {
	// Sheets are the addresses of sheets to fetch, such as the CSV export of a
	// table a team keeps on line. Empty: the sheets this project carries.
	Sheets []string
}

// Source is the extractor of evidence sheets.
type Source struct {
	cfg  Config
	form *form
}

var _ extractors.Source = (*Source)(nil)

// New returns the source over the sheets this project carries.
func New() *Source { return NewWith(Config{}) }

// NewWith returns the source over the given configuration.
func NewWith(cfg Config) *Source { return &Source{cfg: cfg, form: loadForm()} }

// Info implements extractors.Source. Home is where the method these sheets
// serve, donor survey and desk review, has led to a total.
func (*Source) Info() extractors.Info {
	return extractors.Info{
		ID:        "evidence",
		Title:     "Evidence sheets: cited statements entered by researchers",
		Publisher: "Evidence sheet",
		Home:      "https://hri.global/flagship-research/funding-for-harm-reduction/cost-of-complacency",
		Licence:   "facts with their citation; each cited work keeps its own licence",
		Kind:      extractors.Money,
		Spent:     extractors.SpentExpenditure,
		Authority: 5,
		Unquoted:  "its rows name who entered them; the other fields are all in raw",
		Typed:     true,
		Additive:  true, // a team may hold several sheets, some on line and some not
	}
}

// Role implements extractors.Source: workbooks, and text whose first line names
// columns of the sheet. A .csv that is empty or a web page is taken too, so that
// it is rejected with a reason.
func (s *Source) Role(name string, head []byte) string {
	lower := strings.ToLower(name)
	switch {
	case strings.HasPrefix(string(head), string(zipMagic)):
		if strings.Contains(string(head), "[Content_Types].xml") || strings.Contains(string(head), "xl/") || strings.HasSuffix(lower, ".xlsx") || strings.HasSuffix(lower, ".ods") {
			return role
		}
		return ""
	case strings.HasPrefix(string(head), string(oleMagic)):
		return role
	case strings.HasSuffix(lower, ".csv") && (len(head) == 0 || isHTML(head)):
		return role
	}
	text, err := plaintext.Decode(head, "")
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(strings.TrimLeft(dropHint(text), "\r\n \t"), "\n")
	for _, sep := range []string{",", ";", "\t"} {
		var header []string
		for _, h := range strings.Split(line, sep) {
			header = append(header, strings.Trim(h, "\" \r"))
		}
		// a citation tells this sheet from any other table with amounts in it
		for _, h := range header {
			if strings.HasPrefix(s.form.headers[fold(h)], "citation") && s.form.known(header) >= 3 {
				return role
			}
		}
		if s.form.known(header) >= 5 {
			return role
		}
	}
	return ""
}

// Expectations implements extractors.Source.
func (*Source) Expectations() (extractors.Expectations, error) {
	return extractors.ReadExpectations(strings.NewReader(expectations))
}

// Bundled implements extractors.Source.
func (*Source) Bundled() fs.FS {
	return extractors.Bundle(bundled)
}

// Fetch implements extractors.Source. One sheet that cannot be had does not
// keep the others from being kept; the errors come back together.
func (s *Source) Fetch(ctx context.Context, c *fetch.Client, keep func(fetch.Document) error) error {
	addresses := s.cfg.Sheets
	if len(addresses) == 0 {
		files, err := fetch.ReadBundle(s.Bundled())
		if err != nil {
			return err
		}
		for _, f := range files {
			addresses = append(addresses, f.URL)
		}
	}
	var failed []error
	for _, address := range addresses {
		d, err := c.Get(ctx, fetch.Request{URL: address, Shape: fetch.Sheet})
		if err == nil && d.Origin == fetch.Live && !c.Sample() {
			err = s.look(d)
		}
		if err != nil {
			failed = append(failed, err)
			continue
		}
		d.Role = role
		if err := keep(d); err != nil {
			return err
		}
	}
	return errors.Join(failed...)
}

// look refuses a sheet from the network that is none of ours or breaks off: its
// last row is then shorter than the header, or has a quotation mark open.
func (s *Source) look(d fetch.Document) error {
	b, err := d.Head(maxSheet)
	if err != nil {
		return fmt.Errorf("reading %s: %w", d.Name, err)
	}
	sheet, fault := s.form.readSheet(b)
	if fault == nil {
		_, fault = s.form.place(sheet.header)
	}
	if fault != nil {
		return fmt.Errorf("fetching %s: %w", d.URL, fetch.Refuse("%s", fault.EN))
	}
	if n := len(sheet.rows); n > 0 && !bytes.HasPrefix(b, zipMagic) {
		if last := sheet.rows[n-1]; len(last.faults) > 0 || len(last.cells) < len(sheet.header) {
			return fmt.Errorf("fetching %s: %w", d.URL, fetch.Refuse("the sheet breaks off in its last row (%s)", last.locator))
		}
	}
	return nil
}

// Parse implements extractors.Source. Ids are unique over all sheets: of two
// rows with one id the later is rejected, since nobody can tell which is meant.
func (s *Source) Parse(ctx context.Context, docs extractors.Set, out extractors.Sink) error {
	seen := map[string]message{} // id -> where it stands
	redactor := plaintext.NewRedactor()
	for _, d := range docs.WithRole(role) {
		if err := ctx.Err(); err != nil {
			return err
		}
		b, err := d.Head(maxSheet)
		if err != nil {
			return fmt.Errorf("reading %s: %w", d.Name, err)
		}
		if err := s.parse(ctx, d, b, seen, redactor, out); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (s *Source) parse(ctx context.Context, d fetch.Document, b []byte, seen map[string]message, redactor *plaintext.Redactor, out extractors.Sink) error {
	whole := func(m message) error {
		return out.Reject(extractors.Problem{Document: d.SHA256, Locator: "/", Reason: d.Name + ": " + m.EN, ReasonRU: d.Name + ": " + m.RU})
	}
	if len(b) > maxSheet {
		return whole(say("the file is over %d MB", "файл больше %d МБ", maxSheet>>20))
	}
	sheet, fault := s.form.readSheet(b)
	if fault != nil {
		return whole(*fault)
	}
	columns, fault := s.form.place(sheet.header)
	if fault != nil {
		return whole(*fault)
	}
	if len(sheet.rows) == 0 {
		return nil // an empty sheet states nothing
	}
	r := &reader{form: s.form, sheet: sheet, columns: columns, redactor: redactor, document: d.SHA256}
	var statements []*statement
	for _, row := range sheet.rows {
		if err := ctx.Err(); err != nil {
			return err
		}
		st := r.read(row)
		switch where, dup := seen[st.id]; {
		case !dup:
			seen[st.id] = say("%[1]s, %[2]s", "%[1]s, %[3]s", d.Name, row.locator, strings.Replace(row.locator, "row ", "строка ", 1))
		case strings.HasPrefix(st.id, rowID):
			st.reject(say("the same row stands in %[1]s: give each an id if both are meant", "такая же строка уже есть: %[2]s; дайте каждой номер, если нужны обе", where.EN, where.RU))
		default:
			st.reject(say("id %[1]q is already used in %[2]s", "номер %[1]q уже занят: %[3]s", short(st.id), where.EN, where.RU))
		}
		statements = append(statements, st)
	}
	return emit(statements, d.SHA256, out)
}

// place says which column of the form each column of the sheet is.
func (f *form) place(header []string) ([]string, *message) {
	columns, has := make([]string, len(header)), map[string]bool{}
	for i, h := range header {
		id := f.headers[fold(h)]
		if id != "" && has[id] {
			m := say("column %s occurs twice", "столбец %s встречается дважды", id)
			return nil, &m
		}
		columns[i] = id
		if id != "" {
			has[id] = true
		}
	}
	if lacks := f.missing(has); len(lacks) > 0 {
		m := say("columns missing: %s", "нет столбцов: %s", strings.Join(lacks, ", "))
		return nil, &m
	}
	return columns, nil
}

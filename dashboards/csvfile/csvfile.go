// Package csvfile writes tables as CSV: as programs read it (RFC 4180, UTF-8,
// decimal point), or as Excel opens it on a machine with Russian settings.
package csvfile

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"time"
)

// Number is plain decimal text: it is written as a number, never through
// floating point.
type Number string

// Dialect is how a file is to be written. The zero value is for programs.
type Dialect struct {
	// Russian files open by a double click in Excel with Russian settings: a
	// byte order mark, semicolons, decimal commas, and texts that Excel would
	// take for numbers or dates held as texts.
	Russian bool
}

// Parse reads the value of the parameter "excel".
func Parse(excel string) (Dialect, error) {
	switch excel {
	case "":
		return Dialect{}, nil
	case "ru":
		return Dialect{Russian: true}, nil
	}
	return Dialect{}, fmt.Errorf("excel=%q: want ru", excel)
}

// Writer writes rows. Errors show at Flush.
type Writer struct {
	out     *csv.Writer
	dialect Dialect
	record  []string
}

// NewWriter starts a file.
func NewWriter(w io.Writer, d Dialect) *Writer {
	out := csv.NewWriter(w)
	if d.Russian {
		out.Comma, out.UseCRLF = ';', true
		io.WriteString(w, "\ufeff") // out meets the same error
	}
	return &Writer{out: out, dialect: d}
}

// Header writes the names of the columns.
func (w *Writer) Header(names []string) { w.out.Write(names) }

// Row writes values: nil is an empty cell, a Number, int or int64 a number, a
// time a date, everything else text.
func (w *Writer) Row(values ...any) {
	w.record = w.record[:0]
	for _, v := range values {
		w.record = append(w.record, w.cell(v))
	}
	w.out.Write(w.record)
}

// Flush ends the file.
func (w *Writer) Flush() error {
	w.out.Flush()
	if err := w.out.Error(); err != nil {
		return fmt.Errorf("writing csv: %w", err)
	}
	return nil
}

func (w *Writer) cell(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case Number:
		if w.dialect.Russian {
			return strings.Replace(string(v), ".", ",", 1)
		}
		return string(v)
	case time.Time:
		if v.Equal(v.Truncate(24 * time.Hour)) {
			return v.Format(time.DateOnly)
		}
		return v.UTC().Format(time.RFC3339)
	case string:
		if w.dialect.Russian && mistaken(v) {
			return `="` + v + `"`
		}
		return Guard(v)
	}
	return fmt.Sprint(v)
}

// mistaken reports whether Excel would take a text for a number, a date or a
// share, and show something else than was written: 0012, 1-2, 60.5, 1E5, 12 %.
func mistaken(s string) bool {
	return strings.ContainsAny(s, "0123456789") && strings.Trim(s, "0123456789.,:/+-eE% \u00a0") == ""
}

// Guard keeps a spreadsheet from running a text as a formula: a text that begins
// like one gets an apostrophe before it, a number does not.
func Guard(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n", rune(s[0])) && !number(s) {
		return "'" + s
	}
	return s
}

// number reports whether a text is a plain decimal number: digits with at most
// one sign before and one point within.
func number(s string) bool {
	whole, fraction, point := strings.Cut(strings.TrimLeft(s[:1], "+-")+s[1:], ".")
	digits := func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
	return digits(whole) && (!point || digits(fraction))
}

package rates

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
)

// parser reads one document.
type parser struct {
	ctx context.Context
	doc fetch.Document
	out extractors.Sink
	b   []byte
	n   int // values seen, to look at ctx now and then
}

// observe fills in what all observations of a document share.
func (p *parser) observe(o extractors.Observation) error {
	if p.n++; p.n%1000 == 0 && p.ctx.Err() != nil {
		return p.ctx.Err()
	}
	o.Document, o.Status = p.doc.SHA256, "reported"
	return p.out.Observe(o)
}

func (p *parser) reject(locator, reason string) error {
	return p.rejectRaw(locator, reason, nil)
}

// rejectRaw quotes the fields of a record, each as it was written.
func (p *parser) rejectRaw(locator, reason string, fields []string) error {
	var raw []byte
	if len(fields) > 0 {
		for i, f := range fields {
			fields[i] = strings.ToValidUTF8(f, "\uFFFD")
		}
		var err error
		if raw, err = json.Marshal(map[string][]string{"fields": fields}); err != nil {
			return err
		}
	}
	return p.out.Reject(extractors.Problem{Document: p.doc.SHA256, Locator: locator, Reason: reason, Raw: raw})
}

// table reads CSV: header decides from the first row whether it is the expected
// table, row takes each further one. A row that is no CSV, or that the end of
// the file may have cut, is rejected.
func (p *parser) table(header func([]string) (problem string), row func(locator string, fields []string) error) error {
	r := csv.NewReader(bytes.NewReader(p.b))
	r.FieldsPerRecord = -1
	r.ReuseRecord = true
	whole := bytes.HasSuffix(p.b, []byte("\n"))
	for first := true; ; first = false {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			if first {
				return p.reject("/", "the document is empty")
			}
			return nil
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			if first {
				return p.reject("/", "not a table: "+bad.Err.Error())
			}
			if err := p.reject(fmt.Sprintf("row %d", bad.StartLine), "not readable as CSV: "+bad.Err.Error()); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		if first {
			if problem := header(fields); problem != "" {
				return p.reject("/", problem)
			}
			continue
		}
		line, _ := r.FieldPos(0)
		locator := fmt.Sprintf("row %d", line)
		if !whole && int(r.InputOffset()) == len(p.b) {
			return p.rejectRaw(locator, "the file ends inside this row, without a line break: it may be cut", fields)
		}
		if err := row(locator, fields); err != nil {
			return err
		}
	}
}

var (
	numberForm   = regexp.MustCompile(`^\d+(\.\d+)?([eE][+-]?\d{1,3})?$`)
	currencyForm = regexp.MustCompile(`^[A-Z]{3}$`)
	countryForm  = regexp.MustCompile(`^[A-Z]{3}$`)
	yearForm     = regexp.MustCompile(`^\d{4}$`)
)

// rate says what is wrong with a rate; "" when it is a positive decimal.
func rate(s string) (problem string) {
	if !numberForm.MatchString(s) || strings.Trim(mantissa(s), "0.") == "" {
		return fmt.Sprintf("the rate %q is not a positive number", s)
	}
	return ""
}

func mantissa(s string) string {
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		return s[:i]
	}
	return s
}

// isoDate reads the date forms seen: 2014-06-30, 30 Jun 2014, 30-Jun-2014.
func isoDate(s string) (string, bool) {
	for _, layout := range [...]string{time.DateOnly, "2 Jan 2006", "2-Jan-2006", "2 January 2006"} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() >= 1900 {
			return t.Format(time.DateOnly), true
		}
	}
	return "", false
}

// column finds the first of several names in a header; -1 when none is there.
func column(header []string, names ...string) int {
	for _, name := range names {
		for i, h := range header {
			if strings.EqualFold(strings.TrimSpace(h), name) {
				return i
			}
		}
	}
	return -1
}

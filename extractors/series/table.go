package series

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Table reads CSV: header decides from the first row whether it is the expected
// table and says what is wrong with it, row takes each further one. A row that
// is no CSV, or that the end of the file may have cut, is rejected.
func (r *Reader) Table(b []byte, header func([]string) (problem string), row func(locator string, fields []string) error) error {
	c := csv.NewReader(bytes.NewReader(b))
	c.FieldsPerRecord = -1
	c.ReuseRecord = true
	whole := bytes.HasSuffix(b, []byte("\n"))
	for first := true; ; first = false {
		fields, err := c.Read()
		if errors.Is(err, io.EOF) {
			if first {
				return r.Reject("/", "the document is empty")
			}
			return nil
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			if first {
				return r.Reject("/", "not a table: "+bad.Err.Error())
			}
			if err := r.Reject(fmt.Sprintf("row %d", bad.StartLine), "not readable as CSV: "+bad.Err.Error()); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		if first {
			if problem := header(fields); problem != "" {
				return r.Reject("/", problem)
			}
			continue
		}
		line, _ := c.FieldPos(0)
		locator := fmt.Sprintf("row %d", line)
		if !whole && int(c.InputOffset()) == len(b) {
			return r.Reject(locator, "the file ends inside this row, without a line break: it may be cut", fields...)
		}
		if err := row(locator, fields); err != nil {
			return err
		}
	}
}

// Column finds the first of several names in a header; -1 when none is there.
func Column(header []string, names ...string) int {
	for _, name := range names {
		for i, h := range header {
			if strings.EqualFold(strings.TrimSpace(h), name) {
				return i
			}
		}
	}
	return -1
}

// Short says that a row has too few fields for the columns that are read; "" when
// it has enough.
func Short(fields []string, columns ...int) (problem string) {
	for _, c := range columns {
		if c >= len(fields) {
			return fmt.Sprintf("%d fields, fewer than the header promises", len(fields))
		}
	}
	return ""
}

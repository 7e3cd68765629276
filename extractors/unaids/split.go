package unaids

import (
	"bufio"
	"errors"
	"io"
	"strings"
)

// split cuts one record of a CSV file at its commas. AIDSinfo's exports are not
// valid CSV: quotes inside quoted fields stand unescaped. Strict reading follows
// RFC 4180 and fails on those; the other takes a quote for the end of a field
// only where a comma or the end of the record follows.
//
// open says that the record ends inside a quoted field; fields is nil when
// strict reading fails.
func split(record string, strict bool) (fields []string, open bool) {
	fields = make([]string, 0, strings.Count(record, ",")+1)
	for rest := record; ; {
		if !strings.HasPrefix(rest, `"`) {
			field, after, more := strings.Cut(rest, ",")
			if strict && strings.Contains(field, `"`) {
				return nil, false
			}
			fields = append(fields, strings.TrimSpace(field))
			if !more {
				return fields, false
			}
			rest = after
			continue
		}
		field, after, more, ok := quoted(rest[1:], strict)
		if !ok {
			return nil, false
		}
		if field == nil {
			return nil, true
		}
		// a stray quote at the end of a name is not part of it
		fields = append(fields, strings.TrimSpace(strings.TrimRight(*field, `"`)))
		if !more {
			return fields, false
		}
		rest = after
	}
}

// quoted reads a quoted field whose opening quote was read. field is nil when
// the record ends before it does.
func quoted(s string, strict bool) (field *string, after string, more, ok bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '"' {
			b.WriteByte(s[i])
			continue
		}
		switch {
		case i+1 == len(s):
			f := b.String()
			return &f, "", false, true
		case strict && s[i+1] == '"':
			b.WriteByte('"')
			i++
		case s[i+1] == ',':
			f := b.String()
			return &f, s[i+2:], true, true
		case strict:
			return nil, "", false, false
		default:
			b.WriteByte('"')
		}
	}
	return nil, "", false, true
}

// maxLine is the longest physical line read. Longer ones are no table.
const maxLine = 1 << 20

// maxJoin is how many physical lines one record may take: identifiers with a
// line break inside were seen, whole paragraphs were not.
const maxJoin = 4

var errLineTooLong = errors.New("a line is over 1 MiB")

// records recovers the records of a table that is nearly CSV.
type records struct {
	lines   *bufio.Scanner
	pending []string // physical lines read ahead
	line    int      // number of the first pending line
	fields  int      // of a record; 0 before the header
}

func newRecords(r io.Reader) *records {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 0, 64<<10), maxLine)
	return &records{lines: s, line: 1}
}

// fill reads ahead until n lines are pending. It returns false when the file
// has fewer.
func (r *records) fill(n int) (bool, error) {
	for len(r.pending) < n {
		if !r.lines.Scan() {
			err := r.lines.Err()
			if errors.Is(err, bufio.ErrTooLong) {
				err = errLineTooLong
			}
			return false, err
		}
		r.pending = append(r.pending, strings.TrimRight(r.lines.Text(), "\r"))
	}
	return true, nil
}

func (r *records) take(n int) {
	r.pending = r.pending[n:]
	r.line += n
}

// header reads the first record and fixes the number of fields.
func (r *records) header() ([]string, error) {
	ok, err := r.fill(1)
	if err != nil || !ok {
		return nil, err
	}
	fields, _ := split(strings.TrimPrefix(r.pending[0], "\ufeff"), true)
	r.take(1)
	r.fields = len(fields)
	return fields, nil
}

// next returns the next record with the number of its first line; fields is nil
// when that line belongs to no record. It returns io.EOF after the last.
func (r *records) next() (fields []string, line int, err error) {
	for {
		ok, err := r.fill(1)
		if err != nil {
			return nil, r.line, err
		}
		if !ok {
			return nil, r.line, io.EOF
		}
		if strings.TrimSpace(r.pending[0]) != "" {
			break
		}
		r.take(1)
	}
	line = r.line
	joined := r.pending[0]
	for n := 1; ; n++ {
		if fields = r.fit(joined); fields != nil {
			r.take(n)
			return fields, line, nil
		}
		if n == maxJoin {
			break
		}
		ok, err := r.fill(n + 1)
		if err != nil {
			return nil, line, err
		}
		if !ok || r.fit(r.pending[n]) != nil {
			break // the next line is a record of its own
		}
		joined += "\n" + r.pending[n]
	}
	r.take(1)
	return nil, line, nil
}

// fit splits a record if it has the header's number of fields, give or take
// empty ones at the end.
func (r *records) fit(s string) []string {
	for _, strict := range [...]bool{true, false} {
		fields, open := split(s, strict)
		for len(fields) > r.fields && fields[len(fields)-1] == "" {
			fields = fields[:len(fields)-1]
		}
		if !open && len(fields) == r.fields {
			return fields
		}
	}
	return nil
}

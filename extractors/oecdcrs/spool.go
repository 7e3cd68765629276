package oecdcrs

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"slices"
)

// row is one row of a document, cleaned, that is in scope.
type row struct {
	doc     int    // index among the documents that are parsed
	layout  int    // of the table it stands in
	part    string // file of an archive it stands in
	number  int    // of the row; a table's header is row 1
	byWords bool   // in scope for its words
	cells   [fields]string
}

// spool keeps rows in a file until all are read, then gives them back ordered by
// activity. Memory holds an index of them only: a real edition has hundreds of
// thousands of rows in scope, with texts of up to four kilobytes.
type spool struct {
	file  *os.File
	out   *bufio.Writer
	size  int64
	index []entry
	buf   []byte
}

// entry is a row in the index.
type entry struct {
	group, year string
	hash        uint64 // of the cells: equal rows keep an order whatever the document's is
	at          int64
	length      int
}

func newSpool() (*spool, error) {
	f, err := os.CreateTemp("", "hrinvest-crs-*")
	if err != nil {
		return nil, fmt.Errorf("making a file for rows: %w", err)
	}
	// The file is gone when the program ends, however it ends.
	if err := os.Remove(f.Name()); err != nil {
		return nil, errors.Join(fmt.Errorf("making a file for rows: %w", err), f.Close())
	}
	return &spool{file: f, out: bufio.NewWriterSize(f, 1<<18)}, nil
}

func (s *spool) close() error { return s.file.Close() }

// mark is where the next row will stand.
func (s *spool) mark() int { return len(s.index) }

// rewind forgets the rows from a mark on.
func (s *spool) rewind(mark int) { s.index = s.index[:mark] }

// add writes a row.
func (s *spool) add(r *row, group string) error {
	b := binary.AppendUvarint(s.buf[:0], uint64(r.doc))
	b = binary.AppendUvarint(b, uint64(r.layout))
	b = binary.AppendUvarint(b, uint64(r.number))
	b = append(b, map[bool]byte{true: 1}[r.byWords])
	b = appendText(b, r.part)
	cells := len(b)
	for _, c := range r.cells {
		b = appendText(b, c)
	}
	s.buf = b
	h := fnv.New64a()
	h.Write(b[cells:]) //nolint:errcheck // a hash takes everything
	s.index = append(s.index, entry{group, r.cells[year], h.Sum64(), s.size, len(b)})
	s.size += int64(len(b))
	if _, err := s.out.Write(b); err != nil {
		return fmt.Errorf("writing rows: %w", err)
	}
	return nil
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// each gives every row, those of a group one after another.
func (s *spool) each(f func(group string, r *row) error) error {
	if err := s.out.Flush(); err != nil {
		return fmt.Errorf("writing rows: %w", err)
	}
	slices.SortFunc(s.index, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.group, b.group), cmp.Compare(a.year, b.year), cmp.Compare(a.hash, b.hash), cmp.Compare(a.at, b.at))
	})
	for _, e := range s.index {
		if cap(s.buf) < e.length {
			s.buf = make([]byte, e.length)
		}
		b := s.buf[:e.length]
		if _, err := s.file.ReadAt(b, e.at); err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("reading rows: %w", err)
		}
		var r row
		d := decoder{b}
		r.doc, r.layout, r.number = d.number(), d.number(), d.number()
		r.byWords = d.flag()
		r.part = d.text()
		for f := range r.cells {
			r.cells[f] = d.text()
		}
		if err := f(e.group, &r); err != nil {
			return err
		}
	}
	return nil
}

// decoder reads what add wrote.
type decoder struct{ b []byte }

func (d *decoder) number() int {
	v, n := binary.Uvarint(d.b)
	d.b = d.b[n:]
	return int(v)
}

func (d *decoder) flag() bool {
	v := d.b[0]
	d.b = d.b[1:]
	return v == 1
}

func (d *decoder) text() string {
	n := d.number()
	s := string(d.b[:n])
	d.b = d.b[n:]
	return s
}

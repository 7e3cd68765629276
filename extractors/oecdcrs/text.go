package oecdcrs

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
)

// text reads the table of a year.
func (d *document) text() error {
	f, err := d.Open()
	if err != nil {
		return err
	}
	defer f.Close()
	return d.table(f, "")
}

// table reads one table of a year.
func (d *document) table(r io.Reader, part string) error {
	return d.eachRow(r, '|', d.tables.bulk, func(cells [][]byte, number int) error {
		if d.tables.scope.rule(cells[d.layout.at[purpose]]) == outside {
			d.skip(skipPurpose)
			return nil
		}
		return d.consider(part, number, func(f field) string { return cell(f, cells[d.layout.at[f]]) }, twoSums)
	}, part)
}

// eachRow reads a table in text to its end.
func (d *document) eachRow(r io.Reader, separator byte, c *columns, use func(cells [][]byte, number int) error, part string) error {
	rows := newRows(r, separator)
	cells, err := rows.next()
	if err != nil {
		return reading(err, 0)
	}
	header := make([]string, len(cells))
	for i, c := range cells {
		header[i] = clean(c)
	}
	if err := d.use(c, header); err != nil {
		return err
	}
	rows.width = len(header)
	for {
		cells, err := rows.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = d.alive()
		} else {
			err = reading(err, rows.row)
		}
		switch {
		case err != nil:
		case rows.brokeOff():
			err = unreadablef("it breaks off in row %d", rows.row)
		case rows.ragged():
			d.ragged(cells, part, rows)
		default:
			err = use(cells, rows.row)
		}
		if err != nil {
			return err
		}
	}
	if rows.row == 1 {
		return unreadablef("it has a header and no rows")
	}
	return nil
}

// reading tells what went wrong with a document from what went wrong with this
// machine.
func reading(err error, row int) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, io.EOF) {
		return unreadablef("it is empty")
	}
	if ofMachine(err) {
		return err
	}
	return unreadablef("it cannot be read beyond row %d: %v", row, err)
}

// ofMachine says whether a file could not be read, whatever is in it.
func ofMachine(err error) bool {
	system := (*fs.PathError)(nil)
	return errors.As(err, &system)
}

// ragged looks at a row with more or fewer cells than there are columns: which
// is which cannot be told. It is rejected where it could be in scope.
func (d *document) ragged(cells [][]byte, part string, rows *rows) {
	could := false
	for _, c := range cells {
		switch d.tables.scope.rule(c) {
		case always:
			could = true
		case byWords:
			could = could || d.finder.Mentions(string(bytes.Join(cells, []byte(" "))))
		}
	}
	if !could {
		d.skip("a row with more or fewer cells than columns, and no purpose in scope in it")
		return
	}
	quoted, err := json.Marshal(map[string]string{"row": clip(withoutContacts(clean(bytes.Join(cells, []byte{rows.sep}))), 500)})
	if err != nil {
		quoted = nil // a string can always be marshalled
	}
	r := row{part: part, number: rows.row}
	d.reject(r.locator(), quoted, "the row has %d cells, the header %d columns: which is which cannot be told", len(cells), rows.width)
}

// zip reads the tables in the archive of a year.
func (d *document) zip() error {
	f, size, err := openAt(d.Document)
	if err != nil {
		return err
	}
	defer f.Close()
	members, err := tablesIn(f, size)
	if err != nil {
		return err
	}
	for _, m := range members {
		if err := d.member(m); err != nil {
			return err
		}
	}
	return nil
}

func (d *document) member(m *zip.File) error {
	r, err := m.Open()
	if err != nil {
		return unreadablef("%s in it cannot be opened: %v", m.Name, err)
	}
	defer r.Close()
	err = d.table(r, path.Base(m.Name))
	if bad := (*unreadable)(nil); errors.As(err, &bad) {
		return unreadablef("%s in it: %s", m.Name, bad.reason)
	}
	return err
}

// tablesIn lists the tables in an archive, all of which can be unpacked.
func tablesIn(r io.ReaderAt, size int64) ([]*zip.File, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, unreadablef("the archive is cut off or damaged: %v", err)
	}
	var out []*zip.File
	var names []string
	for _, m := range z.File {
		names = append(names, m.Name)
		kind := strings.ToLower(path.Ext(m.Name))
		if kind != ".txt" && kind != ".csv" && kind != ".parquet" {
			continue
		}
		if m.Method != zip.Store && m.Method != zip.Deflate {
			return nil, unreadablef("%s in it is packed by method %s, which this program cannot unpack: unpack it and hand over what is inside", m.Name, method(m.Method))
		}
		if kind == ".parquet" {
			return nil, unreadablef("%s is in an archive: unpack it and hand it over as it is", m.Name)
		}
		out = append(out, m)
	}
	if len(out) == 0 {
		return nil, unreadablef("there is no table in the archive, only %q", clip(strings.Join(names, ", "), 200))
	}
	return out, nil
}

// method names a method of packing: OECD used Deflate64 in April 2026.
func method(m uint16) string {
	if m == 9 {
		return "9 (Deflate64)"
	}
	return fmt.Sprint(m)
}

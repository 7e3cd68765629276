package unaids

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
	"hrinvest/extractors/plaintext"
)

// What is read at most: of a document as it comes, of a table that must be held
// in memory to be decoded, and of a table unpacked (the estimates have two million
// rows).
const (
	maxDocument = 256 << 20
	maxDecoded  = 64 << 20
	maxTable    = 4 << 30
)

// reading reads one document into the book.
type reading struct {
	ctx   context.Context
	doc   fetch.Document
	index int
	book  *book
	out   extractors.Sink
}

func (r *reading) reject(locator, reason string, raw []byte) error {
	return r.out.Reject(extractors.Problem{Document: r.doc.SHA256, Locator: locator, Reason: reason, Raw: raw})
}

// skip hands over the counts of what was not used, by reason.
func (r *reading) skip(counts map[string]int) error {
	for _, reason := range sortedKeys(counts) {
		if err := r.out.Skip(r.doc.SHA256, counts[reason], reason); err != nil {
			return err
		}
	}
	return nil
}

// used understands a record, or counts it as not used.
func (r *reading) used(rec *record, skipped map[string]int) bool {
	reason := r.book.understand(rec)
	if reason != "" {
		skipped[reason]++
	}
	return reason == ""
}

// file keeps a record that is used, or rejects it.
func (r *reading) file(rec record) error {
	if reason := rec.unusable(); reason != "" {
		return r.reject(rec.locator, reason, rec.raw())
	}
	r.book.records = append(r.book.records, rec)
	return nil
}

func (r *reading) document() error {
	switch r.doc.Role {
	case roleAPI:
		return r.answer()
	case roleProgrammes:
		return r.workbook()
	case roleZip:
		return r.archive()
	}
	return r.table(table{open: r.doc.Open})
}

// table is a table in text: a document, or a file of an archive.
type table struct {
	open   func() (io.ReadCloser, error)
	inside string // name in the archive, "" for a document
}

func (r *reading) archive() error {
	tables, why, err := tablesOf(r.doc)
	switch {
	case err != nil:
		return err
	case why != "":
		return r.reject("/", why, nil)
	}
	for _, t := range tables {
		if err := r.table(t); err != nil {
			return err
		}
	}
	return nil
}

// tablesOf lists the tables of an archive, or says why there are none.
func tablesOf(d fetch.Document) (tables []table, why string, err error) {
	all, err := d.Head(maxDocument)
	if err != nil {
		return nil, "", err
	}
	z, err := zip.NewReader(bytes.NewReader(all), int64(len(all)))
	if err != nil {
		return nil, "not a zip archive: " + err.Error(), nil
	}
	var others []string
	for _, e := range z.File {
		switch {
		case strings.HasSuffix(strings.ToLower(e.Name), ".csv"):
			tables = append(tables, table{e.Open, e.Name})
		case !strings.HasSuffix(e.Name, "/"):
			others = append(others, e.Name)
		}
	}
	if len(tables) == 0 {
		return nil, fmt.Sprintf("no CSV file in the archive, which holds %q", others), nil
	}
	return tables, "", nil
}

var byteOrderMark = []byte("\ufeff")

// text opens a table as UTF-8. Tables that begin with its mark, as those of
// UNAIDS do, and tables too large for a spreadsheet are read as they are unpacked;
// others may be in another encoding, and are decoded in memory. why says what
// cannot be decoded.
func (t table) text() (text io.ReadCloser, why string, err error) {
	f, err := t.open()
	if err != nil {
		return nil, "", err
	}
	body := bufio.NewReader(&atMost{f, maxTable})
	stream := func(r io.Reader) io.ReadCloser {
		return struct {
			io.Reader
			io.Closer
		}{transform.NewReader(r, runes.ReplaceIllFormed()), f}
	}
	if mark, _ := body.Peek(len(byteOrderMark)); bytes.Equal(mark, byteOrderMark) { //nolint:errcheck // too short for a mark
		return stream(body), "", nil
	}
	head, err := io.ReadAll(io.LimitReader(body, maxDecoded+1))
	switch {
	case err != nil:
		f.Close()
		return nil, "", err
	case len(head) > maxDecoded:
		return stream(io.MultiReader(bytes.NewReader(head), body)), "", nil
	}
	f.Close()
	decoded, err := plaintext.Decode(head, "")
	if err != nil {
		return nil, "the file " + err.Error(), nil
	}
	return io.NopCloser(strings.NewReader(decoded)), "", nil
}

var errTooLarge = errors.New("the table is over 4 GiB")

// atMost reads a text and fails where it is longer than any table is.
type atMost struct {
	r    io.Reader
	left int64
}

func (a *atMost) Read(b []byte) (int, error) {
	if a.left <= 0 {
		return 0, errTooLarge
	}
	n, err := a.r.Read(b[:min(int64(len(b)), a.left)])
	a.left -= int64(n)
	return n, err
}

// data says whether an error of reading is about what the document holds, and
// not a failure of the run: an archive is read from memory.
func (t table) data(err error) bool {
	return err != nil && (t.inside != "" || errors.Is(err, errLineTooLong) || errors.Is(err, errTooLarge))
}

// kind is the shape of a table that has rows and can be unpacked to its end.
func (t table) kind() (string, error) {
	f, why, err := t.text()
	if err != nil || why != "" {
		return "", err
	}
	defer f.Close()
	in := newRecords(f)
	header, err := in.header()
	if err != nil {
		return "", err
	}
	if _, _, err := in.next(); err != nil {
		return "", err
	}
	if _, err := io.Copy(io.Discard, f); err != nil { // its checksum comes last
		return "", err
	}
	return tableLayout(header).kind, nil
}

// table reads the records of one table.
func (r *reading) table(t table) error {
	at, whole := "", "/"
	if t.inside != "" {
		at, whole = t.inside+" ", t.inside
	}
	f, why, err := t.text()
	switch {
	case t.data(err):
		return r.reject(whole, "the file cannot be unpacked: "+err.Error(), nil)
	case err != nil:
		return err
	case why != "":
		return r.reject(whole, "not a table of AIDSinfo: "+why, nil)
	}
	defer f.Close()
	in := newRecords(f)
	header, err := in.header()
	if err != nil && !t.data(err) {
		return err
	}
	l := tableLayout(header)
	if l.kind == "" {
		return r.reject(whole, "not a table of AIDSinfo: the header names no area, time period and data value", nil)
	}
	skipped := map[string]int{}
	ed := editionOf(r.doc, r.index, t.inside, l.kind)
	start, n := len(r.book.records), 0
rows:
	for ; ; n++ {
		if n%1000 == 0 && r.ctx.Err() != nil {
			return r.ctx.Err()
		}
		fields, line, err := in.next()
		if err == io.EOF {
			break
		}
		rec := record{doc: r.doc.SHA256, layout: &l, fields: fields, edition: ed}
		if err == nil && fields != nil && !r.used(&rec, skipped) {
			continue
		}
		rec.locator = fmt.Sprintf("%srow %d", at, line)
		switch {
		case err == nil && fields == nil:
			err = r.reject(rec.locator, fmt.Sprintf("not a row of %d fields", len(header)), nil)
		case err == nil:
			err = r.file(rec)
		case errors.Is(err, errLineTooLong):
			if err := r.reject(rec.locator, "the table cannot be read on: "+err.Error(), nil); err != nil {
				return err
			}
			break rows
		case t.data(err): // any of its digits may be wrong
			r.book.records = r.book.records[:start]
			return r.reject(whole, fmt.Sprintf("the table is damaged at %s, nothing of it is used: %v", rec.locator, err), nil)
		}
		if err != nil {
			return err
		}
	}
	shareBase(r.book.records[start:])
	if n == 0 {
		return r.reject(whole, "the table has no rows", nil)
	}
	return r.skip(skipped)
}

// shareBase gives values at constant prices the year that the names of others in
// the same table state.
func shareBase(records []record) {
	base := ""
	for i := range records {
		if r := &records[i]; base == "" {
			base = r.base
		}
	}
	for i := range records {
		if r := &records[i]; r.base == "" && r.series.unit == constantUSD {
			r.base = base
		}
	}
}

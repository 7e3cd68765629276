package oecdcrs

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"unicode/utf8"
)

// rows reads a table in text, a row at a time: cells separated by one byte,
// perhaps in quotation marks, which are doubled inside. Texts of the system have
// lone quotation marks and line breaks in them, so a mark that does not end a cell
// is part of it, and a row goes on over lines only where that makes it whole: else
// one unclosed mark would swallow the rest of the file.
type rows struct {
	r     *bufio.Reader
	sep   byte
	width int // cells of a row; 0: not known yet
	row   int // of the last row returned, the header is row 1

	ahead  [][]byte // lines read while looking for the end of a row
	failed int      // rows whose open quotation mark closed nowhere
	long   []byte   // a line longer than the reader's buffer
	eof    bool
	whole  bool // the last line had its line break
	cells  [][]byte
	text   []byte // of cells that had to be rewritten
}

// Bounds of one row: no honest text is longer. A table in which a thousand marks
// are not closed is not looked through for their ends any more.
const (
	maxLines  = 100
	maxLine   = 1 << 20
	maxFailed = 1000
)

var errLongLine = errors.New("a line of more than a megabyte: it is no table of the system")

func newRows(r io.Reader, separator byte) *rows {
	return &rows{r: bufio.NewReaderSize(r, 1<<16), sep: separator}
}

// line returns line i of those not used yet, nil at the end. It is valid until
// the next row.
func (t *rows) line(i int) ([]byte, error) {
	for len(t.ahead) <= i && !t.eof {
		line, err := t.read()
		if err != nil {
			return nil, err
		}
		if len(line) > 0 {
			t.ahead = append(t.ahead, bytes.Clone(line))
		}
	}
	if len(t.ahead) <= i {
		return nil, nil
	}
	return t.ahead[i], nil
}

// read reads a line with its line break into a buffer that is used again.
func (t *rows) read() ([]byte, error) {
	line, err := t.r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		t.long = t.long[:0]
		for errors.Is(err, bufio.ErrBufferFull) {
			if t.long = append(t.long, line...); len(t.long) > maxLine {
				return nil, errLongLine
			}
			line, err = t.r.ReadSlice('\n')
		}
		t.long = append(t.long, line...)
		line = t.long
	}
	if errors.Is(err, io.EOF) {
		t.eof, err = true, nil
	}
	if len(line) > 0 {
		t.whole = line[len(line)-1] == '\n'
	}
	return line, err
}

// next returns the next row, whose cells are valid until it is called again, or
// io.EOF. A row may have too few or too many cells: ragged says so.
func (t *rows) next() ([][]byte, error) {
	line, kept, err := t.first()
	if err != nil {
		return nil, err
	}
	if t.row == 0 {
		line = bytes.TrimPrefix(line, []byte("\ufeff"))
	}
	t.row++
	if t.split(line) {
		if kept {
			t.ahead = t.ahead[1:]
		}
		return t.cells, nil
	}
	// A quotation mark is open at the end of the line.
	text := bytes.Clone(line)
	if !kept {
		t.ahead = append(t.ahead, text)
	}
	for i := 1; i < maxLines && len(text) < maxLine && t.failed < maxFailed; i++ {
		more, err := t.line(i)
		if err != nil {
			return nil, err
		}
		if more == nil || t.split(more) && len(t.cells) == t.width {
			break // a line that is a row by itself goes on no other
		}
		text = append(text, more...)
		if !t.split(text) {
			continue
		}
		if t.width == 0 || len(t.cells) == t.width {
			t.ahead = t.ahead[i+1:]
			return t.cells, nil
		}
		break
	}
	t.failed++
	t.split(t.ahead[0]) // it was no row of several lines: read this one as it is
	t.ahead = t.ahead[1:]
	return t.cells, nil
}

// first returns the first line that is not blank, and whether it is one of those
// read ahead.
func (t *rows) first() (line []byte, kept bool, err error) {
	for {
		if kept = len(t.ahead) > 0; kept {
			line = t.ahead[0]
		} else if t.eof {
			return nil, false, io.EOF
		} else if line, err = t.read(); err != nil {
			return nil, false, err
		}
		if len(bytes.TrimRight(line, "\r\n")) > 0 {
			return line, kept, nil
		}
		if kept {
			t.ahead = t.ahead[1:]
		}
	}
}

// ragged says whether the last row has another number of cells than the header.
func (t *rows) ragged() bool { return t.width > 0 && len(t.cells) != t.width }

// brokeOff says whether the last row is the end of a table that was cut off.
func (t *rows) brokeOff() bool {
	return t.eof && len(t.ahead) == 0 && !t.whole && t.width > 0 && len(t.cells) < t.width
}

// split cuts a row into cells, and says whether every quotation mark that opens
// a cell is closed.
func (t *rows) split(row []byte) (closed bool) {
	row = bytes.TrimRight(row, "\r\n")
	t.cells, t.text, closed = t.cells[:0], t.text[:0], true
	for {
		if len(row) > 0 && row[0] == '"' {
			cell, rest, more, ok := t.quoted(row)
			t.cells, closed = append(t.cells, cell), closed && ok
			if !more {
				return closed
			}
			row = rest
			continue
		}
		i := bytes.IndexByte(row, t.sep)
		if i < 0 {
			t.cells = append(t.cells, row)
			return closed
		}
		t.cells = append(t.cells, row[:i])
		row = row[i+1:]
	}
}

// quoted reads a cell that begins with a quotation mark. more says whether
// another cell follows.
func (t *rows) quoted(row []byte) (cell, rest []byte, more, closed bool) {
	from, rewritten := len(t.text), false
	start := 1
	for i := 1; ; {
		j := bytes.IndexByte(row[i:], '"')
		if j < 0 { // never closed
			return row[1:], nil, false, false
		}
		i += j
		switch {
		case i+1 == len(row) || row[i+1] == t.sep:
			cell = row[start:i]
			if rewritten {
				t.text = append(t.text, cell...)
				cell = t.text[from:len(t.text):len(t.text)]
			}
			if i+1 == len(row) {
				return cell, nil, false, true
			}
			return cell, row[i+2:], true, true
		case row[i+1] == '"':
			t.text = append(t.text, row[start:i+1]...)
			start, rewritten = i+2, true
			i += 2
			continue
		}
		i++ // a lone mark
	}
}

// clean is a cell as text: what is no UTF-8 replaced, control characters (0x1A
// stands in texts of the system) as blanks, trimmed.
func clean(cell []byte) string {
	plain := true
	for _, c := range cell {
		if c < 0x20 || c == 0x7f || c >= utf8.RuneSelf {
			plain = false
			break
		}
	}
	if plain {
		return string(bytes.TrimSpace(cell))
	}
	b := bytes.ToValidUTF8(cell, []byte("\uFFFD"))
	b = bytes.Map(func(r rune) rune {
		if r < 0x20 || r >= 0x7f && r < 0xa0 {
			return ' '
		}
		return r
	}, b)
	return string(bytes.TrimSpace(b))
}

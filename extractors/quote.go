package extractors

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ErrNoQuote means that a place in a document cannot be shown as text: the
// document is no text, or its locators are words for people.
var ErrNoQuote = errors.New("the place cannot be quoted")

var (
	rowLocator = regexp.MustCompile(`^row ([1-9][0-9]*)(?:,|$)`)
	pathStep   = regexp.MustCompile(`^([^\[\]]+)(?:\[([1-9][0-9]*)\])?$`)
)

// Quote reads the bytes at a locator of a document: the record of a table
// ("row 12", the header being row 1), the element of an XML document
// ("/iati-activities/iati-activity[3]/budget[1]") or the value of a JSON
// document ("/value/3"). They are as published: whoever shows them takes out
// what must not be shown. Documents come from anywhere: an odd one is
// ErrNoQuote or an error, never a wrong place.
func Quote(document io.Reader, locator string) ([]byte, error) {
	r := bufio.NewReader(document)
	if mark, _ := r.Peek(3); bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		r.Discard(3)
	}
	first, err := firstByte(r)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoQuote, err)
	}
	var quote []byte
	switch m := rowLocator.FindStringSubmatch(locator); {
	case m != nil && first != 'P': // a workbook is a ZIP
		n, err := strconv.Atoi(m[1])
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNoQuote, err)
		}
		quote, err = quoteRow(r, n)
		if err != nil {
			return nil, err
		}
	case strings.HasPrefix(locator, "/") && first == '<':
		quote, err = quoteElement(r, locator)
	case strings.HasPrefix(locator, "/") && (first == '{' || first == '['):
		quote, err = quoteValue(r, locator)
	default:
		return nil, fmt.Errorf("%w: %q", ErrNoQuote, locator)
	}
	if err != nil {
		return nil, err
	}
	if !utf8.Valid(quote) {
		return nil, fmt.Errorf("%w: it is not written in UTF-8", ErrNoQuote)
	}
	return quote, nil
}

// firstByte is the first byte that is no white space.
func firstByte(r *bufio.Reader) (byte, error) {
	for i := 1; i <= 512; i++ {
		b, err := r.Peek(i)
		if err != nil {
			return 0, err
		}
		if c := b[i-1]; c != ' ' && c != '\n' && c != '\r' && c != '\t' {
			return c, nil
		}
	}
	return 0, errors.New("it begins with blanks only")
}

// quoteRow gives record n of a table, whatever its separator: only quotes
// decide where a record ends.
func quoteRow(r io.Reader, n int) ([]byte, error) {
	var raw bytes.Buffer
	records := csv.NewReader(io.TeeReader(r, &raw))
	records.FieldsPerRecord, records.LazyQuotes, records.ReuseRecord = -1, true, true
	var start, dropped int64
	for i := 1; ; i++ {
		start = records.InputOffset()
		raw.Next(int(start - dropped)) // what is behind us
		dropped = start
		if _, err := records.Read(); errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%w: the table has %d rows, not %d", ErrNoQuote, i-1, n)
		} else if err != nil {
			return nil, fmt.Errorf("reading row %d: %w", i, err)
		}
		if i == n {
			return bytes.TrimSpace(bytes.Clone(raw.Bytes()[:records.InputOffset()-start])), nil
		}
	}
}

// quoteElement gives the element an XPath of names and positions leads to.
func quoteElement(r io.Reader, path string) ([]byte, error) {
	type step struct {
		name  string
		n     int
		found int
	}
	var steps []step
	for part := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		m := pathStep.FindStringSubmatch(part)
		if m == nil {
			return nil, fmt.Errorf("%w: %q", ErrNoQuote, path)
		}
		n, _ := strconv.Atoi(m[2])
		steps = append(steps, step{name: m[1], n: max(n, 1)})
	}
	var raw bytes.Buffer
	d := xml.NewDecoder(io.TeeReader(r, &raw))
	var dropped int64
	depth, matched := 0, 0 // depth of the element we are in; how many steps of the path lead to it
	for {
		before := d.InputOffset()
		raw.Next(int(before - dropped))
		dropped = before
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%w: %s is not there", ErrNoQuote, path)
		}
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", path, err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			depth++
			if matched != depth-1 || t.Name.Local != steps[matched].name {
				continue
			}
			if steps[matched].found++; steps[matched].found != steps[matched].n {
				continue
			}
			if matched++; matched < len(steps) {
				steps[matched].found = 0
				continue
			}
			for inside := 1; inside > 0; {
				token, err := d.RawToken()
				if err != nil {
					return nil, fmt.Errorf("reading %s: %w", path, err)
				}
				switch token.(type) {
				case xml.StartElement:
					inside++
				case xml.EndElement:
					inside--
				}
			}
			return bytes.Clone(raw.Bytes()[:d.InputOffset()-before]), nil
		case xml.EndElement:
			if depth--; matched > depth {
				matched = depth
			}
		}
	}
}

// quoteValue gives the value a JSON pointer (RFC 6901) leads to.
func quoteValue(r io.Reader, pointer string) ([]byte, error) {
	var value json.RawMessage
	if err := json.NewDecoder(r).Decode(&value); err != nil {
		return nil, fmt.Errorf("reading %s: %w", pointer, err)
	}
	for key := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		key = strings.NewReplacer("~1", "/", "~0", "~").Replace(key)
		var fields map[string]json.RawMessage
		var items []json.RawMessage
		switch {
		case json.Unmarshal(value, &fields) == nil && fields[key] != nil:
			value = fields[key]
		case json.Unmarshal(value, &items) == nil:
			i, err := strconv.Atoi(key)
			if err != nil || i < 0 || i >= len(items) {
				return nil, fmt.Errorf("%w: %s is not there", ErrNoQuote, pointer)
			}
			value = items[i]
		default:
			return nil, fmt.Errorf("%w: %s is not there", ErrNoQuote, pointer)
		}
	}
	return value, nil
}

package fetch

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// Shape is what an address promises. An answer of another shape, a broken or an
// empty one is refused, whatever its status says.
type Shape string

const (
	Any     Shape = "" // only looked at for being empty
	HTML    Shape = "HTML"
	XML     Shape = "XML"
	JSON    Shape = "JSON"
	CSV     Shape = "CSV"   // a table in text, whatever separates its columns
	ZIP     Shape = "ZIP"   // XLSX too
	Sheet   Shape = "Sheet" // CSV or XLSX
	Parquet Shape = "Parquet"
)

// headSize is how much of an answer is looked at to recognise it.
const headSize = 64 << 10

// Look refuses a body that somebody else retrieved (colly) and that is not what
// was promised.
func Look(shape Shape, body []byte) error {
	if err := checkHead(shape, body[:min(len(body), headSize)]); err != nil {
		return err
	}
	return checkWhole(shape, bytes.NewReader(body), int64(len(body)), false)
}

// checkHead refuses what its first bytes give away.
func checkHead(shape Shape, head []byte) error {
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n")
	if len(text) == 0 {
		return broken("an empty answer")
	}
	switch {
	case shape == HTML || shape == Any:
		return nil
	case shape == Sheet:
		shape = sheetShape(head)
	}
	if pageStart.Match(text[:min(len(text), 2048)]) {
		return Refuse("a web page%s stands where %s was promised", titled(text), shape)
	}
	ok := true
	switch shape {
	case JSON:
		ok = text[0] == '{' || text[0] == '['
	case XML:
		ok = text[0] == '<'
	case ZIP:
		ok = bytes.HasPrefix(head, []byte("PK"))
	case Parquet:
		ok = bytes.HasPrefix(head, []byte("PAR1"))
	case CSV:
		if text[0] == '{' || text[0] == '[' {
			if e := errorMessage(text); e != "" {
				return Refuse("an error message instead of data: %s", e)
			}
		}
	}
	if !ok {
		return Refuse("not %s: it begins with %q", shape, string(text[:min(len(text), 40)]))
	}
	if shape == JSON {
		if e := errorMessage(text); e != "" {
			return Refuse("an error message instead of data: %s", e)
		}
	}
	return nil
}

// pageStart is how a web page begins, behind declarations and comments.
var pageStart = regexp.MustCompile(`(?is)^(<\?xml[^>]*>|<!--.*?-->|\s)*<(!doctype\s+html|html)`)

var titleTag = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)

// titled quotes a page's title: it says which page it is.
func titled(text []byte) string {
	m := titleTag.FindSubmatch(text)
	if m == nil {
		return ""
	}
	return fmt.Sprintf(" titled %q", clip(strings.Join(strings.Fields(string(m[1])), " "), 80))
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}

// errorWords are the keys of an object that says only how a request went.
var errorWords = map[string]bool{
	"error": true, "errors": true, "error_description": true, "errormessage": true, "exception": true, "fault": true, "message": true, "messages": true,
	"name": true, "title": true, "type": true, "detail": true, "details": true, "status": true, "statuscode": true, "code": true, "success": true,
	"timestamp": true, "path": true, "traceid": true, "instance": true,
}

// errorMessage recognises an answer that says only that something went wrong:
// {"name":"Error"}, {"error":…}, [{"message":[…]}].
func errorMessage(text []byte) string {
	if len(text) > 4<<10 { // errors are short
		return ""
	}
	var one map[string]json.RawMessage
	if json.Unmarshal(text, &one) != nil {
		var list []map[string]json.RawMessage
		if json.Unmarshal(text, &list) != nil || len(list) != 1 {
			return ""
		}
		one = list[0]
	}
	wrong := false
	for key, v := range one {
		key = strings.ToLower(key)
		if !errorWords[key] {
			return ""
		}
		said := strings.ToLower(strings.Trim(string(v), `"`))
		switch key {
		case "name", "title", "type", "status", "code", "statuscode":
			wrong = wrong || said == "error"
		case "error", "errors", "errormessage", "exception", "fault", "message", "messages", "detail":
			wrong = wrong || said != "" && said != "null" && said != "[]" && said != "{}" && said != "false"
		}
	}
	if !wrong {
		return ""
	}
	return clip(string(text), 200)
}

func sheetShape(head []byte) Shape {
	if bytes.HasPrefix(head, []byte("PK")) {
		return ZIP
	}
	return CSV
}

// checkWhole refuses a stored answer that is broken, cut off or without content.
func checkWhole(shape Shape, r io.ReaderAt, size int64, mayBeEmpty bool) error {
	if shape == Sheet {
		first := make([]byte, 2)
		n, _ := r.ReadAt(first, 0) //nolint:errcheck // what there is
		shape = sheetShape(first[:n])
	}
	body := func() io.Reader { return io.NewSectionReader(r, 0, size) }
	switch shape {
	case JSON:
		return wholeJSON(body(), mayBeEmpty)
	case XML:
		return wholeXML(tail(r, size, 4<<10))
	case HTML:
		// An end tag may be left out, and never is by what writes pages.
		if end := bytes.ToLower(tail(r, size, headSize)); !bytes.Contains(end, []byte("</html")) && !bytes.Contains(end, []byte("</body")) {
			return broken("the page breaks off: it has no end")
		}
	case CSV:
		return wholeCSV(r, size, mayBeEmpty)
	case ZIP:
		z, err := zip.NewReader(r, size)
		if err != nil {
			return broken("the archive is cut off or damaged: %v", err)
		}
		if len(z.File) == 0 && !mayBeEmpty {
			return broken("the archive has nothing in it")
		}
	case Parquet:
		if size < 12 || !bytes.HasSuffix(tail(r, size, 4), []byte("PAR1")) {
			return broken("the Parquet file is cut off: its end mark is missing")
		}
	}
	return nil
}

func tail(r io.ReaderAt, size, n int64) []byte {
	n = min(n, size)
	b := make([]byte, n)
	k, _ := r.ReadAt(b, size-n) //nolint:errcheck // a shorter tail is checked as it is
	return b[:k]
}

// wholeJSON reads the answer to its end. A list without elements, bare or as the
// only content of an object, is empty.
func wholeJSON(r io.Reader, mayBeEmpty bool) error {
	d := json.NewDecoder(&shortStrings{r: &prefixSkipper{r: r}})
	depth, values, outer := 0, 0, json.Token(nil)
	for n := 0; ; n++ {
		t, err := d.Token()
		if errors.Is(err, io.EOF) && n > 0 && depth == 0 {
			break
		}
		if errors.Is(err, ErrRefused) {
			return err
		}
		if err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				return broken("the JSON breaks off after %d bytes", d.InputOffset())
			}
			return broken("the JSON cannot be read: %v", err)
		}
		// Content is any object or plain value inside another or in a list: the
		// members of the outermost object ("@odata.context") only describe it.
		if n == 0 {
			outer = t
		}
		switch t {
		case json.Delim('['):
			depth++
		case json.Delim('{'):
			if depth++; depth > 1 {
				values++
			}
		case json.Delim(']'), json.Delim('}'):
			depth--
		default:
			if depth > 1 || outer == json.Delim('[') {
				values++
			}
		}
	}
	if values == 0 && !mayBeEmpty {
		return broken("an empty list")
	}
	return nil
}

// longestString is more than any text in a record; a decoder holds one in memory.
const longestString = 16 << 20

// shortStrings refuses a JSON with a string that is too long to be held.
type shortStrings struct {
	r           io.Reader
	in, escaped bool
	n           int
}

func (s *shortStrings) Read(b []byte) (int, error) {
	n, err := s.r.Read(b)
	for _, c := range b[:n] {
		switch {
		case s.escaped:
			s.escaped = false
		case c == '"':
			s.in, s.n = !s.in, 0
		case s.in && c == '\\':
			s.escaped = true
		}
		if s.n++; s.in && s.n > longestString {
			return 0, broken("the JSON has a string of more than %d MB", longestString>>20)
		}
	}
	return n, err
}

// prefixSkipper leaves a byte order mark out.
type prefixSkipper struct {
	r    io.Reader
	done bool
}

func (p *prefixSkipper) Read(b []byte) (int, error) {
	if p.done || len(b) < 3 {
		return p.r.Read(b)
	}
	p.done = true
	n, err := io.ReadAtLeast(p.r, b, 3)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	if bytes.HasPrefix(b[:n], []byte("\ufeff")) {
		n = copy(b, b[3:n])
	}
	return n, err
}

var lastTag = regexp.MustCompile(`</[^<>\s]+\s*>\s*(<!--[^>]*-->\s*)*$`)

func wholeXML(end []byte) error {
	if end = bytes.TrimRight(end, " \t\r\n\x00"); !lastTag.Match(end) && !bytes.HasSuffix(end, []byte("/>")) {
		return broken("the XML breaks off: it ends with %q", string(end[max(0, len(end)-40):]))
	}
	return nil
}

// wholeCSV compares the last line with the first: a table that is cut off ends
// in a line with fewer columns. Quoted lines are left to the source's counts.
func wholeCSV(r io.ReaderAt, size int64, mayBeEmpty bool) error {
	head := make([]byte, min(size, headSize))
	n, _ := r.ReadAt(head, 0) //nolint:errcheck // what there is
	first, rest, more := bytes.Cut(bytes.TrimPrefix(head[:n], []byte("\ufeff")), []byte("\n"))
	if !mayBeEmpty && (!more || len(bytes.TrimSpace(rest)) == 0) {
		return broken("a table without rows")
	}
	end := tail(r, size, headSize)
	if bytes.HasSuffix(end, []byte("\n")) {
		return nil
	}
	last := end[bytes.LastIndexByte(end, '\n')+1:]
	if sep := separator(first); sep != 0 && !bytes.ContainsRune(last, '"') && bytes.Count(last, []byte{sep}) < bytes.Count(first, []byte{sep}) {
		return broken("the table breaks off: its last line has %d of %d columns", bytes.Count(last, []byte{sep})+1, bytes.Count(first, []byte{sep})+1)
	}
	return nil
}

// separator is what most often separates the columns of a header; 0: one column.
func separator(header []byte) (sep byte) {
	most := 0
	for _, s := range []byte{',', ';', '\t', '|'} {
		if n := bytes.Count(header, []byte{s}); n > most {
			sep, most = s, n
		}
	}
	return sep
}

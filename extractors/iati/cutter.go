package iati

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// A cutter divides a document into activities without decoding them, reading it
// once and holding no more than one block and one unfinished activity. It knows
// just enough XML to find where an activity starts and ends: comments, CDATA
// sections, processing instructions, quoted attributes, self-closed elements.
//
// Every byte between the first start tag <iati-activity and the end of the
// document belongs to a piece, to markup around the activities, or to a problem.
type cutter struct {
	r     io.Reader
	block int // bytes read ahead
	limit int // longest activity kept
	carry []byte
	eof   bool
	err   error // reading failed

	skipping bool // inside an activity over the limit
	n        int  // activities begun

	// What was seen around the activities.
	first    string // name of the first element
	root     *root
	doctype  string // name in the document type declaration
	declared bool   // a document type declaration was seen
	closed   bool   // </iati-activities> was seen
	started  bool   // any markup was seen
}

// piece is the bytes of one activity.
type piece struct {
	data  []byte
	index int // 1-based, in the document
	root  *root
	// plain: no comment, CDATA section, processing instruction or declaration
	// in it, so that its text stands in the bytes as it is.
	plain  bool
	broken string // why it is not a whole activity
}

// root is what the activities inherit from the element around them.
type root struct {
	currency, lang string
	prefixes       []string // namespace prefixes it declares
}

const (
	defaultBlock = 1 << 20
	defaultLimit = 64 << 20
)

var (
	activityStart = []byte("<iati-activity")
	activityEnd   = []byte("</iati-activity")
)

func newCutter(r io.Reader, block, limit int) *cutter {
	return &cutter{r: r, block: block, limit: limit, root: &root{}}
}

// next reads the next block into buf (grown when an activity does not fit) and
// returns the pieces that end in it. The pieces point into the returned buffer.
// At the end of the document it returns io.EOF, with the last pieces.
func (c *cutter) next(buf []byte, pieces []piece) ([]byte, []piece, error) {
	buf = append(buf[:0], c.carry...)
	c.carry = c.carry[:0]
	for want := max(c.block, 2*len(buf)); ; want = min(2*want, c.limit+c.block) {
		buf = c.fill(buf, want)
		rest := c.cut(buf, &pieces)
		switch {
		case c.err != nil:
			return buf, pieces, fmt.Errorf("reading document: %w", c.err)
		case c.eof:
			return buf, pieces, io.EOF
		case rest < len(buf) && len(buf)-rest > c.limit:
			c.tooLong(buf[rest:], &pieces)
			return buf, pieces, nil
		case rest > 0:
			c.carry = append(c.carry, buf[rest:]...)
			return buf, pieces, nil
		}
	}
}

func (c *cutter) fill(buf []byte, want int) []byte {
	if cap(buf) < want {
		buf = append(make([]byte, 0, want), buf...)
	}
	n, err := io.ReadFull(c.r, buf[len(buf):want])
	buf = buf[:len(buf)+n]
	switch err {
	case nil:
	case io.EOF, io.ErrUnexpectedEOF:
		c.eof = true
	default:
		c.eof, c.err = true, err
	}
	return buf
}

// tooLong gives up on what b begins with and goes on after its end.
func (c *cutter) tooLong(b []byte, pieces *[]piece) {
	if isName(b, activityStart) {
		c.n++
		if c.first == "" {
			c.first = "iati-activity"
		}
		*pieces = append(*pieces, piece{index: c.n, root: c.root,
			broken: fmt.Sprintf("activity is over %d MB long: %q", c.limit>>20, clip(b, 80))})
	} else {
		*pieces = append(*pieces, piece{root: c.root, broken: fmt.Sprintf("no end within %d MB: %q", c.limit>>20, clip(b, 80))})
	}
	c.skipping = true
	c.carry = append(c.carry, b[len(b)-len(activityEnd):]...)
}

// cut appends the activities of buf to pieces and returns where the first
// unfinished construct begins. At the end of the document nothing is left over:
// an unfinished activity becomes a broken piece.
func (c *cutter) cut(buf []byte, pieces *[]piece) int {
	p := 0
	if c.skipping {
		i := bytes.Index(buf, activityEnd)
		if i < 0 {
			return max(0, len(buf)-len(activityEnd))
		}
		c.skipping = false
		p = i + len(activityEnd)
	}
	for {
		i := bytes.IndexByte(buf[p:], '<')
		if i < 0 {
			return len(buf)
		}
		p += i
		c.started = true
		if isName(buf[p:], activityStart) {
			end, plain, kind := activityLength(buf[p:])
			if kind == cutMore && !c.eof {
				return p
			}
			c.n++
			if c.first == "" {
				c.first = "iati-activity"
			}
			pc := piece{data: buf[p : p+end], index: c.n, root: c.root, plain: plain}
			switch kind {
			case cutMore:
				pc.broken = "the file ends inside this activity"
			case cutNested:
				pc.broken = "the next activity begins before </iati-activity>"
			}
			*pieces = append(*pieces, pc)
			p += end
			continue
		}
		n := markupLength(buf[p:])
		if n == 0 { // unfinished
			if !c.eof {
				return p
			}
			return len(buf)
		}
		c.around(buf[p : p+n])
		p += n
	}
}

// around notes what the markup outside the activities says.
func (c *cutter) around(tag []byte) {
	switch {
	case bytes.HasPrefix(tag, []byte("<?")), bytes.HasPrefix(tag, []byte("<!--")), bytes.HasPrefix(tag, []byte("<![")):
	case bytes.HasPrefix(tag, []byte("<!")):
		c.declared = true
		if f := strings.Fields(string(clip(tag, 200))); len(f) > 1 && strings.EqualFold(f[0], "<!doctype") {
			c.doctype = strings.Trim(f[1], "[>")
		}
	case bytes.HasPrefix(tag, []byte("</")):
		if isName(tag, []byte("</iati-activities")) {
			c.closed = true
		}
	default:
		if c.first == "" {
			c.first = tagName(tag)
		}
		if isName(tag, []byte("<iati-activities")) {
			c.root, c.closed = newRoot(tag), bytes.HasSuffix(tag, []byte("/>"))
		}
	}
}

func tagName(tag []byte) string {
	name := tag[1:]
	if i := bytes.IndexAny(name, " \t\r\n/>"); i >= 0 {
		name = name[:i]
	}
	return string(clip(name, 60))
}

func newRoot(tag []byte) *root {
	r := &root{}
	s := scanner{b: tag}
	ev, err := s.next()
	if err != nil || ev.kind != startElement {
		return r // its activities still stand on their own
	}
	for _, a := range ev.attrs {
		switch name := string(a.name); {
		case name == "default-currency":
			r.currency = strings.TrimSpace(string(a.value))
		case name == "xml:lang":
			r.lang = strings.TrimSpace(string(a.value))
		case strings.HasPrefix(name, "xmlns:"):
			r.prefixes = append(r.prefixes, name[len("xmlns:"):])
		}
	}
	return r
}

type cutKind int

const (
	cutWhole  cutKind = iota
	cutMore           // the activity does not end in these bytes
	cutNested         // another activity starts before it ends
)

// activityLength measures the activity that b begins with.
func activityLength(b []byte) (n int, plain bool, kind cutKind) {
	p := markupLength(b)
	if p == 0 {
		return len(b), false, cutMore
	}
	if b[p-2] == '/' {
		return p, true, cutWhole
	}
	// Where the next tag and the next declarations are is looked up once, not
	// again after each of many comments.
	tag, bang, query := 0, 0, 0
	for plain = true; ; {
		if tag < p {
			tag = indexActivityTag(b, p)
		}
		if bang < p {
			bang = indexMark(b, p, tag, '!')
		}
		if query < p {
			query = indexMark(b, p, tag, '?')
		}
		p = min(tag, bang, query)
		switch {
		case p == len(b):
			return len(b), plain, cutMore
		case p < tag:
			plain = false
			n := markupLength(b[p:])
			if n == 0 {
				return len(b), plain, cutMore
			}
			p += n
		case b[p+1] != '/':
			return p, plain, cutNested
		default:
			i := bytes.IndexByte(b[p:], '>')
			if i < 0 {
				return len(b), plain, cutMore
			}
			return p + i + 1, plain, cutWhole
		}
	}
}

// indexActivityTag finds the start or end tag of an activity at p or later;
// len(b): not there.
func indexActivityTag(b []byte, p int) int {
	for name := activityStart[1:]; ; p += len(name) {
		i := bytes.Index(b[p:], name)
		if i < 0 {
			return len(b)
		}
		p += i
		if p+len(name) == len(b) || !isNameEnd(b[p+len(name)]) {
			continue
		}
		if p > 0 && b[p-1] == '<' {
			return p - 1
		}
		if p > 1 && b[p-1] == '/' && b[p-2] == '<' {
			return p - 2
		}
	}
}

// indexMark finds '<' followed by c between p and end; len(b): not there.
func indexMark(b []byte, p, end int, c byte) int {
	for q := p + 1; q < end; q++ {
		i := bytes.IndexByte(b[q:end], c)
		if i < 0 {
			break
		}
		if q += i; b[q-1] == '<' {
			return q - 1
		}
	}
	return len(b)
}

// markupLength measures the tag, comment, CDATA section, processing instruction
// or declaration that b begins with; 0: it does not end in b.
func markupLength(b []byte) int {
	until := func(from int, end string) int {
		if len(b) < from {
			return 0
		}
		if i := bytes.Index(b[from:], []byte(end)); i >= 0 {
			return from + i + len(end)
		}
		return 0
	}
	switch {
	case len(b) < 9 && !bytes.ContainsRune(b, '>'):
		return 0
	case bytes.HasPrefix(b, []byte("<!--")):
		return until(4, "-->")
	case bytes.HasPrefix(b, []byte("<![CDATA[")):
		return until(9, "]]>")
	case bytes.HasPrefix(b, []byte("<?")):
		return until(2, "?>")
	}
	declaration := bytes.HasPrefix(b, []byte("<!"))
	depth, quote := 0, byte(0)
	for i := 1; i < len(b); i++ {
		switch c := b[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '[' && declaration:
			depth++
		case c == ']' && declaration:
			depth--
		case c == '>' && depth <= 0:
			return i + 1
		}
	}
	return 0
}

// isName reports whether b begins with tag as a whole name.
func isName(b, tag []byte) bool {
	return bytes.HasPrefix(b, tag) && len(b) > len(tag) && isNameEnd(b[len(tag)])
}

func isNameEnd(c byte) bool {
	return c == '>' || c == '/' || c == ' ' || c == '\n' || c == '\t' || c == '\r'
}

// clip returns at most n bytes of b.
func clip(b []byte, n int) []byte { return b[:min(n, len(b))] }

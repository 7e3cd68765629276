package iati

import (
	"bytes"
	"errors"
	"strconv"
	"unicode/utf8"
)

// events is a pull parser over the bytes of one activity.
type events interface {
	// next returns io.EOF at the end. What it returns holds until the next call.
	next() (event, error)
}

type event struct {
	kind   eventKind
	prefix []byte // namespace prefix as written, "" for IATI's own elements
	name   []byte
	attrs  []attr
	text   []byte
}

type eventKind uint8

const (
	endOfInput eventKind = iota
	startElement
	endElement
	charData
)

// attr is an attribute; name keeps its prefix ("xml:lang"), which is its first
// colon bytes; 0: it has none.
type attr struct {
	name, value []byte
	colon       int
}

// errUnusual sends an activity to encoding/xml: for what is rare in IATI, and
// for everything that looks wrong, so that there is one judge of what is XML.
var errUnusual = errors.New("left to encoding/xml")

// scanner reads the part of XML that IATI files are written in: elements,
// attributes, text, the five named entities, character references, CDATA
// sections, comments. Whatever it accepts, encoding/xml accepts too, with the
// same result; anything else is errUnusual.
type scanner struct {
	b     []byte
	p     int
	attrs []attr

	// A self-closed element, whose end comes next.
	selfClosed              bool
	openPrefix, openElement []byte

	// replaced holds texts that do not stand in b as they read. It only grows:
	// earlier texts stay valid.
	replaced []byte
}

// reset makes the scanner ready for b; everything it returned before is void.
func (s *scanner) reset(b []byte) {
	*s = scanner{b: b, attrs: s.attrs[:0], replaced: s.replaced[:0]}
}

// class of a byte in text.
const (
	plainText = iota
	special
)

// textClass marks the bytes at which text needs a closer look: markup, an
// entity, a carriage return, a control character, "]" (of "]]>"), and the first
// byte of U+FFFE and U+FFFF.
var textClass = func() (t [256]uint8) {
	for c := range 0x20 {
		t[c] = special
	}
	t['\n'], t['\t'] = plainText, plainText
	for _, c := range []byte{'<', '&', ']', 0xEF, '"', '\''} {
		t[c] = special
	}
	return t
}()

// nameClass marks ASCII name bytes: 1 may start a name, 2 may follow.
var nameClass = func() (t [256]uint8) {
	for c := range 256 {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_':
			t[c] = 1
		case c >= '0' && c <= '9', c == '-', c == '.':
			t[c] = 2
		}
	}
	return t
}()

func (s *scanner) next() (event, error) {
	if s.selfClosed {
		s.selfClosed = false
		return event{kind: endElement, prefix: s.openPrefix, name: s.openElement}, nil
	}
	for s.p < len(s.b) {
		if s.b[s.p] != '<' {
			text, err := s.text('<')
			return event{kind: charData, text: text}, err
		}
		if s.p+1 >= len(s.b) {
			return event{}, errUnusual
		}
		switch s.b[s.p+1] {
		case '/':
			return s.end()
		case '?':
			return event{}, errUnusual
		case '!':
			switch rest := s.b[s.p:]; {
			case bytes.HasPrefix(rest, []byte("<!--")):
				i := bytes.Index(rest[4:], []byte("--"))
				if i < 0 || len(rest) < 4+i+3 || rest[4+i+2] != '>' {
					return event{}, errUnusual
				}
				s.p += 4 + i + 3
				continue
			case bytes.HasPrefix(rest, []byte("<![CDATA[")):
				return s.cdata(rest[9:])
			}
			return event{}, errUnusual
		}
		return s.start()
	}
	return event{kind: endOfInput}, nil
}

func (s *scanner) cdata(b []byte) (event, error) {
	i := bytes.Index(b, []byte("]]>"))
	if i < 0 {
		return event{}, errUnusual
	}
	text, returns := b[:i], false
	for _, c := range text {
		switch {
		case c == '\r':
			returns = true
		case c < 0x20 && c != '\n' && c != '\t' || c == 0xEF:
			return event{}, errUnusual
		}
	}
	if returns {
		from := len(s.replaced)
		for i, c := range text {
			switch {
			case c == '\r':
				c = '\n'
			case c == '\n' && i > 0 && text[i-1] == '\r':
				continue
			}
			s.replaced = append(s.replaced, c)
		}
		text = s.replaced[from:]
	}
	s.p += 9 + i + 3
	return event{kind: charData, text: text}, nil
}

// name reads a name with at most one colon, inside it.
func (s *scanner) name() (prefix, local []byte, ok bool) {
	from := s.p
	for i := 0; ; i++ {
		at := s.p
		for s.p < len(s.b) && nameClass[s.b[s.p]] != 0 {
			s.p++
		}
		if s.p == at || nameClass[s.b[at]] != 1 || s.p == len(s.b) {
			return nil, nil, false
		}
		if s.b[s.p] != ':' {
			if s.b[s.p] >= utf8.RuneSelf {
				return nil, nil, false
			}
			return prefix, s.b[at:s.p], true
		}
		if i > 0 {
			return nil, nil, false
		}
		prefix = s.b[from:s.p]
		s.p++
	}
}

func (s *scanner) space() bool {
	from := s.p
	for s.p < len(s.b) {
		switch s.b[s.p] {
		case ' ', '\n', '\t', '\r':
			s.p++
			continue
		}
		break
	}
	return s.p > from
}

func (s *scanner) end() (event, error) {
	s.p += 2
	prefix, name, ok := s.name()
	if !ok {
		return event{}, errUnusual
	}
	s.space()
	if s.p >= len(s.b) || s.b[s.p] != '>' {
		return event{}, errUnusual
	}
	s.p++
	return event{kind: endElement, prefix: prefix, name: name}, nil
}

func (s *scanner) start() (event, error) {
	s.p++
	prefix, name, ok := s.name()
	if !ok {
		return event{}, errUnusual
	}
	s.attrs = s.attrs[:0]
	for {
		spaced := s.space()
		if s.p >= len(s.b) {
			return event{}, errUnusual
		}
		switch s.b[s.p] {
		case '>':
			s.p++
			return event{kind: startElement, prefix: prefix, name: name, attrs: s.attrs}, nil
		case '/':
			if s.p+1 >= len(s.b) || s.b[s.p+1] != '>' {
				return event{}, errUnusual
			}
			s.p += 2
			s.selfClosed, s.openPrefix, s.openElement = true, prefix, name
			return event{kind: startElement, prefix: prefix, name: name, attrs: s.attrs}, nil
		}
		if !spaced {
			return event{}, errUnusual
		}
		from := s.p
		prefix, _, ok := s.name()
		if !ok {
			return event{}, errUnusual
		}
		a := attr{name: s.b[from:s.p], colon: len(prefix)}
		s.space()
		if s.p >= len(s.b) || s.b[s.p] != '=' {
			return event{}, errUnusual
		}
		s.p++
		s.space()
		if s.p >= len(s.b) || s.b[s.p] != '"' && s.b[s.p] != '\'' {
			return event{}, errUnusual
		}
		quote := s.b[s.p]
		s.p++
		var err error
		if a.value, err = s.text(quote); err != nil {
			return event{}, err
		}
		if s.p >= len(s.b) || s.b[s.p] != quote {
			return event{}, errUnusual
		}
		s.p++
		s.attrs = append(s.attrs, a)
	}
}

// text reads up to the byte until ('<', or the quote of an attribute), resolves
// references and makes every line end "\n". Without any, the result points into
// the input.
func (s *scanner) text(until byte) ([]byte, error) {
	from, kept := s.p, -1 // kept: where the text starts in s.replaced
	for s.p < len(s.b) {
		c := s.b[s.p]
		if textClass[c] == plainText {
			s.p++
			continue
		}
		if c == until {
			break
		}
		switch {
		case c == '"', c == '\'':
			s.p++
		case c == ']' && (until != '<' || !bytes.HasPrefix(s.b[s.p:], []byte("]]>"))):
			s.p++
		case c == 0xEF && s.p+2 < len(s.b) && (s.b[s.p+1] != 0xBF || s.b[s.p+2] < 0xBE):
			s.p++
		case c == '&', c == '\r':
			r, n := '\n', 1
			if c == '&' {
				if r, n = reference(s.b[s.p:]); n == 0 {
					return nil, errUnusual
				}
			} else if s.p+1 < len(s.b) && s.b[s.p+1] == '\n' {
				n = 2
			}
			if kept < 0 {
				kept = len(s.replaced)
			}
			s.replaced = append(s.replaced, s.b[from:s.p]...)
			s.replaced = utf8.AppendRune(s.replaced, r)
			s.p += n
			from = s.p
		default: // '<' in an attribute, "]]>", control characters
			return nil, errUnusual
		}
	}
	if s.p == len(s.b) && until != '<' {
		return nil, errUnusual
	}
	if kept < 0 {
		return s.b[from:s.p], nil
	}
	s.replaced = append(s.replaced, s.b[from:s.p]...)
	return s.replaced[kept:], nil
}

// reference resolves the entity or character reference that b begins with.
func reference(b []byte) (rune, int) {
	i := bytes.IndexByte(clip(b, 12), ';')
	if i < 2 {
		return 0, 0
	}
	name := b[1:i]
	switch string(name) {
	case "amp":
		return '&', i + 1
	case "lt":
		return '<', i + 1
	case "gt":
		return '>', i + 1
	case "quot":
		return '"', i + 1
	case "apos":
		return '\'', i + 1
	}
	if name[0] != '#' || len(name) < 2 {
		return 0, 0
	}
	digits, base := string(name[1:]), 10
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	r := rune(n)
	// Only what XML calls a character, and no references to control characters.
	if err != nil || n > utf8.MaxRune || !utf8.ValidRune(r) || r < 0x20 && r != '\n' && r != '\t' && r != '\r' || r >= 0xFFFE && r <= 0xFFFF {
		return 0, 0
	}
	return r, i + 1
}

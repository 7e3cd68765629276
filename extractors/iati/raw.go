package iati

import (
	"bytes"
	"unicode/utf8"

	"hrinvest/extractors"
)

// maxQuoted bounds the different names quoted of one element; IATI has fewer than
// twenty. A file made to be slow is not quoted whole.
const maxQuoted = 100

// appendRaw appends an element as JSON: attributes as "@name", the text as
// "#text", children by name, several of one name as an array. An element with
// nothing but text is a string. extra is one more attribute, from the activity.
func (t *tree) appendRaw(out []byte, n int32, extra ...attr) []byte {
	nd := &t.nodes[n]
	if nd.from == nd.to && nd.child == 0 && len(extra) == 0 {
		return appendString(out, "", nd.text)
	}
	out = append(out, '{')
	sep := func() {
		if out[len(out)-1] != '{' {
			out = append(out, ',')
		}
	}
	for _, list := range [...][]attr{t.attrs[nd.from:nd.to], extra} {
		for i, a := range list {
			if i > 0 && hasAttr(list[:i], a.name) {
				continue
			}
			sep()
			out = appendString(out, "@", a.name)
			out = append(out, ':')
			out = appendString(out, "", bytes.TrimSpace(a.value))
		}
	}
	if len(nd.text) > 0 {
		sep()
		out = append(out, `"#text":`...)
		out = appendString(out, "", nd.text)
	}
	names := 0
	for c := nd.child; c != 0 && names < maxQuoted; c = t.nodes[c].sib {
		name := t.nodes[c].name
		if t.childBefore(n, c, name) {
			continue // quoted with the first of its name
		}
		names++
		sep()
		out = appendString(out, "", name)
		out = append(out, ':')
		many := t.childAfter(c, name) != 0
		if many {
			out = append(out, '[')
		}
		out = t.appendRaw(out, c)
		if many {
			for s := t.childAfter(c, name); s != 0; s = t.childAfter(s, name) {
				out = append(out, ',')
				out = t.appendRaw(out, s)
			}
			out = append(out, ']')
		}
	}
	return append(out, '}')
}

func hasAttr(list []attr, name []byte) bool {
	for _, a := range list {
		if bytes.Equal(a.name, name) {
			return true
		}
	}
	return false
}

// childBefore reports whether a child of n before c has the name.
func (t *tree) childBefore(n, c int32, name []byte) bool {
	for s := t.nodes[n].child; s != c; s = t.nodes[s].sib {
		if bytes.Equal(t.nodes[s].name, name) {
			return true
		}
	}
	return false
}

func (t *tree) childAfter(c int32, name []byte) int32 {
	for s := t.nodes[c].sib; s != 0; s = t.nodes[s].sib {
		if bytes.Equal(t.nodes[s].name, name) {
			return s
		}
	}
	return 0
}

// appendString appends a JSON string, e-mail addresses removed.
func appendString(out []byte, prefix string, b []byte) []byte {
	b = withoutMail(b)
	out = append(out, '"')
	out = append(out, prefix...)
	from := 0
	for i := 0; i < len(b); i++ {
		c := b[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		out = append(out, b[from:i]...)
		switch c {
		case '"', '\\':
			out = append(out, '\\', c)
		case '\n':
			out = append(out, `\n`...)
		case '\t':
			out = append(out, `\t`...)
		default:
			const hex = "0123456789abcdef"
			out = append(out, `\u00`...)
			out = append(out, hex[c>>4], hex[c&15])
		}
		from = i + 1
	}
	out = append(out, b[from:]...)
	return append(out, '"')
}

const mailRemoved = "[e-mail removed]"

// withoutMail replaces e-mail addresses: they name persons, and say nothing
// about money.
func withoutMail(b []byte) []byte {
	at := bytes.IndexByte(b, '@')
	if at < 0 {
		return b
	}
	var out []byte
	for at >= 0 {
		from, to := at, at+1
		for from > 0 && mailByte(b[from-1]) {
			from--
		}
		for to < len(b) && mailByte(b[to]) {
			to++
		}
		if domain := bytes.TrimRight(b[at+1:to], "."); from < at && bytes.IndexByte(domain, '.') > 0 {
			out = append(append(out, b[:from]...), mailRemoved...)
			b = b[at+1+len(domain):]
		} else {
			out = append(out, b[:at+1]...)
			b = b[at+1:]
		}
		at = bytes.IndexByte(b, '@')
	}
	return append(out, b...)
}

func mailByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
		c == '.' || c == '-' || c == '_' || c == '+' || c == '%' || c >= utf8.RuneSelf
}

// countryCodes are the countries that an activity which cannot be decoded says it
// is for, as far as can be seen.
func countryCodes(b []byte) (list []extractors.Share) {
	for len(list) < maxQuoted {
		_, rest, ok := bytes.Cut(b, []byte("<recipient-country"))
		if !ok {
			break
		}
		tag, _, _ := bytes.Cut(clip(rest, 500), []byte(">"))
		if _, code, ok := bytes.Cut(tag, []byte("code=")); ok && len(code) > 3 {
			list = append(list, extractors.Share{Vocabulary: "iso2", Code: string(bytes.ToUpper(code[1:3]))})
		}
		b = rest
	}
	return list
}

// rawExcerpt quotes what can be told of an activity that cannot be decoded: its
// identifier. Nothing else, for there may be persons in it.
func rawExcerpt(b []byte) []byte {
	_, rest, ok := bytes.Cut(b, []byte("<iati-identifier"))
	if !ok {
		return nil
	}
	_, rest, ok = bytes.Cut(clip(rest, 500), []byte(">"))
	if !ok {
		return nil
	}
	id, _, ok := bytes.Cut(rest, []byte("<"))
	if !ok {
		return nil
	}
	out := appendString([]byte(`{"iati-identifier":`), "", bytes.ToValidUTF8(bytes.TrimSpace(id), []byte("\uFFFD")))
	return append(out, '}')
}

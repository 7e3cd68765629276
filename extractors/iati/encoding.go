package iati

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

var declaredEncoding = regexp.MustCompile(`^<\?xml[^>]{0,200}encoding\s*=\s*["']([A-Za-z0-9._:-]+)["']`)

// utf8Reader returns a document's text as UTF-8, without byte order mark. Its
// encoding is told by the byte order mark, by the zero bytes of UTF-16 without
// one, or by the XML declaration. A file that calls itself UTF-16 in plain
// bytes is read as what its bytes say.
func utf8Reader(r io.Reader) (io.Reader, error) {
	br := bufio.NewReaderSize(r, 64<<10)
	head, err := br.Peek(1024)
	if err != nil && err != io.EOF && err != bufio.ErrBufferFull {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xEF\xBB\xBF")):
		_, err := br.Discard(3)
		return br, err
	case bytes.HasPrefix(head, []byte("\xFE\xFF")), bytes.HasPrefix(head, []byte("\xFF\xFE")):
		return transform.NewReader(br, unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder()), nil
	case bytes.HasPrefix(head, []byte("\x00<")):
		return transform.NewReader(br, unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewDecoder()), nil
	case bytes.HasPrefix(head, []byte("<\x00")):
		return transform.NewReader(br, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewDecoder()), nil
	}
	m := declaredEncoding.FindSubmatch(bytes.TrimLeft(head, " \t\r\n"))
	if m == nil {
		return br, nil
	}
	label := strings.ToLower(string(m[1]))
	if strings.HasPrefix(label, "utf") || strings.HasPrefix(label, "ucs") || label == "us-ascii" {
		return br, nil
	}
	e, name := charset.Lookup(label)
	if e == nil {
		return nil, fmt.Errorf("unknown encoding %q", label)
	}
	if name == "utf-8" {
		return br, nil
	}
	return transform.NewReader(br, e.NewDecoder()), nil
}

package plaintext

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// ErrBinary: the bytes are not text.
var ErrBinary = errors.New("is not text")

// Decode turns the bytes of a text file into UTF-8. label is a character set
// somebody named for it, or "": it is only believed when the bytes do not speak
// for themselves, since servers of the region send UTF-8 labelled windows-1251.
// In order: a byte order mark; valid UTF-8; UTF-8 with a few damaged bytes
// (kept, as U+FFFD); the label; windows-1251, which the region's spreadsheets
// save.
func Decode(b []byte, label string) (string, error) {
	switch {
	case bytes.HasPrefix(b, []byte{0xef, 0xbb, 0xbf}):
		b = b[3:]
		return string(bytes.ToValidUTF8(b, []byte("\ufffd"))), noNUL(b)
	case bytes.HasPrefix(b, []byte{0xff, 0xfe}), bytes.HasPrefix(b, []byte{0xfe, 0xff}):
		out, err := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Bytes(b)
		if err != nil {
			return "", fmt.Errorf("decoding UTF-16: %w", err)
		}
		return string(out), noNUL(out)
	}
	if err := noNUL(b); err != nil {
		return "", err
	}
	good, bad := multibyte(b)
	switch {
	case bad == 0:
		return string(b), nil
	case good > bad:
		return string(bytes.ToValidUTF8(b, []byte("\ufffd"))), nil
	}
	if e, name := charset.Lookup(label); e != nil && name != "utf-8" {
		out, err := e.NewDecoder().Bytes(b)
		if err != nil {
			return "", fmt.Errorf("decoding %s: %w", name, err)
		}
		return string(out), nil
	}
	out, err := charmap.Windows1251.NewDecoder().Bytes(b)
	if err != nil {
		return "", fmt.Errorf("decoding windows-1251: %w", err)
	}
	return string(out), nil
}

func noNUL(b []byte) error {
	if bytes.IndexByte(b, 0) >= 0 {
		return ErrBinary
	}
	return nil
}

// multibyte counts the valid characters beyond ASCII and the invalid bytes. Text
// of windows-1251 read as UTF-8 has nearly none of the former.
func multibyte(b []byte) (good, bad int) {
	for len(b) > 0 {
		if b[0] < utf8.RuneSelf {
			b = b[1:]
			continue
		}
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			bad++
		} else {
			good++
		}
		b = b[n:]
	}
	return good, bad
}

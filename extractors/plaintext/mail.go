package plaintext

import (
	"strings"
	"unicode/utf8"
)

// WithoutMail replaces addresses of mail by Removed, also in an address of the web
// ("?to=a%40example.org") and in the text of JSON, which stays JSON. It is quick
// where there is none, for every text of a release passes it.
func WithoutMail(s string) string {
	at, width := mailSign(s)
	if at < 0 {
		return s
	}
	var out strings.Builder
	for ; at >= 0; at, width = mailSign(s) {
		from, to := at, at+width
		for from > 0 && mailByte(s[from-1]) {
			from--
		}
		if from > 0 && s[from-1] == '\\' { // an escape of JSON: \n, \u003c
			escape := 1
			if s[from] == 'u' {
				escape = len("u003c")
			}
			from += min(at-from, escape)
		}
		for to < len(s) && mailByte(s[to]) {
			to++
		}
		if domain := strings.TrimRight(s[at+width:to], "."); from < at && strings.IndexByte(domain, '.') > 0 {
			out.WriteString(s[:from])
			out.WriteString(Removed)
			s = s[at+width+len(domain):]
			continue
		}
		out.WriteString(s[:at+width])
		s = s[at+width:]
	}
	out.WriteString(s)
	return out.String()
}

// WithoutMailURL is WithoutMail for an address of the web, which stays one.
func WithoutMailURL(s string) string {
	return strings.ReplaceAll(WithoutMail(s), Removed, "removed")
}

// HasMail says whether a text may hold an address of mail. An attribute's name in
// JSON ("@code") is none.
func HasMail(b []byte) bool {
	for i, c := range b {
		if c == '@' && i > 0 && mailByte(b[i-1]) || c == '%' && i+2 < len(b) && b[i+1] == '4' && b[i+2] == '0' {
			return true
		}
	}
	return false
}

// mailSign finds the first @, plain or encoded for an address; -1: there is none.
func mailSign(s string) (at, width int) {
	plain, encoded := strings.IndexByte(s, '@'), -1
	if strings.IndexByte(s, '%') >= 0 {
		encoded = strings.Index(s, "%40")
	}
	if encoded >= 0 && (plain < 0 || encoded < plain) {
		return encoded, len("%40")
	}
	return plain, 1
}

func mailByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
		c == '.' || c == '-' || c == '_' || c == '+' || c == '%' || c >= utf8.RuneSelf
}

package oecdcrs

import (
	"regexp"
	"strings"
)

// Contacts of persons stand in descriptions now and then. They say nothing of
// money.
var (
	mail  = regexp.MustCompile(`[\pL\pN._%+-]+@[\pL\pN-]+(\.[\pL\pN-]+)+`)
	phone = regexp.MustCompile(`(?i)\b(tel|telephone|phone|fax|mobile)\b[.:]?\s*\+?[\d() ./-]{6,}\d|\+\d[\d() ./-]{7,}\d`)
)

// withoutContacts replaces e-mail addresses and telephone numbers.
func withoutContacts(text string) string {
	for strings.IndexByte(text, '@') >= 0 && mail.MatchString(text) {
		text = mail.ReplaceAllString(text, "[e-mail removed]")
	}
	for maybePhone(text) && phone.MatchString(text) { // what is left may be one again
		text = phone.ReplaceAllString(text, "[telephone removed]")
	}
	return text
}

// maybePhone is never false where the pattern fits, and much faster.
func maybePhone(text string) bool {
	for i := range len(text) {
		var word string
		switch text[i] | 0x20 {
		case '+' | 0x20:
			return true
		case 't':
			word = "tel"
		case 'p':
			word = "phone"
		case 'f':
			word = "fax"
		case 'm':
			word = "mobile"
		default:
			continue
		}
		if len(text) >= i+len(word) && strings.EqualFold(text[i:i+len(word)], word) {
			return true
		}
	}
	return false
}

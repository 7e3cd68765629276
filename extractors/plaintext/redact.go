package plaintext

import (
	"regexp"
	"strings"
)

// Redactor takes contact details out of free text: addresses of mail and
// telephone numbers, which must not enter the warehouse even inside a quote.
// The zero value is not usable; NewRedactor compiles it.
type Redactor struct{ mail, phone *regexp.Regexp }

// NewRedactor returns a Redactor.
func NewRedactor() *Redactor {
	return &Redactor{
		mail: regexp.MustCompile(`(?i)[\pL\d._%+-]+\s?(?:@|\[at\]|\(at\))\s?[\pL\d-]+(?:\.[\pL\d-]+)+`),
		// An amount is never written with a leading plus, nor after "tel.".
		phone: regexp.MustCompile(`(?i)(?:\+[\s\d().-]{8,}\d|\b(?:tel|phone|fax|mob)[a-z]*\.?:?\s*[\d(][\s\d().-]{4,}\d|(?:тел|факс|моб)[а-я]*\.?:?\s*[\d(][\s\d().-]{4,}\d)`),
	}
}

// Removed stands where a contact detail was.
const Removed = "[contact removed]"

// Text returns s without contact details, and whether there were any.
func (r *Redactor) Text(s string) (string, bool) {
	if !strings.ContainsAny(s, "@+0123456789[(") {
		return s, false
	}
	out := r.phone.ReplaceAllString(r.mail.ReplaceAllString(s, Removed), Removed)
	return out, out != s
}

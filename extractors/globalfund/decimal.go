package globalfund

import (
	"regexp"
	"strconv"
	"strings"
)

// scientific is a number with an exponent, as programs write the dust of floating
// point: -1.98951966012828e-13.
var scientific = regexp.MustCompile(`^([+-]?)(\d*)(?:\.(\d*))?[eE]([+-]?\d{1,3})$`)

// plain writes a number with an exponent as plain decimal text: it moves the
// point and keeps every digit. Any other text stays as it is.
func plain(s string) string {
	m := scientific.FindStringSubmatch(s)
	if m == nil || m[2]+m[3] == "" {
		return s
	}
	shift, err := strconv.Atoi(m[4])
	if err != nil {
		return s
	}
	digits, point := m[2]+m[3], len(m[2])+shift
	switch {
	case point <= 0:
		digits, point = strings.Repeat("0", 1-point)+digits, 1
	case point > len(digits):
		digits += strings.Repeat("0", point-len(digits))
	}
	whole, fraction := strings.TrimLeft(digits[:point], "0"), digits[point:]
	if whole == "" {
		whole = "0"
	}
	if fraction != "" {
		fraction = "." + fraction
	}
	return strings.TrimPrefix(m[1], "+") + whole + fraction
}

package plaintext

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// ErrNotNumber: the text is not a figure.
var ErrNotNumber = errors.New("is not a number")

// ErrAmbiguous: the text is a figure that reads in two ways: "1,455" is 1455 in
// London and 1.455 in Bishkek. Its error says how to write either.
var ErrAmbiguous = errors.New("can be read in two ways")

// AmbiguousError is the error of Number for a figure with two readings.
// It wraps ErrAmbiguous.
type AmbiguousError struct{ Grouped, Decimal string }

func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("%v: write %s or %s", ErrAmbiguous, e.Grouped, e.Decimal)
}

func (e *AmbiguousError) Unwrap() error { return ErrAmbiguous }

// Number rewrites a figure as plain decimal text: an optional minus, digits, an
// optional point and digits ("1 455 000" is 1455000, "86 454,2" is 86454.2,
// "1,455,000.50" is 1455000.50). Digits are kept as written, trailing zeros
// among them. Groups may be parted by blanks of any kind, apostrophes, commas
// or points. A single comma before three digits is ambiguous, unless what
// stands before it cannot be a group of thousands ("0,455", "1455,000",
// "1 455,000"). A single point is a decimal point.
func Number(s string) (string, error) { return number(s, false) }

// Decimal is Number for a figure that has a magnitude word ("1,199 billion"):
// its single comma is a decimal comma.
func Decimal(s string) (string, error) { return number(s, true) }

func number(s string, comma bool) (string, error) {
	t := strings.TrimFunc(s, unicode.IsSpace)
	sign := ""
	for _, minus := range []string{"-", "−"} {
		if rest, ok := strings.CutPrefix(t, minus); ok {
			t, sign = strings.TrimLeftFunc(rest, unicode.IsSpace), "-"
			break
		}
	}
	runes := []rune(t)
	if len(runes) == 0 || len(runes) > 60 || !digit(runes[0]) || !digit(runes[len(runes)-1]) {
		return "", ErrNotNumber
	}
	// cut into runs of digits and the separators between them
	var parts []string
	var seps []rune
	start := 0
	for i, r := range runes {
		if digit(r) {
			continue
		}
		if i == start {
			return "", ErrNotNumber // two separators in a row
		}
		sep, ok := separator(r)
		if !ok {
			return "", ErrNotNumber
		}
		parts, seps, start = append(parts, string(runes[start:i])), append(seps, sep), i+1
	}
	parts = append(parts, string(runes[start:]))

	n := len(seps)
	if n == 0 {
		return sign + parts[0], nil
	}
	last := seps[n-1]
	count := 0
	for _, s := range seps {
		if s == last {
			count++
		}
	}
	groups := seps
	if (last == ',' || last == '.') && count == 1 { // may be the decimal mark
		groups = seps[:n-1]
		if n == 1 {
			switch {
			case last == '.', comma, len(parts[1]) != 3, len(parts[0]) > 3, parts[0][0] == '0':
			default:
				return "", &AmbiguousError{sign + parts[0] + parts[1], sign + parts[0] + "." + parts[1]}
			}
		}
	}
	whole := parts[:len(groups)+1]
	if len(groups) > 0 {
		if len(whole[0]) > 3 || whole[0][0] == '0' {
			return "", ErrNotNumber
		}
		for i, g := range whole[1:] {
			if len(g) != 3 || groups[i] != groups[0] {
				return "", ErrNotNumber
			}
		}
	}
	out := sign + strings.Join(whole, "")
	if len(groups) < n {
		out += "." + parts[n]
	}
	return out, nil
}

func digit(r rune) bool { return r >= '0' && r <= '9' }

// separator maps blanks to one and apostrophes to another; 0x2009 and 0x202f are
// the thin spaces typesetters use between thousands, 0xa0 the blank that holds.
func separator(r rune) (rune, bool) {
	switch {
	case r == ',' || r == '.':
		return r, true
	case r == '\'' || r == '’':
		return '\'', true
	case unicode.IsSpace(r):
		return ' ', true
	}
	return 0, false
}

// Shift multiplies plain decimal text by ten to the n: "1.199" shifted by 9 is
// 1199000000. Nothing is rounded.
func Shift(plain string, n int) string {
	sign := ""
	if rest, ok := strings.CutPrefix(plain, "-"); ok {
		plain, sign = rest, "-"
	}
	whole, frac, _ := strings.Cut(plain, ".")
	digits := whole + frac
	point := len(whole) + n
	switch {
	case point <= 0:
		digits, point = strings.Repeat("0", 1-point)+digits, 1
	case point > len(digits):
		digits += strings.Repeat("0", point-len(digits))
	}
	whole = strings.TrimLeft(digits[:point], "0")
	if whole == "" {
		whole = "0"
	}
	if frac = digits[point:]; n > 0 {
		frac = strings.TrimRight(frac, "0")
	}
	if frac != "" {
		whole += "." + frac
	}
	return sign + whole
}

// Stored reads the text of a number as a workbook stores it: with a decimal
// point and perhaps an exponent ("1.8061192E7"). Spreadsheets keep fifteen
// significant digits and write up to seventeen, so 86454.2 may be stored as
// 86454.199999999997: what lies beyond the fifteenth is rounded off, half to
// even, and rounded tells so.
func Stored(s string) (plain string, rounded bool, err error) {
	mantissa, exp := strings.TrimSpace(s), 0
	if i := strings.IndexAny(mantissa, "eE"); i >= 0 {
		var rest string
		if n, err := fmt.Sscanf(mantissa[i+1:]+"|", "%d%s", &exp, &rest); n != 2 || err != nil || rest != "|" || exp > 40 || exp < -40 {
			return "", false, ErrNotNumber
		}
		mantissa = mantissa[:i]
	}
	for _, r := range strings.TrimPrefix(mantissa, "-") {
		if !digit(r) && r != '.' {
			return "", false, ErrNotNumber
		}
	}
	if mantissa, err = Number(mantissa); err != nil {
		return "", false, err
	}
	plain = mantissa
	if exp != 0 {
		plain = Shift(mantissa, exp)
	}
	plain, rounded = significant(plain, 15)
	return plain, rounded, nil
}

// significant rounds plain decimal text half to even to n significant digits.
func significant(plain string, n int) (string, bool) {
	sign := ""
	if rest, ok := strings.CutPrefix(plain, "-"); ok {
		plain, sign = rest, "-"
	}
	whole, frac, _ := strings.Cut(plain, ".")
	digits := []byte(whole + frac)
	first := 0
	for first < len(digits) && digits[first] == '0' {
		first++
	}
	cut := first + n
	if cut >= len(digits) || strings.Trim(string(digits[cut:]), "0") == "" {
		return sign + plain, false
	}
	tail, up := digits[cut:], false
	switch {
	case tail[0] != '5':
		up = tail[0] > '5'
	default:
		up = strings.Trim(string(tail[1:]), "0") != "" || (digits[cut-1]-'0')%2 == 1
	}
	for i := range tail {
		tail[i] = '0'
	}
	point := len(whole)
	if up {
		i := cut - 1
		for ; i >= 0 && digits[i] == '9'; i-- {
			digits[i] = '0'
		}
		if i >= 0 {
			digits[i]++
		} else {
			digits, point = append([]byte{'1'}, digits...), point+1
		}
	}
	out := string(digits[:point])
	if f := strings.TrimRight(string(digits[point:]), "0"); f != "" {
		out += "." + f
	}
	return sign + out, true
}

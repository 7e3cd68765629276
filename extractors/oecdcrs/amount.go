package oecdcrs

import (
	"strconv"
	"strings"
)

// shift moves the decimal point of a number to the right in its text, so that
// 0.087207 million becomes 87207. It reads what the system's files have: a sign,
// digits with or without a point, an exponent (8e-06). ok is false for anything
// else; a number is never rounded.
func shift(number string, places int) (text string, ok bool) {
	s := strings.TrimSpace(number)
	sign := ""
	switch {
	case strings.HasPrefix(s, "-"):
		sign, s = "-", s[1:]
	case strings.HasPrefix(s, "+"):
		s = s[1:]
	}
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		exponent, err := strconv.Atoi(s[i+1:])
		if err != nil || exponent < -40 || exponent > 40 {
			return "", false
		}
		s, places = s[:i], places+exponent
	}
	whole, fraction, _ := strings.Cut(s, ".")
	if whole+fraction == "" || len(s) > 60 || strings.Trim(whole+fraction, "0123456789") != "" {
		return "", false
	}
	if places >= 0 {
		for len(fraction) < places {
			fraction += "0"
		}
		whole, fraction = whole+fraction[:places], fraction[places:]
	} else {
		for len(whole) < -places {
			whole = "0" + whole
		}
		at := len(whole) + places
		whole, fraction = whole[:at], whole[at:]+fraction
	}
	whole, fraction = strings.TrimLeft(whole, "0"), strings.TrimRight(fraction, "0")
	if whole == "" {
		whole = "0"
	}
	if fraction != "" {
		whole += "." + fraction
	}
	if whole == "0" {
		return "0", true
	}
	return sign + whole, true
}

// code is a code as OECD's lists spell it: files that passed through a
// spreadsheet or a table of numbers have 47045.0.
func code(cell string) string {
	if whole, fraction, ok := strings.Cut(cell, "."); ok && whole != "" && strings.Trim(fraction, "0") == "" && strings.Trim(whole, "0123456789") == "" {
		return whole
	}
	return cell
}

package warehouse

import (
	"math/big"
	"strings"
	"testing"
)

// FuzzParseDecimal: what is accepted is exact, and written back it is the same
// number.
func FuzzParseDecimal(f *testing.F) {
	for _, s := range []string{"0", "-0.000001", "1455000", "86454.2", "999999999999999999.999999", "1e9", "1,5", "", "-", ".5", "5.", "+1", "0x10", "1.0000000", "٣"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := parseDecimal(s, 24, 6)
		if err != nil {
			return
		}
		want, ok := new(big.Rat).SetString(s)
		if !ok {
			t.Fatalf("%q was accepted", s)
		}
		got, _ := new(big.Rat).SetString(n.ToString(6))
		if got.Cmp(want) != 0 {
			t.Errorf("%q became %s", s, got)
		}
		if _, err := parseDecimal(n.ToString(6), 24, 6); err != nil {
			t.Errorf("%q does not read back: %v", n.ToString(6), err)
		}
	})
}

// FuzzParseSQLFile: a header never panics and never loses the script.
func FuzzParseSQLFile(f *testing.F) {
	f.Add("-- gaps: what a row means\n-- @param country  text, required: country\n-- @column x  doc\n-- more\n-- @severity fail\nSELECT 1;")
	f.Add("-- @column\nSELECT 1")
	f.Add("SELECT 1")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := parseSQLFile(text)
		if err == nil && (s.sql != text || s.name == "" || strings.ContainsAny(s.name, " \t")) {
			t.Errorf("%q gave %+v", text, s)
		}
	})
}

// FuzzQuote: quoted text cannot end early.
func FuzzQuote(f *testing.F) {
	f.Add("it's")
	f.Add("''")
	f.Fuzz(func(t *testing.T, s string) {
		q := quoteText(s)
		if inner := q[1 : len(q)-1]; strings.Count(inner, "'")%2 != 0 || strings.ReplaceAll(inner, "''", "'") != s {
			t.Errorf("%q quoted as %s", s, q)
		}
	})
}

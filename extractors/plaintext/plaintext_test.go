package plaintext

import (
	"errors"
	"math/big"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"pgregory.net/rapid"
)

func TestNumber(t *testing.T) {
	for _, tc := range []struct {
		in, want string
		err      error
	}{
		{"1455000", "1455000", nil},
		{"1 455 000", "1455000", nil},
		{"1\u00a0455\u00a0000", "1455000", nil},
		{"86\u2009454,2", "86454.2", nil},
		{"86 454,2", "86454.2", nil},
		{"1,455,000.50", "1455000.50", nil},
		{"1.455.000,50", "1455000.50", nil},
		{"1,455,000", "1455000", nil},
		{"1'455'000", "1455000", nil},
		{"1.455", "1.455", nil},
		{"12,5", "12.5", nil},
		{"0,455", "0.455", nil},
		{"1455,000", "1455.000", nil},
		{"1 455,000", "1455.000", nil},
		{"-5", "-5", nil},
		{"− 1 200,5", "-1200.5", nil},
		{"1,455", "", ErrAmbiguous},
		{"-12,455", "", ErrAmbiguous},
		{"", "", ErrNotNumber},
		{"1,2 m", "", ErrNotNumber},
		{"86 45", "", ErrNotNumber},
		{"1 455.000.00", "", ErrNotNumber},
		{"1,455 000", "", ErrNotNumber},
		{"1..2", "", ErrNotNumber},
		{"12,", "", ErrNotNumber},
		{"0 455", "", ErrNotNumber},
		{"1e6", "", ErrNotNumber},
		{"٣", "", ErrNotNumber},
		{strings.Repeat("9", 61), "", ErrNotNumber},
	} {
		got, err := Number(tc.in)
		if got != tc.want || !errors.Is(err, tc.err) {
			t.Errorf("Number(%q) = %q, %v; want %q, %v", tc.in, got, err, tc.want, tc.err)
		}
	}
	_, err := Number("1,455")
	if want := "can be read in two ways: write 1455 or 1.455"; err == nil || err.Error() != want {
		t.Errorf("message %q, want %q", err, want)
	}
	if got, _ := Decimal("1,199"); got != "1.199" {
		t.Errorf("Decimal(1,199) = %s", got)
	}
}

func TestShift(t *testing.T) {
	for _, tc := range []struct {
		in   string
		n    int
		want string
	}{
		{"1.199", 9, "1199000000"}, {"24.4", 6, "24400000"}, {"1.23456789", 6, "1234567.89"},
		{"5", -3, "0.005"}, {"-0.5", 3, "-500"}, {"0", 6, "0"}, {"12.50", 1, "125"},
	} {
		if got := Shift(tc.in, tc.n); got != tc.want {
			t.Errorf("Shift(%s, %d) = %s, want %s", tc.in, tc.n, got, tc.want)
		}
	}
}

func TestStored(t *testing.T) {
	for _, tc := range []struct {
		in, want string
		rounded  bool
	}{
		{"86454.2", "86454.2", false},
		{"86454.199999999997", "86454.2", true},
		{"0.99999999999999999", "1", true},
		{"1.8061192E7", "18061192", false},
		{"-1.5E-3", "-0.0015", false},
		{"1455000", "1455000", false},
		{"12345678901234567", "12345678901234600", true},
		{"1234567890123450", "1234567890123450", false},
	} {
		got, rounded, err := Stored(tc.in)
		if got != tc.want || rounded != tc.rounded || err != nil {
			t.Errorf("Stored(%q) = %q, %v, %v; want %q, %v", tc.in, got, rounded, err, tc.want, tc.rounded)
		}
	}
	for _, in := range []string{"", "1,5", "1 000", "1E", "1E999", "1E2x", "NaN", "#REF!"} {
		if got, _, err := Stored(in); err == nil {
			t.Errorf("Stored(%q) = %q, want an error", in, got)
		}
	}
}

// What Number returns has the value of what was typed, however it was grouped.
func TestNumberKeepsValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := rapid.Int64Range(0, 1e15).Draw(t, "whole")
		frac := rapid.StringMatching(`[0-9]{0,6}`).Draw(t, "frac")
		sep := rapid.SampledFrom([]string{" ", "\u00a0", "\u2009", "'"}).Draw(t, "group")
		mark := rapid.SampledFrom([]string{",", "."}).Draw(t, "mark")
		digits := big.NewInt(whole).String()
		typed := digits
		for i := len(digits) - 3; i > 0; i -= 3 {
			typed = typed[:i] + sep + typed[i:]
		}
		want := digits
		if frac != "" {
			typed += mark + frac
			want += "." + frac
		}
		got, err := Number(typed)
		if errors.Is(err, ErrAmbiguous) {
			if len(frac) == 3 && mark == "," && whole < 1000 {
				return
			}
			t.Fatalf("Number(%q): %v", typed, err)
		}
		if err != nil || got != want {
			t.Fatalf("Number(%q) = %q, %v; want %q", typed, got, err, want)
		}
	})
}

func FuzzNumber(f *testing.F) {
	for _, s := range []string{"1 455 000", "86 454,2", "1,455", "-1.5", "1,455,000.50", "1.8061192E7"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		plain := func(got string) {
			if _, ok := new(big.Rat).SetString(got); !ok || strings.ContainsAny(got, " ,eE/+") {
				t.Errorf("%q became %q, which is not plain decimal text", s, got)
			}
		}
		if got, err := Number(s); err == nil {
			plain(got)
			if again, err := Number(got); err != nil || again != got {
				t.Errorf("Number(%q) = %q, %v", got, again, err)
			}
		}
		if got, _, err := Stored(s); err == nil {
			plain(got)
		}
	})
}

func TestDecode(t *testing.T) {
	russian := "страна;сумма\nКыргызстан;5\n"
	cp1251, err := charmap.Windows1251.NewEncoder().String(russian)
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct{ in, label, want string }{
		"ascii":      {"a,b\n", "", "a,b\n"},
		"bom":        {"\ufeffa", "", "a"},
		"utf-8":      {russian, "", russian},
		"mislabeled": {russian, "windows-1251", russian},
		"1251":       {cp1251, "", russian},
		"1251 said":  {cp1251, "windows-1251", russian},
		"latin":      {"caf\xe9", "iso-8859-1", "café"},
		"damaged":    {"сумма\xd0;5", "", "сумма\ufffd;5"},
		"utf-16":     {"\xff\xfea\x00\x21\x04", "", "aС"},
	} {
		got, err := Decode([]byte(tc.in), tc.label)
		if got != tc.want || err != nil {
			t.Errorf("%s: %q, %v; want %q", name, got, err, tc.want)
		}
	}
	if _, err := Decode([]byte{0, 1, 2}, ""); !errors.Is(err, ErrBinary) {
		t.Errorf("binary: %v", err)
	}
}

func TestRedactor(t *testing.T) {
	r := NewRedactor()
	for in, want := range map[string]string{
		"write to info@example.org now":       "write to " + Removed + " now",
		"call +996 312 12 34 56.":             "call " + Removed + ".",
		"Tel.: (312) 12-34-56":                Removed,
		"тел. 0312 123456":                    Removed,
		"1 455 000 USD for 3 years (2016-18)": "1 455 000 USD for 3 years (2016-18)",
		"UA-2025-08-26-012721-a":              "UA-2025-08-26-012721-a",
		"от 12 000 до 15 000 сомов":           "от 12 000 до 15 000 сомов",
		"+5 %":                                "+5 %",
	} {
		got, cut := r.Text(in)
		if got != want || cut != (in != want) {
			t.Errorf("Text(%q) = %q, %v", in, got, cut)
		}
	}
}

package csvfile

import (
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func write(t interface{ Fatal(...any) }, d Dialect, rows ...[]any) string {
	var b strings.Builder
	w := NewWriter(&b, d)
	w.Header([]string{"id", "usd"})
	for _, r := range rows {
		w.Row(r...)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestDialects(t *testing.T) {
	rows := [][]any{
		{"KGZ", Number("1455000.5")},
		{"0012", Number("-0.25")},
		{"60.5", nil},
		{"1-2", 7},
		{"=1+1", int64(-7)},
		{"-1+cmd|' /C calc'!A0", nil},
		{"a;b,\"c\"\nd", time.Date(2016, 12, 31, 0, 0, 0, 0, time.UTC)},
		{"", true},
		{"GC7", nil},
	}
	plain := "id,usd\nKGZ,1455000.5\n0012,-0.25\n60.5,\n1-2,7\n'=1+1,-7\n'-1+cmd|' /C calc'!A0,\n\"a;b,\"\"c\"\"\nd\",2016-12-31\n,true\nGC7,\n"
	russian := "\ufeffid;usd\r\nKGZ;1455000,5\r\n\"=\"\"0012\"\"\";-0,25\r\n\"=\"\"60.5\"\"\";\r\n\"=\"\"1-2\"\"\";7\r\n'=1+1;-7\r\n'-1+cmd|' /C calc'!A0;\r\n\"a;b,\"\"c\"\"\r\nd\";2016-12-31\r\n;true\r\nGC7;\r\n"
	if d := cmp.Diff(plain, write(t, Dialect{}, rows...)); d != "" {
		t.Errorf("for programs: -want +got\n%s", d)
	}
	if d := cmp.Diff(russian, write(t, Dialect{Russian: true}, rows...)); d != "" {
		t.Errorf("for Excel: -want +got\n%s", d)
	}
}

// No text becomes a formula of its own, whatever it is.
func TestNoFormulas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[=+\-@\t\r"0-9.,eE ]{1,12}`)).Draw(t, "text")
		r := csv.NewReader(strings.NewReader(strings.TrimPrefix(write(t, Dialect{Russian: true}, []any{text, nil}), "\ufeff")))
		r.Comma = ';'
		all, err := r.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if len(all) < 2 { // the reader takes a row of one empty cell for none
			return
		}
		cell := all[1][0]
		held := strings.HasPrefix(cell, `="`) && strings.HasSuffix(cell, `"`) && strings.Count(cell, `"`) == 2
		if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) && !held {
			t.Errorf("%q is written as %q", text, cell)
		}
	})
}

func TestParse(t *testing.T) {
	if d, err := Parse("ru"); err != nil || !d.Russian {
		t.Error(d, err)
	}
	if _, err := Parse("de"); err == nil {
		t.Error("an unknown Excel passed")
	}
}

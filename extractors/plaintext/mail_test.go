package plaintext

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestWithoutMail(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "5 %": "5 %", "A@": "A@", "@code": "@code", "name@host": "name@host", "https://medium.com/@some.body/x": "https://medium.com/@some.body/x",
		`date "a.b@example.org" is none`:                "date \"" + Removed + "\" is none",
		"mailto:a@example.org.":                         "mailto:" + Removed + ".",
		"a@example.org, b@example.org":                  Removed + ", " + Removed,
		"https://example.org/?to=a.b%40example.org&x=1": "https://example.org/?to=" + Removed + "&x=1",
		"мария@пример.рф":                               Removed,
		`{"@code":"a@example.org"}`:                     `{"@code":"` + Removed + `"}`,
	} {
		if got := WithoutMail(in); got != want {
			t.Errorf("WithoutMail(%q) = %q, want %q", in, got, want)
		}
	}
	if got, want := WithoutMailURL("https://example.org/?mail=a@example.org"), "https://example.org/?mail=removed"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// Whatever the text, JSON stays JSON and no address is left.
func FuzzWithoutMail(f *testing.F) {
	for _, s := range []string{"a\na@example.org", "<a@example.org>", "\\a@b.c", "%40.b", "a@b@c.d", "u0\\u003ca@b.cc"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		quoted, err := json.Marshal(s)
		if err != nil {
			t.Skip()
		}
		got := WithoutMail(string(quoted))
		if !json.Valid([]byte(got)) {
			t.Errorf("%s became %s", quoted, got)
		}
		if strings.Contains(WithoutMail("x "+s+" maria@example.org"), "maria@example.org") {
			t.Errorf("%q keeps an address", s)
		}
	})
}

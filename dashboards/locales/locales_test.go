package locales

import (
	"math/big"
	"regexp"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func load(t testing.TB, lang string) *Locale {
	t.Helper()
	l, err := Load(lang)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// placeholders of a text; of a plural text, those every form must have are
// those of "other" ("one" may leave out {n}).
func placeholders(m message) []string {
	text := m.text
	if m.forms != nil {
		text = m.forms["other"]
	}
	set := map[string]bool{}
	for _, p := range placeholder.FindAllString(text, -1) {
		set[p] = true
	}
	out := []string{}
	for p := range set {
		out = append(out, p)
	}
	sort.Strings(out)
	return out
}

// Every language has the same keys, of the same shape, with the same
// placeholders.
func TestParity(t *testing.T) {
	base := load(t, Languages()[0])
	for _, lang := range Languages()[1:] {
		l := load(t, lang)
		if d := cmp.Diff(base.Keys(), l.Keys()); d != "" {
			t.Errorf("keys of %s and %s differ (-%[1]s +%[2]s):\n%s", base.Lang, lang, d)
		}
		for k, m := range base.text {
			other := l.text[k]
			if (m.forms == nil) != (other.forms == nil) {
				t.Errorf("%s: plural in one of %s and %s only", k, base.Lang, lang)
			}
			if d := cmp.Diff(placeholders(m), placeholders(other)); d != "" {
				t.Errorf("%s: placeholders of %s and %s differ:\n%s", k, base.Lang, lang, d)
			}
		}
	}
}

func TestPluralFormsComplete(t *testing.T) {
	need := map[string][]string{"en": {"one", "other"}, "ru": {"one", "few", "many", "other"}}
	for lang, forms := range need {
		l := load(t, lang)
		for k, m := range l.text {
			for _, f := range forms {
				if m.forms != nil && m.forms[f] == "" {
					t.Errorf("%s: %s lacks the form %q", lang, k, f)
				}
			}
		}
	}
}

// harmful are words that harm, and must not appear as our own (glossary).
var harmful = regexp.MustCompile(`(?i)addict|abuser|drug abuse|наркоман|потребител[а-я]* инъекционных|заместительн`)

func TestWordsToAvoid(t *testing.T) {
	for _, lang := range Languages() {
		l := load(t, lang)
		for k, m := range l.text {
			all := m.text
			for _, f := range m.forms {
				all += " " + f
			}
			if w := harmful.FindString(all); w != "" {
				t.Errorf("%s: %s says %q", lang, k, w)
			}
			if strings.Contains(all, "  ") {
				t.Errorf("%s: %s has two blanks in a row", lang, k)
			}
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for name, in := range map[string]string{
		"duplicate key": "a: x\na: y\n",
		"number":        "a: 1\n",
		"empty":         "a: ''\n",
		"list":          "a: [x]\n",
		"two documents": "a: x\n---\nb: y\n",
	} {
		if _, err := parse("en", []byte(in)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestText(t *testing.T) {
	l, err := parse("ru", []byte(`
hello: "Привет, {name}"
programmes: {one: "{n} программа", few: "{n} программы", many: "{n} программ", other: "{n} программы"}
`))
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range map[int]string{1: "1 программа", 2: "2 программы", 5: "5 программ", 11: "11 программ", 21: "21 программа", 0: "0 программ", 1002: "1\u00a0002 программы"} {
		got, err := l.N("programmes", n)
		if err != nil || got != want {
			t.Errorf("N(%d) = %q, %v; want %q", n, got, err, want)
		}
	}
	if got, err := l.T("hello", "name", "{name}"); err != nil || got != "Привет, {name}" {
		t.Errorf("a value is data: got %q, %v", got, err)
	}
	for name, f := range map[string]func() (string, error){
		"missing key":         func() (string, error) { return l.T("nothing") },
		"missing value":       func() (string, error) { return l.T("hello") },
		"unknown placeholder": func() (string, error) { return l.T("hello", "name", "x", "city", "y") },
		"odd arguments":       func() (string, error) { return l.T("hello", "name") },
		"plural by T":         func() (string, error) { return l.T("programmes") },
		"single by N":         func() (string, error) { return l.N("hello", 1) },
	} {
		if s, err := f(); err == nil {
			t.Errorf("%s: no error, got %q", name, s)
		}
	}
}

func TestNumbers(t *testing.T) {
	rat := func(s string) *big.Rat {
		r, ok := new(big.Rat).SetString(s)
		if !ok {
			t.Fatal(s)
		}
		return r
	}
	en, ru := load(t, "en"), load(t, "ru")
	for _, c := range []struct{ name, got, want string }{
		{"en number", en.Number(rat("1234567.894"), 2), "1,234,567.89"},
		{"ru number", ru.Number(rat("1234567.894"), 2), "1_234_567,89"},
		{"negative", ru.Number(rat("-1234.5"), 1), "−1_234,5"},
		{"no minus zero", en.Number(rat("-0.001"), 2), "0.00"},
		{"small", en.Number(rat("999"), 0), "999"},
		{"half up", en.Number(rat("0.5"), 0), "1"},
		{"plain", en.Plain(rat("12.50"), 3), "12.5"},
		{"plain cut", en.Plain(rat("1/3"), 2), "0.33"},
		{"percent en", en.Percent(rat("6.25"), 1), "6.3%"},
		{"percent ru", ru.Percent(rat("24"), 0), "24_%"},
		{"usd full", en.USD(rat("86454.2")), "US$86,454"},
		{"usd full ru", ru.USD(rat("86454.2")), "86_454_долл._США"},
		{"usd million ru", ru.USD(rat("1940000")), "1,94_млн_долл._США"},
		{"usd tens of millions", en.USD(rat("26003779.21")), "US$26.0_million"},
		{"usd billion", en.USD(rat("2700000000")), "US$2.70_billion"},
		{"usd negative", en.USD(rat("-1940000")), "−US$1.94_million"},
		{"usd just below a million", en.USD(rat("999999.4")), "US$999,999"},
		{"usd rounds to a million", en.USD(rat("999999.6")), "US$1.00_million"},
		{"usd rounds to a billion", en.USD(rat("999960000")), "US$1.00_billion"},
		{"range", en.USDRange(rat("4568375"), rat("16415400")), "US$4.57–16.42_million"},
		{"range ru", ru.USDRange(rat("14568375"), rat("26415400")), "14,6–26,4_млн долл._США"},
		{"small range ru", ru.USDRange(rat("4568"), rat("16415")), "4_568–16_415_долл._США"},
		{"range in thousands", en.USDRange(rat("237705"), rat("853795")), "US$238–854_thousand"},
		{"range in thousands ru", ru.USDRange(rat("8705"), rat("853795")), "8,7–853,8_тыс. долл._США"},
		{"small range", en.USDRange(rat("4568"), rat("16415")), "US$4,568–16,415"},
		{"axis", en.Axis(rat("2500000")), "2.5m"},
		{"axis ru", ru.Axis(rat("500000")), "500_тыс."},
		{"axis zero", en.Axis(rat("0")), "0"},
		{"date", en.Date(time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC)), "3 November 2026"},
		{"date ru", ru.Date(time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC)), "03.11.2026"},
	} {
		// No-break spaces are written _ here.
		if got := strings.ReplaceAll(c.got, nbsp, "_"); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// Taking the separators away gives the digits back: no digit is lost or moved.
func TestNumberKeepsDigits(t *testing.T) {
	for _, lang := range Languages() {
		l := load(t, lang)
		rapid.Check(t, func(t *rapid.T) {
			r := big.NewRat(rapid.Int64().Draw(t, "n"), 1_000_000)
			th, dec := l.separators()
			s := l.Number(r, 6)
			s = strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(s, th, ""), dec, "."), "−", "-")
			back, ok := new(big.Rat).SetString(s)
			if !ok || back.Cmp(r) != 0 {
				t.Fatalf("%s written as %q", r.FloatString(6), l.Number(r, 6))
			}
		})
	}
}

// A sentence that follows a colon begins without a capital, unless its first word has
// others; days are written as precisely as they are known.
func TestClauseAndDay(t *testing.T) {
	for in, want := range map[string]string{"Значение старше": "значение старше", "ВИЧ и туберкулёз": "ВИЧ и туберкулёз", "PrEP for people": "PrEP for people", "A range": "a range", "": "", "АРТ для ЛУИН": "АРТ для ЛУИН"} {
		if got := Clause(in); got != want {
			t.Errorf("Clause(%q) = %q", in, got)
		}
	}
	en, ru := load(t, "en"), load(t, "ru")
	for _, tt := range [][3]string{{"2017-03-24", "24 March 2017", "24.03.2017"}, {"2017-03", "March 2017", "03.2017"}, {"2017", "2017", "2017"}, {"", "", ""}, {"soon", "soon", "soon"}} {
		if a, b := en.Day(tt[0]), ru.Day(tt[0]); a != tt[1] || b != tt[2] {
			t.Errorf("Day(%q) = %q, %q", tt[0], a, b)
		}
	}
	if en.Dash() != " – " || ru.Dash() != "\u00a0— " {
		t.Errorf("dashes %q, %q", en.Dash(), ru.Dash())
	}
}

package paper

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func fonts(t testing.TB) *Fonts {
	t.Helper()
	f, err := LoadFonts()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// Every script a brief may print, and the signs it uses.
func TestFontsHaveLetters(t *testing.T) {
	f := fonts(t)
	for name, s := range map[string]string{
		"en":      "The quick brown fox – “quoted” … US$1,234.56 − 5% · № § †",
		"ru":      "Съешь ещё этих мягких французских булок, да выпей чаю «ёлки» №",
		"uk":      "Щастя, їжак, ґанок, Європа",
		"kk, ky":  "Қазақстан әңгіме ұлы үй өмір һ Кыргыз ө ү ң",
		"tg, uz":  "Тоҷикистон ғ ӣ қ ӯ ҳ Oʻzbekiston",
		"ka":      "საქართველო",
		"hy":      "Հայաստան",
		"ro, az":  "Republica Moldova ăâîșț Azərbaycan ğışöüç",
		"signs":   "✓ ✗ ≥ ≤ ≈ – — − × • → \u00a0",
		"lt, lv…": "Šiauliai Rīga Črna Żółw",
	} {
		if m := f.Missing(s); len(m) > 0 {
			t.Errorf("%s: no font has %q", name, string(m))
		}
	}
}

func TestMissingLetterIsAnError(t *testing.T) {
	d := New(fonts(t), Meta{Title: "t", Lang: "en"})
	d.AddPage()
	d.Line(10, 10, "漢字", Style{Size: 10})
	if err := d.Write(&bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), "no font has") {
		t.Fatalf("got %v", err)
	}
}

func write(t testing.TB, f *Fonts) []byte {
	d := New(f, Meta{Title: "Сводка", Lang: "ru", Date: time.Date(2024, 1, 2, 0, 0, 0, 0, time.UTC)})
	d.AddPage()
	d.Text(40, 40, 300, strings.Repeat("Снижение вреда ✓ საქართველო ", 20), Style{Size: 11})
	d.Text(40, 240, 300, "Bold text ≥ 200", Style{Size: 11, Bold: true})
	d.Link(40, 40, 20, 10, "https://example.org/")
	d.Bookmark("Раздел", 40)
	var b bytes.Buffer
	if err := d.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The same content gives the same bytes.
func TestDeterministic(t *testing.T) {
	f := fonts(t)
	first := write(t, f)
	for range 4 {
		if !bytes.Equal(first, write(t, f)) {
			t.Fatal("two runs differ")
		}
	}
}

// Wrapping loses no letter and keeps to the width.
func TestWrap(t *testing.T) {
	d := New(fonts(t), Meta{Title: "t", Lang: "en"})
	st := Style{Size: 10}
	words := rapid.SliceOfN(rapid.StringMatching(`[a-zа-я/.=-]{1,60}`), 1, 12)
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Join(words.Draw(t, "words"), " ")
		lines := d.Wrap(s, 90, st)
		for _, l := range lines {
			if w := d.TextWidth(l, st); w > 90 {
				t.Fatalf("%q is %.1f wide", l, w)
			}
		}
		if got := strings.ReplaceAll(strings.Join(lines, ""), " ", ""); got != strings.ReplaceAll(s, " ", "") {
			t.Fatalf("%q became %q", s, got)
		}
	})
}

// Where no-break spaces have to give way, a number stays whole as long as it can.
func TestWrapKeepsNumbers(t *testing.T) {
	d := New(fonts(t), Meta{Title: "t", Lang: "ru"})
	for in, want := range map[string]string{
		"2_330_374_долл._США":             "2_330_374_долл._|США",
		"всего итого 1_000_долл. США":     "всего итого|1_000_долл. США",
		"https://example.org/a/long/path": "https://example.|org/a/long/path",
	} {
		got := strings.Join(d.Wrap(strings.ReplaceAll(in, "_", "\u00a0"), 82, Style{Size: 10}), "|")
		if got := strings.ReplaceAll(got, "\u00a0", "_"); got != want {
			t.Errorf("%q is broken as %q, want %q", in, got, want)
		}
	}
}

func BenchmarkDocument(b *testing.B) {
	f := fonts(b)
	for b.Loop() {
		write(b, f)
	}
}

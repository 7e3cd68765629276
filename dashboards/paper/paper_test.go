package paper

import (
	"bytes"
	"image/png"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hrinvest/dashboards/charts"
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

// A picture is the same each time, and a letter that no font has is an error.
func TestPicture(t *testing.T) {
	f := fonts(t)
	draw := func(s string) ([]byte, error) {
		p := NewPicture(f, 300, 100, 2)
		p.Paragraph(10, 10, 280, s, Style{Size: 14, Bold: true})
		p.Rect(10, 60, 50, 20, "#9fd3c7", "#14594b")
		p.Lines([]charts.Segment{{X1: 10, Y1: 60, X2: 60, Y2: 80}, {X1: 60, Y1: 60, X2: 10, Y2: 80}}, "#14594b", 0.9)
		var b bytes.Buffer
		err := p.Write(&b)
		return b.Bytes(), err
	}
	first, err := draw("Снижение вреда ✓ საქართველო")
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := draw("Снижение вреда ✓ საქართველო"); !bytes.Equal(first, again) {
		t.Error("two pictures of one content differ")
	}
	img, err := png.Decode(bytes.NewReader(first))
	if err != nil {
		t.Fatal(err)
	}
	if got := img.Bounds().Size(); got.X != 600 || got.Y != 200 {
		t.Errorf("size %v", got)
	}
	at := func(x, y int) [3]uint32 { r, g, b, _ := img.At(x, y).RGBA(); return [3]uint32{r >> 8, g >> 8, b >> 8} }
	if at(590, 190) != [3]uint32{255, 255, 255} || at(70, 128) != [3]uint32{0x9f, 0xd3, 0xc7} || at(70, 140) == [3]uint32{0x9f, 0xd3, 0xc7} {
		t.Errorf("white %v, fill %v, hatching %v", at(590, 190), at(70, 128), at(70, 140))
	}
	if _, err := draw("漢字"); err == nil || !strings.Contains(err.Error(), "no font has") {
		t.Errorf("got %v", err)
	}
}

// A picture and a page break the same text at the same places.
func TestPictureWrapsAsPage(t *testing.T) {
	f := fonts(t)
	d, p := New(f, Meta{Title: "t", Lang: "ru"}), NewPicture(f, 400, 400, 8)
	s := strings.Repeat("По имеющимся данным, не менее 383 491 долл. США. ", 4)
	st := Style{Size: 12}
	if a, b := strings.Join(d.Wrap(s, 200, st), "|"), strings.Join(p.Wrap(s, 200, st), "|"); a != b {
		t.Errorf("page %q\npicture %q", a, b)
	}
}

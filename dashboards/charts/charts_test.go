package charts

import (
	"encoding/xml"
	"flag"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "rewrite golden files")

func rat(s string) *big.Rat { r, _ := new(big.Rat).SetString(s); return r }

func example() *Stacked {
	return &Stacked{
		Series: []Series{
			{"Domestic public", Look{"#9fd3c7", "#14594b", Solid}},
			{"Global Fund <&>", Look{"#f6c48a", "#7a4300", Rising}},
		},
		Rows: []Bar{
			{Label: "2016", Parts: []Part{{0, rat("400000"), false}, {1, rat("1200000"), false}}, Note: "1.60 million"},
			{Label: "2017", Note: "not reported"},
			{Label: "2018", Parts: []Part{{1, rat("900000"), true}}, Note: "900,000"},
		},
		Tick:    func(r *big.Rat) string { return r.FloatString(0) },
		Planned: "planned, not spent",
	}
}

// golden compares a drawing with testdata/name and holds it to what every page
// needs: well-formed, and nothing the content security policy refuses.
func golden(t *testing.T, name string, draw func(Canvas), width, height float64) {
	t.Helper()
	var c SVG
	draw(&c)
	got := c.Element("c1", "Money by year", "What it shows", width, height) + "\n"
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Error(d)
	}
	if strings.Contains(got, "style=") {
		t.Error("a style attribute would be refused by the content security policy")
	}
	dec := xml.NewDecoder(strings.NewReader(got))
	for {
		if _, err := dec.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("not well-formed: %v", err)
		}
	}
}

func TestStackedGolden(t *testing.T) {
	s := example()
	golden(t, "stacked.svg", s.Draw, s.width(), s.Height())
}

// recorder keeps what was drawn.
type recorder struct {
	rects [][4]float64
	texts []string
	lines []Segment
}

func (r *recorder) Rect(x, y, w, h float64, _, _ string) {
	r.rects = append(r.rects, [4]float64{x, y, w, h})
}
func (r *recorder) Lines(s []Segment, _ string, _ float64) { r.lines = append(r.lines, s...) }
func (r *recorder) Text(_, _, _ float64, _ Anchor, _ bool, _, text string) {
	r.texts = append(r.texts, text)
}

// A short remark stands beside its note, whatever the length of the bar; a long
// one has a line of its own and moves what is below it.
func TestRemarks(t *testing.T) {
	plain := example()
	short, long := example(), example()
	short.Rows[0].Remark = "(by title)"
	long.Rows[0].Remark = "(only: a funder with a very long name, another one)"
	if short.Height() != plain.Height() || long.Height() != plain.Height()+lineHeight {
		t.Errorf("heights %g, %g, %g", plain.Height(), short.Height(), long.Height())
	}
	for _, s := range []*Stacked{short, long} {
		places, _ := s.layout()
		if end := places[0].end + 6 + textWidth(s.Rows[0].Note); end > s.width() {
			t.Errorf("the note ends at %g of %g", end, s.width())
		}
		var r recorder
		s.Draw(&r)
		if !strings.Contains(strings.Join(r.texts, "|"), s.Rows[0].Remark) {
			t.Errorf("%q is not drawn", s.Rows[0].Remark)
		}
	}
	long.Notes = []string{"a", "b"}
	if got := long.Height(); got != plain.Height()+lineHeight+32 {
		t.Errorf("notes take %g", got-plain.Height()-lineHeight)
	}
}

// A year without data has words and no bar; one with data has a bar whose parts
// are as long as their values.
func TestMissingYearIsNoBar(t *testing.T) {
	s := example()
	s.Series, s.Planned = s.Series[:2], ""
	var r recorder
	s.Draw(&r)
	var bars [][4]float64
	for _, b := range r.rects {
		if b[3] == barHeight {
			bars = append(bars, b)
		}
	}
	if len(bars) != 3 {
		t.Fatalf("%d bar parts drawn, want 3", len(bars))
	}
	if got := bars[1][2] / bars[0][2]; got < 2.99 || got > 3.01 {
		t.Errorf("1.2m is drawn %.2f times as long as 0.4m, want 3", got)
	}
	if !strings.Contains(strings.Join(r.texts, "|"), "not reported") {
		t.Error("the missing year has no words")
	}
}

func TestTicks(t *testing.T) {
	for top, want := range map[string]string{
		"1600000": "0 500000 1000000 1500000", "0": "0", "7": "0 2 4 6", "100": "0 25 50 75 100", "0.3": "0 0.1 0.2 0.3", "999": "0 200 400 600 800",
	} {
		var got []string
		for _, v := range ticks(rat(top), func([]*big.Rat) bool { return true }) {
			got = append(got, strings.TrimSuffix(v.FloatString(1), ".0"))
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("ticks(%s) = %s, want %s", top, s, want)
		}
	}
}

// Numbers of an axis without room make way for those of a larger step: none is left
// out between two others.
func TestTicksMakeRoom(t *testing.T) {
	for top, want := range map[string]string{"1600000": "0 1000000", "416730": "0 200000 400000", "100": "0 50 100"} {
		var got []string
		for _, v := range ticks(rat(top), func(list []*big.Rat) bool { return len(list) <= 3 }) {
			got = append(got, v.FloatString(0))
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("ticks(%s) = %s, want %s", top, s, want)
		}
	}
	s := example()
	s.Tick = func(r *big.Rat) string { return r.FloatString(0) + " тысяч" }
	var r recorder
	s.Draw(&r)
	if i := slices.Index(r.texts, "1000000 тысяч"); i < 1 || r.texts[i-1] != "0 тысяч" || slices.Contains(r.texts, "1500000 тысяч") {
		t.Errorf("the axis has %q", r.texts)
	}
}

// Hatching stays inside its rectangle.
func TestHatchInside(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := rapid.Float64Range(0.1, 300).Draw(t, "w")
		h := rapid.Float64Range(0.1, 60).Draw(t, "h")
		for p := Solid; p <= Sparse; p++ {
			for _, s := range hatch(10, 20, w, h, p) {
				for _, pt := range [][2]float64{{s.X1, s.Y1}, {s.X2, s.Y2}} {
					if pt[0] < 9.999 || pt[0] > 10.001+w || pt[1] < 19.999 || pt[1] > 20.001+h {
						t.Fatalf("pattern %d leaves a %gx%g rectangle: %v", p, w, h, s)
					}
				}
			}
		}
	})
}

package charts

import (
	"math/big"
	"strings"
	"testing"
)

func bars() *Bars {
	look := Look{"#9fd3c7", "#14594b", Solid}
	return &Bars{Width: 300, Rows: []BarRow{
		{Label: "Opioid agonist therapy coverage", Note: "4.4% (2018)", Value: rat("4.4"), Low: rat("3"), High: rat("6"), Full: rat("100"), Target: rat("50"), Look: look},
		{Label: "Zero", Note: "reported as 0", Value: rat("0"), Full: rat("100"), Look: look},
		{Label: "Missing", Note: "not reported", Look: look},
		{Label: "Forbidden", Note: "not available by law", Absent: NotApplicable, Look: look},
		{Label: "A range alone", Note: "5.8 to 20.9", Low: rat("5.8"), High: rat("20.9"), Look: look},
		{Label: "The longest without a scale of its own", Note: "30", Value: rat("30"), Look: look},
	}}
}

func TestBarsGolden(t *testing.T) {
	b := bars()
	golden(t, "bars.svg", b.Draw, b.width(), b.Height())
}

// What is 0, what nobody reported and what does not apply look different, and a
// bar, whisker and target stand where their numbers are.
func TestBars(t *testing.T) {
	row := func(i int) *recorder {
		b := bars()
		b.Rows = b.Rows[i : i+1]
		r := &recorder{}
		b.Draw(r)
		return r
	}
	if r := row(0); len(r.rects) != 1 || !near(r.rects[0][2], 0.044*300) || !near(r.lines[1].X1, 9) || !near(r.lines[1].X2, 18) || !near(r.lines[len(r.lines)-1].X1, 150) {
		t.Errorf("a value with range and target: %v %v", r.rects, r.lines)
	}
	zero, missing, forbidden := row(1), row(2), row(3)
	if len(zero.rects)+len(missing.rects)+len(forbidden.rects) != 0 {
		t.Error("absence has a bar")
	}
	if len(zero.lines) != 2 || len(missing.lines) < 3 || len(forbidden.lines) != 1 {
		t.Errorf("lines: zero %d, missing %d, not applicable %d", len(zero.lines), len(missing.lines), len(forbidden.lines))
	}
	if r := row(4); len(r.rects) != 0 || !near(r.lines[1].X2, 300) {
		t.Errorf("a range alone: %v %v", r.rects, r.lines)
	}
}

func near(a, b float64) bool { return a-b < 0.01 && b-a < 0.01 }

func values(years ...int) map[int]*big.Rat {
	out := map[int]*big.Rat{}
	for i, y := range years {
		out[y] = big.NewRat(int64(100+10*i), 1)
	}
	return out
}

func linesExample() *Lines {
	return &Lines{Missing: "not reported", Tick: func(r *big.Rat) string { return r.FloatString(0) }, Series: []LineSeries{
		{Label: "Needles", Look: Look{"#9fd3c7", "#14594b", Solid}, Values: values(2011, 2012, 2014, 2018)},
		{Label: "Other <&>", Look: Look{"#f6c48a", "#7a4300", Rising}, Values: values(2012)},
	}}
}

func TestLinesGolden(t *testing.T) {
	l := linesExample()
	w, _ := l.size()
	golden(t, "lines.svg", l.Draw, w, l.Height())
}

// Only years that follow each other are joined: a gap stays a gap.
func TestLinesHaveGaps(t *testing.T) {
	s := Sparkline{Series: linesExample().Series[0]}
	var r recorder
	s.Draw(&r)
	if len(r.rects) != 4 {
		t.Errorf("%d marks for 4 values", len(r.rects))
	}
	if len(r.lines) != 2 { // the ground and 2011-2012
		t.Errorf("%d lines drawn, want one between 2011 and 2012: %v", len(r.lines)-1, r.lines)
	}
	var full recorder
	linesExample().Draw(&full)
	if got := strings.Join(full.texts, "|"); !strings.HasSuffix(got, "2011|2018|Needles|Other <&>|not reported") {
		t.Errorf("texts %q", got)
	}
}

// A series without values draws nothing and does not fail.
func TestEmptyLines(t *testing.T) {
	var r recorder
	(&Sparkline{}).Draw(&r)
	(&Lines{Tick: func(*big.Rat) string { return "0" }, Series: []LineSeries{{Label: "a", Values: map[int]*big.Rat{2012: nil}}}}).Draw(&r)
	if len(r.rects) != 0 {
		t.Errorf("%v", r.rects)
	}
}

// A target, a range and a year to which the question does not apply stand where they
// are, each with its words; such a year is not hatched as one that is missing.
func TestLinesWithTarget(t *testing.T) {
	l := &Lines{Missing: "not reported", Target: rat("200"), TargetLabel: "target: 200", Forbidden: []int{2016}, ForbiddenLabel: "not available by law",
		Tick: func(r *big.Rat) string { return r.FloatString(0) }, Series: []LineSeries{{Label: "Needles", Look: Look{"#9fd3c7", "#14594b", Solid},
			Values: map[int]*big.Rat{2014: rat("0"), 2017: rat("120"), 2018: rat("100")}, Low: map[int]*big.Rat{2018: rat("50")}, High: map[int]*big.Rat{2018: rat("150")}}}}
	w, plot := l.size()
	golden(t, "lines_target.svg", l.Draw, w, l.Height())
	var r recorder
	l.Draw(&r)
	if got := strings.Join(r.texts, "|"); !strings.HasSuffix(got, "2014|2018|Needles|target: 200|not available by law|not reported") {
		t.Errorf("texts %q", got)
	}
	has := func(want Segment) bool {
		for _, s := range r.lines {
			if near(s.X1, want.X1) && near(s.Y1, want.Y1) && near(s.X2, want.X2) && near(s.Y2, want.Y2) {
				return true
			}
		}
		return false
	}
	x := axisWidth + 8 + (w - axisWidth - 16) // 2018
	for what, s := range map[string]Segment{"the target": {axisWidth, 10, w, 10}, "the range": {x, 10 + plot*0.75, x, 10 + plot*0.25}} {
		if !has(s) {
			t.Errorf("%s is not drawn at %v", what, s)
		}
	}
	l.Forbidden = nil
	var hatched recorder
	l.Draw(&hatched)
	if len(hatched.lines) <= len(r.lines) {
		t.Error("a year to which the question does not apply is hatched like one that is missing")
	}
}

// A chart that stands alone has its words above and below, and nothing over another.
func TestFramed(t *testing.T) {
	f := &Framed{Title: "A title that is so long that it needs a second line in the width there is", Above: []string{"What its numbers are"}, Chart: bars(), Below: []string{strings.Repeat("an/address/", 8), "Where it is from <&>"}}
	golden(t, "framed.svg", f.Draw, framedWidth, f.Height())
	var inner, r recorder
	f.Chart.Draw(&inner)
	f.Draw(&r)
	if len(r.rects) != len(inner.rects) || !near(r.rects[0][1]-inner.rects[0][1], f.top()) {
		t.Errorf("the chart is not moved by %g: %v", f.top(), r.rects)
	}
	if n := len(r.texts) - len(inner.texts); n != 6 || r.texts[len(r.texts)-1] != "Where it is from <&>" {
		t.Errorf("%d lines of words: %q", n, r.texts)
	}
}

package locales

import (
	"math/big"
	"strings"
	"time"
)

const nbsp = "\u00a0"

// separators returns the thousands and the decimal separator: 1,234,567.89 in
// English, 1 234 567,89 with no-break spaces in Russian.
func (l *Locale) separators() (thousands, decimal string) {
	if l.Lang == "ru" {
		return nbsp, ","
	}
	return ",", "."
}

// Number writes r with the given decimal places, halves away from zero. It
// expects a number: absence is a word, not a number, and is the caller's.
func (l *Locale) Number(r *big.Rat, places int) string {
	s := r.FloatString(places) // exact; no float is involved
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "−", s[1:]
	}
	if strings.Trim(s, "0.") == "" {
		sign = "" // -0.00
	}
	whole, frac, _ := strings.Cut(s, ".")
	thousands, decimal := l.separators()
	var b strings.Builder
	b.WriteString(sign)
	for i, c := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(thousands)
		}
		b.WriteRune(c)
	}
	if frac != "" {
		b.WriteString(decimal + frac)
	}
	return b.String()
}

// Plain writes r with as many of its decimals as it has, at most places, and no
// trailing zeros.
func (l *Locale) Plain(r *big.Rat, places int) string {
	for n := 0; n < places; n++ {
		back, ok := new(big.Rat).SetString(r.FloatString(n))
		if ok && back.Cmp(r) == 0 {
			return l.Number(r, n)
		}
	}
	return l.Number(r, places)
}

// Percent writes r, a number of percent.
func (l *Locale) Percent(r *big.Rat, places int) string {
	if l.Lang == "ru" {
		return l.Number(r, places) + nbsp + "%"
	}
	return l.Number(r, places) + "%"
}

var (
	million = big.NewRat(1_000_000, 1)
	billion = big.NewRat(1_000_000_000, 1)
	ten     = big.NewRat(10, 1)
)

// USD writes an amount of US dollars in a sentence: in full below a million,
// else in millions or billions with three digits or so: "US$86,454",
// "US$1.94 million", "86 454 долл. США", "1,94 млн долл. США". A number keeps
// its unit on its line.
func (l *Locale) USD(r *big.Rat) string {
	n := l.Short(r)
	if l.Lang == "ru" {
		return l.Dollars(n)
	}
	if strings.HasPrefix(n, "−") {
		return "−US$" + strings.TrimPrefix(n, "−")
	}
	return "US$" + n
}

// USDRange writes a range of US dollars in one unit: "US$4.57–16.40 million",
// "US$238–854 thousand". Ranges are estimates: they are not written to the dollar.
// They are long: a line may end after "млн" and nowhere else.
func (l *Locale) USDRange(low, high *big.Rat) string {
	unit, word := big.NewRat(1, 1), ""
	places := 0
	switch {
	case high.Cmp(billion) >= 0:
		unit, word, places = billion, map[bool]string{true: "млрд", false: "billion"}[l.Lang == "ru"], 2
	case high.Cmp(million) >= 0:
		unit, word, places = million, map[bool]string{true: "млн", false: "million"}[l.Lang == "ru"], 2
	}
	if word != "" && low.Cmp(new(big.Rat).Mul(unit, ten)) >= 0 {
		places = 1
	}
	if word == "" && high.Cmp(big.NewRat(100_000, 1)) >= 0 {
		unit, word = big.NewRat(1000, 1), map[bool]string{true: "тыс.", false: "thousand"}[l.Lang == "ru"]
		if low.Cmp(new(big.Rat).Mul(unit, ten)) < 0 {
			places = 1
		}
	}
	text := l.Number(new(big.Rat).Quo(low, unit), places) + "–" + l.Number(new(big.Rat).Quo(high, unit), places)
	if word != "" {
		text += nbsp + word
	}
	if l.Lang == "ru" && word != "" {
		return text + " долл." + nbsp + "США"
	}
	return l.Dollars(text)
}

// Dollars names the unit of a number of US dollars already written.
func (l *Locale) Dollars(number string) string {
	if l.Lang != "ru" {
		return "US$" + number
	}
	return number + nbsp + "долл." + nbsp + "США"
}

// Short writes a number in full below a million, else in millions or billions.
func (l *Locale) Short(r *big.Rat) string {
	abs := new(big.Rat).Abs(r)
	scale := func(unit *big.Rat, word string) string {
		q := new(big.Rat).Quo(r, unit)
		places := 2
		if new(big.Rat).Abs(q).Cmp(ten) >= 0 {
			places = 1
		}
		return l.Number(q, places) + nbsp + word
	}
	// 999,999.6 would be written 1,000,000: from half below on it is a million.
	almost := func(unit *big.Rat, half int64) bool {
		return abs.Cmp(new(big.Rat).Sub(unit, big.NewRat(half, 2))) >= 0
	}
	switch {
	case almost(billion, 10_000_000):
		if l.Lang == "ru" {
			return scale(billion, "млрд")
		}
		return scale(billion, "billion")
	case almost(million, 1):
		if l.Lang == "ru" {
			return scale(million, "млн")
		}
		return scale(million, "million")
	}
	return l.Number(r, 0)
}

// Axis writes a number for an axis: 0, 500 thousand, 2 million.
func (l *Locale) Axis(r *big.Rat) string {
	abs := new(big.Rat).Abs(r)
	units := []struct {
		unit   *big.Rat
		en, ru string
	}{{billion, "bn", "млрд"}, {million, "m", "млн"}, {big.NewRat(1000, 1), "k", "тыс."}}
	for _, u := range units {
		if abs.Cmp(u.unit) >= 0 {
			n := l.Plain(new(big.Rat).Quo(r, u.unit), 2)
			if l.Lang == "ru" {
				return n + nbsp + u.ru
			}
			return n + u.en
		}
	}
	return l.Plain(r, 2)
}

// Date writes a day: "23 November 2026", "23.11.2026".
func (l *Locale) Date(t time.Time) string {
	if l.Lang == "ru" {
		return t.Format("02.01.2006")
	}
	return t.Format("2 January 2006")
}

// Day writes a day that is known as precisely as its text: "2017-03-24", "2017-03",
// "2017". Another text is left as it is.
func (l *Locale) Day(text string) string {
	if t, err := time.Parse(time.DateOnly, text); err == nil {
		return l.Date(t)
	}
	if t, err := time.Parse("2006-01", text); err == nil {
		if l.Lang == "ru" {
			return t.Format("01.2006")
		}
		return t.Format("January 2006")
	}
	return text
}

// Dash stands between two parts of a line, with its blanks.
func (l *Locale) Dash() string {
	if l.Lang == "ru" {
		return nbsp + "— "
	}
	return " – "
}

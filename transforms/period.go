package transforms

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// stepDates reads the published dates. A date that is written but is none
// ("31/03/2014", "42916", "#REF!") rejects the statement: no reading of it is
// safe. A date that is absent leaves the year null; none is inferred.
var stepDates = each(func(r *Row) {
	var ok bool
	read := func(what, ru, text string) Date {
		d, err := ParseDate(text)
		if err != nil && r.Problem == "" {
			r.reject(fmt.Sprintf("%s %q is not an ISO 8601 date", what, text), fmt.Sprintf("%s %q: это не дата по ISO 8601", ru, text))
		}
		return d
	}
	day := read("date", "дата", r.D.Date)
	start, end := read("period start", "начало периода", r.D.PeriodStart), read("period end", "конец периода", r.D.PeriodEnd)
	if r.Problem != "" {
		return
	}
	if v, err := ParseDate(r.D.ValueDate); err != nil {
		r.flag("value_date_unreadable")
	} else if v != NoDate {
		r.ValueDate, r.ValueYear = v, int32(v.Year())
	}
	for _, of := range [...]struct {
		text string
		into *Date
	}{{r.D.ActivityStart, &r.Starts}, {r.D.ActivityEnd, &r.Ends}} {
		if d, err := ParseDate(of.text); err != nil {
			r.flag("activity_date_unreadable")
		} else {
			*of.into = d
		}
	}
	switch {
	case day != NoDate:
		r.Start, r.End = day, day
	case start != NoDate && end != NoDate:
		if end < start {
			r.reject(fmt.Sprintf("period ends %s, before it starts %s", end, start), fmt.Sprintf("период кончается %s, раньше, чем начинается %s", end, start))
			return
		}
		r.Start, r.End = start, end
	case start != NoDate:
		r.Start, r.End = start, start
		r.flag("period_end_missing")
	case end != NoDate:
		r.Start, r.End = end, end
		r.flag("period_start_missing")
	case r.D.Year != "":
		if r.Start, r.End, r.Year, ok = yearPeriod(r.D.Year, r.D.YearBasis); !ok {
			r.reject(fmt.Sprintf("year %q is not a year of basis %q", r.D.Year, r.D.YearBasis), fmt.Sprintf("год %q: такого года нет в счёте %q", r.D.Year, r.D.YearBasis))
		}
		return
	default:
		r.flag("no_period")
		return
	}
	r.Year = yearOf(r.End, r.D.YearBasis)
	if from, to := r.Start.Year(), r.End.Year(); from < 1960 || to > 2060 {
		r.reject(fmt.Sprintf("period %s to %s lies outside 1960 to 2060", r.Start, r.End), fmt.Sprintf("период с %s по %s выходит за пределы 1960–2060 годов", r.Start, r.End))
	} else if from < 1980 || to > 2040 {
		r.flag("odd_year")
	}
})

// ParseDate reads an ISO 8601 date, or date and time; "" gives NoDate.
func ParseDate(text string) (Date, error) {
	s := strings.TrimSpace(text)
	if s == "" {
		return NoDate, nil
	}
	if len(s) > len(time.DateOnly) && strings.IndexByte("TZ+- ", s[10]) >= 0 {
		s = s[:10]
	}
	if len(s) == len(time.DateOnly) && s[4] == '-' && s[7] == '-' {
		y, m, d := atoi(s[:4]), atoi(s[5:7]), atoi(s[8:])
		if y > 0 && m >= 1 && m <= 12 && d >= 1 && d <= 31 {
			if t := DateOf(y, time.Month(m), d); t.Time().Day() == d {
				return t, nil
			}
		}
	}
	return NoDate, fmt.Errorf("%q is not an ISO 8601 date", text)
}

// atoi reads digits only; -1 when there is anything else.
func atoi(s string) int {
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return -1
		}
		n = n*10 + int(s[i]-'0')
	}
	return n
}

// yearPeriod gives the days of a year in its basis.
func yearPeriod(text, basis string) (start, end Date, year int32, ok bool) {
	y, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(text), ".0"))
	if err != nil || y < 1900 || y > 2100 {
		return NoDate, NoDate, 0, false
	}
	switch basis {
	case "", "calendar":
		return DateOf(y, 1, 1), DateOf(y, 12, 31), int32(y), true
	case "us_fiscal":
		return DateOf(y-1, 10, 1), DateOf(y, 9, 30), int32(y), true
	}
	return NoDate, NoDate, 0, false
}

// yearOf is the year of the basis a day falls in.
func yearOf(d Date, basis string) int32 {
	t := d.Time()
	if basis == "us_fiscal" && t.Month() >= time.October {
		return int32(t.Year() + 1)
	}
	return int32(t.Year())
}

// stepSlice cuts a period that spans years into one row a year, by day.
var stepSlice = spread(func(r *Row) []Row {
	if r.Start == NoDate || yearOf(r.Start, r.D.YearBasis) == yearOf(r.End, r.D.YearBasis) {
		return nil
	}
	var starts, ends []Date
	var days []uint64
	for from := r.Start; from <= r.End; {
		_, last, _, _ := yearPeriod(strconv.Itoa(int(yearOf(from, r.D.YearBasis))), r.D.YearBasis)
		to := min(last, r.End)
		starts, ends, days = append(starts, from), append(ends, to), append(days, uint64(to-from+1))
		from = to + 1
	}
	if len(days) > 60 {
		r.reject(fmt.Sprintf("period %s to %s spans %d years", r.Start, r.End, len(days)), fmt.Sprintf("период с %s по %s охватывает лет: %d", r.Start, r.End, len(days)))
		return nil
	}
	return r.split("period", days, func(i int, p *Row) string {
		p.Start, p.End, p.Year = starts[i], ends[i], yearOf(ends[i], r.D.YearBasis)
		return strconv.Itoa(int(p.Year))
	})
})

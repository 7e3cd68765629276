package webtables

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// timeline reads the period of a project.
type timeline struct {
	point  *regexp.Regexp
	months map[string]time.Month
}

// Words that may stand around the two points of a timeline; anything else means
// that it says more than the points do ("March to May and December 2018").
var (
	timelineBefore  = regexp.MustCompile(`(?i)^(?:from |since |с |со |з )?$`)
	timelineBetween = regexp.MustCompile(`(?i)^ ?(?:г\.|года|р\.|року)? ?(?:-|–|—|to|until|till|по|до)? ?$`)
	timelineAfter   = regexp.MustCompile(`(?i)^ ?(?:г\.|года|годы|гг\.|р\.|року|роки|рр\.)?\.?$`)
)

func newTimeline(months [][]string) (*timeline, error) {
	if len(months) != 0 && len(months) != 12 {
		return nil, fmt.Errorf("%d lists, want twelve", len(months))
	}
	t := &timeline{months: map[string]time.Month{}}
	words := map[int][]string{}
	for i, names := range months {
		for _, n := range names {
			t.months[fold(n)] = time.Month(i + 1)
		}
		words[i] = names
	}
	t.point = regexp.MustCompile(`(?i)(?P<iso>\d{4}-\d{2}-\d{2})|(?P<dotted>\d{2}\.\d{2}\.\d{4})|(?:(?P<day>\d{1,2}) )?(?P<month>` +
		alternatives(words) + `)\.?,? (?P<myear>\d{4})|(?P<year>\d{4})`)
	return t, nil
}

// read returns the first and last day of a timeline, or false when it says
// anything but one or two points in time.
func (t *timeline) read(text string) (start, end time.Time, ok bool) {
	text = oneLine(text)
	at := t.point.FindAllStringSubmatchIndex(text, -1)
	if len(at) == 0 || len(at) > 2 {
		return start, end, false
	}
	last := at[len(at)-1]
	if !timelineBefore.MatchString(text[:at[0][0]]) || !timelineAfter.MatchString(text[last[1]:]) {
		return start, end, false
	}
	if len(at) == 2 && (at[0][1] == at[1][0] || !timelineBetween.MatchString(text[at[0][1]:at[1][0]])) {
		return start, end, false
	}
	start, to, ok := t.span(text, at[0])
	if !ok {
		return start, end, false
	}
	if len(at) == 2 {
		if _, to, ok = t.span(text, last); !ok {
			return start, end, false
		}
	} else if start == to {
		return start, end, false // a single day is no period
	}
	return start, to, !to.Before(start)
}

// span is the first and last day of one point: a day, a month or a year.
func (t *timeline) span(text string, at []int) (from, to time.Time, ok bool) {
	group := func(name string) string {
		i := t.point.SubexpIndex(name)
		if at[2*i] < 0 {
			return ""
		}
		return text[at[2*i]:at[2*i+1]]
	}
	for name, layout := range map[string]string{"iso": time.DateOnly, "dotted": "02.01.2006"} {
		if s := group(name); s != "" {
			d, err := time.Parse(layout, s)
			return d, d, err == nil
		}
	}
	if s := group("year"); s != "" {
		y, ok := year(s)
		return date(y, 1, 1), date(y, 12, 31), ok
	}
	y, ok := year(group("myear"))
	month := t.months[fold(group("month"))]
	if s := group("day"); s != "" {
		n, err := strconv.Atoi(s)
		d := date(y, month, n)
		return d, d, ok && err == nil && d.Month() == month
	}
	return date(y, month, 1), date(y, month+1, 0), ok
}

func year(s string) (int, bool) {
	y, err := strconv.Atoi(s)
	return y, err == nil && y >= 1980 && y <= 2100
}

func date(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

// nthYear is the n-th year of a period, if the period has one.
func nthYear(start, end time.Time, n int) (from, to time.Time, ok bool) {
	from = start.AddDate(n-1, 0, 0)
	to = start.AddDate(n, 0, -1)
	if n < 1 || from.After(end) {
		return from, to, false
	}
	if to.After(end) {
		to = end
	}
	return from, to, true
}

// iso is a day as the contract writes it, "" for none.
func iso(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return strings.TrimSpace(t.Format(time.DateOnly))
}

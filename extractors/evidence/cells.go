package evidence

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/currency"
	"golang.org/x/text/language"

	"hrinvest/extractors"
	"hrinvest/extractors/plaintext"
)

func isAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && !strings.ContainsAny(s, " \n\t")
}

// area is a place as observations name it: an alpha-3 code or region id where
// the row has one, else the name.
func area(p extractors.Share) (code, name string) {
	switch {
	case p.Vocabulary == "iso2":
		if region, err := language.ParseRegion(p.Code); err == nil {
			return region.ISO3(), ""
		}
		return "", p.Code
	case p.Code != "":
		return p.Code, ""
	}
	return "", p.Name
}

func (r *reader) places() []extractors.Share {
	var out []extractors.Share
	for _, name := range append(list(r.text("country")), list(r.text("countries"))...) {
		p := extractors.Share{Vocabulary: "name", Name: name}
		switch {
		case alpha3.MatchString(name):
			p = extractors.Share{Vocabulary: "iso3", Code: name}
		case alpha2.MatchString(name):
			p = extractors.Share{Vocabulary: "iso2", Code: name}
		}
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	if name := r.text("region"); name != "" {
		p := extractors.Share{Vocabulary: "region", Name: name}
		if regionID.MatchString(name) {
			p.Code = name
		}
		out = append(out, p)
	}
	return out
}

// list cuts a cell with several entries.
func list(s string) []string {
	var out []string
	for _, e := range strings.FieldsFunc(s, func(r rune) bool { return r == ';' || r == '|' || r == '\n' }) {
		if e = strings.TrimSpace(e); e != "" {
			out = append(out, e)
		}
	}
	return out
}

// choice reads a cell of a column with a closed list, by id or name in either
// language.
func (r *reader) choice(id string) string {
	text := r.get[id].text
	if text == "" {
		return ""
	}
	v, ok := r.ids[id][fold(text)]
	if !ok {
		var en, ru []string
		for _, v := range r.values[id] {
			en, ru = append(en, v.ID), append(ru, v.NameRU)
		}
		m := say("%[1]s %[2]q is not one of %[3]s", "%[4]s: %[2]q нет в списке: %[5]s", id, short(text), strings.Join(en, ", "), r.ru(id), strings.Join(ru, ", "))
		if !slices.Contains(r.s.problems, m) {
			r.s.reject(m)
		}
	}
	return v
}

// number reads a figure as plain decimal text.
func (r *reader) number(id string) string {
	c := r.get[id]
	if c.text == "" {
		return ""
	}
	if c.percent {
		r.s.reject(say("%[1]s is shown as a percentage (stored as %[2]s): format the cell as a number, write 6 for 6 percent and put percent in unit", "%[3]s: показано в процентах (хранится %[2]s); сделайте формат числовым, пишите 6 для 6 процентов и percent в единице", id, short(c.text), r.ru(id)))
		return ""
	}
	var plain string
	var err error
	if c.stored {
		var rounded bool
		if plain, rounded, err = plaintext.Stored(c.text); rounded {
			r.flag("stored_digits:" + id)
		}
	} else {
		plain, err = plaintext.Number(c.text)
	}
	var two *plaintext.AmbiguousError
	switch {
	case errors.As(err, &two):
		r.s.reject(say("%[1]s %[2]q can be read in two ways: write %[3]s or %[4]s", "%[5]s: %[2]q читается двояко, напишите %[3]s или %[4]s", id, short(c.text), two.Grouped, two.Decimal, r.ru(id)))
	case err != nil:
		r.s.reject(say("%[1]s %[2]q is not a number", "%[3]s: %[2]q не число", id, short(c.text), r.ru(id)))
	}
	return plain
}

func (r *reader) currency() string {
	text := strings.ToUpper(r.get["currency"].text)
	if text == "" {
		return ""
	}
	if _, err := currency.ParseISO(text); err != nil {
		r.s.reject(say("currency %q is not a code of ISO 4217 such as USD", "валюта %q: нужен код ISO 4217, например USD", short(text)))
		return ""
	}
	return text
}

func (r *reader) year() string {
	text := r.get["year"].text
	if text == "" {
		return ""
	}
	if !fourDigits.MatchString(text) {
		r.s.reject(say("year %q is not one year: for several give period_start and period_end", "год %q не один год: для нескольких укажите начало и конец периода", short(text)))
		return ""
	}
	return text[:4]
}

// date reads 2016-01-31, 31.01.2016 or a workbook's day count.
func (r *reader) date(id string) string {
	c := r.get[id]
	if c.text == "" {
		return ""
	}
	if c.stored {
		if d, ok := serialDate(c.text, r.sheet.epoch); ok {
			return d
		}
	}
	for _, layout := range []string{time.DateOnly, "02.01.2006", "2006-01-02T00:00:00", "2006-01-02T00:00:00Z"} {
		if t, err := time.Parse(layout, c.text); err == nil {
			return t.Format(time.DateOnly)
		}
	}
	r.s.reject(say("%[1]s %[2]q is not a date: write 2016-01-31", "%[3]s: %[2]q не дата, напишите 2016-01-31", id, short(c.text), r.ru(id)))
	return ""
}

// period checks that both ends are there, in order.
func (r *reader) period(start, end string) {
	switch {
	case r.get["period_start"].text != "" && r.get["period_end"].text == "":
		r.need("period_end")
	case r.get["period_end"].text != "" && r.get["period_start"].text == "":
		r.need("period_start")
	case start != "" && end != "" && start > end:
		r.s.reject(say("the period ends (%s) before it starts (%s)", "период кончается (%s) раньше, чем начинается (%s)", end, start))
	}
}

// marks reads the column of flags.
func (r *reader) marks() {
	for _, f := range strings.Fields(strings.NewReplacer(",", " ", ";", " ").Replace(r.get["flags"].text)) {
		if !mark.MatchString(f) {
			r.s.reject(say("flags: %q is not a mark such as series_break", "отметки: %q не отметка вида series_break", short(f)))
			continue
		}
		r.flag(f)
	}
}

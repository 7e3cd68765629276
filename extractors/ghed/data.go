package ghed

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"hrinvest/extractors/plaintext"
)

// yearForm is a year as a number or as text; Excel may keep it as 2019.0.
var yearForm = regexp.MustCompile(`^(\d{4})(?:\.0+)?$`)

// workbook reads the columns of disease 11 of the sheet Data, a row per country
// and year.
func (p *parser) workbook(b []byte) (err error) {
	w, problem, err := openWorkbook(b)
	if err != nil {
		return err
	}
	if problem != "" {
		return p.reject("/", problem, nil)
	}
	defer func() { err = errors.Join(err, w.close()) }()
	for _, d := range w.doubtful {
		if err := p.reject(d.locator, fmt.Sprintf("the column %s is not read: %s", d.code, d.reason), nil); err != nil {
			return err
		}
	}
	methods, err := w.methods()
	if err == nil {
		var preliminary map[string]string
		if preliminary, err = w.preliminary(); err == nil {
			err = w.rows(sheetData, func(n int, cells []string) (bool, error) {
				if n%200 == 0 && p.ctx.Err() != nil {
					return false, p.ctx.Err()
				}
				if n <= w.header {
					return true, nil
				}
				return true, p.row(w, n, cells, methods, preliminary)
			})
		}
	}
	if broken := (*sheetError)(nil); errors.As(err, &broken) {
		return p.reject("/", broken.Error(), nil)
	}
	return err
}

// row reads one country and year.
func (p *parser) row(w *workbook, n int, cells []string, methods map[[2]string]string, preliminary map[string]string) error {
	area, name, year := cell(cells, w.code), cell(cells, w.location), cell(cells, w.year)
	raw := map[string]string{"location": name, "code": area, "year": year}
	for _, c := range w.series {
		if text := cell(cells, c.at); text != "" {
			raw[c.code] = text
		}
	}
	if len(raw) == 3 {
		return nil // no account by disease of this country and year
	}
	m := yearForm.FindStringSubmatch(year)
	switch {
	case m == nil:
		return p.reject(w.locator(sheetData, w.year, n), fmt.Sprintf("%q is not a year", year), raw)
	case area == "":
		return p.reject(w.locator(sheetData, w.code, n), "no country code: merged cells leave all rows but the first empty", raw)
	}
	for _, c := range w.series {
		text := cell(cells, c.at)
		if text == "" {
			continue
		}
		f := figure{
			locator: w.locator(sheetData, c.at, n), area: area, name: name, year: m[1], series: c.series,
			note: strings.TrimSpace(methods[[2]string{area, c.base}] + " " + preliminary[m[1]]), raw: raw,
		}
		if slices.Contains(absent, strings.ToLower(text)) {
			f.written = text
		} else {
			plain, _, err := plaintext.Stored(text)
			if err != nil || !numberForm.MatchString(text) {
				if err := p.reject(f.locator, fmt.Sprintf("%s: %q is not a number", c.code, text), raw); err != nil {
					return err
				}
				continue
			}
			f.value = plain
		}
		if err := p.observe(f); err != nil {
			return err
		}
	}
	return nil
}

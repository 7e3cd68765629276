package ghed

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"hrinvest/extractors/plaintext"
)

// longColumns must be in the header of a long table, in any order.
var longColumns = [...]string{"code_in_source", "iso_code", "year", "value", "units"}

// converted: the re-publisher computes dollars at constant prices itself, with
// the IMF's deflators and implied rates (scripts/tools.py of its repository).
const converted = "Converted to dollars by the re-publisher (https://github.com/ONEcampaign/topic_health_financing), not by WHO."

var (
	// unitsForm: what a value is in. The re-publisher multiplies WHO's millions.
	unitsForm = regexp.MustCompile(`^(Current|(\d{4}) constant) (LCU|USD)$`)
	dayForm   = regexp.MustCompile(`^(\d{4})(-01-01( 00:00:00Z?)?)?$`)
)

func isLong(header string) bool {
	for _, c := range longColumns {
		if !strings.Contains(header, c) {
			return false
		}
	}
	return true
}

// long reads a table with one value a row. Values there are in units; the point
// is moved to the millions in which WHO publishes, so that an indicator has one
// unit whichever file it comes from.
func (p *parser) long(b []byte) error {
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	whole := bytes.HasSuffix(b, []byte("\n"))
	r := csv.NewReader(bytes.NewReader(b))
	r.FieldsPerRecord, r.ReuseRecord = -1, true
	header, err := r.Read()
	if err != nil || !isLong(strings.Join(header, ",")) {
		return p.reject("/", fmt.Sprintf("not a table of the database: the columns %s are not all there", strings.Join(longColumns[:], ", ")), nil)
	}
	header = append([]string(nil), header...)
	indicators, err := readSeries()
	if err != nil {
		return err
	}
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			if err := p.reject(fmt.Sprintf("row %d", bad.StartLine), "not readable as CSV: "+bad.Err.Error(), nil); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		line, _ := r.FieldPos(0)
		raw := map[string]string{}
		for i, h := range header {
			if i < len(fields) && h != "" {
				raw[h] = fields[i]
			}
		}
		locator := fmt.Sprintf("row %d", line)
		switch {
		case len(fields) != len(header):
			err = p.reject(locator, fmt.Sprintf("%d fields, but the header has %d", len(fields), len(header)), raw)
		case !whole && int(r.InputOffset()) == len(b):
			err = p.reject(locator, "the file ends inside this row, without a line break: it may be cut", raw)
		default:
			err = p.longRow(locator, raw, indicators)
		}
		if err != nil {
			return err
		}
	}
}

func (p *parser) longRow(locator string, raw map[string]string, indicators map[string]string) error {
	code := raw["code_in_source"]
	s, _, ok := newSeries(indicators, code)
	if !ok || s.code != s.base {
		p.count("another variable than the spending on disease 11", 1)
		return nil
	}
	units, year, text := unitsForm.FindStringSubmatch(raw["units"]), dayForm.FindStringSubmatch(raw["year"]), strings.TrimSpace(raw["value"])
	plain, isNumber := decimal(text)
	switch {
	case units == nil:
		return p.reject(locator, fmt.Sprintf("%q is no unit that is known", raw["units"]), raw)
	case year == nil:
		return p.reject(locator, fmt.Sprintf("%q is not a year", raw["year"]), raw)
	case text == "":
		return nil
	case !isNumber:
		return p.reject(locator, fmt.Sprintf("%s: %q is not a number", code, text), raw)
	}
	b := basis{units[3], units[2]}
	s = s.in(b)
	f := figure{locator: locator, area: raw["iso_code"], name: raw["country_name"], year: year[1], series: s, value: plain, raw: raw}
	if !isZero(plain) {
		f.value = plaintext.Shift(plain, -6)
		f.note = fmt.Sprintf("Written as %s %s.", text, raw["units"])
	}
	if b.currency == "USD" {
		f.series.note = converted
	}
	return p.observe(f)
}

// decimal writes a number without its exponent, digit for digit.
func decimal(s string) (plain string, ok bool) {
	if !numberForm.MatchString(s) {
		return "", false
	}
	mantissa, exponent := s, 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		mantissa = s[:i]
		exponent, _ = strconv.Atoi(s[i+1:]) //nolint:errcheck // numberForm has seen to it
	}
	if exponent == 0 {
		return mantissa, true
	}
	return plaintext.Shift(mantissa, exponent), true
}

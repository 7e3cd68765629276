package imf

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// The names of a table's columns, in lower case: those of the by-country files up
// to April 2025 first, then those of the data portal.
var (
	isoNames    = []string{"iso", "country.id"}
	codeNames   = []string{"weo subject code", "indicator.id"}
	seriesNames = []string{"series_code"} // ECU.NGDPD.A
	nameNames   = []string{"country"}
	scaleNames  = []string{"scale"}
	unitNames   = []string{"units", "unit"}
	latestNames = []string{"estimates start after", "latest_actual_annual_data"}
	dateNames   = []string{"publication_date"}
)

var yearForm = regexp.MustCompile(`^\d{4}$`)

// isTable recognises the header of a table.
func isTable(header string) bool {
	h := strings.ToLower(header)
	return strings.Contains(h, "weo subject code") || strings.Contains(h, "series_code") && strings.Contains(h, "scale") && strings.Contains(h, "latest_actual_annual_data")
}

// decode turns a table into UTF-8. The files of April since 2022 (and of October
// 2020) are UTF-16 without a mark of it, the others windows-1252.
func decode(b []byte) string {
	e := encoding.Encoding(charmap.Windows1252)
	switch start := b[:min(len(b), 200)]; {
	case bytes.HasPrefix(b, []byte{0xff, 0xfe}), bytes.HasPrefix(b, []byte{0xfe, 0xff}):
		e = unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM)
	case bytes.Count(start, []byte{0}) > len(start)/3:
		e = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case utf8.Valid(b[:max(0, len(b)-utf8.UTFMax)]): // the beginning of a file may end inside a character
		return strings.TrimPrefix(string(b), "\ufeff")
	}
	text, err := e.NewDecoder().Bytes(b)
	if err != nil {
		return string(bytes.ToValidUTF8(b, []byte("\ufffd")))
	}
	return string(text)
}

// table reads a table with a row per economy and series and a column per year,
// separated by tabs (whatever the name ends with) or commas.
func (p *parser) table(b []byte) error {
	text := decode(b)
	first, _, _ := strings.Cut(text, "\n")
	if !isTable(first) {
		return p.reject("/", "not a table of the World Economic Outlook: no column WEO Subject Code or SERIES_CODE", nil)
	}
	next := commaRows(text)
	if strings.Contains(first, "\t") {
		next = tabRows(text)
	}
	_, header, _ := next()
	for i := range header {
		header[i] = strings.TrimSpace(header[i])
	}
	find := func(names []string) int {
		return slices.IndexFunc(header, func(h string) bool { return slices.Contains(names, strings.ToLower(h)) })
	}
	iso, code, series, name := find(isoNames), find(codeNames), find(seriesNames), find(nameNames)
	scale, unit, latest, date := find(scaleNames), find(unitNames), find(latestNames), find(dateNames)
	var figures []figure
	for {
		line, row, problem := next()
		if row == nil && problem == "" {
			return p.figures(figures)
		}
		locator := fmt.Sprintf("row %d", line)
		if problem == "" && len(row) < len(header) && strings.TrimSpace(strings.Join(row[min(1, len(row)):], "")) == "" {
			continue // a blank line, or the line that names the edition at the end
		}
		if problem == "" && len(row) < len(header) {
			problem = fmt.Sprintf("%d fields, but the header has %d: the row may be cut", len(row), len(header))
		}
		if problem != "" {
			if err := p.reject(locator, problem, nil); err != nil {
				return err
			}
			continue
		}
		get := func(i int) string {
			if i < 0 {
				return ""
			}
			return strings.TrimSpace(row[i])
		}
		f := figure{
			locator: locator, area: get(iso), code: get(code), name: get(name),
			about: about{scale: get(scale), unit: get(unit), latest: get(latest), edition: dateIn.FindString(get(date))},
		}
		if parts := strings.Split(get(series), "."); len(parts) == 3 {
			f.area, f.code = parts[0], parts[1]
		}
		if !p.wanted(f) {
			continue
		}
		for i, year := range header {
			if yearForm.MatchString(year) {
				f.locator, f.year, f.text = locator+" "+year, year, get(i)
				figures = append(figures, f)
			}
		}
	}
}

// rows returns the next row with its line; no row and no problem at the end.
type rows func() (line int, row []string, problem string)

// tabRows reads text separated by tabs. Quotation marks within a field mean
// nothing; a field may stand in a pair of them.
func tabRows(text string) rows {
	n := 0
	return func() (int, []string, string) {
		if text == "" {
			return n, nil, ""
		}
		line, rest, ended := strings.Cut(text, "\n")
		text = rest
		n++
		fields := strings.Split(strings.TrimSuffix(line, "\r"), "\t")
		if !ended && len(fields) > 1 {
			return n, nil, "the file ends inside this row, without a line break: it may be cut"
		}
		for i, f := range fields {
			if len(f) >= 2 && f[0] == '"' && f[len(f)-1] == '"' {
				fields[i] = strings.ReplaceAll(f[1:len(f)-1], `""`, `"`)
			}
		}
		return n, fields, ""
	}
}

func commaRows(text string) rows {
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord = -1
	return func() (int, []string, string) {
		row, err := r.Read()
		var bad *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return 0, nil, ""
		case errors.As(err, &bad):
			return bad.StartLine, nil, "not readable as CSV: " + bad.Err.Error()
		case err != nil:
			return 0, nil, "not readable: " + err.Error() // cannot be: the text is in memory
		}
		line, _ := r.FieldPos(0)
		if !strings.HasSuffix(text, "\n") && int(r.InputOffset()) == len(text) {
			return line, nil, "the file ends inside this row, without a line break: it may be cut"
		}
		return line, row, ""
	}
}

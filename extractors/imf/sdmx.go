package imf

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Columns an answer of the API must have. Their order is free, others are passed over.
var sdmxColumns = [...]string{"COUNTRY", "INDICATOR", "TIME_PERIOD", "OBS_VALUE"}

func isSDMX(header string) bool {
	columns := strings.Split(strings.TrimSpace(header), ",")
	for _, c := range sdmxColumns {
		if !slices.Contains(columns, c) {
			return false
		}
	}
	return true
}

// sdmxReader reads SDMX-CSV, of which 1.0 and 2.0 differ in columns not read here.
type sdmxReader struct {
	csv    *csv.Reader
	header []string
	size   int
	whole  bool // the text ends with a line break
	line   int  // of the row read last
}

func openSDMX(b []byte) (t *sdmxReader, problem string) {
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	r := csv.NewReader(bytes.NewReader(b))
	r.FieldsPerRecord = -1
	header, err := r.Read()
	for i := range header {
		header[i] = strings.TrimSpace(header[i])
	}
	if err != nil || !isSDMX(strings.Join(header, ",")) {
		return nil, fmt.Sprintf("not an answer of the API in CSV: the columns %s are not all there", strings.Join(sdmxColumns[:], ", "))
	}
	return &sdmxReader{csv: r, header: header, size: len(b), whole: bytes.HasSuffix(b, []byte("\n"))}, ""
}

func (t *sdmxReader) column(name string) int { return slices.Index(t.header, name) }

func (t *sdmxReader) get(row []string, name string) string {
	if i := t.column(name); i >= 0 && i < len(row) {
		return strings.TrimSpace(row[i])
	}
	return ""
}

// next returns the next row, or what is wrong with it; neither at the end.
func (t *sdmxReader) next() (row []string, problem string) {
	row, err := t.csv.Read()
	var bad *csv.ParseError
	switch {
	case errors.Is(err, io.EOF):
		return nil, ""
	case errors.As(err, &bad):
		t.line = bad.StartLine
		return nil, "not readable as CSV: " + bad.Err.Error()
	case err != nil:
		return nil, "not readable: " + err.Error() // cannot be: the text is in memory
	}
	t.line, _ = t.csv.FieldPos(0)
	switch {
	case len(row) != len(t.header):
		return nil, fmt.Sprintf("%d fields, but the header has %d", len(row), len(t.header))
	case !t.whole && int(t.csv.InputOffset()) == t.size:
		return nil, "the file ends inside this row, without a line break: it may be cut"
	}
	return row, ""
}

// sdmx reads an answer of the API. What holds for a whole series may stand in
// each of its rows, or in a row of its own without a period and a value, where
// dimensions it does not depend on are empty or "~".
func (p *parser) sdmx(b []byte) error {
	t, problem := openSDMX(b)
	if problem != "" {
		return p.reject("/", problem, nil)
	}
	var figures []figure
	series := map[[2]string]about{} // by economy and indicator, "" any
	for row, problem := t.next(); row != nil || problem != ""; row, problem = t.next() {
		locator := fmt.Sprintf("row %d", t.line)
		if problem != "" {
			if err := p.reject(locator, problem, nil); err != nil {
				return err
			}
			continue
		}
		f := figure{
			locator: locator, area: dimension(t.get(row, "COUNTRY")), code: dimension(t.get(row, "INDICATOR")),
			year: t.get(row, "TIME_PERIOD"), text: t.get(row, "OBS_VALUE"),
			about: about{
				scale: t.get(row, "SCALE"), unit: t.get(row, "UNIT"),
				latest: t.get(row, "LATEST_ACTUAL_ANNUAL_DATA"), edition: dateIn.FindString(t.get(row, "PUBLICATION_DATE")),
			},
		}
		switch frequency := t.get(row, "FREQUENCY"); {
		case dimension(f.year) == "" && f.text == "":
			key := [2]string{f.area, f.code}
			series[key] = f.about.or(series[key])
		case frequency != "" && frequency != "A":
			p.count("not a value of a year", 1)
		case !p.wanted(f):
		default:
			figures = append(figures, f)
		}
	}
	for i := range figures {
		f := &figures[i]
		for _, key := range [...][2]string{{f.area, f.code}, {"", f.code}, {f.area, ""}, {"", ""}} {
			f.about = f.about.or(series[key])
		}
	}
	return p.figures(figures)
}

// dimension is a value of a dimension; "" when a row holds for all of them.
func dimension(s string) string {
	if s == "~" || s == "*" {
		return ""
	}
	return s
}

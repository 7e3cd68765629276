package dacrates

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"hrinvest/extractors/extractorstest"
)

// small is a workbook of deflators in the layout of the editions of base 2019 and
// 2020, with invented figures: a title, an empty row, the years, the donors, their
// names once more behind the years, a footnote.
var small = [][]any{
	{"Deflators for Resource Flows from DAC Countries a)"},
	{"2020 = 100"},
	{nil, 2010, 2011, 2012, 2013, 2014, 2015, 2016, 2017, 2018, 2019, 2020, 2021, nil},
	{"Norway", 80.5, 81, 82, 83, 84, 85, 86, 87, 88, 89, 100, 110, "Norway"},
	{"Czech Republic", 0.0, 0, nil, nil, nil, nil, nil, nil, nil, 99.5, 100, 104, "Czech Republique"},
	{"United Kingdom", nil, nil, nil, nil, nil, 93.123456, nil, nil, nil, nil, 100, nil, "United Kingdom"},
	{"Poland", 70, nil, nil, nil, nil, nil, nil, nil, nil, 98, 100, 101, "Poland"},
	{},
	{"TOTAL DAC ", 70, nil, nil, nil, nil, nil, nil, nil, nil, 97, 100, 102, "TOTAL DAC "},
	{"EU Institutions", nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, 100, 105, "EU Institutions"},
	{"a) Including the effect of exchange rate changes, i.e. applicable to US dollar figures only."},
}

// book writes a sheet, changed by a test.
func book(t testing.TB, sheet string, rows [][]any, change func(*excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	if err := f.SetSheetName("Sheet1", sheet); err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		at, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.SetSheetRow(sheet, at, &row); err != nil {
			t.Fatal(err)
		}
	}
	if change != nil {
		change(f)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// stored is a number with all the digits that a spreadsheet writes.
type stored string

// set changes cells of the sheet Deflators, or of another ("Other!A1").
func set(t testing.TB, cells map[string]any) func(*excelize.File) {
	return func(f *excelize.File) {
		for at, v := range cells {
			sheet, cell, ok := strings.Cut(at, "!")
			if !ok {
				sheet, cell = "Deflators", at
			}
			if _, err := f.NewSheet(sheet); err != nil {
				t.Fatal(err)
			}
			var err error
			if text, ok := v.(stored); ok {
				err = f.SetCellDefault(sheet, cell, string(text))
			} else {
				err = f.SetCellValue(sheet, cell, v)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}

const (
	norway = "Deflators!B4 NOR 2010 80.5,Deflators!C4 NOR 2011 81,Deflators!D4 NOR 2012 82,Deflators!E4 NOR 2013 83,Deflators!F4 NOR 2014 84,Deflators!G4 NOR 2015 85,Deflators!H4 NOR 2016 86,Deflators!I4 NOR 2017 87,Deflators!J4 NOR 2018 88,Deflators!K4 NOR 2019 89,Deflators!L4 NOR 2020 100,Deflators!M4 NOR 2021 110,"
	others = "Deflators!K5 CZE 2019 99.5,Deflators!L5 CZE 2020 100,Deflators!M5 CZE 2021 104," +
		"Deflators!G6 GBR 2015 93.123456,Deflators!L6 GBR 2020 100," +
		"Deflators!B7 POL 2010 70,Deflators!K7 POL 2019 98,Deflators!L7 POL 2020 100,Deflators!M7 POL 2021 101," +
		"Deflators!B9 DAC 2010 70,Deflators!K9 DAC 2019 97,Deflators!L9 DAC 2020 100,Deflators!M9 DAC 2021 102," +
		"Deflators!L10 XI-IATI-EC 2020 100,Deflators!M10 XI-IATI-EC 2021 105,"
	whole = norway + others
)

func without(cells ...string) string {
	s := whole
	for _, c := range cells {
		s = strings.Replace(s, "Deflators!"+c+",", "", 1)
	}
	return s
}

func TestDeflatorBook(t *testing.T) {
	const noBase = "/: the base year cannot be told: in no year is the deflator of every donor 100"
	everyLast := map[string]any{"M3": nil, "M4": 100, "M5": 100, "M6": 100, "M7": 100, "M9": 100, "M10": 100, "A2": "2021 = 100", "L4": 99, "L5": 98, "L6": 97, "L7": 96, "L9": 95, "L10": 94}
	lastIsBase := strings.NewReplacer("2020 100", "2020 99", "2021 110", "2021 100").Replace(norway) +
		strings.NewReplacer("CZE 2020 100", "CZE 2020 98", "GBR 2020 100,", "GBR 2020 97,Deflators!M6 GBR 2021 100,", "POL 2020 100", "POL 2020 96", "DAC 2020 100", "DAC 2020 95", "EC 2020 100", "EC 2020 94", "2021 104", "2021 100", "2021 101", "2021 100", "2021 102", "2021 100", "2021 105", "2021 100").Replace(others)
	with := func(m map[string]any, more map[string]any) map[string]any {
		out := map[string]any{}
		for _, part := range []map[string]any{m, more} {
			for k, v := range part {
				out[k] = v
			}
		}
		return out
	}
	for _, c := range []struct {
		name, file string
		cells      map[string]any
		want       string
		base       string // 2020 where nothing else is said
		problems   []string
	}{
		{name: "as published", want: whole},
		{name: "base year in the file's name only", file: "Deflators-base-2020.xlsx", cells: map[string]any{"A2": nil}, want: whole},
		{name: "base year nowhere but in the figures", cells: map[string]any{"A2": nil}, want: whole},
		{name: "base year in words", cells: map[string]any{"A2": "Base year: 2020"}, want: whole},
		{name: "title and file name differ", file: "Deflators-base-2019.xlsx", problems: []string{`/: the base year is stated as 2019 and as 2020 ("2020 = 100")`}},
		{name: "title and figures differ", cells: map[string]any{"A2": "(2019=100)"}, problems: []string{"/: the base year is stated as 2019, and the year in which every donor has 100 is 2020"}},
		{name: "a donor that is not 100 in the base year", cells: map[string]any{"L7": 99.9}, problems: []string{noBase}},
		{name: "float dust", cells: map[string]any{"B4": stored("80.499999999999986"), "L7": stored("100.00000000000001"), "C4": stored("8.1E1")}, want: whole},
		{name: "years as text, with marks", cells: map[string]any{"B3": "2010", "C3": " 2011 ", "D3": "2012*", "E3": "2013 (1)", "F3": "2014a)"}, want: whole},
		{name: "names with marks", cells: map[string]any{"A4": "Norway (1)", "A7": "Poland*", "A9": "TOTAL  DAC b)"}, want: whole},
		{name: "a name that is not known", cells: map[string]any{"A4": "Norwegen"}, want: others, problems: []string{`Deflators!A4: "Norwegen" is not the name of a donor that is known here`}},
		{name: "figures of nobody", cells: map[string]any{"A4": nil, "N4": nil}, want: others, problems: []string{`Deflators!A4: "" is not the name of a donor that is known here`}},
		{name: "a donor twice", cells: map[string]any{"A5": "Norway"}, want: without("K5 CZE 2019 99.5", "L5 CZE 2020 100", "M5 CZE 2021 104"), problems: []string{"Deflators!A5: a second row of Norway"}},
		{
			name: "no numbers", cells: map[string]any{"B4": "..", "C4": "n/a", "D4": "#REF!", "E4": "82,5", "F4": -84},
			want:     without("B4 NOR 2010 80.5", "C4 NOR 2011 81", "D4 NOR 2012 82", "E4 NOR 2013 83", "F4 NOR 2014 84"),
			problems: []string{`Deflators!D4: "#REF!" is not a number`, `Deflators!E4: "82,5" is not a number`, `Deflators!F4: the rate "-84" is not a positive number`},
		},
		{name: "last year nameless: the stated base", cells: everyLast, want: lastIsBase, base: "2021"},
		{
			name: "last year nameless, base not stated", cells: with(everyLast, map[string]any{"A2": nil}),
			problems: []string{`Deflators!M4: a column of figures without a year: its header is ""`, noBase},
		},
		{
			name: "last year nameless, not the base", cells: map[string]any{"M3": nil}, want: without("M4 NOR 2021 110", "M5 CZE 2021 104", "M7 POL 2021 101", "M9 DAC 2021 102", "M10 XI-IATI-EC 2021 105"),
			problems: []string{`Deflators!M4: a column of figures without a year: its header is ""`},
		},
		{
			name: "a year that is none", cells: map[string]any{"C3": "2011/12"}, want: without("C4 NOR 2011 81"),
			problems: []string{`Deflators!C4: a column of figures without a year: its header is "2011/12"`},
		},
		{name: "years out of order", cells: map[string]any{"C3": 2009}, problems: []string{"/: in the header, 2009 stands behind 2010"}},
		{name: "a year twice", cells: map[string]any{"C3": 2010}, problems: []string{"/: in the header, 2010 stands behind 2010"}},
		{
			name: "fewer years than a table has", cells: map[string]any{"B3": nil, "C3": nil, "D3": nil},
			problems: []string{"/: no sheet, or no single one, has a header with 10 years or more within its first 20 rows"},
		},
		{
			name: "another sheet with years", want: whole,
			cells: map[string]any{"Rates!B1": 2001, "Rates!C1": 2002, "Rates!D1": 2003, "Rates!E1": 2004, "Rates!F1": 2005, "Rates!G1": 2006, "Rates!H1": 2007, "Rates!I1": 2008, "Rates!J1": 2009, "Rates!K1": 2010},
		},
		{
			name: "another sheet of deflators",
			cells: map[string]any{"Deflators old!B1": 2001, "Deflators old!C1": 2002, "Deflators old!D1": 2003, "Deflators old!E1": 2004, "Deflators old!F1": 2005,
				"Deflators old!G1": 2006, "Deflators old!H1": 2007, "Deflators old!I1": 2008, "Deflators old!J1": 2009, "Deflators old!K1": 2010},
			problems: []string{`/: several sheets called "deflator" have a header of years`},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			doc := extractorstest.Doc(roleWorkbook, "deflators.xlsx", book(t, "Deflators", small, set(t, c.cells)))
			if c.file != "" {
				doc.Name = c.file
			}
			if c.base == "" {
				c.base = "2020"
			}
			r := extractorstest.Parse(t, New(), doc)
			var got strings.Builder
			for _, o := range r.Observations {
				got.WriteString(strings.Join([]string{o.Locator, o.Area, o.Year, o.Value}, " ") + ",")
				if o.Indicator != "dac_deflator" || o.Unit != "index, "+c.base+" = 100" || !strings.Contains(o.Note, "US dollars of "+c.base+",") || o.AreaName == "" {
					t.Errorf("%+v", o)
				}
			}
			if diff := cmp.Diff(strings.Split(c.want, ","), strings.Split(got.String(), ",")); diff != "" {
				t.Errorf("observations (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.problems, reasons(r.Problems)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			extractorstest.Check(t, r, nil)
		})
	}
}

// A figure that is not the donor's own says so.
func TestTotalStandsIn(t *testing.T) {
	r := extractorstest.Parse(t, New(), extractorstest.Doc(roleWorkbook, "d.xlsx", book(t, "Deflators", small, nil)))
	for _, o := range r.Observations {
		const note = "all DAC countries stands here"
		if got, want := strings.Contains(o.Note, note), o.Area == "POL" && o.Year == "2010"; got != want {
			t.Errorf("%s %s: note %q", o.Area, o.Year, o.Note)
		}
	}
}

// A column of codes between or before the names does no harm; a formula gives the
// value that was kept.
func TestColumnsInFront(t *testing.T) {
	rows := [][]any{{"DAC code", "Donor", 2011, 2012, 2013, 2014, 2015, 2016, 2017, 2018, 2019, 2020}}
	for i, name := range []string{"Norway", "Sweden", "Denmark"} {
		rows = append(rows, []any{i + 8, name, nil, nil, nil, nil, nil, nil, nil, nil, 90 + i, 100})
	}
	b := book(t, "Table", rows, func(f *excelize.File) {
		if err := f.SetCellFormula("Table", "K4", "K3+1"); err != nil {
			t.Fatal(err)
		}
	})
	r := extractorstest.Parse(t, New(), extractorstest.Doc(roleWorkbook, "d.xlsx", b))
	want := []string{"NOR 2019 90", "NOR 2020 100", "SWE 2019 91", "SWE 2020 100", "DNK 2019 92", "DNK 2020 100"}
	var got []string
	for _, o := range r.Observations {
		got = append(got, o.Area+" "+o.Year+" "+o.Value)
	}
	if diff := cmp.Diff(want, got); diff != "" || len(r.Problems) > 0 {
		t.Errorf("%s problems %v", diff, reasons(r.Problems))
	}
}

// rates is a workbook of exchange rates in the layout of a copy of 2022, with
// invented figures.
var rates = [][]any{
	{"Annual Exchange Rates for DAC Donor Countries"},
	{"National currency per US dollar"},
	{nil, 1995, 1996, 1997, 1998, 1999, 2000, 2001, 2002, 2003, 2004},
	{"Austria", 10.1, 10.6, 12.2, 12.4, 12.9, 14.9, 15.4, 1.06, 0.885, 0.805},
	{"Norway", 6.3, 6.5, 7.1, 7.5, 7.8, 8.8, 9, 8, 7.1, 6.7},
	{"Czech Republic", 0, 0, 0, nil, nil, nil, nil, nil, nil, 25.7},
	{"Poland", nil, nil, nil, nil, nil, nil, nil, nil, nil, 1},
	{"Israel", nil, nil, nil, nil, nil, nil, nil, nil, nil, 4.5},
	{},
	{"ECU/EURO (1)", 0.765, 0.788, 0.882, 0.894, 0.9385, 1.0851, 1.1166, 1.0611, 0.8851, 0.8049},
	{},
	{"(1) ECU until 1998. EURO from 1999."},
}

func TestExchangeBook(t *testing.T) {
	doc := extractorstest.Doc(roleExchange, "Exchange-rates.xlsx", book(t, "Exchange rates", rates, nil))
	r := extractorstest.Parse(t, New(), doc)
	got := byKey(t, r)
	hold(t, got, map[string]string{
		"fx_dac EUR 1998": "", "fx_dac EUR 1999": "0.9385", "fx_dac EUR 2004": "0.8049", "fx_dac NOK 1995": "6.3", "fx_dac NOK 2001": "9",
		"fx_dac CZK 1995": "", "fx_dac CZK 2004": "25.7", "fx_dac PLN 2004": "",
	})
	if len(got) != 6+10+1 || len(r.Problems) > 0 {
		t.Errorf("%v, problems %v", got, reasons(r.Problems))
	}
	if r.Skipped != 10+4+1+1 { // Austria's, the ECU's, Poland's in dollars, Israel's
		t.Errorf("%d skipped", r.Skipped)
	}
	extractorstest.Check(t, r, nil)

	// What the OECD wrote itself goes before what was computed.
	table := extractorstest.Doc(roleTable, "t.csv", []byte(tableHeader+baseRows+"2004,NOR,8,6.739302,60\n2004,GBR,12,0.545699,99\n"))
	got = byKey(t, extractorstest.Parse(t, New(), table, doc))
	hold(t, got, map[string]string{"fx_dac NOK 2004": "6.7", "fx_dac GBP 2004": "0.545699", "dac_deflator NOR 2004": "60"})

	deflators := extractorstest.Doc(roleExchange, "Exchange-rates.xlsx", book(t, "Deflators", small, nil))
	if diff := cmp.Diff([]string{"/: deflators stand where exchange rates were expected: in 2020, all are 100"}, reasons(extractorstest.Parse(t, New(), deflators).Problems)); diff != "" {
		t.Error(diff)
	}
	swapped := extractorstest.Doc(roleWorkbook, "Deflators.xlsx", book(t, "Exchange rates", rates, nil))
	if r := extractorstest.Parse(t, New(), swapped); len(r.Observations) > 0 || len(r.Problems) == 0 {
		t.Errorf("%v, problems %v", short(r.Observations), reasons(r.Problems))
	}
}

// What is no workbook is a rejected document, never an error or silence.
func TestUnreadable(t *testing.T) {
	good := book(t, "Deflators", small, nil)
	for _, role := range []string{roleWorkbook, roleExchange} {
		for name, b := range map[string][]byte{
			"empty": nil, "html": []byte("<!DOCTYPE html><html><body>Sign in</body></html>"), "cut": good[:len(good)*6/7],
			"old excel": {0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1}, "zeros": make([]byte, 300),
			"no table": book(t, "Deflators", [][]any{{"See the other file"}}, nil),
		} {
			r := extractorstest.Parse(t, New(), extractorstest.Doc(role, "d.xlsx", b))
			if len(r.Problems) != 1 || len(r.Observations) != 0 {
				t.Errorf("%s: %d observations, problems %v", name, len(r.Observations), reasons(r.Problems))
			}
		}
	}
	// rows that are only formatted, to the end of the sheet, are none
	far := book(t, "Deflators", small, set(t, map[string]any{"A60000": "the end"}))
	if r := extractorstest.Parse(t, New(), extractorstest.Doc(roleWorkbook, "d.xlsx", far)); len(r.Problems) != 0 || len(r.Observations) == 0 {
		t.Errorf("a far row: problems %v", reasons(r.Problems))
	}
	long := append([][]any{}, small...)
	for range mostRows {
		long = append(long, []any{"note"})
	}
	r := extractorstest.Parse(t, New(), extractorstest.Doc(roleWorkbook, "d.xlsx", book(t, "Deflators", long, nil)))
	if diff := cmp.Diff([]string{"/: the sheet Deflators has more than 2000 rows"}, reasons(r.Problems)); diff != "" {
		t.Error(diff)
	}
}

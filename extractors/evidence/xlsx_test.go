package evidence_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"hrinvest/extractors/evidence"
	"hrinvest/extractors/extractorstest"
)

// workbook makes a sheet of base rows: a header in row 1, then one row for each
// edit, which may change the row's cells by column id.
func workbook(t testing.TB, name string, edits ...func(f *excelize.File, cell func(id string) string)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	f.SetSheetName("Sheet1", name)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for i, id := range order {
		at, err := excelize.CoordinatesToCellName(i+1, 1)
		must(err)
		must(f.SetCellStr(name, at, id))
	}
	for n, edit := range edits {
		cell := func(id string) string {
			for i, o := range order {
				if o == id {
					at, err := excelize.CoordinatesToCellName(i+1, n+2)
					must(err)
					return at
				}
			}
			t.Fatalf("no column %s", id)
			return ""
		}
		row := base()
		row["id"] = fmt.Sprint("r", n)
		for id, v := range row {
			must(f.SetCellStr(name, cell(id), v))
		}
		edit(f, cell)
	}
	var b bytes.Buffer
	must(f.Write(&b))
	return b.Bytes()
}

func parseBook(t testing.TB, b []byte) *extractorstest.Result {
	t.Helper()
	src := evidence.New()
	if role := src.Role("book.xlsx", b[:min(len(b), 64<<10)]); role != "sheet" {
		t.Fatalf("role %q", role)
	}
	r := extractorstest.Parse(t, src, extractorstest.Doc("sheet", "book.xlsx", b))
	extractorstest.Check(t, r, nil)
	return r
}

func TestWorkbook(t *testing.T) {
	const name = "Данные"
	b := workbook(t, name,
		func(f *excelize.File, cell func(string) string) { // stored digits, shown as 86,454
			f.SetCellDefault(name, cell("amount"), "86454.199999999997")
			style, _ := f.NewStyle(&excelize.Style{NumFmt: 3})
			f.SetCellStyle(name, cell("amount"), cell("amount"), style)
			f.SetCellInt(name, cell("year"), 2014)
		},
		func(f *excelize.File, cell func(string) string) { // dates as day counts
			f.SetCellInt(name, cell("period_start"), 42370)
			f.SetCellDefault(name, cell("period_end"), "43465.5")
			f.SetCellDefault(name, cell("amount"), "1.199E9")
			f.SetCellStr(name, cell("year"), "")
		},
		func(f *excelize.File, cell func(string) string) { // computed formula
			f.SetCellInt(name, cell("amount"), 77)
			f.SetCellFormula(name, cell("amount"), "=70+7")
		},
		func(f *excelize.File, cell func(string) string) { // formula nobody computed
			f.SetCellDefault(name, cell("amount"), "")
			f.SetCellFormula(name, cell("amount"), "=1+1")
		},
		func(f *excelize.File, cell func(string) string) { // text that two people read differently
			f.SetCellStr(name, cell("amount"), "1,455")
		},
		func(f *excelize.File, cell func(string) string) {
			f.MergeCell(name, "H7", "H8") // year of this row and the next
		},
		func(*excelize.File, func(string) string) {},
		func(f *excelize.File, cell func(string) string) { // a year in a date column is no day count
			f.SetCellInt(name, cell("period_start"), 2016)
			f.SetCellStr(name, cell("period_end"), "2016-12-31")
		},
		func(f *excelize.File, cell func(string) string) { // 6% is stored as 0.06
			for _, id := range []string{"kind", "amount", "currency"} {
				f.SetCellStr(name, cell(id), "")
			}
			f.SetCellStr(name, cell("indicator"), "hri_funding_ratio")
			f.SetCellDefault(name, cell("value"), "0.06")
			style, _ := f.NewStyle(&excelize.Style{NumFmt: 9})
			f.SetCellStyle(name, cell("value"), cell("value"), style)
		},
	)
	r := parseBook(t, b)
	var got []string
	for _, d := range r.Disclosures {
		got = append(got, strings.Join([]string{d.Locator, d.Amount, d.Year, d.PeriodStart, d.PeriodEnd, strings.Join(d.Flags, " ")}, "|"))
	}
	want := []string{
		"Данные!A2|86454.2|2014|||stored_digits:amount",
		"Данные!A3|1199000000||2016-01-01|2018-12-31|",
		"Данные!A4|77|2014|||",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	got = nil
	for _, p := range r.Problems {
		got = append(got, p.Locator+": "+p.Reason)
	}
	want = []string{
		"Данные!A5: row 5: D5 is a formula without a computed value: open the file, let it compute and save it, or type the value; amount is missing",
		`Данные!A6: row 6: amount "1,455" can be read in two ways: write 1455 or 1.455`,
		"Данные!A7: row 7: cells H7:H8 are merged: unmerge them and repeat the value in every row",
		"Данные!A8: row 8: cells H7:H8 are merged: unmerge them and repeat the value in every row",
		`Данные!A9: row 9: period_start "2016" is not a date: write 2016-01-31`,
		"Данные!A10: row 10: value is shown as a percentage (stored as 0.06): format the cell as a number, write 6 for 6 percent and put percent in unit",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWorkbookSheets(t *testing.T) {
	b := workbook(t, "evidence", func(*excelize.File, func(string) string) {})
	f, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	f.NewSheet("cover")
	f.SetCellStr("cover", "A1", "amount")
	f.MoveSheet("cover", "evidence")
	var moved bytes.Buffer
	f.Write(&moved)
	if r := parseBook(t, moved.Bytes()); len(r.Disclosures) != 1 || r.Disclosures[0].Locator != "evidence!A2" {
		t.Errorf("the sheet named evidence is not found behind a cover: %+v", r.Problems)
	}
	f.MergeCell("evidence", "A1", "B1")
	var merged bytes.Buffer
	f.Write(&merged)
	if r := parseBook(t, merged.Bytes()); len(r.Problems) != 1 || r.Problems[0].Locator != "/" || !strings.Contains(r.Problems[0].Reason, "A1:B1 of the header are merged") {
		t.Errorf("merged header: %+v", r.Problems)
	}
	if r := parseBook(t, b[:len(b)/2]); len(r.Problems) != 1 || r.Problems[0].Locator != "/" {
		t.Errorf("half a workbook: %+v", r.Problems)
	}
}

// A template filled in with the examples it shows is a sheet that parses.
func TestTemplateRoundTrip(t *testing.T) {
	b, err := os.ReadFile("columns.csv")
	if err != nil {
		t.Fatal(err)
	}
	columns, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var example []string
	for _, c := range columns[1:] {
		example = append(example, c[6])
	}
	for _, lang := range []string{"en", "ru"} {
		for _, format := range []string{"csv", "xlsx"} {
			t.Run(lang+"/"+format, func(t *testing.T) {
				var out bytes.Buffer
				if err := evidence.WriteTemplate(&out, lang, format); err != nil {
					t.Fatal(err)
				}
				empty := parseAny(t, out.Bytes(), format)
				if len(empty.Problems)+len(empty.Disclosures) != 0 {
					t.Errorf("the empty template states something: %+v", empty)
				}
				var filled []byte
				if format == "csv" {
					w := csv.NewWriter(&out)
					if lang == "ru" {
						w.Comma = ';'
					}
					w.Write(example)
					w.Flush()
					filled = out.Bytes()
				} else {
					f, err := excelize.OpenReader(&out)
					if err != nil {
						t.Fatal(err)
					}
					first := f.GetSheetList()[0]
					for i, v := range example {
						at, _ := excelize.CoordinatesToCellName(i+1, 2)
						f.SetCellStr(first, at, v)
					}
					dv, err := f.GetDataValidations(first)
					if err != nil || len(dv) < 6 {
						t.Errorf("%d data validations, %v", len(dv), err)
					}
					help, err := f.GetRows(f.GetSheetList()[1])
					if err != nil || len(help) != len(columns) {
						t.Errorf("help explains %d columns, want %d (%v)", len(help)-1, len(columns)-1, err)
					}
					var b bytes.Buffer
					f.Write(&b)
					filled = b.Bytes()
				}
				r := parseAny(t, filled, format)
				if len(r.Problems) != 0 || len(r.Disclosures) != 1 {
					t.Fatalf("%d disclosures, problems %+v", len(r.Disclosures), r.Problems)
				}
				d := r.Disclosures[0]
				if d.Key != "kgz-2014-state" || d.Amount != "6900000" || len(d.Flags) != 0 {
					t.Errorf("read back %+v", d)
				}
			})
		}
	}
	for _, bad := range [][2]string{{"de", "csv"}, {"en", "ods"}} {
		if err := evidence.WriteTemplate(&bytes.Buffer{}, bad[0], bad[1]); err == nil {
			t.Errorf("WriteTemplate(%v) gave no error", bad)
		}
	}
}

func parseAny(t *testing.T, b []byte, format string) *extractorstest.Result {
	t.Helper()
	src := evidence.New()
	name := "template." + format
	if role := src.Role(name, b[:min(len(b), 64<<10)]); role != "sheet" {
		t.Fatalf("role %q", role)
	}
	return extractorstest.Parse(t, src, extractorstest.Doc("sheet", name, b))
}

// The figures of the bundled sheets that briefs rely on.
func TestBundledFigures(t *testing.T) {
	src := evidence.New()
	r := extractorstest.Parse(t, src, extractorstest.Bundled(t, src)...)
	amounts := map[string]string{}
	for _, d := range r.Disclosures {
		amounts[d.Key] = d.Amount + " " + d.Currency + " " + d.Year + " " + d.Parties[0].Name
	}
	for key, want := range map[string]string{
		"kgz-state-2014":         "6900000 USD 2014 State budget",
		"arm-2022-1208-11001":    "258471000 AMD 2022 State budget",
		"arm-2022-1053-11007":    "61847100 AMD 2022 Global Fund",
		"rcf-eurasian-2019-2021": "1760000 USD  Robert Carr Fund",
		"rou-treatment-2018":     "70000000 EUR 2018 State budget",
	} {
		if amounts[key] != want {
			t.Errorf("%s = %q, want %q", key, amounts[key], want)
		}
	}
	values := map[string]string{}
	for _, o := range r.Observations {
		values[o.Indicator+" "+o.Area+o.AreaName+" "+o.Year] = o.Value + o.ValueText
	}
	for key, want := range map[string]string{
		"hri_identified_funding LMIC 2016": "188000000", "hri_identified_funding LMIC 2019": "131000000", "hri_identified_funding LMIC 2022": "151000000",
		"hri_funding_ratio LMIC 2022": "6", "pwid_size KGZ 2020": "26700", "pwid_size ALB 2020": "5132-6182", "pwid_size UKR 2021": "319500",
		"external_hiv_funding KGZ 2014": "11660000",
	} {
		if values[key] != want {
			t.Errorf("%s = %q, want %q", key, values[key], want)
		}
	}
	// every indicator used is explained in the vocabulary
	b, err := os.ReadFile("../../transforms/vocab/indicators.csv")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for line := range strings.Lines(string(b)) {
		id, _, _ := strings.Cut(line, ",")
		known[id] = true
	}
	for _, o := range r.Observations {
		if !known[o.Indicator] {
			t.Errorf("%s: indicator %s is not in the vocabulary", o.Locator, o.Indicator)
		}
	}
}

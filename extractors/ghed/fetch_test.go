package ghed

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"hrinvest/extractors"
	"hrinvest/extractors/extractorstest"
	"hrinvest/extractors/fetch"
	"hrinvest/extractors/fetch/fetchtest"
)

// database writes a workbook in the size of the accounts by disease: invented
// figures of countries that are none, times factor.
func database(t testing.TB, countries, factor int) []byte {
	t.Helper()
	f := excelize.NewFile()
	write := func(sheet string, rows [][]any) {
		if _, err := f.NewSheet(sheet); err != nil {
			t.Fatal(err)
		}
		w, err := f.NewStreamWriter(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			if err := w.SetRow(fmt.Sprintf("A%d", i+1), row); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	header := []any{"location", "code", "region", "income", "year"}
	codebook := [][]any{{"variable code", "variable name", "unit", "currency"}}
	for _, who := range []string{"", "_gghed", "_ext", "_pvtd"} {
		for _, b := range []struct{ code, name, currency string }{{"", "", "NCU"}, {"_usd", ", in million current US$", "US$"}, {"_usd2023", ", in million constant (2023) US$", "US$"}} {
			header = append(header, "dis11"+who+b.code)
			codebook = append(codebook, []any{"dis11" + who + b.code, "Disease 11" + b.name, "Millions", b.currency})
		}
	}
	data := [][]any{header}
	for c := range countries {
		for year := 2012; year < 2024; year++ {
			row := []any{fmt.Sprintf("Country %d", c), fmt.Sprintf("%c%c%c", 'A'+c/26%26, 'A'+c%26, 'Z'), "EUR", "Low", year}
			for i := range 12 {
				row = append(row, factor*(1000+c*7+i*3+year-2012))
			}
			data = append(data, row)
		}
	}
	write("Data", data)
	write("Codebook", codebook)
	write("Metadata", [][]any{{"location", "code", "variable code", "Data type"}})
	if err := f.DeleteSheet("Sheet1"); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func service(body []byte) fetchtest.Hosts {
	const xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	mux := http.NewServeMux()
	mux.Handle("/nha/database/Home/IndicatorsDownload/en", fetchtest.Body(xlsx, body))
	return fetchtest.Hosts{"apps.who.int": mux}
}

func TestFetching(t *testing.T) {
	extractorstest.Fetching(t, New(), extractorstest.Emulator{
		Hosts: service(database(t, 70, 1)),
		Fewer: service(database(t, 7, 1)),
		Moved: service(database(t, 70, 2)),
	})
}

// A workbook without the promised sheets or columns does not come into use.
func TestFetchRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*excelize.File)
		want   string
	}{
		"sheet":  {func(f *excelize.File) { f.DeleteSheet("Codebook") }, `no sheet "codebook"`},
		"column": {set(t, map[string]any{"Data!E1": "period"}), "no header with the columns location, code and year"},
	} {
		net := fetchtest.New(t, service(sheets(t, c.change)))
		docs, err := net.Fetch(t, net.Client(t, nil), New(), nil)
		if len(docs) != 0 || !errors.Is(err, fetch.ErrRefused) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %d documents, %v", name, len(docs), err)
		}
	}
}

// A dry run sees the beginning of the workbook only.
func TestFetchSample(t *testing.T) {
	net := fetchtest.New(t, service(database(t, 70, 1)))
	c := net.Client(t, nil).For(fetch.View{Sample: true})
	enough := errors.New("enough")
	var role string
	err := New().Fetch(t.Context(), c, func(d fetch.Document) error { role = d.Role; return enough })
	if role != roleWorkbook || !errors.Is(err, enough) {
		t.Errorf("role %q, %v", role, err)
	}
}

func BenchmarkParse(b *testing.B) {
	for name, doc := range map[string]fetch.Document{
		"workbook": extractorstest.Doc(roleWorkbook, "ghed.xlsx", database(b, 195, 1)),
		"long":     extractorstest.Doc(roleLong, "long.csv", []byte("code_in_source,iso_code,year,value,units\n"+longRows(10000))),
	} {
		b.Run(name, func(b *testing.B) {
			rows := 0
			for b.Loop() {
				rows += len(extractorstest.Parse(b, New(), doc).Observations)
			}
			b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

func longRows(n int) string {
	var s strings.Builder
	for i := range n {
		fmt.Fprintf(&s, "dis11_ext,A%c%c,%d,%d.5e+03,Current LCU\n", 'A'+i/26%26, 'A'+i%26, 2000+i/676, i)
	}
	return s.String()
}

// fuzz holds whatever a parser makes of rubbish to the contract.
func fuzz(f *testing.F, role string) {
	f.Fuzz(func(t *testing.T, b []byte) {
		var r extractorstest.Result
		if err := New().Parse(t.Context(), extractors.Set{extractorstest.Doc(role, "fuzz", b)}, &r); err != nil {
			t.Fatal(err)
		}
		extractorstest.Check(t, &r, nil)
		for _, o := range r.Observations {
			if o.Value != "" && !numberForm.MatchString(o.Value) || !areaForm.MatchString(o.Area) {
				t.Errorf("observed %+v", o)
			}
		}
	})
}

func FuzzLong(f *testing.F) {
	f.Add([]byte("code_in_source,iso_code,year,value,country_name,units\ndis11_ext,ARM,2021-01-01 00:00:00Z,1.5e+09,Armenia,Current LCU\n"))
	f.Add([]byte("code_in_source,iso_code,year,value,units\n\"dis11_ext,ARM\n"))
	fuzz(f, roleLong)
}

func FuzzWorkbook(f *testing.F) {
	f.Add(sheets(f, nil))
	f.Add([]byte("PK\x03\x04"))
	fuzz(f, roleWorkbook)
}

// FuzzCell fuzzes what stands in a cell, which mutations of a packed workbook
// hardly reach.
func FuzzCell(f *testing.F) {
	for _, s := range []string{"1790", "1.8E+7", "-", "2019.0", "#REF!", "1e99", "-0.0", "\x00"} {
		f.Add(s, "2019", "ARM")
	}
	f.Fuzz(func(t *testing.T, value, year, code string) {
		b := sheets(t, func(book *excelize.File) {
			for at, v := range map[string]string{"H2": value, "E2": year, "B2": code} {
				if err := book.SetCellStr("Data", at, v); err != nil {
					t.Skip(err)
				}
			}
		})
		r := extractorstest.Parse(t, New(), extractorstest.Doc(roleWorkbook, "fuzz.xlsx", b))
		extractorstest.Check(t, r, nil)
		for _, o := range r.Observations {
			if o.Value != "" && !numberForm.MatchString(o.Value) {
				t.Errorf("observed %q of %q", o.Value, value)
			}
		}
	})
}

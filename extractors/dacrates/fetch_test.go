package dacrates

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"hrinvest/extractors"
	"hrinvest/extractors/extractorstest"
	"hrinvest/extractors/fetch"
	"hrinvest/extractors/fetch/fetchtest"
	"hrinvest/extractors/series"
)

// in is the source in a year.
func in(year int) Source {
	return Source{func() time.Time { return time.Date(year, 11, 27, 3, 0, 0, 0, time.UTC) }}
}

// names are the donors of an edition, as workbooks write them.
var names = strings.Split("Australia|Austria|Belgium|Canada|Czech Republic|Denmark|Finland|France|Germany|Greece|Hungary|Iceland|Ireland|Italy|Japan|Korea|Luxembourg|Netherlands|New Zealand|Norway|Poland|Portugal|Slovak Republic|Slovenia|Spain|Sweden|Switzerland|United Kingdom|United States|TOTAL DAC |EU Institutions", "|")

// deflators writes an edition with invented figures: so many donors, the years
// from 1960 to the one after the base year, and every value but the base year's
// times a factor.
func deflators(t testing.TB, base, donors int, factor float64) []byte {
	t.Helper()
	header := []any{nil}
	for year := 1960; year <= base+1; year++ {
		header = append(header, year)
	}
	rows := [][]any{{"Deflators for Resource Flows from DAC Countries"}, {fmt.Sprintf("(%d = 100)", base)}, header}
	for i, name := range names[:donors] {
		row := []any{name}
		for year := 1960; year <= base+1; year++ {
			if year == base {
				row = append(row, 100)
				continue
			}
			row = append(row, factor*(5+float64(i)/8+float64(year-1960)*1.4))
		}
		rows = append(rows, append(row, name))
	}
	return book(t, "Deflators", append(rows, []any{}, []any{"a) Including the effect of exchange rate changes."}), nil)
}

// oecd serves editions by their base year. What is not there is answered without a
// body.
func oecd(editions map[int][]byte) fetchtest.Hosts {
	const xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	for base, b := range editions {
		mux.Handle("/oda/DataCollection/Resources/Deflators-base-"+strconv.Itoa(base)+".xlsx", fetchtest.Body(xlsx, b))
	}
	return fetchtest.Hosts{"webfs.oecd.org": mux}
}

func TestFetching(t *testing.T) {
	// in November 2026 the base year 2025 is asked for too, and not there yet
	good := deflators(t, 2024, len(names), 1)
	extractorstest.Fetching(t, in(2026), extractorstest.Emulator{
		Hosts: oecd(map[int][]byte{2024: good}),
		Fewer: oecd(map[int][]byte{2024: deflators(t, 2024, len(names)/10, 1)}),
		Moved: oecd(map[int][]byte{2024: deflators(t, 2024, len(names), 1.5)}),
	})
	doc := extractorstest.Doc(roleWorkbook, "Deflators-base-2024.xlsx", good)
	if wrong := judge(t, doc); len(wrong) > 0 {
		t.Errorf("a good edition does not look as expected: %v", wrong)
	}
	e, err := New().Expectations()
	if err != nil {
		t.Fatal(err)
	}
	measure := func(d fetch.Document) extractors.Measure {
		m, err := extractors.Measured(t.Context(), New(), extractors.Set{d})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	last := measure(doc)
	if wrong := e.Judge(measure(extractorstest.Doc(roleWorkbook, "d.xlsx", deflators(t, 2024, len(names), 1.5))), &last); len(wrong) == 0 {
		t.Error("nobody would notice figures that moved by half")
	}
	if wrong := e.Judge(measure(extractorstest.Doc(roleWorkbook, "d.xlsx", deflators(t, 2025, len(names), 1))), &last); len(wrong) > 0 {
		t.Errorf("an edition with a new base year is held back: %v", wrong)
	}
}

// nights fetches once with the documents in use before; asked are the base years
// that were asked for.
func nights(t *testing.T, year int, editions map[int][]byte, inUse []fetch.Document) (docs []fetch.Document, asked []string, err error) {
	t.Helper()
	net := fetchtest.New(t, oecd(editions))
	docs, err = net.Fetch(t, net.Client(t, nil), in(year), inUse)
	all, _ := net.Asked()
	for _, a := range all {
		asked = append(asked, a[len(a)-len("2024.xlsx"):len(a)-len(".xlsx")])
	}
	return docs, asked, err
}

// The newest edition is in use, and a night asks for no more than it must.
func TestEditions(t *testing.T) {
	e24, e25, e27 := deflators(t, 2024, len(names), 1), deflators(t, 2025, len(names), 1), deflators(t, 2027, len(names), 1)
	var inUse []fetch.Document
	for _, c := range []struct {
		what     string
		year     int
		editions map[int][]byte
		asked    string
		want     string
		err      error
	}{
		{"first night", 2026, map[int][]byte{2024: e24}, "2025 2024", "2024", nil},
		{"nothing new", 2026, map[int][]byte{2024: e24}, "2025 2024", "2024", nil},
		{"a new edition, the old one still there", 2026, map[int][]byte{2024: e24, 2025: e25}, "2025", "2025", nil},
		{"the next night", 2026, map[int][]byte{2024: e24, 2025: e25}, "2025", "2025", nil},
		{"the next year", 2027, map[int][]byte{2024: e24, 2025: e25}, "2026 2025", "2025", nil},
		{"the edition in use is gone", 2027, map[int][]byte{2024: e24}, "2026 2025", "2025", fetch.ErrNotFound},
		{"a year is left out", 2028, map[int][]byte{2025: e25, 2027: e27}, "2027", "2027", nil},
		{"an older clock", 2025, map[int][]byte{2024: e24}, "2024", "2024", nil},
		{"a clock before all editions", 2020, map[int][]byte{2024: e24}, "2024", "2024", nil},
	} {
		docs, asked, err := nights(t, c.year, c.editions, inUse)
		if got := strings.Join(asked, " "); got != c.asked {
			t.Errorf("%s: asked for %s, want %s", c.what, got, c.asked)
		}
		if !errors.Is(err, c.err) || c.err == nil && err != nil {
			t.Errorf("%s: %v, want %v", c.what, err, c.err)
		}
		if len(docs) != 1 || !strings.HasSuffix(docs[0].URL, c.want+".xlsx") || docs[0].Role != roleWorkbook {
			t.Fatalf("%s: %+v", c.what, docs)
		}
		inUse = docs
	}
	if docs, _, err := nights(t, 2026, nil, nil); len(docs) > 0 || !errors.Is(err, fetch.ErrNotFound) {
		t.Errorf("no edition: %d documents, %v", len(docs), err)
	}
}

// What is not an edition of the base year in its address does not come into use;
// the one before does, and the error says why.
func TestRefused(t *testing.T) {
	e24 := deflators(t, 2024, len(names), 1)
	for what, c := range map[string]struct {
		body []byte
		want string
	}{
		"last year's under the new name": {e24, "the base year is stated as 2025 and as 2024"},
		"no deflators":                   {book(t, "Deflators", [][]any{{"To be published"}}, nil), "no value can be read of it"},
	} {
		docs, _, err := nights(t, 2026, map[int][]byte{2024: e24, 2025: c.body}, nil)
		if !errors.Is(err, fetch.ErrRefused) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", what, err)
		}
		if len(docs) != 1 || docs[0].URL != address(2024) {
			t.Errorf("%s: %+v", what, docs)
		}
	}
}

// A dry run has the whole workbook, and stops where it is told to.
func TestSample(t *testing.T) {
	net := fetchtest.New(t, oecd(map[int][]byte{2024: deflators(t, 2024, len(names), 1)}))
	c := net.Client(t, nil).For(fetch.View{Sample: true})
	enough := errors.New("enough")
	kept := 0
	err := in(2026).Fetch(t.Context(), c, func(d fetch.Document) error {
		kept++
		if r := extractorstest.Parse(t, New(), d); len(r.Observations) < 1500 {
			t.Errorf("%d observations", len(r.Observations))
		}
		return enough
	})
	if kept != 1 || !errors.Is(err, enough) {
		t.Errorf("%d documents, %v", kept, err)
	}
}

func TestKeepsWhatIsHandedOver(t *testing.T) {
	if !New().Info().Additive {
		t.Error("a table of rates handed over would be retired by the deflators fetched")
	}
}

// fuzz holds whatever a parser makes of rubbish to the contract.
func fuzz(t *testing.T, docs ...fetch.Document) {
	r := extractorstest.Parse(t, New(), docs...)
	extractorstest.Check(t, r, nil)
	once, units := map[string]bool{}, map[string]bool{}
	for _, o := range r.Observations {
		key := o.Indicator + o.Area + o.Year
		if once[key] || series.Positive(o.Value) != "" || !yearForm.MatchString(o.Year) {
			t.Errorf("observed %+v", o)
		}
		once[key] = true
		if o.Indicator == "dac_deflator" {
			units[o.Unit] = true
		}
	}
	if len(units) > 1 {
		t.Errorf("base years are mixed: %v", units)
	}
}

func FuzzTable(f *testing.F) {
	f.Add([]byte(tableHeader + baseRows + "2021,DEU,5,0.8456,106.8\n2021,FRA,4,0.8457,109\n2021,ITA,6,0.9,1e2\n"))
	f.Add([]byte("pydeflate_year,pydeflate_entity_code,pydeflate_iso3,pydeflate_EXCHANGE,pydeflate_DAC_DEFLATOR\n2021,302,USA,1,95\n"))
	f.Add([]byte(tableHeader + "\"2021"))
	f.Fuzz(func(t *testing.T, b []byte) {
		fuzz(t, extractorstest.Doc(roleTable, "a.csv", b), extractorstest.Doc(roleTable, "b.csv", []byte(tableHeader+baseRows)))
	})
}

func FuzzWorkbook(f *testing.F) {
	f.Add(book(f, "Deflators", small, nil), true)
	f.Add(book(f, "Exchange rates", rates, nil), false)
	f.Add([]byte("PK\x03\x04"), true)
	f.Fuzz(func(t *testing.T, b []byte, deflators bool) {
		role := roleExchange
		if deflators {
			role = roleWorkbook
		}
		fuzz(t, extractorstest.Doc(role, "fuzz.xlsx", b))
	})
}

// FuzzCells fuzzes what stands in cells, which mutations of a packed workbook
// hardly reach.
func FuzzCells(f *testing.F) {
	for _, s := range []string{"100", "1.8E+7", "-", "2019.0", "#REF!", "1e99", "-0.0", "\x00"} {
		f.Add("2020 = 100", "2021", "Norway", s)
	}
	f.Add("base 2021", "", "TOTAL DAC (1)", "100")
	f.Fuzz(func(t *testing.T, title, year, name, value string) {
		b := book(t, "Deflators", small, func(book *excelize.File) {
			for at, v := range map[string]string{"A2": title, "M3": year, "A4": name, "M4": value, "L5": value} {
				if err := book.SetCellStr("Deflators", at, v); err != nil {
					t.Skip(err)
				}
			}
		})
		fuzz(t, extractorstest.Doc(roleWorkbook, "fuzz.xlsx", b))
		fuzz(t, extractorstest.Doc(roleExchange, "fuzz.xlsx", b))
	})
}

func BenchmarkParse(b *testing.B) {
	var table strings.Builder
	table.WriteString(tableHeader)
	ds, err := readDonors()
	if err != nil {
		b.Fatal(err)
	}
	for year := 1960; year <= 2023; year++ {
		for code, d := range ds.byCode {
			value := strconv.Itoa(78+year-2000) + ".25"
			if year == 2022 {
				value = "100"
			}
			fmt.Fprintf(&table, "%d,%s,%s,0.9%03d,%s\n", year, d.iso3, code, year%1000, value)
		}
	}
	for name, doc := range map[string]fetch.Document{
		"table":    extractorstest.Doc(roleTable, "t.csv", []byte(table.String())),
		"workbook": extractorstest.Doc(roleWorkbook, "Deflators-base-2024.xlsx", deflators(b, 2024, len(names), 1)),
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

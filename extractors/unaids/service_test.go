package unaids

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"hrinvest/extractors/fetch/fetchtest"
)

// service stands in for UNAIDS: the zips of one edition, the interface and the
// workbook, in their own shapes. Its figures are made up.
type service struct {
	edition   int
	countries []string // "KGZ Kyrgyzstan"
	times     int      // what amounts are multiplied by
	workbook  bool
}

var countryList = strings.Split("ALB Albania;ARM Armenia;AZE Azerbaijan;BLR Belarus;GEO Georgia;KAZ Kazakhstan;KGZ Kyrgyzstan;"+
	"MDA Republic of Moldova;TJK Tajikistan;TUR Türkiye;UKR Ukraine;UZB Uzbekistan", ";")

// figure is one figure the service publishes: a series, by country and year.
type figure struct {
	database, gid, unit, sub string
	name, subName            string
	value                    func(country, year int) string
}

func (s service) figures() []figure {
	usd := func(by int) func(int, int) string {
		return func(c, y int) string { return fmt.Sprint(s.times * by * (c + 1) * (y - 2000)) }
	}
	percent := func(c, y int) string { return fmt.Sprintf("%d.%d", c%60, y%10) }
	const source, people = "Country-reported HIV expenditure by funding source", "HIV expenditure by key population"
	return []figure{
		{"GAM", bySource, "USD", "TOTAL", source, "Total", usd(1000)},
		{"GAM", bySource, "USD", "DOMESTIC_PUBLIC", source, "Domestic Public", usd(600)},
		{"GAM", bySource, "USD", "INTERNATIONAL", source, "International", usd(400)},
		{"GAM", bySource, "USD", "GLOBAL_FUND", source, "Global Fund", usd(300)},
		{"GAM", "PWID_OST_COVERAGE", "PERCENT", "TOTAL", "Coverage of opioid substitution therapy", "Total", percent},
		{"GAM", "PWID_NEEDLES", "RATE", "TOTAL", "Needles and syringes distributed per person who inject drugs", "Total", percent},
		{"GAM", "OTHER_THING", "NUMBER", "TOTAL", "Condoms distributed", "Total", percent},
		{"KPA", byPopulation, "USD", "PWID_TOTAL", people, "People who inject drugs - Total", usd(90)},
		{"KPA", byPopulation, "USD", "PWID_DOMESTIC_PUBLIC", people, "People who inject drugs - Domestic public", usd(50)},
		{"KPA", "PWID_POPULATION_SIZE", "NUMBER", "ESTIMATE", "People who inject drugs: Population size estimate", "estimate", func(c, y int) string { return fmt.Sprint(1000 * (c + 1)) }},
		{"KPA", "PRISON_HAS_NSP", "YES_NO", "COMPILED", "Has needle-syringe programme (NSP) in at least one prison", "Compiled", func(c, y int) string { return [...]string{"Yes", "No"}[c%2] }},
		{"NCPI", "Q_A_254", "SINGLECHOICEWITHNO", "A_251", "Naloxone available through community distribution", "Total", func(c, y int) string { return "Yes" }},
		{"NCPI", "Q_A_69", "MULTICHOICE", "A_2", "Service provision modalities in ART policy", "Other", func(c, y int) string { return "Yes" }},
		{"EPI", "PLWH", "NUMBER", "ESTIMATE_ALL_AGES", "People living with HIV", "All ages estimate", func(c, y int) string { return fmt.Sprint(500 * (c + y)) }},
		{"EPI", "PLWH", "NUMBER", "LOW_ESTIMATE_ALL_AGES", "People living with HIV", "All ages lower estimate", func(c, y int) string { return fmt.Sprint(400 * (c + y)) }},
		{"EPI", "PLWH", "NUMBER", "MALES_ALL_ESTIMATE", "People living with HIV", "Males estimate", func(c, y int) string { return "1" }},
	}
}

const firstYear, lastYear = 2016, 2023

// each calls f for every country and year of a figure.
func (s service) each(f figure, do func(iso3, name, year, value string)) {
	for _, c := range s.countries {
		iso3, name, _ := strings.Cut(c, " ")
		for y := firstYear; y <= lastYear; y++ {
			n := 0
			for n < len(countryList) && countryList[n] != c {
				n++
			}
			do(iso3, name, fmt.Sprint(y), f.value(n, y))
		}
	}
}

// csv is a table as AIDSinfo exports it.
func (s service) csv(database string) []byte {
	var b bytes.Buffer
	b.WriteString(header2025)
	for _, f := range s.figures() {
		if f.database != database {
			continue
		}
		s.each(f, func(iso3, name, year, value string) {
			fmt.Fprintf(&b, "\"%s\",%s,%s,%s,%s,%s,%s,2,%s,GAM,%s,%s,,\r\n", f.name, f.gid, f.unit, f.subName, f.sub, name, iso3, year, value, value)
		})
	}
	return b.Bytes()
}

// answer is a series as the interface gives it; one that nobody reports is empty.
func (s service) answer(database, question string) []byte {
	list := []any{}
	for _, f := range s.figures() {
		if f.database != database || question != f.gid+"@"+f.unit+"@"+f.sub {
			continue
		}
		s.each(f, func(iso3, name, year, value string) {
			list = append(list, observe(f, iso3, name, year, value))
		})
	}
	b, err := json.Marshal(map[string]any{"Data": []any{map[string]any{"Observation": list}}})
	if err != nil {
		panic(err)
	}
	return b
}

// observe is one observation of the interface. A number is a number in it.
func observe(f figure, iso3, name, year, value string) map[string]any {
	var v any = value
	if numberText.MatchString(value) {
		v = json.Number(value)
	}
	type named map[string]string
	return map[string]any{
		"INDICATOR": named{"id": f.gid, "value": f.name}, "UNIT": named{"id": f.unit, "value": f.unit},
		"SUBGROUP": named{"id": f.sub, "value": f.subName}, "AREA": named{"id": iso3, "value": name},
		"TIME_PERIOD": year, "SOURCE": "GAM", "IS_TEXTUALDATA": false, "OBS_VALUE": v, "FOOTNOTE": nil,
	}
}

func zipped(name string, table []byte) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	f, err := z.Create(name)
	if err == nil {
		_, err = f.Write(table)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		panic(err)
	}
	return b.Bytes()
}

// sheetOf is a workbook of one sheet.
func sheetOf(t testing.TB, rows ...[]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i, row := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// banner are the rows above the data of the workbook of 2024, as far as known.
func banner() [][]any {
	return [][]any{
		{"HIV Financial Dashboard"},
		{"", "Programme expenditures by service and source, US$"},
		{},
		{"Cycle", "Country", "ISO", "Year", "AIDS spending category", "Domestic public", "International", "Total", "Remarks"},
	}
}

func (s service) programmes(t testing.TB) []byte {
	rows := banner()
	for _, c := range s.countries {
		iso3, name, _ := strings.Cut(c, " ")
		for y := firstYear; y <= lastYear; y++ {
			rows = append(rows,
				[]any{"GAM", name, iso3, y, "1.2 Needle and syringe exchange", 1, 2, 3 * s.times, ""},
				[]any{"GAM", name, iso3, y, "TOTAL GRAND", 1, 2, 3, ""})
		}
	}
	return sheetOf(t, rows...)
}

// hosts are the services by the host they have in life. What is not there is
// answered with an empty 404.
func (s service) hosts(t testing.TB) fetchtest.Hosts {
	files := map[string][]byte{}
	add := func(at, name, database string) {
		files[fmt.Sprintf("%s%s_%d_en.zip", at, name, s.edition)] = zipped(fmt.Sprintf("%s_%d_en.csv", name, s.edition), s.csv(database))
	}
	add("/documents/", "GAM", "GAM")
	add("/documents/", "KPAtlasDB", "KPA")
	add("/documents/", "NCPI", "NCPI")
	add("/public/documents/", "Estimates", "EPI") // the folder differs
	answers := map[string]http.Handler{}
	for _, f := range s.figures() {
		question := f.gid + "@" + f.unit + "@" + f.sub
		answers[f.database+" "+question] = fetchtest.Body("application/json", s.answer(f.database, question))
	}
	workbook := http.HandlerFunc(gone)
	if s.workbook {
		workbook = fetchtest.Body("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", s.programmes(t)).ServeHTTP
	}
	return fetchtest.Hosts{
		"aidsinfo.unaids.org": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			b, ok := files[r.URL.Path]
			if !ok {
				gone(w, r)
				return
			}
			fetchtest.Body("application/zip", b).ServeHTTP(w, r)
		}),
		apiHost: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			question := r.URL.Query().Get("INDICATOR")
			switch h := answers[r.URL.Path[1:]+" "+question]; {
			case h != nil:
				h.ServeHTTP(w, r)
			case question == "":
				gone(w, r)
			default:
				fetchtest.Body("application/json", s.answer("", "")).ServeHTTP(w, r)
			}
		}),
		"hivfinancial.unaids.org": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, ".xlsx") {
				workbook(w, r)
				return
			}
			gone(w, r)
		}),
	}
}

func gone(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }

package evidence_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
	"pgregory.net/rapid"

	"hrinvest/extractors"
	"hrinvest/extractors/evidence"
	"hrinvest/extractors/extractorstest"
)

func TestSource(t *testing.T) { extractorstest.Run(t, evidence.New()) }

// base is a row nothing is wrong with; tests change cells of it.
func base() map[string]string {
	return map[string]string{
		"id": "a", "kind": "expenditure", "amount": "1000", "currency": "USD", "year": "2014", "country": "KGZ",
		"citation_title": "Report", "citation_url": "https://example.org/r", "page": "7", "quote": "one thousand",
		"entered_by": "A.B.", "confidence": "high",
	}
}

var order = []string{"id", "part_of", "kind", "amount", "currency", "year", "period_start", "period_end", "country", "countries",
	"region", "funder", "funder_type", "implementer", "community_led", "intervention", "sector", "indicator", "value", "low", "high", "unit", "activity_title",
	"citation_title", "citation_url", "citation_archive", "page", "quote", "flags", "note", "entered_by", "confidence"}

// change returns base with cells replaced, given as pairs.
func change(pairs ...string) map[string]string {
	r := base()
	for i := 0; i < len(pairs); i += 2 {
		r[pairs[i]] = pairs[i+1]
	}
	return r
}

func sheet(t testing.TB, rows ...map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	header := slices.Clone(order)
	for _, r := range rows { // columns that only some tests fill come last
		for _, c := range slices.Sorted(maps.Keys(r)) {
			if !slices.Contains(header, c) {
				header = append(header, c)
			}
		}
	}
	w.Write(header)
	for _, r := range rows {
		var cells []string
		for _, c := range header {
			cells = append(cells, r[c])
		}
		w.Write(cells)
	}
	w.Flush()
	return b.Bytes()
}

func parse(t testing.TB, b []byte) *extractorstest.Result {
	t.Helper()
	src := evidence.New()
	r := extractorstest.Parse(t, src, extractorstest.Doc("sheet", "sheet.csv", b))
	extractorstest.Check(t, r, nil)
	return r
}

func TestDisclosure(t *testing.T) {
	r := parse(t, sheet(t, change("amount", "86 454,2", "funder", "State budget", "funder_type", "государство", "intervention", "Опиоидная агонистическая терапия",
		"implementer", "NGO", "community_led", "да", "sector", "13040; X1", "period_start", "01.02.2014", "period_end", "2014-12-31",
		"activity_title", "Sites", "flags", "series_break, at_least", "note", "write to a.person@example.org", "country", "", "countries", "KG; Tajikistan", "region", "Central Asia")))
	if len(r.Disclosures) != 1 || len(r.Problems) != 0 {
		t.Fatalf("got %d disclosures, problems %+v", len(r.Disclosures), r.Problems)
	}
	got := r.Disclosures[0]
	var raw map[string]string
	if err := json.Unmarshal(got.Raw, &raw); err != nil {
		t.Fatal(err)
	}
	if raw["amount"] != "86 454,2" || raw["entered_by"] != "" || strings.Contains(raw["note"], "@") {
		t.Errorf("raw = %v", raw)
	}
	got.Raw, got.Document = nil, ""
	want := extractors.Disclosure{
		Locator: "row 2", URL: "https://example.org/r", Key: "a", Group: "a", Title: "Sites",
		Texts: []extractors.Text{{Text: "Sites"}, {Text: "one thousand", OfStatement: true}},
		Kind:  extractors.Expenditure, Amount: "86454.2", Currency: "USD",
		Year: "2014", PeriodStart: "2014-02-01", PeriodEnd: "2014-12-31",
		Parties: []extractors.Party{{Role: extractors.Funder, Name: "State budget", Type: "domestic_public"}, {Role: extractors.Implementing, Name: "NGO"}},
		Places:  []extractors.Share{{Vocabulary: "iso2", Code: "KG"}, {Vocabulary: "name", Name: "Tajikistan"}, {Vocabulary: "region", Name: "Central Asia"}},
		Sectors: []extractors.Share{{Vocabulary: "dac", Code: "13040"}, {Vocabulary: "other", Code: "X1"}},
		Codes:   []extractors.Code{{Scheme: "hrinvest", Code: "oat"}}, CommunityLed: "true", Confidence: "high",
		Flags: []string{"contact_removed", "series_break", "at_least"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// What a source's own code says is asked where no intervention is named.
func TestCodes(t *testing.T) {
	for _, tc := range []struct {
		cells []string
		want  []extractors.Code
	}{
		{nil, nil},
		{[]string{"code_list", "НАСА", "code", "ASC.01.10.01"}, []extractors.Code{{Scheme: "nasa", Code: "ASC.01.10.01"}}},
		{[]string{"code_list", "nasa", "code", "ASC.01.10.01", "intervention", "nsp"}, []extractors.Code{{Scheme: "hrinvest", Code: "nsp"}}},
	} {
		r := parse(t, sheet(t, change(append([]string{"intervention", ""}, tc.cells...)...)))
		if len(r.Disclosures) != 1 {
			t.Fatalf("%v: %+v", tc.cells, r.Problems)
		}
		if diff := cmp.Diff(tc.want, r.Disclosures[0].Codes); diff != "" {
			t.Errorf("%v: %s", tc.cells, diff)
		}
	}
}

func TestProblems(t *testing.T) {
	for _, tc := range []struct {
		name string
		row  map[string]string
		want string
		ru   string
	}{
		{"several", change("amount", "1,2 m", "currency", ""), `row 2: amount "1,2 m" is not a number; currency is missing`, `строка 2: сумма: "1,2 m" не число; валюта: нет значения`},
		{"ambiguous", change("amount", "1,455"), `row 2: amount "1,455" can be read in two ways: write 1455 or 1.455`, `строка 2: сумма: "1,455" читается двояко, напишите 1455 или 1.455`},
		{"no amount", change("amount", ""), "row 2: amount is missing", "строка 2: сумма: нет значения"},
		{"no citation", change("citation_title", "", "citation_url", "", "page", "", "quote", ""), "row 2: citation_title is missing; citation_url or citation_archive is missing; page is missing; quote is missing", ""},
		{"no entered_by", change("entered_by", "", "confidence", ""), "row 2: entered_by is missing; confidence is missing", ""},
		{"bad address", change("citation_url", "see drawer"), `row 2: citation_url "see drawer" is not a web address`, ""},
		{"bad kind", change("kind", "spent"), `row 2: kind "spent" is not one of pledge, allocation, commitment, budget, planned_disbursement, disbursement, expenditure, contract, reimbursement, incoming, incoming_commitment, other`, ""},
		{"bad currency", change("currency", "сом"), `row 2: currency "СОМ" is not a code of ISO 4217 such as USD`, ""},
		{"bad year", change("year", "2014-2016"), `row 2: year "2014-2016" is not one year: for several give period_start and period_end`, ""},
		{"bad date", change("period_start", "1/2/2014", "period_end", "2014-12-31"), `row 2: period_start "1/2/2014" is not a date: write 2016-01-31`, `строка 2: начало периода: "1/2/2014" не дата, напишите 2016-01-31`},
		{"half a period", change("period_start", "2014-01-01"), "row 2: period_end is missing", ""},
		{"backwards", change("period_start", "2014-12-31", "period_end", "2014-01-01"), "row 2: the period ends (2014-01-01) before it starts (2014-12-31)", ""},
		{"huge", change("amount", "1000000000000000000000"), `row 2: amount "1000000000000000000000" is too large to be money`, ""},
		{"kinds", change("part_of", "good", "kind", "budget"), `row 2: part_of "good": that row is of kind expenditure, this one of kind budget`, `строка 2: часть записи "good": там вид средств «расход», здесь «бюджет»`},
		{"mail", change("citation_url", "mailto:maria.ivanova.of.a.long.name@mail.of.a.long.name.example.org"), `row 2: citation_url "mailto:[contact removed]" is not a web address`, `строка 2: адрес источника "mailto:[contact removed]" не является адресом в интернете`},
		{"half a code", change("code", "ASC.01.10"), "row 2: code_list and code belong together: one of them is missing", "строка 2: список кодов и код: заполните оба"},
		{"orphan", change("part_of", "b"), `row 2: part_of "b": no row has this id`, `строка 2: часть записи "b": строки с таким номером нет`},
		{"own part", change("part_of", "a"), `row 2: part_of "a": the row would be a part of itself`, ""},
		{"value without indicator", change("value", "5"), "row 2: value is filled in without an indicator", ""},
		{"both", change("indicator", "pwid_size", "value", "5"), "row 2: kind does not belong in a row with an indicator: use two rows; amount does not belong in a row with an indicator: use two rows; currency does not belong in a row with an indicator: use two rows", ""},
		{"indicator without value", change("indicator", "pwid_size", "kind", "", "amount", "", "currency", "", "country", ""), "row 2: value is missing; country or region is missing", ""},
		{"bad mark", change("flags", "series break!"), `row 2: flags: "break!" is not a mark such as series_break`, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := parse(t, sheet(t, tc.row, change("id", "good")))
			if len(r.Problems) != 1 || len(r.Disclosures) != 1 {
				t.Fatalf("%d problems, %d disclosures; want one of each", len(r.Problems), len(r.Disclosures))
			}
			if got := r.Problems[0]; got.Reason != tc.want || got.Locator != "row 2" || (tc.ru != "" && got.ReasonRU != tc.ru) {
				t.Errorf("got  %s\n     %s\nwant %s\n     %s", got.Reason, got.ReasonRU, tc.want, tc.ru)
			}
			if got := r.Problems[0]; bytes.Contains(got.Raw, []byte("A.B.")) {
				t.Errorf("raw names who entered the row: %s", got.Raw)
			}
		})
	}
}

func TestParts(t *testing.T) {
	r := parse(t, sheet(t,
		change("id", "p1", "part_of", "w", "amount", "10"),
		change("id", "other"),
		change("id", "w", "amount", "100"),
		change("id", "p11", "part_of", "p1", "amount", "5"),
		change("id", "bad", "amount", "x"),
		change("id", "of-bad", "part_of", "bad"),
		change("id", "of-of-bad", "part_of", "of-bad"),
		change("id", "kind", "part_of", "w", "kind", "budget"),
		change("id", "w", "amount", "7"),
	))
	var got []string
	for _, d := range r.Disclosures {
		got = append(got, d.Group+"/"+d.Key+"<"+d.PartOf)
	}
	if diff := cmp.Diff([]string{"other/other<", "w/p1<w", "w/w<", "w/p11<p1"}, got); diff != "" {
		t.Error(diff)
	}
	got = nil
	for _, p := range r.Problems {
		got = append(got, p.Reason)
	}
	want := []string{
		`row 6: amount "x" is not a number`,
		`row 7: part_of "bad": row 6 was rejected itself`,
		`row 8: part_of "of-bad": row 7 was rejected itself`,
		`row 9: part_of "w": that row is of kind expenditure, this one of kind budget`,
		`row 10: id "w" is already used in sheet.csv, row 4`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestObservations(t *testing.T) {
	value := func(v string, pairs ...string) map[string]string {
		r := change(append([]string{"kind", "", "amount", "", "currency", "", "indicator", "pwid_size", "value", v, "unit", "people"}, pairs...)...)
		r["id"] = "v" + v + r["country"] + r["region"]
		return r
	}
	r := parse(t, sheet(t, value("26700"), value("nk"), value("<1%"), value("5132-6182"), value("0"), value("1", "country", "KG"),
		value("1", "country", "Kosovo"), value("1", "country", "", "region", "LMIC"), value("x")))
	type short struct{ Area, Name, Value, Low, High, Text, Status string }
	var got []short
	for _, o := range r.Observations {
		got = append(got, short{o.Area, o.AreaName, o.Value, o.Low, o.High, o.ValueText, o.Status})
	}
	want := []short{
		{"KGZ", "", "26700", "", "", "", ""}, {"KGZ", "", "", "", "", "nk", "unknown"}, {"KGZ", "", "", "", "", "<1%", ""},
		{"KGZ", "", "", "5132", "6182", "5132-6182", ""}, {"KGZ", "", "0", "", "", "", ""}, {"KGZ", "", "1", "", "", "", ""},
		{"", "Kosovo", "1", "", "", "", ""}, {"LMIC", "", "1", "", "", "", ""}, {"KGZ", "", "", "", "", "x", "reported"},
	}
	if diff := cmp.Diff(want, got); diff != "" || len(r.Problems) > 0 {
		t.Errorf("%s\nproblems: %+v", diff, r.Problems)
	}
	if note := r.Observations[0].Note; note != "Report, 7: “one thousand”" {
		t.Errorf("note = %q", note)
	}
}

func TestFormats(t *testing.T) {
	ru := "\"Номер записи\";Вид средств;Сумма;Валюта;Год;Страна;Источник;Адрес источника;Страница;Цитата;Кто внёс;Надёжность;Телефон;Моя пометка\r\n" +
		"a;расход;1 000,5;USD;2014;Кыргызстан;Отчёт;https://example.org;7;тысяча;А.Б.;высокая;0312 123456;да\r\n\r\n" +
		"б;расход;1,455;USD;2014;Кыргызстан;Отчёт;https://example.org;7;\"две\r\nстроки\";А.Б.;высокая;;\r\n" +
		"в;расход;5;USD;2014;Кыргызстан;Отчёт;https://example.org;7;пять;А.Б.;высокая;;\r\n"
	cp1251, err := charmap.Windows1251.NewEncoder().String(ru)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"utf-8": ru, "bom": "\ufeff" + ru, "windows-1251": cp1251, "hint": "sep=;\r\n" + ru} {
		src := evidence.New()
		if role := src.Role("x", []byte(text)); role != "sheet" {
			t.Errorf("%s: role %q", name, role)
		}
		r := parse(t, []byte(text))
		if len(r.Disclosures) != 2 || len(r.Problems) != 1 {
			t.Fatalf("%s: %d disclosures, %+v", name, len(r.Disclosures), r.Problems)
		}
		d := r.Disclosures[0]
		if d.Amount != "1000.5" || d.Kind != extractors.Expenditure || d.Places[0].Name != "Кыргызстан" {
			t.Errorf("%s: %+v", name, d)
		}
		if diff := cmp.Diff([]string{"unknown_column:телефон", "unknown_column:моя_пометка"}, d.Flags); diff != "" {
			t.Errorf("%s: flags: %s", name, diff)
		}
		if bytes.Contains(d.Raw, []byte("0312")) || !bytes.Contains(d.Raw, []byte("Моя пометка")) {
			t.Errorf("%s: raw %s", name, d.Raw)
		}
		// row numbers are a spreadsheet's: blank rows count, line breaks in a cell do not
		if got := r.Problems[0].Locator + ", " + r.Disclosures[1].Locator; got != "row 4, row 5" {
			t.Errorf("%s: locators %s", name, got)
		}
	}
}

func TestDocuments(t *testing.T) {
	for name, tc := range map[string]struct{ in, want string }{
		"no currency":  {"id,kind,amount,citation_title,citation_url,page,quote,entered_by,confidence\na,b,c,d,e,f,g,h,i\n", "columns missing: currency"},
		"no value":     {"indicator,citation_title,citation_url,page,quote,entered_by,confidence\n", "columns missing: value"},
		"no citation":  {"kind,amount,currency,page\n", "columns missing: citation_title, quote, entered_by, confidence, citation_url or citation_archive"},
		"twice":        {"kind,amount,amount,currency\n", "column amount occurs twice"},
		"empty":        {" \n", "the file is empty"},
		"html":         {"<!DOCTYPE html><html>", "the file is a web page, not a sheet"},
		"xls":          {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "the file is an old .xls workbook or protected by a password: save it as .xlsx without one"},
		"broken quote": {"id,\"kind,amount\na,b,c\n", "the header cannot be read: extraneous or missing \" in quoted-field"},
	} {
		r := parse(t, []byte(tc.in))
		if len(r.Problems) != 1 || r.Problems[0].Locator != "/" || r.Problems[0].Reason != "sheet.csv: "+tc.want {
			t.Errorf("%s: %+v, want %q", name, r.Problems, tc.want)
		}
	}
}

// What stands under no header is kept and flagged like any unknown column.
func TestBlankHeader(t *testing.T) {
	b := strings.Replace(string(sheet(t, change("note", "kept"))), ",note,", ",,", 1)
	r := parse(t, []byte(b))
	if len(r.Disclosures) != 1 || !bytes.Contains(r.Disclosures[0].Raw, []byte(`"column 30":"kept"`)) {
		t.Fatalf("%+v %+v", r.Disclosures, r.Problems)
	}
	if diff := cmp.Diff([]string{"unknown_column:column_30"}, r.Disclosures[0].Flags); diff != "" {
		t.Error(diff)
	}
}

// Broken quotation marks and damaged characters cost the rows they stand in, not
// the sheet.
func TestDamagedRows(t *testing.T) {
	good := string(sheet(t, base()))
	r := parse(t, []byte(good+"a\"b,c\n"+strings.TrimPrefix(string(sheet(t, change("id", "z"))), strings.Join(order, ",")+"\n")+"ы,\"open\n"))
	if len(r.Disclosures) != 2 || len(r.Problems) != 2 {
		t.Fatalf("%d disclosures, %+v", len(r.Disclosures), r.Problems)
	}
	if got := r.Problems[0].Reason; got != "row 3: the quotation marks do not match, up to line 3 of the file" {
		t.Error(got)
	}
	r = parse(t, sheet(t, change("quote", "тысяча сом\xd0"), change("id", "good", "quote", "тысяча")))
	if len(r.Disclosures) != 1 || len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Reason, "damaged characters") {
		t.Errorf("%d disclosures, %+v", len(r.Disclosures), r.Problems)
	}
	r = parse(t, append(sheet(t, base()), "b,,expenditure,1,USD,2014,,,KGZ,,,,,,,,,,,,,,,R,https://e.org,,7,q,,,A.B.,high,extra\n"...))
	if len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Reason, `a cell "extra" beyond the header`) {
		t.Errorf("%+v", r.Problems)
	}
}

// A row without an id keeps its identity when rows are sorted, and two equal
// ones are not one.
func TestRowsWithoutID(t *testing.T) {
	a, b := change("id", ""), change("id", "", "amount", "2000")
	first, second := parse(t, sheet(t, a, b)), parse(t, sheet(t, b, a))
	if first.Disclosures[0].Key != second.Disclosures[1].Key || first.Disclosures[0].Key == first.Disclosures[1].Key {
		t.Error("keys depend on the order of rows or do not tell rows apart")
	}
	r := parse(t, sheet(t, a, a))
	if len(r.Disclosures) != 1 || len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Reason, "the same row stands in sheet.csv, row 2") {
		t.Errorf("%d disclosures, %+v", len(r.Disclosures), r.Problems)
	}
}

func TestRole(t *testing.T) {
	src := evidence.New()
	for name, tc := range map[string]struct{ head, want string }{
		"a.csv":      {string(sheet(t)), "sheet"},
		"empty.csv":  {"", "sheet"},
		"page.csv":   {"<html>", "sheet"},
		"other.csv":  {"country,year,value\nKGZ,2014,5\n", ""},
		"iati.xml":   {"<?xml version=\"1.0\"?><iati-activities/>", ""},
		"a.zip":      {"PK\x03\x04something", ""},
		"a.xlsx":     {"PK\x03\x04[Content_Types].xml", "sheet"},
		"binary.bin": {"\x00\x01", ""},
	} {
		if got := src.Role(name, []byte(tc.head)); got != tc.want {
			t.Errorf("Role(%s) = %q, want %q", name, got, tc.want)
		}
	}
}

// The list of interventions to choose from is that of the vocabulary.
func TestInterventionsAreTheVocabulary(t *testing.T) {
	read := func(path string) [][]string {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return rows[1:]
	}
	var got, want [][]string
	for _, r := range read("values.csv") {
		if r[0] == "intervention" {
			got = append(got, r[1:])
		}
	}
	for _, r := range read("../../transforms/vocab/interventions.csv") {
		want = append(want, r[:3])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	kinds := 0
	for _, r := range read("values.csv") {
		if r[0] == "kind" {
			kinds++
		}
	}
	if kinds != len(extractors.Kinds) {
		t.Errorf("%d kinds listed, the contract has %d", kinds, len(extractors.Kinds))
	}
}

// Every row of a sheet comes out once: as money, as a value or as a problem.
func TestNothingIsLost(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var rows []map[string]string
		for range rapid.IntRange(0, 12).Draw(rt, "rows") {
			r := change("id", rapid.SampledFrom([]string{"a", "b", "c", "d", ""}).Draw(rt, "id"),
				"part_of", rapid.SampledFrom([]string{"", "", "a", "b", "c"}).Draw(rt, "part_of"),
				"amount", rapid.SampledFrom([]string{"1", "2", "1 000", "1,455", "x", ""}).Draw(rt, "amount"))
			if rapid.Bool().Draw(rt, "value") {
				r["kind"], r["amount"], r["currency"], r["indicator"], r["value"] = "", "", "", "pwid_size", "5"
			}
			rows = append(rows, r)
		}
		r := parse(t, sheet(t, rows...))
		if got := len(r.Disclosures) + len(r.Observations) + len(r.Problems); got != len(rows) {
			rt.Fatalf("%d rows in, %d out", len(rows), got)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add(sheet(f, base()))
	f.Add(sheet(f, change("part_of", "a"), change("id", "b", "indicator", "x", "value", "1-2")))
	f.Add([]byte("\ufeffНомер записи;Вид средств;Сумма\r\n\"a;b\r\n"))
	f.Add([]byte("PK\x03\x04"))
	src := evidence.New()
	f.Fuzz(func(t *testing.T, b []byte) {
		r := extractorstest.Parse(t, src, extractorstest.Doc("sheet", "fuzz.csv", b))
		extractorstest.Check(t, r, nil)
		src.Role("fuzz.csv", b)
	})
}

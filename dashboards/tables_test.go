package dashboards

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"html"
	"math/big"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"hrinvest/warehouse"
)

func TestSortRows(t *testing.T) {
	table := func() *Table {
		return &Table{Columns: []string{"n", "v"}, Rows: []Row{{"n": "a", "v": big.NewRat(2, 1)}, {"n": "b", "v": nil}, {"n": "c", "v": big.NewRat(-1, 1)}, {"n": "d", "v": big.NewRat(10, 1)}, {"n": "e", "v": big.NewRat(2, 1)}}}
	}
	for by, want := range map[string]string{"v": "caedb", "-v": "daecb", "n": "abcde", "-n": "edcba"} {
		in := table()
		if err := sortRows(in, by); err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, r := range in.Rows {
			got += r["n"].(string)
		}
		if got != want {
			t.Errorf("by %s: %s, want %s", by, got, want)
		}
	}
	if err := sortRows(table(), "colour"); err == nil {
		t.Error("an unknown column sorts")
	}
}

// A spreadsheet has the exact digits as numbers, text as text, and says what it is.
func TestSpreadsheet(t *testing.T) {
	exactly, _ := new(big.Rat).SetString("86454.200001")
	table := &Table{Columns: []string{"country", "usd", "year", "note"}, Docs: []string{"", "US dollars", "", ""}, Rows: []Row{
		{"country": "KGZ", "usd": exactly, "year": 2016, "note": "=1+1"},
		{"country": "TJK", "usd": nil, "year": nil, "note": "007"},
	}}
	var b bytes.Buffer
	if err := writeXLSX(&b, table, workbookNotes{Title: "A question", Release: "R1", Cutoff: "data up to a day", Address: "/en/x.xlsx", Sources: []Source{{ID: "gov", Title: "Evidence"}}}); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("Data", excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"country", "usd", "year", "note"}, {"KGZ", "86454.200001", "2016", "=1+1"}, {"TJK", "", "", "007"}}
	if d := cmp.Diff(want, rows); d != "" {
		t.Error(d)
	}
	for cell, want := range map[string]excelize.CellType{"B2": excelize.CellTypeUnset, "D2": excelize.CellTypeSharedString, "D3": excelize.CellTypeSharedString} {
		if got, _ := f.GetCellType("Data", cell); got != want { // an unset type is a number
			t.Errorf("%s is of type %v, want %v", cell, got, want)
		}
	}
	if formula, _ := f.GetCellFormula("Data", "D2"); formula != "" {
		t.Errorf("text became the formula %s", formula)
	}
	notes, _ := f.GetRows("Notes")
	sources, _ := f.GetRows("Sources")
	if len(notes) < 5 || notes[1][1] != "R1" || len(sources) != 2 || sources[1][1] != "Evidence" {
		t.Errorf("notes %v, sources %v", notes, sources)
	}
}

// The page of a donor adds up countries, and neither kinds nor years nor cycles.
func TestDonorPageKeepsKindsApart(t *testing.T) {
	s := site(t)
	body := ask(t, s, "/en/donor?funder=Global+Fund").Body.String()
	line := regexp.MustCompile(`(?s)<tr[^>]*><th[^>]* scope="row">([^<]*)</th><td[^>]* data-l="Kind of money">([^<]*)</td><td[^>]*><a href="[^"]*">([^<]*)</a>`)
	got := map[string]string{}
	for _, m := range line.FindAllStringSubmatch(body, -1) {
		if got[m[1]+" "+m[2]] != "" {
			t.Errorf("%s %s stands twice", m[1], m[2])
		}
		got[m[1]+" "+m[2]] = m[3]
	}
	want := map[string]string{
		"2016 expenditure":  "US$865,433", // f1 + f2 + e6 of two countries; f8 is advocacy, which HRI's definition leaves out
		"2016 budget":       "",
		"2018 disbursement": "US$700,000",
		"2025 disbursement": "US$83,527",
		"2025 commitment":   "US$91,919",
		"cycle GC7: several years, not annual budget": "US$5.14\u00a0million", // KGZ + TJK + XKX
	}
	for k, v := range want {
		if got[k] != v {
			t.Errorf("%s: %q, want %q", k, got[k], v)
		}
	}
	// The number leads to flows that sum to it.
	m := regexp.MustCompile(`<a href="(/en/flows\?[^"]*kind=expenditure[^"]*year=2016[^"]*)">US\$865,433</a>`).FindStringSubmatch(body)
	if m == nil {
		t.Fatal("the number is no link")
	}
	file := strings.Replace(html.UnescapeString(m[1]), "/flows?", "/flows.csv?", 1)
	records, err := csv.NewReader(ask(t, s, file).Body).ReadAll()
	if err != nil || len(records) < 3 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	sum := new(big.Rat)
	for _, r := range records[1:] {
		v, _ := new(big.Rat).SetString(r[indexOf(records[0], "usd")])
		sum.Add(sum, v)
	}
	if sum.FloatString(2) != "865432.50" {
		t.Errorf("the flows sum to %s", sum.FloatString(2))
	}
}

func indexOf(list []string, s string) int {
	for i, v := range list {
		if v == s {
			return i
		}
	}
	return -1
}

// Filter and order of a page are those of the file behind it, and go along into the
// other language.
func TestAddressHoldsTheState(t *testing.T) {
	s := site(t)
	page := ask(t, s, "/en/commitments?kind=coverage&sort=-threshold").Body.String()
	for _, want := range []string{`href="/en/commitments.csv?kind=coverage&amp;sort=-threshold"`, `href="/ru/commitments?kind=coverage&amp;sort=-threshold"`, `aria-sort="descending"`} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s", want)
		}
	}
	records, err := csv.NewReader(ask(t, s, "/en/commitments.csv?kind=coverage&sort=-threshold").Body).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := 0
	for _, r := range records[1:] {
		id := r[indexOf(records[0], "id")]
		if r[indexOf(records[0], "kind")] != "coverage" {
			t.Errorf("%s is of kind %s", id, r[indexOf(records[0], "kind")])
		}
		next := strings.Index(page, ` id="`+id+`"`)
		if next < at {
			t.Errorf("%s stands elsewhere on the page than in the file", id)
		}
		at = next
	}
	if len(records) < 10 {
		t.Errorf("%d rows", len(records))
	}
}

// A missing number on a page is a word.
func TestMissingNumbersAreWords(t *testing.T) {
	r := &request{s: site(t), loc: site(t).locales["en"], ed: &edition{cat: &catalogue{}}}
	w := &words{Locale: r.loc}
	for status, want := range map[any]string{nil: "not known", "reported": "not known", "not_reported": "not reported", "not_applicable": "not applicable"} {
		if got := r.cell(w, "usd", "DECIMAL(38,6)", Row{"usd": nil, "status": status}); got.Text != want || !got.Gap {
			t.Errorf("status %v: %+v", status, got)
		}
	}
	if got := r.cell(w, "year", "INTEGER", Row{"year": 2016}); got.Text != "2016" {
		t.Errorf("a year is written %s", got.Text)
	}
	if got := r.cell(w, "usd", "DECIMAL(38,6)", Row{"usd": new(big.Rat)}); got.Text != "0" || got.Gap {
		t.Errorf("a zero is written %+v", got)
	}
	if w.err != nil {
		t.Error(w.err)
	}
}

// Pages say which sources are not fresh, without a new release, and no longer when
// they are again.
func TestStaleSourcesAreSaid(t *testing.T) {
	now := opsNow()
	state := SourceState{ID: "unaids", State: "stale", LastSuccess: time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)}
	var failure error
	s, err := New(Config{Releases: fixture(t), Now: func() time.Time { return now }, Contact: "data@example.org", Sources: func(context.Context) ([]SourceState, error) {
		return []SourceState{{ID: "gov", State: "stale"}, {ID: "globalfund", State: "fresh", LastSuccess: now}, state}, failure
	}})
	if err != nil {
		t.Fatal(err)
	}
	first := ask(t, s, "/en/country/KGZ")
	if body := first.Body.String(); !strings.Contains(body, "last read on 1 October 2026") || strings.Count(body, "last read on") != 1 {
		t.Error("the stale source is not said, or another is")
	}
	if !strings.Contains(first.Body.String(), `href="mailto:data@example.org?subject=hrinvest%20`) {
		t.Error("there is no way to report an error")
	}
	state.State = "fresh"
	now = now.Add(2 * freshFor)
	second := ask(t, s, "/en/country/KGZ", "If-None-Match", first.Header().Get("ETag"))
	if second.Code != 200 || strings.Contains(second.Body.String(), "last read on") {
		t.Errorf("%d: a fresh source is still called stale", second.Code)
	}
	failure, now = errors.New("state.json is broken"), now.Add(2*freshFor)
	if w := ask(t, s, "/en/country/TJK"); w.Code != 200 {
		t.Errorf("a page fails with the operator's record: %d", w.Code)
	}
}

// Every numbered question of the warehouse has its words in every language, and is on
// the list.
func TestQuestionsHaveWords(t *testing.T) {
	s := site(t)
	queries, err := warehouse.Queries()
	if err != nil {
		t.Fatal(err)
	}
	for lang, loc := range s.locales {
		list := ask(t, s, "/"+lang+"/questions").Body.String()
		for _, q := range queries {
			title, own := (&words{Locale: loc}).questionTitle(q)
			if q.Question > 0 && !own {
				t.Errorf("%s: question %d (%s) has no words, only %q", lang, q.Question, q.Name, title)
			}
			if listed := strings.Contains(list, "/questions/"+q.Name+`"`); listed == strings.HasPrefix(q.Name, "page_") {
				t.Errorf("%s: %s listed: %v", lang, q.Name, listed)
			}
		}
	}
}

func TestCitationsAndFeed(t *testing.T) {
	s := site(t)
	_, rel, done, err := s.cfg.Releases.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	done()
	for _, ext := range []string{"bib", "ris", "txt"} {
		if body := ask(t, s, "/ru/cite."+ext).Body.String(); !strings.Contains(body, rel.ID) {
			t.Errorf("%s does not name the release: %s", ext, body)
		}
	}
	var f feed
	if err := xml.Unmarshal(ask(t, s, "/en/releases.atom").Body.Bytes(), &f); err != nil {
		t.Fatal(err)
	}
	if len(f.Entries) != 1 || f.Entries[0].Title != rel.ID || f.Entries[0].Link.Href != "releases#"+rel.ID || f.Updated == "" {
		t.Errorf("feed %+v", f)
	}
}

// A row of an answer leads down to flows that add up to it, whatever the order of the
// table, and from there to the flow.
func TestRowsLeadToFlows(t *testing.T) {
	s := site(t)
	for _, order := range []string{"", "&sort=-usd_current"} {
		page := ask(t, s, "/en/questions/spending_by_source?country=KGZ"+order).Body.String()
		row := regexp.MustCompile(`(?s)<tr[^>]*><th[^>]* scope="row"><a href="/en/country/KGZ">Kyrgyzstan</a></th><td[^>]*>2018</td>.*?</tr>`)
		found := row.FindAllString(page, -1)
		if len(found) == 0 {
			t.Fatal("no row of 2018")
		}
		compared := 0
		for _, tr := range found {
			if strings.Contains(tr, `data-l="US$ of the year" class="num gap">not known`) {
				continue // money without a rate
			}
			compared++
			usd := regexp.MustCompile(`data-l="US\$ of the year" class="num">([0-9,.]+)<`).FindStringSubmatch(tr)
			link := regexp.MustCompile(`href="(/en/questions/spending_by_source\?[^"]*trace=[0-9]+)#made-of"`).FindStringSubmatch(tr)
			if usd == nil || link == nil {
				t.Fatalf("no amount or no link: %s", tr)
			}
			below := ask(t, s, html.UnescapeString(link[1])).Body.String()
			_, below, _ = strings.Cut(below, `id="made-of"`)
			below, _, _ = strings.Cut(below, "<h2>")
			sum := new(big.Rat)
			for _, m := range regexp.MustCompile(`data-l="US\$" class="num">([0-9,.]+)<`).FindAllStringSubmatch(below, -1) {
				v, _ := new(big.Rat).SetString(strings.ReplaceAll(m[1], ",", ""))
				sum.Add(sum, v)
			}
			want, _ := new(big.Rat).SetString(strings.ReplaceAll(usd[1], ",", ""))
			if sum.Cmp(want) != 0 || !strings.Contains(below, `href="/en/flow/f`) {
				t.Errorf("sorted %q: %s is made of %s", order, usd[1], sum.FloatString(2))
			}
		}
		if compared < 2 {
			t.Errorf("only %d rows compared", compared)
		}
	}
	for _, bad := range []string{"0", "999", "x"} {
		if w := ask(t, s, "/en/questions/spending_by_source?country=KGZ&trace="+bad); w.Code != 400 {
			t.Errorf("trace=%s: %d", bad, w.Code)
		}
	}
}

// The page of a number names the rule that decided its service, who made it and
// when, and why it is not counted, in words.
func TestFlowPageNamesItsRules(t *testing.T) {
	s, err := New(Config{Releases: fixture(t), Rules: []Rule{{ID: "gf-x", Kind: "code", Scheme: "globalfund", Written: "GC7|Module|Line", Intervention: "nsp", Author: "A. Reviewer", Date: "2026-11-23", Source: "https://example.org/rule"}}})
	if err != nil {
		t.Fatal(err)
	}
	body := ask(t, s, "/en/flow/f10").Body.String()
	for _, want := range []string{"A. Reviewer", "23 November 2026", "globalfund: GC7 – Module – Line", `href="https://example.org/rule"`, "Needle and syringe", "(authority)"} {
		if !strings.Contains(body, want) {
			t.Errorf("%q is not shown", want)
		}
	}
}

// What may be compared is said before the figures, and a value from before a promise
// may not.
func TestComparableStandsFirst(t *testing.T) {
	table := &Table{Columns: []string{"country", "year", "usd", "pct", "comparable", "reason", "reason_en"}, Types: []string{"VARCHAR", "INTEGER", "DECIMAL(38,6)", "DECIMAL(9,4)", "BOOLEAN", "VARCHAR", "VARCHAR"}}
	var got []string
	for _, i := range shownColumns(table, "en") {
		got = append(got, table.Columns[i])
	}
	if diff := cmp.Diff([]string{"country", "year", "comparable", "reason", "usd", "pct"}, got); diff != "" {
		t.Error(diff)
	}
	for reason, want := range map[string]bool{"compared": true, "before_target_year": true, "before_adoption": false} {
		if got := (Gap{Verdict: "met", Reason: reason}).comparable(); got != want {
			t.Errorf("%s: comparable is %v", reason, got)
		}
	}
}

// A parameter with few values is a list of them, in the reader's words.
func TestValuesAreChosen(t *testing.T) {
	body := ask(t, site(t), "/ru/questions/need_funded?country=KGZ&definition=core-3").Body.String()
	for _, want := range []string{`<option value="top_down">`, `<option value="core-3" selected>основные 3</option>`, `<option value="bottom_up">`} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s", want)
		}
	}
}

// The years of a chart say what their money is.
func TestChartedYearsHaveMeasures(t *testing.T) {
	line := func(year int, usd int64, short string) YearLine {
		l := YearLine{Year: year, Short: short}
		if usd != 0 {
			l.Total.Value = big.NewRat(usd, 1)
		}
		return l
	}
	s := &Series{Lines: []YearLine{line(2011, 1, "spent"), line(2012, 1, "spent"), line(2013, 0, ""), line(2014, 2, "budget"), line(2015, 3, "spent"), line(2016, 4, "spent")}}
	if got, want := s.measures(5), "2012, 2015: spent; 2014: budget"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

package dashboards

import (
	"encoding/xml"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"hrinvest/dashboards/charts"
	"hrinvest/dashboards/locales"
	"hrinvest/warehouse"
)

// pictured are addresses of pages with a picture, without language and extension.
func pictured() []string {
	return []string{"/donors", "/donors?type=multilateral", "/donor?funder=Global+Fund", "/donor?funder=Aidsfonds&definition=all", "/gaps?commitment=NSP200", "/gaps?country=KGZ",
		"/questions/spending_by_source?country=KGZ", "/questions/spending_by_intervention?country=KGZ", "/questions/spending_per_person?country=KGZ",
		"/questions/donor_dependence?country=GEO", "/questions/coverage_targets?country=KGZ&commitment=NSP200"}
}

// svgOf is the address of a page's picture.
func svgOf(p string) string {
	path, query, ok := strings.Cut(p, "?")
	if ok {
		query = "?" + query
	}
	return path + ".svg" + query
}

// Every picture is on its page with the same as a table, and a file of its own that
// says what it shows and of which release; both in every language, with nothing a
// browser would refuse.
func TestPagePictures(t *testing.T) {
	s := site(t)
	_, rel, done, err := s.cfg.Releases.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	done()
	cyrillic := regexp.MustCompile(`\p{Cyrillic}`)
	for _, lang := range locales.Languages() {
		for _, p := range pictured() {
			page := ask(t, s, "/"+lang+p)
			root, err := html.Parse(strings.NewReader(page.Body.String()))
			if err != nil {
				t.Fatal(err)
			}
			var file string
			twin, pictures := 0, 0
			for n := range root.Descendants() {
				if n.Type != html.ElementNode || n.Data != "figure" {
					continue
				}
				pictures++
				for c := range n.Descendants() {
					for _, a := range c.Attr {
						if c.Data == "a" && a.Key == "href" && strings.Contains(a.Val, ".svg") {
							file = a.Val
						}
					}
					if c.Data == "tr" {
						twin++
					}
				}
			}
			if page.Code != 200 || pictures != 1 || twin < 2 {
				t.Errorf("/%s%s: %d, %d pictures, %d rows in the table", lang, p, page.Code, pictures, twin)
				continue
			}
			for _, problem := range scanPage(t, page.Body.String()) {
				t.Errorf("/%s%s: %s", lang, p, problem)
			}
			u, err := url.Parse(file)
			if err != nil || u.Path != strings.SplitN("/"+lang+svgOf(p), "?", 2)[0] {
				t.Fatalf("/%s%s: its picture is at %q", lang, p, file)
			}
			w := ask(t, s, file)
			svg := w.Body.String()
			if w.Code != 200 || w.Header().Get("Content-Type") != "image/svg+xml" || strings.Contains(svg, "style=") || w.Header().Get("ETag") == "" {
				t.Errorf("%s: %d %s", file, w.Code, w.Header().Get("Content-Type"))
			}
			wellFormed(t, file, svg)
			for _, want := range []string{"<title", "<desc", `role="img"`} {
				if !strings.Contains(svg, want) {
					t.Errorf("%s: no %s", file, want)
				}
			}
			said := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(svg[strings.Index(svg, "</desc>"):], "")
			if !strings.Contains(said, AsOfParam+"="+rel.ID) && !strings.Contains(strings.ReplaceAll(said, "\n", ""), rel.ID) {
				t.Errorf("%s does not say of which release it is: %s", file, said)
			}
			if got := cyrillic.MatchString(svg); got != (lang == "ru") {
				t.Errorf("%s: in another language", file)
			}
		}
	}
}

func wellFormed(t *testing.T, name, svg string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		if _, err := d.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
	}
}

// An answer without an honest picture says so in plain words; parameters a page does
// not know are errors for its picture too.
func TestNoPicture(t *testing.T) {
	s := site(t)
	for p, want := range map[string]struct {
		status int
		words  string
	}{
		"/en/questions/reconciliation.svg":                                {404, "There is no picture of this"},
		"/ru/questions/reconciliation.svg":                                {404, "Рисунка здесь нет"},
		"/en/questions/spending_by_source.svg":                            {404, "several values of “Country”"},
		"/ru/questions/donor_dependence.svg":                              {404, "Выберите одно"},
		"/en/questions/coverage_targets.svg?country=KGZ":                  {404, "Choose one"},
		"/en/questions/need_funded.svg?country=RUS":                       {404, "nothing known has a value"},
		"/en/gaps.svg?commitment=SDG33":                                   {404, "nothing known has a value"},
		"/en/donors.svg?type=private":                                     {404, "nothing known has a value"},
		"/en/donor.svg?funder=nobody":                                     {404, "no donor"},
		"/en/donors.svg?colour=red":                                       {400, "colour"},
		"/en/gaps.svg?country=NOWHERE":                                    {400, "NOWHERE"},
		"/en/donor.svg?funder=Global+Fund&definition=%3Cscript%3E":        {400, "definition"},
		"/en/questions/spending_by_source.svg?country=KGZ&country=TJK":    {400, "country"},
		"/en/questions/nothing.svg":                                       {404, ""},
		"/en/commitments.svg":                                             {404, ""},
		"/en/questions/spending_by_source.svg?country=%22%3E%3Cscript%3E": {400, ""},
	} {
		w := ask(t, s, p)
		if w.Code != want.status || !strings.Contains(w.Body.String(), want.words) || strings.Contains(w.Body.String(), "<html") || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
			t.Errorf("%s: %d %s %s", p, w.Code, w.Header().Get("Content-Type"), w.Body)
		}
	}
	if page := ask(t, s, "/en/questions/spending_by_source").Body.String(); !strings.Contains(page, "Choose one") || strings.Contains(page, "<figure") {
		t.Error("the page does not say what to choose for a picture")
	}
	if page := ask(t, s, "/en/questions/reconciliation").Body.String(); strings.Contains(page, "no picture") {
		t.Error("a page that never has a picture speaks of one")
	}
}

// The picture of a donor is of one kind, calendar years alone; a year without is not a
// bar of no length; planned money is white.
func TestDonorPicture(t *testing.T) {
	s := site(t)
	r := &request{Request: &http.Request{URL: &url.URL{Path: "/en/donor"}}, s: s, loc: s.locales["en"]}
	w := &words{Locale: r.loc}
	usd := func(n int64) *big.Rat { return big.NewRat(n, 1) }
	line := func(year int, kind string, n int64) donorLine {
		return donorLine{year: year, kind: kind, calendar: true, total: usd(n)}
	}
	fiscal := line(2019, "expenditure", 999)
	fiscal.calendar = false
	lines := []donorLine{line(2016, "expenditure", 100), line(2018, "expenditure", 0), line(2016, "budget", 77), line(2015, "incoming", 1), line(2016, "incoming", 1), line(2017, "incoming", 1), fiscal, {year: 2020, kind: "expenditure", calendar: true}}
	p, _, err := r.donorPicture(w, "A donor", "bilateral", "hri", lines)
	if err != nil {
		t.Fatal(err)
	}
	if p.Title != "A donor: expenditure by year" {
		t.Errorf("it shows %q", p.Title)
	}
	want := [][]string{{"2016", "US$100", ""}, {"2017", "not known", ""}, {"2018", "US$0", ""}, {"2019", "not known", ""}, {"2020", "no exchange rate known", ""}}
	for i, row := range want {
		if i >= len(p.Rows) || !slices.Equal(p.Rows[i], row) {
			t.Fatalf("rows %q", p.Rows)
		}
	}
	bars := p.chart.(*charts.Stacked).Rows
	for i, parts := range []int{1, 0, 1, 0, 0} {
		if len(bars[i].Parts) != parts {
			t.Errorf("%s has %d parts", bars[i].Label, len(bars[i].Parts))
		}
	}
	if p, _, err = r.donorPicture(w, "A donor", "bilateral", "hri", lines[2:3]); err != nil || !p.chart.(*charts.Stacked).Rows[0].Parts[0].Hollow {
		t.Errorf("a budget is drawn as if it were spent: %v", err)
	}
	if p, why, err := r.donorPicture(w, "A donor", "bilateral", "hri", lines[6:7]); p != nil || why == "" || err != nil {
		t.Errorf("a fiscal year alone has a picture: %v", err)
	}
}

// A picture of gaps holds one promise still; 0, no data and not available by law look
// different, and values in other prices are not drawn against it.
func TestGapsPicture(t *testing.T) {
	s := site(t)
	ask(t, s, "/en/") // reads the release
	r := &request{Request: &http.Request{URL: &url.URL{Path: "/en/gaps"}}, s: s, loc: s.locales["en"], ed: s.edition, current: true}
	n := func(v string) *big.Rat { x, _ := new(big.Rat).SetString(v); return x }
	gap := func(commitment, area, verdict string, year int, actual string) Gap {
		g := Gap{Commitment: commitment, Area: area, Verdict: verdict, Year: year, Measure: "oat_coverage", Unit: "percent", Required: n("50"), TextEN: "Half of all", Comparator: ">=", Reason: "compared"}
		if actual != "" {
			g.Actual = n(actual)
		}
		return g
	}
	ranged := gap("A", "GEO", "not_met", 2018, "20")
	ranged.ActualLow, ranged.ActualHigh = n("15"), n("25")
	gaps := []Gap{gap("A", "KGZ", "met", 2018, "60"), gap("A", "KGZ", "not_met", 2016, "40"), ranged, gap("A", "TJK", "no_data", 2020, ""), gap("A", "RUS", "not_available_by_law", 2020, ""),
		gap("A", "MNE", "not_met", 2017, "0"), gap("A", "XKX", "not_comparable", 2019, "99"), gap("B", "KGZ", "met", 2018, "70")}
	p, _, err := r.gapsPicture(r.gapMaker(), gaps)
	if err != nil {
		t.Fatal(err)
	}
	bars := p.chart.(*charts.Bars).Rows
	var got []string
	for _, b := range bars {
		got = append(got, b.Label+" "+b.Note)
	}
	want := []string{"Montenegro 0% – reported as 0, 2017", "Georgia 20% (15%–25%), 2018", "Kyrgyzstan 60%, 2018", "Russian Federation not available by law", "Tajikistan no data", "Kosovo* not comparable"}
	if !slices.Equal(got, want) {
		t.Fatalf("bars %q", got)
	}
	if bars[0].Value.Sign() != 0 || bars[1].Low == nil || bars[1].Target == nil || bars[3].Absent != charts.NotApplicable || bars[4].Absent != charts.NotReported || bars[5].Value != nil || bars[4].Target != nil {
		t.Errorf("%+v", bars)
	}
	if !strings.Contains(strings.Join(p.Notes, " "), "the one most is known of") {
		t.Errorf("notes %q", p.Notes)
	}
	// One country: promise by promise.
	p, _, err = r.gapsPicture(r.gapMaker(), []Gap{gaps[0], gaps[7]})
	if err != nil || len(p.chart.(*charts.Bars).Rows) != 2 || !strings.HasPrefix(p.Title, "Kyrgyzstan") {
		t.Errorf("%+v %v", p, err)
	}
	if p, why, err := r.gapsPicture(r.gapMaker(), gaps[3:5]); p != nil || why == "" || err != nil {
		t.Error("a picture of nothing")
	}
	if p, why, err := r.gapsPicture(r.gapMaker(), nil); p != nil || why == "" || err != nil {
		t.Error("a picture of no row")
	}
}

// The picture of an answer shows one measure: what is of another has its figure and no
// bar. A series is broken where a year has no value, and a year to which the question
// does not apply is not one that is missing.
func TestQuestionPictures(t *testing.T) {
	s := site(t)
	ask(t, s, "/en/")
	r := &request{Request: &http.Request{URL: &url.URL{Path: "/en/questions/x"}}, s: s, loc: s.locales["en"], ed: s.edition, current: true}
	n := func(v int64) *big.Rat { return big.NewRat(v, 1) }
	draw := func(name string, rows ...Row) *picture {
		t.Helper()
		i := slices.IndexFunc(s.queries, func(q warehouse.Query) bool { return q.Name == name })
		p, why, err := r.questionPicture(&words{Locale: r.loc}, s.queries[i], &Table{Rows: rows})
		if err != nil || p == nil {
			t.Fatalf("%s: %s %v", name, why, err)
		}
		return p
	}
	money := func(year int, source, method string, usd *big.Rat) Row {
		row := Row{"country": "KGZ", "definition": "hri", "year": year, "year_basis": "calendar", "source_type": source, "usd_current": nil, "method": method, "reason": "compared", "status": "reported"}
		if usd != nil {
			row["usd_current"] = usd
		}
		return row
	}
	p := draw("spending_by_source", money(2016, "global_fund", "spent; reported", n(100)), money(2016, "domestic_public", "spent; reported", n(50)), money(2016, "pepfar", "budgeted", n(7)),
		money(2018, "global_fund", "spent", n(10)), money(2019, "global_fund", "budgeted", n(30)))
	chart := p.chart.(*charts.Stacked)
	parts := map[string]int{}
	for _, b := range chart.Rows {
		for _, part := range b.Parts {
			if part.Value.Sign() != 0 {
				parts[b.Label]++
			}
		}
	}
	if len(chart.Rows) != 4 || parts["2016"] != 2 || parts["2017"] != 0 || len(chart.Rows[1].Parts) != 0 || parts["2018"] != 1 || parts["2019"] != 0 || len(chart.Rows[3].Parts) != 1 {
		t.Errorf("parts %v of %+v", parts, chart.Rows)
	}
	if chart.Rows[0].Note != "150" || !strings.Contains(chart.Rows[0].Remark, "7 budgeted") || !strings.Contains(chart.Rows[3].Note, "30 budgeted") || !strings.Contains(p.Basis, "Money: spent.") {
		t.Errorf("%+v; %s", chart.Rows, p.Basis)
	}
	person := func(year int, method string, v *big.Rat) Row {
		return Row{"country": "KGZ", "definition": "hri", "year": year, "year_basis": "calendar", "usd_per_pwid_year": v, "usd_per_pwid_year_low": n(1), "usd_per_pwid_year_high": n(3), "method": method, "reason": "compared"}
	}
	bars := draw("spending_per_person", person(2016, "spent", n(2)), person(2017, "spent", n(0)), person(2018, "budgeted", n(2))).chart.(*charts.Bars).Rows
	if bars[0].Low == nil || bars[1].Value == nil || bars[2].Value != nil || bars[2].Low != nil || !strings.Contains(bars[2].Note, "not drawn") || !strings.Contains(bars[1].Note, "reported as 0") {
		t.Errorf("%+v", bars)
	}
	cover := func(year int, source, verdict string, v *big.Rat) Row {
		row := Row{"country": "KGZ", "commitment": "NSP200", "unit": "percent", "year": year, "value": nil, "low": nil, "high": nil, "target": n(90), "verdict": verdict, "source_ids": source, "method": "value published by x", "reason": "compared", "status": "not_reported"}
		if v != nil {
			row["value"] = v
		}
		return row
	}
	p = draw("coverage_targets", cover(2014, "unaids", "not_met", n(50)), cover(2015, "gov", "not_met", n(60)), cover(2017, "unaids", "not_available_by_law", nil), cover(2018, "", "no_data", nil), cover(2019, "unaids", "not_met", n(0)))
	lines := p.chart.(*charts.Lines)
	if len(lines.Series) != 2 || len(lines.Series[0].Values) != 2 || lines.Target.Cmp(n(90)) != 0 || !slices.Equal(lines.Forbidden, []int{2017}) || lines.Missing == "" || lines.First != 2014 || lines.Last != 2019 {
		t.Errorf("%+v", lines)
	}
	if got := p.Rows[2][1] + "|" + p.Rows[3][1] + "|" + p.Rows[4][1]; got != "not available by law|not reported|0.0% – reported as 0" {
		t.Errorf("%q", got)
	}
	// Years of different bases do not stand in one picture.
	fiscal := money(2017, "global_fund", "spent", n(10))
	fiscal["year_basis"] = "us_fiscal"
	p = draw("spending_by_source", money(2016, "global_fund", "spent", n(100)), fiscal)
	if rows := p.chart.(*charts.Stacked).Rows; len(rows) != 1 || !strings.Contains(strings.Join(p.Notes, " "), "not calendar years") {
		t.Errorf("%+v %q", rows, p.Notes)
	}
	// Every plan is of a question there is.
	for _, pl := range plans() {
		if !slices.ContainsFunc(s.queries, func(q warehouse.Query) bool { return q.Name == pl.query }) {
			t.Errorf("no question %s", pl.query)
		}
	}
}

package dashboards

import (
	"html"
	"math/big"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// Every sum of a series leads to flows that add up to it, where it is of one payer and
// one kind.
func TestFlowsAddUp(t *testing.T) {
	data, _, done, err := fixture(t).Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	checked := 0
	for _, iso := range []string{"KGZ", "GEO"} {
		b := makeBrief(t, iso, "en")
		for _, s := range []*Series{&b.Harm, &b.HIV} {
			for _, l := range s.Lines {
				for _, c := range append(append([]Figure{}, l.Cells...), l.Total) {
					if c.Link == "" || c.Value == nil {
						continue
					}
					at, err := url.Parse(c.Link)
					if err != nil {
						t.Fatal(err)
					}
					args := map[string]any{}
					for k, v := range at.Query() {
						args[k] = v[0]
					}
					if args["kind"] == nil {
						continue // of several kinds, which do not add up
					}
					table, err := data.Named(t.Context(), "flows", args)
					if err != nil {
						t.Fatal(err)
					}
					sum := new(big.Rat)
					for _, row := range table.Rows {
						if usd, ok := row["usd"].(*big.Rat); ok && row["counted"] == true && row["year_basis"] == "calendar" {
							sum.Add(sum, usd)
						}
					}
					if checked++; sum.Cmp(c.Value) != 0 {
						t.Errorf("%s %s is %s, the flows at %s make %s", iso, c.ID, exact(c.Value), c.Link, exact(sum))
					}
				}
			}
		}
	}
	if checked < 10 {
		t.Errorf("only %d sums checked", checked)
	}
}

// The page says what its rows add up to, where they may be added, and only there; the
// rule that excludes one is in words.
func TestFlowsPage(t *testing.T) {
	s := site(t)
	for path, want := range map[string]string{
		"/en/flows?country=KGZ&year=2016&kind=expenditure&definition=hri": "900,000.50 US dollars",
		"/ru/flows?country=KGZ&cycle=GC7&kind=budget":                     "2 330 373,72 долл. США",
		"/en/flows?country=KGZ&year=2018&definition=hri":                  "", // two kinds
		"/en/flows?country=KGZ&kind=expenditure":                          "", // several years
		"/en/flows?country=KGZ&year=2018&intervention=naloxone":           "", // without dollars
	} {
		page := squeeze(ask(t, s, path).Body.String())
		found := regexp.MustCompile(`(Sum of|Сумма)[^<]*`).FindString(page)
		if want == "" != (found == "") || !strings.Contains(found, want) {
			t.Errorf("%s: %q, want %q", path, found, want)
		}
	}
	page := html.UnescapeString(ask(t, s, "/ru/flows?country=KGZ&counted=false").Body.String())
	if strings.Contains(page, "не учтено: authority") || !strings.Contains(page, "не учтено: ") {
		t.Error("a rule is a code")
	}
	page = ask(t, s, "/en/flows?country=KGZ").Body.String()
	if a, b := strings.Index(page, ">2022<"), strings.Index(page, ">2010<"); a < 0 && b < 0 || strings.Index(page, "2018") > strings.LastIndex(page, "2010") {
		t.Error("flows are not ordered by year")
	}
}

// A filter with a value that there is not is refused in words, and one that merely
// leaves nothing is not.
func TestUnknownFilters(t *testing.T) {
	s := site(t)
	for path, want := range map[string]string{
		"/ru/gaps?area=KGG":            "значения «KGG» в этом выпуске нет",
		"/ru/gaps?commitment=XX":       "значения «XX» в этом выпуске нет",
		"/ru/gaps?year=3000":           "За 3000 год в этом выпуске ничего нет: годы здесь — с ",
		"/ru/gaps?year=abc":            "Год должен быть числом, например 2020 (указано: «abc»)",
		"/en/gaps.csv?measure=x":       "there is no value “x” in this release",
		"/en/flows?year=1800":          "its years are 2010 to 2025",
		"/en/flows?intervention=xx":    "there is no value “xx”",
		"/en/flows?page=x":             "a number is wanted",
		"/en/commitments?year=1800":    "This release has nothing of the year 1800",
		"/en/data/flows.csv?year=abc":  "A year must be a number",
		"/en/questions/gaps?year=2.5":  "A year must be a number",
		"/en/commitments?force=nobody": "there is no value “nobody”",
	} {
		a := ask(t, s, path)
		if a.Code != 400 || !strings.Contains(html.UnescapeString(a.Body.String()), want) && !strings.Contains(squeeze(a.Body.String()), want) {
			t.Errorf("%s: %d, want 400 and %q in %q", path, a.Code, want, a.Body.String())
		}
	}
	for _, path := range []string{"/ru/gaps?country=KGZ&verdict=met", "/en/flows?country=TJK&kind=pledge", "/en/flows?country=MNE", "/en/flows?country=TJK&intervention=oat", "/en/donors?type=private", "/en/flows.csv?country=KGZ&after=zz"} {
		if a := ask(t, s, path); a.Code != 200 {
			t.Errorf("%s: %d %s", path, a.Code, a.Body.String())
		}
	}
}

func TestCycleList(t *testing.T) {
	if got, want := cycleList("2021-2023; GC7; Round 10; Round 5"), "2021–2023, Round 5, Round 10, GC7"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

package webtables_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/text/encoding/charmap"

	"hrinvest/extractors"
	"hrinvest/extractors/extractorstest"
	"hrinvest/extractors/webtables"
)

func TestSource(t *testing.T) { extractorstest.Run(t, webtables.ProjectPages()) }

const pageKey = "/projects/strengthening-civil-society-advocacy-critical-enablers-hiv-response-people-who-use-drugs"

// seed is what the reference page discloses: the whole, and the part that is the
// region's.
func seed() []extractors.Disclosure {
	const title = "Strengthening Civil Society Advocacy for Critical Enablers of the HIV Response for People Who Use Drugs"
	base := extractors.Disclosure{
		Group: pageKey, Title: title, Texts: []extractors.Text{{Text: title}}, Kind: extractors.Budget, Currency: "USD",
		Codes: []extractors.Code{{Scheme: "hrinvest", Code: "advocacy"}}, Confidence: "medium",
	}
	funder := extractors.Party{Role: extractors.Funder, Name: "Robert Carr civil society Networks Fund", Type: "philanthropic"}
	implementing := func(name string) extractors.Party {
		return extractors.Party{Role: extractors.Implementing, Name: name}
	}
	whole, part := base, base
	whole.Locator, whole.Key, whole.Amount = `label "Total budget"`, pageKey+"#budget", "1455000"
	whole.PeriodStart, whole.PeriodEnd, whole.Flags = "2016-01-01", "2018-12-31", []string{"multi_region"}
	whole.Parties = []extractors.Party{funder,
		implementing("International Drug Policy Consortium (IDPC)"), implementing("Harm Reduction International (HRI)"), implementing("Youth RISE"),
		implementing("Middle East and North Africa Harm Reduction Association (MENAHRA)"), implementing("Eurasian Harm Reduction Network (EHRN)"),
		implementing("European Network of People who Use Drugs (EuroNPUD)"), implementing("Eurasian Network of People who Use Drugs (ENPUD)")}
	part.Locator, part.Key, part.PartOf, part.Amount = whole.Locator+", in brackets", whole.Key+"/ehrn-1", whole.Key, "86454.2"
	part.PeriodStart, part.PeriodEnd = "2016-01-01", "2016-12-31"
	part.Parties = []extractors.Party{funder, implementing("Eurasian Harm Reduction Network (EHRN)")}
	part.Places = []extractors.Share{{Vocabulary: "region", Name: "Eastern Europe and Central Asia"}}
	return []extractors.Disclosure{whole, part}
}

func TestBundledPage(t *testing.T) {
	src := webtables.ProjectPages()
	r := extractorstest.Parse(t, src, extractorstest.Bundled(t, src)...)
	if diff := cmp.Diff(seed(), r.Disclosures, cmpopts.IgnoreFields(extractors.Disclosure{}, "Document", "Raw")); diff != "" {
		t.Error(diff)
	}
	if len(r.Disclosures) > 0 {
		var raw map[string]any
		if err := json.Unmarshal(r.Disclosures[0].Raw, &raw); err != nil || len(raw["partners"].([]any)) != 7 {
			t.Errorf("raw %s: %v", r.Disclosures[0].Raw, err)
		}
	}
}

// The page as published gives the same two disclosures as our extract of it. A
// saved file has no address, so the test gives it the one it was saved from.
func TestPublishedPage(t *testing.T) {
	src := webtables.ProjectPages()
	d := extractorstest.File(t, src, extractorstest.Corpus(t, "web", "ehrn_critical_enablers.html"))
	d.URL = "http://harm-reduction.org" + pageKey
	r := extractorstest.Parse(t, src, d)
	if diff := cmp.Diff(seed(), r.Disclosures, cmpopts.IgnoreFields(extractors.Disclosure{}, "Document", "Raw")); diff != "" {
		t.Error(diff)
	}
	if len(r.Problems) > 0 {
		t.Errorf("%+v", r.Problems)
	}
}

// page makes a page of paragraphs under headings: label, value, label, value ...
func page(pairs ...string) string {
	var b strings.Builder
	b.WriteString("<html><body><h1>Help for people</h1>")
	for i := 0; i < len(pairs); i += 2 {
		b.WriteString("<h4>" + pairs[i] + "</h4><p>" + pairs[i+1] + "</p>")
	}
	return b.String() + "</body></html>"
}

func parse(t testing.TB, html string) *extractorstest.Result {
	t.Helper()
	r := extractorstest.Parse(t, webtables.ProjectPages(), extractorstest.Doc("page", "page.html", []byte(html)))
	extractorstest.Check(t, r, nil)
	return r
}

// summary is what matters of the disclosures of a page.
func summary(r *extractorstest.Result) string {
	var out []string
	for _, d := range r.Disclosures {
		var places []string
		for _, p := range d.Places {
			places = append(places, p.Vocabulary+" "+p.Name)
		}
		kind := "whole"
		if d.PartOf != "" {
			kind = "part"
		}
		out = append(out, strings.Join([]string{kind, d.Amount + " " + d.Currency, d.PeriodStart + ".." + d.PeriodEnd, strings.Join(places, ", "), strings.Join(d.Flags, " ")}, " | "))
	}
	for _, p := range r.Problems {
		out = append(out, p.Locator+": "+p.Reason)
	}
	return strings.Join(out, "\n")
}

func TestPages(t *testing.T) {
	for name, tc := range map[string]struct{ html, want string }{
		"one country": {
			page("Total budget:", "€ 12 500,75", "Donor", "X", "Timeline", "2019", "Countries", "Moldova, Georgia"),
			"whole | 12500.75 EUR | 2019-01-01..2019-12-31 | name Moldova, name Georgia | ",
		},
		"millions": {
			page("Budget", "1,199 млрд USD", "Donor", "X", "Timeline", "с марта 2019 по июнь 2020", "Countries", "ВЕЦА"),
			"whole | 1199000000 USD | 2019-03-01..2020-06-30 | region ВЕЦА | ",
		},
		"russian": {
			page("Общий бюджет", "100 тыс. долл. США на 2 года для 3 участников консорциума (EHRN, 2-й год: 10 000 USD)", "Донор проекта", "Фонд", "Сроки проекта", "01.01.2019 – 31.12.2020", "Страны проекта", "Кыргызстан"),
			"whole | 100000 USD | 2019-01-01..2020-12-31 |  | multi_region\npart | 10000 USD | 2020-01-01..2020-12-31 | name Кыргызстан | ",
		},
		"no timeline": {
			page("Budget", "USD 500 for 7 consortium members (EHRN 1st year: USD 86)", "Donor", "X", "Countries", "EECA"),
			"whole | 500 USD | .. |  | label_missing:timeline multi_region\npart | 86 USD | .. | region EECA | label_missing:timeline no_timeline",
		},
		"unreadable timeline": {
			page("Budget", "USD 500", "Donor", "X", "Timeline", "March and May 2019", "Countries", "EECA"),
			"whole | 500 USD | .. | region EECA | timeline_unreadable",
		},
		"years differ": {
			page("Budget", "USD 500 for 3 years", "Donor", "X", "Timeline", "2016-2017", "Countries", "EECA"),
			"whole | 500 USD | 2016-01-01..2017-12-31 | region EECA | years_differ",
		},
		"bracket that fits nothing": {
			page("Budget", "USD 500 (including taxes)", "Donor", "X", "Timeline", "2016", "Countries", "EECA"),
			"whole | 500 USD | 2016-01-01..2016-12-31 | region EECA | \nlabel \"Budget\", in brackets: page.html: part \"including taxes\": is not worded as expected",
		},
		"a year the timeline has not": {
			page("Budget", "USD 500 (EHRN 4th year: USD 5)", "Donor", "X", "Timeline", "2016", "Countries", "EECA"),
			"whole | 500 USD | 2016-01-01..2016-12-31 | region EECA | \nlabel \"Budget\", in brackets: page.html: part \"EHRN 4th year: USD 5\": the timeline 2016-01-01 to 2016-12-31 has no year 4",
		},
		"no budget": {
			page("Donor", "X", "Timeline", "2016"),
			`/: page.html: labels missing or empty: "Total budget" (budget)`,
		},
		"no labels": {
			"<html><body><p>Budget of the state</p></body></html>",
			`/: page.html: labels missing or empty: "Total budget" (budget), "Project donor" (donor)`,
		},
		"two budgets": {
			page("Budget", "USD 500", "Donor", "X", "Total budget", "USD 600"),
			"label \"Budget\", number 1: page.html: the page states 2 budgets, this one \"USD 500\": which is the whole cannot be told\n" +
				"label \"Total budget\", number 2: page.html: the page states 2 budgets, this one \"USD 600\": which is the whole cannot be told",
		},
		"one budget twice": {
			page("Budget", "USD 500", "Donor", "X", "Total budget", "USD 500", "Timeline", "2016", "Countries", "EECA"),
			"whole | 500 USD | 2016-01-01..2016-12-31 | region EECA | label_repeated:budget",
		},
		"ambiguous": {
			page("Budget", "USD 1,455 (EHRN 1st year: 5 USD)", "Donor", "X"),
			"label \"Budget\": page.html: budget \"USD 1,455\": the figure \"1,455\" can be read in two ways: write 1455 or 1.455\n" +
				"label \"Budget\", in brackets: page.html: part \"EHRN 1st year: 5 USD\": its whole cannot be read",
		},
		"two currencies": {page("Budget", "USD 5 EUR", "Donor", "X"), `label "Budget": page.html: budget "USD 5 EUR": names two currencies, USD and EUR`},
		"no currency":    {page("Budget", "1 455 000", "Donor", "X"), `label "Budget": page.html: budget "1 455 000": names no currency`},
		"words":          {page("Budget", "about half a million", "Donor", "X"), `label "Budget": page.html: budget "about half a million": is not worded as expected`},
		"label in bold": {
			"<html><body><p><strong>Budget:</strong> USD&nbsp;1&nbsp;000</p><p>Donor: X</p><table><tr><th>Timeline</th><td>2016</td></tr><tr><td>Countries</td><td>Moldova</td></tr></table></body></html>",
			"whole | 1000 USD | 2016-01-01..2016-12-31 | name Moldova | ",
		},
		"menu": {
			"<html><body><ul><li><a href='/d'>Donors</a></li><li><a href='/c'>Countries</a></li></ul>" + page("Budget", "USD 5", "Donor", "X", "Timeline", "2016", "Countries", "Moldova"),
			"whole | 5 USD | 2016-01-01..2016-12-31 | name Moldova | ",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, summary(parse(t, tc.html))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWindows1251(t *testing.T) {
	text := page("Общий бюджет", "5 000 EUR", "Донор", "Фонд", "Сроки проекта", "январь 2016 – декабрь 2016", "Страны", "Таджикистан")
	b, err := charmap.Windows1251.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	want := "whole | 5000 EUR | 2016-01-01..2016-12-31 | name Таджикистан | "
	for name, html := range map[string]string{
		"unlabelled": b,
		"labelled":   strings.Replace(b, "<html>", `<html><head><meta charset="windows-1251"></head>`, 1),
		"mislabeled": strings.Replace(text, "<html>", `<html><head><meta charset="windows-1251"></head>`, 1),
	} {
		if got := summary(parse(t, html)); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// Contacts stand beside the facts on such pages, sometimes inside them.
func TestContactsStayOut(t *testing.T) {
	r := parse(t, page("Budget", "USD 5", "Donor", "Fund, write to some.body@example.org", "Partners", "Network; tel. 0312 123456",
		"Contact", "Some Body, +996 555 123 456", "Timeline", "2016", "Countries", "Moldova"))
	if len(r.Disclosures) != 1 {
		t.Fatalf("%+v", r.Problems)
	}
	b, err := json.Marshal(r.Disclosures)
	if err != nil {
		t.Fatal(err)
	}
	for _, gone := range []string{"some.body", "123456", "Some Body", "555"} {
		if bytes.Contains(b, []byte(gone)) || bytes.Contains(r.Disclosures[0].Raw, []byte(gone)) {
			t.Errorf("%q is in the disclosure: %s", gone, b)
		}
	}
}

func TestSamePageTwice(t *testing.T) {
	src := webtables.ProjectPages()
	html := []byte(page("Budget", "USD 5", "Donor", "X"))
	a, b := extractorstest.Doc("page", "a.html", html), extractorstest.Doc("page", "b.html", append(html, ' '))
	r := extractorstest.Parse(t, src, a, b)
	if len(r.Disclosures) != 1 || len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Reason, "already read from a.html") {
		t.Errorf("%d disclosures, %+v", len(r.Disclosures), r.Problems)
	}
}

func TestRole(t *testing.T) {
	src := webtables.ProjectPages()
	for name, tc := range map[string]struct{ head, want string }{
		"a":        {"\ufeff <!DOCTYPE HTML>", "page"},
		"b":        {"<!-- saved --><html>", "page"},
		"c.html":   {"cut short", "page"},
		"d.xml":    {"<?xml version=\"1.0\"?><iati-activities/>", ""},
		"e.csv":    {"a,b", ""},
		"f.xhtml":  {"<?xml version=\"1.0\"?><html>", "page"},
		"none.txt": {"", ""},
	} {
		if got := src.Role(name, []byte(tc.head)); got != tc.want {
			t.Errorf("Role(%s) = %q, want %q", name, got, tc.want)
		}
	}
}

func declaration(t testing.TB) webtables.Config {
	t.Helper()
	b, err := os.ReadFile("pages/projectpages.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c, err := webtables.ReadConfig(b)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDeclarationErrors(t *testing.T) {
	if _, err := webtables.ReadConfig([]byte("id: x\nlabel: {}\n")); err == nil || !strings.Contains(err.Error(), "field label not found") {
		t.Errorf("unknown key: %v", err)
	}
	for want, spoil := range map[string]func(*webtables.Config){
		"title is empty":                        func(c *webtables.Config) { c.Title = "" },
		`layout "table" is not known`:           func(c *webtables.Config) { c.Layout = "table" },
		`budget kind "money"`:                   func(c *webtables.Config) { c.Budget.Kind = "money" },
		"is not on one of the hosts":            func(c *webtables.Config) { c.Pages = []string{"https://elsewhere.example/x"} },
		"no such field":                         func(c *webtables.Config) { c.Labels["sum"] = []string{"Sum"} },
		`names both`:                            func(c *webtables.Config) { c.Labels["donor"] = append(c.Labels["donor"], "total BUDGET:") },
		`required field "donor" has no label`:   func(c *webtables.Config) { delete(c.Labels, "donor") },
		"needs {money} once":                    func(c *webtables.Config) { c.Budget.Whole = []string{"^.*$"} },
		"budget part: no pattern":               func(c *webtables.Config) { c.Budget.Part = nil },
		"partners: the pattern has no group":    func(c *webtables.Config) { c.Partners = "x" },
		"months: 1 lists, want twelve":          func(c *webtables.Config) { c.Months = c.Months[:1] },
		"no currencies":                         func(c *webtables.Config) { c.Currencies = nil },
		"classify: a rule needs words and a co": func(c *webtables.Config) { c.Classify[0].Code = "" },
		"heading:":                              func(c *webtables.Config) { c.Heading = "[[" },
		"walk links:":                           func(c *webtables.Config) { c.Walk.From, c.Walk.Links = c.Pages, "[[" },
	} {
		c := declaration(t)
		spoil(&c)
		if _, err := webtables.New(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func FuzzPage(f *testing.F) {
	f.Add([]byte(page("Budget", "1 455 000 USD for 3 years for 7 consortium members (EHRN consortium 1st year: USD 86 454,2USD)", "Donor", "X", "Timeline", "January 2016 - December 2018", "Countries", "EECA")))
	f.Add([]byte("<table><tr><td>Budget<td>5 EUR</table>Donor: X"))
	f.Add([]byte("\xcf\xf0"))
	src := webtables.ProjectPages()
	f.Fuzz(func(t *testing.T, b []byte) {
		r := extractorstest.Parse(t, src, extractorstest.Doc("page", "fuzz.html", b))
		extractorstest.Check(t, r, nil)
		if len(r.Disclosures)+len(r.Problems) == 0 {
			t.Error("a page that states nothing and has no problem")
		}
	})
}

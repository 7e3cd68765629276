package worldbank

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"hrinvest/extractors/fetch"
	"hrinvest/extractors/fetch/fetchtest"
)

// An answer of several pages is followed to the last, and each is a document of
// the edition it says it is.
func TestPages(t *testing.T) {
	var got []string
	for _, d := range fetched(t, newBank()) {
		got = append(got, d.Role+" "+d.Version+" "+d.URL[strings.Index(d.URL, "?"):])
	}
	want := []string{ // 240 economies in 36 years are 8,640 rows
		"exchange_rates 2026-10-28 ?format=json&per_page=32500&date=1990:2030", "exchange_rates 2026-10-28 ?format=json&per_page=32500&date=1990:2030&page=2",
		"deflators 2026-10-28 ?format=json&per_page=32500&date=1990:2030", "deflators 2026-10-28 ?format=json&per_page=32500&date=1990:2030&page=2",
		"health_budget 2026-10-28 ?format=json&per_page=32500&date=1990:2030", "health_budget 2026-10-28 ?format=json&per_page=32500&date=1990:2030&page=2",
		"countries  ?format=json&per_page=400",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("documents\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// A night without an update downloads the list of countries and one row of each
// indicator; an update downloads all pages.
func TestLastUpdated(t *testing.T) {
	k := smallBank(1)
	net := fetchtest.New(t, k.hosts())
	c := net.Client(t, nil)
	docs, err := net.Fetch(t, c, New(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, night := range []struct {
		updated string
		want    int // answers with values of each indicator, since the beginning
	}{{"2026-10-28", 2}, {"2026-10-28", 2}, {"2026-12-16", 4}, {"2026-12-16", 4}} {
		k.updated = night.updated
		if docs, err = net.Fetch(t, c, New(), docs); err != nil {
			t.Fatal(err)
		}
		for _, i := range indicators {
			if got := k.answers["/v2/country/all/indicator/"+i.code]; got != night.want {
				t.Errorf("updated %s: %d answers with values of %s, want %d", night.updated, got, i.code, night.want)
			}
		}
		if docs[0].Version != night.updated {
			t.Errorf("document of the edition %q, want %q", docs[0].Version, night.updated)
		}
	}
}

// Well-formed answers that cannot be what they should be. What the others say
// comes into use all the same, and of an answer all pages or none.
func TestRefused(t *testing.T) {
	good := smallBank(1).hosts()["api.worldbank.org"] // 20 economies in 36 years are 720 rows
	replace := func(old, with string) func(string) string {
		return func(body string) string { return strings.Replace(body, old, with, 1) }
	}
	for name, c := range map[string]struct {
		at     string // of the address
		change func(string) string
		want   string
	}{
		"the second page of another edition": {"page=2", replace("2026-10-28", "2026-12-16"), `page 2 of 2 (2026-12-16) stands where page 2 of 2 (2026-10-28) was promised`},
		"the first page again":               {"page=2", replace(`"page":2`, `"page":1`), "page 1 of 2 (2026-10-28) stands where page 2"},
		"more rows than announced":           {"page=2", replace(`"date":"1990"`, `"date":"1990"},{"date":"1990"`), "721 rows, where the answer says 720"},
		"too many pages":                     {"32500&date=1990:2030", replace(`"pages":2`, `"pages":200`), "200 pages, more than 50"},
		"a dollar costs three dollars":       {"32500&date=1990:2030", replace(`"date":"2001","decimal":0,"indicator":{"id":"PA.NUS.FCRF","value":"An indicator"},"obs_status":"","unit":"","value":1`, `"date":"2001","indicator":{"id":"PA.NUS.FCRF"},"value":3`), "a US dollar costs 3 US dollars"},
		"an error inside a long answer": {"32500&date=1990:2030", func(body string) string {
			return `[{"message":[{"key":"Invalid value","value":"no"}]}` + strings.Repeat(" ", 5000) + "]"
		}, "the World Bank answered with an error: Invalid value no"},
		"no rows": {"32500&date=1990:2030", func(string) string { return `[{"page":1,"pages":1,"total":0},null]` }, "without rows"},
	} {
		t.Run(name, func(t *testing.T) {
			hosts := fetchtest.Hosts{"api.worldbank.org": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if !strings.Contains(r.URL.String(), "FCRF") || !strings.HasSuffix(r.URL.String(), c.at) {
					good.ServeHTTP(w, r)
					return
				}
				rec := httptest.NewRecorder()
				good.ServeHTTP(rec, r)
				body := c.change(rec.Body.String())
				if body == rec.Body.String() {
					t.Error("nothing was changed")
				}
				fmt.Fprint(w, body)
			})}
			net := fetchtest.New(t, hosts)
			docs, err := net.Fetch(t, net.Client(t, nil), New(), nil)
			if !errors.Is(err, fetch.ErrRefused) || !strings.Contains(fmt.Sprint(err), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
			for _, d := range docs {
				if d.Role == roleRates {
					t.Errorf("%s came into use", d.URL)
				}
			}
			if len(docs) != 5 {
				t.Errorf("%d documents", len(docs))
			}
		})
	}
}

// The beginning of one document is enough for a dry run.
func TestSample(t *testing.T) {
	net := fetchtest.New(t, newBank().hosts())
	c := net.Client(t, nil).For(fetch.View{Sample: true})
	enough := errors.New("enough")
	var got fetch.Document
	err := New().Fetch(t.Context(), c, func(d fetch.Document) error { got = d; return enough })
	if !errors.Is(err, enough) || got.Role != roleRates || got.Size != 64<<10 {
		t.Errorf("%s of %d bytes, %v", got.Role, got.Size, err)
	}
}

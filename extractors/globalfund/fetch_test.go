package globalfund

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"hrinvest/extractors"
	"hrinvest/extractors/extractorstest"
	"hrinvest/extractors/fetch"
	"hrinvest/extractors/fetch/fetchtest"
)

// small has pages of few rows, so that lists have several.
var small = Source{top: 50}

func TestFetching(t *testing.T) {
	fewer, moved := healthy(), healthy()
	fewer.budgets, fewer.disbursements, fewer.spent, fewer.allocations, fewer.pledges = 17, 6, 8, 4, 4
	moved.factor = 2
	extractorstest.Fetching(t, Source{top: 100}, extractorstest.Emulator{
		Hosts: healthy().hosts(), Fewer: fewer.hosts(), Moved: moved.hosts(), Probes: []string{"/DatasetInformation"},
	})
}

// Misbehaviour at a later page of a list: none of its new pages comes into use.
func TestLaterPageBreaks(t *testing.T) {
	s := healthy()
	docs, net, c := fetched(t, small, s)
	s.stamps["GrantBudget_ReferenceRate"] = "2026-11-20T04:00:00Z"
	s.budgets = 180
	for _, kind := range fetchtest.Kinds {
		if kind == fetchtest.NoRobots || kind == fetchtest.Disallowed {
			continue // not of a page
		}
		net.Break(fetchtest.Fault{Kind: kind, Match: datasets[0].address(50, 100)})
		after, err := net.Fetch(t, c, small, docs)
		if err == nil {
			t.Errorf("%s: no error", kind)
		}
		if got := kinds(t, after)[extractors.Budget]; got != 170 {
			t.Errorf("%s: %d budget lines are in use, want the 170 of before", kind, got)
		}
	}
}

func fetched(t *testing.T, src Source, s *service) ([]fetch.Document, *fetchtest.Net, *fetch.Client) {
	t.Helper()
	net := fetchtest.New(t, s.hosts())
	c := net.Client(t, nil)
	docs, err := net.Fetch(t, c, src, nil)
	if err != nil {
		t.Fatal(err)
	}
	return docs, net, c
}

func roles(docs []fetch.Document) map[string]int {
	n := map[string]int{}
	for _, d := range docs {
		n[d.Role]++
	}
	return n
}

// kinds counts statements by kind, and says of which keys there are several alike.
func kinds(t *testing.T, docs []fetch.Document) map[extractors.Kind]int {
	t.Helper()
	r := extractorstest.Parse(t, New(), docs...)
	extractorstest.Check(t, r, nil)
	n := map[extractors.Kind]int{}
	for _, d := range r.Disclosures {
		n[d.Kind]++
	}
	if len(r.Problems) > 0 {
		t.Errorf("%d problems, the first: %+v", len(r.Problems), r.Problems[0])
	}
	return n
}

func wantKinds(t *testing.T, docs []fetch.Document, s *service) {
	t.Helper()
	got := kinds(t, docs)
	for kind, want := range map[extractors.Kind]int{
		extractors.Budget: s.budgets, extractors.Disbursement: s.disbursements, extractors.Expenditure: s.spent, extractors.Allocation: s.allocations,
		extractors.Pledge: (s.pledges + 1) / 2, extractors.Incoming: s.pledges / 2,
	} {
		if got[kind] != want {
			t.Errorf("%d statements of kind %s, want %d", got[kind], kind, want)
		}
	}
}

// Paging is complete and repeats nothing, whether the service counts its rows or
// not, gives links or not, and whether or not the last page is a full one.
func TestPaging(t *testing.T) {
	for name, change := range map[string]func(*service){
		"counted":                     func(*service) {},
		"not counted":                 func(s *service) { s.uncounted = true },
		"links":                       func(s *service) { s.linkEvery = 20 },
		"links, not counted":          func(s *service) { s.linkEvery, s.uncounted = 20, true },
		"last page full":              func(s *service) { s.budgets = 150 },
		"last page full, not counted": func(s *service) { s.budgets, s.uncounted = 150, true },
	} {
		t.Run(name, func(t *testing.T) {
			s := healthy()
			change(s)
			docs, _, _ := fetched(t, small, s)
			wantKinds(t, docs, s)
			if n := roles(docs)[roleAnswer]; n < s.budgets/50 {
				t.Errorf("%d pages of budgets", n)
			}
		})
	}
}

// What the service does without $orderby is seen: a repeated row is refused.
func TestUnorderedPagesAreRefused(t *testing.T) {
	s := healthy()
	unordered := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		q.Del("$orderby")
		r.URL.RawQuery = q.Encode()
		s.ServeHTTP(w, r)
	})
	net := fetchtest.New(t, fetchtest.Hosts{"fetch.theglobalfund.org": unordered})
	docs, err := net.Fetch(t, net.Client(t, nil), small, nil)
	if !errors.Is(err, fetch.ErrRefused) || !strings.Contains(err.Error(), "stands there twice") {
		t.Errorf("error = %v", err)
	}
	if roles(docs)[roleAnswer] != 0 || roles(docs)[roleAllocations] != 1 {
		t.Errorf("kept %v: no page of budgets, and the lists of one page", roles(docs))
	}
}

// A list that changes while it is read does not come into use, and neither do
// links that lead elsewhere or go round.
func TestPagesThatDoNotAgree(t *testing.T) {
	for name, change := range map[string]func(page int, body string) string{
		"the list changed while it was read": func(page int, body string) string {
			if page == 2 {
				return strings.Replace(body, `"@odata.count":170`, `"@odata.count":171`, 1)
			}
			return body
		},
		"rows came, of": func(page int, body string) string {
			return strings.Replace(body, `"@odata.count":170`, `"@odata.count":180`, 1)
		},
		"which were not asked for": func(_ int, body string) string {
			return strings.Replace(body, "Budget - Reference Rate", "Commitment Amount - Reference Rate", 1)
		},
		"the next page should be at": func(_ int, body string) string {
			return strings.TrimSuffix(body, "}") + `,"@odata.nextLink":"https://elsewhere.example/v4.2/odata/allFinancialIndicators"}`
		},
		`"value" is not a list`: func(_ int, _ string) string { return `{"value":{"x":[1]}}` },
	} {
		t.Run(name, func(t *testing.T) {
			s, page := healthy(), 0
			lying := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if !strings.Contains(r.URL.RawQuery, "GrantBudget_ReferenceRate") {
					s.ServeHTTP(w, r)
					return
				}
				page++
				body := recorded(s, r)
				fetchtest.Body("application/json", []byte(change(page, body))).ServeHTTP(w, r)
			})
			net := fetchtest.New(t, fetchtest.Hosts{"fetch.theglobalfund.org": lying})
			docs, err := net.Fetch(t, net.Client(t, nil), small, nil)
			if !errors.Is(err, fetch.ErrRefused) || !strings.Contains(err.Error(), name) {
				t.Errorf("error = %v", err)
			}
			if n := roles(docs)[roleAnswer]; n != 0 {
				t.Errorf("%d pages of budgets came into use", n)
			}
		})
	}
}

const table = "GeographyName1,Grant1,ImplementationPeriod1,GrantCycleName,GrantComponent1,ModuleComponent1,Module1,Intervention1,CostCategory1,BudgetYearFrom1,BudgetAmount_ReferenceRate\n" +
	"Kyrgyzstan,KGZ-C-UNDP,KGZ-C-UNDPP04,Grant Cycle 7,HIV/TB,HIV," + pudModule + ",Needle and syringe programs for PWID,HR,2024.0,1000.5\n"

// downloads answers as the site of the downloads, which moved: 301 to the other host.
func downloads(body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/file_download/grant_budgets_reference_rate/CSV":
			http.Redirect(w, r, "https://fetch.theglobalfund.org/moved.csv", http.StatusMovedPermanently)
		case "/moved.csv":
			fetchtest.Body("text/csv", []byte(body)).ServeHTTP(w, r)
		default:
			http.NotFound(w, r)
		}
	})
}

// A retired version answers 403. Then the download stands in for the budgets, as
// long as none of the interface's are known; the error stays.
func TestRetiredVersion(t *testing.T) {
	s := healthy()
	s.retired = true
	body := table
	hosts := fetchtest.Hosts{
		"data-service.theglobalfund.org": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { downloads(body).ServeHTTP(w, r) }),
		"fetch.theglobalfund.org": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/moved.csv" {
				downloads(body).ServeHTTP(w, r)
				return
			}
			s.ServeHTTP(w, r)
		}),
	}
	net := fetchtest.New(t, hosts)
	c := net.Client(t, nil)
	docs, err := net.Fetch(t, c, small, nil)
	if !errors.Is(err, fetch.ErrBlocked) {
		t.Errorf("error = %v, want that it is blocked", err)
	}
	if len(docs) != 1 || docs[0].Role != roleBudgets || docs[0].URL != budgetsURL {
		t.Fatalf("documents: %+v", docs)
	}
	if n := kinds(t, docs)[extractors.Budget]; n != 1 {
		t.Errorf("%d budget lines", n)
	}

	body = "Country,Population\nKyrgyzstan,7\n"
	if docs, err = net.Fetch(t, net.Client(t, nil), small, nil); !errors.Is(err, fetch.ErrRefused) || len(docs) != 0 {
		t.Errorf("a table of something else: %d documents, %v", len(docs), err)
	}

	s.retired, body = false, table
	if docs, err = net.Fetch(t, c, small, docs); err != nil || roles(docs)[roleBudgets] != 0 || roles(docs)[roleAnswer] != 4 {
		t.Fatalf("the interface is back: %v, %v", roles(docs), err)
	}
	s.retired = true
	net.Asked()
	after, err := net.Fetch(t, c, small, docs)
	if err == nil || len(after) != len(docs) {
		t.Errorf("%d of %d documents are left in use, %v", len(after), len(docs), err)
	}
	if asked, _ := net.Asked(); slices.ContainsFunc(asked, func(a string) bool { return strings.Contains(a, "file_download") }) {
		t.Errorf("the download was asked for although pages are known: %q", asked)
	}
}

// A probe that knows none of the lists is no probe; one that leaves a list out
// makes it be asked for every night, by its validators.
func TestProbe(t *testing.T) {
	s := healthy()
	s.stamps = map[string]string{"Eligibility": "2026-01-01T00:00:00Z"}
	net := fetchtest.New(t, s.hosts())
	if docs, err := net.Fetch(t, net.Client(t, nil), small, nil); !errors.Is(err, fetch.ErrRefused) || len(docs) != 0 {
		t.Errorf("%d documents, %v", len(docs), err)
	}
	s = healthy()
	delete(s.stamps, "Geography")
	docs, net, c := fetched(t, small, s)
	net.Asked()
	if _, err := net.Fetch(t, c, small, docs); err != nil {
		t.Fatal(err)
	}
	if asked, _ := net.Asked(); len(asked) != 2 || !strings.Contains(asked[1], "/Geographies?") {
		t.Errorf("asked for %q", asked)
	}
}

// A dry run retrieves the beginning of one page and stops.
func TestSample(t *testing.T) {
	s := healthy()
	net := fetchtest.New(t, s.hosts())
	c := net.Client(t, nil).For(fetch.View{Sample: true})
	enough := errors.New("enough")
	var got []fetch.Document
	err := small.Fetch(t.Context(), c, func(d fetch.Document) error { got = append(got, d); return enough })
	if !errors.Is(err, enough) || len(got) != 1 || got[0].Role != roleAnswer {
		t.Errorf("%d documents, %v", len(got), err)
	}
	if asked, _ := net.Asked(); len(asked) != 2 {
		t.Errorf("asked for %q", asked)
	}
}

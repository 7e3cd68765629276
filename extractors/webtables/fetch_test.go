package webtables_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"hrinvest/extractors/extractorstest"
	"hrinvest/extractors/fetch/fetchtest"
	"hrinvest/extractors/webtables"
)

// network is a site of projects: a list that links to n pages, each with a budget.
func network(n, budget int) fetchtest.Hosts {
	mux := http.NewServeMux()
	var list strings.Builder
	for i := range n {
		path := fmt.Sprintf("/projects/p%d", i)
		fmt.Fprintf(&list, `<li><a href="%s">Project %d</a></li>`, path, i)
		mux.Handle(path, fetchtest.Body("text/html; charset=utf-8", []byte(page("Budget", fmt.Sprint(budget+i, " USD"), "Donor", "X", "Timeline", "2019", "Countries", "Georgia"))))
	}
	mux.Handle("/list", fetchtest.Body("text/html", []byte("<html><body><ul>"+list.String()+"</ul></body></html>")))
	mux.HandleFunc("/robots.txt", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "User-agent: *\nDisallow: /private\n") })
	return fetchtest.Hosts{"networks.example": mux}
}

func TestFetching(t *testing.T) {
	c := declaration(t)
	c.Hosts, c.Pages = []string{"networks.example"}, nil
	c.Walk = webtables.Walk{From: []string{"https://networks.example/list"}, Links: `a[href*="/projects/"]`, Limit: 200}
	src, err := webtables.New(c)
	if err != nil {
		t.Fatal(err)
	}
	extractorstest.Fetching(t, src, extractorstest.Emulator{Hosts: network(30, 1000), Fewer: network(3, 1000), Moved: network(30, 5000), Probes: []string{"/list"}})
}

func BenchmarkParse(b *testing.B) {
	doc := extractorstest.Doc("page", "page.html", []byte(page("Budget", "12 500 EUR", "Donor", "X", "Timeline", "2019", "Countries", "Georgia")))
	src := webtables.ProjectPages()
	for b.Loop() {
		if r := extractorstest.Parse(b, src, doc); len(r.Disclosures) != 1 {
			b.Fatalf("%d statements", len(r.Disclosures))
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pages/s")
}

package dashboards

import (
	"net/http"
	"regexp"
	"strings"
)

// example is a way to read the data from a program.
type example struct {
	Title string
	Code  string
}

// programsPage says how to get at the data from programs: files, the interface, SQL.
// Its addresses are those of this site, as the reader reached it.
func programsPage(r *request) (*answer, error) {
	base := siteAddress(r.Request)
	w := &words{Locale: r.loc}
	body := struct {
		Release  string
		Tables   []string
		Examples []example
	}{Release: r.ed.rel.ID, Tables: exportedTables()}
	for _, e := range examples(base, r.loc.Lang) {
		body.Examples = append(body.Examples, example{w.t("programs." + e.Title), e.Code})
	}
	if w.err != nil {
		return nil, w.err
	}
	a, err := r.render("programs", "/data", body)
	if err != nil {
		return nil, err
	}
	a.notKept = true // it names the host it was asked at
	return a, nil
}

// exportedTables are the tables the page names; the description of the export has
// them all.
func exportedTables() []string {
	return []string{"flows", "best_available", "spending", "gaps", "commitments", "needs", "observations", "disclosures", "excluded", "reconciliation", "documents", "sources"}
}

// examples are the ways, by the key of their title.
func examples(base, lang string) []example {
	return []example{
		{"pandas", "import pandas as pd\nflows = pd.read_parquet(\"" + base + "/export/current/flows.parquet\")"},
		{"duckdb", "import urllib.request, duckdb\nurllib.request.urlretrieve(\"" + base + "/export/current/flows.parquet\", \"flows.parquet\")\nduckdb.sql(\"SELECT country, year, kind, sum(usd) AS usd FROM 'flows.parquet' WHERE counted GROUP BY ALL\").show()"},
		{"exact", "import json, urllib.request\nfrom decimal import Decimal\nanswer = json.load(urllib.request.urlopen(\"" + base + "/api/v1/gaps?country=KGZ\"), parse_float=Decimal)\nprint(answer[\"release\"][\"id\"], len(answer[\"data\"]))"},
		{"r", "flows <- readr::read_csv(\"" + base + "/export/current/flows.csv.gz\")\ngaps <- jsonlite::fromJSON(\"" + base + "/api/v1/gaps?country=KGZ\")$data"},
		{"excel", base + "/" + lang + "/gaps.xlsx\n" + base + "/" + lang + "/gaps.csv?excel=ru"},
		{"sql", "curl --get " + base + "/api/v1/sql --data-urlencode \"q=SELECT country, sum(usd) AS usd FROM flows WHERE counted AND kind = 'disbursement' GROUP BY country\" -d format=csv"},
	}
}

// siteAddress is the site as the reader reached it. A host that is none is left out.
func siteAddress(r *http.Request) string {
	if !regexp.MustCompile(`^[A-Za-z0-9.-]+(:[0-9]+)?$`).MatchString(r.Host) {
		return ""
	}
	scheme := "https://"
	if name, _, _ := strings.Cut(r.Host, ":"); name == "localhost" || name == "127.0.0.1" {
		scheme = "http://"
	}
	return scheme + r.Host
}

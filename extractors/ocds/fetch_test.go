package ocds

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"hrinvest/extractors/extractorstest"
	"hrinvest/extractors/fetch"
	"hrinvest/extractors/fetch/fetchtest"
)

// The service is invented: two tenders of Prozorro, the listed one and another, and a
// process of MTender.
const (
	listed   = "UA-2025-08-26-012721-a"
	moldovan = "ocds-b3wdp1-MD-1500000000001"
)

// internal is the number the interface knows a tender by.
func internal(id string) string {
	return map[string]string{listed: "00000000000000000000000000000001", oat: "00000000000000000000000000000002"}[id]
}

// tenderOf is a tender of so many contracts, in Prozorro's own form. The first has
// all in the tender, the last its period in a document of its own.
func tenderOf(id string, contracts, factor int) string {
	var list []string
	for i := range contracts {
		more := `,"period":{"startDate":"2099-01-01","endDate":"2099-12-31"},"items":[` + methadone + `]`
		if i == contracts-1 {
			more = ""
		}
		list = append(list, fmt.Sprintf(`{"id":"%032x","status":"active","contractID":"%s-a%d","dateSigned":"2099-01-01","value":{"amount":%d,"currency":"UAH"}%s}`, i, id, i+1, factor*(1000+i), more))
	}
	return fmt.Sprintf(`{"data":{"id":%q,"tenderID":%q,"dateModified":"2099-02-01T00:00:00+02:00","title":"Метадон","items":[%s],"contracts":[%s]}}`, internal(id), id, methadone, strings.Join(list, ","))
}

func contractOf(id string, contracts, factor int) string {
	return fmt.Sprintf(`{"data":{"id":"%032x","contractID":"%s-a%d","status":"active","dateModified":"2099-03-01T00:00:00+02:00","value":{"amount":%d,"currency":"UAH"},"period":{"startDate":"2099-01-01","endDate":"2099-12-31"},"items":[%s]}}`,
		contracts-1, id, contracts, factor*(1000+contracts-1), methadone)
}

func hosts(contracts, factor int) fetchtest.Hosts {
	json := func(body string) http.Handler { return fetchtest.Body("application/json", []byte(body)) }
	site, api, mtender := http.NewServeMux(), http.NewServeMux(), http.NewServeMux()
	for _, id := range []string{listed, oat} {
		site.Handle("/api/tenders/"+id+"/summary", json(fmt.Sprintf(`{"id":%q,"tenderID":%q,"title":"x"}`, internal(id), id)))
		api.Handle("/api/2.5/tenders/"+internal(id), json(tenderOf(id, contracts, factor)))
	}
	api.HandleFunc("/api/2.5/contracts/", func(w http.ResponseWriter, r *http.Request) {
		json(contractOf(listed, contracts, factor)).ServeHTTP(w, r)
	})
	const at = "http://public.mtender.gov.md/tenders/" + moldovan
	mtender.Handle("/tenders/"+moldovan, json(`{"uri":"x","packages":["`+at+`/`+moldovan+`","`+at+`/`+moldovan+`-AC-1","https://elsewhere.example/x"],"records":[{"ocid":"`+moldovan+`","compiledRelease":{"ocid":"`+moldovan+`","date":"2099-01-01T00:00:00Z"}}]}`))
	mtender.Handle("/tenders/"+moldovan+"/"+moldovan, json(`{"releases":[{"ocid":"`+moldovan+`","date":"2099-01-01T00:00:00Z","tender":{"title":"Metadonă"},"planning":{"budget":{"budgetBreakdown":[{"id":"ocds-b3wdp1-MD-3-FS-4"}]}}}]}`))
	mtender.Handle("/tenders/"+moldovan+"/"+moldovan+"-AC-1", json(`{"releases":[{"ocid":"`+moldovan+`-AC-1","date":"2099-02-01T00:00:00Z","contracts":[{"id":"c","status":"active","dateSigned":"2099-02-01","value":{"amount":5,"currency":"MDL"}}]}]}`))
	mtender.Handle("/budgets/ocds-b3wdp1-MD-3/ocds-b3wdp1-MD-3-FS-4", json(`{"releases":[{"ocid":"ocds-b3wdp1-MD-3-FS-4","date":"2098-01-01T00:00:00Z","parties":[{"name":"Global Fund","identifier":{"scheme":"XM-DAC","id":"47045"},"roles":["funder"]}]}]}`))
	return fetchtest.Hosts{"prozorro.gov.ua": site, "public-api.prozorro.gov.ua": api, "public.mtender.gov.md": mtender}
}

func TestFetching(t *testing.T) {
	extractorstest.Fetching(t, New(Config{Processes: []string{moldovan}}), extractorstest.Emulator{
		Hosts: hosts(60, 1), Fewer: hosts(6, 1), Moved: hosts(60, 3),
		Probes: []string{"/summary"},
	})
}

// What is fetched makes whole processes: a contract with its own period, a contract
// of MTender with its title and its donor.
func TestFetch(t *testing.T) {
	net := fetchtest.New(t, hosts(2, 1))
	src := New(Config{Processes: []string{moldovan, listed}})
	docs, err := net.Fetch(t, net.Client(t, nil), src, nil)
	if err != nil || len(docs) != 6 {
		t.Fatalf("%d documents, %v", len(docs), err)
	}
	asked, _ := net.Asked()
	if slices.ContainsFunc(asked, func(a string) bool { return strings.Contains(a, "elsewhere") }) || len(asked) != 7 {
		t.Errorf("asked for %q", asked)
	}
	r := extractorstest.Parse(t, src, docs...)
	extractorstest.Check(t, r, nil)
	if len(r.Disclosures) != 3 || r.Skipped != 1 || len(r.Problems) > 0 {
		t.Fatalf("%d statements, %d skipped, %v", len(r.Disclosures), r.Skipped, r.Problems)
	}
	for _, d := range r.Disclosures {
		switch {
		case d.Group == moldovan && (d.Currency != "MDL" || d.Title != "Metadonă" || d.Parties[0].Name != "Global Fund"):
			t.Errorf("%+v", d)
		case d.Group == listed && (d.PeriodEnd != "2099-12-31" || d.Codes[0].Code != "N07BC02"):
			t.Errorf("%+v", d)
		}
	}
}

// A portal that does not want this program has blocked it, and is not tried around;
// what it says instead of notices is refused. The other processes are kept.
func TestFetchRefused(t *testing.T) {
	say := func(status int, body string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		})
	}
	for name, c := range map[string]struct {
		host   string
		answer http.Handler
		want   error
		says   string
	}{
		"412":                {"public-api.prozorro.gov.ua", say(412, "Precondition Failed"), fetch.ErrBlocked, "412"},
		"the site's 403":     {"prozorro.gov.ua", say(403, "no"), fetch.ErrBlocked, listed},
		"429":                {"public-api.prozorro.gov.ua", say(429, "slowly"), fetch.ErrStatus, "429"},
		"no number":          {"prozorro.gov.ua", say(200, `{"title":"x","value":{"amount":1}}`), fetch.ErrRefused, "is not said"},
		"another tender":     {"public-api.prozorro.gov.ua", say(200, tenderOf(oat, 2, 1)), fetch.ErrRefused, "does not speak of " + listed},
		"an error, 200":      {"public.mtender.gov.md", say(200, `{"message":"connect EHOSTUNREACH","name":"Error","stack":"at x","config":{"url":"u","method":"get"}}`), fetch.ErrRefused, moldovan},
		"nothing":            {"public.mtender.gov.md", say(200, ""), fetch.ErrRefused, "empty"},
		"an empty object":    {"public.mtender.gov.md", say(200, "{}"), fetch.ErrRefused, moldovan},
		"cut off":            {"public.mtender.gov.md", say(200, `{"records":[{"ocid":"`+moldovan), fetch.ErrRefused, "breaks off"},
		"not there any more": {"public.mtender.gov.md", say(404, "{}"), fetch.ErrNotFound, moldovan},
	} {
		all := hosts(2, 1)
		all[c.host] = c.answer
		net := fetchtest.New(t, all)
		docs, err := net.Fetch(t, net.Client(t, nil), New(Config{Processes: []string{moldovan}}), nil)
		if !errors.Is(err, c.want) || !strings.Contains(fmt.Sprint(err), c.says) || fetch.Complete(err) {
			t.Errorf("%s: %v", name, err)
		}
		kept := 2 // a tender and its contract
		if c.host == "public.mtender.gov.md" {
			if len(docs) != kept {
				t.Errorf("%s: %d documents of the other portal", name, len(docs))
			}
		} else if len(docs) != 4 {
			t.Errorf("%s: %d documents of the other portal", name, len(docs))
		}
	}
}

// A dry run takes the beginning of one document.
func TestFetchSample(t *testing.T) {
	net := fetchtest.New(t, hosts(2, 1))
	enough := errors.New("enough")
	err := New(Config{}).Fetch(t.Context(), net.Client(t, nil).For(fetch.View{Sample: true}), func(fetch.Document) error { return enough })
	if !errors.Is(err, enough) {
		t.Error(err)
	}
}

func TestNumbers(t *testing.T) {
	for id, want := range map[string]bool{
		listed: true, moldovan: true, "": false, "UA-2025-08-26": false, "ocds-b3wdp1-MD-": false, "https://prozorro.gov.ua/tender/" + listed: false, "ocds-xxxxxx-1": false, listed + "/../x": false,
	} {
		if got := Number(id); got != want {
			t.Errorf("Number(%q) = %v", id, got)
		}
	}
	for _, r := range extractorstest.Rows(t, "processes.csv")[1:] {
		if len(r) != 6 || !strings.HasPrefix(r[5], "http") || slices.Contains(r, "") {
			t.Errorf("processes.csv: %q names no source, or leaves something out", r)
		}
	}
	if err := New(Config{Processes: []string{"x"}}).Fetch(t.Context(), nil, nil); err == nil {
		t.Error("a process that is none is fetched")
	}
}

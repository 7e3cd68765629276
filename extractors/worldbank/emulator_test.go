package worldbank

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"testing"

	"hrinvest/extractors/extractorstest"
	"hrinvest/extractors/fetch"
	"hrinvest/extractors/fetch/fetchtest"
	"hrinvest/extractors/series/seriestest"
)

// bank is a synthetic World Bank. Like the real one, it sends no validators.
type bank struct {
	economies int // the United States and made-up codes
	onPage    int // most rows on a page
	times     int // every rate is times what it was
	updated   string
	answers   map[string]int // documents that were answered, by path

	mu    sync.Mutex
	rows  map[string][]object // by what they are of
	pages map[string][]byte   // by address and edition
}

type object = map[string]any

// hosts serves a bank under its address.
func (k *bank) hosts() fetchtest.Hosts {
	k.answers, k.pages, k.rows = map[string]int{}, map[string][]byte{}, map[string][]object{"": k.countries()}
	for _, i := range indicators {
		k.rows[i.code] = k.values(i.code)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/v2/country/all/indicator/{code}", k.serve)
	mux.HandleFunc("/v2/country", k.serve)
	return fetchtest.Hosts{"api.worldbank.org": mux}
}

func (k *bank) serve(w http.ResponseWriter, r *http.Request) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if r.FormValue("per_page") != "1" {
		k.answers[r.URL.Path]++
	}
	at := r.URL.String() + k.updated
	if k.pages[at] == nil {
		k.pages[at] = k.answer(r)
	}
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	w.Write(k.pages[at]) //nolint:errcheck // a test's own server
}

// answer is the page that was asked for: [{page, pages, ...}, [rows]].
func (k *bank) answer(r *http.Request) []byte {
	ask := func(name string, otherwise int) int {
		if n, err := strconv.Atoi(r.FormValue(name)); err == nil {
			return n
		}
		return otherwise
	}
	rows, onPage, page := k.rows[r.PathValue("code")], min(ask("per_page", 50), k.onPage), ask("page", 1)
	pages := (len(rows) + onPage - 1) / onPage
	about := object{"page": page, "pages": pages, "per_page": onPage, "total": len(rows), "sourceid": "2", "lastupdated": k.updated}
	if r.PathValue("code") == "" { // metadata answers have no date, and write a number as a word
		about = object{"page": page, "pages": pages, "per_page": strconv.Itoa(onPage), "total": len(rows)}
	}
	if page < 1 || page > pages || r.FormValue("format") != "json" {
		return []byte(`[{"message":[{"id":"120","key":"Invalid value","value":"The provided parameter value is not valid"}]}]`)
	}
	b, err := json.Marshal([]any{about, rows[(page-1)*onPage : min(page*onPage, len(rows))]})
	if err != nil {
		panic(err) // the rows are above
	}
	return b
}

func code(n int) string {
	if n == 0 {
		return "USA"
	}
	return fmt.Sprintf("Q%c%c", 'A'+n/26, 'A'+n%26)
}

func (k *bank) values(indicator string) (rows []object) {
	for n := range k.economies {
		for year := 2025; year >= 1990; year-- {
			row := object{
				"indicator": object{"id": indicator, "value": "An indicator"}, "country": object{"id": "QQ", "value": fmt.Sprintf("Country %d", n)},
				"countryiso3code": code(n), "date": strconv.Itoa(year), "value": json.Number(fmt.Sprintf("%d.25", k.times*(n%40+2))),
				"unit": "", "obs_status": "", "decimal": 0,
			}
			switch {
			case n == 0:
				row["value"] = k.times
			case n%20 == 19: // a group of countries
				row["countryiso3code"] = ""
			case year == 2025:
				row["value"] = nil
			}
			rows = append(rows, row)
		}
	}
	return rows
}

func (k *bank) countries() (rows []object) {
	levels := [...]object{{"id": "LIC", "value": "Low income"}, {"id": "LMC", "value": "Lower middle income"}, {"id": "UMC", "value": "Upper middle income"}, {"id": "HIC", "value": "High income"}}
	for n := range k.economies {
		row := object{"id": code(n), "iso2Code": "QQ", "name": fmt.Sprintf("Country %d", n), "region": object{"id": "ECS", "iso2code": "Z7", "value": "Europe & Central Asia"}, "incomeLevel": levels[n%4]}
		if n%20 == 19 {
			row["region"], row["incomeLevel"] = object{"id": "NA", "iso2code": "NA", "value": "Aggregates"}, object{"id": "NA", "iso2code": "NA", "value": "Aggregates"}
		}
		rows = append(rows, row)
	}
	return rows
}

// newBank is of the size of the real one, smallBank quicker to read.
func newBank() *bank { return &bank{economies: 240, onPage: 5000, times: 1, updated: "2026-10-28"} }

func smallBank(times int) *bank {
	return &bank{economies: 20, onPage: 500, times: times, updated: "2026-10-28"}
}

// The addresses that are asked for every night.
const (
	probe = "per_page=1&"
	list  = "/v2/country?"
)

func TestFetching(t *testing.T) {
	good, fewer, moved := smallBank(1), smallBank(1), smallBank(3)
	fewer.economies = 2
	e := extractorstest.Emulator{Hosts: good.hosts(), Fewer: fewer.hosts(), Moved: moved.hosts(), Probes: []string{probe, list}}
	t.Run("probes", func(t *testing.T) { extractorstest.Fetching(t, New(), e) })
	e.Unbroken = []string{probe}
	t.Run("values", func(t *testing.T) { extractorstest.Fetching(t, New(), e) })
}

// fetched are the documents of a bank.
func fetched(t testing.TB, k *bank) []fetch.Document {
	t.Helper()
	net := fetchtest.New(t, k.hosts())
	docs, err := net.Fetch(t, net.Client(t, nil), New(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return docs
}

// Documents of the length of the real ones look as expected.
func TestGoodBank(t *testing.T) {
	if wrong := seriestest.Judge(t, New(), fetched(t, newBank())...); len(wrong) > 0 {
		t.Errorf("they do not: %v", wrong)
	}
}

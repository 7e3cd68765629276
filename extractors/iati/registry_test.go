package iati

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hrinvest/extractors/extractorstest"
	"hrinvest/extractors/fetch"
	"hrinvest/extractors/fetch/fetchtest"
)

// ckan emulates the registry: pages of at most two datasets.
type ckan map[string][][2]string // publisher -> dataset, address

func (c ckan) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/api/3/action/package_search" || r.URL.Query().Get("rows") != "1000" {
		http.NotFound(w, r)
		return
	}
	publisher := strings.TrimPrefix(r.URL.Query().Get("fq"), "organization:")
	start, _ := strconv.Atoi(r.URL.Query().Get("start"))
	list := c[publisher]
	results := []any{}
	for _, d := range list[min(start, len(list)):min(start+2, len(list))] {
		results = append(results, map[string]any{
			"id": "0", "name": d[0], "license_id": "cc-by", "organization": map[string]any{"id": "1", "name": publisher},
			"resources": []any{map[string]any{"url": d[1]}}, "extras": []any{map[string]any{"key": "filetype", "value": "activity"}},
		})
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{"success": true, "result": map[string]any{"count": len(list), "results": results}}) //nolint:errcheck // a test's own server
}

func registryHosts() fetchtest.Hosts {
	own := http.NewServeMux()
	for _, id := range []string{"KGZ-C-UNDP", "MDA-C-PCIMU", "AGO-H-UNDP"} {
		own.Handle("/iati/activities-xml/"+id, fetchtest.Body("text/xml", grant("47045-"+id, 2, 5)))
	}
	elsewhere := http.NewServeMux()
	elsewhere.HandleFunc("/moved.xml", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://data-service.theglobalfund.org/iati/activities-xml/AGO-H-UNDP", http.StatusFound)
	})
	elsewhere.HandleFunc("/drive", func(w http.ResponseWriter, _ *http.Request) {
		w.Write([]byte("<html><head><title>Google Drive</title></head></html>")) //nolint:errcheck // a test's own server
	})
	return fetchtest.Hosts{
		"data-service.theglobalfund.org": own,
		"plain.example.org":              elsewhere, // http, not https
		"iatiregistry.org": ckan{
			"theglobalfund": {
				{"theglobalfund-ago-h-undp", "https://data-service.theglobalfund.org/iati/activities-xml/AGO-H-UNDP"},
				{"theglobalfund-kgz-c-undp", " https://data-service.theglobalfund.org/iati/activities-xml/KGZ-C-UNDP\n"},
				{"theglobalfund-mda-c-pcimu", "https://data-service.theglobalfund.org/iati/activities-xml/MDA-C-PCIMU"},
				{"theglobalfund-again", "https://data-service.theglobalfund.org/iati/activities-xml/AGO-H-UNDP"},
				{"theglobalfund-none", ""},
			},
			"mainline": {{"mainline-1", "http://plain.example.org/moved.xml"}, {"mainline-2", "http://plain.example.org/drive"}, {"mainline-3", "http://plain.example.org/gone"}},
		},
	}
}

// Where the Bulk Data Service never answered, the registry says where the
// publishers keep their files. It stays an error.
func TestFetchRegistered(t *testing.T) {
	net := fetchtest.New(t, registryHosts())
	c := net.Client(t, nil)
	docs, err := net.Fetch(t, c, New(Config{}), nil)
	const gf = "https://data-service.theglobalfund.org/iati/activities-xml/"
	want := []string{gf + "KGZ-C-UNDP", gf + "MDA-C-PCIMU", gf + "AGO-H-UNDP"}
	if diff := cmp.Diff(want, addresses(docs)); diff != "" {
		t.Error(diff)
	}
	for _, part := range []string{"bulk-data.iatistandard.org", "3 of 7 datasets could not be fetched (1 not there, 1 refused, 1 moved to another site)"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("error %v does not say %q", err, part)
		}
	}
	if len(docs) > 0 && (docs[0].Licence != "cc-by" || docs[0].Role != roleActivities) {
		t.Errorf("got licence %q, role %q", docs[0].Licence, docs[0].Role)
	}
	asked, _ := net.Asked()
	pages := 0
	for _, a := range asked {
		if strings.Contains(a, "theglobalfund&rows") {
			pages++
		}
	}
	if pages != 3 {
		t.Errorf("%d pages of the Global Fund's five datasets", pages)
	}

	// The next night, still without: nothing is downloaded twice.
	again, err := net.Fetch(t, c, New(Config{}), docs)
	if err == nil || len(again) != len(docs) {
		t.Errorf("got %d documents, %v", len(again), err)
	}

	// Then the service answers: its copies take the place of the publishers' files.
	s := &service{files: map[string][]byte{"theglobalfund/theglobalfund-kgz-c-undp": grant("47045-KGZ-C-UNDP", 2, 5)}}
	hosts := registryHosts()
	hosts["bulk-data.iatistandard.org"] = s.handler(t)
	net = fetchtest.New(t, hosts)
	last, err := net.Fetch(t, net.Client(t, nil), New(Config{}), docs)
	if diff := cmp.Diff([]string{"theglobalfund/theglobalfund-kgz-c-undp.xml", "index"}, addresses(last)); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
}

// A publisher's list that failed is no ordinary night, however few they are: what
// stands on it is still offered, for all that is known.
func TestFetchRegisteredListFails(t *testing.T) {
	hosts := registryHosts()
	own := http.NewServeMux()
	var list [][2]string
	for i := range 30 {
		id := "KGZ-C-" + strconv.Itoa(i)
		own.Handle("/iati/activities-xml/"+id, fetchtest.Body("text/xml", grant("47045-"+id, 2, 5)))
		list = append(list, [2]string{"theglobalfund-" + id, "https://data-service.theglobalfund.org/iati/activities-xml/" + id})
	}
	hosts["data-service.theglobalfund.org"] = own
	registry := hosts["iatiregistry.org"].(ckan)
	registry["theglobalfund"] = list
	delete(registry, "mainline")
	net := fetchtest.New(t, hosts)
	c := net.Client(t, nil)
	before, _ := net.Fetch(t, c, New(Config{}), nil) //nolint:errcheck // the service that makes copies is not there
	if len(before) != 30 {
		t.Fatalf("got %q", addresses(before))
	}
	choice, err := readChoice()
	if err != nil {
		t.Fatal(err)
	}
	nothing := func(fetch.Document) error { return nil }
	if err := New(Config{}).fetchRegistered(t.Context(), c, choice, nothing); err != nil {
		t.Fatal(err)
	}
	net.Break(fetchtest.Fault{Kind: fetchtest.Down, Match: "organization%3Atheglobalfund"})
	if err := New(Config{}).fetchRegistered(t.Context(), c, choice, nothing); err == nil || fetch.Complete(err) || errors.Is(err, fetch.ErrIncomplete) {
		t.Errorf("a list that failed: complete %v, %v", fetch.Complete(err), err)
	}
	net.Break(fetchtest.Fault{Kind: fetchtest.Missing, Match: "/iati/activities-xml/KGZ-C-7"})
	if err := New(Config{}).fetchRegistered(t.Context(), c, choice, nothing); err == nil || !fetch.Complete(err) {
		t.Errorf("one file of thirty: complete %v, %v", fetch.Complete(err), err)
	}
}

// Once copies are in use, they stay while the service is away: whatever the
// registry gives would stand beside them.
func TestFetchKeepsCopies(t *testing.T) {
	for _, how := range []Retrieval{RetrieveHIV, RetrieveAll} {
		hosts := registryHosts()
		hosts["bulk-data.iatistandard.org"] = grants(2, 1, 1).handler(t)
		net := fetchtest.New(t, hosts)
		c := net.Client(t, nil)
		before, err := net.Fetch(t, c, New(Config{Retrieval: how}), nil)
		if err != nil {
			t.Fatal(err)
		}
		net.Break(fetchtest.Fault{Kind: fetchtest.Down, Match: "bulk-data"})
		net.Asked()
		after, err := net.Fetch(t, c, New(Config{}), before)
		if err == nil || !cmp.Equal(addresses(before), addresses(after)) {
			t.Errorf("%s: got %q, %v", how, addresses(after), err)
		}
		if asked, _ := net.Asked(); strings.Contains(strings.Join(asked, " "), "iatiregistry") {
			t.Errorf("%s: asked for %q", how, asked)
		}
	}
}

// The index is there and no copy is: that is the service being away, too.
func TestFetchRegisteredWithoutCopies(t *testing.T) {
	hosts := registryHosts()
	hosts["bulk-data.iatistandard.org"] = grants(2, 1, 1).handler(t)
	net := fetchtest.New(t, hosts)
	net.Break(fetchtest.Fault{Kind: fetchtest.Forbidden, Match: "bulk-data.iatistandard.org/theglobalfund"})
	docs, err := net.Fetch(t, net.Client(t, nil), New(Config{}), nil)
	if len(docs) != 3 || !errors.Is(err, fetch.ErrBlocked) {
		t.Errorf("got %q, %v", addresses(docs), err)
	}
}

// Lists that end early, or say that they failed, are not taken for short ones.
func TestReadRegistered(t *testing.T) {
	for name, answer := range map[string]string{
		"ends early":   `{"success":true,"result":{"count":9,"results":[]}}`,
		"no success":   `{"success":false,"result":{"count":0,"results":[]}}`,
		"another kind": `{"success":true,"result":{"count":"9","results":{}}}`,
	} {
		net := fetchtest.New(t, fetchtest.Hosts{"iatiregistry.org": fetchtest.Body("application/json", []byte(answer))})
		if list, err := listRegistered(t.Context(), net.Client(t, nil), "mainline"); !errors.Is(err, fetch.ErrRefused) || list != nil {
			t.Errorf("%s: got %d datasets, %v", name, len(list), err)
		}
	}
}

// FuzzRegistered: a page of the registry is read or refused.
func FuzzRegistered(f *testing.F) {
	f.Add([]byte(`{"success":true,"result":{"count":1,"results":[{"name":"a","organization":{"name":"p"},"resources":[{"url":"http://p/a"}],"extras":[]}]}}`))
	f.Add([]byte(`{"success":true,"result":{"results":[{"organization":null,"resources":null}]}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		page, err := readRegistered(extractorstest.Doc("", "page", b))
		if err != nil && !errors.Is(err, fetch.ErrRefused) || err == nil && !page.Success {
			t.Errorf("got %+v, %v", page, err)
		}
	})
}

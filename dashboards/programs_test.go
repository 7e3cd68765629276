package dashboards

import (
	"net/http/httptest"
	"strings"
	"testing"
)

func TestProgramsPage(t *testing.T) {
	s, err := New(Config{Releases: fixture(t), Programs: true})
	if err != nil {
		t.Fatal(err)
	}
	at := func(host, path string) string {
		r := httptest.NewRequest("GET", path, nil)
		r.Host = host
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != 200 {
			t.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
		for _, problem := range scanPage(t, w.Body.String()) {
			t.Errorf("%s: %s", path, problem)
		}
		return w.Body.String()
	}
	for _, lang := range []string{"en", "ru"} {
		path := "/" + lang + "/data"
		if page := at("money.example.org", path); !strings.Contains(page, "https://money.example.org/export/current/flows.parquet") {
			t.Errorf("%s: the examples do not name the site", path)
		}
		// What one reader asks for another is not shown.
		if page := at("127.0.0.1:8080", path); strings.Contains(page, "money.example.org") || !strings.Contains(page, "http://127.0.0.1:8080/export/") {
			t.Errorf("%s: the examples name another host", path)
		}
		if page := at(`"><script>`, path); strings.Contains(page, "<script") {
			t.Errorf("%s: a host is markup", path)
		}
		if page := at("money.example.org", "/"+lang+"/about"); !strings.Contains(page, `href="`+path+`"`) {
			t.Errorf("/%s/about does not lead to the page", lang)
		}
	}
	if w := ask(t, site(t), "/en/data"); w.Code != 404 {
		t.Errorf("without programs the page answers %d", w.Code)
	}
}

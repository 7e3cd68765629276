package unaids

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net/http"
	"path"
	"slices"
	"testing"

	"hrinvest/extractors/fetch"
)

// published answers some addresses and says of all others that there is no such
// document, or the status given.
type published struct {
	files  map[string][]byte
	status int
}

func (p published) RoundTrip(req *http.Request) (*http.Response, error) {
	res := &http.Response{Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{}, Request: req}
	b, ok := p.files[path.Base(req.URL.Path)]
	res.StatusCode = cmp.Or(p.status, http.StatusNotFound)
	if ok {
		res.StatusCode, res.ContentLength = http.StatusOK, int64(len(b))
	}
	res.Status = fmt.Sprintf("%d %s", res.StatusCode, http.StatusText(res.StatusCode))
	res.Body = io.NopCloser(bytes.NewReader(b))
	return res, nil
}

func TestFetchNewestEdition(t *testing.T) {
	gam, kpa := export("PWID_HIV_PREVALENCE;TOTAL;Georgia;GEO;2022;1"), export("DOMESTIC_SPENDING_KP;PWID_TOTAL;Georgia;GEO;2022;1")
	fetched := func(p published) (names []string, err error) {
		store, err := fetch.NewStore(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		err = New().Fetch(t.Context(), fetch.New(fetch.Config{Store: store, Transport: p}), func(d fetch.Document) error {
			names = append(names, d.Role+" "+d.Name)
			return nil
		})
		return names, err
	}
	got, err := fetched(published{files: map[string][]byte{"GAM_2024_en.zip": gam, "KPAtlasDB_2024_en.zip": kpa, "GAM_2023_en.zip": gam}})
	if err != nil || !slices.Equal(got, []string{"aidsinfo GAM_2024_en.zip", "aidsinfo KPAtlasDB_2024_en.zip"}) {
		t.Errorf("fetched %q, %v", got, err)
	}
	if got, err = fetched(published{status: http.StatusForbidden, files: map[string][]byte{"GAM_2024_en.zip": gam}}); err == nil {
		t.Errorf("a server that refuses: fetched %q and no error", got)
	}
	if _, err = fetched(published{}); err == nil {
		t.Error("no edition published, and no error")
	}
}

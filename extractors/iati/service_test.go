package iati

import (
	"archive/zip"
	"bytes"
	"crypto/sha1"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/unicode"

	"hrinvest/extractors/fetch"
	"hrinvest/extractors/fetch/fetchtest"
)

// service emulates the Bulk Data Service: an index, copies, an archive.
type service struct {
	files   map[string][]byte // publisher/dataset -> the copy; nil: registered, no copy
	licence map[string]string
	old     bool // the shape and address of the index until 2025
	charset string
}

const copies = "https://bulk-data.iatistandard.org/"

// grant is an activity file about people who inject drugs, with transactions of
// one amount.
func grant(id string, transactions, amount int) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, `<?xml version="1.0" encoding="UTF-8"?><iati-activities version="2.03"><iati-activity default-currency="USD"><iati-identifier>%s</iati-identifier>
<title><narrative>Harm reduction</narrative></title><recipient-country code="KG"/><sector code="13040"/>`, id)
	for i := range transactions {
		fmt.Fprintf(&b, "\n<transaction ref=\"%d\"><transaction-type code=\"3\"/><transaction-date iso-date=\"2024-05-06\"/><value>%d</value></transaction>", i, amount)
	}
	b.WriteString("</iati-activity></iati-activities>\n")
	return []byte(b.String())
}

// grants is a service with n grants of the Global Fund in Kyrgyzstan.
func grants(n, transactions, amount int) *service {
	s := &service{files: map[string][]byte{}}
	for i := range n {
		s.files[grantName(i)] = grant(fmt.Sprintf("47045-KGZ-H-%02d", i), transactions, amount)
	}
	return s
}

func grantName(i int) string { return fmt.Sprintf("theglobalfund/theglobalfund-kgz-h-%02d", i) }

func (s *service) index(t testing.TB) []byte {
	t.Helper()
	type object = map[string]any
	var list []object
	byName := object{}
	for _, key := range slices.Sorted(maps.Keys(s.files)) {
		publisher, name, _ := strings.Cut(key, "/")
		body := s.files[key]
		hash, without := any(nil), any(nil)
		if body != nil {
			hash = fmt.Sprintf("%x", sha1.Sum(body))
			without = fmt.Sprintf("%x", sha1.Sum(append([]byte("without"), body...)))
		}
		url := any(nil)
		if body != nil {
			url = copies + key + ".xml"
		}
		list = append(list, object{
			"id": "00000000-0000-0000-0000-000000000000", "short_name": name, "reporting_org_id": "00000000-0000-0000-0000-000000000001",
			"reporting_org_short_name": publisher, "source_url": "http://files.example.org/" + name + ".xml", "licence_id": s.licence[key],
			"last_update_check": "2026-10-08 16:52:06+00:00",
			"last_known_good_dataset": object{
				"cached_dataset_url_xml": url, "cached_dataset_xml_url": url, "cached_dataset_url_zip": nil, "downloaded": nil,
				"hash": hash, "hash_excluding_generated_timestamp": without,
			},
		})
		if url == nil {
			url, hash, without = "", "", ""
		}
		byName[name] = object{
			"id": "00000000-0000-0000-0000-000000000000", "name": name, "publisher_id": "00000000-0000-0000-0000-000000000001", "publisher_name": publisher,
			"type": "activity", "source_url": "http://files.example.org/" + name + ".xml", "hash": hash, "hash_excluding_generated_timestamp": without,
			"url_xml": url, "url_zip": "",
		}
	}
	index := object{"index_created": "2026-10-08 16:52:06+00:00", "datasets": list}
	if s.old {
		index["datasets"] = byName
	}
	b, err := json.MarshalIndent(index, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// archive is the zip of all copies, laid out as the registry does.
func (s *service) archive(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	add := func(name string, body []byte) {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write(body)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	add("iati-data/", nil)
	add("iati-data/datasets-minimal.json", s.index(t))
	for _, key := range slices.Backward(slices.Sorted(maps.Keys(s.files))) { // in no order
		if body := s.files[key]; body != nil {
			add("iati-data/datasets/"+key+".xml", body)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func (s *service) handler(t testing.TB) http.Handler {
	m := http.NewServeMux()
	address := "/datasets-minimal"
	if s.old {
		address = "/dataset-index-minimal.json"
	}
	m.HandleFunc(address, func(w http.ResponseWriter, r *http.Request) {
		fetchtest.Body("application/json", s.index(t)).ServeHTTP(w, r)
	})
	m.HandleFunc("/iati-data.zip", func(w http.ResponseWriter, r *http.Request) {
		fetchtest.Body("zip", s.archive(t)).ServeHTTP(w, r)
	})
	m.HandleFunc("/{publisher}/{dataset}", func(w http.ResponseWriter, r *http.Request) {
		body := s.files[r.PathValue("publisher")+"/"+strings.TrimSuffix(r.PathValue("dataset"), ".xml")]
		if body == nil {
			http.NotFound(w, r)
			return
		}
		if s.charset != "" {
			w.Header().Set("Content-Encoding", s.charset)
		}
		fetchtest.Body("application/xml", body).ServeHTTP(w, r)
	})
	return m
}

func (s *service) hosts(t testing.TB) fetchtest.Hosts {
	return fetchtest.Hosts{"bulk-data.iatistandard.org": s.handler(t)}
}

// addresses lists documents, the index as "index".
func addresses(docs []fetch.Document) (list []string) {
	for _, d := range docs {
		if d.Role == roleIndex {
			list = append(list, "index")
			continue
		}
		list = append(list, strings.TrimPrefix(d.URL, copies))
	}
	return list
}

func copyOf(i int) string { return grantName(i) + ".xml" }

func utf16(t testing.TB, s string) string {
	t.Helper()
	out, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

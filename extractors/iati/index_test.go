package iati

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }

func TestReadIndex(t *testing.T) {
	const base = "https://bulk-data.iatistandard.org/p/"
	for name, tt := range map[string]struct {
		index string
		want  []dataset
	}{
		"list": {`{"index_created":"2026-10-08 16:52:06+00:00","datasets":[
			{"short_name":"p-2","reporting_org_short_name":"p","source_url":"http://p/2","licence_id":" cc-by ","last_known_good_dataset":
				{"cached_dataset_url_xml":"` + base + `p-2.xml","hash":"h2","hash_excluding_generated_timestamp":"x2"}},
			{"short_name":"p-1","reporting_org_short_name":"p","source_url":"http://p/1","license_id":"odc-pddl","last_known_good_dataset":
				{"cached_dataset_xml_url":"` + base + `p-1.xml","hash":"h1","hash_excluding_generated_timestamp":null}},
			{"short_name":"p-3","reporting_org_short_name":"p","source_url":"http://p/3","licence_id":null,"last_known_good_dataset":{"cached_dataset_url_xml":null,"hash":null}},
			{"short_name":"p-4","reporting_org_short_name":"p"}]}`,
			[]dataset{
				{name: "p-1", publisher: "p", url: base + "p-1.xml", source: "http://p/1", version: "h1", sha1: "h1", licence: "odc-pddl"},
				{name: "p-2", publisher: "p", url: base + "p-2.xml", source: "http://p/2", version: "x2", sha1: "h2", licence: "cc-by"},
				{name: "p-3", publisher: "p", url: base + "p-3.xml", source: "http://p/3", missing: true},
				{name: "p-4", publisher: "p", url: base + "p-4.xml", missing: true},
			}},
		"object by name": {"\ufeff" + `{"index_created":"2024-10-08","datasets": {
			"p-2":{"id":"1","name":"p-2","publisher_id":"1","publisher_name":"p","type":"activity","source_url":"http://p/2","hash":"h2","hash_excluding_generated_timestamp":"x2","url_xml":"` + base + `p-2.xml","url_zip":"z"},
			"p-1":{"publisher_name":"p","hash":null,"url_xml":""}}}`,
			[]dataset{
				{name: "p-1", publisher: "p", url: base + "p-1.xml", missing: true},
				{name: "p-2", publisher: "p", url: base + "p-2.xml", source: "http://p/2", version: "x2", sha1: "h2"},
			}},
		"no address to go by": {`{"datasets":[{"short_name":"a","reporting_org_short_name":"p","last_known_good_dataset":{"cached_dataset_url_xml":"https://example.org/x"}},{"short_name":"b","reporting_org_short_name":"p"}]}`,
			[]dataset{{name: "a", publisher: "p", url: "https://example.org/x"}, {name: "b", publisher: "p", missing: true}}},
	} {
		got, err := readIndex(strings.NewReader(tt.index))
		if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(dataset{})); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
	}
	for _, bad := range []string{"", "{}", "[]", `{"datasets":[]}`, `{"datasets":{}}`, `{"datasets":"many"}`, `{"datasets":[{"short_name":1}]}`, `{"datasets":[{"short_name":"a"}`, "<html>"} {
		if got, err := readIndex(strings.NewReader(bad)); err == nil {
			t.Errorf("%q: got %v", bad, got)
		}
	}
}

// The list of publishers is sound, and the region's grants come first.
func TestChoice(t *testing.T) {
	c, err := readChoice()
	if err != nil {
		t.Fatal(err)
	}
	if len(c.publishers) != 48 || len(c.place) != 48 {
		t.Errorf("%d publishers, %d of them different", len(c.publishers), len(c.place))
	}
	for _, name := range append(slices.Clone(c.publishers), c.first...) {
		if name == "" || strings.TrimSpace(name) != name || strings.ToLower(name) != name {
			t.Errorf("%q is no name of the registry", name)
		}
	}
	var all []dataset
	for _, path := range []string{"usaid/usaid-ua", "theglobalfund/theglobalfund-zwe-h-undp", "theglobalfund/theglobalfund-tjk-h-undp", "someoneelse/someoneelse-1",
		"theglobalfund/theglobalfund-ukr-c-aua", "afewinternational/afewinternational-activities", "theglobalfund/theglobalfund-ukr-c-aua", "theglobalfund/theglobalfund-org", "theglobalfund/theglobalfund-ago-h-undp"} {
		publisher, name, _ := strings.Cut(path, "/")
		all = append(all, dataset{publisher: publisher, name: name, url: "https://example.org/" + path})
	}
	all = append(all, dataset{publisher: "unaids", name: "unaids-1", missing: true}, dataset{publisher: "unaids", name: "unaids-2", missing: true})
	var got []string
	for _, d := range c.of(all) {
		got = append(got, d.name)
	}
	want := []string{"theglobalfund-ukr-c-aua", "theglobalfund-tjk-h-undp", "afewinternational-activities", "unaids-1", "unaids-2",
		"theglobalfund-ago-h-undp", "theglobalfund-org", "theglobalfund-zwe-h-undp", "usaid-ua"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// bigIndex is as long as the registry: 14,000 datasets.
func bigIndex(n int) []byte {
	var b bytes.Buffer
	b.WriteString("{\n \"datasets\": [\n")
	for i := range n {
		publisher := "publisher" + fmt.Sprint(i%1500)
		if i%5 == 0 {
			publisher = "theglobalfund"
		}
		if i > 0 {
			b.WriteString(",\n")
		}
		fmt.Fprintf(&b, `  {"id": "6f0c7e0c-0000-4000-8000-%012d", "last_known_good_dataset": {
   "cached_dataset_url_xml": "https://bulk-data.iatistandard.org/%[2]s/%[2]s-%[1]d.xml", "cached_dataset_url_zip": "https://bulk-data.iatistandard.org/%[2]s/%[2]s-%[1]d.zip",
   "cached_dataset_xml_url": "https://bulk-data.iatistandard.org/%[2]s/%[2]s-%[1]d.xml", "cached_dataset_zip_url": "https://bulk-data.iatistandard.org/%[2]s/%[2]s-%[1]d.zip",
   "downloaded": "2026-10-08 02:00:00+00:00", "hash": "%040[1]x", "hash_excluding_generated_timestamp": "%040[1]x", "source_url": "https://example.org/%[2]s/%[1]d.xml", "verified_on_server": "2026-10-08 03:00:00+00:00"},
   "last_update_check": "2026-10-08 03:00:00+00:00", "licence_id": "cc-by", "reporting_org_id": "6f0c7e0c-0000-4000-8000-000000000000", "reporting_org_short_name": "%[2]s",
   "short_name": "%[2]s-%[1]d", "source_url": "https://example.org/%[2]s/%[1]d.xml"}`, i, publisher)
	}
	b.WriteString("\n ],\n \"index_created\": \"2026-10-08 16:52:06+00:00\"\n}\n")
	return b.Bytes()
}

// BenchmarkIndex reads and chooses from an index of 14,000 datasets.
func BenchmarkIndex(b *testing.B) {
	index := bigIndex(14000)
	c, err := readChoice()
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(index)))
	for b.Loop() {
		all, err := readIndex(bytes.NewReader(index))
		if err != nil || len(all) != 14000 || len(c.of(all)) != 2800 {
			b.Fatalf("%d datasets, %v", len(all), err)
		}
	}
	b.ReportMetric(14000*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// FuzzIndex: an index is read whole or refused, and reads the same twice.
func FuzzIndex(f *testing.F) {
	f.Add(bigIndex(2))
	f.Add([]byte(`{"datasets":{"a":{"publisher_name":"p","url_xml":"u"},"b":{}}}`))
	f.Add([]byte(`{"datasets":[null,{"short_name":"a","last_known_good_dataset":null}]}`))
	c, err := readChoice()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		one, err := readIndex(bytes.NewReader(b))
		if err != nil {
			return
		}
		two, err := readIndex(bytes.NewReader(b))
		if diff := cmp.Diff(one, two, cmp.AllowUnexported(dataset{})); diff != "" || err != nil {
			t.Errorf("%v\n%s", err, diff)
		}
		if chosen := c.of(one); len(chosen) > len(one) {
			t.Errorf("%d chosen of %d", len(chosen), len(one))
		}
	})
}

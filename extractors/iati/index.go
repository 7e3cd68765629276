package iati

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// dataset is one registered file, as a list of the registry describes it.
type dataset struct {
	name, publisher string
	url             string // where it is retrieved
	missing         bool   // there is no copy at present; url is where the last one was, or ""
	source          string // the publisher's own address
	version         string // changes with the content; "": not published
	sha1            string // of the copy's bytes; "": not published
	licence         string // "": not stated
}

// entry is a dataset in the index of the Bulk Data Service. Since 2025 the
// datasets are a list and what is about the copy stands in an object of its own;
// before, they were an object by name, without that. The licence has been spelled
// both ways, the address of the copy too.
type entry struct {
	ShortName     string `json:"short_name"`
	Name          string `json:"name"`
	ReportingOrg  string `json:"reporting_org_short_name"`
	PublisherName string `json:"publisher_name"`
	SourceURL     string `json:"source_url"`
	LicenceID     string `json:"licence_id"`
	LicenseID     string `json:"license_id"`
	URLXML        string `json:"url_xml"`
	hashes
	Good struct {
		CachedURLXML string `json:"cached_dataset_url_xml"`
		CachedXMLURL string `json:"cached_dataset_xml_url"`
		hashes
	} `json:"last_known_good_dataset"`
}

type hashes struct {
	Hash string `json:"hash"` // SHA-1 of the bytes
	// WithoutTimestamp leaves the time out at which the file was generated: most
	// files that are written anew every night say nothing new.
	WithoutTimestamp string `json:"hash_excluding_generated_timestamp"`
}

func (e entry) dataset() dataset {
	url := cmp.Or(e.Good.CachedURLXML, e.Good.CachedXMLURL, e.URLXML)
	return dataset{
		name:      cmp.Or(e.ShortName, e.Name),
		publisher: cmp.Or(e.ReportingOrg, e.PublisherName),
		url:       url,
		missing:   url == "",
		source:    e.SourceURL,
		version:   cmp.Or(e.Good.WithoutTimestamp, e.WithoutTimestamp, e.Good.Hash, e.Hash),
		sha1:      cmp.Or(e.Good.Hash, e.Hash),
		licence:   strings.TrimSpace(cmp.Or(e.LicenceID, e.LicenseID)),
	}
}

// entries are a list, or an object by name.
type entries []entry

// UnmarshalJSON implements json.Unmarshaler.
func (l *entries) UnmarshalJSON(b []byte) error {
	if !bytes.HasPrefix(b, []byte("{")) {
		return json.Unmarshal(b, (*[]entry)(l))
	}
	var byName map[string]entry
	if err := json.Unmarshal(b, &byName); err != nil {
		return err
	}
	for name, e := range byName {
		e.Name = cmp.Or(e.Name, name)
		*l = append(*l, e)
	}
	return nil
}

// readIndex reads an index of the Bulk Data Service, of either shape.
func readIndex(r io.Reader) ([]dataset, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("reading the index: %w", err)
	}
	var index struct {
		Datasets entries `json:"datasets"`
	}
	if err := json.Unmarshal(bytes.TrimPrefix(b, []byte("\ufeff")), &index); err != nil {
		return nil, fmt.Errorf("reading the index: %w", err)
	}
	if len(index.Datasets) == 0 {
		return nil, errors.New("reading the index: no datasets in it")
	}
	list := make([]dataset, 0, len(index.Datasets))
	for _, e := range index.Datasets {
		list = append(list, e.dataset())
	}
	slices.SortFunc(list, func(a, b dataset) int {
		return cmp.Or(strings.Compare(a.publisher, b.publisher), strings.Compare(a.name, b.name), strings.Compare(a.url, b.url))
	})
	addressMissing(list)
	return list, nil
}

// addressMissing gives datasets without a copy the address of their last one:
// all copies lie under one address, as publisher/dataset.xml. By it the document
// that is in use is found.
func addressMissing(list []dataset) {
	path := func(d dataset) string { return "/" + d.publisher + "/" + d.name + ".xml" }
	i := slices.IndexFunc(list, func(d dataset) bool { return strings.HasSuffix(d.url, path(d)) })
	if i < 0 {
		return
	}
	base := strings.TrimSuffix(list[i].url, path(list[i]))
	for i, d := range list {
		if d.missing {
			list[i].url = base + path(d)
		}
	}
}

// isIndex recognises an index by its beginning.
func isIndex(head []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n"), []byte("{")) &&
		bytes.Contains(head, []byte(`"datasets"`)) &&
		(bytes.Contains(head, []byte(`"last_known_good_dataset"`)) || bytes.Contains(head, []byte(`"url_xml"`)))
}

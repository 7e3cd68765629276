// Package fetch retrieves documents and keeps them.
//
// A Document is the bytes of one answer as received. Documents live in a Store,
// addressed by the sha256 of their bytes; nothing is ever parsed from the
// network directly, so a release can be rebuilt from the store at any time.
package fetch

import (
	"errors"
	"io"
	"time"
)

// Origin says how the bytes of a document came to us.
type Origin string

const (
	Live    Origin = "live"    // fetched from the publisher
	Given   Origin = "given"   // a file the operator handed over
	Bundled Origin = "bundled" // written by this project from cited facts; never the publisher's bytes
)

// Document describes stored bytes. Two documents with equal SHA256 hold the
// same bytes.
type Document struct {
	Source      string            `json:"source"`
	Role        string            `json:"role"`
	Name        string            `json:"name"` // file name, for messages
	URL         string            `json:"url"`  // where it was, or would be, published
	SHA256      string            `json:"sha256"`
	Size        int64             `json:"size"`
	ContentType string            `json:"content_type,omitempty"`
	Headers     map[string]string `json:"headers,omitempty"` // ETag, Last-Modified
	Version     string            `json:"version,omitempty"` // the publisher's stamp of the edition, where one is published elsewhere
	Probe       bool              `json:"probe,omitempty"`   // lists what there is, holds no data: not part of a release
	Retrieved   time.Time         `json:"retrieved"`         // UTC
	Origin      Origin            `json:"origin"`
	Licence     string            `json:"licence,omitempty"`
	Compiled    string            `json:"compiled,omitempty"` // bundled: data cut-off, ISO date
	Cites       string            `json:"cites,omitempty"`    // bundled: addresses of the facts

	// OpenFunc opens the stored bytes; set by the Store.
	OpenFunc func() (io.ReadCloser, error) `json:"-"`
}

// Open opens the document's bytes for reading.
func (d Document) Open() (io.ReadCloser, error) {
	if d.OpenFunc == nil {
		return nil, errors.New("document " + d.SHA256 + " is not attached to a store")
	}
	return d.OpenFunc()
}

// Head reads at most limit+1 bytes of the document: a result longer than limit
// says that the document is.
func (d Document) Head(limit int64) ([]byte, error) {
	f, err := d.Open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, limit+1))
}

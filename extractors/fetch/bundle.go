package fetch

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"time"
)

// BundledFile is one line of a bundle's index.csv.
type BundledFile struct {
	URL      string // the live address the file stands in for
	File     string
	Compiled string // data cut-off, ISO date
	Cites    string // addresses of the facts, blank-separated
}

// ReadBundle reads the index.csv at the root of a source's bundle.
func ReadBundle(bundle fs.FS) ([]BundledFile, error) {
	f, err := bundle.Open("index.csv")
	if err != nil {
		return nil, fmt.Errorf("reading bundle: %w", err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("reading bundle index.csv: %w", err)
	}
	if len(rows) == 0 || len(rows[0]) != 4 {
		return nil, errors.New("reading bundle index.csv: want the columns url,file,compiled,cites")
	}
	var files []BundledFile
	for _, r := range rows[1:] {
		files = append(files, BundledFile{r[0], r[1], r[2], r[3]})
	}
	return files, nil
}

// Header names under which the offline transport passes on what the bundle's
// index says of a file.
const (
	ownHeaders     = "x-hrinvest-" // in lower case: never believed of the network
	headerBundled  = "X-Hrinvest-Bundled"
	headerCompiled = "X-Hrinvest-Compiled"
	headerCites    = "X-Hrinvest-Cites"
)

// Offline is a RoundTripper that answers from bundles instead of the network:
// the live URL is mapped to the embedded file, so the same extractor code runs.
// Any other address is answered with 404.
type Offline struct{ files map[string]offlineFile }

type offlineFile struct {
	BundledFile
	bundle fs.FS
}

// NewOffline returns a transport over the given bundles; nil ones are passed over.
func NewOffline(bundles ...fs.FS) (*Offline, error) {
	o := &Offline{files: map[string]offlineFile{}}
	for _, b := range bundles {
		if b == nil {
			continue
		}
		files, err := ReadBundle(b)
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			if _, dup := o.files[f.URL]; dup {
				return nil, fmt.Errorf("two bundled files stand in for %s", f.URL)
			}
			o.files[f.URL] = offlineFile{f, b}
		}
	}
	return o, nil
}

// RoundTrip implements http.RoundTripper.
func (o *Offline) RoundTrip(req *http.Request) (*http.Response, error) {
	res := &http.Response{
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{}, Request: req,
		StatusCode: http.StatusNotFound, Status: "404 Not Found",
		Body: io.NopCloser(bytes.NewReader(nil)),
	}
	f, ok := o.files[req.URL.String()]
	if !ok {
		return res, nil
	}
	b, err := fs.ReadFile(f.bundle, f.File)
	if err != nil {
		return nil, fmt.Errorf("reading bundled file for %s: %w", f.URL, err)
	}
	sum := sha256.Sum256(b)
	etag := `"` + hex.EncodeToString(sum[:]) + `"`
	res.Header.Set("ETag", etag)
	if req.Header.Get("If-None-Match") == etag {
		res.StatusCode, res.Status = http.StatusNotModified, "304 Not Modified"
		return res, nil
	}
	res.StatusCode, res.Status = http.StatusOK, "200 OK"
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(b)), int64(len(b))
	res.Header.Set("Content-Type", http.DetectContentType(b))
	res.Header.Set(headerBundled, f.File)
	res.Header.Set(headerCompiled, f.Compiled)
	res.Header.Set(headerCites, f.Cites)
	if t, err := time.Parse(time.DateOnly, f.Compiled); err == nil {
		res.Header.Set("Last-Modified", t.UTC().Format(http.TimeFormat))
	}
	return res, nil
}

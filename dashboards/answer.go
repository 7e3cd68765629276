package dashboards

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
)

// answer is a complete response.
type answer struct {
	status     int
	kind       string // media type
	body, zip  []byte // zip: gzip of body
	location   string
	filename   string   // offered when saving
	numbers    []string // columns of a CSV file that hold numbers
	notKept    bool
	ownStyle   bool   // a file that carries its own style sheet
	cacheUntil string // Cache-Control; "": revalidate every time
}

func newAnswer(kind string, body []byte) *answer {
	a := &answer{status: http.StatusOK, kind: kind, body: body}
	if kind == "application/pdf" || kind == "image/png" || strings.HasPrefix(kind, "application/vnd.openxmlformats") {
		return a // compressed in themselves
	}
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.DefaultCompression)
	z.Write(body) // a bytes.Buffer does not fail
	z.Close()
	if b.Len() < len(body) {
		a.zip = b.Bytes()
	}
	return a
}

// send writes an answer: compressed where the client takes it, and nothing but
// "not modified" where the client has it.
func (s *Server) send(w http.ResponseWriter, r *http.Request, a *answer, etag string) {
	h := w.Header()
	h.Add("Vary", "Accept-Encoding")
	if a.location != "" {
		h.Set("Location", a.location)
		w.WriteHeader(a.status)
		return
	}
	h.Set("Content-Type", a.kind)
	if a.ownStyle {
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'")
	}
	if a.cacheUntil != "" {
		h.Set("Cache-Control", a.cacheUntil)
	} else {
		h.Set("Cache-Control", "no-cache") // keep, but ask: a release may have come
	}
	if a.filename != "" {
		h.Set("Content-Disposition", `inline; filename="`+a.filename+`"`)
	}
	body := a.body
	if a.zip != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = a.zip
		etag = strings.TrimSuffix(etag, `"`) + `-gz"`
	}
	if etag != "" && a.status == http.StatusOK {
		h.Set("ETag", etag)
		if matches(r.Header.Get("If-None-Match"), etag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(a.status)
	if r.Method != http.MethodHead {
		w.Write(body) // the reader may have gone; there is nobody to tell
	}
}

func matches(header, etag string) bool {
	for _, t := range strings.Split(header, ",") {
		if t = strings.TrimPrefix(strings.TrimSpace(t), "W/"); t == etag || t == "*" {
			return true
		}
	}
	return false
}

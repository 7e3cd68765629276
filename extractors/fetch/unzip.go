package fetch

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"

	"golang.org/x/net/html/charset"
)

// maxRatio is what honest text is never packed to; a bomb is packed a
// thousandfold. It holds from the first megabyte on.
const maxRatio = 300

// unpacking asks for gzip, as browsers do, and undoes it. net/http would do it
// unasked, without a word of how much comes out of how little.
type unpacking struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (u unpacking) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Header.Get("Accept-Encoding") == "" && req.Header.Get("Range") == "" {
		req = req.Clone(req.Context())
		req.Header.Set("Accept-Encoding", "gzip")
	}
	res, err := u.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	switch e := packing(res.Header); e {
	case "":
		return res, nil
	case "gzip", "x-gzip":
	default:
		if known, _ := charset.Lookup(e); known != nil { // a character set in the wrong header: not packed
			return res, nil
		}
		res.Body.Close()
		return nil, fmt.Errorf("%w: packed as %q, which was not asked for", ErrRefused, e)
	}
	if res.StatusCode == http.StatusNotModified || req.Method == http.MethodHead {
		return res, nil
	}
	res.Body = &unpacked{packed: &tally{r: res.Body}, body: res.Body}
	res.Header.Del("Content-Encoding")
	res.Header.Del("Content-Length")
	res.ContentLength, res.Uncompressed = -1, true
	return res, nil
}

// packing is how a body is packed, as far as it matters: aws-chunked is how it was
// once sent to a store in Amazon's cloud, and no longer is.
func packing(h http.Header) string {
	var layers []string
	for _, e := range strings.Split(strings.Join(h.Values("Content-Encoding"), ","), ",") {
		if e = strings.ToLower(strings.TrimSpace(e)); e != "" && e != "identity" && e != "aws-chunked" {
			layers = append(layers, e)
		}
	}
	return strings.Join(layers, ", ")
}

// unpacked reads a gzip body, opened at the first read.
type unpacked struct {
	packed *tally
	body   io.Closer
	zip    *gzip.Reader
	out    int64
	err    error
}

func (u *unpacked) Read(p []byte) (int, error) {
	if u.zip == nil && u.err == nil {
		u.zip, u.err = gzip.NewReader(u.packed)
	}
	if u.err != nil {
		return 0, u.err
	}
	n, err := u.zip.Read(p)
	if u.out += int64(n); u.out > 1<<20 && u.out > u.packed.n*maxRatio {
		u.err = fmt.Errorf("%w: a gzip bomb: %d bytes came out of %d", ErrRefused, u.out, u.packed.n)
		return 0, u.err
	}
	return n, err
}

func (u *unpacked) Close() error { return u.body.Close() }

type tally struct {
	r io.Reader
	n int64
}

func (t *tally) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	t.n += int64(n)
	return n, err
}

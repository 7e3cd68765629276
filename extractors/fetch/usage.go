package fetch

import (
	"context"
	"io"
	"net/http"
	"sync/atomic"
)

// Usage counts what retrieving for one source took.
type Usage struct {
	Requests    int64 `json:"requests"`     // sent, robots.txt and repeated ones among them
	NotModified int64 `json:"not_modified"` // answers 304: nothing new at an address
	Retries     int64 `json:"retries"`
	Bytes       int64 `json:"bytes"` // received, as they came over the wire
}

type usage struct{ requests, notModified, retries, bytes atomic.Int64 }

func (u *usage) read() Usage {
	return Usage{u.requests.Load(), u.notModified.Load(), u.retries.Load(), u.bytes.Load()}
}

type usageKey struct{}

// usageOf finds the counters of the source a request is for.
func usageOf(ctx context.Context) *usage {
	if u, ok := ctx.Value(usageKey{}).(*usage); ok {
		return u
	}
	return &usage{}
}

// counting is the lowest layer: what passes it goes over the wire.
type counting struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (c counting) RoundTrip(req *http.Request) (*http.Response, error) {
	u := usageOf(req.Context())
	u.requests.Add(1)
	res, err := c.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if res.StatusCode == http.StatusNotModified {
		u.notModified.Add(1)
	}
	res.Body = &counted{res.Body, u}
	return res, nil
}

type counted struct {
	io.ReadCloser
	usage *usage
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.usage.bytes.Add(int64(n))
	return n, err
}

package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"time"
)

// ErrStatus is wrapped by the error of Get when a server answers with anything
// but 200.
var ErrStatus = errors.New("unexpected status")

// ErrTooLarge is wrapped by the error of Get when a body exceeds the limit.
var ErrTooLarge = errors.New("body over the limit")

// Config of a Client.
type Config struct {
	// Store keeps the bodies. Required.
	Store *Store
	// Transport answers requests. Nil: http.DefaultTransport.
	Transport http.RoundTripper
	// UserAgent names us and how to reach us. "": the project's name only.
	UserAgent string
	// MaxBytes limits one body. 0: 2 GiB.
	MaxBytes int64
	// Timeout limits one request, body included. 0: 10 minutes.
	Timeout time.Duration
	// Now is the clock. Nil: time.Now.
	Now func() time.Time
}

// Client retrieves documents into a store. It is safe for concurrent use.
type Client struct {
	cfg  Config
	http *http.Client
}

// New returns a client.
func New(cfg Config) *Client {
	if cfg.Transport == nil {
		cfg.Transport = http.DefaultTransport
	}
	if cfg.UserAgent == "" {
		cfg.UserAgent = "hrinvest (harm reduction funding tracker)"
	}
	if cfg.MaxBytes == 0 {
		cfg.MaxBytes = 2 << 30
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = 10 * time.Minute
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Client{cfg: cfg, http: &http.Client{Transport: cfg.Transport, Timeout: cfg.Timeout}}
}

// Get retrieves a URL into the store. The document's Role is the caller's to
// set; its Source is set by whoever keeps it.
func (c *Client) Get(ctx context.Context, url string) (Document, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return Document{}, fmt.Errorf("fetching %s: %w", url, err)
	}
	req.Header.Set("User-Agent", c.cfg.UserAgent)
	res, err := c.http.Do(req)
	if err != nil {
		return Document{}, fmt.Errorf("fetching: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return Document{}, fmt.Errorf("fetching %s: %w %s", url, ErrStatus, res.Status)
	}
	return c.Keep(url, res.Header, res.Body, res.ContentLength)
}

// Keep stores a body that somebody else retrieved (colly, for pages it walks).
// length is the announced Content-Length, or -1; a shorter body is refused.
func (c *Client) Keep(url string, header http.Header, body io.Reader, length int64) (Document, error) {
	sum, size, err := c.cfg.Store.Put(io.LimitReader(body, c.cfg.MaxBytes+1))
	switch {
	case err != nil:
		return Document{}, fmt.Errorf("fetching %s: %w", url, err)
	case size > c.cfg.MaxBytes:
		return Document{}, fmt.Errorf("fetching %s: %w of %d bytes", url, ErrTooLarge, c.cfg.MaxBytes)
	case length >= 0 && size != length:
		return Document{}, fmt.Errorf("fetching %s: got %d of %d bytes", url, size, length)
	}
	d := Document{
		Name: path.Base(url), URL: url, SHA256: sum, Size: size,
		ContentType: header.Get("Content-Type"), Retrieved: c.cfg.Now().UTC(), Origin: Live,
		Headers: map[string]string{},
	}
	for _, k := range []string{"ETag", "Last-Modified"} {
		if v := header.Get(k); v != "" {
			d.Headers[k] = v
		}
	}
	if f := header.Get(headerBundled); f != "" {
		d.Origin, d.Name = Bundled, f
		d.Compiled, d.Cites = header.Get(headerCompiled), header.Get(headerCites)
	}
	return c.cfg.Store.Attach(d), nil
}

// Transport is the RoundTripper of the client, for colly collectors.
func (c *Client) Transport() http.RoundTripper { return c.cfg.Transport }

// UserAgent is the name the client gives itself.
func (c *Client) UserAgent() string { return c.cfg.UserAgent }

package webtables

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gocolly/colly/v2"

	"hrinvest/extractors/fetch"
	"hrinvest/extractors/plaintext"
)

// Fetch implements extractors.Source: the declared pages, then those a walk of
// the listings finds. A page that cannot be had does not keep the others from
// being kept; the errors come back together.
func (s *Source) Fetch(ctx context.Context, c *fetch.Client, keep func(fetch.Document) error) error {
	through := &recorder{ctx: ctx, next: c.Transport(), bodies: map[string]recorded{}}
	w := s.collector(ctx, c, through)
	kept := map[string]bool{}
	var stop error // of keep: ends the walk
	var failed []error

	visit := func(address string) {
		if stop != nil || ctx.Err() != nil {
			return
		}
		if err := w.Visit(address); err != nil {
			var visited *colly.AlreadyVisitedError
			if !errors.As(err, &visited) {
				failed = append(failed, fmt.Errorf("fetching %s: %w", address, err))
			}
		}
	}
	listing, links := true, []string(nil)
	w.OnResponse(func(res *colly.Response) {
		if listing || stop != nil {
			return
		}
		address := res.Request.URL.String()
		body, ok := through.bodies[address]
		if !ok || kept[address] {
			return
		}
		kept[address] = true
		delete(through.bodies, address)
		d, err := c.Keep(address, body.header, bytes.NewReader(body.body), body.length)
		if err != nil {
			failed = append(failed, err)
			return
		}
		d.Role = role
		stop = keep(d)
	})
	if s.cfg.Walk.Links != "" {
		w.OnHTML(s.cfg.Walk.Links, func(e *colly.HTMLElement) {
			if listing {
				link, _, _ := strings.Cut(e.Request.AbsoluteURL(e.Attr("href")), "#")
				if link != "" && !slices.Contains(links, link) && len(links) < s.cfg.Walk.Limit {
					links = append(links, link)
				}
			}
		})
	}
	for _, address := range s.cfg.Walk.From {
		visit(address)
	}
	listing = false
	for _, address := range append(slices.Clone(s.cfg.Pages), links...) {
		visit(address)
	}
	if stop != nil {
		return stop
	}
	return errors.Join(append(failed, ctx.Err())...)
}

// collector is colly with everything stated that its environment variables or
// defaults would decide otherwise. Limits, retries and conditional requests are
// the transport's.
func (s *Source) collector(ctx context.Context, c *fetch.Client, transport http.RoundTripper) *colly.Collector {
	w := colly.NewCollector(colly.StdlibContext(ctx))
	w.UserAgent = c.UserAgent()
	w.AllowedDomains = s.cfg.Hosts
	w.DisallowedDomains, w.URLFilters, w.DisallowedURLFilters = nil, nil, nil
	w.IgnoreRobotsTxt = false
	w.MaxBodySize = maxPage + 1 // colly cuts without an error; the recorder refuses first
	w.MaxDepth, w.MaxRequests = 0, 0
	w.CacheDir = ""
	w.DetectCharset, w.ParseHTTPErrorResponse, w.Async, w.AllowURLRevisit = false, false, false, false
	w.WithTransport(transport)
	w.SetRequestTimeout(2 * time.Minute)
	return w
}

// recorder stands between colly and the transport. It keeps each body as
// received, since colly re-codes and cuts what it is given, and hands colly a
// copy in UTF-8 that says so.
type recorder struct {
	ctx    context.Context // colly asks for robots.txt without one
	next   http.RoundTripper
	bodies map[string]recorded // by address; one request at a time
}

type recorded struct {
	header http.Header
	body   []byte
	length int64
}

// RoundTrip implements http.RoundTripper.
func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := r.ctx.Err(); err != nil {
		return nil, err
	}
	if req.URL.Path == "/robots.txt" {
		return r.robots(req)
	}
	res, err := r.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		return res, nil
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxPage+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", req.URL, err)
	}
	if len(body) > maxPage {
		return nil, fmt.Errorf("reading %s: %w of %d bytes", req.URL, fetch.ErrTooLarge, maxPage)
	}
	r.bodies[req.URL.String()] = recorded{res.Header.Clone(), body, res.ContentLength}
	text, err := plaintext.Decode(body, charsetLabel(res.Header.Get("Content-Type"), body))
	if err != nil {
		text = "" // not a page; Parse will say so of the kept bytes
	}
	res.Header = res.Header.Clone()
	res.Header.Set("Content-Type", "text/html; charset=utf-8")
	res.Header.Del("Content-Encoding")
	res.ContentLength = int64(len(text))
	res.Body = io.NopCloser(bytes.NewReader([]byte(text)))
	return res, nil
}

// maxRobots is what of a robots.txt is read; the standard asks for no more.
const maxRobots = 512 << 10

// robots fetches robots.txt under the context of the walk. A server that fails
// is not walked: colly would take its error for leave to.
func (r *recorder) robots(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(req.Context())
	defer cancel()
	defer context.AfterFunc(r.ctx, cancel)()
	res, err := r.next.RoundTrip(req.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode >= 500 {
		return nil, fmt.Errorf("robots.txt answers %s: the site is not walked", res.Status)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxRobots))
	if err != nil {
		return nil, fmt.Errorf("reading robots.txt: %w", err)
	}
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return res, nil
}

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
	through := &recorder{ctx: ctx, client: c, bodies: map[string]recorded{}}
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
				failed = append(failed, fmt.Errorf("fetching %s: %w", address, fetch.Plain(err)))
			}
		}
	}
	listing, links, linked := true, []string(nil), 0
	w.OnResponse(func(res *colly.Response) {
		if stop != nil {
			return
		}
		address := res.Request.URL.String()
		body, ok := through.bodies[address]
		if listing {
			if err := fetch.Look(fetch.HTML, body.body); ok && err != nil {
				failed = append(failed, fmt.Errorf("fetching %s: %w", address, err))
			}
			return
		}
		if !ok || kept[address] {
			return
		}
		kept[address] = true
		delete(through.bodies, address)
		d := body.known
		if d.SHA256 == "" {
			err := s.look(body)
			if err == nil {
				d, err = c.Keep(address, body.header, bytes.NewReader(body.body), body.length)
			}
			if err != nil {
				failed = append(failed, fmt.Errorf("fetching %s: %w", address, err))
				return
			}
		}
		d.Role = role
		stop = keep(d)
	})
	if s.cfg.Walk.Links != "" {
		w.OnHTML(s.cfg.Walk.Links, func(e *colly.HTMLElement) {
			if listing {
				linked++
				link, _, _ := strings.Cut(e.Request.AbsoluteURL(e.Attr("href")), "#")
				if link != "" && !slices.Contains(links, link) && len(links) < s.cfg.Walk.Limit {
					links = append(links, link)
				}
			}
		})
	}
	for _, address := range s.cfg.Walk.From {
		before, fine := linked, len(failed)
		visit(address)
		if linked == before && len(failed) == fine && s.cfg.Walk.Links != "" {
			failed = append(failed, fmt.Errorf("fetching %s: %w", address, fetch.Refuse("no link to a page is on the list")))
		}
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

// look refuses a page that is not of the declared kind: a login or error page in
// its place, half of it, or one on which no field stands any more.
func (s *Source) look(body recorded) error {
	if err := fetch.Look(fetch.HTML, body.body); err != nil {
		return err
	}
	text, err := plaintext.Decode(body.body, charsetLabel(body.header.Get("Content-Type"), body.body))
	if err != nil {
		return fetch.Refuse("the page %v", err)
	}
	p, err := s.read.page(text)
	if err != nil {
		return fetch.Refuse("the page cannot be read: %v", err)
	}
	if len(p.fields) == 0 {
		return fetch.Refuse("none of the declared fields stands on the page titled %q", p.title)
	}
	return nil
}

// collector is colly with everything stated that its environment variables or
// defaults would decide otherwise. robots.txt, limits and retries are the
// transport's.
func (s *Source) collector(ctx context.Context, c *fetch.Client, transport http.RoundTripper) *colly.Collector {
	w := colly.NewCollector(colly.StdlibContext(ctx))
	w.UserAgent = c.UserAgent()
	w.AllowedDomains = s.cfg.Hosts
	w.DisallowedDomains, w.URLFilters, w.DisallowedURLFilters = nil, nil, nil
	w.IgnoreRobotsTxt = true    // the transport asks, and believes a 503 where colly does not
	w.MaxBodySize = maxPage + 1 // colly cuts without an error; the recorder refuses first
	w.MaxDepth, w.MaxRequests = 0, 0
	w.CacheDir = ""
	w.DetectCharset, w.ParseHTTPErrorResponse, w.Async, w.AllowURLRevisit = false, false, false, false
	w.WithTransport(transport)
	w.SetRequestTimeout(2 * time.Minute)
	return w
}

// recorder stands between colly and the transport. It asks only for what has
// changed, keeps each body as received, since colly re-codes and cuts what it is
// given, and hands colly a copy in UTF-8 that says so.
type recorder struct {
	ctx    context.Context
	client *fetch.Client
	bodies map[string]recorded // by address; one request at a time
}

type recorded struct {
	known  fetch.Document // the document in use, where the page has not changed
	header http.Header
	body   []byte
	length int64
}

// RoundTrip implements http.RoundTripper.
func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := r.ctx.Err(); err != nil {
		return nil, err
	}
	known, ok := r.client.Known(req.URL.String())
	if ok {
		req = req.Clone(req.Context())
		fetch.Conditional(req, known)
	}
	res, err := r.client.Transport().RoundTrip(req)
	if err != nil {
		return nil, err
	}
	from := io.Reader(res.Body)
	switch {
	case ok && res.StatusCode == http.StatusNotModified:
		r.client.Have(known.URL)
		stored, err := known.Open()
		if err != nil {
			return nil, errors.Join(err, res.Body.Close())
		}
		defer stored.Close()
		from = stored
	case res.StatusCode == http.StatusOK:
		known = fetch.Document{}
	case res.StatusCode >= 400:
		return nil, errors.Join(fetch.Status(res), res.Body.Close())
	default:
		return res, nil
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(from, maxPage+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", req.URL, err)
	}
	if len(body) > maxPage {
		return nil, fmt.Errorf("reading %s: %w of %d bytes", req.URL, fetch.ErrTooLarge, maxPage)
	}
	contentType := res.Header.Get("Content-Type")
	if known.SHA256 != "" {
		contentType = known.ContentType
	}
	r.bodies[req.URL.String()] = recorded{known, res.Header.Clone(), body, res.ContentLength}
	text, err := plaintext.Decode(body, charsetLabel(contentType, body))
	if err != nil {
		text = "" // not a page; Parse will say so of the kept bytes
	}
	res.StatusCode, res.Status = http.StatusOK, "200 OK"
	res.Header = res.Header.Clone()
	res.Header.Set("Content-Type", "text/html; charset=utf-8")
	res.Header.Del("Content-Encoding")
	res.ContentLength = int64(len(text))
	res.Body = io.NopCloser(bytes.NewReader([]byte(text)))
	return res, nil
}

package fetch

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/temoto/robotstxt"
)

const (
	robotsTTL  = 24 * time.Hour
	robotsSize = 512 << 10 // the standard (RFC 9309) asks for no more to be read
	robotsName = "hrinvest"
)

// robots asks each host's robots.txt before its first page (RFC 9309): what it
// disallows is not fetched, and its Crawl-delay becomes the host's pace. A server
// that fails to answer for it is left alone; one that has none allows all.
type robots struct {
	next   http.RoundTripper
	slower func(*http.Request, time.Duration)
	agent  string
	now    func() time.Time

	mu    sync.Mutex
	sites map[string]*robotsSite // scheme://host:port -> answer
}

type robotsSite struct {
	mu    sync.Mutex
	rules *robotstxt.RobotsData
	until time.Time
}

// RoundTrip implements http.RoundTripper.
func (r *robots) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Path == "/robots.txt" {
		return r.next.RoundTrip(req)
	}
	key := req.URL.Scheme + "://" + req.URL.Host
	r.mu.Lock()
	site := r.sites[key]
	if site == nil {
		site = &robotsSite{}
		r.sites[key] = site
	}
	r.mu.Unlock()
	rules, err := r.ask(req, key, site)
	if err != nil {
		return nil, err
	}
	if !rules.TestAgent(req.URL.EscapedPath()+query(req), robotsName) {
		return nil, fmt.Errorf("%w: robots.txt of %s disallows %s", ErrBlocked, req.URL.Host, req.URL.Path)
	}
	return r.next.RoundTrip(req)
}

func query(req *http.Request) string {
	if req.URL.RawQuery == "" {
		return ""
	}
	return "?" + req.URL.RawQuery
}

// ask returns a site's rules, kept for a day. One goroutine asks, others wait.
func (r *robots) ask(req *http.Request, key string, site *robotsSite) (*robotstxt.RobotsData, error) {
	site.mu.Lock()
	defer site.mu.Unlock()
	if site.rules != nil && r.now().Before(site.until) {
		return site.rules, nil
	}
	ask, err := http.NewRequestWithContext(req.Context(), http.MethodGet, key+"/robots.txt", nil)
	if err != nil {
		return nil, fmt.Errorf("asking for robots.txt: %w", err)
	}
	ask.Header.Set("User-Agent", r.agent)
	status, body, err := r.get(ask)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be reached: %w", req.URL.Host, Plain(err))
	}
	if status >= 500 || status == http.StatusTooManyRequests {
		return nil, fmt.Errorf("robots.txt of %s answers %d: nothing is fetched there until it can be read: %w", req.URL.Host, status, &statusError{code: status})
	}
	rules, err := robotstxt.FromStatusAndBytes(status, body)
	if err != nil {
		return nil, fmt.Errorf("%w: robots.txt of %s cannot be understood: %w", ErrBlocked, req.URL.Host, err)
	}
	if group := rules.FindGroup(robotsName); group != nil {
		r.slower(req, group.CrawlDelay)
	}
	site.rules, site.until = rules, r.now().Add(robotsTTL)
	return rules, nil
}

// get follows up to five redirects, as the standard asks.
func (r *robots) get(req *http.Request) (status int, body []byte, err error) {
	c := http.Client{Transport: r.next, CheckRedirect: func(_ *http.Request, via []*http.Request) error {
		if len(via) > 5 {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	ctx, cancel := context.WithTimeout(req.Context(), 2*time.Minute)
	defer cancel()
	res, err := c.Do(req.WithContext(ctx))
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	body, err = io.ReadAll(io.LimitReader(res.Body, robotsSize))
	if res.StatusCode >= 300 && res.StatusCode < 400 {
		return http.StatusNotFound, nil, err
	}
	return res.StatusCode, body, err
}

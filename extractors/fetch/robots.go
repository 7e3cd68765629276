package fetch

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/temoto/robotstxt"
)

const (
	robotsTTL  = 24 * time.Hour
	robotsSize = 512 << 10 // the standard (RFC 9309) asks for no more to be read
	robotsName = "hrinvest"

	// robotsAgain is when a robots.txt that failed is asked for again.
	robotsAgain = 10 * time.Minute
	// mostDelay is the longest Crawl-delay that is kept to: with more, a source of
	// some hundred pages is not read in a night, and a mistake is likelier.
	mostDelay = time.Minute
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
	mu     sync.Mutex
	rules  *robotstxt.RobotsData
	failed error // why there are no rules
	until  time.Time
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

// ask returns a site's rules, kept for a day; that there are none, for a while.
// One goroutine asks, others wait.
func (r *robots) ask(req *http.Request, key string, site *robotsSite) (*robotstxt.RobotsData, error) {
	site.mu.Lock()
	defer site.mu.Unlock()
	if r.now().Before(site.until) {
		return site.rules, site.failed
	}
	rules, err := r.read(req, key)
	if req.Context().Err() != nil {
		return nil, err // says nothing of the site
	}
	site.rules, site.failed, site.until = rules, err, r.now().Add(robotsTTL)
	if err != nil {
		site.until = r.now().Add(robotsAgain)
	}
	return rules, err
}

func (r *robots) read(req *http.Request, key string) (*robotstxt.RobotsData, error) {
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
	rules, err := robotstxt.FromStatusAndBytes(status, tidy(body))
	if err != nil {
		return nil, fmt.Errorf("%w: robots.txt of %s cannot be understood: %w", ErrBlocked, req.URL.Host, err)
	}
	if group := rules.FindGroup(robotsName); group != nil {
		if group.CrawlDelay > mostDelay {
			return nil, fmt.Errorf("%w: robots.txt of %s asks for %s between two pages; longer than %s is not waited", ErrBlocked, req.URL.Host, group.CrawlDelay, mostDelay)
		}
		r.slower(req, group.CrawlDelay)
	}
	return rules, nil
}

// tidy leaves of a robots.txt the lines that the standard knows, as it asks for:
// one odd line says nothing of the others. Rules before the first User-agent are
// nobody's; a delay that is no number is none.
func tidy(body []byte) []byte {
	var out bytes.Buffer
	group := false
	for line := range bytes.Lines(bytes.ReplaceAll(bytes.TrimPrefix(body, []byte("\ufeff")), []byte("\r"), []byte("\n"))) {
		text, _, _ := strings.Cut(string(line), "#")
		key, value, ok := strings.Cut(text, ":")
		if key, value = strings.ToLower(strings.TrimSpace(key)), strings.TrimSpace(value); !ok || !utf8.ValidString(value) {
			continue
		}
		switch key {
		case "user-agent":
			group = group || value != ""
			ok = value != ""
		case "allow", "disallow":
			ok = group
		case "crawl-delay":
			n, err := strconv.ParseFloat(value, 64)
			ok = group && err == nil && n >= 0 && n < 1e9
		default:
			ok = false
		}
		if ok {
			fmt.Fprintf(&out, "%s: %s\n", key, value)
		}
	}
	return out.Bytes()
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

package fetch

import (
	"context"
	"net/http"
	"time"
)

// stack builds the layers every request of every source passes, colly's too:
//
//	samesite  redirects stay on the site        (per source)
//	tagged    counts for the source, our name   (per source)
//	robots    robots.txt, Crawl-delay           (shared from here on)
//	retrying  failures that pass
//	limiter   pace, places, budgets of the host
//	counting  what goes over the wire
//	unpacking gzip, and no bombs
//	watching  answers that come to a halt, or drip
//	http.Transport, which connects to public addresses only
func (cfg Config) stack() (http.RoundTripper, error) {
	base := cfg.Transport
	if base == nil {
		base = &http.Transport{
			DialContext:           dialer(cfg.AllowPrivate),
			ForceAttemptHTTP2:     true,
			MaxIdleConns:          20,
			IdleConnTimeout:       90 * time.Second,
			TLSHandshakeTimeout:   30 * time.Second,
			ResponseHeaderTimeout: cfg.Answer,
			DisableCompression:    true, // unpacking does it
		}
	}
	hosts := cfg.Hosts
	if hosts == nil {
		var err error
		if hosts, err = readHosts(hostTable); err != nil {
			return nil, err
		}
	}
	used, err := openBudgets(cfg.Budgets, cfg.Retry.Patience, cfg.Now)
	if err != nil {
		return nil, err
	}
	limit := &limiter{
		next:  counting{unpacking{&watching{base, cfg.Idle, cfg.Slowest, cfg.Longest}}},
		hosts: hosts, usual: Host{Every: cfg.Pace, InFlight: 2}, budgets: used, gates: map[string]*gate{},
	}
	return &robots{
		next:   &retrying{next: limit, cfg: cfg.Retry, now: cfg.Now, alone: map[string]leaving{}},
		slower: limit.slower, agent: cfg.UserAgent, now: cfg.Now, sites: map[string]*robotsSite{},
	}, nil
}

// tagged marks requests as a source's and gives them our name.
type tagged struct {
	next  http.RoundTripper
	agent string
	usage *usage
	own   http.RoundTripper // answers for what is not on the web (urn:)
}

// RoundTrip implements http.RoundTripper.
func (t *tagged) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(context.WithValue(req.Context(), usageKey{}, t.usage))
	req.Header.Set("User-Agent", t.agent)
	if s := req.URL.Scheme; s != "http" && s != "https" && t.own != nil {
		return t.own.RoundTrip(req)
	}
	return t.next.RoundTrip(req)
}

package fetch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// Retry says how failed requests are tried again. Zero fields: the defaults.
type Retry struct {
	Tries int           // in all. 0: 4
	First time.Duration // wait before the second, doubled each time, half of it random. 0: 1 s
	Most  time.Duration // longest wait. 0: 30 s
	// Patience is the longest Retry-After that is waited for; a server that asks
	// for more is left alone until the next refresh. 0: 2 minutes.
	Patience time.Duration
}

func (r Retry) withDefaults() Retry {
	if r.Tries == 0 {
		r.Tries = 4
	}
	if r.First == 0 {
		r.First = time.Second
	}
	if r.Most == 0 {
		r.Most = 30 * time.Second
	}
	if r.Patience == 0 {
		r.Patience = 2 * time.Minute
	}
	return r
}

func (r Retry) backoff() *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval, b.MaxInterval = r.First, r.Most
	return b
}

// retrying asks again after failures that pass: a broken connection, 408, 425,
// 429 and the 5xx but 501 and 505. The last answer is returned as it is.
// A host that asks for more than our patience is left alone until then, whatever
// else is wanted of it.
type retrying struct {
	next http.RoundTripper
	cfg  Retry
	now  func() time.Time

	mu    sync.Mutex
	alone map[string]leaving // by host and port
}

// leaving is a host's wish to be left alone.
type leaving struct {
	until  time.Time
	status int
}

// asked says whether a host wants to be left alone.
func (r *retrying) asked(host string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if l := r.alone[host]; r.now().Before(l.until) {
		return fmt.Errorf("%s asked to be left alone until %s: %w", host, l.until.UTC().Format("2006-01-02 15:04 UTC"), &statusError{code: l.status})
	}
	return nil
}

func (r *retrying) leave(host string, wait time.Duration, status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.alone[host] = leaving{r.now().Add(wait), status}
}

// RoundTrip implements http.RoundTripper. Requests have no body here: this
// program only asks.
func (r *retrying) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := r.asked(req.URL.Host); err != nil {
		return nil, err
	}
	var res *http.Response
	_, err := backoff.Retry(req.Context(), func() (struct{}, error) {
		if res != nil {
			res.Body.Close()
		}
		var err error
		if res, err = r.next.RoundTrip(req); err != nil {
			if lasting(req.Context(), err) {
				err = backoff.Permanent(err)
			}
			return struct{}{}, err
		}
		if !passing(res.StatusCode) {
			return struct{}{}, nil
		}
		if wait, asked := r.retryAfter(res.Header); asked && wait > r.cfg.Patience {
			r.leave(req.URL.Host, wait, res.StatusCode)
			return struct{}{}, backoff.Permanent(errStatusPasses)
		} else if asked && wait > 0 {
			return struct{}{}, &backoff.RetryAfterError{Duration: wait}
		}
		return struct{}{}, errStatusPasses
	}, backoff.WithBackOff(r.cfg.backoff()), backoff.WithMaxTries(uint(r.cfg.Tries)), backoff.WithMaxElapsedTime(0),
		backoff.WithNotify(func(error, time.Duration) { usageOf(req.Context()).retries.Add(1) }))
	switch {
	case err == nil || res == nil:
		return res, err
	case req.Context().Err() != nil: // ended while waiting
		res.Body.Close()
		return nil, context.Cause(req.Context())
	}
	return res, nil // the last answer, whatever it says
}

// errStatusPasses is an answer whose status may be another the next time.
var errStatusPasses = errors.New("status that passes")

// lasting says of an error that asking again would not help.
func lasting(ctx context.Context, err error) bool {
	return ctx.Err() != nil || errors.Is(err, ErrAddress) || errors.Is(err, ErrRedirect) || errors.Is(err, ErrBlocked) || errors.Is(err, ErrBudget)
}

func passing(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	case http.StatusNotImplemented, http.StatusHTTPVersionNotSupported:
		return false
	}
	return status >= 500
}

// retryAfter reads how long a server asks to be left alone.
func (r *retrying) retryAfter(h http.Header) (time.Duration, bool) {
	v := h.Get("Retry-After")
	if n, err := strconv.Atoi(v); err == nil && n >= 0 {
		return time.Duration(min(n, 1<<30)) * time.Second, true
	}
	if t, err := http.ParseTime(v); err == nil {
		return t.Sub(r.now()), true
	}
	return 0, false
}

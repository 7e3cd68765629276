package fetch

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// watching ends answers whose body comes to a halt, drips, or takes for ever,
// whoever reads it. It also takes off headers that only this program's own
// transport may set.
type watching struct {
	next    http.RoundTripper
	idle    time.Duration // without a byte
	slowest int64         // bytes a second, over five times idle
	longest time.Duration // in all
}

// RoundTrip implements http.RoundTripper.
func (w *watching) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(req.Context())
	res, err := w.next.RoundTrip(req.WithContext(ctx))
	if err != nil {
		cancel(nil)
		return nil, err
	}
	res.Request = req
	for name := range res.Header {
		if strings.HasPrefix(strings.ToLower(name), ownHeaders) {
			delete(res.Header, name)
		}
	}
	b := &watchedBody{ReadCloser: res.Body, ctx: ctx, done: make(chan struct{})}
	b.stop = sync.OnceFunc(func() { close(b.done); cancel(nil) })
	res.Body = b
	go b.watch(w, cancel)
	return res, nil
}

// watchedBody counts what comes.
type watchedBody struct {
	io.ReadCloser
	ctx  context.Context
	came atomic.Int64
	done chan struct{}
	stop func()
}

// watch cancels the request when too little comes.
func (b *watchedBody) watch(w *watching, cancel context.CancelCauseFunc) {
	const windows = 5
	tick, end := time.NewTicker(w.idle), time.NewTimer(w.longest)
	defer tick.Stop()
	defer end.Stop()
	var last, first int64 // at the last tick, and at the start of these windows
	for n := 1; ; n++ {
		select {
		case <-b.done:
			return
		case <-end.C:
			cancel(fmt.Errorf("not whole after %s", w.longest))
			return
		case <-tick.C:
		}
		came := b.came.Load()
		if came == last {
			cancel(fmt.Errorf("nothing came for %s", w.idle))
			return
		}
		if last = came; n%windows != 0 {
			continue
		}
		if least := int64(float64(w.slowest) * (windows * w.idle).Seconds()); came-first < least {
			cancel(fmt.Errorf("only %d bytes came in %s", came-first, windows*w.idle))
			return
		}
		first = came
	}
}

// Read implements io.Reader.
func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.came.Add(int64(n))
	switch {
	case err == io.EOF:
		b.stop()
	case err != nil && b.ctx.Err() != nil:
		err = context.Cause(b.ctx)
	}
	return n, err
}

// Close implements io.Closer.
func (b *watchedBody) Close() error {
	defer b.stop()
	return b.ReadCloser.Close()
}

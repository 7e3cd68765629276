package fetch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// download retrieves a whole document into the store. A body that breaks off is
// gone on with where the server can (Range with If-Range), else begun again.
func (c *Client) download(ctx context.Context, r Request, known Document) (Document, error) {
	p, err := c.cfg.Store.part(r.URL)
	if err != nil {
		return Document{}, err
	}
	refusal, refusedBefore := c.view.Refused(r.URL)
	if refusedBefore {
		known = Document{SHA256: refusal.SHA256, Headers: refusal.Headers}
	}
	var got *http.Response
	_, err = backoff.Retry(ctx, func() (struct{}, error) {
		before := p.size
		if got, err = c.receive(ctx, r, known, p); err == nil || lasting(ctx, err) || !errors.Is(err, errBody) {
			return struct{}{}, permanent(err)
		}
		if p.size > before { // getting somewhere
			return struct{}{}, &backoff.RetryAfterError{Duration: c.cfg.Retry.First}
		}
		return struct{}{}, err
	}, backoff.WithBackOff(c.cfg.Retry.backoff()), backoff.WithMaxTries(uint(2*c.cfg.Retry.Tries)), backoff.WithMaxElapsedTime(0),
		backoff.WithNotify(func(error, time.Duration) { c.usage.retries.Add(1) }))
	switch {
	case err != nil:
		return Document{}, errors.Join(Plain(err), p.close())
	case got.StatusCode == http.StatusNotModified && refusedBefore:
		c.refuse(r.URL, refusal)
		return Document{}, errors.Join(&refused{refusal.Reason + " (the same as before)"}, p.close())
	case got.StatusCode == http.StatusNotModified:
		return known, p.close()
	}
	if got.Header.Get(headerBundled) != "" {
		r.Shape = Any // an extract may have a shape of its own
	}
	lie := c.look(r, p)
	size := p.size
	sum, err := p.finish()
	if err = errors.Join(lie, err); err != nil {
		if lie != nil && sum != "" {
			c.refuse(r.URL, Refusal{validators(got.Header), lie.Error(), sum})
			err = fmt.Errorf("%w (kept to be looked at: document %s)", err, sum)
		}
		return Document{}, err
	}
	return c.document(r.URL, sum, size, got.Header), nil
}

func (c *Client) refuse(url string, r Refusal) {
	c.refusals.Lock()
	defer c.refusals.Unlock()
	c.refusals.of[url] = r
}

// errBody: the body broke off.
var errBody = errors.New("the answer breaks off")

func permanent(err error) error {
	if err == nil {
		return nil
	}
	return backoff.Permanent(err)
}

// look refuses a part that is not what was promised.
func (c *Client) look(r Request, p *part) error {
	head := make([]byte, min(p.size, headSize))
	if _, err := p.file.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("reading what was downloaded: %w", err)
	}
	if err := checkHead(r.Shape, head); err != nil {
		return err
	}
	return checkWhole(r.Shape, p.file, p.size, r.MayBeEmpty)
}

// receive asks once and appends what comes to the part.
func (c *Client) receive(ctx context.Context, r Request, known Document, p *part) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	req, err := r.http(ctx)
	if err != nil {
		return nil, err
	}
	switch {
	case p.size > 0 && p.Validator != "":
		req.Header.Set("Range", "bytes="+strconv.FormatInt(p.size, 10)+"-")
		req.Header.Set("If-Range", p.Validator)
	case known.SHA256 != "":
		Conditional(req, known)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	switch res.StatusCode {
	case http.StatusNotModified:
		if known.SHA256 == "" {
			return nil, Refuse("not modified, since what was not asked for")
		}
		return res, nil
	case http.StatusOK:
		if err := p.restart(edition(r.URL, res)); err != nil {
			return nil, err
		}
	case http.StatusPartialContent:
		if !continues(res, p) {
			return nil, errors.Join(p.restart(partMeta{URL: r.URL, Total: -1}), fmt.Errorf("%w: the rest that was sent is of something else", errBody))
		}
	case http.StatusRequestedRangeNotSatisfiable:
		return nil, errors.Join(p.restart(partMeta{URL: r.URL, Total: -1}), fmt.Errorf("%w: nothing to go on with", errBody))
	default:
		return nil, Status(res)
	}
	return res, c.fill(cancel, res, p)
}

// fill copies a body into the part.
func (c *Client) fill(cancel context.CancelCauseFunc, res *http.Response, p *part) error {
	idle := time.AfterFunc(c.cfg.Idle, func() { cancel(fmt.Errorf("nothing came for %s", c.cfg.Idle)) })
	defer idle.Stop()
	body := &watched{res.Body, func() { idle.Reset(c.cfg.Idle) }}
	_, err := io.Copy(p, io.LimitReader(body, c.view.MaxBytes+1-p.size))
	switch {
	case p.size > c.view.MaxBytes:
		return errors.Join(fmt.Errorf("%w of %d bytes", ErrTooLarge, c.view.MaxBytes), p.restart(partMeta{URL: p.URL, Total: -1}))
	case errors.Is(err, ErrRefused):
		return err
	case err != nil:
		return fmt.Errorf("%w after %d bytes: %w", errBody, p.size, err)
	case p.Total >= 0 && p.size != p.Total:
		return fmt.Errorf("%w: got %d of %d bytes", errBody, p.size, p.Total)
	}
	return nil
}

// Conditional makes a request ask only for what is not the known document.
func Conditional(req *http.Request, known Document) {
	for header, validator := range map[string]string{"If-None-Match": "ETag", "If-Modified-Since": "Last-Modified"} {
		if v := known.Headers[validator]; v != "" {
			req.Header.Set(header, v)
		}
	}
}

// edition says which edition of the answer begins here. Only a strong ETag, or a
// date where there is none, allows to go on later; a packed body cannot be cut.
func edition(url string, res *http.Response) partMeta {
	m := partMeta{URL: url, Total: res.ContentLength}
	etag := res.Header.Get("ETag")
	switch {
	case res.Uncompressed || !strings.EqualFold(res.Header.Get("Accept-Ranges"), "bytes"):
	case etag != "" && !strings.HasPrefix(etag, "W/"):
		m.Validator = etag
	case etag == "":
		m.Validator = res.Header.Get("Last-Modified")
	}
	return m
}

// continues says whether an answer is the rest of the part.
func continues(res *http.Response, p *part) bool {
	var from, to, total int64
	if n, err := fmt.Sscanf(res.Header.Get("Content-Range"), "bytes %d-%d/%d", &from, &to, &total); n < 2 || err != nil && n < 3 {
		return false
	}
	same := res.Header.Get("ETag") == p.Validator || res.Header.Get("ETag") == "" && res.Header.Get("Last-Modified") == p.Validator
	return from == p.size && same && (p.Total < 0 || total == p.Total)
}

// watched tells when bytes come.
type watched struct {
	io.Reader
	alive func()
}

func (w *watched) Read(b []byte) (int, error) {
	n, err := w.Reader.Read(b)
	if n > 0 {
		w.alive()
	}
	return n, err
}

func openBytes(b []byte) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }
}

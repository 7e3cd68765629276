package fetch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// download retrieves a whole document into the store. A body that breaks off is
// gone on with where the server can (Range with If-Range), else begun again.
func (c *Client) download(ctx context.Context, r Request, known Document) (Document, error) {
	defer c.busy.take(r.URL)() // one part file an address
	p, err := c.cfg.Store.part(r.URL)
	if err != nil {
		return Document{}, err
	}
	refusal, refusedBefore := c.refusedBefore(r.URL)
	if refusedBefore {
		known = Document{SHA256: refusal.SHA256, Headers: refusal.Headers}
	}
	leave := p.close
	gone, withdrawn := c.view.Withdrawn(r.URL)
	if withdrawn {
		leave = p.drop // a piece of what was withdrawn must not stay
	}
	if withdrawn = withdrawn && known.SHA256 == "" && len(gone.Headers) > 0; withdrawn {
		known = Document{SHA256: gone.SHA256, Headers: gone.Headers}
	}
	var got *http.Response
	var why error // it broke off
	_, err = backoff.Retry(ctx, func() (struct{}, error) {
		before := p.size
		if got, why = c.receive(ctx, r, known, p); why == nil || lasting(ctx, why) || !errors.Is(why, errBody) {
			return struct{}{}, permanent(why)
		}
		if p.size > before { // getting somewhere
			return struct{}{}, &backoff.RetryAfterError{Duration: c.cfg.Retry.First}
		}
		return struct{}{}, why
	}, backoff.WithBackOff(c.cfg.Retry.backoff()), backoff.WithMaxTries(uint(2*c.cfg.Retry.Tries)), backoff.WithMaxElapsedTime(0),
		backoff.WithNotify(func(error, time.Duration) { c.usage.retries.Add(1) }))
	switch {
	case err != nil && why != nil && ctx.Err() == nil:
		return Document{}, errors.Join(Plain(why), leave())
	case err != nil:
		return Document{}, errors.Join(Plain(err), leave())
	case got.StatusCode == http.StatusNotModified && refusedBefore:
		d, err := c.lookAgain(r, refusal)
		return d, errors.Join(err, p.close())
	case got.StatusCode == http.StatusNotModified && withdrawn:
		c.decline(r.URL, gone)
		return Document{}, errors.Join(ErrWithdrawn, leave())
	case got.StatusCode == http.StatusNotModified:
		return known, p.close()
	}
	if got.Header.Get(headerBundled) != "" {
		r.Shape = Any // an extract may have a shape of its own
	}
	lie := look(r, p.file, p.size)
	size := p.size
	sum, err := p.finish()
	if errors.Is(err, ErrWithdrawn) {
		c.decline(r.URL, Withdrawn{sum, validators(got.Header), r.Version})
		return Document{}, err
	}
	if err = errors.Join(lie, err); err != nil {
		if lie != nil && sum != "" {
			c.refuse(r.URL, refusalOf(lie, got.Header, sum, c.cfg.Now()))
			err = fmt.Errorf("%w (kept to be looked at: document %s)", err, sum)
		}
		return Document{}, err
	}
	return c.document(r.URL, sum, size, got.Header), nil
}

// forget is when an answer that was refused is asked for again as if it had never
// come: what lied under the validators of the truth would else lie for ever.
const forget = 7 * 24 * time.Hour

// refusedBefore finds what was refused last from an address and can be told apart
// from another answer.
func (c *Client) refusedBefore(url string) (Refusal, bool) {
	r, ok := c.view.Refused(url)
	return r, ok && len(r.Headers) > 0 && c.cfg.Now().Sub(r.At) < forget && c.cfg.Store.Has(r.SHA256)
}

// lookAgain judges the bytes of an answer that was refused, and that the server
// says is still the same: this program may know better than the last.
func (c *Client) lookAgain(r Request, was Refusal) (Document, error) {
	f, err := os.Open(c.cfg.Store.path(was.SHA256))
	if err != nil {
		return Document{}, fmt.Errorf("%w: %w", ErrStore, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Document{}, fmt.Errorf("%w: %w", ErrStore, err)
	}
	if err := look(r, f, info.Size()); err != nil {
		c.refuse(r.URL, was)
		return Document{}, fmt.Errorf("%w (the same as before, document %s)", err, was.SHA256)
	}
	d := c.document(r.URL, was.SHA256, info.Size(), nil)
	d.Headers = was.Headers
	return d, nil
}

// refusalOf notes an answer that was refused. The validators of a broken one are
// left out: the same edition may come whole the next time.
func refusalOf(lie error, header http.Header, sum string, at time.Time) Refusal {
	r := Refusal{Reason: lie.Error(), SHA256: sum, At: at.UTC()}
	var why *refused
	if errors.As(lie, &why) {
		r.Reason = why.reason
		if !why.broken {
			r.Headers = validators(header)
		}
	}
	return r
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

// look refuses what is not what was promised.
func look(r Request, f io.ReaderAt, size int64) error {
	head := make([]byte, min(size, headSize))
	if _, err := f.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("reading what was downloaded: %w", err)
	}
	if err := checkHead(r.Shape, head); err != nil {
		return err
	}
	return checkWhole(r.Shape, f, size, r.MayBeEmpty)
}

// receive asks once and appends what comes to the part.
func (c *Client) receive(ctx context.Context, r Request, known Document, p *part) (*http.Response, error) {
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
	return res, c.fill(res, p)
}

// fill copies a body into the part.
func (c *Client) fill(res *http.Response, p *part) error {
	_, err := io.Copy(p, io.LimitReader(res.Body, c.view.MaxBytes+1-p.size))
	switch {
	case p.failed != nil:
		return fmt.Errorf("%w: %w", ErrStore, p.failed)
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

// continues says whether an answer is the rest of the part, and takes the length
// of the whole from it: the rest may end early, too.
func continues(res *http.Response, p *part) bool {
	var from, to int64
	var of string
	if n, err := fmt.Sscanf(res.Header.Get("Content-Range"), "bytes %d-%d/%s", &from, &to, &of); n < 3 || err != nil {
		return false
	}
	total, err := strconv.ParseInt(of, 10, 64)
	if err != nil { // "*": the server does not know
		total = p.Total
	}
	same := res.Header.Get("ETag") == p.Validator || res.Header.Get("ETag") == "" && res.Header.Get("Last-Modified") == p.Validator
	if from != p.size || !same || p.Total >= 0 && total != p.Total {
		return false
	}
	p.Total = total
	return true
}

func openBytes(b []byte) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }
}

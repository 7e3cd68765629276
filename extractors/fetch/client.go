package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"path"
	"sync"
	"time"
)

// Config of a Client.
type Config struct {
	// Store keeps the bodies. Required.
	Store *Store
	// Transport is what requests go out through in the end. Nil: the network.
	Transport http.RoundTripper
	// Local: Transport answers from inside this program (bundled documents), so
	// there is nobody to be polite to: no robots.txt, pace or retries.
	Local bool
	// Own answers addresses that are not on the web (urn:). Nil: none.
	Own http.RoundTripper
	// UserAgent names us and how to reach us. "": the project's name only.
	UserAgent string
	// AllowPrivate lets connections lead to private and loopback addresses, for
	// tests against servers of their own.
	AllowPrivate bool
	// Hosts are the limits of single hosts. Nil: those of hosts.csv.
	Hosts []Host
	// Pace is the time between two requests to any other host. 0: 500 ms.
	Pace time.Duration
	// Budgets is the file in which requests per hour are counted. "": forgotten
	// when the program ends.
	Budgets string
	Retry   Retry
	// Answer is how long a server may take to begin an answer. 0: 2 minutes.
	Answer time.Duration
	// Idle is how long a body may come to a halt. 0: 1 minute.
	Idle time.Duration
	// Slowest is what of a body must come, in bytes a second over five times Idle.
	// 0: 1 KiB.
	Slowest int64
	// Longest is how long one body may take in all. 0: 6 hours.
	Longest time.Duration
	// Now is the clock. Nil: time.Now.
	Now func() time.Time
}

// Client retrieves documents into a store. One client serves all sources of a
// refresh, for hosts see one visitor. It is safe for concurrent use.
type Client struct {
	cfg    Config
	shared http.RoundTripper
	busy   *addresses
	view   View
	usage  *usage
	http   *http.Client

	refusals struct {
		sync.Mutex
		of map[string]Refusal // by address
	}
	had struct {
		sync.Mutex
		of map[string]bool // by address
	}
	declined struct {
		sync.Mutex
		of map[string]Withdrawn // by address
	}
}

// addresses are those being downloaded.
type addresses struct {
	sync.Mutex
	of map[string]*sync.Mutex
}

// take waits for an address to be free, and takes it.
func (a *addresses) take(url string) (free func()) {
	a.Lock()
	m := a.of[url]
	if m == nil {
		m = &sync.Mutex{}
		a.of[url] = m
	}
	a.Unlock()
	m.Lock()
	return m.Unlock
}

// View is what retrieving for one source needs to know.
type View struct {
	// Known finds the document in use, or held back, from an address, so that
	// only what changed is downloaded. Nil: none is known.
	Known func(url string) (Document, bool)
	// Refused finds what was refused last from an address, so that it is not
	// downloaded every night to be refused again. Nil: nothing is known.
	Refused func(url string) (Refusal, bool)
	// Withdrawn finds what an operator withdrew of an address, so that the publisher
	// need not send it every night. Nil: nothing was.
	Withdrawn func(url string) (Withdrawn, bool)
	// Hosts that answers may lead to beside the site that was asked.
	Hosts []string
	// MaxBytes limits one body. 0: 2 GiB.
	MaxBytes int64
	// Sample: a dry run. Of each document only the beginning is retrieved, and
	// nothing is stored.
	Sample bool
}

// New returns a client.
func New(cfg Config) (*Client, error) {
	if cfg.UserAgent == "" {
		cfg.UserAgent = robotsName + " (harm reduction funding tracker)"
	}
	if cfg.Pace == 0 {
		cfg.Pace = 500 * time.Millisecond
	}
	if cfg.Answer == 0 {
		cfg.Answer = 2 * time.Minute
	}
	if cfg.Idle == 0 {
		cfg.Idle = time.Minute
	}
	if cfg.Slowest == 0 {
		cfg.Slowest = 1 << 10
	}
	if cfg.Longest == 0 {
		cfg.Longest = 6 * time.Hour
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	cfg.Retry = cfg.Retry.withDefaults()
	shared := cfg.Transport
	if !cfg.Local {
		var err error
		if shared, err = cfg.stack(); err != nil {
			return nil, err
		}
	}
	return (&Client{cfg: cfg, shared: shared, busy: &addresses{of: map[string]*sync.Mutex{}}}).For(View{}), nil
}

// For returns the client of one source, which shares its manners with all others.
func (c *Client) For(v View) *Client {
	if v.MaxBytes == 0 {
		v.MaxBytes = 2 << 30
	}
	if v.Refused == nil {
		v.Refused = func(string) (Refusal, bool) { return Refusal{}, false }
	}
	if v.Known == nil {
		v.Known = func(string) (Document, bool) { return Document{}, false }
	}
	if v.Withdrawn == nil {
		v.Withdrawn = func(string) (Withdrawn, bool) { return Withdrawn{}, false }
	}
	allowed := map[string]bool{}
	for _, h := range v.Hosts {
		allowed[h] = true
	}
	one := &Client{cfg: c.cfg, shared: c.shared, busy: c.busy, view: v, usage: &usage{}}
	one.refusals.of, one.had.of, one.declined.of = map[string]Refusal{}, map[string]bool{}, map[string]Withdrawn{}
	one.http = &http.Client{Transport: &samesite{
		&tagged{c.shared, c.cfg.UserAgent, one.usage, c.cfg.Own}, allowed,
	}}
	return one
}

// Transport is the RoundTripper of the client, for colly collectors.
func (c *Client) Transport() http.RoundTripper { return c.http.Transport }

// UserAgent is the name the client gives itself.
func (c *Client) UserAgent() string { return c.cfg.UserAgent }

// Usage is what the client was used for so far.
func (c *Client) Usage() Usage { return c.usage.read() }

// Sample says whether this is a dry run: the beginning of one document is enough.
func (c *Client) Sample() bool { return c.view.Sample }

// Refusals are the answers that were refused, by address.
func (c *Client) Refusals() map[string]Refusal {
	c.refusals.Lock()
	defer c.refusals.Unlock()
	return maps.Clone(c.refusals.of)
}

// Refusal is an answer that was refused: its validators (none where the answer was
// broken), why, its bytes in the store, when it came and by which program it was
// refused (By is the caller's to set).
type Refusal struct {
	Headers map[string]string `json:"headers,omitempty"`
	Reason  string            `json:"reason"`
	SHA256  string            `json:"sha256"`
	At      time.Time         `json:"at"`
	By      string            `json:"by,omitempty"`
}

// Withdrawn is a document that an operator withdrew: how its publisher tells it
// from another one of its address, and nothing of what it says.
type Withdrawn struct {
	SHA256  string
	Headers map[string]string // validators
	Version string
}

// Declined are the withdrawn documents that were offered again, by address.
func (c *Client) Declined() map[string]Withdrawn {
	c.declined.Lock()
	defer c.declined.Unlock()
	return maps.Clone(c.declined.of)
}

func (c *Client) decline(url string, w Withdrawn) {
	c.declined.Lock()
	defer c.declined.Unlock()
	c.declined.of[url] = w
}

// Had says whether the publisher gave the document of an address this time, or
// said that the known one has not changed.
func (c *Client) Had(url string) bool {
	c.had.Lock()
	defer c.had.Unlock()
	return c.had.of[url]
}

// Have notes that a publisher said of the known document of an address that it has
// not changed, for those who ask by themselves (colly).
func (c *Client) Have(url string) {
	c.had.Lock()
	defer c.had.Unlock()
	c.had.of[url] = true
}

// Known finds the document in use from an address.
func (c *Client) Known(url string) (Document, bool) { return c.view.Known(url) }

// Request is one document to retrieve.
type Request struct {
	URL string
	// Shape is what the address promises; anything else is refused.
	Shape Shape
	// Accept is the header of that name. "": any type.
	Accept string
	// Version is the publisher's stamp of the edition, where one was published
	// elsewhere. A known document of the same version is not asked for again.
	Version string
	// Whole: the document is needed to the end even in a dry run.
	Whole bool
	// MayBeEmpty: a list or table without rows is an answer.
	MayBeEmpty bool
}

// Get retrieves a document. What has not changed since it was last retrieved is
// not downloaded again: the known document comes back. What is not of the shape
// that was promised, or breaks off, is refused; its bytes stay in the store to be
// looked at. The document's Role is the caller's to set; its Source is set by
// whoever keeps it. Its Version is the one announced only where bytes came with
// it: what has not changed yet (a copy on the way) is asked for again.
func (c *Client) Get(ctx context.Context, r Request) (Document, error) {
	known, ok := c.view.Known(r.URL)
	if ok && r.Version != "" && known.Version == r.Version {
		c.Have(r.URL)
		return known, nil
	}
	gone, withdrawn := c.view.Withdrawn(r.URL)
	if !ok && withdrawn && r.Version != "" && gone.Version == r.Version {
		c.decline(r.URL, gone)
		return Document{}, fmt.Errorf("fetching %s: %w", r.URL, ErrWithdrawn)
	}
	var d Document
	var err error
	if c.view.Sample && !r.Whole {
		d, err = c.sample(ctx, r)
	} else {
		d, err = c.download(ctx, r, known)
	}
	if err != nil {
		return Document{}, fmt.Errorf("fetching %s: %w", r.URL, err)
	}
	c.Have(r.URL)
	if d.Version = r.Version; ok && d.SHA256 == known.SHA256 {
		d.Version = known.Version
	}
	return d, nil
}

func (r Request) http(ctx context.Context) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.URL, nil)
	if err != nil {
		return nil, err
	}
	if r.Accept != "" {
		req.Header.Set("Accept", r.Accept)
	}
	return req, nil
}

// document describes a stored answer.
func (c *Client) document(url, sum string, size int64, header http.Header) Document {
	d := Document{
		Name: path.Base(url), URL: url, SHA256: sum, Size: size,
		ContentType: header.Get("Content-Type"), Retrieved: c.cfg.Now().UTC(), Origin: Live,
		Headers: validators(header),
	}
	if f := header.Get(headerBundled); f != "" {
		d.Origin, d.Name = Bundled, f
		d.Compiled, d.Cites = header.Get(headerCompiled), header.Get(headerCites)
	}
	return c.cfg.Store.Attach(d)
}

// validators are the headers by which a server tells whether an answer changed.
func validators(header http.Header) map[string]string {
	out := map[string]string{}
	for _, k := range []string{"ETag", "Last-Modified"} {
		if v := header.Get(k); v != "" {
			out[k] = v
		}
	}
	return out
}

// Keep stores a body that somebody else retrieved (colly, for pages it walks).
// length is the announced Content-Length, or -1; a shorter body is refused.
func (c *Client) Keep(url string, header http.Header, body io.Reader, length int64) (Document, error) {
	if c.view.Sample {
		b, err := io.ReadAll(io.LimitReader(body, headSize))
		if err != nil {
			return Document{}, fmt.Errorf("fetching %s: %w", url, err)
		}
		d := c.document(url, "", int64(len(b)), header)
		d.OpenFunc = openBytes(b)
		return d, nil
	}
	sum, size, err := c.cfg.Store.Put(io.LimitReader(body, c.view.MaxBytes+1))
	switch {
	case errors.Is(err, ErrWithdrawn):
		c.decline(url, Withdrawn{SHA256: sum, Headers: validators(header)})
		return Document{}, fmt.Errorf("fetching %s: %w", url, err)
	case err != nil:
		return Document{}, fmt.Errorf("fetching %s: %w", url, err)
	case size > c.view.MaxBytes:
		return Document{}, fmt.Errorf("fetching %s: %w of %d bytes", url, ErrTooLarge, c.view.MaxBytes)
	case length >= 0 && size != length:
		return Document{}, fmt.Errorf("fetching %s: got %d of %d bytes", url, size, length)
	}
	c.Have(url)
	return c.document(url, sum, size, header), nil
}

// sample retrieves the beginning of a document and stores nothing.
func (c *Client) sample(ctx context.Context, r Request) (Document, error) {
	req, err := r.http(ctx)
	if err != nil {
		return Document{}, err
	}
	req.Header.Set("Range", fmt.Sprintf("bytes=0-%d", headSize-1))
	res, err := c.http.Do(req)
	if err != nil {
		return Document{}, Plain(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK && res.StatusCode != http.StatusPartialContent {
		return Document{}, Status(res)
	}
	head, err := io.ReadAll(io.LimitReader(res.Body, headSize))
	if err != nil {
		return Document{}, err
	}
	if res.Header.Get(headerBundled) != "" {
		r.Shape = Any
	}
	if err := checkHead(r.Shape, head); err != nil {
		return Document{}, err
	}
	d := c.document(r.URL, "", int64(len(head)), res.Header)
	d.OpenFunc = openBytes(head)
	return d, nil
}

// Plain takes off what net/http puts around an error: the address is said once.
func Plain(err error) error {
	var u interface{ Unwrap() error }
	if errors.As(err, &u) && fmt.Sprintf("%T", err) == "*url.Error" {
		return u.Unwrap()
	}
	return err
}

package fetchtest

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Kind is a way in which a service misbehaves.
type Kind string

// The kinds. Lies come with status 200.
const (
	PageInstead Kind = "an HTML error page with status 200"
	LoginPage   Kind = "a login page"
	ErrorName   Kind = `{"name":"Error"}`
	ErrorList   Kind = `[{"message":[…]}]`
	Nothing     Kind = "an empty body"
	EmptyList   Kind = "an empty list"
	CutOff      Kind = "a document cut off in the middle, of that length"
	BreaksOff   Kind = "a connection that breaks in the middle of the body"
	Forbidden   Kind = "403"
	Missing     Kind = "404"
	Down        Kind = "503"
	Busy        Kind = "429 with Retry-After of a day"
	Elsewhere   Kind = "a redirect to another site"
	Bomb        Kind = "a gzip bomb"
	NoRobots    Kind = "robots.txt answers 503"
	Disallowed  Kind = "robots.txt disallows everything"
)

// Kinds lists every kind.
var Kinds = []Kind{
	PageInstead, LoginPage, ErrorName, ErrorList, Nothing, EmptyList, CutOff, BreaksOff,
	Forbidden, Missing, Down, Busy, Elsewhere, Bomb, NoRobots, Disallowed,
}

// Fault is a misbehaviour of the addresses that contain Match ("" all).
type Fault struct {
	Kind  Kind
	Match string
}

// OfHost says whether the fault is one of robots.txt: the same at every address.
func (f Fault) OfHost() bool { return f.Kind == NoRobots || f.Kind == Disallowed }

func (f Fault) hits(address string) bool {
	robots := strings.HasSuffix(address, "/robots.txt")
	if f.OfHost() {
		return robots
	}
	return !robots && strings.Contains(address, f.Match)
}

// answer misbehaves; the service's own answer is what is cut.
func (f Fault) answer(w http.ResponseWriter, r *http.Request, service http.Handler) {
	say := func(status int, contentType, body string) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
	switch f.Kind {
	case PageInstead:
		say(200, "text/html", "<!DOCTYPE html><html><head><title>Service unavailable</title></head><body>Try later</body></html>")
	case LoginPage:
		say(200, "text/html; charset=utf-8", "<html><head><title>Sign in</title></head><body><form><input type=password></form></body></html>")
	case ErrorName:
		say(200, "application/json", `{"name":"Error"}`)
	case ErrorList:
		say(200, "application/json", `[{"message":[{"id":"120","key":"Invalid value","value":"The provided parameter value is not valid"}]}]`)
	case Nothing:
		say(200, "application/json", "")
	case EmptyList:
		say(200, "application/json", `[]`)
	case Forbidden:
		say(http.StatusForbidden, "text/html", "<html>Access denied</html>")
	case Missing:
		say(http.StatusNotFound, "text/html", "<html>Not found</html>")
	case Down, NoRobots:
		say(http.StatusServiceUnavailable, "text/plain", "down")
	case Disallowed:
		say(200, "text/plain", "User-agent: *\nDisallow: /\n")
	case Busy:
		w.Header().Set("Retry-After", "86400")
		say(http.StatusTooManyRequests, "text/plain", "busy")
	case Elsewhere:
		http.Redirect(w, r, "https://elsewhere.example/", http.StatusFound)
	case Bomb:
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Content-Type", "application/json")
		w.Write(bomb()) //nolint:errcheck // the other side hangs up
	case CutOff, BreaksOff:
		f.cut(w, r, service)
	}
}

// bomb is 64 MB of blanks in 64 kB.
var bomb = sync.OnceValue(func() []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write(bytes.Repeat([]byte(" "), 64<<20)) //nolint:errcheck // a buffer takes all
	z.Close()
	return b.Bytes()
})

// cut sends the first half of what the service answers.
func (f Fault) cut(w http.ResponseWriter, r *http.Request, service http.Handler) {
	whole := httptest.NewRecorder()
	plain := r.Clone(r.Context())
	for _, h := range []string{"Range", "If-None-Match", "If-Modified-Since", "Accept-Encoding"} {
		plain.Header.Del(h)
	}
	service.ServeHTTP(whole, plain)
	body := whole.Body.Bytes()
	half := body[:len(body)/2]
	w.Header().Set("Content-Type", whole.Header().Get("Content-Type"))
	if f.Kind == CutOff {
		if etag := whole.Header().Get("ETag"); etag != "" { // it is of the whole, as proxies have it
			w.Header().Set("ETag", etag)
		}
		w.Write(half) //nolint:errcheck // a test's own server
		return
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.Write(half) //nolint:errcheck // a test's own server
	http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// serveBytes answers with validators and ranges, as a file server does.
func serveBytes(w http.ResponseWriter, r *http.Request, body []byte) {
	sum := sha256.Sum256(body)
	w.Header().Set("ETag", fmt.Sprintf(`"%x"`, sum[:8]))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

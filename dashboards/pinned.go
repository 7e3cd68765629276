package dashboards

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	nethtml "golang.org/x/net/html"

	"hrinvest/dashboards/locales"
	"hrinvest/warehouse"
)

// An address that names a release leads to addresses that name it. That is done to the
// finished page, in one place, so that no page, part or chart can forget it.

// pinned is an answer whose links stay with a release. Links that are meant to lead to
// the current release say so (rel=latest-version); files have none.
func (a *answer) pinned(id string) (*answer, error) {
	out := *a
	if a.location != "" {
		out.location = withRelease(a.location, id)
		return &out, nil
	}
	if a.ownStyle || !strings.HasPrefix(a.kind, "text/html") && a.kind != "image/svg+xml" {
		return a, nil
	}
	body, err := pinLinks(a.body, id)
	if err != nil {
		return nil, err
	}
	changed := newAnswer(a.kind, body)
	out.body, out.zip = changed.body, changed.zip
	return &out, nil
}

// pinLinks makes the links and forms of a page, or of a picture with links, name a
// release.
func pinLinks(page []byte, id string) ([]byte, error) {
	var b bytes.Buffer
	z := nethtml.NewTokenizer(bytes.NewReader(page))
	for {
		switch z.Next() {
		case nethtml.ErrorToken:
			if err := z.Err(); !errors.Is(err, io.EOF) {
				return nil, fmt.Errorf("reading a page's links: %w", err)
			}
			return b.Bytes(), nil
		case nethtml.StartTagToken, nethtml.SelfClosingTagToken:
			raw := string(z.Raw())
			t := z.Token()
			leads := func(key string) string {
				for _, a := range t.Attr {
					if a.Key == key && isOfRelease(a.Val) && !slices.Contains(t.Attr, nethtml.Attribute{Key: "rel", Val: "latest-version"}) {
						return a.Val
					}
				}
				return ""
			}
			if to := leads("href"); to != "" {
				// The page's own quoting of the address is replaced, all else stays.
				raw = strings.Replace(raw, quotedIn(raw, "href"), html.EscapeString(withRelease(to, id)), 1)
			}
			b.WriteString(raw)
			if t.Data == "form" && leads("action") != "" { // a form drops what stands in its address
				fmt.Fprintf(&b, `<input type="hidden" name="%s" value="%s">`, AsOfParam, html.EscapeString(id))
			}
		default:
			b.Write(z.Raw())
		}
	}
}

// quotedIn is the text of an attribute as a tag has it.
func quotedIn(tag, attribute string) string {
	_, rest, _ := strings.Cut(tag, attribute+`="`)
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

// isOfRelease reports whether an address is of something that is made from a release.
func isOfRelease(address string) bool {
	for _, lang := range locales.Languages() {
		if rest, ok := strings.CutPrefix(address, "/"+lang+"/"); ok {
			return rest != "ops"
		}
	}
	return false
}

// withRelease is an address with the release it is of; one that names a release
// already stays.
func withRelease(address, id string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	values := u.Query()
	if values.Has(AsOfParam) {
		return address
	}
	values.Set(AsOfParam, id)
	u.RawQuery = values.Encode()
	return u.String()
}

// keptRelease is a release on the page that says which there are.
type keptRelease struct {
	ID, Day string
	Link    string // the page that was asked for, of this release
}

// failRelease tells a reader why a release cannot be shown, and which can be. Other
// errors are those of every page.
func (s *Server) failRelease(w http.ResponseWriter, r *http.Request, loc *locales.Locale, asOf string, err error) {
	e := &pageError{err: err}
	switch {
	case errors.Is(err, ErrBusy):
		e.status, e.key = http.StatusServiceUnavailable, "error.busy"
		w.Header().Set("Retry-After", "10")
	case errors.Is(err, ErrAsOf):
		e.status, e.key, e.args = http.StatusBadRequest, "error.as_of", []any{"what", shorten(asOf, 60)}
	case errors.Is(err, warehouse.ErrNoneThen):
		e.status, e.key, e.args = http.StatusNotFound, "error.not_kept", []any{"what", shorten(asOf, 60)}
	case asOf != "" && otherContract(err):
		s.cfg.Log.Warn("release cannot be read", "as_of", asOf, "error", err)
		e.status, e.key, e.args = http.StatusGone, "error.contract", []any{"what", shorten(asOf, 60)}
	default:
		s.fail(w, r, loc, err)
		return
	}
	archive, ok := s.cfg.Releases.(Archive)
	if !ok {
		s.fail(w, r, loc, e)
		return
	}
	list, lerr := archive.Kept(r.Context())
	if lerr != nil {
		s.fail(w, r, loc, lerr)
		return
	}
	here := (&url.URL{Path: r.URL.Path, RawQuery: r.URL.RawQuery}).String()
	for _, rel := range list {
		e.kept = append(e.kept, keptRelease{ID: rel.ID, Day: loc.Date(rel.Built.UTC()), Link: withRelease(here, rel.ID)})
	}
	s.fail(w, r, loc, e)
}

// otherContract reports whether a release lacks what this program asks for: it says
// that it is of another contract, or is of a time when a table or column had not come.
func otherContract(err error) bool {
	if errors.Is(err, ErrContract) || errors.Is(err, errColumn) {
		return true
	}
	if errors.Is(err, warehouse.ErrParameter) || errors.Is(err, warehouse.ErrUnknownQuery) {
		return false
	}
	// The database's own words for a name that is not there.
	return strings.Contains(err.Error(), "Binder Error:") || strings.Contains(err.Error(), "Catalog Error:")
}

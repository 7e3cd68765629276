package dashboards

import (
	"errors"
	"fmt"
	"net/http"
	"path"

	"hrinvest/dashboards/locales"
)

// pageError is an error a reader is told about, in the reader's language.
type pageError struct {
	status int
	key    string
	args   []any
	err    error
	kept   []keptRelease // the releases that can be asked for instead
}

func (e *pageError) Error() string {
	if e.err != nil {
		return e.err.Error()
	}
	return fmt.Sprintf("%d %s %v", e.status, e.key, e.args)
}

func (e *pageError) Unwrap() error { return e.err }

// failure is the body of a page that says what went wrong.
type failure struct {
	Text string
	Kept []keptRelease
}

// fail shows an error as a page in the reader's language. What readers cannot
// mend is logged for the operator.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, loc *locales.Locale, err error) {
	var e *pageError
	switch {
	case errors.As(err, &e):
	case errors.Is(err, ErrNoRelease):
		e = &pageError{status: http.StatusServiceUnavailable, key: "error.no_release"}
	case errors.Is(err, ErrNoCountry):
		e = &pageError{status: http.StatusNotFound, key: "error.no_country"}
	case r.Context().Err() != nil:
		return // the reader has gone
	default:
		s.cfg.Log.Error("page failed", "path", r.URL.Path, "error", err)
		e = &pageError{status: http.StatusInternalServerError, key: "error.internal"}
	}
	text, terr := loc.T(e.key, e.args...)
	if terr != nil {
		s.cfg.Log.Error("error page failed", "path", r.URL.Path, "error", terr)
		http.Error(w, http.StatusText(e.status), e.status)
		return
	}
	if path.Ext(r.URL.Path) != "" { // a file: a page in its place would look like it
		for _, rel := range e.kept {
			text += "\n" + rel.ID
		}
		w.Header().Set("Cache-Control", "no-store")
		http.Error(w, text, e.status)
		return
	}
	a, rerr := s.pages[loc.Lang].render("error", &page{Lang: loc.Lang, Path: "/", Body: failure{text, e.kept}})
	if rerr != nil {
		s.cfg.Log.Error("error page failed", "path", r.URL.Path, "error", rerr)
		http.Error(w, http.StatusText(e.status), e.status)
		return
	}
	a.status, a.cacheUntil = e.status, "no-store"
	s.send(w, r, a, "")
}

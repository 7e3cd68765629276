package dashboards

import (
	"bytes"
	"net/http"
	"strings"

	"hrinvest/dashboards/locales"
)

// brief is the brief as a file.
func brief(r *request) (*answer, error) {
	file := r.PathValue("file")
	if len(file) < 3 {
		return nil, &pageError{status: http.StatusNotFound, key: "error.not_found"}
	}
	iso3, suffix := strings.ToUpper(file[:3]), file[3:]
	for _, e := range Editions() {
		if e.Suffix == suffix {
			b, err := r.brief(iso3)
			if err != nil {
				return nil, err
			}
			return r.edition(b, e)
		}
	}
	return nil, &pageError{status: http.StatusNotFound, key: "error.not_found"}
}

// briefFile is the brief in the edition of a name.
func (r *request) briefFile(b *Brief, name string) (*answer, error) {
	e, ok := EditionOf(name)
	if !ok {
		return nil, &pageError{status: http.StatusNotFound, key: "error.not_found"}
	}
	return r.edition(b, e)
}

func (r *request) edition(b *Brief, e Edition) (*answer, error) {
	var out bytes.Buffer
	if err := e.Write(&out, b, r.s.fonts); err != nil {
		return nil, err
	}
	a := newAnswer(e.Kind, out.Bytes())
	a.filename = e.File(b)
	// A brief carries its styles in itself and is allowed them, and nothing more.
	a.ownStyle = e.Name == "html"
	a.numbers = []string{"value", "low", "high"}
	return a, nil
}

// download is a form of the brief a reader may take along.
type download struct{ URL, Text, Size string }

// downloads lists the forms of a brief with their sizes: who pays for every
// megabyte wants to know before.
func (r *request) downloads(b *Brief) ([]download, error) {
	w := &words{Locale: r.loc}
	var out []download
	for _, e := range Editions() {
		d := download{URL: "/" + b.Lang + "/brief/" + b.Country.ISO3 + e.Suffix, Text: w.t("country." + strings.ReplaceAll(e.Name, ".", "_"))}
		if e.Most > 0 {
			d.Size = w.t("country.size_most", "kb", e.Most>>10)
		} else {
			var n counter
			if err := e.Write(&n, b, r.s.fonts); err != nil {
				return nil, err
			}
			d.Size = w.t("country.size", "kb", max(1, (n+512)>>10))
		}
		out = append(out, d)
	}
	return out, w.err
}

// counter counts what is written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }

// allBriefs streams the briefs of every country: a training has no connection.
// One is made at a time; others wait, so that a phone is still answered.
func (s *Server) allBriefs(loc *locales.Locale) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		data, rel, done, err := s.cfg.Releases.Acquire(r.Context())
		if err != nil {
			s.fail(w, r, loc, err)
			return
		}
		defer done()
		etag := `"` + rel.Hash + "-" + s.version + `"`
		h := w.Header()
		h.Set("Cache-Control", "no-cache")
		h.Set("ETag", etag)
		if matches(r.Header.Get("If-None-Match"), etag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		h.Set("Content-Type", "application/zip")
		h.Set("Content-Disposition", `attachment; filename="hrinvest-briefs-`+loc.Lang+`.zip"`)
		if r.Method == http.MethodHead {
			return
		}
		select {
		case s.archive <- struct{}{}:
			defer func() { <-s.archive }()
		case <-r.Context().Done():
			return
		}
		err = WriteAll(r.Context(), w, data, loc.Lang, rel, s.fonts, ArchiveEditions())
		if err != nil {
			if r.Context().Err() == nil {
				s.cfg.Log.Error("archive of briefs failed", "path", r.URL.Path, "error", err)
			}
			// The connection breaks off: a file that ends early must not look whole.
			panic(http.ErrAbortHandler)
		}
	}
}

package dashboards

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

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
	// The archive is not made to be weighed: a country takes about 125 KB of it.
	out = append(out, download{URL: "/" + b.Lang + "/briefs.zip", Text: w.t("country.zip"), Size: w.t("country.size_about", "mb", max(1, (len(r.ed.cat.countries)*125+1023)>>10))})
	return out, w.err
}

// counter counts what is written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }

// allBriefs hands out the briefs of every country: a training has no connection.
// The archive of a release is made once, into a file without a name, and others
// wait for it; a phone is answered meanwhile.
func (s *Server) allBriefs(loc *locales.Locale) http.HandlerFunc {
	return s.ofRelease(loc, func(w http.ResponseWriter, r *http.Request, rd *reading) {
		// Making it takes a while, and so does a slow network: the rest of the site
		// answers within a minute. A surface without deadlines needs none.
		out := http.NewResponseController(w)
		if err := out.SetWriteDeadline(time.Now().Add(maxArchive)); err != nil && !errors.Is(err, http.ErrNotSupported) {
			s.fail(w, r, loc, err)
			return
		}
		file, size, err := s.archiveOf(r.Context(), rd.ed, rd.data, loc.Lang)
		if err != nil {
			s.failRelease(w, r, loc, rd.named, err)
			return
		}
		rd.leave()
		h := w.Header()
		h.Set("Cache-Control", "no-cache")
		h.Set("ETag", s.etag(rd, ""))
		h.Set("Content-Type", "application/zip")
		h.Set("Content-Disposition", `attachment; filename="hrinvest-briefs-`+loc.Lang+`.zip"`)
		http.ServeContent(w, r, "", time.Time{}, io.NewSectionReader(file, 0, size))
	})
}

// maxArchive bounds how long an archive may take to make and send.
const maxArchive = time.Hour

// archiveOf is the archive of a release in a language. It is finished also when
// the reader has gone: the next one gets it.
func (s *Server) archiveOf(ctx context.Context, ed *edition, data Data, lang string) (*os.File, int64, error) {
	select {
	case s.archive <- struct{}{}:
		defer func() { <-s.archive }()
	case <-ctx.Done():
		return nil, 0, ctx.Err()
	}
	if f := ed.archives[lang]; f != nil {
		info, err := f.Stat()
		if err != nil {
			return nil, 0, fmt.Errorf("archive of briefs: %w", err)
		}
		return f, info.Size(), nil
	}
	f, err := os.CreateTemp("", "hrinvest-briefs-*.zip")
	if err != nil {
		return nil, 0, fmt.Errorf("archive of briefs: %w", err)
	}
	// Without a name the file is gone when nobody reads it any more: the edition
	// lets go of it with the release.
	if err := os.Remove(f.Name()); err != nil {
		return nil, 0, errors.Join(fmt.Errorf("archive of briefs: %w", err), f.Close())
	}
	if err := WriteAll(context.WithoutCancel(ctx), f, data, lang, ed.rel, s.cfg.PublicURL, s.fonts, ArchiveEditions()); err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	info, err := f.Stat()
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("archive of briefs: %w", err), f.Close())
	}
	ed.archives[lang] = f
	return f, info.Size(), nil
}

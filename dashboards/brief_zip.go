package dashboards

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sort"

	"hrinvest/dashboards/locales"
	"hrinvest/dashboards/paper"
)

// ArchiveEditions are the forms in an archive of briefs: what people open, and
// every number as a table.
func ArchiveEditions() []Edition {
	var out []Edition
	for _, e := range Editions() {
		switch e.Name {
		case "pdf", "docx", "html", "xlsx":
			out = append(out, e)
		}
	}
	return out
}

// WriteAll writes the briefs of every country of the release in a language as a
// ZIP with a folder for each. One brief at a time is in memory. The bytes depend
// on the release alone.
//
// site is the public address of the site (PublicURL), "" where it is not known.
func WriteAll(ctx context.Context, w io.Writer, d Data, lang string, rel Release, site string, fonts *paper.Fonts, editions []Edition) error {
	cat, err := loadCatalogue(ctx, d)
	if err != nil {
		return fmt.Errorf("writing all briefs: %w", err)
	}
	loc, err := locales.Load(lang)
	if err != nil {
		return fmt.Errorf("writing all briefs: %w", err)
	}
	z := zip.NewWriter(w)
	for _, c := range cat.countries {
		b, err := newBrief(ctx, d, cat, loc, c.ISO3, rel)
		if err != nil {
			return fmt.Errorf("writing all briefs: %w", err)
		}
		b.Site = site
		for _, e := range editions {
			// A header without a time; forms that are compressed in themselves shrink
			// no further.
			h := &zip.FileHeader{Name: c.ISO3 + "/" + e.File(b), Method: zip.Store}
			if e.Name == "html" || e.Name == "csv" || e.Name == "json" {
				h.Method = zip.Deflate
			}
			f, err := z.CreateHeader(h)
			if err != nil {
				return fmt.Errorf("writing all briefs: %w", err)
			}
			if err := e.Write(f, b, fonts); err != nil {
				return fmt.Errorf("writing all briefs, %s: %w", c.ISO3, err)
			}
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("writing all briefs: %w", err)
	}
	return nil
}

// ordered is a ZIP whose files are written by name when it is closed: a library
// that hands them over in the order of a map still gives the same bytes.
type ordered struct {
	w     io.Writer
	files map[string]*bytes.Buffer
}

func newOrdered(w io.Writer) *ordered { return &ordered{w, map[string]*bytes.Buffer{}} }

// Create adds a file.
func (o *ordered) Create(name string) (io.Writer, error) {
	b := &bytes.Buffer{}
	o.files[name] = b
	return b, nil
}

// AddFS is there for the library's interface; nothing of ours calls it.
func (o *ordered) AddFS(fs.FS) error { return errors.ErrUnsupported }

// Close writes the files, without times.
func (o *ordered) Close() error {
	var names []string
	for name := range o.files {
		names = append(names, name)
	}
	sort.Strings(names)
	z := zip.NewWriter(o.w)
	for _, name := range names {
		f, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
		if err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
		if _, err := f.Write(o.files[name].Bytes()); err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
	}
	return z.Close()
}

package api

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/singleflight"

	"hrinvest/warehouse"
)

// exports are the tables of releases as files: /export/RELEASE/flows.parquet. A
// file is made when it is first asked for and kept as long as its release is, so
// that it can be read in parts and gone on with.
type exports struct {
	dir     string // data directory
	options warehouse.Options
	making  singleflight.Group
	one     chan struct{} // files are made one after the other
	wait    time.Duration // for a file that is being made
}

func newExports(dir string) *exports {
	return &exports{dir: dir, one: make(chan struct{}, 1), wait: 20 * time.Second}
}

const (
	packageFile  = "datapackage.json"
	citationFile = "CITATION.cff"
)

// kinds are the media types of exported files.
func kindOf(name string) string {
	switch {
	case strings.HasSuffix(name, ".parquet"):
		return "application/vnd.apache.parquet"
	case strings.HasSuffix(name, ".csv.gz"):
		return "application/gzip"
	case strings.HasSuffix(name, ".json"):
		return "application/json"
	}
	return "text/plain; charset=utf-8"
}

// split takes flows.parquet apart.
func split(file string) (table, format string, ok bool) {
	for format, ext := range warehouse.Formats() {
		if table, ok := strings.CutSuffix(file, "."+ext); ok {
			return table, format, true
		}
	}
	return "", "", false
}

// serveExport answers /export/{release}/{file}; the release "current" leads to the
// one that is served now, so that what is cited stays what it was.
func (s *Server) serveExport(w http.ResponseWriter, r *http.Request) {
	if err := s.export(w, r); err != nil {
		s.fail(w, r, err)
	}
}

func (s *Server) export(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		return problem("method-not-allowed", "GET and HEAD are answered here")
	}
	if err := parameters(r.URL.Query()); err != nil {
		return err
	}
	id, file := r.PathValue("release"), r.PathValue("file")
	if id == "current" {
		_, rel, done, err := s.cfg.Releases.Open(r.Context())
		if err != nil {
			return err
		}
		done()
		w.Header().Set("Cache-Control", "no-cache")
		http.Redirect(w, r, "/export/"+rel.ID+"/"+file, http.StatusFound)
		return nil
	}
	all, err := warehouse.Releases(s.exports.dir)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(rel warehouse.Release) bool { return rel.ID == id })
	if i < 0 {
		return problem("not-found", "there is no release "+id+" any more; /export/current/"+file+" is of the newest")
	}
	path, err := s.exports.file(r.Context(), all[i], file)
	if err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", kindOf(file))
	h.Set("ETag", `"`+id+"/"+file+`"`)
	h.Set("Cache-Control", "no-cache") // a release can be withdrawn
	h.Set("Content-Disposition", `attachment; filename="`+file+`"`)
	// A phone on a slow line gets the file too: 8 KB a second is enough.
	patience := time.Minute + time.Duration(info.Size()/(8<<10))*time.Second
	if err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(patience)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	http.ServeContent(w, r, "", time.Time{}, f)
	return nil
}

// file makes a file of a release unless it is there. When that takes long the
// visitor is asked to come again, and the making goes on.
func (e *exports) file(ctx context.Context, rel warehouse.Release, file string) (string, error) {
	path := filepath.Join(warehouse.ExportDir(e.dir, rel.ID), file)
	table, format, isTable := split(file)
	if file != packageFile && file != citationFile && !isTable {
		return "", problem("not-found", "want a table as .parquet or .csv.gz, "+packageFile+" or "+citationFile)
	}
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	made := e.making.DoChan(rel.ID+"/"+file, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Minute)
		defer cancel()
		e.one <- struct{}{}
		defer func() { <-e.one }()
		return nil, e.make(ctx, rel, file, table, format)
	})
	timer := time.NewTimer(e.wait)
	defer timer.Stop()
	select {
	case m := <-made:
		if errors.Is(m.Err, warehouse.ErrUnknownTable) {
			return "", problem("not-found", "the release has no table "+table)
		}
		return path, m.Err
	case <-timer.C:
		return "", problem("busy", "the file is being made")
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

func (e *exports) make(ctx context.Context, rel warehouse.Release, file, table, format string) error {
	if err := e.prune(); err != nil {
		return err
	}
	dir := warehouse.ExportDir(e.dir, rel.ID)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	x, err := warehouse.Export(ctx, rel, e.options)
	if err != nil {
		return err
	}
	defer x.Close()
	switch file {
	case packageFile:
		_, err = x.WriteAll(ctx, dir, "parquet", "csv")
	case citationFile:
		err = x.WriteCitation(dir)
	default:
		_, err = x.Write(ctx, table, format, dir)
	}
	return err
}

// prune removes files of releases that are gone.
func (e *exports) prune() error {
	kept, err := warehouse.Releases(e.dir)
	if err != nil {
		return err
	}
	found, err := os.ReadDir(warehouse.ExportDir(e.dir, ""))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, d := range found {
		if !slices.ContainsFunc(kept, func(r warehouse.Release) bool { return r.ID == d.Name() }) {
			if err := os.RemoveAll(warehouse.ExportDir(e.dir, d.Name())); err != nil {
				return fmt.Errorf("removing exports of a release that is gone: %w", err)
			}
		}
	}
	return err
}

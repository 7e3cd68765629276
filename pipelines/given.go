package pipelines

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
)

// handOver brings the files of a folder into use in place of a source's
// documents, or beside them where the source's documents add to each other or where
// nothing of what was handed over can be read.
func (p *Pipeline) handOver(ctx context.Context, src extractors.Source, dir string, l *ledger, r *SourceReport) error {
	found, err := p.give(src, dir, r)
	if err != nil {
		return err
	}
	if len(found) == 0 && len(r.Withdrawn) > 0 {
		return fmt.Errorf("%s: %w", strings.Join(r.Withdrawn, ", "), fetch.ErrWithdrawn)
	}
	if len(found) == 0 {
		return fmt.Errorf("no file under %s is a document of source %s", dir, r.Source)
	}
	s := l.shelf(r.Source)
	unreadable, err := p.unreadable(ctx, src, s, found)
	if err != nil {
		return err
	}
	docs := inPlaceOf(s.Documents, found, src.Info())
	if unreadable { // they are reported as rejected, and take nobody's place
		docs = beside(s.Documents, found)
	}
	r.Changed, r.Documents = changed(s.Documents, docs), len(docs)
	s.use(docs, p.cfg.Now())
	s.Held, s.Measure, s.MeasuredBy, s.Peak, s.Partial = nil, nil, "", nil, false
	r.fetched(nil)
	p.cfg.Progress(Event{Source: r.Source, Phase: Fetched, Report: *r})
	return l.save()
}

// inPlaceOf are the documents in use once others are handed over: of a source whose
// documents add to each other only what was handed over before makes room.
func inPlaceOf(inUse, found []fetch.Document, info extractors.Info) []fetch.Document {
	var stays []fetch.Document
	if info.Additive || info.Editions {
		stays = slices.DeleteFunc(slices.Clone(inUse), func(d fetch.Document) bool { return d.Origin == fetch.Given })
	}
	gathered := newSet(stays, info.Editions)
	for _, d := range found {
		gathered.put(d)
	}
	return gathered.list()
}

// beside are the documents in use and those found, each once.
func beside(inUse, found []fetch.Document) []fetch.Document {
	others := slices.DeleteFunc(slices.Clone(inUse), func(d fetch.Document) bool {
		return slices.ContainsFunc(found, func(f fetch.Document) bool { return f.SHA256 == d.SHA256 })
	})
	return append(others, found...)
}

// unreadable says whether documents hold nothing but what a source rejects: web pages
// saved in the place of data, say. Documents on which the source fails are not meant:
// whoever builds says so.
func (p *Pipeline) unreadable(ctx context.Context, src extractors.Source, s *shelf, docs []fetch.Document) (bool, error) {
	var out glance
	err := p.read(ctx, src.Info(), s, docs, &out, func(docs extractors.Set, w extractors.Sink) error { return src.Parse(ctx, docs, w) })
	if err != nil && ctx.Err() != nil {
		return false, err
	}
	return err == nil && out.rejected && !out.held, nil
}

// glance is a Sink that stops a source at the first thing it has read.
type glance struct{ held, rejected bool }

func (g *glance) Disclose(extractors.Disclosure) error { g.held = true; return errSeen }
func (g *glance) Observe(extractors.Observation) error { g.held = true; return errSeen }
func (g *glance) Skip(string, int, string) error       { g.held = true; return errSeen }
func (g *glance) Reject(extractors.Problem) error      { g.rejected = true; return nil }

// give stores every file under dir as a document of the source, its role found
// by its content. Files the source does not know, and those that were withdrawn,
// are reported by name.
func (p *Pipeline) give(src extractors.Source, dir string, r *SourceReport) (docs []fetch.Document, err error) {
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() || !e.Type().IsRegular() {
			return nil
		}
		name, err := filepath.Rel(dir, path)
		if err != nil || name == "." {
			name = filepath.Base(path)
		}
		d, err := p.giveFile(src, path, filepath.ToSlash(name))
		switch {
		case errors.Is(err, fetch.ErrWithdrawn):
			r.Withdrawn = append(r.Withdrawn, name)
		case err != nil:
			return err
		case d.Role == "":
			r.Unknown = append(r.Unknown, name)
		default:
			docs = append(docs, d)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("taking documents from %s: %w", dir, err)
	}
	return docs, nil
}

func (p *Pipeline) giveFile(src extractors.Source, path, name string) (fetch.Document, error) {
	f, err := os.Open(path)
	if err != nil {
		return fetch.Document{}, err
	}
	defer f.Close()
	head := make([]byte, 64<<10)
	n, err := io.ReadFull(f, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return fetch.Document{}, err
	}
	role := src.Role(filepath.Base(name), head[:n])
	if role == "" {
		return fetch.Document{}, nil
	}
	sum, size, err := p.store.Put(io.MultiReader(bytes.NewReader(head[:n]), f))
	if err != nil {
		return fetch.Document{}, err
	}
	info, err := f.Stat()
	if err != nil {
		return fetch.Document{}, err
	}
	return p.store.Attach(fetch.Document{
		Source: src.Info().ID, Role: role, Name: name, URL: "file:" + name, SHA256: sum, Size: size,
		Retrieved: info.ModTime().UTC(), Origin: fetch.Given, Licence: src.Info().Licence,
	}), nil
}

package dashboards

import (
	"context"
	"os"
	"slices"
	"sync"
	"time"
)

// edition is what was made from one release.
type edition struct {
	rel     Release
	cat     *catalogue
	banner  bool
	data    time.Time // newest day of the data, and of files handed over
	given   time.Time
	mu      sync.Mutex
	answers map[string]*answer // :: path -> answer
	most    int                // of answers
	// archives of briefs by language; Server.archive guards them. Closed when the
	// edition is dropped and nobody reads them.
	archives map[string]*os.File
}

// maxKept bounds the answers kept of the current release: every country in two languages,
// and some.
const maxKept = 1000

// maxEarlier bounds the editions of earlier releases, and maxKeptEarlier the answers
// kept of each: few read them, and what one of them cites many may open.
const (
	maxEarlier     = 2
	maxKeptEarlier = 50
)

func (s *Server) editionOf(ctx context.Context, data Data, rel Release, current bool) (*edition, error) {
	if ed := s.editionKept(rel.ID, current); ed != nil {
		return ed, nil
	}
	cat, err := loadCatalogue(ctx, data)
	if err != nil {
		return nil, err
	}
	docs, err := load(ctx, data, "documents", nil, readDocument)
	if err != nil {
		return nil, err
	}
	ed := &edition{rel: rel, cat: cat, banner: cat.bundled(), most: maxKept, answers: map[string]*answer{}, archives: map[string]*os.File{}}
	ed.data, ed.given = days(cat.money(docs))
	s.mu.Lock()
	defer s.mu.Unlock()
	if current {
		s.edition = ed
		return ed, nil
	}
	ed.most = maxKeptEarlier
	if s.earlier = append(s.earlier, ed); len(s.earlier) > maxEarlier {
		s.earlier = slices.Clone(s.earlier[1:])
	}
	return ed, nil
}

// editionKept is the edition of a release, nil when there is none yet.
func (s *Server) editionKept(id string, current bool) *edition {
	s.mu.Lock()
	defer s.mu.Unlock()
	if current {
		if s.edition != nil && s.edition.rel.ID == id {
			return s.edition
		}
		return nil
	}
	i := slices.IndexFunc(s.earlier, func(ed *edition) bool { return ed.rel.ID == id })
	if i < 0 {
		return nil
	}
	ed := s.earlier[i]
	s.earlier = append(slices.Delete(s.earlier, i, i+1), ed) // the last one was asked for last
	return ed
}

func (e *edition) kept(path, query string) *answer {
	if query != "" {
		return nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.answers[path]
}

func (e *edition) keep(path string, a *answer) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.answers) < e.most {
		e.answers[path] = a
	}
}

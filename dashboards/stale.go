package dashboards

import (
	"context"
	"strings"
	"sync"
	"time"
)

// freshness knows which sources the pages show as of an earlier day than they
// should. It changes without a release, so it is asked again now and then.
type freshness struct {
	mu    sync.Mutex
	asked time.Time
	late  []SourceState
}

// freshFor is how long an answer about sources is good: pages need no newer one.
const freshFor = time.Minute

// late are the sources whose last fetch failed or waits for approval, and which have
// been read before: a source never fetched has nothing that could be stale.
func (s *Server) late(ctx context.Context) ([]SourceState, error) {
	if s.cfg.Sources == nil {
		return nil, nil
	}
	now := s.cfg.Now()
	s.fresh.mu.Lock()
	defer s.fresh.mu.Unlock()
	if !s.fresh.asked.IsZero() && now.Sub(s.fresh.asked) < freshFor {
		return s.fresh.late, nil
	}
	states, err := s.cfg.Sources(ctx)
	if err != nil {
		return nil, err
	}
	s.fresh.asked, s.fresh.late = now, nil
	for _, src := range states {
		if !src.LastSuccess.IsZero() && (src.State == "stale" || src.State == "held" || src.State == "blocked") {
			s.fresh.late = append(s.fresh.late, src)
		}
	}
	return s.fresh.late, nil
}

// lateKey tells answers made with other late sources apart.
func lateKey(late []SourceState) string {
	var out []string
	for _, src := range late {
		out = append(out, src.ID+"@"+src.LastSuccess.Format(time.DateOnly))
	}
	return strings.Join(out, " ")
}

// staleText says which sources are not fresh, and since when.
func (w *words) staleText(late []SourceState, cat *catalogue) string {
	if len(late) == 0 {
		return ""
	}
	var out []string
	for _, src := range late {
		title := w.localSource(cat.source(src.ID)).Title
		if title == src.ID {
			title = src.Title
		}
		out = append(out, w.t("banner.stale_source", "source", title, "date", w.Date(src.LastSuccess)))
	}
	return w.t("banner.stale", "sources", strings.Join(out, "; "))
}

package pipelines

import (
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"hrinvest/extractors"
)

// metrics are the operator's gauges; labels are source ids only, so their
// number is bounded by the list of sources.
type metrics struct {
	lastSuccess, documents, rows, rejected, duration *prometheus.GaugeVec
	failures                                         *prometheus.CounterVec
	releaseTime                                      atomic.Int64 // Unix seconds; 0: none
	now                                              func() time.Time
}

func newMetrics(reg prometheus.Registerer, sources []extractors.Source, now func() time.Time) *metrics {
	gauge := func(name, help string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "hrinvest", Name: name, Help: help}, []string{"source"})
	}
	m := &metrics{
		now:         now,
		lastSuccess: gauge("source_last_success_timestamp_seconds", "When the source was last fetched without an error."),
		documents:   gauge("source_documents", "Documents of the source in use."),
		rows:        gauge("source_rows", "Statements and observations loaded from the source."),
		rejected:    gauge("source_rejected", "Statements of the source that were rejected."),
		duration:    gauge("source_parse_seconds", "Time the source took to parse and normalise."),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: "hrinvest", Name: "source_fetch_failures_total", Help: "Fetches of the source that failed."}, []string{"source"}),
	}
	if reg == nil {
		return m
	}
	age := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: "hrinvest", Name: "release_age_seconds", Help: "Age of the release being served; -1 when there is none.",
	}, func() float64 {
		at := m.releaseTime.Load()
		if at == 0 {
			return -1
		}
		return float64(now().Unix() - at)
	})
	reg.MustRegister(m.lastSuccess, m.documents, m.rows, m.rejected, m.duration, m.failures, age)
	for _, s := range sources {
		m.failures.WithLabelValues(s.Info().ID)
	}
	return m
}

// refreshed records a refresh.
func (m *metrics) refreshed(r *Report) {
	for _, s := range r.Sources {
		if s.Error != "" {
			m.failures.WithLabelValues(s.Source).Inc()
		} else if s.Fetched {
			m.lastSuccess.WithLabelValues(s.Source).Set(float64(m.now().Unix()))
		}
		m.documents.WithLabelValues(s.Source).Set(float64(s.Documents))
		m.rows.WithLabelValues(s.Source).Set(float64(s.Loaded + s.Observations))
		m.rejected.WithLabelValues(s.Source).Set(float64(s.Rejected))
		m.duration.WithLabelValues(s.Source).Set(s.Took.Seconds())
	}
}

// published records the release being served.
func (m *metrics) published(at time.Time) { m.releaseTime.Store(at.Unix()) }

package pipelines

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"hrinvest/extractors"
	"hrinvest/warehouse"
)

// Metrics exposes the record of a data directory to Prometheus. It reads
// state.json and the pointer to the current release at every scrape, so that
// what another process refreshed or rolled back shows too. The only label is
// the source id: the number of series is bounded by the list of sources.
func Metrics(dir string, sources []extractors.Source, now func() time.Time) prometheus.Collector {
	c := &collector{dir: dir, now: now, release: prometheus.NewDesc("hrinvest_release_age_seconds",
		"Age of the release being served; -1 when there is none.", nil, nil),
		missed: prometheus.NewDesc("hrinvest_missed_refreshes", "Scheduled refreshes that were due since the last one and did not run.", nil, nil),
		failed: prometheus.NewDesc("hrinvest_last_refresh_failed", "1 when the last refresh published nothing because of an error.", nil, nil)}
	for _, s := range sources {
		c.sources = append(c.sources, s.Info())
	}
	return c
}

type collector struct {
	dir     string
	now     func() time.Time
	sources []extractors.Info

	release, missed, failed *prometheus.Desc
}

// gauges are the series each source has. A time that never was is left out
// rather than shown as 1970.
var gauges = []struct {
	desc  *prometheus.Desc
	kind  prometheus.ValueType
	value func(SourceState) (float64, bool)
}{
	{describe("last_success_timestamp_seconds", "When the source was last fetched without an error."), prometheus.GaugeValue,
		func(s SourceState) (float64, bool) { return float64(s.LastSuccess.Unix()), !s.LastSuccess.IsZero() }},
	{describe("fetch_failures_total", "Fetches of the source that failed."), prometheus.CounterValue,
		func(s SourceState) (float64, bool) { return float64(s.Failures), true }},
	{describe("stale", "1 when the last fetch of the source failed and its last good documents are in use; 0 again when it is given up."), prometheus.GaugeValue,
		func(s SourceState) (float64, bool) {
			if s.Error != "" {
				return 1, true
			}
			return 0, true
		}},
	{describe("unread", "1 when documents of the source came that this program cannot read; those before are in use."), prometheus.GaugeValue,
		func(s SourceState) (float64, bool) {
			if s.Defect != "" || s.Cause == CauseDefect {
				return 1, true
			}
			return 0, true
		}},
	{describe("held", "1 when documents of the source wait for approval."), prometheus.GaugeValue,
		func(s SourceState) (float64, bool) {
			if len(s.Held) > 0 {
				return 1, true
			}
			return 0, true
		}},
	{describe("last_fetch_bytes", "Bytes that the last fetch of the source received."), prometheus.GaugeValue,
		func(s SourceState) (float64, bool) { return float64(s.Usage.Bytes), true }},
	{describe("last_fetch_requests", "Requests that the last fetch of the source sent."), prometheus.GaugeValue,
		func(s SourceState) (float64, bool) { return float64(s.Usage.Requests), true }},
	{describe("last_fetch_not_modified", "Answers of the last fetch that nothing is new at an address."), prometheus.GaugeValue,
		func(s SourceState) (float64, bool) { return float64(s.Usage.NotModified), true }},
	{describe("documents", "Documents of the source in use."), prometheus.GaugeValue,
		func(s SourceState) (float64, bool) { return float64(s.Documents), true }},
	{describe("rows", "Statements and observations loaded from the source."), prometheus.GaugeValue,
		func(s SourceState) (float64, bool) { return float64(s.Rows), true }},
	{describe("rejected", "Statements of the source that were rejected."), prometheus.GaugeValue,
		func(s SourceState) (float64, bool) { return float64(s.Rejected), true }},
	{describe("parse_seconds", "Time the source took to parse and normalise."), prometheus.GaugeValue,
		func(s SourceState) (float64, bool) { return s.Seconds, true }},
}

func describe(name, help string) *prometheus.Desc {
	return prometheus.NewDesc("hrinvest_source_"+name, help, []string{"source"}, nil)
}

// Describe implements prometheus.Collector.
func (c *collector) Describe(ch chan<- *prometheus.Desc) {
	ch <- c.release
	ch <- c.missed
	ch <- c.failed
	for _, g := range gauges {
		ch <- g.desc
	}
}

// Collect implements prometheus.Collector.
func (c *collector) Collect(ch chan<- prometheus.Metric) {
	age := -1.0
	if r, err := warehouse.Current(c.dir); err == nil {
		age = c.now().Sub(r.BuiltAt).Seconds()
	}
	ch <- prometheus.MustNewConstMetric(c.release, prometheus.GaugeValue, age)
	state, err := ReadState(c.dir)
	if planned, planErr := ReadPlanned(c.dir); err == nil && planErr == nil {
		if n, _, planErr := planned.Missed(state.LastRun, c.now()); planErr == nil {
			ch <- prometheus.MustNewConstMetric(c.missed, prometheus.GaugeValue, float64(n))
		}
		failed := 0.0
		if state.LastRun.Error != "" {
			failed = 1
		}
		ch <- prometheus.MustNewConstMetric(c.failed, prometheus.GaugeValue, failed)
	}
	for _, g := range gauges {
		if err != nil {
			ch <- prometheus.NewInvalidMetric(g.desc, err)
			continue
		}
		for _, info := range c.sources {
			s, ok := state.Sources[info.ID]
			if standing, _ := s.Standing(info, c.now()); standing == Gone {
				s.Error = "" // given up: no alarm every night
			}
			if v, known := g.value(s); ok && known {
				ch <- prometheus.MustNewConstMetric(g.desc, g.kind, v, info.ID)
			}
		}
	}
}

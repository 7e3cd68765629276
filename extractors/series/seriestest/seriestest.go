// Package seriestest has what the tests of sources of series share.
package seriestest

import (
	"strings"
	"testing"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
)

// Lines writes observations as a test compares them.
func Lines(os []extractors.Observation) []string {
	var out []string
	for _, o := range os {
		period := strings.TrimSpace(o.PeriodStart + " " + o.Year)
		out = append(out, strings.Join([]string{o.Locator, o.Indicator, o.Area + o.AreaName, period, o.Value + o.ValueText, o.Unit}, " | "))
	}
	return out
}

// Reasons writes problems as a test compares them.
func Reasons(ps []extractors.Problem) []string {
	var out []string
	for _, p := range ps {
		out = append(out, p.Locator+": "+p.Reason)
	}
	return out
}

// Judge holds documents to the source's expectations, with nothing to compare
// them with.
func Judge(t testing.TB, src extractors.Source, docs ...fetch.Document) []extractors.Finding {
	t.Helper()
	e, err := src.Expectations()
	if err != nil {
		t.Fatal(err)
	}
	m, err := extractors.Measured(t.Context(), src, docs)
	if err != nil {
		t.Fatal(err)
	}
	return e.Judge(m, nil)
}

// Benchmark parses documents and reports how many rows a second.
func Benchmark(b *testing.B, src extractors.Source, docs ...fetch.Document) {
	rows := 0
	for b.Loop() {
		m, err := extractors.Measured(b.Context(), src, docs)
		if err != nil {
			b.Fatal(err)
		}
		rows += m.All.Rows
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}

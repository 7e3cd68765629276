package dashboards

import (
	"slices"
	"strings"
	"testing"

	"hrinvest/dashboards/locales"
)

// The first page says who pays for which service, however much stands above it: the
// chart gives up years for that.
func TestFirstPageShowsServices(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	for _, iso := range []string{"KGZ", "TJK", "RUS", "MNE", "GEO", "XKX"} {
		for _, lang := range locales.Languages() {
			b := makeBrief(t, iso, lang)
			b.Headline += " " + b.Headline // a long one, and many years
			for s := b.shown(); !s.Empty() && len(s.Lines) < mostYears; {
				before := s.Lines[0]
				before.Year--
				s.Lines = slices.Insert(s.Lines, 0, before)
			}
			page, _, _ := strings.Cut(pdfText(t, pdf(t, b)), "\f")
			page = squeeze(page)
			for _, l := range ranked(b.Services)[:min(len(b.Services), 2)] {
				if amount := squeeze(l.Amount.Shown()); !strings.Contains(page, amount) {
					t.Errorf("%s, %s: %s of %s is not on the first page", iso, lang, amount, l.Service)
				}
			}
		}
	}
}

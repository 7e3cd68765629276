package dashboards

import (
	"regexp"
	"strings"
	"testing"

	"hrinvest/dashboards/locales"
)

func TestYears(t *testing.T) {
	m := &maker{}
	for want, in := range map[string][]int{"": nil, "2010": {2010}, "2006–2008, 2010": {2006, 2007, 2008, 2010}, "2006, 2008–2009": {2006, 2008, 2009}} {
		if got := m.years(in); got != want {
			t.Errorf("%v is written %q, want %q", in, got, want)
		}
	}
}

// What is missing is said of every group of years, in words.
func TestMissingNamesYears(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	for iso, want := range map[string][]string{
		"KGZ": {
			"Harm reduction money, 2017: not reported; a gap, not 0.",
			"HIV money, 2013: not reported; a gap, not 0.",
			"Harm reduction money, 2018: domestic public money is not reported.",
			"2018: 1 statement has no dollar value, as no exchange rate is known; it is not in the totals.",
		},
		"GEO": {
			"Harm reduction money, 2023: not reported; a gap, not 0.",
			"Harm reduction money, every year shown: domestic public money is not reported.",
			"Harm reduction money, 2022: what it paid for is not published (partly by the project's title).",
			"Harm reduction money, 2024: what it paid for is not published (by the project's title).",
			"Harm reduction money, 2025: what it paid for is not published (estimate: budget shares applied).",
			"HIV money, 2025: the country's own report is missing (only: UNAIDS).",
			"HIV money, 2019–2024: not reported; a gap, not 0.",
		},
	} {
		all := "\n" + strings.Join(makeBrief(t, iso, "en").Missing, "\n") + "\n"
		for _, line := range want {
			if !strings.Contains(all, "\n"+line+"\n") {
				t.Errorf("%s does not say %q:%s", iso, line, all)
			}
		}
	}
	raw := regexp.MustCompile(`[a-z]+_[a-z]+`)
	for _, lang := range locales.Languages() {
		for _, iso := range []string{"KGZ", "TJK", "RUS", "MNE", "GEO", "XKX"} {
			for _, line := range makeBrief(t, iso, lang).Missing {
				if code := raw.FindString(line); code != "" {
					t.Errorf("%s, %s: the code %q stands in %q", iso, lang, code, line)
				}
			}
		}
	}
}

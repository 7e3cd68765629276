package dashboards

import (
	"html"
	"math/big"
	"regexp"
	"strings"
	"testing"
	"time"

	"hrinvest/dashboards/locales"
)

// A promise is broken only after its deadline, and what nobody promised never is.
func TestStanding(t *testing.T) {
	value := big.NewRat(17, 1)
	for name, c := range map[string]struct {
		gap              Gap
		cutoff           int
		look, sign       string
		en, ru           string
		reasonEN         string
		withoutLaterRows string // reason when newer rows may exist
	}{
		"before the deadline": {
			gap:    Gap{Verdict: "not_met", Reason: "before_target_year", Force: "strategy", Year: 2018, TargetYear: 2030, Adopted: 2016, Comparator: ">="},
			cutoff: 2026, look: "so_far", sign: "…",
			en: "below the target so far (value 2018, target 2030)", ru: "пока ниже цели (значение 2018 г., цель 2030 г.)",
		},
		"deadline over, no later value": {
			gap:    Gap{Verdict: "not_met", Reason: "before_target_year", Force: "resolution", Year: 2018, TargetYear: 2025, Adopted: 2016, Comparator: ">="},
			cutoff: 2026, look: "so_far", sign: "…",
			en: "below the target by the newest data (2018); the deadline was 2025", ru: "ниже цели по последним данным (2018 г.); срок — 2025 г.",
		},
		"older than the promise, and below it": {
			gap:    Gap{Verdict: "not_met", Reason: "before_adoption", Force: "resolution", Year: 2018, TargetYear: 2025, Adopted: 2021, Comparator: ">="},
			cutoff: 2026, look: "before", sign: "≈",
			en: "not assessed: the value of 2018 is older than the promise (2021)", ru: "не оценивается: значение 2018 г. старше обещания (2021 г.)",
		},
		"older than the promise, by a warehouse that compares nothing": {
			gap:    Gap{Verdict: "not_comparable", Reason: "before_adoption", Force: "resolution", Year: 2018, TargetYear: 2025, Adopted: 2021, Comparator: ">="},
			cutoff: 2026, look: "before", sign: "≈",
			en: "not assessed: the value of 2018 is older than the promise (2021)", ru: "не оценивается: значение 2018 г. старше обещания (2021 г.)",
		},
		"older than guidance": {
			gap:    Gap{Verdict: "not_met", Reason: "before_adoption", Force: "guidance", Year: 2008, Adopted: 2012, Comparator: ">="},
			cutoff: 2026, look: "before", sign: "≈",
			en: "not assessed: the value of 2008 is older than the text (2012)", ru: "не оценивается: значение 2008 г. старше текста (2012 г.)",
		},
		"in the year of the deadline": {
			gap:    Gap{Verdict: "not_met", Reason: "compared", Force: "resolution", Year: 2025, TargetYear: 2025, Adopted: 2021, Comparator: ">="},
			cutoff: 2026, look: "not_met", sign: "✗", en: "not met", ru: "не выполнено",
		},
		"a ceiling": {
			gap:    Gap{Verdict: "not_met", Reason: "before_target_year", Force: "resolution", Year: 2018, TargetYear: 2030, Comparator: "<="},
			cutoff: 2026, look: "so_far", sign: "…",
			en: "above the target so far (value 2018, target 2030)", ru: "пока выше цели (значение 2018 г., цель 2030 г.)",
		},
		"met early": {
			gap:    Gap{Verdict: "met", Reason: "before_target_year", Force: "strategy", Year: 2018, TargetYear: 2025, Adopted: 2016, Comparator: ">="},
			cutoff: 2026, look: "met", sign: "✓", en: "met", ru: "выполнено", reasonEN: "the value is from before the deadline", withoutLaterRows: "the value is from before the deadline",
		},
		"reached before it was promised": {
			gap:    Gap{Verdict: "met", Reason: "before_adoption", Force: "strategy", Year: 2012, TargetYear: 2025, Adopted: 2021, Comparator: ">="},
			cutoff: 2026, look: "before", sign: "≈",
			en: "not assessed: the value of 2012 is older than the promise (2021)", ru: "не оценивается: значение 2012 г. старше обещания (2021 г.)",
		},
		"guidance missed": {
			gap:    Gap{Verdict: "not_met", Reason: "compared", Force: "guidance", Year: 2018, Adopted: 2012, Comparator: ">="},
			cutoff: 2026, look: "level", sign: "↓", en: "below this level", ru: "ниже этого уровня",
		},
		"guidance reached": {
			gap:    Gap{Verdict: "met", Reason: "compared", Force: "guidance", Year: 2018, Adopted: 2012, Comparator: ">="},
			cutoff: 2026, look: "met", sign: "✓", en: "reaches this level", ru: "достигает этого уровня",
		},
		"an uncertain range before the deadline": {
			gap:    Gap{Verdict: "not_met", Reason: "range_spans_threshold", ReasonEN: "the range spans it", Force: "strategy", Year: 2018, TargetYear: 2030, Comparator: ">="},
			cutoff: 2026, look: "so_far", sign: "…",
			en: "below the target so far (value 2018, target 2030)", ru: "пока ниже цели (значение 2018 г., цель 2030 г.)", reasonEN: "the range spans it", withoutLaterRows: "the range spans it",
		},
	} {
		c.gap.Actual, c.gap.Required, c.gap.Unit = value, big.NewRat(90, 1), "percent"
		for lang, want := range map[string]string{"en": c.en, "ru": c.ru} {
			l, err := locales.Load(lang)
			if err != nil {
				t.Fatal(err)
			}
			w := &words{Locale: l}
			m := &maker{words: w, b: &Brief{Lang: lang}, cutoff: time.Date(c.cutoff, 2, 1, 0, 0, 0, 0, time.UTC)}
			p := m.promise(c.gap, true)
			if w.err != nil {
				t.Fatal(w.err)
			}
			if got := strings.ReplaceAll(p.VerdictText, "\u00a0", " "); got != want || p.Look != c.look || p.Sign != c.sign {
				t.Errorf("%s, %s: %s %s %q, want %s %s %q", name, lang, p.Look, p.Sign, got, c.look, c.sign, want)
			}
			if p.Verdict != c.gap.Verdict || p.Figure.Verdict != c.gap.Verdict {
				t.Errorf("%s: the data say %q and %q, want the code %q", name, p.Verdict, p.Figure.Verdict, c.gap.Verdict)
			}
			if lang == "en" && p.Reason != c.reasonEN {
				t.Errorf("%s: reason %q, want %q", name, p.Reason, c.reasonEN)
			}
			if p := m.promise(c.gap, false); lang == "en" && p.Reason != c.withoutLaterRows {
				t.Errorf("%s: reason %q where newer values may stand beside it, want %q", name, p.Reason, c.withoutLaterRows)
			}
		}
	}
}

// No surface shows a red cross for a promise whose deadline is to come; the data
// keep their codes.
func TestNoCrossBeforeTheDeadline(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	b := makeBrief(t, "KGZ", "en") // 170 needles in 2018, of 300 promised later by 2030 and of 200 by guidance
	seen := map[string]bool{}
	for _, p := range b.Promises {
		seen[p.ID+" "+p.Look+" "+p.Verdict] = true
	}
	for _, want := range []string{"NSP300 before not_met", "NSP200 level not_met"} {
		if !seen[want] {
			t.Errorf("no %q among %v", want, seen)
		}
	}
	page := ask(t, site(t), "/en/country/KGZ").Body.String()
	if strings.Contains(page, "✗") || strings.Contains(page, "v-not_met") || !strings.Contains(page, "not assessed: the value of 2018 is older") {
		t.Error("the page shows a broken promise")
	}
	if text := pdfText(t, pdf(t, b)); strings.Contains(text, "✗") || !strings.Contains(squeeze(text), "≈ not assessed: the value of 2018") {
		t.Error("the PDF shows a broken promise")
	}
	if gaps := ask(t, site(t), "/en/gaps.csv?country=KGZ&commitment=NSP300").Body.String(); !strings.Contains(gaps, "not_met") {
		t.Error("the data lost the code of the verdict")
	}
}

var gapsRow = regexp.MustCompile(`(?s)<tr[^>]*><th[^>]* scope="row">(.*?)</th>.*?<small>(?:<a[^>]*>)?([A-Za-z0-9-]+)`)

// The page of gaps shows the newest answer to each promise and area; all years
// are one link away, which keeps what was chosen.
func TestGapsShowTheNewest(t *testing.T) {
	s := site(t)
	for _, path := range []string{"/en/gaps", "/en/gaps?country=KGZ", "/en/gaps?commitment=NSP300", "/en/gaps?verdict=not_met"} {
		page := ask(t, s, path).Body.String()
		seen := map[string]bool{}
		for _, m := range gapsRow.FindAllStringSubmatch(page, -1) {
			if k := m[1] + " " + m[2]; seen[k] {
				t.Errorf("%s shows %s twice", path, k)
			} else {
				seen[k] = true
			}
		}
		if len(seen) == 0 {
			t.Errorf("%s shows nothing", path)
		}
		link := regexp.MustCompile(`<a href="([^"]*latest=false[^"]*)">All years</a>`).FindStringSubmatch(page)
		if link == nil {
			t.Errorf("%s: no link to all years", path)
			continue
		}
		to := html.UnescapeString(link[1])
		if _, filter, ok := strings.Cut(path, "?"); ok && !strings.Contains(to, filter) {
			t.Errorf("%s: %q forgets %q", path, to, filter)
		}
		all := ask(t, s, to).Body.String()
		if !strings.Contains(all, `name="latest" value="false"`) || !strings.Contains(all, "The newest answers only") {
			t.Errorf("%s does not keep its state", to)
		}
		if n := len(gapsRow.FindAllString(all, -1)); n < len(seen) {
			t.Errorf("%s: %d rows of all years, %d of the newest", path, n, len(seen))
		}
	}
	// A value of 2018 and the target year are two rows of one promise.
	if n := strings.Count(ask(t, s, "/en/gaps.csv?country=KGZ&commitment=NSP300").Body.String(), "\nNSP300,"); n < 2 {
		t.Errorf("all years have %d rows, want the target year beside the value", n)
	}
	csv := ask(t, s, "/en/gaps.csv?country=KGZ&commitment=NSP300&latest=true").Body.String()
	if strings.Count(csv, "\nNSP300,") != 1 || !strings.Contains(csv, "NSP300,KGZ,2018,") {
		t.Errorf("the newest answer is not the newest value: %s", csv)
	}
}

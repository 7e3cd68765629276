package dashboards

import (
	"strings"
	"testing"

	"hrinvest/dashboards/locales"
)

// A statement that names many payers names none of them as the one who paid: the
// Global Fund among forty others is not the Global Fund's money.
func TestSeveralFunders(t *testing.T) {
	many := "Andorra; Global Fund; United States (government); WHO"
	for _, c := range []struct{ name, kind, group, en, ru string }{
		{many, "unknown", "other", "several funders (4)", "несколько доноров (4)"},
		{"Global Fund; Aidsfonds", "unknown", "other", "Global Fund; Aidsfonds", "Глобальный фонд; Aidsfonds"},
		{"Aidsfonds", "philanthropic", "philanthropic", "Aidsfonds", "Aidsfonds"},
		{"Global Fund", "multilateral", "global_fund", "Global Fund", "Глобальный фонд"},
		{"Other international", "unknown", "international", "Other international", "Международные, прочие"},
		{"International (not broken down)", "unknown", "international", "International, not broken down", "Международные, без разбивки"},
	} {
		if got := group(c.name, c.kind); got != c.group {
			t.Errorf("%s is of the group %s, want %s", c.name, got, c.group)
		}
		for lang, want := range map[string]string{"en": c.en, "ru": c.ru} {
			l, err := locales.Load(lang)
			if err != nil {
				t.Fatal(err)
			}
			w := &words{Locale: l}
			if got := w.funder(c.name, c.kind); got != want || w.err != nil {
				t.Errorf("%s is shown as %q, want %q (%v)", c.name, got, want, w.err)
			}
		}
	}
	l, err := locales.Load("ru")
	if err != nil {
		t.Fatal(err)
	}
	m := &maker{words: &words{Locale: l}}
	if got := m.only([]part{{group: "other", funders: []string{many}}}); !strings.Contains(got, "несколько доноров (4)") {
		t.Errorf("who alone reported is %q", got)
	}
}

// Every mark of a flow is in words, or stands as it is.
func TestFlagList(t *testing.T) {
	l, err := locales.Load("en")
	if err != nil {
		t.Fatal(err)
	}
	w := &words{Locale: l}
	got := w.flagList([]string{"series_break", "rounded", "bi_multi:2", "unheard_of:7"})
	if want := "break in the series, not comparable with the years beside it; digits beyond the sixth decimal rounded; kind of aid in the CRS (2); unheard_of:7"; got != want {
		t.Errorf("got %q", got)
	}
}

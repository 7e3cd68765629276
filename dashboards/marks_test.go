package dashboards

import (
	"bytes"
	"encoding/csv"
	"regexp"
	"strings"
	"testing"
)

// An estimate says so wherever its amount stands: on the page, in the file to
// forward, on paper, and in the data.
func TestEstimatesSaySo(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	words := map[string]map[string]string{
		"en": {"shares": "(estimate: budget shares applied)", "title": "(by the project's title)", "partly": "(partly by the project's title)"},
		"ru": {"shares": "(оценка: по долям бюджета)", "title": "(по названию проекта)", "partly": "(частью по названию проекта)"},
	}
	// Amounts of the fixture that are no publisher's own, in English.
	for lang, w := range words {
		b := makeBrief(t, "GEO", lang)
		for id, want := range map[string]struct{ mark, method, status string }{
			"spend":                 {w["shares"], "apportioned", "estimate"},
			"per_person":            {"", "", "unknown"}, // no estimate of people
			"harm.2025.global_fund": {w["shares"], "apportioned", "estimate"},
			"harm.2025.total":       {w["shares"], "apportioned", "estimate"},
			"harm.2024.total":       {w["title"], "text_inferred", "reported"},
			"harm.2022.total":       {w["partly"], "reported text_inferred", "reported"},
			"hiv.2018.total":        {"", "reported", "reported"},
			"domestic_share":        {"", "reported", "reported"},
			"ends.GEO-H.commitment.oat.global_fund..globalfund": {w["shares"], "apportioned", "estimate"},
			"also.e6": {w["title"], "text_inferred", "reported"},
			"service.oat.global_fund.commitment.calendar.2025":             {w["shares"], "apportioned", "estimate"},
			"service.unspecified_pwid.aidsfonds.expenditure.calendar.2024": {w["title"], "text_inferred", "reported"},
		} {
			f := figure(t, b, id)
			if f.Mark != want.mark || f.Method != want.method || f.Status != want.status {
				t.Errorf("%s %s: mark %q, method %q, status %q, want %+v", lang, id, f.Mark, f.Method, f.Status, want)
			}
		}
		if !strings.Contains(b.Headline, w["shares"]) {
			t.Errorf("headline %q", b.Headline)
		}
		var html, table bytes.Buffer
		if err := b.WriteHTML(&html); err != nil {
			t.Fatal(err)
		}
		if err := b.WriteCSV(&table); err != nil {
			t.Fatal(err)
		}
		page := ask(t, site(t), "/"+lang+"/country/GEO").Body.String()
		flows := ask(t, site(t), "/"+lang+"/flows?country=GEO").Body.String()
		flow := ask(t, site(t), "/"+lang+"/flow/e1").Body.String()
		for name, text := range map[string]string{"page": page, "html": html.String(), "flows": flows, "pdf": pdfText(t, pdf(t, b))} {
			unmarked(t, lang+" "+name, text, w["shares"], "83,527", "83 527", "91,919", "91 919", "83,526.87", "83 526,87")
			unmarked(t, lang+" "+name, text, w["title"], "150,000", "150 000", "65,432", "65 432")
		}
		if n := strings.Count(flow, w["shares"]); n != 2 {
			t.Errorf("%s: the number and its dollars are marked %d times on the page of the flow, want 2", lang, n)
		}
		records, err := csv.NewReader(&table).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(records[0][16:], " "); got != "method mark verdict" {
			t.Errorf("columns %q", got)
		}
		marked := 0
		for _, r := range records[1:] {
			estimated := strings.Contains(r[16], "text_inferred") || r[12] == "estimate" && r[16] != ""
			if estimated != (r[17] != "") {
				t.Errorf("%s: %s has method %q, status %q and mark %q", lang, r[2], r[16], r[12], r[17])
			}
			if estimated {
				marked++
			}
		}
		if marked < 10 {
			t.Errorf("only %d rows of the CSV are marked", marked)
		}
	}
}

var tags = regexp.MustCompile(`<[^>]*>`)

// unmarked fails where one of the amounts stands without its mark, or with the
// short form of it in a chart, near behind.
func unmarked(t *testing.T, where, text, mark string, amounts ...string) {
	t.Helper()
	text = squeeze(tags.ReplaceAllString(strings.NewReplacer("&#39;", "'", "&nbsp;", " ", "</tr>", " | ", "</li>", " | ").Replace(text), " "))
	for _, a := range amounts {
		for rest := text; ; {
			i := strings.Index(rest, a)
			if i < 0 {
				break
			}
			rest = rest[i+len(a):]
			near := rest[:min(len(rest), 160)]
			short := regexp.MustCompile(`^,? ?\((estimate|by title|оценка|по названию)`).MatchString(near)
			if !short && !strings.Contains(near, mark) {
				t.Errorf("%s: %q stands without %q: %q", where, a, mark, near)
			}
		}
	}
}

// A year without the country's own report says who alone reported, in the chart,
// in its table and in its description.
func TestIncompleteYearsSaySo(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	for lang, want := range map[string]string{"en": "only: UNAIDS", "ru": "только: ЮНЭЙДС"} {
		b := makeBrief(t, "GEO", lang)
		for _, l := range b.HIV.Lines {
			if (l.Only != "") != (l.Year == 2025) || l.Year == 2025 && l.Only != want {
				t.Errorf("%s %d: %q", lang, l.Year, l.Only)
			}
		}
		page := ask(t, site(t), "/"+lang+"/country/GEO").Body.String()
		if n := strings.Count(page, want); n < 3 {
			t.Errorf("%s: the page says %q %d times, want it in chart, table and description", lang, want, n)
		}
	}
	for _, l := range makeBrief(t, "KGZ", "en").HIV.Lines {
		if l.Only != "" {
			t.Errorf("KGZ %d has the country's own report and says %q", l.Year, l.Only)
		}
	}
}

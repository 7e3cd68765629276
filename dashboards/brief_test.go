package dashboards

import (
	"bytes"
	"encoding/csv"
	"errors"
	"flag"
	"io"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hrinvest/dashboards/locales"
	"hrinvest/dashboards/paper"
)

var keep = flag.String("keep", "", "folder to write briefs to, to look at them")

func makeBrief(t testing.TB, iso3, lang string) *Brief {
	t.Helper()
	data, rel, done, err := fixture(t).Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	b, err := NewBrief(t.Context(), data, iso3, lang, rel)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func pdf(t testing.TB, b *Brief) []byte {
	t.Helper()
	fonts, err := paper.LoadFonts()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := b.WritePDF(&out, fonts); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func pdfText(t testing.TB, file []byte) string {
	t.Helper()
	if _, err := exec.LookPath("pdftotext"); err != nil {
		t.Skip("pdftotext is not installed")
	}
	path := filepath.Join(t.TempDir(), "brief.pdf")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("pdftotext", "-raw", path, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func squeeze(s string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("\u00a0", " ").Replace(s)), " ")
}

// In the boxes of the PDF a figure is broken at blanks only, whatever its size:
// never "US$4.88–17." and "54 million".
func TestBoxesKeepNumbersWhole(t *testing.T) {
	fonts, err := paper.LoadFonts()
	if err != nil {
		t.Fatal(err)
	}
	d := paper.New(fonts, paper.Meta{Title: "t", Lang: "en"})
	width := (column-3*7)/4 - 10
	for _, lang := range locales.Languages() {
		l, err := locales.Load(lang)
		if err != nil {
			t.Fatal(err)
		}
		rapid.Check(t, func(t *rapid.T) {
			power := big.NewRat(rapid.SampledFrom([]int64{1, 1000, 1_000_000}).Draw(t, "power"), 100)
			low := new(big.Rat).Mul(power, big.NewRat(rapid.Int64Range(1, 99_999_999).Draw(t, "low"), 1))
			high := new(big.Rat).Mul(low, big.NewRat(rapid.Int64Range(11, 60).Draw(t, "factor"), 10))
			for _, text := range []string{l.USD(low), l.USDRange(low, high), l.Percent(big.NewRat(low.Num().Int64()%100, 1), 0), l.Dollars(l.Number(low, 2))} {
				f := Figure{Text: text, Value: low}
				if got := strings.Join(d.Wrap(text, width, valueStyle(d, f, width)), " "); got != text {
					t.Errorf("%q is torn: %q", text, d.Wrap(text, width, valueStyle(d, f, width)))
				}
			}
		})
	}
}

// The same figures stand in HTML, PDF and CSV, two pages each time.
func TestBriefEditionsAgree(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	for _, iso := range []string{"KGZ", "TJK", "RUS", "MNE", "GEO", "XKX"} {
		for _, lang := range locales.Languages() {
			t.Run(iso+lang, func(t *testing.T) {
				b := makeBrief(t, iso, lang)
				file := pdf(t, b)
				var html, table bytes.Buffer
				if err := b.WriteHTML(&html); err != nil {
					t.Fatal(err)
				}
				if err := b.WriteCSV(&table); err != nil {
					t.Fatal(err)
				}
				if *keep != "" {
					name := filepath.Join(*keep, iso+"-"+lang)
					os.WriteFile(name+".pdf", file, 0o644)
					os.WriteFile(name+".html", html.Bytes(), 0o644)
					os.WriteFile(name+".csv", table.Bytes(), 0o644)
				}
				if n := len(regexp.MustCompile(`/Type /Page\b`).FindAll(file, -1)); n != 2 {
					t.Errorf("%d pages, want 2", n)
				}
				records, err := csv.NewReader(&table).ReadAll()
				if err != nil {
					t.Fatal(err)
				}
				text := squeeze(pdfText(t, file))
				page := squeeze(strings.NewReplacer("&#39;", "'", "&lt;", "<", "&amp;", "&").Replace(html.String()))
				found := 0
				for _, r := range records[1:] {
					section, figure := r[1], squeeze(r[7])
					if section == "figures" || section == "services" || section == "coverage" {
						found++
						if !strings.Contains(page, figure) {
							t.Errorf("%s %s: %q is not in the HTML", section, r[2], figure)
						}
						// A cell may be broken into lines: compare without blanks.
						if !strings.Contains(compact(text), compact(figure)) && section != "services" {
							t.Errorf("%s %s: %q is not in the PDF", section, r[2], figure)
						}
					}
				}
				if found < 8 {
					t.Errorf("only %d figures compared", found)
				}
				if bytes.Equal(file, nil) || !bytes.Equal(file, pdf(t, b)) {
					t.Error("two PDFs of one brief differ")
				}
			})
		}
	}
}

func compact(s string) string { return strings.ReplaceAll(s, " ", "") }

// Every figure has an identifier of its own, to be named in a report of an error.
func TestFigureIDs(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	for _, iso := range []string{"KGZ", "TJK", "RUS", "MNE", "GEO", "XKX"} {
		seen := map[string]bool{}
		for _, s := range makeBrief(t, iso, "en").sections() {
			for _, f := range s.figures {
				if f.ID == "" || seen[f.ID] {
					t.Errorf("%s, %s: identifier %q is empty or not its own", iso, s.name, f.ID)
				}
				seen[f.ID] = true
			}
		}
	}
}

// A brief with far more than two pages of lines still has two, and says how much
// is left out.
func TestBriefIsTwoPages(t *testing.T) {
	b := makeBrief(t, "KGZ", "ru")
	for range 5 {
		b.Services = append(b.Services, b.Services...)
		b.Missing = append(b.Missing, b.Missing...)
		b.Ends = append(b.Ends, b.Ends...)
		b.Refs = append(b.Refs, b.Refs...)
	}
	file := pdf(t, b)
	if n := len(regexp.MustCompile(`/Type /Page\b`).FindAll(file, -1)); n != 2 {
		t.Fatalf("%d pages", n)
	}
	text := pdfText(t, file)
	if n := strings.Count(text, "и ещё"); n < 4 {
		t.Errorf("only %d lists say how much is left out:\n%s", n, text)
	}
	if strings.Count(text, "1 / 2") != 1 || strings.Count(text, "2 / 2") != 1 {
		t.Error("page numbers are lost")
	}
}

// No number stands without its year or cycle and its basis.
func TestFiguresNameTheirBasis(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	for _, iso := range []string{"KGZ", "TJK", "RUS", "MNE", "GEO", "XKX"} {
		b := makeBrief(t, iso, "en")
		for _, s := range b.sections() {
			for _, f := range s.figures {
				if f.Words() {
					if strings.ContainsAny(f.Text, "0123456789") && f.Status != "zero" {
						t.Errorf("%s %s: absence is written as %q", iso, f.ID, f.Text)
					}
					continue
				}
				if f.Status == "" || f.Text == "" || f.Unit == "" {
					t.Errorf("%s %s: %+v lacks status, text or unit", iso, f.ID, f)
				}
				if f.Year == "" && s.name != "promises" && s.name != "also" {
					t.Errorf("%s %s: no year", iso, f.ID)
				}
				if f.Unit == "USD" && f.Kind == "" && f.Basis != "mixed_prices" {
					t.Errorf("%s %s: money without its kind", iso, f.ID)
				}
			}
		}
	}
}

func figure(t *testing.T, b *Brief, id string) Figure {
	t.Helper()
	for _, s := range b.sections() {
		for _, f := range s.figures {
			if f.ID == id {
				return f
			}
		}
	}
	t.Fatalf("no figure %q", id)
	return Figure{}
}

// The sums of the fixture, worked by hand.
func TestBriefNumbers(t *testing.T) {
	b := makeBrief(t, "KGZ", "en")
	for id, want := range map[string]string{
		"harm.2016.global_fund": "800000.5",        // f1 + f2
		"harm.2016.domestic":    "100000",          // f3
		"harm.2016.total":       "900000.5",        // without f10, which does not count
		"harm.2018.global_fund": "700000",          // f4: disbursed
		"spend":                 "750000",          // f4 + f5; f7 has no rate
		"domestic_share":        "11.111104938275", // f3 / 2016, the last year with both
		"per_person":            "30",              // 750000 / 25000
		"hiv.2013.total":        "",                // nobody reported
		"service.unspecified_pwid.global_fund.budget.cycle.gc7": "2330373.72",
	} {
		if got := exact(figure(t, b, id).Value); got != want {
			t.Errorf("%s = %q, want %q", id, got, want)
		}
	}
	if f := figure(t, b, "harm.2017.total"); f.Value != nil || f.Text != "not reported" {
		t.Errorf("2017 is %+v, want a gap in words", f)
	}
	if got := b.Harm.Latest().Mix; got != "Domestic public money: spent; Global Fund: disbursed; Foundations (Robert Carr Fund): budgeted" {
		t.Errorf("mix %q", got)
	}
	if !strings.Contains(b.Headline, "US$750,000 was spent, disbursed or budgeted for harm reduction in Kyrgyzstan in 2018") {
		t.Errorf("headline %q", b.Headline)
	}
	for _, s := range b.Services {
		if s.Amount.Basis == "cycle" && !strings.Contains(s.When, "not annual") {
			t.Errorf("a cycle budget is called %q", s.When)
		}
	}
	if len(b.Also) != 1 || b.Also[0].Amount.Note != "KGZ TJK" {
		t.Errorf("money for several countries: %+v", b.Also)
	}
	if b.Banner == "" {
		t.Error("a brief of bundled data has no banner")
	}
}

// Where only a grant cycle's budget is known, the brief says that it is of
// several years, and gives no figure per year or person.
func TestBriefOfCycleBudget(t *testing.T) {
	b := makeBrief(t, "TJK", "ru")
	if !strings.HasPrefix(b.Headline, "В Таджикистане на услуги") || !strings.Contains(b.Headline, "несколько лет") {
		t.Errorf("headline %q", b.Headline)
	}
	if f := b.Four[0]; f.Basis != "cycle" || exact(f.Value) != "2610479.92" {
		t.Errorf("first figure %+v", f)
	}
	if f := b.Four[3]; f.Value != nil {
		t.Errorf("money per person from a cycle budget: %+v", f)
	}
}

// A service that a law forbids is not available by law, never 0.
func TestBriefByLaw(t *testing.T) {
	b := makeBrief(t, "RUS", "en")
	if f := figure(t, b, "oat_coverage"); f.Value != nil || f.Text != "not available by law" {
		t.Errorf("%+v", f)
	}
	if !strings.Contains(b.Headline, "no money") && !strings.Contains(b.Headline, "No money") {
		t.Errorf("headline %q", b.Headline)
	}
}

func TestNoCountry(t *testing.T) {
	data, rel, done, err := fixture(t).Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	if _, err := NewBrief(t.Context(), data, "XXX", "en", rel); !errors.Is(err, ErrNoCountry) {
		t.Errorf("got %v", err)
	}
	if _, err := NewBrief(t.Context(), data, "KGZ", "xx", rel); err == nil {
		t.Error("a language that is not there was accepted")
	}
}

func BenchmarkBrief(b *testing.B) {
	data, rel, done, err := fixture(b).Acquire(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer done()
	for b.Loop() {
		if _, err := NewBrief(b.Context(), data, "KGZ", "ru", rel); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBriefPDF(b *testing.B) {
	brief := makeBrief(b, "KGZ", "ru")
	fonts, err := paper.LoadFonts()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := brief.WritePDF(io.Discard, fonts); err != nil {
			b.Fatal(err)
		}
	}
}

// The foot of a page stays on the page, and beside its number, whatever it says.
func TestFooterFits(t *testing.T) {
	b := makeBrief(t, "RUS", "en")
	b.Cutoff = "data up to 20 September 2026, documents handed over on 27 September 2026"
	b.Release = strings.Repeat("20261127T214056Z-", 2)
	file := pdf(t, b)
	if _, err := exec.LookPath("pdftotext"); err != nil {
		t.Skip("pdftotext is not installed")
	}
	path := filepath.Join(t.TempDir(), "brief.pdf")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	boxes, err := exec.Command("pdftotext", "-bbox", path, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`xMax="([0-9.]+)"[^>]*>([^<]*)<`).FindAllStringSubmatch(string(boxes), -1) {
		if x, _ := strconv.ParseFloat(m[1], 64); x > margin+column+1 {
			t.Errorf("%q ends at %s", m[2], m[1])
		}
	}
}

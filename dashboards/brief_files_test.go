package dashboards

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"html"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"hrinvest/dashboards/locales"
	"hrinvest/dashboards/paper"

	"hrinvest/dashboards/ziptest"
)

func xlsx(t testing.TB, b *Brief) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := b.WriteXLSX(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// The workbook holds numbers as numbers, absence as an empty cell, and no formula
// whatever a text begins with.
func TestXLSX(t *testing.T) {
	b := makeBrief(t, "KGZ", "ru")
	b.Services[0].Funder = "=HYPERLINK(\"https://example.org\")"
	b.Missing = append(b.Missing, "+1", "@SUM(A1)")
	file := xlsx(t, b)
	for name, content := range ziptest.Files(t, file) {
		if strings.HasPrefix(name, "xl/worksheets/") && regexp.MustCompile(`<f[ >]`).MatchString(content) {
			t.Errorf("%s holds a formula", name)
		}
	}
	f, err := excelize.OpenReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got := strings.Join(f.GetSheetList(), " "); got != "Data Notes Sources" {
		t.Errorf("sheets %q", got)
	}
	rows, err := f.GetRows(sheetData, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	n := 1
	for _, s := range b.sections() {
		for _, want := range s.figures {
			n++
			cell, err := f.GetCellType(sheetData, "C"+strconv.Itoa(n))
			if err != nil {
				t.Fatal(err)
			}
			got := rows[n-1][2]
			if want.Value == nil {
				if got != "" {
					t.Errorf("%s is absent and has the value %q", want.ID, got)
				}
				continue
			}
			if cell != excelize.CellTypeUnset && cell != excelize.CellTypeNumber {
				t.Errorf("%s is no number: type %v", want.ID, cell)
			}
			if exp := exact(want.Value); got != exp {
				a, _ := strconv.ParseFloat(got, 64)
				e, _ := strconv.ParseFloat(exp, 64)
				if a != e {
					t.Errorf("%s = %s, want %s", want.ID, got, exp)
				}
			}
		}
	}
	if n != len(rows) {
		t.Errorf("%d rows, want %d", len(rows), n)
	}
	for _, row := range rows[1:] {
		for _, cell := range row[7:11] { // unit, year, period, kind
			if regexp.MustCompile("[a-z]{3}").MatchString(cell) {
				t.Errorf("%q is left in English: %q", cell, row)
			}
		}
	}
	for _, name := range f.GetSheetList() {
		layout, err := f.GetPageLayout(name)
		if err != nil || *layout.Orientation != "landscape" || *layout.FitToWidth != 1 {
			t.Errorf("%s is printed as %+v, %v", name, layout, err)
		}
	}
	if !bytes.Equal(file, xlsx(t, b)) {
		t.Error("two workbooks of one brief differ")
	}
}

// benchmarkEdition writes one edition of the brief with most lines.
func benchmarkEdition(b *testing.B, name string) {
	brief := makeBrief(b, "KGZ", "ru")
	fonts, err := paper.LoadFonts()
	if err != nil {
		b.Fatal(err)
	}
	e, ok := EditionOf(name)
	if !ok {
		b.Fatalf("no edition %q", name)
	}
	for b.Loop() {
		if err := e.Write(io.Discard, brief, fonts); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBriefEditions(b *testing.B) {
	for _, e := range Editions() {
		b.Run(e.Name, func(b *testing.B) { benchmarkEdition(b, e.Name) })
	}
}

func written(t testing.TB, b *Brief, name string) []byte {
	t.Helper()
	fonts, err := paper.LoadFonts()
	if err != nil {
		t.Fatal(err)
	}
	e, ok := EditionOf(name)
	if !ok {
		t.Fatalf("no edition %q", name)
	}
	var out bytes.Buffer
	if err := e.Write(&out, b, fonts); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// docxText is the text of the body and the footnotes.
func docxText(t testing.TB, file []byte) string {
	t.Helper()
	files := ziptest.Files(t, file)
	var out strings.Builder
	for _, name := range []string{"word/document.xml", "word/footnotes.xml"} {
		dec := xml.NewDecoder(strings.NewReader(files[name]))
		in := false
		for {
			token, err := dec.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			switch e := token.(type) {
			case xml.StartElement:
				in = e.Name.Local == "t"
			case xml.EndElement:
				if in = false; e.Name.Local == "p" {
					out.WriteString("\n")
				}
			case xml.CharData:
				if in {
					out.Write(e)
				}
			}
		}
	}
	return out.String()
}

// Every number of a country is the same on its page and in every edition: as
// written in page, HTML, PDF and document, as a value in CSV, JSON and workbook.
func TestEveryEditionShowsTheSameNumbers(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	s := site(t)
	for _, iso := range []string{"KGZ", "TJK", "RUS", "MNE", "GEO", "XKX"} {
		for _, lang := range locales.Languages() {
			t.Run(iso+lang, func(t *testing.T) {
				b := makeBrief(t, iso, lang)
				plain := func(s string) string { return compact(squeeze(html.UnescapeString(s))) }
				texts := map[string]string{
					"page": plain(ask(t, s, b.Permalink).Body.String()),
					"html": plain(string(written(t, b, "html"))),
					"docx": plain(docxText(t, written(t, b, "docx"))),
					"pdf":  plain(pdfText(t, written(t, b, "pdf"))),
				}
				values := map[string]map[string]string{"csv": csvValues(t, written(t, b, "csv")), "json": jsonValues(t, written(t, b, "json")), "xlsx": xlsxValues(t, written(t, b, "xlsx"))}
				shown := map[string]bool{} // the PDF has no room for every year and service, and says so
				for _, l := range b.shown().Lines {
					for _, f := range append([]Figure{l.Total}, l.Cells...) {
						shown[f.ID] = true
					}
				}
				for _, sec := range b.sections() {
					for _, f := range sec.figures {
						for name, all := range values {
							want := exact(f.Value)
							if name == "xlsx" && want != "" {
								want = float(t, want)
							}
							if got, ok := all[f.ID]; !ok || got != want {
								t.Errorf("%s: %s = %q, want %q", name, f.ID, got, want)
							}
						}
						for name, text := range texts {
							switch {
							case name == "pdf" && sec.name != "figures" && sec.name != "coverage" && sec.name != "need":
								continue
							case name != "page" && (sec.name == "harm" || sec.name == "hiv") && (!shown[f.ID] || f.Words()):
								continue // a file has one chart
							case name == "html" && (sec.name == "other_money" || sec.name == "also"):
								continue // on the page, in the document and in the tables
							case sec.name == "promises" && f.Text == "":
								continue
							}
							if !strings.Contains(text, plain(f.Text)) {
								t.Errorf("%s: %s %q is not there", name, f.ID, f.Text)
							}
							if !strings.Contains(text, plain(f.Mark)) {
								t.Errorf("%s: the mark %q of %s is not there", name, f.Mark, f.ID)
							}
						}
					}
				}
			})
		}
	}
}

// float is a number as a workbook keeps it.
func float(t testing.TB, s string) string {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

func csvValues(t testing.TB, file []byte) map[string]string {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, r := range rows[1:] {
		out[r[2]] = r[4]
	}
	return out
}

func jsonValues(t testing.TB, file []byte) map[string]string {
	t.Helper()
	var v struct {
		Figures []struct {
			ID    string
			Value *string
		}
	}
	if err := json.Unmarshal(file, &v); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range v.Figures {
		out[f.ID] = ""
		if f.Value != nil {
			out[f.ID] = *f.Value
		}
	}
	return out
}

func xlsxValues(t testing.TB, file []byte) map[string]string {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows(sheetData, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, r := range rows[1:] {
		v := r[2]
		if v != "" {
			v = float(t, v)
		}
		out[r[15]] = v
	}
	return out
}

// The document keeps every promise of its form: small, the same each time, every
// source a footnote.
func TestDOCX(t *testing.T) {
	b := makeBrief(t, "KGZ", "ru")
	file := written(t, b, "docx")
	if len(file) > 150<<10 || !bytes.Equal(file, written(t, b, "docx")) {
		t.Errorf("%d bytes, or not the same twice", len(file))
	}
	files := ziptest.Files(t, file)
	notes := strings.Count(files["word/footnotes.xml"], "<w:footnoteRef/>")
	if notes == 0 || notes > len(b.Refs) {
		t.Errorf("%d footnotes for %d sources", notes, len(b.Refs))
	}
	text := docxText(t, file)
	for _, r := range b.Refs {
		if !strings.Contains(text, r.Publisher+". "+r.Title) {
			t.Errorf("source %d is not cited", r.N)
		}
	}
	if n := strings.Count(files["word/document.xml"], "<w:tblHeader/>"); n < 5 {
		t.Errorf("%d tables with a header row", n)
	}
	if !strings.Contains(files["word/document.xml"], `descr="`+strings.TrimSpace(b.shown().Basis)[:20]) {
		t.Error("the chart says nothing to those who do not see it")
	}
}

// A word processor opens the document and shows its numbers.
func TestDOCXOpens(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	if _, err := exec.LookPath("soffice"); err != nil {
		t.Skip("LibreOffice is not installed")
	}
	if testing.Short() {
		t.Skip("slow")
	}
	b := makeBrief(t, "KGZ", "ru")
	dir := t.TempDir()
	name := filepath.Join(dir, "brief.docx")
	if err := os.WriteFile(name, written(t, b, "docx"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("soffice", "-env:UserInstallation=file://"+filepath.Join(dir, "profile"), "--headless", "--convert-to", "pdf", "--outdir", dir, name)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	file, err := os.ReadFile(filepath.Join(dir, "brief.pdf"))
	if err != nil {
		t.Fatal(err)
	}
	text := compact(squeeze(pdfText(t, file)))
	for _, f := range b.Four {
		if !strings.Contains(text, compact(squeeze(f.Text))) {
			t.Errorf("%q is not shown", f.Text)
		}
	}
}

// Pictures have the size messengers ask for, weigh what the page says, and are
// the same each time; every country has one, whatever is known of it.
func TestPictures(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	for _, iso := range []string{"KGZ", "TJK", "RUS", "MNE", "GEO", "XKX"} {
		for name, want := range map[string]Shape{"png": Wide, "tall.png": Tall} {
			b := makeBrief(t, iso, "ru")
			file := written(t, b, name)
			if *keep != "" {
				os.WriteFile(filepath.Join(*keep, iso+"-ru."+name), file, 0o644)
			}
			c, err := png.DecodeConfig(bytes.NewReader(file))
			if err != nil {
				t.Fatal(err)
			}
			if c.Width != int(want.Width) || c.Height != int(want.Height) {
				t.Errorf("%s %s: %d x %d", iso, name, c.Width, c.Height)
			}
			if len(file) > maxPicture {
				t.Errorf("%s %s: %d bytes", iso, name, len(file))
			}
			if iso == "KGZ" && !bytes.Equal(file, written(t, b, name)) {
				t.Errorf("%s %s: not the same twice", iso, name)
			}
		}
	}
}

// The archive holds every country and is the same each time, from the address
// and from WriteAll.
func TestArchive(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	data, rel, done, err := fixture(t).Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	fonts, err := paper.LoadFonts()
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := WriteAll(t.Context(), &file, data, "ru", rel, "", fonts, ArchiveEditions()); err != nil {
		t.Fatal(err)
	}
	files := ziptest.Files(t, file.Bytes())
	for _, want := range []string{"KGZ/hrinvest-kgz-ru.pdf", "KGZ/hrinvest-kgz-ru.docx", "XKX/hrinvest-xkx-ru.html", "TJK/hrinvest-tjk-ru.xlsx"} {
		if files[want] == "" {
			t.Errorf("%s is not in the archive", want)
		}
	}
	if got := files["KGZ/hrinvest-kgz-ru.pdf"]; got != string(written(t, makeBrief(t, "KGZ", "ru"), "pdf")) {
		t.Error("the brief in the archive is another than the brief")
	}
	w := ask(t, site(t), "/ru/briefs.zip")
	if w.Code != 200 || w.Header().Get("Content-Type") != "application/zip" || !bytes.Equal(w.Body.Bytes(), file.Bytes()) {
		t.Errorf("the address answers %d, %s, %d bytes", w.Code, w.Header().Get("Content-Type"), w.Body.Len())
	}
}

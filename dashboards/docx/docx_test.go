package docx

import (
	"bytes"
	"encoding/xml"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"hrinvest/dashboards/ziptest"
)

func example(t *testing.T) []byte {
	t.Helper()
	d := New(Meta{Title: "Сводка <1>", Lang: "ru-RU", Date: time.Date(2025, 6, 30, 0, 0, 0, 0, time.UTC), Footer: "выпуск & страница"})
	source := Note{Key: "1", Text: []Run{{Text: "Publisher. "}, {Text: "https://example.org/?a=1&b=2", Link: "https://example.org/?a=1&b=2"}}}
	d.Text(Title, "Сводка <1>")
	d.Paragraph(Normal, Run{Text: "one"}, Run{Text: "two", Bold: true, Notes: []Note{source, {Key: "2", Text: []Run{{Text: "other"}}}}}, Run{Text: "again", Notes: []Note{source}})
	d.Picture([]byte("png"), 100, 50, "chart", `2016: "1" & more`)
	d.Table(Table{Name: "name", Text: "text", Widths: []float64{100, 200}, Header: []string{"a", "b"}, Right: []bool{false, true},
		Rows: [][]TableCell{{{{Runs: []Run{{Text: "=1+1\x00"}}}}, {}}}})
	d.Text(Bullet, "line\nbreak")
	var b bytes.Buffer
	if err := d.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Every part is well-formed, and every reference to another part leads there.
func TestPackage(t *testing.T) {
	files := ziptest.Files(t, example(t))
	for name, content := range files {
		if strings.HasSuffix(name, ".png") {
			continue
		}
		dec := xml.NewDecoder(strings.NewReader(content))
		for {
			if _, err := dec.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%s is not well-formed: %v", name, err)
			}
		}
	}
	for _, m := range regexp.MustCompile(`PartName="/([^"]+)"`).FindAllStringSubmatch(files["[Content_Types].xml"], -1) {
		if _, ok := files[m[1]]; !ok {
			t.Errorf("part %s is declared and not there", m[1])
		}
	}
	for _, name := range []string{"document", "footnotes"} {
		rels := files["word/_rels/"+name+".xml.rels"]
		for _, m := range regexp.MustCompile(`r:(?:id|embed)="([^"]+)"`).FindAllStringSubmatch(files["word/"+name+".xml"], -1) {
			if !strings.Contains(rels, `Id="`+m[1]+`"`) {
				t.Errorf("%s refers to %s, which is no relation", name, m[1])
			}
		}
		for _, m := range regexp.MustCompile(`Target="([a-z0-9/.]+)"/>`).FindAllStringSubmatch(rels, -1) {
			if _, ok := files["word/"+m[1]]; !ok {
				t.Errorf("relation to %s, which is not there", m[1])
			}
		}
	}
	styles := files["word/styles.xml"]
	for _, name := range []string{"document", "footnotes", "footer1"} {
		for _, m := range regexp.MustCompile(`<w:(?:p|r|tbl)Style w:val="([^"]+)"`).FindAllStringSubmatch(files["word/"+name+".xml"], -1) {
			if !strings.Contains(styles, `w:styleId="`+m[1]+`"`) {
				t.Errorf("style %s is used and not defined", m[1])
			}
		}
	}
}

// A source is one footnote, however often it is cited; the table says its header
// row, the picture what it shows, the document its language.
func TestDocument(t *testing.T) {
	files := ziptest.Files(t, example(t))
	body := files["word/document.xml"]
	if n := strings.Count(files["word/footnotes.xml"], "<w:footnoteRef/>"); n != 2 {
		t.Errorf("%d footnotes, want 2", n)
	}
	if n := strings.Count(body, "<w:footnoteReference "); n != 2 {
		t.Errorf("%d marks of footnotes, want 2", n)
	}
	for _, want := range []string{`NOTEREF note1 `, `<w:tblHeader/>`, `descr="2016: &#34;1&#34; &amp; more"`, `<w:t xml:space="preserve">=1+1` + "\uFFFD" + `</w:t>`, `<w:br/>`} {
		if !strings.Contains(body, want) {
			t.Errorf("the body lacks %s", want)
		}
	}
	if !strings.Contains(files["word/styles.xml"], `<w:lang w:val="ru-RU"`) || !strings.Contains(files["docProps/core.xml"], "<dc:language>ru-RU</dc:language>") {
		t.Error("the language is not said")
	}
	if !bytes.Equal(example(t), example(t)) {
		t.Error("two documents of one content differ")
	}
}

package iati

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// cutAll cuts a document in blocks of a size and describes its pieces.
func cutAll(t testing.TB, doc string, block, limit int) (got []string, c *cutter) {
	t.Helper()
	c = newCutter(iotest.OneByteReader(strings.NewReader(doc)), block, limit)
	var buf []byte
	for {
		var pieces []piece
		var err error
		buf, pieces, err = c.next(buf, nil)
		for _, p := range pieces {
			s := string(p.data)
			if p.broken != "" {
				s = "BROKEN " + p.broken + ": " + s
			}
			got = append(got, s)
		}
		if errors.Is(err, io.EOF) {
			return got, c
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestCutter(t *testing.T) {
	const a = `<iati-activity x="1"><title>A</title></iati-activity>`
	for _, tt := range []struct {
		name, doc string
		want      []string
	}{
		{"two", `<iati-activities version="2.03">` + a + "\n" + a + `</iati-activities>`, []string{a, a}},
		{"none", `<iati-activities/>`, nil},
		{"activity is the root", a, []string{a}},
		{"self-closed", `<iati-activities><iati-activity a=">/>"/>` + a + `</iati-activities>`, []string{`<iati-activity a=">/>"/>`, a}},
		{"in a comment", `<iati-activities><!-- ` + a + ` -->` + a + `</iati-activities>`, []string{a}},
		{"end in a comment", `<iati-activity><!-- </iati-activity> --></iati-activity >`, []string{`<iati-activity><!-- </iati-activity> --></iati-activity >`}},
		{"start in CDATA", `<iati-activity><![CDATA[<iati-activity>]]></iati-activity>`, []string{`<iati-activity><![CDATA[<iati-activity>]]></iati-activity>`}},
		{"processing instruction", `<?x <iati-activity> ?><iati-activity><?y </iati-activity> ?></iati-activity>`, []string{`<iati-activity><?y </iati-activity> ?></iati-activity>`}},
		{"greater-than in an attribute", `<iati-activity a='>' b="</x>">` + `</iati-activity>`, []string{`<iati-activity a='>' b="</x>"></iati-activity>`}},
		{"longer names", `<iati-activities><iati-activity-x>` + a + `</iati-activity-x></iati-activities>`, []string{a}},
		{"other elements between", `<iati-activities><ir:record a="<iati-activity>"/>` + a + `<p>text</p></iati-activities>`, []string{a}},
		{"declaration with a subset", `<!DOCTYPE x [<!ENTITY a "<iati-activity>">]>` + a, []string{a}},
		{"cut off", `<iati-activities>` + a + `<iati-activity><title>`, []string{a, "BROKEN the file ends inside this activity: <iati-activity><title>"}},
		{"cut off in a tag", `<iati-activities>` + a + `<iati-activity lang="e`, []string{a, `BROKEN the file ends inside this activity: <iati-activity lang="e`}},
		{"cut off in a comment", `<iati-activity><!-- </iati-activity>`, []string{"BROKEN the file ends inside this activity: <iati-activity><!-- </iati-activity>"}},
		{"no end", `<iati-activity><title>` + a, []string{"BROKEN the next activity begins before </iati-activity>: <iati-activity><title>", a}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, block := range []int{1, 7, 64, 4096} {
				got, _ := cutAll(t, tt.doc, block, 1<<20)
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("in blocks of %d:\n%s", block, diff)
				}
			}
		})
	}
}

func TestCutterLimit(t *testing.T) {
	long := "<iati-activity><title>" + strings.Repeat("long ", 4000) + "</title></iati-activity>"
	doc := "<iati-activities><iati-activity>1</iati-activity>" + long + "<iati-activity>3</iati-activity></iati-activities>"
	got, c := cutAll(t, doc, 512, 8192)
	if len(got) != 3 || got[0] != "<iati-activity>1</iati-activity>" || got[2] != "<iati-activity>3</iati-activity>" || !strings.Contains(got[1], "BROKEN activity is over") {
		t.Errorf("got %.300q", got)
	}
	if c.n != 3 || !c.closed {
		t.Errorf("got %d activities, closed %v", c.n, c.closed)
	}
}

func TestCutterReadError(t *testing.T) {
	c := newCutter(iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader("<iati-activities>"))), 8, 64)
	if _, _, err := c.next(nil, nil); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("got %v, want the reader's error", err)
	}
}

// standardCut finds the activities as encoding/xml sees them; ok is false for
// documents that are not well-formed, or hold an activity inside an activity.
func standardCut(doc []byte) (list []string, ok bool) {
	d := xml.NewDecoder(bytes.NewReader(doc))
	depth, from := 0, int64(-1)
	var open []xml.Name
	for {
		at := d.InputOffset()
		tok, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return list, len(open) == 0
		}
		if err != nil {
			return nil, false
		}
		switch e := tok.(type) {
		case xml.StartElement:
			open = append(open, e.Name)
			if e.Name.Space == "" && e.Name.Local == "iati-activity" {
				if depth++; depth > 1 {
					return nil, false
				}
				from = at
			}
		case xml.EndElement:
			if len(open) == 0 || open[len(open)-1] != e.Name {
				return nil, false
			}
			open = open[:len(open)-1]
			if e.Name.Space == "" && e.Name.Local == "iati-activity" {
				depth--
				list = append(list, string(doc[from:d.InputOffset()]))
			}
		}
	}
}

// Where encoding/xml sees a document, the cutter sees the same activities.
func FuzzCutter(f *testing.F) {
	for _, s := range []string{
		`<iati-activities><iati-activity/><!-- <iati-activity> --><iati-activity a=">">x</iati-activity></iati-activities>`,
		`<a><![CDATA[<iati-activity>]]><iati-activity><![CDATA[</iati-activity>]]></iati-activity></a>`,
		`<!DOCTYPE a [<!ENTITY b "<iati-activity>">]><iati-activity><?p </iati-activity>?></iati-activity>`,
		`<iati-activity><iati-activity-b></iati-activity-b></iati-activity  >`,
	} {
		f.Add([]byte(s), uint8(3))
	}
	f.Fuzz(func(t *testing.T, doc []byte, block uint8) {
		got, _ := cutAll(t, string(doc), int(block)+1, 1<<20)
		for _, g := range got {
			if !strings.HasPrefix(g, "BROKEN") && !strings.HasPrefix(g, "<iati-activity") {
				t.Fatalf("piece %q", g)
			}
		}
		want, ok := standardCut(doc)
		for _, after := range bytes.Split(doc, []byte("<!"))[1:] {
			if !bytes.HasPrefix(after, []byte("--")) && !bytes.HasPrefix(after, []byte("[CDATA[")) {
				return // declarations: the two differ on odd quotes in them
			}
		}
		if !ok {
			return
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	})
}

// The scanner never says anything encoding/xml does not.
func FuzzDecoder(f *testing.F) {
	for _, s := range []string{
		`<iati-activity xml:lang="en"><title><narrative>A &amp; B &#x201c;</narrative></title><usg:x xmlns:usg="u"><value>1</value></usg:x></iati-activity>`,
		"<iati-activity><value a='1' b = \"2\">\r\n 5 <!-- c --> 6<![CDATA[<]]>\r</value><contact-info><email>a@b.org</email></contact-info></iati-activity>",
		`<iati-activity><a></b></iati-activity>`,
		"<iati-activity>]]></iati-activity>",
		"<iati-activity>\xff</iati-activity>",
		`<iati-activity é="1"/>`,
		`<iati-activity><transaction ref="x"><value>1<sector/>2</value></transaction></iati-activity>`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var fast, slow tree
		slow.standardOnly = true
		errFast, errSlow := fast.decode(b, &root{}), slow.decode(b, &root{})
		if diff := diffTrees(&fast, &slow, errFast, errSlow); diff != "" {
			t.Fatal(diff)
		}
	})
}

// Whatever the bytes, a document parses, twice alike, and adds up; and nothing
// in scope is passed over by the search in the bytes.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`<iati-activities default-currency="USD"><iati-activity><iati-identifier>A</iati-identifier><sector code="13040"/><transaction><transaction-type code="3"/><value>1</value></transaction></iati-activity></iati-activities>`))
	f.Add([]byte(`<iati-activity><title>Метадон</title><budget><value currency="EUR">5</value></budget></iati-activity>`))
	f.Add([]byte("\xff\xfe<\x00i\x00a\x00t\x00i\x00-\x00a\x00c\x00t\x00i\x00v\x00i\x00t\x00y\x00/\x00>\x00"))
	f.Add([]byte(`<iati-organisations><total-budget/></iati-organisations>`))
	f.Fuzz(func(t *testing.T, b []byte) {
		fuzzParse(t, b)
	})
}

func ExampleNew() {
	fmt.Println(New(Config{}).Info().Title)
	// Output: IATI activity files
}

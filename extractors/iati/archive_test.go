package iati

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hrinvest/extractors/extractorstest"
	"hrinvest/extractors/fetch"
	"hrinvest/extractors/iati/iatitest"
)

// zipped packs files, given as name and content in turns.
func zipped(t testing.TB, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w, err := z.Create(files[i])
		if err == nil {
			_, err = io.WriteString(w, files[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const (
	budgetOf     = `<iati-activities><iati-activity><iati-identifier>%s</iati-identifier><title>HIV</title><budget><value>1</value></budget></iati-activity></iati-activities>`
	organisation = `<iati-organisations><iati-organisation><total-budget/><recipient-country-budget/></iati-organisation></iati-organisations>`
)

// The members are read in the order of their names, and named in every locator.
func TestArchive(t *testing.T) {
	b := zipped(t,
		"iati-data/", "",
		"iati-data/datasets-minimal.json", `{"datasets":[]}`,
		"iati-data/datasets/zz/zz-1.xml", fmt.Sprintf(budgetOf, "ZZ-1"),
		"iati-data/datasets/bb/bb-roads.xml", strings.ReplaceAll(fmt.Sprintf(budgetOf, "BB-9"), "HIV", "Roads"),
		"iati-data/datasets/bb/bb-org.xml", organisation,
		"iati-data/datasets/aa/aa-1.xml", fmt.Sprintf(budgetOf, "AA-1"),
		"iati-data/datasets/aa/aa-html.xml", "<!DOCTYPE html><html><body>Sign in</body></html>",
		"iati-data/datasets/aa/aa-none.xml", "",
		"iati-data/datasets/aa/aa-cut.xml", strings.Split(fmt.Sprintf(budgetOf, "AA-2"), "</budget>")[0],
		"iati-data/datasets/aa/aa-empty.xml", `<iati-activities version="2.03"/>`,
	)
	src := New(Config{})
	if role := src.Role("iati-data.zip", b); role != roleArchive {
		t.Fatalf("role %q", role)
	}
	r := extractorstest.Parse(t, src, extractorstest.Doc(roleArchive, "iati-data.zip", b))
	extractorstest.Check(t, r, nil)
	var got []string
	for _, d := range r.Disclosures {
		got = append(got, d.Group+" "+d.Locator)
	}
	for _, p := range r.Problems {
		got = append(got, p.Locator+": "+p.Reason[:19])
	}
	want := []string{
		"AA-1 iati-data/datasets/aa/aa-1.xml#/iati-activities/iati-activity[1]/budget[1]",
		"ZZ-1 iati-data/datasets/zz/zz-1.xml#/iati-activities/iati-activity[1]/budget[1]",
		"iati-data/datasets/aa/aa-cut.xml#/iati-activities/iati-activity[1]: the file ends insid",
		"iati-data/datasets/aa/aa-cut.xml#/: the file ends befor",
		"iati-data/datasets/aa/aa-html.xml#/: an HTML page stands",
		"iati-data/datasets/aa/aa-none.xml#/: empty or not XML: n",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if r.Skipped != 3 { // a budget about roads, two of an organisation
		t.Errorf("skipped %d", r.Skipped)
	}
	if all := extractorstest.Parse(t, New(Config{ScopeAll: true}), extractorstest.Doc(roleArchive, "iati-data.zip", b)); all.Parsed() != r.Parsed() || len(all.Disclosures) != 3 {
		t.Errorf("with everything in scope: %d disclosed of %d", len(all.Disclosures), all.Parsed())
	}
}

// What an archive discloses is what its files disclose one by one, but for the
// document and the place in it.
func TestArchiveEqualsFiles(t *testing.T) {
	src := New(Config{})
	docs := extractorstest.Bundled(t, src)
	var files []string
	var singles []fetch.Document
	for _, d := range docs {
		if d.Role != roleActivities {
			continue
		}
		text, err := d.Head(1 << 20)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, "iati-data/datasets/"+d.Name, string(text))
		singles = append(singles, d)
	}
	packed := extractorstest.Parse(t, src, extractorstest.Doc(roleArchive, "iati-data.zip", zipped(t, files...)))
	var want, got []string
	one := extractorstest.Parse(t, src, singles...)
	for i := range one.Disclosures {
		one.Disclosures[i].Document, one.Disclosures[i].Locator = "", ""
		want = append(want, fmt.Sprintf("%+v", one.Disclosures[i]))
	}
	for _, d := range packed.Disclosures {
		d.Document, d.Locator = "", ""
		got = append(got, fmt.Sprintf("%+v", d))
	}
	if diff := cmp.Diff(sorted(want), sorted(got)); diff != "" || len(want) < 100 {
		t.Errorf("%d disclosures: %s", len(want), diff)
	}
}

// Damage costs the member it is in.
func TestArchiveDamage(t *testing.T) {
	var big strings.Builder
	big.WriteString("<iati-activities>")
	for i := range 3000 {
		fmt.Fprintf(&big, "<iati-activity><iati-identifier>BIG-%d</iati-identifier><title>HIV</title><budget><value>%d</value></budget></iati-activity>\n", i, i*i%7919)
	}
	big.WriteString("</iati-activities>")
	names := []string{"iati-data/a.xml", "iati-data/b.xml", "iati-data/c.xml"}
	whole := zipped(t, names[0], fmt.Sprintf(budgetOf, "A"), names[1], big.String(), names[2], fmt.Sprintf(budgetOf, "C"))
	at := bytes.Index(whole, []byte(names[1]))
	broken := func(change func(b []byte)) []byte { b := bytes.Clone(whole); change(b); return b }
	for name, tt := range map[string]struct {
		b       []byte
		reason  string // "": any
		locator string
		good    int // disclosures of the other two
	}{
		"in the data": {broken(func(b []byte) { copy(b[at+9000:], bytes.Repeat([]byte{0xff}, 200)) }), "", names[1] + "#/", 2},
		"cut off":     {whole[:len(whole)-30], "cannot be read", "/", 0},
		"no archive":  {[]byte("<html>Sign in</html>"), "cannot be read", "/", 0},
		"no data":     {nil, "cannot be read", "/", 0},
		"no XML":      {zipped(t, "iati-data/readme.txt", "x"), "no XML", "/", 0},
		"another way of packing": {broken(func(b []byte) {
			for i := range b {
				if bytes.HasPrefix(b[i:], []byte("PK\x01\x02")) && bytes.HasPrefix(b[i+46:], []byte(names[1])) {
					b[i+10] = 99
				}
			}
		}), "damaged in this file", names[1] + "#/", 2},
	} {
		t.Run(name, func(t *testing.T) {
			r := extractorstest.Parse(t, New(Config{Block: 4096}), extractorstest.Doc(roleArchive, "iati-data.zip", tt.b))
			extractorstest.Check(t, r, nil)
			found, good := false, 0
			for _, p := range r.Problems {
				found = found || p.Locator == tt.locator && strings.Contains(p.Reason, tt.reason)
			}
			for _, d := range r.Disclosures {
				if d.Group == "A" || d.Group == "C" {
					good++
				}
			}
			if !found || good != tt.good {
				t.Errorf("%d good activities, problems %+v", good, r.Problems[:min(3, len(r.Problems))])
			}
		})
	}
}

// A document that fails to be read is an error of the run, not of the data.
func TestArchiveReadError(t *testing.T) {
	bad := errors.New("disk on fire")
	doc := extractorstest.Doc(roleArchive, "iati-data.zip", nil)
	for what, open := range map[string]func() (io.ReadCloser, error){
		"opening": func() (io.ReadCloser, error) { return nil, bad },
		"reading": func() (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(strings.NewReader("PK"), failingReader{bad})), nil
		},
	} {
		doc.OpenFunc = open
		if err := New(Config{}).Parse(t.Context(), []fetch.Document{doc}, &extractorstest.Result{}); !errors.Is(err, bad) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

type failingReader struct{ err error }

func (f failingReader) Read([]byte) (int, error) { return 0, f.err }

func TestArchiveRole(t *testing.T) {
	src := New(Config{})
	for name, tt := range map[string]struct{ file, head, want string }{
		"ours":            {"download", string(zipped(t, "iati-data/", "")), roleArchive},
		"older layout":    {"x.zip", string(zipped(t, "iati-data-main/data/a.xml", "")), roleArchive},
		"another zip":     {"x.zip", string(zipped(t, "[Content_Types].xml", "")), ""},
		"by name":         {"iati-data.zip", "<html>Sign in</html>", roleArchive},
		"index":           {"x", `{"datasets": [{"last_known_good_dataset": {}}]}`, roleIndex},
		"old index":       {"x", "\n{\"datasets\": {\"a\": {\"url_xml\": \"\"}}}", roleIndex},
		"index by name":   {"datasets-minimal", "", roleIndex},
		"any other JSON":  {"x.json", `{"datasets": []}`, ""},
		"any other zip's": {"x.zip", "PK\x05\x06", ""},
	} {
		if got := src.Role(tt.file, []byte(tt.head)); got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}

// generatedArchive writes a zip of many members, size bytes of XML in all, and
// returns it as a file of the store would be opened.
func generatedArchive(t testing.TB, size int) fetch.Document {
	t.Helper()
	name := filepath.Join(t.TempDir(), "iati-data.zip")
	out, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	z := zip.NewWriter(out)
	block := iatitest.Generate(1<<20, 0.2)
	for n := 0; n < size; n += len(block) {
		w, err := z.Create(fmt.Sprintf("iati-data/datasets/gen/gen-%d.xml", n))
		if err == nil {
			_, err = w.Write(bytes.ReplaceAll(block, []byte("XX-GEN-"), fmt.Appendf(nil, "XX-GEN-%d-", n)))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return fetch.Document{Role: roleArchive, Name: "iati-data.zip", SHA256: "generated", OpenFunc: func() (io.ReadCloser, error) { return os.Open(name) }}
}

// archivePeak parses an archive of a size and returns the most memory in use in MB.
func archivePeak(t testing.TB, size int) float64 {
	doc := generatedArchive(t, size)
	w := &watching{}
	runtime.GC()
	if err := New(Config{}).Parse(t.Context(), []fetch.Document{doc}, w); err != nil {
		t.Fatal(err)
	}
	if w.disclosed < size/15000 || w.skipped < size/4000 || w.rejected > 0 {
		t.Fatalf("got %+v", w.counting)
	}
	return float64(w.peak) / 1e6
}

// Memory does not grow with the archive: of 40 MB in as many files, no more than
// the blocks under way are in use. (make bench reports 300 MB in 300 files.)
func TestArchiveMemoryIsFlat(t *testing.T) {
	if testing.Short() {
		t.Skip("parses 40 MB")
	}
	if got := archivePeak(t, 40<<20); got > 150 {
		t.Errorf("%.0f MB in use", got)
	}
}

// BenchmarkArchiveMemory reports the peak for 300 MB in 300 files.
func BenchmarkArchiveMemory(b *testing.B) {
	for b.Loop() {
		b.ReportMetric(archivePeak(b, 300<<20), "peak-MB")
	}
}

// FuzzArchive: whatever a member holds, nothing is lost and nothing fails.
func FuzzArchive(f *testing.F) {
	f.Add([]byte("<iati-activities>"), uint16(0))
	f.Add([]byte(organisation), uint16(70))
	f.Add(fmt.Appendf(nil, budgetOf, "A"), uint16(120))
	f.Fuzz(func(t *testing.T, member []byte, at uint16) {
		b := zipped(t, "iati-data/a.xml", string(member), "iati-data/b.xml", fmt.Sprintf(budgetOf, "B"))
		b[int(at)%len(b)] ^= 0x41
		r := extractorstest.Parse(t, New(Config{ScopeAll: true, Block: 64, MaxActivity: 1 << 16}), extractorstest.Doc(roleArchive, "iati-data.zip", b))
		extractorstest.Check(t, r, nil)
		if r.Parsed() == 0 {
			t.Error("neither a statement nor a problem")
		}
	})
}

package pipelines

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
	"hrinvest/extractors/iati"
	"hrinvest/extractors/iati/iatitest"
)

// The peak of a process cannot be reset, so that the work measured runs in a
// process of its own: this test binary, told by the environment what to load.
const loadInChild = "HRINVEST_TEST_LOAD"

// TestPeakMemoryChild is that process. It does nothing by itself.
func TestPeakMemoryChild(t *testing.T) {
	name := os.Getenv(loadInChild)
	if name == "" {
		t.Skip("run by peakMemory")
	}
	dir := t.TempDir()
	store, err := fetch.NewStore(filepath.Join(dir, "documents"))
	if err != nil {
		t.Fatal(err)
	}
	src := iati.New(iati.Config{})
	doc, err := (&Pipeline{store: store}).giveFile(src, name, "activities.xml")
	if err != nil {
		t.Fatal(err)
	}
	counts, err := loadRows(t.Context(), dir, src, extractors.Set{doc})
	if err != nil {
		t.Fatal(err)
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if peak, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			fmt.Printf("loaded %d of %d peak %s\n", counts.Loaded, counts.Parsed, strings.TrimSpace(peak))
		}
	}
}

// peakMemory returns the most memory, in MB, that a process holds which takes an
// IATI file of a size, all of it in scope, to loaded rows: the database included.
func peakMemory(tb testing.TB, size int) float64 {
	if _, err := os.Stat("/proc/self/status"); err != nil {
		tb.Skip("measured with /proc")
	}
	name := filepath.Join(tb.TempDir(), "activities.xml")
	if err := writeActivities(name, size); err != nil {
		tb.Fatal(err)
	}
	cmd := exec.CommandContext(tb.Context(), os.Args[0], "-test.run=^TestPeakMemoryChild$", "-test.v")
	cmd.Env = append(os.Environ(), loadInChild+"="+name)
	out, err := cmd.CombinedOutput()
	if err != nil {
		tb.Fatalf("%v\n%s", err, out)
	}
	_, told, ok := strings.Cut(string(out), "loaded ")
	f := strings.Fields(told)
	if !ok || len(f) < 6 || f[0] != f[2] || f[5] != "kB" {
		tb.Fatalf("not every statement was loaded: %s", out)
	}
	if n, err := strconv.Atoi(f[0]); err != nil || n < size/1000 {
		tb.Fatalf("%d statements of %d bytes: %v", n, size, err)
	}
	kB, err := strconv.Atoi(f[4])
	if err != nil {
		tb.Fatal(err)
	}
	return float64(kB) * 1024 / 1e6
}

// writeActivities writes a file of a size from copies of one block, each with
// identifiers of its own.
func writeActivities(name string, size int) error {
	block := iatitest.Generate(min(size, 8<<20), 1)
	i, j := bytes.Index(block, []byte("<iati-activity ")), bytes.LastIndex(block, []byte("</iati-activities>"))
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	w.Write(block[:i])
	for n := 0; n*(j-i) < size; n++ {
		w.Write(bytes.ReplaceAll(block[i:j], []byte("XX-GEN"), fmt.Appendf(nil, "XX-%03d", n)))
	}
	w.Write(block[j:])
	return w.Flush()
}

// BenchmarkPeakMemory reports the peak for a file of 300 MB. To reach: 300 MB.
func BenchmarkPeakMemory(b *testing.B) {
	for b.Loop() {
		b.ReportMetric(peakMemory(b, 300<<20), "peak-MB")
	}
	b.ReportMetric(0, "ns/op")
}

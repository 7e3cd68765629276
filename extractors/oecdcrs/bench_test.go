package oecdcrs

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"hrinvest/extractors"
	"hrinvest/extractors/extractorstest"
	"hrinvest/extractors/fetch"
)

// counting is a sink that only counts, and looks at the memory in use now and then.
type counting struct {
	disclosed, rejected, skipped int
	peak                         uint64
}

func (c *counting) look() {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	c.peak = max(c.peak, m.HeapInuse+m.StackInuse)
}

func (c *counting) Disclose(extractors.Disclosure) error {
	if c.disclosed++; c.disclosed%500 == 1 {
		c.look()
	}
	return nil
}
func (c *counting) Observe(extractors.Observation) error { return nil }
func (c *counting) Reject(extractors.Problem) error      { c.rejected++; return nil }
func (c *counting) Skip(_ string, n int, _ string) error { c.skipped += n; return nil }

// realistic is row i of a file like the real one: one row in forty is HIV or
// drugs, one in five of a purpose that is read for words, and texts are long.
func realistic(i int) report {
	purpose := []string{"31110", "11220", "14030", "72010", "21020", "43040", "51010", "93010"}[i%8]
	switch {
	case i%40 == 7:
		purpose = []string{"13040", "16063", "12330", "16064"}[i/40%4]
	case i%5 == 1:
		purpose = []string{"12220", "15160", "12110", "43010", "15150"}[i/5%5]
	}
	r := nth(i)
	r["PurposeCode"], r["ProjectTitle"] = purpose, fmt.Sprintf("Invented activity %d in an invented place", i/2)
	r["ShortDescription"] = strings.ToUpper(r["ProjectTitle"])
	r["LongDescription"] = fmt.Sprintf("%s: %s", r["ProjectTitle"], strings.Repeat("words that describe what is done there and for whom, ", 4+i%9))
	return r
}

// columns30 are the columns of the large fixtures.
var columns30 = without("DEDonorcode", "DERecipientcode", "InitialReport", "RegionCode", "DERegioncode", "IncomegroupCode", "DEIncomegroupcode",
	"LDCflagName", "USD_Received_Defl", "USD_Adjustment", "CurrencyCode", "Commitment_National", "Disbursement_National", "SectorCode", "SectorName",
	"Geography", "Keywords", "Gender", "Interest1", "PSIflag", "LDCflag", "USD_Received", "RegionName")

// onDisk writes a Parquet file of n rows and returns a document of it.
func onDisk(t testing.TB, n, group int) fetch.Document {
	t.Helper()
	path := filepath.Join(t.TempDir(), "CRS-reduced.parquet")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	s := usual()
	s.columns, s.group = columns30, group
	block := make([]report, min(n, 20_000)) // again and again: making reports takes longer than reading them
	for i := range block {
		block[i] = realistic(i)
	}
	writeParquet(t, keepOpen{f}, s, n, func(i int) report { return block[i%len(block)] })
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return fetch.Document{
		Role: roleParquet, Name: "CRS-reduced.parquet", SHA256: "on disk", OpenFunc: func() (io.ReadCloser, error) { return os.Open(path) },
	}
}

// keepOpen hides that a file can be closed: the Parquet writer would close it.
type keepOpen struct{ io.Writer }

// Memory does not grow with the file: a million rows of thirty columns, in row
// groups as large as they are written by default, take less than 100 MB.
func TestMemoryIsFlat(t *testing.T) {
	if testing.Short() {
		t.Skip("writes and reads a million rows")
	}
	n := 1_000_000
	if raceEnabled {
		n = 100_000 // slow enough
	}
	doc := onDisk(t, n, 100_000)
	runtime.GC()
	var c counting
	done := make(chan error)
	go func() { done <- New(Config{}).Parse(t.Context(), []fetch.Document{doc}, &c) }()
	var peak uint64
	for running := true; running; { // the sink is not called while the file is read
		select {
		case err := <-done:
			if running = false; err != nil {
				t.Fatal(err)
			}
		case <-time.After(5 * time.Millisecond):
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapInuse+m.StackInuse)
		}
	}
	if c.disclosed < n/40 || c.rejected > 0 || c.skipped < n/2 {
		t.Errorf("got %+v", c)
	}
	peak = max(peak, c.peak)
	t.Logf("%d rows, %d statements: at most %.0f MB in use", n, c.disclosed, float64(peak)/1e6)
	if peak > 100e6 {
		t.Errorf("%.0f MB in use", float64(peak)/1e6)
	}
}

func benchmark(b *testing.B, rows int, doc fetch.Document) {
	b.Helper()
	for b.Loop() {
		var c counting
		if err := New(Config{}).Parse(b.Context(), []fetch.Document{doc}, &c); err != nil {
			b.Fatal(err)
		}
		if c.disclosed == 0 || c.rejected > 0 {
			b.Fatalf("got %+v", c)
		}
	}
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkParseParquet(b *testing.B) { benchmark(b, 200_000, onDisk(b, 200_000, 100_000)) }

func BenchmarkParseZip(b *testing.B) {
	reports := make([]report, 100_000)
	for i := range reports {
		reports[i] = realistic(i)
	}
	benchmark(b, len(reports), extractorstest.Doc(roleZip, "CRS 2021 data.zip", archive(b, "CRS 2021 data.txt", table(header, reports...))))
}

func BenchmarkParseSDMX(b *testing.B) {
	rows := make([]report, 50_000)
	for i := range rows {
		rows[i] = answer("SECTOR", []string{"13040", "12220", "15160", "12110"}[i%4], "MD_ID", fmt.Sprint(i+1), "LONG_DESCRIPTION", realistic(i)["LongDescription"])
	}
	benchmark(b, len(rows), extractorstest.Doc(roleSDMX, "answer.csv", answers(rows...)))
}

// BenchmarkWords is the search of descriptions.
func BenchmarkWords(b *testing.B) {
	t, err := readTables()
	if err != nil {
		b.Fatal(err)
	}
	f := t.scope.words.Finder()
	text := realistic(8)["LongDescription"]
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if f.Mentions(text) {
			b.Fatal("found")
		}
	}
}

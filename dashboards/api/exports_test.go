package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"hrinvest/dashboards"
	"hrinvest/warehouse"
	wt "hrinvest/warehouse/warehousetest"
)

func exporting(t *testing.T) (*Server, warehouse.Release, string) {
	t.Helper()
	dir := t.TempDir()
	rel := wt.Publish(t, dir, world())
	f := dashboards.Follow(dir, warehouse.Options{Threads: 1})
	t.Cleanup(func() { f.Close() })
	s, err := New(Config{Releases: f, Dir: dir, Version: "v1"})
	if err != nil {
		t.Fatal(err)
	}
	return s, rel, dir
}

// A file is the same for all who ask, can be read in parts and gone on with, and
// is as its description says.
func TestExports(t *testing.T) {
	s, rel, dir := exporting(t)
	base := "/export/" + rel.ID + "/"
	w := get(s, "/export/current/flows.parquet")
	if w.Code != 302 || w.Header().Get("Location") != base+"flows.parquet" {
		t.Errorf("current: %d %v", w.Code, w.Header())
	}
	var asked sync.WaitGroup
	for range 4 {
		asked.Go(func() {
			if w := get(s, base+"flows.parquet"); w.Code != 200 || !strings.HasPrefix(w.Body.String(), "PAR1") {
				t.Errorf("asked at once: %d %.100s", w.Code, w.Body)
			}
		})
	}
	asked.Wait()
	whole := get(s, base+"flows.parquet", "Accept-Encoding", "gzip")
	etag := whole.Header().Get("ETag")
	if whole.Header().Get("Content-Encoding") != "" || etag == "" || strings.HasPrefix(etag, "W/") || whole.Header().Get("Accept-Ranges") != "bytes" {
		t.Errorf("%v", whole.Header())
	}
	part := get(s, base+"flows.parquet", "Range", "bytes=-4", "If-Range", etag)
	if part.Code != 206 || part.Body.String() != "PAR1" {
		t.Errorf("the end: %d %q", part.Code, part.Body)
	}
	if w := get(s, base+"flows.parquet", "If-None-Match", etag); w.Code != 304 {
		t.Errorf("again: %d", w.Code)
	}
	if w := send(s, "HEAD", base+"flows.csv.gz", ""); w.Code != 200 || w.Body.Len() != 0 || w.Header().Get("Content-Length") == "0" {
		t.Errorf("HEAD: %d, %d bytes, %v", w.Code, w.Body.Len(), w.Header())
	}
	w = get(s, base+"datapackage.json")
	var p struct {
		Resources []struct {
			Path, Hash string
			Bytes      int
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || len(p.Resources) < 60 {
		t.Fatalf("%d files described, %v: %.200s", len(p.Resources), err, w.Body)
	}
	for _, r := range p.Resources {
		b := get(s, base+r.Path).Body.Bytes()
		sum := sha256.Sum256(b)
		if len(b) != r.Bytes || "sha256:"+hex.EncodeToString(sum[:]) != r.Hash {
			t.Errorf("%s: %d bytes, described as %d", r.Path, len(b), r.Bytes)
		}
	}
	if w := get(s, base+"CITATION.cff"); w.Code != 200 || !bytes.Contains(w.Body.Bytes(), []byte(rel.ID)) {
		t.Errorf("citation: %d %s", w.Code, w.Body)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "exports", rel.ID, ".*")); left != nil {
		t.Errorf("left behind: %v", left)
	}
}

func TestExportProblems(t *testing.T) {
	s, rel, _ := exporting(t)
	for path, id := range map[string]string{
		"/export/current/nothing.parquet":                        "", // leads to the next
		"/export/" + rel.ID + "/nothing.parquet":                 "not-found",
		"/export/" + rel.ID + "/flows.exe":                       "not-found",
		"/export/" + rel.ID + "/.making-1":                       "not-found",
		"/export/" + rel.ID + "/..%2F..%2Fcurrent.parquet":       "not-found",
		"/export/..%2F..%2Freleases/flows.parquet":               "not-found",
		"/export/20200101T000000Z-00000000/flows.parquet":        "not-found",
		"/export/" + rel.ID + "/flows.parquet?rows=5":            "unknown-parameter",
		"/export/" + rel.ID + "/flows%22%20TO%20%27x%27.parquet": "not-found",
	} {
		w := get(s, path)
		if id == "" && w.Code == 302 {
			continue
		}
		if !strings.Contains(w.Body.String(), "/problems#"+id+`"`) {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	if w := send(s, "POST", "/export/"+rel.ID+"/flows.parquet", ""); w.Code != 405 {
		t.Errorf("POST: %d", w.Code)
	}
}

// A file that takes long is made all the same: who asked comes again.
func TestExportTakesItsTime(t *testing.T) {
	s, rel, dir := exporting(t)
	s.exports.wait = 10 * time.Millisecond
	s.exports.one <- struct{}{} // another file is being made
	path := "/export/" + rel.ID + "/flows.parquet"
	if w := get(s, path); w.Code != 503 || w.Header().Get("Retry-After") == "" {
		t.Errorf("while another is made: %d %s", w.Code, w.Body)
	}
	<-s.exports.one
	deadline := time.Now().Add(20 * time.Second)
	for get(s, path).Code != 200 {
		if time.Now().After(deadline) {
			t.Fatal("the file was not made")
		}
		time.Sleep(20 * time.Millisecond)
	}
	// With the release go its files.
	gone := warehouse.ExportDir(dir, "20200101T000000Z-00000000")
	if err := os.MkdirAll(gone, 0o755); err != nil {
		t.Fatal(err)
	}
	s.exports.wait = time.Minute
	if w := get(s, "/export/"+rel.ID+"/gaps.parquet"); w.Code != 200 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if _, err := os.Stat(gone); err == nil {
		t.Error("files of a release that is gone were kept")
	}
}

// as_of answers from the release of that day, page after page, whatever was
// published since.
func TestAsOf(t *testing.T) {
	dir := t.TempDir()
	first := wt.Publish(t, dir, world())
	more := world()
	more["flows"] = append(more["flows"], wt.Flow(map[string]any{"flow_id": "f99", "disclosure_id": "d0"}))
	b := wt.BuildAt(t, dir, more, wt.Now.AddDate(0, 0, 3))
	second, err := b.Publish(t.Context(), warehouse.Meta{Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	f := dashboards.Follow(dir, warehouse.Options{Threads: 1})
	defer f.Close()
	s, err := New(Config{Releases: f, Dir: dir, Version: "v1", SQL: server(t).cfg.SQL})
	if err != nil {
		t.Fatal(err)
	}
	count := func(path string) (string, int) {
		t.Helper()
		id, n := "", 0
		for next := path; next != ""; {
			w := get(s, next)
			if w.Code != 200 {
				t.Fatalf("%s: %d %s", next, w.Code, w.Body)
			}
			m := read(t, w.Body.Bytes())
			id = m["release"].(map[string]any)["id"].(string)
			n += len(m["data"].([]any))
			next, _ = m["next"].(string)
		}
		return id, n
	}
	n := len(world()["flows"])
	for path, want := range map[string]struct {
		id string
		n  int
	}{
		"/api/v1/flows?limit=4":                                      {second.ID, n + 1},
		"/api/v1/flows?limit=4&as_of=2026-11-24":                     {first.ID, n},
		"/api/v1/flows?as_of=2026-11-26":                             {second.ID, n + 1},
		"/api/v1/flows?limit=4&as_of=" + first.ID:                    {first.ID, n},
		"/api/v1/flows?as_of=" + second.ID:                           {second.ID, n + 1},
		"/api/v1/gaps?limit=9000&as_of=2026-11-24":                   {first.ID, -1},
		"/api/v1/sql?q=SELECT+flow_id+FROM+flows&as_of=2026-11-24":   {first.ID, n},
		"/api/v1/sql?q=SELECT+flow_id+FROM+flows&format=json&as_of=": {second.ID, n + 1},
	} {
		if id, got := count(path); id != want.id || (want.n >= 0 && got != want.n) {
			t.Errorf("%s: %d rows of %s, want %d of %s", path, got, id, want.n, want.id)
		}
	}
	for path, status := range map[string]int{"/api/v1/flows?as_of=2020-01-01": 400, "/api/v1/flows?as_of=yesterday": 400, "/api/v1/flows?as_of=20200101T000000Z-1a2b3c4d": 400, "/api/v1/flows?as_of=" + first.ID[:20]: 400, "/api/v1/brief/KGZ?as_of=2026-11-24": 200} {
		if w := get(s, path); w.Code != status {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

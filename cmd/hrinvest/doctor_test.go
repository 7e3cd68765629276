package main

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What keeps a host from being reached, and what to do, is said of each.
func TestDoctorNetwork(t *testing.T) {
	ahead := time.Duration(0)
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", time.Now().Add(-ahead).UTC().Format(http.TimeFormat))
		w.WriteHeader(http.StatusForbidden) // reached all the same
	}))
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	defer srv.Close()
	closed := httptest.NewServer(nil)
	closed.Close()
	d := &doctor{dir: t.TempDir(), now: time.Now()}
	d.reach = func(ctx context.Context, host string) (time.Time, error) {
		switch host {
		case "iatistandard.org", "data-service.theglobalfund.org":
			return time.Time{}, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
		case "aidsinfo.unaids.org":
			return dateOf(ctx, http.DefaultClient, srv.URL) // does not know who signed its certificate
		case "treasury.un.org":
			return dateOf(ctx, http.DefaultClient, closed.URL)
		}
		return dateOf(ctx, srv.Client(), srv.URL)
	}
	said := func() string {
		var lines []string
		for _, f := range d.network(t.Context()) {
			lines = append(lines, f.String())
		}
		return strings.Join(lines, "\n")
	}
	got := said()
	for _, want := range []string{
		"✗ data-service.theglobalfund.org (globalfund", "the name cannot be looked up",
		"✗ aidsinfo.unaids.org (unaids)", "ca-certificates",
		"✗ treasury.un.org (unrates)", "connection refused", "check the firewall",
		"✓ www.ecb.europa.eu (ecb)", "✓ clock of others: the same within 1s",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("does not say %q:\n%s", want, got)
		}
	}
	d.reach = func(_ context.Context, host string) (time.Time, error) {
		return time.Time{}, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	if got := said(); strings.Count(got, "✗") != 1 || !strings.Contains(got, "✗ network: none of ") {
		t.Errorf("without a network:\n%s", got)
	}
	d.reach = func(ctx context.Context, host string) (time.Time, error) { return dateOf(ctx, srv.Client(), srv.URL) }
	ahead = 26 * time.Hour
	if got := said(); !strings.Contains(got, "✗ clock of others: this one is 26h0m") {
		t.Errorf("the clock is a day ahead:\n%s", got)
	}
}

// Documents that were lost, rights that are missing and a refresh that failed are
// crosses with a remedy.
func TestDoctorData(t *testing.T) {
	dir := t.TempDir()
	d := &doctor{dir: dir, now: time.Now()}
	write := func(name, content string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if os.Getuid() != 0 { // to root nothing is foreign
		write("lock", "")
		if err := os.Chmod(filepath.Join(dir, "lock"), 0o444); err != nil {
			t.Fatal(err)
		}
		if got := d.writing().String(); !strings.Contains(got, "lock belongs to somebody else") || !strings.Contains(got, "chown -R") {
			t.Error(got)
		}
	}
	for _, tt := range []struct {
		name, content string
		look          func() finding
		want          string
	}{
		{"documents/ledger.json", `{"sources":{"iati":{"documents":[{"source":"iati","url":"https://a.example/x","sha256":"` + strings.Repeat("ab", 32) + `","size":9}]}}}`, d.documents, "✗ documents: 1 of 1 in use are not whole"},
		{"documents/ledger.json", `{"sour`, d.documents, "✗ documents: reading document ledger"},
		{"state.json", `{"sources":{"ecb":{"held":["12 rows"]},"iati":{"defect":"panic"}}}`, d.sources, "✗ sources: waiting for you: ecb (held), iati (unread)"},
		{"state.json", `{"sources":{},"last_run":{"started":"2026-01-01T00:00:00Z","ended":"2026-01-01T00:00:01Z","error":"disk full"}}`, d.lastRefresh, "✗ last refresh: 2026-01-01T00:00:00Z: failed: disk full"},
		{"state.json", `{"sources":{},"last_run":{"started":"2020-01-01T00:00:00Z","ended":"2020-01-01T00:00:01Z"}}`, d.lastRefresh, "days ago"},
		{"schedule.json", `{"spec":"15 2 * * *","zone":"Asia/Bishkek","since":"2020-01-01T00:00:00Z"}`, d.lastRefresh, "✗ last refresh: 1000 were due since 2020-01-02T02:15:00+06:00"},
		{"schedule.json", `{"spec":"15 2 * * *","zone":"Nowhere"}`, d.zone, "✗ clock: unknown time zone"},
		{"releases/x", "", func() finding { d.dir = filepath.Join(dir, "releases", "x"); return d.writing() }, "✗ data directory: "},
	} {
		write(tt.name, tt.content)
		if got := tt.look().String(); !strings.Contains(got, tt.want) || !strings.Contains(got, "to do: ") {
			t.Errorf("%s: %s, want %q", tt.name, got, tt.want)
		}
	}
}

package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// The program serves before there is a release, refreshes on schedule, shows
// the new release without a restart, and stops when told to.
func TestServeRefreshesOnSchedule(t *testing.T) {
	dir := t.TempDir()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	lines, errw := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, []string{"serve", "--data", dir, "--offline", "--listen", "127.0.0.1:0", "--schedule", "@every 2s", "--zone", "Asia/Bishkek"},
			strings.NewReader(""), io.Discard, errw)
		errw.Close()
	}()
	in := bufio.NewScanner(lines)
	if !in.Scan() {
		t.Fatalf("the program said nothing; exit %d", <-code)
	}
	url, ok := strings.CutPrefix(in.Text(), "serving ")
	if !ok {
		t.Fatalf("first line = %q", in.Text())
	}
	var log bytes.Buffer
	logged := make(chan struct{})
	go func() {
		defer close(logged)
		for in.Scan() {
			log.WriteString(in.Text() + "\n")
		}
	}()
	if status, _ := get(t, url+"/healthz"); status != http.StatusServiceUnavailable {
		t.Errorf("/healthz before the first release = %d", status)
	}
	deadline := time.Now().Add(90 * time.Second)
	for {
		if status, _ := get(t, url+"/healthz"); status == http.StatusOK {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the schedule published nothing")
		}
		time.Sleep(200 * time.Millisecond)
	}
	for path, want := range map[string]string{
		"/ru/country/KGZ":      "Кыргызстан",
		"/en/gaps?country=KGZ": "NSP200",
		"/metrics":             `hrinvest_source_rows{source="unaids"}`,
	} {
		status, body := get(t, url+path)
		for !strings.Contains(body, want) && time.Now().Before(deadline) { // the refresh is put on record after the release
			time.Sleep(200 * time.Millisecond)
			status, body = get(t, url+path)
		}
		if status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s = %d without %q", path, status, want)
		}
	}
	stop()
	select {
	case c := <-code:
		if c != 0 {
			t.Errorf("exit code %d after being told to stop", c)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("did not stop")
	}
	<-logged
	if !strings.Contains(log.String(), "published") {
		t.Errorf("log does not say that a release was published:\n%s", log.String())
	}
}

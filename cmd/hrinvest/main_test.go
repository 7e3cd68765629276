package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rogpeppe/go-internal/testscript"

	"hrinvest/dashboards"
	"hrinvest/warehouse"
)

// The scripts run this test binary as the program, and so does the program where
// a test runs it within.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == sandboxName {
		os.Exit(Main())
	}
	testscript.Main(tidy{m}, map[string]func(){"hrinvest": func() { os.Exit(Main()) }})
}

// tidy runs the tests and removes what they share.
type tidy struct{ m *testing.M }

func (t tidy) Run() int {
	code := t.m.Run()
	os.RemoveAll(sharedDir)
	return code
}

var sharedDir = filepath.Join(os.TempDir(), fmt.Sprint("hrinvest-test-", os.Getpid()))

// bundled makes a data directory with the bundled release, once for all tests:
// each that changes it works on a copy.
var bundled = sync.OnceValues(func() (string, error) {
	dir := filepath.Join(sharedDir, "data")
	var errs strings.Builder
	if code := run(context.Background(), []string{"refresh", "--data", dir, "--offline"}, strings.NewReader(""), io.Discard, &errs); code != 0 {
		return "", fmt.Errorf("refresh: exit %d\n%s", code, errs.String())
	}
	return dir, nil
})

// bundledCopy is a data directory of the test's own with the bundled release.
func bundledCopy(t testing.TB) string {
	t.Helper()
	from, err := bundled()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// bundledSite is what the program serves of the bundled release.
func bundledSite(t testing.TB) http.Handler {
	t.Helper()
	dir := bundledCopy(t)
	releases := dashboards.Follow(dir, warehouse.Options{})
	t.Cleanup(func() { releases.Close() })
	h, err := (&app{dir: dir, err: io.Discard, version: "test"}).handler(releases, prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// Every script of testdata/script is a user at a terminal with an empty folder;
// $BUNDLED is a data directory with the bundled release, to copy.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("TMPDIR", env.WorkDir)
			env.Setenv("TERM", "dumb")
			dir, err := bundled()
			env.Setenv("BUNDLED", dir)
			return err
		},
	})
}

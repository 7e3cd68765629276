package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The scripts run this test binary as the program, and so does the program where
// a test runs it within.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == sandboxName {
		os.Exit(Main())
	}
	testscript.Main(m, map[string]func(){"hrinvest": func() { os.Exit(Main()) }})
}

// Every script of testdata/script is a user at a terminal with an empty folder.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("TMPDIR", env.WorkDir)
			return nil
		},
	})
}

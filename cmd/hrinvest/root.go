package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"

	"hrinvest/dashboards"
	"hrinvest/pipelines"
	"hrinvest/warehouse"
)

// Exit codes. When several hold, failed > held > stale > nothing new > done.
const (
	exitDone       = 0
	exitFailed     = 1 // nothing published
	exitUsage      = 2
	exitStale      = 3 // published, some sources stale
	exitNothingNew = 4
	exitHeld       = 5
)

const exitHelp = `
EXIT STATUS
  0  done
  1  failed; nothing was published
  2  the command line was not understood
  3  published, but some sources are stale
  4  nothing new
  5  what a source published now is held back for approval`

// exitError carries an exit code without a message of its own.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// usageError is a command line that was not understood.
type usageError struct{ error }

// app is what every command shares: the streams and the global options.
type app struct {
	in       io.Reader
	out, err io.Writer
	dir      string
	json     bool
	version  string
	config   string // file
	asOf     string // day or release id, of commands that read a release; empty: now
	verbose  bool   // report also where nobody is there to read it
	settings settings
	public   string // address of the site, as a flag or the environment gives it
}

// log writes what an operator should know to the error stream.
func (a *app) log() *slog.Logger { return slog.New(slog.NewTextHandler(a.err, nil)) }

// current is the release to read: the current one, or with --as-of the one
// that was newest on that day, or has that id.
func (a *app) current() (warehouse.Release, error) {
	if a.asOf != "" {
		r, err := dashboards.AsOf(a.dir, a.asOf)
		switch {
		case errors.Is(err, dashboards.ErrAsOf):
			return r, usageError{fmt.Errorf("--as-of %q: %w", a.asOf, err)}
		case errors.Is(err, warehouse.ErrNoneThen):
			return r, fmt.Errorf("--as-of %s: %w", a.asOf, err)
		}
		return r, a.explainNone(err)
	}
	r, err := warehouse.Current(a.dir)
	return r, a.explainNone(err)
}

func (a *app) explainNone(err error) error {
	if errors.Is(err, warehouse.ErrNoRelease) {
		return fmt.Errorf("no release in %s yet: run \"hrinvest refresh --offline\" for the bundled documents, or \"hrinvest refresh\"", a.dir)
	}
	return err
}

// open opens the release to read, read-only.
func (a *app) open() (*warehouse.DB, error) {
	r, err := a.current()
	if err != nil {
		return nil, err
	}
	return warehouse.Open(r.Path, warehouse.Options{})
}

// named answers a named query of the release to read.
func (a *app) named(ctx context.Context, db *warehouse.DB, name string, args map[string]any) (*warehouse.Result, error) {
	if code, ok := args["country"]; ok && name != "country_names" {
		t, err := db.Named(ctx, "country_names", map[string]any{"country": code})
		if err != nil {
			return nil, err
		}
		if len(t.Rows) == 0 { // an empty table would read as if there were nothing to say of it
			return nil, usageError{fmt.Errorf("country %q: no country has this code; want an ISO 3166-1 alpha-3 code, such as KGZ", code)}
		}
	}
	t, err := db.Named(ctx, name, args)
	if errors.Is(err, warehouse.ErrUnknownQuery) || errors.Is(err, warehouse.ErrParameter) {
		return nil, usageError{err}
	}
	return t, err
}

// ask answers a named query on the output stream.
func (a *app) ask(ctx context.Context, f format, name string, args map[string]any) error {
	db, err := a.open()
	if err != nil {
		return err
	}
	defer db.Close()
	t, err := a.named(ctx, db, name, args)
	if err != nil {
		return err
	}
	return a.write(f, t)
}

func run(ctx context.Context, args []string, in io.Reader, out, errw io.Writer) int {
	a := &app{in: in, out: out, err: errw, version: version()}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errw)
	err := root.ExecuteContext(ctx)
	var code exitError
	var usage usageError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &code):
		return int(code)
	}
	status := exitFailed
	if errors.As(err, &usage) || errors.Is(err, pipelines.ErrUnknownSource) {
		status = exitUsage
	}
	if a.json {
		json.NewEncoder(errw).Encode(map[string]any{"error": err.Error(), "exit": status})
	} else {
		fmt.Fprintf(errw, "hrinvest: %v\n", err)
	}
	return status
}

func (a *app) root() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "hrinvest",
		Short: "Follow the money for harm reduction",
		Long: `hrinvest gathers what donors and governments disclose about HIV spending for
people who use drugs, turns every disclosure into one comparable form, and sets
it against what the world has promised.` + "\n" + exitHelp,
		Version:       a.version,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	cmd.PersistentFlags().StringVar(&a.dir, "data", defaultDir(), "data directory (env HRINVEST_DATA)")
	cmd.PersistentFlags().StringVar(&a.config, "config", os.Getenv("HRINVEST_CONFIG"), "configuration file (env HRINVEST_CONFIG; default config.yaml in the data directory, if there)")
	cmd.PersistentPreRunE = func(*cobra.Command, []string) (err error) {
		a.settings, err = readSettings(a.config, a.dir)
		return err
	}
	cmd.PersistentFlags().BoolVar(&a.json, "json", false, "results and errors as JSON")
	cmd.AddGroup(
		&cobra.Group{ID: "run", Title: "Gather and publish:"},
		&cobra.Group{ID: "read", Title: "Read a release:"},
		&cobra.Group{ID: "help", Title: "Understand it:"},
	)
	add := func(group string, cmds ...*cobra.Command) {
		for _, c := range cmds {
			c.GroupID = group
			cmd.AddCommand(c)
		}
	}
	add("run", a.refreshCommand(), a.buildCommand(), a.serveCommand(), a.approveCommand(), a.evidenceCommand(), a.rollbackCommand(), a.withdrawCommand())
	add("read", a.gapsCommand(), a.queryCommand(), a.explainCommand(), a.diffCommand(), a.briefCommand(), a.exportCommand())
	cmd.AddCommand(a.sandboxCommand())
	add("help", a.classifyCommand(), a.sourcesCommand(), a.statusCommand(), a.doctorCommand(), a.releasesCommand(), a.schemaCommand())
	for _, c := range cmd.Commands() {
		if c.GroupID == "read" && c.Name() != "diff" {
			c.Flags().StringVar(&a.asOf, "as-of", "", "day (2026-11-23) or id of a release: answer from the release that was newest then")
		}
	}
	usageArgs(cmd)
	return cmd
}

// defaultDir is the data directory where no flag names one.
func defaultDir() string { return cmp.Or(os.Getenv("HRINVEST_DATA"), "data") }

// usageArgs makes a wrong number of arguments a usage error, on every command.
func usageArgs(cmd *cobra.Command) {
	if args := cmd.Args; args != nil {
		cmd.Args = func(c *cobra.Command, a []string) error {
			if err := args(c, a); err != nil {
				return usageError{err}
			}
			return nil
		}
	}
	for _, c := range cmd.Commands() {
		usageArgs(c)
	}
}

// version is what the build says of itself.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "dev"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return s.Value[:12]
		}
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	return "dev"
}

package main

import (
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"hrinvest/pipelines"
	"hrinvest/warehouse"
)

func (a *app) sourcesCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "sources",
		Short: "List the sources",
		Long:  "Lists every source this program knows: who publishes it, under which licence, where." + "\n" + exitHelp,
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			sources := pipelines.Sources()
			if a.json {
				var infos []any
				for _, s := range sources {
					infos = append(infos, s.Info())
				}
				return writeJSON(a.out, infos)
			}
			w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "id\tkind\tpublisher\tlicence\thome")
			for _, s := range sources {
				i := s.Info()
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", i.ID, i.Kind, i.Publisher, i.Licence, i.Home)
			}
			return w.Flush()
		},
	}
}

func (a *app) statusCommand() *cobra.Command {
	var f format
	cmd := &cobra.Command{
		Use:   "status",
		Short: "What is being served, and how each source stands",
		Long:  "Shows the current release with its age, then each source's documents and the balance of its statements." + "\n" + exitHelp,
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := warehouse.Current(a.dir)
			if errors.Is(err, warehouse.ErrNoRelease) {
				fmt.Fprintf(a.out, "no release in %s yet\n", a.dir)
				return nil
			}
			if err != nil {
				return err
			}
			if !a.json && f.value == "table" {
				fmt.Fprintf(a.out, "release %s, published %s (%s ago), data to %s, origin %s\n", r.ID, r.BuiltAt.Format(time.RFC3339),
					time.Since(r.BuiltAt).Round(time.Minute), r.Cutoff, r.Origin)
				if r.Note != "" {
					fmt.Fprintln(a.out, r.Note)
				}
			}
			if a.json || f.value != "table" {
				return a.ask(cmd.Context(), f, "sources", nil)
			}
			return a.writeState()
		},
	}
	f.addFlag(cmd)
	return cmd
}

func (a *app) releasesCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "releases",
		Short: "List the releases, newest first",
		Long:  "Lists the releases of the data directory; * marks the one being served." + "\n" + exitHelp,
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			list, err := warehouse.Releases(a.dir)
			if err != nil {
				return err
			}
			if a.json {
				return writeJSON(a.out, list)
			}
			current, err := warehouse.Current(a.dir)
			if err != nil && !errors.Is(err, warehouse.ErrNoRelease) {
				return err
			}
			w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
			for _, r := range list {
				mark := ""
				if r.ID == current.ID {
					mark = "*"
				}
				fmt.Fprintf(w, "%s\t%s\t%s\tdata to %s\t%s\n", mark, r.ID, r.BuiltAt.Format(time.RFC3339), r.Cutoff, r.Origin)
			}
			return w.Flush()
		},
	}
}

func (a *app) rollbackCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "rollback RELEASE",
		Short: "Serve an earlier release again",
		Long:  "Makes an earlier release the current one; a running server notices. Nothing is deleted." + "\n" + exitHelp,
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			r, err := warehouse.Rollback(a.dir, args[0])
			if err != nil {
				return err
			}
			fmt.Fprintf(a.out, "serving release %s\n", r.ID)
			return nil
		},
	}
}

// writeState says of each source what it holds, when it was last fetched, and
// what is wrong with it.
func (a *app) writeState() error {
	state, err := pipelines.ReadState(a.dir)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "source\tdocuments\trows\trejected\tlast success\tstate")
	for _, s := range pipelines.Sources() {
		id := s.Info().ID
		one, ok := state.Sources[id]
		success, what := "never", "fresh"
		if !one.LastSuccess.IsZero() {
			success = one.LastSuccess.Format(time.RFC3339)
		}
		switch {
		case !ok || one.LastCheck.IsZero():
			what = "not fetched yet"
		case one.Error != "":
			what = "stale, last good documents in use: " + one.Error
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%s\t%s\n", id, one.Documents, one.Rows, one.Rejected, success, what)
	}
	return w.Flush()
}

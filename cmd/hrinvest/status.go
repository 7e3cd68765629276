package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
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
			sources := pipelines.Sources(a.settings.sources())
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
			return a.writeState(cmd.Context())
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

// writeState says of each source what it holds, when it was last fetched, how it
// stands, and below what that means and what to do where something is wrong.
func (a *app) writeState(ctx context.Context) error {
	sources, err := a.sourceStates(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "source\tdocuments\trows\trejected\tlast success\tstate")
	var notes strings.Builder
	for _, s := range sources {
		success := "never"
		if !s.LastSuccess.IsZero() {
			success = s.LastSuccess.Format(time.RFC3339)
		}
		state, means, do, err := s.Advice("en")
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%s\t%s\n", s.ID, s.Documents, s.Rows, s.Rejected, success, state)
		if s.State == string(pipelines.Fresh) {
			continue
		}
		fmt.Fprintf(&notes, "\n%s: %s\n  %s\n", s.ID, state, means)
		for _, reason := range append(s.Held, s.Error) {
			if reason != "" {
				fmt.Fprintf(&notes, "  because: %s\n", strings.ReplaceAll(reason, "\n", "\n           "))
			}
		}
		fmt.Fprintf(&notes, "  to do: %s\n", do)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err = fmt.Fprint(a.out, notes.String())
	return err
}

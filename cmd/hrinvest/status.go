package main

import (
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"hrinvest/extractors"
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
		Long: `Shows the current release with its age, how the last refresh went and which
scheduled ones were missed, then how each source stands. It exits with 3 when a
scheduled refresh was missed.` + "\n" + exitHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := a.standing()
			if err != nil {
				return err
			}
			switch {
			case a.json:
				err = writeJSON(a.out, s)
			case f.value != "table":
				err = a.ask(cmd.Context(), f, "sources", nil)
			default:
				err = a.writeStanding(s)
			}
			if err == nil && s.Missed > 0 {
				err = exitError(exitStale)
			}
			return err
		},
	}
	f.addFlag(cmd)
	return cmd
}

// standing is what status tells. Times that never were are left out.
type standing struct {
	Release  *warehouse.Release `json:"release"` // null: none yet
	LastRun  pipelines.Run      `json:"last_run,omitzero"`
	Schedule pipelines.Planned  `json:"schedule,omitzero"`
	Missed   int                `json:"missed_refreshes"`
	FirstDue time.Time          `json:"first_missed,omitzero"`
	Sources  []sourceStanding   `json:"sources"`
}

type sourceStanding struct {
	ID       string             `json:"source"`
	Standing pipelines.Standing `json:"standing"`
	Stands   time.Time          `json:"standing_since,omitzero"`
	pipelines.SourceState
}

func (a *app) standing() (s standing, err error) {
	r, err := warehouse.Current(a.dir)
	switch {
	case err == nil:
		s.Release = &r
	case !errors.Is(err, warehouse.ErrNoRelease):
		return s, err
	}
	state, err := pipelines.ReadState(a.dir)
	if err != nil {
		return s, err
	}
	if s.Schedule, err = pipelines.ReadPlanned(a.dir); err != nil {
		return s, err
	}
	s.LastRun = state.LastRun
	if s.Missed, s.FirstDue, err = s.Schedule.Missed(s.LastRun, time.Now()); err != nil {
		return s, err
	}
	for _, src := range pipelines.Sources(a.settings.sources()) {
		one := sourceStanding{ID: src.Info().ID, SourceState: state.Sources[src.Info().ID]}
		one.Standing, one.Stands = one.SourceState.Standing(src.Info(), time.Now())
		s.Sources = append(s.Sources, one)
	}
	return s, nil
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

// writeStanding says what is served and how the last refresh went; of each source
// what it holds, when it was last fetched, how it stands, and below what that means
// and what to do where something is wrong.
func (a *app) writeStanding(s standing) error {
	if r := s.Release; r == nil {
		fmt.Fprintf(a.out, "no release in %s yet: run \"hrinvest refresh --offline\" for the bundled documents, or \"hrinvest refresh\"\n", a.dir)
	} else {
		fmt.Fprintf(a.out, "release %s, published %s (%s ago), data to %s, origin %s\n", r.ID, r.BuiltAt.Format(time.RFC3339),
			time.Since(r.BuiltAt).Round(time.Minute), r.Cutoff, r.Origin)
		if r.Note != "" {
			fmt.Fprintln(a.out, r.Note)
		}
	}
	if s.LastRun.Error != "" {
		fmt.Fprintf(a.out, "the last refresh (%s) failed and published nothing: %s\n", s.LastRun.Started.Format(time.RFC3339), s.LastRun.Error)
	}
	if s.Missed > 0 {
		fmt.Fprintf(a.out, "scheduled refreshes missed: %d, the first was due at %s (%s): is \"hrinvest serve\" running?\n", s.Missed,
			s.FirstDue.Format(time.RFC3339), s.Schedule.Spec)
	}
	if s.Release == nil && s.LastRun.Started.IsZero() {
		return nil // nothing was tried: there is nothing to say of the sources
	}
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "source\tdocuments\trows\trejected\tlast success\tstate")
	var notes strings.Builder
	for _, one := range s.Sources {
		success := "never"
		if !one.LastSuccess.IsZero() {
			success = one.LastSuccess.Format(time.RFC3339)
		}
		state, means, do, err := stateOf(extractors.Info{ID: one.ID}, one.SourceState, one.Standing, one.Stands).Advice("en")
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%s\t%s\n", one.ID, one.Documents, one.Rows, one.Rejected, success, state)
		if one.Standing == pipelines.Fresh {
			if one.Missed != "" {
				fmt.Fprintf(&notes, "\n%s: %s, but for a few documents, which stay as they were: %s\n", one.ID, state, one.Missed)
			}
			continue
		}
		fmt.Fprintf(&notes, "\n%s: %s\n  %s\n", one.ID, state, means)
		for _, reason := range append(one.Held, one.Error) {
			if reason != "" {
				fmt.Fprintf(&notes, "  because: %s\n", strings.ReplaceAll(reason, "\n", "\n           "))
			}
		}
		fmt.Fprintf(&notes, "  to do: %s\n", do)
		if one.HeldID != "" {
			fmt.Fprintf(&notes, "  to approve just this: hrinvest approve %s %s\n", one.ID, one.HeldID)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprint(a.out, notes.String())
	return err
}

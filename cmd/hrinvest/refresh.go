package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"hrinvest/pipelines"
)

func (a *app) refreshCommand() *cobra.Command {
	var opt pipelines.RefreshOptions
	var offline, dry bool
	cmd := &cobra.Command{
		Use:   "refresh",
		Short: "Fetch, build, check and publish a release",
		Long: `Fetches every source, builds a release from all current documents, checks it and
publishes it. A source that cannot be fetched keeps its last good documents; what
does not look as expected is held back until "hrinvest approve".

With --documents, the files of a folder stand in for the network: each is given
to the one --source, its role found by its content.

Where nobody is there to read it (no terminal, as under cron and systemd) success
is silent; --verbose reports all the same.

With --dry-run, the beginning of one document of each source is fetched, and the
answer says whether it still looks right. Nothing is stored or published.` + "\n" + exitHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if opt.Documents != "" && len(opt.Only) != 1 {
				return usageError{errors.New("--documents needs exactly one --source")}
			}
			if dry && opt.Documents != "" {
				return usageError{errors.New("--dry-run asks the publishers: it cannot be used with --documents")}
			}
			progress := newProgress(a.err, a.json || a.unattended())
			cfg := a.pipeline(offline)
			cfg.Progress = progress.event
			p, err := pipelines.New(cfg)
			if err != nil {
				return err
			}
			if dry {
				return a.try(cmd.Context(), p, opt.Only)
			}
			report, err := p.Refresh(cmd.Context(), opt)
			progress.done()
			return a.finish(report, err)
		},
	}
	cmd.Flags().StringArrayVar(&opt.Only, "source", nil, "only this source (repeatable)")
	cmd.Flags().StringVar(&opt.Documents, "documents", "", "folder of files that stands in for the network")
	cmd.Flags().BoolVar(&offline, "offline", false, "use the bundled documents, no network")
	cmd.Flags().BoolVar(&a.verbose, "verbose", false, "report success also where there is no terminal")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "fetch the beginning of one document of each source, and say whether it looks right")
	return cmd
}

func (a *app) approveCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "approve SOURCE [HOLD]",
		Short: "Bring documents that were held back into use",
		Long: `Documents of a source that do not look as expected are held back; "hrinvest status"
says why. This brings them into use and publishes a release with them. HOLD is the
id of what you looked at, as status shows it: if something else came since, nothing
is approved.` + "\n" + exitHelp,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := pipelines.New(a.pipeline(false))
			if err != nil {
				return err
			}
			report, err := p.Approve(cmd.Context(), args[0], strings.Join(args[1:], ""))
			if errors.Is(err, pipelines.ErrNothingHeld) {
				return usageError{err}
			}
			return a.finish(report, err)
		},
	}
}

// pipeline is the configuration every command that gathers shares.
func (a *app) pipeline(offline bool) pipelines.Config {
	s := a.settings
	return pipelines.Config{
		Dir: a.dir, Offline: offline, Version: a.version, Log: a.log(), Sources: pipelines.Sources(s.sources()),
		Contact: s.Contact, PriceYear: s.PriceYear, KeepReleases: s.KeepReleases, MemoryLimit: s.MemoryLimit, Threads: s.Threads,
	}
}

// try reports a dry run: a line as each source has answered.
func (a *app) try(ctx context.Context, p *pipelines.Pipeline, only []string) error {
	wrong := 0
	trials, err := p.Try(ctx, only, func(t pipelines.Trial) {
		if t.Error != "" {
			wrong++
		}
		if !a.json {
			writeTrial(a.out, t)
		}
	})
	if a.json {
		err = errors.Join(writeJSON(a.out, trials), err)
	}
	switch {
	case err != nil:
		return err
	case wrong > 0:
		return exitError(exitStale)
	}
	return nil
}

func writeTrial(w io.Writer, t pipelines.Trial) {
	if t.Error != "" {
		fmt.Fprintf(w, "✗ %s: does not look right: %s\n", t.Source, t.Error)
		return
	}
	rows := "its beginning cannot be read alone"
	if t.Rows > 0 {
		rows = fmt.Sprintf("%d rows in its beginning", t.Rows)
	}
	fmt.Fprintf(w, "✓ %s: looks right: %s is %s, %s (%s, %s)\n", t.Source, t.Address, t.Role, rows, size(t.Bytes), t.Took.Round(10*time.Millisecond))
}

func (a *app) buildCommand() *cobra.Command {
	var opt pipelines.BuildOptions
	cmd := &cobra.Command{
		Use:   "build",
		Short: "Rebuild from stored documents, no network",
		Long: `Builds a release from the documents that are stored; the same documents and program
give the same release hash.

A source whose documents cannot be read keeps those of the last release. If not even
these can be, nothing is published, so that nothing vanishes that is served. With
--without SOURCE it may: the others are published, now and every night, until the
source can be read again.` + "\n" + exitHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := pipelines.New(a.pipeline(false))
			if err != nil {
				return err
			}
			report, err := p.Build(cmd.Context(), opt)
			return a.finish(report, err)
		},
	}
	cmd.Flags().StringArrayVar(&opt.Without, "without", nil, "publish without this source if it cannot be read (repeatable)")
	return cmd
}

// finish shows the report and turns it into an exit code.
func (a *app) finish(r *pipelines.Report, err error) error {
	if a.json {
		if jsonErr := writeJSON(a.out, r); jsonErr != nil {
			return errors.Join(err, jsonErr)
		}
	} else if err != nil || r.Held() || r.Stale() || !a.unattended() {
		writeReport(a.out, r)
	}
	switch {
	case err != nil:
		return err
	case r.Held():
		return exitError(exitHeld)
	case r.Stale():
		return exitError(exitStale)
	case r.NothingNew:
		return exitError(exitNothingNew)
	}
	return nil
}

// writeReport tells a refresh in plain lines: one per source, then the reasons
// for what was not loaded, then the release.
func writeReport(w io.Writer, r *pipelines.Report) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "source\tdocuments\tparsed\tloaded\tout of scope\trejected\tobservations\tflows\ttime\t")
	for _, s := range r.Sources {
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%s\t\n", s.Source, s.Documents, s.Parsed, s.Loaded, s.OutOfScope, s.Rejected, s.Observations, s.Flows,
			s.Took.Round(time.Millisecond))
	}
	t.Flush()
	for _, s := range r.Sources {
		if s.Error != "" {
			instead := "its last good documents are in use"
			what := "not fetched"
			switch {
			case s.Documents == 0:
				instead = "and nothing of it is in use"
			case s.Had > 0:
				what, instead = "fetched in part", "of the rest the last good documents are in use"
			}
			fmt.Fprintf(w, "%s: %s, %s: %s\n", s.Source, what, instead, strings.ReplaceAll(s.Error, "\n", "\n  "))
		}
		if s.Defect != "" {
			instead := "those of the last release are in use"
			if s.Documents == 0 {
				instead = "and nothing of it is in use"
			}
			fmt.Fprintf(w, "%s: its documents cannot be read, %s: %s\n", s.Source, instead, s.Defect)
		}
		for _, reason := range s.Held {
			fmt.Fprintf(w, "%s: held back, the documents before it are in use: %s\n", s.Source, reason)
		}
		if len(s.Held) > 0 {
			fmt.Fprintf(w, "%s: if the change is real: hrinvest approve %s %s\n", s.Source, s.Source, s.HeldID)
		}
		for _, why := range s.Withdrawn {
			fmt.Fprintf(w, "%s: withdrawn before, and not taken now that it is offered again: %s\n", s.Source, why)
		}
		for _, u := range s.Unknown {
			fmt.Fprintf(w, "%s: %s: not a document of this source, left out\n", s.Source, u)
		}
		if s.Rejected+s.OutOfScope > 0 {
			fmt.Fprintf(w, "%s: why statements were not loaded\n", s.Source)
			writeReasons(w, s.Reasons)
			if s.Rejected > 0 {
				fmt.Fprintf(w, "  the rejected ones with document and place: hrinvest query rejected source=%s\n", s.Source)
			}
		}
	}
	for _, warning := range r.Warnings {
		fmt.Fprintf(w, "check: %s\n", warning)
	}
	switch {
	case r.NothingNew:
		fmt.Fprintf(w, "nothing new: release %s stays (%s)\n", r.Release, r.Took.Round(10*time.Millisecond))
	case r.Release != "":
		fmt.Fprintf(w, "published release %s (%s)\n", r.Release, r.Took.Round(10*time.Millisecond))
	}
}

// writeReasons lists the most frequent reasons; the rest is counted.
func writeReasons(w io.Writer, reasons map[string]int) {
	const shown = 12
	list := make([]string, 0, len(reasons))
	for reason := range reasons {
		list = append(list, reason)
	}
	slices.SortFunc(list, func(a, b string) int {
		if reasons[a] != reasons[b] {
			return reasons[b] - reasons[a]
		}
		return strings.Compare(a, b)
	})
	for i, reason := range list {
		if i == shown {
			fmt.Fprintf(w, "  %8s and %d other reasons\n", "", len(list)-shown)
			return
		}
		fmt.Fprintf(w, "  %8d %s\n", reasons[reason], reason)
	}
}

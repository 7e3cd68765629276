package main

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"hrinvest/dashboards"
	"hrinvest/dashboards/locales"
	"hrinvest/extractors"
	"hrinvest/pipelines"
	"hrinvest/warehouse"
)

func (a *app) sourcesCommand() *cobra.Command {
	var f format
	cmd := &cobra.Command{
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
			list := listing("id", "kind", "publisher", "licence", "home")
			for _, s := range sources {
				i := s.Info()
				list.Rows = append(list.Rows, []any{i.ID, string(i.Kind), i.Publisher, i.Licence, i.Home})
			}
			return a.write(f, list)
		},
	}
	f.addFlag(cmd)
	return cmd
}

func (a *app) statusCommand() *cobra.Command {
	var f format
	var lang string
	cmd := &cobra.Command{
		Use:   "status",
		Short: "What is being served, and how each source stands",
		Long: `Shows the current release with its age, how the last refresh went and which
scheduled ones were missed, then how each source stands. It exits with 3 when a
scheduled refresh was missed.` + "\n" + exitHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !slices.Contains(locales.Languages(), lang) {
				return usageError{fmt.Errorf("--lang %q: want one of %s", lang, strings.Join(locales.Languages(), ", "))}
			}
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
				err = s.operations(a.dir, a.suffix()).WriteText(a.out, lang)
			}
			if err == nil && s.Missed > 0 {
				err = exitError(exitStale)
			}
			return err
		},
	}
	f.addFlag(cmd)
	cmd.Flags().StringVar(&lang, "lang", "en", "language of the answer: en or ru")
	return cmd
}

// standing is what status tells. Times that never were are left out.
type standing struct {
	Release  *warehouse.Release   `json:"release"` // null: none yet
	LastRun  pipelines.Run        `json:"last_run,omitzero"`
	Schedule pipelines.Planned    `json:"schedule,omitzero"`
	Missed   int                  `json:"missed_refreshes"`
	FirstDue time.Time            `json:"first_missed,omitzero"`
	Damaged  bool                 `json:"record_damaged,omitempty"`
	Back     pipelines.RolledBack `json:"rolled_back,omitzero"`
	Sources  []sourceStanding     `json:"sources"`
}

type sourceStanding struct {
	ID       string             `json:"source"`
	Standing pipelines.Standing `json:"standing"`
	Stands   time.Time          `json:"standing_since,omitzero"`
	pipelines.SourceState

	info extractors.Info
}

func (a *app) standing() (s standing, err error) {
	r, err := warehouse.Current(a.dir)
	switch {
	case err == nil:
		s.Release = &r
	case !errors.Is(err, warehouse.ErrNoRelease):
		return s, fmt.Errorf("which release is current cannot be read: %w; \"hrinvest releases%s\" lists them, \"hrinvest rollback RELEASE%s\" serves one again", err, a.suffix(), a.suffix())
	}
	return s, a.record(&s)
}

// record reads how the refreshes went. A record that is damaged is said to be so: the
// next refresh begins it anew, and the release that is served has no part in it.
func (a *app) record(s *standing) error {
	state, damaged := pipelines.ReadState(a.dir)
	var alsoDamaged error
	if s.Schedule, alsoDamaged = pipelines.ReadPlanned(a.dir); alsoDamaged == nil {
		s.Missed, s.FirstDue, alsoDamaged = s.Schedule.Missed(state.LastRun, time.Now())
	}
	var backDamaged error
	s.Back, backDamaged = pipelines.ReadRolledBack(a.dir)
	for _, err := range []error{damaged, alsoDamaged, backDamaged} {
		if disk := (*fs.PathError)(nil); errors.As(err, &disk) { // it may be whole
			return err
		}
	}
	s.LastRun, s.Damaged = state.LastRun, errors.Join(damaged, alsoDamaged, backDamaged) != nil
	for _, src := range pipelines.Sources(a.settings.sources()) {
		info := src.Info()
		one := sourceStanding{ID: info.ID, SourceState: state.Sources[info.ID], info: info}
		one.Standing, one.Stands = one.SourceState.Standing(info, time.Now())
		s.Sources = append(s.Sources, one)
	}
	return nil
}

// operations is the same in words.
func (s *standing) operations(dir, suffix string) dashboards.Operations {
	o := dashboards.Operations{Release: s.Release, Run: s.run(), Sources: s.states(), Missed: map[string]string{}, Dir: dir, Suffix: suffix, Now: time.Now()}
	for _, one := range s.Sources {
		o.Missed[one.ID] = one.Missed
	}
	return o
}

func (s *standing) run() dashboards.RunState {
	return dashboards.RunState{Started: s.LastRun.Started, Error: s.LastRun.Error, Missed: s.Missed, FirstDue: s.FirstDue,
		Schedule: s.Schedule.Spec, Zone: s.Schedule.Zone, Damaged: s.Damaged, RolledBack: s.Back.From, RolledAt: s.Back.At}
}

func (s *standing) states() (out []dashboards.SourceState) {
	for _, one := range s.Sources {
		out = append(out, dashboards.SourceState{ID: one.ID, Title: one.info.Title, State: string(one.Standing), Since: one.Stands, LastCheck: one.LastCheck,
			LastSuccess: one.LastSuccess, Defect: one.Defect, Error: one.Error, Held: one.Held, HeldID: one.HeldID,
			Documents: one.Documents, Rows: one.Rows, Rejected: one.Rejected})
	}
	return out
}

// suffix is what a command to copy needs to find the same data directory.
func (a *app) suffix() string {
	if a.dir == defaultDir() {
		return ""
	}
	return " --data " + a.dir
}

func (a *app) releasesCommand() *cobra.Command {
	var f format
	cmd := &cobra.Command{
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
			// a damaged pointer is said after the list, which is what mends it
			current, damaged := warehouse.Current(a.dir)
			if errors.Is(damaged, warehouse.ErrNoRelease) {
				damaged = nil
			}
			out := listing("current", "release", "built_at", "data_to", "origin")
			for _, r := range list {
				mark := any(nil)
				if r.ID == current.ID {
					mark = "*"
				}
				out.Rows = append(out.Rows, []any{mark, r.ID, r.BuiltAt.Format(time.RFC3339), r.Cutoff, r.Origin})
			}
			if err := a.write(f, out); err != nil || damaged == nil {
				return err
			}
			return fmt.Errorf("which release is current cannot be read: %w; serve one of these again with \"hrinvest rollback RELEASE%s\"", damaged, a.suffix())
		},
	}
	f.addFlag(cmd)
	return cmd
}

func (a *app) rollbackCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "rollback RELEASE",
		Short: "Serve an earlier release again",
		Long: `Makes an earlier release the current one; a running server notices. Nothing is
deleted. A refresh that would give the data of the release you went back from again
publishes nothing, until the data change.` + "\n" + exitHelp,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			r, err := pipelines.Rollback(a.dir, args[0], time.Now())
			if err != nil {
				return err
			}
			fmt.Fprintf(a.out, "serving release %s\n", r.ID)
			return nil
		},
	}
}

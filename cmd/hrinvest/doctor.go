package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"hrinvest/dashboards/paper"
	"hrinvest/pipelines"
	"hrinvest/warehouse"
)

func (a *app) doctorCommand() *cobra.Command {
	var offline bool
	var form format
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say what is wrong with this installation, and what to do",
		Long: `Looks at the disk, the rights to write, the clock, the configuration, the documents
and the release in use, the last refresh, the fonts of briefs, and whether the hosts
of the publishers can be reached. A line each: ✓, or ✗ with the remedy.

EXIT STATUS
  0  nothing is wrong
  1  something is; every ✗ says what to do
  2  the command line was not understood`,
		Args: cobra.NoArgs,
		// a configuration that cannot be read is a finding here, not the end
		PersistentPreRunE: func(*cobra.Command, []string) error { return nil },
		RunE: func(cmd *cobra.Command, _ []string) error {
			d := &doctor{dir: a.dir, now: time.Now(), reach: https}
			a.settings, d.config = readSettings(a.config, a.dir)
			d.settings = a.settings
			if offline {
				d.reach = nil
			}
			found := d.examine(cmd.Context())
			if a.json {
				if err := writeJSON(a.out, found); err != nil {
					return err
				}
			} else if form.value == "table" {
				for _, f := range found {
					fmt.Fprintln(a.out, f)
				}
			} else {
				list := listing("check", "ok", "found", "remedy")
				for _, f := range found {
					list.Rows = append(list.Rows, []any{f.Check, f.OK, f.Found, f.Remedy})
				}
				if err := a.write(form, list); err != nil {
					return err
				}
			}
			if slices.ContainsFunc(found, func(f finding) bool { return !f.OK }) {
				return exitError(exitFailed)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&offline, "offline", false, "leave out what needs the network")
	form.addFlag(cmd)
	return cmd
}

// finding is one thing that was looked at.
type finding struct {
	Check  string `json:"check"`
	OK     bool   `json:"ok"`
	Found  string `json:"found"`
	Remedy string `json:"remedy,omitempty"`
}

func (f finding) String() string {
	if f.OK {
		return fmt.Sprintf("✓ %s: %s", f.Check, f.Found)
	}
	return fmt.Sprintf("✗ %s: %s\n  to do: %s", f.Check, strings.ReplaceAll(f.Found, "\n", "\n  "), f.Remedy)
}

// doctor looks at a data directory and the machine it is on.
type doctor struct {
	dir      string
	now      time.Time
	settings settings
	config   error // of reading the settings
	// reach connects to a host and returns what its clock says. Nil: no network.
	reach func(ctx context.Context, host string) (time.Time, error)
}

func (d *doctor) examine(ctx context.Context) []finding {
	list := []finding{d.configuration(), d.writing(), d.space(), d.zone(), d.documents(), d.release(), d.lastRefresh(), d.sources(), fonts()}
	if d.reach != nil {
		list = append(list, d.network(ctx)...)
	}
	return list
}

func good(check, format string, a ...any) finding {
	return finding{Check: check, OK: true, Found: fmt.Sprintf(format, a...)}
}

func bad(check string, err error, remedy string) finding {
	return finding{Check: check, Found: err.Error(), Remedy: remedy}
}

func (d *doctor) configuration() finding {
	switch {
	case d.config != nil:
		return bad("configuration", d.config, "correct the file; README.md lists the keys")
	case d.settings.Contact == "":
		return good("configuration", "read; no contact is set, so publishers cannot reach you (contact: in config.yaml)")
	}
	return good("configuration", "read; publishers reach you at %s", d.settings.Contact)
}

// writing does what a refresh does: a file, its bytes on the disk, a new name.
func (d *doctor) writing() finding {
	const remedy = "let the user who runs this program own the directory, or name another with --data"
	for _, dir := range []string{d.dir, filepath.Join(d.dir, "documents"), filepath.Join(d.dir, "releases")} {
		if err := try(dir); err != nil {
			return bad("data directory", err, remedy)
		}
	}
	if foreign := d.foreign(); foreign != "" {
		return bad("data directory", fmt.Errorf("%s belongs to somebody else, and a refresh cannot write it", foreign),
			fmt.Sprintf("it was run as another user (root?): chown -R %d:%d %s", os.Getuid(), os.Getgid(), d.dir))
	}
	return good("data directory", "%s can be written", d.dir)
}

// foreign finds something in the data directory that a refresh must write and cannot.
func (d *doctor) foreign() (found string) {
	files := []string{filepath.Join(d.dir, "lock")}
	dirs, err := filepath.Glob(filepath.Join(d.dir, "documents", "??"))
	if err != nil {
		return ""
	}
	for _, f := range append(files, dirs...) {
		if err := unix.Access(f, unix.W_OK); err != nil && !errors.Is(err, unix.ENOENT) {
			return f
		}
	}
	return ""
}

func try(dir string) (err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		return err
	}
	name := f.Name()
	_, err = f.WriteString("written by hrinvest doctor\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		if err = os.Rename(name, name+"-moved"); err == nil {
			name += "-moved"
		}
	}
	return errors.Join(err, os.Remove(name))
}

// needed is what a release, the documents of a night and the space of a build take
// together, with the usual sources.
const needed = 3 << 30

func (d *doctor) space() finding {
	var fs unix.Statfs_t
	if err := unix.Statfs(d.dir, &fs); err != nil {
		return bad("disk", err, "name a directory on a disk with --data")
	}
	free := int64(fs.Bavail) * int64(fs.Bsize) //nolint:unconvert // the types differ between systems
	if free < needed {
		return bad("disk", fmt.Errorf("%s free in %s; a refresh needs up to %s", size(free), d.dir, size(needed)),
			"free space, keep fewer releases (keep_releases in config.yaml), or move the data directory and name it with --data")
	}
	if fs.Files > 0 && fs.Ffree < 10_000 {
		return bad("disk", fmt.Errorf("%d more files fit in %s", fs.Ffree, d.dir), "remove files: the disk has room, and no more entries")
	}
	return good("disk", "%s free", size(free))
}

// zone says when the next refresh is due. The clock itself is compared with those
// of the publishers, if they are asked.
func (d *doctor) zone() finding {
	if r, err := warehouse.Current(d.dir); err == nil && r.BuiltAt.After(d.now.Add(time.Hour)) {
		return bad("clock", fmt.Errorf("it is %s here, and the release was published at %s", d.now.Format(time.RFC3339), r.BuiltAt.Format(time.RFC3339)),
			"set the clock, and let it be kept (timedatectl set-ntp true)")
	}
	planned, err := pipelines.ReadPlanned(d.dir)
	if err != nil {
		return bad("clock", err, "start \"hrinvest serve\" again with --schedule and --zone")
	}
	if planned.Spec == "" {
		return good("clock", "%s; no schedule", d.now.Format(time.RFC3339))
	}
	zone, err := time.LoadLocation(planned.Zone)
	if err != nil {
		return bad("clock", err, "start \"hrinvest serve\" again with a --zone such as Asia/Bishkek")
	}
	return good("clock", "%s, where refreshes are planned (%s, %s)", d.now.In(zone).Format(time.RFC3339), planned.Spec, planned.Zone)
}

func (d *doctor) documents() finding {
	lost, n, err := pipelines.Lost(d.dir)
	switch {
	case err != nil:
		return bad("documents", err, "restore "+filepath.Join(d.dir, "documents", "ledger.json")+" from a backup; without one move it away and refresh: what was withdrawn, handed over or held back is then forgotten")
	case len(lost) > 0:
		return bad("documents", fmt.Errorf("%d of %d in use are not whole in the store, first %s of %s", len(lost), n, lost[0].URL, lost[0].Source),
			"restore "+filepath.Join(d.dir, "documents")+" from a backup, or refresh: what is missing is fetched again")
	}
	return good("documents", "%d in use", n)
}

func (d *doctor) release() finding {
	r, err := warehouse.Current(d.dir)
	if errors.Is(err, warehouse.ErrNoRelease) {
		return bad("release", err, "run \"hrinvest refresh --offline\" for the bundled documents, or \"hrinvest refresh\"")
	}
	if err == nil && r.Contract != warehouse.ContractVersion {
		err = fmt.Errorf("%s was built for contract %d, this program reads %d", r.ID, r.Contract, warehouse.ContractVersion)
		return bad("release", err, "run \"hrinvest build\"")
	}
	if err == nil {
		var db *warehouse.DB
		if db, err = warehouse.Open(r.Path, warehouse.Options{}); err == nil {
			err = db.Close()
		}
	}
	if err != nil {
		return bad("release", err, "run \"hrinvest build\", or \"hrinvest rollback\" to an earlier one (\"hrinvest releases\")")
	}
	return good("release", "%s, %d days old, data to %s, origin %s", r.ID, int(d.now.Sub(r.BuiltAt).Hours())/24, r.Cutoff, r.Origin)
}

// quiet is how long nobody need refresh without a schedule.
const quiet = 35 * 24 * time.Hour

func (d *doctor) lastRefresh() finding {
	const check = "last refresh"
	state, err := pipelines.ReadState(d.dir)
	if err != nil {
		return bad(check, err, "run \"hrinvest refresh\": it begins the record anew")
	}
	planned, err := pipelines.ReadPlanned(d.dir)
	if err != nil {
		return bad(check, err, "start \"hrinvest serve\" again with --schedule and --zone")
	}
	last := state.LastRun
	n, first, err := planned.Missed(last, d.now)
	switch ago := d.now.Sub(last.Ended); {
	case err != nil:
		return bad(check, err, "start \"hrinvest serve\" again with --schedule and --zone")
	case n > 0:
		return bad(check, fmt.Errorf("%d were due since %s and did not run", n, first.Format(time.RFC3339)), "see that \"hrinvest serve\" is running; \"hrinvest refresh\" runs one now")
	case last.Started.IsZero():
		return good(check, "none yet")
	case last.Error != "":
		return bad(check, fmt.Errorf("%s: failed: %s", last.Started.Format(time.RFC3339), last.Error), "run \"hrinvest refresh\" and read what it says; the last release is served meanwhile")
	case ago > quiet:
		return bad(check, fmt.Errorf("%d days ago", int(ago.Hours())/24), "run \"hrinvest refresh\", or \"hrinvest serve --schedule\" for every night")
	}
	return good(check, "%s, without an error", last.Ended.Format(time.RFC3339))
}

// sources says which ones wait for an operator.
func (d *doctor) sources() finding {
	const check = "sources"
	state, err := pipelines.ReadState(d.dir)
	if err != nil {
		return bad(check, err, "run \"hrinvest refresh\": it begins the record anew")
	}
	var wait []string
	list := pipelines.Sources(d.settings.sources())
	for _, src := range list {
		info := src.Info()
		switch standing, _ := state.Sources[info.ID].Standing(info, d.now); standing {
		case pipelines.Unread, pipelines.OnHold:
			wait = append(wait, fmt.Sprintf("%s (%s)", info.ID, standing))
		}
	}
	if len(wait) > 0 {
		return bad(check, fmt.Errorf("waiting for you: %s", strings.Join(wait, ", ")), "\"hrinvest status\" says why and what to do; the documents before stay in use")
	}
	return good(check, "none of %d waits for you", len(list))
}

// fonts says whether briefs can be set in both languages.
func fonts() finding {
	f, err := paper.LoadFonts()
	if err == nil {
		if missing := f.Missing("Aż ЖӨҮ Қәң – ✓ €"); len(missing) > 0 {
			err = fmt.Errorf("no letter for %q", string(missing))
		}
	}
	if err != nil {
		return bad("fonts", err, "the program file is damaged: install it again")
	}
	return good("fonts", "the fonts of briefs are whole")
}

// patient is how long a host may take to be reached.
const patient = 8 * time.Second

// network asks every host of the sources once, all at the same time, and compares
// the clock with theirs.
func (d *doctor) network(ctx context.Context) []finding {
	of := map[string][]string{} // host -> sources
	var wrong []finding
	for _, src := range pipelines.Sources(d.settings.sources()) {
		hosts, err := pipelines.Hosts(src)
		if err != nil {
			wrong = append(wrong, bad("hosts of "+src.Info().ID, err, "report it: the program carries a wrong address"))
		}
		for _, h := range hosts {
			of[h] = append(of[h], src.Info().ID)
		}
	}
	var hosts []string
	for h := range of {
		hosts = append(hosts, h)
	}
	slices.Sort(hosts)
	list := make([]finding, len(hosts))
	clocks := make([]time.Duration, len(hosts))
	var group sync.WaitGroup
	for i, h := range hosts {
		group.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, patient)
			defer cancel()
			list[i], clocks[i] = d.host(ctx, h, of[h])
		})
	}
	group.Wait()
	if same := func(f finding) bool { return !f.OK && f.Remedy == list[0].Remedy }; len(list) > 1 && !slices.ContainsFunc(list, func(f finding) bool { return !same(f) }) {
		list[0].Check = "network" // one thing is wrong, not every publisher
		list[0].Found = fmt.Sprintf("none of %d hosts of the sources can be reached: %s", len(list), list[0].Found)
		list = list[:1]
	}
	return append(append(wrong, list...), d.clock(clocks)...)
}

func (d *doctor) host(ctx context.Context, host string, sources []string) (finding, time.Duration) {
	check := fmt.Sprintf("%s (%s)", host, strings.Join(sources, ", "))
	asked := time.Now()
	at, err := d.reach(ctx, host)
	var dns *net.DNSError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &dns):
		return bad(check, fmt.Errorf("the name cannot be looked up: %w", err), "check the network and the name server (/etc/resolv.conf)"), 0
	case errors.As(err, &certificate):
		return bad(check, err, "check the clock and the certificates of this machine (package ca-certificates); something between may open connections"), 0
	case err != nil:
		return bad(check, err, "check the firewall: port 443 must be open to the outside; if it is, the publisher is away, and the last good documents stay in use"), 0
	}
	ahead := time.Duration(0)
	if !at.IsZero() {
		ahead = asked.Sub(at)
	}
	return good(check, "reached in %d ms", time.Since(asked).Milliseconds()), ahead
}

// clock compares with the clocks of the hosts: one may be wrong, most are not.
func (d *doctor) clock(ahead []time.Duration) []finding {
	known := slices.DeleteFunc(slices.Clone(ahead), func(a time.Duration) bool { return a == 0 })
	if len(known) == 0 {
		return nil
	}
	slices.Sort(known)
	middle := known[len(known)/2]
	if middle.Abs() > 5*time.Minute {
		return []finding{bad("clock of others", fmt.Errorf("this one is %s ahead of the publishers'", middle.Round(time.Second)), "set the clock, and let it be kept (timedatectl set-ntp true)")}
	}
	return []finding{good("clock of others", "the same within %s", max(middle.Abs().Round(time.Second), time.Second))}
}

// https opens a connection to a host as a refresh would, and asks for nothing but
// the head of its first page.
func https(ctx context.Context, host string) (time.Time, error) {
	return dateOf(ctx, &http.Client{
		Transport:     &http.Transport{ForceAttemptHTTP2: true, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, "https://"+host+"/")
}

func dateOf(ctx context.Context, c *http.Client, address string) (time.Time, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, address, nil)
	if err != nil {
		return time.Time{}, err
	}
	req.Header.Set("User-Agent", "hrinvest-doctor")
	res, err := c.Do(req)
	if err != nil {
		return time.Time{}, err
	}
	defer res.Body.Close()
	at, err := http.ParseTime(res.Header.Get("Date"))
	if err != nil {
		return time.Time{}, nil // whatever it answers, it was reached
	}
	return at, nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"
	_ "time/tzdata" // a schedule names a time zone; bare machines lack the database

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"
	"golang.org/x/net/netutil"
	"golang.org/x/sync/errgroup"

	"hrinvest/dashboards"
	"hrinvest/pipelines"
	"hrinvest/warehouse"
)

type serveOptions struct {
	listen, schedule, zone string
	offline                bool
}

func (a *app) serveCommand() *cobra.Command {
	var opt serveOptions
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve pages, downloads and metrics; refresh every night",
		Long: `Serves the current release: pages in English and Russian, downloads, briefs,
/metrics for Prometheus and /healthz. With --schedule it refreshes in this process;
a new release is picked up without a restart, also one that another process
published or rolled back to.` + "\n" + exitHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			zone, err := time.LoadLocation(opt.zone)
			if err != nil {
				return usageError{fmt.Errorf("--zone: %w", err)}
			}
			if opt.schedule != "" {
				if err := pipelines.CheckSchedule(opt.schedule); err != nil {
					return usageError{err}
				}
			}
			if _, err := dashboards.PublicURL(a.site()); err != nil {
				return usageError{err}
			}
			return a.serve(cmd.Context(), opt, zone)
		},
	}
	cmd.Flags().StringVar(&opt.listen, "listen", "127.0.0.1:8080", "address to listen on")
	a.publicFlag(cmd)
	cmd.Flags().StringVar(&opt.schedule, "schedule", "", `refresh at these times, five cron fields such as "15 2 * * *"`)
	cmd.Flags().StringVar(&opt.zone, "zone", "Local", "time zone of the schedule, such as Asia/Bishkek")
	cmd.Flags().BoolVar(&opt.offline, "offline", false, "scheduled refreshes use the bundled documents, no network")
	return cmd
}

// publicFlag lets a command say where readers reach the site.
func (a *app) publicFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&a.public, "public-url", os.Getenv("HRINVEST_PUBLIC_URL"), "address readers reach the site at, such as https://example.org, for the links of briefs (env HRINVEST_PUBLIC_URL; default public_url of the configuration)")
}

// site is the public address of the site, "" where none was given.
func (a *app) site() string {
	if a.public != "" {
		return a.public
	}
	return a.settings.PublicURL
}

// sourceStates is the record of the refreshes, for the page of operations.
func (a *app) sourceStates(context.Context) ([]dashboards.SourceState, error) {
	var s standing
	err := a.record(&s)
	return s.states(), err
}

// lastRun is how the last refresh went, for the same page.
func (a *app) lastRun(context.Context) (dashboards.RunState, error) {
	var s standing
	err := a.record(&s)
	return s.run(), err
}

// serve runs until ctx ends: the web server, and the schedule beside it.
func (a *app) serve(ctx context.Context, opt serveOptions, zone *time.Location) error {
	registry := prometheus.NewRegistry()
	p, err := pipelines.New(a.pipeline(opt.offline))
	if err != nil {
		return err
	}
	registry.MustRegister(pipelines.Metrics(a.dir, p.Sources(), time.Now))
	releases := dashboards.Follow(a.dir, warehouse.Options{})
	defer releases.Close()
	h, err := a.handler(releases, registry)
	if err != nil {
		return err
	}
	if opt.schedule == "" {
		if err := pipelines.Unplan(a.dir); err != nil {
			return err
		}
	}
	l, err := net.Listen("tcp", opt.listen)
	if err != nil {
		return fmt.Errorf("serving: %w", err)
	}
	server := server(h, a.err)
	fmt.Fprintf(a.err, "serving http://%s\n", l.Addr())
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		if err := server.Serve(netutil.LimitListener(l, maxConnections)); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serving: %w", err)
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		return server.Shutdown(stop)
	})
	if opt.schedule != "" {
		group.Go(func() error { return p.Schedule(ctx, opt.schedule, zone) })
	}
	return group.Wait()
}

package pipelines

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/robfig/cron/v3"
)

// Schedule refreshes in this process at the times of a five-field cron
// expression, in the given time zone, until ctx ends; then it waits for a
// refresh under way, which ctx stops. A refresh that is still running when the
// next is due makes that one be skipped. The schedule is written down, so that
// status can tell what was missed; what was while nothing ran is caught up with.
func (p *Pipeline) Schedule(ctx context.Context, spec string, zone *time.Location) error {
	log := cronLog{p.cfg.Log}
	c := cron.New(cron.WithLocation(zone), cron.WithLogger(log),
		cron.WithChain(cron.Recover(log), cron.SkipIfStillRunning(log)))
	due, err := dueTimes(spec, zone)
	if err != nil {
		return err
	}
	entry := c.Schedule(due, cron.FuncJob(func() { p.scheduled(ctx) }))
	if err := p.plan(spec, zone); err != nil {
		return err
	}
	c.Start()
	if p.catchUp() {
		c.Entry(entry).WrappedJob.Run() // so that one that is due meanwhile is skipped
	}
	<-ctx.Done()
	<-c.Stop().Done()
	return nil
}

// scheduled is one nightly refresh. Its outcome goes to the log and the
// metrics: nobody is watching.
func (p *Pipeline) scheduled(ctx context.Context) {
	report, err := p.Refresh(ctx, RefreshOptions{})
	log := p.cfg.Log.With("took", report.Took.Round(time.Millisecond))
	for _, s := range report.Sources {
		for _, h := range s.Held {
			log.Warn("documents held back for approval; the last good ones are in use", "source", s.Source, "because", h)
		}
		for _, why := range s.Withdrawn {
			log.Info("withdrawn before, and not taken now that it is offered again", "source", s.Source, "because", why)
		}
		if s.Defect != "" {
			log.Error("documents of a source cannot be read; those of the last release are in use, if there are any", "source", s.Source, "error", s.Defect)
		}
		if s.Error != "" {
			log.Warn("source not fetched; its last good documents are in use", "source", s.Source, "error", s.Error)
		}
	}
	switch {
	case errors.Is(err, ErrLocked):
		log.Warn("scheduled refresh skipped", "reason", err)
	case err != nil:
		log.Error("scheduled refresh failed; the last release stays", "error", err)
	case report.NothingNew:
		log.Info("nothing new", "release", report.Release)
	default:
		log.Info("published", "release", report.Release)
	}
}

// CheckSchedule says whether a cron expression can be used.
func CheckSchedule(spec string) error {
	_, err := dueTimes(spec, time.UTC)
	return err
}

// cronLog passes on what cron finds wrong, not its every tick.
type cronLog struct{ log *slog.Logger }

func (c cronLog) Info(msg string, kv ...any) {
	if msg == "skip" {
		c.log.Warn("scheduled refresh skipped: the last one is still running")
	}
}

func (c cronLog) Error(err error, msg string, kv ...any) {
	c.log.Error("scheduled refresh: "+msg, append(kv, "error", err)...)
}

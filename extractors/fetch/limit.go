package fetch

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/renameio/v2"
	"golang.org/x/time/rate"
)

//go:embed hosts.csv
var hostTable []byte

// Host is what a publisher allows. The strictest known limits stand in
// hosts.csv; any other host gets the defaults of Config.
type Host struct {
	Name     string        // host, without port
	Path     string        // prefix of the path it is about; "" every path
	Every    time.Duration // between two requests
	InFlight int           // at the same time
	PerHour  int           // 0: no limit; requests of all paths of the host with one count together
}

func readHosts(table []byte) ([]Host, error) {
	rows, err := csv.NewReader(bytes.NewReader(table)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("reading hosts.csv: %w", err)
	}
	var hosts []Host
	for _, r := range rows[1:] {
		h := Host{Name: r[0], Path: r[1]}
		every, err := strconv.Atoi(r[2])
		if err == nil {
			h.Every = time.Duration(every) * time.Millisecond
			h.InFlight, err = strconv.Atoi(r[3])
		}
		if err == nil && r[4] != "" {
			h.PerHour, err = strconv.Atoi(r[4])
		}
		if err != nil {
			return nil, fmt.Errorf("reading hosts.csv: %s: %w", r[0], err)
		}
		hosts = append(hosts, h)
	}
	slices.SortStableFunc(hosts, func(a, b Host) int { return len(b.Path) - len(a.Path) }) // longest prefix first
	return hosts, nil
}

// limiter holds every request to what its host allows, whichever source it is
// for: one limiter is shared by all. A place is held until the body is closed.
type limiter struct {
	next    http.RoundTripper
	hosts   []Host
	usual   Host // for hosts that are not listed
	budgets *budgets

	mu    sync.Mutex
	gates map[string]*gate // host and port -> its gate
}

type gate struct {
	pace  *rate.Limiter
	slots chan struct{}
}

func (l *limiter) rule(req *http.Request) Host {
	for _, h := range l.hosts {
		if h.Name == req.URL.Hostname() && strings.HasPrefix(req.URL.Path, h.Path) {
			return h
		}
	}
	return l.usual
}

func (l *limiter) gate(host string, rule Host) *gate {
	l.mu.Lock()
	defer l.mu.Unlock()
	g := l.gates[host]
	if g == nil {
		g = &gate{rate.NewLimiter(rate.Every(rule.Every), 1), make(chan struct{}, rule.InFlight)}
		l.gates[host] = g
	}
	return g
}

// slower makes a host's pace at least as slow as its robots.txt asks for.
func (l *limiter) slower(req *http.Request, delay time.Duration) {
	if g := l.gate(req.URL.Host, l.rule(req)); delay > 0 && rate.Every(delay) < g.pace.Limit() {
		g.pace.SetLimit(rate.Every(delay))
	}
}

// RoundTrip implements http.RoundTripper.
func (l *limiter) RoundTrip(req *http.Request) (*http.Response, error) {
	rule := l.rule(req)
	g := l.gate(req.URL.Host, rule)
	select {
	case g.slots <- struct{}{}:
	case <-req.Context().Done():
		return nil, context.Cause(req.Context())
	}
	free := sync.OnceFunc(func() { <-g.slots })
	err := g.pace.Wait(req.Context())
	if err == nil && rule.PerHour > 0 {
		err = l.budgets.take(req.Context(), req.URL.Host, rule.PerHour)
	}
	if err != nil {
		free()
		return nil, err
	}
	res, err := l.next.RoundTrip(req)
	if err != nil {
		free()
		return nil, err
	}
	res.Body = &closer{res.Body, free}
	return res, nil
}

// closer runs a function when the body is closed.
type closer struct {
	io.ReadCloser
	after func()
}

func (c *closer) Close() error {
	defer c.after()
	return c.ReadCloser.Close()
}

// budgets counts requests per hour in a file, so that what was used stays used
// when the program is started again.
type budgets struct {
	path string // "": not kept
	wait time.Duration
	now  func() time.Time

	mu   sync.Mutex
	used map[string][]time.Time // host -> requests of the last hour
}

func openBudgets(path string, wait time.Duration, now func() time.Time) (*budgets, error) {
	b := &budgets{path: path, wait: wait, now: now, used: map[string][]time.Time{}}
	if path == "" {
		return b, nil
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return b, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading used request budgets: %w", err)
	}
	if json.Unmarshal(data, &b.used) != nil || b.used == nil {
		b.used = map[string][]time.Time{} // a machine that went down left nothing of it: an hour, and it is forgotten anyway
	}
	return b, nil
}

// take uses one request of a host's hour. It waits when the next is free soon,
// and refuses when it is not.
func (b *budgets) take(ctx context.Context, host string, perHour int) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for {
		now := b.now()
		used := slices.DeleteFunc(b.used[host], func(t time.Time) bool {
			return now.Sub(t) >= time.Hour || t.Sub(now) > time.Minute // the clock was ahead
		})
		b.used[host] = used
		if len(used) < perHour {
			b.used[host] = append(used, now.UTC())
			return b.save()
		}
		free := used[len(used)-perHour].Add(time.Hour)
		if free.Sub(now) > b.wait {
			return fmt.Errorf("%w: %d an hour at %s; the next is free at %s", ErrBudget, perHour, host, free.UTC().Format("15:04 UTC"))
		}
		select {
		case <-time.After(free.Sub(now)):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (b *budgets) save() error {
	if b.path == "" {
		return nil
	}
	data, err := json.Marshal(b.used)
	if err != nil {
		return fmt.Errorf("writing used request budgets: %w", err)
	}
	if err := renameio.WriteFile(b.path, data, 0o644); err != nil {
		return fmt.Errorf("writing used request budgets: %w", err)
	}
	return nil
}

package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"hrinvest/extractors/fetch"
	"hrinvest/pipelines"
)

// progress shows a refresh as it goes: a line when each source was fetched, and
// on a terminal what is under way, in a line that is written over.
type progress struct {
	w        io.Writer
	quiet    bool
	terminal bool
	open     bool // the last line has no end yet
}

func newProgress(w io.Writer, quiet bool) *progress {
	return &progress{w: w, quiet: quiet, terminal: isTerminal(w)}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// unattended says that nobody reads what is written: no terminal takes it, nor does
// the environment name one, as cron's and systemd's does not.
func (a *app) unattended() bool {
	return !a.verbose && os.Getenv("TERM") == "" && !isTerminal(a.out)
}

func (p *progress) event(e pipelines.Event) {
	switch {
	case p.quiet:
	case e.Phase == pipelines.Fetching && p.terminal:
		p.over(fmt.Sprintf("%s: fetching, %s", e.Source, used(e.Report.Usage)))
	case e.Phase == pipelines.Fetched:
		p.line(fetchedLine(e.Report))
	case e.Phase == pipelines.Parsed && p.terminal:
		p.over(fmt.Sprintf("%s: %d statements, %d observations read", e.Source, e.Report.Parsed, e.Report.Observations))
	}
}

// done ends the line under way.
func (p *progress) done() {
	if p.open {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.open = false
	}
}

func (p *progress) over(s string) {
	if len(s) > 78 {
		s = s[:78]
	}
	fmt.Fprint(p.w, "\r\x1b[K", s)
	p.open = true
}

func (p *progress) line(s string) {
	p.done()
	fmt.Fprintln(p.w, s)
}

// fetchedLine says what a fetch came to.
func fetchedLine(r pipelines.SourceReport) string {
	what := []string{plural(r.Documents, "document"), fmt.Sprintf("%d changed", r.Changed)}
	if r.Usage.Requests > 0 {
		what = append(what, used(r.Usage))
	}
	switch {
	case len(r.Held) > 0:
		what = append(what, "HELD BACK: "+strings.Join(r.Held, "; "))
	case r.Missed != "":
		what = append(what, r.Missed)
	case r.Error != "":
		first, _, more := strings.Cut(r.Error, "\n")
		if more {
			first += " …"
		}
		what = append(what, "FAILED: "+first)
	}
	return r.Source + ": " + strings.Join(what, ", ")
}

// used says what retrieving took.
func used(u fetch.Usage) string {
	s := plural(int(u.Requests), "request") + ", " + size(u.Bytes)
	if u.NotModified > 0 {
		s += fmt.Sprintf(", %d not modified (304)", u.NotModified)
	}
	if u.Retries > 0 {
		s += ", " + plural(int(u.Retries), "repeat")
	}
	return s
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// size writes bytes for people, in powers of ten.
func size(n int64) string {
	switch {
	case n < 1e3:
		return fmt.Sprintf("%d B", n)
	case n < 1e6:
		return fmt.Sprintf("%d kB", n/1e3)
	case n < 1e9:
		return fmt.Sprintf("%d.%d MB", n/1e6, n%1e6/1e5)
	}
	return fmt.Sprintf("%d.%d GB", n/1e9, n%1e9/1e8)
}

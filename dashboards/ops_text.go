package dashboards

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"hrinvest/dashboards/locales"
	"hrinvest/warehouse"
)

// Operations is what an operator is told in a terminal: what the page of operations
// says, in plain text and with the whole addresses.
type Operations struct {
	Release *warehouse.Release // that is served; nil: none yet
	Run     RunState
	Sources []SourceState
	// Missed says which few documents of a fresh source could not be had, by id.
	Missed map[string]string
	Dir    string // data directory
	// Suffix ends every command to copy, such as " --data DIR".
	Suffix string
	Now    time.Time
}

// WriteText writes it in a language.
func (o Operations) WriteText(out io.Writer, lang string) error {
	loc, err := locales.Load(lang)
	if err != nil {
		return err
	}
	w := &words{Locale: loc}
	var b strings.Builder
	line := func(format string, a ...any) { fmt.Fprintf(&b, format+"\n", a...) }
	if r := o.Release; r == nil {
		line("%s", w.t("ops.text.no_release", "dir", o.Dir))
	} else {
		line("%s", w.t("ops.text.release", "release", r.ID, "at", r.BuiltAt.Format(time.RFC3339), "age", w.since(o.Now.Sub(r.BuiltAt)), "cutoff", r.Cutoff, "origin", r.Origin))
		if r.Note != "" {
			line("%s", r.Note)
		}
	}
	if o.Run.Damaged {
		line("%s %s\n  hrinvest refresh%s", w.t("ops.damaged"), w.t("ops.do.damaged"), o.Suffix)
	}
	if o.Run.Error != "" {
		line("%s", w.t("ops.text.failed", "at", o.Run.Started.Format(time.RFC3339), "reason", indent(o.Run.Error)))
		line("  %s hrinvest refresh%s", w.t("ops.do.failed"), o.Suffix)
	}
	if o.Run.Missed > 0 {
		line("%s", w.t("ops.text.missed", "n", fmt.Sprint(o.Run.Missed), "due", o.Run.FirstDue.Format(time.RFC3339), "schedule", o.Run.Schedule))
		line("  %s hrinvest refresh%s", w.t("ops.do.missed"), o.Suffix)
	}
	if o.Run.RolledBack != "" {
		line("%s %s hrinvest rollback %s%s", w.t("ops.rolled_back", "release", o.Run.RolledBack, "date", w.Date(o.Run.RolledAt.UTC())), w.t("ops.do.rolled_back"), o.Run.RolledBack, o.Suffix)
	}
	if o.Release != nil || !o.Run.Started.IsZero() { // else nothing was tried: there is nothing to say of the sources
		o.sources(w, &b)
	}
	if w.err != nil {
		return w.err
	}
	_, err = io.WriteString(out, b.String())
	return err
}

func (o Operations) sources(w *words, b *strings.Builder) {
	t := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, w.t("ops.text.columns"))
	var notes strings.Builder
	for _, one := range o.Sources {
		row, success := w.opsRow(one), w.t("ops.text.never")
		if !one.LastSuccess.IsZero() {
			success = one.LastSuccess.Format(time.RFC3339)
		}
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%s\t%s\n", one.ID, one.Documents, one.Rows, one.Rejected, success, row.State)
		if one.State == "fresh" {
			if few := o.Missed[one.ID]; few != "" {
				fmt.Fprintf(&notes, "\n%s: %s\n", one.ID, w.t("ops.text.few", "reason", indent(few)))
			}
			continue
		}
		fmt.Fprintf(&notes, "\n%s: %s\n  %s\n", one.ID, row.State, row.Means)
		for _, reason := range append([]string{one.Defect, one.Error}, one.Held...) {
			if reason != "" {
				fmt.Fprintf(&notes, "  %s %s\n", w.t("ops.text.because"), indent(reason))
			}
		}
		fmt.Fprintf(&notes, "  %s %s", w.t("ops.text.do"), row.Do)
		if row.Command != "" {
			fmt.Fprintf(&notes, " %s%s", row.Command, o.Suffix)
		}
		notes.WriteByte('\n')
	}
	t.Flush() //nolint:errcheck // a builder takes everything
	b.WriteString(notes.String())
}

func indent(s string) string { return strings.ReplaceAll(s, "\n", "\n    ") }

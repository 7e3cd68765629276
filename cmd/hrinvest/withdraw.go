package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"hrinvest/pipelines"
)

func (a *app) withdrawCommand() *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use:   "withdraw DOCUMENT | FLOW_ID",
		Short: "Remove a document or a statement for good",
		Long: `Removes what must not be published: a document (its sha256, or the first 12
letters of it) or the statement behind a flow. A release without it is built and
published, the releases that hold it are deleted, and it is not taken again when
the publisher sends it again. What remains is a tombstone with the reason. A
document's bytes are deleted; a statement's stay in its document, which is not
published: withdraw the document to delete them.

Copies that others downloaded are beyond reach.` + "\n" + exitHelp,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if strings.TrimSpace(reason) == "" {
				return usageError{errors.New("--reason is needed: it stays in the tombstone")}
			}
			p, err := pipelines.New(a.pipeline(true))
			if err != nil {
				return err
			}
			w, report, err := p.Withdraw(cmd.Context(), args[0], reason)
			if errors.Is(err, pipelines.ErrNotHeld) {
				return usageError{err}
			}
			if err != nil {
				return err
			}
			if a.json {
				return writeJSON(a.out, map[string]any{"withdrawn": w.Tombstone, "removed_releases": w.Removed, "release": report.Release})
			}
			what := "statement"
			if w.Document {
				what = "document"
			}
			fmt.Fprintf(a.out, "withdrew %s %s: %s\n", what, w.ID, w.Reason)
			if report.Release != "" {
				fmt.Fprintf(a.out, "published release %s\n", report.Release)
			}
			for _, r := range w.Removed {
				fmt.Fprintf(a.out, "deleted release %s\n", r)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why, without naming what must not be named")
	return cmd
}

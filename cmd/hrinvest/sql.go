package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"hrinvest/warehouse"
)

// sandboxCommand is run by this program alone, never by a person.
func (a *app) sandboxCommand() *cobra.Command {
	return &cobra.Command{
		Use:    sandboxName,
		Hidden: true,
		Args:   cobra.NoArgs,
		// No configuration: the process starts in an empty folder.
		PersistentPreRunE: func(*cobra.Command, []string) error { return nil },
		RunE: func(*cobra.Command, []string) error {
			return warehouse.SandboxProcess(a.in, a.out)
		},
	}
}

const sandboxName = "answer-sql"

// sandbox runs SQL in a process of this program.
func sandbox() (warehouse.Sandbox, error) {
	self, err := os.Executable()
	if err != nil {
		return warehouse.Sandbox{}, fmt.Errorf("finding this program: %w", err)
	}
	return warehouse.Sandbox{Command: []string{self, sandboxName}}, nil
}

// askSQL answers a statement of the person at the terminal, who may wait longer
// and read more than a visitor of the pages.
func (a *app) askSQL(ctx context.Context, f format, statement string) error {
	release, err := a.current()
	if err != nil {
		return err
	}
	box, err := sandbox()
	if err != nil {
		return err
	}
	box.Time, box.Memory, box.Rows, box.Bytes = time.Minute, 512, 1_000_000, 256<<20
	t, err := box.Ask(ctx, release.Path, statement)
	if errors.Is(err, warehouse.ErrSQL) {
		return usageError{err}
	}
	if err != nil {
		return err
	}
	if err := a.write(f, &t.Result); err != nil {
		return err
	}
	if t.Truncated != "" {
		// A file that was cut must not pass for a whole one.
		return fmt.Errorf("the answer is cut: more than %s; ask for less with LIMIT, or use \"hrinvest export\"",
			map[string]string{"rows": fmt.Sprintf("%d rows", box.Rows), "bytes": fmt.Sprintf("%d MB", box.Bytes>>20)}[t.Truncated])
	}
	return nil
}

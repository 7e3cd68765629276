package main

import (
	"errors"

	"github.com/spf13/cobra"

	"hrinvest/warehouse"
)

func (a *app) diffCommand() *cobra.Command {
	var f format
	cmd := &cobra.Command{
		Use:   "diff OLDER NEWER [key=value]...",
		Short: "What changed between two releases",
		Long: `Lists each sum, value and verdict that is not the same in two releases, with the
likely cause: new data, a revision by the source, our mapping or rules, rates,
deflators. A release is named by its id or the beginning of one, or is the
oldest or the newest that is kept; "hrinvest releases" lists them. country=KGZ
and year=2018 narrow the list.` + "\n" + exitHelp,
		Args: cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			older, err := warehouse.Find(a.dir, args[0])
			if err != nil {
				return err
			}
			newer, err := warehouse.Find(a.dir, args[1])
			if err != nil {
				return err
			}
			params, err := keyValues(args[2:])
			if err != nil {
				return err
			}
			t, err := warehouse.Changes(cmd.Context(), older, newer, params)
			if errors.Is(err, warehouse.ErrParameter) {
				return usageError{err}
			}
			if err != nil {
				return err
			}
			return a.write(f, t)
		},
	}
	f.addFlag(cmd)
	return cmd
}

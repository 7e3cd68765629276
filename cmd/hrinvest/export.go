package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"

	"hrinvest/dashboards/workbook"
	"hrinvest/warehouse"
)

func (a *app) exportCommand() *cobra.Command {
	var kind, out string
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write every table of the current release to files",
		Long: `Writes every table and view of the current release to a folder: as Parquet or CSV
(gzip), with datapackage.json, which says what every column means, under which
licences the data stand, and rows, bytes and hash of each file; or as one workbook
for Excel. Data that may not be passed on are left out and named.` + "\n" + exitHelp,
		Example: "  hrinvest export --format parquet -o hrinvest-data",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !slices.Contains([]string{"parquet", "csv", "xlsx"}, kind) {
				return usageError{fmt.Errorf("--format %q: want parquet, csv or xlsx", kind)}
			}
			return a.export(cmd.Context(), kind, out)
		},
	}
	cmd.Flags().StringVar(&kind, "format", "parquet", "parquet, csv or xlsx")
	cmd.Flags().StringVarP(&out, "output", "o", "", "folder to write to (default: hrinvest-RELEASE)")
	return cmd
}

func (a *app) export(ctx context.Context, kind, dir string) error {
	rel, err := a.current()
	if err != nil {
		return err
	}
	if dir == "" {
		dir = "hrinvest-" + rel.ID
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	x, err := warehouse.Export(ctx, rel, warehouse.Options{})
	if err != nil {
		return err
	}
	if kind == "xlsx" {
		err = a.workbook(ctx, x, rel, dir)
	} else {
		_, err = x.WriteAll(ctx, dir, kind)
	}
	if err := errors.Join(err, x.Close()); err != nil {
		return err
	}
	for _, s := range x.LeftOut() {
		fmt.Fprintf(a.err, "left out: what %s says may not be passed on\n", s)
	}
	_, err = fmt.Fprintln(a.out, dir)
	return err
}

func (a *app) workbook(ctx context.Context, x *warehouse.Exporter, rel warehouse.Release, dir string) error {
	f, err := renameio.NewPendingFile(filepath.Join(dir, "hrinvest.xlsx"), renameio.WithPermissions(0o644))
	if err != nil {
		return err
	}
	defer f.Cleanup()
	long, err := workbook.Write(ctx, f, rel, x)
	if err != nil {
		return err
	}
	for _, t := range long {
		fmt.Fprintf(a.err, "not in the workbook: %s has more rows than a sheet; export it as csv or parquet\n", t)
	}
	return errors.Join(f.CloseAtomicallyReplace(), x.WriteCitation(dir))
}

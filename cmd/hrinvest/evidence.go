package main

import (
	"bytes"
	"fmt"
	"os"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"

	"hrinvest/extractors/evidence"
)

func (a *app) evidenceCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "evidence",
		Short: "The researcher's own sheet",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.templateCommand())
	return cmd
}

func (a *app) templateCommand() *cobra.Command {
	var lang, kind, out string
	cmd := &cobra.Command{
		Use:   "template",
		Short: "Write an empty, documented evidence sheet",
		Long: `Writes an empty sheet to fill in: one row per statement, each with its citation.
Hand the filled sheet over with

  hrinvest refresh --source evidence --documents FOLDER` + "\n" + exitHelp,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if lang != "en" && lang != "ru" {
				return usageError{fmt.Errorf("--lang %q: want en or ru", lang)}
			}
			if kind != "xlsx" && kind != "csv" {
				return usageError{fmt.Errorf("--format %q: want xlsx or csv", kind)}
			}
			var b bytes.Buffer
			if err := evidence.WriteTemplate(&b, lang, kind); err != nil {
				return err
			}
			return a.writeFile(out, b.Bytes())
		},
	}
	cmd.Flags().StringVar(&lang, "lang", "en", "en or ru")
	cmd.Flags().StringVar(&kind, "format", "xlsx", "xlsx or csv")
	cmd.Flags().StringVarP(&out, "output", "o", "", "file to write (default: standard output)")
	return cmd
}

// writeFile writes to a file whole, or to standard output when no name is given.
func (a *app) writeFile(name string, b []byte) error {
	if name == "" || name == "-" {
		_, err := a.out.Write(b)
		return err
	}
	if err := renameio.WriteFile(name, b, 0o644); err != nil {
		return err
	}
	if info, err := os.Stat(name); err == nil && !a.json {
		fmt.Fprintf(a.err, "wrote %s (%d KB)\n", name, (info.Size()+1023)/1024)
	}
	return nil
}

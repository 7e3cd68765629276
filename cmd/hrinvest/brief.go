package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"hrinvest/dashboards"
	"hrinvest/dashboards/paper"
	"hrinvest/warehouse"
)

func (a *app) briefCommand() *cobra.Command {
	var lang, kind, out string
	cmd := &cobra.Command{
		Use:   "brief COUNTRY",
		Short: "Write a country's two-page funding brief",
		Long: `Writes the funding brief of a country (ISO 3166-1 alpha-3 code): two A4 pages as
PDF, one self-contained HTML file to forward, or every number as CSV.` + "\n" + exitHelp,
		Example: "  hrinvest brief KGZ --lang ru --format pdf -o kgz-ru.pdf",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if lang != "en" && lang != "ru" {
				return usageError{fmt.Errorf("--lang %q: want en or ru", lang)}
			}
			release, err := warehouse.Current(a.dir)
			if err != nil {
				return err
			}
			db, err := a.open()
			if err != nil {
				return err
			}
			defer db.Close()
			b, err := dashboards.NewBrief(cmd.Context(), dashboards.FromDB(db), strings.ToUpper(args[0]), lang, dashboards.ReleaseOf(release))
			if err != nil {
				return err
			}
			var buf bytes.Buffer
			switch kind {
			case "pdf":
				fonts, err := paper.LoadFonts()
				if err != nil {
					return err
				}
				err = b.WritePDF(&buf, fonts)
				if err != nil {
					return err
				}
			case "html":
				err = b.WriteHTML(&buf)
			case "csv":
				err = b.WriteCSV(&buf)
			default:
				return usageError{fmt.Errorf("--format %q: want pdf, html or csv", kind)}
			}
			if err != nil {
				return err
			}
			return a.writeFile(out, buf.Bytes())
		},
	}
	cmd.Flags().StringVar(&lang, "lang", "en", "en or ru")
	cmd.Flags().StringVar(&kind, "format", "pdf", "pdf, html or csv")
	cmd.Flags().StringVarP(&out, "output", "o", "", "file to write (default: standard output)")
	return cmd
}

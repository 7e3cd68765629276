package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"

	"hrinvest/dashboards"
	"hrinvest/dashboards/paper"
)

func (a *app) briefCommand() *cobra.Command {
	var lang, kind, out string
	var all bool
	var names []string
	for _, e := range dashboards.Editions() {
		names = append(names, e.Name)
	}
	formats := strings.Join(names, ", ")
	cmd := &cobra.Command{
		Use:   "brief COUNTRY | --all",
		Short: "Write a country's two-page funding brief",
		Long: `Writes the funding brief of a country (ISO 3166-1 alpha-3 code): two A4 pages as
pdf, a document to edit as docx, one self-contained html file to forward, a
picture to share as png (1200 x 630) or tall.png (1080 x 1350), or every number
as xlsx, csv or json. --all writes the briefs of every country as a ZIP.` + "\n" + exitHelp,
		Example: "  hrinvest brief KGZ --lang ru --format pdf -o kgz-ru.pdf\n  hrinvest brief --all --lang ru -o briefs-ru.zip",
		Args: func(_ *cobra.Command, args []string) error {
			if all && len(args) > 0 || !all && len(args) != 1 {
				return fmt.Errorf("want one country, or --all")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if lang != "en" && lang != "ru" {
				return usageError{fmt.Errorf("--lang %q: want en or ru", lang)}
			}
			edition, ok := dashboards.EditionOf(kind)
			if !ok {
				return usageError{fmt.Errorf("--format %q: want one of %s", kind, formats)}
			}
			release, err := a.current()
			if err != nil {
				return err
			}
			db, err := a.open()
			if err != nil {
				return err
			}
			defer db.Close()
			fonts, err := paper.LoadFonts()
			if err != nil {
				return err
			}
			site, err := dashboards.PublicURL(a.site())
			if err != nil {
				return usageError{err}
			}
			data, rel := dashboards.FromDB(db), dashboards.ReleaseOf(release)
			if all {
				editions := dashboards.ArchiveEditions()
				if cmd.Flags().Changed("format") {
					editions = []dashboards.Edition{edition}
				}
				return a.stream(out, func(w io.Writer) error {
					return dashboards.WriteAll(cmd.Context(), w, data, lang, rel, site, fonts, editions)
				})
			}
			b, err := dashboards.NewBrief(cmd.Context(), data, strings.ToUpper(args[0]), lang, rel)
			if err != nil {
				return err
			}
			b.Site = site
			var buf bytes.Buffer
			if err := edition.Write(&buf, b, fonts); err != nil {
				return err
			}
			return a.writeFile(out, buf.Bytes())
		},
	}
	cmd.Flags().StringVar(&lang, "lang", "en", "en or ru")
	cmd.Flags().StringVar(&kind, "format", "pdf", formats+"; with --all, only that one (default there: pdf, docx, html, xlsx)")
	cmd.Flags().BoolVar(&all, "all", false, "the briefs of every country, as a ZIP")
	a.publicFlag(cmd)
	cmd.Flags().StringVarP(&out, "output", "o", "", "file to write (default: standard output)")
	return cmd
}

// stream is writeFile for what is too large to hold. The file
// appears when it is whole.
func (a *app) stream(path string, write func(io.Writer) error) error {
	if path == "" || path == "-" {
		return write(a.out)
	}
	f, err := renameio.NewPendingFile(path, renameio.WithPermissions(0o644))
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	defer f.Cleanup()
	if err := write(f); err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := f.CloseAtomicallyReplace(); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if !a.json {
		fmt.Fprintf(a.err, "wrote %s (%d KB)\n", path, (info.Size()+1023)/1024)
	}
	return nil
}

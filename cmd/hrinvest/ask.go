package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"hrinvest/warehouse"
)

func (a *app) gapsCommand() *cobra.Command {
	var f format
	args := map[string]*string{}
	cmd := &cobra.Command{
		Use:   "gaps",
		Short: "Commitments against what was spent or reached",
		Long: `One row per commitment, area and year: what was promised, what the data say, and
a verdict with its reason. What cannot be compared is refused, not computed.` + "\n" + exitHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.ask(cmd.Context(), f, "gaps", given(args))
		},
	}
	f.addFlag(cmd)
	args["country"] = cmd.Flags().String("country", "", "ISO 3166-1 alpha-3 code")
	args["year"] = cmd.Flags().String("year", "", "year")
	args["commitment"] = cmd.Flags().String("commitment", "", "commitment id, such as NSP200")
	args["verdict"] = cmd.Flags().String("verdict", "", "met, not_met, no_data, not_applicable, not_comparable, no_number, not_available_by_law")
	return cmd
}

// firstSentence is a text up to its first full stop or colon.
func firstSentence(doc string) string {
	if i := strings.IndexAny(doc+".", ".:"); i < len(doc) {
		return doc[:i]
	}
	return doc
}

// documentQueries says of each question what a row means, what can be asked for,
// and what the columns are.
func (a *app) documentQueries(all []warehouse.Query, named []string) error {
	var chosen []warehouse.Query
	for _, name := range named {
		i := slices.IndexFunc(all, func(q warehouse.Query) bool { return q.Name == name })
		if i < 0 {
			return usageError{fmt.Errorf("%w: %s", warehouse.ErrUnknownQuery, name)}
		}
		chosen = append(chosen, all[i])
	}
	if a.json {
		return writeJSON(a.out, chosen)
	}
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for _, q := range chosen {
		fmt.Fprintf(w, "%s: %s\n", q.Name, q.Doc)
		for _, p := range q.Params {
			fmt.Fprintf(w, "  %s=\t%s\t%s\n", p.Name, p.Type, p.Doc)
		}
		for _, c := range q.Columns {
			fmt.Fprintf(w, "  %s\t\t%s\n", c.Name, c.Doc)
		}
	}
	return w.Flush()
}

// keyValues reads the arguments of a named question.
func keyValues(args []string) (map[string]any, error) {
	out := map[string]any{}
	for _, arg := range args {
		k, v, ok := strings.Cut(arg, "=")
		if !ok {
			return nil, usageError{fmt.Errorf("%q: want key=value", arg)}
		}
		out[k] = v
	}
	return out, nil
}

// given keeps the arguments that were set.
func given(args map[string]*string) map[string]any {
	out := map[string]any{}
	for k, v := range args {
		if *v != "" {
			out[k] = *v
		}
	}
	return out
}

func (a *app) queryCommand() *cobra.Command {
	var f format
	var list bool
	var statement string
	cmd := &cobra.Command{
		Use:   "query NAME [key=value]... | --sql STATEMENT",
		Short: "Ask a named question, or in SQL",
		Long: `Answers a named question from the current release; --list shows them all with their parameters.
--sql answers one SELECT of your own over the tables and views that "hrinvest schema" documents.` + "\n" + exitHelp,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if list {
				return a.listQueries(args)
			}
			if cmd.Flags().Changed("sql") {
				if len(args) > 0 {
					return usageError{errors.New("name a question or give --sql, not both")}
				}
				return a.askSQL(cmd.Context(), f, statement)
			}
			if len(args) == 0 {
				return usageError{errors.New("name a question, or --list them")}
			}
			params, err := keyValues(args[1:])
			if err != nil {
				return err
			}
			return a.ask(cmd.Context(), f, args[0], params)
		},
	}
	f.addFlag(cmd)
	cmd.Flags().BoolVar(&list, "list", false, "list the questions")
	cmd.Flags().StringVar(&statement, "sql", "", "answer this SELECT instead")
	return cmd
}

// listQueries lists the questions, or documents those that are named.
func (a *app) listQueries(named []string) error {
	queries, err := warehouse.Queries()
	if err != nil {
		return err
	}
	changes, err := warehouse.ChangesQuery()
	if err != nil {
		return err
	}
	if len(named) > 0 {
		return a.documentQueries(append(queries, changes), named)
	}
	if a.json {
		return writeJSON(a.out, append(queries, changes))
	}
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "The 25 research questions; \"hrinvest query --list NAME\" documents one:")
	for n := 1; n <= 25; n++ {
		i := slices.IndexFunc(queries, func(q warehouse.Query) bool { return q.Question == n })
		switch {
		case i >= 0:
			listQuery(w, fmt.Sprintf("%2d ", n), queries[i])
		case n == changes.Question:
			fmt.Fprintf(w, "%2d hrinvest diff A B\t[country] [year]\t%s\n", n, firstSentence(changes.Doc))
		default:
			fmt.Fprintf(w, "%2d --as-of DATE\t\tany question above or below, answered from the release that was newest on that day\n", n)
		}
	}
	fmt.Fprintln(w, "\nOther questions:")
	for _, q := range queries {
		if q.Question == 0 {
			listQuery(w, "   ", q)
		}
	}
	return w.Flush()
}

func listQuery(w io.Writer, number string, q warehouse.Query) {
	var params []string
	for _, p := range q.Params {
		name := p.Name
		if !p.Required {
			name = "[" + name + "]"
		}
		params = append(params, name)
	}
	fmt.Fprintf(w, "%s%s\t%s\t%s\n", number, q.Name, strings.Join(params, " "), firstSentence(q.Doc))
}

func (a *app) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema [TABLE]...",
		Short: "Document the tables and views of a release",
		Long:  "Lists every table and view of the current release with the meaning of its rows and columns." + "\n" + exitHelp,
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			db, err := a.open()
			if err != nil {
				return err
			}
			defer db.Close()
			tables, err := db.Schema(cmd.Context())
			if err != nil {
				return err
			}
			wanted := map[string]bool{}
			for _, t := range args {
				wanted[t] = true
			}
			var chosen []warehouse.TableDoc
			for _, t := range tables {
				if len(args) == 0 || wanted[t.Name] {
					chosen = append(chosen, t)
					delete(wanted, t.Name)
				}
			}
			for t := range wanted {
				return usageError{fmt.Errorf("no table %q in this release", t)}
			}
			if a.json {
				return writeJSON(a.out, chosen)
			}
			for _, t := range chosen {
				kind := "table"
				if t.View {
					kind = "view"
				}
				fmt.Fprintf(a.out, "%s (%s)\n  %s\n", t.Name, kind, strings.ReplaceAll(t.Doc, "\n", "\n  "))
				w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
				for _, c := range t.Columns {
					fmt.Fprintf(w, "    %s\t%s\t%s\n", c.Name, c.Type, c.Doc)
				}
				w.Flush()
				fmt.Fprintln(a.out)
			}
			return nil
		},
	}
}

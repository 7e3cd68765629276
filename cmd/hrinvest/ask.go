package main

import (
	"context"
	"errors"
	"fmt"
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
			return a.askGaps(cmd.Context(), f, given(args))
		},
	}
	f.addFlag(cmd)
	args["country"] = cmd.Flags().String("country", "", "ISO 3166-1 alpha-3 code")
	args["year"] = cmd.Flags().String("year", "", "year")
	args["commitment"] = cmd.Flags().String("commitment", "", "commitment id, such as NSP200")
	args["verdict"] = cmd.Flags().String("verdict", "", "met, not_met, no_data, not_applicable, not_comparable, no_number, not_available_by_law")
	return cmd
}

// askGaps refuses the code of no country: an empty table would read as if there
// were nothing to say of it.
func (a *app) askGaps(ctx context.Context, f format, args map[string]any) error {
	code, ok := args["country"]
	if !ok {
		return a.ask(ctx, f, "gaps", args)
	}
	db, err := a.open()
	if err != nil {
		return err
	}
	t, err := db.Named(ctx, "country_names", map[string]any{"country": code})
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	if len(t.Rows) == 0 {
		return usageError{fmt.Errorf("--country %q: no country has this code; want an ISO 3166-1 alpha-3 code, such as KGZ", code)}
	}
	return a.ask(ctx, f, "gaps", args)
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
				return a.listQueries()
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
			params := map[string]any{}
			for _, arg := range args[1:] {
				k, v, ok := strings.Cut(arg, "=")
				if !ok {
					return usageError{fmt.Errorf("%q: want key=value", arg)}
				}
				params[k] = v
			}
			return a.ask(cmd.Context(), f, args[0], params)
		},
	}
	f.addFlag(cmd)
	cmd.Flags().BoolVar(&list, "list", false, "list the questions")
	cmd.Flags().StringVar(&statement, "sql", "", "answer this SELECT instead")
	return cmd
}

func (a *app) listQueries() error {
	queries, err := warehouse.Queries()
	if err != nil {
		return err
	}
	if a.json {
		return writeJSON(a.out, queries)
	}
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for _, q := range queries {
		var params []string
		for _, p := range q.Params {
			name := p.Name
			if !p.Required {
				name = "[" + name + "]"
			}
			params = append(params, name)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", q.Name, strings.Join(params, " "), strings.SplitN(q.Doc, "\n", 2)[0])
	}
	return w.Flush()
}

func (a *app) explainCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "explain FLOW_ID",
		Short: "Follow a number down to the bytes it came from",
		Long: `Shows a flow with the rules that made it, the statement it was made from, and the
document and place where the statement stands.` + "\n" + exitHelp,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			db, err := a.open()
			if err != nil {
				return err
			}
			defer db.Close()
			t, err := db.Named(cmd.Context(), "explain", map[string]any{"flow_id": args[0]})
			if err != nil {
				return err
			}
			if len(t.Rows) == 0 {
				return fmt.Errorf("no flow %q in this release", args[0])
			}
			if a.json {
				return writeJSON(a.out, t.Maps()[0])
			}
			w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
			for i, c := range t.Columns {
				if v := t.Rows[0][i]; v != nil {
					fmt.Fprintf(w, "%s\t%s\n", c.Name, warehouse.Text(v))
				}
			}
			return w.Flush()
		},
	}
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

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
	"hrinvest/extractors/plaintext"
	"hrinvest/warehouse"
)

// maxExplained bounds the flows shown in full below a row: --all shows the rest.
const maxExplained = 5

// maxQuote bounds the bytes quoted of a document, in letters.
const maxQuote = 1500

func (a *app) explainCommand() *cobra.Command {
	var row int
	var all bool
	cmd := &cobra.Command{
		Use:   "explain FLOW_ID | QUERY [key=value]... --row N",
		Short: "Follow a number down to the bytes it came from",
		Long: `Shows a flow with the rules and rates that made it, the statement it was made
from, the document, and the bytes at the place where the statement stands. Of a
row of a named question it shows first what the row is made of.` + "\n" + exitHelp,
		Example: "  hrinvest explain spending_by_source country=KGZ --row 1",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			db, err := a.open()
			if err != nil {
				return err
			}
			defer db.Close()
			store, err := fetch.NewStore(filepath.Join(a.dir, "documents"))
			if err != nil {
				return err
			}
			e := &explainer{app: a, db: db, store: store, redactor: plaintext.NewRedactor(), unquoted: map[string]string{}, most: maxExplained}
			for _, src := range a.pipeline(true).Sources {
				e.unquoted[src.Info().ID] = src.Info().Unquoted
			}
			if all {
				e.most = 1 << 30
			}
			if !cmd.Flags().Changed("row") {
				if len(args) > 1 {
					return usageError{errors.New("which row? add --row N")}
				}
				flow, err := e.flow(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				if a.json {
					return writeJSON(a.out, flow.JSON())
				}
				return flow.write(a.out, "")
			}
			params, err := keyValues(args[1:])
			if err != nil {
				return err
			}
			return e.row(cmd.Context(), args[0], params, row)
		},
	}
	cmd.Flags().IntVar(&row, "row", 0, "row of the answer, from 1")
	cmd.Flags().BoolVar(&all, "all", false, fmt.Sprintf("every flow below a row, not the first %d only", maxExplained))
	return cmd
}

// explainer follows numbers of one release down.
type explainer struct {
	app      *app
	db       *warehouse.DB
	store    *fetch.Store
	redactor *plaintext.Redactor
	unquoted map[string]string // source -> why its bytes are not shown
	codes    *regexp.Regexp    // of grants in countries where implementers are withheld; nil until asked
	most     int
}

// explained is a flow with its statement and document: columns of the question
// "explain" that have a value, in their order, and the bytes quoted.
type explained struct {
	columns []string
	values  map[string]string
	quote   string // empty: NoQuote says why
	noQuote string
}

// bundled says of a flow from a bundled document what that is; empty for others.
func (x explained) bundled() string {
	if x.values["origin"] != "bundled" {
		return ""
	}
	s := "bundled extract, compiled from cited facts"
	if day := x.values["compiled"]; day != "" {
		s += " (data up to " + day + ")"
	}
	s += ": not the publisher's bytes"
	if at := x.values["statement_url"]; at != "" {
		s += "; cited address " + at
	}
	return s
}

// JSON is the flow as one object.
func (x explained) JSON() map[string]any {
	out := map[string]any{}
	for k, v := range x.values {
		out[k] = v
	}
	if raw, ok := out["raw"].(string); ok && json.Valid([]byte(raw)) {
		out["raw"] = json.RawMessage(raw)
	}
	if notice := x.bundled(); notice != "" {
		out["notice"] = notice
	}
	if x.quote != "" {
		out["quote"] = x.quote
	} else {
		out["no_quote"] = x.noQuote
	}
	return out
}

func (x explained) write(w io.Writer, indent string) error {
	bytesOf := "bytes"
	if notice := x.bundled(); notice != "" {
		bytesOf = "words of the bundled extract"
		fmt.Fprintf(w, "%s%s\n", indent, notice)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, c := range x.columns {
		fmt.Fprintf(t, "%s%s\t%s\n", indent, c, x.values[c])
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if x.quote == "" {
		_, err := fmt.Fprintf(w, "%s%s: %s\n", indent, bytesOf, x.noQuote)
		return err
	}
	_, err := fmt.Fprintf(w, "%s%s at %s:\n%s  %s\n", indent, bytesOf, x.values["locator"], indent, strings.ReplaceAll(x.quote, "\n", "\n  "+indent))
	return err
}

func (e *explainer) flow(ctx context.Context, id string) (explained, error) {
	t, err := e.db.Named(ctx, "explain", map[string]any{"flow_id": id})
	if err != nil {
		return explained{}, err
	}
	if len(t.Rows) == 0 {
		return explained{}, fmt.Errorf("no flow %q in this release", id)
	}
	x := explained{values: map[string]string{}}
	for i, c := range t.Columns {
		if v := t.Rows[0][i]; v != nil {
			x.columns = append(x.columns, c.Name)
			x.values[c.Name] = warehouse.Text(v)
		}
	}
	x.quote, err = e.quote(ctx, x.values)
	if err != nil {
		x.noQuote = err.Error()
	}
	return x, nil
}

// errWithheld: naming who carries this work out can harm.
var errWithheld = errors.New("withheld: they name who carries the work out in a country where that can harm")

// quote reads the bytes a statement stands in from the stored document, without
// personal data. What the release withholds is withheld here.
func (e *explainer) quote(ctx context.Context, flow map[string]string) (string, error) {
	if strings.Contains(flow["flags"], "withheld") || strings.Contains(flow["raw"], `"withheld":true`) {
		return "", errWithheld
	}
	if why := e.unquoted[flow["source"]]; why != "" {
		return "", fmt.Errorf("not shown: %s", why)
	}
	document, err := e.store.Open(flow["document_sha256"])
	if err != nil {
		return "", fmt.Errorf("the document is not stored here (%s)", flow["document_sha256"])
	}
	defer document.Close()
	b, err := extractors.Quote(document, flow["locator"])
	if err != nil {
		return "", err
	}
	if e.codes == nil {
		if err := e.withheldCodes(ctx); err != nil {
			return "", err
		}
	}
	text, _ := e.redactor.Text(string(b))
	text = e.codes.ReplaceAllString(text, "[withheld]")
	if cut := []rune(text); len(cut) > maxQuote {
		text = string(cut[:maxQuote]) + " …"
	}
	if !utf8.ValidString(text) {
		return "", extractors.ErrNoQuote
	}
	return text, nil
}

func (e *explainer) withheldCodes(ctx context.Context) error {
	t, err := e.db.Query(ctx, "SELECT country FROM withhold ORDER BY country")
	if err != nil {
		return fmt.Errorf("reading which countries are withheld: %w", err)
	}
	countries := []string{"ZZZ"} // no country
	for _, r := range t.Rows {
		countries = append(countries, regexp.QuoteMeta(warehouse.Text(r[0])))
	}
	e.codes, err = regexp.Compile(`\b(?:` + strings.Join(countries, "|") + `)-[A-Za-z]-[\w-]+`)
	return err
}

// row explains a row of a named question: what it is made of, and the first of
// the flows in full.
func (e *explainer) row(ctx context.Context, name string, params map[string]any, n int) error {
	answer, err := e.app.named(ctx, e.db, name, params)
	if err != nil {
		return err
	}
	traced, err := e.db.Trace(ctx, name, answer, n-1)
	if errors.Is(err, warehouse.ErrParameter) {
		return usageError{err}
	}
	if err != nil {
		return err
	}
	if len(traced) == 0 {
		return fmt.Errorf("%s does not say what its rows are made of; the numbered questions of \"hrinvest query --list\" do", name)
	}
	var flows []explained
	for _, id := range flowIDs(traced) {
		if len(flows) == e.most {
			break
		}
		x, err := e.flow(ctx, id)
		if err != nil {
			return err
		}
		flows = append(flows, x)
	}
	if e.app.json {
		return e.writeJSON(answer, n, traced, flows)
	}
	return e.write(name, answer, n, traced, flows)
}

// flowIDs lists the flows that were led to, each once, in order.
func flowIDs(traced []warehouse.Traced) []string {
	var out []string
	seen := map[string]bool{}
	for _, t := range traced {
		i := slices.IndexFunc(t.Rows.Columns, func(c warehouse.Column) bool { return c.Name == "flow_id" })
		if i < 0 {
			continue
		}
		for _, r := range t.Rows.Rows {
			if id := warehouse.Text(r[i]); !seen[id] {
				seen[id] = true
				out = append(out, id)
			}
		}
	}
	return out
}

func (e *explainer) writeJSON(answer *warehouse.Result, n int, traced []warehouse.Traced, flows []explained) error {
	made := []map[string]any{}
	for _, t := range traced {
		made = append(made, map[string]any{"relation": t.Relation, "sums": sums(t), "rows": t.Rows.Maps()})
	}
	var full []map[string]any
	for _, x := range flows {
		full = append(full, x.JSON())
	}
	return writeJSON(e.app.out, map[string]any{"row": answer.Maps()[n-1], "made_of": made, "flows": full})
}

// sums says which column of the row adds up from which column below it.
func sums(t warehouse.Traced) map[string]string {
	out := map[string]string{}
	for _, s := range t.Sums {
		out[s.Answer] = s.Relation
	}
	return out
}

func (e *explainer) write(name string, answer *warehouse.Result, n int, traced []warehouse.Traced, flows []explained) error {
	w := e.app.out
	fmt.Fprintf(w, "%s, row %d of %d\n", name, n, len(answer.Rows))
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for i, c := range answer.Columns {
		if v := answer.Rows[n-1][i]; v != nil {
			fmt.Fprintf(t, "  %s\t%s\n", c.Name, warehouse.Text(v))
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, tr := range traced {
		fmt.Fprintf(w, "\n%d rows of %s", len(tr.Rows.Rows), tr.Relation)
		for _, k := range slices.Sorted(maps.Keys(sums(tr))) {
			fmt.Fprintf(w, "; their %s adds up to %s", sums(tr)[k], k)
		}
		fmt.Fprintln(w)
		if err := e.app.writeTable(head(tr.Rows, 20)); err != nil {
			return err
		}
		if more := len(tr.Rows.Rows) - 20; more > 0 {
			fmt.Fprintf(w, "… and %d more (--json has all)\n", more)
		}
	}
	for _, x := range flows {
		fmt.Fprintf(w, "\nflow %s\n", x.values["flow_id"])
		if err := x.write(w, "  "); err != nil {
			return err
		}
	}
	if more := len(flowIDs(traced)) - len(flows); more > 0 {
		fmt.Fprintf(w, "\n… and %d more flows (--all shows them)\n", more)
	}
	return nil
}

// head is an answer without the rows after the first n.
func head(t *warehouse.Result, n int) *warehouse.Result {
	if len(t.Rows) <= n {
		return t
	}
	cut := *t
	cut.Rows = t.Rows[:n]
	return &cut
}

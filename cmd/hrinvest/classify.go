package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"hrinvest/dashboards"
	"hrinvest/transforms"
)

func (a *app) classifyCommand() *cobra.Command {
	var text, file, code, rule string
	cmd := &cobra.Command{
		Use:   "classify --text TEXT | --code SCHEME:CODE | --file FILE.tsv | --rule ID",
		Short: "What a text or a code pays for, and why",
		Long: `Says which intervention a text or a publisher's code stands for, by the rules of
this program alone: no release is needed. It shows the words found, those that a
negative phrase took or that lack company, and who wrote each rule, when and on
what source.

--file answers a table: the column named text, or else the first one, of
tab-separated lines (- reads standard input). Each line gets one answer:
text, language, intervention, rule, method, share, share_low, share_high,
confidence, words.

--rule tells of the rules that hr_rule of a flow names.

The three shares say which part is harm reduction by three definitions: low by
core-3, central by hri, high by broad ("hrinvest query definitions" lists them). An
empty share is unknown.

  hrinvest classify --text "Закупка метадона"
  hrinvest classify --code globalfund:"GC6|Prevention|Needle and syringe programs"
  hrinvest classify --code atc:N07BC02` + "\n" + exitHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			given := 0
			for _, name := range []string{"text", "code", "file", "rule"} {
				if cmd.Flags().Changed(name) {
					given++
				}
			}
			if given != 1 {
				return usageError{errors.New("want one of --text, --code, --file and --rule")}
			}
			if cmd.Flags().Changed("rule") {
				return a.showRules(strings.Split(rule, "+"))
			}
			c, err := transforms.NewClassifier()
			if err != nil {
				return err
			}
			switch {
			case cmd.Flags().Changed("file"):
				return a.classifyFile(c, file)
			case cmd.Flags().Changed("code"):
				scheme, rest, ok := strings.Cut(code, ":")
				if !ok {
					return usageError{fmt.Errorf("--code %q: want SCHEME:CODE", code)}
				}
				return a.showClass(c.Code(scheme, rest))
			}
			return a.showClass(c.Text(text))
		},
	}
	cmd.Flags().StringVar(&text, "text", "", "text to classify")
	cmd.Flags().StringVar(&code, "code", "", "code to classify, as SCHEME:CODE")
	cmd.Flags().StringVar(&file, "file", "", "tab-separated file of texts; - is standard input")
	cmd.Flags().StringVar(&rule, "rule", "", "rules to tell of, joined by +")
	return cmd
}

// showRules tells of rules.
func (a *app) showRules(ids []string) error {
	all, err := transforms.Rules()
	if err != nil {
		return err
	}
	var found []transforms.Rule
	for _, id := range ids {
		i := slices.IndexFunc(all, func(r transforms.Rule) bool { return r.ID == id })
		if i < 0 {
			return usageError{fmt.Errorf("no rule %q", id)}
		}
		found = append(found, all[i])
	}
	if a.json {
		return writeJSON(a.out, found)
	}
	for _, r := range found {
		fmt.Fprintf(a.out, "%s: %s %s %q", r.ID, r.Scheme, r.Kind, r.Written)
		if r.Intervention != "" {
			fmt.Fprintf(a.out, " for %s", r.Intervention)
		}
		fmt.Fprintf(a.out, "; by %s on %s, %s", r.Author, r.Date, sourceOf(r))
		if r.Note != "" {
			fmt.Fprintf(a.out, ". %s", r.Note)
		}
		fmt.Fprintln(a.out)
	}
	return nil
}

// sourceOf says what a rule rests on.
func sourceOf(r transforms.Rule) string {
	switch {
	case r.Source != "":
		return r.Source
	case r.Kind == "word" || r.Kind == "stem" || r.Kind == "acronym" || r.Kind == "negative":
		return "general usage"
	}
	return "no source"
}

// classifyFile answers a table of texts.
func (a *app) classifyFile(c *transforms.Classifier, name string) error {
	in := a.in
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return fmt.Errorf("classifying: %w", err)
		}
		defer f.Close()
		in = f
	}
	texts, err := textsOf(in)
	if err != nil {
		return fmt.Errorf("classifying %s: %w", name, err)
	}
	if a.json {
		all := make([]transforms.Explanation, len(texts))
		for i, t := range texts {
			all[i] = c.Text(t)
		}
		return writeJSON(a.out, all)
	}
	w := bufio.NewWriter(a.out)
	fmt.Fprintln(w, strings.Join([]string{"text", "language", "intervention", "rule", "method", "share", "share_low", "share_high", "confidence", "words"}, "\t"))
	for _, t := range texts {
		e := c.Text(t)
		fmt.Fprintln(w, strings.Join([]string{
			dashboards.Cell(oneLine(t)), e.Language, e.Intervention, e.Rule, e.Method, e.Share, e.ShareLow, e.ShareHigh, e.Confidence, dashboards.Cell(oneLine(countedWords(e))),
		}, "\t"))
	}
	return w.Flush()
}

// textsOf reads the column of texts of a tab-separated table.
func textsOf(in io.Reader) ([]string, error) {
	var texts []string
	column := 0
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for first := true; lines.Scan(); first = false {
		line := strings.TrimSuffix(lines.Text(), "\r")
		if first {
			line = strings.TrimPrefix(line, "\uFEFF")
		}
		fields := strings.Split(line, "\t")
		if first {
			if at := slices.IndexFunc(fields, func(f string) bool { return strings.EqualFold(strings.TrimSpace(f), "text") }); at >= 0 {
				column = at
				continue
			}
		}
		text := ""
		if column < len(fields) {
			text = fields[column]
		}
		texts = append(texts, text)
	}
	return texts, lines.Err()
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// countedWords lists the words that count, each once.
func countedWords(e transforms.Explanation) string {
	var out []string
	for _, w := range e.Words {
		if w.Counts && !slices.Contains(out, w.Found) {
			out = append(out, w.Found)
		}
	}
	return strings.Join(out, "; ")
}

// showClass writes one answer in words.
func (a *app) showClass(e transforms.Explanation) error {
	if a.json {
		return writeJSON(a.out, e)
	}
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	row := func(name, text string) {
		if text != "" {
			fmt.Fprintf(w, "%s\t%s\n", name, text)
		}
	}
	row("text", oneLine(e.Text))
	if e.Reason != "code" {
		row("language", languageNames[e.Language])
	}
	for _, word := range e.Words {
		name := "counts"
		if !word.Counts {
			name = "does not count"
		}
		row(name, wordInWords(word))
	}
	answer := e.Intervention
	if e.Population != "" {
		answer += ", population " + e.Population
	}
	row("intervention", answer)
	row("because", reasons[e.Reason])
	row("method", e.Method)
	row("rule", e.Rule)
	row("share", fmt.Sprintf("low %s (core-3), central %s (hri), high %s (broad)", known(e.ShareLow), known(e.Share), known(e.ShareHigh)))
	row("confidence", e.Confidence)
	return w.Flush()
}

func known(share string) string {
	if share == "" {
		return "unknown"
	}
	return share
}

// wordInWords tells of one word: where, by which rule, whose, and why it does
// not count.
func wordInWords(w transforms.Word) string {
	text := fmt.Sprintf("%q, characters %d-%d: %s", w.Found, w.From, w.To, w.Rule.ID)
	if w.Rule.Intervention != "" {
		text += " for " + w.Rule.Intervention
	}
	if why := becauses[w.Because]; why != "" {
		text += "; " + why
	}
	if w.By != "" {
		text += " (" + w.By + ")"
	}
	text += fmt.Sprintf("; by %s on %s, %s", w.Rule.Author, w.Rule.Date, sourceOf(w.Rule))
	if w.Rule.Note != "" {
		text += ". " + w.Rule.Note
	}
	return text
}

var languageNames = map[string]string{
	"": "not told by its words", "en": "English", "ru": "Russian", "uk": "Ukrainian", "fr": "French", "es": "Spanish", "ro": "Romanian", "hy": "Armenian", "ka": "Georgian",
	"pt": "Portuguese", "de": "German", "it": "Italian",
}

var reasons = map[string]string{
	"nothing":     "nothing in it speaks of HIV, of people who use drugs or of their services",
	"mixed":       "it names other populations beside people who use drugs: which part of the money is for whom cannot be told",
	"hiv":         "it speaks of HIV and of nothing for people who use drugs",
	"control":     "it speaks of drug law enforcement alone",
	"treatment":   "it speaks of drug treatment other than agonist therapy, or prevention of drug use, alone",
	"contradict":  "it speaks of harm reduction, drug treatment or law enforcement together: which part of the money is which cannot be told",
	"one_service": "it names one service for people who use drugs",
	"several":     "it names several services, or more than the one it names: the widest that is true",
	"no_service":  "it speaks of people who use drugs or harm reduction and names no service",
	"code":        "the crosswalk has the code",
}

var becauses = map[string]string{
	"negative":      "a phrase that is none of ours",
	"struck":        "taken by a negative phrase",
	"covered":       "inside a longer name of another service",
	"lacks_term":    "needs another word beside it",
	"lacks_service": "needs a service beside it",
	"lacks_drugs":   "counts only where people who use drugs or their services are named",
}

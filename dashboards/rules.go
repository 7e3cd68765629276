package dashboards

import (
	"strings"

	"hrinvest/dashboards/locales"
)

// Rule is a reviewed rule by which money came to its service.
type Rule struct {
	ID           string
	Kind         string // code of a publisher's classification, items of a budget, word, stem, acronym, negative
	Scheme       string // of a code, or the language of a word
	Written      string // the code or word
	Intervention string
	Author, Date string
	Source, Note string
}

// rules finds the rules an id of flows.hr_rule names: several are joined with +.
func (s *Server) rules(id string) []Rule {
	var out []Rule
	for part := range strings.SplitSeq(id, "+") {
		for _, r := range s.cfg.Rules {
			if r.ID == part {
				out = append(out, r)
				break
			}
		}
	}
	return out
}

// ruleText says what a rule decides, who decided it and from what; the words of the
// publisher among them are a part of their own.
func (w *words) ruleText(r Rule, cat *catalogue) []locales.Part {
	what := r.Written
	if r.Kind == "code" {
		what = r.Scheme + ": " + strings.ReplaceAll(r.Written, "|", w.Dash())
	}
	text := w.t("flow.rule_text", "what", what, "service", cat.intervention(r.Intervention, w.Lang))
	if r.Author != "" {
		text += " " + w.t("flow.rule_by", "author", r.Author, "date", w.Day(r.Date))
	}
	before, after, _ := strings.Cut(text, what)
	out := []locales.Part{{Text: before, Own: true}, {Text: what}, {Text: after, Own: true}}
	if r.Note != "" {
		out = append(append(out, locales.Part{Text: " ", Own: true}), w.Parts(r.Note)...)
	}
	return out
}

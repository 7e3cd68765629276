package dashboards

import "strings"

// method says how money came to be counted for its service, over the rows of a
// sum. What the publisher did not say itself is marked wherever the amount
// stands: a share of the budget applied to money paid is an estimate, and the
// title of a project is not its accounts.
type method struct {
	shares bool // shares of the budget applied to other money (flag shares_of_budget)
	title  bool // inferred from the wording of the project
	other  bool // reported, decided by an expert, or a line of a budget itself
	names  []string
}

// methodOf reads the methods (flows.hr_method) and flags of a row.
func methodOf(methods, flags []string) method {
	m := method{names: union(nil, methods)}
	for _, name := range methods {
		switch {
		case name == "text_inferred":
			m.title = true
		case name == "apportioned" && contains(flags, "shares_of_budget"):
			m.shares = true
		default:
			m.other = true
		}
	}
	return m
}

// with is the method of a sum of both.
func (m method) with(o method) method {
	return method{m.shares || o.shares, m.title || o.title, m.other || o.other, union(append([]string{}, m.names...), o.names)}
}

// key is the name of its words, "" where nothing is to be said.
func (m method) key() string {
	switch {
	case m.shares && m.title:
		return "both"
	case m.shares:
		return "shares"
	case m.title:
		return "title"
	}
	return ""
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}

// mark notes on a figure how its money was found, and the words that go with it.
func (m *maker) mark(f *Figure, how method) {
	f.how, f.Method = how, strings.Join(how.names, " ")
	f.Mark = m.markText(how)
	if how.shares && f.Value != nil {
		f.Status = "estimate"
	}
}

// markText is "(estimate: budget shares applied)", "" for money as reported.
func (m *maker) markText(how method) string {
	k := how.key()
	switch {
	case k == "":
		return ""
	case how.other:
		return "(" + m.t("mark.partly."+k) + ")"
	}
	return "(" + m.t("mark."+k) + ")"
}

// Shown is the figure as a sentence writes it: with its mark.
func (f Figure) Shown() string {
	if f.Mark == "" {
		return f.Text
	}
	return f.Text + " " + f.Mark
}

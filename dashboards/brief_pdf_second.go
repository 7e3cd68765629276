package dashboards

import (
	"fmt"
	"strconv"
	"strings"

	"hrinvest/dashboards/locales"
)

func (p *pages) second() {
	b, d := p.b, p.d
	d.AddPage()
	p.footer(2)
	// The end of the page is measured first; promises get what is left.
	tail := p.tail()
	y := p.heading(36, "brief.promises")
	for _, v := range b.Votes {
		y = d.Text(margin, y, column, v, bold(9)) + 1
	}
	if len(b.Promises) == 0 {
		y = d.Text(margin, y, column, p.t("promise.none"), body(10))
	} else {
		var rows [][]string
		for _, r := range b.Promises {
			verdict := r.Sign + " " + r.VerdictText
			if r.Look == "so_far" { // both years stand in the row
				verdict, _, _ = strings.Cut(verdict, " (")
			}
			if r.Reason != "" {
				verdict += ": " + locales.Clause(r.Reason)
			}
			actual := r.Actual
			if r.Year != "" {
				actual += " (" + r.Year + ")"
			}
			standing := r.Instrument + "; " + r.Force
			if r.Verified != "" {
				standing += "; " + r.Verified
			}
			rows = append(rows, []string{r.Text + " (" + standing + ")", r.Deadline, r.Required, actual, verdict})
		}
		y = p.table(y, bottom-tail, p.promisesLeft, []tableColumn{{p.t("table.promise"), 258}, {p.t("table.deadline"), 36}, {p.t("table.required"), 56}, {p.t("table.actual"), 52}, {p.t("table.verdict"), column - 402}}, rows)
	}
	y += 6
	for _, s := range p.closing() {
		if len(s.items) == 0 {
			continue
		}
		y = p.heading(y, s.key)
		for _, t := range s.items {
			top := y
			if y = d.Text(margin, y, column, t.text, body(9)); t.address != "" {
				d.Link(margin, top, column, y-top, t.address)
			}
		}
		y += 6
	}
}

// closingSection is a list at the end of the second page.
type closingSection struct {
	key   string
	items []item
}

// item is a text of such a list, and the address it opens; "": none.
type item struct{ text, address string }

func items(texts []string) []item {
	out := make([]item, len(texts))
	for i, t := range texts {
		out[i].text = t
	}
	return out
}

// closing returns the lists of the second page's end, each cut to what fits and
// saying how much more there is.
func (p *pages) closing() []closingSection {
	b := p.b
	var ends []string
	for _, e := range b.Ends {
		text := e.Date
		if e.Past {
			text += " (" + p.t("brief.ended") + ")"
		}
		text += p.Dash() + e.Funder + ": " + e.Title + p.Dash() + e.Amount.Shown() + " (" + e.Amount.Note + ")"
		ends = append(ends, text)
	}
	if len(ends) == 0 {
		ends = []string{b.NoEnds}
	}
	var buys []string
	if b.Buys != "" {
		buys = []string{b.Buys}
	}
	var asks []string
	for i, a := range b.Asks {
		asks = append(asks, strconv.Itoa(i+1)+". "+a)
	}
	cite := item{p.t("cite.title") + ": " + p.citation(b), b.address(b.Page)}
	return []closingSection{
		{"brief.buys", items(buys)},
		{"asks.title", p.cut(items(asks), 74)},
		{"brief.ends", p.cut(items(ends), 74)},
		{"brief.missing", p.cut(items(b.Missing), 60)},
		{"brief.how", p.cut(items(b.How), 24)},
		{"brief.sources", p.references()},
		{"brief.about", append([]item{cite}, items([]string{b.Report, b.Licence})...)},
	}
}

// maxListed bounds the addresses the PDF lists; the page has them all.
const maxListed = 12

// references lists the first addresses, in the order of their numbers, and counts
// the others.
func (p *pages) references() []item {
	var out []item
	refs := p.b.Refs
	for i, r := range refs {
		if i == maxListed {
			break
		}
		text := fmt.Sprintf("[%d] %s. %s. ", r.N, r.Publisher, r.Title)
		for j := range i {
			if refs[j].ID == r.ID { // the source was named
				text = fmt.Sprintf("[%d] %s. ", r.N, r.Publisher)
			}
		}
		address := r.URL
		if len(r.Cites) > 0 {
			address = r.Cites[0]
		}
		switch {
		case r.Withheld != "":
			text, address = text+r.Withheld, ""
		case len(r.Cites) > 1:
			text += address + " " + p.n("brief.more_addresses", len(r.Cites)-1)
		default:
			text += address
		}
		if !web(address) {
			address = ""
		}
		if r.Origin == "bundled" {
			text += " (" + p.t("brief.bundled_short") + ")"
		}
		out = append(out, item{text, address})
	}
	fits := p.cut(out, 106)
	if rest := len(refs) - len(out); rest > 0 {
		if len(fits) == len(out) {
			return append(fits, p.more(rest))
		}
		fits[len(fits)-1] = p.more(len(refs) - len(fits) + 1)
	}
	return fits
}

// cut keeps the items that fit into height and says how many do not.
func (p *pages) cut(items []item, height float64) []item {
	used := 0.0
	for i, t := range items {
		used += p.d.TextHeight(column, t.text, body(9))
		if used > height && i < len(items) {
			return append(append([]item{}, items[:i]...), p.more(len(items)-i))
		}
	}
	return items
}

// more counts what has no room and leads to the page that has it.
func (p *pages) more(n int) item {
	return item{p.n("brief.more", n, "page", p.onSite(p.b, p.b.Page)), p.b.address(p.b.Page)}
}

func (p *pages) tail() float64 {
	h := 6.0
	for _, s := range p.closing() {
		if len(s.items) == 0 {
			continue
		}
		h += 12*1.22 + 4 + 6
		for _, t := range s.items {
			h += p.d.TextHeight(column, t.text, body(9))
		}
	}
	return h
}

type tableColumn struct {
	title string
	width float64
}

// promisesLeft counts the promises that had no room, by verdict.
func (p *pages) promisesLeft(shown int) string {
	rest := p.b.Promises[shown:]
	var parts []string
	for _, v := range looks() {
		n := 0
		for _, r := range rest {
			if r.Look == v {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, p.t("verdict."+v)+": "+strconv.Itoa(n))
		}
	}
	return p.n("brief.more", len(rest), "page", p.onSite(p.b, p.b.Page)) + " (" + strings.Join(parts, ", ") + ")"
}

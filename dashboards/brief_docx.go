package dashboards

import (
	"bytes"
	"fmt"
	"io"
	"strconv"

	"hrinvest/dashboards/docx"
	"hrinvest/dashboards/locales"
	"hrinvest/dashboards/paper"
)

// WriteDOCX writes the brief as a document to be edited: every table is a table,
// every source a footnote. The bytes depend on the brief alone.
func (b *Brief) WriteDOCX(w io.Writer, fonts *paper.Fonts) error {
	loc, err := locales.Load(b.Lang)
	if err != nil {
		return fmt.Errorf("writing brief as docx: %w", err)
	}
	d := &document{words: words{Locale: loc}, b: b, cited: map[int]bool{}}
	d.doc = docx.New(docx.Meta{
		Title: b.Title, Subject: b.Headline, Lang: map[string]string{"en": "en-GB", "ru": "ru-RU"}[b.Lang], Date: b.cutoffDate,
		Footer: d.t("brief.footer", "country", b.Name, "cutoff", b.Cutoff, "release", b.Release),
	})
	if err := d.write(fonts); err != nil {
		return fmt.Errorf("writing brief as docx: %w", err)
	}
	return d.doc.Write(w)
}

// document lays out a brief for a word processor.
type document struct {
	words
	b     *Brief
	doc   *docx.Doc
	cited map[int]bool
}

func (d *document) write(fonts *paper.Fonts) error {
	b, doc := d.b, d.doc
	doc.Text(docx.Title, b.Title)
	if b.Banner != "" {
		doc.Text(docx.Banner, b.Banner)
	}
	doc.Text(docx.Lead, b.Headline)
	if b.Beside != "" {
		doc.Text(docx.Normal, b.Beside)
	}
	doc.Text(docx.Small, b.Basis)
	if b.Footnote != "" {
		doc.Text(docx.Small, b.Footnote)
	}
	d.four()
	if err := d.money(fonts); err != nil {
		return err
	}
	d.services("brief.services", b.Services)
	if b.NoServices != "" {
		doc.Text(docx.Normal, b.NoServices)
	}
	if b.Cut != "" {
		doc.Text(docx.Small, b.Cut)
	}
	if len(b.Other) > 0 {
		d.services("country.other", b.Other)
		doc.Text(docx.Small, d.t("country.other_lead"))
	}
	d.promises()
	d.coverage()
	if b.Buys != "" {
		d.heading("brief.buys")
		doc.Paragraph(docx.Normal, docx.Run{Text: b.Buys, Notes: d.notes(b.Gap[0].Refs)})
	}
	d.ends()
	if len(b.Also) > 0 {
		d.services("country.also", b.Also)
		doc.Text(docx.Small, d.t("missing.more"))
	}
	d.list("asks.title", b.Asks)
	d.list("brief.missing", b.Missing)
	d.list("brief.how", b.How)
	d.uncited()
	d.heading("cite.title")
	cite := docx.Run{Text: d.citation(b)}
	if a := b.address(b.Page); a != "" {
		cite.Link = a
	}
	doc.Paragraph(docx.Normal, cite)
	d.list("brief.about", []string{b.Report, b.Licence})
	return d.err
}

func (d *document) heading(key string) { d.doc.Text(docx.Heading, d.t(key)) }

func (d *document) list(key string, items []string) {
	d.heading(key)
	for _, t := range items {
		d.doc.Text(docx.Bullet, t)
	}
}

// number is a figure with its mark and the footnotes of its sources.
func (d *document) number(f Figure) []docx.Run {
	runs := []docx.Run{{Text: f.Text, Bold: !f.Words()}}
	if f.Mark != "" {
		runs = append(runs, docx.Run{Text: " " + f.Mark, Small: true})
	}
	return append(runs, docx.Run{Notes: d.notes(f.Refs)})
}

// notes are the footnotes of sources: each is written at its first mark.
func (d *document) notes(refs []int) []docx.Note {
	var out []docx.Note
	for _, n := range refs {
		d.cited[n] = true
		out = append(out, docx.Note{Key: strconv.Itoa(n), Text: d.source(d.b.Refs[n-1])})
	}
	return out
}

func (d *document) source(r Ref) []docx.Run {
	runs := []docx.Run{{Text: r.Publisher + ". " + r.Title + ". "}}
	addresses := r.Cites
	switch {
	case r.Withheld != "":
		runs, addresses = append(runs, docx.Run{Text: r.Withheld + ". "}), nil
	case len(addresses) == 0 && web(r.URL):
		addresses = []string{r.URL}
	}
	for i, a := range addresses {
		if i > 0 {
			runs = append(runs, docx.Run{Text: ", "})
		}
		if web(a) {
			runs = append(runs, docx.Run{Text: a, Link: a})
		} else {
			runs = append(runs, docx.Run{Text: a})
		}
	}
	if len(addresses) > 0 {
		runs = append(runs, docx.Run{Text: ". "})
	}
	tail := ""
	if r.Licence != "" {
		tail = d.t("table.licence") + ": " + r.Licence + ". "
	}
	if r.OriginText != "" {
		tail += locales.Sentence(r.OriginText)
		if r.Cutoff != "" {
			tail += " (" + r.Cutoff + ")"
		}
		tail += "."
	}
	return append(runs, docx.Run{Text: tail})
}

func (d *document) four() {
	t := docx.Table{Name: d.t("brief.four"), Text: d.b.Headline, Widths: []float64{150, 130, docx.Width - 280}, Header: []string{d.t("table.figure"), d.t("table.value"), d.t("table.notes")}}
	for _, f := range d.b.Four {
		value := docx.TableCell{{Style: docx.Large, Runs: []docx.Run{{Text: f.Text}}}}
		if f.Mark != "" {
			value = append(value, docx.Line{Runs: []docx.Run{{Text: f.Mark, Small: true}}})
		}
		t.Rows = append(t.Rows, []docx.TableCell{text(f.Label), value, {{Runs: []docx.Run{{Text: f.Note, Notes: d.notes(f.Refs)}}}}})
	}
	d.doc.Table(t)
}

func text(s string) docx.TableCell { return docx.TableCell{{Runs: []docx.Run{{Text: s}}}} }

// money is the chart and its table.
func (d *document) money(fonts *paper.Fonts) error {
	d.heading("brief.by_source")
	s := d.b.shown()
	d.doc.Text(docx.Caption, s.Title)
	d.doc.Text(docx.Small, s.Basis)
	if s.Empty() {
		d.doc.Text(docx.Normal, d.t("chart.none"))
		return nil
	}
	c, err := s.chart(d.Locale, 12)
	if err != nil {
		return err
	}
	const width, scale = 420.0, 2.0 // twice the pixels of a screen
	p := paper.NewPicture(fonts, width, c.Height(), scale)
	c.Draw(p)
	var file bytes.Buffer
	if err := p.Write(&file); err != nil {
		return err
	}
	d.doc.Picture(file.Bytes(), width, c.Height(), s.Title, s.describe())
	d.series(s)
	return nil
}

// series is the table of the chart: one row for each year and payer, which fits
// a page however many payers there are.
func (d *document) series(s *Series) {
	t := docx.Table{Name: s.Title, Text: s.Basis, Widths: []float64{40, 150, 150, docx.Width - 340}, Header: []string{d.t("table.year"), d.t("table.funder"), d.t("table.amount"), d.t("table.notes")}, Right: []bool{false, false, true, false}}
	for _, l := range s.Lines {
		note, parts := l.Flags, 0
		if l.Only != "" {
			note = locales.Sentence(l.Only) + ". " + note
		}
		for i, c := range l.Cells {
			if c.Words() && c.Status == "not_reported" {
				continue // nothing of this payer is known for the year
			}
			parts++
			t.Rows = append(t.Rows, []docx.TableCell{text(c.Year), text(s.Labels[i]), {{Style: docx.Figure, Runs: d.number(c)}}, text(d.measuresOf(c.Kind))})
		}
		if last := len(t.Rows) - 1; parts == 1 && l.Total.Value != nil { // the total says nothing new
			if note != "" {
				t.Rows[last][3] = append(t.Rows[last][3], docx.Line{Runs: []docx.Run{{Text: note, Small: true}}})
			}
			continue
		}
		total := l.Total
		total.Refs = nil // those of its parts, which stand above
		t.Rows = append(t.Rows, []docx.TableCell{text(total.Year), {{Runs: []docx.Run{{Text: total.Label, Bold: true}}}}, {{Style: docx.Figure, Runs: d.number(total)}}, text(note)})
	}
	d.doc.Table(t)
}

func (d *document) services(key string, lines []ServiceLine) {
	d.heading(key)
	if len(lines) == 0 {
		return
	}
	t := docx.Table{Name: d.t(key), Text: d.b.Basis, Widths: []float64{115, 115, 85, 68, docx.Width - 383}, Header: []string{d.t("table.service"), d.t("table.amount"), d.t("table.funder"), d.t("table.kind"), d.t("table.when")}, Right: []bool{false, true, false, false, false}}
	for _, l := range lines {
		amount := docx.TableCell{{Style: docx.Figure, Runs: d.number(l.Amount)}}
		if l.Local != "" {
			amount = append(amount, docx.Line{Style: docx.Figure, Runs: []docx.Run{{Text: l.Local, Small: true}}})
		}
		t.Rows = append(t.Rows, []docx.TableCell{text(l.Service), amount, text(l.Funder), text(l.KindText), text(l.When)})
	}
	d.doc.Table(t)
}

func (d *document) promises() {
	d.heading("brief.promises")
	for _, v := range d.b.Votes {
		d.doc.Text(docx.Normal, v)
	}
	if len(d.b.Promises) == 0 {
		d.doc.Text(docx.Normal, d.t("promise.none"))
		return
	}
	t := docx.Table{Name: d.t("brief.promises"), Text: d.b.Title, Widths: []float64{190, 50, 75, 75, docx.Width - 390}, Header: []string{d.t("table.promise"), d.t("table.deadline"), d.t("table.required"), d.t("table.actual"), d.t("table.verdict")}}
	for _, p := range d.b.Promises {
		standing := p.Instrument + "; " + p.Force
		if p.Verified != "" {
			standing += "; " + p.Verified
		}
		source := docx.Run{Text: standing, Small: true}
		if web(p.URL) {
			source = docx.Run{Text: standing, Link: p.URL}
		}
		actual := p.Actual
		if p.Year != "" {
			actual += " (" + p.Year + ")"
		}
		verdict := docx.TableCell{{Runs: []docx.Run{{Text: p.Sign + " " + p.VerdictText, Bold: true}}}}
		if p.Reason != "" {
			verdict = append(verdict, docx.Line{Runs: []docx.Run{{Text: p.Reason, Small: true}}})
		}
		t.Rows = append(t.Rows, []docx.TableCell{{{Runs: []docx.Run{{Text: p.Text}}}, {Runs: []docx.Run{source}}}, text(p.Deadline), text(p.Required), text(actual), verdict})
	}
	d.doc.Table(t)
}

func (d *document) coverage() {
	d.heading("brief.coverage")
	t := docx.Table{Name: d.t("brief.coverage"), Text: d.b.Title, Widths: []float64{220, 110, 40, docx.Width - 370}, Header: []string{d.t("table.indicator"), d.t("table.value"), d.t("table.year"), d.t("table.notes")}, Right: []bool{false, true, false, false}}
	for _, f := range d.b.Coverage {
		value := docx.TableCell{{Style: docx.Figure, Runs: d.number(f)}}
		if f.TargetText != "" {
			value = append(value, docx.Line{Style: docx.Figure, Runs: []docx.Run{{Text: f.TargetText, Small: true}}})
		}
		var notes docx.TableCell
		for _, n := range []string{f.Past(), f.Note} {
			if n != "" {
				notes = append(notes, docx.Line{Runs: []docx.Run{{Text: n}}})
			}
		}
		t.Rows = append(t.Rows, []docx.TableCell{text(f.Label), value, text(f.Year), notes})
	}
	d.doc.Table(t)
}

func (d *document) ends() {
	d.heading("brief.ends")
	if len(d.b.Ends) == 0 {
		d.doc.Text(docx.Normal, d.b.NoEnds)
		return
	}
	t := docx.Table{Name: d.t("brief.ends"), Text: d.b.Title, Widths: []float64{85, 165, 115, docx.Width - 365}, Header: []string{d.t("table.date"), d.t("table.title"), d.t("table.amount"), d.t("table.funder")}, Right: []bool{false, false, true, false}}
	for _, e := range d.b.Ends {
		date := e.Date
		if e.Past {
			date += " (" + d.t("brief.ended") + ")"
		}
		amount := append(d.number(e.Amount), docx.Run{Text: " (" + e.Amount.Note + ")", Small: true})
		t.Rows = append(t.Rows, []docx.TableCell{text(date), {{Runs: []docx.Run{{Text: e.Title}}}, {Runs: []docx.Run{{Text: e.Service, Small: true}}}}, {{Style: docx.Figure, Runs: amount}}, text(e.Funder)})
	}
	d.doc.Table(t)
}

// uncited lists sources whose numbers the document does not show.
func (d *document) uncited() {
	var rest [][]docx.Run
	for _, r := range d.b.Refs {
		if !d.cited[r.N] {
			rest = append(rest, d.source(r))
		}
	}
	if len(rest) == 0 {
		return
	}
	d.heading("brief.sources_more")
	for _, r := range rest {
		d.doc.Paragraph(docx.Bullet, r...)
	}
}

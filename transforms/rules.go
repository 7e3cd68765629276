package transforms

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// Rule is one rule of classification: what flows.hr_rule names.
type Rule struct {
	ID string `json:"id"`
	// Kind: correction, code, word, stem, acronym, negative, elsewhere,
	// here, share, items.
	Kind string `json:"kind"`
	// Scheme of a code, language of a word, source of a correction.
	Scheme       string `json:"scheme,omitempty"`
	Written      string `json:"written,omitempty"` // the code, word, activity or grant
	Intervention string `json:"intervention,omitempty"`
	Author       string `json:"author"`
	Date         string `json:"date"`
	Source       string `json:"source,omitempty"`
	Note         string `json:"note,omitempty"`
}

// Rules lists every rule of classification.
func Rules() ([]Rule, error) {
	var all []Rule
	for _, f := range []struct {
		name    string
		columns int
		rule    func(r []string) Rule
	}{
		{"corrections.csv", 11, func(r []string) Rule {
			return Rule{"correction:" + r[0], "correction", r[1], join(r[2], r[3]), r[4], r[7], r[8], r[10], r[9]}
		}},
		{"crosswalk.csv", 12, func(r []string) Rule { return Rule{r[0], "code", r[1], r[2], r[3], r[8], r[9], r[10], r[11]} }},
		{"grant_shares.csv", 10, func(r []string) Rule {
			return Rule{r[0], "share", "iati", r[1], "hiv_other", r[6], r[7], r[8], "Low " + r[2] + ", central " + r[3] + ", high " + r[4] + " per cent, " + r[5] + ". " + r[9]}
		}},
		{"keywords.csv", 11, func(r []string) Rule { return Rule{r[0], r[3], r[1], r[2], r[5], r[7], r[8], r[9], r[10]} }},
	} {
		rows, err := vocabRows(f.name, f.columns)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			all = append(all, f.rule(r))
		}
	}
	interventions, err := vocabRows("interventions.csv", 9)
	if err != nil {
		return nil, err
	}
	for _, r := range interventions {
		all = append(all, Rule{"hrinvest:" + r[0], "code", "hrinvest", r[0], r[0], "hrinvest", "2026-11-23", "", "The source's own list or a researcher's sheet names the intervention."})
	}
	const items = "From the grant's published budget items, which no row of the crosswalk names. "
	for _, r := range []Rule{
		{ID: "items:hiv", Intervention: "hiv_other", Note: items + "Their component is HIV."},
		{ID: "items:other", Intervention: "none", Note: items + "Their component is another disease or none."},
		{ID: "items:unallocated", Intervention: "none", Note: "What the grant's budget items leave of 100 per cent."},
	} {
		r.Kind, r.Scheme, r.Author, r.Date = "items", "iati", "hrinvest", "2026-11-23"
		all = append(all, r)
	}
	return all, nil
}

// rulesTable is the table rules of a release, without the codes of grants that are
// withheld.
func rulesTable(codes grantCodes) (array.RecordReader, error) {
	rules, err := Rules()
	if err != nil {
		return nil, err
	}
	schema := table("rules", "One row per rule of classification: what flows.hr_rule names, alone or joined by +.",
		column("id", typeText, "Rule id."),
		column("kind", typeText, "correction (by a reviewer, wins over all), code (of a publisher's classification), items (a grant's budget items), word, stem or acronym (found in a text), negative (a phrase that is none), elsewhere and here (words that take a term away where they stand near it, or keep it), share (of harm reduction in a grant's budget)."),
		column("scheme", typeText, "Scheme of a code, language of a word, source of a correction or share."),
		column("written", typeText, "The code, the word, the activity or grant."),
		column("intervention", typeText, "What it stands for (interventions); of words also package (harm reduction) several (more than the service named) and others (other populations)."),
		column("author", typeText, "Who wrote the rule."),
		column("date", typeText, "When."),
		column("source", typeText, "Address of what it rests on; null: general usage of the language, or stated in note."),
		column("note", typeText, "What a reader must know."),
	)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	for _, r := range rules {
		for i, cell := range []string{r.ID, r.Kind, r.Scheme, r.Written, r.Intervention, r.Author, r.Date, r.Source, r.Note} {
			putText(b.Field(i), codes.cut(cell))
		}
	}
	rec := b.NewRecord()
	defer rec.Release()
	return array.NewRecordReader(schema, []arrow.Record{rec})
}

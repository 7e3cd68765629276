package transforms

import (
	"encoding/csv"
	"fmt"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// vocabularies are the reviewed words that a release offers as tables: file,
// what a row means, and what its columns mean. Columns of 0 and 1 are booleans.
var vocabularies = []struct {
	file, doc string
	booleans  bool
	columns   map[string]string
}{
	{"interventions", "One row per intervention: what money buys, and which definitions of harm reduction include it.", true, map[string]string{
		"id": "Intervention id.", "name_en": "Name in English.", "name_ru": "Name in Russian.", "definition": "What it covers.",
		"core_3":          "In core-3: needle and syringe programmes, opioid agonist therapy, naloxone.",
		"comprehensive_9": "In the UN comprehensive package of 2009/2012.",
		"who_2022":        "In WHO's consolidated guidelines for key populations, 2022.",
		"hri":             "In Harm Reduction International's use: services for people who inject drugs within the HIV response, without treatment of HIV.",
		"broad":           "With critical enablers: rights, legal aid, advocacy, networks, management.",
	}},
	{"indicators", "One row per indicator of observations.", false, map[string]string{
		"id": "Indicator id.", "name_en": "Name in English.", "name_ru": "Name in Russian.", "unit": "Unit.",
		"zero_is": "Whether a published 0 is data or means missing.", "source_ids": "Publishers' own ids.", "note": "Definition and caveats.",
	}},
	{"countries", "One row per country or territory, named as the United Nations do.", false, map[string]string{
		"iso3": "ISO 3166-1 alpha-3; XKX for Kosovo (UNSCR 1244).", "iso2": "ISO 3166-1 alpha-2.", "dac": "OECD DAC recipient code.",
		"name_en": "Name in English.", "name_ru": "Name in Russian.", "name_ru_in": "Russian, with the preposition: in the country.",
		"name_ru_of": "Russian, genitive.", "aliases": "Other names publishers write, separated by |.",
	}},
}

// Vocabularies returns the vocabulary tables with their schemas. What names an
// implementer in the withheld countries (alpha-3) is not in them.
func Vocabularies(withheld map[string]bool) ([]array.RecordReader, error) {
	var out []array.RecordReader
	for _, v := range vocabularies {
		f, err := vocabFS.Open("vocab/" + v.file + ".csv")
		if err != nil {
			return nil, fmt.Errorf("reading vocabulary: %w", err)
		}
		rows, err := csv.NewReader(f).ReadAll()
		f.Close()
		if err != nil {
			return nil, fmt.Errorf("reading %s.csv: %w", v.file, err)
		}
		var fields []arrow.Field
		for i, name := range rows[0] {
			doc, ok := v.columns[name]
			if !ok {
				return nil, fmt.Errorf("reading %s.csv: column %q is not documented", v.file, name)
			}
			t := arrow.DataType(typeText)
			if v.booleans && isBooleanColumn(rows[1:], i) {
				t = typeBool
			}
			fields = append(fields, column(name, t, doc))
		}
		schema := table(v.file, v.doc, fields...)
		b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
		for _, row := range rows[1:] {
			for i, cell := range row {
				if bb, ok := b.Field(i).(*array.BooleanBuilder); ok {
					bb.Append(cell == "1")
				} else {
					putText(b.Field(i), cell)
				}
			}
		}
		rec := b.NewRecord()
		b.Release()
		r, err := array.NewRecordReader(schema, []arrow.Record{rec})
		rec.Release()
		if err != nil {
			return nil, fmt.Errorf("reading %s.csv: %w", v.file, err)
		}
		out = append(out, r)
	}
	rules, err := rulesTable(newGrantCodes(withheld))
	if err != nil {
		return nil, err
	}
	return append(out, rules), nil
}

func isBooleanColumn(rows [][]string, i int) bool {
	for _, r := range rows {
		if strings.Trim(r[i], "01") != "" || r[i] == "" {
			return false
		}
	}
	return len(rows) > 0
}

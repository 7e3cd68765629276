package evidence

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"fmt"
	"strings"
)

//go:embed columns.csv
var columnsCSV []byte

//go:embed values.csv
var valuesCSV []byte

// column describes one column of the sheet. Required is "always"; "money" or
// "indicator" (one of the two groups whole); "citation" (one of them); or "".
type column struct {
	ID, NameEN, NameRU, Required, HelpEN, HelpRU, Example string
}

// name is the header of the column in a language: ids in English, since they
// are what the documentation speaks of.
func (c column) name(lang string) string {
	if lang == "ru" {
		return c.NameRU
	}
	return c.ID
}

// value is one entry of a column with a closed list.
type value struct{ ID, NameEN, NameRU string }

func (v value) name(lang string) string {
	if lang == "ru" {
		return v.NameRU
	}
	return v.ID
}

// form is the sheet as columns.csv and values.csv declare it.
type form struct {
	columns []column
	values  map[string][]value           // column id -> closed list
	headers map[string]string            // folded header -> column id
	ids     map[string]map[string]string // column id -> folded value -> value id
}

// loadForm reads the declaration. It panics when the embedded files are broken,
// which the tests of this package rule out.
func loadForm() *form {
	f := &form{values: map[string][]value{}, headers: map[string]string{}, ids: map[string]map[string]string{}}
	for _, r := range readEmbedded("columns.csv", columnsCSV, 7) {
		c := column{r[0], r[1], r[2], r[3], r[4], r[5], r[6]}
		f.columns = append(f.columns, c)
		for _, h := range []string{c.ID, c.NameEN, c.NameRU} {
			if was, ok := f.headers[fold(h)]; ok && was != c.ID {
				panic(fmt.Sprintf("columns.csv: %q names both %s and %s", h, was, c.ID))
			}
			f.headers[fold(h)] = c.ID
		}
	}
	for _, r := range readEmbedded("values.csv", valuesCSV, 4) {
		v := value{r[1], r[2], r[3]}
		f.values[r[0]] = append(f.values[r[0]], v)
		if f.ids[r[0]] == nil {
			f.ids[r[0]] = map[string]string{}
		}
		for _, name := range []string{v.ID, v.NameEN, v.NameRU} {
			f.ids[r[0]][fold(name)] = v.ID
		}
	}
	return f
}

func readEmbedded(name string, b []byte, fields int) [][]string {
	r := csv.NewReader(bytes.NewReader(b))
	r.FieldsPerRecord = fields
	rows, err := r.ReadAll()
	if err != nil || len(rows) < 2 {
		panic(fmt.Sprintf("%s: %d rows, %v", name, len(rows), err))
	}
	return rows[1:]
}

// fold makes headers and list values comparable: case, blanks and underscores
// do not tell them apart.
func fold(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "_", " "), "ё", "е")
	return strings.Join(strings.Fields(strings.ToLower(s)), " ")
}

// known counts the headers that are columns of the form.
func (f *form) known(header []string) int {
	n := 0
	for _, h := range header {
		if _, ok := f.headers[fold(h)]; ok {
			n++
		}
	}
	return n
}

// column returns the declaration of a column id.
func (f *form) column(id string) column {
	for _, c := range f.columns {
		if c.ID == id {
			return c
		}
	}
	return column{ID: id, NameEN: id, NameRU: id}
}

// missing lists, by id, what a header lacks of the required columns: all that
// are always required, one citation, and either the money or the indicator
// columns.
func (f *form) missing(has map[string]bool) []string {
	lacks := map[string][]string{}
	count := map[string]int{}
	for _, c := range f.columns {
		if c.Required == "" {
			continue
		}
		count[c.Required]++
		if !has[c.ID] {
			lacks[c.Required] = append(lacks[c.Required], c.ID)
		}
	}
	out := lacks["always"]
	if len(lacks["citation"]) == count["citation"] {
		out = append(out, strings.Join(lacks["citation"], " or "))
	}
	if len(lacks["money"]) > 0 && len(lacks["indicator"]) > 0 {
		want := lacks["money"]
		if len(lacks["indicator"]) < count["indicator"] && len(want) == count["money"] {
			want = lacks["indicator"] // the sheet is one of indicators
		}
		out = append(out, want...)
	}
	return out
}

package dashboards

import (
	"math/big"
	"net/http"
	"slices"
	"strings"
	"time"

	"hrinvest/dashboards/locales"
)

// grid is a table of a page: of the answer to a question, or made by a page.
type grid struct {
	Caption string
	Heads   []gridHead
	Rows    [][]gridCell // the first cell of a row names it
}

// gridHead is the head of a column.
type gridHead struct {
	Label string
	Num   bool
	Sort  string // address that sorts by it; "": cannot
	Aria  string // ascending, descending; "": not sorted by it
}

// gridCell is a cell: text, or links when it has several.
type gridCell struct {
	Text, URL string
	Parts     []locales.Part // Text where not all of it is in the page's language
	Num, Gap  bool           // Gap: words that stand for a missing number
	Room      string         // class of a long text, which needs room: long, longer
	Links     []pair
}

// hiddenColumns are in every file and not on pages: the release stands at the
// foot of the page, and names and reasons are shown in the reader's language.
var hiddenColumns = []string{"release_id", "reason_en", "reason_ru"}

// vocabularyOf says by which texts the words in a column are shown.
func vocabularyOf(column string) string {
	switch column {
	case "kind", "kinds":
		return "kind."
	case "measure", "measures", "latest_hr_measures":
		return "measure."
	case "origin", "verdict", "force", "tier", "population", "setting", "budget_home", "budget_stage", "donor_kind", "zero_is", "computability", "income_group", "subgroup", "confidence", "need_method":
		return column + "."
	case "status":
		return "row_status."
	case "year_basis", "latest_hr_year_basis":
		return "basis."
	case "basis":
		return "accounting."
	case "funder_type", "funder_types", "source_type":
		return "payer."
	case "hr_methods", "hr_method", "attribution_method":
		return "hr_method."
	case "by":
		return "year_by."
	case "split_basis":
		return "split."
	case "intervention_group":
		return "services_group."
	case "flag":
		return "benchmark."
	case "view":
		return "rule_view."
	case "service":
		return "service_name."
	case "spent":
		return "spending_is."
	}
	return ""
}

// quotedColumn reports whether a column holds words of others, which stay as they were
// published: titles, names, notes of publishers, fields of documents.
func quotedColumn(column string) bool {
	switch column {
	case "title", "title_orig", "title_en", "title_published", "scope_note", "instrument", "report", "module", "intervention_published", "raw", "note", "licence",
		"publisher", "source_publisher", "implementer", "channel", "cycle", "cycles", "name", "name_en", "text_en", "reason", "method", "value_text", "reference", "unit", "en":
		return true
	}
	return false
}

// numeric reports whether a warehouse type is a number.
func numeric(typ string) bool {
	return strings.HasPrefix(typ, "DECIMAL") || strings.HasSuffix(typ, "INT") || strings.HasSuffix(typ, "INTEGER")
}

// yearColumn reports whether whole numbers of a column are years, which have no
// separators.
func yearColumn(name string) bool {
	return strings.HasSuffix(name, "year") || strings.HasSuffix(name, "vintage") || name == "adopted" || strings.HasPrefix(name, "year_")
}

// gridOf lays out the first rows of an answer. sortBy is the address to sort by a
// column, "" for a table that cannot be sorted.
func (r *request) gridOf(w *words, t *Table, caption string, sortBy func(column string) string) grid {
	g := grid{Caption: caption}
	sorted := r.URL.Query().Get("sort")
	shown := shownColumns(t, w.Lang)
	for _, i := range shown {
		name := t.Columns[i]
		h := gridHead{Label: w.columnLabel(name), Num: numeric(t.Types[i])}
		if sortBy != nil {
			h.Sort = sortBy(name)
		}
		if strings.TrimPrefix(sorted, "-") == name {
			h.Aria = map[bool]string{true: "descending", false: "ascending"}[strings.HasPrefix(sorted, "-")]
		}
		g.Heads = append(g.Heads, h)
	}
	for n, row := range t.Rows {
		if n == maxRows {
			break
		}
		var cells []gridCell
		for _, i := range shown {
			c := r.cell(w, t.Columns[i], t.Types[i], row)
			longest := len([]rune(c.Text))
			for _, l := range c.Links {
				longest = max(longest, len([]rune(l.Text)))
			}
			switch {
			case longest > 120:
				c.Room = "longer"
			case longest > 30:
				c.Room = "long"
			}
			cells = append(cells, c)
		}
		g.Rows = append(g.Rows, cells)
	}
	return g
}

// twin reports whether a column says in another language what stands beside it in
// that of the page: name_en beside name_ru.
func twin(columns []string, name, lang string) bool {
	for _, other := range locales.Languages() {
		if base, ok := strings.CutSuffix("_"+name, "_"+other); ok && other != lang {
			return slices.Contains(columns, strings.TrimPrefix(base+"_"+lang, "_"))
		}
	}
	return false
}

// shownColumns are the columns of a table on a page, in their order, but for
// whether a row is comparable and why not: that stands before its figures.
func shownColumns(t *Table, lang string) []int {
	var out, why []int
	figures := -1
	for i, name := range t.Columns {
		switch {
		case slices.Contains(hiddenColumns, name) || twin(t.Columns, name, lang):
		case name == "comparable" || name == "reason":
			why = append(why, i)
		default:
			if figures < 0 && numeric(t.Types[i]) && !yearColumn(name) {
				figures = len(out)
			}
			out = append(out, i)
		}
	}
	if figures < 0 {
		figures = len(out)
	}
	return slices.Insert(out, figures, why...)
}

// columnLabel is the head of a column; paramLabel the name of a parameter, which may
// mean something narrower than the column of that name.
func (w *words) columnLabel(name string) string { return w.or("column.", name) }

func (w *words) paramLabel(name string) string {
	if w.Has("param." + name) {
		return w.t("param." + name)
	}
	return w.columnLabel(name)
}

// sortRows sorts the rows of an answer by a column, "-column" for the other way
// round. Missing values stand at the end either way.
func sortRows(t *Table, by string) error {
	column, down := strings.CutPrefix(by, "-")
	if !slices.Contains(t.Columns, column) {
		return &pageError{status: http.StatusBadRequest, key: "error.bad_request", args: []any{"what", "sort=" + by}}
	}
	slices.SortStableFunc(t.Rows, func(a, b Row) int {
		x, y := a[column], b[column]
		switch {
		case x == nil && y == nil:
			return 0
		case x == nil:
			return 1
		case y == nil:
			return -1
		}
		n := compare(x, y)
		if down {
			n = -n
		}
		return n
	})
	return nil
}

// compare orders two values of one column.
func compare(a, b any) int {
	switch x := a.(type) {
	case *big.Rat:
		if y, ok := b.(*big.Rat); ok {
			return x.Cmp(y)
		}
	case int:
		if y, ok := b.(int); ok {
			return x - y
		}
	case time.Time:
		if y, ok := b.(time.Time); ok {
			return x.Compare(y)
		}
	}
	return strings.Compare(plainText(a), plainText(b))
}

// sorter makes the addresses that sort the table at path, with the other
// parameters as they are.
func (r *request) sorter(path string) func(string) string {
	values := r.URL.Query()
	now := values.Get("sort")
	return func(column string) string {
		values.Set("sort", column)
		if now == column {
			values.Set("sort", "-"+column)
		}
		return "/" + r.loc.Lang + path + "?" + values.Encode()
	}
}

package dashboards

import (
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"slices"
	"strconv"
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

// methodParts says how figures came about: words of ours, or a calculation in words.
func (w *words) methodParts(method string) []locales.Part {
	var out []locales.Part
	for i, part := range strings.Split(method, "; ") {
		if i > 0 {
			out = append(out, locales.Part{Text: "; ", Own: true})
		}
		if known, ok := w.Words(part, "measure.", "hr_method.", "need_method."); ok {
			out = append(out, locales.Part{Text: known, Own: true})
		} else {
			out = append(out, w.Parts(part)...)
		}
	}
	return out
}

// saying is a cell of parts; of words that nobody translates, those of others are
// marked as quoted.
func saying(parts []locales.Part, quoted bool) gridCell {
	var c gridCell
	for _, p := range parts {
		c.Text += p.Text
		if quoted && !p.Own {
			c.Parts = parts
		}
	}
	return c
}

// decimal writes a number of a table: whole, or with two decimals, so that a column
// can be read down; very small ones with what they have.
func (w *words) decimal(v *big.Rat) string {
	switch {
	case v.IsInt():
		return w.Number(v, 0)
	case new(big.Rat).Abs(v).Cmp(big.NewRat(1, 100)) < 0:
		return w.Plain(v, 6)
	}
	return w.Number(v, 2)
}

// cell shows one value of an answer in the reader's language. A number that is
// missing is a word, never an empty cell and never 0.
func (r *request) cell(w *words, column, typ string, row Row) gridCell {
	switch v := row[column].(type) {
	case nil:
		if !numeric(typ) {
			return gridCell{}
		}
		status, _ := row["status"].(string)
		if status != "not_reported" && status != "not_applicable" {
			status = "unknown"
		}
		return gridCell{Text: w.t("absent." + status), Num: true, Gap: true}
	case bool:
		return gridCell{Text: w.t(map[bool]string{true: "gaps.yes", false: "gaps.no"}[v])}
	case time.Time:
		return gridCell{Text: w.Date(v)}
	case int:
		if yearColumn(column) {
			return gridCell{Text: strconv.Itoa(v), Num: true}
		}
		return gridCell{Text: w.Number(big.NewRat(int64(v), 1), 0), Num: true}
	case *big.Rat:
		return gridCell{Text: w.decimal(v), Num: true}
	case string:
		if ru, ok := row["reason_ru"].(string); ok && column == "reason" && w.Lang == "ru" && ru != "" {
			return gridCell{Text: ru}
		}
		if _, list := row["home"]; list && column == "title" { // the list of sources
			id, _ := row["source"].(string)
			return gridCell{Text: w.localSource(Source{ID: id, Title: v}).Title}
		}
		if column == "rule" && row["en"] == nil { // not beside its own words
			return gridCell{Text: r.ed.cat.rules(v, w.Lang)}
		}
		return r.textCell(w, column, v, row)
	default:
		return gridCell{Text: fmt.Sprint(v)}
	}
}

func (r *request) textCell(w *words, column, v string, row Row) gridCell {
	switch column {
	case "country", "area":
		return r.placeCell(w, v)
	case "intervention", "interventions", "programme_area":
		var names []string
		for _, id := range strings.Fields(v) {
			names = append(names, r.ed.cat.intervention(id, w.Lang))
		}
		return gridCell{Text: strings.Join(names, ", ")}
	case "source", "sources", "source_ids", "source_a", "source_b":
		var c gridCell
		for _, id := range strings.Fields(v) {
			c.Links = append(c.Links, pair{Text: w.localSource(r.ed.cat.source(id)).Title, URL: "/" + w.Lang + "/sources#" + id})
		}
		return c
	case "cycles":
		return gridCell{Text: cycleList(v)}
	case "method":
		return saying(w.methodParts(v), true)
	case "flags":
		return gridCell{Text: w.flagList(strings.Fields(v))}
	case "reason":
		return saying(w.Parts(r.ed.cat.reason(v, w.Lang)), true)
	case "excluded_by", "excluded_by_donor":
		return gridCell{Text: r.ed.cat.rules(v, w.Lang)}
	case "funder", "donor", "top_funder", "funder_group":
		kind, _ := row["funder_type"].(string)
		return saying(r.payer(w, v, kind), true)
	case "funders":
		return r.payers(w, v)
	case "flow_key":
		return r.flowKey(w, v)
	case "source_title":
		id, _ := row["source"].(string)
		return gridCell{Text: w.localSource(Source{ID: id, Title: v}).Title}
	case "licence":
		return gridCell{Text: w.localSource(Source{Licence: v}).Licence}
	case "bound":
		return gridCell{Text: w.place(r.ed.cat, v)}
	case "indicator", "series", "cause", "probable_cause", "scenario_id":
		return gridCell{Text: r.ed.cat.word(v, w.Lang, w.or("series_name.", v))}
	case "flow_id", "stands_for":
		return gridCell{Text: w.t("flows.open"), URL: "/" + w.Lang + "/flow/" + url.PathEscape(v)}
	case "commitment":
		return gridCell{Text: v, URL: "/" + w.Lang + "/gaps?commitment=" + url.QueryEscape(v)}
	case "definition":
		if w.Has("definition_short." + v) {
			return gridCell{Text: w.t("definition_short." + v)}
		}
	}
	for _, prefix := range map[string][]string{"kind": {"kind.", "promise_kind."}, "measure": {"measure.", "gap_measure."}, "price_basis": {"price_basis."}}[column] {
		if k := prefix + locales.Key(v); w.Has(k) {
			return gridCell{Text: w.t(k)}
		}
	}
	if prefix := vocabularyOf(column); prefix != "" {
		var out []string
		for _, word := range strings.Fields(v) {
			out = append(out, w.or(prefix, word))
		}
		return gridCell{Text: strings.Join(out, ", ")}
	}
	if web(v) {
		return gridCell{Text: host(v), URL: v}
	}
	if list, ok := strings.CutPrefix(v, "["); ok && strings.HasSuffix(list, "]") {
		v = strings.TrimSuffix(list, "]") // a list of the database
	}
	return saying(w.Parts(v), quotedColumn(column))
}

// payer is a payer's name in the reader's language, where it has one.
func (r *request) payer(w *words, name, kind string) []locales.Part {
	if said := w.funder(name, kind); said != name {
		return []locales.Part{{Text: said, Own: true}}
	}
	return w.Parts(r.ed.cat.country(name, w.Lang))
}

// payers are the names of a list of the database.
func (r *request) payers(w *words, list string) gridCell {
	var parts []locales.Part
	for i, name := range strings.Split(strings.Trim(list, "[]"), ", ") {
		if i > 0 {
			parts = append(parts, locales.Part{Text: ", ", Own: true})
		}
		parts = append(parts, r.payer(w, name, "")...)
	}
	return saying(parts, true)
}

// flowKey names a grant, or what else two sources agree on: payer, kind and service.
func (r *request) flowKey(w *words, key string) gridCell {
	names := strings.Split(key, " · ")
	if len(names) != 3 {
		return gridCell{Text: key} // a grant and its cycle
	}
	service, cycle, _ := strings.Cut(names[2], " ")
	text := w.or("kind.", names[1]) + " · " + strings.TrimSpace(r.ed.cat.intervention(service, w.Lang)+" "+cycle)
	return saying(append(r.payer(w, names[0], ""), locales.Part{Text: " · " + text, Own: true}), true)
}

// placeCell names a country or area, and leads to a country that has a page.
func (r *request) placeCell(w *words, code string) gridCell {
	if c, ok := r.ed.cat.byISO[code]; ok {
		r.noted = r.noted || c.noted()
		return gridCell{Text: c.Name(w.Lang), URL: "/" + w.Lang + "/country/" + code}
	}
	return gridCell{Text: w.place(r.ed.cat, code)}
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

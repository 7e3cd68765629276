package dashboards

import (
	"fmt"
	"math/big"
	"net/url"
	"strconv"
	"strings"
	"time"

	"hrinvest/dashboards/locales"
)

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

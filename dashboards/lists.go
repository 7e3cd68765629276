package dashboards

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/url"
	"sort"
	"strconv"
	"time"
)

// plainText writes a value for a file: exact, with a point, dates in ISO form.
func plainText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case *big.Rat:
		return exact(v)
	case time.Time:
		if v.Equal(v.Truncate(24 * time.Hour)) {
			return v.Format(time.DateOnly)
		}
		return v.Format(time.RFC3339)
	case string:
		return Cell(v)
	}
	return fmt.Sprint(v)
}

func tableCSV(t *Table) ([]byte, error) {
	var b bytes.Buffer
	c := csv.NewWriter(&b)
	c.Write(t.Columns)
	record := make([]string, len(t.Columns))
	for _, r := range t.Rows {
		for i, name := range t.Columns {
			record[i] = plainText(r[name])
		}
		c.Write(record)
	}
	c.Flush()
	if err := c.Error(); err != nil {
		return nil, fmt.Errorf("writing csv: %w", err)
	}
	return b.Bytes(), nil
}

// tableJSON writes rows as objects in the order of the columns. Decimals are
// text, for programs read JSON numbers as floating point.
func tableJSON(t *Table, rel Release) ([]byte, error) {
	rows := make([]map[string]any, 0, len(t.Rows))
	for _, r := range t.Rows {
		m := make(map[string]any, len(r))
		for k, v := range r {
			switch v := v.(type) {
			case *big.Rat:
				m[k] = exact(v)
			case time.Time:
				m[k] = plainText(v)
			default:
				m[k] = v
			}
		}
		rows = append(rows, m)
	}
	b, err := json.Marshal(map[string]any{"release": rel.ID, "columns": t.Columns, "rows": rows})
	if err != nil {
		return nil, fmt.Errorf("writing json: %w", err)
	}
	return b, nil
}

// WriteJSON writes every number of the brief, as WriteCSV does. Decimals are
// text.
func (b *Brief) WriteJSON(w io.Writer) error {
	type figure struct {
		Section string `json:"section"`
		ID      string `json:"id"`
		Label   string `json:"label"`
		Value   any    `json:"value"`
		Low     any    `json:"low"`
		High    any    `json:"high"`
		Text    string `json:"text"`
		Unit    string `json:"unit"`
		Year    string `json:"year"`
		Basis   string `json:"basis"`
		Kind    string `json:"kind"`
		Status  string `json:"status"`
		Note    string `json:"note"`
		Method  string `json:"method"`
		Mark    string `json:"mark"`
		Verdict string `json:"verdict"`
		Sources []int  `json:"sources"`
	}
	orNull := func(r *big.Rat) any {
		if r == nil {
			return nil
		}
		return exact(r)
	}
	var figures []figure
	for _, s := range b.sections() {
		for _, f := range s.figures {
			figures = append(figures, figure{s.name, f.ID, f.Label, orNull(f.Value), orNull(f.Low), orNull(f.High), f.Text, f.Unit, f.Year, f.Basis, f.Kind, f.Status, f.Note, f.Method, f.Mark, f.Verdict, f.Refs})
		}
	}
	type source struct {
		N         int      `json:"n"`
		ID        string   `json:"id"`
		Title     string   `json:"title"`
		Publisher string   `json:"publisher"`
		URL       string   `json:"url"`
		Licence   string   `json:"licence"`
		Origin    string   `json:"origin"`
		Cutoff    string   `json:"cutoff"`
		Cites     []string `json:"cites"`
	}
	var refs []source
	for _, r := range b.Refs {
		refs = append(refs, source{r.N, r.ID, r.Title, r.Publisher, r.URL, r.Licence, r.Origin, r.Cutoff, r.Cites})
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	err := enc.Encode(map[string]any{
		"country": b.Country.ISO3, "language": b.Lang, "release": b.Release, "definition": Definition, "headline": b.Headline,
		"figures": figures, "sources": refs, "missing": b.Missing,
	})
	if err != nil {
		return fmt.Errorf("writing brief as json: %w", err)
	}
	return nil
}

// gapRow is a row of the page of gaps.
type gapRow struct {
	Promise
	Area, ISO3, Share string
	Comparable        bool
}

// maxRows bounds the rows of a page; the files have them all.
const maxRows = 150

// gapsPage sets promises against what was found, filtered by a plain form. It
// shows the newest answer to each promise and area, unless a year is asked for or
// latest=false, which is in the address and can be passed on.
func gapsPage(r *request) (*answer, error) {
	args, err := r.arguments(filters("gaps")...)
	if err != nil {
		return nil, err
	}
	if err := r.knownCountry(args); err != nil {
		return nil, err
	}
	if args["latest"] == nil && args["year"] == nil {
		args["latest"] = "true"
	}
	t, err := r.named("gaps", args)
	if err != nil {
		return nil, err
	}
	text := func(k string) string { s, _ := args[k].(string); return s }
	w := &words{Locale: r.loc}
	body := struct {
		Country, Commitment, Verdict, Year, Query string
		Area                                      string
		Latest                                    bool
		Other                                     string // address of all years, or of the newest answers
		Countries                                 []tile
		Commitments, Verdicts                     []string
		Rows                                      []gapRow
		Total                                     int
	}{Country: text("country"), Commitment: text("commitment"), Verdict: text("verdict"), Year: text("year"), Verdicts: verdicts(), Total: len(t.Rows)}
	values := url.Values{}
	for k := range args {
		values.Set(k, text(k))
	}
	body.Query = "?" + values.Encode()
	body.Area, body.Latest = text("area"), newest(text("latest"))
	values.Del("year")
	values.Set("latest", strconv.FormatBool(!body.Latest))
	body.Other = "/" + r.loc.Lang + "/gaps?" + values.Encode()
	for _, c := range r.ed.cat.countries {
		r.noted = r.noted || c.noted() // each stands in the form
		body.Countries = append(body.Countries, tile{ISO3: c.ISO3, Name: c.Name(r.loc.Lang)})
	}
	sort.SliceStable(body.Countries, func(i, j int) bool { return body.Countries[i].Name < body.Countries[j].Name })
	if body.Commitments, err = load(r.Context(), r.data, "commitments", nil, func(s *scan) string { return s.text("id") }); err != nil {
		return nil, err
	}
	sort.Strings(body.Commitments)
	m := &maker{words: w, b: &Brief{Lang: r.loc.Lang}, cat: r.ed.cat, facts: &facts{}, cutoff: r.ed.rel.Cutoff, refs: map[string]int{}}
	gaps := make([]Gap, len(t.Rows))
	for i, row := range t.Rows {
		s := &scan{row: row}
		gaps[i] = readGap(s)
		if gaps[i].AreaEN, gaps[i].AreaRU = s.text("name_en"), s.text("name_ru"); s.err != nil {
			return nil, s.err
		}
	}
	sort.SliceStable(gaps, func(i, j int) bool { return rank(gaps[i].look()) < rank(gaps[j].look()) })
	for i, g := range gaps {
		if i == maxRows {
			break
		}
		out := gapRow{Promise: m.promise(g, body.Latest), Area: g.Area, Comparable: g.Verdict == "met" || g.Verdict == "not_met"}
		if c, ok := r.ed.cat.byISO[g.Area]; ok {
			out.Area, out.ISO3 = c.Name(r.loc.Lang), c.ISO3
		} else if g.AreaEN != "" {
			out.Area = g.AreaEN
			if r.loc.Lang == "ru" {
				out.Area = g.AreaRU
			}
		} else if w.Has("area." + g.Area) {
			out.Area = w.t("area." + g.Area)
		}
		if g.FundedPct != nil {
			out.Share = r.loc.Percent(g.FundedPct, 1)
		}
		body.Rows = append(body.Rows, out)
	}
	if w.err != nil {
		return nil, w.err
	}
	return r.render("gaps", "/gaps", body)
}

// newest reads the parameter latest as the question does.
func newest(v string) bool {
	b, err := strconv.ParseBool(v)
	return err == nil && b
}

// flowRow is a row of the page of flows.
type flowRow struct {
	ID, Title, Source, Funder, Service, Kind, When, Amount, USD, Mark, ExcludedBy string
	Counted                                                                       bool
}

// flowsPage lists the flows behind a figure.
func flowsPage(r *request) (*answer, error) {
	args, err := r.arguments(filters("flows")...)
	if err != nil {
		return nil, err
	}
	if err := r.knownCountry(args); err != nil {
		return nil, err
	}
	query := ""
	if r.URL.RawQuery != "" {
		query = "?" + r.URL.Query().Encode()
	}
	args["limit"] = strconv.Itoa(maxRows + 1)
	t, err := r.named("flows", args)
	if err != nil {
		return nil, err
	}
	w := &words{Locale: r.loc}
	m := &maker{words: w, b: &Brief{Lang: r.loc.Lang}, cat: r.ed.cat}
	body := struct {
		Country, Query string
		Rows           []flowRow
		Total          int
	}{Query: query, Total: len(t.Rows)}
	if iso, ok := args["country"].(string); ok {
		c := r.ed.cat.byISO[iso]
		body.Country, r.noted = c.Name(r.loc.Lang), c.noted()
	}
	for i, row := range t.Rows {
		if i == maxRows {
			break
		}
		s := &scan{row: row}
		f := flowRow{
			ID: s.text("flow_id"), Title: s.text("title"), Source: w.localSource(r.ed.cat.source(s.text("source"))).Title,
			Funder: m.funder(s.text("funder"), s.text("funder_type")), Service: r.ed.cat.intervention(s.text("intervention"), r.loc.Lang),
			Kind: m.or("kind.", s.text("kind")), Amount: m.amount(s.num("amount"), s.text("currency")), USD: m.amount(s.num("usd"), ""),
			ExcludedBy: s.text("excluded_by"), Counted: s.flag("counted"), When: w.t("when.none"),
			Mark: m.markText(methodOf(s.words("hr_method"), s.words("flags"))),
		}
		if y := s.whole("year"); y > 0 {
			f.When = m.when(y, s.text("year_basis"))
		} else if c := s.text("cycle"); c != "" {
			f.When = w.t("when.cycle", "cycle", c)
		}
		if s.err != nil {
			return nil, s.err
		}
		body.Rows = append(body.Rows, f)
	}
	if w.err != nil {
		return nil, w.err
	}
	return r.render("flows", "/flows", body)
}

// amount writes money in its own currency with two decimals, or words.
func (m *maker) amount(v *big.Rat, currency string) string {
	if v == nil {
		return m.t("absent.no_rate")
	}
	s := m.Number(v, 2)
	if currency != "" {
		s += "\u00a0" + currency
	}
	return s
}

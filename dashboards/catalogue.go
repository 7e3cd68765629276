package dashboards

import (
	"context"
	"sort"
	"strings"
)

// catalogue is what does not depend on the country: read once per release.
type catalogue struct {
	interventions map[string]Intervention
	order         []string // ids of interventions in the order of the vocabulary
	sources       []Source
	countries     []Country
	byISO         map[string]Country
	places        map[string]named // countries without a page, and areas, by code
	areas         []named
	reasons       map[string]named
	counting      map[string]named // counting rules by id
	filters       []named          // of gaps and promises: parameter and a value that occurs
	words         map[string]named // indicators, causes and scenarios by code
}

// named is a code with its words in each language.
type named struct{ ID, EN, RU string }

func (n named) in(lang string) string {
	if lang == "ru" && n.RU != "" {
		return n.RU
	}
	return n.EN
}

// place is the name of a country or area, or its code where it has none.
func (c *catalogue) place(code, lang string) string {
	if k, ok := c.byISO[code]; ok {
		return k.Name(lang)
	}
	if p, ok := c.places[code]; ok {
		return p.in(lang)
	}
	return code
}

// place is the name of a country or area in a page's language; an area that is no
// list of countries has its name among the texts.
func (w *words) place(cat *catalogue, code string) string {
	if name := cat.place(code, w.Lang); name != code {
		return name
	}
	return w.or("area.", code)
}

// country is the country of an English name in a language, or the name.
func (c *catalogue) country(name, lang string) string {
	for _, p := range c.places {
		if p.EN == name {
			return p.in(lang)
		}
	}
	return name
}

// reason is why a comparison has its verdict, in words, or the code where the
// release has none.
func (c *catalogue) reason(code, lang string) string {
	if r, ok := c.reasons[code]; ok {
		return r.in(lang)
	}
	return strings.ReplaceAll(code, "_", " ")
}

func (c *catalogue) intervention(id, lang string) string {
	if i, ok := c.interventions[id]; ok {
		return i.Name(lang)
	}
	return id
}

func (c *catalogue) source(id string) Source {
	for _, s := range c.sources {
		if s.ID == id {
			return s
		}
	}
	return Source{ID: id, Title: id}
}

// money keeps the documents of sources of money: rates and deflators reach
// further than what they are applied to.
func (c *catalogue) money(docs []Document) []Document {
	var out []Document
	for _, d := range docs {
		if k := c.source(d.Source).Kind; k == "" || k == "money" {
			out = append(out, d)
		}
	}
	return out
}

// bundled reports whether any data of the release was compiled by this project.
func (c *catalogue) bundled() bool {
	for _, s := range c.sources {
		if s.Origin == "bundled" {
			return true
		}
	}
	return false
}

func loadCatalogue(ctx context.Context, d Data) (*catalogue, error) {
	c := &catalogue{interventions: map[string]Intervention{}, byISO: map[string]Country{}}
	list, err := load(ctx, d, "definitions", nil, func(s *scan) Intervention {
		return Intervention{
			ID: s.text("id"), NameEN: s.text("name_en"), NameRU: s.text("name_ru"), Definition: s.text("definition"),
			Core3: s.flag("core_3"), Comprehensive9: s.flag("comprehensive_9"), WHO2022: s.flag("who_2022"), HRI: s.flag("hri"), Broad: s.flag("broad"),
		}
	})
	if err != nil {
		return nil, err
	}
	for _, i := range list {
		c.interventions[i.ID] = i
		c.order = append(c.order, i.ID)
	}
	if c.sources, err = load(ctx, d, "sources", nil, readSource); err != nil {
		return nil, err
	}
	if c.countries, err = load(ctx, d, "countries", nil, readCountry); err != nil {
		return nil, err
	}
	sort.Slice(c.countries, func(i, j int) bool { return c.countries[i].NameEN < c.countries[j].NameEN })
	for _, k := range c.countries {
		c.byISO[k.ISO3] = k
	}
	return c, c.loadWords(ctx, d)
}

// loadWords reads the words of codes: names of places, reasons of verdicts.
func (c *catalogue) loadWords(ctx context.Context, d Data) error {
	c.places, c.reasons = map[string]named{}, map[string]named{}
	names, err := load(ctx, d, "country_names", nil, func(s *scan) named { return named{s.text("country"), s.text("name_en"), s.text("name_ru")} })
	if err != nil {
		return err
	}
	if c.areas, err = load(ctx, d, "page_areas", nil, func(s *scan) named { return named{s.text("area"), s.text("name_en"), s.text("name_ru")} }); err != nil {
		return err
	}
	for _, n := range append(names, c.areas...) {
		c.places[n.ID] = n
	}
	if c.filters, err = load(ctx, d, "page_gap_filters", nil, func(s *scan) named { return named{ID: s.text("parameter"), EN: s.text("value")} }); err != nil {
		return err
	}
	reasons, err := load(ctx, d, "page_reasons", nil, func(s *scan) named { return named{s.text("reason"), s.text("en"), s.text("ru")} })
	if err != nil {
		return err
	}
	for _, r := range reasons {
		c.reasons[r.ID] = r
	}
	c.counting = map[string]named{}
	rules, err := load(ctx, d, "page_rules", nil, func(s *scan) named { return named{s.text("rule"), s.text("en"), s.text("ru")} })
	if err != nil {
		return err
	}
	for _, r := range rules {
		c.counting[r.ID] = r
	}
	c.words = map[string]named{}
	list, err := load(ctx, d, "page_words", nil, func(s *scan) named { return named{s.text("code"), s.text("en"), s.text("ru")} })
	for _, r := range list {
		c.words[r.ID] = r
	}
	return err
}

// word is an indicator, a cause or a scenario in words, or other where the release has
// none.
func (c *catalogue) word(code, lang, other string) string {
	if n, ok := c.words[code]; ok {
		return n.in(lang)
	}
	return other
}

// rules are counting rules in words, each with its id.
func (c *catalogue) rules(ids, lang string) string {
	var out []string
	for _, id := range strings.Fields(ids) {
		if r, ok := c.counting[id]; ok {
			id = r.in(lang) + " (" + id + ")"
		}
		out = append(out, id)
	}
	return strings.Join(out, " ")
}

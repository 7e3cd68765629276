package webtables

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/andybalholm/cascadia"
	"go.yaml.in/yaml/v3"

	"hrinvest/extractors"
	"hrinvest/extractors/plaintext"
)

// Config declares a kind of page.
type Config struct {
	// ID, Title, Publisher, Home and Licence become the source's Info. Required.
	ID        string `yaml:"id"`
	Title     string `yaml:"title"`
	Publisher string `yaml:"publisher"`
	Home      string `yaml:"home"`
	Licence   string `yaml:"licence"`
	// Authority orders sources that publish one flow. 0: 5.
	Authority int `yaml:"authority"`
	// Frozen is the day the pages stopped changing. "": they may change.
	Frozen string `yaml:"frozen"`
	// Layout is how a page states its fields: "labels". Required.
	Layout string `yaml:"layout"`

	// Pages are addresses fetched as they are. Empty: only what Walk finds.
	Pages []string `yaml:"pages"`
	// Hosts are the only hosts that are asked. Required.
	Hosts []string `yaml:"hosts"`
	Walk  Walk     `yaml:"walk"`

	// Heading is the CSS selector of the title. "": h1.
	Heading string `yaml:"heading"`
	// Labels of each field: budget, donor, timeline, countries, partners.
	Labels map[string][]string `yaml:"labels"`
	// Required fields; a page without one is rejected. Empty: budget.
	Required []string `yaml:"required"`
	Budget   Budget   `yaml:"budget"`
	// Partners finds the partners in prose where no label names them: a regular
	// expression with the group list. "": they are not looked for.
	Partners string `yaml:"partners"`

	// Currencies: code -> how it is written. Required.
	Currencies map[string][]string `yaml:"currencies"`
	// Magnitudes: power of ten -> words. Empty: none are understood.
	Magnitudes map[int][]string `yaml:"magnitudes"`
	// Months are twelve lists of names. Empty: timelines of years only.
	Months [][]string `yaml:"months"`
	// Regions are names in the field countries that are no countries.
	Regions []string `yaml:"regions"`
	// Donors: name -> funder type. One not listed is "unknown".
	Donors map[string]string `yaml:"donors"`
	// Organisations: short name -> full name.
	Organisations map[string]string `yaml:"organisations"`
	// Classify gives an intervention by words of the title, first match wins.
	Classify []Classify `yaml:"classify"`

	// Bundle holds documents that stand in for the pages. Nil: none.
	Bundle fs.FS `yaml:"-"`
}

// Walk finds pages from listings.
type Walk struct {
	From  []string `yaml:"from"`  // listing pages. Empty: no walk
	Links string   `yaml:"links"` // CSS selector of links to pages
	Limit int      `yaml:"limit"` // most pages of a walk. 0: 200
}

// Budget declares how the budget is worded. {money} in a pattern stands for a
// figure with its currency.
type Budget struct {
	Kind  string   `yaml:"kind"`  // kind of money a budget is
	Whole []string `yaml:"whole"` // may capture years, members
	Part  []string `yaml:"part"`  // of a part in brackets; may capture who, nth
}

// Classify is one rule: any of the words gives the code, an id of interventions.
type Classify struct {
	Words []string `yaml:"words"`
	Code  string   `yaml:"code"`
}

// ReadConfig reads a declaration; a key it does not know is an error.
func ReadConfig(b []byte) (Config, error) {
	var c Config
	d := yaml.NewDecoder(bytes.NewReader(b))
	d.KnownFields(true)
	if err := d.Decode(&c); err != nil {
		return Config{}, fmt.Errorf("reading page type: %w", err)
	}
	if c.Authority == 0 {
		c.Authority = 5
	}
	if c.Heading == "" {
		c.Heading = "h1"
	}
	if len(c.Required) == 0 {
		c.Required = []string{"budget"}
	}
	if c.Walk.Limit == 0 {
		c.Walk.Limit = 200
	}
	return c, nil
}

// fields a page may state.
var fields = [...]string{"budget", "donor", "timeline", "countries", "partners"}

// rules are a declaration made ready to read pages with.
type rules struct {
	cfg         Config
	heading     cascadia.Sel
	labels      map[string]string // folded label -> field
	whole, part []*regexp.Regexp
	partners    *regexp.Regexp // nil: none
	currencies  map[string]string
	magnitudes  map[string]int
	timeline    *timeline
	redactor    *plaintext.Redactor
}

// compile checks a declaration: every mistake in it is found here, not on a page.
func (c Config) compile() (*rules, error) {
	r := &rules{cfg: c, labels: map[string]string{}, currencies: map[string]string{}, magnitudes: map[string]int{}, redactor: plaintext.NewRedactor()}
	var wrong []error
	fail := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }

	for name, v := range map[string]string{"id": c.ID, "title": c.Title, "publisher": c.Publisher, "home": c.Home, "licence": c.Licence} {
		if v == "" {
			fail("%s is empty", name)
		}
	}
	if c.Layout != "labels" {
		fail("layout %q is not known: only labels", c.Layout)
	}
	if !slices.Contains(extractors.Kinds[:], extractors.Kind(c.Budget.Kind)) {
		fail("budget kind %q is not a kind of money", c.Budget.Kind)
	}
	for _, address := range append(slices.Clone(c.Pages), c.Walk.From...) {
		if u, err := url.Parse(address); err != nil || !slices.Contains(c.Hosts, u.Hostname()) {
			fail("address %q is not on one of the hosts", address)
		}
	}
	if len(c.Walk.From) > 0 {
		if _, err := cascadia.Parse(c.Walk.Links); err != nil {
			fail("walk links: %w", err)
		}
	}
	var err error
	if r.heading, err = cascadia.Parse(c.Heading); err != nil {
		fail("heading: %w", err)
	}
	for field, labels := range c.Labels {
		if !slices.Contains(fields[:], field) {
			fail("labels of %q: no such field", field)
		}
		for _, l := range labels {
			if was, dup := r.labels[fold(l)]; dup && was != field {
				fail("label %q names both %s and %s", l, was, field)
			}
			r.labels[fold(l)] = field
		}
	}
	for _, field := range c.Required {
		if len(c.Labels[field]) == 0 {
			fail("required field %q has no label", field)
		}
	}
	if len(c.Currencies) == 0 {
		fail("no currencies")
	}
	for code, words := range c.Currencies {
		for _, w := range words {
			r.currencies[fold(w)] = code
		}
	}
	for power, words := range c.Magnitudes {
		for _, w := range words {
			r.magnitudes[fold(w)] = power
		}
	}
	if r.timeline, err = newTimeline(c.Months); err != nil {
		fail("months: %w", err)
	}
	money := r.moneyPattern()
	if r.whole, err = patterns(c.Budget.Whole, money); err != nil {
		fail("budget whole: %w", err)
	}
	if r.part, err = patterns(c.Budget.Part, money); err != nil {
		fail("budget part: %w", err)
	}
	if c.Partners != "" {
		if r.partners, err = regexp.Compile(c.Partners); err != nil {
			fail("partners: %w", err)
		} else if r.partners.SubexpIndex("list") < 0 {
			fail("partners: the pattern has no group list")
		}
	}
	for _, k := range c.Classify {
		if k.Code == "" || len(k.Words) == 0 {
			fail("classify: a rule needs words and a code")
		}
	}
	return r, errors.Join(wrong...)
}

func patterns(in []string, money string) ([]*regexp.Regexp, error) {
	var out []*regexp.Regexp
	for _, p := range in {
		if strings.Count(p, "{money}") != 1 {
			return nil, fmt.Errorf("pattern %q needs {money} once", p)
		}
		re, err := regexp.Compile("(?i)" + strings.Replace(p, "{money}", money, 1))
		if err != nil {
			return nil, err
		}
		out = append(out, re)
	}
	if len(out) == 0 {
		return nil, errors.New("no pattern")
	}
	return out, nil
}

// fold makes words comparable: case, blanks, ё and a colon at the end do not tell
// them apart.
func fold(s string) string {
	s = strings.ReplaceAll(strings.ToLower(s), "ё", "е")
	return strings.TrimSpace(strings.TrimSuffix(strings.Join(strings.Fields(s), " "), ":"))
}

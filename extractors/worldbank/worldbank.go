// Package worldbank reads what money is converted and compared with from the
// World Bank: average official exchange rates, GDP deflators, and the groups into
// which it puts countries by income.
//
// Every value leaves as an observation with the digits as published:
//
//	fx_wb            Area country, Year, local units per USD, period average
//	gdp_deflator     Area country, Year, index; its base year differs by country
//	wb_income_group  Area country, ValueText LIC, LMC, UMC, HIC or INX; Year where
//	                 the group is of one
//
// A year without a value publishes nothing and makes no observation.
package worldbank

import (
	"bytes"
	"context"
	"embed"
	"io/fs"
	"slices"
	"strings"
	"time"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
	"hrinvest/extractors/series"
)

//go:embed expectations.csv
var expectations string

//go:embed bundled
var bundled embed.FS

// Roles of the documents.
const (
	roleRates     = "exchange_rates"
	roleDeflators = "deflators"
	roleHealth    = "health_budget"
	roleCountries = "countries"
	roleHistory   = "income_history" // handed over, never fetched
)

// indicator is one series of the World Development Indicators.
type indicator struct {
	role, code string
	id, unit   string // of the observations
}

var indicators = [...]indicator{
	{roleRates, "PA.NUS.FCRF", "fx_wb", "LCU per USD, period average"},
	{roleDeflators, "NY.GDP.DEFL.ZS", "gdp_deflator", "index, base differs by country"},
	{roleHealth, "SH.XPD.GHED.GE.ZS", "health_budget_share", "percent of general government expenditure"},
}

// Source is the World Bank. The zero value is ready to use.
type Source struct{}

// New returns the source.
func New() Source { return Source{} }

var _ extractors.Source = Source{}

// Info implements extractors.Source.
func (Source) Info() extractors.Info {
	return extractors.Info{
		ID:        "worldbank",
		Title:     "World Bank: average exchange rates, GDP deflators, government health spending, income groups",
		Publisher: "World Bank",
		Home:      "https://data.worldbank.org",
		Licence:   "CC BY 4.0",
		Kind:      extractors.Reference,
		Cadence:   90 * 24 * time.Hour,
		Additive:  true, // the history of the income groups is handed over, the rest is fetched
		MaxBytes:  series.MaxBytes,
	}
}

// Expectations implements extractors.Source.
func (Source) Expectations() (extractors.Expectations, error) {
	return extractors.ReadExpectations(strings.NewReader(expectations))
}

// Bundled implements extractors.Source.
func (Source) Bundled() fs.FS {
	return extractors.Bundle(bundled)
}

// Role implements extractors.Source: by content, then, for broken files and
// errors, by name.
func (Source) Role(name string, head []byte) string {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n")
	has := func(s string) bool { return bytes.Contains(head, []byte(s)) }
	for _, i := range indicators {
		if has(i.code) {
			return i.role
		}
	}
	first, _, _ := bytes.Cut(head, []byte("\n"))
	switch {
	case has(`"incomeLevel"`):
		return roleCountries
	case historyHeader.Match(first):
		return roleHistory
	}
	name = strings.ToLower(name)
	for _, i := range indicators {
		if strings.Contains(name, strings.ToLower(i.code)) {
			return i.role
		}
	}
	switch {
	case strings.Contains(name, "oghist"):
		return roleHistory
	case has("countryiso3code"), bytes.HasPrefix(head, []byte("[")) && has(`"message"`):
		return roleRates // an answer, of which Parse says what is wrong
	case strings.HasPrefix(name, "country"):
		return roleCountries
	}
	return ""
}

// Parse implements extractors.Source.
func (Source) Parse(ctx context.Context, docs extractors.Set, out extractors.Sink) error {
	groups, err := readGroups()
	if err != nil {
		return err
	}
	docs = current(docs)
	there, err := pagesOf(docs)
	if err != nil {
		return err
	}
	return series.Parse(ctx, docs, out, func(r *series.Reader, b []byte) error {
		switch r.Doc.Role {
		case roleRates, roleDeflators, roleHealth:
			if isAnswer(b) {
				return readAnswer(r, b, there, func(locator string, v answerRow) error { return v.observe(r, locator) })
			}
			return table(r, b)
		case roleCountries:
			return readAnswer(r, b, there, func(locator string, c country) error { return c.observe(r, locator, groups) })
		case roleHistory:
			return history(r, b, groups)
		}
		return r.Reject("/", "no file of this source: neither an indicator, nor a list of countries, nor the history of their groups")
	})
}

// current leaves out what was handed over in a role in which something was
// fetched: years of two editions do not go together.
func current(docs extractors.Set) extractors.Set {
	published := map[string]bool{}
	for _, d := range docs {
		published[d.Role] = published[d.Role] || d.Origin != fetch.Given
	}
	return slices.DeleteFunc(slices.Clone(docs), func(d fetch.Document) bool { return d.Origin == fetch.Given && published[d.Role] })
}

package dacrates

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"

	"hrinvest/extractors"
	"hrinvest/extractors/series"
)

// edition is what one document says: read to its end before anything is observed,
// for only the whole tells the base year.
type edition struct {
	*series.Reader
	donors    donors
	base      int // year whose deflators are 100; 0: no deflators
	deflators []figure
	rates     []figure
	skipped   map[string]int // by reason
	note      string         // how its values came about
}

// figure is one published value.
type figure struct {
	donor   donor
	name    string // of the donor, as published
	year    int
	value   string
	locator string
	// rateNote says which donor's row a rate is from.
	rateNote string
}

// Parse implements extractors.Source. Deflators are taken from one document, that
// of the newest base year; of that year, from the workbook and the one retrieved
// last. A rate is taken from the first document that has it, the OECD's workbook
// first.
func (Source) Parse(ctx context.Context, docs extractors.Set, out extractors.Sink) error {
	known, err := readDonors()
	if err != nil {
		return err
	}
	var editions []*edition
	err = series.Parse(ctx, docs, out, func(r *series.Reader, b []byte) error {
		e := &edition{Reader: r, donors: known, skipped: map[string]int{}}
		editions = append(editions, e)
		switch r.Doc.Role {
		case roleTable:
			return e.table(b)
		case roleWorkbook:
			return e.deflatorBook(b)
		case roleExchange:
			return e.exchangeBook(b)
		}
		return r.Reject("/", "no file of this source: neither deflators nor exchange rates of the DAC")
	})
	if err != nil {
		return err
	}
	slices.SortStableFunc(editions, func(a, b *edition) int {
		return cmp.Or(-cmp.Compare(a.base, b.base), cmp.Compare(rank(a.Doc.Role), rank(b.Doc.Role)), b.Doc.Retrieved.Compare(a.Doc.Retrieved))
	})
	for i, e := range editions {
		if i > 0 && len(e.deflators) > 0 {
			e.skipped["deflators are taken from one document, of the newest base year"] += len(e.deflators)
			continue
		}
		if err := e.observeDeflators(); err != nil {
			return err
		}
	}
	slices.SortStableFunc(editions, func(a, b *edition) int { return cmp.Compare(rank(a.Doc.Role), rank(b.Doc.Role)) })
	seen := map[string]bool{}
	for _, e := range editions {
		if err := e.observeRates(seen); err != nil {
			return err
		}
	}
	for _, e := range editions {
		for _, reason := range slices.Sorted(maps.Keys(e.skipped)) {
			if err := out.Skip(e.Doc.SHA256, e.skipped[reason], reason); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// drop rejects the whole document, whatever was read of it.
func (e *edition) drop(problem string) error {
	e.base, e.deflators, e.rates = 0, nil, nil
	clear(e.skipped)
	return e.Reject("/", problem)
}

// rank orders the roles: what the OECD wrote itself before what was computed.
func rank(role string) int {
	if role == roleTable {
		return 1
	}
	return 0
}

func (e *edition) observeDeflators() error {
	total := map[int]string{}
	for _, f := range e.deflators {
		if f.donor.area == allDAC {
			total[f.year] = f.value
		}
	}
	base := strconv.Itoa(e.base)
	about := "US dollars of the year x 100 / value = US dollars of " + base + ", the change of exchange rates included: for amounts in US dollars only."
	for _, f := range e.deflators {
		note := join(about, e.note)
		if f.donor.area != allDAC && f.year != e.base && total[f.year] == f.value {
			note = join(note, "The figure of all DAC countries stands here.")
		}
		err := e.Observe(extractors.Observation{
			Locator: f.locator, Indicator: "dac_deflator", Area: f.donor.area, AreaName: f.name,
			Year: strconv.Itoa(f.year), Value: f.value, Unit: "index, " + base + " = 100", Note: note,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// observeRates passes on the rates that no document before had.
func (e *edition) observeRates(seen map[string]bool) error {
	for _, f := range e.rates {
		key := f.donor.currency + strconv.Itoa(f.year)
		if seen[key] {
			e.skipped["another document has the rate"]++
			continue
		}
		seen[key] = true
		err := e.Observe(extractors.Observation{
			Locator: f.locator, Indicator: "fx_dac", Area: f.donor.currency, Year: strconv.Itoa(f.year),
			Value: f.value, Unit: f.donor.currency + " per USD, period average", Note: join(e.note, f.rateNote),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + " " + b
}

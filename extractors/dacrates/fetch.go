package dacrates

import (
	"context"
	"errors"
	"fmt"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
	"hrinvest/extractors/series"
)

// firstBase is the base year of the edition whose address is known.
const firstBase = 2024

// address of the edition with a base year.
func address(base int) string {
	return fmt.Sprintf("https://webfs.oecd.org/oda/DataCollection/Resources/Deflators-base-%d.xlsx", base)
}

// Fetch implements extractors.Source. An edition has the base year in its address,
// and comes out in the course of the year after. So the years that are over and
// newer than the edition in use are asked for, newest first: one or two.
func (s Source) Fetch(ctx context.Context, c *fetch.Client, keep func(fetch.Document) error) error {
	newest := s.now().UTC().Year() - 1
	inUse := firstBase
	for base := newest; base > inUse; base-- {
		if _, ok := c.Known(address(base)); ok {
			inUse = base
		}
	}
	var missed []error
	for base := max(newest, inUse); ; base-- {
		d, err := s.edition(ctx, c, base)
		if err == nil {
			return errors.Join(append(missed, keep(d))...)
		}
		if base > inUse && errors.Is(err, fetch.ErrNotFound) {
			continue // not out yet
		}
		missed = append(missed, err)
		if base <= inUse {
			return errors.Join(missed...)
		}
	}
}

// edition retrieves the workbook of a base year, and refuses one of which no
// deflator of that base can be read.
func (s Source) edition(ctx context.Context, c *fetch.Client, base int) (fetch.Document, error) {
	// nothing can be read of the beginning of a workbook
	d, err := c.Get(ctx, fetch.Request{URL: address(base), Shape: fetch.ZIP, Whole: true})
	if err != nil {
		return d, err
	}
	d.Role = roleWorkbook
	if d.Origin == fetch.Bundled {
		d.Role = roleTable // the bundle has a table in the workbook's place
	}
	return d, series.Look(ctx, s, extractors.Set{d}, nil)
}

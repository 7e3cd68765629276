package oecdcrs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"hrinvest/extractors/fetch"
)

// Addresses. The description names the files and carries the stamp of their
// edition; the interface for activities is in a space of its own.
const (
	dataflowURL  = "https://sdmx.oecd.org/public/rest/dataflow/OECD.DCD.FSD/DSD_CRS@DF_CRS/latest"
	structureURL = dataflowURL + "?references=all"
	dataURL      = "https://sdmx.oecd.org/dcd-public/rest/data/OECD.DCD.FSD,DSD_CRS@DF_CRS,/%s?startPeriod=%d&format=csvfilewithlabels"
	yearURL      = "https://webfs-dcd.oecd.org/files/dotStat/DSD_CRS/CRS%%20%d%%20data.zip"
)

// rowLimit is where OECD's interface cut an answer without a word:
// https://github.com/expersso/OECD/issues/16.
const rowLimit = 1_000_000

// Labels of the files of all years.
const (
	labelReduced = "CRS-reduced-parquet"
	labelFull    = "CRS-Parquet"
)

// Fetch implements extractors.Source. The description of the data is asked for
// every time; a file whose stamp has not changed is not. Where OECD does not let
// programs in (403), the error wraps fetch.ErrBlocked: an operator may hand the
// file over.
func (s *Source) Fetch(ctx context.Context, c *fetch.Client, keep func(fetch.Document) error) error {
	t, err := s.tables()
	if err != nil {
		return err
	}
	g := &getter{Source: s, ctx: ctx, c: c, tables: t, keep: keep}
	switch s.cfg.Route {
	case RouteParquet:
		return g.file(labelReduced)
	case RouteFull:
		return g.file(labelFull)
	case RouteYears:
		return g.years()
	case RouteSDMX:
		return g.answers()
	}
	return fmt.Errorf("the route %q to the Creditor Reporting System is none of %s, %s, %s, %s", s.cfg.Route, RouteParquet, RouteFull, RouteYears, RouteSDMX)
}

// getter is one run of Fetch.
type getter struct {
	*Source
	ctx    context.Context
	c      *fetch.Client
	tables *tables
	keep   func(fetch.Document) error
}

// describe asks OECD which data there are.
func (g *getter) describe(url string) (*dataflow, error) {
	d, err := g.c.Get(g.ctx, fetch.Request{URL: url, Shape: fetch.XML, Whole: true})
	if err != nil {
		return nil, err
	}
	r, err := d.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	f, err := readDataflow(r)
	if err != nil {
		return nil, fetch.Refuse("%s: %v", url, err)
	}
	if len(f.files) == 0 {
		return nil, fetch.Refuse("%s names no file to download", url)
	}
	return f, nil
}

// file retrieves the one file that has a label.
func (g *getter) file(label string) error {
	f, err := g.describe(dataflowURL)
	if err != nil {
		return err
	}
	return g.download(f, label, fetch.Parquet, roleParquet)
}

// years retrieves one archive a year. No year may be missing between the first
// and the last, nor one that was there before.
func (g *getter) years() error {
	f, err := g.describe(dataflowURL)
	if err != nil {
		return err
	}
	files := f.years(g.cfg.FirstYear)
	next := g.cfg.FirstYear
	for _, y := range files {
		if y.from > next {
			return fetch.Refuse("%s names no file for %d", dataflowURL, next)
		}
		next = max(next, y.to+1)
	}
	if len(files) == 0 {
		return fetch.Refuse("%s names no file of a year from %d on, only: %s", dataflowURL, g.cfg.FirstYear, f.labels())
	}
	if _, known := g.c.Known(fmt.Sprintf(yearURL, next)); known {
		return fetch.Refuse("%s names no file for %d any more", dataflowURL, next)
	}
	var failed []error
	for _, y := range files {
		err := g.download(f, y.label, fetch.ZIP, roleZip)
		if stop := (*stopped)(nil); errors.As(err, &stop) || g.ctx.Err() != nil {
			return err
		}
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}

// stopped is an error of keep, which ends the run.
type stopped struct{ error }

func (e *stopped) Unwrap() error { return e.error }

// download retrieves the file that has a label.
func (g *getter) download(f *dataflow, label string, shape fetch.Shape, role string) error {
	file, ok := f.files[label]
	if !ok {
		return fetch.Refuse("%s names no file %q, only: %s", dataflowURL, label, f.labels())
	}
	url, err := address(file.url)
	if err != nil {
		return fetch.Refuse("%s: file %q: %v", dataflowURL, label, err)
	}
	return g.get(fetch.Request{URL: url, Shape: shape, Version: file.stamp}, role)
}

// answers asks the interface, for one purpose at a time. Activities carry the
// channel and modality they have, so that neither is fixed: fixing them to their
// totals (_T) is for sums over activities, of which nothing is asked.
//
//	DONOR.RECIPIENT.SECTOR.MEASURE.CHANNEL.MODALITY.FLOW_TYPE.PRICE_BASE.MD_DIM.MD_ID.UNIT_MEASURE
func (g *getter) answers() error {
	f, err := g.describe(structureURL)
	if err != nil {
		return err
	}
	if !slices.Equal(f.dimensions, dimensions) {
		return fetch.Refuse("%s: the dimensions are %s, expected %s", structureURL, strings.Join(f.dimensions, "."), strings.Join(dimensions, "."))
	}
	version := ""
	if file := f.files[labelReduced]; file.stamp != "" {
		version = f.version + " " + file.stamp
	}
	var failed []error
	for _, p := range g.tables.scope.asked {
		key := ".." + p + "....C+D.V.DD.."
		err := g.get(fetch.Request{URL: fmt.Sprintf(dataURL, key, g.cfg.FirstYear), Shape: fetch.CSV, Version: version}, roleSDMX)
		if stop := (*stopped)(nil); errors.As(err, &stop) || errors.Is(err, fetch.ErrBudget) || g.ctx.Err() != nil {
			return errors.Join(append(failed, err)...)
		}
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}

// get retrieves a document, looks at it, and hands it on.
func (g *getter) get(r fetch.Request, role string) error {
	d, err := g.c.Get(g.ctx, r)
	if err != nil {
		return err
	}
	d.Role = role
	if !g.c.Sample() {
		if err := g.look(d); err != nil {
			return err
		}
	}
	if err := g.keep(d); err != nil {
		return &stopped{err}
	}
	return nil
}

// look refuses what is not what was promised, so that the last good document
// stays in use: a file without the columns that are needed, an archive that
// cannot be unpacked, an answer that is a message or breaks off.
func (g *getter) look(d fetch.Document) error {
	err := g.readable(d)
	if bad := (*unreadable)(nil); errors.As(err, &bad) {
		return fetch.Refuse("%s: %s", d.URL, bad.reason)
	}
	return err
}

func (g *getter) readable(d fetch.Document) (err error) {
	t := &document{parser: &parser{ctx: g.ctx, tables: g.tables}, Document: d, skipped: map[string]int{}, finder: g.tables.scope.words.Finder()}
	switch d.Role {
	case roleParquet:
		f, _, err := openAt(d)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = t.parquetColumns(f)
		return err
	case roleZip:
		f, size, err := openAt(d)
		if err != nil {
			return err
		}
		defer f.Close()
		members, err := tablesIn(f, size)
		if err != nil {
			return err
		}
		for _, m := range members {
			r, err := m.Open()
			if err != nil {
				return unreadablef("%s in it cannot be opened: %v", m.Name, err)
			}
			header, err := readHeader(r, '|')
			if err = errors.Join(reading(err, 0), r.Close()); err != nil {
				return err
			}
			if err := t.use(g.tables.bulk, header); err != nil {
				return err
			}
		}
		return nil
	case roleSDMX:
		r, err := d.Open()
		if err != nil {
			return err
		}
		defer r.Close()
		rows := 0
		err = t.eachRow(r, ',', g.tables.sdmx, func([][]byte, int) error { rows++; return nil }, "")
		if err == nil && rows == rowLimit {
			err = unreadablef("it has %d rows, where the interface used to cut answers without a word", rows)
		}
		return err
	}
	return nil
}

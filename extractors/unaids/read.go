package unaids

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
	"hrinvest/extractors/plaintext"
)

// column is something a record can say, whatever the shape it comes in.
type column int

const (
	indicator column = iota // name
	gid
	unit
	subgroup
	subgroupGID
	areaName
	areaID
	areaLevel
	year
	value
	columns
)

// layout says in which field a document writes what.
type layout struct {
	names []string
	at    [columns]int
	kind  string // role
}

// headers maps folded header names to columns, one list per shape. AIDSinfo
// changed spelling and case between editions.
var headers = map[string]map[string]column{
	roleExport: {
		"indicator": indicator, "indicatorname": indicator, "indicatorgid": gid, "unit": unit, "subgroup": subgroup,
		"subgroupvalgid": subgroupGID, "area": areaName, "areaname": areaName, "areaid": areaID, "arealevel": areaLevel,
		"timeperiod": year, "datavalue": value,
	},
	roleLong:   {"concept": indicator, "area": areaID, "areaname": areaName, "year": year, "value": value},
	roleTotals: {"country": areaName, "iso": areaID, "year": year, "hivexpenditure": value},
}

var required = map[string][]column{
	roleExport: {areaName, year, value},
	roleLong:   {indicator, areaName, year, value},
	roleTotals: {areaName, areaID, year, value},
}

func newLayout(header []string) layout {
	for _, kind := range [...]string{roleExport, roleLong, roleTotals} {
		l := layout{names: header, kind: kind}
		for i := range l.at {
			l.at[i] = -1
		}
		for i, n := range header {
			if c, ok := headers[kind][fold(n)]; ok && l.at[c] < 0 {
				l.at[c] = i
			}
		}
		missing := func(c column) bool { return l.at[c] < 0 }
		if slices.ContainsFunc(required[kind], missing) || kind == roleExport && missing(indicator) && missing(gid) {
			continue
		}
		return l
	}
	return layout{}
}

// role of a document with this header, "" when none of the shapes fits.
func (l layout) role() string { return l.kind }

func fold(s string) string {
	return strings.NewReplacer(" ", "", "_", "", "-", "", `"`, "", "\ufeff", "").Replace(strings.ToLower(s))
}

// record is one row as published, with what it is about.
type record struct {
	doc, locator string
	layout       *layout
	fields       []string
	edition      edition
	series       *series
	sub          string // subgroup in our words, "" for the total
	base         string // year of the prices of a constant value
}

func (r *record) get(c column) string {
	if i := r.layout.at[c]; i >= 0 {
		return strings.TrimSpace(r.fields[i])
	}
	return ""
}

func (r *record) raw() []byte {
	m := map[string]string{}
	for i, v := range r.fields {
		if v != "" {
			m[r.layout.names[i]] = v
		}
	}
	b, err := json.Marshal(m)
	if err != nil {
		panic(err) // a map of strings always encodes
	}
	return b
}

// iso3 is the published country code, "" where the edition numbers its areas.
func (r *record) iso3() string {
	if c := r.get(areaID); isCountry(c) {
		return c
	}
	return ""
}

func isCountry(code string) bool {
	if code == "XKX" {
		return true
	}
	if len(code) != 3 {
		return false
	}
	c, err := language.ParseRegion(code)
	return err == nil && c.IsCountry() && c.ISO3() == code
}

// region says whether the area is more than one country.
func (r *record) region() bool {
	n := strings.ToLower(r.get(areaName))
	return strings.HasPrefix(n, "unaids region") || slices.Contains([]string{
		"all countries", "global", "world", "low- and middle-income countries", "eastern europe and central asia",
		"asia and the pacific", "caribbean", "east and southern africa", "eastern and southern africa", "latin america",
		"latin america and the caribbean", "middle east and north africa", "west and central africa",
		"western and central africa", "western and central europe and north america",
	}, n) || strings.HasPrefix(r.get(areaID), "OWID_") || r.level() == '0' || r.level() == '1'
}

// level is the published level of an area that is no country by its code: 2
// are countries. Editions that number their areas have levels of their own.
func (r *record) level() byte {
	l := r.get(areaLevel)
	if len(l) != 1 || r.iso3() != "" || strings.Trim(r.get(areaID), "0123456789") == "" {
		return '2'
	}
	return l[0]
}

// inside says whether the area is a part of a country.
func (r *record) inside() bool { return !r.region() && r.level() > '2' }

func readDocument(ctx context.Context, d fetch.Document, index int, b *book, out extractors.Sink) error {
	f, err := d.Open()
	if err != nil {
		return err
	}
	defer f.Close()
	if d.Role != roleZip {
		return readTable(ctx, d, index, "", f, b, out)
	}
	reject := func(reason string) error {
		return out.Reject(extractors.Problem{Document: d.SHA256, Locator: "/", Reason: reason})
	}
	const limit = 512 << 20 // an edition unpacked is a few dozen MB
	all, err := io.ReadAll(io.LimitReader(f, limit))
	if err != nil {
		return err
	}
	z, err := zip.NewReader(bytes.NewReader(all), int64(len(all)))
	if err != nil {
		return reject("not a zip archive: " + err.Error())
	}
	found := false
	for _, e := range z.File {
		if !strings.HasSuffix(strings.ToLower(e.Name), ".csv") {
			continue
		}
		found = true
		c, err := e.Open()
		if err != nil {
			if err := reject(fmt.Sprintf("%s cannot be unpacked: %v", e.Name, err)); err != nil {
				return err
			}
			continue
		}
		err = readTable(ctx, d, index, e.Name, io.LimitReader(c, limit), b, out)
		c.Close()
		if err != nil {
			return err
		}
	}
	if !found {
		return reject("no CSV file in the archive")
	}
	return nil
}

// readTable reads the records of one table into the book; inside names the
// file of an archive.
func readTable(ctx context.Context, d fetch.Document, index int, inside string, f io.Reader, b *book, out extractors.Sink) error {
	at, whole := "", "/"
	if inside != "" {
		at, whole = inside+" ", inside
	}
	reject := func(locator, reason string, raw []byte) error {
		return out.Reject(extractors.Problem{Document: d.SHA256, Locator: locator, Reason: reason, Raw: raw})
	}
	encoded, err := io.ReadAll(f)
	if err != nil {
		return err
	}
	text, err := plaintext.Decode(encoded, "")
	if err != nil {
		return reject(whole, "not a table of AIDSinfo: the file "+err.Error(), nil)
	}
	in := newRecords(strings.NewReader(text))
	header, err := in.header()
	if err != nil && !unreadable(err) {
		return err
	}
	l := newLayout(header)
	if l.kind == "" {
		return reject(whole, "not a table of AIDSinfo: the header names no area, time period and data value", nil)
	}
	skipped := map[string]int{}
	ed := editionOf(d, index, inside, l.kind)
	constant, n := "", 0 // year of the constant prices the file speaks of
	start := len(b.records)
	for ; ; n++ {
		if n%1000 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		fields, line, err := in.next()
		if err == io.EOF {
			break
		}
		locator := fmt.Sprintf("%srow %d", at, line)
		if unreadable(err) {
			if err := reject(locator, "the table cannot be read on: "+err.Error(), nil); err != nil {
				return err
			}
			break
		}
		if err != nil {
			return err
		}
		if fields == nil {
			if err := reject(locator, fmt.Sprintf("not a row of %d fields", len(header)), nil); err != nil {
				return err
			}
			continue
		}
		r := record{doc: d.SHA256, locator: locator, layout: &l, fields: fields, edition: ed}
		reason := b.understand(&r)
		switch {
		case reason != "":
			skipped[reason]++
			continue
		case !yearText.MatchString(r.get(year)):
			if err := reject(locator, fmt.Sprintf("time period %q is not a year", r.get(year)), r.raw()); err != nil {
				return err
			}
			continue
		case r.get(areaName) == "" && r.iso3() == "":
			if err := reject(locator, "no area", r.raw()); err != nil {
				return err
			}
			continue
		}
		if constant == "" {
			constant = r.base
		}
		b.records = append(b.records, r)
	}
	for i := start; i < len(b.records); i++ {
		if r := &b.records[i]; r.base == "" && r.series.unit == constantUSD {
			r.base = constant
		}
	}
	if n == 0 {
		return reject(whole, "the table has no rows", nil)
	}
	for _, reason := range sortedKeys(skipped) {
		if err := out.Skip(d.SHA256, skipped[reason], reason); err != nil {
			return err
		}
	}
	return nil
}

// unreadable says whether an error is about the text, not about reading it.
func unreadable(err error) bool { return errors.Is(err, errLineTooLong) }

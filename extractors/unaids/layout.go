package unaids

import (
	"maps"
	"slices"
	"strings"
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
	// otherwise is what the address of the document says where a record does not.
	otherwise [columns]string
}

// headers maps folded header names to columns, one list per shape. AIDSinfo
// changed spelling and case between editions. The interface writes most of them
// as objects of an id and a value, see README.md; what it may write plainly is
// taken in the spellings of the tables.
var headers = map[string]map[string]column{
	roleExport: {
		"indicator": indicator, "indicatorname": indicator, "indicatorgid": gid, "unit": unit, "subgroup": subgroup,
		"subgroupvalgid": subgroupGID, "area": areaName, "areaname": areaName, "areaid": areaID, "arealevel": areaLevel,
		"timeperiod": year, "datavalue": value,
	},
	roleAPI: {
		"indicator.id": gid, "indicator.value": indicator, "unit.id": unit, "subgroup.id": subgroupGID,
		"subgroup.value": subgroup, "area.id": areaID, "area.value": areaName, "obsvalue": value,
	},
	roleLong:   {"concept": indicator, "area": areaID, "areaname": areaName, "year": year, "value": value},
	roleTotals: {"country": areaName, "iso": areaID, "year": year, "hivexpenditure": value},
}

var required = map[string][]column{
	roleExport: {areaName, year, value},
	roleAPI:    {areaName, year, value},
	roleLong:   {indicator, areaName, year, value},
	roleTotals: {areaName, areaID, year, value},
}

// columnOf finds the column of a header name.
func columnOf(kind, name string) (column, bool) {
	c, ok := headers[kind][fold(name)]
	if !ok && kind == roleAPI {
		c, ok = headers[roleExport][fold(name)]
	}
	return c, ok
}

// layoutOf places the columns of one shape. missing are those it cannot do
// without.
func layoutOf(kind string, header []string) (l layout, missing []column) {
	l = layout{names: header, kind: kind}
	for i := range l.at {
		l.at[i] = -1
	}
	for i, n := range header {
		if c, ok := columnOf(kind, n); ok && l.at[c] < 0 {
			l.at[c] = i
		}
	}
	for _, c := range required[kind] {
		if l.at[c] < 0 {
			missing = append(missing, c)
		}
	}
	return l, missing
}

// tableLayout recognises the shape of a table by its header. Its kind is "" when
// none fits.
func tableLayout(header []string) layout {
	for _, kind := range [...]string{roleExport, roleLong, roleTotals} {
		l, missing := layoutOf(kind, header)
		if len(missing) > 0 || kind == roleExport && l.at[indicator] < 0 && l.at[gid] < 0 {
			continue
		}
		return l
	}
	return layout{}
}

var folding = strings.NewReplacer(" ", "", "_", "", "-", "", `"`, "", "\ufeff", "")

func fold(s string) string { return folding.Replace(strings.ToLower(s)) }

// columnNames are what columns are called when one is missing.
var columnNames = map[column]string{areaName: "area", year: "time period", value: "value"}

func namesOf(cs []column) string {
	var out []string
	for _, c := range cs {
		out = append(out, columnNames[c])
	}
	return strings.Join(out, ", ")
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

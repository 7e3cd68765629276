package dacrates

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hrinvest/extractors"
	"hrinvest/extractors/extractorstest"
	"hrinvest/extractors/fetch"
)

const tableHeader = "year,iso3,entity_code,exchange,dac_deflator\n"

// baseRows make 2022 the base year of a table.
const baseRows = "2022,GBR,12,0.8112,100\n2022,NOR,8,9.612899,100.0\n2022,DAC,20001,1,100.000\n"

// baseSeen are their observations, in rows from first on.
func baseSeen(rows ...string) (deflators, rates []string) {
	return []string{
			"row " + rows[0] + " dac_deflator | dac_deflator | GBR | 2022 | 100 | index, 2022 = 100",
			"row " + rows[1] + " dac_deflator | dac_deflator | NOR | 2022 | 100.0 | index, 2022 = 100",
			"row " + rows[2] + " dac_deflator | dac_deflator | DAC | 2022 | 100.000 | index, 2022 = 100",
		}, []string{
			"row " + rows[0] + " exchange | fx_dac | GBP | 2022 | 0.8112 | GBP per USD, period average",
			"row " + rows[1] + " exchange | fx_dac | NOK | 2022 | 9.612899 | NOK per USD, period average",
		}
}

func TestTable(t *testing.T) {
	deflators, rates := baseSeen("2", "3", "4")
	only := append(append([]string{}, deflators...), rates...)
	noBase := "/: the base year cannot be told: in no year is the deflator of every donor 100"
	for _, c := range []struct {
		name, in       string
		want, problems []string
		skipped        int
	}{
		{name: "as it is", in: tableHeader + baseRows, want: only, skipped: 1},
		{name: "byte order mark, line ends of DOS", in: "\ufeff" + strings.ReplaceAll(tableHeader+baseRows, "\n", "\r\n"), want: only, skipped: 1},
		{
			name: "groups, and a donor whose deflator is the total's",
			in:   tableHeader + baseRows + "2022,,20000,1,100\n2022,G7C,20003,1,100\n2021,ESH,20006,1,103.1\n2021,LIE,70,1,103.10559\n",
			want: only, skipped: 5,
		},
		{
			name: "a code and a country that do not fit", in: tableHeader + baseRows + "2021,ESH,12,0.727,103.1\n2021,EUI,20001,1,103.1\n2021,GBR,,0.727,103.1\n",
			want: only, skipped: 1,
			problems: []string{`row 5: code 12 is GBR, and the row says "ESH"`, `row 6: code 20001 is DAC, and the row says "EUI"`, "row 7: the row names no donor"},
		},
		{
			name: "a donor and year twice", in: tableHeader + baseRows + "2022,GBR,12,0.8113,100\n",
			want: only, skipped: 1, problems: []string{"row 5: GBR in 2022 stands in the table twice"},
		},
		{
			name: "empty cells, and no numbers",
			in:   tableHeader + baseRows + "2021,NOR,8,,\n2020,NOR,8,nan,-1\n2019,NOR,8,0,1e2\n",
			want: append(append(append([]string{}, deflators...), "row 7 dac_deflator | dac_deflator | NOR | 2019 | 1e2 | index, 2022 = 100"), rates...), skipped: 1,
			problems: []string{
				`row 6 dac_deflator: the rate "-1" is not a positive number`, `row 6 exchange: the rate "nan" is not a positive number`,
				`row 7 exchange: the rate "0" is not a positive number`,
			},
		},
		{
			name: "years", in: tableHeader + baseRows + "22,NOR,8,8.5915,87\n2021.0,NOR,8,8.5915,87\n2020,NOR,8\n",
			want: only, skipped: 1,
			problems: []string{`row 5: "22" is not a year`, `row 6: "2021.0" is not a year`, "row 7: 3 fields, fewer than the header promises"},
		},
		{name: "no base year", in: tableHeader + "2021,NOR,8,8.5915,87.36\n2022,NOR,8,9.61,100\n2022,GBR,12,0.81,100\n2022,USA,302,1,99.9\n", problems: []string{noBase}},
		{name: "cut before the base year", in: tableHeader + "2021,NOR,8,8.5915,87.36\n2021,GBR,12,0.7", problems: []string{"row 3: the file ends inside this row, without a line break: it may be cut", noBase}},
		{
			name: "two base years", in: tableHeader + baseRows + strings.ReplaceAll(baseRows, "2022", "2020"), skipped: 0,
			problems: []string{"/: the base year cannot be told: in each of the years [2020 2022] the deflator of every donor is 100"},
		},
		{name: "no rows", in: tableHeader, problems: []string{noBase}},
		{name: "other columns", in: "year,iso3,value\n2022,GBR,1\n", problems: []string{"/: not a table of DAC deflators: no column entity_code, exchange, dac_deflator"}},
		{name: "a page", in: "<!DOCTYPE html>\n<html>Sign in</html>\n", problems: []string{"/: not a table of DAC deflators: no column year, entity_code, iso3, exchange, dac_deflator"}},
		{name: "nothing", in: "", problems: []string{"/: the document is empty"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := extractorstest.Parse(t, New(), extractorstest.Doc(roleTable, "table.csv", []byte(c.in)))
			if diff := cmp.Diff(c.want, short(r.Observations)); diff != "" {
				t.Errorf("observations (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.problems, reasons(r.Problems)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if r.Skipped != c.skipped {
				t.Errorf("%d skipped, want %d", r.Skipped, c.skipped)
			}
			extractorstest.Check(t, r, nil)
		})
	}
}

// The re-publisher's own columns, in their order.
func TestRepublishersColumns(t *testing.T) {
	in := "pydeflate_year,pydeflate_entity_code,pydeflate_entity,pydeflate_EXCHANGE,pydeflate_DAC_DEFLATOR,pydeflate_iso3,pydeflate_EXCHANGE_D,pydeflate_NGDP_D\n" +
		"2022,12,United Kingdom,0.8112,100,GBR,100,100\n2022,918,EU Institutions,0.9509,100,EUI,100,100\n2022,20001,DAC countries,1,100,DAC,100,100\n"
	r := extractorstest.Parse(t, New(), extractorstest.Doc(roleTable, "t.csv", []byte(in)))
	want := []string{
		"row 2 pydeflate_DAC_DEFLATOR | dac_deflator | GBR | 2022 | 100 | index, 2022 = 100",
		"row 3 pydeflate_DAC_DEFLATOR | dac_deflator | XI-IATI-EC | 2022 | 100 | index, 2022 = 100",
		"row 4 pydeflate_DAC_DEFLATOR | dac_deflator | DAC | 2022 | 100 | index, 2022 = 100",
		"row 3 pydeflate_EXCHANGE | fx_dac | EUR | 2022 | 0.9509 | EUR per USD, period average",
		"row 2 pydeflate_EXCHANGE | fx_dac | GBP | 2022 | 0.8112 | GBP per USD, period average",
	}
	if diff := cmp.Diff(want, short(r.Observations)); diff != "" {
		t.Error(diff)
	}
	if r.Observations[1].AreaName != "EU Institutions" || !strings.Contains(r.Observations[3].Note, "row of EUI") {
		t.Errorf("%+v", r.Observations)
	}
}

// One rate of the euro a year: Germany's, where members agree.
func TestEuro(t *testing.T) {
	for _, c := range []struct {
		name, rows     string
		want, problems []string
		skipped        int // beyond the DAC total's rate
	}{
		{
			name: "Germany's, whatever the order", rows: "2021,FRA,4,0.845613,1\n2021,DEU,5,0.8456,1\n2021,LVA,83,0.845653,1\n2021,EUI,918,0.8456,1\n",
			want: []string{"row 6 | EUR | 2021 | 0.8456"}, skipped: 3,
		},
		{
			name: "one deviates", rows: "2021,DEU,5,0.8456,1\n2021,FRA,4,0.8456,1\n2021,ITA,6,0.8466,1\n",
			want: []string{"row 5 | EUR | 2021 | 0.8456"}, skipped: 1,
			problems: []string{"row 7 exchange: ITA has 0.8466 EUR per USD in 2021, where most have 0.8456"},
		},
		{
			name: "Germany's deviates", rows: "2021,DEU,5,0.9456,1\n2021,FRA,4,0.8456,1\n2021,ITA,6,0.8457,1\n",
			want: []string{"row 6 | EUR | 2021 | 0.8456"}, skipped: 1,
			problems: []string{"row 5 exchange: DEU has 0.9456 EUR per USD in 2021, where most have 0.8457"},
		},
		{
			name: "no majority", rows: "2021,DEU,5,0.9456,1\n2021,FRA,4,0.8456,1\n",
			problems: []string{
				"row 5 exchange: the rates of the donors with EUR do not agree in 2021: DEU has 0.9456",
				"row 6 exchange: the rates of the donors with EUR do not agree in 2021: FRA has 0.8456",
			},
		},
		{name: "Germany's is missing", rows: "2021,FRA,4,0.8457,1\n2021,DEU,5,,1\n", want: []string{"row 5 | EUR | 2021 | 0.8457"}},
		{name: "before the euro, in euros at the fixed rate", rows: "1998,AUT,1,0.899379,1\n1998,DEU,5,0.899568,1\n2000,GRC,40,1.072522,1\n2008,SVK,69,0.719434,1\n", skipped: 4},
		{name: "from the year a member joins", rows: "2009,SVK,69,0.718037,1\n", want: []string{"row 5 | EUR | 2009 | 0.718037"}},
		{name: "reported in dollars", rows: "1990,POL,76,1,59\n1990,HUN,75,1.000,65\n2021,CHE,11,1,90\n", skipped: 4}, // Hungary's deflator of 1990 too
		{name: "before the currency", rows: "1994,POL,76,2.2728,59\n1965,AUS,801,0.8929,10\n", skipped: 2},
		{name: "a dollar", rows: "2021,USA,302,1.0,95\n", want: []string{"row 5 | USD | 2021 | 1.0"}},
		{name: "a dollar that costs more", rows: "2021,USA,302,1.01,95\n", problems: []string{"row 5 exchange: a US dollar costs 1.01 US dollars"}},
		{name: "a donor whose currency is not read", rows: "2021,ISR,546,3.2305,99\n", skipped: 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := extractorstest.Parse(t, New(), extractorstest.Doc(roleTable, "t.csv", []byte(tableHeader+baseRows+c.rows)))
			var got []string
			for _, o := range r.Observations {
				if o.Indicator == "fx_dac" && o.Year != "2022" {
					row, _ := strings.CutSuffix(o.Locator, " exchange")
					got = append(got, strings.Join([]string{row, o.Area, o.Year, o.Value}, " | "))
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("rates (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.problems, reasons(r.Problems)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if r.Skipped != c.skipped+1 {
				t.Errorf("%d skipped, want %d", r.Skipped, c.skipped+1)
			}
		})
	}
}

// Deflators come from one document: base years are never mixed.
func TestTwoDocuments(t *testing.T) {
	old := extractorstest.Doc(roleTable, "old.csv", []byte(tableHeader+strings.ReplaceAll(baseRows, "2022", "2019")+"2015,GBR,12,0.6545,105\n2018,GBR,12,0.7497,101\n"))
	newer := extractorstest.Doc(roleTable, "new.csv", []byte(tableHeader+baseRows+"2015,GBR,12,0.6546,103.892777\n"))
	for name, docs := range map[string]extractors.Set{"old first": {old, newer}, "new first": {newer, old}} {
		r := extractorstest.Parse(t, New(), docs...)
		got := byKey(t, r)
		hold(t, got, map[string]string{"dac_deflator GBR 2015": "103.892777", "dac_deflator GBR 2018": "", "dac_deflator GBR 2019": "", "fx_dac GBP 2018": "0.7497"})
		for _, o := range r.Observations {
			if o.Indicator == "dac_deflator" && (o.Unit != "index, 2022 = 100" || o.Document != newer.SHA256) {
				t.Errorf("%s: %+v", name, o)
			}
		}
		// of the old one five deflators and the rate of 2015, and of both the total's rate
		if r.Skipped != 5+1+2 || len(r.Problems) > 0 {
			t.Errorf("%s: %d skipped, problems %v", name, r.Skipped, reasons(r.Problems))
		}
	}
}

// Of two documents with one base year, the one retrieved last counts.
func TestTwoOfOneBase(t *testing.T) {
	doc := func(deflator string, day int) fetch.Document {
		d := extractorstest.Doc(roleTable, "t.csv", []byte(tableHeader+baseRows+"2015,GBR,12,0.6545,"+deflator+"\n"))
		d.Retrieved = time.Date(2026, 1, day, 0, 0, 0, 0, time.UTC)
		return d
	}
	got := byKey(t, extractorstest.Parse(t, New(), doc("103.9", 2), doc("103.8", 1)))
	hold(t, got, map[string]string{"dac_deflator GBR 2015": "103.9"})
	got = byKey(t, extractorstest.Parse(t, New(), doc("103.9", 1), doc("103.8", 2)))
	hold(t, got, map[string]string{"dac_deflator GBR 2015": "103.8"})
}

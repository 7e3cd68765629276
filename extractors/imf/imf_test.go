package imf

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"hrinvest/extractors"
	"hrinvest/extractors/extractorstest"
)

func TestSource(t *testing.T) { extractorstest.Run(t, New()) }

// short is what a test compares of an observation.
func short(os []extractors.Observation) string {
	var out strings.Builder
	for _, o := range os {
		out.WriteString(strings.Join([]string{o.Locator, o.Indicator, o.Area, o.Year, o.Value + o.ValueText, o.Unit, o.Status}, " | ") + "\n")
	}
	return out.String()
}

func reasons(ps []extractors.Problem) string {
	var out strings.Builder
	for _, p := range ps {
		out.WriteString(p.Locator + ": " + p.Reason + "\n")
	}
	return out.String()
}

type parse struct {
	name, in, want, problems string
	skipped                  int
}

func (c parse) run(t *testing.T, role, file string) {
	t.Helper()
	r := extractorstest.Parse(t, New(), extractorstest.Doc(role, file, []byte(c.in)))
	if diff := cmp.Diff(c.want, short(r.Observations)); diff != "" {
		t.Errorf("observations (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(c.problems, reasons(r.Problems)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	if r.Skipped != c.skipped {
		t.Errorf("skipped %d, want %d", r.Skipped, c.skipped)
	}
	extractorstest.Check(t, r, nil)
}

// The shapes are those of public programs' fixtures; the figures are invented.
func TestSDMX(t *testing.T) {
	const header = "STRUCTURE[;],STRUCTURE_ID,ACTION,COUNTRY,INDICATOR,FREQUENCY,TIME_PERIOD,OBS_VALUE,LATEST_ACTUAL_ANNUAL_DATA,SCALE,UNIT\n"
	const flow = "dataflow,IMF.RES:WEO(9.0.0),R,"
	for _, c := range []parse{
		{
			name: "units become what is shown",
			in: header + flow + "KGZ,NGDP,A,2024,1523000000000,2024,9,XDC\n" + flow + "KGZ,NGDPD,A,2024,17474123456,2024,9,USD\n" +
				flow + "KGZ,NGDP_D,A,2024,229.756,2024,0,\n" + flow + "KGZ,NGDPD,A,2025,1.9849E10,2024,9,USD\n",
			want: "row 2 | imf_ngdp | KGZ | 2024 | 1523.000000000 | billion LCU | reported\n" +
				"row 3 | imf_ngdpd | KGZ | 2024 | 17.474123456 | billion USD | reported\n" +
				"row 4 | imf_deflator | KGZ | 2024 | 229.756 | index, base differs by country | reported\n" +
				"row 5 | imf_ngdpd | KGZ | 2025 | 19.849000000 | billion USD | imputed\n",
		},
		{
			name: "columns in another order, unknown ones, SDMX-CSV 1.0",
			in: "\ufeffOBS_VALUE,SCALE,NEW_COLUMN,TIME_PERIOD,INDICATOR,COUNTRY,DATAFLOW,LATEST_ACTUAL_ANNUAL_DATA\n" +
				"17474123456,9,\"a, b\",2024,NGDPD,KGZ,IMF.RES:WEO(9.0.0),2023\n",
			want: "row 2 | imf_ngdpd | KGZ | 2024 | 17.474123456 | billion USD | imputed\n",
		},
		{
			name: "what holds for a series in rows of their own",
			in: header + flow + "KGZ,NGDPD,A,2023,17474123456,,,\n" + flow + "KGZ,NGDPD,A,,,2023,,\n" + flow + "~,NGDPD,~,,,,9,USD\n" +
				flow + "KGZ,NGDPD,A,2024,18474123456,,,\n",
			want: "row 2 | imf_ngdpd | KGZ | 2023 | 17.474123456 | billion USD | reported\nrow 5 | imf_ngdpd | KGZ | 2024 | 18.474123456 | billion USD | imputed\n",
		},
		{
			name: "groups, other series and other frequencies are counted",
			in: header + flow + "G001,NGDPD,A,2024,117474123456000,,9,USD\n" + flow + "GX123,NGDPD,A,2024,17474123456,,9,USD\n" + flow + "001,NGDPD,A,2024,17474123456,,9,USD\n" +
				flow + "KGZ,PCPIPCH,A,2024,5,2024,0,PT\n" + flow + "KGZ,NGDPD,Q,2024-Q1,17474123456,2024,9,USD\n" + flow + "USA,NGDPD,A,2024,17474123456,2024,9,USD\n",
			want:    "row 7 | imf_ngdpd | USA | 2024 | 17.474123456 | billion USD | reported\n",
			skipped: 5,
		},
		{
			name: "Kosovo and Palestine",
			in:   header + flow + "KOS,NGDPD,A,2024,12449307000,2024,9,USD\n" + flow + "UVK,NGDP,A,2024,12449307000,2024,9,XDC\n" + flow + "WBG,NGDPD,A,2024,12449307000,2024,9,USD\n",
			want: "row 2 | imf_ngdpd | XKX | 2024 | 12.449307000 | billion USD | reported\nrow 3 | imf_ngdp | XKX | 2024 | 12.449307000 | billion LCU | reported\n" +
				"row 4 | imf_ngdpd | PSE | 2024 | 12.449307000 | billion USD | reported\n",
		},
		{
			name: "nothing published, and too small to show",
			in:   header + flow + "KGZ,NGDPD,A,1991,,2024,9,USD\n" + flow + "KGZ,NGDPD,A,1992,n/a,2024,9,USD\n" + flow + "KGZ,NGDP,A,1993,--,2024,9,XDC\n" + flow + "KGZ,NGDP_D,A,1993,0,2024,0,\n" + flow + "KGZ,NGDPD,A,1994,1681000000,2024,9,USD\n",
			want: "row 4 | imf_ngdp | KGZ | 1993 | -- | billion LCU | reported\nrow 5 | imf_deflator | KGZ | 1993 | 0 | index, base differs by country | reported\n" +
				"row 6 | imf_ngdpd | KGZ | 1994 | 1.681000000 | billion USD | reported\n",
		},
		{
			name: "already in billions",
			in:   header + flow + "USA,NGDPD,A,2024,29184.89,2024,9,USD\n" + flow + "TUV,NGDPD,A,2024,0.062,2024,9,USD\n" + flow + "IRN,NGDP,A,2024,250000000,2024,9,XDC\n",
			want: "row 2 | imf_ngdpd | USA | 2024 | 29184.89 | billion USD | reported\nrow 3 | imf_ngdpd | TUV | 2024 | 0.062 | billion USD | reported\n" +
				"row 4 | imf_ngdp | IRN | 2024 | 250000000 | billion LCU | reported\n",
		},
		{
			name:     "two scales in one answer",
			in:       header + flow + "USA,NGDPD,A,2024,29184890000000,2024,9,USD\n" + flow + "TUV,NGDPD,A,2024,62000000,2024,9,USD\n" + flow + "KGZ,NGDPD,A,2024,17.5,2024,9,USD\n",
			want:     "row 2 | imf_ngdpd | USA | 2024 | 29184.890000000 | billion USD | reported\nrow 3 | imf_ngdpd | TUV | 2024 | 0.062000000 | billion USD | reported\n",
			problems: "row 4: NGDPD: 17.5 cannot be in dollars, as the other values are\n",
		},
		{
			name: "other powers of ten",
			in:   header + flow + "USA,NGDPD,A,2024,29184890000000,2024,9,USD\n" + flow + "KGZ,NGDP,A,2024,1523000000000,2024,6,XDC\n" + flow + "TJK,NGDP,A,2024,1523000000000,2024,0,XDC\n",
			want: "row 2 | imf_ngdpd | USA | 2024 | 29184.890000000 | billion USD | reported\nrow 3 | imf_ngdp | KGZ | 2024 | 1523000.000000 | million LCU | reported\n" +
				"row 4 | imf_ngdp | TJK | 2024 | 1523000000000 | LCU | reported\n",
		},
		{
			name: "bad rows are quoted",
			in: header + flow + "USA,NGDPD,A,2024,29184890000000,2024,9,USD\n" + flow + "USA,NGDPD,A,2024,1,2024,9,USD\n" + flow + "USA,NGDPD,A,2024-07,29184890000000,2024,9,USD\n" +
				flow + "USA,NGDP,A,2024,-5,2024,9,XDC\n" + flow + "USA,NGDP,A,2025,29184890000000,2024,,XDC\n" + flow + "USA,NGDP,A,2025,29184890000000,2024,7,XDC\n" +
				flow + "USA,NGDP,A,2025,29184890000000,2024,9,USD\n" + flow + "USA,NGDP_D,A,2025,125,2024,9,\n" + flow + "USA,NGDPD,A,2024,29184890000000,2024,9,USD\n" + flow + "USA,NGDP,A\n",
			want: "row 2 | imf_ngdpd | USA | 2024 | 29184.890000000 | billion USD | reported\n",
			problems: "row 11: 6 fields, but the header has 11\n" +
				"row 3: NGDPD: 1 cannot be in dollars, as the other values are\n" + "row 4: \"2024-07\" is not a year\n" + "row 5: NGDP: \"-5\" is not a number\n" +
				"row 6: NGDP: the scale \"\" is not known\n" + "row 7: NGDP: the scale \"7\" is not known\n" + "row 8: NGDP: the unit is \"USD\"\n" +
				"row 9: NGDP_D: an index has no scale \"9\"\n" + "row 10: a second value of NGDPD for USA in 2024\n",
		},
		{
			name: "a file cut short", in: header + flow + "USA,NGDPD,A,2023,29184890000000,2024,9,USD\n" + flow + "USA,NGDPD,A,2024,29184890000000,2024,9,US",
			want:     "row 2 | imf_ngdpd | USA | 2023 | 29184.890000000 | billion USD | reported\n",
			problems: "row 3: the file ends inside this row, without a line break: it may be cut\n",
		},
		{
			name: "no product in dollars", in: header + flow + "USA,NGDP,A,2023,29184890000000,2024,9,XDC\n",
			problems: "/: no gross domestic product in US dollars, which tells whether amounts are in units or in billions\n",
		},
		{name: "only groups", in: header + flow + "G001,NGDPD,A,2024,117474123456000,,9,USD\n", skipped: 1},
		{name: "no rows", in: header, problems: "/: no value of gross domestic product or its deflator\n"},
		{name: "a page", in: "<!DOCTYPE html><html></html>", problems: "/: not an answer of the API in CSV: the columns COUNTRY, INDICATOR, TIME_PERIOD, OBS_VALUE are not all there\n"},
		{name: "nothing", in: " \n", problems: "/: the document is empty\n"},
		{name: "rubbish", in: strings.Repeat("\x00\xff\x1a\x80", 300), problems: "/: not an answer of the API in CSV: the columns COUNTRY, INDICATOR, TIME_PERIOD, OBS_VALUE are not all there\n"},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, roleSDMX, "weo.csv") })
	}
}

// Until which year data are actual: a year, a fiscal year, or nothing.
func TestActual(t *testing.T) {
	for _, c := range []struct{ latest, year, status, note string }{
		{"2024", "2024", "reported", ""},
		{"2024", "2025", "imputed", "IMF staff estimate or projection: the latest actual data are of 2024, edition of 2026-04-14."},
		{"FY2024/25", "2024", "reported", ""},
		{"FY2024/25", "2025", "imputed", "IMF staff estimate or projection: the latest actual data are of FY2024/25, edition of 2026-04-14."},
		{"", "1990", "imputed", "The IMF does not say until which year the data are actual, edition of 2026-04-14."},
		{"0", "1990", "imputed", "The IMF does not say until which year the data are actual, edition of 2026-04-14."},
	} {
		in := "STRUCTURE_ID,COUNTRY,INDICATOR,TIME_PERIOD,OBS_VALUE,SCALE,LATEST_ACTUAL_ANNUAL_DATA,PUBLICATION_DATE\n" +
			"IMF.RES:WEO(9.0.0),IND,NGDPD," + c.year + ",3900000000000,9," + c.latest + ",2026-04-14T13:00:00Z\n"
		r := extractorstest.Parse(t, New(), extractorstest.Doc(roleSDMX, "weo.csv", []byte(in)))
		if len(r.Observations) != 1 || r.Observations[0].Status != c.status || r.Observations[0].Note != c.note {
			t.Errorf("%q, %s: %+v, problems %s", c.latest, c.year, r.Observations, reasons(r.Problems))
		}
	}
}

const classic = "WEO Country Code\tISO\tWEO Subject Code\tCountry\tSubject Descriptor\tSubject Notes\tUnits\tScale\tCountry/Series-specific Notes\t1980\t2023\t2024\tEstimates Start After\r\n\r\n" +
	"917\tKGZ\tNGDP\tKyrgyz Republic\tGross domestic product, current prices\tA \"note\tNational currency\tBillions\tSource: \"x\"\tn/a\t1,333.742\t\"1,523.001\"\t2023\r\n" +
	"917\tKGZ\tNGDPD\tKyrgyz Republic\tGross domestic product, current prices\t\tU.S. dollars\tBillions\t\t--\t15.19\t17.474\t2023\r\n" +
	"662\tCIV\tNGDP_D\tCôte d'Ivoire\tGross domestic product, deflator\t\tIndex\tUnits\t\t29.5\t102\t104\t2022\r\n" +
	"967\tUVK\tNGDPD\tKosovo\t\t\tU.S. dollars\tBillions\t\tn/a\t10.4\t11.3\t0\r\n" +
	"111\tUSA\tLUR\tUnited States\t\t\tPercent\tUnits\t\t7.2\t3.6\t4.0\t2024\r\n" +
	"International Monetary Fund, World Economic Outlook Database, April 2025"

const classicWant = "row 3 2023 | imf_ngdp | KGZ | 2023 | 1333.742 | billion LCU | reported\n" +
	"row 3 2024 | imf_ngdp | KGZ | 2024 | 1523.001 | billion LCU | imputed\n" +
	"row 4 1980 | imf_ngdpd | KGZ | 1980 | -- | billion USD | reported\n" +
	"row 4 2023 | imf_ngdpd | KGZ | 2023 | 15.19 | billion USD | reported\n" +
	"row 4 2024 | imf_ngdpd | KGZ | 2024 | 17.474 | billion USD | imputed\n" +
	"row 5 1980 | imf_deflator | CIV | 1980 | 29.5 | index, base differs by country | reported\n" +
	"row 5 2023 | imf_deflator | CIV | 2023 | 102 | index, base differs by country | imputed\n" +
	"row 5 2024 | imf_deflator | CIV | 2024 | 104 | index, base differs by country | imputed\n" +
	"row 6 2023 | imf_ngdpd | XKX | 2023 | 10.4 | billion USD | imputed\n" +
	"row 6 2024 | imf_ngdpd | XKX | 2024 | 11.3 | billion USD | imputed\n"

func TestTable(t *testing.T) {
	utf16 := func(bom unicode.BOMPolicy) string {
		s, err := unicode.UTF16(unicode.LittleEndian, bom).NewEncoder().String(classic)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	western, err := charmap.Windows1252.NewEncoder().String(classic)
	if err != nil {
		t.Fatal(err)
	}
	portal := "DATASET,SERIES_CODE,OBS_MEASURE,COUNTRY,INDICATOR,FREQUENCY,SCALE,UNIT,PUBLICATION_DATE,LATEST_ACTUAL_ANNUAL_DATA,METHODOLOGY_NOTES,2024,2025\n" +
		"IMF.RES:WEO(9.0.0),KGZ.NGDPD.A,OBS_VALUE,Kyrgyz Republic,\"Gross domestic product (GDP), Current prices, US dollar\",Annual,Billions,US dollar,2026-04-14,2024,\"two\nlines\",17.474,19.849\n" +
		"IMF.RES:WEO(9.0.0),G001.NGDPD.A,OBS_VALUE,World,x,Annual,Billions,US dollar,2026-04-14,,,110000.5,117000.5\n"
	for _, c := range []parse{
		{name: "UTF-8", in: classic, want: classicWant, skipped: 1},
		{name: "UTF-16 without a mark", in: utf16(unicode.IgnoreBOM), want: classicWant, skipped: 1},
		{name: "UTF-16 with a mark", in: utf16(unicode.UseBOM), want: classicWant, skipped: 1},
		{name: "windows-1252", in: western, want: classicWant, skipped: 1},
		{name: "the data portal's", in: portal, want: "row 2 2024 | imf_ngdpd | KGZ | 2024 | 17.474 | billion USD | reported\nrow 2 2025 | imf_ngdpd | KGZ | 2025 | 19.849 | billion USD | imputed\n", skipped: 1},
		{
			name: "country groups", in: "WEO Country Group Code\tWEO Subject Code\tCountry Group Name\tUnits\tScale\t2024\n001\tNGDPD\tWorld\tU.S. dollars\tBillions\t110000\n", skipped: 1,
		},
		{
			name: "cut in a row", in: classic[:strings.Index(classic, "17.474")+3],
			problems: "row 4: the file ends inside this row, without a line break: it may be cut\n/: no gross domestic product in US dollars, which tells whether amounts are in units or in billions\n",
		},
		{
			name:     "a row with fewer columns",
			in:       strings.Replace(classic, "\t3.6\t4.0\t2024\r\n", "\r\n", 1),
			want:     classicWant,
			problems: "row 7: 10 fields, but the header has 13: the row may be cut\n",
		},
		{
			name: "a word for a number", in: strings.Replace(classic, "1,333.742", "1,33", 1),
			want: strings.TrimPrefix(classicWant, "row 3 2023 | imf_ngdp | KGZ | 2023 | 1333.742 | billion LCU | reported\n"), problems: "row 3 2023: NGDP: \"1,33\" is not a number\n", skipped: 1,
		},
		{name: "another table", in: "ISO\tCountry\t2024\nKGZ\tx\t1\n", problems: "/: not a table of the World Economic Outlook: no column WEO Subject Code or SERIES_CODE\n"},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, roleTable, "WEOApr2025all.xls") })
	}
}

func TestRole(t *testing.T) {
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder().Bytes([]byte(classic))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		head []byte
		want string
	}{
		{"x.csv", []byte("DATAFLOW,COUNTRY,INDICATOR,FREQUENCY,TIME_PERIOD,OBS_VALUE\nIMF.RES:WEO(9.0.0),USA,NGDP,A,2024,1\n"), roleSDMX},
		{"x.csv", []byte("DATAFLOW,COUNTRY,INDICATOR,FREQUENCY,TIME_PERIOD,OBS_VALUE\nIMF.STA:CPI(5.0.0),USA,CPI,A,2024,1\n"), ""},
		{"x.xls", []byte(classic), roleTable},
		{"x.xls", utf16[:501], roleTable}, // cut inside a character
		{"WEOApr2025all.xls", []byte("<html>"), roleTable},
		{"rates.csv", []byte("Date,USD\n"), ""},
		{"none", nil, ""},
	} {
		if got := New().Role(c.name, c.head); got != c.want {
			t.Errorf("Role(%q, %.40q) = %q, want %q", c.name, c.head, got, c.want)
		}
	}
}

// A value of two documents is observed once, from the answer of the API.
func TestTwoDocuments(t *testing.T) {
	answer := "STRUCTURE_ID,COUNTRY,INDICATOR,TIME_PERIOD,OBS_VALUE,SCALE,LATEST_ACTUAL_ANNUAL_DATA\nIMF.RES:WEO(9.0.0),KGZ,NGDPD,2024,18000000000,9,2024\n"
	r := extractorstest.Parse(t, New(), extractorstest.Doc(roleTable, "WEO.xls", []byte(classic)), extractorstest.Doc(roleSDMX, "weo.csv", []byte(answer)))
	var got []string
	for _, o := range r.Observations {
		if o.Area == "KGZ" && o.Year == "2024" && o.Indicator == "imf_ngdpd" {
			got = append(got, o.Value)
		}
	}
	if diff := cmp.Diff([]string{"18.000000000"}, got); diff != "" || r.Skipped != 2 {
		t.Errorf("skipped %d (-want +got):\n%s", r.Skipped, diff)
	}
}

// What was written stands beside a rejected value.
func TestRaw(t *testing.T) {
	in := strings.Replace(classic, "1,333.742", "1,33\xff", 1)
	r := extractorstest.Parse(t, New(), extractorstest.Doc(roleTable, "WEO.xls", []byte(in)))
	want := `{"economy":"KGZ","latest_actual":"2023","scale":"Billions","series":"NGDP","unit":"National currency","value":"1,33ÿ","year":"2023"}`
	if len(r.Problems) != 1 || !bytes.Equal(r.Problems[0].Raw, []byte(want)) {
		t.Errorf("raw of %+v", r.Problems)
	}
}

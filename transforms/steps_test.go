package transforms

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"hrinvest/extractors"
)

// render shows rows the way these tests compare them.
func render(rows []Row, fields ...func(*Row) string) []string {
	var out []string
	for i := range rows {
		cells := []string{FormatDecimal(rows[i].Amount, MoneyScale)}
		if rows[i].Problem != "" {
			cells = []string{"rejected: " + rows[i].Problem}
		}
		for _, f := range fields {
			cells = append(cells, f(&rows[i]))
		}
		out = append(out, strings.Join(cells, " | "))
	}
	return out
}

func statements(t *testing.T, ds ...extractors.Disclosure) []Row {
	t.Helper()
	var rows []Row
	for i := range ds {
		if ds[i].Currency == "" {
			ds[i].Currency = "USD"
		}
		if ds[i].Key == "" {
			ds[i].Key = "k"
		}
		rows = append(rows, newRow(&ds[i]))
	}
	return run(t, rows, stepAmount)
}

func run(t *testing.T, rows []Row, steps ...Step) []Row {
	t.Helper()
	for _, s := range steps {
		var err error
		if rows, err = s(rows); err != nil {
			t.Fatal(err)
		}
	}
	return rows
}

func period(r *Row) string { return r.Start.String() + ".." + r.End.String() }
func flags(r *Row) string  { return r.Flags }
func rule(r *Row) string   { return r.ExcludedBy }

func TestStepAmountRejectsOnlyWhatCannotBeRead(t *testing.T) {
	got := render(run(t, []Row{
		newRow(&extractors.Disclosure{Amount: "#REF!", Currency: "EUR"}),
		newRow(&extractors.Disclosure{Amount: "", Currency: "EUR"}),
		newRow(&extractors.Disclosure{Amount: "5"}),
		newRow(&extractors.Disclosure{Amount: "5", Currency: "euro"}),
		newRow(&extractors.Disclosure{Amount: "19,082", Currency: "EUR"}),
		newRow(&extractors.Disclosure{Amount: "-19,082.06", Currency: "EUR "}),
		newRow(&extractors.Disclosure{Amount: "99999999999999999999999", Currency: "EUR"}),
		newRow(&extractors.Disclosure{Amount: "613079.6958540004", Currency: "USD"}),
	}, stepAmount), flags)
	want := []string{
		`rejected: amount "#REF!": not a number | `,
		`rejected: amount is missing | `,
		`rejected: currency is missing | `,
		`rejected: currency "euro" is not an ISO 4217 code | currency_trimmed`,
		`rejected: amount "19,082": a comma that may be thousands or decimals | `,
		`-19082.06 | thousands_commas currency_trimmed`,
		`rejected: amount "99999999999999999999999" is beyond anything that is spent (10^15) | `,
		`613079.695854 | rounded`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestStepDates(t *testing.T) {
	year := func(r *Row) string { return FormatDecimal(decimalOf(uint64(r.Year)), 0) }
	got := render(run(t, statements(t,
		extractors.Disclosure{Amount: "1", Date: "2016-10-16", ValueDate: "2020-10-16"},
		extractors.Disclosure{Amount: "2", Date: "31/03/2014"},
		extractors.Disclosure{Amount: "3", Date: "42916"},
		extractors.Disclosure{Amount: "4"},
		extractors.Disclosure{Amount: "5", PeriodStart: "2024-01-01T00:00:00Z", PeriodEnd: "2024-12-31"},
		extractors.Disclosure{Amount: "6", PeriodStart: "2024-12-31", PeriodEnd: "2024-01-01"},
		extractors.Disclosure{Amount: "7", Year: "2021", YearBasis: "us_fiscal"},
		extractors.Disclosure{Amount: "8", Year: "2016.0"},
		extractors.Disclosure{Amount: "9", Date: "2015-02-29"},
		extractors.Disclosure{Amount: "10", Date: "2016-01-01", ValueDate: "#REF!"},
		extractors.Disclosure{Amount: "11", Cycle: "GC7"},
		extractors.Disclosure{Amount: "12", Date: "0001-01-01"},
		extractors.Disclosure{Amount: "13", Date: "2099-01-01"},
	), stepDates), period, year, flags)
	want := []string{
		`1 | 2016-10-16..2016-10-16 | 2016 | `,
		`rejected: date "31/03/2014" is not an ISO 8601 date | .. | 0 | `,
		`rejected: date "42916" is not an ISO 8601 date | .. | 0 | `,
		`4 | .. | 0 | no_period`,
		`5 | 2024-01-01..2024-12-31 | 2024 | `,
		`rejected: period ends 2024-01-01, before it starts 2024-12-31 | .. | 0 | `,
		`7 | 2020-10-01..2021-09-30 | 2021 | `,
		`8 | 2016-01-01..2016-12-31 | 2016 | `,
		`rejected: date "2015-02-29" is not an ISO 8601 date | .. | 0 | `,
		`10 | 2016-01-01..2016-01-01 | 2016 | value_date_unreadable`,
		`11 | .. | 0 | no_period`, // never inferred from the grant cycle
		`rejected: period 0001-01-01 to 0001-01-01 lies outside 1960 to 2060 | 0001-01-01..0001-01-01 | 1 | `,
		`rejected: period 2099-01-01 to 2099-01-01 lies outside 1960 to 2060 | 2099-01-01..2099-01-01 | 2099 | `,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// The seed project: 1,455,000 USD over three years, sliced by day. 2016 is a
// leap year: 1,455,000 x 366/1096 = 485,885.036496.
func TestStepSliceByDay(t *testing.T) {
	got := render(run(t, statements(t,
		extractors.Disclosure{Amount: "1455000", PeriodStart: "2016-01-01", PeriodEnd: "2018-12-31"},
		extractors.Disclosure{Amount: "365", PeriodStart: "2020-07-01", PeriodEnd: "2021-06-30", YearBasis: "us_fiscal"},
	), stepDates, stepSlice), period, func(r *Row) string { return r.Path })
	want := []string{
		"485885.036496 | 2016-01-01..2016-12-31 | 2016",
		"484557.481752 | 2017-01-01..2017-12-31 | 2017",
		"484557.481752 | 2018-01-01..2018-12-31 | 2018",
		"92 | 2020-07-01..2020-09-30 | 2020",
		"273 | 2020-10-01..2021-06-30 | 2021",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestStepPartsCountsEachDollarOnce(t *testing.T) {
	d := func(key, of, amount, from, to string) extractors.Disclosure {
		return extractors.Disclosure{Kind: extractors.Budget, Key: key, PartOf: of, Amount: amount, PeriodStart: from, PeriodEnd: to, Group: "g"}
	}
	year := func(key, of, amount string) extractors.Disclosure {
		return d(key, of, amount, "2014-01-01", "2014-12-31")
	}
	for _, tt := range []struct {
		name string
		in   []extractors.Disclosure
		want []string
	}{
		{"a part of another period is inside the whole", []extractors.Disclosure{
			d("total", "", "1455000", "2016-01-01", "2018-12-31"),
			d("ehrn", "total", "86454.2", "2016-01-01", "2016-12-31"),
		}, []string{"1455000 | ", "86454.2 | part_of"}},
		{"parts that do not fill the whole leave a remainder", []extractors.Disclosure{
			year("total", "", "100"), year("domestic", "total", "30"), year("international", "total", "60"), year("gf", "international", "45"),
		}, []string{"90 | parts", "30 | ", "45 | parts", "45 | ", "10 | ", "15 | "}},
		{"parts that exceed the whole do not count, nor what is below them", []extractors.Disclosure{
			year("total", "", "100"), year("domestic", "total", "30"), year("international", "total", "80"), year("gf", "international", "45"),
		}, []string{"100 | ", "30 | part_of", "80 | part_of", "45 | part_of"}},
		{"rounding is no difference", []extractors.Disclosure{
			year("total", "", "22020486.57"), year("a", "total", "22020486.571"),
		}, []string{"22020486.57 | parts", "22020486.571 | "}},
		{"nor is it a remainder", []extractors.Disclosure{
			year("total", "", "100000.08"), year("a", "total", "100000"),
		}, []string{"100000.08 | parts", "100000 | "}},
		{"parts that fill the whole leave nothing", []extractors.Disclosure{
			year("total", "", "100"), year("a", "total", "100"),
		}, []string{"100 | parts", "100 | "}},
		{"without a period no period is shared", []extractors.Disclosure{d("total", "", "100", "", ""), d("a", "total", "31", "", "")},
			[]string{"100 | ", "31 | part_of"}},
		{"a part without its whole stands alone", []extractors.Disclosure{year("a", "gone", "5")}, []string{"5 | "}},
		{"a circle is no whole", []extractors.Disclosure{year("a", "b", "5"), year("b", "a", "5")},
			[]string{"rejected: part_of leads back to itself | ", "rejected: part_of leads back to itself | "}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, render(run(t, statements(t, tt.in...), stepDates, stepParts), rule)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Whatever the parts are: what counts of a whole and its parts is the whole, to
// within a unit where parts are rounded.
func TestPartsLaw(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		whole := rapid.IntRange(0, 1000).Draw(rt, "whole")
		ds := []extractors.Disclosure{{Kind: extractors.Budget, Key: "w", Amount: itoa(whole), Year: "2014", Currency: "USD"}}
		for i, a := range rapid.SliceOfN(rapid.IntRange(0, 400), 1, 5).Draw(rt, "parts") {
			ds = append(ds, extractors.Disclosure{Kind: extractors.Budget, Key: "p" + itoa(i), PartOf: "w", Amount: itoa(a), Year: "2014", Currency: "USD"})
		}
		var counted Decimal
		for _, r := range run(t, statements(t, ds...), stepDates, stepParts) {
			if r.ExcludedBy == "" {
				counted = counted.Add(r.Amount)
			}
		}
		if d := counted.Sub(decimalOf(uint64(whole) * 1_000_000)); !rounding(d, counted) {
			rt.Fatalf("counted %s of %d", FormatDecimal(counted, MoneyScale), whole)
		}
	})
}

func itoa(n int) string { return FormatDecimal(decimalOf(uint64(n)), 0) }

func TestStepMirror(t *testing.T) {
	d := func(kind extractors.Kind, amount string) extractors.Disclosure {
		return extractors.Disclosure{Kind: kind, Amount: amount, Currency: "EUR", Date: "2015-01-01"}
	}
	for _, tt := range []struct {
		name string
		in   []extractors.Disclosure
		want []string
	}{
		// AFEW, people who use drugs, Ukraine: https://afew.org
		{"mirrored", []extractors.Disclosure{d(extractors.Disbursement, "1375309"), d(extractors.Expenditure, "1375307.78")},
			[]string{"1375309 | mirror", "1375307.78 | "}},
		// Tajikistan: D 777,997 and E 762,313 are each the whole of the budget
		{"each is all there was", []extractors.Disclosure{d(extractors.Budget, "777997"), d(extractors.Disbursement, "777997"), d(extractors.Expenditure, "762313")},
			[]string{"777997 | ", "777997 | mirror", "762313 | "}},
		{"together they are the budget", []extractors.Disclosure{d(extractors.Budget, "1540000"), d(extractors.Disbursement, "777997"), d(extractors.Expenditure, "762313")},
			[]string{"1540000 | ", "777997 | ", "762313 | "}},
		{"passed on and spent directly", []extractors.Disclosure{d(extractors.Disbursement, "1472489.02"), d(extractors.Expenditure, "77198")},
			[]string{"1472489.02 | ", "77198 | "}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, render(run(t, statements(t, tt.in...), stepDates, stepMirror), rule)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestStepPlace(t *testing.T) {
	g, err := NewGazetteer()
	if err != nil {
		t.Fatal(err)
	}
	country := func(code, pct string) extractors.Share {
		return extractors.Share{Vocabulary: "iso2", Code: code, Percentage: pct}
	}
	region := func(code, pct string) extractors.Share {
		return extractors.Share{Vocabulary: "region", Code: code, Name: "Region " + code, Percentage: pct}
	}
	where := func(r *Row) string { return r.Country + "/" + r.Countries }
	for _, tt := range []struct {
		name   string
		places []extractors.Share
		want   []string
	}{
		{"one country", []extractors.Share{country("KG", "")}, []string{"100 | KGZ/KGZ | "}},
		{"shares", []extractors.Share{country("KG", "60"), country("TJ", "40")}, []string{"60 | KGZ/KGZ TJK | ", "40 | TJK/KGZ TJK | "}},
		{"several without shares are never split", []extractors.Share{country("TJ", ""), country("KG", "")}, []string{"100 | /KGZ TJK | countries_not_split"}},
		{"rebased", []extractors.Share{country("KG", "80"), country("TJ", "80")}, []string{"50 | KGZ/KGZ TJK | percentages_rebased", "50 | TJK/KGZ TJK | percentages_rebased"}},
		{"region takes what is left", []extractors.Share{country("KG", "75"), region("89", "25")}, []string{"75 | KGZ/KGZ | ", "25 | /KGZ | "}},
		{"countries win over regions", []extractors.Share{country("NL", "100"), region("89", "50"), region("798", "50")}, []string{"100 | NLD/NLD | "}},
		{"what nobody has stays", []extractors.Share{country("KG", "61")}, []string{"61 | KGZ/KGZ | place_remainder", "39 | /KGZ | place_remainder"}},
		{"half a per cent is nobody's", []extractors.Share{country("KG", "99.5")}, []string{"99.5 | KGZ/KGZ | place_remainder", "0.5 | /KGZ | place_remainder"}},
		{"half a per cent too much", []extractors.Share{country("KG", "100.5")}, []string{"100 | KGZ/KGZ | percentages_rebased"}},
		{"rounding", []extractors.Share{country("KG", "33.33"), country("TJ", "33.33"), country("UZ", "33.33")}, []string{
			"33.333334 | KGZ/KGZ TJK UZB | percentages_rebased", "33.333333 | TJK/KGZ TJK UZB | percentages_rebased", "33.333333 | UZB/KGZ TJK UZB | percentages_rebased"}},
		{"country and region, rounded", []extractors.Share{country("KG", "66.6"), region("89", "33.3")}, []string{"66.666667 | KGZ/KGZ | percentages_rebased", "33.333333 | /KGZ | percentages_rebased"}},
		{"country and region, half a per cent less", []extractors.Share{country("KG", "75"), region("89", "24.5")}, []string{
			"75 | KGZ/KGZ | place_remainder", "24.5 | /KGZ | place_remainder", "0.5 | /KGZ | place_remainder"}},
		{"regions", []extractors.Share{region("89", "50"), region("798", "20")}, []string{"50 | / | place_remainder", "20 | / | place_remainder", "30 | / | place_remainder"}},
		{"unknown code", []extractors.Share{country("QQ", "100")}, []string{"100 | / | unknown_country:QQ"}},
		{"unknown name", []extractors.Share{{Vocabulary: "name", Name: "Atlantis"}}, []string{"100 | / | unknown_country:Atlantis"}},
		{"nowhere", nil, []string{"100 | / | "}},
		{"Kosovo", []extractors.Share{country("XK", "")}, []string{"100 | XKX/XKX | "}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rows := run(t, statements(t, extractors.Disclosure{Amount: "100", Places: tt.places}), stepPlace(g))
			if diff := cmp.Diff(tt.want, render(rows, where, flags)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestStepSector(t *testing.T) {
	sector := func(r *Row) string { return r.Sector }
	dac := func(code, pct string) extractors.Share {
		return extractors.Share{Vocabulary: "dac", Code: code, Percentage: pct}
	}
	for _, tt := range []struct {
		name    string
		sectors []extractors.Share
		want    []string
	}{
		{"one", []extractors.Share{dac("13040", "")}, []string{"100 | 13040 | "}},
		{"two vocabularies", []extractors.Share{dac("13040", "100"), {Vocabulary: "iati:7", Code: "3", Percentage: "12.5"}}, []string{"100 | 13040 | "}},
		{"named twice", []extractors.Share{dac("13040", "50"), dac("12110", "25"), dac("12110", "25")}, []string{"50 | 13040 | ", "50 | 12110 | "}},
		{"half is said", []extractors.Share{dac("15160", "50")}, []string{"50 | 15160 | sector_remainder", "50 |  | sector_remainder"}},
		{"one without a percentage", []extractors.Share{dac("13040", "50"), dac("15160", "")}, []string{"100 |  | sectors_not_split"}},
		{"rounding", []extractors.Share{dac("13040", "33.3"), dac("15160", "66.6")}, []string{"33.333333 | 13040 | percentages_rebased", "66.666667 | 15160 | percentages_rebased"}},
		{"half a per cent is for nothing", []extractors.Share{dac("13040", "99.5"), dac("12110", "0.0")}, []string{"99.5 | 13040 | sector_remainder", "0.5 |  | sector_remainder"}},
		{"half a per cent too much", []extractors.Share{dac("13040", "50.25"), dac("12110", "50.25")}, []string{"50 | 13040 | percentages_rebased", "50 | 12110 | percentages_rebased"}},
		{"float dust", []extractors.Share{dac("13040", "99.99")}, []string{"100 | 13040 | percentages_rebased"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rows := run(t, statements(t, extractors.Disclosure{Amount: "100", Sectors: tt.sectors}), stepSector)
			if diff := cmp.Diff(tt.want, render(rows, sector, flags)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestStepOrganisation(t *testing.T) {
	g, err := NewGazetteer()
	if err != nil {
		t.Fatal(err)
	}
	o, err := NewOrganisations()
	if err != nil {
		t.Fatal(err)
	}
	p := func(role extractors.PartyRole, ref, name, kind string) extractors.Party {
		return extractors.Party{Role: role, Ref: ref, Name: name, Type: kind}
	}
	who := func(r *Row) string {
		return strings.Join([]string{r.Funder, r.FunderID, r.FunderType, r.Channel, r.Implementer}, "/")
	}
	for _, tt := range []struct {
		name    string
		kind    extractors.Kind
		parties []extractors.Party
		want    string
	}{
		{"known by its name", "", []extractors.Party{p(extractors.Funder, "", "The Global Fund to Fight AIDS, Tuberculosis and Malaria", "30")},
			"Global Fund/47045/multilateral//"},
		{"named twice", "", []extractors.Party{p(extractors.Funder, "47045", "The Global Fund", "30"), p(extractors.Funder, "47045", "Global Fund", "")},
			"Global Fund/47045/multilateral//"},
		{"one of two passes the money on", "", []extractors.Party{p(extractors.Funder, "X-BtG", "AFEW International", "21"), p(extractors.Funder, "NL-KVK-41207989", "Aidsfonds", "21"),
			p(extractors.Implementing, "X-BtG", "AFEW International", "21"), p(extractors.Implementing, "", "AFEW Kyrgyzstan", "22")},
			"Aidsfonds/NL-KVK-41207989/philanthropic//AFEW International; AFEW Kyrgyzstan"},
		{"two that pay", "", []extractors.Party{p(extractors.Funder, "A-1", "One", "10"), p(extractors.Funder, "B-1", "Two", "60")}, "One; Two//unknown//"},
		{"incoming money is its provider's", extractors.Incoming, []extractors.Party{p(extractors.Funder, "", "Aidsfonds", "21"), p(extractors.Provider, "XM-DAC-7", "", "10")},
			"Netherlands Ministry of Foreign Affairs/XM-DAC-7/bilateral//"},
		{"a government at home", "", []extractors.Party{p(extractors.Funder, "KG-GOV-1", "Ministry of Health", "10")}, "Ministry of Health/KG-GOV-1/domestic_public//"},
		{"nobody", "", nil, "//unknown//"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := extractors.Disclosure{Amount: "1", Kind: tt.kind, Parties: tt.parties, Places: []extractors.Share{{Vocabulary: "iso2", Code: "KG"}}}
			if diff := cmp.Diff([]string{"1 | " + tt.want}, render(run(t, statements(t, d), stepOrganisation(o, g)), who)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

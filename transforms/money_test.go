package transforms

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"hrinvest/extractors"
)

func rates(t testing.TB, observations ...extractors.Observation) *Rates {
	t.Helper()
	r, err := NewRates()
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range observations {
		r.Observe(o)
	}
	return r
}

func usd(r *Row) string {
	if !r.HasUSD {
		return "null " + r.Flags
	}
	return FormatDecimal(r.USD, MoneyScale) + " " + r.RateSource + " " + r.RateDate.String()
}

func TestStepConvertNeverBorrowsAnotherRate(t *testing.T) {
	r := rates(t,
		extractors.Observation{Indicator: "fx_un", Area: "KGS", PeriodStart: "2014-07-01", Value: "52"},
		extractors.Observation{Indicator: "fx_ecb", Area: "USD", PeriodStart: "2015-06-30", Value: "1.1189"},
		extractors.Observation{Indicator: "fx_ecb", Area: "GBP", PeriodStart: "2015-06-30", Value: "0.7114"},
		extractors.Observation{Indicator: "fx_wb", Area: "KGZ", Year: "2009", Value: "42.904"},
		extractors.Observation{Indicator: "fx_dac", Area: "GBP", Year: "2010", Value: "0.6472"},
	)
	rows := statements(t,
		extractors.Disclosure{Amount: "104", Currency: "KGS", Date: "2014-07-15"},
		extractors.Disclosure{Amount: "104", Currency: "KGS", Date: "2016-07-15"}, // the UN rate is two years old
		extractors.Disclosure{Amount: "100", Currency: "EUR", Date: "2015-07-01"},
		extractors.Disclosure{Amount: "100", Currency: "GBP", Date: "2015-07-01"},
		extractors.Disclosure{Amount: "5", Currency: "USD"},
		extractors.Disclosure{Amount: "5", Currency: "EUR"},
		extractors.Disclosure{Amount: "42.904", Currency: "KGS", Year: "2009"},
		extractors.Disclosure{Amount: "0.6472", Currency: "GBP", Year: "2010"},
	)
	rows = run(t, rows, stepDates)
	rows[6].Country = "KGZ"
	got := render(run(t, rows, stepConvert(r)), usd)
	want := []string{
		"104 | 2 fx_un 2014-07-01",
		"104 | null no_rate",
		"100 | 111.89 fx_ecb 2015-06-30",
		"100 | 157.281417 fx_ecb 2015-06-30", // 100 / (0.7114/1.1189)
		"5 | 5 usd ",
		"5 | null no_period no_rate",
		"42.904 | 1 fx_wb 2009-12-31",
		"0.6472 | 1 fx_dac 2010-12-31",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Money of a currency that is no more, or that was not yet, is followed over the
// fixed rate, and says so.
func TestReplacedCurrencies(t *testing.T) {
	r := rates(t,
		extractors.Observation{Indicator: "fx_un", Area: "BYR", PeriodStart: "2015-07-01", Value: "15500"},
		extractors.Observation{Indicator: "fx_un", Area: "BYN", PeriodStart: "2016-08-01", Value: "2"},
		extractors.Observation{Indicator: "fx_un", Area: "EUR", PeriodStart: "2012-01-01", Value: "0.8"},
		extractors.Observation{Indicator: "fx_un", Area: "EEK", PeriodStart: "2010-12-01", Value: "12"},
	)
	rows := run(t, statements(t,
		extractors.Disclosure{Amount: "15500", Currency: "BYR", Date: "2015-07-01"},
		extractors.Disclosure{Amount: "20000", Currency: "BYR", Date: "2016-08-10"},   // after it was replaced
		extractors.Disclosure{Amount: "1.55", Currency: "BYN", Date: "2015-07-02"},    // restated in the new one
		extractors.Disclosure{Amount: "15.6466", Currency: "EEK", Date: "2012-01-01"}, // after the euro came
		extractors.Disclosure{Amount: "12", Currency: "EEK", Date: "2010-12-05"},
		extractors.Disclosure{Amount: "12", Currency: "BYR", Date: "2012-01-01"}, // no rate of that time
	), stepDates, stepConvert(r))
	want := []string{
		"15500 | 1 fx_un 2015-07-01 | ",
		"20000 | 1 fx_un BYR/BYN 2016-08-01 | currency_replaced",
		"1.55 | 1 fx_un BYR/BYN 2015-07-01 | currency_replaced",
		"15.6466 | 1.25 fx_un EEK/EUR 2012-01-01 | currency_replaced", // 1 euro
		"12 | 1 fx_un 2010-12-01 | ",
		"12 | null no_rate | no_rate",
	}
	if diff := cmp.Diff(want, render(rows, usd, flags)); diff != "" {
		t.Error(diff)
	}
}

func constant(r *Row) string {
	if r.PriceYear == 0 {
		return "null"
	}
	return fmt.Sprint(FormatDecimal(r.USDConstant, MoneyScale), " of ", r.PriceYear, " by ", r.Deflator)
}

// The arithmetic of the OECD's donor statistics, by hand: 1m pounds of 2015 at
// 0.6545 pounds a dollar are 1.527884m dollars, and at a deflator of 103.892777
// 1.470635m dollars of 2022.
func TestConstantPrices(t *testing.T) {
	observe := func(list ...extractors.Observation) (*Rates, *Deflators) {
		d := NewDeflators(2022)
		for _, o := range list {
			d.Observe(o)
		}
		return rates(t, list...), d
	}
	o := func(indicator, area, year, value string) extractors.Observation {
		return extractors.Observation{Indicator: indicator, Area: area, Year: year, Value: value}
	}
	r, d := observe(
		o("fx_dac", "GBP", "2015", "0.6545"), o("dac_deflator", "GBR", "2015", "103.892777"), o("dac_deflator", "GBR", "2022", "100"),
		o("fx_dac", "EUR", "2023", "0.9248"), o("dac_deflator", "DEU", "2023", "109.307877"), o("dac_deflator", "DEU", "2022", "100"),
		o("dac_deflator", "USA", "2020", "89.326711"), o("dac_deflator", "USA", "2022", "100"),
		o("dac_deflator", "DAC", "2020", "90"), o("dac_deflator", "DAC", "2022", "100"),
		// Kyrgyzstan, invented: 50 som a dollar then and 80 in 2022, prices 90 and 150
		o("fx_wb", "KGZ", "2014", "50"), o("fx_wb", "KGZ", "2022", "80"), o("gdp_deflator", "KGZ", "2014", "90"), o("gdp_deflator", "KGZ", "2022", "150"),
		// a year only the IMF has: 1000 of local GDP are 10 dollars, 600 were 12
		o("imf_ngdp", "KGZ", "2025", "1000"), o("imf_ngdpd", "KGZ", "2025", "10"), o("imf_deflator", "KGZ", "2025", "200"),
		o("imf_ngdp", "KGZ", "2022", "600"), o("imf_ngdpd", "KGZ", "2022", "12"), o("imf_deflator", "KGZ", "2022", "100"),
	)
	g, err := NewGazetteer()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, amount, currency, year, funderType, funder, country string
		want                                                      string
	}{
		{"a donor by its register", "1000000", "GBP", "2015", "philanthropic", "GB-CHC-1017336", "", "1470635.327059 of 2022 by dac:GBR"},
		{"a donor by the DAC's code", "1000000", "GBP", "2015", "bilateral", "XM-DAC-12", "", "1470635.327059 of 2022 by dac:GBR"},
		{"euros of Germany", "1000000", "EUR", "2023", "bilateral", "XM-DAC-5-1", "KGZ", "989237.837721 of 2022 by dac:DEU"},
		{"dollars of the United States", "1000000", "USD", "2020", "bilateral", "US-GOV-1", "", "1119485.973238 of 2022 by dac:USA"},
		{"a multilateral entity", "900000", "USD", "2020", "multilateral", "47045", "", "1000000 of 2022 by dac:DAC"},
		{"a foundation of no country", "900000", "USD", "2020", "philanthropic", "rcf", "", "1000000 of 2022 by dac:DAC"},
		{"nobody knows who", "900000", "USD", "2020", "unknown", "", "", "null"},
		{"a year that is not covered", "900000", "USD", "2024", "multilateral", "47045", "", "null"},
		{"the base year", "7", "USD", "2022", "multilateral", "47045", "", "7 of 2022 by dac:DAC"},
		// 1,000,000 x 50/80 x 150/90
		{"domestic money", "1000000", "USD", "2014", "domestic_public", "", "KGZ", "1041666.666667 of 2022 by wb:KGZ"},
		// 1,000,000 x (1000/10)/(600/12) x 100/200
		{"domestic money of a year the IMF has", "1000000", "USD", "2025", "domestic_public", "", "KGZ", "1000000 of 2022 by imf:KGZ"},
		{"domestic money of nowhere", "1000000", "USD", "2014", "domestic_public", "", "", "null"},
		{"a donor the DAC does not deflate", "1000000", "USD", "2014", "bilateral", "KG-GOV", "TJK", "1041666.666667 of 2022 by wb:KGZ"},
	} {
		rows := run(t, statements(t, extractors.Disclosure{Amount: tt.amount, Currency: tt.currency, Year: tt.year}), stepDates, stepConvert(r))
		rows[0].FunderType, rows[0].FunderID, rows[0].Country = tt.funderType, tt.funder, tt.country
		if got := constant(&run(t, rows, stepConstant(d, g))[0]); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
	private := run(t, statements(t, extractors.Disclosure{Amount: "1000000", Currency: "USD", Year: "2014"}), stepDates, stepConvert(r))
	private[0].FunderType, private[0].Domestic, private[0].Country = "private", true, "KGZ"
	if got := constant(&run(t, private, stepConstant(d, g))[0]); got != "1041666.666667 of 2022 by wb:KGZ" {
		t.Errorf("domestic private money: %s", got)
	}
	rows := run(t, statements(t, extractors.Disclosure{Amount: "1000000", Currency: "GBP", Year: "2015"}), stepDates, stepConvert(r))
	if got := usd(&rows[0]); got != "1527883.880825 fx_dac 2015-12-31" {
		t.Error(got)
	}
}

// Rate and deflator are of one year: a transaction's are of its value date, and a
// period's of the period, whatever day it was decided on.
func TestRateAndDeflatorOfOneYear(t *testing.T) {
	list := []extractors.Observation{}
	d := NewDeflators(2022)
	for i, year := range []string{"2015", "2016", "2017", "2018", "2022"} {
		list = append(list, extractors.Observation{Indicator: "fx_dac", Area: "EUR", Year: year, Value: []string{"0.5", "0.8", "1", "2", "4"}[i]},
			extractors.Observation{Indicator: "dac_deflator", Area: "DEU", Year: year, Value: []string{"25", "50", "80", "50", "100"}[i]})
	}
	for _, o := range list {
		d.Observe(o)
	}
	g, err := NewGazetteer()
	if err != nil {
		t.Fatal(err)
	}
	rows := run(t, statements(t,
		extractors.Disclosure{Amount: "10", Currency: "EUR", Date: "2016-12-21", ValueDate: "2017-12-01"},                                 // 10 / 1 / 0.8
		extractors.Disclosure{Amount: "10", Currency: "EUR", Date: "2016-12-21"},                                                          // 10 / 0.8 / 0.5
		extractors.Disclosure{Amount: "10", Currency: "EUR", PeriodStart: "2018-01-01", PeriodEnd: "2018-12-31", ValueDate: "2015-12-31"}, // 10 / 2 / 0.5
		extractors.Disclosure{Amount: "10", Currency: "EUR", PeriodStart: "2018-01-01", PeriodEnd: "2018-12-31", ValueDate: "2018-01-01"},
		extractors.Disclosure{Amount: "10", Currency: "USD", Date: "2016-12-21", ValueDate: "2017-12-01"}, // dollars need no rate
	), stepDates, stepConvert(rates(t, list...)))
	for i := range rows {
		rows[i].FunderType, rows[i].FunderID = "bilateral", "XM-DAC-5-1"
	}
	got := render(run(t, rows, stepConstant(d, g)), usd, constant)
	want := []string{
		"10 | 10 fx_dac 2017-12-31 | 12.5 of 2022 by dac:DEU:2017",
		"10 | 12.5 fx_dac 2016-12-31 | 25 of 2022 by dac:DEU",
		"10 | 5 fx_dac 2018-12-31 | 10 of 2022 by dac:DEU",
		"10 | 5 fx_dac 2018-12-31 | 10 of 2022 by dac:DEU",
		"10 | 10 usd  | 20 of 2022 by dac:DEU",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Converting to another price year and back gives the same money, to a hundredth
// of a per cent and much better; and the base year changes nothing of itself.
func TestConstantThereAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := func(name string) string {
			return fmt.Sprintf("%d.%06d", rapid.IntRange(1, 9000).Draw(t, name), rapid.IntRange(0, 999999).Draw(t, name+"_"))
		}
		list := []extractors.Observation{
			{Indicator: "fx_wb", Area: "KGZ", Year: "2014", Value: value("rate14")}, {Indicator: "fx_wb", Area: "KGZ", Year: "2022", Value: value("rate22")},
			{Indicator: "gdp_deflator", Area: "KGZ", Year: "2014", Value: value("price14")}, {Indicator: "gdp_deflator", Area: "KGZ", Year: "2022", Value: value("price22")},
		}
		there, back := NewDeflators(2022), NewDeflators(2014)
		for _, o := range list {
			there.Observe(o)
			back.Observe(o)
		}
		f, _, ok := there.Domestic("KGZ", 2014)
		b, _, ok2 := back.Domestic("KGZ", 2022)
		if !ok || !ok2 || f.Sign() == 0 || b.Sign() == 0 {
			t.Skip("beyond the digits of a factor")
		}
		money := decimalOf(1_000_000_000_000) // a million dollars
		again := multiply(multiply(money, f), b)
		if f.LowBits() > 1_000_000_000 && b.LowBits() > 1_000_000_000 && again.Sub(money).Abs().Mul(decimalOf(10_000)).Cmp(money) > 0 {
			t.Fatalf("1000000 became %s", FormatDecimal(again, MoneyScale))
		}
		if one, _, ok := there.Domestic("KGZ", 2022); !ok || FormatDecimal(one, RateScale) != "1" {
			t.Fatalf("factor of the base year: %s", FormatDecimal(one, RateScale))
		}
	})
}

package warehouse_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	wt "hrinvest/warehouse/warehousetest"
)

// TestOtherSourcesStandBesideACountrysReport: a country's own account of all its
// HIV money contains what single payers spent there, so neither another payer
// nor the same payer of another source is added to it.
func TestOtherSourcesStandBesideACountrysReport(t *testing.T) {
	w := small()
	w["sources"] = []map[string]any{{"source": "gf", "spent": "expenditure", "authority": 1}, {"source": "iati", "spent": "sum", "authority": 2},
		{"source": "unaids", "spent": "expenditure", "authority": 4}, {"source": "sheet", "spent": "expenditure", "authority": 5}}
	w["flows"] = nil
	flow := func(year int, source, kind, funder, intervention, usd string, more ...any) {
		set := map[string]any{"flow_id": fmt.Sprint("f", len(w["flows"])), "year": year, "source": source, "kind": kind, "funder": funder, "intervention": intervention, "amount": usd, "usd": usd}
		if source == "unaids" {
			set["flags"] = "country_reported"
		}
		for i := 0; i+1 < len(more); i += 2 {
			set[more[i].(string)] = more[i+1]
		}
		w["flows"] = append(w["flows"], wt.Flow(set))
	}
	// 2014: the parts of the report count, by payer; the Global Fund's money is inside "International"
	flow(2014, "unaids", "expenditure", "Domestic public", "hiv_other", "2332484.97")
	flow(2014, "unaids", "expenditure", "International", "hiv_other", "6817017.09")
	flow(2014, "iati", "disbursement", "Global Fund", "hiv_other", "2145460.56")
	flow(2014, "iati", "disbursement", "Global Fund", "nsp", "7")                             // harm reduction stays
	flow(2014, "iati", "disbursement", "PEPFAR", "hiv_other", "3", "year_basis", "us_fiscal") // another basis is another year
	flow(2014, "iati", "disbursement", "Global Fund", "hiv_other", "4", "country", "KAZ")     // no report there
	// 2015: the payer of the report has better data elsewhere; the report's total stays whole
	flow(2015, "unaids", "expenditure", "Global Fund", "hiv_other", "10")
	flow(2015, "gf", "expenditure", "Global Fund", "hiv_other", "9")
	// 2016: the country reports a budget only, or what does not count: nothing to be inside of
	flow(2016, "unaids", "budget", "Domestic public", "hiv_other", "10")
	flow(2016, "unaids", "expenditure", "Domestic public", "hiv_other", "10", "counted", false, "excluded_by", "part_of")
	flow(2016, "iati", "disbursement", "Global Fund", "hiv_other", "5")
	// 2017: a report of harm reduction only contains no other HIV money
	flow(2017, "unaids", "expenditure", "Domestic public", "nsp", "6")
	flow(2017, "iati", "disbursement", "Global Fund", "hiv_other", "5")
	// 2018: of two reports the one with more authority counts
	flow(2018, "unaids", "expenditure", "Domestic public", "hiv_other", "20")
	flow(2018, "sheet", "expenditure", "Regions", "hiv_other", "30", "flags", "approximate country_reported")
	db := wt.Open(t, w)
	got := rowsOf(t, db, "SELECT country, year, year_basis, intervention_group, funder, source, usd, other_sources FROM best_available ORDER BY ALL")
	want := [][]string{
		{"KAZ", "2014", "calendar", "hiv_other", "Global Fund", "iati", "4.000000", ""},
		{"KGZ", "2014", "calendar", "harm_reduction", "Global Fund", "iati", "7.000000", ""},
		{"KGZ", "2014", "calendar", "hiv_other", "Domestic public", "unaids", "2332484.970000", "iati"},
		{"KGZ", "2014", "calendar", "hiv_other", "International", "unaids", "6817017.090000", "iati"},
		{"KGZ", "2014", "us_fiscal", "hiv_other", "PEPFAR", "iati", "3.000000", ""},
		{"KGZ", "2015", "calendar", "hiv_other", "Global Fund", "unaids", "10.000000", "gf"},
		{"KGZ", "2016", "calendar", "hiv_other", "Domestic public", "unaids", "10.000000", ""},
		{"KGZ", "2016", "calendar", "hiv_other", "Global Fund", "iati", "5.000000", ""},
		{"KGZ", "2017", "calendar", "harm_reduction", "Domestic public", "unaids", "6.000000", ""},
		{"KGZ", "2017", "calendar", "hiv_other", "Global Fund", "iati", "5.000000", ""},
		{"KGZ", "2018", "calendar", "hiv_other", "Domestic public", "unaids", "20.000000", "sheet"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

package warehouse_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	wt "hrinvest/warehouse/warehousetest"
)

// flowsInto adds flows to a world; those of unaids are of a country's own account,
// and the payer State is the country's own.
func flowsInto(w wt.Tables) func(year int, source, kind, funder, intervention, usd string, more ...any) {
	return func(year int, source, kind, funder, intervention, usd string, more ...any) {
		set := map[string]any{"flow_id": fmt.Sprint("f", len(w["flows"])), "year": year, "source": source, "kind": kind, "funder": funder, "intervention": intervention, "amount": usd, "usd": usd}
		if source == "unaids" {
			set["flags"] = "country_reported"
		}
		if funder == "State" {
			set["funder_type"], set["tier"] = "domestic_public", "domestic"
		}
		for i := 0; i+1 < len(more); i += 2 {
			set[more[i].(string)] = more[i+1]
		}
		w["flows"] = append(w["flows"], wt.Flow(set))
	}
}

// TestOtherSourcesStandBesideACountrysReport: a country's own account of all its
// HIV money contains what single payers spent there, so neither another payer
// nor the same payer of another source is added to it.
func TestOtherSourcesStandBesideACountrysReport(t *testing.T) {
	w := small()
	w["sources"] = []map[string]any{{"source": "gf", "spent": "expenditure", "authority": 1}, {"source": "iati", "spent": "sum", "authority": 2},
		{"source": "unaids", "spent": "expenditure", "authority": 4}, {"source": "sheet", "spent": "expenditure", "authority": 5}}
	w["flows"] = nil
	flow := flowsInto(w)
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

// TestNoDollarTwiceInAllHIVMoney: a sum over all HIV money of a country and year
// takes each dollar once: of a payer's payments and spending one, and nothing that
// a country's own account holds already.
func TestNoDollarTwiceInAllHIVMoney(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	w := small()
	w["sources"] = []map[string]any{{"source": "gf", "spent": "expenditure", "authority": 1}, {"source": "iati", "spent": "sum", "authority": 2}, {"source": "unaids", "spent": "expenditure", "authority": 4}}
	w["flows"] = nil
	flow := flowsInto(w)
	// 2014: what was paid to the grant's recipient contains what it spent on needles
	flow(2014, "gf", "disbursement", "Global Fund", "hiv_other", "800")
	flow(2014, "gf", "expenditure", "Global Fund", "nsp", "700")
	// 2015: what was paid contains what is only budgeted for needles
	flow(2015, "gf", "disbursement", "Global Fund", "hiv_other", "800")
	flow(2015, "gf", "budget", "Global Fund", "nsp", "300")
	// 2016: an account of all HIV money holds a foundation's project; the Global Fund's needles were taken out of it
	flow(2016, "unaids", "expenditure", "State", "hiv_other", "100")
	flow(2016, "unaids", "expenditure", "International", "hiv_other", "50")
	flow(2016, "unaids", "expenditure", "Global Fund", "hiv_other", "30")
	flow(2016, "unaids", "expenditure", "Global Fund", "hiv_other", "10", "counted", false, "excluded_by", "parts_elsewhere")
	flow(2016, "gf", "expenditure", "Global Fund", "nsp", "10")
	flow(2016, "iati", "disbursement", "Foundation", "nsp", "9")
	// 2017: an account of the state's own money alone holds nobody else's
	flow(2017, "unaids", "expenditure", "State", "hiv_other", "100")
	flow(2017, "iati", "disbursement", "Foundation", "nsp", "9")
	flow(2017, "iati", "disbursement", "Foundation", "hiv_other", "4")
	// 2018: an account of the money for people who inject drugs holds the Global Fund's needles, and is part of the account of all
	flow(2018, "unaids", "expenditure", "State", "unspecified_pwid", "1")
	flow(2018, "unaids", "expenditure", "International", "unspecified_pwid", "2")
	flow(2018, "gf", "expenditure", "Global Fund", "nsp", "0.7")
	flow(2018, "unaids", "expenditure", "State", "hiv_other", "40")
	flow(2018, "unaids", "expenditure", "International", "hiv_other", "20")
	db := wt.Open(t, w)
	got := rowsOf(t, db, "SELECT year, sum(usd_in_hiv_total), sum(usd) FILTER (intervention_group = 'harm_reduction') FROM best_available GROUP BY year ORDER BY year")
	want := [][]string{
		{"2014", "700.000000", "700.000000"},
		{"2015", "800.000000", "300.000000"},
		{"2016", "190.000000", "19.000000"},
		{"2017", "113.000000", "9.000000"},
		{"2018", "60.000000", "3.000000"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := rowsOf(t, db, "SELECT sum(b.usd), sum(f.usd) FROM (SELECT sum(usd) AS usd FROM best_available) b, (SELECT sum(usd) AS usd FROM best_flows) f"); got[0][0] != got[0][1] {
		t.Errorf("best_available is %s, the flows behind it %s", got[0][0], got[0][1])
	}
}

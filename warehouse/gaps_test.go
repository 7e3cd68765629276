package warehouse_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hrinvest/warehouse"
	wt "hrinvest/warehouse/warehousetest"
)

func observation(indicator, area string, year int, value string, more ...string) map[string]any {
	row := map[string]any{"indicator": indicator, "area": area, "year": year, "unit": "unit", "status": "reported", "source": "s1", "document_sha256": "abc", "origin": "bundled"}
	if value != "" {
		row["value"] = value
	}
	for i := 0; i+1 < len(more); i += 2 {
		row[more[i]] = more[i+1]
	}
	return row
}

// gapRows answers a gaps query as text: one line per row of the columns asked for.
func gapRows(t *testing.T, db *warehouse.DB, where string, columns ...string) []string {
	t.Helper()
	res, err := db.Query(t.Context(), "SELECT "+strings.Join(columns, ", ")+" FROM gaps WHERE "+where+" ORDER BY ALL")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range res.Rows {
		var line []string
		for _, v := range r {
			line = append(line, warehouse.Text(v))
		}
		out = append(out, strings.Join(line, " "))
	}
	return out
}

func TestGapsOfCoverage(t *testing.T) {
	w := small()
	w["observations"] = []map[string]any{
		observation("needles_per_pwid", "KGZ", 2017, "250"),
		observation("needles_per_pwid", "KGZ", 2018, "170"),
		observation("needles_per_pwid", "UKR", 2018, "200"), // exactly 200 is not more than 200
		observation("needles_per_pwid", "EST", 2018, "200.000000000001"),
		observation("oat_coverage", "KGZ", 2016, "4.1"),
		observation("oat_coverage", "KGZ", 2018, "4.4"),
		observation("oat_coverage", "EST", 2025, "50"),
		observation("oat_coverage", "UKR", 2025, "49", "low", "45", "high", "52"),
		observation("oat_coverage", "RUS", 2018, "0"), // a published 0 where a law forbids the service
		observation("oat_coverage", "MDA", 2018, "", "value_text", "nk", "status", "unknown"),
		observation("oat_coverage", "KGZ", 2018, "99", "subgroup", "males"),
	}
	db := wt.Open(t, w)
	for _, tt := range []struct {
		name, where string
		want        []string
	}{
		{"without a target year the latest counts", "commitment = 'NSP200' AND area = 'KGZ'", []string{"2018 170.000000 200.000000 30.000000 not_met compared"}},
		{"more than 200 is not 200", "commitment = 'NSP200' AND area = 'UKR'", []string{"2018 200.000000 200.000000 0.000000 not_met compared"}},
		{"beyond the last digit shown", "commitment = 'NSP200' AND area = 'EST'", []string{"2018 200.000000 200.000000 0.000000 met compared"}},
		{"no value", "commitment = 'NSP200' AND area = 'KAZ'", []string{"  200.000000  no_data no_observation"}},
		{"target year and every year with data", "commitment = 'GAS2021-OAT50' AND area = 'KGZ'", []string{
			"2016 4.100000 50.000000  not_comparable before_adoption",
			"2018 4.400000 50.000000 45.600000 not_met before_adoption",
			"2025  50.000000  no_data no_observation"}},
		{"at least 50 is 50", "commitment = 'GAS2021-OAT50' AND area = 'EST'", []string{"2025 50.000000 50.000000 0.000000 met compared"}},
		{"a range over the threshold", "commitment = 'GAS2021-OAT50' AND area = 'UKR'", []string{"2025 49.000000 50.000000 1.000000 not_met range_spans_threshold"}},
		{"a law is not a zero", "commitment = 'GAS2021-OAT50' AND area = 'RUS'", []string{
			"2018  50.000000  not_available_by_law law_forbids",
			"2025  50.000000  not_available_by_law law_forbids"}},
		{"published without a number", "commitment = 'TSG-OST40' AND area = 'MDA'", []string{"  40.000000  no_data no_observation"}},
		{"not bound", "commitment = 'ABUJA15' AND area = 'KGZ'", []string{"  15.000000  not_applicable not_bound"}},
		{"bound, no series", "commitment = 'PD2021-COMM80' AND area = 'KGZ'", []string{"2025  80.000000  no_data no_series"}},
		{"text without a number", "commitment = 'CND55-7' AND area = 'KGZ'", []string{"    no_number no_number_recorded"}},
		{"upper-middle income binds", "commitment = 'GF-FOCUS' AND area = 'KAZ'", []string{"  100.000000  no_data no_series"}},
		{"upper-middle income binds no other", "commitment = 'GF-FOCUS' AND area IN ('KGZ', 'EST')", []string{"  100.000000  not_applicable not_bound", "  100.000000  not_applicable not_bound"}},
		{"lower-middle income binds", "commitment = 'GF-FOCUS-LMIC' AND area = 'KGZ'", []string{"  50.000000  no_data no_series"}},
		{"lower-middle income binds no other", "commitment = 'GF-FOCUS-LMIC' AND area = 'KAZ'", []string{"  50.000000  not_applicable not_bound"}},
		{"one country's promise", "commitment = 'MDA-60'", []string{"2020  60.000000  no_data no_series"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := gapRows(t, db, tt.where, "year", "actual", "required", "gap", "verdict", "reason")
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestGapsAfrica(t *testing.T) {
	w := small()
	w["flows"] = append(w["flows"], wt.Flow(map[string]any{"flow_id": "f2", "country": "KEN"}))
	db := wt.Open(t, w)
	got := gapRows(t, db, "commitment = 'ABUJA15' AND area = 'KEN'", "verdict", "reason")
	if diff := cmp.Diff([]string{"no_data no_observation"}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestGapsReplicatesPublishedRatios: with the totals Harm Reduction International
// published, need and money in like prices give 4.9 % for 2019 and for 2022
// (HRI rounds 151 million over 2.7 billion of 2019 dollars to 6 %).
func TestGapsReplicatesPublishedRatios(t *testing.T) {
	w := small()
	w["observations"] = []map[string]any{
		observation("hri_identified_funding", "LMIC", 2016, "188000000"),
		observation("hri_identified_funding", "LMIC", 2019, "131000000"),
		observation("hri_identified_funding", "LMIC", 2022, "151000000"),
		observation("hri_identified_funding", "LMIC", 2024, "151000000"),
		observation("hri_identified_funding", "LMIC", 2026, "151000000"),
		// For 2024 there is no OECD deflator in reference/: the World Bank's stands in, for both years.
		observation("gdp_deflator", "USA", 2019, "100"), observation("gdp_deflator", "USA", 2022, "999"), observation("gdp_deflator", "USA", 2024, "120"),
	}
	db := wt.Open(t, w)
	got := gapRows(t, db, "commitment = 'NEED-PWID-2025' AND measure = 'hri_identified_funding'", "year", "funded_pct", "verdict", "reason", "price_basis")
	want := []string{
		"2016  not_comparable need_is_later 2019 USD (inferred)",
		"2019 4.8519 not_met before_target_year USD of 2019",
		"2022 4.9306 not_met before_target_year USD of 2022",
		"2024 4.6605 not_met before_target_year USD of 2024",
		"2026  not_comparable price_basis_differs USD of 2026", // no deflator
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	got = gapRows(t, db, "commitment = 'NEED-PWID-2020' AND measure = 'hri_identified_funding' AND year = 2016", "funded_pct", "verdict", "reason")
	if diff := cmp.Diff([]string{" not_comparable price_basis_not_stated"}, got); diff != "" {
		t.Errorf("a need without stated prices (-want +got)\n%s", diff)
	}
}

// TestGapsRefusesTotals: a sum over a few countries is not the total of the
// low- and middle-income countries.
func TestGapsRefusesTotals(t *testing.T) {
	w := small()
	w["flows"] = []map[string]any{
		wt.Flow(map[string]any{"flow_id": "f1", "year": 2025, "amount": "5000000000", "usd": "5000000000"}),
		wt.Flow(map[string]any{"flow_id": "f2", "year": 2025, "country": "UKR", "amount": "29000000000", "usd": "29000000000", "intervention": "hiv_other"}),
	}
	db := wt.Open(t, w)
	got := gapRows(t, db, "commitment IN ('NEED-PWID-2025', 'PD2021-FIN-29') AND area = 'LMIC'", "commitment", "year", "actual", "funded_pct", "verdict", "reason", "coverage", "n_sources")
	want := []string{
		"NEED-PWID-2025 2025   not_comparable coverage_too_low 0.0074 1",
		"PD2021-FIN-29 2025   not_comparable coverage_too_low 0.0147 1",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := gapRows(t, db, "commitment = 'PD2021-FIN-29' AND area <> 'LMIC'", "area"); got != nil {
		t.Errorf("a world total became a country's score: %v", got)
	}
	if got := gapRows(t, db, "commitment = 'GF8'", "area", "verdict", "reason"); !cmp.Equal(got, []string{"donors not_comparable pledges_by_donor"}) {
		t.Errorf("pledges: %v", got)
	}
}

// TestGapsBeforeAdoption: what a value from before a promise says is about the
// time before it. Only the newest is compared, and only while no later one is known.
func TestGapsBeforeAdoption(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	w := small()
	w["observations"] = []map[string]any{
		// adopted in March 2021 (GAS2021-OAT50, for 2025), in 2012 (TSG-OST40, without a year)
		observation("oat_coverage", "KGZ", 2016, "4.1"), observation("oat_coverage", "KGZ", 2018, "4.4", "low", "4", "high", "51"),
		observation("oat_coverage", "UKR", 2020, "60", "low", "40", "high", "70"), observation("oat_coverage", "UKR", 2021, "10"), observation("oat_coverage", "UKR", 2024, "20"),
		observation("oat_coverage", "EST", 2018, "60"), observation("oat_coverage", "EST", 2022, ""),
		observation("oat_coverage", "MDA", 2011, "41"),
		observation("oat_coverage", "KAZ", 2018, "60"),
	}
	db := wt.Open(t, w)
	got := gapRows(t, db, "commitment = 'GAS2021-OAT50' AND actual IS NOT NULL", "area", "year", "actual", "actual_low", "required", "gap", "gap_low", "verdict", "reason", "latest")
	want := []string{
		"EST 2018 60.000000  50.000000 -10.000000  met before_adoption true",
		"KAZ 2018 60.000000  50.000000 -10.000000  met before_adoption true",
		"KGZ 2016 4.100000  50.000000   not_comparable before_adoption false",
		"KGZ 2018 4.400000 4.000000 50.000000 45.600000 -1.000000 not_met before_adoption true",
		"MDA 2011 41.000000  50.000000 9.000000  not_met before_adoption true",
		"UKR 2020 60.000000 40.000000 50.000000   not_comparable before_adoption false",
		"UKR 2021 10.000000  50.000000 40.000000  not_met before_target_year false",
		"UKR 2024 20.000000  50.000000 30.000000  not_met before_target_year true",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	got = gapRows(t, db, "commitment = 'TSG-OST40' AND actual IS NOT NULL", "area", "year", "verdict", "reason")
	want = []string{"EST 2018 met compared", "KAZ 2018 met compared", "KGZ 2018 not_met range_spans_threshold", "MDA 2011 met before_adoption", "UKR 2024 not_met compared"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("an older recommendation (-want +got)\n%s", diff)
	}
	// A country is not scored by what was before the promise.
	res, err := db.Query(t.Context(), "SELECT country, n_met, n_not_met FROM country_overview WHERE country IN ('KAZ', 'MDA') ORDER BY ALL")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("[map[country:KAZ n_met:1 n_not_met:0] map[country:MDA n_met:0 n_not_met:0]]", fmt.Sprint(res.Maps())); diff != "" {
		t.Errorf("overview (-want +got)\n%s", diff)
	}
}

// TestHugeAmounts: an amount that cannot be true is a finding, not a failed build.
func TestHugeAmounts(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	const money, value = "999999999999999999.999999", "9999999999999999.999999999999" // all that the contract's columns hold
	w := small()
	w["flows"] = nil
	for i, country := range []string{"KGZ", "KGZ", "KAZ", "USA"} {
		for _, kind := range []string{"disbursement", "budget"} {
			w["flows"] = append(w["flows"], wt.Flow(map[string]any{"flow_id": fmt.Sprint(kind, i), "country": country, "year": 2025, "amount": money, "usd": money, "kind": kind}))
		}
	}
	w["observations"] = nil
	for _, indicator := range []string{"oat_coverage", "needles_per_pwid", "pwid_size"} {
		w["observations"] = append(w["observations"], observation(indicator, "KGZ", 2022, value, "low", value, "high", value), observation(indicator, "KAZ", 2022, "-"+value))
	}
	w["observations"] = append(w["observations"], observation("hri_identified_funding", "LMIC", 2022, value), observation("hri_identified_funding", "LMIC", 2024, "0.000001"),
		observation("gdp_deflator", "USA", 2019, value), observation("gdp_deflator", "USA", 2024, "0"))
	b := wt.Build(t, t.TempDir(), w)
	findings, err := b.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		if strings.HasPrefix(f.Check, "gaps") {
			t.Error(f)
		}
	}
	r, err := b.Publish(t.Context(), warehouse.Meta{})
	if err != nil {
		t.Fatal(err)
	}
	db, err := warehouse.Open(r.Path, warehouse.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	got := gapRows(t, db, "commitment = 'NEED-PWID-2025' AND measure = 'hri_identified_funding'", "year", "funded_pct", "verdict", "reason")
	want := []string{"2022 326527488.8889 met before_target_year", "2024  not_comparable price_basis_differs"} // no index is 0
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for _, name := range []string{"country_funders", "country_interventions", "country_kinds", "country_needs", "country_spending"} {
		if _, err := db.Named(t.Context(), name, map[string]any{"country": "KGZ"}); err != nil {
			t.Error(err)
		}
	}
	if _, err := db.Named(t.Context(), "kinds", nil); err != nil {
		t.Error(err)
	}
}

// TestGapsAlwaysAnswer: every commitment of the register answers, for every
// country of Eastern Europe and Central Asia too, with no data at all.
func TestGapsAlwaysAnswer(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	db := wt.Open(t, wt.Tables{})
	res, err := db.Query(t.Context(), "SELECT c.id FROM commitments c LEFT JOIN gaps g ON g.commitment = c.id WHERE g.commitment IS NULL")
	if err != nil || len(res.Rows) > 0 {
		t.Errorf("commitments without an answer: %v %v", res, err)
	}
	res, err = db.Query(t.Context(), `SELECT c.id, n.country FROM commitments c, gap_countries n
WHERE c.computability = 'country' AND c.bound = 'ALL'
EXCEPT SELECT commitment, area FROM gaps`)
	if err != nil || len(res.Rows) > 0 {
		t.Errorf("countries without an answer: %v %v", res, err)
	}
	if got := gapRows(t, db, "verdict IN ('met', 'not_met')", "commitment", "area"); got != nil {
		t.Errorf("verdicts without data: %v", got)
	}
	if n := len(gapRows(t, db, "area = 'KGZ'", "commitment")); n < 25 {
		t.Errorf("%d answers for a country", n)
	}
}

func TestNeeds(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	w := small()
	w["observations"] = []map[string]any{observation("pwid_size", "KAZ", 2025, "79900")}
	db := wt.Open(t, w)
	res, err := db.Named(t.Context(), "country_needs", map[string]any{"country": "KAZ"})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, r := range res.Maps() {
		got[fmt.Sprint(r["method"])] = fmt.Sprintf("%s %s %s", warehouse.Text(r["low"]), warehouse.Text(r["central"]), warehouse.Text(r["high"]))
	}
	// 79,900 people: top-down 17.3 million, bottom-up 14.6 to 52.5 million.
	want := map[string]string{
		"bottom_up": "14609715.000000  52475523.500000",
		"top_down":  " 17258400.000000 ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

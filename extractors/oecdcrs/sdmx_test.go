package oecdcrs

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hrinvest/extractors"
	"hrinvest/extractors/extractorstest"
)

// One sum a row: activities at current prices in dollars are disclosed; sums over
// activities, constant prices and other units are counted.
func TestAnswer(t *testing.T) {
	doc := extractorstest.Doc(roleSDMX, "answer.csv", answers(
		answer("FLOW_TYPE", "C", "OBS_VALUE", "0.5"), answer(),
		answer("PRICE_BASE", "Q", "BASE_PER", "2024"), answer("PRICE_BASE", "D"), answer("PRICE_BASE", "N"),
		answer("UNIT_MEASURE", "XDC"), answer("FLOW_TYPE", "G"), answer("MEASURE", "100"),
		answer("MD_DIM", "_T", "MD_ID", "_T", "CHANNEL", "_T", "MODALITY", "_T", "DONOR", "ALLD"), answer("MD_ID", ""),
		answer("SECTOR", "16040"), answer("SECTOR", "12220"), answer("SECTOR", "15160", "LONG_DESCRIPTION", "people who use drugs, \"harm\"\nreduction"),
		answer("UNIT_MULT", "0", "OBS_VALUE", "87207", "MD_ID", "2"), answer("UNIT_MULT", "x", "MD_ID", "3"), answer("UNIT_MULT", "", "MD_ID", "4"),
	))
	s := parse(t, doc)
	var got []string
	for _, d := range s.Disclosures {
		got = append(got, d.Sectors[0].Code+" "+string(d.Kind)+" "+d.Amount+" "+strings.Join(d.Flags, " "))
	}
	want := map[string]int{
		"13040 commitment 500000 in_millions bi_multi:1": 1, "13040 disbursement 87207 in_millions bi_multi:1": 2, "13040 disbursement 87207 bi_multi:1": 1,
		"15160 disbursement 87207 in_millions bi_multi:1 scope_by_words": 1,
	}
	count := map[string]int{}
	for _, g := range got {
		count[g]++
	}
	if diff := cmp.Diff(want, count); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]int{
		skipConstant: 2, skipPrices: 1, skipUnit: 1, skipFlowType: 1, skipAggregate: 3, skipPurpose: 1, skipWords: 1,
	}, s.reasons); diff != "" {
		t.Error(diff)
	}
	if len(s.Problems) != 1 || !strings.Contains(s.Problems[0].Reason, `unit multiplier "x"`) {
		t.Errorf("problems = %+v", s.Problems)
	}
	d := s.Disclosures[0]
	if d.Places[0] != (extractors.Share{Vocabulary: "iso3", Code: "KGZ", Name: "Kyrgyzstan"}) || d.Parties[0].Name != "Germany" || d.Group != "5/2021000017" {
		t.Errorf("%+v", d)
	}
	if raw := string(d.Raw); !strings.Contains(raw, `"OBS_VALUE":`) || !strings.Contains(raw, `"DONOR_AGENCY":"DEU_2"`) || strings.Contains(raw, "_Z") {
		t.Errorf("quoted %s", raw)
	}
}

// Codes of the interface and of the files are the same donor.
func TestDonorOfTheInterface(t *testing.T) {
	s := parse(t, extractorstest.Doc(roleSDMX, "answer.csv", answers(answer("DONOR", "9OTH012", "Donor", "Global Fund", "BIMULTI_CODE", "4"))))
	d := s.Disclosures[0]
	if d.Parties[0].Ref != "47045" || d.Parties[0].Type != "multilateral" || !strings.HasPrefix(d.Key, "1312|") || !strings.HasPrefix(d.Group, "1312/") {
		t.Errorf("%+v", d)
	}
}

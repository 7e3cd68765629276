package oecdcrs

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hrinvest/extractors"
)

// Recipients that are no country are regions, whatever the file calls them.
func TestPlaces(t *testing.T) {
	for in, want := range map[[2]string]extractors.Share{
		{"614", "Kyrgyzstan"}:                          {Vocabulary: "dac", Code: "614", Name: "Kyrgyzstan"},
		{"89", "Europe, regional"}:                     {Vocabulary: "region", Code: "89", Name: "Europe, regional"},
		{"289", "South of Sahara, regional"}:           {Vocabulary: "region", Code: "289", Name: "South of Sahara, regional"},
		{"289", "Sub-Saharan Africa unspecified"}:      {Vocabulary: "region", Code: "289", Name: "Sub-Saharan Africa unspecified"},
		{"298", "Africa, regional"}:                    {Vocabulary: "region", Code: "298", Name: "Africa, regional"},
		{"998", "Developing countries, unspecified"}:   {Vocabulary: "region", Code: "998", Name: "Developing countries, unspecified"},
		{"9998", "Developing countries unspecified"}:   {Vocabulary: "region", Code: "998", Name: "Developing countries unspecified"},
		{"6790", "Southern Asia unspecified"}:          {Vocabulary: "region", Code: "679", Name: "Southern Asia unspecified"},
		{"7777", "Somewhere unspecified"}:              {Vocabulary: "region", Code: "7777", Name: "Somewhere unspecified"},
		{"UKR", "Ukraine"}:                             {Vocabulary: "iso3", Code: "UKR", Name: "Ukraine"},
		{"XKV", "Kosovo"}:                              {Vocabulary: "iso3", Code: "XKV", Name: "Kosovo"},
		{"F6_X", "South of Sahara, regional"}:          {Vocabulary: "region", Code: "289", Name: "South of Sahara, regional"},
		{"DPGC_X", "Developing countries unspecified"}: {Vocabulary: "region", Code: "998", Name: "Developing countries unspecified"},
		{"860", "Micronesia"}:                          {Vocabulary: "dac", Code: "860", Name: "Micronesia"},
	} {
		d := one(t, extractors.Disbursement, grant("RecipientCode", in[0], "RecipientName", in[1]))
		if diff := cmp.Diff([]extractors.Share{want}, d.Places); diff != "" {
			t.Errorf("%q: %s", in, diff)
		}
	}
}

// The way of the money can be told: donors' core money, multilaterals' outflows,
// money through a channel.
func TestWayOfTheMoney(t *testing.T) {
	for name, c := range map[string]struct {
		report  report
		flags   string
		parties []extractors.Party
	}{
		"outflow of the Global Fund": {
			grant("DonorCode", "1312", "DonorName", "Global Fund", "Bi_Multi", "4", "ChannelCode", "12000", "ChannelName", "Recipient Government"),
			"in_millions bi_multi:4 multilateral_outflow",
			[]extractors.Party{{Role: extractors.Funder, Ref: "47045", Name: "Global Fund", Type: "multilateral"}, {Role: extractors.Channel, Name: "Recipient Government"}},
		},
		"core money to the Global Fund": {
			grant("DonorCode", "4", "DonorName", "France", "Bi_Multi", "2", "ChannelCode", "47045", "ChannelName", "Global Fund"),
			"in_millions bi_multi:2 core_contribution",
			[]extractors.Party{{Role: extractors.Funder, Name: "France", Type: "bilateral"}, {Role: extractors.Channel, Ref: "XM-DAC-47045", Name: "Global Fund"}},
		},
		"core money to Unitaid": {
			grant("DonorCode", "4", "DonorName", "France", "Bi_Multi", "3", "ChannelCode", "30010", "ChannelName", "Unitaid"),
			"in_millions bi_multi:3 core_contribution",
			[]extractors.Party{{Role: extractors.Funder, Name: "France", Type: "bilateral"}, {Role: extractors.Channel, Ref: "XM-DAC-30010", Name: "Unitaid"}},
		},
		"core money to an NGO": {
			grant("Bi_Multi", "3", "ChannelCode", "21029", "ChannelName", "Médecins Sans Frontières"),
			"in_millions bi_multi:3",
			[]extractors.Party{{Role: extractors.Funder, Name: "Germany", Type: "bilateral"}, {Role: extractors.Channel, Ref: "XM-DAC-21029", Name: "Médecins Sans Frontières"}},
		},
		"earmarked through UNAIDS": {
			grant("ChannelCode", "41110", "ChannelName", "UNAIDS", "ChannelReportedName", "UNAIDS Kyrgyzstan"),
			"in_millions bi_multi:1",
			[]extractors.Party{
				{Role: extractors.Funder, Name: "Germany", Type: "bilateral"}, {Role: extractors.Channel, Ref: "XM-DAC-41110", Name: "UNAIDS"},
				{Role: extractors.Implementing, Name: "UNAIDS Kyrgyzstan"},
			},
		},
		"a foundation, no channel": {
			grant("DonorCode", "1643", "DonorName", "Open Society Foundations", "Bi_Multi", "6", "FlowCode", "30", "ChannelCode", "0", "ChannelName", ""),
			"in_millions bi_multi:6 crs_flow:30",
			[]extractors.Party{{Role: extractors.Funder, Ref: "9PRIV1643", Name: "Open Society Foundations", Type: "philanthropic"}},
		},
		"a donor that is not in the list": {
			grant("DonorCode", "7777", "DonorName", "Newcomer", "ChannelCode", "", "ChannelName", ""),
			"in_millions bi_multi:1 donor_not_in_codelist",
			[]extractors.Party{{Role: extractors.Funder, Name: "Newcomer", Type: "unknown"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := one(t, extractors.Disbursement, c.report)
			if got := strings.Join(d.Flags, " "); got != c.flags {
				t.Errorf("flags = %q, want %q", got, c.flags)
			}
			if diff := cmp.Diff(c.parties, d.Parties); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Contacts of persons do not leave the extractor.
func TestNoContacts(t *testing.T) {
	s := parse(t, textDoc(grant(
		"LongDescription", "Ask jane.doe@example.org or call +49 30 1234567, Tel: 030/123 45 67. Telemedicine 2010-2015 12 sites, US$ 1000000.",
		"ChannelReportedName", "Invented Centre (info@centre.example)", "ProjectTitle", "Activity, contact x@y.example",
	), grant("USD_Commitment", "?", "LongDescription", "jane.doe@example.org")))
	all, err := json.Marshal(struct {
		D []extractors.Disclosure
		P []extractors.Problem
	}{s.Disclosures, s.Problems})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range s.Disclosures {
		all = append(all, d.Raw...)
	}
	for _, p := range s.Problems {
		all = append(all, p.Raw...)
	}
	for _, bad := range []string{"jane.doe", "info@", "x@y", "1234567", "123 45 67"} {
		if strings.Contains(string(all), bad) {
			t.Errorf("%q left the extractor", bad)
		}
	}
	for _, good := range []string{"Telemedicine 2010-2015 12 sites", "US$ 1000000"} {
		if !strings.Contains(string(all), good) {
			t.Errorf("%q was removed", good)
		}
	}
}

package ocds

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hrinvest/extractors"
	"hrinvest/extractors/extractorstest"
	"hrinvest/extractors/fetch"
)

func TestSource(t *testing.T) { extractorstest.Run(t, New(Config{})) }

// The notices of these tests are invented: numbers of processes, firms and figures
// do not exist.
const (
	oat       = "UA-2099-01-15-000001-a"
	ocidOf    = "ocds-be6bcu-" + oat
	methadone = `{"id":"i1","description":"Метадону гідрохлорид 25 мг","quantity":1000,"classification":{"scheme":"ДК021","id":"33600000-6"},"additionalClassifications":[{"scheme":"INN","id":"methadone"},{"scheme":"ATC","id":"N07BC02"}]}`
	bupre     = `{"id":"i2","description":"Бупренорфін 8 мг","quantity":10,"classification":{"scheme":"ДК021","id":"33600000-6"},"additionalClassifications":[{"scheme":"INN","id":"buprenorphine"},{"scheme":"ATC","id":"N07BC01"}]}`
	nalox     = `{"id":"i3","description":"Налоксон 0,4 мг/мл","quantity":5,"classification":{"scheme":"ДК021","id":"33600000-6"},"additionalClassifications":[{"scheme":"ATC","id":"V03AB15"}]}`
	aspirin   = `{"id":"i4","description":"Ацетилсаліцилова кислота","quantity":20,"classification":{"scheme":"ДК021","id":"33600000-6"},"additionalClassifications":[{"scheme":"ATC","id":"B01AC06"}]}`
	signed    = `"status":"active","value":{"amount":1250000.50,"currency":"UAH","valueAddedTaxIncluded":true},"dateSigned":"2099-03-01T10:00:00+02:00","period":{"startDate":"2099-03-01T00:00:00+02:00","endDate":"2100-12-31T23:59:59+02:00"}`
)

// release writes a release of the process of these tests.
func release(date string, members ...string) string {
	return fmt.Sprintf(`{"ocid":%q,"id":"r-%s","date":%q,"tag":["contract"],%s}`, ocidOf, date, date, strings.Join(members, ","))
}

func tender(items ...string) string {
	return `"tender":{"id":"x","tenderID":"` + oat + `","title":"Ліки для лікування залежності","value":{"amount":9999999,"currency":"UAH"},` +
		`"procuringEntity":{"name":"Центр закупівель","identifier":{"scheme":"UA-EDR","id":"12345678"}},"items":[` + strings.Join(items, ",") + `]}`
}

func contracts(list ...string) string { return `"contracts":[` + strings.Join(list, ",") + `]` }

func packageOf(releases ...string) string {
	return `{"releases":[` + strings.Join(releases, ",") + `]}`
}

const later = "2099-04-01T00:00:00+03:00"

func parse(t testing.TB, cfg Config, bodies ...string) *extractorstest.Result {
	t.Helper()
	var docs []fetch.Document
	for i, b := range bodies {
		docs = append(docs, extractorstest.Doc(roleNotices, fmt.Sprintf("notice-%d.json", i), []byte(b)))
	}
	r := extractorstest.Parse(t, New(cfg), docs...)
	extractorstest.Check(t, r, nil)
	return r
}

// loaded are the statements that count.
func loaded(r *extractorstest.Result) (out []extractors.Disclosure) {
	for _, d := range r.Disclosures {
		if d.OutOfScope == "" {
			out = append(out, d)
		}
	}
	return out
}

func TestRole(t *testing.T) {
	for _, c := range []struct {
		name, head string
		want       string
	}{
		{"a.json", packageOf(release(later, tender())), roleNotices},
		{"a.json", `{"uri":"x","records":[{"ocid":"a"}]}`, roleNotices},
		{"a.json", "\ufeff {\"data\":{\"tenderID\":\"UA-2099-01-15-000001-a\"}}", roleNotices},
		{"a.json", `{"data":{"contractID":"UA-2099-01-15-000001-a-a1"}}`, roleNotices},
		{"ocds-2024.json", `<html>`, roleNotices},
		{"a.json", `{"value":[{"donor":1}]}`, ""},
		{"a.json", `{}`, ""},
		{"a.csv", `"ocid":1`, ""},
		{"0981.json", `{"_id": "1", "criteria": [{"requirementGroups": [{"description": "for pages"}]}]`, roleNotices},
	} {
		if got := New(Config{}).Role(c.name, []byte(c.head)); got != c.want {
			t.Errorf("Role(%s, %s) = %q", c.name, c.head, got)
		}
	}
}

// Every part that cannot be used is refused where it stands, with the reason.
func TestFaults(t *testing.T) {
	for body, want := range map[string]string{
		``:                               "/: the document is empty",
		`,`:                              "/: it is not JSON: byte 1 cannot stand there",
		`{"releases":[{"ocid":`:          "/: the JSON breaks off after 21 bytes",
		`{} {}`:                          "/: more follows after the JSON, from byte 4",
		`{}`:                             "/: it holds no release, record, or tender of Prozorro",
		`[]`:                             "/: it holds no release, record, or tender of Prozorro",
		`{"name":"Error","message":"x"}`: "/: it is an error message of the portal",
		`{"data":[{"id":"x","dateModified":"2099-01-01"}],"next_page":{"offset":"1"}}`: "/: it lists processes and says nothing of them: hand over their own documents",
		`{"data":{"id":"x"}}`:                                                                   "/data: it has neither a tenderID nor a contractID: which tender it is about cannot be told",
		`{"releases":[7]}`:                                                                      "/releases/0: it is no release",
		`{"releases":[{"id":"x"}]}`:                                                             "/releases/0: the release has no ocid: which process it is about cannot be told",
		`{"records":[{"ocid":"a","releases":[]}]}`:                                              "/records/0: the record holds no release",
		`{"records":[{"ocid":"a","compiledRelease":[]}]}`:                                       "/records/0: the record holds no release",
		`{"records":[{"ocid":"a","releases":[{"url":"u"}]}]}`:                                   "/records/0: the record holds no release, only links to 1: hand over the package with compiled releases",
		packageOf(release(later, tender(methadone), contracts(`{`+signed+`}`))):                 "/releases/0/contracts/0: an award or contract without an id cannot be told from others of the process",
		packageOf(release(later, tender(methadone), contracts(`{"id":"c","status":"active"}`))): "/releases/0/contracts/0: the value of the contract is not published",
		packageOf(release(later, tender(methadone), contracts(`{"id":"c","status":"active","value":{"amount":5}}`))): `/releases/0/contracts/0: the amount "5" has no currency`,
	} {
		var got []string
		r := parse(t, Config{}, body)
		for _, p := range r.Problems {
			got = append(got, p.Locator+": "+p.Reason)
		}
		if !slices.Equal(got, []string{want}) || len(loaded(r)) > 0 {
			t.Errorf("%.60s\ngot  %q\nwant %q", body, got, want)
		}
	}
}

// A contract leaves as published, with nothing computed.
func TestContract(t *testing.T) {
	r := parse(t, Config{}, packageOf(release(later, tender(methadone, bupre), `"awards":[{"id":"a1","status":"active","value":{"amount":7,"currency":"UAH"},"suppliers":[{"name":"ТОВ Ліки","identifier":{"scheme":"UA-EDR","id":"87654321"}}]}]`,
		contracts(`{"id":"c1","awardID":"a1","contractID":"`+oat+`-a1",`+signed+`}`))))
	if len(r.Disclosures) != 1 || r.Parsed() != 1 {
		t.Fatalf("%d statements: %+v", r.Parsed(), r)
	}
	got := r.Disclosures[0]
	raw := map[string]any{}
	if err := json.Unmarshal(got.Raw, &raw); err != nil {
		t.Fatal(err)
	}
	if raw["procurement_id"] != oat || raw["contract_number"] != oat+"-a1" || raw["value_added_tax_included"] != "true" || raw["date_signed"] != "2099-03-01T10:00:00+02:00" {
		t.Errorf("raw %s", got.Raw)
	}
	got.Raw = nil
	want := extractors.Disclosure{
		Document: got.Document, Locator: "/releases/0/contracts/0", URL: "https://prozorro.gov.ua/tender/" + oat,
		Key: oat + "/contracts/c1", Group: oat, ActivityID: oat, LinkIDs: []string{oat}, Title: "Ліки для лікування залежності",
		Texts: []extractors.Text{{Text: "Метадону гідрохлорид 25 мг; Бупренорфін 8 мг", OfStatement: true}},
		Kind:  extractors.Contract, Amount: "1250000.50", Currency: "UAH",
		PeriodStart: "2099-03-01T00:00:00+02:00", PeriodEnd: "2100-12-31T23:59:59+02:00", ValueDate: "2099-03-01T10:00:00+02:00",
		Parties: []extractors.Party{
			{Role: extractors.Funder, Name: "Domestic public", Type: "domestic_public", Domestic: true},
			{Role: extractors.Channel, Ref: "UA-EDR-12345678", Name: "Центр закупівель"},
			{Role: extractors.Receiver, Ref: "UA-EDR-87654321", Name: "ТОВ Ліки"},
		},
		Places: []extractors.Share{{Vocabulary: "iso3", Code: "UKR"}},
		Codes: []extractors.Code{
			{Scheme: "atc", Code: "N07BC02"}, {Scheme: "atc", Code: "N07BC01"}, {Scheme: "inn", Code: "methadone"}, {Scheme: "inn", Code: "buprenorphine"}, {Scheme: "cpv", Code: "33600000-6"},
		},
		Flags: []string{"includes_vat"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// What counts, and why the rest does not.
func TestStatus(t *testing.T) {
	value := `"value":{"amount":5,"currency":"UAH"}`
	for contract, want := range map[string]string{
		`"status":"active"`:                              "",
		`"status":"terminated"`:                          "",
		`"dateSigned":"2099-03-01"`:                      "",
		`"status":"pending"`:                             notSigned,
		`"status":"pending.winner-signing"`:              notSigned,
		`"status":"cancelled"`:                           cancelled,
		`"status":"aliquid"`:                             unknownState,
		`"title":"x"`:                                    unknownState,
		`"status":"cancelled","dateSigned":"2099-03-01"`: cancelled,
	} {
		r := parse(t, Config{}, packageOf(release(later, tender(methadone), contracts(`{"id":"c",`+contract+`,`+value+`}`))))
		if len(r.Disclosures) != 1 || r.Disclosures[0].OutOfScope != want {
			t.Errorf("%s: %+v, want %q", contract, r.Disclosures, want)
		}
	}
	for awards, want := range map[string]string{
		`"awards":[]`: notAwarded,
		`"awards":[{"id":"a","status":"active",` + value + `}]`:       awardOnly,
		`"awards":[{"id":"a","status":"unsuccessful",` + value + `}]`: awardLost,
	} {
		r := parse(t, Config{}, packageOf(release(later, tender(methadone), awards)))
		if len(r.Disclosures) != 1 || r.Disclosures[0].OutOfScope != want {
			t.Errorf("%s: %+v, want %q", awards, r.Disclosures, want)
		}
		if strings.Contains(fmt.Sprint(r.Disclosures), "9999999") {
			t.Errorf("%s: what it was expected to cost is stated", awards)
		}
	}
	test := `{"data":{"id":"0123456789abcdef0123456789abcdef","mode":"test","tenderID":"` + oat + `","title":"метадон","contracts":[{"id":"c","status":"active",` + value + `}]}}`
	if r := parse(t, Config{}, test); len(r.Disclosures) != 1 || r.Disclosures[0].OutOfScope != exercise {
		t.Errorf("%+v", r)
	}
}

// One contract in many notices is one, as the latest has it: in releases of each
// lot, in a record beside its releases, in Prozorro's own form, in the contract's own
// document.
func TestOnce(t *testing.T) {
	lot := func(id, date, amount string) string {
		return strings.Replace(release(date, tender(methadone), contracts(`{"id":"c1","status":"active","value":{"amount":`+amount+`,"currency":"UAH"},"dateSigned":"2099-03-01"}`)), `"id":"r-`, `"id":"0123-`+id+`-`, 1)
	}
	early := "2099-02-01T00:00:00+02:00"
	native := `{"data":{"id":"0123456789abcdef0123456789abcdef","tenderID":"` + oat + `","dateModified":"2099-05-01T00:00:00+03:00","title":"Ліки","items":[` + methadone + `],"contracts":[{"id":"c1","status":"active","value":{"amount":7,"currency":"UAH"}}]}}`
	own := `{"data":{"id":"c1","contractID":"` + oat + `-a1","status":"terminated","dateModified":"2099-06-01T00:00:00+03:00","value":{"amount":8,"currency":"UAH"},"period":{"startDate":"2099-03-01","endDate":"2099-12-31"}}}`
	for name, c := range map[string]struct {
		bodies     []string
		amount, at string
		flags      string
	}{
		"releases of lots": {[]string{packageOf(lot("l1", later, "6"), lot("l2", later, "6"))}, "6", "/releases/1/contracts/0", ""},
		"the later counts": {[]string{packageOf(lot("l1", later, "6"), lot("l1", early, "5"))}, "6", "/releases/0/contracts/0", ""},
		"two documents":    {[]string{packageOf(lot("l1", later, "6")), packageOf(lot("l1", early, "5"))}, "6", "/releases/0/contracts/0", ""},
		"record":           {[]string{`{"records":[{"ocid":"` + ocidOf + `","releases":[` + lot("l1", early, "5") + `],"compiledRelease":` + lot("l1", early, "6") + `}]}`}, "6", "/records/0/compiledRelease/contracts/0", ""},
		"one release":      {[]string{lot("l1", early, "5")}, "5", "/contracts/0", ""},
		"its own form":     {[]string{native, packageOf(lot("l1", early, "5"))}, "7", "/data/contracts/0", ""},
		"the contract's":   {[]string{own, native}, "8", "/data", "contract_ended"},
	} {
		r := parse(t, Config{}, c.bodies...)
		if len(r.Disclosures) != 1 || r.Parsed() != 1 {
			t.Errorf("%s: %d statements", name, r.Parsed())
			continue
		}
		if d := r.Disclosures[0]; d.Amount != c.amount || d.Locator != c.at || strings.Join(d.Flags, " ") != c.flags || d.Codes[0].Code != "N07BC02" {
			t.Errorf("%s: %s at %s, flags %q, codes %v", name, d.Amount, d.Locator, d.Flags, d.Codes)
		}
	}
}

// Money is spread over a period only where a whole one is published.
func TestDates(t *testing.T) {
	for contract, want := range map[string][4]string{
		`"dateSigned":"2099-03-01"`:                                                            {"2099-03-01", "", "", ""},
		`"dateSigned":"2099-03-01","period":{"startDate":"2099-04-01"}`:                        {"2099-03-01", "", "", ""},
		`"dateSigned":"2099-03-01","period":{"startDate":"2099-04-01","endDate":"2101-04-01"}`: {"", "2099-04-01", "2101-04-01", "2099-03-01"},
		`"period":{"endDate":"2101-04-01"}`:                                                    {"", "", "2101-04-01", ""},
		`"title":"x"`:                                                                          {"", "", "", ""},
	} {
		d := parse(t, Config{}, packageOf(release(later, tender(methadone), contracts(`{"id":"c","status":"active","value":{"amount":5,"currency":"UAH"},`+contract+`}`)))).Disclosures[0]
		if got := [4]string{d.Date, d.PeriodStart, d.PeriodEnd, d.ValueDate}; got != want || d.Year != "" {
			t.Errorf("%s: %q, want %q", contract, got, want)
		}
	}
}

// Digits leave as they are written.
func TestAmounts(t *testing.T) {
	for _, amount := range []string{"500.0", "1e3", "0.10", "123456789012345678.99", `"77.70"`, "0", "-5"} {
		d := parse(t, Config{}, packageOf(release(later, tender(methadone), contracts(`{"id":"c","status":"active","value":{"amount":`+amount+`,"currency":"UAH"}}`)))).Disclosures[0]
		if d.Amount != strings.Trim(amount, `"`) {
			t.Errorf("%s became %s", amount, d.Amount)
		}
	}
}

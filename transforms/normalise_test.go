package transforms

import (
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/google/go-cmp/cmp"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
)

// normalised runs statements of sources through a whole Normaliser and returns
// the named columns of flows and disclosures, rows joined by " | ".
type normalised struct{ flows, disclosures []string }

type statementsOf struct {
	info extractors.Info
	ds   []extractors.Disclosure
}

var document = fetch.Document{SHA256: "d0", URL: "https://example.org/d0", Origin: fetch.Given}

func normalise(t *testing.T, cfg Config, flowCols, disclosureCols []string, sources ...statementsOf) normalised {
	t.Helper()
	cfg.Dir = t.TempDir()
	n, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, src := range sources {
		sink := n.Source(src.info, extractors.Set{document})
		for _, d := range src.ds {
			d.Document = document.SHA256
			if d.Group == "" {
				d.Group = d.Key
			}
			if d.Locator == "" {
				d.Locator = d.Key
			}
			if err := sink.Disclose(d); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := sink.Close(); err != nil {
			t.Fatal(err)
		}
	}
	tables, err := n.Finish()
	if err != nil {
		t.Fatal(err)
	}
	defer tables.Release()
	return normalised{cells(t, tables.Flows, flowCols), cells(t, tables.Disclosures, disclosureCols)}
}

func cells(t *testing.T, r array.RecordReader, cols []string) []string {
	t.Helper()
	var out []string
	for r.Next() {
		rec := r.Record()
		for i := range int(rec.NumRows()) {
			var row []string
			for _, c := range cols {
				at := rec.Schema().FieldIndices(c)
				if len(at) != 1 {
					t.Fatalf("no column %s", c)
				}
				v := rec.Column(at[0]).ValueStr(i)
				if strings.Contains(v, ".") && strings.Trim(v, "-0123456789.") == "" {
					v = strings.TrimRight(strings.TrimRight(v, "0"), ".")
				}
				row = append(row, v)
			}
			out = append(out, strings.Join(row, " | "))
		}
	}
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

var (
	globalFund = extractors.Info{ID: "globalfund", Publisher: "The Global Fund", Kind: extractors.Money, Authority: 1}
	iatiInfo   = extractors.Info{ID: "iati", Publisher: "IATI", Kind: extractors.Money, Authority: 2}
	sheet      = extractors.Info{ID: "evidence", Publisher: "HRI", Kind: extractors.Money, Authority: 5}
)

// The seed project: the total counts once, the consortium member's first year
// is a part of it and is not added.
func TestSeedProjectCountsOnce(t *testing.T) {
	funder := []extractors.Party{{Role: extractors.Funder, Name: "Robert Carr civil society Networks Fund"}}
	got := normalise(t, Config{}, []string{"amount", "usd", "year", "country", "region", "funder", "funder_type", "intervention", "counted", "excluded_by"},
		[]string{"amount_published", "outcome"},
		statementsOf{sheet, []extractors.Disclosure{
			{Key: "total", Group: "p", Kind: extractors.Budget, Amount: "1455000", Currency: "USD", PeriodStart: "2016-01-01", PeriodEnd: "2018-12-31", Parties: funder,
				Codes: []extractors.Code{{Scheme: "hrinvest", Code: "advocacy"}}},
			{Key: "ehrn", Group: "p", PartOf: "total", Kind: extractors.Budget, Amount: "86454.2", Currency: "USD", PeriodStart: "2016-01-01", PeriodEnd: "2016-12-31", Parties: funder,
				Places: []extractors.Share{{Vocabulary: "region", Name: "Eastern Europe and Central Asia"}}, Codes: []extractors.Code{{Scheme: "hrinvest", Code: "advocacy"}}},
		}})
	if len(got.flows) != 4 {
		t.Fatalf("%d flows, want 4: %v", len(got.flows), got.flows)
	}
	for i, y := range []string{"2016", "2017", "2018"} {
		if !strings.Contains(got.flows[i], "| "+y+" | (null) | (null) | Robert Carr Fund | philanthropic | advocacy | true | (null)") {
			t.Errorf("flow %d = %s", i, got.flows[i])
		}
	}
	if !strings.HasPrefix(got.flows[3], "86454.2 | 86454.2 | 2016 | (null) | EECA | Robert Carr Fund") || !strings.HasSuffix(got.flows[3], "| false | part_of") {
		t.Errorf("part = %s", got.flows[3])
	}
	if diff := cmp.Diff([]string{"1455000 | loaded", "86454.2 | loaded"}, got.disclosures); diff != "" {
		t.Error(diff)
	}
}

func TestOverlapBetweenSources(t *testing.T) {
	budget := func(key, link, amount string) extractors.Disclosure {
		return extractors.Disclosure{Key: key, LinkIDs: []string{link}, Kind: extractors.Budget, Amount: amount, Currency: "USD", Year: "2024"}
	}
	state := extractors.Disclosure{Key: "k", Kind: extractors.Expenditure, Amount: "6900000", Currency: "USD", Year: "2014",
		Parties: []extractors.Party{{Role: extractors.Funder, Name: "Government of Kyrgyzstan", Type: "domestic_public"}},
		Places:  []extractors.Share{{Vocabulary: "iso3", Code: "KGZ"}}, Codes: []extractors.Code{{Scheme: "hrinvest", Code: "hiv_other"}}}
	unaids := state
	unaids.Amount = "6940000"
	got := normalise(t, Config{}, []string{"source", "amount", "counted", "excluded_by", "stands_for_group"}, nil,
		statementsOf{sheet, []extractors.Disclosure{state}}, // the order of sources does not matter
		statementsOf{iatiInfo, []extractors.Disclosure{budget("a", "UKR-C-AUAP04", "5"), budget("b", "UKR-C-OTHER", "7")}},
		statementsOf{globalFund, []extractors.Disclosure{budget("c", "ukr-c-auap04 ", "6")}},
		statementsOf{extractors.Info{ID: "unaids", Authority: 4}, []extractors.Disclosure{unaids}},
	)
	want := []string{
		"evidence | 6900000 | false | authority | unaids",
		"iati | 5 | false | authority | globalfund",
		"iati | 7 | true | (null) | (null)",
		"globalfund | 6 | true | (null) | (null)",
		"unaids | 6940000 | true | (null) | (null)",
	}
	if diff := cmp.Diff(want, got.flows); diff != "" {
		t.Error(diff)
	}
}

// A child that repeats its parent's budget adds nothing.
func TestRepeatedBudget(t *testing.T) {
	budget := func(id, related, amount string) extractors.Disclosure {
		return extractors.Disclosure{Key: id + amount, ActivityID: id, RelatedIDs: []string{related}, Kind: extractors.Budget, Amount: amount, Currency: "EUR",
			PeriodStart: "2016-01-01", PeriodEnd: "2016-12-31"}
	}
	got := normalise(t, Config{}, []string{"activity_id", "amount", "counted", "excluded_by", "counted_donor", "stands_for_group"}, nil,
		statementsOf{iatiInfo, []extractors.Disclosure{
			budget("PARENT", "CHILD", "1307095"), budget("CHILD", "PARENT", "1307095"), budget("CHILD", "PARENT", "70148"), budget("STRANGER", "NOBODY", "1307095")}})
	want := []string{
		"PARENT | 1307095 | true | (null) | true | (null)",
		"CHILD | 1307095 | false | repeated | false | PARENT",
		"CHILD | 70148 | true | (null) | true | (null)",
		"STRANGER | 1307095 | true | (null) | true | (null)",
	}
	if diff := cmp.Diff(want, got.flows); diff != "" {
		t.Error(diff)
	}
}

// Two partners who repeat the budget of the project they share state it once; what
// may be equal shares, of one publisher's activities or in round sums, counts.
func TestBudgetRepeatedByPartners(t *testing.T) {
	budget := func(id, reporter, amount string) extractors.Disclosure {
		return extractors.Disclosure{Key: id + amount, ActivityID: id, RelatedIDs: []string{"PROJECT"}, Kind: extractors.Budget, Amount: amount, Currency: "EUR",
			PeriodStart: "2016-01-01", PeriodEnd: "2017-12-31", Parties: []extractors.Party{{Role: extractors.Reporting, Ref: reporter}}}
	}
	got := normalise(t, Config{}, []string{"activity_id", "amount", "year", "counted", "stands_for_group"}, nil,
		statementsOf{iatiInfo, []extractors.Disclosure{
			budget("A-1", "A", "1307095"), budget("B-1", "B", "1307095"),
			budget("A-2", "A", "50001"), budget("A-3", "A", "50001"),
			budget("A-4", "A", "50000"), budget("B-4", "B", "50000")}})
	for _, f := range got.flows {
		if repeated := strings.HasPrefix(f, "B-1"); repeated != strings.HasSuffix(f, "| false | A-1") {
			t.Error(f)
		}
	}
	if len(got.flows) != 12 {
		t.Error(got.flows)
	}
}

// Received money is the provider's, or of whoever funds the activity; not of who
// received it, and not of a quarter typed where an organisation should be named.
func TestPayerOfReceivedMoney(t *testing.T) {
	party := func(role extractors.PartyRole, name string) extractors.Party {
		return extractors.Party{Role: role, Name: name}
	}
	us, donor := party(extractors.Reporting, "The Receiver"), party(extractors.Funder, "Aidsfonds Foundation")
	for _, tt := range []struct {
		name    string
		parties []extractors.Party
		want    string
	}{
		{"provider", []extractors.Party{us, donor, party(extractors.Provider, "A Ministry")}, "A Ministry"},
		{"no provider", []extractors.Party{us, donor}, "Aidsfonds Foundation"},
		{"a quarter for a provider", []extractors.Party{us, donor, party(extractors.Provider, "Q2")}, "Aidsfonds Foundation"},
		{"the receiver for a provider", []extractors.Party{us, donor, party(extractors.Provider, "The receiver")}, "Aidsfonds Foundation"},
		{"nobody", []extractors.Party{us, party(extractors.Funder, "The Receiver"), party(extractors.Provider, "Q2")}, "(null)"},
	} {
		got := normalise(t, Config{}, []string{"funder", "funder_type"}, nil, statementsOf{iatiInfo, []extractors.Disclosure{
			{Key: "a", ActivityID: "A", Kind: extractors.Incoming, Amount: "7", Currency: "USD", Date: "2016-01-01", Parties: tt.parties}}})
		if !strings.HasPrefix(got.flows[0], tt.want+" | ") {
			t.Errorf("%s: %s, want %s", tt.name, got.flows[0], tt.want)
		}
	}
}

// A financing entity is one in all statements of an activity, however short a
// payment names it.
func TestPayerIsOneWithinAnActivity(t *testing.T) {
	us := extractors.Party{Role: extractors.Reporting, Ref: "KG-NGO-1", Name: "The Receiver", Type: "22"}
	for name, parties := range map[string][]extractors.Party{
		"told":  {us, {Role: extractors.Funder, Ref: "XX-9", Name: "A Foundation", Type: "60"}, {Role: extractors.Provider, Ref: "XX-9"}},
		"named": {us, {Role: extractors.Funder, Ref: "XX-9", Name: "A Foundation", Type: "60"}, {Role: extractors.Provider, Name: "A foundation"}},
		"state": {us, {Role: extractors.Funder, Ref: "GB-GOV-1", Name: "FCDO", Type: "10"}, {Role: extractors.Provider, Ref: "GB-GOV-1"}},
		"alone": {us, {Role: extractors.Funder, Ref: "GB-GOV-1"}, {Role: extractors.Provider, Ref: "GB-GOV-1"}},
	} {
		say := func(key string, kind extractors.Kind) extractors.Disclosure {
			return extractors.Disclosure{Key: key, Group: "a", ActivityID: "A", Kind: kind, Amount: "7", Currency: "USD", Date: "2016-01-01", Parties: parties}
		}
		got := normalise(t, Config{}, []string{"funder_id", "funder_type", "funder_group"}, nil,
			statementsOf{iatiInfo, []extractors.Disclosure{say("i", extractors.Incoming), say("e", extractors.Expenditure)}})
		if got.flows[0] != got.flows[1] || strings.Contains(got.flows[0], "unknown") || strings.HasSuffix(got.flows[0], "GB-GOV-1") {
			t.Errorf("%s: %v", name, got.flows)
		}
	}
}

// A sheet knows an organisation by its name only: it is the one that IATI gives the
// name and an identifier to, if that is one, and the same money counts once.
func TestPayerKnownByNameElsewhere(t *testing.T) {
	paid := func(key, amount string, p extractors.Party) extractors.Disclosure {
		p.Role = extractors.Funder
		return extractors.Disclosure{Key: key, Kind: extractors.Expenditure, Amount: amount, Currency: "USD", Year: "2019", Parties: []extractors.Party{p},
			Places: []extractors.Share{{Vocabulary: "iso3", Code: "KGZ"}}, Codes: []extractors.Code{{Scheme: "hrinvest", Code: "nsp"}}}
	}
	got := normalise(t, Config{}, []string{"source", "funder", "funder_group", "counted"}, nil,
		statementsOf{iatiInfo, []extractors.Disclosure{
			paid("name", "1", extractors.Party{Name: "Org XX-M", Type: "60"}), // before its identifier is known: no order within a source
			paid("ref", "100", extractors.Party{Ref: "XX-M", Name: "Org XX-M", Type: "60"}),
			paid("one", "3", extractors.Party{Ref: "XX-1", Name: "Foundation", Type: "60"}),
			paid("two", "4", extractors.Party{Ref: "XX-2", Name: "Foundation", Type: "60"}),
		}},
		statementsOf{sheet, []extractors.Disclosure{
			paid("a", "100", extractors.Party{Name: "«Org XX-M»", Type: "philanthropic"}), paid("b", "5", extractors.Party{Name: "Foundation", Type: "philanthropic"}),
		}})
	want := []string{
		"iati | Org XX-M | Org XX-M | true", "iati | Org XX-M | XX-M | true", "iati | Foundation | XX-1 | true", "iati | Foundation | XX-2 | true",
		"evidence | «Org XX-M» | XX-M | false", "evidence | Foundation | Foundation | true",
	}
	if diff := cmp.Diff(want, got.flows); diff != "" {
		t.Error(diff)
	}
}

// Those who pay most are known by their Russian names too.
func TestPayersInRussian(t *testing.T) {
	o, err := NewOrganisations()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"«ПЕПФАР»": "pepfar", "USAID/ЮСАИД": "US-GOV-1", "ЮСАИД": "US-GOV-1", "ЮНЭЙДС": "XM-DAC-41110", "ПРООН": "XM-DAC-41114",
		"Глобальный фонд для борьбы со СПИДом, туберкулезом и малярией": "47045", "Фонд Роберта Карра": "rcf", "Фонд «Открытое общество»": "9PRIV1643",
		"Европейская комиссия": "XI-IATI-EC", "Государственный бюджет": "domestic_public", "США": "US-GOV",
	} {
		if got, ok := o.find(extractors.Party{Name: name}); !ok || got.id != want {
			t.Errorf("%s: %q, want %q", name, got.id, want)
		}
	}
}

// Money passed to an activity that we hold counts where it was spent, as far as the
// receiver reports it; the donor view keeps it.
func TestPassedOnMoney(t *testing.T) {
	got := normalise(t, Config{}, []string{"amount", "kind", "counted", "excluded_by", "counted_donor", "stands_for_group"}, nil,
		statementsOf{iatiInfo, []extractors.Disclosure{
			{Key: "a", ActivityID: "NL-1-A", Kind: extractors.Disbursement, Amount: "10", Currency: "USD", Date: "2015-01-01",
				Parties: []extractors.Party{{Role: extractors.Receiver, ActivityID: "NL-KVK-41207989- P-8811"}}},
			{Key: "b", ActivityID: "NL-KVK-41207989-P-8811", Kind: extractors.Expenditure, Amount: "9", Currency: "USD", Date: "2015-06-01"},
			{Key: "c", ActivityID: "NL-1-B", Kind: extractors.Disbursement, Amount: "4", Currency: "USD", Date: "2015-01-01",
				Parties: []extractors.Party{{Role: extractors.Receiver, ActivityID: "not-held"}}},
			{Key: "d", ActivityID: "AIDDATA-1", Kind: extractors.Disbursement, Amount: "3", Currency: "USD", Date: "2015-01-01", Flags: []string{"secondary_reporter"}},
		}})
	want := []string{
		"9 | disbursement | false | passed_on | true | NL-KVK-41207989- P-8811", // as much as its receiver reports
		"1 | disbursement | true | (null) | true | (null)",
		"9 | expenditure | true | (null) | true | (null)",
		"4 | disbursement | true | (null) | true | (null)",
		"3 | disbursement | false | secondary | false | (null)",
	}
	if diff := cmp.Diff(want, got.flows); diff != "" {
		t.Error(diff)
	}
}

// What a receiver reports stands for no more than itself, in one measure: 1000 passed
// on of which 5 are reported count 1000, and a commitment is no spending.
func TestPassedOnIsBounded(t *testing.T) {
	to := []extractors.Party{{Role: extractors.Receiver, ActivityID: "NGO-1"}}
	got := normalise(t, Config{}, []string{"amount", "kind", "counted", "excluded_by"}, nil,
		statementsOf{iatiInfo, []extractors.Disclosure{
			{Key: "a", ActivityID: "DON-1", Kind: extractors.Disbursement, Amount: "600", Currency: "USD", Date: "2019-01-01", Parties: to},
			{Key: "b", ActivityID: "DON-2", Kind: extractors.Disbursement, Amount: "400", Currency: "USD", Date: "2019-01-01", Parties: to},
			{Key: "c", ActivityID: "DON-1", Kind: extractors.Commitment, Amount: "900", Currency: "USD", Date: "2019-01-01", Parties: to},
			{Key: "d", ActivityID: "NGO-1", Kind: extractors.Expenditure, Amount: "5", Currency: "USD", Date: "2021-01-01"},
		}})
	want := []string{
		"3 | disbursement | false | passed_on", "597 | disbursement | true | (null)",
		"2 | disbursement | false | passed_on", "398 | disbursement | true | (null)",
		"900 | commitment | true | (null)",
		"5 | expenditure | true | (null)",
	}
	if diff := cmp.Diff(want, got.flows); diff != "" {
		t.Error(diff)
	}
}

// Ids depend on what the publisher said, not on where or when its bytes came.
func TestIDsAreStableAndUnique(t *testing.T) {
	ds := []extractors.Disclosure{
		{Key: "a", Kind: extractors.Disbursement, Amount: "1527390", Currency: "USD", Date: "2010-01-01"},
		{Key: "a", Group: "a", Kind: extractors.Disbursement, Amount: "1527390", Currency: "USD", Date: "2010-01-01"}, // two real payments alike
		{Key: "b", Kind: extractors.Disbursement, Amount: "7", Currency: "USD", PeriodStart: "2010-01-01", PeriodEnd: "2012-12-31"},
	}
	first := normalise(t, Config{}, []string{"flow_id", "disclosure_id"}, nil, statementsOf{iatiInfo, ds})
	again := normalise(t, Config{BatchRows: 2}, []string{"flow_id", "disclosure_id"}, nil, statementsOf{iatiInfo, ds})
	if diff := cmp.Diff(first, again, cmp.AllowUnexported(normalised{})); diff != "" {
		t.Error(diff)
	}
	ids := map[string]bool{}
	for _, f := range first.flows {
		ids[f] = true
	}
	if len(first.flows) != 5 || len(ids) != 5 {
		t.Errorf("%d flows with %d ids, want 5 and 5", len(first.flows), len(ids))
	}
}

// Where naming can harm, nothing that names the implementer is in any table.
func TestWithheldLeavesNoName(t *testing.T) {
	d := extractors.Disclosure{
		Key: "RUS-H-NAME", ActivityID: "RUS-H-NAME", Title: "Name of the NGO", Kind: extractors.Budget, Amount: "5", Currency: "USD", Year: "2024",
		Raw: []byte(`{"grant":"RUS-H-NAME"}`), URL: "https://example.org/RUS-H-NAME", Locator: "row 3",
		Parties: []extractors.Party{{Role: extractors.Implementing, Name: "Name of the NGO"}},
		Places:  []extractors.Share{{Vocabulary: "iso3", Code: "RUS"}},
	}
	out, bad, other := d, d, d
	out.OutOfScope = "component Malaria"
	bad.Amount = "#REF!"
	// a statement about another country that mentions the grant
	other.Key, other.Title, other.ActivityID, other.URL, other.LinkIDs = "o", "After RUS-H-NAME", "o", "", nil
	other.Places, other.Parties = []extractors.Share{{Vocabulary: "iso3", Code: "KGZ"}}, nil
	var every []string
	for _, f := range FlowSchema.Fields() {
		every = append(every, f.Name)
	}
	var all []string
	for _, f := range DisclosureSchema.Fields() {
		all = append(all, f.Name)
	}
	got := normalise(t, Config{Withheld: map[string]bool{"RUS": true}}, every, all, statementsOf{globalFund, []extractors.Disclosure{d, out, bad, other}})
	for _, row := range slices.Concat(got.flows, got.disclosures) {
		if strings.Contains(row, "NAME") || strings.Contains(row, "Name of") {
			t.Errorf("names the implementer: %s", row)
		}
	}
	if len(got.flows) != 2 || !strings.Contains(got.flows[0], "implementer_withheld") || !strings.Contains(got.flows[1], "After RUS (withheld)") {
		t.Errorf("flows = %v", got.flows)
	}
}

// National totals name nobody: nothing of them is withheld. A statement about other
// countries too is withheld with all its rows: they share what it names.
func TestWithheldOnlyWhatNames(t *testing.T) {
	total := extractors.Disclosure{Key: "t", Title: "HIV expenditure", Kind: extractors.Expenditure, Amount: "7", Currency: "USD", Year: "2014",
		Places: []extractors.Share{{Vocabulary: "iso3", Code: "RUS"}}}
	several := extractors.Disclosure{Key: "s", Title: "Tests for many countries", Kind: extractors.Budget, Amount: "100", Currency: "USD", Year: "2024",
		Parties: []extractors.Party{{Role: extractors.Implementing, Name: "A foundation"}},
		Places:  []extractors.Share{{Vocabulary: "iso3", Code: "RUS", Percentage: "1"}, {Vocabulary: "iso3", Code: "KGZ", Percentage: "99"}}}
	got := normalise(t, Config{Withheld: map[string]bool{"RUS": true}}, []string{"amount", "country", "title", "implementer", "flags"}, nil,
		statementsOf{globalFund, []extractors.Disclosure{total, several}})
	want := []string{
		"7 | RUS | HIV expenditure | (null) | (null)",
		"1 | RUS | (null) | (null) | implementer_withheld statement_withheld",
		"99 | KGZ | (null) | (null) | implementer_withheld statement_withheld",
	}
	if diff := cmp.Diff(want, got.flows); diff != "" {
		t.Error(diff)
	}
}

// A statement of an unknown document is a defect of the extractor.
func TestUnknownDocumentIsAnError(t *testing.T) {
	n, err := New(Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Source(sheet, nil).Disclose(extractors.Disclosure{Document: "x"}); err == nil {
		t.Error("no error")
	}
}

// An activity that stands in two files counts once, statement by statement: what
// only the second copy says counts too.
func TestCopiesOfAnActivity(t *testing.T) {
	say := func(group, amount string, flags ...string) extractors.Disclosure {
		return extractors.Disclosure{Key: "A/transaction", Group: group, ActivityID: "A", Kind: extractors.Disbursement, Amount: amount, Currency: "USD", Date: "2020-01-01", Flags: flags}
	}
	got := normalise(t, Config{}, []string{"amount", "counted", "excluded_by", "counted_donor"}, nil, statementsOf{iatiInfo, []extractors.Disclosure{
		say("A", "5"), say("A", "5"), say("A", "7"),
		say("A#2", "5", flagCopy), say("A#2", "5", flagCopy), say("A#2", "5", flagCopy), say("A#2", "9", flagCopy),
	}})
	want := []string{
		"5 | true | (null) | true", "5 | true | (null) | true", "7 | true | (null) | true",
		"5 | false | duplicate | false", "5 | false | duplicate | false", "5 | true | (null) | true", "9 | true | (null) | true",
	}
	if diff := cmp.Diff(want, got.flows); diff != "" {
		t.Error(diff)
	}
}

// paid is a statement of a financing entity in Kyrgyzstan in 2020.
func paid(key, intervention, amount string, changes ...func(*extractors.Disclosure)) extractors.Disclosure {
	d := extractors.Disclosure{Key: key, Group: key, Kind: extractors.Expenditure, Amount: amount, Currency: "USD", Year: "2020",
		Parties: []extractors.Party{{Role: extractors.Funder, Name: "Global Fund"}}, Places: []extractors.Share{{Vocabulary: "iso3", Code: "KGZ"}},
		Codes: []extractors.Code{{Scheme: "hrinvest", Code: intervention}}}
	for _, c := range changes {
		c(&d)
	}
	return d
}

var unaidsInfo = extractors.Info{ID: "unaids", Publisher: "UNAIDS", Kind: extractors.Money, Authority: 4}

// Parts that one source states and the whole that another states are one money:
// the parts count, and of the whole what they leave.
func TestPartsElsewhere(t *testing.T) {
	for _, tt := range []struct {
		name string
		in   []statementsOf
		want []string
	}{
		{"a part of HIV in general", []statementsOf{
			{unaidsInfo, []extractors.Disclosure{paid("w", "hiv_other", "1000")}},
			{sheet, []extractors.Disclosure{paid("p", "nsp", "150"), paid("q", "oat", "100")}},
		}, []string{
			"unaids | hiv_other | 250 | 250 | 0.25 | false | parts_elsewhere | evidence | parts",
			"unaids | hiv_other | 750 | 750 | 0.75 | true | (null) | (null) | remainder",
			"evidence | nsp | 150 | 150 | 1 | true | (null) | (null) | none",
			"evidence | oat | 100 | 100 | 1 | true | (null) | (null) | none",
		}},
		{"the parts are all of it", []statementsOf{
			{unaidsInfo, []extractors.Disclosure{paid("w", "hiv_other", "100")}},
			{sheet, []extractors.Disclosure{paid("p", "nsp", "150")}},
		}, []string{
			"unaids | hiv_other | 100 | 100 | 1 | false | parts_elsewhere | evidence | none",
			"evidence | nsp | 150 | 150 | 1 | true | (null) | (null) | none",
		}},
		{"a source that states both keeps its rest", []statementsOf{
			{unaidsInfo, []extractors.Disclosure{paid("w", "hiv_other", "850"), paid("n", "nsp", "150")}},
			{sheet, []extractors.Disclosure{paid("p", "nsp", "140")}},
		}, []string{
			"unaids | hiv_other | 850 | 850 | 1 | true | (null) | (null) | none",
			"unaids | nsp | 150 | 150 | 1 | true | (null) | (null) | none",
			"evidence | nsp | 140 | 140 | 1 | false | authority | unaids | none",
		}},
		{"services in general, some of them named elsewhere", []statementsOf{
			{globalFund, []extractors.Disclosure{paid("n", "nsp", "100")}},
			{unaidsInfo, []extractors.Disclosure{paid("u", "unspecified_pwid", "400")}},
			{sheet, []extractors.Disclosure{paid("w", "hiv_other", "1000")}},
		}, []string{
			"globalfund | nsp | 100 | 100 | 1 | true | (null) | (null) | none",
			"unaids | unspecified_pwid | 100 | 100 | 0.25 | false | parts_elsewhere | globalfund | parts",
			"unaids | unspecified_pwid | 300 | 300 | 0.75 | true | (null) | (null) | remainder",
			"evidence | hiv_other | 400 | 400 | 0.4 | false | parts_elsewhere | globalfund unaids | parts",
			"evidence | hiv_other | 600 | 600 | 0.6 | true | (null) | (null) | remainder",
		}},
		{"other years, funders, kinds and drug control are apart", []statementsOf{
			{unaidsInfo, []extractors.Disclosure{paid("w", "hiv_other", "1000")}},
			{sheet, []extractors.Disclosure{
				paid("a", "nsp", "1", func(d *extractors.Disclosure) { d.Year = "2021" }),
				paid("b", "nsp", "2", func(d *extractors.Disclosure) { d.Parties[0].Name = "Robert Carr Fund" }),
				paid("c", "nsp", "3", func(d *extractors.Disclosure) { d.Kind = extractors.Budget }),
				paid("d", "drug_control", "4")}},
		}, []string{
			"unaids | hiv_other | 1000 | 1000 | 1 | true | (null) | (null) | none",
			"evidence | nsp | 1 | 1 | 1 | true | (null) | (null) | none", "evidence | nsp | 2 | 2 | 1 | true | (null) | (null) | none",
			"evidence | nsp | 3 | 3 | 1 | true | (null) | (null) | none", "evidence | drug_control | 4 | 4 | 1 | true | (null) | (null) | none",
		}},
		{"without dollars nothing is compared", []statementsOf{
			{unaidsInfo, []extractors.Disclosure{paid("w", "hiv_other", "1000")}},
			{sheet, []extractors.Disclosure{paid("p", "nsp", "150", func(d *extractors.Disclosure) { d.Currency = "KGS" })}},
		}, []string{
			"unaids | hiv_other | 1000 | 1000 | 1 | true | (null) | (null) | none",
			"evidence | nsp | 150 | (null) | 1 | true | (null) | (null) | none",
		}},
		{"the last period only gives way to a year", []statementsOf{
			{globalFund, []extractors.Disclosure{paid("l", "hiv_other", "400", func(d *extractors.Disclosure) { d.Flags = []string{flagLatest} })}},
			{unaidsInfo, []extractors.Disclosure{paid("w", "hiv_other", "1000")}},
		}, []string{
			"globalfund | hiv_other | 400 | 400 | 1 | false | authority | unaids | none",
			"unaids | hiv_other | 1000 | 1000 | 1 | true | (null) | (null) | none",
		}},
		{"agencies of one government are one", []statementsOf{
			{extractors.Info{ID: "pepfar", Kind: extractors.Money, Authority: 1}, []extractors.Disclosure{paid("a", "hiv_other", "9", func(d *extractors.Disclosure) { d.Parties[0].Name = "PEPFAR" })}},
			{iatiInfo, []extractors.Disclosure{paid("b", "hiv_other", "8", func(d *extractors.Disclosure) {
				d.Parties[0] = extractors.Party{Role: extractors.Funder, Ref: "US-GOV-11", Type: "10"}
			})}},
		}, []string{
			"pepfar | hiv_other | 9 | 9 | 1 | true | (null) | (null) | none",
			"iati | hiv_other | 8 | 8 | 1 | false | authority | pepfar | none",
		}},
	} {
		got := normalise(t, Config{}, []string{"source", "intervention", "amount", "usd", "share", "counted", "excluded_by", "stands_for_group", "split_basis"}, nil, tt.in...)
		if diff := cmp.Diff(tt.want, got.flows); diff != "" {
			t.Errorf("%s:\n%s", tt.name, diff)
		}
	}
}

// The Global Fund's disbursements are whole in its own data and split in its IATI
// files: the split parts count, and of the whole the rest, so that both the total
// and the services are right.
func TestWholeOfAGrantSplitElsewhere(t *testing.T) {
	whole := extractors.Disclosure{Key: "d", Group: "d", LinkIDs: []string{"KGZ-H-UNDP-1"}, Kind: extractors.Disbursement, Amount: "1000", Currency: "USD", Date: "2020-03-01",
		Codes: []extractors.Code{{Scheme: "hrinvest", Code: "hiv_other"}}}
	split := extractors.Disclosure{Key: "i", Group: "i", LinkIDs: []string{"kgz-h-undp-1"}, Kind: extractors.Disbursement, Amount: "990", Currency: "USD", Date: "2020-03-02",
		Items: []extractors.Share{{Name: "HIV -> Prevention package for people who use drugs (PUD) and their sexual partners -> Needle and syringe programs for PWID", Percentage: "20"}, {Name: "HIV -> Treatment -> ART", Percentage: "80"}}}
	got := normalise(t, Config{}, []string{"source", "intervention", "amount", "counted", "excluded_by"}, nil,
		statementsOf{globalFund, []extractors.Disclosure{whole}}, statementsOf{iatiInfo, []extractors.Disclosure{split}})
	want := []string{
		"globalfund | hiv_other | 198 | false | parts_elsewhere", "globalfund | hiv_other | 802 | true | (null)",
		"iati | nsp | 198 | true | (null)", "iati | hiv_other | 792 | false | authority",
	}
	if diff := cmp.Diff(want, got.flows); diff != "" {
		t.Error(diff)
	}
}

// Contracts of one state and year are as many purchases, whichever source has them;
// one contract is told by its number.
func TestContractsAreOneByOne(t *testing.T) {
	contract := func(number, amount, intervention string) extractors.Disclosure {
		d := extractors.Disclosure{Key: number + intervention, Kind: extractors.Contract, Amount: amount, Currency: "USD", Date: "2026-02-20",
			Parties: []extractors.Party{{Role: extractors.Funder, Name: "State budget", Type: "domestic_public"}},
			Places:  []extractors.Share{{Vocabulary: "iso3", Code: "UKR"}}, Codes: []extractors.Code{{Scheme: "hrinvest", Code: intervention}}}
		if number != "" {
			d.LinkIDs = []string{number}
		}
		return d
	}
	portal := extractors.Info{ID: "ocds", Kind: extractors.Money, Authority: 1}
	got := normalise(t, Config{}, []string{"source", "intervention", "amount", "counted", "excluded_by"}, nil,
		statementsOf{portal, []extractors.Disclosure{contract("UA-1", "5", "oat"), contract("UA-2", "7", "hiv_other")}},
		statementsOf{sheet, []extractors.Disclosure{contract("", "24", "hiv_other"), contract("ua-2", "8", "hiv_other"), contract("", "6", "oat")}})
	want := []string{
		"ocds | oat | 5 | true | (null)", "ocds | hiv_other | 7 | true | (null)",
		"evidence | hiv_other | 24 | true | (null)", "evidence | hiv_other | 8 | false | authority", "evidence | oat | 6 | true | (null)",
	}
	if diff := cmp.Diff(want, got.flows); diff != "" {
		t.Error(diff)
	}
}

// A country's own money is domestic whoever in it pays.
func TestDomesticMoney(t *testing.T) {
	by := func(name, typ string, domestic bool) extractors.Disclosure {
		return extractors.Disclosure{Key: name, Kind: extractors.Expenditure, Amount: "7", Currency: "USD", Year: "2016",
			Parties: []extractors.Party{{Role: extractors.Funder, Name: name, Type: typ, Domestic: domestic}}}
	}
	got := normalise(t, Config{}, []string{"funder", "funder_type", "tier"}, nil, statementsOf{globalFund, []extractors.Disclosure{
		by("The state", "domestic_public", true), by("Companies", "private", true), by("Both", "unknown", true), by("A foreign company", "private", false)}})
	want := []string{
		"The state | domestic_public | domestic", "Companies | private | domestic", "Both | unknown | domestic", "A foreign company | private | implementer",
	}
	if diff := cmp.Diff(want, got.flows); diff != "" {
		t.Error(diff)
	}
}

// Donors' core money to a fund is theirs in the donor view and no country's; the
// fund's own outflows are then no donor's money a second time.
func TestCoreMoney(t *testing.T) {
	core := extractors.Disclosure{Key: "c", Group: "c", Kind: extractors.Incoming, Amount: "100", Currency: "USD", Cycle: "7th replenishment", Flags: []string{flagCore},
		Parties: []extractors.Party{{Role: extractors.Funder, Name: "Germany", Type: "bilateral"}, {Role: extractors.Provider, Name: "Germany", Type: "bilateral"}, {Role: extractors.Receiver, Ref: "47045", Name: "The Global Fund"}}}
	got := normalise(t, Config{}, []string{"funder", "tier", "amount", "counted", "excluded_by", "counted_donor", "excluded_by_donor"}, nil,
		statementsOf{globalFund, []extractors.Disclosure{core, paid("o", "nsp", "60")}})
	want := []string{
		"Germany | donor_to_intermediary | 100 | false | core | true | (null)",
		"Global Fund | implementer | 60 | true | (null) | false | outflow",
	}
	if diff := cmp.Diff(want, got.flows); diff != "" {
		t.Error(diff)
	}
}

// What an operator withdrew leaves its place and the reason, nothing else, and
// what stands beside it is as it was.
func TestWithdrawn(t *testing.T) {
	statements := statementsOf{globalFund, []extractors.Disclosure{paid("a", "nsp", "60"), paid("b", "oat", "40")}}
	whole := normalise(t, Config{}, []string{"disclosure_id", "intervention", "amount"}, []string{"disclosure_id", "outcome"}, statements)
	id, _, _ := strings.Cut(whole.flows[0], " | ")
	statements = statementsOf{globalFund, []extractors.Disclosure{paid("a", "nsp", "60"), paid("b", "oat", "40")}}
	got := normalise(t, Config{Withdrawn: map[string]string{id: "asked"}}, []string{"disclosure_id", "intervention", "amount"},
		[]string{"disclosure_id", "outcome", "problem", "raw", "title", "amount_published", "url"}, statements)
	if diff := cmp.Diff(whole.flows[1:], got.flows); diff != "" {
		t.Errorf("the other statement (-before +after):\n%s", diff)
	}
	want := id + ` | rejected | withdrawn: asked | {"withheld":true} | (null) | (null) | https://example.org/d0`
	if !slices.Contains(got.disclosures, want) {
		t.Errorf("got %q, want %q among them", got.disclosures, want)
	}
}

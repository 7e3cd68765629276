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

// Money passed to an activity that we hold counts where it was spent; the donor
// view keeps it.
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
		"10 | disbursement | false | passed_on | true | NL-KVK-41207989- P-8811",
		"9 | expenditure | true | (null) | true | (null)",
		"4 | disbursement | true | (null) | true | (null)",
		"3 | disbursement | false | secondary | false | (null)",
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

// National totals name nobody: nothing of them is withheld. Of a statement about
// other countries too, only the row of the withheld one loses its implementer.
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
		"1 | RUS | Tests for many countries | (null) | implementer_withheld",
		"99 | KGZ | Tests for many countries | A foundation | (null)",
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

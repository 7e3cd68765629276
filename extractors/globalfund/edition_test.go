package globalfund

import (
	"slices"
	"strings"
	"testing"

	"hrinvest/extractors"
	"hrinvest/extractors/extractorstest"
	"hrinvest/extractors/fetch/fetchtest"
)

// An unchanged night asks the probe and nothing else; a new edition asks for its
// own pages and the names its lines refer to.
func TestEditions(t *testing.T) {
	s := healthy()
	docs, net, c := fetched(t, small, s)
	if _, ok := roles(docs)[""]; ok {
		t.Errorf("documents without a role: %v", roles(docs))
	}
	net.Asked()
	again, err := net.Fetch(t, c, small, docs)
	if err != nil {
		t.Fatal(err)
	}
	if asked, _ := net.Asked(); !slices.Equal(asked, []string{probeURL}) {
		t.Errorf("the second night asked for %q", asked)
	}
	if len(again) != len(docs) {
		t.Errorf("%d documents, not %d", len(again), len(docs))
	}

	s.stamps["Disbursement_ReferenceRate"] = "2026-11-20T04:00:00Z"
	s.disbursements = 70
	docs, err = net.Fetch(t, c, small, again)
	if err != nil {
		t.Fatal(err)
	}
	asked, _ := net.Asked()
	for _, a := range asked {
		if a != probeURL && !strings.Contains(a, "Disbursement_ReferenceRate") {
			t.Errorf("a new edition of the disbursements asked for %s", a)
		}
	}
	if len(asked) != 3 {
		t.Errorf("asked for %d addresses, want the probe and two pages", len(asked))
	}
	wantKinds(t, docs, s)

	// the same time in the other form is no new edition
	s.stamps["Disbursement_ReferenceRate"] = "2026-11-20T04:00:00.000Z"
	if _, err = net.Fetch(t, c, small, docs); err != nil {
		t.Fatal(err)
	}
	if asked, _ := net.Asked(); len(asked) != 1 {
		t.Errorf("a timestamp with fractions asked for %q", asked)
	}

	s.stamps["GrantBudget_ReferenceRate"] = "2026-11-21T04:00:00Z"
	if docs, err = net.Fetch(t, c, small, docs); err != nil {
		t.Fatal(err)
	}
	asked, _ = net.Asked()
	for _, a := range asked {
		if a != probeURL && !strings.Contains(a, "GrantBudget_ReferenceRate") && !strings.Contains(a, "/ActivityAreas?") && !strings.Contains(a, "/FinancialCategories?") {
			t.Errorf("a new edition of the budgets asked for %s", a)
		}
	}
	wantKinds(t, docs, s)
}

// An edition with fewer pages: the old ones are not kept. Where another list
// fails in the same night, so that nothing is retired, they are counted, not read.
func TestShrinkingEdition(t *testing.T) {
	s := healthy()
	docs, net, c := fetched(t, small, s)
	s.stamps["GrantBudget_ReferenceRate"], s.budgets = "2026-11-20T04:00:00Z", 120
	less, err := net.Fetch(t, c, small, docs)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := roles(docs)[roleAnswer], roles(less)[roleAnswer]; a != 4 || b != 3 {
		t.Errorf("%d pages of budgets, then %d; want 4 and 3", a, b)
	}
	wantKinds(t, less, s)

	net.Break(fetchtest.Fault{Kind: fetchtest.Down, Match: "Pledges_Contributions"})
	mixed, err := net.Fetch(t, c, small, docs)
	if err != nil { // the pledges have not changed and are not asked for
		t.Fatal(err)
	}
	if len(mixed) != len(less) {
		t.Errorf("%d documents, want %d", len(mixed), len(less))
	}
	s.stamps["Pledges_Contributions"] = "2026-11-20T05:00:00Z"
	mixed, err = net.Fetch(t, c, small, docs)
	if err == nil {
		t.Fatal("a list that fails is no error")
	}
	if len(mixed) != len(docs) {
		t.Errorf("%d documents are in use, want all %d of before", len(mixed), len(docs))
	}
	wantKinds(t, mixed, s)
	r := extractorstest.Parse(t, New(), mixed...)
	if r.Skipped != 20 { // the rows of page four of the old edition
		t.Errorf("%d lines skipped, want 20", r.Skipped)
	}
}

// What is wrong is found by comparing with the last good documents too, not only
// because the emulator is smaller than the service.
func TestExpectationsCompare(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	measured := func(s *service) extractors.Measure {
		docs, _, _ := fetched(t, small, s)
		m, err := extractors.Measured(t.Context(), New(), docs)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	es, err := New().Expectations()
	if err != nil {
		t.Fatal(err)
	}
	good := measured(healthy())
	compared := func(s *service) (found []string) {
		now := measured(s)
		alone := es.Judge(now, nil)
		for _, c := range es.Judge(now, &good) {
			if !slices.Contains(alone, c) {
				found = append(found, c.What)
			}
		}
		return found
	}
	if found := compared(healthy()); len(found) > 0 {
		t.Errorf("nothing changed, and: %q", found)
	}
	for role, change := range map[string]func(*service){
		roleAnswer: func(s *service) { s.budgets = 17 }, roleDisbursements: func(s *service) { s.disbursements = 6 }, roleExpenditure: func(s *service) { s.spent = 8 },
		roleAllocations: func(s *service) { s.allocations = 4 }, rolePledges: func(s *service) { s.pledges = 4 },
	} {
		s := healthy()
		change(s)
		if found := compared(s); !slices.ContainsFunc(found, func(c string) bool { return strings.Contains(c, "of "+role) }) {
			t.Errorf("nine tenths fewer %s: %q", role, found)
		}
	}
	s := healthy()
	s.factor = 2
	found := strings.Join(compared(s), "\n")
	for _, kind := range []string{"budget", "disbursement", "expenditure", "allocation", "pledge", "incoming"} {
		if !strings.Contains(found, "the total of "+kind+" USD") {
			t.Errorf("sums that doubled: nothing about %s in %q", kind, found)
		}
	}
}

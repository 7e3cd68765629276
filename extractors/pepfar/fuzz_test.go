package pepfar

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hrinvest/extractors"
	"hrinvest/extractors/extractorstest"
)

func FuzzStructured(f *testing.F) {
	f.Add(structured(nil))
	f.Add(lines("|", "operatingunit|country|mech_code|fiscal_year|expenditure_amt", `Kenya|"A|B"|1|2021|(1,000)`))
	f.Add([]byte("operatingunit,mech_code,planning_cycle,expenditure\nTotal,1,COP20,\"1\n,2\"\n"))
	f.Fuzz(func(t *testing.T, b []byte) { holds(t, roleStructured, b) })
}

func FuzzExpenditures(f *testing.F) {
	f.Add(lines("\t", publicHead+"|2020|FY21", "Kenya|PREV|x|y|z|$1,000|(2)", "Kenya|PREV||||5|", "Kenya|||||1|1", "Total|||||1|1"))
	f.Fuzz(func(t *testing.T, b []byte) { holds(t, roleExpenditures, b) })
}

func FuzzBudgets(f *testing.F) {
	f.Add(lines("\t", codesHead+"|2012|COP18", "Asia Region|Kazakhstan|KAZ|IDUP|x|1|2", "Asia Region|Total||Total||9|9"))
	f.Fuzz(func(t *testing.T, b []byte) { holds(t, roleBudgets, b) })
}

func FuzzAmount(f *testing.F) {
	for _, s := range []string{"$1,234.50", "(70)", "-", "NaN", "1.5E7", "12,34"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		amount, reason := plainAmount(s)
		if amount != "" && reason != "" {
			t.Errorf("%q is %s and is none: %s", s, amount, reason)
		}
		if again, reason := plainAmount(amount); again != amount || reason != "" {
			t.Errorf("%q became %q, that became %q", s, amount, again)
		}
	})
}

// holds: whatever the bytes, nothing panics, the contract of the fields is kept,
// two runs agree, every amount that is disclosed is one, and every row that was
// split or not is accounted for.
func holds(t *testing.T, role string, b []byte) {
	doc := extractorstest.Doc(role, "budget.txt", b)
	if role == roleExpenditures {
		doc = extractorstest.Doc(role, "expenditures.txt", b)
	}
	New().Role(doc.Name, b)
	r := extractorstest.Parse(t, New(), doc)
	extractorstest.Check(t, r, map[string]bool{doc.SHA256: true})
	if diff := cmp.Diff(r, extractorstest.Parse(t, New(), doc)); diff != "" {
		t.Error(diff)
	}
	for _, d := range r.Disclosures {
		if amount, reason := plainAmount(d.Amount); amount != d.Amount || reason != "" || zeroText.MatchString(amount) {
			t.Errorf("%s: amount %q", d.Locator, d.Amount)
		}
	}
	if r.Parsed() == 0 && len(b) == 0 {
		t.Error("an empty file is passed over in silence")
	}
}

// BenchmarkParse reads invented rows shaped as those of the structured file: three
// statements a row.
func BenchmarkParse(b *testing.B) {
	const rows = 20_000
	var table []map[string]string
	for i := range rows {
		table = append(table, map[string]string{
			"mech_code": fmt.Sprint(80_000 + i/50), "sub_cost_category": fmt.Sprint("Category ", i%50), "expenditure_amt": fmt.Sprint(1000 + i),
		})
	}
	text := structured(table...)
	doc := extractorstest.Doc(roleStructured, "fsd.txt", text)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if err := New().Parse(b.Context(), extractors.Set{doc}, discard{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

type discard struct{}

func (discard) Disclose(extractors.Disclosure) error { return nil }
func (discard) Observe(extractors.Observation) error { return nil }
func (discard) Reject(extractors.Problem) error      { return nil }
func (discard) Skip(string, int, string) error       { return nil }

package globalfund

import (
	"math/big"
	"testing"

	"hrinvest/extractors"
	"hrinvest/extractors/extractorstest"
)

func FuzzTable(f *testing.F) {
	f.Add([]byte(download))
	f.Add([]byte("Country,ImplementationPeriodName,Module Parent Component,Module,Intervention,Total Amount,Source\nA,\"B\n,C"))
	f.Fuzz(func(t *testing.T, b []byte) { holds(t, roleBudgets, b) })
}

func FuzzAnswer(f *testing.F) {
	f.Add([]byte(answer))
	f.Add([]byte(money))
	f.Add([]byte(`{"value":[{"activityArea":{"parent":{"parent":{}}},"totalAmount":"1e5"}]}`))
	f.Add([]byte(`{"value":[{"indicatorName":"Pledge - Reference Rate","donor":{"name":"A","type":null}},{"indicatorName":"Communicated Allocation - Reference Rate","activityArea":{}}]}`))
	f.Fuzz(func(t *testing.T, b []byte) { holds(t, roleAnswer, b) })
}

// holds: whatever the bytes, nothing panics, the contract of the fields is
// kept, and every row is accounted for.
func holds(t *testing.T, role string, b []byte) {
	doc := extractorstest.Doc(role, "fuzz", b)
	New().Role("fuzz", b)
	r := extractorstest.Parse(t, New(), doc)
	extractorstest.Check(t, r, map[string]bool{doc.SHA256: true})
	var seen extractorstest.Result
	g := newGathering(&seen, &donors{})
	if err := g.read(t.Context(), extractors.Set{doc}); err != nil {
		t.Fatal(err)
	}
	want := seen.Parsed()
	for _, lines := range g.lines {
		want += len(lines)
	}
	if r.Parsed() != want {
		t.Errorf("%d statements came out of %d", r.Parsed(), want)
	}
}

// The lists of names come from outside too.
func FuzzNames(f *testing.F) {
	f.Add([]byte(`{"value":[{"id":"a","name":"x","parentId":"a"},{"id":"b","type":"Module","parent":{"name":"c","parent":null}}]}`))
	f.Add([]byte(`{"value":[{"code":"KGZ-C-UNDP","iatI_ActivityIdentifier":"47045-KGZ-C-UNDP","implementationPeriods":[{"id":"i","code":"KGZ-C-UNDPP04"}]}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var docs []extractors.Set
		for _, role := range []string{roleAreas, roleGrants, roleGeographies, roleCategories, roleDonors} {
			docs = append(docs, extractors.Set{extractorstest.Doc(role, role, b), extractorstest.Doc(roleAnswer, "lines", []byte(byID))})
		}
		for _, set := range docs {
			r := extractorstest.Parse(t, New(), set...)
			extractorstest.Check(t, r, nil)
		}
	})
}

func FuzzPlain(f *testing.F) {
	f.Add("-1.98951966012828e-13")
	f.Add("1E5")
	f.Fuzz(func(t *testing.T, s string) {
		got := plain(s)
		if scientific.MatchString(got) && got != s {
			t.Errorf("plain(%q) = %q, with an exponent", s, got)
		}
		if _, number := new(big.Rat).SetString(s); number && scientific.MatchString(s) && !samePlain(s, got) {
			t.Errorf("plain(%q) = %q, another number", s, got)
		}
	})
}

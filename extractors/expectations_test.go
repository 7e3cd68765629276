package extractors

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func expect(t *testing.T, lines ...string) Expectations {
	t.Helper()
	e, err := ReadExpectations(strings.NewReader("role,measure,field,least,change,why\n" + strings.Join(lines, "\n") + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func part(rows int, fill map[string]int, totals map[string]Total) Part {
	return Part{Rows: rows, Fill: fill, Totals: totals}
}

func TestJudge(t *testing.T) {
	e := expect(t,
		"a,rows,,50,20,why", "a,fill,amount,90,10,why", "a,total,budget,,50,why", ",total,gdp,,10,why")
	usd := func(sum int64) map[string]Total { return map[string]Total{"expenditure USD": {Rows: 100, Sum: sum}} }
	full := func(n int) map[string]int { return map[string]int{"amount": n} }
	one := func(p Part) Measure { return Measure{All: p, Roles: map[string]Part{"a": p}} }
	last := one(part(100, full(100), usd(1000)))
	for _, tt := range []struct {
		name string
		now  Measure
		last *Measure
		want []string
	}{
		{"as it was", last, &last, nil},
		{"nothing before", last, nil, nil},
		{"a fifth fewer", one(part(80, full(80), usd(1000))), &last, nil},
		{"more than a fifth fewer", one(part(79, full(79), usd(1000))), &last, []string{"79 rows of a, where there were 100"}},
		{"under the floor, at first", one(part(49, full(49), nil)), nil, []string{"49 rows of a, expected at least 50"}},
		{"many more", one(part(900, full(900), usd(1000))), &last, nil},
		{"emptier", one(part(100, full(89), usd(1000))), &last, []string{"amount is filled in 89 % of the rows of a, expected at least 90 %", "amount is filled in 89 % of the rows of a, where it was in 100 %"}},
		{"a third more money", one(part(100, full(100), usd(1350))), &last, nil},
		{"more than that", one(part(100, full(100), usd(1360))), &last, []string{"the total of expenditure USD of a is 1360, where it was 1000: it moved by 36 %"}},
		{"less than that", one(part(100, full(100), usd(640))), &last, []string{"the total of expenditure USD of a is 640, where it was 1000: it moved by 36 %"}},
		{"rejected", one(Part{Rows: 88, Rejected: 12, Fill: full(88), Totals: usd(1000)}), &last, []string{"12 % of the rows of a cannot be read, where it was 0 %"}},
		{"a declared total moves more", Measure{All: part(100, full(100), nil), Roles: map[string]Part{"a": part(100, full(100), map[string]Total{"budget USD": {Rows: 50, Sum: 150}}), "b": {}}},
			&Measure{All: part(100, full(100), nil), Roles: map[string]Part{"a": part(100, full(100), map[string]Total{"budget USD": {Rows: 50, Sum: 100}}), "b": {}}}, nil},
		{"observed totals only where declared", one(part(100, full(100), map[string]Total{"pwid people": {Rows: 100, Sum: 10, Observed: true}, "gdp USD": {Rows: 20, Sum: 88, Observed: true}})),
			ptr(one(part(100, full(100), map[string]Total{"pwid people": {Rows: 100, Sum: 100, Observed: true}, "gdp USD": {Rows: 20, Sum: 100, Observed: true}}))),
			[]string{"the total of gdp USD of a is 88, where it was 100: it moved by 12 %"}},
		{"few rows tell nothing of a sum", one(part(100, full(100), map[string]Total{"pledge EUR": {Rows: 4, Sum: 1}})), ptr(one(part(100, full(100), map[string]Total{"pledge EUR": {Rows: 4, Sum: 100}}))), nil},
		{"one role lost", Measure{All: part(190, full(190), nil), Roles: map[string]Part{"a": part(100, full(100), nil), "b": part(20, full(20), nil)}},
			&Measure{All: part(200, full(200), nil), Roles: map[string]Part{"a": part(100, full(100), nil), "b": part(100, full(100), nil)}}, []string{"20 rows of b, where there were 100"}},
		{"a role gone", Measure{All: part(100, full(100), nil), Roles: map[string]Part{"a": part(100, full(100), nil)}},
			&Measure{All: part(120, full(120), nil), Roles: map[string]Part{"a": part(100, full(100), nil), "b": part(20, full(20), nil)}}, []string{"nothing of b any more, where there were 20 rows"}},
		{"a small role gone", Measure{All: part(100, full(100), nil), Roles: map[string]Part{"a": part(100, full(100), nil)}},
			&Measure{All: part(110, full(110), nil), Roles: map[string]Part{"a": part(100, full(100), nil), "b": part(10, full(10), nil)}}, nil},
		{"a currency gone", one(part(95, full(95), map[string]Total{"expenditure USD": {Rows: 95, Sum: 1000}})),
			ptr(one(part(115, full(115), map[string]Total{"expenditure USD": {Rows: 95, Sum: 1000}, "expenditure EUR": {Rows: 20, Sum: 5}}))),
			[]string{"nothing of expenditure EUR of a any more, where there were 20 rows"}},
		{"an indicator gone", one(part(100, full(100), nil)), ptr(one(part(100, full(100), map[string]Total{"pwid people": {Rows: 60, Sum: 5, Observed: true}}))),
			[]string{"nothing of pwid people of a any more, where there were 60 rows"}},
		{"a new base year of an index", one(part(100, full(100), map[string]Total{"deflator 2025 = 100": {Rows: 100, Sum: 5, Observed: true}})),
			ptr(one(part(100, full(100), map[string]Total{"deflator 2024 = 100": {Rows: 100, Sum: 9, Observed: true}}))), nil},
		{"a declared total gone, of few rows in a hundred", one(part(1000, full(1000), nil)), ptr(one(part(1000, full(1000), map[string]Total{"budget USD": {Rows: 20, Sum: 5}}))),
			[]string{"nothing of budget USD of a any more, where there were 20 rows"}},
		{"another currency takes over", one(part(100, full(100), map[string]Total{"expenditure USD": {Rows: 40, Sum: 900}, "expenditure XOF": {Rows: 60, Sum: 5}})),
			&last, []string{"most rows of a are of expenditure XOF, of which there was none"}},
	} {
		var got []string
		for _, f := range e.Judge(tt.now, tt.last) {
			got = append(got, f.What)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s:\n%s", tt.name, diff)
		}
	}
}

func ptr[T any](v T) *T { return &v }

// Small losses add up against the most there was; what grew again is well.
func TestDeclined(t *testing.T) {
	e := expect(t, ",rows,,1,20,why", ",fill,amount,1,,why")
	one := func(rows int, sum int64) Measure {
		p := part(rows, nil, map[string]Total{"expenditure USD": {Rows: rows, Sum: sum}})
		return Measure{All: p, Roles: map[string]Part{"a": p}}
	}
	first, second := one(100, 1000), one(85, 800)
	peak := first.Peak(nil)
	peak = second.Peak(&peak)
	for _, tt := range []struct {
		now  Measure
		want []string
	}{
		{one(80, 650), nil},
		{one(79, 800), []string{"79 rows of a, where there once were 100"}},
		{one(100, 640), []string{"the total of expenditure USD of a is 640, where it once was 1000"}},
		{one(300, 9000), nil},
	} {
		var got []string
		for _, f := range e.Declined(tt.now, peak) {
			got = append(got, f.What)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Error(diff)
		}
	}
}

// A document that lost nine tenths of its rows is a finding of its own.
func TestJudgeDocuments(t *testing.T) {
	e := expect(t, ",rows,,1,,why", ",fill,value,1,,why")
	measure := func(a, b int) Measure {
		return Measure{All: part(a+b, map[string]int{"value": a + b}, nil), Documents: map[string]int{"https://a.example": a, "https://b.example": b}}
	}
	last := measure(100, 5000)
	got := e.Judge(measure(10, 5000), &last)
	if want := []Finding{{"https://a.example", "10 rows, where there were 100"}}; !cmp.Equal(got, want) {
		t.Errorf("got %+v", got)
	}
	if got := e.Judge(measure(11, 5000), &last); got != nil {
		t.Errorf("got %+v", got)
	}
}

// Pages of one list are judged together: the last one shrinks naturally.
func TestJudgePages(t *testing.T) {
	e := expect(t, ",rows,,1,,why", ",fill,value,1,,why")
	measure := func(first, second int) Measure {
		return Measure{All: part(first+second, map[string]int{"value": first + second}, nil), Documents: map[string]int{"https://a.example/list?page=1": first, "https://a.example/list?page=2": second}}
	}
	last := measure(5000, 500)
	if got := e.Judge(measure(5000, 3), &last); got != nil {
		t.Errorf("got %+v", got)
	}
}

func TestReadExpectations(t *testing.T) {
	for _, bad := range []string{
		"", "a,b\n", "role,measure,field,least,change,why\n",
		"role,measure,field,least,change,why\n,rows,,1,,w\n",                             // no fill
		"role,measure,field,least,change,why\n,rows,,0,,w\n,fill,amount,1,,w\n",          // no floor
		"role,measure,field,least,change,why\n,rows,,1,,\n,fill,amount,1,,w\n",           // no reason
		"role,measure,field,least,change,why\n,rows,,-1,,w\n,fill,amount,1,,w\n",         // below nothing
		"role,measure,field,least,change,why\n,rows,,1,,w\n,fill,colour,1,,w\n",          // no such field
		"role,measure,field,least,change,why\n,rows,,1,,w\n,fill,amount,101,,w\n",        // over all
		"role,measure,field,least,change,why\n,rows,,1,,w\n,fill,amount,1,,w\n,sum,,,,w", // no such measure
	} {
		if e, err := ReadExpectations(strings.NewReader(bad)); err == nil {
			t.Errorf("%q was read: %+v", bad, e)
		}
	}
}

func TestWholeUnits(t *testing.T) {
	for in, want := range map[string]int64{
		"": 0, "12": 12, "12.99": 12, "-12.99": -12, "1,455,000.5": 1455000, "1 455 000": 1455000, "#REF!": 0, "1e9": 0, "0.5": 0, "-0.5": 0,
		"99999999999999999999": math.MaxInt64, "-99999999999999999999": math.MinInt64,
	} {
		if got := wholeUnits(in); got != want {
			t.Errorf("wholeUnits(%q) = %d, want %d", in, got, want)
		}
	}
	if saturate(math.MaxInt64, 5) != math.MaxInt64 || saturate(math.MinInt64, -5) != -math.MaxInt64 || saturate(3, -5) != -2 {
		t.Error("saturate")
	}
	if shift(math.MaxInt64, 1) < 1000 || shift(0, 0) != 0 || shift(5, 0) != 100 || shift(-150, -100) != 50 {
		t.Error("shift")
	}
}

package oecdcrs

import (
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hrinvest/extractors/extractorstest"
)

// Nothing published is no statement; 0 is one without an amount, counted.
func TestNullAndZero(t *testing.T) {
	for name, c := range map[string]struct {
		commitment, disbursement string
		want                     []string
		skipped                  map[string]int
	}{
		"null commitment":   {"", "1.5", []string{"disbursement 1500000"}, nil},
		"zero commitment":   {"0", "1.5", []string{"disbursement 1500000"}, map[string]int{"no amount: a commitment of 0": 1}},
		"zeros":             {"0.000", "-0", nil, map[string]int{"no amount: a commitment of 0": 1, "no amount: a disbursement of 0": 1}},
		"nulls":             {"", "", nil, map[string]int{"no amount: neither a commitment nor a disbursement": 1}},
		"negative":          {"-2", "-0.0000015", []string{"commitment -2000000", "disbursement -1.5"}, nil},
		"exponent":          {"8e-06", "1.8E-05", []string{"commitment 8", "disbursement 18"}, nil},
		"beyond six places": {"0.12345678901", "1", []string{"commitment 123456.78901", "disbursement 1000000"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := parse(t, textDoc(grant("USD_Commitment", c.commitment, "USD_Disbursement", c.disbursement)))
			var got []string
			for _, d := range s.Disclosures {
				got = append(got, string(d.Kind)+" "+d.Amount)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(c.skipped, s.reasons); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAmountThatIsNone(t *testing.T) {
	s := parse(t, textDoc(grant("USD_Commitment", "1,5", "USD_Disbursement", "Inf")))
	if len(s.Problems) != 2 || !strings.Contains(s.Problems[0].Reason, `"1,5"`) || s.Problems[1].Locator != "row 2" {
		t.Errorf("problems = %+v", s.Problems)
	}
	if !strings.Contains(string(s.Problems[0].Raw), `"CrsID":"2021000017"`) {
		t.Errorf("quoted %s", s.Problems[0].Raw)
	}
}

// The point is moved in the text: compared with exact rational arithmetic.
func FuzzShift(f *testing.F) {
	for _, s := range []string{"0.087207", "8e-06", "-1", "+1.50", "1e3", ".5", "5.", "", "1,5", "1.2.3", "0", "-0.0", "1e-41", "99999999999999999999.5"} {
		f.Add(s, 6)
	}
	f.Fuzz(func(t *testing.T, s string, places int) {
		if places < -20 || places > 20 {
			return
		}
		got, ok := shift(s, places)
		want, valid := new(big.Rat).SetString(strings.TrimSpace(s))
		if !ok {
			return
		}
		if !valid {
			t.Fatalf("shift(%q) = %q, which is no number", s, got)
		}
		for range max(places, -places) {
			if places > 0 {
				want.Mul(want, big.NewRat(10, 1))
			} else {
				want.Quo(want, big.NewRat(10, 1))
			}
		}
		back, valid := new(big.Rat).SetString(got)
		if !valid || back.Cmp(want) != 0 {
			t.Fatalf("shift(%q, %d) = %q", s, places, got)
		}
		if got != "0" && (strings.HasPrefix(got, "00") || strings.Contains(got, ".") && strings.HasSuffix(got, "0")) || strings.ContainsAny(got, "eE+") {
			t.Fatalf("shift(%q, %d) = %q is not in its plain form", s, places, got)
		}
	})
}

func TestShiftRefuses(t *testing.T) {
	for _, s := range []string{"", " ", "-", ".", "1,5", "1 000", "NaN", "Inf", "0x10", "1e", "1e99", "1.2.3", "--1", "1-"} {
		if got, ok := shift(s, 6); ok {
			t.Errorf("shift(%q) = %q", s, got)
		}
	}
}

// Floating point becomes the shortest decimal that means the same number; what is
// not a number is nothing.
func TestFloatingAmounts(t *testing.T) {
	s := usual()
	s.columns = header
	r := parse(t, extractorstest.Doc(roleParquet, "x.parquet", parquetFile(t, s,
		grant("USD_Commitment", "0.087207", "USD_Disbursement", "0.30000000000000004"),
		grant("USD_Commitment", "NaN", "USD_Disbursement", "1e-06", "CrsID", "2"),
		grant("USD_Commitment", "+Inf", "USD_Disbursement", "123456.789012", "CrsID", "3"),
	)))
	var got []string
	for _, d := range r.Disclosures {
		got = append(got, string(d.Kind)+" "+d.Amount)
	}
	want := []string{"disbursement 1", "commitment 87207", "disbursement 300000.00000000004", "disbursement 123456789012"}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Reason, `"+Inf"`) {
		t.Errorf("problems = %+v", r.Problems)
	}
	if r.Problems[0].Locator != "row 3" {
		t.Errorf("locator = %s", r.Problems[0].Locator)
	}
}

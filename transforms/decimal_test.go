package transforms

import (
	"math/big"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"pgregory.net/rapid"
)

func TestParseDecimal(t *testing.T) {
	for _, tt := range []struct {
		text    string
		want    string
		rounded bool
	}{
		{"0", "0", false},
		{"86454.2", "86454.2", false},
		{" 1455000 ", "1455000", false},
		{"-19,082.06", "-19082.06", false},
		{"1,000,000", "1000000", false},
		{"613079.6958540004", "613079.695854", true},
		{"-1.99e-13", "0", true},
		{"1.5E3", "1500", false},
		{"0.0000005", "0", true}, // half to even
		{"0.0000015", "0.000002", true},
		{"0.00000051", "0.000001", true},
		{"0.00000005", "0", true},
		{"100000000000000000000", "100000000000000000000", false},
		{".5", "0.5", false},
		{"5.", "5", false},
	} {
		got, rounded, err := ParseDecimal(tt.text, MoneyScale)
		if err != nil || FormatDecimal(got, MoneyScale) != tt.want || rounded != tt.rounded {
			t.Errorf("ParseDecimal(%q) = %s, %v, %v; want %s, %v", tt.text, FormatDecimal(got, MoneyScale), rounded, err, tt.want, tt.rounded)
		}
	}
	for _, bad := range []string{"", "-", ".", "#REF!", "n/a", "19,082", "1,00", "1 000", "12e", "0x10", "1e9999", "NaN", "--1", "1,,000.0", "1e40"} {
		if got, _, err := ParseDecimal(bad, MoneyScale); err == nil {
			t.Errorf("ParseDecimal(%q) = %s, want an error", bad, FormatDecimal(got, MoneyScale))
		}
	}
}

// The law of every splitting step: parts sum to the whole, to the last unit,
// and none is further than one unit from its exact share.
func TestSplitSumsExactly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := decimal128.New(rapid.Int64Range(-1<<20, 1<<20).Draw(t, "hi"), rapid.Uint64().Draw(t, "lo"))
		weights := rapid.SliceOfN(rapid.Uint64Range(0, 100*one), 1, 40).Draw(t, "weights")
		weights[0]++
		parts := Split(total, weights)
		sum, all := new(big.Int), new(big.Int)
		for _, w := range weights {
			all.Add(all, new(big.Int).SetUint64(w))
		}
		for i, p := range parts {
			sum.Add(sum, p.BigInt())
			// |part*all - total*w| < all
			d := new(big.Int).Mul(p.BigInt(), all)
			d.Sub(d, new(big.Int).Mul(total.BigInt(), new(big.Int).SetUint64(weights[i])))
			if d.Abs(d).Cmp(all) >= 0 {
				t.Fatalf("part %d is off by a unit or more", i)
			}
		}
		if sum.Cmp(total.BigInt()) != 0 {
			t.Fatalf("parts sum to %v, want %v", sum, total.BigInt())
		}
	})
}

func TestDivide(t *testing.T) {
	for _, tt := range []struct{ a, b, want string }{
		{"655", "0.6545", "1000.763942"},
		{"-1", "3", "-0.333333"},
		{"1", "2000000", "0"},        // half to even
		{"3", "2000000", "0.000002"}, // half to even
	} {
		a, _, _ := ParseDecimal(tt.a, MoneyScale)
		b, _, _ := ParseDecimal(tt.b, RateScale)
		if got := FormatDecimal(divide(a, b, RateScale), MoneyScale); got != tt.want {
			t.Errorf("%s / %s = %s, want %s", tt.a, tt.b, got, tt.want)
		}
	}
}

func FuzzParseDecimal(f *testing.F) {
	for _, s := range []string{"1", "-19,082.06", "1e3", "#REF!", "0.0000005", "99999999999999999999999999999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, _, err := ParseDecimal(s, MoneyScale)
		if err != nil {
			return
		}
		back, rounded, err := ParseDecimal(d.ToString(MoneyScale), MoneyScale)
		if err != nil || rounded || back != d {
			t.Errorf("%q reads as %s, which reads as %s (%v)", s, d.ToString(MoneyScale), back.ToString(MoneyScale), err)
		}
	})
}

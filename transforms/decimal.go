package transforms

import (
	"errors"
	"fmt"
	"math/big"
	"math/bits"
	"strings"

	"github.com/apache/arrow/go/v17/arrow/decimal128"
)

// Decimal is an exact decimal number: an integer count of 10^-scale units, the
// scale being that of its column (6 for money, 12 for shares and rates). It is
// what Arrow and DuckDB store, so nothing is converted on the way.
type Decimal = decimal128.Num

// Scales of the contract's decimal columns.
const (
	MoneyScale = 6
	ShareScale = 12
	RateScale  = 12
)

// One is 1 as a share or rate.
const one = 1_000_000_000_000

// Why ParseDecimal refuses a text: "", "#REF!", "n/a" and the like are no number.
var (
	errNotANumber = errors.New("not a number")
	errTooLarge   = errors.New("number too large")
	errComma      = errors.New("a comma that may be thousands or decimals")
)

// inRussian says the same in Russian.
func inRussian(err error) string {
	switch {
	case errors.Is(err, errTooLarge):
		return "слишком большое число"
	case errors.Is(err, errComma):
		return "запятая читается двояко: как разделитель тысяч или дробной части"
	}
	return "не число"
}

// ParseDecimal reads decimal text exactly: an optional sign, digits with an
// optional point, an optional exponent, or digits grouped by commas where that
// can only mean thousands ("-19,082.06", "1,000,000"; "19,082" alone is
// ambiguous and refused). Digits beyond scale are rounded half-even; rounded
// says whether any were lost. The result fits 38 digits.
func ParseDecimal(text string, scale int) (d Decimal, rounded bool, err error) {
	s := strings.TrimSpace(text)
	neg := false
	if s != "" && (s[0] == '-' || s[0] == '+') {
		neg, s = s[0] == '-', s[1:]
	}
	if n, ok := plainDecimal(s, scale); ok {
		d = decimal128.FromU64(n)
		if neg {
			d = d.Negate()
		}
		return d, false, nil
	}
	if strings.IndexByte(s, ',') >= 0 {
		if s, err = ungroup(s); err != nil {
			return d, false, err
		}
	}
	mantissa, exponent := s, 0
	if i := strings.IndexAny(s, "eE"); i > 0 {
		mantissa = s[:i]
		if exponent, err = parseExponent(s[i+1:]); err != nil {
			return d, false, err
		}
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if whole == "" && fraction == "" || !allDigits(whole) || !allDigits(fraction) {
		return d, false, errNotANumber
	}
	digits := strings.TrimLeft(whole+fraction, "0")
	drop := len(fraction) - exponent - scale // digits beyond the scale
	switch {
	case drop < 0:
		if len(digits) > 0 {
			if len(digits)-drop > 38 {
				return d, false, errTooLarge
			}
			digits += strings.Repeat("0", -drop)
		}
		drop = 0
	case len(digits)-drop > 38:
		return d, false, errTooLarge
	}
	keep := max(len(digits)-drop, 0)
	d, err = fromDigits(digits[:keep])
	if err != nil {
		return d, false, err
	}
	if tail := digits[keep:]; drop > 0 && strings.Trim(tail, "0") != "" {
		rounded = true
		// digits shorter than drop stand behind leading zeros: below one half
		if len(tail) == drop && (tail[0] > '5' || tail[0] == '5' && (strings.Trim(tail[1:], "0") != "" || d.LowBits()&1 == 1)) {
			d = d.Add(decimal128.FromU64(1))
		}
	}
	if neg {
		d = d.Negate()
	}
	return d, rounded, nil
}

// plainDecimal reads what most numbers are, digits with or without a point, when
// they fit 18 digits at the scale; the rest of ParseDecimal reads the others.
func plainDecimal(s string, scale int) (n uint64, ok bool) {
	point := -1
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			n = n*10 + uint64(c-'0')
		case c == '.' && point < 0:
			point = i
		default:
			return 0, false
		}
	}
	digits, zeros := len(s), scale
	if point >= 0 {
		digits--
		zeros -= len(s) - point - 1
	}
	if digits == 0 || zeros < 0 || digits+zeros > 18 {
		return 0, false
	}
	for range zeros {
		n *= 10
	}
	return n, true
}

// ungroup removes thousands commas where they can mean nothing else.
func ungroup(s string) (string, error) {
	whole, fraction, hasPoint := strings.Cut(s, ".")
	groups := strings.Split(whole, ",")
	if len(groups) == 2 && !hasPoint {
		return "", errComma
	}
	for i, g := range groups {
		if !allDigits(g) || g == "" || i > 0 && len(g) != 3 || i == 0 && len(g) > 3 {
			return "", errNotANumber
		}
	}
	s = strings.Join(groups, "")
	if hasPoint {
		s += "." + fraction
	}
	return s, nil
}

func parseExponent(s string) (int, error) {
	neg := strings.HasPrefix(s, "-")
	s = strings.TrimLeft(s, "+-")
	if s == "" || len(s) > 3 || !allDigits(s) {
		return 0, errNotANumber
	}
	e := 0
	for _, c := range s {
		e = e*10 + int(c-'0')
	}
	if neg {
		e = -e
	}
	return e, nil
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func fromDigits(s string) (Decimal, error) {
	if len(s) <= 18 {
		var n uint64
		for i := range len(s) {
			n = n*10 + uint64(s[i]-'0')
		}
		return decimal128.FromU64(n), nil
	}
	b, ok := new(big.Int).SetString(s, 10)
	if !ok || b.BitLen() > 126 {
		return Decimal{}, errTooLarge
	}
	return decimal128.FromBigInt(b), nil
}

// FormatDecimal writes d with its scale, without trailing zeros: "86454.2".
func FormatDecimal(d Decimal, scale int32) string {
	s := d.ToString(scale)
	if strings.IndexByte(s, '.') >= 0 {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

// Split distributes total over weights by largest remainder: the parts sum to
// total exactly, and a part of weight 0 gets nothing. The weights must not all
// be 0; their sum must fit 63 bits.
func Split(total Decimal, weights []uint64) []Decimal {
	var sum uint64
	for _, w := range weights {
		sum += w
	}
	if sum == 0 {
		panic(fmt.Sprintf("splitting %v over no weight", total))
	}
	parts, remainders := make([]Decimal, len(weights)), make([]uint64, len(weights))
	neg := total.Sign() < 0
	abs := total.Abs()
	left := abs
	for i, w := range weights {
		parts[i], remainders[i] = mulDiv(abs, w, sum)
		left = left.Sub(parts[i])
	}
	for left.Sign() > 0 { // fewer units are left than there are weights
		best := -1
		for i, r := range remainders {
			if r > 0 && (best < 0 || r > remainders[best]) {
				best = i
			}
		}
		parts[best] = parts[best].Add(decimal128.FromU64(1))
		remainders[best] = 0
		left = left.Sub(decimal128.FromU64(1))
	}
	if neg {
		for i := range parts {
			parts[i] = parts[i].Negate()
		}
	}
	return parts
}

// mulDiv returns the quotient and remainder of n*w/sum for n >= 0, w <= sum.
func mulDiv(n Decimal, w, sum uint64) (Decimal, uint64) {
	if n.HighBits() == 0 {
		hi, lo := bits.Mul64(n.LowBits(), w)
		q, r := bits.Div64(hi, lo, sum)
		return decimal128.FromU64(q), r
	}
	var q, r big.Int
	q.Mul(n.BigInt(), new(big.Int).SetUint64(w))
	q.QuoRem(&q, new(big.Int).SetUint64(sum), &r)
	return decimal128.FromBigInt(&q), r.Uint64()
}

// multiply returns a*b of two numbers at RateScale, rounded half-even.
func multiply(a, b Decimal) Decimal {
	return rounded(new(big.Int).Mul(a.BigInt(), b.BigInt()), decimalOf(one).BigInt())
}

// proportion returns v*part/of rounded half-even.
func proportion(v, part, of Decimal) Decimal {
	return rounded(new(big.Int).Mul(v.BigInt(), part.BigInt()), of.BigInt())
}

// divide returns a*10^shift/b rounded half-even. b must not be 0.
func divide(a, b Decimal, shift int) Decimal {
	return rounded(new(big.Int).Mul(a.BigInt(), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(shift)), nil)), b.BigInt())
}

// rounded returns num/den rounded half-even; it changes num.
func rounded(num, den *big.Int) Decimal {
	neg := num.Sign()*den.Sign() < 0
	num.Abs(num)
	den = new(big.Int).Abs(den)
	q, r := new(big.Int).QuoRem(num, den, new(big.Int))
	switch r.Lsh(r, 1).Cmp(den) {
	case 1:
		q.Add(q, big.NewInt(1))
	case 0:
		q.Add(q, big.NewInt(int64(q.Bit(0))))
	}
	if neg {
		q.Neg(q)
	}
	return decimal128.FromBigInt(q)
}

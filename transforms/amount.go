package transforms

import (
	"errors"
	"fmt"
	"strings"

	"github.com/apache/arrow/go/v17/arrow/decimal128"
)

func decimalOf(n uint64) Decimal { return decimal128.FromU64(n) }

// maxAmount is what no statement reaches in any currency: a thousand million
// million. A number beyond it is an accident of typing, and would not fit the
// contract's DECIMAL(24,6) when summed.
var maxAmount = decimal128.FromI64(1_000_000_000_000_000).Mul(decimal128.FromI64(1_000_000))

// stepAmount reads the published amount and currency. A missing currency is
// rejected: no money is of an unknown kind.
var stepAmount = each(func(r *Row) {
	d, rounded, err := ParseDecimal(r.D.Amount, MoneyScale)
	switch {
	case errors.Is(err, errNotANumber) && strings.TrimSpace(r.D.Amount) == "":
		r.reject("amount is missing", "сумма не указана")
		return
	case err != nil:
		r.reject(fmt.Sprintf("amount %q: %v", r.D.Amount, err), fmt.Sprintf("сумма %q: %s", r.D.Amount, inRussian(err)))
		return
	}
	if d.Abs().Cmp(maxAmount) >= 0 {
		r.reject(fmt.Sprintf("amount %q is beyond anything that is spent (10^15)", r.D.Amount), fmt.Sprintf("сумма %q больше всего, что тратят (10^15)", r.D.Amount))
		return
	}
	r.Amount = d
	if rounded {
		r.flag("rounded")
	}
	if strings.Contains(r.D.Amount, ",") {
		r.flag("thousands_commas")
	}
	c := strings.ToUpper(strings.TrimSpace(r.D.Currency))
	if c != r.D.Currency && c != "" {
		r.flag("currency_trimmed")
	}
	switch {
	case c == "":
		r.reject("currency is missing", "валюта не указана")
	case len(c) != 3 || strings.Trim(c, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "":
		r.reject(fmt.Sprintf("currency %q is not an ISO 4217 code", r.D.Currency), fmt.Sprintf("валюта %q: это не код ISO 4217", r.D.Currency))
	}
	r.Currency = c
})

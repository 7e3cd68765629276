package pepfar

import (
	"fmt"
	"regexp"
	"strings"
)

// nothing is what stands where no amount was published.
var nothing = regexp.MustCompile(`(?i)^(?:|na|n/a|nan|null|none|\\n|\.|-+|–|—)$`)

// figure is an amount as American tables write it: a comma only ever groups
// thousands.
var figure = regexp.MustCompile(`^(?:(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,2})?$`)

// plainAmount rewrites a published amount as plain decimal text: "$1,234.50" is
// 1234.50 and "($ 70)" is -70. Nothing is rounded. "" means that none was
// published; reason says why a text is no amount.
func plainAmount(s string) (amount, reason string) {
	t := strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\t', '\u00a0', '"', '$':
			return -1
		case '−':
			return '-'
		}
		return r
	}, s)
	if nothing.MatchString(t) {
		return "", ""
	}
	sign := ""
	if inner, ok := strings.CutPrefix(t, "("); ok && strings.HasSuffix(inner, ")") {
		t, sign = strings.TrimSuffix(inner, ")"), "-"
	} else if rest, ok := strings.CutPrefix(t, "-"); ok {
		t, sign = rest, "-"
	}
	t = strings.TrimSuffix(t, ".")
	if !figure.MatchString(t) {
		return "", fmt.Sprintf("%q is not an amount", clip(strings.TrimSpace(s), 40))
	}
	t = strings.ReplaceAll(t, ",", "")
	if strings.HasPrefix(t, ".") {
		t = "0" + t
	}
	return sign + t, ""
}

var zeroText = regexp.MustCompile(`^-?0+(?:\.0*)?(?:[eE].*)?$`)

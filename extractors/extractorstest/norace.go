//go:build !race

package extractorstest

const (
	sampled = false
	every   = 1
)

//go:build race

package extractorstest

// sampled: with the race detector, which makes every night several times slower,
// each address meets one fault in every so many. Without it, as make test runs them
// first, each meets all.
const (
	sampled = true
	every   = 24
)

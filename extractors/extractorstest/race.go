//go:build race

package extractorstest

// sampled: with the race detector, which makes every night several times slower,
// each address meets a quarter of the faults. Without it, as make test runs them
// first, each meets all.
const sampled = true

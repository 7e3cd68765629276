package transforms

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"hrinvest/extractors"
)

// disclosureID names a statement by what the publisher said, not by where the
// bytes were found: source, key, kind, period, currency, amount as published,
// and its ordinal among statements alike in all of these.
func (s *SourceSink) disclosureID(d *extractors.Disclosure) string {
	key := s.likeness(d)
	ordinal := s.ordinals[key]
	s.ordinals[key]++
	return s.numbered(ordinal)
}

// likeness hashes what statements that are alike have in common; what was hashed
// stays in scratch.
func (s *SourceSink) likeness(d *extractors.Disclosure) (key [16]byte) {
	b := s.scratch[:0]
	for _, part := range [...]string{s.info.ID, d.Key, string(d.Kind), d.Date, d.PeriodStart, d.PeriodEnd, d.Year, d.Cycle, d.Currency, d.Amount} {
		b = append(append(b, part...), 0x1f)
	}
	s.scratch = b
	sum := sha256.Sum256(b)
	copy(key[:], sum[:])
	return key
}

// numbered is the id of the statement whose likeness is in scratch, by its ordinal.
func (s *SourceSink) numbered(ordinal uint32) string {
	b := s.scratch
	if ordinal > 0 {
		b = strconv.AppendUint(b, uint64(ordinal), 10)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:10])
}

// repeats looks, in a further copy of an activity (another file, or the same one
// further down, under the identifier of one that was read), for the statements
// that the copies before it made already. It is asked for each statement in order,
// after its id was given, and returns the id of the one that counts.
func (s *SourceSink) repeats() func(*extractors.Disclosure) (string, bool) {
	if !slices.Contains(s.held[0].Flags, flagCopy) {
		return func(*extractors.Disclosure) (string, bool) { return "", false }
	}
	inCopy := map[[16]byte]uint32{}
	return func(d *extractors.Disclosure) (string, bool) {
		key := s.likeness(d)
		k := inCopy[key]
		inCopy[key]++
		if before := s.ordinals[key] - inCopy[key]; k >= before {
			return "", false
		}
		return s.numbered(k), true
	}
}

// flagCopy marks statements of an activity whose identifier another one bore.
const flagCopy = "duplicate_identifier"

// digest is the first 80 bits of a sha256, in hex.
func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x1e")))
	return hex.EncodeToString(sum[:10])
}

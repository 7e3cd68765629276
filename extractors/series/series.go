// Package series reads published series of values (exchange rates, deflators,
// groups of countries): what the sources of reference data have in common.
//
// A row that cannot be read is rejected with its place and its fields, and the
// rows after it are read. Values leave with the digits as published.
package series

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
)

// MaxBytes limits one document, packed or unpacked; the largest seen has 2 MB.
const MaxBytes = 64 << 20

// Reader reads one document into a sink.
type Reader struct {
	Doc fetch.Document

	ctx context.Context
	out extractors.Sink
	n   int // values seen, to look at ctx now and then
}

// Parse gives each document's bytes, without a byte order mark, to read. A
// document over MaxBytes is rejected.
func Parse(ctx context.Context, docs extractors.Set, out extractors.Sink, read func(*Reader, []byte) error) error {
	for _, doc := range docs {
		if err := ctx.Err(); err != nil {
			return err
		}
		b, err := doc.Head(MaxBytes)
		if err != nil {
			return fmt.Errorf("reading %s: %w", doc.Name, err)
		}
		r := &Reader{Doc: doc, ctx: ctx, out: out}
		if len(b) > MaxBytes {
			err = r.Reject("/", fmt.Sprintf("more than %d bytes: no such table is so long", MaxBytes))
		} else {
			err = read(r, bytes.TrimPrefix(b, []byte("\ufeff")))
		}
		if err != nil {
			return fmt.Errorf("parsing %s: %w", doc.Name, err)
		}
	}
	return nil
}

// Observe fills in what all observations of a document share, and passes it on.
func (r *Reader) Observe(o extractors.Observation) error {
	if r.n++; r.n%1000 == 0 && r.ctx.Err() != nil {
		return r.ctx.Err()
	}
	o.Document, o.Status = r.Doc.SHA256, "reported"
	return r.out.Observe(o)
}

// Reject quotes the fields of a record, each as it was written.
func (r *Reader) Reject(locator, reason string, fields ...string) error {
	p := extractors.Problem{Document: r.Doc.SHA256, Locator: locator, Reason: strings.ToValidUTF8(reason, "\uFFFD")}
	if len(fields) > 0 {
		fields = slices.Clone(fields)
		for i, f := range fields {
			fields[i] = strings.ToValidUTF8(f, "\uFFFD")
		}
		var err error
		if p.Raw, err = json.Marshal(map[string][]string{"fields": fields}); err != nil {
			return err
		}
	}
	return r.out.Reject(p)
}

var number = regexp.MustCompile(`^\d+(\.\d+)?([eE][+-]?\d{1,3})?$`)

// Positive says what is wrong with a rate or an index; "" when it is a positive
// decimal, perhaps with an exponent.
func Positive(s string) (problem string) {
	mantissa, _, _ := strings.Cut(strings.ToLower(s), "e")
	if !number.MatchString(s) || strings.Trim(mantissa, "0.") == "" {
		return fmt.Sprintf("the rate %q is not a positive number", s)
	}
	return ""
}

// One says whether a positive decimal is 1, however many zeros it was written
// with: what the unit of a series costs in itself.
func One(s string) bool {
	whole, rest, _ := strings.Cut(s, ".")
	return whole == "1" && strings.Trim(rest, "0") == ""
}

// Look refuses documents (the pages of one answer) that were just fetched and of
// which no value can be read, or of which a value is impossible: lie says why, ""
// when it is not. Nil: any value is possible.
func Look(ctx context.Context, src extractors.Source, docs extractors.Set, lie func(extractors.Observation) string) error {
	l := &look{lie: lie}
	err := src.Parse(ctx, docs, l)
	if err == nil && l.values == 0 {
		err = fetch.Refuse("no value can be read of it: %s", l.problem)
	}
	if errors.Is(err, fetch.ErrRefused) {
		return fmt.Errorf("fetching %s: %w", docs[0].URL, err)
	}
	return err
}

// look is a Sink that stops at a lie.
type look struct {
	lie     func(extractors.Observation) string
	values  int
	problem string // the first
}

// Disclose implements extractors.Sink. Series disclose no money.
func (l *look) Disclose(extractors.Disclosure) error { return nil }

// Observe implements extractors.Sink.
func (l *look) Observe(o extractors.Observation) error {
	l.values++
	if l.lie != nil {
		if wrong := l.lie(o); wrong != "" {
			return fetch.Refuse("%s: %s", o.Locator, wrong)
		}
	}
	return nil
}

// Reject implements extractors.Sink.
func (l *look) Reject(p extractors.Problem) error {
	if l.problem == "" {
		l.problem = p.Locator + ": " + p.Reason
	}
	return nil
}

// Skip implements extractors.Sink.
func (l *look) Skip(string, int, string) error { return nil }

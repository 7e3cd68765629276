package iati

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"hrinvest/extractors/fetch"
)

// failures is what went wrong with some of many, said so that it can be read: how
// many, why, and the first few in full. errors.Is sees all of them.
type failures struct {
	what  string
	lists bool // of what there is
	of    int
	list  []error
}

func (f *failures) add(err error) {
	if err != nil {
		f.list = append(f.list, err)
	}
}

// err is nil where nothing failed. Where few files of many did, it is
// fetch.ErrIncomplete: that is an ordinary night of a registry. A list that failed
// never is, since nobody knows what stands on it.
func (f *failures) err() error {
	switch {
	case len(f.list) == 0:
		return nil
	case !f.lists && len(f.list)*few <= f.of:
		return fetch.Incomplete(f)
	}
	return f
}

// Unwrap lets errors.Is and errors.As see all.
func (f *failures) Unwrap() []error { return f.list }

// few is the part of all that may fail on an ordinary night: one in twenty.
const few = 20

// inFull is how many failures are told in full.
const inFull = 3

// Error implements error.
func (f *failures) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %d %s could not be fetched (%s): ", len(f.list), f.of, f.what, f.causes())
	for i, err := range f.list[:min(len(f.list), inFull)] {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(err.Error())
	}
	if more := len(f.list) - inFull; more > 0 {
		fmt.Fprintf(&b, "; and %d more", more)
	}
	return b.String()
}

var errNotAsked = errors.New("not asked for")

// causes counts the failures by what they come down to.
func (f *failures) causes() string {
	kinds := []struct {
		err  error
		name string
		n    int
	}{
		{err: errNotAsked, name: "not asked for"}, {err: fetch.ErrNotFound, name: "not there"}, {err: fetch.ErrRefused, name: "refused"},
		{err: fetch.ErrBlocked, name: "not allowed"}, {err: fetch.ErrRedirect, name: "moved to another site"}, {err: fetch.ErrTooLarge, name: "too large"},
	}
	other := 0
next:
	for _, err := range f.list {
		for i := range kinds {
			if errors.Is(err, kinds[i].err) {
				kinds[i].n++
				continue next
			}
		}
		other++
	}
	var parts []string
	for _, k := range kinds {
		if k.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", k.n, k.name))
		}
	}
	if other > 0 {
		parts = append(parts, fmt.Sprintf("%d without a good answer", other))
	}
	return strings.Join(parts, ", ")
}

// patience counts how often a host failed in a row: with thousands of files on
// one host, waiting for each in vain takes a night.
type patience map[string]int

// inARow is when a host is left alone until the next refresh.
const inARow = 5

func (p patience) lost(address string) bool { return p[host(address)] >= inARow }

// note takes what came of a request. What is wrong with one file only says
// nothing of its host.
func (p patience) note(address string, err error) {
	for _, ofFile := range []error{nil, fetch.ErrNotFound, fetch.ErrBlocked, fetch.ErrRefused, fetch.ErrRedirect, fetch.ErrTooLarge, fetch.ErrAddress} {
		if errors.Is(err, ofFile) {
			p[host(address)] = 0
			return
		}
	}
	p[host(address)]++
}

func notAsked(address string) error {
	return fmt.Errorf("fetching %s: %w: %s failed %d times in a row", address, errNotAsked, host(address), inARow)
}

func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

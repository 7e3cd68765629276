package fetch

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
)

// What a failed retrieval comes down to. Errors of Get wrap one of these where
// one fits; any other error is the network's.
var (
	// ErrStatus: the server answered with a status that is no answer.
	ErrStatus = errors.New("unexpected status")
	// ErrNotFound: 404 or 410; the address is not there, or no longer.
	ErrNotFound = errors.New("not there")
	// ErrBlocked: 401, 403, 407, 412, 451, a challenge for browsers, or robots.txt:
	// the publisher does not want this program there. It is not tried around.
	ErrBlocked = errors.New("not allowed")
	// ErrRefused: an answer came, with status 200, and is not what was promised.
	ErrRefused = errors.New("answer refused")
	// ErrIncomplete: a few of many documents could not be had this time, and were
	// kept as they are in use. What was not kept is no longer offered. See Complete.
	ErrIncomplete = errors.New("a few could not be had")
	// ErrTooLarge: a body exceeds the limit.
	ErrTooLarge = errors.New("body over the limit")
	// ErrBudget: the publisher's limit of requests is used up for now.
	ErrBudget = errors.New("the publisher's limit of requests is used up")
	// ErrAddress: the name leads to an address inside a private network.
	ErrAddress = errors.New("private or local address refused")
	// ErrStore: the disk did not take what was retrieved.
	ErrStore = errors.New("storing document")
	// ErrWithdrawn: an operator withdrew what came, or would come; it is not stored.
	// Nothing went wrong. See Failed.
	ErrWithdrawn = errors.New("withdrawn, not taken")
	// ErrRedirect: the answer leads to another site than the source names.
	ErrRedirect = errors.New("redirect to another site refused")
)

// Incomplete marks an error as one about a few of many: ErrIncomplete.
func Incomplete(err error) error { return &incomplete{err} }

type incomplete struct{ error }

func (e *incomplete) Is(target error) bool { return target == ErrIncomplete }
func (e *incomplete) Unwrap() error        { return e.error }

// Complete says whether a fetch that ended with an error, or nil, had all there
// is but for a few of many: everything that went wrong is marked so. errors.Is
// would be content with one of several joined errors.
func Complete(err error) bool {
	switch e := err.(type) {
	case nil, *incomplete:
		return true
	case interface{ Unwrap() []error }:
		joined := e.Unwrap()
		return len(joined) > 0 && !slices.ContainsFunc(joined, func(one error) bool { return !Complete(one) })
	case interface{ Unwrap() error }:
		return e.Unwrap() != nil && Complete(e.Unwrap())
	}
	return err == ErrIncomplete
}

// Failed says whether anything went wrong in a fetch that ended with an error, or
// nil, beside a few of many and what an operator withdrew.
func Failed(err error) bool {
	switch e := err.(type) {
	case nil, *incomplete:
		return false
	case interface{ Unwrap() []error }:
		return len(e.Unwrap()) == 0 || slices.ContainsFunc(e.Unwrap(), Failed)
	case interface{ Unwrap() error }:
		return e.Unwrap() == nil || Failed(e.Unwrap())
	}
	return err != ErrWithdrawn && err != ErrIncomplete
}

// statusError is an answer whose status is no answer.
type statusError struct {
	code      int
	challenge bool // a page that asks for a browser
}

func (e *statusError) Error() string {
	s := fmt.Sprintf("%s %d %s", ErrStatus, e.code, http.StatusText(e.code))
	if e.challenge {
		s += " (a challenge only a browser can answer)"
	}
	return s
}

// Is implements errors.Is.
func (e *statusError) Is(target error) bool {
	switch target {
	case ErrStatus:
		return true
	case ErrNotFound:
		return e.code == http.StatusNotFound || e.code == http.StatusGone
	case ErrBlocked:
		switch e.code {
		case http.StatusUnauthorized, http.StatusForbidden, http.StatusProxyAuthRequired, http.StatusUnavailableForLegalReasons,
			http.StatusPreconditionFailed: // we set no such condition: Prozorro says so to programs
			return true
		}
		return e.challenge
	}
	return false
}

// Status is the error of an answer whose status is no answer.
func Status(res *http.Response) error {
	return &statusError{res.StatusCode, res.Header.Get("Cf-Mitigated") == "challenge"}
}

// refused is an answer that is not what was promised.
type refused struct {
	reason string
	broken bool // empty, cut off or damaged: the same edition may come whole the next time
}

func (e *refused) Error() string        { return ErrRefused.Error() + ": " + e.reason }
func (e *refused) Is(target error) bool { return target == ErrRefused }

// Refuse makes an error that wraps ErrRefused. Sources use it for lies that only
// they can see.
func Refuse(format string, a ...any) error { return &refused{reason: fmt.Sprintf(format, a...)} }

func broken(format string, a ...any) error { return &refused{fmt.Sprintf(format, a...), true} }

package dashboards

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"hrinvest/warehouse"
)

// AsOfParam names the release a page, a file or an answer for programs is of: by its
// id, or by a day. Without it an address shows the current release.
//
// A cited address holds the id: a day may have seen several releases, and today's is
// not over yet. The day is for people, who know when they looked and no more.
const AsOfParam = "as_of"

// Archive is a Provider that keeps releases before the current one.
type Archive interface {
	Provider
	// AcquireAsOf is Acquire for the release that a day or an id names (AsOf).
	// ErrAsOf: it names none. warehouse.ErrNoneThen: it is not kept. ErrContract: this
	// program cannot read it. ErrBusy: too many others are being read.
	AcquireAsOf(ctx context.Context, asOf string) (data Data, rel Release, done func(), err error)
	// Kept lists the releases that can be asked for, newest first.
	Kept(ctx context.Context) ([]Release, error)
}

// Why a release cannot be had.
var (
	// ErrAsOf means that a text is neither a day nor the id of a release.
	ErrAsOf = errors.New("want a day, such as 2026-11-23, or the id of a release")
	// ErrContract means that a release was built by a version of the program whose
	// tables this one does not read.
	ErrContract = errors.New("the release was built by another version of the program")
	// ErrBusy means that as many earlier releases are being read as may be.
	ErrBusy = errors.New("too many earlier releases are being read")
)

// AsOf is the release of a data directory that a text names: an id, or a day, for the
// release that was newest at its end (UTC). ErrAsOf, warehouse.ErrNoneThen: as above.
func AsOf(dir, text string) (warehouse.Release, error) {
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return warehouse.AsOf(dir, day)
	}
	// Ids begin with the time of publishing. What looks like one may have been one.
	if ok, err := regexp.MatchString(`^\d{8}T\d{6}Z-[0-9a-z-]{1,20}$`, text); err != nil || !ok {
		return warehouse.Release{}, errors.Join(ErrAsOf, err)
	}
	all, err := warehouse.Releases(dir)
	if err != nil {
		return warehouse.Release{}, err
	}
	for _, rel := range all {
		if rel.ID == text {
			return rel, nil
		}
	}
	return warehouse.Release{}, fmt.Errorf("%w: %s", warehouse.ErrNoneThen, text)
}

// takeAsOf takes the parameter as_of off an address, so that a page is made from a
// release as it always is. "" where the address names none.
func takeAsOf(r *http.Request) (*http.Request, string, error) {
	values := r.URL.Query()
	if !values.Has(AsOfParam) {
		return r, "", nil
	}
	if len(values[AsOfParam]) != 1 {
		return r, "", &pageError{status: http.StatusBadRequest, key: "error.bad_request", args: []any{"what", AsOfParam}}
	}
	asOf := values.Get(AsOfParam)
	values.Del(AsOfParam)
	plain := r.Clone(r.Context())
	plain.URL = &url.URL{Path: r.URL.Path, RawQuery: values.Encode()}
	return plain, asOf, nil
}

// acquire is the release an address asks for. current reports whether it is the one
// that is shown without as_of.
func (s *Server) acquire(ctx context.Context, asOf string) (data Data, rel Release, current bool, done func(), err error) {
	if asOf == "" {
		data, rel, done, err = s.cfg.Releases.Acquire(ctx)
		return data, rel, true, done, err
	}
	archive, ok := s.cfg.Releases.(Archive)
	if !ok {
		return nil, Release{}, false, nil, ErrAsOf
	}
	if data, rel, done, err = archive.AcquireAsOf(ctx, asOf); err != nil {
		return nil, Release{}, false, nil, err
	}
	// A release of the same moment may have come since; then this one is not current.
	_, now, leave, err := s.cfg.Releases.Acquire(ctx)
	if err != nil {
		done()
		return nil, Release{}, false, nil, err
	}
	leave()
	return data, rel, now.ID == rel.ID, done, nil
}

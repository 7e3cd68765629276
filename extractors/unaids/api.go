package unaids

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"hrinvest/extractors/fetch"
)

// apiHost is the interface to UNAIDS's databases. It needs no key. One address is
// one series of all areas and years; see api.csv for what it is asked.
const apiHost = "aidsinfodbapi.unaids.org"

// apiAddress is spelled as in UNAIDS's own list of addresses.
func apiAddress(database, gid, unit, subgroup string) string {
	return fmt.Sprintf("https://%s/%s?p=1&INDICATOR=%s@%s@%s&Language=en&ResponseFormat=JSON&GbyI=false", apiHost, database, gid, unit, subgroup)
}

// maxMisses is how many series may be missing in a night before the interface
// is taken for gone, and left alone.
const maxMisses = 3

// series asks the interface for every series of api.csv, one after another.
func (f *fetching) series(ctx context.Context) error {
	rows, misses := f.ask, 0
	if rows == nil {
		var err error
		if rows, err = rowsOf("api.csv", 5); err != nil {
			return err
		}
	}
	for _, r := range rows {
		address := apiAddress(r[0], r[1], r[2], r[3])
		d, err := f.get(ctx, fetch.Request{URL: address, Shape: fetch.JSON}, lookAtAnswer)
		switch {
		case errors.Is(err, errNoObservations) && !f.known(address):
			// a series nobody reports
		case err != nil:
			f.failed = append(f.failed, err)
			if misses++; !another(err) || misses == maxMisses {
				return nil
			}
		default:
			if err := f.keep(d); err != nil {
				return err
			}
		}
	}
	return nil
}

// errNoObservations: a series that was reported is empty.
var errNoObservations = fmt.Errorf("%w: no observation in the answer", fetch.ErrRefused)

// lookAtAnswer refuses an answer that is about something else, or cannot be read.
func lookAtAnswer(d fetch.Document) error {
	b, err := d.Head(maxDocument)
	if err != nil {
		return err
	}
	list, why := observationsOf(b)
	if why != "" {
		return fetch.Refuse("%s", why)
	}
	if len(list) == 0 {
		return errNoObservations
	}
	l, why := answerLayout(list)
	if why != "" {
		return fetch.Refuse("%s", why)
	}
	asked := questionOf(d)
	for c, want := range map[column]string{gid: asked[0], subgroupGID: asked[2]} {
		if i := l.at[c]; i >= 0 {
			if got := strings.TrimSpace(list[0].fields[l.names[i]]); got != "" && !strings.EqualFold(got, want) {
				return fetch.Refuse("the answer is about %s, asked for was %s", got, strings.Join(asked, "@"))
			}
		}
	}
	return nil
}

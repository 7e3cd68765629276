package extractorstest

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"hrinvest/extractors"
	"hrinvest/extractors/fetch"
	"hrinvest/extractors/fetch/fetchtest"
)

// Emulator is a source's service as its documentation and its clients describe
// it, on loopback.
type Emulator struct {
	// Hosts are the services in good health. They must send validators (ETag) or
	// a version, as fetchtest.Body does, where the real ones do.
	Hosts fetchtest.Hosts
	// Fewer has nine tenths fewer rows, Moved has sums that moved by more than
	// 35 per cent: whole, well-formed answers that are wrong all the same. Moved
	// may be nil where nothing can be summed.
	Fewer, Moved fetchtest.Hosts
	// Probes are parts of addresses that a refresh asks for every time although
	// nothing changed, because the service offers no other way to know.
	Probes []string
	// Unbroken are parts of addresses left out of the misbehaviour.
	Unbroken []string
}

// Fetching holds a source to what a nightly refresh needs of it, against an
// emulator: all documents are retrieved and can be read; a second night downloads
// nothing; and however the service misbehaves, at whichever address, what was in
// use stays in use and no lie gets in.
func Fetching(t *testing.T, src extractors.Source, e Emulator) {
	net := fetchtest.New(t, e.Hosts)
	store, err := fetch.NewStore(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	// each night begins anew, but for what is stored
	client := func() *fetch.Client { return net.Client(t, func(cfg *fetch.Config) { cfg.Store = store }) }
	c := client()
	docs, err := net.Fetch(t, c, src, nil)
	if err != nil || len(docs) == 0 {
		t.Fatalf("fetch = %d documents, %v", len(docs), err)
	}
	asked, _ := net.Asked()
	before := measure(t, src, docs)
	if before.All.Rows == 0 {
		t.Fatal("nothing can be read of the documents")
	}
	t.Run("second night", func(t *testing.T) { secondNight(t, src, net, c, docs, e) })
	for i, address := range someOfEach(asked, e.Unbroken) {
		t.Run(address, func(t *testing.T) {
			for j, kind := range fetchtest.Kinds {
				if i > 0 && (fetchtest.Fault{Kind: kind}).OfHost() || sampled && (i+j)%every != 0 {
					continue
				}
				misbehave(t, src, net, client, docs, fetchtest.Fault{Kind: kind, Match: address})
			}
		})
	}
	for what, hosts := range map[string]fetchtest.Hosts{"fewer rows": e.Fewer, "moved sums": e.Moved} {
		if hosts == nil {
			if what == "fewer rows" {
				t.Error("the emulator has no service with fewer rows")
			}
			continue
		}
		t.Run(what, func(t *testing.T) {
			n := fetchtest.New(t, hosts)
			wrong, err := n.Fetch(t, n.Client(t, nil), src, nil)
			if errors.Is(err, fetch.ErrRefused) {
				return // the source saw it by itself
			}
			if err != nil {
				t.Fatal(err)
			}
			var said []string
			for _, f := range withoutFloors(expectations(t, src)).Judge(measure(t, src, wrong), &before) {
				said = append(said, f.What)
			}
			if !because[what].MatchString(strings.Join(said, "\n")) {
				t.Errorf("nobody would notice, or for another reason: %q", said)
			}
		})
	}
}

// because is what must be said of what is wrong.
var because = map[string]*regexp.Regexp{
	"fewer rows": regexp.MustCompile(`\d rows( of \S+)?, where there were|^nothing `),
	"moved sums": regexp.MustCompile(`the total of .* moved by`),
}

func measure(t *testing.T, src extractors.Source, docs []fetch.Document) extractors.Measure {
	t.Helper()
	for _, d := range docs {
		if d.Role == "" {
			t.Errorf("document %s has no role", d.URL)
		}
	}
	m, err := extractors.Measured(t.Context(), src, docs)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func expectations(t *testing.T, src extractors.Source) extractors.Expectations {
	t.Helper()
	e, err := src.Expectations()
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Check(); err != nil {
		t.Error(err)
	}
	return e
}

// withoutFloors leaves what is compared with the last good documents: an emulator
// is too small for the floors of life.
func withoutFloors(es extractors.Expectations) extractors.Expectations {
	es = slices.Clone(es)
	for i := range es {
		es[i].Least = 0
	}
	return es
}

func secondNight(t *testing.T, src extractors.Source, net *fetchtest.Net, c *fetch.Client, docs []fetch.Document, e Emulator) {
	var again []fetch.Document
	c = fetchtest.Knowing(c, docs, nil)
	if err := src.Fetch(t.Context(), c, func(d fetch.Document) error { again = append(again, d); return nil }); err != nil {
		t.Fatal(err)
	}
	for _, d := range again {
		if !d.Probe && !c.Had(d.URL) {
			t.Errorf("nobody said that %s has not changed: a night on which a part fails would look as if nothing could be had", d.URL)
		}
	}
	if got, want := sums(again), sums(docs); !slices.Equal(got, want) {
		t.Errorf("documents of the second night differ: %d, not %d", len(got), len(want))
	}
	for address, bytes := range net.Served() {
		if bytes > 0 && !matches(address, e.Probes) {
			t.Errorf("the second night downloaded %d bytes from %s", bytes, address)
		}
	}
	net.Asked()
}

// misbehave breaks one address and looks at what would be in use afterwards,
// with documents in use before and without.
func misbehave(t *testing.T, src extractors.Source, net *fetchtest.Net, client func() *fetch.Client, docs []fetch.Document, f fetchtest.Fault) {
	t.Helper()
	net.Break(f)
	defer net.Break(fetchtest.Fault{})
	truth := map[string]bool{}
	for _, d := range docs {
		truth[d.SHA256] = true
	}
	after, refused, err := net.FetchAfter(t, client(), src, docs, nil)
	for _, d := range after {
		if !truth[d.SHA256] {
			t.Errorf("%s: %s came into use as %s", f.Kind, d.URL, describe(d))
		}
	}
	if len(after) < len(docs) {
		t.Errorf("%s: %d of %d documents are left in use (error %v)", f.Kind, len(after), len(docs), err)
	}
	fresh, freshRefused, err := net.FetchAfter(t, client(), src, nil, nil)
	for _, d := range fresh {
		if !truth[d.SHA256] {
			t.Errorf("%s: the first fetch takes %s for a document: %s", f.Kind, d.URL, describe(d))
		}
	}
	if err == nil && len(fresh) < len(docs) {
		t.Errorf("%s: the first fetch has %d of %d documents and no error", f.Kind, len(fresh), len(docs))
	}
	net.Break(fetchtest.Fault{})
	for what, n := range map[string]night{"": {after, refused}, " that was the first": {fresh, freshRefused}} {
		if len(n.refused) == 0 { // nothing is remembered of it
			continue
		}
		again, _, err := net.FetchAfter(t, client(), src, n.inUse, n.refused)
		if err != nil || !slices.Equal(sums(again), sums(docs)) {
			t.Errorf("a night after %s%s: %d of %d documents, %v", f.Kind, what, len(again), len(docs), err)
		}
	}
}

// night is what one leaves for the next.
type night struct {
	inUse   []fetch.Document
	refused map[string]fetch.Refusal
}

func describe(d fetch.Document) string {
	b, err := d.Head(100)
	return fmt.Sprintf("%d bytes beginning %q (%v)", d.Size, b[:min(len(b), 100)], err)
}

func sums(docs []fetch.Document) (out []string) {
	for _, d := range docs {
		out = append(out, d.SHA256)
	}
	slices.Sort(out)
	return out
}

func matches(s string, parts []string) bool {
	return slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(s, p) })
}

// someOfEach takes the first and the last address of each path: pages of one
// answer break alike, a probe and what it is about do not.
func someOfEach(asked, without []string) (out []string) {
	first, last := map[string]string{}, map[string]string{}
	for _, a := range asked {
		u, err := url.Parse(a)
		if err != nil || matches(a, without) {
			continue
		}
		path := u.Host + u.Path
		if first[path] == "" {
			first[path] = a
			out = append(out, a)
		}
		last[path] = a
	}
	for path, a := range last {
		if a != first[path] {
			out = append(out, a)
		}
	}
	slices.Sort(out)
	return out[:min(len(out), 12)]
}

package dashboards

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"hrinvest/warehouse"
)

// history publishes releases on the given days of November 2026. Each has a grant of
// its own amount in Kyrgyzstan: 100,001 dollars on the first, 100,002 on the second.
func history(t testing.TB, days ...int) (string, []warehouse.Release) {
	t.Helper()
	dir := t.TempDir()
	var out []warehouse.Release
	for i, day := range days {
		out = append(out, buildOn(t, dir, append(fixtureFlows(), flow("own", map[string]any{"year": 2021, "amount": fmt.Sprint(100_001 + i), "usd": fmt.Sprint(100_001 + i)})), day))
	}
	return dir, out
}

func siteOf(t testing.TB, dir string) *Server {
	t.Helper()
	f := Follow(dir, warehouse.Options{Threads: 1})
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	s, err := New(Config{Releases: f, Sources: sources(), Now: opsNow, Programs: true})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// asOf names a release in an address.
func asOf(p, release string) string { return withRelease(p, release) }

// A page of an earlier release says that it is one, shows its numbers, and all it
// leads to is of that release.
func TestPagesOfAnEarlierRelease(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	dir, rel := history(t, 1, 20)
	s := siteOf(t, dir)
	for _, p := range everyPage() {
		if strings.HasSuffix(p, "/ops") {
			continue // speaks of today
		}
		w := ask(t, s, asOf(p, rel[0].ID))
		if w.Code != 200 {
			t.Errorf("%s: %d %.300s", p, w.Code, w.Body)
			continue
		}
		page := w.Body.String()
		for _, problem := range scanPage(t, page) {
			t.Errorf("%s: %s", p, problem)
		}
		for _, want := range []string{rel[0].ID, `class="banner earlier"`, `name="robots" content="noindex"`} {
			if !strings.Contains(page, want) {
				t.Errorf("%s: no %q", p, want)
			}
		}
		if strings.Contains(page, rel[1].ID) {
			t.Errorf("%s: the other release is named", p)
		}
		for _, problem := range strayLinks(t, page, rel[0].ID) {
			t.Errorf("%s: %s", p, problem)
		}
	}
	// The check finds what it is for.
	stray := `<a href="/en/gaps">x</a><a href="/ru/gaps?as_of=other">x</a><form action="/en/gaps"><input name="year"></form><a href="/export/a/b">x</a>`
	if got := strayLinks(t, stray, "this"); len(got) != 4 { // no way to the current release either
		t.Errorf("%q", got)
	}
	for lang, words := range map[string]string{"en": "An earlier release: " + rel[0].ID + " of 1 November 2026", "ru": "Прежний выпуск: " + rel[0].ID + " от 01.11.2026"} {
		old, now := ask(t, s, "/"+lang+"/country/KGZ?as_of=2026-11-19").Body.String(), ask(t, s, "/"+lang+"/country/KGZ").Body.String()
		if !strings.Contains(old, words) {
			t.Errorf("%s: the page does not say %q", lang, words)
		}
		if strings.Contains(now, "banner earlier") || strings.Contains(now, "noindex") {
			t.Errorf("%s: the current release is called an earlier one", lang)
		}
	}
}

// strayLinks are the links and forms of a page that do not stay with a release; the
// one to the current release must leave it.
func strayLinks(t *testing.T, page, id string) []string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	away := 0
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		attr := map[string]string{}
		for _, a := range n.Attr {
			attr[a.Key] = a.Val
		}
		if href := attr["href"]; isOfRelease(href) {
			u, err := url.Parse(href)
			if err != nil {
				t.Fatal(err)
			}
			named := u.Query().Get(AsOfParam)
			switch {
			case attr["rel"] == "latest-version" && named == "":
				away++
			case named != id:
				out = append(out, href)
			}
		}
		if n.Data == "form" {
			stays := false
			for c := range n.Descendants() {
				at := map[string]string{}
				for _, a := range c.Attr {
					at[a.Key] = a.Val
				}
				stays = stays || c.Data == "input" && at["name"] == AsOfParam && at["value"] == id
			}
			if !stays {
				out = append(out, "form "+attr["action"])
			}
		}
	}
	if away != 1 {
		out = append(out, fmt.Sprint(away, " ways to the current release"))
	}
	return out
}

// The files behind a page are of the release the address names, by id or by day.
func TestFilesOfAnEarlierRelease(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	dir, rel := history(t, 1, 20)
	s := siteOf(t, dir)
	for _, p := range []string{"/en/flows.csv?country=KGZ&year=2021", "/ru/flows.json?country=KGZ&year=2021", "/en/flows.csv?country=KGZ&year=2021&excel=ru", "/en/country/KGZ.csv", "/en/country/KGZ.json", "/en/country/KGZ.svg",
		"/en/questions/spending_by_source.csv?country=KGZ", "/en/donor.csv?funder=Global+Fund", "/en/brief/KGZ.html", "/ru/brief/KGZ.csv", "/en/data/flows.json?country=KGZ", "/en/flow/own.json"} {
		for named, want := range map[string]string{"": "2", rel[0].ID: "1", rel[1].ID: "2", "2026-11-01": "1", "2026-11-19": "1", "2026-11-20": "2", "2999-01-01": "2"} {
			at := p
			if named != "" {
				at = asOf(p, named)
			}
			w := ask(t, s, at)
			got := strings.NewReplacer(",", "", "\u00a0", "", "\u202f", "").Replace(w.Body.String())
			other := map[string]string{"1": "2", "2": "1"}[want]
			if w.Code != 200 || !strings.Contains(got, "10000"+want) || strings.Contains(got, "10000"+other) {
				t.Errorf("%s: %d, not the release of the amount %s", at, w.Code, want)
			}
		}
	}
	for _, p := range []string{"/en/gaps.xlsx", "/en/donors.xlsx", "/en/countries.svg", "/en/brief/KGZ.pdf", "/en/brief/KGZ.docx", "/en/brief/KGZ.png", "/en/briefs.zip", "/en/cite.bib", "/en/cite.ris", "/en/cite.txt", "/en/releases.atom"} {
		old, now := ask(t, s, asOf(p, rel[0].ID)), ask(t, s, p)
		if old.Code != 200 || old.Header().Get("ETag") == now.Header().Get("ETag") {
			t.Errorf("%s: %d, ETags %s and %s", p, old.Code, old.Header().Get("ETag"), now.Header().Get("ETag"))
		}
		if path.Ext(p) != ".svg" && bytes.Equal(old.Body.Bytes(), now.Body.Bytes()) {
			t.Errorf("%s: the same bytes from two releases", p)
		}
	}
	if svg := ask(t, s, asOf("/en/countries.svg", rel[0].ID)).Body.String(); !strings.Contains(svg, "/en/country/KGZ?as_of="+rel[0].ID) {
		t.Error("the tiles lead to another release")
	}
	for _, p := range []string{"/en/kg", "/en/country/kgz"} {
		if got := ask(t, s, asOf(p, rel[0].ID)).Header().Get("Location"); got != "/en/country/KGZ?as_of="+rel[0].ID {
			t.Errorf("%s leads to %q", p, got)
		}
	}
	if got := ask(t, s, "/?as_of=2026-11-02", "Accept-Language", "ru").Header().Get("Location"); got != "/ru/?as_of=2026-11-02" {
		t.Errorf("the choice of a language leads to %q", got)
	}
}

// The address a page and a brief give for citing shows the same numbers when other
// releases have come.
func TestCitedAddressKeepsItsNumbers(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	dir, rel := history(t, 1)
	s := siteOf(t, dir)
	cited := map[string]string{} // :: address -> what it showed
	for _, p := range []string{"/en/country/KGZ", "/ru/country/KGZ", "/en/flows?country=KGZ&year=2021", "/en/questions/spending_by_source?country=KGZ&sort=-year", "/en/gaps?country=KGZ", "/en/donor?funder=Global+Fund"} {
		page := ask(t, s, p).Body.String()
		root, err := html.Parse(strings.NewReader(page))
		if err != nil {
			t.Fatal(err)
		}
		link := ""
		for n := range root.Descendants() {
			at := map[string]string{}
			for _, a := range n.Attr {
				at[a.Key] = a.Val
			}
			if at["rel"] == "bookmark" {
				link = at["href"]
			}
			if at["rel"] == "canonical" && at["href"] != p {
				t.Errorf("%s: canonical address %s", p, at["href"])
			}
		}
		if !strings.Contains(link, AsOfParam+"="+rel[0].ID) {
			t.Fatalf("%s: the address to cite is %q", p, link)
		}
		if strings.Contains(p, "country/") {
			if b := ask(t, s, "/"+p[1:3]+"/brief/KGZ.html").Body.String(); !strings.Contains(b, link) {
				t.Errorf("the brief does not give %s", link)
			}
		}
		cited[link] = withoutBanner(ask(t, s, link).Body.String())
	}
	etags := map[string]string{}
	for link := range cited {
		etags[link] = ask(t, s, link).Header().Get("ETag")
	}
	for i, day := range []int{20, 25} {
		buildOn(t, dir, append(fixtureFlows(), flow("own", map[string]any{"year": 2021, "amount": fmt.Sprint(777_777 + i), "usd": "777777"})), day)
		for link, was := range cited {
			w := ask(t, s, link)
			if got := withoutBanner(w.Body.String()); got != was {
				t.Errorf("%s shows something else", link)
			}
			etag := w.Header().Get("ETag")
			if same := etag == etags[link]; same != (i > 0) { // it changes once: when the release is no longer the current one
				t.Errorf("%s after %d releases: ETag %s, was %s", link, i+1, etag, etags[link])
			}
			etags[link] = etag
			if w := ask(t, s, link, "If-None-Match", etag); w.Code != http.StatusNotModified {
				t.Errorf("%s: %d to who has it", link, w.Code)
			}
		}
	}
}

// withoutBanner is a page without what says that there is a newer one.
func withoutBanner(page string) string {
	for _, part := range [][2]string{{`<p class="banner earlier">`, "</p>"}, {"<link rel=\"canonical\"", ">"}, {`<meta name="robots"`, ">"}, {`<p class="banner">Not fresh`, "</p>"}, {`<p class="banner">Данные не свежие`, "</p>"}} {
		if before, rest, ok := strings.Cut(page, part[0]); ok {
			_, after, _ := strings.Cut(rest, part[1])
			page = before + after
		}
	}
	return strings.Join(strings.Fields(page), " ")
}

// What names no release is refused plainly, with the releases there are; hostile
// values are text and no more, and filters a page does not know stay errors.
func TestNoSuchRelease(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	dir, rel := history(t, 3, 20)
	s := siteOf(t, dir)
	tests := []struct {
		named  string
		status int
		lists  bool
	}{
		{"2026-11-02", 404, true},                // before the first
		{"0001-01-01", 404, true},                // long before
		{"20260101T000000Z-1a2b3c4d", 404, true}, // never was
		{rel[0].ID[:20], 404, true},              // part of an id
		{strings.ToUpper(rel[0].ID), 400, true},  // an id is spelled one way
		{rel[0].ID + "/../" + rel[1].ID, 400, true},
		{"../current", 400, true},
		{"yesterday", 400, true},
		{"2026-13-40", 400, true},
		{`"><script>alert(1)</script>`, 400, true},
		{"%00", 400, true},
		{strings.Repeat("9", 9000), 400, true},
		{"20260101T000000Z-" + strings.Repeat("a", 4000), 400, true},
		{"' OR 1=1 --", 400, true},
	}
	for _, tt := range tests {
		for _, lang := range []string{"en", "ru"} {
			w := ask(t, s, "/"+lang+"/gaps?country=KGZ&as_of="+url.QueryEscape(tt.named))
			page := w.Body.String()
			if w.Code != tt.status || w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%.40q: %d %s", tt.named, w.Code, w.Header().Get("Cache-Control"))
			}
			for _, r := range rel {
				if link := "/" + lang + "/gaps?as_of=" + r.ID + "&amp;country=KGZ"; strings.Contains(page, link) != tt.lists {
					t.Errorf("%.40q: the page does not offer %s", tt.named, link)
				}
			}
			if len(page) > 6000 || strings.Contains(page, "<script") {
				t.Errorf("%.40q: %d bytes", tt.named, len(page))
			}
			for _, problem := range scanPage(t, page) {
				t.Errorf("%.40q: %s", tt.named, problem)
			}
			if w := ask(t, s, "/"+lang+"/gaps.csv?as_of="+url.QueryEscape(tt.named)); w.Code != tt.status || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") || !strings.Contains(w.Body.String(), rel[1].ID) {
				t.Errorf("%.40q, as a file: %d %s %.200s", tt.named, w.Code, w.Header().Get("Content-Type"), w.Body)
			}
		}
	}
	for p, status := range map[string]int{
		"/en/gaps?as_of=" + rel[0].ID + "&as_of=" + rel[1].ID:        400,
		"/en/gaps?as_of=" + rel[0].ID + "&colour=red":                400,
		"/en/gaps?release=" + rel[0].ID:                              400,
		"/en/gaps?AS_OF=" + rel[0].ID:                                400,
		"/en/questions/gaps?as_of=" + rel[0].ID + "&country=NOWHERE": 400,
		"/en/country/XXX?as_of=" + rel[0].ID:                         404,
		"/en/nothing/at/all?as_of=" + rel[0].ID:                      404,
		"/en/gaps?as_of=":                                            200, // an empty field of a form
	} {
		if w := ask(t, s, p); w.Code != status {
			t.Errorf("%s: %d, want %d", p, w.Code, status)
		}
	}
	// A release that was removed is gone also for who had it open.
	open := asOf("/en/gaps", rel[0].ID)
	if w := ask(t, s, open); w.Code != 200 {
		t.Fatal(w.Code)
	}
	if err := warehouse.Remove(dir, rel[0].ID); err != nil {
		t.Fatal(err)
	}
	if w := ask(t, s, open); w.Code != 404 || strings.Contains(w.Body.String(), "as_of="+rel[0].ID) {
		t.Errorf("a removed release: %d %s", w.Code, w.Body)
	}
	if n := len(s.cfg.Releases.(*Follower).earlier.open); n != 0 {
		t.Errorf("%d releases are held open", n)
	}
}

// A release of another contract, and one that lacks what a question asks for, are said
// to be that; a site that keeps no earlier releases says that it does not know them.
func TestReleaseOfAnotherVersion(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	dir, rel := history(t, 1, 20)
	s := siteOf(t, dir)
	side := strings.TrimSuffix(rel[0].Path, ".duckdb") + ".json"
	b, err := os.ReadFile(side)
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	m["contract"] = warehouse.ContractVersion + 1
	if b, err = json.Marshal(m); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(side, b, 0o644); err != nil {
		t.Fatal(err)
	}
	for lang, words := range map[string]string{"en": "built by another version of this program", "ru": "построен другой версией программы"} {
		w := ask(t, s, "/"+lang+"/gaps?as_of=2026-11-05")
		if w.Code != http.StatusGone || !strings.Contains(w.Body.String(), words) || !strings.Contains(w.Body.String(), "as_of="+rel[1].ID) {
			t.Errorf("%s: %d %s", lang, w.Code, w.Body)
		}
	}
	for problem, status := range map[string]int{"Binder Error: Referenced column \"x\" not found": 410, "Catalog Error: Table with name x does not exist!": 410, "disk on fire": 500} {
		lacking, err := New(Config{Releases: lacking{s.cfg.Releases.(*Follower), errors.New(problem)}})
		if err != nil {
			t.Fatal(err)
		}
		if w := ask(t, lacking, asOf("/en/gaps", rel[1].ID)); w.Code != status || strings.Contains(w.Body.String(), problem) {
			t.Errorf("%s: %d %s", problem, w.Code, w.Body)
		}
		if w := ask(t, lacking, "/en/gaps"); w.Code != 200 {
			t.Errorf("%s: the current release: %d", problem, w.Code)
		}
	}
	alone, err := New(Config{Releases: current{s.cfg.Releases}})
	if err != nil {
		t.Fatal(err)
	}
	if w := ask(t, alone, asOf("/en/gaps", rel[1].ID)); w.Code != 400 {
		t.Errorf("a site without earlier releases: %d", w.Code)
	}
}

// current is a Provider that is no Archive.
type current struct{ Provider }

// lacking is an Archive whose earlier releases fail.
type lacking struct {
	*Follower
	err error
}

func (l lacking) AcquireAsOf(context.Context, string) (Data, Release, func(), error) {
	return failing{l.err}, Release{ID: "old"}, func() {}, nil
}

type failing struct{ err error }

func (f failing) Named(context.Context, string, map[string]any) (*Table, error) { return nil, f.err }

// Few releases are open at once, none is closed under its readers, and who finds no
// room waits, and is told when that takes too long.
func TestEarlierReleasesMakeRoom(t *testing.T) {
	dir, rel := history(t, 1, 2, 3, 4, 5)
	f := Follow(dir, warehouse.Options{Threads: 1})
	defer f.Close()
	f.earlier.wait = time.Minute
	var wg sync.WaitGroup
	for g := range 6 {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(uint64(g), 1))
			for range 15 {
				i := random.IntN(len(rel))
				data, got, done, err := f.AcquireAsOf(t.Context(), rel[i].ID)
				if err != nil {
					t.Error(err)
					return
				}
				for range 1 + random.IntN(3) {
					table, err := data.Named(t.Context(), "flows", map[string]any{"country": "KGZ", "year": "2021"})
					if err != nil || len(table.Rows) != 1 || plainText(table.Rows[0]["amount"]) != fmt.Sprint(100_001+i) || got.ID != rel[i].ID {
						t.Errorf("release %d: %v", i, err)
					}
				}
				f.earlier.mu.Lock()
				if n := len(f.earlier.open); n > f.earlier.room {
					t.Errorf("%d releases are open", n)
				}
				f.earlier.mu.Unlock()
				done()
				done() // leaving twice is leaving once
			}
		})
	}
	wg.Wait()
	f.earlier.wait = 10 * time.Millisecond
	var leave []func()
	for _, r := range rel[:f.earlier.room] {
		_, _, done, err := f.AcquireAsOf(t.Context(), r.ID)
		if err != nil {
			t.Fatal(err)
		}
		leave = append(leave, done)
	}
	if _, _, _, err := f.AcquireAsOf(t.Context(), rel[3].ID); !errors.Is(err, ErrBusy) {
		t.Errorf("without room: %v", err)
	}
	s, err := New(Config{Releases: f})
	if err != nil {
		t.Fatal(err)
	}
	if w := ask(t, s, asOf("/ru/gaps", rel[3].ID)); w.Code != 503 || w.Header().Get("Retry-After") == "" {
		t.Errorf("without room: %d", w.Code)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f.earlier.wait = time.Minute
	if _, _, _, err := f.AcquireAsOf(ctx, rel[3].ID); !errors.Is(err, context.Canceled) {
		t.Errorf("a reader who has gone: %v", err)
	}
	leave[0]()
	_, got, done, err := f.AcquireAsOf(t.Context(), rel[3].ID)
	if err != nil || got.ID != rel[3].ID {
		t.Fatalf("with room again: %v", err)
	}
	done()
	leave[1]()
	// One that cannot be opened takes no room.
	if err := os.WriteFile(rel[2].Path, []byte("no database"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := f.earlier.retain(func(r warehouse.Release) bool { return r.ID != rel[2].ID }); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, _, _, err := f.AcquireAsOf(t.Context(), rel[2].ID); err == nil || errors.Is(err, ErrBusy) {
			t.Errorf("a broken file: %v", err)
		}
	}
}

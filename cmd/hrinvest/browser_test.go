package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// widths are a small phone, an ordinary phone and a desk, in CSS pixels.
var widths = []int64{320, 412, 1280}

// browserPages are one of each kind of page, with data of the bundled release.
func browserPages() []string {
	return []string{"/", "/countries", "/country/KGZ", "/country/RUS", "/country/XKX", "/gaps", "/gaps?country=KGZ&latest=false", "/commitments?kind=coverage", "/flows?country=MNE", "/donors",
		"/donor?funder=47045", "/questions", "/questions/need_funded?country=KGZ", "/questions/spending_by_source?country=KGZ&trace=1", "/sources", "/releases", "/method", "/about", "/ops", "/nothing"}
}

// TestPagesInBrowser opens the pages of the program, with the bundled release, in
// a browser: they must say nothing to the console, load nothing from elsewhere,
// stay light, never scroll sideways, and give axe-core no serious finding.
func TestPagesInBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	b := startBrowser(t)
	site := startSite(t)
	axe := axeScript(t)
	keep := os.Getenv("HRINVEST_SCREENSHOTS") // a folder to look at them in
	for _, lang := range []string{"en", "ru"} {
		for _, path := range browserPages() {
			t.Run(lang+path, func(t *testing.T) {
				seen := b.open(t, site+"/"+lang+path)
				for _, w := range widths {
					if scroll := b.resize(t, w); scroll > w {
						t.Errorf("at %d pixels the page is %d wide: %s", w, scroll, b.wide(t, w))
					}
					if axe != "" && (w == 320 && lang == "ru" || w == 1280 && lang == "en") { // the words of Russian are longer
						for _, finding := range b.axe(t, axe) {
							t.Errorf("at %d pixels: %s", w, finding)
						}
					}
					if keep != "" {
						b.screenshot(t, filepath.Join(keep, strings.NewReplacer("/", "_", "?", "_", "&", "_", "=", "_").Replace(fmt.Sprint(lang, path, "_", w, ".png"))))
					}
				}
				requests, bytes, complaints := seen()
				for _, u := range requests {
					if !strings.HasPrefix(u, site) && !strings.HasPrefix(u, "data:") {
						t.Errorf("the page asks another site: %s", u)
					}
				}
				if len(requests) == 0 || bytes > 60<<10 {
					t.Errorf("%d requests, %d bytes; want under 60 KB", len(requests), bytes)
				}
				for _, c := range complaints {
					t.Errorf("console: %s", c)
				}
			})
		}
	}
}

// On the first screen of a small phone stands the number; what a finger must hit is
// large enough; paper has what the screen folds away, and no table is wider than it; and
// charts keep a ground under their dark letters in forced colours.
func TestPhoneAndPaper(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	b := startBrowser(t)
	site := startSite(t)
	media := func(media string, features ...*emulation.MediaFeature) {
		t.Helper()
		set := chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
			_, err := cdp.Call(ctx, tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: media, Features: features})
			return err
		})
		if err := chromedp.Do(b.ctx, set); err != nil {
			t.Fatal(err)
		}
	}
	faults := func(what, script string) {
		t.Helper()
		found, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]string](script))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			t.Errorf("%s: %s", what, f)
		}
	}
	for _, path := range []string{"/ru/country/KGZ", "/ru/gaps?country=KGZ", "/ru/"} {
		b.open(t, site+path)
		b.resize(t, 320)
		faults(path+" on a phone", `[...document.querySelectorAll(".headline")].filter(e => e.getBoundingClientRect().bottom > 640).map(e => "the headline ends at " + e.getBoundingClientRect().bottom)`)
		faults(path+" on a phone", `[...document.querySelectorAll("a.ref")].filter(e => e.checkVisibility()).map(e => e.getBoundingClientRect()).filter(r => r.width < 24 || r.height < 24).slice(0, 3).map(r => "a mark of " + r.width + "x" + r.height)`)
		media("print")
		b.resize(t, 700)
		faults(path+" on paper", `[...document.querySelectorAll("details:not(.fold)")].filter(d => ![...d.children].some(e => e.tagName != "SUMMARY" && e.getBoundingClientRect().height > 10)).map(d => "folded away: " + d.innerText)`)
		faults(path+" on paper", `[...document.querySelectorAll(".wide")].filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.getAttribute("aria-label") + " is " + e.scrollWidth + " wide, of " + e.clientWidth)`)
		media("", &emulation.MediaFeature{Name: "forced-colors", Value: "active"})
		faults(path+" in forced colours", `[...document.querySelectorAll("svg.chart")].map(e => getComputedStyle(e)).filter(s => s.backgroundColor != "rgb(255, 255, 255)").map(s => "a chart on " + s.backgroundColor)`)
		media("")
	}
}

// The checks above can fail: a page with every fault is found out.
func TestBrowserSeesFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	b := startBrowser(t)
	seen := b.open(t, `data:text/html,<html><body><img src="http://192.0.2.1/x.png"><div style="width:900px">wide</div><script>throw new Error("loud")</script><p style="color:%23ccc">pale</p>`)
	if scroll := b.resize(t, 320); scroll <= 320 || !strings.Contains(b.wide(t, 320), "div") {
		t.Errorf("a page of %d pixels was not found too wide", scroll)
	}
	if axe := axeScript(t); axe != "" {
		if found := strings.Join(b.axe(t, axe), "\n"); !strings.Contains(found, "color-contrast") || !strings.Contains(found, "image-alt") {
			t.Errorf("axe-core found only: %s", found)
		}
	}
	requests, _, complaints := seen()
	if !strings.Contains(strings.Join(requests, " "), "192.0.2.1") || !strings.Contains(strings.Join(complaints, " "), "loud") {
		t.Errorf("requests %v, complaints %v", requests, complaints)
	}
}

// browser is one tab of a browser.
type browser struct {
	ctx context.Context

	mu         sync.Mutex
	requests   []string
	bytes      float64
	complaints []string
}

// startBrowser starts a headless browser, or skips the test where there is none.
func startBrowser(t *testing.T) *browser {
	t.Helper()
	binary := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			binary = p
			break
		}
	}
	if binary == "" {
		t.Skip("no Chromium here: .ci/run installs it")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(binary), chromedp.Flag("hide-scrollbars", true))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium refuses its sandbox to root
	}
	ctx, stop := context.WithTimeout(t.Context(), 12*time.Minute)
	t.Cleanup(stop)
	ctx, stopAll := chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(stopAll)
	b := &browser{}
	ctx, closeTab := chromedp.NewContext(ctx, chromedp.WithListener(b.note))
	t.Cleanup(closeTab)
	b.ctx = ctx
	noCache := chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true})
		return err
	})
	if err := chromedp.Do(ctx, noCache); err != nil {
		t.Fatalf("starting %s: %v", binary, err)
	}
	return b
}

// note keeps what the page asks for and what the browser complains about.
func (b *browser) note(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
	case *network.EventLoadingFinished:
		b.bytes += e.EncodedDataLength
	case *log.EventEntryAdded:
		if !strings.HasSuffix(e.Entry.URL, "/nothing") { // that it is missing is the point of that page
			b.complaints = append(b.complaints, e.Entry.Text+" "+e.Entry.URL)
		}
	case *runtime.EventConsoleAPICalled:
		b.complaints = append(b.complaints, fmt.Sprint(e.Type))
	case *runtime.EventExceptionThrown:
		b.complaints = append(b.complaints, e.ExceptionDetails.Exception.Description)
	}
}

// open loads a page and returns what tells of the requests since then, their
// bytes as transferred, and the complaints.
func (b *browser) open(t *testing.T, url string) func() ([]string, int64, []string) {
	t.Helper()
	b.mu.Lock()
	b.requests, b.bytes, b.complaints = nil, 0, nil
	b.mu.Unlock()
	if err := chromedp.Do(b.ctx, chromedp.Navigate(url)); err != nil {
		t.Fatalf("opening %s: %v", url, err)
	}
	return func() ([]string, int64, []string) {
		b.mu.Lock()
		defer b.mu.Unlock()
		return b.requests, int64(b.bytes), b.complaints
	}
}

// resize gives the tab a width and returns how wide the page is in it.
func (b *browser) resize(t *testing.T, width int64) int64 {
	t.Helper()
	err := chromedp.Do(b.ctx, chromedp.EmulateViewport(width, 800))
	if err != nil {
		t.Fatal(err)
	}
	scroll, err := chromedp.Run(b.ctx, chromedp.Evaluate[int64](`document.scrollingElement.scrollWidth`))
	if err != nil {
		t.Fatal(err)
	}
	return scroll
}

// wide names the elements that stick out at the right.
func (b *browser) wide(t *testing.T, width int64) string {
	t.Helper()
	out, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]string](fmt.Sprintf(`[...document.body.querySelectorAll("*")].filter(e => e.getBoundingClientRect().right > %d + 1 && !e.closest(".wide"))
		.slice(0, 5).map(e => e.tagName.toLowerCase() + "." + e.className + " " + (e.textContent || "").trim().slice(0, 40))`, width)))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(out, "; ")
}

// axe returns the serious and critical findings of axe-core.
func (b *browser) axe(t *testing.T, script string) []string {
	t.Helper()
	run := `axe.run(document, {preload: false, resultTypes: ["violations"]}).then(r => JSON.stringify(r.violations
		.filter(v => v.impact == "serious" || v.impact == "critical").map(v => v.id + ": " + v.help + ": " + v.nodes.slice(0, 3).map(n => n.html.slice(0, 200)).join(" | "))))`
	text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](script+";\n"+run, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("running axe-core: %v", err)
	}
	var out []string
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func (b *browser) screenshot(t *testing.T, file string) {
	t.Helper()
	png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(file, png, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// axeScript is axe-core, which .ci/run puts into the user's cache; "" where it is
// missing.
func axeScript(t *testing.T) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err == nil {
		var b []byte
		if b, err = os.ReadFile(filepath.Join(cache, "hrinvest", "node_modules", "axe-core", "axe.min.js")); err == nil {
			return string(b)
		}
	}
	t.Logf("without axe-core, which .ci/run installs: %v", err)
	return ""
}

// startSite publishes the bundled release and serves it until the test ends.
func startSite(t *testing.T) string {
	t.Helper()
	dir := bundledCopy(t)
	ctx, stop := context.WithCancel(context.Background())
	lines, errw := io.Pipe()
	done := make(chan int, 1)
	go func() {
		code := run(ctx, []string{"serve", "--data", dir, "--offline", "--listen", "127.0.0.1:0"}, strings.NewReader(""), io.Discard, errw)
		errw.Close()
		done <- code
	}()
	t.Cleanup(func() { stop(); <-done })
	first := make([]byte, 200)
	n, err := lines.Read(first)
	if err != nil {
		t.Fatalf("serve said nothing: %v, exit %d", err, <-done)
	}
	go io.Copy(io.Discard, lines)
	url, ok := strings.CutPrefix(strings.TrimSpace(string(first[:n])), "serving ")
	if !ok {
		t.Fatalf("first line %q", first[:n])
	}
	return url
}

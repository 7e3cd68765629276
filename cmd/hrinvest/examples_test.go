package main

import (
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// What the page of data says works: its links lead somewhere, and its examples run
// as they stand, where there is something to run them with.
func TestExamplesRun(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	h := bundledSite(t)
	s := httptest.NewServer(h)
	defer s.Close()
	fetch := func(address string) (int, string) {
		res, err := http.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatalf("%s: %v", address, err)
		}
		return res.StatusCode, string(b)
	}
	status, page := fetch(s.URL + "/en/data")
	if status != 200 {
		t.Fatalf("%d %s", status, page)
	}
	links := 0
	for _, m := range regexp.MustCompile(`href="(/(?:export|api)/[^"]+)"`).FindAllStringSubmatch(page, -1) {
		links++
		if status, body := fetch(s.URL + m[1]); status != 200 || body == "" {
			t.Errorf("%s: %d", m[1], status)
		}
	}
	if links < 20 {
		t.Errorf("only %d links", links)
	}
	python, _ := exec.LookPath("python3")
	curl, _ := exec.LookPath("curl")
	examples := regexp.MustCompile(`(?s)<h3>([^<]*)</h3>\s*<pre[^>]*><code>(.*?)</code>`).FindAllStringSubmatch(page, -1)
	if len(examples) < 5 {
		t.Errorf("only %d examples", len(examples))
	}
	for _, m := range examples {
		title, code := m[1], html.UnescapeString(m[2])
		t.Run(title, func(t *testing.T) {
			switch {
			case strings.HasPrefix(code, "curl") && curl != "":
				out := command(t, "sh", "-c", code)
				if !strings.HasPrefix(out, "country,usd\n") || !strings.Contains(out, "KGZ,") {
					t.Errorf("%.300s", out)
				}
			case strings.HasPrefix(code, "import") && python != "":
				for _, name := range []string{"pandas", "duckdb", "pyarrow"} {
					if strings.Contains(code, name) && exec.Command(python, "-c", "import "+name).Run() != nil {
						t.Skip("python has no " + name)
					}
				}
				if strings.Contains(code, "pandas") {
					code += "\nprint(len(flows), flows['flow_id'].nunique())"
				}
				if out := command(t, python, "-c", code); out == "" {
					t.Error("it says nothing")
				}
			case strings.HasPrefix(code, "http"):
				for _, address := range strings.Fields(code) {
					if status, _ := fetch(address); status != 200 {
						t.Errorf("%s: %d", address, status)
					}
				}
			default:
				t.Skip("nothing to run it with")
			}
		})
	}
}

func command(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = t.TempDir()
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Errorf("%v\n%s%s", err, out, said.String())
	}
	return string(out)
}

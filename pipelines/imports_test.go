package pipelines

import (
	"os/exec"
	"strings"
	"testing"
)

// allowed says which rooms a room may import, besides itself. Data flows one
// way: extractors -> transforms -> pipelines -> warehouse -> dashboards.
var allowed = map[string][]string{
	"extractors": {},
	"transforms": {"extractors"},
	"warehouse":  {},
	"pipelines":  {"extractors", "transforms", "warehouse"},
	"dashboards": {"warehouse"},
	"cmd":        {"extractors", "transforms", "warehouse", "pipelines", "dashboards"},
}

// The imports between the six rooms go one way only, and there is no seventh.
func TestRoomsImportOneWay(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "hrinvest/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		pkg, imports, _ := strings.Cut(line, " ")
		room := roomOf(pkg)
		may, ok := allowed[room]
		if !ok {
			t.Errorf("package %s is in no room", pkg)
			continue
		}
		seen++
		for _, imp := range strings.Fields(imports) {
			to := roomOf(imp)
			if to == "" || to == room {
				continue
			}
			found := false
			for _, m := range may {
				found = found || m == to
			}
			if !found {
				t.Errorf("%s imports %s: %s must not import %s", pkg, imp, room, to)
			}
		}
		// a source is one folder: sources do not import each other
		if src := sourceOf(pkg); src != "" {
			for _, imp := range strings.Fields(imports) {
				if other := sourceOf(imp); other != "" && other != src {
					t.Errorf("source %s imports source %s", src, other)
				}
			}
		}
	}
	if seen < len(allowed) {
		t.Errorf("only %d packages listed", seen)
	}
}

// roomOf is the top-level folder of a package of this module.
func roomOf(pkg string) string {
	rest, ok := strings.CutPrefix(pkg, "hrinvest/")
	if !ok {
		return ""
	}
	room, _, _ := strings.Cut(rest, "/")
	return room
}

// sourceOf is the folder of a source; packages that sources share are none.
func sourceOf(pkg string) string {
	rest, ok := strings.CutPrefix(pkg, "hrinvest/extractors/")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	switch name {
	case "fetch", "extractorstest", "phrases", "plaintext", "series":
		return ""
	}
	return name
}

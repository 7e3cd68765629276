package pepfar

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hrinvest/extractors"
	"hrinvest/extractors/extractorstest"
	"hrinvest/extractors/fetch"
	"hrinvest/extractors/fetch/fetchtest"
)

func TestSource(t *testing.T) { extractorstest.Run(t, New()) }

// lines joins rows of a table; "|" in them stands for the separator.
func lines(separator string, rows ...string) []byte {
	return []byte(strings.ReplaceAll(strings.Join(rows, "\n"), "|", separator) + "\n")
}

// parse reads one table under the role its header has, and holds what comes out
// to the contract of the fields.
func parse(t *testing.T, name string, b []byte) *extractorstest.Result {
	t.Helper()
	role := New().Role(name, b)
	if role == "" {
		t.Fatalf("%s has no role", name)
	}
	doc := extractorstest.Doc(role, name, b)
	r := extractorstest.Parse(t, New(), doc)
	extractorstest.Check(t, r, map[string]bool{doc.SHA256: true})
	return r
}

// reasons of what was rejected.
func reasons(r *extractorstest.Result) (list []string) {
	for _, p := range r.Problems {
		list = append(list, p.Locator+": "+p.Reason)
	}
	return list
}

const (
	publicHead = "Country/Operating Unit|Program|Interaction Type|Beneficiary|Sub Beneficiary"
	codesHead  = "Operating Unit|Country|ISO3|Budget Code|Record Type"
	classHead  = "Operating Unit|Country|ISO3|Program|Sub Program|Beneficiary|Sub Beneficiary"
)

// The shapes are told by their headers, in every spelling that was seen. Only a
// table by program that does not say what money it is of needs its name.
func TestRole(t *testing.T) {
	for name, tt := range map[string]struct{ file, head, want string }{
		"structured":               {"Financial_Structured_Datasets_COP17-21_20211217.txt", structuredHead, roleStructured},
		"older names":              {"fsd.txt", "operatingunit\tcountryname\tfundingagency\tprimepartner\tmech_code\tmech_name\tprogram\tfiscal_year\tcop_budget_total\texpenditure_amt", roleStructured},
		"newer names":              {"fsd.txt", "operatingunit\tcountry\tfunding_agency\tprime_partner_name\tmech_code\tmech_name\ttargeted_beneficiary\tallocated_beneficiary\tplanning_cycle\texpenditure_amt", roleStructured},
		"pipes":                    {"fsd.txt", strings.ReplaceAll(structuredHead, "\t", "|"), roleStructured},
		"byte order mark":          {"fsd.txt", "\ufeff" + structuredHead, roleStructured},
		"expenditures":             {"x.txt", publicHead + "|2020|2021", roleExpenditures},
		"expenditures by name":     {"PEPFAR_Program_Expenditures.txt", classHead + "|2020|2021", roleExpenditures},
		"budgets by code":          {"x.txt", codesHead + "|2020|2021", roleBudgets},
		"budgets by program":       {"PEPFAR_OU_Budgets_by_Financial_Classifications.txt", classHead + "|2020", roleBudgets},
		"not known which":          {"x.txt", classHead + "|2020|2021", ""},
		"no amounts":               {"fsd.txt", "operatingunit\tcountry\tmech_code\tprogram\tfiscal_year", ""},
		"no years":                 {"x.txt", publicHead, ""},
		"a year twice":             {"x.txt", publicHead + "|2020|FY2020", ""},
		"no place":                 {"x.txt", "Program|Interaction Type|2020|2021", ""},
		"health workers of PEPFAR": {"HRH_Structured_Datasets.txt", "operating_unit\tcountry\tmech_code\tprogram\tfiscal_year\tannual_fte", ""},
		"a page":                   {"PEPFAR_Program_Expenditures.txt", "<!DOCTYPE html><html>", roleExpenditures},
		"another page":             {"index.html", "<!DOCTYPE html><html>", ""},
		"empty":                    {"fsd.txt", "", ""},
	} {
		head := tt.head
		if !strings.Contains(head, "\t") && name != "pipes" {
			head = strings.ReplaceAll(head, "|", "\t")
		}
		if got := New().Role(tt.file, []byte(head+"\n")); got != tt.want {
			t.Errorf("%s: role %q, want %q", name, got, tt.want)
		}
	}
}

// Aggregates over all countries state nothing about a country.
func TestRoleOfOtherFiles(t *testing.T) {
	dir := extractorstest.Corpus(t, "pepfar")
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 10 {
		t.Errorf("only %d files", len(files))
	}
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		want := ""
		if strings.HasPrefix(f.Name(), "fsd_sample_rows") {
			want = roleStructured
		}
		if got := New().Role(f.Name(), b[:min(len(b), 64<<10)]); got != want {
			t.Errorf("%s has role %q, want %q", f.Name(), got, want)
		}
	}
}

// service is an emulator of the two public addresses: invented amounts for 60
// invented places.
func service(places int, percent int) fetchtest.Hosts {
	expenditures, budgets := []string{publicHead + "|2020|2021|2022"}, []string{codesHead + "|2020|2021|2022"}
	amount := func(i, j int) string { return fmt.Sprintf("%d", (100_000+1000*i+10*j)*percent/100) }
	for i := range places {
		name := fmt.Sprintf("Synthetia %d", i)
		for j, p := range []string{"ASP", "C&T", "HTS", "PM", "PREV", "SE"} {
			expenditures = append(expenditures, fmt.Sprintf("%s|%s|Service Delivery|Key Pops|People who inject drugs|%s||%s", name, p, amount(i, j), amount(i, j+1)))
			budgets = append(budgets, fmt.Sprintf("%s|%s||CODE%d|Implementing Mechanism|\"$%s.00\"|%s|%s", name, name, j, amount(i, j), amount(i, j), amount(i, j)))
		}
	}
	mux := http.NewServeMux()
	for i, rows := range [][]string{expenditures, budgets} {
		mux.Handle(strings.TrimPrefix(public[i].url, "https://s3.amazonaws.com"), fetchtest.Body("text/plain", lines("\t", rows...)))
	}
	return fetchtest.Hosts{"s3.amazonaws.com": mux}
}

func TestFetching(t *testing.T) {
	extractorstest.Fetching(t, New(), extractorstest.Emulator{
		Hosts: service(60, 100), Fewer: service(6, 100), Moved: service(60, 150),
	})
}

// One table that is gone does not keep the other from coming into use, and says
// so.
func TestFetchOneOfTwo(t *testing.T) {
	net := fetchtest.New(t, service(60, 100))
	c := net.Client(t, nil)
	for i, p := range public {
		net.Break(fetchtest.Fault{Kind: fetchtest.Missing, Match: p.url})
		docs, err := net.Fetch(t, c, New(), nil)
		if !errors.Is(err, fetch.ErrNotFound) || len(docs) != 1 || docs[0].Role != public[1-i].role {
			t.Errorf("without %s: %d documents, %v", p.role, len(docs), err)
		}
	}
}

// A table of the other kind under an address is refused.
func TestFetchRefusesTheOtherTable(t *testing.T) {
	mux := http.NewServeMux()
	for i, p := range public {
		other := map[string]string{roleExpenditures: codesHead + "|2020\nA|A||IDUP||1", roleBudgets: publicHead + "|2020\nA|PREV||||1"}[public[i].role]
		mux.Handle(strings.TrimPrefix(p.url, "https://s3.amazonaws.com"), fetchtest.Body("text/plain", lines("\t", other)))
	}
	net := fetchtest.New(t, fetchtest.Hosts{"s3.amazonaws.com": mux})
	docs, err := net.Fetch(t, net.Client(t, nil), New(), nil)
	if len(docs) != 0 || !errors.Is(err, fetch.ErrRefused) {
		t.Errorf("%d documents, %v", len(docs), err)
	}
}

// A dry run takes the beginning of one document.
func TestFetchSample(t *testing.T) {
	net := fetchtest.New(t, service(60, 100))
	c := net.Client(t, nil).For(fetch.View{Sample: true})
	n := 0
	err := New().Fetch(t.Context(), c, func(d fetch.Document) error { n++; return nil })
	if n != 1 || err != nil {
		t.Errorf("%d documents, %v", n, err)
	}
	enough := errors.New("enough")
	if err := New().Fetch(t.Context(), c, func(fetch.Document) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("the error of keep comes back as %v", err)
	}
}

// Nothing is bundled, so what the conformance suite tests of bundles is tested
// here: rubbish in every role is a rejected document, never silence.
func TestUnreadable(t *testing.T) {
	whole := map[string][]byte{
		roleStructured:   lines("\t", strings.ReplaceAll(structuredHead, "\t", "|"), structuredRow(nil)),
		roleExpenditures: lines("\t", publicHead+"|2020|2021", "Kenya|PREV|x|y|z|1000|2000"),
		roleBudgets:      lines("\t", codesHead+"|2020|2021", "Kenya|Kenya|KEN|IDUP|x|1000|2000"),
	}
	for role, b := range whole {
		header, _, _ := strings.Cut(string(b), "\n")
		for what, b := range map[string][]byte{
			"empty":        nil,
			"html":         []byte("<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please log in</body></html>"),
			"truncated":    b[:len(b)-len(b)/7],
			"binary":       []byte(strings.Repeat("\x00\xff\x1a\x80", 300)),
			"header only":  []byte(header + "\n"),
			"other table":  []byte("a\tb\n1\t2\n"),
			"a year twice": []byte(header + "\t2021\tFY21\n"),
		} {
			doc := extractorstest.Doc(role, "table.txt", b)
			r := extractorstest.Parse(t, New(), doc)
			extractorstest.Check(t, r, map[string]bool{doc.SHA256: true})
			if len(r.Problems) == 0 || len(r.Disclosures) > 0 {
				t.Errorf("%s, %s: %d problems, %d disclosures", role, what, len(r.Problems), len(r.Disclosures))
			}
		}
	}
}

type failing struct{ extractorstest.Result }

var errSink = errors.New("sink is full")

func (failing) Disclose(extractors.Disclosure) error { return errSink }
func (failing) Observe(extractors.Observation) error { return errSink }
func (failing) Reject(extractors.Problem) error      { return errSink }
func (failing) Skip(string, int, string) error       { return errSink }

// Errors of the run come back, and two runs agree.
func TestRun(t *testing.T) {
	for what, row := range map[string]string{
		"disclose": "Kenya|PREV|x|y|z|1000", "reject": "Kenya|PREV|x|y|z|soon", "too short": "Kenya|PREV",
		"skip a zero": "Kenya|PREV|x|y|z|0", "skip a total": "Kenya|||||7", "nothing": "",
	} {
		doc := extractorstest.Doc(roleExpenditures, "table.txt", lines("\t", publicHead+"|2020", row))
		if err := New().Parse(t.Context(), extractors.Set{doc}, failing{}); !errors.Is(err, errSink) {
			t.Errorf("%s: Parse into a failing sink = %v", what, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := New().Parse(ctx, extractors.Set{doc}, &extractorstest.Result{}); err == nil {
			t.Errorf("%s: Parse with a cancelled context returned nil", what)
		}
		if diff := cmp.Diff(extractorstest.Parse(t, New(), doc), extractorstest.Parse(t, New(), doc)); diff != "" {
			t.Errorf("%s: a second Parse differs:\n%s", what, diff)
		}
	}
	gone := extractorstest.Doc(roleStructured, "gone.txt", nil)
	gone.OpenFunc = nil
	if err := New().Parse(t.Context(), extractors.Set{gone}, &extractorstest.Result{}); err == nil {
		t.Error("a document that cannot be opened is no error")
	}
	other := extractorstest.Doc("", "other.txt", []byte("x"))
	if r := extractorstest.Parse(t, New(), other); r.Parsed() != 0 {
		t.Error("a document without a role is read")
	}
}

// The reviewed tables can be read, and every column has a header.
func TestTables(t *testing.T) {
	known, err := headers()
	if err != nil {
		t.Fatal(err)
	}
	var found []column
	for _, c := range known {
		found = append(found, c)
	}
	for c := range columns {
		if !slices.Contains(found, c) {
			t.Errorf("no header for %s", columnNames[c])
		}
	}
	w, err := newWords()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"Kazakhstan": "asiaregion", "Central Asia Region": "asiaregion", "Caribbean Region": "westernhemisphereregion",
		"Ukraine": "ukraine", "Côte d'Ivoire": "cotedivoire", "Cote dIvoire": "cotedivoire",
	} {
		if got := w.unit("", name); got != want {
			t.Errorf("unit of %s = %s, want %s", name, got, want)
		}
	}
}

package iati

import (
	"bytes"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hrinvest/extractors"
	"hrinvest/extractors/extractorstest"
)

// corpusFiles lists every XML file of the corpus.
func corpusFiles(t testing.TB) (files []string) {
	t.Helper()
	root := extractorstest.Corpus(t, "iati")
	err := filepath.WalkDir(root, func(p string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && filepath.Ext(p) == ".xml" {
			files = append(files, p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// Every published file parses without a failure of the run; what is parsed in
// scope and what is skipped add up to what is parsed when everything is in.
func TestCorpusAddsUp(t *testing.T) {
	some, all := New(Config{}), New(Config{ScopeAll: true})
	for _, p := range corpusFiles(t) {
		t.Run(filepath.Base(p), func(t *testing.T) {
			doc := extractorstest.File(t, some, p)
			if doc.Role == "" {
				t.Fatal("no role")
			}
			a, s := extractorstest.Parse(t, all, doc), extractorstest.Parse(t, some, doc)
			extractorstest.Check(t, a, nil)
			extractorstest.Check(t, s, nil)
			if a.Parsed() != s.Parsed() {
				t.Errorf("parsed %d with everything in scope, %d without", a.Parsed(), s.Parsed())
			}
			if a.Parsed() == 0 && !strings.Contains(p, "EXCERPT") && !strings.Contains(p, "inpud_admin-org") {
				t.Error("nothing parsed")
			}
		})
	}
}

// The bytes are cut in blocks; where the cuts fall must not show.
func TestCorpusBlocks(t *testing.T) {
	for name, block := range map[string]int{"dhsc/dhsc-activities-ghs.xml": 4093, "tdh-nl/NL-KVK-41149287-ETHA0476.xml": 100, "iati-datastore-fixtures/default_currency.xml": 1} {
		src := New(Config{ScopeAll: true})
		doc := extractorstest.File(t, src, extractorstest.Corpus(t, "iati", filepath.FromSlash(name)))
		want := extractorstest.Parse(t, src, doc)
		got := extractorstest.Parse(t, New(Config{ScopeAll: true, Block: block, Workers: 3}), doc)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s in blocks of %d:\n%s", name, block, diff)
		}
	}
}

// The department publishes 67 activities (eight of them without any money) with
// 1,220 transactions.
func TestCorpusDHSC(t *testing.T) {
	src := New(Config{ScopeAll: true})
	path := extractorstest.Corpus(t, "iati", "dhsc", "dhsc-activities-ghs.xml")
	activities, transactions := map[string]bool{}, 0
	for _, d := range extractorstest.Parse(t, src, extractorstest.File(t, src, path)).Disclosures {
		activities[d.Group] = true
		if d.Kind != extractors.Budget && d.Kind != extractors.PlannedDisbursement {
			transactions++
		}
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	_, pieces, _ := newCutter(f, 1<<24, defaultLimit).next(nil, nil)
	if len(pieces) != 67 || len(activities) != 59 || transactions != 1220 {
		t.Errorf("got %d activities, %d with money, %d transactions", len(pieces), len(activities), transactions)
	}
}

// total sums amounts exactly; a test may do what an extractor may not.
func total(t testing.TB, list []extractors.Disclosure, id, currency string, kinds ...extractors.Kind) string {
	t.Helper()
	sum := new(big.Rat)
	for _, d := range list {
		for _, k := range kinds {
			if d.ActivityID == id && d.Currency == currency && d.Kind == k {
				r, ok := new(big.Rat).SetString(d.Amount)
				if !ok {
					t.Fatalf("%s: amount %q", d.Locator, d.Amount)
				}
				sum.Add(sum, r)
			}
		}
	}
	return strings.TrimSuffix(strings.TrimRight(sum.FloatString(2), "0"), ".")
}

// Totals of the activities by type of transaction, as computed from the
// published files by hand and independently of this program: budget,
// commitment, disbursement, expenditure, reimbursement, incoming funds, incoming
// commitment. bundled: our own extract has the same.
var activityTotals = []struct {
	id, currency string
	sums         string
	bundled      bool
}{
	{"NL-KVK-34148682-BridgingtheGaps-PUDGeorgia", "EUR", "756155 756155 756155 756153.92 0 0 0", true},
	{"NL-KVK-34148682-BridgingtheGaps-PUDKyrgyzstan", "EUR", "1353737 1353736.4 1353737 1353738 0 0 0", true},
	{"NL-KVK-34148682-BridgingtheGaps-PUDTajikistan", "EUR", "777997 793681 777997 762313 0 0 0", true},
	{"NL-KVK-34148682-BridgingtheGaps-PUDUkraine", "EUR", "1375309 1375309 1375309 1375307.78 0 0 0", true},
	{"NL-KVK-34148682-BridgingtheGapsAFEWInternational", "EUR", "0 0 0 0 0 6701603 6769296", true},
	{"GB-CHC-1017336-Kenya-01", "USD", "0 0 1472489.02 77198 0 0 0", false},
	{"GB-CHC-1017336-Kenya-01", "GBP", "1500000 0 0 325.17 0 0 0", false},
	{"GB-CHC-1017336-Kenya-01", "KES", "0 0 17947274.57 0 0 0 0", false},
	{"GB-COH-08828458-ENPUD", "EUR", "1307095 70148 70500 0 0 0 0", true},
	{"GB-COH-08828458-INPUD", "EUR", "1307095 0 0 0 0 1294123.5 1307095", true},
	{"XI-IATI-BWCO20151011-BTGKyrgyzstan", "USD", "18314 0 18313 0 0 0 0", true},
	{"XI-IATI-BWCO20151011-BTGKyrgyzstan", "EUR", "15000 15000 15000 0 0 0 0", true},
	{"NL-KVK-41209946-MainlineBtG2", "EUR", "6478200 27418 27418 4050624 0 5267006 6478200", false},
	{"47045-MDA-H-PCIMU-3", "USD", "0 4297594.83 4297594.83 0 0 0 0", true},
	{"47045-MNE-H-MoH-3", "USD", "923644.3 509367.11 373221.06 0 0 0 0", true},
	{"47045-QMT-H-EHRN-1", "USD", "0 6512591.56 7016201.93 0 -503610.36 0 0", true},
	{"47045-QMZ-H-AUA-3", "USD", "5499999.97 2042060 2042060 0 0 0 0", true},
	{"47045-RUS-H-OHI-1", "USD", "0 10096304.21 10419382 0 -323077.79 0 0", true},
	{"XM-DAC-41110-KGZ-S1-2024-2025", "USD", "48200 0 0 40443 0 0 0", true},
	{"XM-DAC-41110-KGZ-S3-2024-2025", "USD", "2000 0 0 1715 0 0 0", true},
	{"XM-DAC-41110-MDA-S1-2024-2025", "USD", "598000 0 0 366311 0 0 0", true},
	{"XM-DAC-41110-TJK-S4-2024-2025", "USD", "28100 0 0 23583 0 0 0", true},
	{"XM-DAC-41110-UKR-S2-2024-2025", "USD", "189300 0 0 190623 0 0 0", true},
	{"NL-KVK-41209946-FlexFundMainline", "EUR", "234000 155000 165000 0 0 247803 248000", false},
	{"XM-DAC-41110-UKR-S1-2024-2025", "USD", "4353700 0 0 2589219 0 0 0", true},
	{"47045-UKR-C-AUA-4", "USD", "5725138.68 0 5042896 0 -8412.2 0 0", false},
}

func sums(t testing.TB, list []extractors.Disclosure, id, currency string) string {
	var out []string
	for _, k := range []extractors.Kind{extractors.Budget, extractors.Commitment, extractors.Disbursement, extractors.Expenditure,
		extractors.Reimbursement, extractors.Incoming, extractors.IncomingCommitment} {
		out = append(out, total(t, list, id, currency, k))
	}
	return strings.Join(out, " ")
}

func TestCorpusTotals(t *testing.T) {
	src := New(Config{})
	var list []extractors.Disclosure
	for _, p := range corpusFiles(t) {
		if strings.Contains(p, "public-activities") {
			list = append(list, extractorstest.Parse(t, src, extractorstest.File(t, src, p)).Disclosures...)
		}
	}
	for _, want := range activityTotals {
		if got := sums(t, list, want.id, want.currency); got != want.sums {
			t.Errorf("%s %s: got %s, want %s", want.id, want.currency, got, want.sums)
		}
	}
}

// The bundled extract says the same as the publishers.
func TestBundledTotals(t *testing.T) {
	src := New(Config{})
	list := extractorstest.Parse(t, src, extractorstest.Bundled(t, src)...).Disclosures
	ids := map[string]bool{}
	for _, want := range activityTotals {
		if !want.bundled {
			continue
		}
		ids[want.id] = true
		if got := sums(t, list, want.id, want.currency); got != want.sums {
			t.Errorf("%s %s: got %s, want %s", want.id, want.currency, got, want.sums)
		}
	}
	for _, d := range list {
		if !ids[d.ActivityID] {
			t.Errorf("%s is bundled and in no table", d.ActivityID)
		}
	}
}

// Shares of a grant's budget, in per cent, that the Global Fund publishes as
// budget items of UKR-C-AUA-4.
func TestCorpusItems(t *testing.T) {
	src := New(Config{})
	p := extractorstest.Corpus(t, "iati", "public-activities", "theglobalfund-ukr-c-aua", "47045-ukr-c-aua-4.PARTIAL.xml")
	r := extractorstest.Parse(t, src, extractorstest.File(t, src, p))
	sum, hiv := new(big.Rat), new(big.Rat)
	got := map[string]string{}
	for _, d := range r.Disclosures {
		if d.ActivityID != "47045-UKR-C-AUA-4" {
			continue
		}
		for _, i := range d.Items {
			x, _ := new(big.Rat).SetString(i.Percentage)
			sum.Add(sum, x)
			if strings.HasPrefix(i.Name, "HIV ->") {
				hiv.Add(hiv, x)
			}
			got[i.Name[strings.LastIndex(i.Name, "-> ")+3:]] = i.Percentage
		}
		break
	}
	if s, h := sum.FloatString(2), hiv.FloatString(2); s != "99.99" || h != "47.82" {
		t.Errorf("items sum to %s, those of HIV to %s", s, h)
	}
	for name, want := range map[string]string{
		"Needle and syringe programs for PWID":                                                        "11.49",
		"Opioid substitution therapy and other medically assisted drug dependence treatment for PWID": "5.15",
		"Overdose prevention and management for PWID":                                                 "1.76",
		"Pre-exposure prophylaxis (PrEP) programing for PUD":                                          "0.34",
		"Harm reduction interventions for drug use for prisoners":                                     "0.23",
	} {
		if got[name] != want {
			t.Errorf("%s: got %q, want %s", name, got[name], want)
		}
	}
	for _, d := range r.Disclosures {
		if len(d.Items) == 0 {
			t.Fatalf("%s has no items", d.Locator)
		}
	}
}

// 85 budgets stand in three one-day periods: none may replace another.
func TestCorpusEqualPeriods(t *testing.T) {
	src := New(Config{})
	p := extractorstest.Corpus(t, "iati", "public-activities", "theglobalfund-mne-h-moh", "47045-mne-h-moh-3.xml")
	n := 0
	for _, d := range extractorstest.Parse(t, src, extractorstest.File(t, src, p)).Disclosures {
		if d.Kind == extractors.Budget {
			n++
			if d.BudgetStage != "revised" || d.PeriodStart == "" || d.PeriodStart != d.PeriodEnd {
				t.Errorf("%s: stage %q, period %s to %s", d.Locator, d.BudgetStage, d.PeriodStart, d.PeriodEnd)
			}
		}
	}
	if n != 85 {
		t.Errorf("got %d budgets, want 85", n)
	}
}

// No word of a contact-info element may be quoted.
func TestCorpusContacts(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	src := New(Config{ScopeAll: true})
	seen := false
	for _, p := range corpusFiles(t) {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		seen = seen || bytes.Contains(b, []byte("<contact-info"))
		r := extractorstest.Parse(t, src, extractorstest.File(t, src, p))
		check := func(locator string, raw []byte) {
			for _, word := range []string{"contact-info", "telephone", "mailing-address", "person-name", "\"email"} {
				if bytes.Contains(raw, []byte(word)) {
					t.Errorf("%s: %s quotes %s", p, locator, word)
				}
			}
			if withoutMail(raw); !bytes.Equal(withoutMail(raw), raw) {
				t.Errorf("%s: %s quotes an e-mail address: %s", p, locator, raw)
			}
		}
		for _, d := range r.Disclosures {
			check(d.Locator, d.Raw)
		}
		for _, d := range r.Problems {
			check(d.Locator, d.Raw)
		}
	}
	t.Logf("files with contact-info: %v", seen)
}

// The scanner and encoding/xml make the same of every published activity, and
// the scanner leaves next to none to it; and the search in the bytes is never
// false where the exact test is true.
func TestCorpusDifferential(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and without goroutines of its own")
	}
	words, err := newScope(scopeTable)
	if err != nil {
		t.Fatal(err)
	}
	activities, left, kept, filtered := 0, 0, 0, 0
	var fast, slow tree
	slow.standardOnly = true
	for _, p := range corpusFiles(t) {
		f, err := os.Open(p)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		r, err := utf8Reader(f)
		if err != nil {
			t.Fatal(err)
		}
		c := newCutter(r, 1<<24, defaultLimit)
		_, pieces, _ := c.next(nil, nil)
		for _, pc := range pieces {
			activities++
			fast.fallbacks = 0
			errFast, errSlow := fast.decode(pc.data, pc.root), slow.decode(pc.data, pc.root)
			if diff := diffTrees(&fast, &slow, errFast, errSlow); diff != "" {
				t.Errorf("%s, activity %d: %s", p, pc.index, diff)
			}
			left += fast.fallbacks
			if errFast != nil {
				continue
			}
			maybe := !pc.plain || words.maybe(pc.data)
			covers := words.covers(&fast)
			if covers {
				kept++
			}
			if !maybe {
				filtered++
			}
			if covers && !maybe {
				t.Errorf("%s, activity %d: in scope, but its bytes were passed over", p, pc.index)
			}
		}
	}
	t.Logf("%d activities: %d in scope, %d passed over by their bytes, %d left to encoding/xml", activities, kept, filtered, left)
	if left*100 > activities {
		t.Errorf("%d of %d activities were left to encoding/xml", left, activities)
	}
}

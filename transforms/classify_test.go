package transforms

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"hrinvest/extractors"
)

func classifier(t testing.TB) *Classifier {
	t.Helper()
	c, err := NewClassifier()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// intervening runs the step with corrections of the test's own.
func intervening(t testing.TB, corrections ...[]string) (Step, *Corrections) {
	t.Helper()
	x, err := NewCrosswalk()
	if err != nil {
		t.Fatal(err)
	}
	c, err := readCorrections(corrections)
	if err != nil {
		t.Fatal(err)
	}
	shares, err := NewGrantShares()
	if err != nil {
		t.Fatal(err)
	}
	return stepIntervention(x, keywords(t), c, shares), c
}

func classified(r *Row) string {
	return strings.Join([]string{r.Intervention, r.Method, r.Rule, r.Confidence, r.Flags}, " | ")
}

func shareText(r *Row) string {
	var cells []string
	for _, v := range []*uint64{r.HRShareLow, r.HRShare, r.HRShareHigh} {
		if v == nil {
			cells = append(cells, "-")
		} else {
			cells = append(cells, FormatDecimal(decimalOf(*v), ShareScale))
		}
	}
	return strings.Join(cells, " ")
}

func TestCorrectionsWin(t *testing.T) {
	step, corrections := intervening(t,
		[]string{"one", "iati", "A-1", "", "oat", "pwid", "prison", "reviewer", "2026-11-27", "because", "https://example.org/1"},
		[]string{"two", "iati", "A-1", "k2", "nsp", "pwid", "", "reviewer", "2026-11-27", "because", "https://example.org/2"},
		[]string{"three", "iati", "A-9", "", "nsp", "pwid", "", "reviewer", "2026-11-27", "because", "https://example.org/3"},
		[]string{"four", "pepfar", "A-1", "", "nsp", "pwid", "", "reviewer", "2026-11-27", "because", "https://example.org/4"},
	)
	rows := statements(t,
		extractors.Disclosure{Key: "k1", ActivityID: "A-1", Amount: "10", Title: "Needle exchange", Population: "general", Codes: []extractors.Code{{Scheme: "globalfund-component", Code: "HIV"}}},
		extractors.Disclosure{Key: "k2", ActivityID: "A-1", Amount: "10", Items: []extractors.Share{{Name: "HIV -> x -> y", Percentage: "100"}}},
		extractors.Disclosure{Key: "k3", ActivityID: "A-2", Amount: "10", Title: "Needle exchange"},
	)
	for i := range rows {
		rows[i].Source = "iati"
	}
	want := []string{
		"10 | oat | expert | correction:one | high | corrected",
		"10 | nsp | expert | correction:two | high | corrected",
		"10 | nsp | text_inferred | en-nsp-1 | medium | ",
	}
	rows = run(t, rows, step)
	if diff := cmp.Diff(want, render(rows, classified)); diff != "" {
		t.Error(diff)
	}
	if rows[0].Population != "pwid" || rows[0].Setting != "prison" {
		t.Errorf("population %q, setting %q: a correction says both", rows[0].Population, rows[0].Setting)
	}
	if diff := cmp.Diff([]UnmatchedCorrection{{"three", "iati"}}, corrections.Unmatched()); diff != "" {
		t.Errorf("a source without statements has no unmatched corrections:\n%s", diff)
	}
}

func TestCorrectionsAreChecked(t *testing.T) {
	good := []string{"one", "iati", "A-1", "", "oat", "pwid", "", "reviewer", "2026-11-27", "because", "https://example.org/1"}
	for at, bad := range map[int]string{0: "", 1: "", 2: "", 4: "methadone", 7: "", 8: "", 9: "", 10: "a book"} {
		row := slices.Clone(good)
		row[at] = bad
		if _, err := readCorrections([][]string{row}); err == nil {
			t.Errorf("column %d %q was taken", at, bad)
		}
	}
	if _, err := readCorrections([][]string{good, good}); err == nil {
		t.Error("two rows of one id were taken")
	}
	if _, err := NewCorrections(); err != nil {
		t.Error(err)
	}
}

// The words of a module mean what they mean in every grant cycle: a line of a cycle
// whose framework does not have them is no HIV money in general, but less sure.
func TestWordsOfAnotherCycle(t *testing.T) {
	step, _ := intervening(t)
	const pud, nsp = "Prevention package for people who use drugs (PUD) and their sexual partners", "Needle and syringe programs for PWID"
	line := func(module, intervention string, cycles ...string) extractors.Disclosure {
		d := extractors.Disclosure{Amount: "10", Texts: []extractors.Text{{Text: intervention, OfStatement: true}, {Text: module, OfStatement: true}}}
		for _, c := range cycles {
			d.Codes = append(d.Codes, extractors.Code{Scheme: "globalfund", Code: c + "|" + module + "|" + intervention})
		}
		d.Codes = append(d.Codes, extractors.Code{Scheme: componentScheme, Code: "HIV"})
		return d
	}
	got := render(run(t, statements(t,
		line(pud, nsp, "GC7"),
		line(pud, nsp, "GC8"),
		line(pud, nsp, "GC6"),
		line(pud, "Something new", "GC8"),
		line("Prevention", "Needle and syringe programs", "GC7", "GC6", "GC5"), // no cycle published
		line("Prevention", "Condom and lubricant programming", "GC6"),
		line("A package nobody knows", "Needle and syringe programmes", "GC8"),
		line("Treatment, care and support", "Differentiated ART service delivery", "GC8"),
	), step), func(r *Row) string {
		if r.Method == methodText {
			r.Rule = "words"
		}
		return classified(r)
	})
	want := []string{
		"10 | nsp | reported | gf-gc7-nsp | high | ",
		"10 | nsp | reported | gf-gc7-nsp | medium | crosswalk_of_other_cycle",
		"10 | nsp | reported | gf-gc7-nsp | medium | crosswalk_of_other_cycle",
		"10 | unspecified_pwid | reported | gf-gc7-pud-module | medium | crosswalk_of_other_cycle",
		"10 | nsp | reported | gf-gc6-nsp | high | ",
		"10 | hiv_other | reported | gf-gc6-shared | high | ",
		"10 | nsp | text_inferred | words | medium | ",
		"10 | hiv_other | reported | gf-component-2 | high | ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestSharesOfGrants(t *testing.T) {
	step, _ := intervening(t)
	component := func(c string) []extractors.Code { return []extractors.Code{{Scheme: "globalfund-component", Code: c}} }
	grant := func(d extractors.Disclosure) extractors.Disclosure {
		d.Amount, d.Kind = "100", extractors.Disbursement
		return d
	}
	rows := statements(t,
		grant(extractors.Disclosure{ActivityID: "47045-MNE-H-MOH-3", Sectors: []extractors.Share{{Vocabulary: "dac", Code: "13040", Percentage: "100"}}}),
		grant(extractors.Disclosure{ActivityID: "x", LinkIDs: []string{"KGZ-C-UNDPP04", "47045-KGZ-C-UNDP-4"}, Codes: component("HIV/TB")}),
		// one disease of a joint grant, a line of a grant, another grant
		grant(extractors.Disclosure{ActivityID: "47045-KGZ-C-UNDP-4", Codes: component("HIV")}),
		grant(extractors.Disclosure{ActivityID: "47045-KGZ-C-UNDP-4", Codes: []extractors.Code{{Scheme: "globalfund", Code: "GC6|Prevention|Community empowerment"}}}),
		grant(extractors.Disclosure{ActivityID: "47045-KGZ-C-UNDP-3", Codes: component("HIV/TB")}),
		// what definitions say
		grant(extractors.Disclosure{Title: "Services for people who use drugs"}),
		grant(extractors.Disclosure{Title: "Condoms for MSM"}),
		grant(extractors.Disclosure{Title: "Methadone"}),
	)
	want := []string{
		"100 | 0.198 0.2238 0.2614 | dac-13040+gf-share-mne",
		"100 | 0.1045 0.1046 0.1534 | gf-component-3+gf-share-kgz",
		"100 | 0 - 1 | gf-component-2",
		"100 | 0 - 1 | gf-gc6-shared-3",
		"100 | 0 - 1 | gf-component-3",
		"100 | 0 1 1 | en-pwid-3",
		"100 | 0 0 0 | en-hiv-22",
		"100 | - - - | en-oat-1+ro-oat-1",
	}
	rows = run(t, rows, stepSector, step)
	got := render(rows, shareText, func(r *Row) string { return r.Rule })
	got[6], want[6] = got[6][:11], want[6][:11]
	got[7], want[7] = got[7][:11], want[7][:11]
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if !rows[0].flagged("grant_share") || rows[2].flagged("grant_share") {
		t.Error("a share of a grant is marked, and nothing else is")
	}
}

// A share belongs to the whole grant, not to one sector of its money.
func TestNoGrantShareOfASlice(t *testing.T) {
	step, _ := intervening(t)
	rows := run(t, statements(t, extractors.Disclosure{
		ActivityID: "47045-KGZ-C-UNDP-4", Amount: "100",
		Sectors: []extractors.Share{{Vocabulary: "dac", Code: "13040", Percentage: "60"}, {Vocabulary: "dac", Code: "12263", Percentage: "40"}},
	}), stepSector, step)
	for i := range rows {
		if rows[i].flagged("grant_share") || strings.Contains(rows[i].Rule, "gf-share") {
			t.Errorf("%s %s: %s", rows[i].Sector, rows[i].Rule, shareText(&rows[i]))
		}
	}
}

func TestGrantSharesAreChecked(t *testing.T) {
	good := []string{"s", "47045-XXX-H-Y-1", "1", "2", "3", "GC7", "a", "2026-11-27", "https://example.org", ""}
	for at, bad := range map[int]string{2: "-1", 3: "many", 4: "101", 5: "", 6: "", 7: "", 8: ""} {
		row := slices.Clone(good)
		row[at] = bad
		if _, err := readGrantShares([][]string{row}); err == nil {
			t.Errorf("column %d %q was taken", at, bad)
		}
	}
	disordered := slices.Clone(good)
	disordered[2] = "2.5"
	if _, err := readGrantShares([][]string{disordered}); err == nil {
		t.Error("a low share above the central one was taken")
	}
}

// Words never change what a code says.
func TestCodesBeatWords(t *testing.T) {
	step, _ := intervening(t)
	x, err := NewCrosswalk()
	if err != nil {
		t.Fatal(err)
	}
	rows, err := vocabRows("crosswalk.csv", 12)
	if err != nil {
		t.Fatal(err)
	}
	terms := keywords(t).terms
	rapid.Check(t, func(t *rapid.T) {
		r := rows[rapid.IntRange(0, len(rows)-1).Draw(t, "rule")]
		if strings.Contains(r[2], "*") || r[1] == "dac" {
			return // a purpose decides where no words do
		}
		code := extractors.Code{Scheme: r[1], Code: r[2]}
		rule, ok := x.find(code)
		if !ok {
			t.Fatalf("%s does not find itself", r[0])
		}
		var words []string
		for range rapid.IntRange(0, 4).Draw(t, "words") {
			words = append(words, strings.ReplaceAll(terms[rapid.IntRange(0, len(terms)-1).Draw(t, "term")].written, "*", ""))
		}
		text := strings.Join(words, " ")
		d := extractors.Disclosure{Key: "k", Amount: "1", Currency: "USD", Title: text, Codes: []extractors.Code{code}, Texts: []extractors.Text{{Text: text, OfStatement: true}},
			Confidence: rapid.SampledFrom([]string{"", "low", "medium", "high"}).Draw(t, "stated")}
		sure := rule.confidence // a statement may be less sure, and no surer
		if sure == "high" && d.Confidence != "" || d.Confidence == "low" {
			sure = d.Confidence
		}
		got, err := step([]Row{newRow(&d)})
		if err != nil {
			t.Fatal(err)
		}
		if got[0].Intervention != rule.intervention || got[0].Rule != rule.id || got[0].Confidence != sure {
			t.Errorf("%s beside %q: %s by %s, %s", r[2], text, got[0].Intervention, got[0].Rule, got[0].Confidence)
		}
	})
}

func TestCodes(t *testing.T) {
	c := classifier(t)
	for code, want := range map[string]string{
		"atc:N07BC02": "oat", "atc:n07bc51": "oat", "atc:N07BC99": "oat", "atc:N02AE01": "none", "atc:N07BB04": "drug_treatment_other", "atc:J05AR10": "hiv_other",
		"atc:J05AB01": "", "cpv:33693300-7": "drug_treatment_other", "cpv:33141310-6": "", "cpv:33600000-6": "", "ua-tpkvkmb:2143": "hiv_other",
		"nasa:ASC.01.10.04": "nsp", "nasa:ASC.01.10.99": "unspecified_pwid", "nasa:ASC.01.20": "none", "am-budget:1208/11001": "hiv_other", "am-budget:1202/11003": "",
		"gam:oat": "oat", "dac:16063": "drug_control", "hrinvest:nsp": "nsp", "hrinvest:nonsense": "", "nobody:1": "",
	} {
		scheme, rest, _ := strings.Cut(code, ":")
		e := c.Code(scheme, rest)
		got := e.Intervention
		if e.Rule == "" {
			got = ""
		}
		if got != want {
			t.Errorf("%s = %q by %q, want %q", code, got, e.Rule, want)
		}
	}
}

// What a text pays for does not depend on case, on how accents are written, nor
// on ё for е. Acronyms depend on case by their nature, so texts hold none.
func TestTextsFold(t *testing.T) {
	k := keywords(t)
	var terms []term
	for _, tm := range k.terms {
		if tm.acronym == "" {
			terms = append(terms, tm)
		}
	}
	acronym := func(text string) bool {
		for w := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(" -'’", r) }) {
			if _, ok := k.acronyms[strings.ToUpper(w)]; ok {
				return true
			}
			for _, i := range k.prefixes {
				if strings.HasPrefix(strings.ToUpper(w), k.terms[i].acronym) {
					return true
				}
			}
		}
		return false
	}
	filler := []string{"for", "проект", "и", "города", "école", "niños", "în", "programme", "лікарня", "2024"}
	rapid.Check(t, func(t *rapid.T) {
		var words []string
		for range rapid.IntRange(1, 4).Draw(t, "terms") {
			words = append(words, strings.ReplaceAll(terms[rapid.IntRange(0, len(terms)-1).Draw(t, "term")].written, "*", ""), rapid.SampledFrom(filler).Draw(t, "filler"))
		}
		text := strings.Join(words, " ")
		if acronym(text) {
			return
		}
		want, _, rule, _ := k.Decide(text)
		for _, form := range []string{strings.ToUpper(text), strings.ToLower(text), norm.NFC.String(text), norm.NFD.String(text), strings.ReplaceAll(text, "е", "ё"), strings.ReplaceAll(text, "и", "й")} {
			if got, _, by, _ := k.Decide(form); got != want || by != rule {
				t.Fatalf("%q is %q by %s, %q is %q by %s", text, want, rule, form, got, by)
			}
		}
	})
}

// The explanation answers as the build does, and its words stand where it says.
func TestExplanationsAgree(t *testing.T) {
	c := classifier(t)
	rules, err := Rules()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]Rule{}
	for _, r := range rules {
		if _, twice := known[r.ID]; twice {
			t.Errorf("rule %s stands twice", r.ID)
		}
		known[r.ID] = r
	}
	told := 0
	for _, l := range labelledSet(t) {
		e := c.Text(l.text)
		want, population, rule, ok := c.keywords.Decide(l.text)
		if !ok {
			want = "none"
		}
		if e.Intervention != want || e.Rule != rule || e.Population != population {
			t.Errorf("%q: explained as %s by %s, decided %s by %s", l.text, e.Intervention, e.Rule, want, rule)
		}
		letters := []rune(l.text)
		for _, w := range e.Words {
			if got := string(letters[w.From-1 : w.To]); got != w.Found {
				t.Errorf("%q: %q is said to stand at %d-%d, where %q stands", l.text, w.Found, w.From, w.To, got)
			}
			if diff := cmp.Diff(known[w.Rule.ID], w.Rule); diff != "" {
				t.Errorf("%s is not the rule of that id:\n%s", w.Rule.ID, diff)
			}
			if w.Counts != slices.Contains(strings.Split(e.Rule, "+"), w.Rule.ID) && e.Rule != "" && w.Counts {
				t.Errorf("%q: %s counts and is not named", l.text, w.Rule.ID)
			}
		}
		if e.Language == l.language {
			told++
		}
	}
	if n := len(labelledSet(t)); told*10 < n*9 {
		t.Errorf("the language of %d of %d texts is told; want nine of ten", told, n)
	}
}

func TestExplanations(t *testing.T) {
	c := classifier(t)
	for _, w := range []struct{ text, intervention, reason, words string }{
		{"Financement d'un injecteur de puissance", "none", "nothing", "injecteur de puissance negative"},
		{"Injection safety: syringes", "none", "nothing", "Injection safety negative, syringes lacks_drugs"},
		{"Overdose prevention site", "dcr", "one_service", "Overdose prevention covered, Overdose prevention site counts, Overdose covered"},
		{"OAT seed", "none", "nothing", "OAT lacks_term"},
		{"Harm reduction and drug law enforcement", "none", "contradict", "Harm reduction counts, drug law enforcement counts"},
		{"Drug law enforcement", "drug_control", "control", "Drug law enforcement counts"},
		{"", "none", "nothing", ""},
		{"Tobacco harm, harm reduction", "none", "nothing", "Tobacco negative, harm reduction struck"},
		{"Drug using MSM and PWID", "hiv_other", "mixed", "Drug using counts, MSM counts, PWID counts"},
	} {
		e := c.Text(w.text)
		var words []string
		for _, word := range e.Words {
			one := word.Found + " " + word.Because
			if !slices.Contains(words, one) {
				words = append(words, one)
			}
		}
		slices.Sort(words)
		want := strings.Split(w.words, ", ")
		slices.Sort(want)
		if e.Intervention != w.intervention || e.Reason != w.reason || strings.Join(words, ", ") != strings.Join(want, ", ") {
			t.Errorf("%q: %s because %s by %v", w.text, e.Intervention, e.Reason, words)
		}
	}
	if e := c.Text("PWID and MSM"); e.ShareLow != "0" || e.Share != "" || e.ShareHigh != "1" {
		t.Errorf("of several populations only the limits are known, got %q %q %q", e.ShareLow, e.Share, e.ShareHigh)
	}
	for text, want := range map[string]string{"Wymiana igieł": "low", "Ремонт дороги и моста": "medium", "Troca de pneus na cidade do Porto": "medium"} {
		if e := c.Text(text); e.Confidence != want {
			t.Errorf("%q (%s): none with confidence %s, want %s", text, e.Language, e.Confidence, want)
		}
	}
	if e := c.Text("Harm reduction and drug law enforcement"); e.ShareLow != "0" || e.Share != "" || e.ShareHigh != "1" {
		t.Errorf("of a contradiction nothing is known, got %q %q %q", e.ShareLow, e.Share, e.ShareHigh)
	}
}

// A word is cut at its borders, whatever the bytes.
func FuzzTokenise(f *testing.F) {
	for _, s := range []string{"HIV/AIDS", "d'aiguilles", "ін’єкційний", "BИЧ и СПИД", "e\u0301change", "\xff\xfeabc", "ՄԻԱՎ/ՁԻԱՀ-ի", "ﬁ ŀ ß İ ǆ", "а\u0301", "'''", "ё Ё й Й"} {
		f.Add(s)
	}
	k := keywords(f)
	f.Fuzz(func(t *testing.T, text string) {
		folded, spans := k.tokenise(text, nil, nil)
		end := 0
		for _, s := range spans {
			if s.rawFrom < end || s.rawTo <= s.rawFrom || s.rawTo > len(text) || s.to <= s.from || s.to > len(folded) {
				t.Fatalf("%q: word %d-%d after %d", text, s.rawFrom, s.rawTo, end)
			}
			end = s.rawTo
			word := string(folded[s.from:s.to])
			if utf8.ValidString(text) && !utf8.ValidString(word) {
				t.Fatalf("%q: %q is cut inside a letter", text, word)
			}
			if s.latin && s.cyrillic {
				continue // which letters look alike depends on case
			}
			// a folded word stays as it is
			again, one := k.tokenise(word, nil, nil)
			if len(one) != 1 || string(again[one[0].from:one[0].to]) != word {
				t.Errorf("%q: %q folds to %q", text, word, again)
			}
		}
	})
}

package iati

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

func testScope(t testing.TB) *scope {
	t.Helper()
	s, err := newScope(scopeTable)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// about decides on an activity, with its bytes and decoded, and fails when the
// search in the bytes passes over what is in scope.
func about(t testing.TB, s *scope, elements string) bool {
	t.Helper()
	doc := "<iati-activity>" + elements + "</iati-activity>"
	c := newCutter(strings.NewReader(doc), 1<<16, 1<<20)
	_, pieces, _ := c.next(nil, nil)
	if len(pieces) != 1 {
		t.Fatalf("%d pieces in %q", len(pieces), doc)
	}
	var tr tree
	if err := tr.decode(pieces[0].data, &root{}); err != nil {
		t.Fatalf("%q: %v", doc, err)
	}
	covers := s.covers(&tr)
	if covers && pieces[0].plain && !s.maybe(pieces[0].data) {
		t.Fatalf("%q is in scope, but passed over by its bytes", doc)
	}
	return covers
}

func TestScope(t *testing.T) {
	s := testScope(t)
	for text, want := range map[string]bool{
		"Harm reduction in prisons":          true,
		"HARM-REDUCTION":                     true,
		"Harm\n   reduction":                 true,
		"harm (reduction)":                   true,
		"HIV/AIDS":                           true,
		"anti-HIV1":                          false,
		"people who inject drugs":            true,
		"Programme for injecting drug users": true,
		"снижение вреда от наркотиков":                         true,
		"СНИЖЕНИЕ ВРЕДА":                                       true,
		"профилактика ВИЧ-инфекции":                            true,
		"Иванович и Петрович":                                  false,
		"ИВАНОВИЧ":                                             false,
		"боротьба зі СНІДом":                                   true,
		"обмін шприців":                                        true,
		"tratament cu metadonă":                                true,
		"lutte contre le SIDA":                                 true,
		"Swedish International Development Cooperation (Sida)": false,
		"réduction des méfaits":                                true,
		"re\u0301duction des me\u0301faits":                    true, // accents written apart
		"reducción de daños":                                   true,
		"AIDS":                                                 true,
		"it aids farmers; hearing aids; teaching Aids":         false,
		"ՄԻԱՎ-ի կանխարգելում":                                  true,
		"քննարկում":                                            false,
		"injection safety":                                     false,
		"injecteur de puissance":                               false,
		"safe injections and syringes for vaccination":         false,
		"reduction of harm":                                    false,
		"disaster risk reduction":                              false,
		"essential drugs and rational prescription":            false,
		"unintentional overdoses":                              true,
		"opioid agonist therapy":                               true,
		"PUD":                                                  true,
		"pudding":                                              false,
		"ART gallery":                                          false,
		"P\u212AWID":                                           false,
		"ſubstance uſe":                                        true, // long s: another case of s
		"harm &amp; reduction":                                 true,
		"har&#109; reduction":                                  true,
		"harm&lt;reduction":                                    true,
	} {
		if got := about(t, s, "<title>"+text+"</title>"); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
	for elements, want := range map[string]bool{
		`<sector code="13040"/>`:                                                      true,
		`<sector code=" 13040 " vocabulary="DAC"/>`:                                   true,
		`<sector code="&#49;3040"/>`:                                                  true,
		`<transaction><sector code="16064"/></transaction>`:                           true,
		`<sector code="130400"/>`:                                                     false,
		`<budget><value>13040</value></budget>`:                                       false,
		`<iati-identifier>47045-UKR-C-AUA-4</iati-identifier>`:                        true,
		`<iati-identifier>47045-ARM-202-G05-H-00</iati-identifier>`:                   true,
		`<iati-identifier>47045-UKR-T-AUA-4</iati-identifier>`:                        false,
		`<reporting-org ref="XM-DAC-41110"/>`:                                         true,
		`<participating-org role="4" ref="gb-coh-08828458"/>`:                         true,
		`<transaction><receiver-org ref="NL-KVK-34148682"/></transaction>`:            true,
		`<transaction><description>for methadone</description></transaction>`:         true,
		`<participating-org role="4"><narrative>AFEW</narrative></participating-org>`: true,
		`<country-budget-items vocabulary="4"><budget-item><description><narrative>HIV -&gt; X</narrative></description></budget-item></country-budget-items>`: true,
		`<result><indicator><title><narrative>PWID reached</narrative></title></indicator></result>`:                                                           true,
		`<contact-info><organisation>HIV Fund</organisation></contact-info>`:                                                                                   false,
		`<document-link><title>HIV</title></document-link>`:                                                                                                    false,
		`<title><![CDATA[HIV]]></title>`:       true,
		`<title>H<!-- -->IV</title>`:           true,
		`<title>harm<b>x</b>reduction</title>`: true,
		`<title>h<b/>iv</title>`:               false,
	} {
		if got := about(t, s, elements); got != want {
			t.Errorf("%s: got %v, want %v", elements, got, want)
		}
	}
}

// Every word of the table is found, in any case where case is free, wherever it
// stands; and always by the search in the bytes too.
func TestScopeWords(t *testing.T) {
	s := testScope(t)
	rows, err := csv.NewReader(bytes.NewReader(scopeTable)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		row := rapid.SampledFrom(rows[1:]).Draw(rt, "row")
		if row[0] == "sector" || row[0] == "organisation" || row[0] == "grant" {
			return
		}
		text := []rune(row[1])
		if !strings.HasPrefix(row[0], "case_") {
			for i, r := range text {
				text[i] = rapid.SampledFrom(append(orbit(r), unicode.ToUpper(r))).Draw(rt, "case")
			}
		}
		separator := rapid.SampledFrom([]string{" ", "-", "\n  ", " &amp; ", "&#160;", "/", "<x/>", " — "}).Draw(rt, "separator")
		phrase := strings.Join(strings.Fields(string(text)), separator)
		before := rapid.SampledFrom([]string{"", "a ", "(", "&lt;", "«", "1 "}).Draw(rt, "before")
		after := rapid.SampledFrom([]string{"", " b", ")", "&gt;", "»", ".", "\u00ad"}).Draw(rt, "after")
		padding := strings.Repeat("x ", rapid.IntRange(0, 3000).Draw(rt, "padding"))
		if !about(t, s, "<description>"+padding+before+phrase+after+" "+padding+"</description>") {
			rt.Fatalf("%q is not found", before+phrase+after)
		}
	})
}

// The machine agrees with a plain search.
func TestMachine(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		word := rapid.StringMatching(`[abc]{1,5}`)
		words := rapid.SliceOfN(word, 1, 6).Draw(rt, "words")
		var patterns []pattern
		for _, w := range words {
			patterns = append(patterns, literal(w))
		}
		text := rapid.StringMatching(`[abcd]{0,400}`).Draw(rt, "text")
		want := false
		for _, w := range words {
			want = want || strings.Contains(text, w)
		}
		if got := compile(patterns).contains([]byte(text)); got != want {
			rt.Fatalf("%q in %q: got %v, want %v", words, text, got, want)
		}
	})
}

func TestScopeTableErrors(t *testing.T) {
	for _, table := range []string{
		"kind,value,anchor,lang,note\nverb,x,,,\n",
		"kind,value,anchor,lang,note\nword,harm reduction,,,\n",
		"kind,value,anchor,lang,note\nword,harm reduction,needle,,\n",
		"kind,value\n\"",
	} {
		if _, err := newScope([]byte(table)); err == nil {
			t.Errorf("%q is accepted", table)
		}
	}
}

func TestCountStatements(t *testing.T) {
	const doc = `<iati-activity><transaction ref="1"><transaction-type/><transaction-date/></transaction><transaction/>
<budget><budget-line/></budget><budget-item/><budget
 type="1"/><planned-disbursement></planned-disbursement><total-budget/><x:budget/></iati-activity>`
	if got := countStatements([]byte(doc)); got != 5 {
		t.Errorf("got %d, want 5", got)
	}
}

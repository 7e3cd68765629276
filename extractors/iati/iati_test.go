package iati

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"hrinvest/extractors"
	"hrinvest/extractors/extractorstest"
)

func TestSource(t *testing.T) { extractorstest.Run(t, New(Config{})) }

// parse parses a document with everything in scope.
func parse(t testing.TB, doc string) *extractorstest.Result {
	t.Helper()
	r := extractorstest.Parse(t, New(Config{ScopeAll: true}), extractorstest.Doc(roleActivities, "a.xml", []byte(doc)))
	extractorstest.Check(t, r, nil)
	return r
}

// in wraps elements in an activity in a document.
func in(elements string) string {
	return `<iati-activities version="2.03"><iati-activity default-currency="EUR" xml:lang="en"><iati-identifier> XX-1
</iati-identifier>` + elements + `</iati-activity></iati-activities>`
}

func fuzzParse(t *testing.T, b []byte) {
	for _, role := range []string{roleActivities, roleOrganisation} {
		doc := extractorstest.Doc(role, "f.xml", b)
		all := extractorstest.Parse(t, New(Config{ScopeAll: true, Block: 64, MaxActivity: 1 << 16}), doc)
		extractorstest.Check(t, all, nil)
		some := extractorstest.Parse(t, fuzzed, doc)
		disclosed := map[string]int{}
		for _, d := range some.Disclosures {
			disclosed[d.Locator]++
		}
		for _, d := range some.Disclosures {
			if disclosed[d.Locator] > 1 {
				t.Fatalf("%s disclosed twice", d.Locator)
			}
		}
		if len(some.Disclosures) > len(all.Disclosures) {
			t.Fatalf("%d disclosures in scope of %d", len(some.Disclosures), len(all.Disclosures))
		}
	}
}

var fuzzed = New(Config{})

func TestDisclosure(t *testing.T) {
	r := parse(t, in(`
 <reporting-org ref="XX" type="21" secondary-reporter="1"><narrative>Reporter</narrative></reporting-org>
 <title><narrative>Harm  reduction
   in towns</narrative><narrative xml:lang="RU">Снижение вреда</narrative></title>
 <description type="1"><narrative>Ask someone.else@example.org about needles</narrative></description>
 <participating-org role="1" ref="FF" type="60"><narrative>Fund</narrative></participating-org>
 <participating-org role="1" ref="FF" type="60"><narrative>Fund</narrative></participating-org>
 <participating-org role="4" activity-id="YY-2"><narrative>Doer</narrative></participating-org>
 <participating-org role="9"><narrative>Nobody</narrative></participating-org>
 <other-identifier ref="UKR-C-AUAP04" type="A1"/><other-identifier ref="OLD-ORG" type="B1"/>
 <contact-info><person-name><narrative>Jane Doe</narrative></person-name><email>jane@example.org</email></contact-info>
 <recipient-country code="KG" percentage=" 60 "/><recipient-region code="619" vocabulary="1" percentage="40"/><recipient-region code="X" vocabulary="99"/>
 <sector code="13040" vocabulary="1" percentage="50"/><sector code="130" vocabulary="DAC"/><sector code="3" vocabulary="7"/><sector code="R" vocabulary="RO"/><sector code="120" vocabulary="2"/>
 <country-budget-items vocabulary="4"><budget-item code="5.1.1" percentage="11.49"><description><narrative>HIV -&gt; A -&gt; B</narrative></description></budget-item></country-budget-items>
 <country-budget-items vocabulary="2"><budget-item code="1.1.1" percentage="100"/></country-budget-items>
 <transaction ref="T-1"><transaction-type code="3"/><transaction-date iso-date="2024-05-06"/><value currency=" USD " value-date="2024-05-07">
   1,000.50 </value><description><narrative>for syringes</narrative></description>
   <provider-org provider-activity-id="PP-9" ref="PP"><narrative>Payer</narrative></provider-org><receiver-org receiver-activity-id="RR-1"/>
   <sector code="16064"/><recipient-country code="TJ"/><usg:account xmlns:usg="u"><value>9</value></usg:account></transaction>
 <budget type="2" status="1"><period-start iso-date="2024-01-01"/><period-end iso-date="2024-12-31"/><value value-date="2024-01-01">5</value></budget>
 <planned-disbursement><period-start iso-date="2025-01-01"/><value>7</value></planned-disbursement>
 <related-activity ref="PARENT" type="1"/>
 <result><title><narrative>R</narrative></title><indicator><title><narrative>PWID reached</narrative></title><period><target value="9"/></period></indicator></result>`))
	if len(r.Disclosures) != 3 || len(r.Problems) != 0 {
		t.Fatalf("got %d disclosures, problems %+v", len(r.Disclosures), r.Problems)
	}
	raw := []string{
		`{"@ref":"T-1","@activity":"item 5.1.1 11.49","transaction-type":{"@code":"3"},"transaction-date":{"@iso-date":"2024-05-06"},"value":{"@currency":"USD","@value-date":"2024-05-07","#text":"1,000.50"},` +
			`"description":{"narrative":"for syringes"},"provider-org":{"@provider-activity-id":"PP-9","@ref":"PP","narrative":"Payer"},"receiver-org":{"@receiver-activity-id":"RR-1"},` +
			`"sector":{"@code":"16064"},"recipient-country":{"@code":"TJ"}}`,
		`{"@type":"2","@status":"1","@default-currency":"EUR","@activity":"place KG 60, 619 40; sector 13040 50; item 5.1.1 11.49","period-start":{"@iso-date":"2024-01-01"},"period-end":{"@iso-date":"2024-12-31"},"value":{"@value-date":"2024-01-01","#text":"5"}}`,
		`{"@default-currency":"EUR","@activity":"place KG 60, 619 40; sector 13040 50; item 5.1.1 11.49","period-start":{"@iso-date":"2025-01-01"},"value":"7"}`,
	}
	for i, want := range raw {
		if got := string(r.Disclosures[i].Raw); got != want {
			t.Errorf("raw of %s:\n got %s\nwant %s", r.Disclosures[i].Locator, got, want)
		}
	}
	texts := []extractors.Text{
		{Lang: "en", Text: "Harm reduction in towns"}, {Lang: "ru", Text: "Снижение вреда"},
		{Lang: "en", Text: "Ask [e-mail removed] about needles"}, {Lang: "en", Text: "PWID reached"},
	}
	parties := []extractors.Party{
		{Role: extractors.Reporting, Ref: "XX", Name: "Reporter", Type: "21"}, {Role: extractors.Funder, Ref: "FF", Name: "Fund", Type: "60"},
		{Role: extractors.Implementing, Name: "Doer", ActivityID: "YY-2"},
	}
	common := extractors.Disclosure{
		Document: r.Disclosures[0].Document, Group: "XX-1", ActivityID: "XX-1", Title: "Harm reduction in towns",
		LinkIDs: []string{"UKR-C-AUAP04"}, RelatedIDs: []string{"YY-2", "PARENT"}, Texts: texts, Parties: parties,
		Places: []extractors.Share{
			{Vocabulary: "iso2", Code: "KG", Percentage: "60"}, {Vocabulary: "region", Code: "619", Percentage: "40"}, {Vocabulary: "region:99", Code: "X"},
		},
		Sectors: []extractors.Share{
			{Vocabulary: "dac", Code: "13040", Percentage: "50"}, {Vocabulary: "dac3", Code: "130"}, {Vocabulary: "iati:7", Code: "3"},
			{Vocabulary: "RO", Code: "R"}, {Vocabulary: "dac3", Code: "120"},
		},
		Items: []extractors.Share{{Vocabulary: "iati:4", Code: "5.1.1", Name: "HIV -> A -> B", Percentage: "11.49"}},
	}
	transaction, budget, planned := common, common, common
	transaction.Locator, transaction.Key = "/iati-activities/iati-activity[1]/transaction[1]", "XX-1/transaction/T-1"
	transaction.Kind, transaction.Amount, transaction.Currency = extractors.Disbursement, "1,000.50", "USD"
	transaction.Date, transaction.ValueDate = "2024-05-06", "2024-05-07"
	transaction.RelatedIDs = []string{"YY-2", "PARENT", "PP-9", "RR-1"}
	transaction.Texts = append([]extractors.Text{{Lang: "en", Text: "for syringes", OfStatement: true}}, texts...)
	transaction.Parties = append([]extractors.Party{
		{Role: extractors.Provider, Ref: "PP", Name: "Payer", ActivityID: "PP-9"}, {Role: extractors.Receiver, ActivityID: "RR-1"},
	}, parties...)
	transaction.Places = []extractors.Share{{Vocabulary: "iso2", Code: "TJ"}}
	transaction.Sectors = []extractors.Share{{Vocabulary: "dac", Code: "16064"}}
	transaction.Flags = []string{"secondary_reporter"}
	budget.Locator, budget.Key = "/iati-activities/iati-activity[1]/budget[1]", "XX-1/budget"
	budget.Kind, budget.Amount, budget.Currency, budget.ValueDate = extractors.Budget, "5", "EUR", "2024-01-01"
	budget.PeriodStart, budget.PeriodEnd, budget.BudgetStage = "2024-01-01", "2024-12-31", "revised"
	budget.Flags = []string{"secondary_reporter", "default_currency"}
	planned.Locator, planned.Key = "/iati-activities/iati-activity[1]/planned-disbursement[1]", "XX-1/planned-disbursement"
	planned.Kind, planned.Amount, planned.Currency = extractors.PlannedDisbursement, "7", "EUR"
	planned.PeriodStart, planned.BudgetStage = "2025-01-01", "planned"
	planned.Flags = []string{"secondary_reporter", "default_currency"}
	for i := range r.Disclosures {
		r.Disclosures[i].Raw = nil
	}
	if diff := cmp.Diff([]extractors.Disclosure{transaction, budget, planned}, r.Disclosures); diff != "" {
		t.Error(diff)
	}
}

func TestVersionOne(t *testing.T) {
	r := parse(t, `<iati-activity default-currency="GBP" xml:lang="fr"><transaction><value value-date="2010-12-31"> -190 </value>
<transaction-type code="IF">Incoming Funds</transaction-type><transaction-date>2010</transaction-date></transaction>
<title>Titre</title><iati-identifier>GB-1</iati-identifier><participating-org role="implementing">Someone</participating-org>
<other-identifier owner-name="DFID">114161</other-identifier>
<budget type="Revised"><period-end>2011</period-end><value currency="GBP">1</value></budget></iati-activity>`)
	if len(r.Disclosures) != 2 {
		t.Fatalf("got %+v", r)
	}
	d := r.Disclosures[0]
	if d.Locator != "/iati-activity[1]/transaction[1]" || d.Kind != extractors.Incoming || d.Amount != "-190" || d.Currency != "GBP" ||
		d.Date != "2010" || d.Title != "Titre" || d.Texts[0].Lang != "fr" || d.Parties[0].Role != extractors.Implementing || d.LinkIDs[0] != "114161" {
		t.Errorf("got %+v", d)
	}
	if b := r.Disclosures[1]; b.BudgetStage != "revised" || b.PeriodEnd != "2011" || b.PeriodStart != "" {
		t.Errorf("got %+v", b)
	}
}

func TestTransactionTypes(t *testing.T) {
	for _, tt := range []struct {
		typ  string
		want extractors.Kind // "": rejected
	}{
		{`<transaction-type code="1"/>`, extractors.Incoming},
		{`<transaction-type code="2"/>`, extractors.Commitment},
		{`<transaction-type code="3"/>`, extractors.Disbursement},
		{`<transaction-type code="4"/>`, extractors.Expenditure},
		{`<transaction-type code="5"/>`, extractors.Other},
		{`<transaction-type code="7"/>`, extractors.Reimbursement},
		{`<transaction-type code="10"/>`, extractors.Other},
		{`<transaction-type code="11"/>`, extractors.IncomingCommitment},
		{`<transaction-type code="12"/>`, extractors.Pledge},
		{`<transaction-type code="13"/>`, extractors.Other},
		{`<transaction-type code=" D "/>`, extractors.Disbursement},
		{`<transaction-type code="c">Commitment</transaction-type>`, extractors.Commitment},
		{`<transaction-type code="E"/>`, extractors.Expenditure},
		{`<transaction-type code="LR"/>`, extractors.Other},
		{`<transaction-type code="R"/>`, extractors.Reimbursement},
		{`<transaction-type code="Disbursement"/>`, extractors.Disbursement},
		{`<transaction-type>Expenditure</transaction-type>`, extractors.Expenditure},
		{`<transaction-type code="I">Incoming Funds</transaction-type>`, extractors.Incoming},
		{`<transaction-type code="I">Income</transaction-type>`, ""},
		{`<transaction-type code="null"/>`, ""},
		{`<transaction-type code="14"/>`, ""},
		{`<transaction-type/>`, ""},
		{``, ""},
	} {
		r := parse(t, in("<transaction>"+tt.typ+`<value>1</value></transaction><budget><value>2</value></budget>`))
		switch {
		case tt.want == "" && (len(r.Problems) != 1 || len(r.Disclosures) != 1 || !strings.Contains(r.Problems[0].Reason, "transaction type")):
			t.Errorf("%s: got %+v", tt.typ, r)
		case tt.want != "" && (len(r.Disclosures) != 2 || r.Disclosures[0].Kind != tt.want):
			t.Errorf("%s: got %+v", tt.typ, r)
		}
	}
}

// Numbers, dates and currencies leave as published; the steps judge them.
func TestAsPublished(t *testing.T) {
	for _, amount := range []string{"-19,082.06", "#REF!", "", "0", "1e6", "１２"} {
		r := parse(t, in(`<transaction><transaction-type code="3"/><transaction-date iso-date="31/03/2014"/><value value-date="42916">`+amount+`</value></transaction>`))
		if len(r.Disclosures) != 1 || r.Disclosures[0].Amount != amount || r.Disclosures[0].Date != "31/03/2014" || r.Disclosures[0].ValueDate != "42916" {
			t.Errorf("%q: got %+v", amount, r)
		}
	}
	r := parse(t, `<iati-activity><iati-identifier>A</iati-identifier><budget><value>1</value></budget></iati-activity>`)
	if len(r.Disclosures) != 1 || r.Disclosures[0].Currency != "" || r.Disclosures[0].Flags != nil {
		t.Errorf("without a currency: got %+v", r)
	}
	r = parse(t, `<iati-activities default-currency="XOF" xml:lang="fr"><iati-activity><title><narrative>T</narrative></title><iati-identifier>A</iati-identifier><budget><value>1</value></budget></iati-activity></iati-activities>`)
	if len(r.Disclosures) != 1 || r.Disclosures[0].Currency != "XOF" || r.Disclosures[0].Texts[0].Lang != "fr" {
		t.Errorf("with the root's: got %+v", r)
	}
	for value, want := range map[string]int{
		`<value currency="USD">1</value><value currency="USD">1</value>`: 0,
		`<value currency="USD">1</value><value currency="USD">2</value>`: 1,
		`<value currency="USD">1</value><value currency="EUR">1</value>`: 1,
		``: 1,
	} {
		if r := parse(t, in("<budget>"+value+"</budget>")); len(r.Problems) != want {
			t.Errorf("%q: got %+v", value, r)
		}
	}
}

// Equal statements are all real: nothing is merged.
func TestEqualStatements(t *testing.T) {
	r := parse(t, in(strings.Repeat(`<budget type="2"><period-start iso-date="2027-01-01"/><period-end iso-date="2027-01-01"/><value>1674.92</value></budget>`, 3)))
	if len(r.Disclosures) != 3 || r.Disclosures[0].Key != r.Disclosures[2].Key {
		t.Errorf("got %+v", r)
	}
}

func TestDuplicateIdentifiers(t *testing.T) {
	activity := func(amount string) string {
		return `<iati-activity><iati-identifier>A</iati-identifier><budget><value>` + amount + `</value></budget></iati-activity>`
	}
	none := `<iati-activity><budget><value>1</value></budget></iati-activity>`
	src := New(Config{ScopeAll: true})
	r := extractorstest.Parse(t, src,
		extractorstest.Doc(roleActivities, "1.xml", []byte("<iati-activities>"+activity("1")+none+activity("2")+"</iati-activities>")),
		extractorstest.Doc(roleActivities, "2.xml", []byte("<iati-activities>"+activity("3")+activity("1")+"</iati-activities>")))
	extractorstest.Check(t, r, nil)
	var got []string
	for _, d := range r.Disclosures {
		got = append(got, fmt.Sprint(d.Group, " ", d.ActivityID, " ", d.Amount, " ", d.Flags))
	}
	want := []string{"A A 1 []", "without identifier#1  1 [no_identifier]", "A#2 A 2 [duplicate_identifier]", "A#3 A 3 [duplicate_identifier]"}
	if diff := cmp.Diff(want, got); diff != "" || r.Skipped != 1 {
		t.Errorf("skipped %d\n%s", r.Skipped, diff)
	}
}

// What is wrong with one activity or one document costs only that one.
func TestBadInput(t *testing.T) {
	const good = `<iati-activity><iati-identifier>GOOD</iati-identifier><budget><value>1</value></budget></iati-activity>`
	bad := func(s string) string { return "<iati-activities>" + good + s + "</iati-activities>" }
	activity := func(s string) string {
		return bad("<iati-activity><iati-identifier>BAD</iati-identifier>" + s + "</iati-activity>")
	}
	const second = "/iati-activities/iati-activity[2]"
	bomb := `<!DOCTYPE iati-activities [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>`
	for _, tt := range []struct {
		name, doc       string
		good            int
		locator, reason string
	}{
		{"empty", "", 0, "/", "empty"},
		{"blank", " \n", 0, "/", "empty"},
		{"not XML", "PK\x03\x04", 0, "/", "empty or not XML"},
		{"html", "<!DOCTYPE html><html><body>Sign in</body></html>", 0, "/", "HTML page"},
		{"html without a declaration", "<HTML><body>404</body></HTML>", 0, "/", "HTML page"},
		{"another format", `<?xml version="1.0"?><rss version="2.0"><channel/></rss>`, 0, "/", "first element is <rss>"},
		{"unknown encoding", `<?xml version="1.0" encoding="EBCDIC-X"?><iati-activities/>`, 0, "/", "unknown encoding"},
		{"cut off between activities", "<iati-activities>" + good, 1, "/", "ends before </iati-activities>"},
		{"cut off inside an activity", "<iati-activities>" + good + `<iati-activity><budget><value>5</va`, 1, second, "the file ends inside this activity (1 transactions"},
		{"not closed", activity("<title>"), 1, second, "<title> is closed by </iati-activity>"},
		{"wrong order", activity("<a><b></a></b>"), 1, second, "<b> is closed by </a>"},
		{"unknown entity", activity("<title>&nbsp;</title>"), 1, second, "invalid character entity"},
		{"entity bomb", bomb + activity("<title>&b;</title>"), 1, second, "invalid character entity &b;"},
		{"declaration", bomb + bad(""), 1, "/", "never expanded"},
		{"bare ampersand", activity("<title>A & B</title>"), 1, second, "invalid character entity"},
		{"unquoted attribute", activity("<budget type=1/>"), 1, second, "unquoted"},
		{"not UTF-8", activity("<title>caf\xe9</title>"), 1, second, "invalid UTF-8"},
		{"control character", activity("<title>\x01</title>"), 1, second, "illegal character"},
		{"undeclared prefix", bad(`<iati-activity><iati-identifier>B</iati-identifier><x:y/></iati-activity>`), 1, second, `namespace prefix "x" is not declared`},
		{"too deep", activity(strings.Repeat("<a>", 200) + strings.Repeat("</a>", 200)), 1, second, "nested"},
		{"activity in activity", bad("<iati-activity><title>" + good), 1, second, "next activity begins"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := parse(t, tt.doc)
			n := 0
			for _, d := range r.Disclosures {
				if d.Group == "GOOD" && d.Amount == "1" {
					n++
				}
			}
			found := false
			for _, p := range r.Problems {
				found = found || p.Locator == tt.locator && strings.Contains(p.Reason, tt.reason)
			}
			if !found {
				t.Errorf("no problem %q at %s in %+v", tt.reason, tt.locator, r.Problems)
			}
			if n != tt.good {
				t.Errorf("got %d good activities, want %d", n, tt.good)
			}
		})
	}
}

func TestEncodings(t *testing.T) {
	plain := `<iati-activities><iati-activity><iati-identifier>A</iati-identifier><title>Réduction</title><budget><value>1</value></budget></iati-activity></iati-activities>`
	encode := func(e interface{ String(string) (string, error) }, s string) string {
		out, err := e.String(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for name, doc := range map[string]string{
		"byte order mark":  "\uFEFF" + plain,
		"UTF-16 LE":        encode(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder(), `<?xml version="1.0" encoding="UTF-16"?>`+plain),
		"UTF-16 BE":        encode(unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder(), `<?xml version="1.0" encoding="UTF-16"?>`+plain),
		"UTF-16 unmarked":  encode(unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder(), plain),
		"windows-1252":     encode(charmap.Windows1252.NewEncoder(), `<?xml version="1.0" encoding="windows-1252"?>`+plain),
		"ISO-8859-1":       encode(charmap.ISO8859_1.NewEncoder(), `<?xml version='1.0' encoding='ISO-8859-1'?>`+plain),
		"says UTF-16, not": `<?xml version="1.0" encoding="utf-16"?>` + plain,
	} {
		r := parse(t, doc)
		if len(r.Disclosures) != 1 || r.Disclosures[0].Title != "Réduction" || len(r.Problems) > 0 {
			t.Errorf("%s: got %+v", name, r)
		}
	}
}

func TestRole(t *testing.T) {
	src := New(Config{})
	for _, tt := range []struct{ name, head, want string }{
		{"a.xml", `<?xml version="1.0"?><!-- x --><iati-activities version="2.03">`, roleActivities},
		{"download", "\uFEFF<iati-activities>", roleActivities},
		{"a.xml", "<iati-activity>", roleActivities},
		{"result.xml", "<result><iati-activities>", roleActivities},
		{"a.xml", "\xff\xfe<\x00i\x00a\x00t\x00i\x00-\x00a\x00c\x00t\x00i\x00v\x00i\x00t\x00i\x00e\x00s\x00>\x00", roleActivities},
		{"o.xml", `<iati-organisations version="2.02">`, roleOrganisation},
		{"a.xml", "<!DOCTYPE html><html>", roleActivities},
		{"a.XML", "", roleActivities},
		{"a.xml", "{}", roleActivities},
		{"a.html", "<!DOCTYPE html><html>", ""},
		{"a.xml", "<gesmes:Envelope>", ""},
		{"a.csv", "a,b\n", ""},
	} {
		if got := src.Role(tt.name, []byte(tt.head)); got != tt.want {
			t.Errorf("Role(%q, %q) = %q, want %q", tt.name, tt.head, got, tt.want)
		}
	}
}

func TestOrganisationFile(t *testing.T) {
	src := New(Config{})
	doc := `<iati-organisations><iati-organisation><total-budget/><recipient-country-budget/><total-expenditure><expense-line/></total-expenditure></iati-organisation></iati-organisations>`
	for _, role := range []string{roleOrganisation, roleActivities} {
		r := extractorstest.Parse(t, src, extractorstest.Doc(role, "o.xml", []byte(doc)))
		if r.Skipped != 3 || len(r.Disclosures)+len(r.Problems) != 0 {
			t.Errorf("as %s: got %+v", role, r)
		}
	}
	if r := extractorstest.Parse(t, src, extractorstest.Doc(roleOrganisation, "o.xml", []byte(doc[:90]))); len(r.Problems) != 1 {
		t.Errorf("cut off: got %+v", r)
	}
}

func TestWithoutMail(t *testing.T) {
	for in, want := range map[string]string{
		"":                     "",
		"ask a.b@example.org.": "ask [e-mail removed].",
		"a@b.org, c@d.org":     "[e-mail removed], [e-mail removed]",
		"5 @ 3 USD":            "5 @ 3 USD",
		"name@localhost":       "name@localhost",
		"@example.org":         "@example.org",
		"пишите: имя@пример.рф сегодня": "пишите: [e-mail removed] сегодня",
	} {
		if got := string(withoutMail([]byte(in))); got != want {
			t.Errorf("withoutMail(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestAppendString(t *testing.T) {
	for _, s := range []string{"", "plain", "quote \" back \\ slash", "line\nline\ttab", "\x01\x1f", "ПТАО №5 — «да»", "\u2028"} {
		b := appendString(nil, "", []byte(s))
		var got string
		if err := json.Unmarshal(b, &got); err != nil || got != s {
			t.Errorf("%q became %s (%v)", s, b, err)
		}
	}
}

func TestRepeatedChildrenInRaw(t *testing.T) {
	r := parse(t, in(`<transaction><transaction-type code="2"/><sector code="1"/><value>1</value><sector code="2"/></transaction>`))
	want := `"sector":[{"@code":"1"},{"@code":"2"}]`
	if !bytes.Contains(r.Disclosures[0].Raw, []byte(want)) {
		t.Errorf("%s lacks %s", r.Disclosures[0].Raw, want)
	}
}

// Percentages of the activity that split its statements are quoted with each, and
// shortly: what is a whole is not.
func TestSharesAreQuoted(t *testing.T) {
	share := func(code, name, percentage string) extractors.Share {
		return extractors.Share{Code: code, Name: name, Percentage: percentage}
	}
	for want, list := range map[string][]extractors.Share{
		"":                   {share("KG", "", "100")},
		"place KG 99.5":      {share("KG", "", "99.5")},
		"place KG 60, TJ 40": {share("KG", "Kyrgyzstan", "60"), share("TJ", "", "40")},
		"place A 5, B 6":     {share("1", "A", "5"), share("1", "B", "6")}, // a code that tells nothing apart
	} {
		if got := shares("place", list); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := shares("place", []extractors.Share{share("KG", "", ""), share("TJ", "", "")}); got != "" {
		t.Errorf("%q of no percentages", got)
	}
	if got := shares("item", slices.Repeat([]extractors.Share{share("", strings.Repeat("x", 100), "1")}, 1000)); len(got) > maxShares+200 || !strings.HasSuffix(got, " …") {
		t.Errorf("%d bytes", len(got))
	}
}

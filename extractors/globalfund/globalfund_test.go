package globalfund

import (
	"math/big"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hrinvest/extractors"
	"hrinvest/extractors/extractorstest"
)

func TestSource(t *testing.T) { extractorstest.Run(t, New()) }

const pudModule = "Prevention package for people who use drugs (PUD) and their sexual partners"

// sum adds published amounts exactly.
func sum(t *testing.T, ds []extractors.Disclosure, which func(extractors.Disclosure) bool) *big.Rat {
	t.Helper()
	total := new(big.Rat)
	for _, d := range ds {
		if !which(d) {
			continue
		}
		a, ok := new(big.Rat).SetString(d.Amount)
		if !ok {
			t.Fatalf("%s: amount %q is no number", d.Locator, d.Amount)
		}
		total.Add(total, a)
	}
	return total
}

func inModule(d extractors.Disclosure, module string) bool {
	return len(d.Codes) > 0 && strings.Contains(d.Codes[0].Code, "|"+module+"|")
}

func placeName(d extractors.Disclosure) string {
	if len(d.Places) == 0 {
		return ""
	}
	return d.Places[0].Name
}

// The bundled budgets are the Global Fund's, to the cent of rounding.
func TestBundledTotals(t *testing.T) {
	r := extractorstest.Parse(t, New(), extractorstest.Bundled(t, New())...)
	for country, want := range map[string]string{
		"": "50969877.65", "Ukraine": "26003779.20", "Kyrgyzstan": "2330373.72", "Kosovo": "202110.53",
		"Russian Federation": "1771529.77", "Tajikistan": "2610479.93",
	} {
		got := sum(t, r.Disclosures, func(d extractors.Disclosure) bool {
			return inModule(d, pudModule) && (country == "" || placeName(d) == country)
		})
		if got.FloatString(2) != want {
			t.Errorf("module total of %q = %s, want %s", country, got.FloatString(2), want)
		}
	}
	for _, d := range r.Disclosures {
		if d.OutOfScope != "" || d.Year != "" || d.Cycle != "GC7" {
			t.Errorf("%s: out of scope %q, year %q, cycle %q", d.Locator, d.OutOfScope, d.Year, d.Cycle)
		}
	}
}

// Every bundled line names an intervention the reviewed crosswalk knows by its
// own name, not only by its module.
func TestBundledLinesAreInCrosswalk(t *testing.T) {
	rows := extractorstest.Rows(t, "../../transforms/vocab/crosswalk.csv")
	known := map[extractors.Code]bool{}
	for _, r := range rows {
		known[extractors.Code{Scheme: r[1], Code: r[2]}] = true
	}
	r := extractorstest.Parse(t, New(), extractorstest.Bundled(t, New())...)
	for _, d := range r.Disclosures {
		for _, c := range d.Codes {
			if !known[c] {
				t.Errorf("%s: %+v is not in the crosswalk", d.Locator, c)
			}
		}
	}
}

func TestCorpusBudgets(t *testing.T) {
	path := extractorstest.Corpus(t, "global-fund", "budgets", "gc7_budget_by_module_intervention.csv")
	doc := extractorstest.File(t, New(), path)
	if doc.Role != roleTable {
		t.Fatalf("role = %q", doc.Role)
	}
	r := extractorstest.Parse(t, New(), doc)
	extractorstest.Check(t, r, map[string]bool{doc.SHA256: true})
	if r.Parsed() != 10013 || len(r.Problems) != 0 {
		t.Fatalf("parsed %d rows, %d rejected; want 10013 and none", r.Parsed(), len(r.Problems))
	}
	eeca := strings.Fields("UKR BLR UZB GEO TJK AZE KGZ MDA RUS KAZ ARM MNE")
	places := map[string]bool{}
	tests := []struct {
		name, want string
		which      func(extractors.Disclosure) bool
	}{
		{"GC7", "11970111035", func(d extractors.Disclosure) bool { return d.Cycle == "GC7" }},
		{"C19RM", "2173635453", func(d extractors.Disclosure) bool { return d.Cycle == "C19RM" }},
		{"people who use drugs", "157838939", func(d extractors.Disclosure) bool {
			in := inModule(d, pudModule)
			if in {
				places[placeName(d)] = true
			}
			return in && d.OutOfScope == ""
		}},
		{"people who use drugs in EECA", "50969878", func(d extractors.Disclosure) bool {
			return inModule(d, pudModule) && (slices.Contains(eeca, d.Places[0].Code) || d.Places[0].Name == "Kosovo")
		}},
		{"Ukraine", "26003779", func(d extractors.Disclosure) bool {
			return inModule(d, pudModule) && d.Places[0].Code == "UKR"
		}},
	}
	for _, tt := range tests {
		if got := sum(t, r.Disclosures, tt.which).FloatString(0); got != tt.want {
			t.Errorf("%s = %s, want %s", tt.name, got, tt.want)
		}
	}
	if len(places) != 66 {
		t.Errorf("the module is in %d places, want 66", len(places))
	}
	// signed amounts stay as written; float dust (-1.98951966012828e-13) keeps its digits
	var negative, dust int
	for _, d := range r.Disclosures {
		if strings.HasPrefix(d.Amount, "-") {
			negative++
		}
		if d.Amount == "-0.000000000000198951966012828" || d.Amount == "0.00000000000005684341886080799" {
			dust++
		}
	}
	if negative != 5 || dust != 2 {
		t.Errorf("%d negative amounts and %d of float dust in plain digits, want 5 and 2", negative, dust)
	}
}

func TestRoleOfOtherFiles(t *testing.T) {
	for _, elem := range [][]string{
		{"global-fund", "performance", "gc7_performance_indicators.csv"},
		{"global-fund", "samples", "explorer_budget_flow_links.csv"},
		{"global-fund", "samples", "explorer_expenditure_by_component_module.csv"},
		{"global-fund", "samples", "explorer_allocations_by_country_component_cycle.csv"},
		{"unaids", "owid_hiv_expenditure_total_by_country_year.csv"},
	} {
		b, err := os.ReadFile(extractorstest.Corpus(t, elem...))
		if err != nil {
			t.Fatal(err)
		}
		if role := New().Role(elem[len(elem)-1], b[:min(len(b), 64<<10)]); role != "" {
			t.Errorf("%s has role %q, want none", elem[len(elem)-1], role)
		}
	}
}

const download = "\ufeffGeographyName1,Continent1,SubContinent1,Grant1,ImplementationPeriod1,ImplementationPeriodStartDate1,ImplementationPeriodEndDate1,Status1," +
	"GrantCycleName,GrantComponent1,PrincipalRecipient1,PrincipalRecipientType1,PrincipalRecipientSubType1,LeadImplementer1,ModuleComponent1,Module1,Intervention1," +
	"InvestmentLandscape_Level11,InvestmentLandscape_Level21,CostCategory1,BudgetYearFrom1,BudgetAmount_ReferenceRate\n" +
	"Kyrgyzstan,Asia,Central Asia,KGZ-C-UNDP,KGZ-C-UNDPP04,01-Jan-2024,31-Dec-2026,Active,Grant Cycle 7,HIV/TB,UNDP,Multilateral,UN,,HIV," + pudModule +
	",Needle and syringe programs for PWID,,,Human Resources (HR),2024.0,1000.5\n" +
	"Indonesia,,,IDN-S-SG,IDN-S-SG MOHP01,,,,Grant Cycle 6,RSSH,,,,,RSSH,RSSH: Community,Advocacy,,,HR,2022,7\n" +
	"Kyrgyzstan,,,KGZ-C-UNDP,KGZ-C-UNDPP04,,,,Grant Cycle 7,HIV/TB,,,,,,,,,,,2025.0,20\n" +
	"Cuba,,,CUB-H-UNDP,CUB-H-UNDPP02,,,,Grant Cycle 6,HIV,,,,,HIV,Prevention,Needle and syringe programs,,,HR,soon,5\n" +
	"Cuba,,,CUB-H-UNDP,CUB-H-UNDPP02,,,,Grant Cycle 6,HIV,,,,,HIV,Prevention,Needle and syringe programs,,,HR,2022,5\n" +
	"Cuba,,,short\n"

func TestDownload(t *testing.T) {
	src := New()
	if role := src.Role("x.csv", []byte(download)); role != roleBudgets {
		t.Fatalf("role = %q", role)
	}
	r := extractorstest.Parse(t, src, extractorstest.Doc(roleBudgets, "budgets.csv", []byte(download)))
	extractorstest.Check(t, r, nil)
	type brief struct{ Group, Key, Year, Cycle, Amount, Scope, Flags, Locator string }
	var got []brief
	for _, d := range r.Disclosures {
		got = append(got, brief{d.Group, d.Key, d.Year, d.Cycle, d.Amount, d.OutOfScope, strings.Join(d.Flags, " "), d.Locator})
	}
	want := []brief{
		{"CUB-H-UNDPP02", "CUB-H-UNDPP02|Prevention|Needle and syringe programs|HR|2022", "2022", "GC6", "5", "", "reference_rate gc6_lower_bound", "row 6"},
		{"IDN-S-SG MOHP01", "IDN-S-SG MOHP01|RSSH: Community|Advocacy|HR|2022", "2022", "GC6", "7", "component RSSH", "reference_rate gc6_lower_bound", "row 3"},
		{"KGZ-C-UNDPP04", "KGZ-C-UNDPP04|" + pudModule + "|Needle and syringe programs for PWID|Human Resources (HR)|2024", "2024", "GC7", "1000.5", "", "reference_rate", "row 2"},
		{"KGZ-C-UNDPP04", "KGZ-C-UNDPP04||||2025", "2025", "GC7", "20", "", "reference_rate component_unspecified", "row 4"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var problems []string
	for _, p := range r.Problems {
		problems = append(problems, p.Locator+": "+p.Reason)
	}
	wantProblems := []string{"row 7: 4 fields where the header has 22", `row 5: budget year "soon" is not a year`}
	if diff := cmp.Diff(wantProblems, problems); diff != "" {
		t.Error(diff)
	}
	kgz := r.Disclosures[2]
	wantCodes := []extractors.Code{
		{Scheme: "globalfund", Code: "GC7|" + pudModule + "|Needle and syringe programs for PWID"},
		{Scheme: "globalfund-component", Code: "HIV"},
	}
	if diff := cmp.Diff(wantCodes, kgz.Codes); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"KGZ-C-UNDPP04", "47045-KGZ-C-UNDP-4"}, kgz.LinkIDs); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]extractors.Share{{Vocabulary: "iso3", Code: "KGZ", Name: "Kyrgyzstan"}}, kgz.Places); diff != "" {
		t.Error(diff)
	}
}

// A budget that stands in several documents counts once: the better shape first.
func TestSupersede(t *testing.T) {
	const table = "Country,ImplementationPeriodName,Module Parent Component,Module,Intervention,Total Amount,Source\n" +
		"Kyrgyzstan,KGZ-C-UNDPP04,HIV/AIDS," + pudModule + ",Needle and syringe programs for PWID,1020.5,GC7\n" +
		"Kyrgyzstan,KGZ-C-UNDPP03,HIV/AIDS," + pudModule + ",Needle and syringe programs for PWID,3,C19RM\n"
	r := extractorstest.Parse(t, New(),
		extractorstest.Doc(roleBudgets, "budgets.csv", []byte(download)), extractorstest.Doc(roleTable, "table.csv", []byte(table)))
	extractorstest.Check(t, r, nil)
	got := map[string]string{}
	for _, d := range r.Disclosures {
		if strings.HasPrefix(d.Group, "KGZ") {
			got[d.Group+" "+d.Amount] = d.OutOfScope
		}
	}
	want := map[string]string{
		"KGZ-C-UNDPP03 3": "", "KGZ-C-UNDPP04 1000.5": "", "KGZ-C-UNDPP04 20": "",
		"KGZ-C-UNDPP04 1020.5": "the same budget is in budgets.csv",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestOutOfScope(t *testing.T) {
	tests := []struct{ component, module, intervention, want string }{
		{"HIV/AIDS", "Treatment, care and support", "x", ""},
		{"Tuberculosis", "TB/HIV", "Screening", ""},
		{"Tuberculosis", "Drug-resistant (DR)-TB diagnosis, treatment and care", "x", "component Tuberculosis"},
		{"Malaria", "Case management", "Ensuring drug quality", "component Malaria"},
		{"Malaria", "Specific prevention interventions (SPI)", "Mass drug administration", "component Malaria"},
		{"RSSH", "RSSH: Community systems strengthening", "Community-led monitoring", "component RSSH"},
		{"Multi-Component", "COVID-19", "COVID diagnostics and testing", "module COVID-19"},
		{"Multi-Component", "COVID-19", "Mitigation for HIV programs", ""},
		{"Multi-Component", "Program management", "Grant management", "component Multi-Component"},
	}
	s := newShape([]string{"Country", "ImplementationPeriodName", "Module Parent Component", "Module", "Intervention", "Total Amount", "Source"})
	for _, tt := range tests {
		l := line{shape: s, values: []string{"Ukraine", "UKR-C-AUAP04", tt.component, tt.module, tt.intervention, "1", "GC7"}}
		if got := l.outOfScope(); got != tt.want {
			t.Errorf("%v: %q, want %q", tt, got, tt.want)
		}
	}
}

func TestCycleAndLinks(t *testing.T) {
	for in, want := range map[string]string{"Grant Cycle 7": "GC7", "GC5": "GC5", "2020-2022": "GC6", "C19RM": "C19RM", "": ""} {
		if got, ok := cycleID(in); !ok || got != want {
			t.Errorf("cycleID(%q) = %q, %v", in, got, ok)
		}
	}
	for _, in := range []string{"GC", "GC3", "Grant Cycle 9", "Grant Cycle Eight"} {
		if _, ok := cycleID(in); ok {
			t.Errorf("cycleID(%s) is known", in)
		}
	}
	for in, want := range map[string]string{
		"MNE-H-MoHP02": "47045-MNE-H-MoH-2", "CMR-C-CARE CameroonP02": "47045-CMR-C-CARE Cameroon-2", "ARM-C-MOHP13": "47045-ARM-C-MOH-13",
	} {
		if got := linkIDs(in, ""); !slices.Contains(got, want) {
			t.Errorf("linkIDs(%q) = %q, want %q in it", in, got, want)
		}
	}
	for code, want := range map[string]bool{"KGZ": true, "QAT": true, "QMZ": false, "QNA": false, "ZAN": false, "QQQ": false, "kgz": false, "KG": false} {
		if isCountry(code) != want {
			t.Errorf("isCountry(%q) = %v", code, !want)
		}
	}
}

// Countries come under the Global Fund's own names and are known by the code of
// the grant; programmes of several countries, Kosovo and Zanzibar only by name.
func TestPlaces(t *testing.T) {
	s := answerShape(extractors.Budget, rankAnswer)
	for _, tt := range []struct{ ip, name, vocabulary, code string }{
		{"PRK-T-UNICEFP01", "Korea (Democratic Peoples Republic)", "iso3", "PRK"},
		{"LAO-H-GFMOHP02", "Lao (Peoples Democratic Republic)", "iso3", "LAO"},
		{"CIV-H-MOHP03", "Côte d’Ivoire", "iso3", "CIV"},
		{"CMR-C-CARE CameroonP02", "Cameroon", "iso3", "CMR"},
		{"QMZ-H-AUAP03", "Multicountry HIV EECA APH", "name", ""},
		{"QSF-Z-IOMP03", "Multicountry Middle East MER", "name", ""},
		{"QNA-C-CDFP02", "Kosovo", "name", ""},
		{"QNB-M-MoHP03", "Zanzibar", "name", ""},
	} {
		l := line{shape: s, values: make([]string, len(s.names))}
		l.put(period, tt.ip)
		l.put(country, tt.name)
		want := []extractors.Share{{Vocabulary: tt.vocabulary, Code: tt.code, Name: tt.name}}
		if diff := cmp.Diff(want, l.places()); diff != "" {
			t.Errorf("%s: %s", tt.ip, diff)
		}
	}
}

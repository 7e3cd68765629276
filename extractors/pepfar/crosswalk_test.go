package pepfar

import (
	"strings"
	"testing"

	"hrinvest/extractors"
	"hrinvest/extractors/extractorstest"
)

type rule struct{ intervention, population, setting string }

// crosswalk reads this scheme's rows of the reviewed crosswalk.
func crosswalk(t *testing.T) map[string]rule {
	t.Helper()
	rows := extractorstest.Rows(t, "../../transforms/vocab/crosswalk.csv")
	rules := map[string]rule{}
	for _, r := range rows {
		if r[1] == "pepfar" {
			rules[foldCode(r[2])] = rule{r[3], r[4], r[5]}
		}
	}
	return rules
}

// foldCode folds the parts of a code as the crosswalk does.
func foldCode(code string) string {
	parts := strings.Split(code, "|")
	for i, p := range parts {
		if p != "*" {
			parts[i] = foldName(p)
		}
	}
	return strings.Join(parts, "|")
}

// find is the rule of the first code that has one, and that code.
func find(rules map[string]rule, codes []extractors.Code) (rule, string) {
	for _, c := range codes {
		if r, ok := rules[foldCode(c.Code)]; ok && c.Scheme == "pepfar" {
			return r, c.Code
		}
	}
	return rule{}, ""
}

// What each classification buys, and for whom. Program management and the
// agencies' own costs are harm reduction's only where the row says people who
// inject drugs.
func TestCrosswalk(t *testing.T) {
	rules := crosswalk(t)
	const pwid, nd = "People who inject drugs", "Not disaggregated"
	const rights, laws = "Legal, human rights & protection", "Laws, regulations & policy environment"
	for _, tt := range []struct {
		program, sub, beneficiary, subBeneficiary string
		want                                      rule
	}{
		{"PREV", "Medication assisted treatment", "Key Pops", pwid, rule{"oat", "pwid", ""}},
		{"PREV", "Medication assisted treatment", "Key Pops", nd, rule{"oat", "key_populations", ""}},
		{"PREV", "Medication assisted treatment", "Key Pops", "People in prisons", rule{"oat", "prisoners", "prison"}},
		{"PREV", "Medication assisted treatment", "Non-Targeted Pop", nd, rule{"oat", "", ""}},
		{"PREV", "PrEP", "Key Pops", pwid, rule{"prep_pwid", "pwid", ""}},
		{"PREV", "PrEP", "Key Pops", nd, rule{"hiv_other", "key_populations", ""}},
		{"PREV", "Condom & Lubricant Programming", "Key Pops", pwid, rule{"condoms_pwid", "pwid", ""}},
		{"PREV", "Comm. mobilization, behavior & norms change", "Key Pops", pwid, rule{"behavioural_pwid", "pwid", ""}},
		{"PREV", "Not Disaggregated", "Key Pops", pwid, rule{"unspecified_pwid", "pwid", ""}},
		{"PREV", "Primary prevention of HIV and sexual violence", "Key Pops", pwid, rule{"unspecified_pwid", "pwid", ""}},
		{"PREV", "", "Key Pops", pwid, rule{"unspecified_pwid", "pwid", ""}},
		{"HTS", "Community-based testing", "Key Pops", pwid, rule{"hts_pwid", "pwid", ""}},
		{"HTS", "Not disaggregated", "Key Pops", pwid, rule{"hts_pwid", "pwid", ""}},
		{"C&T", "HIV Drugs", "Key Pops", pwid, rule{"art_pwid", "pwid", ""}},
		{"C&T", "HIV Drugs", "Non-Targeted Pop", "Adults", rule{"hiv_other", "", ""}},
		{"SE", rights, "Key Pops", pwid, rule{"human_rights", "pwid", ""}},
		{"SE", rights, "Key Pops", nd, rule{"human_rights", "key_populations", ""}},
		{"SE", rights, "Key Pops", "NOT DISAGGREGATED", rule{"human_rights", "key_populations", ""}},
		{"SE", rights, "Key Pops", "Transgender", rule{"hiv_other", "key_populations", ""}},
		{"SE", rights, "OVC", nd, rule{"hiv_other", "", ""}},
		{"SE", "Case Management", "Key Pops", pwid, rule{"unspecified_pwid", "pwid", ""}},
		{"ASP", laws, "Key Pops", pwid, rule{"human_rights", "pwid", ""}},
		{"ASP", laws, "Key Pops", nd, rule{"human_rights", "key_populations", ""}},
		{"ASP", laws, "Non-Targeted Pop", nd, rule{"hiv_other", "", ""}},
		{"ASP", "HMIS, surveillance, & research", "Key Pops", pwid, rule{"management", "pwid", ""}},
		{"PM", "IM Program Management", "Key Pops", pwid, rule{"management", "pwid", ""}},
		{"PM", "IM Program Management", "Key Pops", nd, rule{"hiv_other", "key_populations", ""}},
		{"PM", "IM Program Management", "Non-Targeted Pop", nd, rule{"hiv_other", "", ""}},
		{"PREV", "PrEP", "Key Pops", "People in prisons", rule{"hiv_other", "prisoners", "prison"}},
		{"A new program", "x", "Key Pops", pwid, rule{"unspecified_pwid", "pwid", ""}},
		{"PREV", "PrEP", "Key Pops", "", rule{"hiv_other", "key_populations", ""}},
		{"", "", "", "", rule{"hiv_other", "", ""}},
	} {
		r := parse(t, "fsd.txt", structured(map[string]string{
			"program": tt.program, "sub_program": tt.sub, "beneficiary": tt.beneficiary, "sub_beneficiary": tt.subBeneficiary,
		}))
		if got, code := find(rules, r.Disclosures[0].Codes); got != tt.want {
			t.Errorf("%s|%s|%s|%s: %+v by %q, want %+v", tt.program, tt.sub, tt.beneficiary, tt.subBeneficiary, got, code, tt.want)
		}
	}
	for code, want := range map[string]rule{"IDUP": {"unspecified_pwid", "pwid", ""}, "HVOP": {"hiv_other", "", ""}, "NOT SPECIFIED": {"hiv_other", "", ""}} {
		r := parse(t, "b.txt", lines("\t", codesHead+"|2012", "Ukraine|Ukraine|UKR|"+code+"||5"))
		if got, _ := find(rules, r.Disclosures[0].Codes); got != want {
			t.Errorf("%s: %+v, want %+v", code, got, want)
		}
	}
}

// Every combination of the published code lists is understood: money for people
// who inject drugs as such, no other money as theirs, and opioid agonist therapy
// wherever it is named.
func TestCrosswalkKnowsTheCodeLists(t *testing.T) {
	rows := extractorstest.Rows(t, extractorstest.Corpus(t, "pepfar", "fsd_code_lists.csv"))
	var programs, beneficiaries [][]string
	for _, r := range rows[1:] {
		if r[0] == "program/sub_program" {
			programs = append(programs, r[1:3])
		} else {
			beneficiaries = append(beneficiaries, r[1:3])
		}
	}
	if len(programs) != 34 || len(beneficiaries) != 26 {
		t.Fatalf("%d sub-programs, %d sub-beneficiaries, want 34 and 26", len(programs), len(beneficiaries))
	}
	var table []map[string]string
	for _, p := range programs {
		for _, bn := range beneficiaries {
			table = append(table, map[string]string{
				"program": p[0], "sub_program": p[1], "beneficiary": bn[0], "sub_beneficiary": bn[1], "cop_budget_total": "", "workplan_budget_amt": "",
			})
		}
	}
	r := parse(t, "fsd.txt", structured(table...))
	if len(r.Disclosures) != len(table) {
		t.Fatalf("%d disclosures of %d rows", len(r.Disclosures), len(table))
	}
	rules := crosswalk(t)
	used := map[string]bool{}
	for i, row := range table {
		got, code := find(rules, r.Disclosures[i].Codes)
		used[foldCode(code)] = true
		name := strings.Join([]string{row["program"], row["sub_program"], row["beneficiary"], row["sub_beneficiary"]}, "|")
		switch mat, pwid := row["sub_program"] == "Medication assisted treatment", row["sub_beneficiary"] == "People who inject drugs"; {
		case code == "":
			t.Errorf("%s: no rule", name)
		case pwid != (got.population == "pwid"):
			t.Errorf("%s: population %q", name, got.population)
		case mat != (got.intervention == "oat"):
			t.Errorf("%s: %s", name, got.intervention)
		case !pwid && !mat && got.intervention != "hiv_other" && got.intervention != "human_rights":
			t.Errorf("%s: %s", name, got.intervention)
		}
	}
	// rules for what the lists do not have: a new program, a budget code
	for code := range rules {
		if c := foldCode("*|*|Key Pops|People who inject drugs"); !used[code] && code != c && code != foldCode("IDUP") {
			t.Errorf("rule %s is never used", code)
		}
	}
}

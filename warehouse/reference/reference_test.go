// Package reference holds tests of the curated tables; the tables themselves
// are data.
package reference

import (
	"encoding/csv"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"
)

// table reads a file as one map per row.
func table(t *testing.T, name string) []map[string]string {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, r := range rows[1:] {
		m := map[string]string{}
		for i, v := range r {
			if v != strings.TrimSpace(v) {
				t.Errorf("%s: %q has blanks around it", name, v)
			}
			m[rows[0][i]] = v
		}
		out = append(out, m)
	}
	return out
}

var (
	country = regexp.MustCompile(`^[A-Z]{3}$`)
	number  = regexp.MustCompile(`^-?\d+(\.\d{1,6})?$`)
	// what a checker writes for the next one, and readers are not shown
	doubt   = regexp.MustCompile(`MEMORY|UNVERIFIED|SECONDARY|PARTIAL|(?i:not found|not seen|garbled|draft )|\?|^\(`)
	address = regexp.MustCompile(`^https?://[^ ]+$`)
)

func cyrillic(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) })
}

func TestCommitments(t *testing.T) {
	areas, ids, measures := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, a := range table(t, "areas.csv") {
		areas[a["area"]] = true
	}
	for _, m := range table(t, "measures.csv") {
		measures[m["measure"]] = true
	}
	rows := table(t, "commitments.csv")
	if len(rows) != 58 {
		t.Errorf("%d commitments, want 58", len(rows))
	}
	for _, c := range rows {
		if ids[c["id"]] {
			t.Errorf("%s stands twice", c["id"])
		}
		ids[c["id"]] = true
	}
	forces := strings.Fields("resolution declaration strategy guidance policy pledge law estimate ask")
	for _, c := range rows {
		id := c["id"]
		if !areas[c["bound"]] && !country.MatchString(c["bound"]) && !slices.Contains([]string{"donors", "gf_recipients", "high_incidence"}, c["bound"]) {
			t.Errorf("%s: binds %q", id, c["bound"])
		}
		if !slices.Contains(forces, c["force"]) || !slices.Contains([]string{"global", "country", "donor", "none"}, c["computability"]) {
			t.Errorf("%s: force %q, computability %q", id, c["force"], c["computability"])
		}
		if !measures[c["measure"]] {
			t.Errorf("%s: unknown measure %q", id, c["measure"])
		}
		hasNumber := c["threshold"] != ""
		if hasNumber != (c["comparator"] != "") || hasNumber != (c["unit"] != "") || !hasNumber && c["threshold_high"] != "" {
			t.Errorf("%s: threshold %q, comparator %q, unit %q", id, c["threshold"], c["comparator"], c["unit"])
		}
		if hasNumber && !number.MatchString(c["threshold"]) || c["threshold_high"] != "" && !number.MatchString(c["threshold_high"]) {
			t.Errorf("%s: threshold %q to %q", id, c["threshold"], c["threshold_high"])
		}
		if c["verification"] == "" || cyrillic(c["text_en"]) || c["text_en"] == "" || !cyrillic(c["text_ru"]) {
			t.Errorf("%s: verification or text is missing, or in the wrong language", id)
		}
		if c["source_url"] != "" && !address.MatchString(c["source_url"]) || (c["source_url"] == "") != (c["checked_on"] == "") {
			t.Errorf("%s: source %q checked on %q", id, c["source_url"], c["checked_on"])
		}
		if s := c["supersedes"]; s != "" && !ids[s] {
			t.Errorf("%s: supersedes the unknown %q", id, s)
		}
		if c["target_year"] != "" && !regexp.MustCompile(`^20\d\d$`).MatchString(c["target_year"]) {
			t.Errorf("%s: target year %q", id, c["target_year"])
		}
		for column, text := range c {
			if column != "verification" && column != "note" && column != "source_url" && doubt.MatchString(text) {
				t.Errorf("%s: %s is %q: doubts belong into verification or note", id, column, text)
			}
		}
		for _, p := range strings.Fields(c["position"]) {
			if who, _, ok := strings.Cut(p, ":"); !ok || !country.MatchString(who) {
				t.Errorf("%s: position %q", id, p)
			}
		}
	}
}

func TestAreas(t *testing.T) {
	n := map[string]int{}
	for _, a := range table(t, "areas.csv") {
		n[a["area"]] = 0
		if a["name_en"] == "" || !cyrillic(a["name_ru"]) || a["note"] == "" {
			t.Errorf("incomplete area %v", a)
		}
	}
	type membership struct{ area, country string }
	last := map[membership]int{}
	for _, m := range table(t, "area_members.csv") {
		if _, ok := n[m["area"]]; !ok || !country.MatchString(m["country"]) || m["source"] == "" {
			t.Errorf("membership %v", m)
		}
		from, to := 0, 9999
		if m["from"] != "" {
			from, _ = strconv.Atoi(m["from"])
		}
		if m["to"] != "" {
			to, _ = strconv.Atoi(m["to"])
		}
		key := membership{m["area"], m["country"]}
		if from > to || last[key] != 0 && from <= last[key] {
			t.Errorf("%v: spans overlap or run backwards", m)
		}
		last[key] = to
		if to == 9999 {
			n[m["area"]]++
		}
	}
	for area, want := range map[string]int{
		"ALL": 196, "AU": 55, "DAC": 33, "EECA_UNAIDS": 16, "EECA_GF": 13, "EECA_EHRA": 29, "EECA53": 53,
		"LMIC": 136, "LIC": 28, "LOWER_MIC": 54, "UPPER_MIC": 54,
	} {
		if n[area] != want {
			t.Errorf("%s has %d members today, want %d", area, n[area], want)
		}
	}
	// Russia was a high-income country by the data of 2012 to 2014
	var russia []string
	for _, m := range table(t, "area_members.csv") {
		if m["area"] == "LMIC" && m["country"] == "RUS" {
			russia = append(russia, m["from"]+"-"+m["to"])
		}
	}
	if want := []string{"1991-2011", "2015-"}; !slices.Equal(russia, want) {
		t.Errorf("Russia in LMIC %v, want %v", russia, want)
	}
}

func TestNeedsAndPledges(t *testing.T) {
	needs := table(t, "needs.csv")
	if len(needs) != 42 {
		t.Errorf("%d needs, want 42", len(needs))
	}
	for _, n := range needs {
		if n["value"] != "" && !number.MatchString(n["value"]) || !address.MatchString(n["source_url"]) || n["area"] == "" {
			t.Errorf("need %v", n)
		}
	}
	pledges, totals := 0, 0
	for _, p := range table(t, "pledges.csv") {
		if p["donor_kind"] == "total" {
			totals++
		} else {
			pledges++
		}
		if !number.MatchString(p["amount_million"]) || p["usd_million"] != "" && !number.MatchString(p["usd_million"]) || !address.MatchString(p["source_url"]) {
			t.Errorf("pledge %v", p)
		}
		if _, err := time.Parse(time.DateOnly, p["as_of"]); err != nil {
			t.Errorf("pledge of %s: %v", p["donor"], err)
		}
	}
	if pledges != 45 || totals != 4 {
		t.Errorf("%d pledges and %d totals, want 45 and 4", pledges, totals)
	}
	for _, w := range table(t, "withhold.csv") {
		if !country.MatchString(w["country"]) || w["reason"] == "" || w["source"] == "" {
			t.Errorf("withheld %v", w)
		}
	}
}

func TestGlossary(t *testing.T) {
	terms := table(t, "glossary.csv")
	if len(terms) != 44 {
		t.Errorf("%d terms, want 44", len(terms))
	}
	seen := map[string]bool{}
	for _, g := range terms {
		if seen[g["id"]] || !regexp.MustCompile(`^[a-z_]+$`).MatchString(g["id"]) || g["en"] == "" || !cyrillic(g["ru"]) || g["status"] == "" {
			t.Errorf("term %v", g)
		}
		seen[g["id"]] = true
	}
}

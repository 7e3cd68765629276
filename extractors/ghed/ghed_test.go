package ghed

import (
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hrinvest/extractors"
	"hrinvest/extractors/extractorstest"
)

func TestSource(t *testing.T) { extractorstest.Run(t, New()) }

// short is what a test compares of an observation.
func short(os []extractors.Observation) []string {
	var out []string
	for _, o := range os {
		line := strings.Join([]string{o.Locator, o.Indicator, o.Subgroup, o.Area, o.Year, o.Value + o.ValueText, o.Unit}, " | ")
		if o.Status != "reported" {
			line += " | " + o.Status
		}
		out = append(out, line)
	}
	return out
}

func reasons(ps []extractors.Problem) []string {
	var out []string
	for _, p := range ps {
		out = append(out, p.Locator+": "+p.Reason)
	}
	return out
}

func TestRole(t *testing.T) {
	for _, c := range []struct{ name, head, want string }{
		{"GHED_data.XLSX", "PK\x03\x04", roleWorkbook},
		{"GHED all data (March 2026).xlsx", "PK\x03\x04", roleWorkbook},
		{"ghed.xlsx", "<!DOCTYPE html><html>", roleWorkbook}, // Parse says what is wrong
		{"evidence.xlsx", "PK\x03\x04", ""},
		{"spending.csv", "value,units,iso_code,year,code_in_source\n", roleLong},
		{"other.csv", "iso_code,year,value\n", ""},
	} {
		if got := New().Role(c.name, []byte(c.head)); got != c.want {
			t.Errorf("Role(%q) = %q, want %q", c.name, got, c.want)
		}
	}
}

func TestLong(t *testing.T) {
	const header = "code_in_source,iso_code,year,value,country_name,units\n"
	for _, c := range []struct {
		name, in       string
		want, problems []string
		skipped        int
	}{
		{
			name: "units become millions, digit for digit",
			in: "\ufeff" + header + "dis11_gghed,BEN,2013-01-01 00:00:00Z,2.24750630837e+09,Benin,Current LCU\n" +
				"dis11_ext,BEN,2013,98484868.1200070,Benin,2021 constant USD\n" + "dis11_pvtd,KSV,2013,500,Kosovo,Current LCU\n",
			want: []string{
				"row 2 | ghed_hiv_sti_government |  | BEN | 2013 | 2247.50630837 | million LCU",
				"row 3 | ghed_hiv_sti_external | constant 2021 USD | BEN | 2013 | 98.4848681200070 | million USD, constant 2021 prices",
				"row 4 | ghed_hiv_sti_private |  | XKX | 2013 | 0.000500 | million LCU",
			},
		},
		{
			name:    "zero is published; nothing is not",
			in:      header + "dis11_ext,ARM,2021,0,Armenia,Current LCU\ndis11_ext,ARM,2022,,Armenia,Current LCU\ndis11_ext,ARM,2020,0.00,Armenia,Current LCU\n",
			want:    []string{"row 2 | ghed_hiv_sti_external |  | ARM | 2021 | 0 | million LCU | zero", "row 4 | ghed_hiv_sti_external |  | ARM | 2020 | 0 | million LCU | zero"},
			skipped: 0,
		},
		{
			name:    "other diseases are counted",
			in:      header + "dis1_gghed,ARM,2021,1,Armenia,Current LCU\ndis12_gghed,ARM,2021,1,Armenia,Current LCU\ndis11_gghed_usd,ARM,2021,1,Armenia,Current LCU\n",
			skipped: 3,
		},
		{
			name: "bad rows are quoted",
			in: header + "dis11_ext,Armenia,2021,1,Armenia,Current LCU\ndis11_ext,ARM,21,1,Armenia,Current LCU\ndis11_ext,ARM,2021,n/a,Armenia,Current LCU\n" +
				"dis11_ext,ARM,2021,1,Armenia,LCU per head\ndis11_ext,ARM,2021,1,Armenia\n" +
				"dis11_ext,ARM,2021,1,Armenia,Current LCU\ndis11_ext,ARM,2021,2,Armenia,Current LCU\ndis11_ext,ARM,2021-06-01,1,Armenia,Current LCU\n",
			want: []string{"row 7 | ghed_hiv_sti_external |  | ARM | 2021 | 0.000001 | million LCU"},
			problems: []string{
				`row 2: "Armenia" is not a country code (merged cells leave all but the first empty)`, `row 3: "21" is not a year`, `row 4: dis11_ext: "n/a" is not a number`,
				`row 5: "LCU per head" is no unit that is known`, "row 6: 5 fields, but the header has 6",
				"row 8: a second value of dis11_ext for ARM in 2021", `row 9: "2021-06-01" is not a year`,
			},
		},
		{
			name: "a file cut short", in: header + "dis11_ext,ARM,2021,1,Armenia,Current LCU\ndis11_ext,ARM,2022,1,Armenia,Current LC",
			want:     []string{"row 2 | ghed_hiv_sti_external |  | ARM | 2021 | 0.000001 | million LCU"},
			problems: []string{"row 3: the file ends inside this row, without a line break: it may be cut"},
		},
		{
			name: "another table", in: "iso_code,year,value\nARM,2021,1\n",
			problems: []string{"/: not a table of the database: the columns code_in_source, iso_code, year, value, units are not all there"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := extractorstest.Parse(t, New(), extractorstest.Doc(roleLong, "long.csv", []byte(c.in)))
			if diff := cmp.Diff(c.want, short(r.Observations)); diff != "" {
				t.Errorf("observations (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.problems, reasons(r.Problems)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if r.Skipped != c.skipped {
				t.Errorf("skipped %d, want %d", r.Skipped, c.skipped)
			}
			extractorstest.Check(t, r, nil)
		})
	}
}

// Every figure says that it is not HIV alone, what was written, and what a zero
// and a converted figure are.
func TestNotes(t *testing.T) {
	in := "code_in_source,iso_code,year,value,country_name,units\n" +
		"dis11_ext,ARM,2020,1.607e+09,Armenia,Current LCU\ndis11_ext,ARM,2021,0,Armenia,Current LCU\ndis11_ext,ARM,2021,198.5,Armenia,2021 constant USD\n"
	r := extractorstest.Parse(t, New(), extractorstest.Doc(roleLong, "long.csv", []byte(in)))
	want := []string{
		note + " Written as 1.607e+09 Current LCU.",
		note + " " + zeroNote,
		note + " " + converted + " Written as 198.5 2021 constant USD.",
	}
	var got []string
	for _, o := range r.Observations {
		got = append(got, o.Note)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

// total adds values exactly.
func total(os []extractors.Observation, indicator string) (n int, sum string) {
	all := new(big.Rat)
	for _, o := range os {
		if o.Indicator != indicator {
			continue
		}
		v, ok := new(big.Rat).SetString(o.Value)
		if !ok {
			return n, "not a number: " + o.Value
		}
		all.Add(all, v)
		n++
	}
	return n, all.FloatString(6)
}

// The published figures, whole. The sums were computed from the files with
// Python's decimal module, and divided by a million.
func TestPublished(t *testing.T) {
	for _, c := range []struct {
		file, subgroup string
		sums           [3]string // government, external, private
		zeros          int
	}{
		{"health_spending_by_disease_lcu.csv", "", [3]string{"5910872.660262", "23048907.993239", "5372649.421137"}, 13},
		{"health_spending_by_disease_usd_constant.csv", "constant 2021 USD", [3]string{"27909.701262", "31304.304467", "11803.879625"}, 8},
	} {
		t.Run(c.file, func(t *testing.T) {
			doc := extractorstest.File(t, New(), extractorstest.Corpus(t, "who-ghed", c.file))
			if doc.Role != roleLong {
				t.Fatalf("role %q", doc.Role)
			}
			r := extractorstest.Parse(t, New(), doc)
			extractorstest.Check(t, r, map[string]bool{doc.SHA256: true})
			if len(r.Observations) != 896 || r.Skipped != 10489-896 || len(r.Problems) != 0 {
				t.Errorf("%d observations, %d skipped, problems %v", len(r.Observations), r.Skipped, reasons(r.Problems))
			}
			rows := [3]int{309, 304, 283}
			for i, indicator := range [...]string{"ghed_hiv_sti_government", "ghed_hiv_sti_external", "ghed_hiv_sti_private"} {
				if n, sum := total(r.Observations, indicator); n != rows[i] || sum != c.sums[i] {
					t.Errorf("%s: %d rows, sum %s; want %d, %s", indicator, n, sum, rows[i], c.sums[i])
				}
			}
			areas, zeros := map[string]bool{}, 0
			for _, o := range r.Observations {
				areas[o.Area] = true
				if o.Subgroup != c.subgroup {
					t.Fatalf("subgroup %q", o.Subgroup)
				}
				if o.Status == "zero" {
					zeros++
				}
			}
			if len(areas) != 61 || zeros != c.zeros {
				t.Errorf("%d areas, %d zeros", len(areas), zeros)
			}
		})
	}
}

// The bundle states the same as the published file, country by country.
func TestBundleIsPublished(t *testing.T) {
	doc := extractorstest.File(t, New(), extractorstest.Corpus(t, "who-ghed", "health_spending_by_disease_lcu.csv"))
	published := map[string]string{}
	for _, o := range extractorstest.Parse(t, New(), doc).Observations {
		published[o.Indicator+o.Area+o.Year] = o.Value
	}
	r := extractorstest.Parse(t, New(), extractorstest.Bundled(t, New())...)
	if len(r.Observations) != 98 {
		t.Errorf("%d observations", len(r.Observations))
	}
	for _, o := range r.Observations {
		if v := published[o.Indicator+o.Area+o.Year]; !same(v, o.Value) {
			t.Errorf("%s %s %s: bundled %s, published %s", o.Indicator, o.Area, o.Year, o.Value, v)
		}
	}
}

func same(a, b string) bool {
	x, ok1 := new(big.Rat).SetString(a)
	y, ok2 := new(big.Rat).SetString(b)
	return ok1 && ok2 && x.Cmp(y) == 0
}

// A figure of two documents is observed once, from the workbook.
func TestTwoDocuments(t *testing.T) {
	long := extractorstest.Doc(roleLong, "long.csv", []byte("code_in_source,iso_code,year,value,units\ndis11_gghed,ARM,2019,9000000,Current LCU\ndis11_gghed,ARM,2012,8000000,Current LCU\n"))
	book := extractorstest.Doc(roleWorkbook, "ghed.xlsx", sheets(t, nil))
	r := extractorstest.Parse(t, New(), long, book)
	got := map[string]string{}
	for _, o := range r.Observations {
		if o.Area == "ARM" && o.Indicator == "ghed_hiv_sti_government" && o.Subgroup == "" {
			got[o.Year] += o.Value
		}
	}
	if diff := cmp.Diff(map[string]string{"2012": "8.000000", "2019": "1790"}, got); diff != "" || r.Skipped != 1 {
		t.Errorf("skipped %d (-want +got):\n%s", r.Skipped, diff)
	}
}

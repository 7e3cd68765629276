package pepfar

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"hrinvest/extractors"
)

// managed is the record type of the agencies' own costs in a country.
const managed = "Management and Operations"

// appliedPipeline is a budget code: money of earlier years, planned again.
const appliedPipeline = "APPLIED PIPELINE"

func (r *record) locator(at int) string {
	return fmt.Sprintf("row %d, %s", r.line, r.of.layout.names[at])
}

// group is a mechanism in a place and year, or a public table's place and year.
func (r *record) group(c cell) string {
	if r.of.doc.Role == roleStructured {
		return strings.Join([]string{"pepfar-mech-" + r.get(mechCode), r.place(), "FY" + c.year}, "|")
	}
	return strings.Join([]string{"pepfar-" + r.of.doc.Role, r.get(operatingUnit), r.get(country), "FY" + c.year}, "|")
}

// keyColumns tell the rows of a group apart. Names of agencies, partners and
// mechanisms are spelled differently in each edition and are left out.
var keyColumns = [...]column{
	recordType, budgetCode, program, subProgram, interaction, beneficiary, allocatedBeneficiary, subBeneficiary, costCategory, subCostCategory,
}

// key folds case: "Not Disaggregated" and "Not disaggregated" are the same.
func (r *record) key(c cell) string {
	parts := []string{r.group(c)}
	for _, k := range keyColumns {
		parts = append(parts, strings.ToLower(r.get(k)))
	}
	return strings.Join(append(parts, measureNames[c.measure]), "|")
}

var measureNames = [...]string{
	spentByProgram: "expenditure", spentByMechanism: "expenditure",
	workPlanned: "work plan", budgetByCode: "budget", budgetByProgram: "budget", budgetApproved: "budget",
}

// disclosures turns the statements of one group into disclosures.
func (b *book) disclosures(group []statement) []extractors.Disclosure {
	records := make([]*record, len(group))
	for i, s := range group {
		if i > 0 && group[i-1].of == s.of && group[i-1].line == s.line {
			records[i] = records[i-1]
			continue
		}
		fields, _ := s.of.layout.fields(s.text) // it could be split before
		records[i] = &record{s.of, s.line, s.text, fields}
	}
	wholes := wholesOf(group, records)
	list := make([]extractors.Disclosure, len(group))
	for i, s := range group {
		s.outOfScope = b.superseded(s)
		list[i] = b.disclosure(records[i], s)
		if i > 0 && records[i] == records[i-1] {
			list[i].Raw = list[i-1].Raw // of one row of the structured file
		} else {
			list[i].Raw = records[i].raw(s.at)
		}
		if w := wholes[i]; w >= 0 {
			list[i].PartOf = records[w].key(group[w].cell())
		} else {
			b.count(records[i], s)
		}
	}
	return list
}

func (s statement) cell() cell { return cell{s.at, s.measure, s.year} }

func (b *book) disclosure(r *record, s statement) extractors.Disclosure {
	c := s.cell()
	year, _ := strconv.Atoi(s.year) //nolint:errcheck // yearOf found it
	d := extractors.Disclosure{
		Document: s.of.doc.SHA256, Locator: r.locator(s.at),
		Key: r.key(c), Group: r.group(c),
		Title:       b.title(r, s),
		Kind:        s.measure.kind(),
		Amount:      s.amount,
		Currency:    "USD",
		PeriodStart: fmt.Sprintf("%d-10-01", year-1),
		PeriodEnd:   fmt.Sprintf("%d-09-30", year),
		Year:        s.year,
		YearBasis:   "us_fiscal",
		Parties:     b.parties(r),
		Places:      []extractors.Share{place(r)},
		Codes:       b.codesOf(r),
		OutOfScope:  s.outOfScope,
		Flags:       b.flags(r, s),
	}
	if n, err := strconv.Atoi(r.get(mechCode)); err == nil && n > 1 { // 0 and 1 hold deduplication
		d.ActivityID = "pepfar-mech-" + r.get(mechCode)
	}
	if a := r.get(award); a != "" && b.words.placeholder(a) == "" && strings.HasPrefix(r.get(agency), "USAID") {
		d.LinkIDs = []string{"US-GOV-1-" + a} // as USAID names its awards in IATI
	}
	if d.Kind == extractors.Budget {
		d.BudgetStage = "planned"
	} else {
		d.Basis = "cash"
	}
	return d
}

func (b *book) title(r *record, s statement) string {
	if name := r.get(mechName); name != "" && b.words.placeholder(name) == "" {
		return name
	}
	switch s.measure {
	case spentByProgram:
		return "PEPFAR expenditures by program"
	case budgetByProgram:
		return "PEPFAR budgets by program"
	case budgetByCode:
		return "PEPFAR budgets by budget code"
	}
	return ""
}

// parties: PEPFAR pays, through an agency, a prime partner. Words that stand
// where a name should be are no organisations.
func (b *book) parties(r *record) []extractors.Party {
	list := []extractors.Party{{Role: extractors.Funder, Ref: "pepfar", Name: "United States (PEPFAR)", Type: "bilateral"}}
	if a := r.get(agency); a != "" && b.words.placeholder(a) == "" {
		list = append(list, extractors.Party{Role: extractors.Channel, Name: a})
	}
	if p := r.get(partner); p != "" && b.words.placeholder(p) == "" {
		list = append(list, extractors.Party{Role: extractors.Implementing, Name: p})
	}
	return list
}

// place is the country as published. The countries of Central Asia stand inside
// the operating unit Asia Region; the region is named only where no country is.
func place(r *record) extractors.Share {
	name := r.place()
	switch code := r.get(iso3); {
	case isRegion(name):
		return extractors.Share{Vocabulary: "region", Name: name}
	case isCountry(code):
		return extractors.Share{Vocabulary: "iso3", Code: code, Name: name}
	}
	return extractors.Share{Vocabulary: "name", Name: name}
}

// codesOf gives the classification from the narrowest to the widest: the first
// that the crosswalk knows counts, so a new sub-program of a known program and
// beneficiary is still understood.
func (b *book) codesOf(r *record) []extractors.Code {
	k := [5]string{r.get(program), r.get(subProgram), r.get(beneficiary), r.get(subBeneficiary), r.get(budgetCode)}
	if codes, ok := b.codes[k]; ok {
		return codes
	}
	var codes []extractors.Code
	add := func(parts ...string) {
		codes = append(codes, extractors.Code{Scheme: "pepfar", Code: strings.Join(parts, "|")})
	}
	p, sp, bn, sb, code := k[0], k[1], k[2], k[3], k[4]
	if code != "" {
		add(code)
	}
	if p != "" {
		add(p, sp, bn, sb)
		add(p, sp, "*", "*")
		add(p, "*", bn, sb)
	}
	if bn != "" {
		add("*", "*", bn, sb)
		add("*", "*", bn, "*")
	}
	add("*", "*", "*", "*")
	b.codes[k] = codes
	return codes
}

func (b *book) flags(r *record, s statement) (list []string) {
	mark := func(flag string, ok bool) {
		if ok {
			list = append(list, flag)
		}
	}
	means := func(what string) bool {
		return b.words.placeholder(r.get(agency)) == what || b.words.placeholder(r.get(partner)) == what ||
			b.words.placeholder(r.get(mechName)) == what || b.words.placeholder(r.get(mechCode)) == what
	}
	mark("management_and_operations", strings.EqualFold(r.get(recordType), managed))
	mark("applied_pipeline", strings.EqualFold(r.get(budgetCode), appliedPipeline))
	mark("work_plan", s.measure == workPlanned)
	mark("allocated_beneficiary", r.get(allocatedBeneficiary) != "")
	mark("deduplication", means("deduplication"))
	mark("masked", means("masked"))
	mark("year_of_planning_cycle", len(s.of.layout.years) == 0 && r.get(fiscalYear) == "")
	return list
}

// raw quotes the known fields of a row. Of a table with a column per year it
// quotes the one. Names of subrecipients, who may be persons, are not known.
func (r *record) raw(at int) []byte {
	l := r.of.layout
	m := make(map[string]string, columns)
	for _, i := range l.at {
		if i >= 0 && r.fields[i] != "" {
			m[l.names[i]] = r.fields[i]
		}
	}
	m[l.names[at]] = r.fields[at]
	b, err := json.Marshal(m)
	if err != nil {
		panic(err) // a map of strings always encodes
	}
	return b
}
